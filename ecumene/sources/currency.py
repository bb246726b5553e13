"""Yearly exchange rates, to turn tables in euro into US dollars."""

from __future__ import annotations

from ecumene.errors import SourceError

USD_PER_EUR = {
    1995: 1.3080, 1996: 1.2697, 1997: 1.1340, 1998: 1.1211, 1999: 1.0658, 2000: 0.9236, 2001: 0.8956,
    2002: 0.9456, 2003: 1.1312, 2004: 1.2439, 2005: 1.2441, 2006: 1.2556, 2007: 1.3705, 2008: 1.4708,
    2009: 1.3948, 2010: 1.3257, 2011: 1.3920, 2012: 1.2848, 2013: 1.3281, 2014: 1.3285, 2015: 1.1095,
    2016: 1.1069, 2017: 1.1297, 2018: 1.1810, 2019: 1.1195, 2020: 1.1422, 2021: 1.1827, 2022: 1.0530,
    2023: 1.0813, 2024: 1.0824,
}  # fmt: skip
"""US dollars for one euro, average of the year (1995 to 1998: for one ECU)."""

SOURCE = "European Central Bank, euro reference rates, annual averages (1995-1998: ECU, Eurostat)"


def usd_per_eur(year: int | None, table: str) -> tuple[float, str]:
    """The rate of the table's year and the sentence that tells the user.

    Unit: USD per EUR. Errors: SourceError where the year is not known or has no rate. Source: `SOURCE`.
    """
    if year is None:
        raise SourceError(
            f"{table} is in euro and its year is not in the file's name; "
            f"add it after '#', for example '{table}#2019'"
        )
    if year not in USD_PER_EUR:
        raise SourceError(
            f"{table} is in euro of {year}, for which no exchange rate is known "
            f"({min(USD_PER_EUR)} to {max(USD_PER_EUR)} are); convert the table and read it as flows:PATH"
        )
    rate = USD_PER_EUR[year]
    return rate, f"Converted from million EUR at {rate:.4f} USD per EUR, the average of {year} ({SOURCE})."
