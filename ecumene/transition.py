"""The speed of change: from one order to another over years, while workers and suppliers are bound at first.

Each year the rules stand at a share f of the way, the economy is adapted to a share g of it. Long-run income at g comes
from the trade model with its own elasticities; what the rest of the way does at once, from the equilibrium at g, comes
from short-run elasticities and workers bound to their sector.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from ecumene.errors import InputError, SolveError
from ecumene.models import trade
from ecumene.models.purchases import purchases_of
from ecumene.orders import Order, Policy, apply, load_order
from ecumene.orders.reading import Reference
from ecumene.sidebyside import Count, Progress
from ecumene.types import FloatArray
from ecumene.world import World


class Adjustment(NamedTuple):
    """How bound an economy is at first, and how fast it adapts."""

    theta_factor: float = 0.36
    eta: float = 0.5
    epsilon: float = 0.5
    mobility: float = 1.0
    years: float = 4.0


SOURCES: Final = {
    "theta_factor": "Boehm, Levchenko and Pandalai-Nayar (2023), American Economic Review 113(4): 0.76 after a year over "
    "2.12 in the long run",
    "eta": "short-run elasticity between value added and inputs of Baqaee and Farhi (2024), about 1/2",
    "epsilon": "assumption; Baqaee and Farhi (2024) use 0.2 for shocks within a year",
    "mobility": "1: workers stay in their sector for the year (assumption)",
    "years": "assumption: time scale of adapting; the elasticity of Boehm et al. is near its end after 7 to 10 years",
}
"""Where each number of an adjustment comes from."""

DISCOUNT: Final = 0.03
"""Yearly rate at which income of later years counts less, in choosing the pace (assumption)."""

PACES: Final = (1, 2, 5, 10, 15, 20)
"""Years over which the same change is made, to compare."""


@dataclass(frozen=True, eq=False)
class Transition:
    """Real income year by year, on the way from one order to another.

    `path` [year, economy] is percent against the start; `worst` names each economy's worst year, `present` its
    discounted mean over the horizon, percent.
    """

    origin: str
    target: str
    years: int
    economies: tuple[str, ...]
    done: FloatArray  # share of the way that rules stand at, by year
    adapted: FloatArray  # share that the economy is adapted to
    path: FloatArray
    world: FloatArray  # weighted by base income
    end: FloatArray  # long-run change at the target, percent
    residual: float  # largest of all solves

    @property
    def worst_year(self) -> int:
        """Year in which the world's income is lowest."""
        return int(self.world.argmin())

    @property
    def present(self) -> FloatArray:
        """Discounted mean of each economy's change over the horizon, percent."""
        return _discounted(self.path)

    def to_frame(self) -> pd.DataFrame:
        """Tidy: year, economy, real income in percent of the start."""
        years = np.arange(len(self.path))
        wide = pd.DataFrame(self.path, index=pd.Index(years, name="year"), columns=list(self.economies))
        return wide.melt(ignore_index=False, var_name="economy", value_name="real_income").reset_index()


def transition(
    world: World,
    target: Order | Reference,
    *,
    origin: Order | Reference = "today",
    years: int = 10,
    horizon: int = 25,
    adjustment: Adjustment = Adjustment(),  # noqa: B008
    progress: Progress | None = None,
) -> Transition:
    """Real income in each year of a change of order that takes `years`.

    Rules move along logs of trade costs and along tariffs; a link that closes loses its openness `kappa^-theta` evenly.
    The economy adapts by `g_{t+1} = g_t + (f_t - g_t) / T`. In year t real income is
    `RI(g_t) RI_short(g_t -> f_t)`, the second from the equilibrium at g_t with elasticities of the short run.
    Errors: InputError (years, horizon, adjustment), SolveError naming the year that has no equilibrium.
    """
    _require(years, horizon, adjustment)
    first, last = (each if isinstance(each, Order) else load_order(each) for each in (origin, target))
    policies = [apply(order, world) for order in (first, last)]
    done = np.minimum(np.arange(horizon + 1) / years, 1.0)
    adapted = np.zeros(horizon + 1)
    for t in range(horizon):
        adapted[t + 1] = adapted[t] + (done[t] - adapted[t]) / adjustment.years
    deficits = policies[1].deficits or world.deficits
    count = Count(2 * (horizon + 1) + 1, progress)
    way = _Way(world, policies[0], policies[1], deficits, adjustment, count.add)
    start, _ = way.adapted(0.0)
    levels = [way.income(float(f), float(g), t) for t, (f, g) in enumerate(zip(done, adapted, strict=True))]
    path = 100.0 * (np.array(levels) / start - 1.0)
    weight = world.income.values / world.income.values.sum()
    end, _ = way.adapted(1.0)
    count.add("long run")
    return Transition(
        first.name, last.name, years, world.economies, done, adapted, path, path @ weight,
        100.0 * (end / start - 1.0), way.residual,
    )  # fmt: skip


def paces(
    world: World,
    target: Order | Reference,
    *,
    origin: Order | Reference = "today",
    choices: Sequence[int] = PACES,
    horizon: int = 25,
    adjustment: Adjustment = Adjustment(),  # noqa: B008
    progress: Progress | None = None,
) -> tuple[Transition, ...]:
    """The same change at several paces; the one that loses least has the largest discounted mean of the world."""
    if not choices:
        raise InputError("choices is empty; give the years over which the change is made, such as 1, 5, 10")
    each = 2 * (horizon + 1) + 1
    count = Count(each * len(choices), progress)
    return tuple(
        transition(
            world, target, origin=origin, years=years, horizon=horizon, adjustment=adjustment,
            progress=lambda done, total, label: count.add(label),
        )
        for years in choices
    )  # fmt: skip


def least_loss(found: Sequence[Transition]) -> Transition:
    """Of several paces, the one whose discounted world income is largest."""
    return max(found, key=lambda each: float(_discounted(each.world)))


def _discounted(values: FloatArray) -> FloatArray:
    weight = (1.0 + DISCOUNT) ** -np.arange(len(values))
    return np.tensordot(weight / weight.sum(), values, axes=1)


@dataclass
class _Way:
    """Policies between two orders, and the incomes along them; equilibria of adapted economies are kept."""

    world: World
    start: Policy
    target: Policy
    deficits: str
    adjustment: Adjustment
    tell: Callable[[str], None]
    residual: float = 0.0

    def __post_init__(self) -> None:
        self._kept: dict[float, tuple[FloatArray, World]] = {}

    def iceberg(self, f: float) -> FloatArray:
        """Trade costs at a share of the way: logs, and openness where a link closes or opens."""
        one, two = self.start.iceberg, self.target.iceberg
        theta = self.world.theta.values[None, None, :]
        both = np.isfinite(one) & np.isfinite(two)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            openness = (1.0 - f) * one**-theta + f * two**-theta
            mixed = np.where(openness > 0, openness ** (-1.0 / theta), np.inf)
        logs = np.exp((1.0 - f) * np.log(np.where(both, one, 1.0)) + f * np.log(np.where(both, two, 1.0)))
        return np.where(both, logs, mixed)

    def tariff(self, f: float) -> FloatArray:
        return (1.0 - f) * self.start.tariff + f * self.target.tariff

    def adapted(self, g: float) -> tuple[FloatArray, World]:
        """Long-run real income at a share of the way, and the world that has adapted to it."""
        if g not in self._kept:
            eq = trade.solve(self.world, iceberg=self.iceberg(g), tariff=self.tariff(g), deficits=self.deficits)
            self._accept(eq, f"adapted to {g:.0%} of the way")
            bought = purchases_of(eq)
            output = eq.trade.values.sum(axis=1)
            cost = bought.intermediate.sum(axis=1)
            whole = cost[:, None, :]
            moved = World.from_trade(
                eq.trade.values,
                1.0 - np.divide(cost, output, out=np.zeros_like(cost), where=output > 0),
                np.divide(bought.intermediate, whole, out=np.zeros_like(bought.intermediate), where=whole > 0),
                economies=self.world.economies,
                sectors=self.world.sectors,
                tariff=eq.tariff,
                theta=self.world.theta.values,
                year=self.world.year,
                source=self.world.source,
                deficits=self.deficits,
            )
            self._kept[g] = (eq.real_income.values, moved)
        return self._kept[g]

    def income(self, f: float, g: float, year: int) -> FloatArray:
        """Real income where rules stand at f and the economy is adapted to g, ratio to the world's base."""
        level, moved = self.adapted(g)
        self.tell(f"year {year}")
        if abs(f - g) < 1e-12:
            self.tell(f"year {year}")
            return level
        here, there = self.iceberg(g), self.iceberg(f)
        closed = ~np.isfinite(here)
        ratio = np.where(closed, 1.0, there / np.where(closed, 1.0, here))
        a = self.adjustment
        eq = trade.solve(
            moved,
            iceberg=ratio,
            tariff=self.tariff(f),
            theta=self.world.theta.values * a.theta_factor,
            deficits=self.deficits,
            eta=a.eta,
            epsilon=a.epsilon,
            mobility=a.mobility,
        )
        self._accept(eq, f"year {year}")
        self.tell(f"year {year}")
        return level * eq.real_income.values

    def _accept(self, eq: trade.Equilibrium, where: str) -> None:
        if not eq.ok:
            raise SolveError(f"{where}: {eq.status.message} (residual {eq.residual:.1e})")
        self.residual = max(self.residual, float(eq.residual))


def _require(years: int, horizon: int, adjustment: Adjustment) -> None:
    if not (isinstance(years, int) and years >= 1):
        raise InputError(f"years is {years!r}; a change takes a whole number of years, at least 1")
    if not (isinstance(horizon, int) and years <= horizon <= 200):
        raise InputError(f"horizon is {horizon!r}; give whole years, at least the {years} of the change, at most 200")
    if not (np.isfinite(adjustment.years) and adjustment.years >= 1.0):
        raise InputError(f"years of the adjustment are {adjustment.years}; they must be finite and at least 1")
    if not (0.0 < adjustment.theta_factor <= 1.0):
        raise InputError(f"theta_factor is {adjustment.theta_factor}; it is above 0 and at most 1")
