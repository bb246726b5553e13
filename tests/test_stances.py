"""Stances of players and their surrogate: what is exact, what rules mean, and loops of many players."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from small_world import make_world

from ecumene.alignment.evidence import incomes_of
from ecumene.errors import InputError, SolveError
from ecumene.models import dynamics, meanfield, stances, tipping, trade
from ecumene.models.dynamics import Behaviour, Landscape
from ecumene.models.stances import BLOC, CHOICES, CLOSED, OPEN, TARIFFS, Players, Stances, Terms

TERMS = Terms(3, 0.05, 0.02, 0.15, 0.25, 0.1, 0)


@pytest.fixture(scope="module")
def small() -> Stances:
    """DEU and FRA are one player; with USA they would be a bloc; CHN has none; RUS and GEO do not choose."""
    players = Players(np.array([0, 0, 1, 2, -1, -1]), np.array([0, 0, -1]))
    return Stances(incomes_of(make_world(deficits="fixed")), players, TERMS)


ALLOWED = np.ones((3, CHOICES), dtype=bool)
ALLOWED[2, BLOC] = False


def test_open_is_the_world_as_it_is(small: Stances) -> None:
    iceberg, tariff = small.rules(np.zeros(3, int))
    assert (iceberg == 1).all()
    np.testing.assert_array_equal(tariff, make_world().tariff.values)
    np.testing.assert_allclose(small.of(np.zeros(3, int)), 0.0, atol=1e-7)


def test_who_closes_raises_what_it_levies_on_all_but_itself(small: Stances) -> None:
    iceberg, tariff = small.rules(np.array([CLOSED, OPEN, OPEN]))
    before = make_world().tariff.values
    deu, fra, usa, chn = range(4)
    assert (iceberg[usa, deu] >= 1.1 - 1e-12).all()
    assert (iceberg[deu, fra] == 1).all()  # one player inside
    assert (iceberg[chn, usa] == 1).all()
    np.testing.assert_allclose(
        (tariff - before)[chn, deu], 0.25
    )  # a world without a layer 'goods': all are goods
    assert (tariff[usa, chn] == before[usa, chn]).all()


def test_tariffs_are_levied_on_goods_from_everybody_and_leave_agreements() -> None:
    """Services and who sells to others are untouched; nothing is dearer but by the duty."""
    world = make_world(deficits="fixed", layers={"goods": np.array([1.0, 0.0, 0.0])})
    players = Players(np.array([0, 0, 1, 2, -1, -1]), np.array([0, 0, -1]))
    rules = Stances(incomes_of(world), players, TERMS).rules
    iceberg, tariff = rules(np.array([TARIFFS, OPEN, OPEN]))
    _, before = rules(np.zeros(3, int))
    assert (iceberg == 1).all()
    more = np.zeros_like(before)
    more[2:, :2, 0] = 0.15  # all others into DEU and FRA, which are one player
    np.testing.assert_allclose(tariff - before, more, atol=1e-12)


def test_who_closes_leaves_its_agreements_and_blocs_stay_apart() -> None:
    """DEU and FRA are in one union today: closed, its depth ends both ways; in two blocs, each is outside."""
    incomes = incomes_of(make_world(deficits="fixed"))
    players = Players(np.array([0, 1, 2, 3, -1, -1]), np.array([0, 1, 0, 1]))
    rules = Stances(incomes, players, TERMS).rules
    deu, fra, usa, chn = range(4)
    fall = incomes.ladder.goods[incomes.ladder.base[deu, fra]]
    assert fall > 0
    iceberg, _ = rules(np.array([CLOSED, OPEN, OPEN, OPEN]))
    np.testing.assert_allclose(iceberg[deu, fra], np.exp(fall))
    np.testing.assert_allclose(iceberg[fra, deu], 1.1 * np.exp(fall))
    _, before = rules(np.zeros(4, int))
    iceberg, tariff = rules(np.full(4, BLOC))
    np.testing.assert_allclose(iceberg[deu, fra], 1.02)
    np.testing.assert_allclose(tariff[deu, fra] - before[deu, fra], 0.05)
    assert (tariff[usa, deu] == 0).all()
    assert (tariff[chn, fra] == 0).all()


def test_a_bloc_needs_two_that_choose_it(small: Stances) -> None:
    alone, _ = small.rules(np.array([BLOC, OPEN, OPEN]))
    both, tariff = small.rules(np.array([BLOC, BLOC, OPEN]))
    deu, usa, chn = 0, 2, 3
    assert (alone[usa, deu] >= 1.02 - 1e-12).all()
    assert (both[usa, deu] < 1).all()
    assert (tariff[usa, deu] == 0).all()
    np.testing.assert_allclose(both[chn, usa], 1.02)


def test_the_surrogate_is_exact_where_two_depart_and_near_elsewhere(small: Stances) -> None:
    start = np.zeros(3, int)
    states = stances.surrogate_states(start, ALLOWED)
    assert len(states) == 1 + (3 + 3 + 2) + (3 * 3 + 3 * 2 + 3 * 2)
    small.many(states, lambda: None)
    found = stances.surrogate(start, ALLOWED, small.known)
    np.testing.assert_allclose(found.at(np.stack(states)), np.stack([small.of(s) for s in states]), atol=1e-9)
    for state in product((BLOC, CLOSED), (BLOC, CLOSED), (CLOSED,)):
        gap = np.abs(found.at(np.array(state)) - small.of(np.array(state))).max()
        effect = np.abs(small.of(np.array(state))).max()
        assert 0 < gap < 0.2 * effect


def test_payoffs_of_the_landscape_are_differences_of_the_surrogate(small: Stances) -> None:
    start = np.array([OPEN, CLOSED, OPEN])
    small.many(stances.surrogate_states(start, ALLOWED), lambda: None)
    found = stances.surrogate(start, ALLOWED, small.known)
    share = np.zeros((3, 6))
    share[0, :2], share[1, 2], share[2, 3] = (0.6, 0.4), 1.0, 1.0
    land = stances.landscape(found, share, np.zeros((3, CHOICES)), ALLOWED)
    for state in ([OPEN, BLOC, TARIFFS], [CLOSED, OPEN, OPEN], [BLOC, BLOC, CLOSED]):
        value = dynamics.payoffs(land, np.array(state))
        for i in range(3):
            for k, other in product(np.flatnonzero(ALLOWED[i]), repeat=2):
                one, two = np.array(state), np.array(state)
                one[i], two[i] = k, other
                gain = share[i] @ (found.at(one) - found.at(two))
                assert float(value[i, k] - value[i, other]) == pytest.approx(gain, abs=1e-9)


def test_wages_of_bound_sectors_are_those_of_the_trade_model(small: Stances) -> None:
    choice = np.array([CLOSED, OPEN, CLOSED])
    iceberg, tariff = small.rules(choice)
    eq = trade.solve(make_world(deficits="fixed"), iceberg=iceberg, tariff=tariff, mobility=1.0)
    expected = np.log(eq.sector_wage.values / eq.price_index.values[:, None])
    np.testing.assert_allclose(small.sector_wages(choice), expected, atol=1e-8)


def alike(b: float, N: int) -> Landscape:
    """Each gains b / (N - 1) by every other who closes as well."""
    pair = np.zeros((N, N, 2, 2))
    pair[:, :, 1, 1] = b / (N - 1)
    pair[np.arange(N), np.arange(N)] = 0.0
    return Landscape(np.zeros((N, 2)), pair, np.zeros((N, 2)), np.array([0.0, 1.0]))


@pytest.mark.parametrize("b", [6.0, 3.0])
def test_players_that_are_alike_tip_at_the_folds_of_the_closed_form(b: float) -> None:
    """Folds at -2.585 and -3.415 for beta 1, b 6; no loop where beta b is below 4."""
    N, step = 6, 0.05
    how = Behaviour(beta=1.0, decay=1.0)
    start = np.tile([1.0, 0.0], (N, 1))
    values = np.arange(-4.5, 0.0, step)
    found = meanfield.sweep(alike(b, N), how, start, values, np.full(N, 1.0 / N))
    if b == 3.0:
        assert found.width == pytest.approx(0.0, abs=1e-6)
        return
    folds = tipping.folds(b, 1.0)
    assert found.closes == pytest.approx(folds.rises, abs=step)
    assert found.opens == pytest.approx(folds.falls, abs=step)
    assert folds.rises == pytest.approx(-2.585, abs=1e-3)
    assert folds.falls == pytest.approx(-3.415, abs=1e-3)


def test_a_shock_that_comes_more_often_tips_where_its_backlash_reaches_the_folds() -> None:
    """Losses of 1 from every choice, decay 1/2 and weight 2: a chance x is worth a pressure of 4 x. Folds as above."""
    N, step = 6, 0.01
    how = Behaviour(beta=1.0, decay=0.5, weight=2.0)
    start, weight = np.tile([1.0, 0.0], (N, 1)), np.full(N, 1.0 / N)
    values = np.arange(0.0, 1.0, step)
    found = meanfield.sweep(alike(6.0, N), how, start, values, weight, hit=np.ones((N, 2)), pressure=-4.5)
    folds = tipping.folds(6.0, 1.0)
    assert found.closes == pytest.approx((folds.rises + 4.5) / 4.0, abs=step)
    assert found.opens == pytest.approx((folds.falls + 4.5) / 4.0, abs=step)
    same = meanfield.sweep(alike(6.0, N), how, start, 4.0 * values - 4.5, weight)
    np.testing.assert_allclose(found.up, same.up, atol=1e-6)
    np.testing.assert_allclose(found.down, same.down, atol=1e-6)


def test_where_chances_do_not_rest_there_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing wakes a backlash that makes opening pay: with an answer this sharp, chances go round for ever."""
    monkeypatch.setattr(meanfield, "MOST_ROUNDS", 300)
    land = alike(0.0, 2)._replace(own=np.tile([0.0, 1.0], (2, 1)), loss=np.tile([0.0, 1.0], (2, 1)))
    how = Behaviour(beta=50.0, decay=1.0, threshold=0.5, jump=-4.0)
    start = np.tile([1.0, 0.0], (2, 1))
    with pytest.raises(SolveError, match="do not come to rest"):
        meanfield.at_rest(land, how, 0.0, start)
    found = meanfield.sweep(land, how, start, np.array([-3.0, 0.0]), np.full(2, 0.5))
    assert found.up[0] == pytest.approx(0.0, abs=1e-6)
    assert np.isnan(found.up[1])
    assert np.isnan(found.closes)


def test_costs_of_switching_alone_leave_no_loop_in_expectation() -> None:
    """Without feedback the expected share at rest depends on the pressure alone."""
    how = Behaviour(beta=2.0, switching=1.0)
    land = alike(0.0, 5)
    start = np.tile([1.0, 0.0], (5, 1))
    found = meanfield.sweep(land, how, start, np.linspace(-3.0, 3.0, 25), np.full(5, 0.2))
    np.testing.assert_allclose(found.up, found.down, atol=1e-5)


def test_chances_at_rest_are_the_shares_of_long_paths() -> None:
    """One player: the stationary chances of its revisions, switching cost and backlash included."""
    land = Landscape(
        np.array([[0.0, 0.3, -0.4]]), np.zeros((1, 1, 3, 3)), np.zeros((1, 3)), np.array([0.0, 0.0, 1.0])
    )
    how = Behaviour(beta=1.5, rate=1.0, switching=0.7, decay=0.5)
    chance = meanfield.at_rest(land, how, 0.5, np.array([[1.0, 0.0, 0.0]]))
    paths = dynamics.evolve(land, how, np.array([0]), 8_000, [1, 2], pressure=np.full((8_000, 1), 0.5))
    shares = [(paths.choice[:, 100:] == k).mean() for k in range(3)]
    np.testing.assert_allclose(chance[0], shares, atol=0.03)
    weight = np.exp(
        1.5 * np.array([0.0, 0.3, 0.1])
    )  # detailed balance: `e^(beta V_k)` times what one at k draws from
    law = weight * (weight + np.exp(-1.5 * 0.7) * (weight.sum() - weight))
    np.testing.assert_allclose(chance[0], law / law.sum(), atol=1e-8)


def test_what_is_not_allowed_is_never_chosen() -> None:
    land = alike(0.0, 3)._replace(own=np.tile([0.0, 50.0], (3, 1)), allowed=np.array([[True, False]] * 3))
    found = dynamics.evolve(land, Behaviour(rate=1.0), np.zeros(3, int), 30, [1, 2])
    assert (found.choice == 0).all()
    with pytest.raises(InputError, match="player 0 starts with what it cannot choose"):
        dynamics.evolve(land, Behaviour(), np.ones(3, int), 3, [1])


def test_without_decay_nothing_rests() -> None:
    with pytest.raises(InputError, match="never rests"):
        meanfield.at_rest(alike(1.0, 2), Behaviour(decay=0.0, weight=1.0), 0.0, np.tile([1.0, 0.0], (2, 1)))


def test_a_share_passes_one_half_between_steps() -> None:
    values = np.array([0.0, 1.0, 2.0])
    assert meanfield.half(values, np.array([0.25, 0.75, 1.0])) == pytest.approx(0.5)
    assert np.isnan(meanfield.half(values, np.array([0.1, 0.2, 0.3])))
    assert np.isnan(meanfield.half(values, np.array([0.6, 0.7, 0.8])))
