"""One batch of cases solved, in this process: from arrays to one table of numbers."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

import numpy as np

from ecumene.errors import InputError, SolveError
from ecumene.models import trade
from ecumene.security.assess import Cost, cost_of
from ecumene.security.flows import flows_of
from ecumene.security.parameters import settings_of
from ecumene.sweeps import measures
from ecumene.sweeps.job import Case, Job
from ecumene.sweeps.parameters import PARAMETERS
from ecumene.sweeps.rules import Rule
from ecumene.types import FloatArray, IntArray
from ecumene.world import World

_LEVELS = ("eta", "epsilon", "sigma", "rents")
"""Parameters that the trade model takes as they are."""

DEFECTS = (ArithmeticError, LookupError, TypeError, ValueError, RuntimeError, MemoryError)
"""What an error in the program may raise in one case; it is recorded with that case and logged."""


class Answer(NamedTuple):
    """What became of a case: numbers [economy and world, measure], status, a message where it failed."""

    numbers: FloatArray
    status: str
    message: str
    residual: float
    iterations: int


class _Levels(NamedTuple):
    """A rule as few numbers: its different iceberg factors, where each stands, and how its tariffs differ from today.

    An order has some dozen different factors on tens of thousands of links: a power of each costs nothing.
    """

    factors: FloatArray  # domestic links first
    domestic: int
    where: IntArray
    tariff_change: FloatArray

    def iceberg(self, strength: float, percent: float, shape: tuple[int, ...]) -> FloatArray:
        """`factor^strength (1 + percent / 100)`, the second on foreign links; above 0 what is closed stays closed."""
        changed = self.factors**strength
        changed[self.domestic :] *= 1.0 + percent / 100.0
        return changed[self.where].reshape(shape)


def _levels(rule: Rule, base: FloatArray) -> _Levels:
    assert rule.iceberg is not None
    assert rule.tariff is not None
    own = np.eye(len(base), dtype=bool)[:, :, None] & np.ones(base.shape, dtype=bool)
    factors, where = [], np.zeros(base.shape, dtype=np.intp)
    for links in (own, ~own):
        different, places = np.unique(rule.iceberg[links], return_inverse=True)
        where[links] = places + sum(map(len, factors))
        factors.append(different)
    return _Levels(np.concatenate(factors), len(factors[0]), where.ravel(), rule.tariff - base)


class Solver:
    """Solves the cases of a job by number of batch, and keeps what the next case shares with the last."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._worlds: dict[int, World] = {}
        self._goods: dict[int, FloatArray] = {}
        self._levels: dict[tuple[int, int, str], _Levels] = {}
        self._centres: dict[tuple, trade.Equilibrium] = {}
        self._latest: tuple[tuple[int, int, int], trade.Equilibrium] | None = None

    def world(self, at: int) -> World:
        """One of the worlds, made once."""
        if at not in self._worlds:
            world = World(**self.job.worlds[at])
            self._worlds[at] = world
            goods = world.layers.get("goods")
            of = np.ones(len(world.sectors)) if goods is None else np.asarray(goods.values, dtype=np.float64)
            foreign = 1.0 - np.eye(len(world.economies))
            self._goods[at] = foreign[:, :, None] * of
        return self._worlds[at]

    def solve(self, case: Case) -> Answer:
        """A case's numbers, or why it has none; nothing that one case meets stops another."""
        try:
            return self._solved(case)
        except InputError as error:
            return self._failed(case, "refused", str(error))
        except SolveError as error:
            return self._failed(case, "no_solution", str(error))
        except DEFECTS as error:
            logging.getLogger(__name__).exception("case %s failed", case.identity)
            return self._failed(case, "error", f"{type(error).__name__}: {error}")

    def _failed(
        self, case: Case, status: str, message: str, residual: float = np.nan, iterations: int = 0
    ) -> Answer:
        shape = (len(self.job.worlds[case.world]["economies"]) + 1, len(self.job.file.measures))
        return Answer(np.full(shape, np.nan), status, " ".join(message.split()), residual, iterations)

    def _solved(self, case: Case) -> Answer:
        world = self.world(case.world)
        key = (case.world, case.point, case.order)
        if self._latest is None or self._latest[0] != key:
            self._latest = None
            self._latest = (key, self._equilibrium(case))
        eq = self._latest[1]
        if not eq.ok:
            status = eq.status.name.lower()
            return self._failed(case, status, eq.status.message, float(eq.residual), eq.iterations)
        cost = self._cost(case, eq)
        columns = [
            self._shock_column(name, cost, eq)
            if name in measures.SHOCK_MEASURES
            else measures.of_trade(name, eq, world)
            for name in self.job.file.measures
        ]
        return Answer(np.stack(columns, axis=1), "ok", "", float(eq.residual), eq.iterations)

    def begin(self) -> None:
        """A new batch: what steers its solves is its own, so that its numbers are those of any worker, to the bit."""
        self._centres.clear()
        self._latest = None

    def _equilibrium(self, case: Case) -> trade.Equilibrium:
        """Solved with the response of the batch's first equilibrium under the same order and levels."""
        said = tuple(value for value in case.values.values() if isinstance(value, str))
        key = (case.world, case.order, said)
        found = trade.solve(self.world(case.world), **self.arguments(case), close=self._centres.get(key))
        if found.ok and key not in self._centres:
            self._centres[key] = found
        return found

    def arguments(self, case: Case) -> dict[str, Any]:
        """What the trade model is given for a case. Errors: SolveError where the order's tariffs were not found."""
        world, values = self.world(case.world), case.values
        key = (case.world, case.order, str(values.get("ladder", PARAMETERS["ladder"].default)))
        rule = self.job.rules[key]
        if rule.iceberg is None or rule.tariff is None:
            raise SolveError(rule.failed)
        iceberg, tariff = rule.iceberg, rule.tariff
        strength = float(values.get("strength", 1.0))
        percent = float(values.get("cost_percent", 0.0))
        if strength != 1.0 or percent:
            base = world.tariff.values
            if key not in self._levels:
                self._levels[key] = _levels(rule, base)
            levels = self._levels[key]
            iceberg = levels.iceberg(strength, percent, base.shape)
            if strength != 1.0:
                tariff = base + strength * levels.tariff_change
        points = float(values.get("tariff_points", 0.0))
        if points:
            tariff = tariff + self._goods[case.world] * points / 100.0
        closure = str(values.get("deficits", "order"))
        factor = float(values.get("theta_factor", 1.0))
        return {
            "iceberg": iceberg,
            "tariff": tariff,
            "theta": world.theta.values * factor,
            "deficits": (rule.deficits or world.deficits) if closure == "order" else closure,
            **{name: values[name] for name in _LEVELS if name in values},
        }

    def _cost(self, case: Case, eq: trade.Equilibrium) -> Cost | None:
        happening = self.job.happenings.get((case.world, case.shock))
        if happening is None or not set(self.job.file.measures) & set(measures.SHOCK_MEASURES):
            return None
        settings, _ = settings_of(self.world(case.world))
        days = np.asarray(settings.stock_days) * float(case.values.get("stock_factor", 1.0))
        changed = {
            name: case.values[name] for name in ("restoring_days", "demand_response") if name in case.values
        }
        return cost_of(
            flows_of(eq), happening, settings._replace(stock_days=days, **changed), lambda name: None
        )

    def _shock_column(self, name: str, cost: Cost | None, eq: trade.Equilibrium) -> FloatArray:
        if cost is None:
            return np.full(len(eq.economies) + 1, np.nan)
        return measures.of_shock(name, cost, eq)
