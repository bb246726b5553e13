"""Production shocks refuse what cannot happen, and say what, where and the remedy."""

from __future__ import annotations

import numpy as np
import pytest
from shock_worlds import DAYS, R, mirror, world

from ecumene.errors import InputError, SolveError
from ecumene.models import shocks
from ecumene.models.shock_events import Event
from ecumene.models.shocks import Settings

HALF = np.full((2, 2), 0.6)
BAD_EVENTS = {
    "above 1": (lambda: [shocks.lost_capacity(HALF * 2)], "between 0 and 1"),
    "negative": (lambda: [shocks.lost_demand(-HALF)], "between 0 and 1"),
    "not a number": (lambda: [shocks.lost_labour(HALF * np.nan)], "between 0 and 1"),
    "before the start": (lambda: [shocks.lost_capacity(HALF, -1)], "start"),
    "after the end": (lambda: [shocks.lost_capacity(HALF, 60)], "event 0 starts on day 60"),
    "no length": (lambda: [shocks.lost_capacity(HALF, 0, 0)], "length"),
    "half a day": (lambda: [shocks.lost_capacity(HALF, 0, 1.5)], "length"),
    "step with recovery": (lambda: [shocks.lost_capacity(HALF, 0, 1, 5.0)], "a step has recovery 0"),
    "linear without": (lambda: [shocks.lost_capacity(HALF, 0, 1, 0.0, "linear")], "recovery 0"),
    "shape of recovery": (lambda: [shocks.lost_capacity(HALF, 0, 1, 1.0, "cubic")], "shapes of recovery"),
    "wrong axes": (lambda: [shocks.lost_capacity(np.ones((3, 2)))], r"event 0 \('capacity'\).*\(2, 2\)"),
    "sum above one": (lambda: [shocks.lost_capacity(HALF, 0, 9), shocks.lost_capacity(HALF, 8)], "overlap and take"),
    "links above one": (lambda: [shocks.closed_link(0.6 * (1 - np.eye(2)))] * 2, "overlap and take 1.2"),
    "own link": (lambda: [shocks.closed_link(np.eye(2))], "with itself"),
    "capital twice": (lambda: [shocks.destroyed_capital(HALF)] * 2, "destroyed capital adds up to 1.2"),
    "capital and capacity": (lambda: [shocks.destroyed_capital(HALF), shocks.lost_capacity(HALF)], "take 1.2"),
    "no builders": (lambda: [shocks.destroyed_capital(HALF)], "builders"),
    "course with a start": (lambda: [Event("course", np.zeros((60, 2, 2)), start=5)], "a path of its own"),
    "embargo of nothing": (lambda: [shocks.embargo(2, 2, [], [1], [0])], "embargo: origin"),
    "embargo outside": (lambda: [shocks.embargo(2, 2, [0], [2], [0])], "embargo: destination"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_EVENTS)
def test_impossible_events_are_errors(name: str) -> None:
    make, message = BAD_EVENTS[name]
    with pytest.raises(InputError, match=message):
        shocks.simulate(mirror(), make(), days=DAYS)


def test_events_that_do_not_overlap_may_each_take_more_than_half() -> None:
    events = [shocks.lost_capacity(HALF, 0, 8), shocks.lost_capacity(HALF, 8)]
    assert shocks.simulate(mirror(), events, days=DAYS).gap <= 1e-12


BAD_SETTINGS = {
    "no stocks": ({"stock_days": 0.0}, "stock_days of input 0"),
    "stocks of one input": ({"stock_days": [90.0, 0.0]}, "stock_days of input 1"),
    "stocks below a day": ({"stock_days": 1.0}, "psi times stock_days"),
    "stocks by three": ({"stock_days": [90.0, 90.0, 90.0]}, "shape"),
    "restoring": ({"restoring_days": 0.0}, "restoring_days"),
    "psi": ({"psi": 1.1}, "psi is 1.1"),
    "overproduction": ({"overproduction": 0.9}, "overproduction is 0.9"),
    "eta": ({"substitution": -1.0}, "substitution"),
    "response": ({"demand_response": 1.5}, "demand_response"),
    "rating": ({"rating": np.full((2, 2), 1.3)}, "between 0 and 1"),
    "rating unknown": ({"rating": np.full((2, 2), np.nan)}, "between 0 and 1"),
    "no rating": ({"rating": None}, "needs settings.rating"),
    "orders": ({"orders": "all"}, "orders is 'all'; choose one of planned, made"),
    "orders, a number": ({"orders": 1.0}, "orders is 1.0; choose"),
    "rationing": ({"rationing": "fair"}, "rationing is 'fair'; choose one of industries, proportional"),
    "builders": ({"builders": [0.5, 0.6]}, "sum to 1"),
}


@pytest.mark.parametrize("name", BAD_SETTINGS)
def test_impossible_settings_are_errors(name: str) -> None:
    change, message = BAD_SETTINGS[name]
    good = Settings(rating=np.ones((2, 2)))
    with pytest.raises(InputError, match=message):
        shocks.simulate(mirror(), [], good._replace(**change), days=3, criticality="half")


def test_other_bad_words_are_errors() -> None:
    base = mirror()
    for wrong, message in (
        ({"criticality": "some"}, "criticality"), ({"origins": "mixed"}, "origins"), ({"days": 0}, "days"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=message):
            shocks.simulate(base, [], **wrong)
    with pytest.raises(InputError, match="at least one scenario"):
        shocks.simulate_many(base, [])
    with pytest.raises(InputError, match="unknown kind"):
        shocks.ratings(["energy", "magic"])
    with pytest.raises(InputError, match="unknown kind"):
        shocks.ratings(["energy", []])
    assert shocks.ratings(["energy", "service"]).tolist() == [[1.0, 1.0], [0.0, 0.0]]


def test_a_mixed_sector_takes_the_mean_of_its_ratings() -> None:
    """Energy stops everybody and construction stops builders only: of the two together a builder lacks all."""
    mixed = shocks.ratings([["energy", "construction"], "construction", "finance"])
    assert mixed[0].tolist() == [pytest.approx(0.75), 1.0, 0.5]  # own row: (1 + 1 + 0 + 1) / 4
    assert mixed[1].tolist() == [0.5, 1.0, 0.0]
    assert mixed[2].tolist() == [0.5, 0.5, 1.0]


def test_open_accounts_are_errors() -> None:
    w = world(8, tariff=0.0)
    with pytest.raises(InputError, match="spending differ"):
        shocks.from_proportional(w.trade.values, w.intermediate.values, 1.1 * w.final.values)
    with pytest.raises(InputError, match="not negative"):
        shocks.from_proportional(-w.trade.values, w.intermediate.values, w.final.values)
    Z, Y = w.flows()
    with pytest.raises(InputError, match="value added of economy"):
        shocks.from_dense(100 * Z, Y, R)
    with pytest.raises(InputError, match="divide into 4"):
        shocks.from_dense(Z, Y, 4)


def test_a_base_that_does_not_close_stops_the_simulation() -> None:
    """The program counts goods itself: a base tampered with after its checks does not pass."""
    base = mirror()
    broken = base._replace(mix=np.asarray(base.mix) * np.array([1.0, np.nan])[None, None, :, None])
    with pytest.raises(SolveError, match="not conserved"):
        shocks.simulate(broken, [], days=DAYS)
