"""Formulas of standing by hand: produced over used, the contest of spending, closeness of memberships."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecumene.errors import InputError
from ecumene.models.standing import closeness, contest_share, mean_over_partners, produced_over_used

NOBODY = np.zeros((3, 3), dtype=bool)
ALL = ~np.eye(3, dtype=bool)


def test_produced_over_used() -> None:
    # 80 made, 30 bought, 10 sold: 80 of 100 used. The second makes none; the third uses nothing on balance.
    share = produced_over_used(
        np.array([80.0, 0.0, 10.0]), np.array([30.0, 5.0, 0.0]), np.array([10.0, 0.0, 10.0])
    )
    np.testing.assert_allclose(share, [0.8, 0.0, np.nan])


def test_a_contest_by_hand() -> None:
    # Spending 1, 2, 4; distances in units of the decay: 1 and ln 4 from the first economy.
    distance = 500.0 * np.array([[9.0, 1.0, np.log(4)], [1.0, 9.0, 2.0], [np.log(4), 2.0, 9.0]])
    spending = np.array([1.0, 2.0, 4.0])
    alone = contest_share(spending, distance, NOBODY, ALL, 500.0)
    np.testing.assert_allclose(alone[0], 1.0 / (1.0 + 2.0 / np.e + 1.0), rtol=1e-14)
    np.testing.assert_allclose(alone[1], 2.0 / (2.0 + 1.0 / np.e + 4.0 / np.e**2), rtol=1e-14)
    allied = NOBODY.copy()
    allied[0, 1] = allied[1, 0] = True
    together = contest_share(spending, distance, allied, ALL & ~allied, 500.0)
    np.testing.assert_allclose(together[0], (1.0 + 2.0 / np.e) / (2.0 + 2.0 / np.e), rtol=1e-14)
    assert together[2] == pytest.approx(alone[2], rel=1e-14)


def test_in_a_contest_with_nobody_all_is_ones_own_and_unknown_spending_is_not_zero() -> None:
    spending, distance = np.array([1.0, 2.0, np.nan]), np.ones((3, 3))
    one = NOBODY.copy()
    one[0, 1] = True
    share = contest_share(spending, distance, NOBODY, one, 1.0)
    np.testing.assert_allclose(share, [1.0 / (1.0 + 2.0 / np.e), 1.0, np.nan])


@pytest.mark.parametrize("decay", [0.0, -1.0, np.inf, np.nan])
def test_a_contest_needs_a_distance_of_decay(decay: float) -> None:
    with pytest.raises(InputError, match="decay"):
        contest_share(np.ones(3), np.ones((3, 3)), NOBODY, ALL, decay)


def test_nobody_is_on_both_sides() -> None:
    with pytest.raises(InputError, match="economy 1 is on both sides for economy 0"):
        contest_share(np.ones(3), np.ones((3, 3)), ALL, ALL, 1.0)


def test_closeness_by_hand() -> None:
    # A union of depth 3 holds the first two, one of depth 0 the last two, weights 4 and 1.
    member = np.array([[True, True, False], [False, True, True]])
    found = closeness(member, np.array([4.0, 1.0]))
    np.testing.assert_allclose(
        found, [[np.nan, 0.8, 0.0], [0.8, np.nan, 0.2], [0.0, 0.2, np.nan]], rtol=1e-15
    )
    alone = closeness(np.array([[True, False, False]]), np.array([1.0]))
    np.testing.assert_array_equal(alone, [[np.nan, 0.0, 0.0], [0.0, np.nan, np.nan], [0.0, np.nan, np.nan]])


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_closeness_is_symmetric_from_0_to_1_and_no_order_matters(seed: int) -> None:
    rng = np.random.default_rng(seed)
    member, weight = rng.uniform(size=(6, 5)) < 0.4, 1.0 + rng.integers(0, 7, 6)
    found = closeness(member, weight)
    np.testing.assert_allclose(found, found.T)
    known = found[~np.isnan(found)]
    assert ((known >= 0) & (known <= 1 + 1e-12)).all()
    order, clubs = rng.permutation(5), rng.permutation(6)
    np.testing.assert_allclose(
        closeness(member[clubs][:, order], weight[clubs]), found[np.ix_(order, order)], rtol=1e-12
    )


def test_a_mean_over_partners_leaves_out_what_is_not_known() -> None:
    values = np.array([[np.nan, 1.0, 3.0], [np.nan, np.nan, np.nan], [2.0, 4.0, np.nan]])
    weight = np.array([[0.5, 0.3, 0.1], [1.0, 1.0, 1.0], [0.0, 0.0, 1.0]])
    np.testing.assert_allclose(mean_over_partners(values, weight), [1.5, np.nan, np.nan])
