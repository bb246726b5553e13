"""Players that revise their stance: exact equilibria, their surrogate, paths, loops and maps as labelled numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from jaxtyping import Int

from ecumene.alignment.evidence import incomes_of
from ecumene.evolution.arrivals import drawn, happenings_of, losses
from ecumene.evolution.meaning import meaning, same_as_open
from ecumene.evolution.outcome import Cells
from ecumene.evolution.paths import QUANTILES, Field, path_cells, path_seeds, paths_of, portions, spread
from ecumene.evolution.players import Places, places_of
from ecumene.evolution.regimes import regimes_of
from ecumene.evolution.rules import Carried
from ecumene.evolution.store import Kept
from ecumene.models import dynamics, meanfield, stances
from ecumene.models.dynamics import Behaviour
from ecumene.models.stances import CHOICES, CLOSED, OPEN, Players, Stances, Terms
from ecumene.scenarios.schema import STANCES, Map, Revision, Sweep
from ecumene.security.assess import Happening
from ecumene.sidebyside import Count, Progress
from ecumene.types import FloatArray, IntArray
from ecumene.world import World

REGIMES: Final = (*STANCES, "mixed")

NOTES: Final = (
    "Payoffs are those of trade alone, 100 ln of real income, with backlash and pressure; security, politics and "
    "beliefs about what others will do are absent (assumption).",
    "Between checkpoints incomes are a surrogate: effects of one and of two players' stances, from exact equilibria.",
    "Losers are sectors whose value added, bound in place, would earn more were their economy closed and all others as "
    "at the start (assumption).",
    "What shocks cost under a stance is measured where every player takes it (assumption).",
    "Numbers of behaviour are the scenario's (assumptions).",
)


class Ground(NamedTuple):
    """What a revision stands on, checked before anything is solved: players, and what shocks do."""

    places: Places
    happenings: list[Happening]
    notes: tuple[str, ...]


def ground_of(world: World, wanted: Revision, folder: Path, seed: int, carried: Carried) -> Ground:
    """Players and shocks on a world. Errors: ScenarioError, ShockError, MissingLayerError."""
    return Ground(places_of(world, wanted), *happenings_of(world, wanted.shocks, folder, seed, carried))


def revision_cells(
    world: World,
    wanted: Revision,
    ground: Ground,
    years: int,
    seed: int,
    progress: Progress | None,
    workers: int | None,
    folder: Path | None = None,
) -> tuple[Cells, dict[str, Any], tuple[str, ...]]:
    """Numbers, labels and notes of the revisions of a scenario; folder: where what is solved is kept.

    Errors: SolveError.
    """
    places, happenings, told = ground
    checked = wanted.checkpoints or tuple(sorted({0, years // 2, years}))
    N = len(places.names)
    states = stances.surrogate_states(places.start, places.allowed)
    cells_of_map = 0 if wanted.map is None else wanted.map.up.steps * wanted.map.across.steps
    raised = 0 if wanted.hysteresis is None else 2 * wanted.hysteresis.steps + PATHS_IN_LOOP
    bound = 1 + int(places.allowed.sum()) - N
    many = range(wanted.paths)
    drawing = len(portions(many, years * N * CHOICES)) + len(portions(many, (years + 1) * len(places.group)))
    count = Count(
        len(states)
        + bound
        + len(happenings) * len(STANCES)
        + drawing
        + len(checked) * min(wanted.checked_paths, wanted.paths)
        + raised
        + cells_of_map,
        progress,
    )
    field, notes = _field(world, wanted, places, states, happenings, seed, count, workers, folder)
    how, push = _behaviour(wanted.behaviour)
    found = paths_of(
        field, how, push, years, path_seeds(seed, wanted.paths), lambda: count.add("paths drawn")
    )
    cells = path_cells(
        world, field, found, wanted.behaviour.compensation, lambda: count.add("incomes on paths")
    )
    more, lengths = _checkpoints(world, field, found.choice, checked, wanted.checked_paths, count, workers)
    cells |= more
    coords: dict[str, Any] = {
        "year": list(range(years + 1)),
        "player": list(places.names),
        "stance": list(STANCES),
        "regime": list(REGIMES),
        "quantile": list(QUANTILES),
        "checkpoint": list(checked),
        "checked_path": list(range(1, lengths + 1)),
    }
    if wanted.hysteresis is not None:
        named = [arrival.shock for arrival in wanted.shocks]
        more, labels = _loop(field, how, push, wanted.hysteresis, named, seed, count)
        cells, coords = cells | more, coords | labels
    if wanted.map is not None:
        more, labels = _map(field, wanted, wanted.map, years, seed, count)
        cells, coords = cells | more, coords | labels
    cells["exact_residual"] = ((), field.exact.residual, "relative", "largest error of all exact equilibria")
    return cells, coords, (*NOTES, *told, *notes)


def _field(
    world: World, wanted: Revision, places: Places, states: list[IntArray], happenings: list[Happening], seed: int,
    count: Count, workers: int | None, folder: Path | None,
) -> tuple[Field, tuple[str, ...]]:  # fmt: skip
    told = wanted.policies
    terms = Terms(
        told.bloc_depth, told.bloc_tariff_points / 100, told.bloc_cost_percent / 100, told.tariff_points / 100,
        told.closed_tariff_points / 100, told.closed_cost_percent / 100, told.closed_depth,
    )  # fmt: skip
    incomes = incomes_of(world)
    rungs = incomes.ladder
    basis = (world.hash, *map(np.asarray, rungs), places.group, places.bloc, tuple(terms))
    exact = Stances(incomes, Players(places.group, places.bloc), terms, Kept(folder, basis).recall)
    exact.many(states, lambda: count.add("states of the surrogate"), workers)
    surrogate = stances.surrogate(places.start, places.allowed, exact.known)
    loss = _losers(world, exact, places, lambda: count.add("losers by sector"))
    cost, notes = np.zeros((0, len(places.names), len(STANCES))), ()
    if happenings:
        rules = [exact.rules(np.where(places.allowed[:, k], k, OPEN)) for k in range(len(STANCES))]
        cost, notes = losses(world, happenings, rules, places.share, lambda: count.add("what shocks cost"), Kept(
            folder, (*basis, places.allowed, seed)
        ).recall)  # fmt: skip
    notes = (meaning(told, places.allowed), *same_as_open(exact, places.allowed), *notes)
    land = stances.landscape(surrogate, places.share, loss, places.allowed)
    chance = np.array([arrival.per_year for arrival in wanted.shocks])
    return Field(places, land, surrogate, exact, chance, cost), notes


def _losers(world: World, exact: Stances, places: Places, tell: Callable[[], None]) -> FloatArray:
    """Percent of a player's income that sectors would earn more were it closed, by its stance [player, stance].

    `L_ik = 100 sum_s a_is max(exp(ln w_is(closed) - ln w_is(k)) - 1, 0)`, w the real price of value added bound to its
    sector, a the sector's share of value added, all others as at the start.
    """
    value = world.value_added.values
    share = value / value.sum(axis=1, keepdims=True)
    begin = exact.sector_wages(places.start)
    tell()
    out = np.zeros((len(places.names), len(STANCES)))
    for i in range(len(out)):
        wages = {int(places.start[i]): begin}
        for k in range(CHOICES):
            if places.allowed[i, k] and k not in wages:
                state = places.start.copy()
                state[i] = k
                wages[k] = exact.sector_wages(state)
                tell()
        for k, wage in wages.items():
            gain = np.maximum(np.expm1(wages[CLOSED] - wage), 0.0)
            out[i, k] = 100.0 * places.share[i] @ (share * gain).sum(axis=1)
    return out


def _behaviour(told: Any) -> tuple[Behaviour, float]:
    """A scenario's behaviour as the model takes it, and the pressure from outside."""
    uncompensated = 1.0 - told.compensation
    never = told.threshold is None or uncompensated == 0.0
    how = Behaviour(
        beta=told.responsiveness,
        rate=told.revisions_per_year,
        switching=told.switching_cost,
        weight=told.backlash_weight * uncompensated,
        decay=told.backlash_decay,
        threshold=np.inf if never else told.threshold / uncompensated,
        jump=told.jump,
    )
    return how, told.pressure


def _checkpoints(
    world: World,
    field: Field,
    choice: Int[np.ndarray, "paths years N"],
    years: tuple[int, ...],
    most: int,
    count: Count,
    workers: int | None,
) -> tuple[Cells, int]:
    """Exact equilibria of the first paths in some years, beside the surrogate's."""
    states = choice[:most, list(years)]
    flat = states.reshape(-1, states.shape[-1]).astype(np.int64)
    exact = np.stack(field.exact.many(list(flat), lambda: count.add("checkpoints"), workers))
    exact = exact.reshape(*states.shape[:2], -1)
    about = field.surrogate.at(states)
    weight = world.income.values / world.income.values.sum()
    level = np.exp(field.surrogate.level / 100.0)
    both = [100.0 * (np.exp(each / 100.0) / level - 1.0) @ weight for each in (exact, about)]
    axes = ("checked_path", "checkpoint")
    gap = np.abs(np.einsum("ptr,nr->ptn", about - exact, field.places.share)).max(axis=2)
    return {
        "exact_world": (axes, both[0], "percent", "the world's real income against the start, exact"),
        "surrogate_world": (axes, both[1], "percent", "the same by the surrogate"),
        "surrogate_error": (axes, gap, "log points x 100", "largest difference of a player's real income"),
    }, len(states)


def _loop(
    field: Field, how: Behaviour, push: float, wanted: Sweep, named: Sequence[str], seed: int, count: Count
) -> tuple[Cells, dict[str, Any]]:
    """A pressure, or a shock's chance, raised and lowered: slowly, in expectation, and as drawn paths follow it."""
    N = len(field.places.names)
    values = np.linspace(wanted.lowest, wanted.highest, wanted.steps)
    first = np.eye(len(STANCES))[field.places.start]
    there = np.repeat(np.concatenate([values, values[::-1]]), wanted.years)
    years, seeds = len(there), path_seeds(seed, PATHS_IN_LOOP)
    if wanted.shock is None:
        what, unit, hit = "pressure towards closing", "log points x 100", None
        pressure = np.broadcast_to(there[:, None], (years, N))
    else:
        what, unit = f"chance of {wanted.shock} in a year", "share"
        hit = field.cost[named.index(wanted.shock)]
        pressure = np.full((years, N), push)
    slow = meanfield.sweep(
        field.land, how, first, values, field.places.size, hit=hit, pressure=push,
        tell=lambda: count.add("loop in expectation"),
    )  # fmt: skip
    shares = []
    for some in portions(seeds, years * N * len(STANCES)):
        arriving = None if hit is None else drawn(there[:, None], some, years)[..., None] * hit
        paths = dynamics.evolve(
            field.land, how, field.places.start, years, some, shock=arriving, pressure=pressure
        )
        shares.append(regimes_of(np.asarray(paths.choice), field.places.size).share[:, 1:, CLOSED])
        count.add("loop in drawn paths", len(some))
    closed = np.concatenate(shares)
    last = closed.reshape(len(closed), 2, wanted.steps, wanted.years)[..., -1]
    ways = [spread(last[:, 0]), spread(last[:, 1, ::-1])]
    middle = list(QUANTILES).index("median")
    apart = meanfield.half(values, ways[0][middle]) - meanfield.half(values, ways[1][middle])
    axes = ("quantile", "raised")
    share = "share"
    return {
        "closed_rising": (("raised",), slow.up, share, "players closed, by income, expected, as it rises"),
        "closed_falling": (("raised",), slow.down, share, "the same as it falls again"),
        "closed_rising_drawn": (axes, ways[0], share, "the same in drawn paths"),
        "closed_falling_drawn": (axes, ways[1], share, "the same in drawn paths"),
        "closes_at": ((), slow.closes, unit, f"{what} at which over half of income is closed, rising"),
        "opens_at": ((), slow.opens, unit, f"{what} below which over half is not closed any more, falling"),
        "loop_width": ((), slow.width, unit, f"between the two; 0 where the same way leads back; raised: {what}"),
        "loop_restless": (
            (), float(np.isnan([slow.up, slow.down]).sum()), "number", "values where chances do not come to rest",
        ),
        "loop_width_drawn": ((), apart, unit, "the same in the median of drawn paths, which also lag behind"),
    }, {"raised": values}  # fmt: skip


PATHS_IN_LOOP: Final = 40
"""Paths that follow what is raised, up and down."""


def _map(
    field: Field, wanted: Revision, asked: Map, years: int, seed: int, count: Count
) -> tuple[Cells, dict[str, Any]]:
    """Which regime holds in the last half of the years, over two parameters."""
    across, up = (np.linspace(axis.lowest, axis.highest, axis.steps) for axis in (asked.across, asked.up))
    closed = np.zeros((len(up), len(across)))
    regime = np.zeros_like(closed)
    seeds = path_seeds(seed, asked.paths)
    for row, y in enumerate(up):
        for column, x in enumerate(across):
            told = wanted.behaviour.model_copy(
                update={asked.across.parameter: float(x), asked.up.parameter: float(y)}
            )
            how, push = _behaviour(told)
            late = paths_of(field, how, push, years, seeds, lambda: None).choice[:, -(years // 2 + 1) :]
            found = regimes_of(late, field.places.size)
            closed[row, column] = found.share[..., CLOSED].mean()
            regime[row, column] = found.time.mean(axis=0).argmax()
            count.add("map of regimes")
    axes = ("up", "across")
    names = f"{asked.up.parameter} by {asked.across.parameter}"
    return {
        "map_closed": (
            axes,
            closed,
            "share",
            f"players closed, by income, in the last half of the years: {names}",
        ),
        "map_regime": (
            axes,
            regime,
            "number",
            f"regime that holds longest then, from 0 in {REGIMES}: {names}",
        ),
    }, {"up": up, "across": across}
