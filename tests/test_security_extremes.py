"""The models of security at the ends of what numbers and worlds can be: an exact answer, or one clear error."""

from __future__ import annotations

from inspect import unwrap
from typing import Any

import numpy as np
import pytest
from shock_worlds import mirror
from small_world import make_world

from ecumene.errors import InputError, ShockError
from ecumene.models import epidemic, finance, interventions, seir, shocks
from ecumene.models.epidemic_outcome import attack_rate
from ecumene.orders import load_order
from ecumene.security import assess
from ecumene.security.numbers import asked_for
from ecumene.shocks import shock_from_text
from ecumene.sources import travel

# Epidemics


def test_an_attack_rate_is_a_share_of_people() -> None:
    """In an economy that alone lets a disease run, visitors fall ill as well: more people than live there."""
    people, trips = np.array([1e6, 1e4]), np.array([[0.0, 500.0], [500.0, 0.0]])
    start = epidemic.Outbreak(people, trips, np.array([0.0, 10.0]), R0=8.0)
    careful = interventions.policy(2, local=interventions.schedule(2, np.array([0.9, 0.0]), start=0.0))
    record = epidemic.simulate(start, careful, epidemic.Settings(days=365, stochastic=False))
    assert record.infected[0, -1, 1] / people[1] > 1.5
    found = attack_rate(record)
    assert (found >= 0.0).all() and (found <= 1.0).all()
    # Over the world every infection is somebody's.
    ill = record.infected[0, -1].sum() + record.seeds.sum()
    assert (found[0] * people).sum() == pytest.approx(ill, rel=1e-9)


@pytest.mark.parametrize("over", [1e-14, 1e-12, 1e-8, 1e-3, 0.0999, 0.1001])
def test_the_final_size_just_above_one(over: float) -> None:
    """`z = 2 e - 8 e^2 / 3 + 28 e^3 / 9 - ...` at R0 = 1 + e; the equation itself further on."""
    R0 = 1.0 + over
    e = R0 - 1.0  # as the number is held
    z = seir.final_size(R0)
    if over <= 1e-8:
        assert z == pytest.approx(2 * e - 8 * e**2 / 3, rel=1e-12)
    assert z + np.expm1(-R0 * z) == pytest.approx(0.0, abs=1e-13)
    assert z > e


def test_the_final_size_far_out() -> None:
    assert seir.final_size(1e4) == seir.final_size(float("inf")) == 1.0
    for wrong in (float("nan"), -1.0):
        with pytest.raises(InputError, match="R0 is"):
            seir.final_size(wrong)


@pytest.mark.parametrize(
    "change", [{"R0": 101.0}, {"latent_days": 0.01}, {"infectious_days": 1e-9}, {"R0": float("nan")}]
)
def test_diseases_have_bounds(change: dict[str, float]) -> None:
    start = epidemic.Outbreak(np.array([1e6]), np.zeros((1, 1)), np.array([1.0]), **change)
    with pytest.raises(InputError, match=f"{next(iter(change))} is .*; give a number from"):
        epidemic.simulate(start)


def test_holes_in_ties_are_refused() -> None:
    gdp, far = np.ones(3), np.ones((3, 3))
    for tie in (np.full((3, 3), np.nan), np.ones((2, 2)), np.full((3, 3), 2.0)):
        with pytest.raises(InputError, match="contiguity of shape"):
            travel.gravity(gdp, gdp, far, contiguity=tie)
        with pytest.raises(InputError, match="language of shape"):
            travel.gravity(gdp, gdp, far, language=tie)


# Banks


@pytest.mark.parametrize("gap", [1e-2, 1e-4])
def test_debtrank_near_an_eigenvalue_of_one(gap: float) -> None:
    """Two banks that owe each other 1 - gap of their equity: h = s / (1 - lambda) for an even shock, h <= 1."""
    ratio = 1.0 - gap
    shock = 0.5 * gap
    found = finance.debtrank([[0.0, ratio], [ratio, 0.0]], [1.0, 1.0], [shock, shock], max_rounds=50_000_000)
    assert found.status is finance.Status.OK
    np.testing.assert_allclose(found.loss, shock / (1.0 - ratio), rtol=0, atol=1e-9)


def test_debtrank_that_nobody_can_know_is_not_told() -> None:
    """At 1 - 1e-15 rounding decides whether nothing or everything is lost; an iteration cut off has not settled."""
    ratio = 1.0 - 1e-15
    close = finance.debtrank([[0.0, ratio], [ratio, 0.0]], [1.0, 1.0], [1e-14, 1e-14], max_rounds=1000)
    assert close.status is not finance.Status.OK and np.isnan(close.loss).all()
    cut = finance.debtrank([[0.0, 0.999], [0.999, 0.0]], [1.0, 1.0], [1e-12, 1e-12], max_rounds=1)
    assert cut.status is finance.Status.MAX_STEPS


def test_debtrank_where_a_shock_does_not_reach_a_brittle_pair() -> None:
    """Two banks owe each other twice their equity and nothing reaches them: they lose nothing, exactly."""
    claims = np.zeros((4, 4))
    claims[0, 1] = claims[1, 0] = 0.5
    claims[2, 3] = claims[3, 2] = 2.0
    found = finance.debtrank(claims, np.ones(4), [0.3, 0, 0, 0])
    assert found.status is finance.Status.OK
    np.testing.assert_allclose(found.loss, [0.3 / 0.75, 0.15 / 0.75, 0, 0], atol=1e-12)


def test_debtrank_extremes_are_refused() -> None:
    for claims, equity in ((1e308, 1e-300), (1e20, 1e-3), (1e308, 1e308 * 1e-20)):
        with pytest.raises(InputError, match="leave an insolvent bank out"):
            finance.debtrank([[0.0, claims], [0.0, 0.0]], [equity, 1.0], [0.1, 0.0])


def test_totals_of_any_size_are_scaled_or_refused() -> None:
    rows, columns, _ = finance.equal_totals([1e300, 1e300], [1e-300, 3e-300])
    assert rows.sum() == pytest.approx(columns.sum()) == pytest.approx(np.sqrt(8.0))
    with pytest.raises(InputError, match="larger unit of money"):
        finance.equal_totals([1.5e308, 1.5e308], [1.0, 1.0])


def test_a_seed_below_zero_is_refused() -> None:
    for seed in (-1, True):
        with pytest.raises(InputError, match="seed is"):
            finance.reconstruct([1.0, 1.0, 1.0], [1.0, 1.0, 1.0], seed=seed)


@pytest.mark.parametrize(
    ("loans", "made", "message"),
    [
        ([-1.0], [[1.0, 2.0]], r"loans\[0\] is -1"),
        ([1.0], [[1.0, -2.0]], r"value_added\[0, 1\] is -2"),
        ([1.0], [[np.nan, 2.0]], r"value_added\[0, 0\] is nan"),
        ([1.0], [[0.0, 0.0]], "has loans and no value added"),
    ],
)
def test_loans_by_sector_need_value_added(loans: Any, made: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        finance.loans_by_sector(np.array(loans), np.array(made))


def test_loans_of_any_size_are_split_exactly() -> None:
    found = finance.loans_by_sector(np.array([9.0, 0.0]), np.array([[0.7e308, 1.4e308], [0.0, 0.0]]))
    np.testing.assert_allclose(found, [[3.0, 6.0], [0.0, 0.0]])


# Shocks


def test_events_without_places_are_refused() -> None:
    with pytest.raises(InputError, match="lost has shape"):
        shocks.lost_capacity([])


@pytest.mark.parametrize("days", [0, True, -3])
def test_days_that_are_no_days_are_refused(days: Any) -> None:
    with pytest.raises(InputError, match="days is"):
        shocks.simulate(mirror(), [], days=days)


@pytest.mark.parametrize("days", [float("nan"), float("inf"), 1.5, "3"])
def test_days_of_another_kind_are_refused(days: Any) -> None:
    """What the type hook of the tests would refuse first, asked of the function below it."""
    with pytest.raises(InputError, match="days is"):
        shocks.whole_days(days)


def test_an_order_is_no_shock() -> None:
    with pytest.raises(InputError, match="shocks holds Order"):
        unwrap(asked_for)([load_order("today")], 0, 0)  # not by the type hook of tests


HEAD = "name: mine\ntitle: Mine\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("capacity: [{economies: DEU, sectors: [], share: 0.5}]\n", "capacity[0].sectors"),
        ("links: [{from: DEU, to: FRA, sectors: []}]\n", "links[0].sectors"),
        ("capital: [{economies: DEU, sectors: [], share: 0.5}]\n", "capital[0].sectors"),
        ("days: 30\nbanks: {economies: DEU, share: 0.1, start: 30}\n", "banks starts on day 30"),
        (
            "epidemic: {from: DEU, borders: [{economies: all, share: 0.5, after_cases: .inf}]}\n",
            "after_cases",
        ),
        (
            "epidemic: {from: DEU, measures: [{economies: all, share: 0.5, after_cases: .inf}]}\n",
            "after_cases",
        ),
        ("epidemic: {from: DEU, first_cases: 0.4}\n", "first_cases"),
        ("epidemic: {from: DEU, first_cases: .inf}\n", "first_cases"),
        ("epidemic: {from: DEU, reproduction_number: 1000}\n", "reproduction_number"),
        ("epidemic: {from: DEU, latent_days: 0.001}\n", "latent_days"),
        ("epidemic: {from: DEU, infectious_days: .nan}\n", "infectious_days"),
    ],
)
def test_files_that_cannot_be_meant_are_refused(text: str, place: str) -> None:
    with pytest.raises(ShockError) as error:
        shock_from_text(HEAD + text, "mine.yaml")
    assert place in str(error.value)


def test_every_first_case_is_somewhere() -> None:
    """Five cases in six economies are five cases, and few are not rounded away."""
    codes = ("DEU", "CHN", "USA")
    population = np.full(6, 1e6)
    world = make_world(layers={"population": population, "travel": np.full((6, 6), 1000.0)})
    here = [code for code in codes if code in world.economies]
    text = f"epidemic: {{from: [{', '.join(world.economies)}], first_cases: 1}}\ndays: 20\n"
    assert here
    happening = assess.happening_of(shock_from_text(HEAD + text), world, 0)
    assert happening.events[0].lost.sum() > 0
