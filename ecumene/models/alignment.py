"""Which bloc an economy would join: what each choice gives it, as a game of coalitions around poles.

`V_i = w_T 100 ln(real income_i) - w_H h_l sum_j m_j |x_i - x_j| + w_S [S_i(C) - S_i({i})] - w_K k_l / |C|`

for i in bloc C of depth l; real incomes are exact equilibria of the whole partition. Heterogeneity and shared cost as
in Alesina and Spolaore (1997), the contest of capabilities as in Tullock (1980) and Hirshleifer (1989).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from ecumene import given
from ecumene.errors import InputError
from ecumene.models.coalitions import Game, Others, Partition, canonical
from ecumene.models.depths import Incomes, same
from ecumene.types import BoolArray, FloatArray, IntArray

TERMS: Final = ("trade", "heterogeneity", "security", "cost")

HETEROGENEITY: Final = (0.0, 0.05, 0.1, 0.2, 0.4, 0.6, 1.0)
"""h_l: share of policy that a bloc of depth l decides for its members together (assumption)."""

SHARED_COST: Final = (1.0e-4, 1.05e-4, 1.1e-4, 1.2e-4, 1.4e-4, 1.6e-4, 2.0e-4)
"""k_l: what a state, or a union of depth l, costs whatever its size, in percent of world GDP (assumption).

k_0 is about 90 million USD a year; a deeper union has more to run. |C| is a share of world GDP, so k_l / |C| is in
percent of the bloc's GDP.
"""

REACH_KM: Final = 2000.0
"""lambda: the distance over which a capability falls to 1 / e (assumption)."""

OUTSIDE: Final = 2
"""Depth that is left, at most, between economies of different blocs, or of a bloc and outside (assumption)."""

FOUNDED: Final = 3
"""Depth of a bloc by default, and of one without a pole that a coalition founds (assumption)."""

LARGEST_WEIGHT: Final = 1e6
"""Largest size of a weight that is taken."""


class Weights(NamedTuple):
    """What each term counts, in payoff per unit of the term; 0 switches it off."""

    trade: float = 1.0
    heterogeneity: float = 0.0
    security: float = 0.0
    cost: float = 0.0

    def checked(self) -> Weights:
        """Itself, as numbers. Errors: InputError for a weight that is no number, or where all are 0."""
        told = "it is not a finite number of at most a million; give one, 0 switches the term off"
        found = Weights(
            *(
                given.number(f"the weight of {name}", value, -LARGEST_WEIGHT, LARGEST_WEIGHT, told)
                for name, value in zip(TERMS, self, strict=True)
            )
        )
        if not any(found):
            raise InputError("all weights are 0, so that every choice ties; give at least one term a weight")
        return found


class Traits(NamedTuple):
    """What payoffs read of economies besides trade; None where it is not known, and its term then has to be off."""

    gdp: Float[np.ndarray, " R"]
    positions: Float[np.ndarray, "R D"] | None = None
    capability: Float[np.ndarray, " R"] | None = None
    distance: Float[np.ndarray, "R R"] | None = None  # km
    rivals: Bool[np.ndarray, "R R"] | None = (
        None  # rivals[i, r]: r counts against i unless both are in one bloc
    )

    def ties(self) -> Ties:
        """What the terms besides trade are sums of."""
        R = len(self.gdp)
        apart = reach = np.zeros((R, R))
        if self.positions is not None and self.positions.shape[1]:
            apart = np.abs(self.positions[:, None, :] - self.positions[None, :, :]).mean(axis=2)
        if self.capability is not None and self.distance is not None:
            reach = self.capability[None, :] * np.exp(-self.distance / REACH_KM)
        return Ties(self.gdp / self.gdp.sum(), apart, reach, self.rivals)


class Ties(NamedTuple):
    """Shares of world GDP, political distance of pairs, and what the capability of j weighs where i is [i, j]."""

    shares: Float[np.ndarray, " R"]
    apart: Float[np.ndarray, "R R"]  # |x_i - x_j|, the mean over dimensions
    reach: Float[np.ndarray, "R R"]  # cap_j exp(-d_ij / lambda)
    rivals: Bool[np.ndarray, "R R"] | None

    def terms(self, economy: int, company: Sequence[int], depth: int) -> FloatArray:
        """Heterogeneity, security and cost [3] of an economy in the company of others (itself included), unweighted.

        `-h_l sum_j m_j |x_i - x_j|`, `S_i(C) - S_i({i})` and `-k_l / |C|`. Without a
        position the first is not a number.
        """
        inside = np.array(company)
        size = self.shares[inside].sum()
        apart = float(self.shares[inside] @ self.apart[economy, inside] / size) if len(inside) > 1 else 0.0
        contest = self._contest(economy, inside) - self._contest(economy, np.array([economy]))
        return np.array([-HETEROGENEITY[depth] * apart, contest, -SHARED_COST[depth] / size])

    def _contest(self, economy: int, inside: IntArray) -> float:
        """`S_i = P_i / (P_i + sum over rivals outside)`; 0 without rivals, or where nobody has a capability."""
        if self.rivals is None:
            return 0.0
        against = self.rivals[economy].copy()
        against[inside] = False
        against[economy] = False
        power = self.reach[economy, inside].sum()
        total = power + self.reach[economy, against].sum()
        return float(power / total) if total != 0 else 0.0  # not a number where one is not known


class Poles(NamedTuple):
    """The blocs: names, who never leaves each, their depths, who chooses, and where all are today (-1: in none)."""

    names: tuple[str, ...]
    cores: tuple[tuple[int, ...], ...]
    depths: tuple[int, ...]
    choosers: tuple[int, ...]
    today: Int[np.ndarray, " R"]


@dataclass(frozen=True, eq=False)
class Alignment:
    """The game: players are the poles' cores and the choosers; everybody else stays outside and only trades.

    shares: GDP as shares of the world's. others: what becomes of those left behind by a departure.
    Errors: InputError where economies are named twice, or a term has a weight but not its data.
    """

    incomes: Incomes
    traits: Traits
    poles: Poles
    weights: Weights
    others: Others = "stay"
    outside: int = OUTSIDE
    founded: int = FOUNDED

    def __post_init__(self) -> None:
        self.weights.checked()
        poles = self.poles
        named = [economy for core in poles.cores for economy in core] + list(poles.choosers)
        twice = sorted({economy for economy in named if named.count(economy) > 1})
        if twice or not poles.cores or not poles.choosers:
            what = (
                f"economy {twice[0]} twice"
                if twice
                else "no pole"
                if not poles.cores
                else "nobody who chooses"
            )
            raise InputError(f"the blocs name {what}; give poles and choosers, each economy once")
        if not len(poles.names) == len(poles.cores) == len(poles.depths):
            raise InputError(
                "the blocs need a name, a core and a depth each; give as many of one as of the others"
            )
        lacks = {
            "heterogeneity": self.traits.positions is None,
            "security": any(x is None for x in self.traits[2:5]),
        }
        for name, lacking in lacks.items():
            if lacking and getattr(self.weights, name) != 0:
                raise InputError(
                    f"the term '{name}' has a weight but no data: it needs "
                    f"{'positions' if name == 'heterogeneity' else 'capability, distance and rivals'}; "
                    "give them, or the weight 0"
                )

    @cached_property
    def economies(self) -> IntArray:
        """Numbers of the players' economies."""
        return np.array(
            [*(e for core in self.poles.cores for e in core), *self.poles.choosers], dtype=np.int64
        )

    @cached_property
    def ties(self) -> Ties:
        """What the terms besides trade are sums of."""
        return self.traits.ties()

    @cached_property
    def game(self) -> Game:
        """The game of coalitions; its anchors are the cores."""
        sizes = np.cumsum([0, *(len(core) for core in self.poles.cores)])
        anchors = tuple(tuple(range(a, b)) for a, b in pairwise(sizes.tolist()))
        return Game(len(self.economies), self.payoffs, anchors, self.others)

    def weighted(self, weights: Weights) -> Alignment:
        """The same blocs under other weights; equilibria that are known stay known."""
        return replace(self, weights=weights)

    def player(self, economy: int) -> int:
        """A player's number from its economy's."""
        return int(np.flatnonzero(self.economies == economy)[0])

    def apart(self) -> Partition:
        """Every core by itself, every chooser alone."""
        return self.partition(np.full(len(self.traits.gdp), -1))

    def partition(self, labels: IntArray) -> Partition:
        """The partition in which each chooser is in the bloc of its label, or alone where that is negative."""
        cores = [number for number, core in enumerate(self.poles.cores) for _ in core]
        free = [
            int(labels[economy]) if labels[economy] >= 0 else len(self.poles.names) + at
            for at, economy in enumerate(self.poles.choosers)
        ]
        return canonical([*cores, *free])

    def labels(self, partition: Partition) -> IntArray:
        """The bloc of every economy [R]: a pole's number; above those for blocs without a pole; -1 for none."""
        found = np.full(len(self.traits.gdp), -1)
        pole = {partition[self.player(core[0])]: number for number, core in enumerate(self.poles.cores)}
        ahead = len(pole)
        for label in sorted(set(partition)):
            inside = [p for p, own in enumerate(partition) if own == label]
            if label in pole:
                found[self.economies[inside]] = pole[label]
            elif len(inside) > 1:
                found[self.economies[inside]] = ahead
                ahead += 1
        return found

    def bloc_depth(self, label: int, size: int) -> int:
        """Depth of a bloc by its label; 0 for one economy alone."""
        if size < 2 or label < 0:
            return 0
        return self.poles.depths[label] if label < len(self.poles.depths) else self.founded

    def depth(self, labels: IntArray) -> IntArray:
        """Depth of every pair [R, R] under blocs.

        Inside a bloc its depth, or that of the base where deeper; between a bloc and others at most `outside`, and also
        where a pair left a bloc that it shared today; all else as in the base.
        """
        base = self.incomes.ladder.base
        inside, before = same(labels), same(self.poles.today)
        own = np.array([self.bloc_depth(int(label), 2) for label in labels])
        free = (labels[:, None] < 0) & (labels[None, :] < 0) & ~before
        found = np.where(
            inside, np.maximum(base, own[:, None]), np.where(free, base, np.minimum(base, self.outside))
        )
        np.fill_diagonal(found, 0)
        return found

    def terms(self, partition: Partition) -> FloatArray:
        """Unweighted terms [player, term] in a partition: trade in log points x 100 against the base, then the others.

        Errors: SolveError where the partition has no equilibrium.
        """
        labels = self.labels(partition)
        income = 100.0 * self.incomes.of(self.depth(labels))[self.economies]
        rest = np.empty((len(partition), 3))
        for label in set(partition):
            inside = [p for p, own in enumerate(partition) if own == label]
            company = self.economies[inside]
            depth = self.bloc_depth(int(labels[company[0]]), len(company))
            for player in inside:
                rest[player] = self.ties.terms(int(self.economies[player]), company.tolist(), depth)
        return np.column_stack([income, rest])

    def payoffs(self, partition: Partition) -> FloatArray:
        """`V` of every player: terms times weights."""
        return self.terms(partition) @ np.array(self.weights)

    def choices(self, partition: Partition, economy: int) -> tuple[tuple[str, ...], FloatArray, BoolArray]:
        """What each choice gives an economy while all others stay: names (poles, `alone`), terms, and which is now.

        Terms are [choice, term], unweighted. Errors: InputError for who does not choose; SolveError.
        """
        if economy not in self.poles.choosers:
            raise InputError(f"economy {economy} does not choose; name it among the choosers")
        game, player = self.game, self.player(economy)
        targets = [partition[self.player(core[0])] for core in self.poles.cores]
        reached = [
            partition if partition[player] == target else game.departed(partition, (player,), target)
            for target in targets
        ]
        lonely = partition.count(partition[player]) == 1
        reached.append(partition if lonely else game.departed(partition, (player,)))
        terms = np.stack([self.terms(other)[player] for other in reached])
        return (*self.poles.names, "alone"), terms, np.array([other == partition for other in reached])
