"""Share of jobs that can be done at home, by sector: a typed table, and how other classifications map to it.

Dingel and Neiman (2020), Journal of Public Economics 189, 104235: United States, jobs by NAICS sector, from
surveys of occupations. Poorer economies have fewer such jobs; the table makes no difference between economies.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from ecumene import elasticities
from ecumene.errors import SourceError
from ecumene.types import FloatArray

SCOPES = ("reference", "broad")
"""Rows for the sectors of the reference world, and for broad kinds of sector."""

SERVICES = "services"


@cache
def _table() -> pd.DataFrame:
    with (files("ecumene.sources") / "telework.csv").open("r", encoding="utf-8") as handle:
        table = pd.read_csv(handle, dtype=str, keep_default_na=False)
    return checked(table)


def checked(table: pd.DataFrame) -> pd.DataFrame:
    """The table with numbers as numbers. Errors: SourceError naming every row that is wrong."""
    shares = pd.to_numeric(table["teleworkable"], errors="coerce").to_numpy(dtype=np.float64)
    problems = [f"{key} is given twice" for key in table.loc[table[["scope", "key"]].duplicated(), "key"]]
    for key, scope, source, share in zip(table["key"], table["scope"], table["source"], shares, strict=True):
        if not 0.0 <= share <= 1.0:
            problems.append(f"{key} has no share from 0 to 1")
        if scope not in SCOPES:
            problems.append(f"{key} has scope {scope!r}; use {' or '.join(SCOPES)}")
        if not source:
            problems.append(f"{key} has no source")
    if problems:
        raise SourceError("telework.csv: " + "; ".join(problems))
    return table.assign(teleworkable=shares)


def table() -> pd.DataFrame:
    """Return the table: scope, key, share, NAICS codes behind it, source and note of each row."""
    return _table().copy()


def teleworkable(sectors: Sequence[str]) -> tuple[FloatArray, str]:
    """Share of jobs that can be done at home, by sector [S], and a sentence on where the shares come from.

    The reference world's sectors have rows of their own. Codes of WIOD 2013, ICIO, FIGARO, ISIC revision 4 or
    NACE revision 2 take their broad kind: agriculture, mining, manufacturing or services, the mean where they
    span several (assumption). Other names take the share of all jobs, 0.37 (assumption).
    """
    rows = _table().set_index(["scope", "key"])["teleworkable"]
    own, broad = rows["reference"], rows["broad"]
    if all(sector in own.index for sector in sectors):
        return own[list(sectors)].to_numpy(dtype=np.float64), "Dingel and Neiman (2020), by sector"
    kinds = elasticities.classify(sectors)
    if kinds is None:
        share = float(broad["unknown"])
        return (
            np.full(len(sectors), share),
            f"assumption: {share:g} in every sector, all jobs in Dingel and Neiman (2020)",
        )
    shares = [float(np.mean([broad[_kind(name)] for name in names])) for names in kinds]
    return np.array(shares), "assumption: shares of Dingel and Neiman (2020) by broad kind of sector"


def _kind(broad_sector: str) -> str:
    return broad_sector if broad_sector in ("agriculture", "mining", SERVICES) else "manufacturing"
