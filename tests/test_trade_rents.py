"""Barriers as rents: closed forms, and the equations of the independent twin on random worlds."""

from __future__ import annotations

import numpy as np
import pytest
from random_worlds import random_policy, random_world
from small_world import make_world
from trade_twin import equation_errors

from ecumene.errors import InputError
from ecumene.models import trade


def _walls(world, factor: float) -> np.ndarray:
    R, S = len(world.economies), len(world.sectors)
    return np.where(np.eye(R, dtype=bool)[:, :, None], 1.0, np.full((R, R, S), factor))


@pytest.mark.parametrize("deficits", trade.CLOSURES)
def test_rents_of_importers_are_a_tariff_of_the_same_size(deficits):
    world = random_world(5, 3, np.random.default_rng(3))
    walls = _walls(world, 1.3)
    kept = trade.solve(world, walls, rents="importer", deficits=deficits).raise_unless_ok()
    rate = (1.0 + world.tariff.values) * walls - 1.0
    taxed = trade.solve(world, tariff=rate, deficits=deficits).raise_unless_ok()
    np.testing.assert_allclose(kept.real_income.values, taxed.real_income.values, rtol=1e-9)
    np.testing.assert_allclose(kept.trade.values, taxed.trade.values, rtol=1e-8, atol=1e-6)
    together = kept.tariff_revenue.values + kept.rents.values
    np.testing.assert_allclose(together, taxed.tariff_revenue.values, rtol=1e-8)


def test_between_mirrored_economies_it_does_not_matter_who_keeps_the_rents():
    shares = np.array([[0.8, 0.2], [0.2, 0.8]])
    trade_values = 100.0 * shares[:, :, None]
    world = trade_world(trade_values)
    kept = {
        keeper: trade.solve(world, 1.4, rents=keeper).raise_unless_ok().real_income.values
        for keeper in trade.RENTS
    }
    np.testing.assert_allclose(kept["importer"], kept["exporter"], rtol=1e-10)
    assert (kept["importer"] > kept["waste"] + 1e-3).all()
    # By hand, theta 4: P = (0.8 + 0.2 x 1.4^-4)^(-1/4); rents are spending on imports less 1 / 1.4 of it.
    price = (0.8 + 0.2 * 1.4**-4) ** -0.25
    share = 0.2 * 1.4**-4 / (0.8 + 0.2 * 1.4**-4)
    income = 1.0 / (1.0 - share * (1.0 - 1.0 / 1.4))
    np.testing.assert_allclose(kept["importer"], income / price, rtol=1e-10)
    np.testing.assert_allclose(kept["waste"], 1.0 / price, rtol=1e-10)


def trade_world(values: np.ndarray):
    from ecumene.world import World

    R = values.shape[0]
    return World.from_trade(
        values,
        np.ones((R, 1)),
        np.zeros((R, 1, 1)),
        economies=["A", "B"][:R],
        sectors=["s"],
        theta=np.array([4.0]),
    )


@pytest.mark.parametrize("keeper", ["importer", "exporter"])
@pytest.mark.parametrize("deficits", trade.CLOSURES)
def test_equations_of_the_twin_hold(keeper, deficits):
    solved = 0
    for seed in range(12):
        rng = np.random.default_rng([seed, 7])
        world = random_world(6, 3, rng)
        policy = random_policy(world, rng, largest=3.0)
        options = {"deficits": deficits, "rents": keeper}
        eq = trade.solve(world, **policy.arguments, **options)
        if not eq.ok:
            continue
        solved += 1
        errors = equation_errors(
            world, eq, iceberg=policy.iceberg, tariff=policy.tariff, theta=policy.theta, **options
        )
        assert max(errors.values()) <= 2e-9, (seed, errors)
        parts = trade.decompose(eq)
        assert parts.gap <= 1e-9
    assert solved >= 8


def test_a_barrier_that_falls_or_closes_leaves_nothing_to_keep():
    world = random_world(4, 2, np.random.default_rng(5))
    falls = trade.solve(world, 0.8, rents="exporter").raise_unless_ok()
    plain = trade.solve(world, 0.8).raise_unless_ok()
    assert not falls.rents.values.any()
    np.testing.assert_allclose(falls.real_income.values, plain.real_income.values, rtol=1e-9)
    closed = trade.solve(world, np.inf, rents="importer").raise_unless_ok()
    assert not closed.rents.values.any()


def test_a_gradient_sees_the_rents():
    world = random_world(4, 2, np.random.default_rng(11))
    walls = _walls(world, 1.2)
    slope = trade.gradient(world, "E001", "iceberg", iceberg=walls, rents="exporter").values[1, 2, 0]
    ends = []
    for step in (1e-5, -1e-5):
        moved = walls.copy()
        moved[1, 2, 0] += step
        ends.append(float(np.log(trade.solve(world, moved, rents="exporter").real_income.values[1])))
    assert slope == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-5)
    wasted = trade.gradient(world, "E001", "iceberg", iceberg=walls).values[1, 2, 0]
    assert abs(slope - wasted) > 1e-5


def test_an_unknown_keeper_is_named():
    with pytest.raises(InputError, match="rents is 'nobody'; choose one of waste, importer, exporter"):
        trade.solve(make_world(), rents="nobody")
