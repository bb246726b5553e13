"""One programme, its solver and its plan; and what holds for a while beside what it requires."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from ecumene.models.planning_inputs import Programme
from ecumene.models.planning_model import Assembled, assemble
from ecumene.models.planning_solve import Certificate, PlanStatus, Solution, Solver
from ecumene.types import AnyArray, FloatArray


class Prepared(NamedTuple):
    """A programme, its rows and columns, and a solver that keeps its basis from question to question."""

    programme: Programme
    assembled: Assembled
    solver: Solver


@dataclass(frozen=True)
class Plan:
    """One plan. Money in the programme's unit, at base prices; not numbers unless the status is optimal.

    `price` is what a good is worth in years of the plan, in baskets: `sum_s f_s price_s = sum f` wherever the living
    standard is free to move; `wage` the same for a unit of labour. `surplus` is made and used by nobody.
    """

    status: PlanStatus
    value: float  # of the objective
    mean_living_standard: float  # weighted by discount factors
    living_standard: Float[AnyArray, " T"]
    output: Float[AnyArray, "T J"]
    investment: Float[AnyArray, "T J"]  # new capacity begun
    capacity: Float[AnyArray, "T J"]  # at hand in the year
    capacity_left: Float[AnyArray, " J"]  # at the end, with what is begun
    imports: Float[AnyArray, "T S"]
    exports: Float[AnyArray, "T S"]
    stock: Float[AnyArray, "T S"]  # at the end of the year
    surplus: Float[AnyArray, "T S"]
    debt: Float[AnyArray, " T"]  # foreign exchange, at the end of the year
    price: Float[AnyArray, "T S"]
    wage: Float[AnyArray, "T H"]
    certificate: Certificate
    iterations: int


def prepare(programme: Programme) -> Prepared:
    """The programme assembled and handed to the solver. Errors: InputError where linopy is not installed."""
    assembled = assemble(programme)
    return Prepared(programme, assembled, Solver(assembled))


def plan(prepared: Prepared) -> Plan:
    """The plan with the highest discounted living standard and capital left over; see `planning_model.assemble`.

    Status `INFEASIBLE` where the required living standard cannot be reached: `missing` says for lack of what.
    """
    return _read(prepared, prepared.solver.solve())


def _read(prepared: Prepared, found: Solution) -> Plan:
    p, a, _ = prepared
    z, columns, rows = found.columns, a.columns, a.rows
    T, J = p.years, len(p.makes)

    def money(name: str) -> FloatArray:
        return a.unit * z[columns[name]]

    alpha = z[columns["living_standard"]]
    later = money("capacity")
    first = np.asarray(p.capacity, dtype=np.float64)[None] + 0.0 * later[:1]
    worth = p.needs.sum() / a.unit / p.weights[:, None]
    row = prepared.solver.matrix @ z if found.status is PlanStatus.OPTIMAL else np.full(len(a.low), np.nan)
    return Plan(
        status=found.status,
        value=found.value,
        mean_living_standard=float(p.weights @ alpha / p.weights.sum()),
        living_standard=alpha,
        output=money("output"),
        investment=money("investment"),
        capacity=np.concatenate([first, later])[:T],
        capacity_left=later[-1].reshape(J),
        imports=money("imports"),
        exports=money("exports"),
        stock=money("stock"),
        surplus=a.unit * (row - a.low)[rows["needs"]],
        debt=money("debt"),
        price=-found.duals[rows["needs"]] * worth,
        wage=found.duals[rows["labour"]] * worth,
        certificate=found.certificate,
        iterations=found.iterations,
    )


@contextmanager
def keeping(prepared: Prepared, least: FloatArray) -> Iterator[None]:
    """A living standard of at least so much in every year for a while, beside what is required."""
    p, a, solver = prepared
    at = a.columns["living_standard"]
    try:
        solver.bound_columns(at, np.maximum(least, p.required), a.upper[at])
        yield
    finally:
        solver.bound_columns(at, a.lower[at], a.upper[at])


def unmade(programme: Programme) -> FloatArray:
    """1 for each good that is bought abroad or needed and that no technique can ever make, else 0."""
    p = programme
    made = np.zeros(len(p.needs), dtype=bool)
    made[p.makes[(p.capacity > 0) | (p.grows & (p.years + p.lag > 1))]] = True
    return np.where(~made & ((p.needs > 0) | (p.imports > 0)), 1.0, 0.0)


@contextmanager
def doing_without(prepared: Prepared, goods: FloatArray) -> Iterator[None]:
    """Users and consumers do without the goods marked 1 for a while: their rows of needs bind nobody."""
    _, a, solver = prepared
    at = a.rows["needs"][:, goods > 0]
    try:
        solver.bound_rows(at, np.full(at.size, -np.inf), np.full(at.size, np.inf))
        yield
    finally:
        solver.bound_rows(at, a.low[at], a.high[at])
