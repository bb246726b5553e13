"""One batch of cases solved, in this process: from arrays to one table of numbers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ecumene import priors
from ecumene.errors import InputError, SolveError
from ecumene.models import trade
from ecumene.priors import BY_NAME, ShockParameters
from ecumene.priors.shocks import NAMES
from ecumene.security.assess import Cost, Happening, cost_of, happening_of
from ecumene.security.flows import flows_of
from ecumene.security.parameters import DEMAND_RESPONSE, settings_of
from ecumene.sweeps import measures
from ecumene.sweeps.job import Case, Job
from ecumene.sweeps.parameters import HAPPENING, KIND, PARAMETERS, RANKS, SECTOR
from ecumene.sweeps.rules import Rule
from ecumene.types import FloatArray, IntArray
from ecumene.world import World

_LEVELS = ("eta", "epsilon", "sigma", "rents")
"""Parameters that the trade model takes as they are."""

DEFECTS = (ArithmeticError, LookupError, TypeError, ValueError, RuntimeError, MemoryError)
"""What an error in the program may raise in one case; it is recorded with that case and logged."""


CENTRE = ShockParameters(**{field: BY_NAME[row].central for field, row in NAMES.items()})._replace(
    demand_response=DEMAND_RESPONSE
)
"""What a shock takes for granted where nothing is varied."""


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


def _elasticities(world: World, values: Mapping[str, float | str]) -> FloatArray:
    """Trade elasticities of a case [sector]: its own or the world's, times factors of kinds and of all."""
    theta = world.theta.values
    own = {name: float(value) for name, value in values.items() if name.startswith(SECTOR)}
    if own:
        theta = np.array(theta)
        for name, value in own.items():
            theta[world.sectors.index(name.removeprefix(SECTOR))] = value
    kinds = {name: float(value) for name, value in values.items() if name.startswith(KIND)}
    if kinds:
        theta = theta * priors.of_kinds(world, kinds)
    return theta * float(values.get("theta_factor", 1.0))


class Solver:
    """Solves the cases of a job by number of batch, and keeps what the next case shares with the last."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._worlds: dict[int, World] = {}
        self._goods: dict[int, FloatArray] = {}
        self._levels: dict[tuple[int, int, str], _Levels] = {}
        self._centres: dict[tuple, trade.Equilibrium] = {}
        self._latest: tuple[tuple[int, int, int], trade.Equilibrium] | None = None
        self._happening: tuple[tuple[int, int, int], Happening] | None = None

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
        if any(name in values for name in RANKS):
            iceberg = iceberg * np.exp(strength * self._moved(case, rule))
        points = float(values.get("tariff_points", 0.0))
        if points:
            tariff = tariff + self._goods[case.world] * points / 100.0
        closure = str(values.get("deficits", "order"))
        return {
            "iceberg": iceberg,
            "tariff": tariff,
            "theta": _elasticities(world, values),
            "deficits": (rule.deficits or world.deficits) if closure == "order" else closure,
            **{name: values[name] for name in _LEVELS if name in values},
        }

    def _moved(self, case: Case, rule: Rule) -> FloatArray:
        """What ranks inside the ladder's intervals add to the log of `iceberg`; nothing where one is not varied."""
        changes = rule.moved(*(float(case.values.get(name, 0.5)) for name in RANKS))
        goods, services = (
            change[:, :, None] * (name in case.values) for name, change in zip(RANKS, changes, strict=True)
        )
        return np.where(self._goods[case.world].any(axis=(0, 1)), goods, services)

    def _what_happens(self, case: Case) -> Happening | None:
        """The shock of a case, under its own reproduction number and losses of banks where these are varied."""
        happening = self.job.happenings.get((case.world, case.shock))
        if happening is None or not HAPPENING & set(case.values):
            return happening
        key = (case.world, case.shock, case.point)
        if self._happening is None or self._happening[0] != key:
            own = {name: float(case.values[name]) for name in HAPPENING if name in case.values}
            drawn = CENTRE._replace(**own)
            found = happening_of(happening.shock, self.world(case.world), self.job.file.seed, drawn)
            self._happening = (key, found)
        return self._happening[1]

    def _cost(self, case: Case, eq: trade.Equilibrium) -> Cost | None:
        if not set(self.job.file.measures) & set(measures.SHOCK_MEASURES):
            return None
        happening = self._what_happens(case)
        if happening is None:
            return None
        settings, _ = settings_of(self.world(case.world))
        if "criticality" in case.values:
            drawn = CENTRE._replace(criticality=float(case.values["criticality"]))
            rating = drawn.rating(np.asarray(settings.rating, dtype=np.float64))
            settings = settings._replace(rating=rating)
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
