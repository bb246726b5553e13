"""The size of nations: closed forms against searches that know none of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from ecumene.errors import InputError
from ecumene.models import nations

PUBLISHED = nations.Preferences(g=1.0, a=4.0, k=0.01)
few = settings(max_examples=60, deadline=None)
preferences = st.tuples(st.floats(0.5, 2.0), st.floats(1.0, 8.0), st.floats(0.001, 0.02)).map(
    lambda values: nations.Preferences(*values)
)


def test_published_sizes() -> None:
    assert nations.efficient_size(PUBLISHED) == pytest.approx(0.1, abs=1e-15)
    assert nations.largest_safe_size(PUBLISHED) == pytest.approx(0.22247, abs=5e-6)
    assert nations.voted_size(PUBLISHED) == pytest.approx(0.1 / np.sqrt(2.0))


@few
@given(preferences, st.floats(0.0, 0.5), st.floats(0.0, 1.0))
def test_the_efficient_size_is_where_welfare_is_largest(
    at: nations.Preferences, income: float, openness: float
) -> None:
    at = at._replace(income=income, openness=openness)
    found = minimize_scalar(
        lambda size: -nations.welfare(at, size), bounds=(1e-3, 1.0), method="bounded", options={"xatol": 1e-9}
    )
    assert nations.welfare(at, nations.efficient_size(at)) >= -found.fun - 1e-12
    if at.pull > 1.05 * at.k:
        assert nations.efficient_size(at) == pytest.approx(found.x, rel=1e-4)


@few
@given(preferences)
def test_secession_pays_nobody_up_to_the_safe_size_and_somebody_above(at: nations.Preferences) -> None:
    safe = (np.sqrt(6.0) + 2.0) * np.sqrt(at.k / (at.g * at.a))

    def best(size: float) -> float:
        return max(nations.secession_gain(at, size, x) for x in np.linspace(0.01, 0.5, 400) * size)

    scale = np.sqrt(at.g * at.a * at.k)
    assert best(0.99 * safe) < 0.0
    assert best(1.01 * safe) > 0.0
    assert nations.secession_gain(at, safe, nations.seceding_size(at)) == pytest.approx(
        0.0, abs=1e-12 * scale
    )
    assert nations.largest_safe_size(at) == pytest.approx(min(1.0, safe))


def test_openness_lowers_the_efficient_size() -> None:
    sizes = [
        nations.efficient_size(PUBLISHED._replace(income=0.8, openness=omega))
        for omega in np.linspace(0.0, 1.0, 21)
    ]
    assert (np.diff(sizes) < 0).all()
    assert sizes[-1] == pytest.approx(0.1)


def test_where_trade_pays_more_than_distance_costs_the_world_is_one_nation() -> None:
    assert nations.efficient_size(PUBLISHED._replace(income=2.0, openness=0.0)) == 1.0


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"g": 0.0}, "g is"),
        ({"k": np.nan}, "k is"),
        ({"openness": 1.1}, "openness"),
        ({"income": -1.0}, "income"),
    ],
)
def test_parameters_out_of_range_are_named(wrong: dict, word: str) -> None:
    with pytest.raises(InputError, match=word):
        nations.efficient_size(PUBLISHED._replace(**wrong))
    with pytest.raises(InputError, match="size is"):
        nations.welfare(PUBLISHED, 1.5)
    with pytest.raises(InputError, match="leaving is"):
        nations.secession_gain(PUBLISHED, 0.2, 0.2)
