"""The public functions of the national plan: the plan itself, its frontier, what is missing, what would break even.

Equations and sources: `docs/planning.md`. The programme stands in `planning_inputs`, its rows and columns in
`planning_model`, the solver and its certificate in `planning_solve`, the plan itself in `planning_plan`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from ecumene.errors import InputError
from ecumene.models.planning_inputs import Programme
from ecumene.models.planning_plan import Plan, Prepared, doing_without, keeping, plan, prepare, unmade
from ecumene.models.planning_solve import Certificate, PlanStatus
from ecumene.types import AnyArray, FloatArray

CUTS = tuple(round(0.1 * step, 1) for step in range(11))
"""Import cuts of a frontier: nothing to everything."""

GREATEST_GAIN = 9.0
"""Productivity gains above this (ten times today's) are not searched."""

__all__ = [
    "CUTS",
    "BreakEven",
    "Certificate",
    "Frontier",
    "Learned",
    "LeastLabour",
    "Missing",
    "Plan",
    "PlanStatus",
    "Prepared",
    "Programme",
    "break_even",
    "doing_without",
    "frontier",
    "keeping",
    "learn",
    "least_labour",
    "missing",
    "plan",
    "prepare",
    "unmade",
]


@contextmanager
def _imports_bounded(prepared: Prepared, cut: FloatArray) -> Iterator[None]:
    """Imports bounded by another cut [year] for a while."""
    p, a, solver = prepared
    at = a.columns["imports"]
    try:
        solver.bound_columns(at, 0.0, np.multiply.outer(1.0 - cut, p.imports / a.unit))
        yield
    finally:
        solver.bound_columns(at, 0.0, a.upper[at])


class Frontier(NamedTuple):
    """Living standard against the share of base imports that is cut in every year."""

    cut: Float[AnyArray, " C"]
    mean_living_standard: Float[AnyArray, " C"]
    last_living_standard: Float[AnyArray, " C"]
    value: Float[AnyArray, " C"]  # of the objective: concave and falling in the cut
    status: Int[AnyArray, " C"]
    residual: Float[AnyArray, " C"]  # the largest of each certificate


def frontier(
    prepared: Prepared, cuts: Sequence[float] = CUTS, told: Callable[[float], None] | None = None
) -> Frontier:
    """Plans at several import cuts, each from the basis of the one before; `told` hears of every cut that is done.

    The cut bounds the programme from the right, so that the value of the objective is concave and never rises with it.
    Errors: InputError for a cut outside 0 to 1.
    """
    given = np.asarray(cuts, dtype=np.float64)
    if given.ndim != 1 or not len(given) or not ((given >= 0) & (given <= 1)).all():
        raise InputError(f"cuts are {cuts!r:.60}; give shares of base imports from 0 to 1")
    T = prepared.programme.years
    found = []
    for cut in given:
        with _imports_bounded(prepared, np.full(T, cut)):
            found.append(plan(prepared))
        if told is not None:
            told(float(cut))
    return Frontier(
        given,
        np.array([each.mean_living_standard for each in found]),
        np.array([each.living_standard[-1] for each in found]),
        np.array([each.value for each in found]),
        np.array([int(each.status) for each in found]),
        np.array([max(each.certificate) for each in found]),
    )


class Missing(NamedTuple):
    """The cheapest set of goods, at base prices, that would have to come from outside the plan."""

    standard: Float[AnyArray, " T"]
    shortage: Float[AnyArray, "T S"]
    status: PlanStatus
    certificate: Certificate


def missing(prepared: Prepared, standard: float | FloatArray = 1.0) -> Missing:
    """Which goods are missing for a living standard: `min sum_ts shortage` with alpha fixed at it in every year.

    A shortage stands in the row of needs, so it may be consumed or used as an input. All zero where the standard can be
    reached. Errors: InputError for a standard that is negative.
    """
    _, a, solver = prepared
    short = a.columns["shortage"]
    cost = np.zeros(len(a.cost))
    cost[short] = -1.0
    with _standard_at(prepared, standard, cost) as wanted:
        try:
            solver.bound_columns(short, 0.0, np.full(short.size, np.inf))
            found = solver.solve()
        finally:
            solver.bound_columns(short, 0.0, np.zeros(short.size))
    return Missing(wanted, a.unit * found.columns[short], found.status, found.certificate)


@contextmanager
def _standard_at(prepared: Prepared, standard: float | FloatArray, cost: FloatArray) -> Iterator[FloatArray]:
    """The living standard fixed, and another objective, for a while."""
    p, a, solver = prepared
    wanted = np.broadcast_to(np.asarray(standard, dtype=np.float64), (p.years,)).copy()
    if not (np.isfinite(wanted) & (wanted >= 0)).all():
        raise InputError(f"standard is {standard!r:.60}; a living standard is a finite number, 0 or above")
    alpha = a.columns["living_standard"]
    before = solver.lower[alpha].copy()
    try:
        solver.bound_columns(alpha, wanted, wanted)
        solver.price(cost)
        yield wanted
    finally:
        solver.bound_columns(alpha, before, a.upper[alpha])
        solver.price(a.cost)


class LeastLabour(NamedTuple):
    """The least labour that a living standard takes, and what goods are worth in it."""

    labour: Float[AnyArray, " T"]
    value: Float[AnyArray, "T S"]  # labour per unit of good: the duals of needs
    status: PlanStatus
    certificate: Certificate


def least_labour(prepared: Prepared, standard: float | FloatArray = 1.0) -> LeastLabour:
    """The plan of least labour, `min sum_jt l x`, for a living standard, and the labour values of goods.

    In a closed economy with one technique a good, capacity to spare and no investment, values are `l (I - A)^-1`,
    what a unit of each good takes through its whole supply chain. Skills are added up. Errors: InputError for a
    negative standard. Source: Leontief (1951), Cockshott and Cottrell (1993).
    """
    p, a, _ = prepared
    learning = np.ones((p.years, len(p.makes))) if p.learning is None else np.asarray(p.learning)
    cost = np.zeros(len(a.cost))
    cost[a.columns["output"]] = -learning * np.asarray(p.labour).sum(axis=0)
    with _standard_at(prepared, standard, cost):
        found = prepared.solver.solve()
    work = -cost[a.columns["output"]] * found.columns[a.columns["output"]]
    return LeastLabour(
        a.unit * work.sum(axis=1), -found.duals[a.rows["needs"]], found.status, found.certificate
    )


class BreakEven(NamedTuple):
    """The productivity gain at which the mean living standard reaches its target; NaN where none up to tenfold does."""

    gain: float
    target: float
    reached: float  # mean living standard at the gain
    status: PlanStatus


def break_even(prepared: Prepared, target: float = 1.0, tolerance: float = 1e-4) -> BreakEven:
    """How much more every unit of capacity, labour and resource must make for the plan to reach a mean living standard.

    With gain g each makes 1 + g times its output: `x <= (1 + g) k`, `l x <= (1 + g) supply`, `R x <= (1 + g) limit`;
    inputs per unit of output stay. Found by bisection: the value of the plan never falls with g. 0 where it is
    reached already; a plan that cannot keep what is required has not reached it. Errors: InputError for a target that
    is not above 0.
    """
    if not (np.isfinite(target) and target > 0):
        raise InputError(f"target is {target}; a living standard to reach is a finite number above 0")

    def at(gain: float) -> Plan:
        with _more_productive(prepared, gain):
            return plan(prepared)

    found = at(0.0)
    if found.status not in (PlanStatus.OPTIMAL, PlanStatus.INFEASIBLE):
        return BreakEven(np.nan, target, np.nan, found.status)
    if found.mean_living_standard >= target - tolerance:
        return BreakEven(0.0, target, found.mean_living_standard, found.status)
    low, high = 0.0, GREATEST_GAIN
    best = at(high)
    if not best.mean_living_standard >= target:
        return BreakEven(np.nan, target, best.mean_living_standard, best.status)
    while high - low > tolerance:
        middle = 0.5 * (low + high)
        found = at(middle)
        if found.mean_living_standard >= target:
            high, best = middle, found
        else:
            low = middle
    return BreakEven(high, target, best.mean_living_standard, best.status)


@contextmanager
def _more_productive(prepared: Prepared, gain: float) -> Iterator[None]:
    """Every unit of capacity, labour and resource makes 1 + gain times its output for a while."""
    p, a, solver = prepared
    limits = [a.rows[name] for name in ("first_capacity", "labour", "resources") if name in a.rows]
    rows = np.concatenate(
        [a.rows.get("capacity", np.zeros((0, len(p.makes)), dtype=np.intp)), a.rows["sustained"][None]]
    )
    used = np.concatenate([a.columns["capacity"][: p.years - 1], a.columns["capacity"][-1:]])
    try:
        for at in limits:
            solver.bound_rows(at, -np.inf * np.ones(at.size), (1.0 + gain) * a.high[at])
        solver.scale(rows, used, -(1.0 + gain))
        yield
    finally:
        for at in limits:
            solver.bound_rows(at, a.low[at], a.high[at])
        solver.scale(rows, used, -1.0)


class Learned(NamedTuple):
    """A plan whose unit costs fall with its own cumulated output."""

    plan: Plan
    factor: Float[AnyArray, "T J"]  # on inputs, labour and resources per unit of output
    rounds: int
    change: float  # largest change of a factor in the last round


def learn(
    programme: Programme,
    rate: float,
    experience: FloatArray,
    rounds: int = 20,
    tolerance: float = 1e-3,
    told: Callable[[int], None] | None = None,
) -> Learned:
    """Successive programmes, each with the unit costs that the output of the one before has taught.

    `factor_tj = ((E_j + sum_(u<t) x_uj) / E_j)^-b`, `b = -log2(1 - rate)`: a doubling of all that was ever made
    lowers unit costs by the rate. E [technique] is what was made before the plan; no learning where it is 0. Rounds
    end when no factor changes by more than the tolerance; `change` says how far they came. A plan feeds back on its
    own costs, so that this fixed point need not be the best plan of all. Errors: InputError for a rate outside 0 to 1.
    Sources: Wright (1936); Arrow (1962).
    """
    if not 0 <= rate < 1:
        raise InputError(
            f"learning rate is {rate}; give the fall of unit costs at a doubling of output, from 0 to below 1"
        )
    before = np.asarray(experience, dtype=np.float64)
    if before.shape != (len(programme.makes),) or not (np.isfinite(before) & (before >= 0)).all():
        raise InputError(
            f"experience has shape {before.shape}; give one number, 0 or above, for each technique"
        )
    exponent = -np.log2(1.0 - rate)
    factor = np.ones((programme.years, len(before)))
    found, change, done = plan(prepare(programme)), np.inf, 0
    while done < rounds and change > tolerance and found.status is PlanStatus.OPTIMAL:
        made = np.cumsum(found.output, axis=0) - found.output
        grown = np.divide(before + made, before, out=np.ones_like(made), where=before > 0)
        taught = grown**-exponent
        change, factor, done = float(np.abs(taught - factor).max()), taught, done + 1
        found = plan(prepare(replace(programme, learning=factor)))
        if told is not None:
            told(done)
    return Learned(found, factor, done, change)
