"""Tipping of many who choose alike: when a choice feeds on itself, what has gone may not come back the same way.

A share p of players makes a choice whose payoff over the other is `a + b p`. With logit choice the share is at rest
where `p = 1 / (1 + exp(-beta (a + b p)))` (Brock and Durlauf 2001). For `beta b <= 4` there is one such share for each
a; above, two folds bound a range of a with three, and raising a and lowering it again follows different branches.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq
from scipy.special import expit, logit

from ecumene.errors import InputError
from ecumene.given import array_of, number
from ecumene.types import AnyArray, FloatArray

TOLERANCE = 1e-12
"""Log odds of shares at rest are found to this."""


class Folds(NamedTuple):
    """Payoffs a at which a branch ends; NaN where there is none."""

    falls: float  # lowest a at which the high branch exists: below it the choice collapses
    rises: float  # highest a at which the low branch exists: above it the choice takes over

    @property
    def width(self) -> float:
        """Width of the loop, in units of a; 0 where the same way leads back."""
        return self.rises - self.falls if np.isfinite(self.rises) else 0.0


def folds(b: float, beta: float) -> Folds:
    """`a = ln(p / (1 - p)) / beta - b p` at `p = (1 -+ sqrt(1 - 4 / (beta b))) / 2`, where `da / dp = 0`.

    Errors: InputError where beta is not above 0. Source: Brock and Durlauf (2001), Review of Economic Studies 68.
    """
    _require(b, beta)
    if beta * b <= 4.0:
        return Folds(np.nan, np.nan)
    root = np.sqrt(1.0 - 4.0 / (beta * b))
    rises, falls = (float(logit(p) / beta - b * p) for p in ((1.0 - root) / 2.0, (1.0 + root) / 2.0))
    return Folds(falls, rises)


def shares_at_rest(a: float, b: float, beta: float) -> FloatArray:
    """Every p with `p = 1 / (1 + exp(-beta (a + b p)))`, ascending: one, or three between the folds.

    Solved in log odds `x = beta (a + b expit(x))`, whose two sides cross once between turning points (Brent's method).
    Errors: InputError (what is no number, or too large to be told apart after rounding).
    """
    _require(b, beta)
    number("a", a)

    def gap(x: float) -> float:
        return x - beta * (a + b * float(expit(x)))

    turns: list[float] = []
    if beta * b > 4.0:
        root = np.sqrt(1.0 - 4.0 / (beta * b))
        turns = [float(logit((1.0 - root) / 2.0)), float(logit((1.0 + root) / 2.0))]
    lowest, highest = beta * (a + min(b, 0.0)) - 1.0, beta * (a + max(b, 0.0)) + 1.0
    edges = [lowest, *(x for x in turns if lowest < x < highest), highest]
    if not gap(lowest) < 0.0 < gap(highest):
        raise InputError(
            f"a {a:g}, b {b:g} and beta {beta:g} are too large for shares at rest to be told apart; take smaller ones"
        )
    found = [
        float(expit(brentq(gap, low, high, xtol=TOLERANCE)))
        for low, high in pairwise(edges)
        if (gap(low) <= 0.0) != (gap(high) <= 0.0)
    ]
    return np.array(found)


class Loop(NamedTuple):
    """A payoff raised and lowered again, and the share that follows it."""

    a: Float[AnyArray, " steps"]
    up: Float[AnyArray, " steps"]  # on the way up
    down: Float[AnyArray, " steps"]  # on the way down, by the same a
    width: float  # distance in a between the two jumps; 0 where the same way leads back


def loop(a: Float[AnyArray, " steps"], b: float, beta: float) -> Loop:
    """Follow the share while `a` rises through the given values and falls back, slowly.

    On the way up the lowest share at rest is followed until it ends, on the way down the highest. The width is measured
    on the grid of a: the distance between the values at which the two ways cross one half.
    """
    a = array_of("a", a)
    if a.ndim != 1 or len(a) < 2 or not (np.diff(a) > 0).all():
        raise InputError("a must be two or more rising payoffs")
    rest = [shares_at_rest(float(each), b, beta) for each in a]
    up = np.array([each[0] for each in rest])
    down = np.array([each[-1] for each in rest])
    apart = a[(up < 0.5) & (down >= 0.5)]
    return Loop(a, up, down, float(apart[-1] - apart[0]) if len(apart) > 1 else 0.0)


def _require(b: float, beta: float) -> None:
    number("b", b)
    if number("beta", beta) <= 0.0:
        raise InputError(f"beta is {beta}; it must be finite and above 0")
