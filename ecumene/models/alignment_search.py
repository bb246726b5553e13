"""Which orders of blocs are stable: searches from many starts, certificates, and who ends where.

Candidates are ranked by a pairwise guess of trade gains and the other terms, the best three solved exactly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Event
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from ecumene.models.alignment import HETEROGENEITY, SHARED_COST, Alignment
from ecumene.models.coalitions import Game, Partition, Run, Stability, settle, stability
from ecumene.models.coregap import CoreGap, Guess, core_gap
from ecumene.processors import threads
from ecumene.types import FloatArray

Progress = Callable[[int, int, str], None]
"""Called as progress(done, total, label) in the calling thread."""

LISTENING = 1.0
"""Seconds after which progress is told again while searches run: who listens may stop them, or keep what is done."""


class PairGains(NamedTuple):
    """Log real income that player i gains if it and unit u alone are in a bloc of a depth, by depth [player, unit].

    A unit is a pole's core, or a chooser; `unit` is each player's. Against everybody apart; exact for each pair.
    """

    gains: dict[int, Float[np.ndarray, "n U"]]
    unit: tuple[int, ...]


def pair_gains(
    alignment: Alignment, *, workers: int | None = None, told: Callable[[int, int], None] | None = None
) -> PairGains:
    """The pairwise surrogate: one exact equilibrium for every pair of units and depth that a bloc may have.

    Two poles are no pair. Errors: SolveError where a pair has no equilibrium.
    """
    poles, economies = alignment.poles, alignment.economies
    units = [*poles.cores, *((chooser,) for chooser in poles.choosers)]
    unit = tuple(number for number, members in enumerate(units) for _ in members)
    n_poles = len(poles.cores)
    lonely = alignment.depth(alignment.labels(alignment.apart()))
    everywhere = {*poles.depths, alignment.founded}
    asked = [
        (u, v, depth)
        for v in range(n_poles, len(units))
        for u in range(v)
        for depth in sorted({poles.depths[u]} if u < n_poles else everywhere)
    ]

    def joined(u: int, v: int, depth: int) -> np.ndarray:
        matrix, cells = lonely.copy(), np.ix_(units[u], units[v])
        deep = np.maximum(alignment.incomes.ladder.base[cells], depth)
        matrix[cells], matrix[np.ix_(units[v], units[u])] = deep, deep.T
        return matrix

    at_first = alignment.incomes.of(lonely)
    found = alignment.incomes.many((joined(*pair) for pair in asked), len(asked), workers, told)
    gains = {depth: np.zeros((len(economies), len(units))) for depth in everywhere}
    number = np.array(unit)
    for (u, v, depth), income in zip(asked, found, strict=True):
        gain = (income - at_first)[economies]
        gains[depth][number == u, v] = gain[number == u]
        gains[depth][number == v, u] = gain[number == v]
    return PairGains(gains, unit)


def ranked(alignment: Alignment, pairs: PairGains) -> Game:
    """The game with a rank: guessed trade gains, pair by pair, and exactly the other terms."""
    unit = np.array(pairs.unit)
    weights = np.array(alignment.weights)

    def rank(partition: Partition, player: int, options: Sequence[Partition]) -> FloatArray:
        guess = np.empty(len(options))
        for number, option in enumerate(options):
            inside = np.flatnonzero(np.array(option) == option[player])
            depth = _depth_of(alignment, inside)
            own = np.unique(unit[inside])
            trade = 100.0 * pairs.gains[depth][player, own].sum() if depth else 0.0
            company = alignment.economies[inside]
            other = alignment.ties.terms(int(alignment.economies[player]), company.tolist(), depth)
            guess[number] = weights[0] * trade + weights[1:] @ other
        return guess

    return replace(alignment.game, rank=rank)


def _depth_of(alignment: Alignment, inside: np.ndarray) -> int:
    """Depth of the bloc that these players are."""
    if len(inside) < 2:
        return 0
    sizes = np.cumsum([len(core) for core in alignment.poles.cores])
    poles = np.searchsorted(sizes, inside[inside < sizes[-1]], side="right")
    return alignment.poles.depths[int(poles[0])] if len(poles) else alignment.founded


def guesses(alignment: Alignment, pairs: PairGains, partition: Partition) -> list[Guess]:
    """Guesses of payoffs for the core gap: coalitions with each pole, and those with none.

    Trade: what one gets alone while others stay, exactly, and pairwise gains; security: the gain by each member alone,
    added up; heterogeneity and shared cost exactly.
    """
    game, weights, economies = alignment.game, alignment.weights, alignment.economies
    n, n_core = len(economies), len(economies) - len(alignment.poles.choosers)
    unit = np.array(pairs.unit)
    first = np.array([int(np.flatnonzero(unit == number)[0]) for number in range(unit.max() + 1)])
    constant = np.empty(n)
    for number in range(len(first)):
        group = np.flatnonzero(unit == number)
        after = game.departed(partition, tuple(group.tolist()))
        constant[group] = weights.trade * alignment.terms(after)[group, 0]
    apart = alignment.ties.apart[np.ix_(economies, economies)]
    share = alignment.ties.shares[economies]
    security = np.zeros((n, n))
    if weights.security:
        for i in range(n):
            for j in range(n):
                both = [int(economies[i]), int(economies[j])] if i != j else [int(economies[i])]
                security[i, j] = weights.security * alignment.ties.terms(int(economies[i]), both, 0)[1]
    made = []
    for pole in [*range(len(alignment.poles.names)), None]:
        depth = alignment.founded if pole is None else alignment.poles.depths[pole]
        trade = np.zeros((n, n))
        trade[:, first] = 100.0 * weights.trade * pairs.gains[depth]
        ratio = -weights.heterogeneity * HETEROGENEITY[depth] * share[None, :] * apart
        ratio[np.arange(n), np.arange(n)] -= weights.cost * SHARED_COST[depth]
        core = () if pole is None else tuple(np.flatnonzero(unit == pole).tolist())
        within = (*core, *range(n_core, n))
        together = (core,) if len(core) > 1 else ()
        made.append(Guess(constant, trade + security, ratio, share, within, together, core))
    return made


class StableOrder(NamedTuple):
    """An order from which no economy gains by moving: how often runs ended there, and its certificates."""

    partition: Partition
    labels: np.ndarray
    runs: int
    stability: Stability
    core: CoreGap | None


class Search(NamedTuple):
    """What searches found.

    orders: stable orders, those found most often first. swing: share of runs in each bloc [chooser, pole, last none]; a
    run that ended in a cycle counts by the share of the cycle's rounds. runs: each of them. pairs: the surrogate.
    """

    orders: tuple[StableOrder, ...]
    swing: Float[np.ndarray, "I B"]
    runs: tuple[Run, ...]
    pairs: PairGains

    @property
    def cycles(self) -> int:
        """Runs that ended in a cycle of best responses."""
        return sum(run.cycle > 0 for run in self.runs)


def search(
    alignment: Alignment,
    *,
    starts: int = 20,
    seed: int = 0,
    core: bool = True,
    core_limit: int = 40,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Search:
    """Stable orders by asynchronous best response from many starts, each with its certificates.

    starts: seeded orders of moving; every second run starts from today's blocs, the others from blocs drawn evenly.
    core: whether to look for coalitions that block each stable order, among at most `core_limit` computed ones.
    Errors: SolveError where an order on the way has no equilibrium.
    """
    tell = progress or (lambda done, total, label: None)
    pairs = pair_gains(alignment, workers=workers, told=lambda done, of: tell(done, of, "pairs of economies"))
    stopped = Event()
    exact = ranked(alignment, pairs)

    def payoffs(partition: Partition) -> FloatArray:
        if stopped.is_set():
            raise CancelledError
        return exact.payoffs(partition)

    game = replace(
        exact, payoffs=payoffs
    )  # so that searches end at their next equilibrium once one is stopped
    today = alignment.partition(alignment.poles.today)

    def one(number: int) -> Run:
        start = today
        if number % 2:
            rng, count = np.random.default_rng([seed, number]), len(alignment.poles.choosers)
            labels = np.full(len(alignment.traits.gdp), -1)
            labels[list(alignment.poles.choosers)] = rng.integers(-1, len(alignment.poles.names), count)
            start = alignment.partition(labels)
        return settle(game, start, seed=seed + number)

    runs: dict[int, Run] = {}
    with ThreadPoolExecutor(max_workers=threads(workers)) as pool:
        tasks = {pool.submit(one, number): number for number in range(starts)}
        try:
            going = set(tasks)
            while going:
                ended, going = wait(going, timeout=LISTENING, return_when=FIRST_COMPLETED)
                runs |= {tasks[task]: task.result() for task in ended}
                tell(len(runs), starts, "searches")
        except BaseException:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    found = tuple(runs[number] for number in range(starts))
    counted = Counter(run.partition for run in found if run.certified)
    orders = []
    tell(0, len(counted), "certificates")
    for number, (partition, count) in enumerate(counted.most_common()):
        gap = (
            core_gap(game, partition, guesses(alignment, pairs, partition), limit=core_limit)
            if core
            else None
        )
        orders.append(
            StableOrder(partition, alignment.labels(partition), count, stability(game, partition), gap)
        )
        tell(number + 1, len(counted), "certificates")
    return Search(tuple(orders), _swing(alignment, found), found, pairs)


def _swing(alignment: Alignment, runs: Sequence[Run]) -> FloatArray:
    """Share of runs in which each chooser ends in each bloc, last in none."""
    n_poles = len(alignment.poles.names)
    shares = np.zeros((len(alignment.poles.choosers), n_poles + 1))
    rows = np.arange(len(shares))
    for run in runs:
        ends = run.visited if run.cycle else (run.partition,)
        for partition in ends:
            labels = alignment.labels(partition)[list(alignment.poles.choosers)]
            shares[rows, np.where((labels >= 0) & (labels < n_poles), labels, n_poles)] += 1.0 / len(ends)
    return shares / max(len(runs), 1)
