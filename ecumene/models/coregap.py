"""The core gap: which coalition could leave and make each of its members better off, and by how much the least of them.

A mixed-integer programme (HiGHS) over coalitions proposes on a guess of payoffs, exact payoffs decide, and what is not
confirmed is cut off. No transfers between members.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

import highspy
import numpy as np
from jaxtyping import Float
from scipy.sparse import coo_array

from ecumene.errors import InputError, SolveError
from ecumene.models.coalitions import GAIN, Game, Partition, members
from ecumene.models.highs import Rows, highs_of
from ecumene.types import FloatArray


class Guess(NamedTuple):
    """A guess of what member i of a coalition S gets, `a_i + sum_j b_ij + sum_j c_ij / sum_j g_j` over j in S.

    The last part is for means over members and for costs that they share. `within`: players that S takes from;
    `together`: players who are in S all or none; `always`: who is in it.
    """

    constant: Float[np.ndarray, " n"]
    pair: Float[np.ndarray, "n n"]
    ratio: Float[np.ndarray, "n n"]
    weight: Float[np.ndarray, " n"]
    within: tuple[int, ...]
    together: tuple[tuple[int, ...], ...] = ()
    always: tuple[int, ...] = ()

    def of(self, coalition: Sequence[int]) -> FloatArray:
        """The guess for each member of a coalition."""
        inside = np.array(coalition)
        cells = np.ix_(inside, inside)
        total = self.weight[inside].sum()
        return self.constant[inside] + self.pair[cells].sum(axis=1) + self.ratio[cells].sum(axis=1) / total


class Blocking(NamedTuple):
    """A coalition that leaves, what its members gain exactly, and the partition after it."""

    coalition: tuple[int, ...]
    gains: Float[np.ndarray, " m"]
    partition: Partition

    @property
    def least(self) -> float:
        """What its least content member gains."""
        return float(self.gains.min())


class CoreGap(NamedTuple):
    """The largest least gain found over coalitions, by exact payoffs, and how sure it is that there is no larger one.

    best: the coalition with the largest least gain of all that were computed; it blocks where `gap` is above 0.
    blocking: all computed coalitions that block, largest first. bound: the largest least gain that the guess still
    allows among coalitions not computed. error: the largest difference between guess and exact least gain. closed: the
    search ended because bound + error is not above the gap found, not because of the limit.
    """

    best: Blocking
    blocking: tuple[Blocking, ...]
    computed: int
    bound: float
    error: float
    closed: bool

    @property
    def gap(self) -> float:
        """The largest least gain found; at or below 0 no computed coalition blocks."""
        return self.best.least


def blocking(game: Game, partition: Partition, coalition: Sequence[int]) -> Blocking:
    """What members of a coalition gain exactly if they leave to be one of their own."""
    inside = tuple(sorted(coalition))
    after = game.departed(partition, inside)
    gains = game.value(after)[list(inside)] - game.value(partition)[list(inside)]
    return Blocking(inside, gains, after)


def _allowed(game: Game, coalition: tuple[int, ...]) -> bool:
    """Whether a coalition parts no anchor and joins no two."""
    whole = [group for group in game.anchors if set(group) & set(coalition)]
    return len(whole) < 2 and all(set(group) <= set(coalition) for group in whole)


def enumerated_core_gap(game: Game, partition: Sequence[int]) -> CoreGap:
    """The core gap over every coalition there is, exactly: for small games. Errors: InputError above 15 players."""
    if game.size > 15:
        raise InputError(
            f"{game.size} players have too many coalitions to go through; use core_gap with guesses"
        )
    now = game.checked(partition)
    present = {members(now, label) for label in now}
    every = (c for size in range(1, game.size + 1) for c in combinations(range(game.size), size))
    found = [blocking(game, now, c) for c in every if c not in present and _allowed(game, c)]
    return _outcome(found, -np.inf, 0.0, True)


def _outcome(found: list[Blocking], bound: float, error: float, closed: bool) -> CoreGap:
    if not found:
        raise InputError("there is no coalition but the present ones; a core gap needs two players or more")
    ordered = sorted(found, key=lambda one: (-one.least, one.coalition))
    blocks = tuple(one for one in ordered if one.least > GAIN)
    return CoreGap(ordered[0], blocks, len(found), bound, error, closed)


def core_gap(
    game: Game, partition: Sequence[int], guesses: Iterable[Guess], *, limit: int = 40, seconds: float = 20.0
) -> CoreGap:
    """The core gap by proposals from guesses of payoffs, each confirmed by exact payoffs, or cut off.

    guesses: one for every kind of coalition (with this pole, with that, with none). The programme for one guess:
    `max t` with `t <= gain_i(z) + M (1 - z_i)` for every player, z binary; the fractional part is exact, by
    `y = 1 / (g z)` and `q_j = z_j y` (Charnes and Cooper 1962; McCormick 1976). limit: coalitions computed at most;
    seconds: for one programme. Where guesses are exact and `closed` is true, the gap is the largest there is.
    Errors: SolveError where HiGHS ends a programme without an answer.
    """
    now = game.checked(partition)
    value = game.value(now)
    # Programmes see gains, so that what they maximise is the least gain.
    programmes = [_Programme(guess._replace(constant=guess.constant - value), seconds) for guess in guesses]
    for programme in programmes:
        for label in sorted(set(now)):
            programme.cut(members(now, label))
    found: list[Blocking] = []
    error, best = 0.0, -np.inf
    while True:
        proposals = [made for programme in programmes if (made := programme.propose()) is not None]
        bound = max((bound for bound, _ in proposals), default=-np.inf)
        closed = bound + error <= best + GAIN
        if closed or len(found) >= limit:
            return _outcome(found, bound, error, closed)
        coalition = max(proposals)[1]
        one = blocking(game, now, coalition)
        found.append(one)
        guessed = max(float(p.guess.of(coalition).min()) for p in programmes if p.covers(coalition))
        error, best = max(error, abs(one.least - guessed)), max(best, one.least)
        for programme in programmes:
            programme.cut(coalition)


class _Programme:
    """One guess as a mixed-integer programme in z [n], q [n], y, t; its answer is kept until a cut touches it."""

    def __init__(self, guess: Guess, seconds: float) -> None:
        self.guess, self.seconds = guess, seconds
        self.at = np.array(guess.within, dtype=np.int64)
        self.weight = guess.weight[self.at] / guess.weight[self.at].sum()
        self.cuts: list[tuple[int, ...]] = []
        self.answer: tuple[float, tuple[int, ...]] | None = None
        self.stale = True

    def covers(self, coalition: Sequence[int]) -> bool:
        """Whether a coalition is of this guess's kind."""
        inside = set(coalition)
        whole = all(not inside & set(group) or set(group) <= inside for group in self.guess.together)
        return inside <= set(self.guess.within) and set(self.guess.always) <= inside and whole

    def cut(self, coalition: tuple[int, ...]) -> None:
        """Never propose this coalition."""
        if self.covers(coalition):
            self.cuts.append(coalition)
            self.stale = self.stale or (self.answer is not None and self.answer[1] == coalition)

    def propose(self) -> tuple[float, tuple[int, ...]] | None:
        """The coalition with the largest least guessed gain, and an upper bound of that; None where none is left."""
        if self.stale:
            self.answer, self.stale = self._solved(), False
        return self.answer

    def _solved(self) -> tuple[float, tuple[int, ...]] | None:
        n, at, g = len(self.at), self.at, self.weight
        y, t, size = 2 * n, 2 * n + 1, 2 * n + 2
        pair = self.guess.pair[np.ix_(at, at)]
        total = self.guess.weight[at].sum()
        ratio = self.guess.ratio[np.ix_(at, at)] / total
        constant = self.guess.constant[at]
        # A member's own weight bounds what its coalition's mean can be; outside, its own part is 0.
        others = np.where(np.eye(n, dtype=bool), 0.0, ratio) / g[None, :]
        reach = np.maximum(pair, 0.0).sum(axis=1) + np.maximum(others.max(axis=1), 0.0)
        own = np.maximum(np.diagonal(ratio), 0.0) / g
        top = float((constant + reach + own).max())
        low = constant + np.minimum(pair, 0.0).sum(axis=1) + np.minimum(others.min(axis=1), 0.0)
        slack = top - low
        most = 1.0 / g.min()
        rows = _Rows(size)
        for i in range(n):  # t - a_i - b_i z - c_i q <= M_i (1 - z_i)
            cells = {t: 1.0}
            for j in range(n):
                cells[j] = cells.get(j, 0.0) - pair[i, j]
                cells[n + j] = cells.get(n + j, 0.0) - ratio[i, j]
            cells[i] += slack[i]
            rows.add(cells, upper=constant[i] + slack[i])
            rows.add({n + i: 1.0, i: -1.0 / g[i]}, upper=0.0)  # q_i <= z_i / g_i, for y <= 1 / g_i inside
            rows.add({n + i: 1.0, y: -1.0}, upper=0.0)
            rows.add({n + i: 1.0, y: -1.0, i: -most}, lower=-most)
        rows.add({n + j: g[j] for j in range(n)}, lower=1.0, upper=1.0)
        place = {int(player): number for number, player in enumerate(at)}
        for group in self.guess.together:
            for player in group[1:]:
                rows.add({place[player]: 1.0, place[group[0]]: -1.0}, lower=0.0, upper=0.0)
        for coalition in self.cuts:
            inside = {place[player] for player in coalition}
            rows.add({j: -1.0 if j in inside else 1.0 for j in range(n)}, lower=1.0 - len(inside))
        lower = np.concatenate([np.zeros(n), np.zeros(n), [1.0, -np.inf]])
        upper = np.concatenate([np.ones(n), np.full(n, most), [most, top]])
        for player in self.guess.always:
            lower[place[player]] = 1.0
        found = rows.largest(t, n, lower, upper, self.seconds)
        if found is None:
            return None
        values, bound = found
        chosen = tuple(int(player) for player in at[values[:n] > 0.5])
        return max(bound, float(self.guess.of(chosen).min())), chosen


class _Rows:
    """Rows of a mixed-integer programme, as they are written down."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.row: list[int] = []
        self.column: list[int] = []
        self.cell: list[float] = []
        self.lower: list[float] = []
        self.upper: list[float] = []

    def add(self, cells: dict[int, float], lower: float = -np.inf, upper: float = np.inf) -> None:
        """One more row."""
        number = len(self.lower)
        for column, cell in cells.items():
            if cell != 0.0:
                self.row.append(number)
                self.column.append(column)
                self.cell.append(float(cell))
        self.lower.append(float(lower))
        self.upper.append(float(upper))

    def largest(
        self, column: int, whole: int, lower: FloatArray, upper: FloatArray, seconds: float
    ) -> tuple[FloatArray, float] | None:
        """Columns between bounds, the first `whole` of them integers, where one is largest, and a bound of that one.

        None where nothing satisfies the rows. Errors: SolveError where the seconds do not do.
        """
        cells = (self.cell, (self.row, self.column))
        matrix = coo_array(cells, shape=(len(self.lower), self.width)).tocsr()
        rows = Rows(matrix, np.array(self.lower), np.array(self.upper))
        highs = highs_of(np.eye(self.width)[column], lower, upper, rows, whole)
        for option, value in (("time_limit", seconds), ("mip_rel_gap", 1e-6)):
            highs.setOptionValue(option, value)
        highs.run()
        status, found = highs.getModelStatus(), highs.getInfo()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if found.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            said = highs.modelStatusToString(status)
            raise SolveError(f"HiGHS found no coalition within {seconds:g} s ({said}); give it more seconds")
        return np.array(highs.getSolution().col_value), float(found.mip_dual_bound)
