"""Poles as players: which unions of great powers and blocs would last if each looks at where departures lead.

Every bloc around a pole moves as one, with all who are in it today; unions of poles have the depth of the loosest.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ecumene.models.alignment import Alignment
from ecumene.models.coalitions import Game, Partition
from ecumene.models.depths import same
from ecumene.types import FloatArray, IntArray


def game_of_poles(game: Alignment) -> Game:
    """The game of coalitions whose players are the poles of another, numbered as there.

    A pole's payoff is the mean of `V` over its core, weighted by GDP, in the equilibrium of all its world.
    """
    return Game(len(game.poles.names), lambda partition: _payoffs(game, partition), (), game.others)


def _payoffs(game: Alignment, partition: Partition) -> FloatArray:
    """`V` of every pole [pole]."""
    first = np.array([partition.index(label) for label in partition])
    loosest = [
        min(d for d, label in zip(game.poles.depths, partition, strict=True) if label == own)
        for own in partition
    ]
    united = replace(game, poles=game.poles._replace(depths=tuple(loosest)))
    labels = _labels(game, first)
    income = 100.0 * game.incomes.of(united.depth(labels))
    inside = same(labels)
    weights, gdp = np.array(game.weights), game.traits.gdp
    found = np.empty(len(partition))
    for pole, core in enumerate(game.poles.cores):
        value = np.array([
            weights @ [income[i], *game.ties.terms(i, np.flatnonzero(inside[i]).tolist(), _depth(united, labels, i))]
            for i in core
        ])  # fmt: skip
        found[pole] = value @ gdp[list(core)] / gdp[list(core)].sum()
    return found


def _labels(game: Alignment, first: IntArray) -> IntArray:
    """The union of every economy [R]: its pole's first partner by number; -1 for who is in no bloc today."""
    labels = np.array(game.poles.today)
    for pole, core in enumerate(game.poles.cores):
        labels[list(core)] = pole
    return np.where(labels >= 0, first[labels], -1)


def _depth(united: Alignment, labels: IntArray, economy: int) -> int:
    return united.bloc_depth(int(labels[economy]), int((labels == labels[economy]).sum()))
