"""What a plan refuses, and prices of bottlenecks from both sides."""

from __future__ import annotations

import builtins
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planning_cases import programme, random_programme

from ecumene.errors import InputError, PlanError
from ecumene.models import planning
from ecumene.models.planning_duals import bottlenecks
from ecumene.models.planning_model import require_planning
from ecumene.models.planning_solve import Solver
from ecumene.plans import Settings, settings_from_text

FEW = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"labour": np.zeros((0, 1)), "labour_supply": np.zeros((1, 0))}, ["no labour", "at least one row"]),
        ({"labour_supply": np.zeros((1, 1))}, ["no labour", "supply above 0"]),
        ({"stock": np.array([-1.0])}, ["stock[0] is -1", "not negative"]),
        ({"cut": np.array([1.2])}, ["cut[0] is 1.2", "0 to 1"]),
        ({"cut": np.array([-0.1])}, ["cut[0] is -0.1"]),
        ({"cut": np.zeros(0)}, ["0 years"]),
        ({"needs": np.zeros(1)}, ["nothing is needed"]),
        ({"needs": np.array([np.nan])}, ["needs[0]", "finite"]),
        ({"capacity": np.ones(2)}, ["capacity has shape (2,)", "(1,)"]),
        ({"makes": np.array([3])}, ["good 3"]),
        ({"discount": 0.0}, ["discount is 0"]),
        ({"credit": -1.0}, ["credit is -1"]),
        ({"lag": -1}, ["lag is -1"]),
        ({"learning": np.ones((2, 1))}, ["learning has shape"]),
    ],
)
def test_a_programme_that_cannot_be_is_refused(given: dict, words: list[str]) -> None:
    with pytest.raises(InputError) as refused:
        programme([[0.5]], **given)
    for word in words:
        assert word in str(refused.value)


def test_questions_that_cannot_be_are_refused() -> None:
    prepared = planning.prepare(programme([[0.5]]))
    for ask, word in (
        (lambda: planning.frontier(prepared, (0.0, 1.5)), "from 0 to 1"),
        (lambda: planning.frontier(prepared, ()), "from 0 to 1"),
        (lambda: planning.missing(prepared, -1.0), "0 or above"),
        (lambda: planning.break_even(prepared, 0.0), "above 0"),
        (lambda: planning.learn(prepared.programme, 1.0, np.ones(1)), "below 1"),
        (lambda: planning.learn(prepared.programme, 0.1, np.ones(3)), "one number"),
    ):
        with pytest.raises(InputError, match=word):
            ask()


def test_a_plan_that_makes_goods_of_nothing_is_unbounded_not_a_number() -> None:
    found = planning.plan(
        planning.prepare(
            programme([[0.0]], 3, labour=np.zeros((1, 1)), grows=True, investment=np.zeros((1, 1)))
        )
    )
    assert found.status is planning.PlanStatus.UNBOUNDED
    assert np.isnan(found.living_standard).all()


def test_a_solution_without_its_certificate_is_sought_anew_and_else_is_no_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = programme([[0.2]], imports=np.ones(1))
    true = planning.plan(planning.prepare(one))
    certify, said = Solver._certify, []

    def missing(self: Solver, *solution: np.ndarray) -> planning.Certificate:
        said.append(certify(self, *solution))
        return said[-1] if len(said) > failures else said[-1]._replace(primal_residual=1e-5)

    monkeypatch.setattr(Solver, "_certify", missing)
    failures = 1
    again = planning.plan(planning.prepare(one))
    assert again.status is planning.PlanStatus.OPTIMAL
    assert len(said) == 2
    assert again.value == pytest.approx(true.value, rel=1e-12)
    said.clear()
    failures = 2
    found = planning.frontier(planning.prepare(one), (0.5,))
    assert found.status[0] == planning.PlanStatus.UNCERTIFIED
    assert np.isnan(found.mean_living_standard[0])
    assert found.residual[0] == 1e-5


def test_without_its_solver_a_plan_names_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def lacking(name: str, *rest: object) -> object:
        if name == "linopy":
            raise ImportError("No module named 'linopy'")
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "linopy", raising=False)
    monkeypatch.setattr(builtins, "__import__", lacking)
    with pytest.raises(InputError, match=r"pip install 'ecumene\[planning\]'"):
        require_planning()


# Bottlenecks -------------------------------------------------------------------------------------------


def test_a_dual_that_is_not_unique_has_a_left_and_a_right_value() -> None:
    # Capacity and labour both allow 10: more of either alone brings nothing, less of either costs one for one.
    prepared = planning.prepare(
        programme(
            [[0.0]], capacity=np.array([10.0]), labour_supply=np.full((1, 1), 10.0), needs=np.array([5.0])
        )
    )
    found = bottlenecks(prepared, 5)
    np.testing.assert_allclose(found.right, 0.0, atol=1e-9)
    np.testing.assert_allclose(found.left, 1.0, rtol=1e-6)
    assert found.price.sum() == pytest.approx(1.0, rel=1e-9)


@FEW
@given(st.integers(0, 10**6))
def test_prices_have_the_sign_and_the_size_of_what_a_change_brings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p = random_programme(rng, cut=rng.uniform(size=3))
    prepared = planning.prepare(p)
    base, found = planning.plan(prepared), bottlenecks(prepared, 6)
    assert (found.price > 0).all()
    assert (found.right <= found.price + 1e-6).all()
    assert (found.price <= found.left + 1e-6).all()
    # Labour of a year, raised in the programme itself and planned anew.
    for at in (place for place, kind in enumerate(found.kind) if kind == "labour"):
        t, h = int(found.year[at]), int(found.item[at])
        supply = p.labour_supply.copy()
        step = 1e-4 * supply[t, h]
        supply[t, h] += step
        anew = planning.plan(planning.prepare(replace(p, labour_supply=supply)))
        gain = (anew.value - base.value) / step * p.needs.sum() / p.weights[t]
        assert gain == pytest.approx(found.right[at], rel=1e-3, abs=1e-6)
    # What needs cost: in every year with some consumption the basket is worth one.
    consumed = base.living_standard > 1e-6
    np.testing.assert_allclose((base.price @ p.needs)[consumed], p.needs.sum(), rtol=1e-7)
    assert (base.price > -1e-9).all()


# Break-even and learning ---------------------------------------------------------------------------------


def test_the_gain_that_breaks_even_by_hand() -> None:
    # (1 + g) 10 half used up: 5 (1 + g) = 8, so g = .6.
    prepared = planning.prepare(programme([[0.5]], capacity=np.array([10.0]), needs=np.array([8.0])))
    found = planning.break_even(prepared)
    assert found.gain == pytest.approx(0.6, abs=2e-4)
    assert planning.break_even(prepared, 0.5).gain == 0.0


def test_no_gain_makes_up_for_a_good_that_nothing_makes() -> None:
    prepared = planning.prepare(programme(np.array([[0.1], [0.0]]), needs=np.ones(2), makes=np.array([0])))
    assert np.isnan(planning.break_even(prepared).gain)
    lost = planning.unmade(prepared.programme)
    np.testing.assert_array_equal(lost, [0.0, 1.0])
    assert planning.plan(prepared).living_standard[0] == pytest.approx(0.0, abs=1e-9)
    with planning.doing_without(prepared, lost):
        assert planning.plan(prepared).living_standard[0] > 1


def test_a_doubling_of_output_lowers_unit_costs_by_the_rate() -> None:
    # Four units a year from four of labour, four made before: after the first year the second unit cost is 20 % lower.
    p = programme(
        [[0.0]], 2, labour_supply=np.full((2, 1), 4.0), needs=np.array([4.0]), discount=1.0, spoil=np.ones(1)
    )
    found = planning.learn(p, 0.2, np.array([4.0]))
    np.testing.assert_allclose(found.factor[:, 0], [1.0, 0.8], rtol=1e-6)
    np.testing.assert_allclose(found.plan.living_standard, [1.0, 1.25], rtol=1e-6)
    assert found.change < 1e-3


# Settings ------------------------------------------------------------------------------------------------


def test_every_problem_of_a_plan_file_is_told_together() -> None:
    text = (
        "horizon: forever\nimport_cut: 1.5\nyears: 0\nstoks: 3\n"
        "resources:\n  - {name: water, limit: -1, use: {a: 1}}\n"
    )
    with pytest.raises(PlanError) as refused:
        settings_from_text(text, "mine.yaml")
    said = str(refused.value)
    for word in ("mine.yaml", "horizon", "import_cut", "years", "stoks", "limit", "line 4"):
        assert word in said
    assert len(refused.value.problems) >= 5


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("- 1\n", "mapping"),
        ("years: 3\nimport_cut: [0.1, 0.2]\n", "2 years of 3"),
        ("years: true\n", "years"),
        ("discount: 1.0\n", "discount"),
        ("resources: [{name: a, limit: 1, use: {x: 1}}, {name: a, limit: 1, use: {x: 1}}]\n", "a twice"),
        ("learning: {rate: 1.5}\n", "rate"),
    ],
)
def test_settings_that_cannot_be_are_refused(text: str, word: str) -> None:
    with pytest.raises(PlanError, match=word):
        settings_from_text(text)


def test_an_empty_file_is_all_defaults_and_texts_change_no_hash() -> None:
    assert settings_from_text("") == Settings()
    assert settings_from_text("title: mine\n").hash == Settings().hash
    assert settings_from_text("years: 4\n").hash != Settings().hash
    assert [Settings(horizon=name).length for name in ("short", "medium", "long")] == [1, 5, 20]
