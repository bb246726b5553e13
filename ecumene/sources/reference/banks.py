"""Banking systems of the reference world: rounded typed facts of the largest, estimates from GDP for the others."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from ecumene.errors import SourceError
from ecumene.sources.reference import facts, technology

TYPED, ESTIMATED = "typed", "estimated"
NUMBERS = (
    "cross_border_claims",
    "cross_border_liabilities",
    "bank_assets",
    "capital_ratio",
    "credit_ratio",
)
COLUMNS = (*NUMBERS, "basis")

INTERBANK_SHARE = 0.2
"""Share of cross-border positions that are with unrelated banks, rounded. Source: Bank for International Settlements,
locational banking statistics, table A2-S, end of March 2021: 6.3 of 35.6 trillion USD of claims and 6.5 of 32.0 of
liabilities, the bank sector less offices of the same group. The same share for every system is an assumption."""

ESTIMATES: dict[str, tuple[float, float]] = {
    "bank_assets": (35.0, 160.0),
    "cross_border_claims": (2.0, 12.0),
    "cross_border_liabilities": (3.0, 15.0),
    "capital_ratio": (11.0, 9.0),
    "credit_ratio": (18.0, 90.0),
}
"""Coefficients of the estimates at low and at high income (those of `technology`), linear in between in ln GDP per
head: percent of GDP, the capital ratio percent of bank assets. Assumption, after the common level of such systems."""


@cache
def _columns() -> pd.DataFrame:
    return facts.read_table("banks_columns").set_index("column")


@cache
def _typed() -> pd.DataFrame:
    table = facts.read_table("banks").set_index("iso3")
    for column in NUMBERS:
        if column in table.columns:
            table[column] = [_number(cell, column, str(code)) for code, cell in table[column].items()]
    check_banks(table, _columns(), facts.load_facts())
    return table


def _number(cell: str, column: str, code: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise SourceError(
            f"banks.csv: {column} of {code} is {cell!r}, not a number; type one with a dot as decimal mark"
        ) from None


def columns() -> pd.DataFrame:
    """Return unit, year, source and note of every column, indexed by column name."""
    return _columns().copy()


def check_banks(table: pd.DataFrame, registry: pd.DataFrame, economies: pd.DataFrame) -> None:
    """Raise one SourceError that lists every broken rule: columns, sources, codes, signs, exposures above assets."""
    problems = [f"column {c} is missing" for c in COLUMNS if c not in table.columns]
    problems += [
        f"column {c} has no entry in banks_columns.csv" for c in table.columns if c not in registry.index
    ]
    problems += [
        f"column {c} has no {part}"
        for c in table.columns
        if c in registry.index
        for part in ("unit", "year", "source")
        if not str(registry.loc[c, part]).strip()
    ]
    problems += [f"economy {code} appears twice" for code in table.index[table.index.duplicated()]]
    problems += [f"{code} is no economy of facts.csv" for code in table.index if code not in economies.index]
    if not problems:
        problems = _value_problems(table, economies)
    if problems:
        raise SourceError(
            "banks.csv cannot be used; correct these:\n" + "\n".join(f"  - {p}" for p in problems)
        )


def _value_problems(table: pd.DataFrame, economies: pd.DataFrame) -> list[str]:
    problems: list[str] = []
    gdp = economies["gdp"].to_dict()
    for code, row in table.iterrows():
        number = {c: float(row[c]) for c in NUMBERS}
        problems += [
            f"{code}: {c} is not finite and above zero" for c, v in number.items() if not 0 < v < np.inf
        ]
        if row["basis"] not in (TYPED, ESTIMATED):
            problems.append(f"{code}: basis is {row['basis']!r}, neither {TYPED} nor {ESTIMATED}")
        assets, equity = number["bank_assets"], number["bank_assets"] * number["capital_ratio"] / 100.0
        loans = number["credit_ratio"] / 100.0 * float(gdp[code])
        if number["cross_border_claims"] > assets:
            problems.append(f"{code}: cross-border claims are above bank assets")
        if INTERBANK_SHARE * number["cross_border_claims"] + loans > assets:
            problems.append(f"{code}: interbank claims and credit together are above bank assets")
        if number["cross_border_liabilities"] > assets - equity:
            problems.append(f"{code}: cross-border liabilities are above bank assets less capital")
    return problems


def load_banks() -> pd.DataFrame:
    """Return the banking system of every economy of the reference world in 2019, indexed by code, in its order.

    `cross_border_claims`, `cross_border_liabilities`, `bank_assets`, `bank_equity`, `private_credit` in billion USD,
    `capital_ratio` percent of bank assets, `credit_ratio` percent of GDP, `basis` typed or estimated. Units, years and
    sources are in `columns()`; `bank_equity` and `private_credit` are products. Errors: SourceError.
    """
    economies = facts.load_facts()
    gdp = economies["gdp"].to_numpy(dtype=np.float64)
    level = technology.income_level(gdp / economies["population"].to_numpy(dtype=np.float64) * 1e3)
    guess = {c: low + (high - low) * level for c, (low, high) in ESTIMATES.items()}
    for column in ("bank_assets", "cross_border_claims", "cross_border_liabilities"):
        guess[column] = guess[column] / 100.0 * gdp
    table = pd.DataFrame(guess, index=economies.index)[list(NUMBERS)].assign(basis=ESTIMATED)
    typed = _typed()
    table.loc[typed.index, list(COLUMNS)] = typed[list(COLUMNS)]
    check_banks(table, _columns(), economies)
    return table.assign(
        bank_equity=table["bank_assets"] * table["capital_ratio"] / 100.0,
        private_credit=table["credit_ratio"] / 100.0 * gdp,
    )
