"""Farsighted stability: partitions from which no coalition departs if it looks at where departures lead.

The largest consistent set of Chwe (1994) over all partitions of at most 8 players: a coalition may leave and be one of
its own; who is left stays together or dissolves, as the game says.
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from ecumene.errors import InputError
from ecumene.models.coalitions import GAIN, Game, Partition, partitions
from ecumene.types import BoolArray

MOST = 8
"""Players up to whom all partitions (4,140 of eight) are compared with all."""


class Farsighted(NamedTuple):
    """Every partition, what it gives each player, and whether it is in the largest consistent set."""

    partitions: tuple[Partition, ...]
    payoffs: Float[np.ndarray, "P n"]
    stable: Bool[np.ndarray, " P"]

    @property
    def stable_partitions(self) -> tuple[Partition, ...]:
        """The largest consistent set."""
        return tuple(p for p, kept in zip(self.partitions, self.stable, strict=True) if kept)


def farsighted(game: Game, tolerance: float = GAIN) -> Farsighted:
    """The largest consistent set: departures are deterred by where they may lead.

    b dominates a indirectly where a chain of departures leads from a to b and everybody who departs on the way prefers
    b to where it stood. A partition stays in the set X unless some coalition S can depart to a' so that every b in X
    that is a' or dominates it is better for all of S. Errors: InputError for anchors, or more than 8 players.
    """
    if not isinstance(game, Game):
        raise InputError(f"game is {game!r:.60}; give a coalitions.Game of players and payoffs")
    if game.anchors:
        raise InputError("farsighted stability lets every player move; give a game without anchors")
    if game.size > MOST:
        raise InputError(f"{game.size} players are too many for farsighted stability; name at most {MOST}")
    every = tuple(partitions(game.size))
    place = {partition: number for number, partition in enumerate(every)}
    payoffs = np.stack([game.value(partition) for partition in every])
    groups = [group for size in range(1, game.size + 1) for group in combinations(range(game.size), size)]
    ahead = [np.array([place[game.departed(p, group)] for p in every]) for group in groups]
    bits = np.zeros((len(every), len(every)), dtype=np.uint8)  # who prefers b to a, a bit a player
    for player in range(game.size):
        better = payoffs[None, :, player] > payoffs[:, None, player] + tolerance
        bits |= better.astype(np.uint8) << np.uint8(player)
    masks = [np.uint8(sum(1 << player for player in group)) for group in groups]
    dominated = _dominated(bits, masks, ahead)
    return Farsighted(every, payoffs, _consistent(bits, masks, ahead, dominated))


def _reached(dominated: BoolArray, ahead: np.ndarray) -> BoolArray:
    """Where a departure may end [a, b]: at once, or by what dominates it."""
    found = dominated[ahead]
    found[np.arange(len(ahead)), ahead] = True
    return found


def _dominated(bits: np.ndarray, masks: list, ahead: list[np.ndarray]) -> BoolArray:
    """Whether b dominates a indirectly [a, b]: the smallest relation closed under departures."""
    dominated = np.zeros(bits.shape, dtype=bool)
    while True:
        before = int(dominated.sum())
        for mask, to in zip(masks, ahead, strict=True):
            dominated |= ((bits & mask) == mask) & _reached(dominated, to)
        if int(dominated.sum()) == before:
            return dominated


def _consistent(bits: np.ndarray, masks: list, ahead: list[np.ndarray], dominated: BoolArray) -> BoolArray:
    """The largest set in which every departure from a member is deterred by a member."""
    kept = np.ones(len(bits), dtype=bool)
    while True:
        before = kept.copy()
        for mask, to in zip(masks, ahead, strict=True):
            ends = _reached(dominated, to) & before[None, :]
            deterred = (ends & ((bits & mask) != mask)).any(axis=1)
            kept &= deterred
        if (kept == before).all():
            return kept
