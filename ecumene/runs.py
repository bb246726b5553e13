"""`run` and `compare`: the only place where a world, an order and the models meet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from pydantic import BaseModel

from ecumene import variants
from ecumene.contests import Chosen, chosen_tariffs
from ecumene.errors import InputError, SolveError
from ecumene.given import listed
from ecumene.measures import measure, missing_goods
from ecumene.models import trade
from ecumene.models.bases import Technology
from ecumene.models.ensemble import solve_draws
from ecumene.models.purchases import purchases_of
from ecumene.orders import Order, Policy, apply, load_order, preset_names, unions
from ecumene.orders.clubs import Club, clubs_of
from ecumene.orders.reading import Reference
from ecumene.priors.draws import Draws, draw
from ecumene.processors import threads
from ecumene.provenance import Provenance, Solve, machine, versions
from ecumene.ranges import DRAWS, drawing, of_draws
from ecumene.recipes import recipe_of
from ecumene.results import LEVEL, LEVELS, QUANTILES, Comparison, Result, join
from ecumene.sidebyside import Count, Progress, Tell, together
from ecumene.types import FloatArray
from ecumene.world import World

if TYPE_CHECKING:
    from ecumene.security.numbers import Plan
    from ecumene.shocks import Shock

THETA_FACTORS: Final = (0.6, 1.0, 1.6)
"""Factors on the world's trade elasticities for the low, central and high result (assumption)."""


class Questions(NamedTuple):
    """What is asked of every order: elasticities, solves, shocks, sovereignty, reasons; where chosen tariffs lie."""

    factors: tuple[float, ...]
    further: tuple[variants.Variant, ...]
    security: Plan | None
    drawn: Draws | None
    sovereignty: bool
    tariffs_folder: Path | None
    why: bool

    @property
    def quantiles(self) -> tuple[str, ...]:
        """Labels of the elasticities: low, central and high, or the central ones alone."""
        return QUANTILES if len(self.factors) > 1 else QUANTILES[1:2]

    @property
    def middle(self) -> int:
        """Place of the central elasticities."""
        return len(self.factors) // 2

    def steps(self, world: World, policy: Policy) -> int:
        """Steps of one order that progress counts."""
        solves = len(self.factors) * (1 + len(self.further) + self.sovereignty) + (policy.contest is not None)
        solves += 0 if self.drawn is None else self.drawn.number
        return solves + (0 if self.security is None else self.security.steps(len(world.economies)))


class _Ran(NamedTuple):
    """An order that was run: its numbers, and the case that draws of parameters start from."""

    result: Result
    policy: Policy  # with the tariffs that players chose
    deficits: str


def run(
    world: World,
    order: Order | Reference,
    *,
    progress: Progress | None = None,
    theta_factors: Sequence[float] = THETA_FACTORS,
    also: Sequence[str] | str = (),
    shocks: Sequence[Shock | Reference] | Shock | Reference = (),
    security: int = 0,
    shock_draws: int = 0,
    seed: int = 0,
    draws: int = DRAWS,
    sovereignty: bool = False,
    why: bool = False,
    draws_folder: Path | None = None,
    tariffs_folder: Path | None = None,
) -> Result:
    """What one order does to every economy of a world, over a range of trade elasticities.

    Each of the three solves changes trade costs and tariffs from the world's base to the order's, with the
    elasticities `theta` multiplied by the low, central and high factor; one factor alone gives a point estimate,
    labelled central, without a range. Changes are in percent of the base.
    The world's change is `sum_n I_n g_n / sum_n I_n`, weights base income, and population where it is known.
    `also` adds answers to further questions, each from solves of its own (`variants.VARIANTS`): `rents`, the order's
    raised barriers as income of the importer or of the exporter, beside waste; `groups`, real wages of labour types
    and capital and the spread of gains.
    `shocks`, by name or file, happen under the order's central equilibrium; `security` draws that many years of
    accidents (those of a named shock with `chance`, else the catalogue's `random`) from `seed`, the same under every
    order; `shock_draws` of the parameters of shocks, epidemics and banks give the range of every named shock's loss,
    and of what accidents cost in the mean and in the worst years.
    `draws` of the parameters in the table of priors (`priors`), from the same seed and the same for every order,
    give the range of real income (`ranges`); 0 is for point results only.
    Years drawn are kept in `draws_folder`, where one is given, and found again there; so are, in
    `tariffs_folder`, the rates of an order whose players choose their tariffs, and verified before they count.
    `sovereignty` adds what the order's flows say of dependence: reliance on abroad, its largest partner, strategic
    products, and energy, food and minerals produced over used (`dependence.numbers.MEASURES`). `why` adds where each
    economy's gain comes from at central elasticities: by cause, partner and sector (`reasons`).

    Errors: InputError (an order or a shock that does not fit, a factor not positive), SolveError (no equilibrium).
    """
    asked = _questions(
        world,
        theta_factors,
        also,
        shocks,
        security,
        shock_draws,
        seed,
        draws,
        sovereignty,
        why,
        draws_folder,
        tariffs_folder,
    )
    chosen = _order(order)
    policy = apply(chosen, world)
    tell = Count(asked.steps(world, policy), progress).add
    return _with_ranges(world, [_run(world, chosen, policy, asked, tell)], asked, tell, None)[0]


def compare(
    world: World,
    orders: Iterable[Order | Reference] | Order | Reference | None = None,
    *,
    progress: Progress | None = None,
    theta_factors: Sequence[float] = THETA_FACTORS,
    also: Sequence[str] | str = (),
    shocks: Sequence[Shock | Reference] | Shock | Reference = (),
    security: int = 0,
    shock_draws: int = 0,
    seed: int = 0,
    draws: int = DRAWS,
    sovereignty: bool = False,
    why: bool = False,
    draws_folder: Path | None = None,
    tariffs_folder: Path | None = None,
    workers: int | None = None,
    point: Callable[[Comparison], None] | None = None,
) -> Comparison:
    """Several orders on one world, side by side; all presets by default. Questions as in `run`.

    `workers` orders are solved at a time, each in a thread of its own (default: as many as there are processors).
    `point` hears the comparison without ranges as soon as it is there.
    An order that finds no equilibrium is left out of the numbers and named in `failed`, with its reason.
    Errors: InputError (an unknown or repeated order), SolveError (no order has an equilibrium).
    """
    side_by_side = threads(workers)
    asked = _questions(
        world,
        theta_factors,
        also,
        shocks,
        security,
        shock_draws,
        seed,
        draws,
        sovereignty,
        why,
        draws_folder,
        tariffs_folder,
    )
    chosen = [_order(order) for order in (preset_names() if orders is None else listed("orders", orders))]
    names = [order.name for order in chosen]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated or not chosen:
        raise InputError(
            f"name each order once: {', '.join(repeated)} is repeated; leave one out, or change the `name:` in one file"
            if repeated
            else "name at least one order"
        )
    policies = [apply(order, world) for order in chosen]  # bad input shows before anything is solved
    count = Count(sum(asked.steps(world, policy) for policy in policies), progress)

    def attempt(order: Order, policy: Policy, tell: Tell) -> _Ran | SolveError:
        try:
            return _run(world, order, policy, asked, tell)
        except SolveError as error:
            return error

    # Orders whose players choose their tariffs take longest: they begin first.
    turns = sorted(range(len(chosen)), key=lambda n: policies[n].contest is None)
    tasks = [partial(attempt, chosen[n], policies[n]) for n in turns]
    ended = dict(zip(turns, together(tasks, count.add, side_by_side), strict=True))
    outcomes = [ended[n] for n in range(len(chosen))]
    failed = {
        order.name: str(outcome)
        for order, outcome in zip(chosen, outcomes, strict=True)
        if isinstance(outcome, SolveError)
    }
    ran = [outcome for outcome in outcomes if isinstance(outcome, _Ran)]
    if not ran:
        raise SolveError("no order has an equilibrium: " + "; ".join(failed.values()))
    if point is not None and asked.drawn is not None:
        point(join([each.result for each in ran], failed))
    return join(_with_ranges(world, ran, asked, count.add, side_by_side), failed)


def equilibrium(world: World, order: Order | Reference) -> tuple[Order, trade.Equilibrium]:
    """An order and its equilibrium at the world's own elasticities. Errors: InputError, SolveError (no
    equilibrium)."""
    chosen = _order(order)
    return chosen, _central(world, chosen).eq


class Settled(NamedTuple):
    """An order on a world before anything of it is solved, with the tariffs that its players choose."""

    order: Order
    policy: Policy
    deficits: str
    notes: tuple[str, ...]


def settled(world: World, order: Order | Reference, tariffs_folder: Path | None = None) -> Settled:
    """What an order changes in a world. Errors: InputError (an order that does not fit), SolveError (no tariffs)."""
    chosen = _order(order)
    policy = apply(chosen, world)
    deficits = policy.deficits or world.deficits
    contest = _contest(world, chosen, policy, deficits, tariffs_folder, Count(1, None).add)
    return Settled(chosen, replace(policy, tariff=contest.tariff), deficits, (*policy.notes, *contest.notes))


class _Central(NamedTuple):
    """An order at the central elasticities, with the tariffs that its players choose."""

    policy: Policy
    deficits: str
    eq: trade.Equilibrium
    notes: tuple[str, ...]


def _central(world: World, order: Order) -> _Central:
    _, policy, deficits, told = settled(world, order)
    tell = Count(1, None).add
    (eq,) = _range(world, order, policy, (1.0,), deficits, tell, "", {}, QUANTILES[1:2])
    notes = (*told, *eq.notes, *missing_goods(eq, order.name))
    return _Central(policy, deficits, eq, notes)


class State(NamedTuple):
    """A world as its data have it, or as an order leaves it at the central elasticities, for other questions."""

    trade: FloatArray  # [origin, destination, sector], net of duties, million USD a year
    intermediate: FloatArray  # [economy, input, user], with them
    tariff: FloatArray  # [origin, destination, sector]
    case: trade.Case
    clubs: tuple[Club, ...]
    clubs_year: int
    provenance: Provenance


def state_of(world: World, order: Order | Reference | None = None) -> State:
    """Flows, trade case and memberships of a world: its own data without an order, else the order's equilibrium.

    Errors: InputError (an order that does not fit), SolveError (no equilibrium).
    """
    year = unions.DEFAULT_YEAR if world.year is None else world.year
    chosen = None if order is None else _order(order)
    cost, rate, deficits = None, None, world.deficits
    flows = (world.trade.values, world.intermediate.values, world.tariff.values)
    solves: tuple[Solve, ...] = ()
    notes = world.notes
    if chosen is not None:
        policy, deficits, eq, found = _central(world, chosen)
        cost, rate = policy.iceberg, policy.tariff
        flows = (eq.trade.values, purchases_of(eq).intermediate, eq.tariff)
        solves = (_record(QUANTILES[1], 1.0, eq),)
        notes = (*notes, *found)
    elif world.year is None:
        notes = (*notes, f"The world names no year: memberships are those of {year}.")
    case = trade.case_of(world, cost, rate, None, deficits, Technology(), trade.Options())
    provenance = Provenance(
        order="data" if chosen is None else chosen.name,
        order_title="The world as its data have it" if chosen is None else chosen.title,
        order_hash="" if chosen is None else chosen.hash,
        data_hash=world.hash,
        world_source=world.source,
        world_year=world.year,
        theta_source=world.theta_source,
        deficits=deficits,
        seed=None,
        versions=versions(),
        notes=tuple(dict.fromkeys(notes)),
        solves=solves,
    )
    return State(*flows, case, clubs_of(chosen, world.economies, year), year, provenance)


def _order(given: Order | Reference) -> Order:
    if isinstance(given, Order):
        return given
    if isinstance(given, str | os.PathLike):
        return load_order(given)
    raise InputError(f"{given!r:.60} is no order; give the name of a preset, the path of a file, or an Order")


def _questions(
    world: World,
    theta_factors: Sequence[float],
    also: Sequence[str] | str,
    shocks: Sequence[Shock | Reference] | Shock | Reference,
    security: int,
    shock_draws: int,
    seed: int,
    draws: int,
    sovereignty: bool,
    why: bool,
    folder: Path | None,
    tariffs_folder: Path | None,
) -> Questions:
    try:
        factors = () if isinstance(theta_factors, str) else tuple(float(factor) for factor in theta_factors)
    except (TypeError, ValueError):
        factors = ()
    if len(factors) not in (1, len(QUANTILES)) or not all(np.isfinite(f) and f > 0 for f in factors):
        raise InputError(
            f"theta_factors is {theta_factors!r:.60}; give {len(QUANTILES)} positive numbers: low, central, high, "
            "or one for a point estimate"
        )
    questions = listed("also", also)
    if not all(isinstance(name, str) for name in questions):
        raise InputError(f"also is {also!r:.60}; choose among {', '.join(variants.VARIANTS)}")
    named = [str(shock) if isinstance(shock, os.PathLike) else shock for shock in listed("shocks", shocks)]
    wrong = [shock for shock in named if not isinstance(shock, str | BaseModel)]
    if wrong:
        raise InputError(
            f"shocks: {wrong[0]!r:.60} is no shock; give a name of the catalogue or a file's path"
        )
    plan = None
    if named or security or shock_draws:
        from ecumene.security.numbers import (
            plan_of,
        )  # loads the models of shocks only where they are asked for

        plan = plan_of(world, named, security, seed, None if folder is None else Path(folder), shock_draws)
    drawn = None if draws == 0 and not isinstance(draws, bool) else draw(world, draws, seed)
    return Questions(
        factors, variants.chosen(questions), plan, drawn, bool(sovereignty), tariffs_folder, bool(why)
    )


def _with_ranges(
    world: World, ran: Sequence[_Ran], asked: Questions, tell: Tell, workers: int | None
) -> list[Result]:
    """Results with the range over drawn parameters: the same draws for all orders, tariffs that were chosen held.

    Errors: SolveError where a draw leaves the world without a base.
    """
    drawn = asked.drawn
    if drawn is None:
        return [each.result for each in ran]
    drawings = [drawing(world, each.policy, each.deficits, drawn) for each in ran]
    incomes = solve_draws(world, drawings, drawn.theta, tell, workers)
    found = []
    for number, (result, _, _) in enumerate(ran):
        cells, notes = of_draws(world, incomes, number)
        data = result.data.assign_coords({LEVEL: list(LEVELS)}).assign(cells)
        provenance = replace(
            result.provenance,
            seed=drawn.seed,
            parameter_draws=drawn.number,
            notes=(*result.provenance.notes, *notes),
        )
        found.append(Result(data, provenance))
    return found


def _run(world: World, order: Order, policy: Policy, asked: Questions, tell: Tell) -> _Ran:
    deficits = policy.deficits or world.deficits
    contest = _contest(world, order, policy, deficits, asked.tariffs_folder, tell)
    policy = replace(policy, tariff=contest.tariff)
    solved_for = partial(
        _range, world, order, policy, asked.factors, deficits, tell, quantiles=asked.quantiles
    )
    solved = solved_for("", {})
    numbers = measure(world, order.name, solved, asked.quantiles).assign(contest.cells)
    solves = list(map(_record, asked.quantiles, asked.factors, solved))
    found = [note for eq in solved for note in (*eq.notes, *missing_goods(eq, order.name))]
    for variant in asked.further:
        arguments, notes = variant.arguments(world)
        equilibria = solved_for(f" ({variant.name})", arguments)
        numbers = numbers.assign(variants.read(variant, equilibria))
        records = map(_record, asked.quantiles, asked.factors, equilibria)
        solves += [replace(record, variant=variant.name) for record in records]
        found += notes
    plan = asked.security
    if plan is not None:
        from ecumene.security.numbers import measure as measure_security

        numbers = numbers.assign_coords(plan.labels(world)).assign(
            measure_security(plan, world, order.hash, asked.factors[asked.middle], solved[asked.middle], tell)
        )
        found += plan.notes
    if asked.sovereignty:
        from ecumene.dependence import numbers as dependence

        numbers = numbers.assign_coords({dependence.PARTNER: list(world.economies)}).assign(
            dependence.measure(world, solved, order, tell)
        )
    if asked.why:
        from ecumene import reasons

        numbers = numbers.merge(reasons.measure(solved[asked.middle]), join="exact")
    provenance = Provenance(
        order=order.name,
        order_title=order.title,
        order_hash=order.hash,
        data_hash=world.hash,
        world_source=world.source,
        world_year=world.year,
        theta_source=world.theta_source,
        deficits=deficits,
        seed=plan.seed if plan is not None and plan.random else None,
        versions=versions(),
        notes=tuple(dict.fromkeys((*world.notes, *policy.notes, *contest.notes, *found))),
        solves=tuple(solves),
        shocks={} if plan is None else plan.hashes,
        draws=0 if plan is None else plan.draws,
        recipe=recipe_of(world, order, asked),
        machine=machine(),
    )
    return _Ran(Result(numbers, provenance), policy, deficits)


def _contest(
    world: World, order: Order, policy: Policy, deficits: str, folder: Path | None, tell: Tell
) -> Chosen:
    """The tariffs that the order says, or that its players choose. Errors: InputError, SolveError."""
    try:
        chosen = chosen_tariffs(world, policy, deficits, folder)
    except (InputError, SolveError) as error:
        raise type(error)(f"order '{order.name}': the tariff game: {error}") from error
    if policy.contest is not None:
        tell(order.name)
    return chosen


def _range(
    world: World,
    order: Order,
    policy: Policy,
    factors: tuple[float, ...],
    deficits: str,
    tell: Callable[[str], None],
    name: str,
    arguments: Mapping[str, Any],
    quantiles: Sequence[str] = QUANTILES,
) -> list[trade.Equilibrium]:
    """The equilibria of an order at the low, central and high elasticities. Errors: SolveError."""
    equilibria = []
    for quantile, factor in zip(quantiles, factors, strict=True):
        eq = trade.solve(
            world,
            iceberg=policy.iceberg,
            tariff=policy.tariff,
            theta=world.theta.values * factor,
            deficits=deficits,
            **arguments,
        )
        if not eq.ok:
            raise SolveError(
                f"order '{order.name}'{name} has no equilibrium at {factor:g} times theta ({quantile}): "
                f"{eq.status.message} (residual {eq.residual:.1e} after {eq.iterations} steps)"
            )
        equilibria.append(eq)
        tell(order.name)
    return equilibria


def _record(quantile: str, factor: float, eq: trade.Equilibrium) -> Solve:
    return Solve(
        quantile=quantile,
        theta_factor=factor,
        status=int(eq.status),
        message=str(eq.status.message),
        iterations=int(eq.iterations),
        residual=float(eq.residual),
    )
