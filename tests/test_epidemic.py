"""The epidemic model against closed forms, and what must hold whatever the numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecumene.errors import InputError, SolveError
from ecumene.models import epidemic, interventions, journeys, seir, tauleap
from ecumene.models.epidemic import Outbreak, Settings, simulate
from ecumene.models.epidemic_outcome import arrival_day, attack_rate, labour_loss, peak, summary

CERTAIN = Settings(stochastic=False)
SHORT = Settings(days=60, draws=8)  # one shape for many tests: each compiles once
SIZES = {1.5: 0.582812, 2.0: 0.796812, 2.4: 0.878596, 3.0: 0.940480}
RATE = seir.growth_rate(2.4, 4.0, 3.5)


def alone(R0: float, people: float = 1e6, first: float = 1e-3, **others: Any) -> Outbreak:
    return Outbreak(np.array([people]), np.zeros((1, 1)), np.array([first]), R0=R0, **others)


def few(seed: int, R0: float = 2.4) -> Outbreak:
    """Four economies with random populations and travel, an outbreak in the first."""
    rng = np.random.default_rng(seed)
    people = rng.lognormal(12.0, 1.0, 4)
    trips = rng.uniform(0.0, 1.0, (4, 4))
    trips = np.minimum.outer(people, people) * 0.002 * (trips + trips.T)
    np.fill_diagonal(trips, 0.0)
    return Outbreak(people, trips, np.array([5.0, 0.0, 0.0, 0.0]), R0=R0)


# Closed forms ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("R0", "size"), SIZES.items())
def test_final_size(R0: float, size: float) -> None:
    assert seir.final_size(R0) == pytest.approx(size, abs=5e-7)
    record = simulate(alone(R0), settings=replace(CERTAIN, days=1500))
    assert attack_rate(record)[0, 0] == pytest.approx(size, abs=1e-6)
    assert record.final[0, 3, 0, 0] / 1e6 == pytest.approx(size, abs=1e-6)


def test_a_record_is_shown_in_one_line() -> None:
    shown = repr(simulate(alone(2.0), settings=replace(CERTAIN, days=5)))
    assert re.fullmatch(
        r"<Record: 1 draws of 5 days in 1 economies, seed 0, people conserved to \d+e[-+]\d+>", shown
    )


@pytest.mark.parametrize("R0", [0.0, 0.5, 1.0])
def test_no_outbreak_at_or_below_one(R0: float) -> None:
    assert seir.final_size(R0) == 0.0
    record = simulate(alone(R0), settings=replace(CERTAIN, days=365))
    assert attack_rate(record)[0, 0] < 1e-6
    assert record.infectious[0, :, 0].max() <= 1e-3


@pytest.mark.parametrize(("R0", "latent", "infectious"), [(2.4, 4.0, 3.5), (1.3, 2.0, 6.0), (5.0, 8.0, 3.0)])
def test_growth_rate(R0: float, latent: float, infectious: float) -> None:
    rate = seir.growth_rate(R0, latent, infectious)
    assert (1.0 + rate * latent) * (1.0 + rate * infectious) == pytest.approx(R0, rel=1e-12)
    start = alone(R0, people=1e12, latent_days=latent, infectious_days=infectious)
    record = simulate(start, settings=replace(CERTAIN, days=60))
    grown = np.log(record.infectious[0, 60, 0] / record.infectious[0, 50, 0]) / 10.0
    assert grown == pytest.approx(rate, rel=2e-5)


def test_runge_kutta_is_of_fourth_order() -> None:
    def size(steps: int) -> float:
        start = alone(3.5, people=1e6, first=1e3)
        return simulate(start, settings=replace(CERTAIN, days=40, steps_a_day=steps)).final[0, 0, 0, 0]

    exact = size(64)
    ratio = abs(size(2) - exact) / abs(size(4) - exact)
    assert 12.0 < ratio < 22.0


def test_age_groups_reach_the_final_size_of_their_own_equation() -> None:
    people = np.array([[3e5], [7e5]])
    contacts = np.array([[5.0, 2.0], [1.0, 3.0]])
    start = Outbreak(people, np.zeros((1, 1)), np.array([[0.0], [1e-3]]), R0=2.0, contacts=contacts)
    record = simulate(start, settings=replace(CERTAIN, days=1500))
    scaled = seir.scaled_contacts(contacts, people[:, 0])
    radius = np.abs(np.linalg.eigvals(people * scaled / people.T)).max()
    assert radius == pytest.approx(1.0)
    ill = 1.0 - record.final[0, 0, :, 0] / people[:, 0]
    assert ill == pytest.approx(1.0 - np.exp(-2.0 * scaled @ ill), abs=1e-6)
    assert ill[0] > ill[1] > 0.5
    none = simulate(replace(start, R0=1.0), settings=replace(CERTAIN, days=365))
    assert attack_rate(none)[0, 0] < 1e-6


@pytest.mark.parametrize(("cut", "days"), [(0.5, 4.7), (0.9, 15.7), (0.99, 31.4)])
def test_first_importation_is_delayed_by_the_closed_form(cut: float, days: float) -> None:
    closed = np.log(1.0 / (1.0 - cut)) / RATE
    assert closed == pytest.approx(days, abs=0.05)
    trips = np.array([[0.0, 1e3], [1e3, 0.0]])
    start = Outbreak(np.array([1e16, 1e16]), 1e4 * trips, np.array([1e4, 0.0]))

    def median(policy: interventions.Policy) -> float:
        """Day on which the chance that nobody infected has come falls to one half."""
        imported = simulate(start, policy, replace(CERTAIN, days=150)).imported[0, :, 1]
        day = int((imported >= np.log(2.0)).argmax())
        rise = np.log(imported[day] / imported[day - 1])
        return day - 1.0 + np.log(np.log(2.0) / imported[day - 1]) / rise

    free = median(interventions.policy(2))
    rules = interventions.schedule(2, [0.0, cut])
    of_pairs = interventions.pair_schedule(np.array([[0.0, cut], [0.0, 0.0]]))
    for policy in (
        interventions.policy(2, closed_in=rules),
        interventions.policy(2, closed_out=interventions.schedule(2, [cut, 0.0])),
        interventions.policy(2, closed_pair=of_pairs),
    ):
        assert median(policy) - free == pytest.approx(closed, abs=0.02)


# Chance ----------------------------------------------------------------------------------------------------


def star(targets: int = 40) -> Outbreak:
    """A large outbreak, and many equal economies linked to it alone."""
    people = np.full(targets + 1, 1e9)
    people[0] = 1e12
    trips = np.zeros((targets + 1, targets + 1))
    trips[0, 1:] = trips[1:, 0] = 300.0
    first = np.zeros(targets + 1)
    first[0] = 1e5
    return Outbreak(people, trips, first)


@pytest.mark.slow
def test_first_importations_follow_the_law_of_their_hazard() -> None:
    """`P(T > t) = exp(-Lambda(t))` (Gautreau, Barrat and Barthelemy 2008); also under a closure of 90 %."""
    start, horizon = star(), 130
    means = []
    for policy in (None, interventions.policy(41, closed_in=interventions.schedule(41, 0.9))):
        hazard = simulate(start, policy, replace(CERTAIN, days=horizon)).imported[0, :, 1]
        record = simulate(start, policy, Settings(days=horizon, draws=32), seed=3)
        came = record.imported[:, :, 1:] >= 1.0
        assert came[:, -1].all()
        expected = 1.0 - np.exp(-hazard)
        found = came.mean(axis=(0, 2))
        assert np.abs(found - expected).max() < 1.63 / np.sqrt(32 * 40)  # Kolmogorov-Smirnov at 1 %
        means.append((~came).sum(axis=1).mean())
    assert means[1] - means[0] == pytest.approx(15.7, abs=1.0)


@pytest.mark.slow
def test_small_outbreaks_die_out_as_often_as_branching_says() -> None:
    """From one infectious person with an exponential stay: `1 / R0` (Diekmann and Heesterbeek 2000, section 1.2)."""
    R0, n = 2.0, 400
    start = Outbreak(np.full(n, 1e7), np.zeros((n, n)), np.ones(n), R0=R0)
    record = simulate(start, settings=Settings(days=120, draws=4, steps_a_day=8), seed=1)
    died = (record.infected[:, -1] < 200.0).mean()
    assert died == pytest.approx(1.0 / R0, abs=3.0 * np.sqrt(0.25 / (4 * n)))


def test_means_of_draws() -> None:
    rng = np.random.default_rng(0)
    u = rng.uniform(size=200_000)
    for mean in (0.01, 0.7, 12.0, 90.0, 400.0):
        drawn = np.asarray(tauleap.poisson(np.full(u.shape, mean), u))
        assert drawn.mean() == pytest.approx(mean, abs=4.0 * np.sqrt(mean / len(u)))
        assert (drawn == np.floor(drawn)).all()
        if mean < tauleap.LARGEST_MEAN:
            assert drawn.var() == pytest.approx(mean, rel=0.03)
    for count, chance in (
        (5.0, 0.3),
        (80.0, 0.9),
        (1.0, 0.01),
        (99.0, 0.5),
        (0.0, 0.4),
        (7.0, 0.0),
        (7.0, 1.0),
    ):
        drawn = np.asarray(tauleap.binomial(np.full(u.shape, count), np.full(u.shape, chance), u))
        spread = count * chance * (1.0 - chance)
        assert drawn.mean() == pytest.approx(count * chance, abs=4.0 * np.sqrt(spread / len(u)) + 1e-12)
        assert drawn.var() == pytest.approx(spread, rel=0.03, abs=1e-12)
        assert drawn.min() >= 0.0
        assert drawn.max() <= count


def test_draws_are_reproduced_by_their_seed_and_number() -> None:
    start, short = few(0), replace(SHORT, draws=20)
    first, again = simulate(start, settings=short, seed=7), simulate(start, settings=short, seed=7)
    fewer, other = (
        simulate(start, settings=replace(short, draws=3), seed=7),
        simulate(start, settings=short, seed=8),
    )
    assert np.array_equal(first.infected, again.infected)
    assert np.array_equal(first.infected[:3], fewer.infected)
    assert not np.array_equal(first.infected, other.infected)
    assert len({tuple(draw[-1]) for draw in first.infected}) > 10


def test_many_cases_need_no_chance() -> None:
    start = replace(few(1), infectious=np.array([2e4, 2e4, 2e4, 2e4]))
    drawn = simulate(start, settings=SHORT)
    certain = simulate(start, settings=replace(CERTAIN, days=60))
    assert drawn.infected[0, :30] == pytest.approx(certain.infected[0, :30], rel=1e-9)


def test_infected_people_are_whole_where_few() -> None:
    record = simulate(few(2), settings=replace(SHORT, threshold=1e6))
    assert (record.infectious == np.floor(record.infectious)).all()
    assert (record.imported == np.floor(record.imported)).all()


# What must hold --------------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.floats(0.0, 1.0), st.floats(0.0, 5.0))
def test_people_are_conserved_and_never_negative(seed: int, stochastic: bool, cut: float, R0: float) -> None:
    policy = interventions.policy(
        4,
        closed_in=interventions.schedule(4, cut, start=10.0, length=20.0),
        local=interventions.schedule(4, [cut, 0.0, 0.5, 0.0], own_cases=10.0),
    )
    record = simulate(few(seed, R0), policy, replace(SHORT, stochastic=stochastic), seed=seed)
    assert record.conservation <= 1e-9
    assert record.final.sum(axis=1) == pytest.approx(
        np.broadcast_to(record.population, (len(record.final), 1, 4))
    )
    assert record.final.min() >= 0.0
    assert (np.diff(record.infected, axis=1) >= 0.0).all()
    assert record.added == 0.0


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.0, 4.0), st.floats(0.05, 1.0))
def test_more_contagion_reaches_more(seed: int, R0: float, more: float) -> None:
    short = replace(CERTAIN, days=60)
    low, high = (simulate(few(seed, value), settings=short) for value in (R0, R0 + more))
    assert (high.infected[0, 1:] > low.infected[0, 1:]).all()
    local = interventions.policy(4, local=interventions.schedule(4, 0.3))
    cut = simulate(few(seed, R0 + more), local, short)
    assert (cut.infected[0, 1:] < high.infected[0, 1:]).all()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.sampled_from(["closed_out", "closed_in", "closed_pair"]))
def test_closed_links_keep_the_others_free(seed: int, stochastic: bool, kind: str) -> None:
    rules = {"closed_out": interventions.schedule(4, float(kind == "closed_out"))}
    rules["closed_in"] = interventions.schedule(4, float(kind == "closed_in"))
    pairs = interventions.pair_schedule(np.full((4, 4), float(kind == "closed_pair")))
    policy = interventions.policy(4, closed_pair=pairs, **rules)
    how = replace(SHORT, stochastic=stochastic)
    record = simulate(few(seed), policy, how, seed=seed)
    assert (record.infected[:, :, 1:] == 0.0).all()
    assert (record.imported == 0.0).all()
    assert (record.travel == 0.0).all()
    assert np.isinf(arrival_day(record)[:, 1:]).all()
    assert simulate(few(seed), None, replace(how, stochastic=False)).infected[0, -1, 1:].min() > 0.0


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.permutations(range(4)))
def test_names_do_not_matter(seed: int, order: list[int]) -> None:
    start = few(seed)
    there = Outbreak(
        np.asarray(start.population)[order],
        np.asarray(start.travel)[np.ix_(order, order)],
        np.asarray(start.infectious)[order],
    )
    short = replace(CERTAIN, days=60)
    here, moved = simulate(start, settings=short), simulate(there, settings=short)
    assert moved.infected[0] == pytest.approx(here.infected[0][:, order], rel=1e-9)


def test_a_one_way_closure_does_not_move_populations() -> None:
    rule = interventions.policy(4, closed_in=interventions.schedule(4, [1.0, 0.9, 0.0, 0.0]))
    record = simulate(few(3), rule, replace(CERTAIN, days=365))
    assert record.final.sum(axis=1)[0] == pytest.approx(record.population, rel=1e-12)
    assert record.imported[0, -1, 0] == 0.0


# Policies --------------------------------------------------------------------------------------------------


def test_rules_start_by_date_or_cases_and_end() -> None:
    start = few(4)
    dated = interventions.policy(4, local=interventions.schedule(4, 0.5, start=10.0, length=7.0))
    local = simulate(start, dated, replace(CERTAIN, days=40)).local[0]
    assert (local[10:17] == 0.5).all()
    assert (local[:10] == 0.0).all()
    assert (local[17:] == 0.0).all()
    free = simulate(start, settings=replace(CERTAIN, days=80))
    counted = interventions.policy(4, local=interventions.schedule(4, 0.5, own_cases=50.0))
    acted = simulate(start, counted, replace(CERTAIN, days=80))
    begins = (acted.local[0] > 0.0).argmax(axis=0)
    assert (acted.local[0].max(axis=0) == 0.5).all()
    assert begins[0] < begins[1:].min()
    assert free.infected[0, begins[0], 0] > 50.0  # onsets follow infections
    world = interventions.policy(4, local=interventions.schedule(4, 0.5, world_cases=50.0))
    together = (simulate(start, world, replace(CERTAIN, days=80)).local[0] > 0.0).argmax(axis=0)
    assert len(set(together.tolist())) == 1
    assert 0 < together[0] <= begins[0]
    half = simulate(start, counted, replace(CERTAIN, days=80, detected=0.5))
    assert (half.local[0] > 0.0).argmax(axis=0)[0] > begins[0]


def test_rules_on_pairs_watch_the_economies_they_name() -> None:
    start = few(5)
    level = np.ones((4, 4))
    one, two = (
        simulate(
            start,
            interventions.policy(
                4, closed_pair=interventions.pair_schedule(level, cases=30.0, watched=watched, length=20.0)
            ),
            replace(CERTAIN, days=120),
        ).travel[0]
        for watched in ([1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0])
    )
    assert (one == 0.0).sum() == 20
    assert (two == 0.0).sum() == 20
    assert (one == 0.0).argmax() < (two == 0.0).argmax()


def test_rules_multiply() -> None:
    rules = interventions.together(interventions.schedule(4, 0.5), interventions.schedule(4, 0.4, start=5.0))
    record = simulate(few(0), interventions.policy(4, local=rules), replace(CERTAIN, days=10))
    assert record.local[0, 4] == pytest.approx(np.full(4, 0.5))
    assert record.local[0, 5] == pytest.approx(np.full(4, 0.7))


# Outcomes --------------------------------------------------------------------------------------------------


def test_summary_orders_its_quantiles_and_counts_what_was_reached() -> None:
    record = simulate(few(6), settings=replace(SHORT, draws=20))
    found = summary(record)
    assert (found.arrival_day[0] <= found.arrival_day[2]).all()
    assert found.arrival_day[:, 0].tolist() == [0.0, 0.0, 0.0]
    assert found.reached[0] == 1.0
    day, height = peak(record)
    assert found.peak_prevalence.max() <= height.max()
    assert record.infectious[0, int(day[0, 0]), 0] == record.infectious[0, :, 0].max()


def test_arrival_within_a_day_is_by_a_straight_line_in_logs() -> None:
    record = simulate(alone(2.4, people=1e12, first=1e-6), settings=replace(CERTAIN, days=160))
    days = [arrival_day(record, cases)[0, 0] for cases in (1e2, 1e3, 1e4)]
    assert np.diff(days) == pytest.approx(np.full(2, np.log(10.0) / RATE), rel=1e-3)


def test_labour_loss() -> None:
    policy = interventions.policy(
        4, closed_in=interventions.schedule(4, 0.5), local=interventions.schedule(4, 0.4, start=30.0)
    )
    record = simulate(few(7), policy, SHORT)
    loss = labour_loss(record, [0.0, 0.5, 1.0], exempt=[0.0, 0.5, 0.0])
    assert loss.shape == (60, 4, 3)
    assert loss.min() >= 0.0
    assert loss.max() <= 1.0
    assert (loss[:, :, 0] >= loss[:, :, 1]).all()
    assert (loss[:, :, 1] >= loss[:, :, 2]).all()
    assert loss[0, 1] == pytest.approx(np.zeros(3))
    healthy = labour_loss(record, [0.0, 0.5], ill_absence=0.0)
    assert healthy[40] == pytest.approx(np.broadcast_to([0.4, 0.2], (4, 2)))
    exempt = labour_loss(record, [0.0, 0.5], exempt=[0.25, 0.5], ill_absence=0.0)
    assert exempt[40] == pytest.approx(np.broadcast_to([0.3, 0.1], (4, 2)))
    ill = labour_loss(record, [0.5], ill_absence=1.0, draw=0)[20, 0, 0]
    assert ill == pytest.approx(record.infectious[0, 20:22, 0].mean() / record.population[0, 0])
    draws = np.mean([labour_loss(record, [0.2], draw=d) for d in range(8)], axis=0)
    assert labour_loss(record, [0.2]) == pytest.approx(draws)


def test_effective_distance_takes_the_most_probable_path() -> None:
    trips = np.array([[0.0, 9.0, 1.0, 0.0], [9.0, 0.0, 9.0, 0.0], [1.0, 9.0, 0.0, 0.0], [0.0] * 4])
    found = journeys.effective_distance(trips)
    assert found[0, 1] == pytest.approx(1.0 - np.log(0.9))
    assert found[0, 2] == pytest.approx(min(1.0 - np.log(0.1), 2.0 - np.log(0.9) - np.log(0.5)))
    assert np.isinf(found[0, 3])
    with pytest.raises(InputError, match="travel at"):
        journeys.effective_distance(np.array([[0.0, np.nan], [1.0, 0.0]]))


# Bad input -------------------------------------------------------------------------------------------------

GOOD = few(0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"travel": np.where(np.arange(16).reshape(4, 4) == 6, np.nan, 1.0)}, "holes, the first from economy 1 to"),
        ({"travel": np.array([[0.0, 1.0], [1.0, 0.0]])}, "expected \\(4, 4\\)"),
        ({"travel": -np.ones((4, 4))}, "give 0 or more"),
        ({"travel": np.triu(np.ones((4, 4)))}, "populations would drift"),
        ({"travel": np.full((4, 4), 1e12)}, "times its people"),
        ({"travel": "far"}, "not an array of numbers"),
        ({"population": [1e6, 1e6, 0.0, 1e6]}, "population of B3 is 0.0"),
        ({"population": [1e6, np.nan, 1.0, 1e6]}, "population of B2 is nan"),
        ({"infectious": [1e12, 0.0, 0.0, 0.0]}, "from 0 to the population"),
        ({"infectious": [-1.0, 0.0, 0.0, 0.0]}, "from 0 to the population"),
        ({"infectious": [0.0, 0.0, 0.0, 0.0]}, "nobody is infectious"),
        ({"infectious": [0.5, 0.0, 0.0, 0.0]}, "whole people"),
        ({"infectious": [1.0]}, "as population"),
        ({"R0": -1.0}, "R0 is -1.0"),
        ({"R0": np.nan}, "R0 is nan"),
        ({"latent_days": 0.0}, "latent_days is 0.0"),
        ({"contacts": [[1.0, 2.0]]}, "contacts of shape"),
        ({"contacts": [[0.0]]}, "no chain of infection"),
        ({"travel_mix": [0.7]}, "sum to 1"),
        ({"population": np.ones((2, 4)) * 1e5, "infectious": np.ones((2, 4))}, "need contacts"),
        ({"economies": ("A",)}, "1 names"),
    ],
)  # fmt: skip
def test_impossible_outbreaks_are_refused(change: dict[str, Any], message: str) -> None:
    named = replace(GOOD, economies=("B1", "B2", "B3", "B4")) if "population" in change else GOOD
    with pytest.raises(InputError, match=message):
        simulate(replace(named, **change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"days": 0}, "days is 0"),
        ({"draws": 0}, "draws is 0"),
        ({"steps_a_day": 3}, "even number"),
        ({"threshold": -1.0}, "threshold"),
        ({"detected": 1.5}, "detected"),
    ],
)
def test_impossible_settings_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        simulate(GOOD, settings=replace(Settings(), **change))


def test_impossible_rules_are_refused() -> None:
    with pytest.raises(InputError, match=r"level at \(0, 0\) is 1.2"):
        interventions.schedule(4, 1.2)
    with pytest.raises(InputError, match="start at"):
        interventions.schedule(4, 0.2, start=-1.0)
    with pytest.raises(InputError, match="length at"):
        interventions.schedule(4, 0.2, length=np.nan)
    with pytest.raises(InputError, match="one for each of the 4"):
        interventions.schedule(4, [0.1, 0.2])
    with pytest.raises(InputError, match="a square"):
        interventions.pair_schedule(np.ones((2, 3)))
    with pytest.raises(InputError, match=r"expected \(0, 4\)"):
        simulate(GOOD, interventions.policy(3, local=interventions.schedule(3, 0.1)))
    with pytest.raises(InputError, match="set steps_a_day to 20 or more"):
        simulate(replace(GOOD, infectious_days=0.25), settings=Settings(steps_a_day=2))
    record = simulate(GOOD, settings=replace(CERTAIN, days=2))
    with pytest.raises(InputError, match="quantiles"):
        summary(record, [1.5])
    with pytest.raises(InputError, match="above 0"):
        arrival_day(record, 0.0)
    with pytest.raises(InputError, match=r"teleworkable holds 1\.5"):
        labour_loss(record, [1.5])
    with pytest.raises(InputError, match="give both alike"):
        labour_loss(record, [0.5], exempt=[0.1, 0.2])
    with pytest.raises(InputError, match="draw 9"):
        labour_loss(record, [0.5], draw=9)


def test_lost_people_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epidemic, "CONSERVATION", -1.0)
    with pytest.raises(SolveError, match="not conserved"):
        simulate(GOOD, settings=replace(CERTAIN, days=2))
