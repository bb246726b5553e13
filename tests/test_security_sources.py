"""What security rests on: epidemics and banks on a world, and the parameters of sectors."""

from __future__ import annotations

import numpy as np
import pytest
from small_world import make_world

import ecumene as ec
from ecumene import load_world, sectors
from ecumene.errors import InputError, ShockError
from ecumene.models.shock_settings import INPUT_KINDS
from ecumene.security import assess, parameters
from ecumene.security.parameters import settings_of
from ecumene.shocks import Shock, shock_from_text
from ecumene.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


# Epidemics and banks on a world


@pytest.fixture(scope="module")
def travelling() -> World:
    people = np.array([83, 67, 328, 1398, 144, 3.7]) * 1e6
    trips = 1e-3 * np.sqrt(people[:, None] * people[None])
    np.fill_diagonal(trips, 0.0)
    return make_world(layers={"population": people, "travel": trips})


def work_lost(world: World, more: str = "") -> np.ndarray:
    text = "name: ill\ntitle: Ill\ndays: 60\nepidemic:\n  from: CHN\n  first_cases: 10000\n" + more
    happening = assess.happening_of(shock_from_text(text), world, 0)
    return happening.events[0].lost


def test_an_epidemic_keeps_people_from_work_and_closed_borders_keep_it_where_it_is(travelling: World) -> None:
    china = travelling.economies.index("CHN")
    open_ = work_lost(travelling)
    assert open_.shape == (60, 6, 3)
    assert 0 <= open_.min() <= open_.max() <= 1
    assert (open_[-1] > 0).all()
    closed = work_lost(travelling, "  borders: [{economies: all, share: 1}]\n")
    abroad = np.arange(6) != china
    np.testing.assert_array_equal(closed[:, abroad], 0.0)
    assert closed[-1, china].max() > 0


def test_measures_keep_healthy_people_at_home(travelling: World) -> None:
    without = work_lost(travelling)
    with_measures = work_lost(travelling, "  measures: [{economies: DEU, share: 0.4}]\n")
    germany = travelling.economies.index("DEU")
    assert (with_measures[:, germany] > without[:, germany]).all()


def test_an_epidemic_begins_somewhere(travelling: World) -> None:
    shock = shock_from_text("name: ill\ntitle: Ill\nepidemic: {from: KOR}\n")
    with pytest.raises(ShockError, match="name where the epidemic begins"):
        assess.happening_of(shock, travelling, 0)


def test_a_travel_matrix_with_holes_is_refused(travelling: World) -> None:
    holes = travelling.layers["travel"].values.copy()
    holes[0, 1] = np.nan
    with pytest.raises(InputError):
        hollow = make_world(layers={"population": travelling.layers["population"].values, "travel": holes})
        work_lost(hollow)


def test_a_bank_crash_costs_capacity_most_where_loans_go_bad(world: World) -> None:
    happening = assess.happening_of(ec_shock("bank-crash"), world, 0)
    (event,) = happening.events
    assert event.kind == "capacity"
    assert int(event.lost[:, 0].argmax()) == world.economies.index("USA")
    assert (event.lost > 0).all()  # losses travel
    again = assess.happening_of(ec_shock("bank-crash"), world, 0)
    np.testing.assert_array_equal(event.lost, again.events[0].lost)


@pytest.mark.parametrize("codes", [["USA"], ["USA", "GBR", "DEU", "JPN"]])
def test_a_bank_crash_happens_where_most_systems_are_one(codes: list[str]) -> None:
    """Claims inside the rest of the world net out: where loans go bad the loss is nearly that in the whole world."""
    whole = load_world("reference")
    few = whole.select(codes)
    lost = {}
    for given in (whole, few):
        happening = assess.happening_of(ec_shock("bank-crash"), given, 0)
        lost[len(given.economies)] = {
            code: happening.events[0].lost[given.economies.index(code), 0] for code in codes
        }
    small, large = lost.values()
    for code in set(codes) & {"USA", "GBR"}:
        assert large[code] == pytest.approx(small[code], rel=0.1), code
    assert lost[len(few.economies)]["USA"] > 0.03


def test_a_bank_crash_in_economies_that_a_world_lacks_is_told() -> None:
    happening = assess.happening_of(ec_shock("bank-crash"), load_world("reference").select(["DEU"]), 0)
    assert not happening.events[0].lost.any()
    assert any("lacks: GBR, USA" in note for note in happening.notes)


def ec_shock(name: str) -> Shock:
    from ecumene.shocks import load_shock

    return load_shock(name)


# Parameters


def test_every_kind_of_sector_has_parameters_with_a_source() -> None:
    assert set(parameters.TABLE) == set(sectors.KINDS)
    for name, kind in parameters.TABLE.items():
        assert kind.stock_days > 0, name
        assert kind.input_kind in INPUT_KINDS, name
        assert "assumption" in kind.source or any(char.isdigit() for char in kind.source), name
    assert sum(parameters.BUILDERS.values()) == pytest.approx(1)
    assert set(parameters.BUILDERS) <= set(sectors.KINDS)


def test_the_reference_world_has_parameters_of_its_sectors() -> None:
    world = ec.load_world("reference")
    found, notes = settings_of(world)
    assert not notes
    days = dict(zip(world.sectors, np.asarray(found.stock_days), strict=True))
    assert days["agriculture"] == 60
    assert days["vehicles"] == pytest.approx((30 + 45) / 2, abs=8)  # parts of just-in-time and other vehicles
    assert found.builders is not None
    assert np.asarray(found.builders).sum() == pytest.approx(1)


def test_unknown_sectors_are_said_to_be_assumed(world: World) -> None:
    found, notes = settings_of(world)
    assert found.stock_days == parameters.UNKNOWN
    assert len(notes) == 1
    assert "assumed in every sector" in notes[0]
