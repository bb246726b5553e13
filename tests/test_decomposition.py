"""The decomposition of real income adds up exactly, agrees with what can be done by hand, and can fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from random_worlds import random_policy, random_world
from small_world import make_world

from ecumene.errors import SolveError
from ecumene.models import trade
from ecumene.models.decomposition import PARTS
from ecumene.types import FloatArray
from ecumene.world import World

OPTIONS = [
    {},
    {"deficits": "fixed"},
    {"deficits": "proportional"},
    {"eta": 0.5, "epsilon": 0.3, "sigma": 0.7, "deficits": "fixed"},
    {"eta": 1.0, "epsilon": 1.0, "sigma": 2.5},
    {"mobility": 2.0, "deficits": "fixed"},
]


def _one_sector(R: int, home: float, theta: float, tariff: FloatArray | None = None) -> World:
    """R equal economies, one sector, no inputs; each buys the share `home` from itself."""
    trade_flows = np.full((R, R, 1), (1 - home) / (R - 1)) * 1e3
    trade_flows[np.arange(R), np.arange(R)] = home * 1e3
    return World.from_trade(
        trade_flows,
        np.ones((R, 1)),
        np.zeros((R, 1, 1)),
        economies=[f"E{n}" for n in range(R)],
        sectors=["Goods"],
        theta=np.array([theta]),
        tariff=tariff,
    )


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("seed", [3, 6])
def test_parts_add_up_exactly_on_random_worlds(options: dict, seed: int) -> None:
    rng = np.random.default_rng(seed)
    world = random_world(5, 4, rng)
    policy = random_policy(world, rng, closing=1.0, largest=3.0)
    eq = trade.solve(world, **{**policy.arguments, **options}).raise_unless_ok()
    assert not np.isfinite(eq.iceberg).all()
    parts = trade.decompose(eq)
    total = sum(parts[name].sum([d for d in parts[name].dims if d != "economy"]) for name in PARTS)
    exact = np.log(eq.real_income_without_missing)
    print(f"expected {exact.values[:2]}, obtained {total.values[:2]}, gap {parts.gap:.1e}")
    np.testing.assert_allclose(total, exact, rtol=0, atol=1e-10)
    wage = total - parts.revenue.sum(["partner", "sector"]) - parts.deficit
    np.testing.assert_allclose(wage, np.log(eq.real_wage), rtol=0, atol=1e-10)
    # Every part has a job in these cases, except the wages of sectors where workers are mobile.
    for name in ("foreign_cost", "trade_cost", "tariff", "lost_links", "revenue"):
        assert float(np.abs(parts[name]).max()) > 1e-6, name
    assert (float(np.abs(parts.sector_wages).max()) > 1e-6) == ("mobility" in options)
    assert (float(np.abs(parts.deficit).max()) > 1e-9) == (options.get("deficits", "zero") != "zero")


def test_first_order_terms_sum_to_those_of_the_equilibrium() -> None:
    rng = np.random.default_rng(8)
    world = random_world(5, 4, rng)
    eq = trade.solve(world, **random_policy(world, rng, closing=1.0).arguments).raise_unless_ok()
    parts = trade.decompose(eq)
    both = ["partner", "sector"]
    np.testing.assert_allclose(parts.first_order_terms_of_trade.sum(both), eq.terms_of_trade, atol=1e-14)
    np.testing.assert_allclose(parts.first_order_volume_of_trade.sum(both), eq.volume_of_trade, atol=1e-14)
    remainder = eq.real_income_without_missing - 1 - eq.terms_of_trade - eq.volume_of_trade
    np.testing.assert_allclose(parts.first_order_remainder, remainder, atol=1e-14)


def test_small_changes_have_a_remainder_of_second_order() -> None:
    """Without deficits; halving the change must quarter what the first-order terms leave."""
    world = make_world(tariff=np.where(np.eye(6, dtype=bool)[:, :, None], 0.0, np.full((6, 6, 3), 0.1)))
    left = []
    for step in (4e-3, 2e-3):
        rate = np.array(world.tariff.values)
        rate[1, 0] += step
        parts = trade.decompose(trade.solve(world, tariff=rate, deficits="zero"))
        left.append(float(np.abs(parts.first_order_remainder).max()))
    print(f"expected a ratio near 4, obtained {left[0] / left[1]:.3f}")
    assert left[0] / left[1] == pytest.approx(4.0, rel=0.05)


def test_equal_economies_have_equal_parts() -> None:
    world = _one_sector(4, 0.7, 5.0)
    parts = trade.decompose(trade.solve(world, iceberg=1.3, tariff=0.1))
    foreign = ~np.eye(4, dtype=bool)
    for name in ("foreign_cost", "trade_cost", "tariff", "lost_links", "revenue"):
        values = parts[name].values[:, :, 0]
        np.testing.assert_allclose(values[foreign], values[0, 1], atol=1e-12)
        np.testing.assert_allclose(np.diagonal(values), 0.0, atol=1e-15)
    assert parts.trade_cost.values[0, 1, 0] < 0 < parts.revenue.values[0, 1, 0]
    np.testing.assert_allclose(parts.foreign_cost, 0.0, atol=1e-11)


def test_a_tariff_and_its_revenue_by_hand() -> None:
    """Two equal economies: wages stay; the tariff raises prices by its weight, income by its revenue."""
    home, theta, rate = 0.6, 4.0, 0.25
    parts = trade.decompose(trade.solve(_one_sector(2, home, theta), tariff=rate))
    reach = (1 - home) * (1 + rate) ** -theta
    foreign = reach / (home + reach)
    means = [(a - b) / np.log(a / b) for a, b in ((foreign, 1 - home), (1 - foreign, home))]
    tariff = -means[0] / sum(means) * np.log(1 + rate)
    revenue = -np.log(1 - foreign * rate / (1 + rate))
    print(f"expected {tariff:.12f} {revenue:.12f}")
    print(f"obtained {float(parts.tariff[0, 1, 0]):.12f} {float(parts.revenue[0, 1, 0]):.12f}")
    assert float(parts.tariff[0, 1, 0]) == pytest.approx(tariff, abs=1e-11)
    assert float(parts.revenue[0, 1, 0]) == pytest.approx(revenue, abs=1e-11)
    assert float(np.abs(parts.foreign_cost).max()) < 1e-11
    assert float(parts.log_real_income[0]) == pytest.approx(tariff + revenue, abs=1e-11)


def test_autarky_is_lost_links_alone_by_partner_in_proportion_to_base_shares() -> None:
    """No tariffs or deficits: `ln(real income) = alpha (I - gamma')^-1 ln(pi_nn) / theta`, closed form."""
    world = make_world()
    eq = trade.solve(world, iceberg=np.inf, deficits="zero")
    parts = trade.decompose(eq)
    base = eq.base
    own = np.einsum("sii->si", np.asarray(base.pi))
    for n in range(6):
        reliance = np.linalg.solve(np.eye(3) - np.asarray(base.gamma)[n], np.asarray(base.alpha)[:, n])
        by_sector = reliance * np.log(own[:, n]) / world.theta.values
        np.testing.assert_allclose(parts.lost_links[n].sum("partner"), by_sector, atol=1e-10)
        shares = np.asarray(base.pi)[0, :, n].copy()
        shares[n] = 0.0
        np.testing.assert_allclose(
            parts.lost_links[n, :, 0], by_sector[0] * shares / shares.sum(), atol=1e-10
        )
    for name in ("foreign_cost", "trade_cost", "tariff", "revenue", "deficit"):
        assert float(np.abs(parts[name]).max()) < 1e-10, name


def test_a_domestic_cost_is_a_partner_of_its_own() -> None:
    iceberg = np.ones((6, 6))
    iceberg[2, 2] = 1.2
    parts = trade.decompose(trade.solve(make_world(), iceberg=iceberg, deficits="fixed"))
    usa = parts.trade_cost.sum("sector").sel(economy="USA")
    assert float(usa.sel(partner="USA")) < -0.1
    assert float(np.abs(usa.drop_sel(partner="USA")).max()) == 0.0


def test_missing_goods_are_left_out_and_counted() -> None:
    world = make_world(missing=("GEO", "Manufactures"))
    eq = trade.solve(world, iceberg=np.inf, deficits="fixed")
    assert float(eq.real_income.sel(economy="GEO")) == 0.0
    parts = trade.decompose(eq)
    assert parts.missing_goods == 1
    total = sum(parts[name].sum([d for d in parts[name].dims if d != "economy"]) for name in PARTS)
    np.testing.assert_allclose(total, np.log(eq.real_income_without_missing), atol=1e-10)


def test_no_decomposition_of_a_failed_solve() -> None:
    eq = trade.solve(make_world(), iceberg=3.0, deficits="fixed", options=trade.Options(max_steps=1))
    assert not eq.ok
    with pytest.raises(SolveError, match="smaller steps"):
        trade.decompose(eq)


def test_parts_that_do_not_add_up_are_refused() -> None:
    eq = trade.solve(make_world(), iceberg=1.5, deficits="fixed")
    assert eq.outcome is not None
    broken = replace(eq, outcome=eq.outcome._replace(real_income=eq.outcome.real_income * 1.001))
    with pytest.raises(SolveError, match="add up only to"):
        trade.decompose(broken)
