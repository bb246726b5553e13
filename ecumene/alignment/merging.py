"""One state out of several: what it gives each of them as trade across borders gets cheaper or dearer.

The other way round it is what a state's parts would lose or gain by parting, were each an economy of the world. After
Alesina, Spolaore and Wacziarg (2000): the dearer trade across borders is, the more a larger home market is worth.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from ecumene.alignment.evidence import Told, traits_of
from ecumene.alignment.observed import UNIONS
from ecumene.alignment.places import codes_of, from_memberships, rungs_of, year_of
from ecumene.alignment.positions import from_file
from ecumene.errors import InputError
from ecumene.models import trade
from ecumene.models.alignment import TERMS
from ecumene.models.depths import Incomes, Ladder
from ecumene.types import FloatArray
from ecumene.world import World

STATE = 6
"""Depth of one state on the ladder."""

COSTS = (-10.0, 0.0, 10.0, 25.0, 50.0)
"""Changes of the cost of trade across every border, percent."""

_UNITS = {
    "trade": "log points x 100",
    "heterogeneity": "weighted distance",
    "security": "share",
    "cost": "percent of GDP",
}


def merging(
    world: World,
    members: Sequence[str],
    *,
    costs: Sequence[float] = COSTS,
    positions: str | None = None,
    rivals: Sequence[str] = (),
    progress: Told | None = None,
) -> xr.Dataset:
    """Terms of one state of several economies less those of each by itself [border, economy, term], unweighted.

    costs: changes, in percent, of the cost of trade across every border of the world; links between members cross none
    once they are one state, and get the ladder's depth 6. rivals: against whom capabilities count; without, security is
    0. A term that the world has no data for is not a number. Errors: InputError, SolveError.
    """
    date = year_of(world)
    codes = [code for name in members for code in codes_of(world, name, date)]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice or len(codes) < 2:
        raise InputError(
            f"{twice[0]} is named twice; name every economy once"
            if twice
            else "one state needs two economies or more"
        )
    wrong = [cost for cost in costs if not (np.isfinite(cost) and cost > -100)]
    if wrong or not len(costs):
        raise InputError(
            f"the cost change {wrong[0] if wrong else 'is missing'}: give percentages above -100"
        )
    at = np.array([world.economies.index(code) for code in codes])
    rest = _rest(world, at, positions, rivals)
    rungs = Ladder(*rungs_of(world))
    united = rungs.base.copy()
    united[np.ix_(at, at)] = np.maximum(STATE, united[np.ix_(at, at)])
    np.fill_diagonal(united, 0)
    gains = np.empty((len(costs), len(at)))
    for number, cost in enumerate(costs):
        border = np.full(rungs.base.shape, 1.0 + cost / 100.0)
        np.fill_diagonal(border, 1.0)
        none = border.copy()
        none[np.ix_(at, at)] = 1.0
        apart, together = _incomes(world, rungs, border), _incomes(world, rungs, none)
        gains[number] = 100.0 * (together.of(united) - apart.of(rungs.base))[at]
        if progress is not None:
            progress(number + 1, len(costs), "costs of borders")
    cells = np.concatenate([gains[:, :, None], np.broadcast_to(rest, (len(costs), *rest.shape))], axis=2)
    return xr.Dataset(
        {
            term: xr.Variable(("border", "economy"), cells[:, :, k], attrs={"units": _UNITS[term]})
            for k, term in enumerate(TERMS)
        },
        coords={"border": list(map(float, costs)), "economy": codes},
    )


def _incomes(world: World, rungs: Ladder, border: FloatArray) -> Incomes:
    technology = trade._technology(world, 1.0, 1.0, 1.0, None, float("inf"))
    case = trade.case_of(world, border, None, None, None, technology, trade.Options())
    return Incomes(case, rungs)


def _rest(world: World, at: np.ndarray, positions: str | None, rivals: Sequence[str]) -> FloatArray:
    """Terms besides trade inside one state less those alone [economy, 3]; not a number without data."""
    date = year_of(world)
    points = (
        from_memberships(world, date, UNIONS) if positions is None else from_file(world, positions, date)[0]
    )
    against = np.zeros(len(world.economies), dtype=bool)
    against[[world.economies.index(code) for name in rivals for code in codes_of(world, name, date)]] = True
    traits = traits_of(world, points, np.broadcast_to(against, (len(against), len(against))).copy())
    ties = traits.ties()
    company = sorted(at.tolist())
    found = np.array([ties.terms(int(i), company, STATE) - ties.terms(int(i), [int(i)], 0) for i in at])
    if traits.capability is None:
        found[:, 1] = np.nan
    return found
