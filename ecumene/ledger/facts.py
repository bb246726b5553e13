"""Facts about economies that a world may lack: from its own layers, else from those of the reference world."""

from __future__ import annotations

from functools import cache

import numpy as np
import xarray as xr

from ecumene import countries
from ecumene.sources import load_world
from ecumene.types import DESTINATION, ORIGIN, FloatArray
from ecumene.world import World


@cache
def _reference() -> World:
    return load_world("reference")


def lacking(world: World) -> str | None:
    """Why facts cannot be joined to a world: economies that the reference world does not have."""
    if "population" in world.layers:
        return None
    known = set(_reference().economies)
    strange = [code for code in world.economies if code not in known and not countries.is_aggregate(code)]
    rests = [code for code in world.economies if countries.is_aggregate(code)]
    if strange or len(rests) > 1:
        return f"the world has no layer 'population', and {', '.join(strange[:5] or rests)} cannot be found elsewhere"
    return None


def _members(world: World) -> FloatArray:
    """[economy of the world, economy of the reference world]: 1 where one is part of the other."""
    names = np.array(_reference().economies)
    parts = (np.array(world.economies)[:, None] == names).astype(float)
    for n, code in enumerate(world.economies):
        if countries.is_aggregate(code) and not parts[n].any():
            parts[n] = 1.0 - parts.sum(axis=0)  # all that the world does not name
    return parts


def population(world: World) -> FloatArray:
    """People of every economy: the world's layer, else of 2019 as in the reference world."""
    if "population" in world.layers:
        return np.asarray(world.layers["population"].values, dtype=float)
    return _members(world) @ np.asarray(_reference().layers["population"].values, dtype=float)


def travel(world: World) -> FloatArray:
    """Trips a year [origin, destination]: the world's layer, else by gravity as in the reference world."""
    layer: xr.DataArray = (
        world.layers["travel"] if "travel" in world.layers else _reference().layers["travel"]
    )
    trips = np.asarray(layer.transpose(ORIGIN, DESTINATION).values, dtype=float)
    if "travel" in world.layers:
        return trips
    parts = _members(world)
    merged = parts @ trips @ parts.T
    np.fill_diagonal(merged, 0.0)
    return merged


def income_per_head(world: World) -> tuple[FloatArray, np.ndarray]:
    """Income over people, USD a year, and where it is known."""
    people = population(world)
    head = np.divide(1e6 * world.income.values, people, out=np.full(len(people), np.nan), where=people > 0)
    return head, np.isfinite(head)


def rich_and_poor(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Economies with an income per head above, and not above, the mean of all people whose income is known."""
    head, known = income_per_head(world)
    mean = 1e6 * world.income.values[known].sum() / population(world)[known].sum()
    return known & (head > mean), known & (head <= mean)
