"""Choosing a bloc: payoffs against hand-made sums, exact orders, certificates, and what must not matter."""

from __future__ import annotations

import numpy as np
import pytest
from small_world import make_world

from ecumene.errors import InputError
from ecumene.models import alignment_search, trade
from ecumene.models.alignment import HETEROGENEITY, REACH_KM, SHARED_COST, Alignment, Poles, Traits, Weights
from ecumene.models.alignment_search import guesses, pair_gains, search
from ecumene.models.coalitions import Run, stability
from ecumene.models.coregap import core_gap, enumerated_core_gap
from ecumene.models.depths import Incomes, Ladder
from ecumene.orders import apply, ladder, load_order
from ecumene.world import World

FALL = np.array([0.0, 0.01, 0.03, 0.05, 0.1, 0.12, 0.25])


def incomes(world: World, base: np.ndarray | None = None) -> Incomes:
    R, S = len(world.economies), len(world.sectors)
    case = trade.case_of(
        world,
        None,
        None,
        None,
        None,
        trade._technology(world, 1.0, 1.0, 1.0, None, float("inf")),
        trade.Options(),
    )
    none = np.zeros((R, R), dtype=np.int64) if base is None else base
    without = world.tariff.values.max(axis=0)
    return Incomes(case, Ladder(FALL, FALL, np.ones(S, dtype=bool), none, without))


def game(
    world: World, weights: Weights, *, poles: int = 2, depths: tuple[int, ...] = (3, 4), **options
) -> Alignment:
    R = len(world.economies)
    rng = np.random.default_rng(1)
    distance = rng.uniform(300.0, 8000.0, (R, R))
    distance = distance + distance.T
    traits = Traits(
        gdp=world.value_added.values.sum(axis=1),
        positions=rng.normal(size=(R, 2)),
        capability=rng.uniform(1.0, 10.0, R),
        distance=distance,
        rivals=np.arange(R)[None, :].repeat(R, axis=0) < poles,
    )
    where = Poles(
        tuple(f"P{k}" for k in range(poles)),
        tuple((k,) for k in range(poles)),
        depths,
        tuple(range(poles, R)),
        np.r_[np.arange(poles), np.full(R - poles, -1)],
    )
    return Alignment(incomes(world), traits, where, weights, **options)


ALL = Weights(1.0, 0.7, 3.0, 10.0)


def test_every_term_is_the_sum_that_it_says() -> None:
    world = make_world()
    made = game(world, ALL)
    partition = made.partition(np.array([0, 1, 0, 0, 1, -1]))
    terms, traits = made.terms(partition), made.traits
    assert traits.positions is not None
    assert traits.capability is not None
    assert traits.distance is not None
    share = traits.gdp / traits.gdp.sum()
    i, inside, depth = 2, [0, 2, 3], 3
    size = share[inside].sum()
    apart = sum(share[j] / size * np.abs(traits.positions[i] - traits.positions[j]).mean() for j in inside)
    near = traits.capability * np.exp(-traits.distance[i] / REACH_KM)
    with_bloc, by_itself = near[inside].sum(), near[i]
    player = made.player(i)
    assert terms[player, 1] == pytest.approx(-HETEROGENEITY[depth] * apart)
    assert terms[player, 2] == pytest.approx(
        with_bloc / (with_bloc + near[1]) - by_itself / (by_itself + near[0] + near[1])
    )
    assert terms[player, 3] == pytest.approx(-SHARED_COST[depth] / size)
    lonely = made.player(5)
    np.testing.assert_allclose(terms[lonely, 1:], [0.0, 0.0, -SHARED_COST[0] / share[5]])
    np.testing.assert_allclose(made.payoffs(partition), terms @ np.array(ALL))


def test_real_incomes_are_those_of_the_public_solve() -> None:
    world = make_world()
    made = game(world, ALL)
    labels = np.array([0, 1, 0, 0, 1, -1])
    iceberg, tariff = made.incomes.policy(made.depth(labels))
    expected = trade.solve(world, iceberg=iceberg, tariff=tariff).raise_unless_ok()
    found = made.incomes.of(made.depth(labels))
    np.testing.assert_allclose(found, np.log(expected.real_income.values), atol=1e-9)
    cost = iceberg[0, 2, 0]
    assert cost == pytest.approx(np.exp(-FALL[3]))
    assert iceberg[0, 1, 0] == 1.0


def test_depths_mean_what_they_mean_in_orders() -> None:
    rng = np.random.default_rng(2)
    rates = np.where(np.eye(6, dtype=bool)[:, :, None], 0.0, rng.uniform(0.0, 0.2, (6, 6, 3)))
    world = make_world(tariff=rates)
    order = load_order("today")
    here = apply(order, world)
    wanted = here.base_depth.copy()
    i, n = world.economies.index("GEO"), world.economies.index("CHN")
    assert wanted[i, n] >= 2
    wanted[i, n] = wanted[n, i] = 4
    from ecumene.orders import duties

    without, _ = duties.without_preference(
        world.tariff.values.copy(), world.trade.values, here.base_depth.copy()
    )
    rungs = Ladder(
        ladder.effects("goods"), ladder.effects("services"), np.ones(3, dtype=bool), here.base_depth, without
    )
    case = trade.case_of(
        world,
        None,
        None,
        None,
        None,
        trade._technology(world, 1.0, 1.0, 1.0, None, float("inf")),
        trade.Options(),
    )
    known = Incomes(case, rungs)
    np.testing.assert_allclose(known.of(here.base_depth), 0.0, atol=1e-10)
    iceberg, tariff = known.policy(wanted)
    by_ladder = np.exp(ladder.log_iceberg(wanted, here.base_depth, "goods"))
    np.testing.assert_allclose(iceberg, np.repeat(by_ladder[:, :, None], 3, axis=2))
    np.testing.assert_array_equal(tariff, world.tariff.values)
    fallen = here.base_depth.copy()
    fallen[i, n] = fallen[n, i] = 0
    np.testing.assert_array_equal(known.policy(fallen)[1][i, n], without[n])
    joined = here.base_depth.copy()
    u, c = world.economies.index("USA"), world.economies.index("CHN")
    joined[u, c] = joined[c, u] = 3
    assert (known.policy(joined)[1][u, c] == 0.0).all()


def test_joining_and_leaving_change_the_depths_that_they_should() -> None:
    """By hand: three in the first bloc today at depth 4, two outside in a customs union of their own."""
    base = np.zeros((6, 6), dtype=np.int64)
    for pair, depth in {(0, 2): 4, (0, 3): 4, (2, 3): 4, (4, 5): 3, (1, 4): 1}.items():
        base[pair] = base[pair[::-1]] = depth
    first = game(make_world(), Weights(), depths=(3, 5))
    where = first.poles._replace(today=np.array([0, 1, 0, 0, -1, -1]))
    made = Alignment(incomes(make_world(), base), first.traits, where, Weights())

    def changed(*labels: int) -> dict[tuple[int, int], int]:
        found = made.depth(np.array(labels))
        np.testing.assert_array_equal(found, found.T)
        return {(i, n): int(found[i, n]) for i, n in np.argwhere(found != base).tolist() if i < n}

    assert changed(0, 1, 0, 0, -1, -1) == {}  # today, deeper than the bloc's 3
    assert changed(0, 1, 0, -1, -1, -1) == {(0, 3): 2, (2, 3): 2}
    assert changed(0, 1, -1, -1, -1, -1) == {(0, 2): 2, (0, 3): 2, (2, 3): 2}  # also between two who leave
    assert changed(0, 1, 1, 0, -1, -1) == {(0, 2): 2, (2, 3): 2, (1, 2): 5}
    assert changed(0, 1, 0, 0, 1, -1) == {(1, 4): 5, (4, 5): 2}  # out of its own customs union


def test_a_search_ends_where_nobody_gains_by_any_move() -> None:
    made = game(make_world(), ALL)
    found = search(made, starts=6, workers=2)
    assert len(found.runs) == 6
    assert all(run.certified or run.cycle for run in found.runs)
    assert found.orders
    for order in found.orders:
        assert order.stability.nash
        for player in made.game.movers:
            for other in made.game.alternatives(order.partition, player):
                gain = made.payoffs(other)[player] - made.payoffs(order.partition)[player]
                assert gain <= 1e-6
    np.testing.assert_allclose(found.swing.sum(axis=1), 1.0)


def test_the_same_seed_gives_the_same_search() -> None:
    first, second = (search(game(make_world(), ALL), starts=4, seed=3, core=False) for _ in range(2))
    assert [run.partition for run in first.runs] == [run.partition for run in second.runs]
    np.testing.assert_array_equal(first.swing, second.swing)


def test_pairwise_gains_are_exact_for_pairs() -> None:
    made = game(make_world(), Weights())
    pairs = pair_gains(made)
    apart, labels = made.apart(), np.full(6, -1)
    labels[:2], labels[4] = [0, 1], 1
    partition = made.partition(labels)
    player, pole = made.player(4), made.player(1)
    gain = (made.terms(partition) - made.terms(apart))[:, 0] / 100.0
    assert pairs.gains[4][player, 1] == pytest.approx(gain[player], abs=1e-10)
    assert pairs.gains[4][pole, pairs.unit[player]] == pytest.approx(gain[pole], abs=1e-10)


def test_ranks_and_guesses_of_a_pair_are_its_exact_payoffs() -> None:
    """From everybody apart: candidates are ranked, and coalitions guessed, by what they exactly give."""
    made = game(make_world(), ALL, poles=4, depths=(3, 4, 2, 5))
    pairs, apart, player = pair_gains(made), made.apart(), made.player(5)
    rank = alignment_search.ranked(made, pairs).rank
    assert rank is not None
    options = made.game.alternatives(apart, player)
    exact = np.array([made.payoffs(option)[player] for option in options])
    before = ALL.trade * made.terms(apart)[player, 0]
    assert len(options) == 4
    np.testing.assert_allclose(rank(apart, player, options) + before, exact, atol=1e-9)
    for pole, guess in enumerate(guesses(made, pairs, apart)[:4]):
        pair = (made.player(pole), player)
        after = made.game.departed(apart, pair)
        np.testing.assert_allclose(guess.of(pair), made.payoffs(after)[list(pair)], atol=1e-9)


def test_a_cycle_counts_by_the_share_of_its_rounds() -> None:
    made = game(make_world(), ALL)
    one, other = (made.partition(np.array([0, 1, 0, label, -1, 1])) for label in (0, -1))
    runs = [Run(one, 0, (one,), 1, 0, True), Run(one, 2, (one, other), 3, 4, False)]
    swing = alignment_search._swing(made, runs)
    np.testing.assert_allclose(swing, [[1, 0, 0], [0.75, 0, 0.25], [0, 0, 1], [0, 1, 0]])


def test_the_core_gap_of_a_search_is_that_of_enumeration() -> None:
    made = game(make_world(), ALL)
    found = search(made, starts=2)
    assert found.orders
    for order in found.orders:
        truth = enumerated_core_gap(made.game, order.partition)
        made_gap = core_gap(made.game, order.partition, guesses(made, found.pairs, order.partition), limit=60)
        assert made_gap.gap == pytest.approx(truth.gap, abs=1e-6)


def plain(links: np.ndarray) -> World:
    """A world without inputs, of as many economies and sectors as the small one."""
    R, _, S = links.shape
    return World.from_trade(
        1e4 * links, np.ones((R, S)), np.zeros((R, S, S)), economies=[f"E{k:03d}" for k in range(R)],
        sectors=[f"S{k}" for k in range(S)], theta=np.full(S, 5.0),
    )  # fmt: skip


def test_relabelling_economies_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    links = rng.uniform(0.5, 1.5, (6, 6, 3)) + 8.0 * np.eye(6)[:, :, None]
    order = np.array([0, 1, 4, 2, 5, 3])  # number in the relabelled world -> number in the first
    made = game(plain(links), ALL)
    traits = made.traits
    assert traits.positions is not None
    assert traits.capability is not None
    assert traits.distance is not None
    moved = Alignment(
        incomes(plain(links[np.ix_(order, order)])),
        Traits(
            traits.gdp[order], traits.positions[order], traits.capability[order],
            traits.distance[np.ix_(order, order)], traits.rivals,
        ),
        made.poles,
        ALL,
    )  # fmt: skip
    labels = np.array([0, 1, 0, 1, 1, -1])
    partition, other = made.partition(labels), moved.partition(labels[order])
    np.testing.assert_allclose(moved.payoffs(other), made.payoffs(partition)[order], atol=1e-8)
    first, second = stability(made.game, partition), stability(moved.game, other)
    assert (first.nash, first.individual, first.contractual) == (
        second.nash, second.individual, second.contractual,
    )  # fmt: skip
    assert enumerated_core_gap(moved.game, other).gap == pytest.approx(
        enumerated_core_gap(made.game, partition).gap, abs=1e-8
    )


def test_identical_countries_find_blocs_of_equal_size_equally_good() -> None:
    R = 6
    world = plain(np.where(np.eye(R, dtype=bool), 10.0, 1.0)[:, :, None].repeat(3, axis=2))
    traits = Traits(gdp=np.ones(R), positions=np.zeros((R, 1)))
    poles = Poles(("A", "B"), ((0,), (1,)), (3, 3), tuple(range(2, R)), np.r_[0, 1, np.full(R - 2, -1)])
    made = Alignment(incomes(world), traits, poles, Weights(1.0, 1.0, 0.0, 1.0))
    labels = np.array([0, 1, 0, 1, -1, -1])
    payoff = made.payoffs(made.partition(labels))
    np.testing.assert_allclose(payoff[:4], payoff[0], atol=1e-9)
    names, terms, _ = made.choices(made.partition(labels), 5)
    assert names == ("A", "B", "alone")
    np.testing.assert_allclose(terms[0], terms[1], atol=1e-9)


def test_terms_switch_off() -> None:
    made = game(make_world(), ALL)
    partition = made.partition(np.array([0, 1, 0, 0, 1, -1]))
    for k in range(4):
        only = made.weighted(Weights(*np.eye(4)[k]))
        np.testing.assert_allclose(only.payoffs(partition), made.terms(partition)[:, k])


def test_bad_blocs_are_refused() -> None:
    world = make_world()
    made = game(world, ALL)
    with pytest.raises(InputError, match="twice"):
        Alignment(made.incomes, made.traits, made.poles._replace(choosers=(1, 2)), ALL)
    with pytest.raises(InputError, match="no data"):
        Alignment(made.incomes, made.traits._replace(positions=None), made.poles, ALL)
    with pytest.raises(InputError, match="no data"):
        Alignment(made.incomes, made.traits._replace(rivals=None), made.poles, ALL)
    with pytest.raises(InputError, match="not a finite number"):
        made.weighted(Weights(np.nan))
    with pytest.raises(InputError, match="all weights are 0"):
        made.weighted(Weights(0.0))
    with pytest.raises(InputError, match="does not choose"):
        made.choices(made.apart(), 0)
    with pytest.raises(InputError, match="not symmetric"):
        incomes(world, np.triu(np.ones((6, 6), dtype=np.int64)))


def test_progress_is_told() -> None:
    told: list[str] = []
    made = game(make_world(), Weights())
    search(
        made, starts=2, core=False, progress=lambda done, total, label: told.append(f"{label} {done}/{total}")
    )
    assert "searches 2/2" in told
    assert told[0].startswith("pairs")
    assert next(text for text in told if text.startswith("certificates")).startswith("certificates 0/")
    assert alignment_search.pair_gains(made).gains.keys() == {3, 4}
