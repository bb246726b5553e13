"""`run` and `compare`: the only place where a world, an order and the models meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from ecumene import variants
from ecumene.errors import InputError, SolveError
from ecumene.measures import measure, missing_goods
from ecumene.models import trade
from ecumene.orders import Order, Policy, apply, load_order, preset_names
from ecumene.provenance import Provenance, Solve, versions
from ecumene.results import QUANTILES, Comparison, Result, join
from ecumene.world import World

Progress = Callable[[int, int, str], None]
"""Called as progress(done, total, label) after every solve: the one callback of CLI, web and sweeps."""

THETA_FACTORS: Final = (0.6, 1.0, 1.6)
"""Factors on the world's trade elasticities for the low, central and high result (assumption)."""


def run(
    world: World,
    order: Order | str,
    *,
    progress: Progress | None = None,
    theta_factors: Sequence[float] = THETA_FACTORS,
    also: Sequence[str] = (),
) -> Result:
    """What one order does to every economy of a world, over a range of trade elasticities.

    Each of the three solves changes trade costs and tariffs from the world's base to the order's, with the
    elasticities `theta` multiplied by the low, central and high factor. Changes are in percent of the base.
    The world's change is `sum_n I_n g_n / sum_n I_n`, weights base income, and population where it is known.
    `also` adds answers to further questions, each from solves of its own (`variants.VARIANTS`): `rents`, the order's
    raised barriers as income of the importer or of the exporter, beside waste; `groups`, real wages of labour types
    and capital and the spread of gains.

    Errors: InputError (an order that does not fit, a factor not positive), SolveError (no equilibrium).
    """
    factors, more = _checked(theta_factors), variants.chosen(also)
    chosen = load_order(order) if isinstance(order, str) else order
    count = _Count(len(factors) * (1 + len(more)), progress)
    return _run(world, chosen, apply(chosen, world), factors, more, count)


def compare(
    world: World,
    orders: Sequence[Order | str] | None = None,
    *,
    progress: Progress | None = None,
    theta_factors: Sequence[float] = THETA_FACTORS,
    also: Sequence[str] = (),
) -> Comparison:
    """Several orders on one world, side by side; all presets by default. `also` as in `run`.

    An order that finds no equilibrium is left out of the numbers and named in `failed`, with its reason.
    Errors: InputError (an unknown or repeated order), SolveError (no order has an equilibrium).
    """
    factors, more = _checked(theta_factors), variants.chosen(also)
    chosen = [
        load_order(order) if isinstance(order, str) else order
        for order in (preset_names() if orders is None else orders)
    ]
    names = [order.name for order in chosen]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated or not chosen:
        raise InputError(
            f"name each order once: {', '.join(repeated)} is repeated"
            if repeated
            else "name at least one order"
        )
    policies = [apply(order, world) for order in chosen]  # bad input shows before anything is solved
    count = _Count(len(chosen) * len(factors) * (1 + len(more)), progress)

    def attempt(order: Order, policy: Policy) -> Result | SolveError:
        try:
            return _run(world, order, policy, factors, more, count)
        except SolveError as error:
            return error

    outcomes = [attempt(order, policy) for order, policy in zip(chosen, policies, strict=True)]
    failed = {
        order.name: str(outcome)
        for order, outcome in zip(chosen, outcomes, strict=True)
        if isinstance(outcome, SolveError)
    }
    results = [outcome for outcome in outcomes if isinstance(outcome, Result)]
    if not results:
        raise SolveError("no order has an equilibrium: " + "; ".join(failed.values()))
    return join(results, failed)


class _Count:
    """Counts finished solves and tells the caller."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._progress, self._done = total, progress, 0

    def add(self, label: str) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._total, label)


def _checked(theta_factors: Sequence[float]) -> tuple[float, ...]:
    factors = tuple(float(factor) for factor in theta_factors)
    if len(factors) != len(QUANTILES) or not all(np.isfinite(factor) and factor > 0 for factor in factors):
        raise InputError(
            f"theta_factors is {factors}; give {len(QUANTILES)} positive numbers: low, central, high"
        )
    return factors


def _run(
    world: World,
    order: Order,
    policy: Policy,
    factors: tuple[float, ...],
    more: tuple[variants.Variant, ...],
    count: _Count,
) -> Result:
    deficits = policy.deficits or world.deficits

    def solved_for(name: str, arguments: Mapping[str, Any]) -> list[trade.Equilibrium]:
        equilibria = []
        for quantile, factor in zip(QUANTILES, factors, strict=True):
            eq = _solve(world, policy, factor, deficits, arguments)
            if not eq.ok:
                raise SolveError(
                    f"order '{order.name}'{name} has no equilibrium at {factor:g} times theta ({quantile}): "
                    f"{eq.status.message} (residual {eq.residual:.1e} after {eq.iterations} steps)"
                )
            equilibria.append(eq)
            count.add(order.name)
        return equilibria

    solved = solved_for("", {})
    numbers = measure(world, order.name, solved)
    solves = list(map(_record, QUANTILES, factors, solved))
    found = [note for eq in solved for note in (*eq.notes, *missing_goods(eq, order.name))]
    for variant in more:
        arguments, notes = variant.arguments(world)
        equilibria = solved_for(f" ({variant.name})", arguments)
        numbers = numbers.assign(variants.read(variant, equilibria))
        solves += [
            replace(_record(*each), variant=variant.name)
            for each in zip(QUANTILES, factors, equilibria, strict=True)
        ]
        found += notes
    provenance = Provenance(
        order=order.name,
        order_title=order.title,
        order_hash=order.hash,
        data_hash=world.hash,
        world_source=world.source,
        world_year=world.year,
        theta_source=world.theta_source,
        deficits=deficits,
        seed=None,
        versions=versions(),
        notes=tuple(dict.fromkeys((*world.notes, *policy.notes, *found))),
        solves=tuple(solves),
    )
    return Result(numbers, provenance)


def _solve(
    world: World, policy: Policy, factor: float, deficits: str, arguments: Mapping[str, Any]
) -> trade.Equilibrium:
    return trade.solve(
        world,
        iceberg=policy.iceberg,
        tariff=policy.tariff,
        theta=world.theta.values * factor,
        deficits=deficits,
        **arguments,
    )


def _record(quantile: str, factor: float, eq: trade.Equilibrium) -> Solve:
    return Solve(
        quantile=quantile,
        theta_factor=factor,
        status=int(eq.status),
        message=str(eq.status.message),
        iterations=int(eq.iterations),
        residual=float(eq.residual),
    )
