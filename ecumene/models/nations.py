"""The size of nations: when borders are where a planner, a vote or a secession would leave them, in closed form.

People live evenly on a line of length 1. A nation of size s has its public good in its middle, at a cost k that its
members share, and a member at distance l from it enjoys `g (1 - a l)`. Alesina and Spolaore (1997); trade as in
Alesina, Spolaore and Wacziarg (2000): the larger the market, the larger income, and the more so the less open trade is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ecumene.errors import InputError
from ecumene.given import number


class Preferences(NamedTuple):
    """What people on the line gain from a public good, lose by distance from it, pay for it, and earn by trade.

    g: value of the public good beside oneself. a: share of it lost a unit of distance. k: its cost, a nation.
    income: A, income where the whole world is one market. openness: omega, what a foreign market is worth beside one
    at home, 0 (closed) to 1 (borders cost nothing). Units: income a head of the world, length 1.
    """

    g: float
    a: float
    k: float
    income: float = 0.0
    openness: float = 1.0

    def checked(self) -> Preferences:
        """Itself. Errors: InputError naming what is out of range."""
        for name, value in (("g", self.g), ("a", self.a), ("k", self.k)):
            remedy = "the size of nations needs it finite and above 0"
            if number(name, value, 0.0, remedy=remedy) == 0.0:
                raise InputError(f"{name} is {value!r:.40}; {remedy}")
        number("income", self.income, 0.0, remedy="give a finite number, 0 or above")
        number("openness", self.openness, 0.0, 1.0, "give a number from 0 (closed) to 1")
        return self

    @property
    def pull(self) -> float:
        """What a unit of size costs by distance, less what it earns as a market: `g a / 4 - A (1 - omega)`."""
        return 0.25 * self.g * self.a - self.income * (1.0 - self.openness)


def _known(at: object) -> Preferences:
    """What is given, checked. Errors: InputError."""
    if not isinstance(at, Preferences):
        raise InputError(f"at is {at!r:.60}; give nations.Preferences(g=1.0, a=4.0, k=0.01)")
    return at.checked()


def welfare(at: Preferences, size: float) -> float:
    """Mean welfare, the public good beside oneself left out, in a world of nations of one size s in (0, 1].

    `A (omega + (1 - omega) s) - g a s / 4 - k / s`: market, mean distance s / 4, shared cost. Errors: InputError.
    """
    known = _known(at)
    if not 0 < number("size", size, remedy="a nation's size is above 0 and at most 1, the world's") <= 1:
        raise InputError(f"size is {size!r:.40}; a nation's size is above 0 and at most 1, the world's")
    market = known.income * (known.openness + (1.0 - known.openness) * size)
    return market - 0.25 * known.g * known.a * size - known.k / size


def efficient_size(at: Preferences) -> float:
    """The size at which mean welfare is largest, `sqrt(k / (g a / 4 - A (1 - omega)))`, at most 1 (the world).

    With free trade, or without income from it, `2 sqrt(k / (g a))`: Alesina and Spolaore (1997), proposition 1. The
    number of nations, 1 / s, is taken as a real number. Openness lowers it where income is above 0. Errors: InputError.
    """
    known = _known(at)
    return 1.0 if known.pull <= known.k else float(np.sqrt(known.k / known.pull))


def voted_size(at: Preferences) -> float:
    """The size at which those who live on a border are content on either side of it, and stay so when it moves a
    little: `sqrt(2 k / (g a))`, at most 1.

    Smaller than the efficient one by sqrt 2: who lives at the border loses more by distance than the mean. Alesina and
    Spolaore (1997), proposition 2; without income from trade. Errors: InputError.
    """
    known = _known(at)
    return float(min(1.0, np.sqrt(2.0 * known.k / (known.g * known.a))))


def seceding_size(at: Preferences) -> float:
    """The size of the group at a border that gains most by leaving, `sqrt(2 k / (3 g a))`.

    Its innermost member gains least; see `secession_gain`. Errors: InputError.
    """
    known = _known(at)
    return float(np.sqrt(2.0 * known.k / (3.0 * known.g * known.a)))


def secession_gain(at: Preferences, size: float, leaving: float) -> float:
    """What the least content member of a group of size x at the border of a nation of size s gains if it leaves.

    That member lives at the group's inner end, s / 2 - x from the old middle and x / 2 from the new one:
    `g a ((s / 2 - x) - x / 2) + k / s - k / x`; `s / 2 - x` is a distance where x <= s / 2. Without income from trade.
    Errors: InputError.
    """
    known = _known(at)
    if not 0 < number("leaving", leaving) <= 0.5 * number("size", size):
        raise InputError(
            f"leaving is {leaving!r:.40}; a group at the border is above 0 and at most half of the nation"
        )
    return known.g * known.a * (0.5 * size - 1.5 * leaving) + known.k / size - known.k / leaving


def largest_safe_size(at: Preferences) -> float:
    """The largest size from which no group at the border gains by leaving: `(sqrt 6 + 2) sqrt(k / (g a))`, at most 1.

    The best group has `x = sqrt(2 k / (3 g a))`; its gain `g a s / 2 + k / s - sqrt(6 g a k)` is 0 at the larger root
    of `c^2 - 2 sqrt(6) c + 2 = 0`, s = c sqrt(k / (g a)). Alesina and Spolaore (1997), section on unilateral secession;
    without income from trade. Errors: InputError.
    """
    known = _known(at)
    return float(min(1.0, (np.sqrt(6.0) + 2.0) * np.sqrt(known.k / (known.g * known.a))))
