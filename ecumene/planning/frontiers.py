"""Frontiers of many economies: each one's living standard against the cut of its imports, several at a time."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ecumene import given
from ecumene.errors import InputError
from ecumene.models import planning
from ecumene.models.planning_model import require_planning
from ecumene.planning import numbers
from ecumene.planning.accounts import economy_of
from ecumene.planning.national import (
    came_from,
    equilibrium_under,
    frontiers_of,
    place_of,
    settled,
)
from ecumene.planning.prices import trade_under
from ecumene.planning.result import PlanFrontiers
from ecumene.plans import Settings
from ecumene.processors import threads
from ecumene.questions import question_of
from ecumene.sidebyside import Count, Progress, Tell, together
from ecumene.world import World

if TYPE_CHECKING:
    from ecumene.orders import Order

ALL = (
    "Each economy is planned by itself: cuts are not made to fit each other.",
    "A base deficit goes on without being repaid, and a base surplus is the plan's to spend (assumption). What else is "
    "assumed of one economy alone stands in the notes of its own plan.",
)
"""What frontiers of any economies rest on."""


def plan_frontiers(
    world: World,
    economies: Sequence[str] | None = None,
    *,
    settings: Settings | str | os.PathLike[str] | None = None,
    horizon: str | None = None,
    years: int | None = None,
    cuts: Sequence[float] = planning.CUTS,
    order: Order | str | os.PathLike[str] | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> PlanFrontiers:
    """The living standard of economies, all by default, at import cuts of 0 to 100 %, each economy planned by itself.

    Returns the frontier's variables [economy, import_cut] with units; `frontier_status` and `frontier_residual` certify
    each plan, and a plan that is none is not a number. What each economy could do alone: cuts are not made to fit each
    other. `workers` economies are planned at a time (default: as many as there are processors). Settings, order and
    errors as in `plan`.
    """
    require_planning()
    side_by_side = threads(workers)
    chosen = settled(settings, horizon=horizon, years=years)
    wanted = given.numbers(
        "cuts", cuts, 0.0, 1.0, "give different shares of base imports from 0 to 1, as [0, 0.5, 1]"
    )
    if len(set(wanted)) < len(wanted):
        raise InputError(
            f"cuts names {max(wanted, key=wanted.count):g} twice; give different shares from 0 to 1"
        )
    places = _places(world, economies)
    count = Count(len(places) * len(wanted), progress)
    under = equilibrium_under(world, order)

    def frontier(n: int, tell: Tell) -> tuple[planning.Frontier, planning.Frontier, tuple[str, ...]]:
        trade = None if under is None else trade_under(world, n, under[1], under[0].name)
        economy = economy_of(world, n, chosen, trade)
        pair = frontiers_of(planning.prepare(economy.programme), wanted, lambda cut: tell(world.economies[n]))
        return *pair, economy.notes

    found = together([partial(frontier, n) for n in places], count.add, side_by_side)
    arrays: dict[str, Any] = {}
    each_one = [numbers.of_frontier(uncut, without)[0] for uncut, without, _ in found]
    for name in each_one[0]:
        _, units, long_name = numbers.VARIABLES[name]
        values = np.array([each[name] for each in each_one])
        arrays[name] = xr.DataArray(
            values, dims=("economy", "import_cut"), attrs={"units": units, "long_name": long_name}
        )
    coords = {"economy": [world.economies[n] for n in places], "import_cut": np.array(wanted)}
    alike = [text for text in found[0][2] if all(text in notes for *_, notes in found)]
    notes = (*world.notes, *alike, *ALL)
    settled_as = {"settings": chosen.model_dump_json(by_alias=True)}
    asked = question_of(
        "frontiers",
        world,
        economies=[world.economies[n] for n in places],
        settings=chosen,
        cuts=list(wanted),
        order=None if under is None else under[0],
    )
    return PlanFrontiers(
        xr.Dataset(arrays, coords=coords, attrs=settled_as),
        came_from(world, None if under is None else under[0], notes, asked),
    )


def _places(world: World, economies: Sequence[str] | None) -> list[int]:
    given.require_world(world)
    if economies is None:
        return list(range(len(world.economies)))
    named = given.names("economies", economies, "['GEO', 'DEU'], or leave it out for all")
    if not named:
        raise InputError("economies is empty; give a list of codes or names, or leave it out for all")
    places = [place_of(world, name) for name in named]
    twice = [world.economies[n] for n in places if places.count(n) > 1]
    if twice:
        raise InputError(f"economies names {twice[0]} twice; name each once")
    return places
