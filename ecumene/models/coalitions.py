"""Games of coalitions: who moves where, what it gives them, and where nobody wants to move any more.

A game is a payoff of every player for every partition, so that what others do may matter (a partition function; Thrall
and Lucas 1963); where only one's own coalition matters it is hedonic (Banerjee, Konishi and Sonmez 2001; Bogomolnaia
and Jackson 2002). Some players may be anchors: groups that never part; then one may join only coalitions that have one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float

from ecumene import given
from ecumene.errors import InputError
from ecumene.types import FloatArray

Partition = tuple[int, ...]
"""Each player's coalition as a number; coalitions are numbered in the order of their first players."""

GAIN = 1e-6
"""A move counts as a gain above this, in the payoff's unit (in alignment log points x 100)."""

MOST_PLAYERS = 10_000
"""Players at most."""

Others = Literal["stay", "dissolve"]
"""After somebody leaves a coalition, its other members stay together, or each is alone."""


def canonical(labels: Sequence[int]) -> Partition:
    """The partition that any labels describe: equal labels, one coalition."""
    seen: dict[int, int] = {}
    return tuple(seen.setdefault(int(label), len(seen)) for label in labels)


def alone(size: int) -> Partition:
    """Everybody in a coalition of its own."""
    return tuple(range(size))


def members(partition: Partition, coalition: int) -> tuple[int, ...]:
    """Players of a coalition."""
    return tuple(player for player, label in enumerate(partition) if label == coalition)


def partitions(size: int) -> Iterator[Partition]:
    """Every partition of the players (Bell's number of them), by restricted growth."""

    def grow(done: Partition) -> Iterator[Partition]:
        if len(done) == size:
            yield done
            return
        for label in range(max(done, default=-1) + 2):
            yield from grow((*done, label))

    return grow(())


@dataclass(frozen=True, eq=False)
class Game:
    """Players 0 to size - 1 and what every partition gives each.

    payoffs: partition -> [size]; values are kept, so that a partition is computed once. anchors: groups of players that
    move only together and never alone; where there are any, one can join only a coalition that has one. others: what
    becomes of those who are left behind. rank: (partition, player, alternatives) -> a guess of the player's payoff in
    each, by which a search chooses which to compute. Errors: InputError where anchors overlap or name nobody.
    """

    size: int
    payoffs: Callable[[Partition], Float[np.ndarray, " n"]]
    anchors: tuple[tuple[int, ...], ...] = ()
    others: Others = "stay"
    rank: Callable[[Partition, int, Sequence[Partition]], Float[np.ndarray, " m"]] | None = None
    known: dict[Partition, FloatArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        given.whole(
            "size", self.size, 1, MOST_PLAYERS, f"a game has a whole number of players, 1 to {MOST_PLAYERS:,}"
        )
        if not callable(self.payoffs):
            raise InputError(f"payoffs is {self.payoffs!r:.60}; give a function of a partition")
        if self.others not in ("stay", "dissolve"):
            raise InputError(f"others is {self.others!r:.40}; choose stay or dissolve")
        named = [player for group in self.anchors for player in group]
        wrong = [player for player in named if not 0 <= player < self.size]
        if wrong or len(set(named)) < len(named) or not all(self.anchors):
            raise InputError(
                f"anchors are {list(self.anchors)}; name players from 0 to {self.size - 1}, each in one group, "
                "no group empty"
            )

    @property
    def movers(self) -> tuple[int, ...]:
        """Players who may move alone: all but anchors."""
        held = {player for group in self.anchors for player in group}
        return tuple(player for player in range(self.size) if player not in held)

    def value(self, partition: Partition) -> FloatArray:
        """Payoffs of a partition, computed once. Errors: InputError where they are not a finite number a player."""
        found = self.known.get(partition)
        if found is None:
            found = _payoffs(self.payoffs(partition), partition)
            self.known[partition] = found
        return found

    def checked(self, labels: Sequence[int]) -> Partition:
        """A partition that this game allows. Errors: InputError."""
        if isinstance(labels, str | bytes) or not isinstance(labels, Iterable):
            raise InputError(f"the partition is {labels!r:.60}; give one label a player, as (0, 0, 1)")
        partition = canonical(
            [given.whole("a label of the partition", each, -(2**63), 2**63 - 1) for each in labels]
        )
        if len(partition) != self.size:
            raise InputError(
                f"the partition has {len(partition)} labels for {self.size} players; give one a player"
            )
        where = [{partition[player] for player in group} for group in self.anchors]
        if any(len(found) > 1 for found in where) or len(set.union(*where, set())) < len(where):
            raise InputError(
                "the partition parts an anchor or joins two; each anchor has a coalition of its own"
            )
        held = {label for found in where for label in found}
        if self.anchors:
            stray = [p for p in self.movers if partition[p] not in held and partition.count(partition[p]) > 1]
            if stray:
                raise InputError(
                    f"player {stray[0]} is in a coalition without an anchor; join one, or be alone"
                )
        return partition

    def departed(self, partition: Partition, group: Sequence[int], to: int | None = None) -> Partition:
        """The partition after a group leaves for coalition `to`, or to be one of its own."""
        labels = list(partition)
        if self.others == "dissolve":
            left = {partition[player] for player in group} - {to}
            bound = {player: number for number, held in enumerate(self.anchors) for player in held}
            for player, label in enumerate(partition):
                if label in left:
                    # A group that never parts stays whole also when its coalition ends.
                    labels[player] = 2 * self.size + bound[player] if player in bound else self.size + player
        for player in group:
            labels[player] = 4 * self.size if to is None else to
        return canonical(labels)

    def alternatives(self, partition: Partition, player: int) -> list[Partition]:
        """Where a player may move, each once, the present partition left out."""
        open_to = {partition[group[0]] for group in self.anchors} if self.anchors else set(partition)
        targets: list[int | None] = [*sorted(open_to - {partition[player]})]
        if partition.count(partition[player]) > 1:
            targets.append(None)
        moved = (self.departed(partition, (player,), to) for to in targets)
        return [other for other in dict.fromkeys(moved) if other != partition]


def _payoffs(values: object, partition: Partition) -> FloatArray:
    """What a partition gives each player, as finite numbers. Errors: InputError."""
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.zeros(0)
    if found.shape != (len(partition),) or not np.isfinite(found).all():
        raise InputError(
            f"the payoffs of the partition {partition} are {values!r:.80}; give a finite number for each of the "
            f"{len(partition)} players, or leave who has none out of the game"
        )
    return found


class Move(NamedTuple):
    """A player's move to another partition and what it gains by that."""

    player: int
    partition: Partition
    gain: float


def best_moves(game: Game, partition: Partition) -> list[Move]:
    """Each mover's best move over all alternatives, exactly; its gain is not above 0 where none gains."""
    now = game.value(partition)
    found = []
    for player in game.movers:
        moves = [
            Move(player, other, float(game.value(other)[player] - now[player]))
            for other in game.alternatives(partition, player)
        ]
        if moves:
            found.append(max(moves, key=lambda move: move.gain))
    return found


@dataclass(frozen=True)
class Stability:
    """What nobody wants, or may, in a partition: the certificates, each with the move that breaks it.

    nash: no player gains by a move. individual: none that those it would join do not lose by, too. contractual: none
    that also those it would leave do not lose by. Bogomolnaia and Jackson (2002). `largest` is the largest gain of any
    move, allowed or not.
    """

    nash: bool
    individual: bool
    contractual: bool
    largest: Move | None
    welcome: Move | None
    released: Move | None


def stability(game: Game, partition: Partition, tolerance: float = GAIN) -> Stability:
    """Nash, individual and contractual stability: every mover, every alternative, exact payoffs."""
    now = game.value(game.checked(partition))
    moves = [
        Move(player, other, float(game.value(other)[player] - now[player]))
        for player in game.movers
        for other in game.alternatives(partition, player)
    ]
    gaining = sorted((move for move in moves if move.gain > tolerance), key=lambda move: -move.gain)

    def hurt(move: Move, company: tuple[int, ...]) -> bool:
        change = game.value(move.partition) - now
        return any(change[player] < -tolerance for player in company if player != move.player)

    welcome = [m for m in gaining if not hurt(m, members(m.partition, m.partition[m.player]))]
    released = [m for m in welcome if not hurt(m, members(partition, partition[m.player]))]
    return Stability(
        nash=not gaining,
        individual=not welcome,
        contractual=not released,
        largest=max(moves, key=lambda move: move.gain, default=None),
        welcome=welcome[0] if welcome else None,
        released=released[0] if released else None,
    )


@dataclass(frozen=True)
class Run:
    """Where one search ended. cycle: the period in rounds of a cycle of best responses (0: none), whose partitions are
    `visited`; rounds; moves made; certified: no move gains, exactly."""

    partition: Partition
    cycle: int
    visited: tuple[Partition, ...]
    rounds: int
    moves: int
    certified: bool


def settle(
    game: Game,
    start: Sequence[int],
    *,
    seed: int = 0,
    exact: int | None = 3,
    rounds: int = 100,
    tolerance: float = GAIN,
    told: Callable[[int], None] | None = None,
) -> Run:
    """Asynchronous best response: movers in an order drawn by `seed`, each to the best it can reach, round by round.

    exact: how many alternatives, best ranked first, are computed where the game ranks them (None: all). A round without
    a move is followed by the exact certificate over all alternatives, and by its best move where it fails. A partition
    that a round starts from for the second time closes a cycle, which ends the search. told: called with the number of
    each round. Errors: InputError.
    """
    partition = game.checked(start)
    turns = np.random.default_rng(seed).permutation(np.array(game.movers, dtype=np.int64))
    seen: dict[Partition, int] = {}
    moves = 0
    for number in range(rounds):
        if partition in seen:
            cycle = tuple(known for known, when in seen.items() if when >= seen[partition])
            return Run(partition, number - seen[partition], cycle, number, moves, False)
        seen[partition] = number
        if told is not None:
            told(number)
        before = moves
        for player in map(int, turns):
            options = game.alternatives(partition, player)
            if game.rank is not None and exact is not None and len(options) > exact:
                guess = game.rank(partition, player, options)
                options = [options[at] for at in np.argsort(-guess, kind="stable")[:exact]]
            values = [game.value(option)[player] for option in options]
            if values and max(values) > game.value(partition)[player] + tolerance:
                partition = options[int(np.argmax(values))]
                moves += 1
        if moves == before:
            best = max(best_moves(game, partition), key=lambda move: move.gain, default=None)
            if best is None or best.gain <= tolerance:
                return Run(partition, 0, (partition,), number + 1, moves, True)
            partition = best.partition
            moves += 1
    return Run(partition, 0, tuple(seen), rounds, moves, False)
