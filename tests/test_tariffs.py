"""Optimal and Nash tariffs: closed forms, published numbers, properties of random worlds, and cycles."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_worlds import Recipe, random_world
from scipy.optimize import brentq

from ecumene.errors import InputError, SolveError
from ecumene.models import tariffs, trade
from ecumene.models.bestresponse import ascend, climb, settle, take_turns
from ecumene.sources import load_world
from ecumene.types import FloatArray
from ecumene.world import World

ZERO = {"deficits": "zero"}


@cache
def two_countries(sigma: float, sizes: tuple[float, float], iceberg: float = 1.5) -> World:
    """Armington with one good a country and equal tastes: demand `(p_i tau_in)^(1-sigma)`, labour `sizes`."""
    labour, tau = np.array(sizes), np.array([[1.0, iceberg], [iceberg, 1.0]])

    def flows(log_wage: float) -> FloatArray:
        wage = np.array([np.exp(log_wage), 1.0])
        pull = (wage[:, None] * tau) ** (1.0 - sigma)
        return pull / pull.sum(axis=0) * (wage * labour)[None, :]

    root = brentq(lambda x: flows(x)[0, 1] - flows(x)[1, 0], -8.0, 8.0, xtol=1e-15)
    return World.from_trade(
        flows(float(root))[:, :, None], np.ones((2, 1)), np.zeros((2, 1, 1)),
        economies=["one", "two"], sectors=["good"], theta=[sigma - 1.0],
    )  # fmt: skip


@cache
def worlds(seed: int) -> World:
    rng = np.random.default_rng(seed)
    return random_world(4, 2, rng, Recipe(theta=(2.0, 6.0), no_home=0.0, zero_links=0.1, inputs=0.5))


def _rates(found: tariffs.NashTariffs) -> list[float]:
    return [float(rate) for rate in found.rates.values()]


@pytest.mark.parametrize("sigma", [3.0, 5.0, 8.0])
@pytest.mark.parametrize("sizes", [(1.0, 1.0), (1.0, 3.0), (100.0, 1.0)])
def test_optimum_has_its_closed_form(sigma: float, sizes: tuple[float, float]) -> None:
    """`t = 1 / ((sigma - 1) d_j)`, d_j the partner's domestic sales over output at the optimum."""
    found = tariffs.optimal(two_countries(sigma, sizes), "one", restarts=1, case=ZERO)
    eq = found.equilibrium
    domestic = float(eq.trade[1, 1, 0] / eq.output[1, 0])
    assert float(found.rates) == pytest.approx(1.0 / ((sigma - 1.0) * domestic), rel=5e-6)
    assert found.gradient_norm < 1e-8
    assert found.restart_gap < 1e-9 and found.restart_spread < 1e-9
    assert not found.at_bound


def test_a_tiny_country_tends_to_one_over_the_trade_elasticity() -> None:
    rates = [
        float(tariffs.optimal(two_countries(5.0, (n, 1.0)), "one", case=ZERO).rates) for n in (1e-2, 1e-5)
    ]
    assert abs(rates[1] - 0.25) < abs(rates[0] - 0.25)
    assert rates[1] == pytest.approx(0.25, abs=1e-4)


@pytest.mark.parametrize("method", ["slopes", "turns"])
def test_symmetric_nash(method: str) -> None:
    found = tariffs.nash(two_countries(5.0, (1.0, 1.0)), ["one", "two"], method=method, case=ZERO)
    assert _rates(found) == pytest.approx([0.265231] * 2, abs=5e-7)
    assert 100 * np.log(found.equilibrium.real_income.values) == pytest.approx([-1.1385] * 2, abs=5e-5)
    assert found.certified and not found.cycle and found.raise_unless_certified() is found


def test_unequal_countries_have_the_published_nash_tariffs() -> None:
    found = tariffs.nash(two_countries(5.0, (1.0, 3.0)), ["one", "two"], case=ZERO)
    assert _rates(found) == pytest.approx([0.25899, 0.27540], abs=5e-6)


def test_the_large_country_wins_the_tariff_war() -> None:
    """Johnson (1953): at 1:100 Nash beats free trade for the large country, so no patience holds it to free trade."""
    found = tariffs.nash(two_countries(5.0, (1.0, 100.0)), ["one", "two"], case=ZERO)
    assert 100 * np.log(found.equilibrium.real_income.values) == pytest.approx([-13.18, 0.03], abs=5e-3)
    factor = tariffs.patience(found).discount_factor.values
    assert factor[1] == np.inf and 0 < factor[0] < 1


def test_patience_of_equals_makes_them_indifferent() -> None:
    """At the threshold keeping free trade for ever is worth one departure and Nash ever after."""
    world = two_countries(5.0, (1.0, 1.0))
    found = tariffs.patience(tariffs.nash(world, ["one", "two"], case=ZERO))
    delta = found.discount_factor.values[0]
    best = tariffs.optimal(world, "one", case=ZERO).gain
    assert best == pytest.approx(delta / (1 - delta) * 0.011385, abs=1e-6)


def test_several_rates_against_a_uniform_one_and_their_certificate() -> None:
    """More rates never lose; with one partner `by partner` is `uniform`."""
    world = worlds(3)
    gains = {}
    for by in tariffs.BY:
        found = tariffs.optimal(world, "E001", by, restarts=1, case=ZERO, bounds=(-0.3, 3.0))
        assert found.gradient_norm < 1e-6, by
        assert found.restart_spread < 1e-8, by
        gains[by] = found.gain
    assert gains["both"] >= max(gains["partner"], gains["sector"]) - 1e-9
    assert min(gains["partner"], gains["sector"]) >= gains["uniform"] - 1e-9 >= -1e-9
    assert gains["both"] > gains["uniform"] + 1e-7
    pair = two_countries(5.0, (1.0, 3.0))
    both = [tariffs.optimal(pair, "one", by, case=ZERO).rates.values.item() for by in ("uniform", "partner")]
    assert both[0] == pytest.approx(both[1], abs=1e-6)


def test_a_bloc_has_a_common_external_tariff_and_leaves_its_inside_alone() -> None:
    world = worlds(1)
    found = tariffs.optimal(world, {"union": ["E000", "E002"]}, case=ZERO, restarts=1)
    rate = found.equilibrium.tariff
    inside = np.isin(world.economies, ["E000", "E002"])
    assert np.allclose(rate[np.ix_(~inside, inside)], float(found.rates))
    assert (rate[np.ix_(inside, inside)] == world.tariff.values[np.ix_(inside, inside)]).all()
    assert (rate[:, ~inside] == world.tariff.values[:, ~inside]).all()
    weights = found.equilibrium.base_income.values * inside
    value = weights @ np.log(found.equilibrium.real_income.values) / weights.sum()
    for move in (0.98, 1.02):
        other = np.array(rate)
        other[np.ix_(~inside, inside)] *= move
        beside = trade.solve(world, tariff=other, **ZERO).raise_unless_ok()
        assert value > weights @ np.log(beside.real_income.values) / weights.sum()


def test_services_are_not_taxed() -> None:
    found = tariffs.optimal(worlds(2), "E000", goods=[True, False], case=ZERO, restarts=0)
    assert (found.equilibrium.tariff[:, :, 1] == worlds(2).tariff.values[:, :, 1]).all()
    assert (found.equilibrium.tariff[1:, 0, 0] == float(found.rates)).all()


def test_nash_with_a_bloc_by_sector_is_certified() -> None:
    found = tariffs.nash(worlds(1), {"union": ["E000", "E002"], "E001": ["E001"]}, "sector", case=ZERO)
    assert found.certified and found.method == "turns"
    assert min(found.gains.values()) >= -1e-9
    assert found.rates["union"].dims == ("sector",)


@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.integers(0, 30), st.integers(0, 3))
def test_optimum_beats_a_grid_and_its_slope_is_zero(seed: int, n: int) -> None:
    world = worlds(seed)
    who = world.economies[n]
    found = tariffs.optimal(world, who, case=ZERO, restarts=1)
    at_best = np.log(found.equilibrium.real_income.sel(economy=who).item())
    for rate in (0.0, 0.1, 0.2, 0.35, 0.6, 1.2, 2.0):
        table = np.array(world.tariff.values)
        table[:, n] = np.where(np.arange(4)[:, None] == n, 0.0, rate)
        beside = trade.solve(world, tariff=table, **ZERO).raise_unless_ok()
        assert at_best >= np.log(beside.real_income.values[n]) - 1e-9
    slope = trade.gradient(world, who, tariff=found.equilibrium.tariff, **ZERO).values[:, n].sum()
    if not found.at_bound:
        assert abs(slope) < 1e-7
    else:
        assert slope * (float(found.rates) - 1.0) > 0


@settings(max_examples=4, deadline=None, derandomize=True)
@given(st.integers(0, 30))
def test_nash_is_certified_by_either_method_and_does_not_depend_on_labels(seed: int) -> None:
    world = worlds(seed)
    names = list(world.economies)
    found = tariffs.nash(world, names, case=ZERO)
    assert found.certified
    assert min(found.gains.values()) >= -1e-9
    turned = tariffs.nash(world, names[::-1], method="turns", case=ZERO)
    assert turned.certified
    for name in names:
        assert float(found.rates[name]) == pytest.approx(float(turned.rates[name]), abs=1e-5)


def test_best_responses_that_chase_each_other_are_reported_as_a_cycle() -> None:
    """x answers y and y answers -x: from (1, 1) a circle; damped, they meet at zero."""

    def respond(player: int, points: list[FloatArray]) -> FloatArray:
        return points[1] if player == 0 else -points[0]

    start = [np.array([1.0]), np.array([1.0])]
    found = take_turns(respond, start)
    assert (found.cycle, found.settled) == (2, False)
    damped = take_turns(respond, start, damping=0.5)
    assert damped.settled and not damped.cycle
    assert np.abs(np.concatenate(damped.points)).max() < 1e-7


def test_searches_find_tops_inside_and_at_bounds() -> None:
    def hill(x: FloatArray) -> tuple[float, FloatArray]:
        return float(-np.cosh(3 * (x - 0.4)).sum()), -3 * np.sinh(3 * (x - 0.4))

    def seen(x: float, sight: float = 1.0) -> tuple[float, float, float]:
        value, slope = hill(np.array([x]))
        return value, float(slope[0]), x + sight * float(slope[0]) / 9.0

    def blind(x: float) -> tuple[float, float, float]:
        return *seen(x)[:2], np.nan

    for look in (seen, blind, lambda x: seen(x, -1.0), lambda x: seen(x, 30.0)):
        for start in (-2.0, 0.3, 2.0):
            assert climb(look, start, -2.0, 2.0).x[0] == pytest.approx(0.4, abs=1e-8)
            assert climb(look, start, -2.0, 0.1).x[0] == 0.1
            assert climb(look, start, 0.7, 2.0).x[0] == 0.7
    several = ascend(hill, np.array([-1.0, 0.0, 1.5]), -2.0, 2.0, np.ones(3))
    assert several.x == pytest.approx([0.4] * 3, abs=1e-7)

    def slopes(x: FloatArray) -> tuple[FloatArray, FloatArray]:
        slope = np.array([1 - 2 * x[0] + 0.5 * x[1], 1 - 2 * x[1] - 0.3 * x[0]])
        return slope, x + slope / np.array([3.0, 1.5])

    x, _, settled = settle(slopes, np.zeros(2), -5.0, 5.0)
    assert settled
    assert x == pytest.approx(np.linalg.solve([[2, -0.5], [0.3, 2]], [1, 1]), abs=1e-8)


@pytest.mark.parametrize(
    ("players", "more", "message"),
    [
        (["E000", "E000"], {}, "E000 is a player twice"),
        ({"a": ["E000", "E001"], "b": ["E001"]}, {}, "E001 is a player in a and in b"),
        (["XX"], {}, "'XX' is no economy"),
        ({"a": []}, {}, "no members"),
        ({"a": ["E000", "E001", "E002", "E003"]}, {}, "whole world"),
        ([], {}, "needs players"),
        (["E000"], {"bounds": (-1.5, 1.0)}, "above -1"),
        (["E000"], {"bounds": (0.5, 0.1)}, "the lower first"),
        (["E000"], {"goods": [False, False]}, "names no sector"),
        (["E000"], {"goods": [True]}, "one true or false for each of the 2"),
        (["E000"], {"by": "region"}, "choose one of uniform"),
        (["E000"], {"bounds": (float("nan"), 1.0)}, "bounds are"),
        (["E000"], {"damping": 0.0}, "damping is 0"),
        (["E000"], {"restarts": -1}, "restarts is -1"),
        (["E000"], {"seed": -1}, "seed is -1"),
        (["E000"], {"case": {"thetas": 4.0}}, "unknown entries thetas"),
        (["E000"], {"by": "sector", "method": "slopes"}, "choose turns"),
    ],
)
def test_bad_input_is_named(players: object, more: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        tariffs.nash(worlds(0), players, **more)  # pyright: ignore[reportArgumentType]


def test_without_restarts_nothing_is_said_about_other_tops() -> None:
    world = two_countries(5.0, (1.0, 1.0))
    alone = tariffs.optimal(world, "one", restarts=0, case=ZERO)
    assert np.isnan(alone.restart_gap)
    assert np.isnan(alone.restart_spread)
    both = tariffs.nash(world, ["one", "two"], restarts=0, case=ZERO)
    assert both.searches == 1  # from the Nash rates themselves
    off = replace(both, points=tuple(point + 0.2 for point in both.points))
    gains, _ = tariffs._certify(off.game, off.points, (0.0, 1.0), off.game.anchor(), 0, 0)
    assert max(gains) > tariffs.CERTIFIED_GAIN


def test_optimal_takes_one_player() -> None:
    with pytest.raises(InputError, match="use nash"):
        tariffs.optimal(worlds(0), {"a": ["E000"], "b": ["E001"]})


def test_what_is_not_certified_is_no_threat_and_says_who_gains() -> None:
    found = tariffs.nash(two_countries(5.0, (1.0, 1.0)), ["one", "two"], case=ZERO)
    broken = replace(found, gains={"one": 0.0, "two": 2e-6}, cycle=3)
    with pytest.raises(SolveError, match="cycle of 3 rounds; two would gain"):
        broken.raise_unless_certified()
    with pytest.raises(InputError, match="not certified"):
        tariffs.patience(broken)


@pytest.mark.slow
def test_forty_one_economies_on_wiod(shared: Path) -> None:
    """A uniform goods tariff each, with input-output links: certified, and each own slope is zero by another route."""
    world = load_world(f"wiod:{shared / 'data' / 'wiod' / 'wiod2011.npz'}")
    found = tariffs.nash(world, world.economies, case={"theta": 5.0, "deficits": "zero"})
    assert found.certified and found.rounds < 30
    for name in ("USA", "LUX"):
        n = world.economies.index(name)
        rates = found.equilibrium.tariff
        slope = trade.gradient(world, name, tariff=rates, theta=5.0, deficits="zero").values[:, n]
        assert abs(slope[:, np.asarray(world.layers["goods"].values, dtype=bool)].sum()) < 1e-7
