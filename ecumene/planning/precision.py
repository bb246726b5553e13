"""How precise a plan of one economy, or of the world, would be: yesterday's table, and measurement error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from ecumene.errors import InputError
from ecumene.models import planning_errors
from ecumene.planning.national import came_from, place_of
from ecumene.planning.result import Precision
from ecumene.questions import question_of
from ecumene.sidebyside import Count, Progress
from ecumene.types import FloatArray
from ecumene.world import World

AT_CURRENT_PRICES = (
    "Both tables are at the prices of their own years: a difference between them mixes changes of prices with "
    "changes of "
    "technology, so that it overstates what planners of quantities would get wrong where prices moved."
)


def plan_precision(
    world: World,
    economy: str | None = None,
    *,
    yesterday: World | None = None,
    errors: Sequence[float] = planning_errors.LEVELS,
    draws: int = 20,
    seed: int = 0,
    progress: Progress | None = None,
) -> Precision:
    """What would be short, and what in surplus, if production were planned from an imperfect table.

    The plan aims at the final uses and net exports of the world's year. For one economy recipes are its total inputs,
    domestic and imported; without an economy the whole world is planned, industry by industry of every economy. With
    `yesterday`, a world of the same economies and sectors, its recipes make the plan; and always recipes measured
    with an independent error of each of `errors`, as a share, `draws` times from `seed`.
    Errors: InputError (worlds that do not fit, an unknown economy, errors outside 0 to 1).
    """
    _check(world, yesterday, seed)
    place = None if economy is None else place_of(world, economy)
    recipes, target, goods = _table(world, place)
    wanted = _errors(errors)
    if isinstance(draws, bool) or not isinstance(draws, int) or not 1 <= draws <= 10_000:
        raise InputError(f"draws is {draws!r:.40}; give a whole number from 1 to 10000")
    count = Count(draws + (yesterday is not None), progress)
    notes: list[str] = list(world.notes)
    data: dict[str, tuple[tuple[str, ...], object, str]] = {}
    if yesterday is not None:
        if yesterday.economies != world.economies or yesterday.sectors != world.sectors:
            raise InputError(
                "yesterday's world has other economies or sectors than today's; load two years of one source"
            )
        before, _, _ = _table(yesterday, place)
        found = planning_errors.execute(before, recipes, target)
        count.add("yesterday's table")
        share = np.divide(
            found.shortage - found.surplus,
            found.output,
            out=np.full(len(goods), np.nan),
            where=found.output > 0,
        )
        data |= {
            "yesterday_gap": (("good",), share, "share of planned output; above 0 is short"),
            "yesterday_shortage": ((), found.shortage_share, "share of all planned output"),
            "yesterday_surplus": ((), found.surplus_share, "share of all planned output"),
        }
        notes.append(f"Planned from {yesterday.source}. {AT_CURRENT_PRICES}")
        if found.unplanned:
            notes.append(
                f"{found.unplanned} goods had a planned output below 0, taken as 0: imports cover them."
            )
    drawn = planning_errors.measured_with_error(
        recipes, target, wanted, draws, seed, lambda draw: count.add("tables with errors")
    )
    data |= {
        "shortage": (("error", "draw"), drawn.shortage_share, "share of all planned output"),
        "surplus": (("error", "draw"), drawn.surplus_share, "share of all planned output"),
        "shortage_by_good": (("error", "good"), drawn.shortage, "share of planned output, mean over draws"),
        "surplus_by_good": (("error", "good"), drawn.surplus, "share of planned output, mean over draws"),
    }
    arrays = {
        name: xr.DataArray(np.asarray(values), dims=dims, attrs={"units": units})
        for name, (dims, values, units) in data.items()
    }
    labels = {"good": list(goods), "error": drawn.level, "draw": np.arange(1, draws + 1)}
    about = {"planned": "world" if place is None else world.economies[place]}
    asked = question_of(
        "precision", world, economy=economy, yesterday=yesterday, errors=list(wanted), draws=draws, seed=seed
    )
    return Precision(
        xr.Dataset(arrays, coords=labels, attrs=about), came_from(world, None, notes, asked, seed)
    )


def _check(world: World, yesterday: World | None, seed: int) -> None:
    for name, given in (("world", world), ("yesterday", yesterday)):
        if not isinstance(given, World) and (given is not None or name == "world"):
            raise InputError(f"{name} is {given!r:.60}; give a World, as ecumene.load_world(...) returns one")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(f"seed is {seed!r:.40}; give a whole number, at least 0")


def _errors(errors: Sequence[float]) -> tuple[float, ...]:
    try:
        wanted = tuple(float(error) for error in errors)
    except (TypeError, ValueError):
        wanted = ()
    if not wanted or len(set(wanted)) != len(wanted) or not all(0 <= error <= 1 for error in wanted):
        raise InputError(f"errors is {errors!r:.60}; give different shares from 0 to 1, as in (0.01, 0.1)")
    return wanted


def _table(world: World, place: int | None) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
    """Recipes, what output is aimed at, and names of goods: of one economy, or of every industry of the world."""
    if place is not None:
        output = world.output.values[place]
        used = world.intermediate.values[place]
        goods = world.sectors
    else:
        used, _ = world.flows()
        output = world.output.values.reshape(-1)
        goods = tuple(f"{economy} {sector}" for economy in world.economies for sector in world.sectors)
    recipes = np.divide(used, output, out=np.zeros_like(used), where=output > 0)
    return recipes, output - used.sum(axis=1), goods
