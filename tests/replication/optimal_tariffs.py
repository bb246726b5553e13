"""The optimal tariff of a two-country Armington world, and the symmetric Nash equilibrium."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.optimize import brentq

from ecumene.models import trade
from ecumene.models.equilibrium import Equilibrium
from ecumene.models.trade import Options
from ecumene.types import FloatArray
from ecumene.world import World
from replication.rows import Row, formula, published
from replication.worlds import two_countries

ICEBERG = 1.5
NASH_SIGMA = 5.0
SIGMAS = (3.0, 5.0, 8.0)
SIZES = ((1.0, 1.0), (1.0, 3.0), (1.0, 100.0))
_TIGHT = Options(tolerance=1e-13)


def _rates(first: float, second: float) -> FloatArray:
    """[origin, destination, sector]: what each country charges on the other."""
    return np.array([[0.0, second], [first, 0.0]])[:, :, None]


def _slope(world: World, rates: list[float], country: int) -> float:
    """Derivative of a country's log real income by its own tariff."""
    who = world.economies[country]
    derivative = trade.gradient(world, who, "tariff", tariff=_rates(*rates), deficits="zero", options=_TIGHT)
    return float(derivative.values[1 - country, country, 0])


def best_tariff(world: World, country: int, other: float) -> float:
    """The tariff at which real income is largest, given the partner's: the zero of the derivative."""

    def slope(log_rate: float) -> float:
        rates = [other, other]
        rates[country] = float(np.expm1(log_rate))
        return _slope(world, rates, country)

    low, high = 0.02, 0.1
    while slope(high) > 0:
        low, high = high, 1.5 * high
    return float(np.expm1(brentq(slope, low, high, xtol=1e-10, rtol=1e-10)))


def _solved(world: World, rates: list[float]) -> Equilibrium:
    return trade.solve(world, tariff=_rates(*rates), deficits="zero", options=_TIGHT).raise_unless_ok()


def optimal(_: Path) -> list[Row]:
    """`t_i = 1 / ((sigma - 1) d_j)`, d_j the partner's domestic sales over output at the optimum."""
    rows = []
    for sigma in SIGMAS:
        for sizes in SIZES:
            world = two_countries(sigma, sizes, ICEBERG)
            for country in (0, 1) if sizes[0] != sizes[1] else (0,):
                found = best_tariff(world, country, 0.0)
                rates = [0.0, 0.0]
                rates[country] = found
                eq = _solved(world, rates)
                around = [1.01 * rate for rate in rates], [0.99 * rate for rate in rates]
                beside = [_solved(world, other).real_income[country] for other in around]
                highest = all(eq.real_income[country] > income for income in beside)
                partner = 1 - country
                domestic = float(eq.trade[partner, partner, 0] / eq.output[partner, 0])
                expected = 1.0 / ((sigma - 1.0) * domestic)
                pair = f"{sizes[0]:g}:{sizes[1]:g}"
                label = f"sigma {sigma:g}, sizes {pair}, tariff of the country of size {sizes[country]:g}"
                rows.append(formula(label, expected, found if highest else np.nan, "ad valorem"))
    return rows


def _symmetric(rate: float) -> float:
    """Zero at the Nash tariff of equal countries, `1/d = 1 + (iceberg (1+t))^(1-sigma) / (1+t)`."""
    relative = (ICEBERG * (1.0 + rate)) ** (1.0 - NASH_SIGMA)
    domestic = 1.0 / (1.0 + relative / (1.0 + rate))
    return rate - 1.0 / ((NASH_SIGMA - 1.0) * domestic)


def nash(_: Path) -> list[Row]:
    """Each tariff is the best answer to the other's: iterated best responses from free trade."""
    world = two_countries(NASH_SIGMA, (1.0, 1.0), ICEBERG)
    rates = [0.0, 0.0]
    for _step in range(20):
        before = list(rates)
        rates = [best_tariff(world, 0, rates[1]), best_tariff(world, 1, rates[0])]
        if max(abs(a - b) for a, b in zip(before, rates, strict=True)) < 1e-9:
            break
    closed_form = float(brentq(_symmetric, 1e-3, 5.0, xtol=1e-14))
    welfare = 100 * np.log(_solved(world, rates).real_income.values)
    return [
        published("tariff of the first country", "0.265231", rates[0], "ad valorem"),
        formula("the same, against its closed form", closed_form, rates[0], "ad valorem"),
        published("tariff of the second country", "0.265231", rates[1], "ad valorem"),
        published("welfare of the first country", "-1.1385", welfare[0], "log points x 100"),
        published("welfare of the second country", "-1.1385", welfare[1], "log points x 100"),
    ]
