"""The planning programme: closed forms, a twin written row by row, duals against perturbation, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from planning_cases import HAWKINS_SIMON, WORK, programme, random_programme, twin

from ecumene.models import planning
from ecumene.models.planning import PlanStatus
from ecumene.models.planning_duals import bottlenecks
from ecumene.models.planning_solve import TOLERANCE

SEEDS = st.integers(0, 10**6)
FEW = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def plan_of(*arguments: object, **given: object) -> planning.Plan:
    return planning.plan(planning.prepare(programme(*arguments, **given)))


def minors(A: np.ndarray) -> np.ndarray:
    left = np.eye(len(A)) - A
    return np.array([np.linalg.det(left[:n, :n]) for n in range(1, len(A) + 1)])


# Hawkins and Simon -----------------------------------------------------------------------------------


def test_a_productive_matrix_has_a_plan() -> None:
    np.testing.assert_allclose(minors(HAWKINS_SIMON), [0.8, 0.69, 0.448], rtol=1e-12)
    found = plan_of(HAWKINS_SIMON, required=np.ones(1))
    assert found.status is PlanStatus.OPTIMAL
    assert found.living_standard[0] > 1


def test_a_matrix_that_uses_itself_up_has_none_and_names_what_is_missing() -> None:
    A = HAWKINS_SIMON.copy()
    A[0, 0] = 0.95
    assert minors(A)[2] < 0
    prepared = planning.prepare(programme(A, required=np.ones(1), labour=WORK[None]))
    found = planning.plan(prepared)
    assert found.status is PlanStatus.INFEASIBLE
    assert np.isnan(found.living_standard).all() and np.isnan(found.value)
    lacking = planning.missing(prepared)
    # The first good can only come from outside: one unit of it makes a unit of anything cheaper than itself.
    assert lacking.status is PlanStatus.OPTIMAL
    assert lacking.shortage[0, 0] > 0
    assert lacking.shortage.sum() == pytest.approx(lacking.shortage[0, 0], rel=1e-9)


@FEW
@given(SEEDS)
def test_a_closed_economy_has_a_plan_exactly_where_all_leading_minors_are_positive(seed: int) -> None:
    rng = np.random.default_rng(seed)
    A = rng.uniform(0.0, rng.choice([0.3, 0.5, 0.8]), (3, 3))
    found = minors(A)
    assume(np.abs(found).min() > 1e-3)
    reached = plan_of(A, required=np.full(1, 1e-3)).status is PlanStatus.OPTIMAL
    assert reached == bool((found > 0).all())


def test_the_least_labour_values_goods_at_their_labour() -> None:
    found = planning.least_labour(planning.prepare(programme(HAWKINS_SIMON, labour=WORK[None])))
    np.testing.assert_allclose(found.value[0], [1.234375, 1.546875, 1.109375], rtol=1e-12)
    assert found.labour[0] == pytest.approx(1.234375 + 1.546875 + 1.109375, rel=1e-12)
    assert found.certificate.holds


# Closed forms ------------------------------------------------------------------------------------------


def test_one_good_by_hand() -> None:
    # Ten units of output, half of it used up, two imported and one sold: 5 + 2 - 1 = 6 of 4 needed.
    found = plan_of(
        [[0.5]], capacity=np.array([10.0]), imports=np.array([2.0]), exports=np.array([5.0]),
        export_price=np.array([2.0]), needs=np.array([4.0]),
    )  # fmt: skip
    assert found.living_standard[0] == pytest.approx(1.5, abs=1e-9)
    assert found.exports[0, 0] == pytest.approx(1.0, abs=1e-9)
    assert found.price[0, 0] == pytest.approx(1.0, abs=1e-9)  # the basket is the good


def test_a_credit_is_repaid_with_interest_by_the_horizon() -> None:
    # 3 units may be owed after the first year, 3.3 are paid in the second: one good, no output, exports earn 5 a year.
    found = plan_of(
        np.array([[0.0, 0.0], [0.0, 0.0]]), 2, needs=np.array([1.0, 0.0]), capacity=np.array([0.0, 5.0]),
        imports=np.array([100.0, 0.0]), exports=np.array([0.0, 5.0]), credit=3.0, interest=0.1, discount=0.5,
    )  # fmt: skip
    np.testing.assert_allclose(found.living_standard, [8.0, 1.7], rtol=1e-9)
    np.testing.assert_allclose(found.debt, [3.0, 0.0], atol=1e-9)


def test_stocks_are_carried_over_and_spoil() -> None:
    # Nothing is made; 10 in stock, a tenth spoils in each year: all that is left is eaten at once if tomorrow counts
    # half.
    found = plan_of(
        [[0.0]], 2, capacity=np.zeros(1), stock=np.array([10.0]), spoil=np.array([0.1]), discount=0.5,
        required=np.array([0.0, 1.8]),
    )  # fmt: skip
    np.testing.assert_allclose(found.living_standard, [7.0, 1.8], rtol=1e-9)
    np.testing.assert_allclose(found.stock[:, 0], [2.0, 0.0], atol=1e-9)


def test_capacity_wears_off_and_is_built_after_its_lag() -> None:
    # Half wears off a year; what an earlier year began keeps capacity at 8 for the lag of one year.
    found = plan_of(
        [[0.0]], 3, capacity=np.array([8.0]), depreciation=np.array([0.5]), investment=np.array([[1.0]]), lag=1,
        grows=True, required=np.array([0.0, 0.0, 7.0]), discount=0.9, spoil=np.ones(1),
    )  # fmt: skip
    # 8, 8, then 4 and what the first year began: 4 more of which 3 suffice, plus what keeps the last output at the end.
    assert found.capacity[:, 0] == pytest.approx([8.0, 8.0, 4.0 + found.investment[0, 0]], rel=1e-9)
    assert found.capacity_left[0] >= found.output[-1, 0] - 1e-9
    spent = found.living_standard + found.investment[:, 0]
    np.testing.assert_allclose(spent, found.output[:, 0], rtol=1e-9)


def test_fixed_capacity_is_replaced_but_does_not_grow() -> None:
    options = {
        "capacity": np.array([8.0]), "depreciation": np.array([0.25]), "investment": np.array([[0.1]]),
        "terminal_weight": 5.0,
    }  # fmt: skip
    fixed, grown = plan_of([[0.0]], 4, grows=False, **options), plan_of([[0.0]], 4, grows=True, **options)
    assert max(fixed.capacity.max(), fixed.capacity_left.max()) <= 8.0 + 1e-9
    assert grown.capacity_left.max() > 9.0
    np.testing.assert_allclose(fixed.living_standard, 7.8, rtol=1e-9)  # 8 less a quarter replaced at a tenth


def test_the_cheaper_of_two_techniques_is_used() -> None:
    both = plan_of(
        np.array([[0.5, 0.2]]),
        makes=np.array([0, 0]),
        labour=np.ones((1, 2)),
        labour_supply=np.full((1, 1), 10.0),
    )
    np.testing.assert_allclose(both.output[0], [0.0, 10.0], atol=1e-9)
    assert both.living_standard[0] == pytest.approx(8.0, rel=1e-9)


def test_a_resource_bounds_the_plan() -> None:
    found = plan_of([[0.0]], resources=np.array([[2.0]]), resource_limit=np.array([6.0]))
    assert found.living_standard[0] == pytest.approx(3.0, rel=1e-9)


# The programme as a whole ------------------------------------------------------------------------------


@FEW
@given(SEEDS)
def test_the_value_is_that_of_a_twin_written_row_by_row(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p = random_programme(rng, cut=rng.uniform(size=3), learning=None)
    p = replace(p, learning=rng.uniform(0.8, 1.0, (3, len(p.makes))), required=rng.uniform(0.0, 0.3, 3))
    found, other = planning.plan(planning.prepare(p)), twin(p)
    assert np.isnan(other) == (found.status is PlanStatus.INFEASIBLE)
    if found.status is PlanStatus.OPTIMAL:
        assert found.value == pytest.approx(other, rel=1e-6)
        assert max(found.certificate) < TOLERANCE


@FEW
@given(SEEDS)
def test_the_base_is_a_plan_where_nothing_is_cut(seed: int) -> None:
    p = random_programme(np.random.default_rng(seed))
    found = planning.plan(planning.prepare(replace(p, required=np.ones(3))))
    assert found.status is PlanStatus.OPTIMAL
    assert found.living_standard.min() >= 1 - 1e-9


@FEW
@given(SEEDS)
def test_the_frontier_falls_and_its_value_is_concave(seed: int) -> None:
    p = random_programme(np.random.default_rng(seed), terminal_weight=0.0)
    found = planning.frontier(planning.prepare(p))
    assert (found.status == 0).all()
    assert (np.diff(found.value) <= 1e-8).all()
    assert (np.diff(found.value, 2) <= 1e-7).all()
    # Without a value of capital left over, the mean living standard is the value.
    np.testing.assert_allclose(found.mean_living_standard * p.weights.sum(), found.value, rtol=1e-9)
    assert found.residual.max() < TOLERANCE


def test_questions_leave_the_programme_as_it_was() -> None:
    prepared = planning.prepare(random_programme(np.random.default_rng(5)))
    before = planning.plan(prepared).value
    planning.frontier(prepared)
    planning.missing(prepared, 2.0)
    planning.least_labour(prepared, 0.5)
    planning.break_even(prepared, 1.3)
    bottlenecks(prepared)
    assert planning.plan(prepared).value == pytest.approx(before, rel=1e-9)
    np.testing.assert_array_equal(prepared.solver.matrix.toarray(), prepared.assembled.matrix.toarray())
    for name in ("lower", "upper", "low", "high", "cost"):
        np.testing.assert_array_equal(getattr(prepared.solver, name), getattr(prepared.assembled, name))


def test_money_may_be_counted_in_any_unit() -> None:
    p = random_programme(np.random.default_rng(8))
    money = ("labour_supply", "resource_limit", "needs", "capacity", "stock", "imports", "exports")
    scaled = {name: 1e5 * getattr(p, name) for name in money}
    larger = replace(p, **scaled, transfer=1e5 * p.transfer, credit=1e5 * p.credit)
    one, other = planning.plan(planning.prepare(p)), planning.plan(planning.prepare(larger))
    np.testing.assert_allclose(other.living_standard, one.living_standard, rtol=1e-7)
    assert other.output.sum() == pytest.approx(1e5 * one.output.sum(), rel=1e-6)
