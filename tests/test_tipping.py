"""Tipping of many who choose alike, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecumene.errors import InputError
from ecumene.models import tipping

few = settings(max_examples=60, deadline=None)


def test_folds_at_published_payoffs() -> None:
    """beta 1, b 6: `ln(p / (1 - p)) - 6 p` at `p = (1 -+ sqrt(1/3)) / 2`."""
    found = tipping.folds(6.0, 1.0)
    assert found.rises == pytest.approx(-2.585, abs=5e-4)
    assert found.falls == pytest.approx(-3.415, abs=5e-4)
    assert found.rises + found.falls == pytest.approx(-6.0, abs=1e-12)  # symmetry about p = 1/2


@few
@given(beta=st.floats(0.05, 8.0), b=st.floats(-5.0, 12.0))
def test_the_same_way_leads_back_if_and_only_if_feedback_is_weak(beta: float, b: float) -> None:
    if abs(beta * b - 4.0) < 0.05:
        return  # the loop is narrower than any grid
    found = tipping.folds(b, beta)
    assert (found.width > 0.0) == (beta * b > 4.0)
    if found.width > 0:
        middle = (found.rises + found.falls) / 2.0
        assert len(tipping.shares_at_rest(middle, b, beta)) == 3
        for outside in (found.falls - 0.1 / beta, found.rises + 0.1 / beta):
            assert len(tipping.shares_at_rest(outside, b, beta)) == 1
    else:
        assert len(tipping.shares_at_rest(-b / 2.0, b, beta)) == 1


@few
@given(a=st.floats(-20.0, 20.0), b=st.floats(-10.0, 12.0), beta=st.floats(0.05, 5.0))
def test_shares_at_rest_are_at_rest(a: float, b: float, beta: float) -> None:
    found = tipping.shares_at_rest(a, b, beta)
    assert len(found) in (1, 2, 3)
    np.testing.assert_allclose(found, 1.0 / (1.0 + np.exp(-beta * (a + b * found))), atol=1e-10)
    assert (np.diff(found) >= 0).all()


def test_a_loop_has_the_width_between_its_folds() -> None:
    a = np.linspace(-5.0, -1.0, 801)
    found = tipping.loop(a, 6.0, 1.0)
    assert found.width == pytest.approx(tipping.folds(6.0, 1.0).width, abs=2 * (a[1] - a[0]))
    assert (found.up <= found.down + 1e-12).all()
    weak = tipping.loop(a, 3.9, 1.0)
    assert weak.width == 0.0
    np.testing.assert_allclose(weak.up, weak.down, atol=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tipping.folds(6.0, 0.0), "beta is 0.0"),
        (lambda: tipping.folds(float("nan"), 1.0), "b is nan"),
        (lambda: tipping.shares_at_rest(float("inf"), 6.0, 1.0), "a is inf"),
        (lambda: tipping.loop(np.array([1.0, 0.0]), 6.0, 1.0), "rising"),
    ],
)
def test_impossible_input_is_told(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()
