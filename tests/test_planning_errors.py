"""A plan carried out on other recipes: by hand, to first order, and as a property."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_world import make_world

import ecumene as ec
from ecumene.errors import InputError
from ecumene.models import planning_errors as errors

RECIPES = np.array([[0.2, 0.3], [0.4, 0.1]])
TARGET = np.array([30.0, 50.0])


def test_a_wrong_recipe_by_hand() -> None:
    # Planned without inputs: 10 of each. Really each unit of the second takes .4 of the first.
    found = errors.execute(np.zeros((2, 2)), np.array([[0.0, 0.4], [0.0, 0.0]]), np.array([10.0, 10.0]))
    np.testing.assert_allclose(found.output, [10.0, 10.0])
    np.testing.assert_allclose(found.shortage, [4.0, 0.0])
    np.testing.assert_allclose(found.surplus, [0.0, 0.0])
    assert found.shortage_share == pytest.approx(0.2)
    assert found.unplanned == 0


def test_a_right_plan_lacks_nothing() -> None:
    found = errors.execute(RECIPES, RECIPES, TARGET)
    np.testing.assert_allclose(found.shortage + found.surplus, 0.0, atol=1e-12)
    np.testing.assert_allclose(found.output, np.linalg.solve(np.eye(2) - RECIPES, TARGET))


def test_output_below_zero_is_told() -> None:
    found = errors.execute(np.zeros((2, 2)), np.zeros((2, 2)), np.array([10.0, -3.0]))
    assert found.unplanned == 1
    np.testing.assert_allclose(found.output, [10.0, 0.0])
    np.testing.assert_allclose(found.surplus, [0.0, 3.0])


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_shortages_are_the_difference_of_recipes_at_the_plan(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 8))
    planned, actual = (rng.uniform(0.0, 0.9 / n, (n, n)) for _ in range(2))
    target = rng.uniform(0.1, 1.0, n)
    found = errors.execute(planned, actual, target)
    np.testing.assert_allclose(found.shortage - found.surplus, (actual - planned) @ found.output, atol=1e-10)


def test_small_errors_add_up_as_independent_ones_do() -> None:
    rng = np.random.default_rng(3)
    n, level = 40, 0.01
    recipes = rng.uniform(0.0, 1.2 / n, (n, n))
    target = rng.uniform(1.0, 2.0, n)
    found = errors.measured_with_error(recipes, target, (level,), draws=400, seed=1)
    output = np.linalg.solve(np.eye(n) - recipes, target)
    deviation = level * np.sqrt(((recipes * output) ** 2).sum(axis=1))
    # The mean of the part above 0 of a normal variable is its deviation over sqrt(2 pi).
    np.testing.assert_allclose(found.shortage[0], deviation / output / np.sqrt(2 * np.pi), rtol=0.25)
    assert found.shortage[0].mean() == pytest.approx(
        (deviation / output).mean() / np.sqrt(2 * np.pi), rel=0.03
    )


def test_larger_errors_leave_more_short_and_none_leaves_nothing() -> None:
    found = errors.measured_with_error(RECIPES, TARGET, (0.0, 0.05, 0.2), draws=50)
    means = found.shortage_share.mean(axis=1)
    assert means[0] == pytest.approx(0.0, abs=1e-14)
    assert means[0] < means[1] < means[2]
    one = errors.measured_with_error(RECIPES, TARGET, (0.2,), draws=1)  # the first of the draws above
    A = RECIPES
    z = np.random.default_rng(0).standard_normal(A.shape)
    believed = A * np.exp(0.2 * z - 0.02)
    made = np.linalg.solve(np.eye(2) - believed, TARGET)
    gap = (A - believed) @ made / made
    np.testing.assert_allclose(one.shortage[0] - one.surplus[0], gap, rtol=1e-9)
    assert (one.shortage[0] * one.surplus[0] == 0).all()
    again = errors.measured_with_error(RECIPES, TARGET, (0.0, 0.05, 0.2), draws=50)
    np.testing.assert_array_equal(found.shortage_share, again.shortage_share)


def test_a_plan_of_one_economy_and_of_the_world() -> None:
    today, before = make_world(), make_world()
    same = ec.plan_precision(today, "GEO", yesterday=before, draws=3)
    assert float(same.data["yesterday_shortage"]) == pytest.approx(0.0, abs=1e-12)
    assert any("prices of their own years" in note for note in same.provenance.notes)
    world = ec.plan_precision(today, draws=2, errors=(0.1,))
    assert world.data.sizes["good"] == 18
    assert world.planned == "world"
    assert set(world.to_frame()["variable"]) == {"shortage", "surplus", "shortage_by_good", "surplus_by_good"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"economy": "ZZZ"}, "no economy 'ZZZ'"),
        ({"errors": (2.0,)}, "from 0 to 1"),
        ({"errors": ()}, "from 0 to 1"),
        ({"errors": (float("nan"),)}, "from 0 to 1"),
        ({"errors": (0.1, 0.1)}, "different shares"),
        ({"seed": -1}, "seed is -1"),
        ({"yesterday": "wiod"}, "yesterday is 'wiod'"),
        ({"errors": "much"}, "errors is"),
        ({"draws": 0}, "draws is 0"),
        ({"yesterday": make_world().select(["DEU"])}, "other economies or sectors"),
    ],
)
def test_what_precision_refuses(arguments: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        ec.plan_precision(make_world(), **arguments)


@pytest.mark.parametrize(
    ("planned", "actual", "target"),
    [
        (np.eye(2), RECIPES, TARGET),
        (RECIPES, -RECIPES, TARGET),
        (RECIPES, RECIPES, np.array([-1.0, -1.0])),
    ],
)
def test_recipes_that_cannot_be_are_refused(
    planned: np.ndarray, actual: np.ndarray, target: np.ndarray
) -> None:
    with pytest.raises(InputError):
        errors.execute(planned, actual, target)
