"""Closeness of memberships and of votes to those on whom an economy relies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ecumene import countries
from ecumene.dependence.entries import Found, lacking, missing, numbers, year_of
from ecumene.models.standing import closeness, mean_over_partners
from ecumene.types import FloatArray
from ecumene.world import World

Club = tuple[str, frozenset[str], int]
"""A union's name, its members' codes and its depth on the ladder."""


def weight_of(depth: int) -> float:
    """What a membership counts: once, and once more for each step of the ladder (assumption)."""
    return 1.0 + depth


def close_to(economies: tuple[str, ...], clubs: Sequence[Club]) -> FloatArray:
    """Closeness of memberships [economy, partner]; NaN where memberships are not known, as those of aggregates."""
    member = np.array([np.isin(economies, sorted(members)) for _, members, _ in clubs], dtype=bool)
    member = member.reshape(len(clubs), len(economies))
    shared = closeness(member, np.array([weight_of(depth) for *_, depth in clubs]))
    known = np.array([code in countries.countries() for code in economies])
    return np.where(known[:, None] & known[None, :], shared, np.nan)


def political(
    world: World, clubs: Sequence[Club], shares: FloatArray, year: int, clubs_of: str
) -> tuple[dict[str, Found], FloatArray]:
    """Closeness to suppliers and to all, and votes; beside them closeness [economy, partner].

    shares [partner, economy] are those in value added abroad; value added weighs all.
    """
    near = close_to(world.economies, clubs)
    size = np.broadcast_to(world.value_added.values.sum(axis=1)[None, :], near.shape)
    unknown = "memberships of this economy are not known, or none of its partners'"
    layer = f"memberships {clubs_of}"
    measures = {
        "closeness_to_suppliers": Found(100.0 * mean_over_partners(near, shares.T), layer, year, unknown),
        "closeness_to_all": Found(100.0 * mean_over_partners(near, size), layer, year, unknown),
    }
    return {**measures, **_votes(world, shares)}, near


def _votes(world: World, shares: FloatArray) -> dict[str, Found]:
    needed = ("ideal_point",)
    absent = lacking(world, needed)
    if absent:
        how = f"{absent}, from a file of ideal points (sources.ideal_points, or --ideal-points)"
        nothing = missing(world, "ideal_point", how)
        return {"ideal_point": nothing, "ideal_distance_to_suppliers": nothing}
    position = numbers(world, "ideal_point")
    apart = np.abs(position[:, None] - position[None, :])
    np.fill_diagonal(apart, np.nan)
    year, why = year_of(world, needed), "the file has no position of this economy, or of its suppliers"
    return {
        "ideal_point": Found(position, "ideal_point", year, why),
        "ideal_distance_to_suppliers": Found(
            mean_over_partners(apart, shares.T), "ideal_point, flows", year, why
        ),
    }
