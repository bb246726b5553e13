"""The national plan: a world, an economy, an order's prices and the models of planning, joined."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import xarray as xr

from ecumene import countries
from ecumene.errors import InputError, SolveError
from ecumene.models import planning
from ecumene.models.planning_duals import bottlenecks as bottlenecks_of
from ecumene.models.planning_model import require_planning
from ecumene.planning import numbers
from ecumene.planning.accounts import Economy, economy_of
from ecumene.planning.prices import trade_under
from ecumene.planning.result import PlanResult
from ecumene.plans import Reference, Settings, load_settings
from ecumene.plans.reading import checked
from ecumene.provenance import Provenance, machine, versions
from ecumene.questions import question_of
from ecumene.sidebyside import Count, Progress
from ecumene.world import World

if TYPE_CHECKING:
    from ecumene.models.trade import Equilibrium
    from ecumene.orders import Order

MOST_BOTTLENECKS: Final = 1000

BASE: Final = "base"
"""Named in place of an order where prices abroad are those of the base."""


def plan(
    world: World,
    economy: str,
    *,
    settings: Settings | str | os.PathLike[str] | None = None,
    horizon: str | None = None,
    years: int | None = None,
    import_cut: float | Sequence[float] | None = None,
    required: float | Sequence[float] | None = None,
    order: Order | str | os.PathLike[str] | None = None,
    bottlenecks: int = 10,
    frontier: bool | Sequence[float] = False,
    break_even: bool = False,
    progress: Progress | None = None,
) -> PlanResult:
    """The plan of one economy with the highest discounted living standard, and what stands in its way.

    `max sum_t d^t alpha_t + d^T w (q k) / sum f` subject to needs, capacity, labour, resources, foreign exchange and
    an import cut (`models.planning_model.assemble`). `settings` is a plan file or `Settings`; `horizon`, `years`,
    `import_cut` and `required` win over it. With an `order`, prices of imports and exports and what partners buy
    come from its trade equilibrium; without, from the base. `frontier` adds plans at import cuts of 0 to 100 %, or
    at those given, `break_even` the productivity gain at which the mean living standard is that of the plan with
    nothing cut. Units: million USD a year at base prices. Where the required living standard cannot be reached, the
    result says so (`feasible`) and names what is missing in `shortage`.

    Errors: InputError (an unknown economy, settings that do not fit, linopy not installed), SolveError (no
    equilibrium under the order, or a plan that is unbounded, unfinished or without its certificate).
    """
    require_planning()
    chosen = settled(settings, horizon=horizon, years=years, import_cut=import_cut, required=required)
    place = place_of(world, economy)
    wanted = _number(bottlenecks)
    cuts = cuts_of(frontier)
    rounds = chosen.learning.rounds if chosen.learning else 0
    count = Count(2 + (wanted > 0) + len(cuts) + bool(break_even) + (order is not None) + rounds, progress)
    under = equilibrium_under(world, order)
    trade = None
    if under is not None:
        trade = trade_under(world, place, under[1], under[0].name)
        count.add("prices")
    prepared_for = economy_of(world, place, chosen, trade)
    data, found = _planned(world, prepared_for, chosen, wanted, cuts, break_even, count)
    notes = [*world.notes, *found, *prepared_for.notes]
    if prepared_for.least.any():
        notes.append("While no import is cut, the living standard does not fall below that of the base.")
    asked = question_of(
        "plan",
        world,
        economy=economy,
        settings=chosen,
        order=None if under is None else under[0],
        bottlenecks=wanted,
        frontier=frontier if isinstance(frontier, bool) else list(cuts),
        break_even=bool(break_even),
    )
    provenance = came_from(world, None if under is None else under[0], notes, asked)
    return PlanResult(data.assign_attrs(settings=chosen.model_dump_json(by_alias=True)), provenance)


def came_from(
    world: World, order: Order | None, notes: Sequence[str], asked: Mapping[str, Any], seed: int | None = None
) -> Provenance:
    """Where the numbers of plans come from, at the prices of an order or of the base; asked: what makes them again."""
    return Provenance(
        order=BASE if order is None else order.name,
        order_title="Prices of the base" if order is None else order.title,
        order_hash="" if order is None else order.hash,
        data_hash=world.hash,
        world_source=world.source,
        world_year=world.year,
        theta_source=world.theta_source,
        deficits=world.deficits,
        seed=seed,
        versions=versions("linopy", "highspy"),
        notes=tuple(dict.fromkeys(notes)),
        recipe=asked,
        machine=machine(),
    )


def settled(settings: Settings | str | os.PathLike[str] | None, **given: Any) -> Settings:
    """Settings of a file or as given, with what the caller says beside them. Errors: PlanError."""
    if isinstance(settings, str | os.PathLike):
        settings = load_settings(settings)
    if settings is not None and not isinstance(settings, Settings):
        raise InputError(f"settings is {settings!r:.60}; give Settings, the path of a plan file, or nothing")
    said = {name: _plain(value) for name, value in given.items() if value is not None}
    own = {} if settings is None else settings.model_dump(exclude_unset=True, by_alias=True)
    if "horizon" in said and "years" not in said:
        own.pop("years", None)
    return checked({**own, **said}, "plan")


def _plain(value: Any) -> Any:
    """Numbers of NumPy and pandas as Python's own, so that settings can be strict."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return (
        [_plain(each) for each in value]
        if isinstance(value, Sequence) and not isinstance(value, str)
        else value
    )


def place_of(world: World, economy: str) -> int:
    """Where an economy stands in a world, by code or name. Errors: InputError with the nearest one."""
    if not (hasattr(world, "economies") and hasattr(world, "trade")):
        raise InputError(f"world is {world!r:.60}; give a World, as ecumene.load_world(...) returns one")
    if not isinstance(economy, str):
        raise InputError(f"economy is {economy!r:.60}; give one code or name, such as 'DEU'")
    by_case = {code.upper(): n for n, code in enumerate(world.economies)}
    found = by_case.get(economy.upper(), by_case.get(countries.find(economy) or ""))
    if found is None:
        near = countries.nearest(economy, [*world.economies, *map(countries.name_of, world.economies)])
        hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(world.economies[:8])}, ..."
        raise InputError(f"no economy '{economy:.60}' in {world.source}; {hint}")
    return found


def _number(bottlenecks: int) -> int:
    if (
        isinstance(bottlenecks, bool)
        or not isinstance(bottlenecks, int)
        or not 0 <= bottlenecks <= MOST_BOTTLENECKS
    ):
        raise InputError(
            f"bottlenecks is {bottlenecks!r:.40}; give a whole number from 0 to {MOST_BOTTLENECKS}"
        )
    return bottlenecks


def cuts_of(frontier: bool | Sequence[float]) -> tuple[float, ...]:
    if isinstance(frontier, bool):
        return planning.CUTS if frontier else ()
    try:
        cuts = tuple(float(cut) for cut in frontier)
    except (TypeError, ValueError):
        cuts = (np.nan,)
    if not all(0 <= cut <= 1 for cut in cuts) or len(set(cuts)) != len(cuts):
        raise InputError(
            f"frontier is {frontier!r:.60}; give True, or different shares of base imports from 0 to 1"
        )
    return cuts


def equilibrium_under(world: World, order: Order | Reference | None) -> tuple[Order, Equilibrium] | None:
    """An order and its equilibrium; None is the base. Errors: InputError, SolveError (no equilibrium)."""
    if order is None:
        return None
    from ecumene.runs import equilibrium  # compiles programs, which a plan at base prices does not need

    return equilibrium(world, order)


def _planned(
    world: World,
    economy: Economy,
    settings: Settings,
    wanted: int,
    cuts: Sequence[float],
    break_even: bool,
    count: Count,
) -> tuple[xr.Dataset, list[str]]:
    """The labelled numbers of everything that was asked, and notes."""
    programme = economy.programme
    further: dict[str, Any] = {}
    labels: dict[str, Any] = {}
    notes: list[str] = []
    if settings.learning is not None:
        taught = planning.learn(
            programme,
            settings.learning.rate,
            settings.learning.experience * _experience(economy),
            settings.learning.rounds,
            told=lambda done: count.add("learning"),
        )
        if taught.rounds < settings.learning.rounds:
            count.add("learning", settings.learning.rounds - taught.rounds)
        programme = replace(programme, learning=taught.factor)
        further |= {"learning_factor": taught.factor, "learning_change": taught.change}
        notes.append(
            f"Unit costs fall by {settings.learning.rate:.0%} at each doubling of cumulated output; after "
            f"{taught.rounds} "
            f"rounds no factor changed by more than {taught.change:.1e}."
        )
    prepared = planning.prepare(programme)
    with planning.keeping(prepared, economy.least):
        found = planning.plan(prepared)
        count.add("plan")
        if found.status not in (planning.PlanStatus.OPTIMAL, planning.PlanStatus.INFEASIBLE):
            raise SolveError(f"the plan of {economy.code}: {found.status.message}")
        lost = planning.unmade(programme)
        without = found
        if lost.any():
            with planning.doing_without(prepared, lost):
                without = planning.plan(prepared)
        standard = np.asarray(programme.required) if programme.required.any() else np.ones(programme.years)
        lacking = planning.missing(prepared, standard)
        count.add("missing goods")
        if wanted:
            resources = tuple(resource.name for resource in settings.resources)
            priced = bottlenecks_of(prepared, wanted)
            scarce = numbers.of_bottlenecks(priced, economy, world.sectors, resources)
            further, labels = further | scarce[0], labels | scarce[1]
            count.add("bottlenecks")
    if cuts:
        drawn = numbers.of_frontier(
            *frontiers_of(prepared, cuts, lambda cut: count.add(f"import cut {cut:.0%}"))
        )
        further, labels = further | drawn[0], labels | drawn[1]
    if break_even:
        uncut = float(planning.frontier(prepared, (0.0,)).mean_living_standard[0])
        further |= numbers.of_break_even(planning.break_even(prepared, uncut))
        count.add("break even")
    return numbers.numbers(economy, world.sectors, found, without, lacking, further, labels), notes


def frontiers_of(
    prepared: planning.Prepared, cuts: Sequence[float], told: Callable[[float], None]
) -> tuple[planning.Frontier, planning.Frontier]:
    """The frontier, and the one where all do without goods that no technique makes."""
    found = planning.frontier(prepared, cuts, told)
    lost = planning.unmade(prepared.programme)
    if not lost.any():
        return found, found
    with planning.doing_without(prepared, lost):
        return found, planning.frontier(prepared, cuts)


def _experience(economy: Economy) -> np.ndarray:
    """A year of base output of each technique's good, whoever's technique it is."""
    p = economy.programme
    by_good = np.bincount(p.makes, weights=p.capacity, minlength=len(p.needs))
    return by_good[p.makes]
