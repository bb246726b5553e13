"""The bench of an experiment: a world under one structure, in one draw of its parameters."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ecumene import priors
from ecumene.ledger import policies
from ecumene.ledger.policies import Policy
from ecumene.ledger.schema import Experiment
from ecumene.ledger.structures import Structure
from ecumene.models import trade
from ecumene.types import FloatArray
from ecumene.world import World

Found = Mapping[str, float]
"""What an experiment measures in one draw, by the names that questions use."""


class Design(NamedTuple):
    """An experiment: what runs, the structures it runs under, and what a world must have."""

    run: Callable[[Bench], Found]
    structures: tuple[Structure, ...]
    lacking: Callable[[World], str | None] = lambda world: None


class Drawn(NamedTuple):
    """All draws of an experiment on a world: the priors that every experiment shares, and its own parameters."""

    priors: priors.Draws
    own: Mapping[str, FloatArray]


def drawn(world: World, experiment: Experiment, count: int, seed: int) -> Drawn:
    """Draws of the trade elasticities, the ladder and the experiment's own parameters, Latin hypercube each.

    A parameter has a stream of its own, named by it. Source: McKay, Beckman and Conover (1979). Errors: InputError.
    """
    own = {}
    for name, prior in experiment.parameters.items():
        stream = np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(f"ledger:{name}".encode())]))
        rank = (stream.permutation(count) + stream.random(count)) / count
        ends = np.array([prior.low, prior.high])
        low, high = np.log(ends) if prior.scale == "log" else ends
        value = low + rank * (high - low)
        own[name] = np.exp(value) if prior.scale == "log" else value
    return Drawn(priors.draw(world, count, seed), own)


@dataclass(frozen=True)
class Bench:
    """One draw: arguments of every solve, and settings and numbers that the experiment reads by name."""

    world: World
    structure: Structure
    settings: Mapping[str, Any]
    draws: Drawn
    number: int
    policies: dict[str, Policy] = field(default_factory=dict)  # central ones, shared by the world's draws

    @cached_property
    def theta(self) -> FloatArray:
        """Trade elasticities [sector]."""
        return self.draws.priors.theta[self.number]

    @property
    def seed(self) -> int:
        """A seed of this draw's own."""
        return int(np.random.SeedSequence([self.draws.priors.seed, self.number]).generate_state(1)[0])

    def value(self, name: str) -> float:
        """A parameter of the experiment in this draw."""
        return float(self.draws.own[name][self.number])

    def policy(self, order: str, text: str = "") -> Policy:
        """What an order changes here: a preset, or a YAML text of that name; the ladder as drawn."""
        if order not in self.policies:
            self.policies[order] = policies.central(order, text, self.world)
        ranks = (self.draws.priors.ladder_goods[self.number], self.draws.priors.ladder_services[self.number])
        return policies.drawn(self.policies[order], self.world, *map(float, ranks))

    def solve(self, iceberg: Any = None, tariff: Any = None, **others: Any) -> trade.Equilibrium:
        """An equilibrium under this structure and draw; its status says whether it has numbers."""
        return trade.solve(self.world, iceberg, tariff, self.theta, **{**self.structure.solve, **others})

    def under(self, order: str, text: str = "", **others: Any) -> trade.Equilibrium:
        """The equilibrium of an order."""
        policy = self.policy(order, text)
        return self.solve(policy.iceberg, policy.tariff, **others)

    def places(self, codes: Sequence[str]) -> list[int]:
        """Positions of those economies that the world has."""
        return [self.world.economies.index(code) for code in codes if code in self.world.economies]


def percent(eq: trade.Equilibrium) -> FloatArray:
    """Change of real income of every economy, percent; not a number without an equilibrium."""
    return 100.0 * (np.asarray(eq.numbers("real_income"), dtype=float) - 1.0)


def mean(values: FloatArray, weights: FloatArray) -> float:
    """A weighted mean."""
    return float(np.average(values, weights=weights))


def rank_correlation(one: FloatArray, other: FloatArray) -> float:
    """Spearman's rank correlation; not a number where one side does not vary."""
    ranks = [np.argsort(np.argsort(side)).astype(float) for side in (one, other)]
    if not all(np.isfinite(side).all() and np.ptp(side) > 0 for side in (one, other)):
        return float("nan")
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
