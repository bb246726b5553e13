"""Ranges over drawn parameters: what a set of draws says of every economy, as labelled numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import xarray as xr

from ecumene.models import trade
from ecumene.models.bases import Technology
from ecumene.models.ensemble import Drawing, Incomes
from ecumene.models.solve import Status
from ecumene.results import DRAW, LEVEL, LEVELS, NOISE, UNCHANGED
from ecumene.types import BoolArray, FloatArray
from ecumene.world import World

if TYPE_CHECKING:
    from ecumene.orders import Policy
    from ecumene.priors.draws import Draws

DRAWS: Final = 64
"""Draws of a range unless another number is asked for (assumption: ends within a few percent of those of
thousands)."""

SURE: Final = 95.0
"""Percent of draws with one sign from which the sign counts as sure (assumption)."""

_PERCENTILES: Final = (5.0, 50.0, 95.0)


def goods_of(world: World) -> BoolArray:
    """Which sectors are goods [sector]; all of them where a world does not say."""
    layer = world.layers.get("goods")
    return np.ones(len(world.sectors), dtype=bool) if layer is None else np.asarray(layer.values, dtype=bool)


def drawing(world: World, policy: Policy, deficits: str, drawn: Draws) -> Drawing:
    """An order's case at central parameters, and what every draw changes of its trade costs; tariffs are held."""
    case = trade.case_of(world, policy.iceberg, policy.tariff, None, deficits, Technology(), trade.Options())
    return Drawing(
        case, goods_of(world), lambda k: policy.moved(drawn.ladder_goods[k], drawn.ladder_services[k])
    )


def of_draws(world: World, incomes: Incomes, number: int) -> tuple[dict[str, xr.Variable], list[str]]:
    """Numbers of one order, place `number` among those drawn, and sentences on what is not in them.

    `real_income_draws` [economy, draw] is the change of real income in percent, -100 where goods have no supplier
    left; `real_income_range` its median and 5 and 95 percent points over draws; `gaining_draws` and `losing_draws`
    the percent of draws in which it rises or falls by `UNCHANGED` percent or more. World means as for the central
    numbers. Draws without an equilibrium are left out and counted.
    """
    change = 100.0 * (incomes.over_supplied[number] - 1.0)  # [draw, economy]
    change = np.where(np.abs(change) < NOISE, 0.0, change)
    solved = np.array([status is Status.OK for status in incomes.status[number]])
    lacking = incomes.missing[number]
    cells: dict[str, xr.Variable] = {}
    weights = {"": incomes.base_income[number]}
    if "population" in world.layers:
        people = world.layers["population"].values.astype(np.float64)
        weights["_by_population"] = np.broadcast_to(people, change.shape)
    parts = {
        "real_income": np.where(lacking & solved[:, None], -100.0, change),
        "real_income_without_missing": change,
    }
    for name, values in parts.items():
        if name != "real_income" and not lacking.any():
            continue
        cells[f"{name}_draws"] = _variable(
            values.T, ("economy", DRAW), "percent", "change of real income, by draw"
        )
        cells[f"{name}_range"] = _range(name, _levels(values, solved), ("economy", LEVEL))
        for suffix, weight in weights.items():
            mean = np.where(solved, (np.nan_to_num(values) * weight).sum(axis=1) / weight.sum(axis=1), np.nan)
            of = f"world_{name}{suffix}"
            cells[f"{of}_range"] = _range(of, _levels(mean[:, None], solved)[0], (LEVEL,))
    some = max(int(solved.sum()), 1)
    for name, sign in (("gaining_draws", 1.0), ("losing_draws", -1.0)):
        share = 100.0 * (sign * parts["real_income"][solved] >= UNCHANGED).sum(axis=0) / some
        cells[name] = _variable(
            share if solved.any() else np.full(share.shape, np.nan), ("economy",), "percent of draws",
            f"draws in which real income {'rises' if sign > 0 else 'falls'} by {UNCHANGED:g} percent or more",
        )  # fmt: skip
    return cells, _told(incomes.status[number])


def _range(of: str, values: FloatArray, dims: tuple[str, ...]) -> xr.Variable:
    """Points of the range of a variable; in rows they stand under its own name."""
    attrs = {"units": "percent", "long_name": "change of real income, over draws", "of": of}
    return xr.Variable(dims, values, attrs=attrs)


def _levels(values: FloatArray, solved: np.ndarray) -> FloatArray:
    """Percentiles over solved draws [column, level]; not a number where none is."""
    if not solved.any():
        return np.full((values.shape[1], len(LEVELS)), np.nan)
    return np.percentile(values[solved], _PERCENTILES, axis=0).T


def _told(status: Sequence[Status]) -> list[str]:
    failed = [each for each in status if each is not Status.OK]
    if not failed:
        return []
    return [
        f"{len(failed)} of {len(status)} draws have no equilibrium and are left out of ranges; the first: "
        f"{failed[0].message}."
    ]


def certainty(data: xr.Dataset) -> dict[str, int]:
    """How many economies gain, and lose, in at least 95 percent of draws, and how many signs stay open.

    Who neither gains nor loses, by `UNCHANGED` percent or more, in at least 95 percent of draws is in none of them.
    """
    gaining, losing = data["gaining_draws"].values, data["losing_draws"].values
    moved = gaining + losing > 100.0 - SURE
    found = {"gain": gaining >= SURE, "lose": losing >= SURE}
    found["open"] = moved & ~found["gain"] & ~found["lose"]
    return {name: int(where.sum()) for name, where in found.items()}


def _variable(values: FloatArray, dims: tuple[str, ...], units: str, long_name: str) -> xr.Variable:
    return xr.Variable(
        dims, np.asarray(values, dtype=np.float64), attrs={"units": units, "long_name": long_name}
    )
