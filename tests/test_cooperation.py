"""The repeated game of tariffs: dilemmas by hand, tit-for-tat in closed form, and tournaments by seed."""

from __future__ import annotations

import builtins
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import xarray as xr
from test_tariffs import ZERO, two_countries, worlds

import ecumene as ec
from ecumene.errors import InputError
from ecumene.models.cooperation import discounted, kind_of, stage_game
from ecumene.models.tariffs import NashTariffs


@cache
def war(sizes: tuple[float, float]) -> NashTariffs:
    return ec.tariffs.nash(two_countries(5.0, sizes), ["one", "two"], case=ZERO)


def by_hand(reward: float, sucker: float, temptation: float, punishment: float) -> xr.Dataset:
    """A stage game with these payoffs for both."""
    named = {"reward": reward, "sucker": sucker, "temptation": temptation, "punishment": punishment}
    return xr.Dataset(
        {name: ("player", [value, value]) for name, value in named.items()},
        coords={"player": ["one", "two"]},
    )


@pytest.mark.parametrize(
    ("payoffs", "kind"),
    [
        ((3, 0, 5, 1), "prisoners' dilemma"),
        ((3, 1, 5, 0), "chicken"),
        ((5, 0, 3, 1), "stag hunt"),
        ((1, 0, 5, 3), "deadlock"),
        ((5, 3, 4, 1), "harmony"),
        ((3, 0, 3, 1), "other"),
        ((3, 1, 5, 1), "other"),
    ],
)
def test_games_are_named_by_the_order_of_their_payoffs(payoffs: tuple[float, ...], kind: str) -> None:
    assert kind_of(*payoffs) == kind


def test_equals_are_in_a_dilemma_and_the_large_beside_the_small_is_not() -> None:
    equal = stage_game(war((1.0, 1.0)))
    assert list(equal["kind"].values) == ["prisoners' dilemma"] * 2
    R, S, T, P = (equal[name].values for name in ("reward", "sucker", "temptation", "punishment"))
    assert np.abs(R).max() < 1e-9
    assert (abs(100 * P + 1.1385) < 5e-5).all()
    assert ec.tariffs.optimal(two_countries(5.0, (1.0, 1.0)), "one", case=ZERO).gain == pytest.approx(T[0])
    assert (T + S < 2 * R).all()  # taking turns at departing is no better than keeping it
    unequal = stage_game(war((1.0, 100.0)))
    assert list(unequal["kind"].values) == ["prisoners' dilemma", "deadlock"]
    assert unequal["grim"].values[1] == unequal["tit_for_tat"].values[1] == np.inf


def test_grim_thresholds_are_those_of_patience() -> None:
    for sizes in ((1.0, 1.0), (1.0, 100.0)):
        factor = ec.tariffs.patience(war(sizes))["discount_factor"].values
        assert stage_game(war(sizes))["grim"].values == pytest.approx(factor, rel=1e-9)


def test_tit_for_tat_threshold_makes_the_best_deviation_indifferent() -> None:
    """Against tit-for-tat: never keeping is worth (1 - d) T + d P a period, every other period (T + d S) / (1 + d)."""
    game = stage_game(war((1.0, 3.0)))
    for n in range(2):
        R, S, T, P = (game[name].values[n] for name in ("reward", "sucker", "temptation", "punishment"))
        delta = game["tit_for_tat"].values[n]
        deviations = [(1 - delta) * T + delta * P, (T + delta * S) / (1 + delta)]
        assert max(deviations) == pytest.approx(R, abs=1e-12)
        for other, sign in ((delta - 0.02, 1), (delta + 0.02, -1)):
            best = max((1 - other) * T + other * P, (T + other * S) / (1 + other))
            assert sign * (best - R) > 0


def test_discounted_courses_have_their_closed_forms() -> None:
    game = by_hand(3, 0, 5, 1)
    n, delta = 400, 0.9
    tit_for_tat, never = [True] + [False] * (n - 1), [False] * n
    first, second = discounted(game, tit_for_tat, never, delta)
    assert first == pytest.approx((1 - delta) * 0 + delta * 1)
    assert second == pytest.approx((1 - delta) * 5 + delta * 1)
    turns = [t % 2 == 1 for t in range(n)]  # departs, keeps, departs: tit-for-tat answers a period later
    first, second = discounted(game, [True, *turns[:-1]], turns, delta)
    assert first == pytest.approx((0 + delta * 5) / (1 + delta))
    assert second == pytest.approx((5 + delta * 0) / (1 + delta))
    assert discounted(game, [True, False], [True, True], 1.0) == pytest.approx((4.0, 1.5))


@pytest.mark.parametrize(("first", "delta"), [([True], 1.1), ([True], -0.1), ([], 0.5), ([True, True], 0.5)])
def test_courses_that_mean_nothing_are_refused(first: list[bool], delta: float) -> None:
    with pytest.raises(InputError, match="delta from 0 to 1"):
        discounted(by_hand(3, 0, 5, 1), first, [True][: len(first)], delta)


def test_a_stage_game_needs_two_certified_players() -> None:
    three = ec.tariffs.nash(worlds(0), ["E000", "E001", "E002"], case=ZERO)
    with pytest.raises(InputError, match="two players and these are 3"):
        stage_game(three)
    with pytest.raises(InputError, match="not certified"):
        stage_game(replace(war((1.0, 1.0)), gains={"one": 1e-3, "two": 0.0}))
    with pytest.raises(InputError, match="outside the bounds"):
        stage_game(war((1.0, 1.0)), agreed=7.0)


def test_a_missing_axelrod_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def without(name: str, *rest: object, **more: object) -> object:
        if name == "axelrod":
            raise ImportError(name)
        return found(name, *rest, **more)  # pyright: ignore

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"pip install 'ecumene\[games\]'"):
        ec.tariffs.tournament(by_hand(3, 0, 5, 1))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"periods": 0}, "periods is 0"),
        ({"periods": 2.5}, "periods is 2.5"),
        ({"repetitions": 0}, "repetitions is 0"),
        ({"noise": 1.5}, "noise is 1.5"),
        ({"delta": -1.0}, "delta -1"),
    ],
)
def test_tournaments_refuse_numbers_out_of_range(options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ec.tariffs.tournament(by_hand(3, 0, 5, 1), **options)


@pytest.mark.slow
def test_tournaments_of_axelrod() -> None:
    """Known matches in closed form, equal seeds equal results, unknown strategies refused. Axelrod is slow to load."""
    pytest.importorskip("axelrod")
    game = by_hand(3, 0, 5, 1)
    names = ("TitForTat", "Defector", "Cooperator", "Random")
    found = ec.tariffs.tournament(game, names, periods=50, delta=0.9, seed=3)
    payoff = found["payoff"]
    weight = (1 - 0.9) / (1 - 0.9**50)
    first = payoff.sel(player="one", strategy="Defector", against="TitForTat").item()
    assert first == pytest.approx(1 + 4 * weight)
    assert payoff.sel(player="two", strategy="TitForTat", against="Defector").item() == pytest.approx(
        1 - weight
    )
    assert payoff.sel(strategy="TitForTat", against="Cooperator").values == pytest.approx([3, 3])
    assert found["kept"].sel(strategy="Defector").values.max() == 0
    assert found["score"].values == pytest.approx(payoff.mean("against").values)
    assert found.equals(ec.tariffs.tournament(game, names, periods=50, delta=0.9, seed=3))
    assert not found.equals(ec.tariffs.tournament(game, names, periods=50, delta=0.9, seed=4))
    for wrong in ("TitForTatt", "Game", 3):
        with pytest.raises(InputError, match="Axelrod has no strategy"):
            ec.tariffs.tournament(game, ("TitForTat", wrong))  # pyright: ignore[reportArgumentType]
    with pytest.raises(InputError, match="each once"):
        ec.tariffs.tournament(game, ("TitForTat", "TitForTat"))
