"""The typed public facts behind the reference world: one row per economy, every column sourced."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from ecumene.errors import SourceError

SHARE_TOLERANCE = 0.005
VALUE_ADDED_PREFIX = "va_"
EXPORT_SHARES = ("share_food_agriculture", "share_fuels", "share_ores_metals", "share_manufactures")
TEXT = ("name", "region")
POSITIVE = (
    "gdp",
    "population",
    "area",
    "exports_goods",
    "imports_goods",
    "exports_services",
    "imports_services",
)
SIGNED = ("latitude", "longitude", "net_remittances")
RANGES: dict[str, tuple[float, float]] = {
    "latitude": (-90.0, 90.0),
    "longitude": (-180.0, 180.0),
    "landlocked": (0.0, 1.0),
    "tariff_agriculture": (0.0, 100.0),
    "tariff_nonagriculture": (0.0, 100.0),
}


def _table(name: str) -> pd.DataFrame:
    """One CSV file of this package; empty cells stay empty text, so that NAM and the like survive."""
    with (files("ecumene.sources.reference") / f"{name}.csv").open("r", encoding="utf-8") as handle:
        return pd.read_csv(handle, dtype=str, keep_default_na=False)


@cache
def _columns() -> pd.DataFrame:
    return _table("columns").set_index("column")


@cache
def _sectors() -> pd.DataFrame:
    table = _table("sectors").set_index("code")
    table["goods"] = table["goods"] == "1"
    for column in ("commodity_groups", "wiod", "icio_2023", "icio_2025"):
        table[column] = table[column].map(lambda text: tuple(text.split()))
    return table


@cache
def _facts() -> pd.DataFrame:
    table = _table("facts").set_index("iso3")
    for column in table.columns.difference(list(TEXT)):
        numbers = pd.to_numeric(table[column], errors="coerce")
        if numbers.isna().any():
            where = ", ".join(table.index[numbers.isna()])
            raise SourceError(
                f"facts.csv: {column} is not a number for {where}; type a figure, with a dot as decimal mark"
            )
        table[column] = numbers.astype(np.float64)
    check_facts(table, _columns(), _sectors())
    return table


def columns() -> pd.DataFrame:
    """Return unit, year, source and note of every column of the facts, indexed by column name."""
    return _columns().copy()


def sectors() -> pd.DataFrame:
    """Return the sectors: name, goods, commodity groups, and the codes of WIOD and ICIO that each one holds.

    `merged` is equal for sectors that WIOD cannot tell apart (both mining sectors are its `c2`).
    """
    return _sectors().copy()


def exceptions() -> pd.DataFrame:
    """Return the economies whose fact departs from a newer published figure, each with its reason."""
    return _table("exceptions")


def load_facts() -> pd.DataFrame:
    """Return the facts of 2019, indexed by ISO 3166 alpha-3 code (aggregates start with `ROW_`).

    Units, years and sources are in `columns()`. Raises SourceError when a rule of `check_facts` is broken.
    """
    return _facts().copy()


def check_facts(facts: pd.DataFrame, registry: pd.DataFrame, sector_table: pd.DataFrame) -> None:
    """Raise one SourceError that lists every broken rule: codes, columns, signs, ranges, sums of shares."""
    shares = [VALUE_ADDED_PREFIX + code for code in sector_table.index]
    wanted = {*TEXT, *POSITIVE, *SIGNED, *RANGES, *EXPORT_SHARES, *shares}
    problems = [f"column {c} is missing" for c in sorted(wanted - set(facts.columns))]
    problems += [f"column {c} has no entry in columns.csv" for c in facts.columns if c not in registry.index]
    problems += [
        f"column {c} has no {part}" for part in ("unit", "source") for c in _blank(facts, registry, part)
    ]
    problems += [f"economy {code} appears twice" for code in facts.index[facts.index.duplicated()]]
    problems += [
        f"{code} is neither an alpha-3 code nor an aggregate (ROW_...)"
        for code in facts.index
        if not (code.startswith("ROW_") or (len(code) == 3 and code.isalpha() and code.isupper()))
    ]
    if not problems:
        problems = _value_problems(facts, shares)
    if problems:
        raise SourceError(
            "facts.csv cannot be used; correct these:\n" + "\n".join(f"  - {p}" for p in problems)
        )


def _blank(facts: pd.DataFrame, registry: pd.DataFrame, part: str) -> list[str]:
    """Columns whose registry entry lacks the given part."""
    known = registry.loc[[c for c in facts.columns if c in registry.index], part]
    return list(known.index[known.str.strip() == ""])


def _value_problems(facts: pd.DataFrame, shares: list[str]) -> list[str]:
    numbers = facts.drop(columns=list(TEXT))
    problems: list[str] = []

    def report(bad: pd.Series, text: str) -> None:
        problems.extend(f"{code}: {text}" for code in facts.index[bad])

    for column in numbers.columns:
        report(~np.isfinite(numbers[column]), f"{column} is not finite")
        if column not in SIGNED:
            report(numbers[column] < 0.0, f"{column} is negative")
    for column in POSITIVE:
        report(numbers[column] <= 0.0, f"{column} must be above zero")
    for column, (low, high) in RANGES.items():
        report(~numbers[column].between(low, high), f"{column} is outside {low:g} to {high:g}")
    for group, members in (("value added", shares), ("goods exports", list(EXPORT_SHARES))):
        total = numbers[members].sum(axis=1)
        report((total - 1.0).abs() > SHARE_TOLERANCE, f"the shares of {group} do not sum to one")
    for flow in ("exports", "imports"):
        total = numbers[f"{flow}_goods"] + numbers[f"{flow}_services"]
        report(total > 3.0 * numbers["gdp"], f"{flow} above three times GDP")
    return problems
