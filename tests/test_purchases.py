"""Spending by use of an equilibrium adds up, and the base's is the world's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from random_worlds import random_world

from ecumene.errors import SolveError
from ecumene.models import trade
from ecumene.models.purchases import purchases_of


def test_the_base_buys_what_the_world_buys():
    world = random_world(5, 3, np.random.default_rng(1))
    bought = purchases_of(trade.solve(world, deficits="fixed"))
    np.testing.assert_allclose(bought.intermediate, world.intermediate.values, rtol=1e-8, atol=1e-6)
    np.testing.assert_allclose(bought.final, world.final.values.sum(axis=2), rtol=1e-8, atol=1e-6)


@pytest.mark.parametrize("nest", [{}, {"eta": 0.4, "epsilon": 0.3, "sigma": 2.0}, {"epsilon": 1.8}])
def test_columns_close_at_new_prices(nest):
    """Inputs and value added of a sector add up to its output, from the returned wages alone."""
    world = random_world(5, 3, np.random.default_rng(2))
    walls = np.where(
        np.eye(5, dtype=bool)[:, :, None], 1.0, np.random.default_rng(3).uniform(0.8, 1.6, (5, 5, 3))
    )
    eq = trade.solve(world, walls, deficits="fixed", **nest).raise_unless_ok()
    bought = purchases_of(eq)
    value_added = eq.output.values - bought.intermediate.sum(axis=1)
    earned = eq.wage.values * world.value_added.values.sum(axis=1)
    np.testing.assert_allclose(value_added.sum(axis=1), earned, rtol=1e-8)
    np.testing.assert_allclose(bought.final.sum(axis=1), eq.income.values, rtol=1e-8)


def test_a_failed_solve_buys_nothing():
    eq = trade.solve(random_world(3, 2, np.random.default_rng(1)), 1.2)
    broken = replace(eq, status=trade.Status.MAX_STEPS)
    with pytest.raises(SolveError):
        purchases_of(broken)
