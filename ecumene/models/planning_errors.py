"""How precise planning is: the plan of one table carried out on another, and of a table measured with error.

A plan is the output that yesterday's recipes ask for, `x = (I - A_plan)^-1 y`. Carried out where the recipes are A,
good s is short of `(A x + y - x)_s = ((A - A_plan) x)_s`: errors add up over users, so that independent ones partly
cancel. Sources: Leontief (1986) on stability of coefficients; Sherman and Morrison (1950) and Evans (1954) on their
errors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from ecumene.errors import InputError
from ecumene.types import AnyArray, FloatArray

LEVELS = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Standard errors of coefficients, as shares of each."""


class Executed(NamedTuple):
    """A plan carried out on other recipes than it was made from. Money as the targets."""

    output: Float[np.ndarray, " N"]  # as planned
    shortage: Float[np.ndarray, " N"]  # what users and final targets lack
    surplus: Float[np.ndarray, " N"]  # what nobody asked for
    shortage_share: float  # of all planned output
    surplus_share: float
    unplanned: int  # goods whose planned output was below 0 and is taken as 0


class Errors(NamedTuple):
    """Shares short and in surplus as a function of the standard error of coefficients."""

    level: Float[np.ndarray, " L"]
    shortage_share: Float[np.ndarray, "L D"]  # of all planned output, by draw
    surplus_share: Float[np.ndarray, "L D"]
    shortage: Float[np.ndarray, "L N"]  # of each good, share of its planned output, mean over draws
    surplus: Float[np.ndarray, "L N"]  # the same


def execute(
    planned: Float[AnyArray, "N N"], actual: Float[AnyArray, "N N"], target: Float[AnyArray, " N"]
) -> Executed:
    """The plan `x = (I - A_plan)^-1 y` carried out where the recipes are A.

    `shortage_s = max(0, e_s)`, `surplus_s = max(0, -e_s)` with `e = A x + y - x`. planned A_plan and actual A are
    inputs per unit of output, target y final targets (of one economy net of imports, so that it may be below 0).
    Errors: InputError where shapes differ, coefficients are negative, or the planned recipes use themselves up.
    """
    A, believed = _recipes("actual", actual), _recipes("planned", planned)
    y = np.asarray(target, dtype=np.float64)
    if A.shape != believed.shape or y.shape != A.shape[:1] or not np.isfinite(y).all():
        raise InputError(
            f"planned {believed.shape}, actual {A.shape} and target {y.shape} do not belong together; give both "
            "tables the same goods, and one finite target for each"
        )
    try:
        wanted = np.linalg.solve(np.eye(len(y)) - believed, y)
    except np.linalg.LinAlgError as error:
        raise InputError(f"the planned recipes use themselves up ({error}); clean the table") from error
    output = np.maximum(wanted, 0.0)
    if not output.sum() > 0:
        raise InputError("the plan makes nothing: every planned output is 0 or below; give targets above 0")
    gap = A @ output + y - output
    shortage, surplus = np.maximum(gap, 0.0), np.maximum(-gap, 0.0)
    total = output.sum()
    return Executed(
        output,
        shortage,
        surplus,
        float(shortage.sum() / total),
        float(surplus.sum() / total),
        int((wanted < 0).sum()),
    )


def measured_with_error(
    recipes: Float[AnyArray, "N N"],
    target: Float[AnyArray, " N"],
    levels: Sequence[float] = LEVELS,
    draws: int = 20,
    seed: int = 0,
    told: Callable[[int], None] | None = None,
) -> Errors:
    """Shortages and surpluses where every coefficient is measured with an independent error.

    `A_plan = A exp(sigma z - sigma^2 / 2)`, z standard normal, the same draws at every level: right on average, with
    standard error near sigma. To first order good s is off by `sigma sqrt(sum_k (A_sk x_k)^2)`. `told` hears of
    every draw. Errors: InputError for levels outside 0 to 1 or draws below 1.
    """
    A = _recipes("recipes", recipes)
    sigma = np.asarray(levels, dtype=np.float64)
    if sigma.ndim != 1 or not len(sigma) or not ((sigma >= 0) & (sigma <= 1)).all():
        raise InputError(f"levels are {levels!r:.60}; give standard errors from 0 to 1, as in (0.01, 0.2)")
    if isinstance(draws, bool) or draws < 1:
        raise InputError(f"draws is {draws}; give at least 1")
    rng = np.random.default_rng(seed)
    shortage, surplus = np.zeros((2, len(sigma), draws))
    by_good = np.zeros((2, len(sigma), len(A)))
    for draw in range(draws):
        z = rng.standard_normal(A.shape)
        for place, level in enumerate(sigma):
            found = execute(A * np.exp(level * z - 0.5 * level**2), A, target)
            shortage[place, draw], surplus[place, draw] = found.shortage_share, found.surplus_share
            for side, amount in enumerate((found.shortage, found.surplus)):
                unknown = np.where(amount > 0, np.nan, 0.0)  # of a good that the plan does not make
                by_good[side, place] += np.divide(amount, found.output, out=unknown, where=found.output > 0)
        if told is not None:
            told(draw)
    return Errors(sigma, shortage, surplus, *(by_good / draws))


def _recipes(name: str, given: AnyArray) -> FloatArray:
    values: FloatArray = np.asarray(given, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] != values.shape[1]:
        raise InputError(
            f"{name} has shape {values.shape}; recipes are inputs x users, one row and column a good"
        )
    if not (np.isfinite(values) & (values >= 0)).all():
        raise InputError(f"{name} has coefficients that are negative or not finite; clean the table")
    return values
