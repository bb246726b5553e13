"""Labour types and capital in the trade model: limits with known answers, the twin's equations, bad input."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from random_worlds import random_policy, random_world
from trade_twin import equation_errors

from ecumene.errors import InputError
from ecumene.models import trade

NAMES = ["low", "high", "capital"]


def shares(world, rng=None, names=NAMES) -> xr.DataArray:
    R, S = len(world.economies), len(world.sectors)
    values = (
        np.full((R, S, len(names)), 1.0 / len(names))
        if rng is None
        else rng.dirichlet(np.ones(len(names)), (R, S))
    )
    coords = {"economy": list(world.economies), "sector": list(world.sectors), "factor": names}
    return xr.DataArray(values, dims=("economy", "sector", "factor"), coords=coords)


def test_mobile_factors_with_equal_shares_are_one_factor():
    world = random_world(5, 4, np.random.default_rng(1))
    one = trade.solve(world, 1.3).raise_unless_ok()
    many = trade.solve(world, 1.3, factors=shares(world)).raise_unless_ok()
    np.testing.assert_allclose(many.real_income.values, one.real_income.values, rtol=1e-9)
    for name in NAMES:
        np.testing.assert_allclose(
            many.factor_real_wage.sel(factor=name).values, one.real_wage.values, rtol=1e-9
        )


def test_factors_bound_alike_with_equal_shares_are_one_bound_factor():
    world = random_world(5, 4, np.random.default_rng(2))
    one = trade.solve(world, 1.3, mobility=1.5).raise_unless_ok()
    many = trade.solve(world, 1.3, mobility=1.5, factors=shares(world)).raise_unless_ok()
    np.testing.assert_allclose(many.real_income.values, one.real_income.values, rtol=1e-9)
    np.testing.assert_allclose(many.sector_wage.values, one.sector_wage.values, rtol=1e-9)


def test_a_factor_of_one_sector_earns_what_the_sector_pays():
    """Specific factors (Jones 1971): a factor that works in one sector only has that sector's value added as income."""
    world = random_world(4, 3, np.random.default_rng(4))
    names = [f"of {sector}" for sector in world.sectors]
    own = shares(world, names=names)
    own.values[:] = np.eye(3)
    eq = trade.solve(world, 1.5, factors=own, deficits="fixed").raise_unless_ok()
    base = world.value_added.values
    paid = eq.output.values * (base / world.output.values)
    for k, name in enumerate(names):
        ratio = paid[:, k] / base[:, k] / eq.price_index.values
        np.testing.assert_allclose(eq.factor_real_wage.sel(factor=name).values, ratio, rtol=1e-8)
    # Bound to its sector by other means: one factor with mobility 1 gives the same world.
    bound = trade.solve(world, 1.5, mobility=1.0, deficits="fixed").raise_unless_ok()
    np.testing.assert_allclose(eq.real_income.values, bound.real_income.values, rtol=1e-8)


@pytest.mark.parametrize("mobility", [float("inf"), 1.5, {"low": 1.2, "high": 3.0, "capital": float("inf")}])
@pytest.mark.parametrize("nest", [{}, {"eta": 0.6, "epsilon": 0.4, "sigma": 0.8}])
def test_equations_of_the_twin_hold(mobility, nest):
    solved = 0
    for seed in range(8):
        rng = np.random.default_rng([seed, 8])
        world = random_world(5, 4, rng)
        policy = random_policy(world, rng, largest=3.0)
        options = {"deficits": "fixed", "mobility": mobility, "factors": shares(world, rng), **nest}
        eq = trade.solve(world, **policy.arguments, **options)
        if not eq.ok:
            continue
        solved += 1
        errors = equation_errors(
            world, eq, iceberg=policy.iceberg, tariff=policy.tariff, theta=policy.theta, **options
        )
        assert max(errors.values()) <= 2e-9, (seed, errors)
    assert solved >= 6


def test_a_factor_that_earns_nothing_has_no_wage():
    world = random_world(3, 2, np.random.default_rng(9))
    split = shares(world, names=["labour", "land"])
    split.values[0] = [1.0, 0.0]
    eq = trade.solve(world, 1.2, factors=split).raise_unless_ok()
    assert np.isnan(eq.factor_real_wage.sel(factor="land").values[0])
    assert np.isfinite(eq.factor_real_wage.sel(factor="land").values[1:]).all()


def _without_labels(split):
    return split.drop_vars("factor")


def _one_short(split):
    wrong = split.copy(deep=True)
    wrong.values[1, 0, 0] += 0.1
    return wrong


def _negative(split):
    wrong = split.copy(deep=True)
    wrong.values[1, 0] = [-0.5, 0.5, 1.0]
    return wrong


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda split: split.values, "factors must be a labelled array over"),
        (lambda split: split.sum("factor"), "factors must be a labelled array over"),
        (_without_labels, "factors has no labels along factor"),
        (_one_short, "shares in E001, S00 add up to 1.1, not 1"),
        (_negative, "the share of low in E001, S00 is -0.5"),
        (lambda split: split.assign_coords(factor=["low", "low", "capital"]), "name each factor once"),
        (lambda split: split.isel(economy=slice(1, None)), "factors does not match the world along economy"),
    ],
)
def test_bad_shares_are_named(spoil, message):
    world = random_world(3, 2, np.random.default_rng(9))
    with pytest.raises(InputError, match=message):
        trade.solve(world, factors=spoil(shares(world)))


@pytest.mark.parametrize(
    ("mobility", "message"),
    [
        ({"low": 1.5}, "missing high, capital"),
        ({"low": 1.5, "high": 2.0, "capital": 2.0, "land": 1.0}, "unknown land"),
        ({"low": 0.5, "high": 2.0, "capital": 2.0}, "mobility of low is 0.5"),
    ],
)
def test_mobility_that_does_not_match_is_named(mobility, message):
    world = random_world(3, 2, np.random.default_rng(9))
    with pytest.raises(InputError, match=message):
        trade.solve(world, factors=shares(world), mobility=mobility)


def test_mobility_by_name_needs_names():
    with pytest.raises(InputError, match="value added is not split"):
        trade.solve(random_world(3, 2, np.random.default_rng(9)), mobility={"low": 1.5})
