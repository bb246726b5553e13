"""Default trade elasticities by sector: one sourced table, and how each classification maps to it.

Input-output tables carry no elasticities. Ecumene's default is the field's most used sectoral set:
Caliendo and Parro (2015, Review of Economic Studies 82(1), Table 1, 99 % sample), with 5 for services as in
Costinot and Rodriguez-Clare (2014, Handbook of International Economics 4, section 4). A trade elasticity is
`theta = -d ln(X_in / X_nn) / d ln(kappa_in) > 0`, without unit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ecumene.errors import InputError
from ecumene.types import BoolArray, FloatArray

SERVICES_THETA = 5.0
"""Services and utilities (Costinot and Rodriguez-Clare 2014)."""

AGGREGATE_THETA = 5.0
"""One elasticity for a table whose sectors are not recognised (Costinot and Rodriguez-Clare 2014)."""

INSIGNIFICANT_THETA = 8.22
"""What Caliendo and Parro's own data put in place of the two estimates that do not differ from zero."""

LARGEST_THETA = 30.0
"""Estimates above are cut to this (assumption): prices are equalised in practice, solvers stay stable."""


@dataclass(frozen=True)
class Estimate:
    """One broad sector: the published number, the number used, and its status (estimate or assumption)."""

    name: str
    isic_revision_3: str
    published: float
    used: float
    status: str


def _row(name: str, isic: str, published: float, used: float | None = None) -> Estimate:
    return Estimate(name, isic, published, used or published, "estimate" if used is None else "assumption")


TABLE: Mapping[str, Estimate] = {
    "agriculture": _row("Agriculture, forestry and fishing", "01-05", 9.11),
    "mining": _row("Mining and quarrying", "10-14", 13.53),
    "food": _row("Food, beverages and tobacco", "15-16", 2.62),
    "textile": _row("Textiles, apparel and leather", "17-19", 8.10),
    "wood": _row("Wood", "20", 11.50),
    "paper": _row("Paper and printing", "21-22", 16.52),
    "petroleum": _row("Coke and refined petroleum", "23", 64.85, LARGEST_THETA),
    "chemicals": _row("Chemicals", "24", 3.13),
    "plastic": _row("Rubber and plastic", "25", 1.67),
    "minerals": _row("Other non-metallic minerals", "26", 2.41),
    "basic_metals": _row("Basic metals", "27", 3.28),
    "metal_products": _row("Metal products", "28", 6.99),
    "machinery": _row("Machinery n.e.c.", "29", 1.45),
    "office": _row("Office and computing machinery", "30", 12.95),
    "electrical": _row("Electrical machinery", "31", 12.91),
    "communication": _row("Radio, television and communication equipment", "32", 3.95),
    "medical": _row("Medical, precision and optical instruments", "33", 8.71),
    "auto": _row("Motor vehicles", "34", 1.84, INSIGNIFICANT_THETA),
    "other_transport": _row("Other transport equipment", "35", 0.39, INSIGNIFICANT_THETA),
    "other": _row("Furniture, other manufacturing, recycling", "36-37", 3.98),
    "services": _row("Services and utilities", "40-99", SERVICES_THETA),
}
"""The default table. `published` is Table 1's number (services: Costinot and Rodriguez-Clare 2014)."""

GOODS = frozenset(TABLE) - {"services"}
"""Broad sectors on which tariffs fall."""

THETA_SOURCE = (
    "Caliendo and Parro (2015), Table 1, 99 % sample; services "
    f"{SERVICES_THETA:g} as in Costinot and Rodriguez-Clare (2014); vehicles at {INSIGNIFICANT_THETA} as in "
    f"the authors' data; petroleum cut from 64.85 to {LARGEST_THETA:g} (assumption)"
)
"""What a world says about its elasticities when they come from this table."""

_WIOD = {
    "c1": "agriculture", "c2": "mining", "c3": "food", "c4": "textile", "c5": "textile", "c6": "wood",
    "c7": "paper", "c8": "petroleum", "c9": "chemicals", "c10": "plastic", "c11": "minerals",
    "c12": "basic_metals metal_products", "c13": "machinery",
    "c14": "office electrical communication medical", "c15": "auto other_transport", "c16": "other",
}  # fmt: skip

_ISIC_4_MANUFACTURING = {
    10: "food", 11: "food", 12: "food", 13: "textile", 14: "textile", 15: "textile", 16: "wood", 17: "paper",
    18: "paper", 19: "petroleum", 20: "chemicals", 21: "chemicals", 22: "plastic", 23: "minerals",
    24: "basic_metals", 25: "metal_products", 26: "office communication medical", 27: "electrical",
    28: "machinery", 29: "auto", 30: "other_transport", 31: "other", 32: "other", 33: "other",
}  # fmt: skip

_ISIC_4_CODE = re.compile(r"([A-U])(?:(\d{2,3})[A-Z]?(?:(T|_)(\d{2,3})[A-Z]?)?)?")


def wiod_broad_sectors(code: str) -> tuple[str, ...]:
    """Broad sectors behind a sector code of the 2013 WIOD release (`c1` to `c35`, ISIC revision 3)."""
    if not re.fullmatch(r"c([1-9]|[12]\d|3[0-5])", code):
        raise InputError(f"'{code}' is no WIOD 2013 sector; expected c1 to c35")
    return tuple(_WIOD.get(code, "services").split())


def isic_broad_sectors(code: str) -> tuple[str, ...]:
    """Broad sectors behind a code of ISIC revision 4 or NACE revision 2, as ICIO and FIGARO write them.

    Examples: `A01_02`, `B05_06`, `C10T12`, `C24A`, `C302T309`, `C31_32`, `D35`, `J58T60`, `U`.
    """
    match = _ISIC_4_CODE.fullmatch(code)
    if match is None:
        raise InputError(
            f"'{code}' is no ISIC revision 4 or NACE revision 2 code; "
            "expected a section letter with divisions, such as A01_02, C10T12 or J58T60"
        )
    section, first, _, last = match.groups()
    if section == "A":
        return ("agriculture",)
    if section == "B":
        return ("mining",)
    if section != "C":
        return ("services",)
    start = int(first[:2]) if first else 10
    stop = int(last[:2]) if last else start if first else 33
    divisions = [d for d in range(start, stop + 1) if d in _ISIC_4_MANUFACTURING]
    if not divisions:
        raise InputError(f"'{code}' names no manufacturing division; they run from C10 to C33")
    found = " ".join(_ISIC_4_MANUFACTURING[d] for d in divisions).split()
    return tuple(dict.fromkeys(found))


def classify(sectors: Sequence[str]) -> tuple[tuple[str, ...], ...] | None:
    """Broad sectors of each code where all codes belong to one known classification, else None."""
    for reader in (wiod_broad_sectors, isic_broad_sectors):
        try:
            return tuple(reader(code) for code in sectors)
        except InputError:
            continue
    return None


def theta_of(broad: Sequence[Sequence[str]]) -> FloatArray:
    """Trade elasticity of each sector: the simple mean over the broad sectors that it spans."""
    return np.array([float(np.mean([TABLE[key].used for key in keys])) for keys in broad])


def goods_of(broad: Sequence[Sequence[str]]) -> BoolArray:
    """True where a sector is made of goods only: tariffs fall there."""
    return np.array([all(key in GOODS for key in keys) for keys in broad])


def default_theta(sectors: Sequence[str]) -> tuple[FloatArray, str, str]:
    """Elasticities for sector codes, where they come from, and a sentence for the user.

    Codes of WIOD 2013, ICIO, FIGARO, ISIC revision 4 or NACE revision 2 take the table (a sector that spans
    several takes their simple mean); others take one number for all sectors. Source: `THETA_SOURCE`.
    """
    broad = classify(sectors)
    if broad is None:
        source = f"{AGGREGATE_THETA:g} in every sector (Costinot and Rodriguez-Clare 2014, one-sector case)"
        note = (
            f"Sector codes belong to no known classification: the trade elasticity is {source}; "
            "pass theta to set one for each sector."
        )
        return np.full(len(sectors), AGGREGATE_THETA), source, note
    return (
        theta_of(broad),
        THETA_SOURCE,
        "The table carries no trade elasticities: the default for each sector is used.",
    )
