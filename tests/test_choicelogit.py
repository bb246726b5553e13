"""Weights from choices: known ones found again, derivatives two ways, closed forms, and separation told."""

from __future__ import annotations

import numpy as np
import pytest

from ecumene.errors import InputError
from ecumene.models import choicelogit
from ecumene.models.choicelogit import Choices, binary, fit, likelihood, probabilities

NAMES = ("trade", "heterogeneity", "cost")
TRUE = np.array([0.8, -1.5, 0.3])


def drawn(rng: np.random.Generator, count: int = 20_000, alternatives: int = 4) -> Choices:
    """Choices made with the true weights; some alternatives closed."""
    features = rng.normal(size=(count, alternatives, 3)) * np.array([1.0, 0.5, 20.0]) / np.array([1, 1, 10])
    open_to = rng.uniform(size=(count, alternatives)) < 0.8
    open_to[:, 0] = True
    value = np.where(open_to, features @ TRUE + rng.gumbel(size=(count, alternatives)), -np.inf)
    return Choices(features, open_to, value.argmax(axis=1))


def test_weights_of_simulated_choices_are_found_again_within_their_errors() -> None:
    made = fit(drawn(np.random.default_rng(1)), NAMES)
    assert (np.abs(made.weights - TRUE) < 4 * made.standard_errors).all()
    assert (made.standard_errors < 0.05).all()
    assert made.slope < 1e-4


def test_standard_errors_are_the_spread_of_estimates() -> None:
    fits = [fit(drawn(np.random.default_rng(seed), 400), NAMES) for seed in range(60)]
    spread = np.std([made.weights for made in fits], axis=0)
    np.testing.assert_allclose(np.mean([made.standard_errors for made in fits], axis=0), spread, rtol=0.35)


def test_derivatives_two_ways() -> None:
    choices = drawn(np.random.default_rng(2), 50)
    at, step = np.array([0.3, -0.2, 0.1]), 1e-5
    _, slope, bend = likelihood(choices, at)
    for k in range(3):
        move = step * np.eye(3)[k]
        ahead, behind = likelihood(choices, at + move), likelihood(choices, at - move)
        assert slope[k] == pytest.approx((ahead[0] - behind[0]) / (2 * step), rel=1e-6, abs=1e-6)
        np.testing.assert_allclose(bend[k], (ahead[1] - behind[1]) / (2 * step), rtol=1e-5, atol=1e-6)


def test_a_constant_alone_is_the_log_odds() -> None:
    taken = np.arange(10) < 3
    made = fit(binary(np.ones((10, 1)), taken), ("constant",))
    assert made.weights[0] == pytest.approx(np.log(3 / 7))
    assert made.standard_errors[0] == pytest.approx(1 / np.sqrt(10 * 0.3 * 0.7))


def test_units_change_weights_and_not_what_is_predicted() -> None:
    choices = drawn(np.random.default_rng(3), 500)
    first = fit(choices, NAMES)
    other = fit(choices._replace(features=choices.features * np.array([1e4, 1.0, 1e-6])), NAMES)
    np.testing.assert_allclose(other.weights * np.array([1e4, 1.0, 1e-6]), first.weights, rtol=1e-6)
    assert other.log_likelihood == pytest.approx(first.log_likelihood)


def test_separation_is_told_and_gives_no_number() -> None:
    x = np.linspace(-1, 1, 20)
    made = fit(binary(np.stack([np.ones(20), x], axis=1), x > 0.1), ("constant", "x"))
    assert "x" in made.separated
    assert np.isnan(made.weights).all()
    overlap = (x > 0.1) ^ (np.arange(20) == 5)
    assert fit(binary(np.stack([np.ones(20), x], axis=1), overlap), ("constant", "x")).separated == ()


def test_quasi_separation_is_told() -> None:
    # A dummy that is 1 only for some who chose yes: its weight grows without end.
    x = np.r_[np.zeros(10), np.ones(5)]
    taken = np.r_[np.arange(10) % 2 == 0, np.ones(5, dtype=bool)].astype(bool)
    assert fit(binary(np.stack([np.ones(15), x], axis=1), taken), ("constant", "x")).separated


def test_features_that_follow_from_others_are_named() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=40)
    features = np.stack([x, rng.normal(size=40), 2 * x], axis=1)
    with pytest.raises(InputError, match="'cost' never differs"):
        fit(binary(features, rng.uniform(size=40) < 0.5), NAMES)


def test_bad_choices_are_refused() -> None:
    choices = drawn(np.random.default_rng(0), 20)
    with pytest.raises(InputError, match="not open"):
        fit(choices._replace(open=np.zeros_like(choices.open)), NAMES)
    with pytest.raises(InputError, match="a name a feature"):
        fit(choices, ("trade",))
    hole = choices.features.copy()
    hole[0, 0, 0] = np.nan
    with pytest.raises(InputError, match="not a number"):
        fit(choices._replace(features=hole), NAMES)


def test_held_out_choices_do_not_see_themselves() -> None:
    choices = drawn(np.random.default_rng(5), 60)
    groups = np.arange(60) // 10
    chance = choicelogit.held_out(choices, NAMES, groups)
    rest = fit(choices.rows(groups != 2), NAMES)
    np.testing.assert_allclose(chance[groups == 2], probabilities(choices.rows(groups == 2), rest.weights))
    assert choicelogit.score(chance, choices.chosen).choices == 60


def test_the_baseline_of_staying_is_a_distribution() -> None:
    open_to = np.array([[True, True, True], [True, False, False]])
    chance = choicelogit.staying(np.array([1, 0]), open_to, 0.9)
    np.testing.assert_allclose(chance, [[0.05, 0.9, 0.05], [1.0, 0.0, 0.0]])
