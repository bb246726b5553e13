"""Solving a linear programme with HiGHS, hot-started, and a certificate recomputed from what it returns."""

from __future__ import annotations

import threading
from enum import IntEnum
from typing import Any, NamedTuple

import highspy
import numpy as np

from ecumene.errors import SolveError
from ecumene.models.highs import Rows, highs_of
from ecumene.models.planning_model import Assembled, require_planning
from ecumene.types import FloatArray

TOLERANCE = 1e-6
"""Largest residual and relative gap of a solution that counts as optimal; HiGHS works to 1e-7."""


class PlanStatus(IntEnum):
    """How a plan ended; the message carries cause and next step."""

    OPTIMAL = 0
    INFEASIBLE = 1
    UNBOUNDED = 2
    UNFINISHED = 3
    UNCERTIFIED = 4

    @property
    def message(self) -> str:
        """One sentence."""
        return _MESSAGES[self]


_MESSAGES = {
    PlanStatus.OPTIMAL: "optimal, certified by its dual",
    PlanStatus.INFEASIBLE: "no plan reaches the required living standard; the shortages name the missing goods",
    PlanStatus.UNBOUNDED: "it grows without bound: a technique makes goods of nothing, check its inputs and labour",
    PlanStatus.UNFINISHED: "the solver did not finish; shorten the plan or name fewer techniques",
    PlanStatus.UNCERTIFIED: "it misses its own certificate: numbers differ too much in size, merge tiny sectors",
}


class Certificate(NamedTuple):
    """What proves a solution: violations of rows and bounds, of the signs of duals, and the gap between the values.

    Residuals are in units of mean needs by good; the gap is relative to 1 + |value|.
    """

    primal_residual: float
    dual_residual: float
    gap: float

    @property
    def holds(self) -> bool:
        """Whether all three are within `TOLERANCE`."""
        return bool(max(self) <= TOLERANCE)


class Solution(NamedTuple):
    """One solve: values of columns, duals of rows, reduced costs; not numbers unless the status is optimal."""

    status: PlanStatus
    value: float
    columns: FloatArray
    duals: FloatArray
    reduced: FloatArray
    certificate: Certificate
    iterations: int


class Solver:
    """HiGHS with one programme in it: bounds, costs and coefficients change between solves, the basis stays."""

    def __init__(self, programme: Assembled) -> None:
        require_planning()
        rows = Rows(programme.matrix, programme.low, programme.high)
        self._highs = highs_of(programme.cost, programme.lower, programme.upper, rows)
        self._highs.HandleUserInterrupt = True
        self.matrix = programme.matrix.copy()
        self.cost, self.lower, self.upper = (
            programme.cost.copy(),
            programme.lower.copy(),
            programme.upper.copy(),
        )
        self.low, self.high = programme.low.copy(), programme.high.copy()

    def bound_columns(
        self, columns: np.ndarray, lower: FloatArray | float, upper: FloatArray | float
    ) -> None:
        """New bounds of variables."""
        at = np.asarray(columns, dtype=np.int32).reshape(-1)
        self.lower[at], self.upper[at] = np.reshape(lower, -1), np.reshape(upper, -1)
        self._highs.changeColsBounds(len(at), at, self.lower[at], self.upper[at])

    def bound_rows(self, rows: np.ndarray, low: FloatArray | float, high: FloatArray | float) -> None:
        """New bounds of constraints."""
        at = np.asarray(rows, dtype=np.int32).reshape(-1)
        self.low[at], self.high[at] = np.reshape(low, -1), np.reshape(high, -1)
        for row, least, most in zip(at.tolist(), self.low[at].tolist(), self.high[at].tolist(), strict=True):
            self._highs.changeRowBounds(row, least, most)

    def scale(self, rows: np.ndarray, columns: np.ndarray, values: FloatArray | float) -> None:
        """New coefficients where there were some."""
        at_rows, at_columns = np.reshape(rows, -1), np.reshape(columns, -1)
        new = np.broadcast_to(np.asarray(values, dtype=np.float64), at_rows.shape)
        self.matrix[at_rows, at_columns] = new
        for row, column, value in zip(at_rows.tolist(), at_columns.tolist(), new.tolist(), strict=True):
            self._highs.changeCoeff(row, column, value)

    def price(self, cost: FloatArray) -> None:
        """A new objective."""
        self.cost = np.array(cost, dtype=np.float64)
        at = np.arange(len(cost), dtype=np.int32)
        self._highs.changeColsCost(len(at), at, self.cost)

    def solve(self) -> Solution:
        """The optimum from the last basis; once more without it where that leads nowhere or misses the certificate."""
        found = self._solve()
        if found.status in (PlanStatus.UNFINISHED, PlanStatus.UNCERTIFIED):
            self._highs.clearSolver()
            found = self._solve()
        return found

    def _solve(self) -> Solution:
        status = self._run(highspy.HighsModelStatus)
        iterations = max(int(self._highs.getInfo().simplex_iteration_count), 0)
        certificate = Certificate(np.nan, np.nan, np.nan)
        if status is PlanStatus.OPTIMAL:
            found = self._highs.getSolution()
            z, y = np.array(found.col_value), np.array(found.row_dual)
            reduced = self.cost - self.matrix.T @ y
            certificate = self._certify(z, y, reduced)
            if certificate.holds:
                return Solution(status, float(self.cost @ z), z, y, reduced, certificate, iterations)
            status = PlanStatus.UNCERTIFIED
        n, m = len(self.cost), len(self.low)
        nan = np.full(max(n, m), np.nan)
        return Solution(status, np.nan, nan[:n], nan[:m], nan[:n], certificate, iterations)

    def _run(self, names: Any) -> PlanStatus:
        """One run; for the main thread beside it, so that Ctrl-C stops the solver as well."""
        if threading.current_thread() is threading.main_thread():
            self._run_beside()
        else:
            self._highs.run()
        return {
            names.kOptimal: PlanStatus.OPTIMAL,
            names.kInfeasible: PlanStatus.INFEASIBLE,
            names.kUnbounded: PlanStatus.UNBOUNDED,
        }.get(self._highs.getModelStatus(), PlanStatus.UNFINISHED)

    def _run_beside(self) -> None:
        """Nothing may touch the programme while it runs: an interrupt waits until the solver has heard of it."""
        guard, stopped = threading.Lock(), threading.Event()

        def work() -> None:
            with guard:
                if not stopped.is_set():
                    self._highs.run()

        running = threading.Thread(target=work, daemon=True)
        try:
            running.start()
            while running.is_alive():
                running.join(0.1)  # the request may reach another thread: it is heard at the next turn
        except BaseException:
            stopped.set()
            self._highs.cancelSolve()
            with guard:
                raise

    def _certify(self, z: FloatArray, y: FloatArray, reduced: FloatArray) -> Certificate:
        """Residuals of both programmes and the gap between their values.

        Of the maximum `c z`, the dual value is `sum_i y_i b_i + sum_j r_j z_j^bound`, with y and r at or above 0
        against upper bounds, at or below 0 against lower ones; `r = c - M' y`. An infinite bound allows no dual.
        """
        row = self.matrix @ z
        primal = max(
            _most(row - self.high), _most(self.low - row), _most(z - self.upper), _most(self.lower - z), 0.0
        )
        worth, wrong = 0.0, 0.0
        for dual, low, high in ((y, self.low, self.high), (reduced, self.lower, self.upper)):
            bound = np.where(dual > 0, high, low)
            free = ~np.isfinite(bound)
            wrong = max(wrong, _most(np.abs(dual[free])))
            worth += float(dual[~free] @ bound[~free])
        value = float(self.cost @ z)
        return Certificate(float(primal), float(wrong), abs(worth - value) / (1.0 + abs(value)))


def _most(values: FloatArray) -> float:
    return float(values.max()) if len(values) else 0.0


def require_optimal(solution: Solution, what: str) -> Solution:
    """The solution, or a SolveError with cause and next step."""
    if solution.status is not PlanStatus.OPTIMAL:
        raise SolveError(f"{what}: {solution.status.message}")
    return solution
