"""The speed of change: closed forms of maturity and of autarky, ends that are those of the trade model, honest gaps."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from random_worlds import Recipe, random_world

from ecumene.errors import InputError
from ecumene.models import trade, transition
from ecumene.models.solve import Options, Status
from ecumene.models.trade import Case
from ecumene.models.transition import Speed, follow, maturity, rules_between, steps
from ecumene.world import World

FREE = Speed(1.0, 0.0, 0.0)


def one_sector(theta: float = 4.0) -> World:
    """Three economies, one good, no inputs: real income is the domestic share to the power of 1 / theta."""
    trade_flows = np.array([[60.0, 20.0, 20.0], [20.0, 50.0, 10.0], [20.0, 10.0, 40.0]])[:, :, None]
    return World.from_trade(
        trade_flows, np.ones((3, 1)), np.zeros((3, 1, 1)), economies=["AAA", "BBB", "CCC"], sectors=["all"],
        theta=np.array([theta]), deficits="fixed",
    )  # fmt: skip


def case(world: World, iceberg: object = None, tariff: object = None) -> Case:
    technology = trade._technology(world, 1.0, 1.0, 1.0, None, float("inf"))
    return trade.case_of(world, iceberg, tariff, None, world.deficits, technology, Options())


def walk(world: World, years: int, horizon: int, speed: Speed, **to: object) -> transition.Course:
    return follow(case(world), case(world, **to), steps(years, horizon), speed, lambda: None)


def test_maturity_of_one_change_is_its_age() -> None:
    done = steps(1, 12)
    np.testing.assert_allclose(maturity(done, 3.0)[1:], 1.0 - np.exp(-np.arange(12) / 3.0), rtol=1e-13)
    assert maturity(done, 3.0)[0] == 1.0
    np.testing.assert_array_equal(maturity(done, 0.0), 1.0)


def test_maturity_is_the_mean_over_all_changes() -> None:
    """The recursion against the sum over changes by their age."""
    done, years = steps(7, 20), 2.5
    change = np.diff(done, prepend=0.0)
    for t in range(1, 21):
        age = t - np.arange(t + 1)
        by_hand = (change[: t + 1] * (1.0 - np.exp(-age / years))).sum() / done[t]
        assert maturity(done, years)[t] == pytest.approx(by_hand, rel=1e-12)


def test_closing_at_once_follows_the_closed_form_of_autarky() -> None:
    """`real income_t = pi_nn^(1 / theta_t)`, from a large loss at first to the long-run one."""
    world, speed = one_sector(), Speed(0.36, 3.0, 3.0)
    found = walk(world, 1, 8, speed, iceberg=np.inf)
    own = np.diagonal(world.trade.values[:, :, 0]) / world.trade.values[:, :, 0].sum(axis=0)
    theta = 4.0 * (0.36 + 0.64 * (1.0 - np.exp(-np.arange(8) / 3.0)))
    np.testing.assert_allclose(found.real_income[1:], own[None, :] ** (1.0 / theta[:, None]), rtol=1e-8)
    np.testing.assert_allclose(found.free[1:], np.tile(own ** (1.0 / 4.0), (8, 1)), rtol=1e-8)
    np.testing.assert_allclose(found.real_income[0], 1.0, rtol=1e-9)
    assert (found.status == Status.OK).all()


@pytest.mark.parametrize("seed", [1, 2])
def test_where_nobody_is_bound_the_path_is_that_of_the_rules(seed: int) -> None:
    """Free at once: every year is the equilibrium of its rules, and the last that of the policy itself."""
    rng = np.random.default_rng(seed)
    world = random_world(4, 3, rng, Recipe(no_home=0.0))
    cost = np.exp(rng.uniform(0.0, 0.3, (4, 4, 3)))
    cost[np.arange(4), np.arange(4)] = 1.0
    found = walk(world, 4, 6, FREE, iceberg=cost)
    np.testing.assert_allclose(found.real_income, found.free, rtol=1e-9)
    end = trade.solve(world, iceberg=cost)
    np.testing.assert_allclose(found.real_income[-1], end.real_income.values, rtol=1e-8)
    half = trade.solve(world, iceberg=np.sqrt(cost))
    np.testing.assert_allclose(found.real_income[2], half.real_income.values, rtol=1e-8)


@pytest.mark.parametrize("seed", [1, 2])
def test_dearer_trade_costs_most_where_it_comes_at_once(seed: int) -> None:
    """The world's worst year is deeper at once than over years, and both end at the same long-run income."""
    world = random_world(4, 3, np.random.default_rng(seed), Recipe(no_home=0.0, deficit=0.0))
    weight = world.income.values / world.income.values.sum()
    fast, slow = (walk(world, years, 30, Speed(), iceberg=1.3) for years in (1, 8))
    assert (fast.real_income @ weight).min() < (slow.real_income @ weight).min() - 1e-4
    np.testing.assert_allclose(fast.real_income[-1], slow.real_income[-1], rtol=1e-3)
    np.testing.assert_allclose(fast.real_income[-1], fast.free[-1], rtol=1e-3)
    assert ((fast.free - fast.real_income) @ weight >= -1e-12).all()  # being bound costs the world


def test_wages_of_bound_sectors_move_apart_and_come_together() -> None:
    world = random_world(4, 3, np.random.default_rng(5), Recipe(no_home=0.0, deficit=0.0))
    cost = np.ones((4, 4, 3))
    cost[:, :, 0] = 1.5
    cost[np.arange(4), np.arange(4)] = 1.0
    found = walk(world, 1, 30, Speed(), iceberg=cost)
    spread = found.sector_real_wage.std(axis=2).max(axis=1)
    assert spread[1] > 1e-3
    assert spread[-1] < 0.01 * spread[1]


def test_suppliers_and_workers_get_free_by_their_own_years() -> None:
    """Years after a change, against the public solve: `theta_t` with free workers, `kappa_t` with free suppliers."""
    world = random_world(4, 3, np.random.default_rng(5), Recipe(no_home=0.0, deficit=0.0))
    kept = np.exp(-np.arange(3) / 3.0)  # of what was bound, 0, 1 and 2 years after the change
    for speed, asked in (
        (Speed(0.5, 3.0, 0.0), [{"theta": world.theta.values * (1.0 - 0.5 * part)} for part in kept]),
        (Speed(1.0, 0.0, 3.0), [{"mobility": 1.0 / part} for part in kept]),
    ):
        found = walk(world, 1, 3, speed, iceberg=1.3)
        for year, more in enumerate(asked, start=1):
            eq = trade.solve(world, iceberg=1.3, **more)
            np.testing.assert_allclose(found.real_income[year], eq.real_income.values, rtol=1e-8)


def test_tariffs_and_transfers_move_in_proportion() -> None:
    world = one_sector()
    last = case(world, tariff=0.4)
    last = dataclasses.replace(last, policy=last.policy._replace(transfer=np.array([0.2, -0.1, -0.1])))
    first = case(world, tariff=0.2)
    quarter = rules_between(first, last, 0.25)
    assert quarter.tariff[0, 1, 0] == pytest.approx(0.25)
    assert quarter.tariff[0, 0, 0] == 0.0
    before = np.asarray(first.policy.transfer)
    np.testing.assert_allclose(quarter.transfer, before + 0.25 * (np.array([0.2, -0.1, -0.1]) - before))


def test_a_closing_link_fades_and_an_opening_one_grows() -> None:
    world = one_sector()
    closing = rules_between(case(world), case(world, iceberg=np.inf), 0.75)
    assert closing.iceberg[0, 1, 0] ** -4.0 == pytest.approx(0.25)
    opening = rules_between(case(world, iceberg=np.inf), case(world), 0.75)
    assert opening.iceberg[0, 1, 0] ** -4.0 == pytest.approx(0.75)
    assert np.isinf(rules_between(case(world), case(world, iceberg=np.inf), 1.0).iceberg[0, 1, 0])


def test_a_year_without_an_equilibrium_has_a_status_and_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    world = random_world(4, 3, np.random.default_rng(1), Recipe(no_home=0.0))
    monkeypatch.setattr(transition, "PATIENT", Options(max_steps=1))
    found = walk(world, 1, 2, Speed(), iceberg=2.0)
    assert (found.status[1:] != Status.OK).all()
    assert np.isnan(found.real_income[1:]).all()
    assert np.isfinite(found.real_income[0]).all()


def test_worst_year_and_discounted_mean() -> None:
    path = np.array([[0.0, 0.0, np.nan], [-3.0, 1.0, np.nan], [-1.0, 2.0, np.nan]])
    assert transition.worst(path).tolist() == [1, 0, -1]
    weight = 1.03 ** -np.arange(3.0)
    by_hand = (path[:, 0] * weight).sum() / weight.sum()
    assert transition.discounted(path[:, 0], 0.03) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: steps(0, 5), "change of 0 years"),
        (lambda: steps(6, 5), "change of 6 years"),
        (lambda: maturity(np.array([0.0, 1.0, 0.5]), 3.0), "do not fall"),
        (lambda: Speed(elasticity=0.0).checked(), "short-run elasticity is 0.0"),
        (lambda: Speed(worker_years=-1.0).checked(), "worker_years is -1"),
        (lambda: follow(case(one_sector()), case(one_sector()), steps(1, 2), Speed(), lambda: None), "bases"),
    ],
)
def test_impossible_input_is_told(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()
