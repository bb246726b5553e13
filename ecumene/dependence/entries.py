"""The declared table of what sovereignty is measured by, and what every measure says of itself."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from ecumene.types import FloatArray
from ecumene.world import World

GROUPS: Final = ("economic", "strategic", "resource", "military", "political", "territorial")


class Entry(NamedTuple):
    """One measure: `better` is 1 where more of it means less dependence, -1 where more, 0 where neither."""

    name: str
    group: str
    units: str
    meaning: str
    better: int


ENTRIES: Final = (
    Entry("reliance_gross", "economic", "percent of output", "output abroad that own output rests on", -1),
    Entry("reliance_value_added", "economic", "percent of value", "value of own output added abroad", -1),
    Entry("largest_partner_share", "economic", "percent", "largest partner's part of value added abroad", -1),
    Entry("partner_concentration", "economic", "0 to 1", "concentration of value added abroad (HHI)", -1),
    Entry(
        "worst_chokepoint",
        "economic",
        "log points x 100",
        "loss without the worst single link, first order",
        -1,
    ),
    Entry("worst_cut", "economic", "log points x 100", "loss if the worst single partner cuts trade", -1),
    Entry("strategic_products", "strategic", "sectors", "concentrated, mostly foreign, net imported", -1),
    Entry("strategic_import_share", "strategic", "percent of imports", "imports in strategic products", -1),
    Entry("least_stock_days", "strategic", "days", "shortest stock among strategic products", 1),
    Entry("energy_self_sufficiency", "resource", "percent of use", "energy produced over used, by value", 1),
    Entry("food_self_sufficiency", "resource", "percent of use", "food produced over used, by value", 1),
    Entry(
        "minerals_self_sufficiency", "resource", "percent of use", "minerals produced over used, by value", 1
    ),
    Entry("oil_reserve_years", "resource", "years", "proved oil over a year's output", 1),
    Entry("gas_reserve_years", "resource", "years", "proved gas over a year's output", 1),
    Entry("coal_reserve_years", "resource", "years", "recoverable coal over a year's output", 1),
    Entry("arable_land_per_head", "resource", "ha", "arable land per head", 1),
    Entry("military_share", "military", "percent of value added", "military spending", 0),
    Entry("contest_alone", "military", "percent", "share of spending against rivals, nearer ones more", 1),
    Entry("contest_with_allies", "military", "percent", "the same with allies on its side", 1),
    Entry("closeness_to_suppliers", "political", "percent", "memberships in common with suppliers", 1),
    Entry("closeness_to_all", "political", "percent", "memberships in common with all, by value added", 0),
    Entry("ideal_point", "political", "position", "position in votes of the UN General Assembly", 0),
    Entry("ideal_distance_to_suppliers", "political", "position", "distance in UN votes to suppliers", -1),
    Entry("landlocked", "territorial", "1 yes, 0 no", "no coast on the open sea", -1),
    Entry("neighbours", "territorial", "economies", "economies with a common land border", 0),
    Entry("area_per_head", "territorial", "ha", "land area per head", 0),
)
"""Every measure, in the order in which tables show them."""


class Found(NamedTuple):
    """A measure of every economy, what it was made from and of which year.

    `reason` says why a number is missing, `note` what was assumed.
    """

    values: FloatArray  # [economy]; NaN is missing
    layer: str
    year: int | None
    reason: str = ""
    note: str = ""


def missing(world: World, layer: str, reason: str) -> Found:
    """A measure that no economy has, and why."""
    return Found(np.full(len(world.economies), np.nan), layer, None, reason)


def lacking(world: World, names: tuple[str, ...]) -> str:
    """Which of these layers a world lacks and how to add them; empty where it has all."""
    absent = [name for name in names if name not in world.layers]
    if not absent:
        return ""
    return (
        f"this world lacks the layer {' and the layer '.join(absent)}; "
        f"add it with world.with_layers({', '.join(f'{name}=...' for name in absent)})"
    )


def numbers(world: World, name: str) -> FloatArray:
    """A layer's numbers."""
    return np.asarray(world.layers[name].values, dtype=np.float64)


def year_of(world: World, names: tuple[str, ...]) -> int | None:
    """The year of layers: their own, else the world's; the oldest of several."""
    years = [world.layers[name].attrs.get("year", world.year) for name in names]
    known = [year for year in years if year is not None]
    return min(known) if known else None
