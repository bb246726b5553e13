"""What production shocks need to know of sectors: stocks, which inputs stop production, who rebuilds; one table."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from ecumene import sectors
from ecumene.models import shocks
from ecumene.types import FloatArray
from ecumene.world import World


class Kind(NamedTuple):
    """Parameters of a broad kind of sector."""

    stock_days: float  # of use that buyers hold
    input_kind: str  # key of the ratings of inputs (models/shock_settings.INPUT_KINDS)
    source: str


_CENSUS = "US Census Bureau, Manufacturing and Trade Inventories and Sales 2019: 1.3 to 1.5 months of sales, rounded"
_EIA = "International Energy Agency, commercial stocks of 2019: about a month of use, rounded"
_NOT_STORED = "assumption: not stored; the days in which users cope without"
_POSTPONED = "assumption: a service that can be put off for some weeks"

TABLE: Final[dict[str, Kind]] = {
    "agriculture": Kind(
        60.0, "food", "USDA, world stocks of grain over use in 2019: two to three months, low end"
    ),
    "mining": Kind(30.0, "energy", _EIA),
    "food": Kind(30.0, "food", "assumption: shorter than other goods, many are perishable"),
    "textile": Kind(45.0, "goods", _CENSUS),
    "wood": Kind(40.0, "material", _CENSUS),
    "paper": Kind(40.0, "material", _CENSUS),
    "petroleum": Kind(30.0, "energy", _EIA),
    "chemicals": Kind(45.0, "material", _CENSUS),
    "plastic": Kind(40.0, "material", _CENSUS),
    "minerals": Kind(40.0, "material", _CENSUS),
    "basic_metals": Kind(45.0, "material", _CENSUS),
    "metal_products": Kind(45.0, "goods", _CENSUS),
    "machinery": Kind(45.0, "goods", _CENSUS),
    "office": Kind(45.0, "goods", _CENSUS),
    "electrical": Kind(45.0, "goods", _CENSUS),
    "communication": Kind(45.0, "goods", _CENSUS),
    "medical": Kind(45.0, "goods", _CENSUS),
    "auto": Kind(30.0, "goods", "assumption: below other goods, parts arrive just in time"),
    "other_transport": Kind(45.0, "goods", _CENSUS),
    "other": Kind(45.0, "goods", _CENSUS),
    "utilities": Kind(3.0, "energy", _NOT_STORED),
    "construction": Kind(30.0, "construction", _POSTPONED),
    "trade": Kind(15.0, "transport", _NOT_STORED),
    "hotels": Kind(30.0, "hospitality", _POSTPONED),
    "transport": Kind(7.0, "transport", _NOT_STORED),
    "telecom": Kind(3.0, "communication", _NOT_STORED),
    "finance": Kind(15.0, "finance", _NOT_STORED),
    "real_estate": Kind(30.0, "service", _POSTPONED),
    "business": Kind(30.0, "service", _POSTPONED),
    "government": Kind(30.0, "service", _POSTPONED),
    "education": Kind(30.0, "service", _POSTPONED),
    "health": Kind(30.0, "service", _POSTPONED),
    "personal": Kind(30.0, "service", _POSTPONED),
    "households": Kind(30.0, "service", _POSTPONED),
}
"""Stocks and the kind of input of every broad kind of sector. Which inputs stop which users is an assumption."""

BUILDERS: Final = {"construction": 0.6, "machinery": 0.25, "auto": 0.15}
"""What reconstruction buys, shares by broad kind (assumption; of the order of gross fixed capital formation)."""

DEMAND_RESPONSE: Final = 0.48
"""Fall of final demand for a fall of income by 1: the mean propensity to consume out of a passing change of income in
Jappelli and Pistaferri (2014, American Economic Journal: Macroeconomics 6(4)), here for all final uses (assumption)."""

UNKNOWN: Final = 30.0
"""Stock days of sectors that belong to no known classification (assumption)."""


def settings_of(world: World) -> tuple[shocks.Settings, tuple[str, ...]]:
    """Settings of production shocks for the sectors of a world, and sentences on what had to be assumed.

    A sector that spans several kinds takes the mean of their stocks and of their ratings (assumption).
    """
    kinds = sectors.kinds(world.sectors)
    if kinds is None:
        S = len(world.sectors)
        rating = np.full((S, S), 0.5)
        note = (
            f"Sector codes belong to no known classification: stocks of {UNKNOWN:g} days and inputs that stop "
            "half of production are assumed in every sector."
        )
        return shocks.Settings(stock_days=UNKNOWN, rating=rating, demand_response=DEMAND_RESPONSE), (note,)
    days = np.array([np.mean([TABLE[kind].stock_days for kind in each]) for each in kinds])
    rating = shocks.ratings([[TABLE[kind].input_kind for kind in each] for each in kinds])
    settings = shocks.Settings(
        stock_days=days, rating=rating, builders=_builders(kinds), demand_response=DEMAND_RESPONSE
    )
    return settings, ()


def _builders(kinds: tuple[tuple[str, ...], ...]) -> FloatArray | None:
    """Shares of what reconstruction buys; a kind in several sectors is split evenly. None where a kind is lacking."""
    spans = {kind: [kind in each for each in kinds] for kind in BUILDERS}
    if not all(any(where) for where in spans.values()):
        return None
    parts = [share * np.array(spans[kind]) / sum(spans[kind]) for kind, share in BUILDERS.items()]
    return np.sum(parts, axis=0)
