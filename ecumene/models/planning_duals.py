"""Prices of bottlenecks: duals of a plan, and their left and right values where they are not unique.

The value of a plan is concave in what it has, so that one unit less costs at least what one unit more brings. Where the
optimum is degenerate the two differ, and the solver's dual is any number between them (Dorfman, Samuelson and Solow
1958).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from ecumene.models.planning import Prepared
from ecumene.models.planning_solve import PlanStatus, Solution
from ecumene.types import AnyArray

STEP = 1e-4
"""Perturbation, as a share of what there is."""

KINDS: Final = ("capacity", "labour", "imports", "exports", "exchange", "resources")
"""What can be scarce: capacity of a technique, labour of a skill, imports and exports of a good, foreign exchange, a
resource; each in a year."""


class Bottlenecks(NamedTuple):
    """What is scarce, the most valuable first; prices in baskets of the year per unit of money.

    `price` is the solver's dual, `right` what a little more would bring and `left` what a little less would cost:
    `right <= price <= left`, all three equal where the dual is unique. `worth` is price times amount over the basket.
    """

    kind: tuple[str, ...]
    year: Int[AnyArray, " N"]
    item: Int[AnyArray, " N"]  # of techniques, skills, goods or resources; 0 for exchange
    amount: Float[AnyArray, " N"]
    price: Float[AnyArray, " N"]
    left: Float[AnyArray, " N"]  # NaN where there is nothing to take away
    right: Float[AnyArray, " N"]
    worth: Float[AnyArray, " N"]


class _Scarce(NamedTuple):
    kind: str
    year: int
    item: int
    at: int  # row or column
    amount: float
    dual: float


def _candidates(prepared: Prepared, found: Solution) -> list[_Scarce]:
    p, a, solver = prepared
    T = p.years
    listed: list[_Scarce] = []

    def rows(kind: str, at: np.ndarray, year: int, amount: np.ndarray) -> None:
        listed.extend(
            _Scarce(kind, year, item, int(row), float(much), float(found.duals[row]))
            for item, (row, much) in enumerate(zip(at, amount, strict=True))
        )

    capacity = np.concatenate([p.capacity[None] / a.unit, found.columns[a.columns["capacity"]]])
    for t in range(T):
        rows("capacity", a.rows["first_capacity"] if t == 0 else a.rows["capacity"][t - 1], t, capacity[t])
        rows("labour", a.rows["labour"][t], t, solver.high[a.rows["labour"][t]])
        if "resources" in a.rows:
            rows("resources", a.rows["resources"][t], t, solver.high[a.rows["resources"][t]])
        earned = found.columns[a.columns["exports"][t]] @ p.export_price + p.transfer / a.unit
        rows("exchange", a.rows["exchange"][t : t + 1], t, np.array([earned]))
        for kind in ("imports", "exports"):
            at = a.columns[kind][t]
            listed.extend(
                _Scarce(kind, t, item, int(column), float(solver.upper[column]), float(found.reduced[column]))
                for item, column in enumerate(at)
            )
    return listed


def bottlenecks(prepared: Prepared, number: int = 10) -> Bottlenecks:
    """The `number` bottlenecks that are worth most in the plan, with left and right values by perturbation.

    `right = (V(b + h) - V(b)) / h`, `left = (V(b) - V(b - h)) / h`, h a ten-thousandth of the amount; V is piecewise
    linear, so that both are exact unless a corner lies within h. None where the plan has no optimum.
    """
    p, a, _ = prepared
    base = prepared.solver.solve()
    if base.status is not PlanStatus.OPTIMAL:
        return Bottlenecks((), *(np.zeros(0, dtype=np.intp),) * 2, *(np.zeros(0),) * 5)
    basket = p.needs.sum() / a.unit
    listed = [
        each for each in _candidates(prepared, base) if each.amount > 0 and each.dual * each.amount > 1e-9
    ]
    chosen = sorted(listed, key=lambda each: -each.dual * each.amount)[: max(number, 0)]
    scale = np.array([basket / p.weights[each.year] for each in chosen])
    sides = np.array([_sides(prepared, each, base.value) for each in chosen]).reshape(-1, 2)
    amount, dual = np.array([each.amount for each in chosen]), np.array([each.dual for each in chosen])
    return Bottlenecks(
        tuple(each.kind for each in chosen),
        np.array([each.year for each in chosen], dtype=np.intp),
        np.array([each.item for each in chosen], dtype=np.intp),
        a.unit * amount,
        dual * scale,
        sides[:, 0] * scale,
        sides[:, 1] * scale,
        dual * scale * amount / basket,
    )


def _sides(prepared: Prepared, scarce: _Scarce, value: float) -> tuple[float, float]:
    """Left and right derivative of the value in one bound."""
    solver = prepared.solver
    column = scarce.kind in ("imports", "exports")
    low, high = (solver.lower, solver.upper) if column else (solver.low, solver.high)
    change = solver.bound_columns if column else solver.bound_rows
    at, before, least = np.array([scarce.at]), float(high[scarce.at]), float(low[scarce.at])
    step = STEP * scarce.amount
    found = []
    for sign in (-1.0, 1.0):
        try:
            change(at, least, before + sign * step)
            new = solver.solve()
        finally:
            change(at, least, before)
        found.append(sign * (new.value - value) / step if new.status is PlanStatus.OPTIMAL else np.nan)
    return found[0], found[1]
