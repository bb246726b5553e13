"""Revision of choices: reversibility, backlash and hysteresis, against enumeration and closed forms."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from ecumene.errors import InputError
from ecumene.models import dynamics, tipping
from ecumene.models.dynamics import Behaviour, Landscape

RNG = np.random.default_rng(4)


def symmetric(N: int, K: int, scale: float = 1.0) -> Landscape:
    """Payoffs of pairs that both sides share: a potential game."""
    rng = np.random.default_rng(N * 10 + K)
    pair = np.zeros((N, N, K, K))
    for i, j in itertools.combinations(range(N), 2):
        pair[i, j] = scale * rng.normal(size=(K, K))
        pair[j, i] = pair[i, j].T
    return Landscape(rng.normal(size=(N, K)), pair, np.zeros((N, K)), np.zeros(K))


def gibbs(land: Landscape, beta: float) -> dict[tuple[int, ...], float]:
    """`exp(beta potential)`, by enumeration of every state."""
    N, K = land.own.shape
    weight = {}
    for state in itertools.product(range(K), repeat=N):
        own = sum(land.own[i, state[i]] for i in range(N))
        pairs = sum(land.pair[i, j, state[i], state[j]] for i, j in itertools.combinations(range(N), 2))
        weight[state] = np.exp(beta * (own + pairs))
    whole = sum(weight.values())
    return {state: each / whole for state, each in weight.items()}


@pytest.mark.parametrize(("N", "K"), [(2, 2), (3, 2), (2, 3)])
def test_a_potential_gives_detailed_balance(N: int, K: int) -> None:
    """Long paths visit states as the Gibbs law says, and change between two of them as often either way."""
    land, beta = symmetric(N, K), 0.7
    found = dynamics.evolve(
        land, Behaviour(beta=beta, rate=1.0 / N), np.zeros(N, dtype=int), 20_000, [1, 2, 3]
    )
    states = [tuple(int(c) for c in state) for path in found.choice[:, 500:] for state in path]
    law = gibbs(land, beta)
    for state, expected in law.items():
        assert states.count(state) / len(states) == pytest.approx(expected, abs=0.015)
    flows: dict = {}
    for path in found.choice[:, 500:]:
        for before, after in itertools.pairwise(map(tuple, path.tolist())):
            flows[before, after] = flows.get((before, after), 0) + 1
    for (before, after), count in flows.items():
        back = flows.get((after, before), 0)
        assert abs(count - back) <= 5.0 * np.sqrt(count + back + 1)


def test_the_same_seed_is_the_same_path_and_many_are_one_after_another() -> None:
    land = symmetric(4, 3)
    how = Behaviour(beta=1.0, rate=0.5, switching=0.1)
    start = np.array([0, 1, 2, 0])
    many = dynamics.evolve(land, how, start, 40, [5, 6, 7])
    for at, seed in enumerate([5, 6, 7]):
        one = dynamics.evolve(land, how, start, 40, [seed])
        np.testing.assert_array_equal(one.choice[0], many.choice[at])
        np.testing.assert_allclose(one.payoff[0], many.payoff[at], rtol=1e-12)  # sums in another order
    assert not np.array_equal(many.choice[0], many.choice[1])


def test_many_players_settle_where_the_closed_form_says() -> None:
    """Each gains b / (N - 1) by every other who makes the same choice as a: `p = expit(beta (a + b p))`."""
    N, beta, a, b = 300, 1.0, -1.0, 1.5
    pair = np.zeros((N, N, 2, 2))
    pair[:, :, 1, 1] = b / (N - 1)
    pair[np.arange(N), np.arange(N)] = 0.0
    own = np.tile([0.0, a], (N, 1))
    land = Landscape(own, pair, np.zeros((N, 2)), np.zeros(2))
    found = dynamics.evolve(land, Behaviour(beta=beta, rate=1.0), np.zeros(N, dtype=int), 200, [1, 2])
    share = (found.choice[:, 50:] == 1).mean()
    assert share == pytest.approx(tipping.shares_at_rest(a, b, beta)[0], abs=0.01)


def test_pressure_raised_and_lowered_leaves_a_loop_only_where_feedback_is_strong() -> None:
    """Mean-field choice with beta b above and below 4, pushed up and back: the way back is another or the same."""
    N, years = 200, 120
    up = np.linspace(-6.0, 1.0, years // 2)
    push = np.concatenate([up, up[::-1]])
    apart = {}
    for b in (6.0, 2.0):
        pair = np.zeros((N, N, 2, 2))
        pair[:, :, 1, 1] = b / (N - 1)
        pair[np.arange(N), np.arange(N)] = 0.0
        land = Landscape(np.zeros((N, 2)), pair, np.zeros((N, 2)), np.array([0.0, 1.0]))
        found = dynamics.evolve(
            land, Behaviour(beta=1.0, rate=3.0), np.zeros(N, dtype=int), years, [3],
            pressure=np.broadcast_to(push[:, None], (years, N)),
        )  # fmt: skip
        closed = (found.choice[0, 1:] == 1).mean(axis=1)
        rising, falling = closed[: years // 2], closed[years // 2 :][::-1]
        apart[b] = float(np.abs(rising - falling).max())
    assert apart[6.0] > 0.6
    assert apart[2.0] < 0.25


def test_backlash_builds_fades_and_switches_identities() -> None:
    """Losses of 1 a year and a decay of 1/2: the stock tends to 2, by hand 1, 1.5, 1.75, ..."""
    land = Landscape(
        np.array([[0.0, -50.0]]), np.zeros((1, 1, 2, 2)), np.array([[1.0, 0.0]]), np.array([0.0, 1.0])
    )
    still = dynamics.evolve(land, Behaviour(beta=1.0, rate=1.0, decay=0.5), np.array([0]), 6, [1])
    np.testing.assert_allclose(still.backlash[0, :, 0], 2.0 * (1.0 - 0.5 ** np.arange(7)))
    assert (still.choice == 0).all()
    moved = dynamics.evolve(
        land, Behaviour(beta=1.0, rate=1.0, decay=0.5, threshold=1.8, jump=100.0), np.array([0]), 8, [1]
    )
    # 1.75 in the third year, 1.875 in the fourth: closed from then on, while the stock is above the threshold.
    assert moved.choice[0, :4, 0].tolist() == [0, 0, 0, 0]
    assert moved.choice[0, 4, 0] == 1
    assert moved.choice[0, 5, 0] == 0  # under the closed choice losses end, and the stock falls below


def test_a_shock_costs_income_and_feeds_the_backlash() -> None:
    land = Landscape(np.array([[3.0, 1.0]]), np.zeros((1, 1, 2, 2)), np.zeros((1, 2)), np.array([0.0, 1.0]))
    shock = np.zeros((3, 1, 2))
    shock[1, 0, 0] = 2.0
    found = dynamics.evolve(
        land, Behaviour(beta=50.0, rate=1.0, decay=0.0), np.array([0]), 3, [1], shock=shock
    )
    assert found.payoff[0, :, 0].tolist() == [3.0, 3.0, 1.0, 3.0]
    assert found.backlash[0, :, 0].tolist() == [0.0, 0.0, 2.0, 2.0]


def test_costs_of_switching_keep_a_choice() -> None:
    land = Landscape(np.array([[0.0, 1.0]]), np.zeros((1, 1, 2, 2)), np.zeros((1, 2)), np.zeros(2))
    how = Behaviour(beta=10.0, rate=1.0)
    free = dynamics.evolve(land, how, np.array([0]), 20, [1])
    dear = dynamics.evolve(land, how._replace(switching=5.0), np.array([0]), 20, [1])
    assert dynamics.share_of_time(free, 2)[0, 1] > 0.9
    assert dynamics.share_of_time(dear, 2)[0, 0] == 1.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": np.array([0, 3])}, "start must be"),
        ({"years": 0}, "years is 0"),
        ({"seeds": []}, "0 seeds"),
        ({"shock": np.zeros((2, 2, 2))}, "shock has shape"),
        ({"pressure": np.full((4, 2), np.nan)}, "pressure has shape"),
        ({"behaviour": Behaviour(beta=-1.0)}, "beta is -1.0"),
        ({"behaviour": Behaviour(decay=1.5)}, "decay is 1.5"),
        ({"landscape": symmetric(2, 2)._replace(pair=np.ones((2, 2, 2, 2)))}, "between a player and itself"),
        ({"landscape": symmetric(2, 2)._replace(own=np.full((2, 2), np.inf))}, "own has shape"),
    ],
)
def test_impossible_input_is_told(change: dict, message: str) -> None:
    given = {
        "landscape": symmetric(2, 2), "behaviour": Behaviour(), "start": np.array([0, 1]), "years": 4, "seeds": [1],
    } | change  # fmt: skip
    with pytest.raises(InputError, match=message):
        dynamics.evolve(**given)


@pytest.mark.parametrize(("N", "rate"), [(1, 0.25), (3, 0.05), (2, 0.75)])
def test_players_revise_at_the_rate_that_is_said(N: int, rate: float) -> None:
    """With two choices drawn evenly, a revision changes a choice half the time: `N rate / 2` changes a year at most."""
    land = Landscape(np.zeros((N, 2)), np.zeros((N, N, 2, 2)), np.zeros((N, 2)), np.zeros(2))
    found = dynamics.evolve(land, Behaviour(beta=0.0, rate=rate), np.zeros(N, dtype=int), 4000, [1, 2])
    made = np.abs(np.diff(np.asarray(found.choice), axis=1)).sum(axis=2).mean()
    mean = rate * N
    twice = max(mean - 1.0, 0.0) / N  # both revisions of a year meet one player, and may undo each other
    assert made == pytest.approx((mean - twice) / 2.0, abs=0.02)


def test_who_never_revises_stays() -> None:
    found = dynamics.evolve(symmetric(3, 2), Behaviour(rate=0.0), np.array([0, 1, 0]), 50, [1])
    assert (np.asarray(found.choice) == np.array([0, 1, 0])).all()
