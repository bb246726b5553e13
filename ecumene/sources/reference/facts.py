"""The typed public facts behind the reference world: one row per economy, every column sourced."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from ecumene.errors import SourceError
from ecumene.types import BoolArray, FloatArray

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


def read_table(name: str) -> pd.DataFrame:
    """One CSV file of this package as text; nothing is read as missing, so that NAM and the like survive."""
    with (files("ecumene.sources.reference") / f"{name}.csv").open("r", encoding="utf-8") as handle:
        return pd.read_csv(handle, dtype=str, keep_default_na=False)


@cache
def _columns() -> pd.DataFrame:
    return read_table("columns").set_index("column")


@cache
def _sectors() -> pd.DataFrame:
    table = read_table("sectors").set_index("code")
    table["goods"] = [cell == "1" for cell in table["goods"]]
    for column in ("commodity_groups", "wiod", "icio_2023", "icio_2025"):
        table[column] = [tuple(str(cell).split()) for cell in table[column]]
    return table


def _number(cell: str, column: str, code: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise SourceError(
            f"facts.csv: {column} of {code} is {cell!r}, not a number; type one with a dot as decimal mark"
        ) from None


@cache
def _facts() -> pd.DataFrame:
    table = read_table("facts").set_index("iso3")
    for column in (c for c in table.columns if c not in TEXT):
        table[column] = [
            _number(cell, column, code) for code, cell in zip(table.index, table[column], strict=True)
        ]
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
    return read_table("exceptions")


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
    entries = dict(zip(registry.index, registry[part], strict=True))
    return [c for c in facts.columns if c in entries and not str(entries[c]).strip()]


def _value_problems(facts: pd.DataFrame, shares: list[str]) -> list[str]:
    values: dict[str, FloatArray] = {
        c: np.asarray(facts[c], dtype=np.float64) for c in facts.columns if c not in TEXT
    }
    problems: list[str] = []

    def report(bad: BoolArray, text: str) -> None:
        problems.extend(f"{code}: {text}" for code, wrong in zip(facts.index, bad, strict=True) if wrong)

    for column, numbers in values.items():
        report(~np.isfinite(numbers), f"{column} is not finite")
        if column not in SIGNED:
            report(numbers < 0.0, f"{column} is negative")
    for column in POSITIVE:
        report(values[column] == 0.0, f"{column} must be above zero")
    for column, (low, high) in RANGES.items():
        report((values[column] < low) | (values[column] > high), f"{column} is outside {low:g} to {high:g}")
    for group, members in (("value added", shares), ("goods exports", EXPORT_SHARES)):
        total = np.sum([values[c] for c in members], axis=0)
        report(np.abs(total - 1.0) > SHARE_TOLERANCE, f"the shares of {group} do not sum to one")
    for flow in ("exports", "imports"):
        total = values[f"{flow}_goods"] + values[f"{flow}_services"]
        report(total > 3.0 * values["gdp"], f"{flow} above three times GDP")
    return problems
