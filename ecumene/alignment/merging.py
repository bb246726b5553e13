"""One state out of several, or several out of one: what the state gives each part as borders get cheaper or dearer.

After Alesina, Spolaore and Wacziarg (2000): the dearer trade across borders is, the more a larger home market is worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from ecumene import given
from ecumene.alignment.evidence import Told, traits_of
from ecumene.alignment.observed import UNIONS
from ecumene.alignment.places import Rungs, codes_of, from_memberships, is_union, rungs_of, year_of
from ecumene.alignment.positions import from_file
from ecumene.errors import InputError
from ecumene.models import reliance, trade
from ecumene.models.alignment import TERMS
from ecumene.models.depths import Incomes, Ladder
from ecumene.models.purchases import purchases_of
from ecumene.types import BoolArray, FloatArray, IntArray
from ecumene.world import World

STATE = 6
"""Depth of one state on the ladder."""

COSTS = (-10.0, 0.0, 10.0, 25.0, 50.0)
"""Changes of the cost of trade across every border, percent."""

LEAST, MOST = -99.0, 10_000.0
"""Bounds of such a change: cheaper or dearer trade than between them has no equilibrium that can be trusted."""

_UNITS = {
    "trade": "log points x 100",
    "heterogeneity": "weighted distance",
    "security": "share",
    "cost": "percent of GDP",
    "sovereignty": "percentage points",
}


_MEANING = {
    "trade": "real income in one state less alone, 100 ln",
    "heterogeneity": "political distance to other members by size, as a loss, in one state less alone",
    "security": "share of a contest of capabilities, in one state less alone",
    "cost": "shared cost of the state, as a loss, in one state less alone",
    "sovereignty": "share of the value of output that is added inside the state, in one state less alone",
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

    Beside the terms of the payoff, `sovereignty`: percent of the value of an economy's output that is added inside its
    state (`models.reliance`), its own by itself and all members' in one state.
    costs: changes, in percent, of the cost of trade across every border of the world; links between members cross none
    once they are one state, and get the ladder's depth 6. rivals: against whom capabilities count; without, security is
    0. A term that the world has no data for is not a number. Errors: InputError, SolveError.
    """
    given.require_world(world)
    date = year_of(world)
    costs, against = _asked(world, costs, rivals)
    named = given.names("members", members, "['RUS', 'BLR']")
    codes = [code for name in named for code in codes_of(world, name, date)]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice or len(codes) < 2:
        raise InputError(
            f"{twice[0]} is named twice; name every economy once"
            if twice
            else "one state needs two economies or more"
        )
    at = np.array([world.economies.index(code) for code in codes])
    rungs = rungs_of(world)
    united = rungs.base.copy()
    united[np.ix_(at, at)] = np.maximum(STATE, united[np.ix_(at, at)])
    np.fill_diagonal(united, 0)
    points = _positions(world, positions)
    return _state(world, rungs, at, rungs.base, united, points, against, costs, progress)


def parting(
    world: World,
    economy: str,
    parts: Mapping[str, float],
    *,
    depth: int = 2,
    mixing: float = 1.0,
    costs: Sequence[float] = COSTS,
    positions: str | None = None,
    rivals: Sequence[str] = (),
    progress: Told | None = None,
) -> xr.Dataset:
    """Terms of an economy's parts in one state less those of each by itself [border, economy, term], unweighted.

    parts: new codes and their shares of the economy; the rest keeps its code. Parts are alike but for their size
    (`World.divide`, with `mixing`), stand politically where the country does unless a file of positions has their
    codes, and keep its agreements with others. depth: of integration between them once they have parted, 0 to 6; 2 is
    free trade (assumption). Other arguments as in `merging`. Errors: InputError, WorldError, SolveError.
    """
    given.require_world(world)
    depth = given.whole("the depth of those who part", depth, 0, STATE)
    costs, against = _asked(world, costs, rivals)
    name = given.text("the economy to divide", economy, "give one code or name, as 'DEU'")
    (code, *more) = codes_of(world, name, year_of(world))
    if more or is_union(world, name):
        raise InputError(f"{name} is a union of several economies; name one economy to divide")
    groups = [part for part in given.mapping("parts", parts, "{'PART': 0.2}") if is_union(world, part)]
    if groups:
        raise InputError(f"the part {groups[0]} has the name of a union; give it a new code, as PART")
    finer = world.divide(code, parts, mixing)
    at = np.array([finer.economies.index(name) for name in (code, *parts)])
    parent = np.arange(len(finer.economies))
    parent[at] = at[0]
    own = rungs_of(world)
    united = own.base[np.ix_(parent, parent)]
    united[np.ix_(at, at)] = STATE
    apart = united.copy()
    apart[np.ix_(at, at)] = depth
    for matrix in (united, apart):
        np.fill_diagonal(matrix, 0)
    points = _positions(world, positions)[parent]
    if positions is not None:
        named = from_file(finer, positions, year_of(world))[0]
        points = np.where(np.isnan(named), points, named)
    rungs = own._replace(base=united, without=own.without[parent])
    return _state(finer, rungs, at, apart, united, points, against, costs, progress)


def _asked(world: World, costs: object, rivals: object) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Changes of costs, and codes of rivals, as given. Errors: InputError."""
    changes = given.numbers(
        "costs", costs, LEAST, MOST, f"give percentages from {LEAST:g} to {MOST:g}, above -100"
    )
    if len(set(changes)) < len(changes):
        raise InputError(f"costs names {max(changes, key=changes.count):g} twice; give every change once")
    named = given.names("rivals", rivals, "['USA', 'CHN']")
    return changes, tuple(code for name in named for code in codes_of(world, name, year_of(world)))


def _state(
    world: World,
    rungs: Rungs,
    at: IntArray,
    apart: IntArray,
    united: IntArray,
    points: FloatArray,
    rivals: Sequence[str],
    costs: Sequence[float],
    progress: Told | None,
) -> xr.Dataset:
    """Terms of the economies `at` in one state less those of each by itself, at every cost of borders."""
    rest = _rest(world, at, points, rivals)
    gains, inside = np.empty((len(costs), len(at))), np.empty((len(costs), len(at)))
    alone, together = np.eye(len(world.economies), dtype=bool), np.eye(len(world.economies), dtype=bool)
    together[np.ix_(at, at)] = True
    for number, cost in enumerate(costs):
        border = np.full(rungs.base.shape, 1.0 + cost / 100.0)
        np.fill_diagonal(border, 1.0)
        none = border.copy()
        none[np.ix_(at, at)] = 1.0
        each = _outcome(world, rungs, border, apart, alone)
        one = _outcome(world, rungs, none, united, together)
        gains[number], inside[number] = 100.0 * (one.income - each.income)[at], (one.inside - each.inside)[at]
        if progress is not None:
            progress(number + 1, len(costs), "costs of borders")
    cells = np.concatenate([gains[:, :, None], np.broadcast_to(rest, (len(costs), *rest.shape))], axis=2)
    terms = {term: cells[:, :, k] for k, term in enumerate(TERMS)} | {"sovereignty": inside}
    return xr.Dataset(
        {
            term: xr.Variable(
                ("border", "economy"), values, attrs={"units": _UNITS[term], "long_name": _MEANING[term]}
            )
            for term, values in terms.items()
        },
        coords={"border": list(map(float, costs)), "economy": [world.economies[i] for i in at]},
    )


class _Outcome(NamedTuple):
    """What becomes of every economy."""

    income: FloatArray  # log real income against the base
    inside: FloatArray  # percent of the value of its output that is added inside its state


def _outcome(world: World, rungs: Rungs, border: FloatArray, depth: IntArray, states: BoolArray) -> _Outcome:
    """The equilibrium under depths and dearer borders; states: which two economies are in one. Errors: SolveError."""
    technology = trade._technology(world, 1.0, 1.0, 1.0, None, float("inf"))
    case = trade.case_of(world, border, None, None, None, technology, trade.Options())
    iceberg, tariff = Incomes(case, Ladder(*rungs)).policy(depth)
    eq = trade.solve(world, iceberg=iceberg, tariff=tariff)
    eq.raise_unless_ok()
    chains = reliance.supply_chains(eq.trade.values, purchases_of(eq).intermediate, eq.tariff)
    added = reliance.economies_reliance(chains, chains.output).value_added
    return _Outcome(np.log(eq.real_income.values), 100.0 * np.where(states, added, 0.0).sum(axis=0))


def _positions(world: World, positions: str | None) -> FloatArray:
    date = year_of(world)
    return (
        from_memberships(world, date, UNIONS) if positions is None else from_file(world, positions, date)[0]
    )


def _rest(world: World, at: IntArray, points: FloatArray, rivals: Sequence[str]) -> FloatArray:
    """Terms besides trade inside one state less those alone [economy, 3]; not a number without data."""
    against = np.zeros(len(world.economies), dtype=bool)
    against[[world.economies.index(code) for code in rivals]] = True
    traits = traits_of(world, points, np.broadcast_to(against, (len(against), len(against))).copy())
    ties = traits.ties()
    company = sorted(at.tolist())
    found = np.array([ties.terms(int(i), company, STATE) - ties.terms(int(i), [int(i)], 0) for i in at])
    if traits.capability is None:
        found[:, 1] = np.nan
    if not points.shape[1]:
        found[:, 0] = np.nan
    return found
