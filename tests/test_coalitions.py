"""Games of coalitions: what theory proves of them, small games enumerated, and the programme beside enumeration."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, permutations

import numpy as np
import pytest

from ecumene.errors import InputError
from ecumene.models import coalitions, coregap
from ecumene.models.coalitions import Game, Others, Partition, canonical, partitions, settle, stability
from ecumene.models.coregap import Guess, core_gap, enumerated_core_gap
from ecumene.models.farsight import farsighted


def additive(values: np.ndarray) -> Game:
    """Each player gets the sum of what it sees in the others of its coalition."""

    def payoffs(partition: tuple[int, ...]) -> np.ndarray:
        labels = np.array(partition)
        same = (labels[:, None] == labels[None, :]) & ~np.eye(len(labels), dtype=bool)
        return (values * same).sum(axis=1)

    return Game(len(values), payoffs)


def additive_guess(values: np.ndarray) -> Guess:
    n = len(values)
    pair = np.where(np.eye(n, dtype=bool), 0.0, values)
    return Guess(np.zeros(n), pair, np.zeros((n, n)), np.ones(n), tuple(range(n)))


def listed(size: int, prefers: list[dict[tuple[int, ...], float]]) -> Game:
    """A hedonic game from each player's table of coalitions; what is not listed is worth -100."""

    def payoffs(partition: tuple[int, ...]) -> np.ndarray:
        return np.array(
            [prefers[p].get(coalitions.members(partition, partition[p]), -100.0) for p in range(size)]
        )

    return Game(size, payoffs)


STALKER = listed(2, [{(0,): 0.0, (0, 1): -1.0}, {(1,): 0.0, (0, 1): 1.0}])
# Each ranks the pair with the next first, then the other pair, then all three, then itself.
CYCLIC = listed(
    3,
    [
        {(0, 1): 3.0, (0, 2): 2.0, (0, 1, 2): 1.0, (0,): 0.0},
        {(1, 2): 3.0, (0, 1): 2.0, (0, 1, 2): 1.0, (1,): 0.0},
        {(0, 2): 3.0, (1, 2): 2.0, (0, 1, 2): 1.0, (2,): 0.0},
    ],
)


def test_partitions_are_counted_by_the_numbers_of_bell() -> None:
    assert [sum(1 for _ in partitions(n)) for n in range(1, 8)] == [1, 2, 5, 15, 52, 203, 877]


@pytest.mark.parametrize("seed", range(5))
def test_a_symmetric_additive_game_is_nash_stable_where_welfare_is_largest(seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(6, 6))
    game = additive(0.5 * (values + values.T))
    best = max(partitions(6), key=lambda p: game.value(p).sum())
    assert stability(game, best).nash
    run = settle(game, best)
    assert run.certified
    assert run.partition == best


@pytest.mark.parametrize("seed", range(5))
def test_best_response_in_a_symmetric_additive_game_ends_without_a_cycle(seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(9, 9))
    game = additive(0.5 * (values + values.T))  # a potential: no cycle is possible
    run = settle(game, coalitions.alone(9), seed=seed)
    assert run.certified
    assert stability(game, run.partition).nash


def test_the_stalker_game_has_no_nash_stable_partition_but_singletons_are_individually_stable() -> None:
    apart, together = (0, 1), (0, 0)
    assert not any(stability(STALKER, p).nash for p in partitions(2))
    assert stability(STALKER, apart).individual
    found = stability(STALKER, apart)
    assert found.largest is not None
    assert (found.largest.player, found.largest.gain) == (1, 1.0)
    assert not stability(STALKER, together).individual
    assert stability(STALKER, together).contractual  # who is stalked may not leave without consent
    run = settle(STALKER, apart)
    assert (run.cycle > 0, run.certified) == (True, False)


def test_a_cyclic_game_of_three_has_an_empty_core_and_a_nash_stable_grand_coalition() -> None:
    assert all(enumerated_core_gap(CYCLIC, p).gap > 0 for p in partitions(3))
    assert stability(CYCLIC, (0, 0, 0)).nash
    gap = enumerated_core_gap(CYCLIC, (0, 0, 0))
    assert gap.gap == 1.0
    assert {one.coalition for one in gap.blocking} == {(0, 1), (0, 2), (1, 2)}


def test_relabelling_players_changes_nothing() -> None:
    values = np.random.default_rng(4).normal(size=(5, 5))
    game = additive(values)
    for order in list(permutations(range(5)))[7::50]:
        other = additive(values[np.ix_(order, order)])
        for partition in partitions(5):
            renamed = canonical([partition[player] for player in order])
            np.testing.assert_allclose(other.value(renamed), game.value(partition)[list(order)])
            first, second = stability(game, partition), stability(other, renamed)
            assert (first.nash, first.individual, first.contractual) == (
                second.nash, second.individual, second.contractual,
            )  # fmt: skip
            assert enumerated_core_gap(other, renamed).gap == pytest.approx(
                enumerated_core_gap(game, partition).gap
            )


@pytest.mark.parametrize("seed", range(6))
def test_the_programme_finds_the_gap_that_enumeration_finds(seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(8, 8))
    game = additive(values)
    partition = canonical(np.random.default_rng(seed).integers(0, 3, 8).tolist())
    found, truth = core_gap(game, partition, [additive_guess(values)]), enumerated_core_gap(game, partition)
    assert found.closed
    assert found.computed <= 2  # the first proposal is the answer
    assert found.error < 1e-9
    assert found.gap == pytest.approx(truth.gap, abs=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_means_and_shared_costs_are_exact_in_the_programme(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 8
    weight, place = rng.uniform(0.01, 1.0, n), rng.normal(size=n)
    worth = rng.uniform(0.0, 0.3, (n, n))
    cost = np.abs(place[:, None] - place[None, :]) * weight[None, :] + 0.05 * np.eye(n)

    def payoffs(partition: tuple[int, ...]) -> np.ndarray:
        labels = np.array(partition)
        same = labels[:, None] == labels[None, :]
        return (worth * same).sum(axis=1) - (cost * same).sum(axis=1) / (same @ weight)

    game = Game(n, payoffs)
    guess = Guess(np.zeros(n), worth, -cost, weight, tuple(range(n)))
    partition = canonical(rng.integers(0, 3, n).tolist())
    found, truth = core_gap(game, partition, [guess]), enumerated_core_gap(game, partition)
    assert found.closed
    assert found.computed <= 2  # the first proposal is the answer
    assert found.error < 1e-9
    assert found.gap == pytest.approx(truth.gap, abs=1e-6)


def test_a_wrong_guess_is_confirmed_by_exact_payoffs_and_cut_off() -> None:
    values = np.random.default_rng(1).normal(size=(5, 5))
    game = additive(values)
    wrong = additive_guess(np.random.default_rng(2).normal(size=(5, 5)))
    found = core_gap(game, (0, 0, 1, 1, 2), [wrong], limit=200)
    assert found.computed > 1
    assert found.error > 0.1
    assert found.closed
    assert found.bound + found.error <= found.gap + coalitions.GAIN  # what the guess was wrong by counts
    assert found.gap <= enumerated_core_gap(game, (0, 0, 1, 1, 2)).gap + 1e-12
    assert all(
        one.least == coregap.blocking(game, (0, 0, 1, 1, 2), one.coalition).least for one in found.blocking
    )
    short = core_gap(game, (0, 0, 1, 1, 2), [wrong], limit=1)
    assert not short.closed
    assert short.computed == 1


def test_anchors_hold_together_and_open_their_coalition() -> None:
    game = Game(4, lambda p: np.zeros(4), anchors=((0, 1), (2,)))
    assert game.movers == (3,)
    assert set(game.alternatives((0, 0, 1, 2), 3)) == {(0, 0, 1, 0), (0, 0, 1, 1)}
    with pytest.raises(InputError, match="parts an anchor"):
        game.checked((0, 1, 2, 0))
    with pytest.raises(InputError, match="parts an anchor or joins two"):
        game.checked((0, 0, 0, 1))
    with pytest.raises(InputError, match="without an anchor"):
        Game(4, lambda p: np.zeros(4), anchors=((0,),)).checked((0, 1, 1, 2))
    with pytest.raises(InputError, match="each in one group"):
        Game(3, lambda p: np.zeros(3), anchors=((0, 1), (1,)))


def test_who_is_left_behind_stays_together_or_dissolves() -> None:
    stay, dissolve = Game(4, lambda p: np.zeros(4)), Game(4, lambda p: np.zeros(4), others="dissolve")
    assert stay.departed((0, 0, 0, 0), (1,)) == (0, 1, 0, 0)
    assert dissolve.departed((0, 0, 0, 0), (1,)) == (0, 1, 2, 3)
    assert dissolve.departed((0, 0, 0, 1), (0,), 1) == (0, 1, 2, 0)
    held = Game(4, lambda p: np.zeros(4), anchors=((0, 1),), others="dissolve")
    assert held.departed((0, 0, 0, 0), (2,)) == (0, 0, 1, 2)


def test_only_the_best_ranked_are_computed_but_the_certificate_sees_all() -> None:
    values = np.random.default_rng(0).normal(size=(7, 7))
    full = additive(0.5 * (values + values.T))

    def misled(partition: tuple[int, ...], player: int, options: Sequence[Partition]) -> np.ndarray:
        return -np.array([full.value(option)[player] for option in options])

    game = Game(7, full.payoffs, rank=misled)
    run = settle(game, coalitions.alone(7), exact=1)
    assert run.certified
    assert stability(full, run.partition).nash


def test_farsighted_players_keep_a_prisoners_dilemma_together() -> None:
    # Apart 0 each; together 2 each; an outsider of a pair of three gets 3, its members 1.
    def payoffs(partition: tuple[int, ...]) -> np.ndarray:
        sizes = [partition.count(label) for label in partition]
        if max(sizes) == 3:
            return np.full(3, 2.0)
        if max(sizes) == 2:
            return np.array([1.0 if size == 2 else 3.0 for size in sizes])
        return np.zeros(3)

    game = Game(3, payoffs)
    found = farsighted(game)
    grand, apart = (0, 0, 0), (0, 1, 2)
    assert not stability(game, grand).nash  # myopic: to leave gives 3
    assert apart not in found.stable_partitions
    assert grand in found.stable_partitions


def test_farsighted_stability_where_all_want_the_same() -> None:
    game = Game(4, lambda p: np.full(4, float(p.count(0) == 4)))
    assert farsighted(game).stable_partitions == ((0, 0, 0, 0),)
    with pytest.raises(InputError, match="at most 8"):
        farsighted(Game(9, lambda p: np.zeros(9)))


def largest_consistent_set(game: Game) -> set[Partition]:
    """Chwe (1994) to the letter: the union of all consistent sets, each found by trying every set of partitions."""
    every = list(partitions(game.size))
    groups = [g for size in range(1, game.size + 1) for g in combinations(range(game.size), size)]

    def prefer(group: tuple[int, ...], a: Partition, b: Partition) -> bool:
        return all(game.value(b)[player] > game.value(a)[player] for player in group)

    def dominates(b: Partition, a: Partition, passed: frozenset[Partition]) -> bool:
        steps = [game.departed(a, group) for group in groups if prefer(group, a, b)]
        return b in steps or any(c not in passed and dominates(b, c, passed | {c}) for c in steps)

    ends = {a: {b for b in every if b == a or dominates(b, a, frozenset([a]))} for a in every}

    def kept(some: set[Partition]) -> set[Partition]:
        return {
            a
            for a in every
            if all(any(not prefer(g, a, e) for e in ends[game.departed(a, g)] & some) for g in groups)
        }

    sets = [set(some) for size in range(len(every) + 1) for some in combinations(every, size)]
    return set().union(*(some for some in sets if kept(some) == some))


@pytest.mark.parametrize("others", ["stay", "dissolve"])
def test_farsighted_stability_is_chwes_in_games_at_random(others: Others) -> None:
    sizes = set()
    for seed in range(25):
        values = {p: np.random.default_rng([seed, n]).normal(size=3) for n, p in enumerate(partitions(3))}
        game = Game(3, values.__getitem__, others=others)
        found = set(farsighted(game).stable_partitions)
        assert found == largest_consistent_set(game)
        sizes.add(len(found))
    assert len(sizes) > 2


def test_blocking_by_nobody_is_told() -> None:
    with pytest.raises(InputError, match="two players"):
        enumerated_core_gap(Game(1, lambda p: np.zeros(1)), (0,))
    with pytest.raises(InputError, match="too many coalitions"):
        enumerated_core_gap(Game(16, lambda p: np.zeros(16)), tuple(range(16)))
    assert coregap.blocking(CYCLIC, (0, 1, 2), (0, 1)).least == 2.0
