"""What layers of a world say of an economy: reserves, land, and military spending beside that of others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from ecumene.dependence.entries import Found, lacking, missing, numbers, year_of
from ecumene.models.reliance import ratio
from ecumene.models.standing import contest_share
from ecumene.types import BoolArray, FloatArray
from ecumene.world import World

RESERVES: Final = {
    "oil": 1e6 / 365.0,  # billion barrels over thousand barrels a day
    "gas": 1e3,  # trillion m3 over billion m3 a year
    "coal": 1e3,  # billion t over million t a year
}
"""Years in a unit of reserves over a unit of output, by fuel, in the units of the layers."""

HECTARES_IN_KM2: Final = 100.0
HECTARES_IN_MILLION: Final = 1e6

DECAY_KM: Final = 2000.0
"""Distance over which military strength falls to 1/e (assumption: Boulding's loss of strength has no agreed number)."""


def _of(world: World, needed: tuple[str, ...], values: FloatArray, reason: str) -> Found:
    return Found(values, ", ".join(needed), year_of(world, needed), reason)


def reserves(world: World) -> dict[str, Found]:
    """Proved reserves over a year's output, by fuel, and arable land per head."""
    measures = {}
    for fuel, years in RESERVES.items():
        needed = (f"{fuel}_reserves", f"{fuel}_production")
        name, absent = f"{fuel}_reserve_years", lacking(world, needed)
        if absent:
            measures[name] = missing(world, ", ".join(needed), absent)
            continue
        left, made = (numbers(world, layer) for layer in needed)
        measures[name] = _of(world, needed, years * ratio(left, made), f"this economy produces no {fuel}")
    measures["arable_land_per_head"] = _per_head(world, "arable_land", HECTARES_IN_MILLION)
    return measures


def _per_head(world: World, layer: str, unit: float) -> Found:
    needed = (layer, "population")
    absent = lacking(world, needed)
    if absent:
        return missing(world, ", ".join(needed), absent)
    return _of(world, needed, unit * ratio(numbers(world, layer), numbers(world, "population")), "not known")


def territorial(world: World) -> dict[str, Found]:
    """Coast, land borders and room."""
    measures = {}
    for name, layer in (("landlocked", "landlocked"), ("neighbours", "contiguity")):
        absent = lacking(world, (layer,))
        if absent:
            measures[name] = missing(world, layer, absent)
            continue
        values = numbers(world, layer)
        shown = (
            values if values.ndim == 1 else np.where(np.eye(len(values), dtype=bool), 0.0, values).sum(axis=1)
        )
        measures[name] = _of(world, (layer,), shown, "not known")
    measures["area_per_head"] = _per_head(world, "area", HECTARES_IN_KM2)
    return measures


def military(
    world: World, allies: BoolArray, rivals: BoolArray, decay: float, assumed: str
) -> dict[str, Found]:
    """Military spending over value added, and its share against rivals, alone and with allies.

    allies, rivals [economy, other]: who is on its side, and who against it, nobody on both; `assumed` says why.
    """
    spent = ("military_spending",)
    absent = lacking(world, spent)
    share = missing(world, *spent, absent)
    if not absent:
        value = ratio(numbers(world, *spent), world.value_added.values.sum(axis=1))
        share = _of(world, spent, 100.0 * value, "not known")
    measures = {"military_share": share}
    needed = (*spent, "distance")
    absent = lacking(world, needed)
    nobody = np.zeros_like(allies)
    for name, own in (("contest_alone", nobody), ("contest_with_allies", allies)):
        if absent:
            measures[name] = missing(world, ", ".join(needed), absent)
            continue
        part = contest_share(numbers(world, *spent), numbers(world, "distance"), own, rivals, decay)
        why = "a spending that counts is not known, or is nothing"
        measures[name] = _of(world, needed, 100.0 * part, why)._replace(note=assumed)
    return measures


def sides(
    economies: tuple[str, ...], alliances: Mapping[str, frozenset[str]], rivals: frozenset[str] | None
) -> tuple[BoolArray, BoolArray]:
    """Allies and rivals [economy, other]: by alliance; and rivals as named, or else all who are no allies.

    Who is named as a rival is a rival of all others and has no allies here; nobody is a rival of itself.
    """
    R = len(economies)
    own = np.eye(R, dtype=bool)
    allies = np.zeros((R, R), dtype=bool)
    for members in alliances.values():
        inside = np.isin(economies, sorted(members))
        allies |= np.outer(inside, inside)
    if rivals is None:
        return allies & ~own, ~allies & ~own
    named = np.isin(economies, sorted(rivals))
    against = np.broadcast_to(named[None, :], (R, R)) & ~own
    return allies & ~own & ~named[:, None] & ~named[None, :], against
