"""`run` and `compare`: the only place where a world, an order and the models meet."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event
from typing import Final

import numpy as np

from ecumene.errors import InputError, SolveError
from ecumene.measures import measure, missing_goods
from ecumene.models import trade
from ecumene.orders import Order, Policy, apply, load_order, preset_names
from ecumene.provenance import Provenance, Solve, versions
from ecumene.results import QUANTILES, Comparison, Result, join
from ecumene.world import World

Progress = Callable[[int, int, str], None]
"""Called as progress(done, total, label) after every solve, in the thread that asked for it: the one callback of CLI,
web and sweeps."""

THETA_FACTORS: Final = (0.6, 1.0, 1.6)
"""Factors on the world's trade elasticities for the low, central and high result (assumption)."""


def run(
    world: World,
    order: Order | str,
    *,
    progress: Progress | None = None,
    theta_factors: Sequence[float] = THETA_FACTORS,
) -> Result:
    """What one order does to every economy of a world, over a range of trade elasticities.

    Each of the three solves changes trade costs and tariffs from the world's base to the order's, with the
    elasticities `theta` multiplied by the low, central and high factor. Changes are in percent of the base.
    The world's change is `sum_n I_n g_n / sum_n I_n`, weights base income, and population where it is known.

    Errors: InputError (an order that does not fit, a factor not positive), SolveError (no equilibrium).
    """
    factors = _checked(theta_factors)
    chosen = load_order(order) if isinstance(order, str) else order
    return _run(world, chosen, apply(chosen, world), factors, _Count(len(factors), progress).add)


def compare(
    world: World,
    orders: Sequence[Order | str] | None = None,
    *,
    progress: Progress | None = None,
    theta_factors: Sequence[float] = THETA_FACTORS,
    workers: int | None = None,
) -> Comparison:
    """Several orders on one world, side by side; all presets by default.

    `workers` orders are solved at a time, each in a thread of its own (default: as many as there are processors).
    An order that finds no equilibrium is left out of the numbers and named in `failed`, with its reason.
    Errors: InputError (an unknown or repeated order), SolveError (no order has an equilibrium).
    """
    factors = _checked(theta_factors)
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
    count = _Count(len(chosen) * len(factors), progress)

    def attempt(order: Order, policy: Policy, solved: Callable[[str], None]) -> Result | SolveError:
        try:
            return _run(world, order, policy, factors, solved)
        except SolveError as error:
            return error

    # The first order compiles the program and prepares the bases that the others share.
    first = attempt(chosen[0], policies[0], count.add)
    outcomes = [first, *_together(attempt, chosen[1:], policies[1:], count.add, workers)]
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


def _together(
    attempt: Callable[[Order, Policy, Callable[[str], None]], Result | SolveError],
    orders: Sequence[Order],
    policies: Sequence[Policy],
    solved: Callable[[str], None],
    workers: int | None,
) -> list[Result | SolveError]:
    """Every order's outcome, several at a time; `solved` is called here, not in the threads that solve.

    An error or an interrupt ends the rest: each thread stops after the solve that it is in.
    """
    news: SimpleQueue[str | Future[Result | SolveError]] = SimpleQueue()
    stop = Event()

    def tell(label: str) -> None:
        if stop.is_set():
            raise _Stopped
        news.put(label)

    with ThreadPoolExecutor(workers or _processors()) as pool:
        running = [
            pool.submit(attempt, order, policy, tell) for order, policy in zip(orders, policies, strict=True)
        ]
        for future in running:
            future.add_done_callback(news.put)
        try:
            left = len(running)
            while left:
                new = news.get()
                if isinstance(new, str):
                    solved(new)
                else:
                    new.result()
                    left -= 1
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [future.result() for future in running]


class _Stopped(Exception):
    """Ends an order whose outcome nobody waits for any more."""


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _checked(theta_factors: Sequence[float]) -> tuple[float, ...]:
    factors = tuple(float(factor) for factor in theta_factors)
    if len(factors) != len(QUANTILES) or not all(np.isfinite(factor) and factor > 0 for factor in factors):
        raise InputError(
            f"theta_factors is {factors}; give {len(QUANTILES)} positive numbers: low, central, high"
        )
    return factors


def _run(
    world: World, order: Order, policy: Policy, factors: tuple[float, ...], solved: Callable[[str], None]
) -> Result:
    deficits = policy.deficits or world.deficits
    found: list[trade.Equilibrium] = []
    for quantile, factor in zip(QUANTILES, factors, strict=True):
        eq = _solve(world, policy, factor, deficits)
        if not eq.ok:
            raise SolveError(
                f"order '{order.name}' has no equilibrium at {factor:g} times theta ({quantile}): "
                f"{eq.status.message} (residual {eq.residual:.1e} after {eq.iterations} steps)"
            )
        found.append(eq)
        solved(order.name)
    notes = [note for eq in found for note in (*eq.notes, *missing_goods(eq, order.name))]
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
        notes=tuple(dict.fromkeys((*world.notes, *policy.notes, *notes))),
        solves=tuple(map(_record, QUANTILES, factors, found)),
    )
    return Result(measure(world, order.name, found), provenance)


def _solve(world: World, policy: Policy, factor: float, deficits: str) -> trade.Equilibrium:
    return trade.solve(
        world,
        iceberg=policy.iceberg,
        tariff=policy.tariff,
        theta=world.theta.values * factor,
        deficits=deficits,
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
