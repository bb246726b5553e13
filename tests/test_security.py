"""Security: the coupling of an order with shocks, its results, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_worlds import Recipe, random_world
from security_worlds import DAYS, DRAWS, HIT, LUCK, base_under, quiet
from small_world import make_world

import ecumene as ec
from ecumene.errors import InputError, MissingLayerError, ShockError
from ecumene.models import shocks, trade
from ecumene.orders import order_from_text
from ecumene.security import assess, numbers
from ecumene.security.assess import tail_of
from ecumene.security.flows import flows_of
from ecumene.security.parameters import settings_of
from ecumene.shocks import Shock, shock_from_text
from ecumene.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture(scope="module")
def base(world: World) -> shocks.Base:
    return base_under(world, "today")


@pytest.fixture(scope="module")
def comparison(world: World) -> ec.Comparison:
    return ec.compare(world, ["today", "self-sufficient"], shocks=[HIT, LUCK], security=DRAWS, seed=3)


# The coupling with an order


def test_today_starts_from_the_worlds_own_flows() -> None:
    world = random_world(5, 3, np.random.default_rng(5), Recipe(tariff=0.3))
    found = flows_of(trade.solve(world, deficits="fixed"))
    T, t = world.trade.values, world.tariff.values
    assert t.max() > 0.05
    scale = T.sum()
    output = T.sum(axis=1)
    np.testing.assert_allclose(365 * found.output, output, atol=1e-9 * scale)
    inputs_with_duties = world.intermediate.values.sum(axis=1)
    np.testing.assert_allclose(365 * found.value_added, output - inputs_with_duties, atol=1e-9 * scale)
    bought, paid = T.sum(axis=0), (T * (1 + t)).sum(axis=0)
    kept = np.divide(bought, paid, out=np.zeros_like(paid), where=paid > 0)
    final = (world.final.values.sum(axis=2) * kept).sum(axis=1)
    np.testing.assert_allclose(365 * found.consumption.sum(axis=1), final, atol=1e-9 * scale)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), rate=st.floats(0.0, 2.0))
def test_duties_stand_between_what_users_pay_and_what_sellers_receive(seed: int, rate: float) -> None:
    """Cost shares are constant at any tariff: value added is the same share of output, duties on inputs included."""
    world = random_world(4, 2, np.random.default_rng(seed), Recipe(no_home=0.0))
    away = ~np.eye(4, dtype=bool)[:, :, None]
    eq = trade.solve(world, tariff=world.tariff.values + rate * away)
    assert eq.ok
    found = flows_of(eq)
    before = world.trade.values.sum(axis=1)
    share = 1.0 - world.intermediate.values.sum(axis=1) / before
    np.testing.assert_allclose(found.value_added, share * found.output, atol=1e-8 * found.output.max())
    shares = found.mix[..., 0].transpose(2, 1, 0)  # origin, destination, sector
    trade_now = eq.trade.values
    np.testing.assert_allclose(shares * trade_now.sum(axis=0), trade_now, atol=1e-12 * trade_now.max())


def test_without_a_shock_nothing_is_lost_under_any_order(world: World) -> None:
    for order in ("today", "two-blocs", "self-sufficient"):
        found = base_under(world, order)
        record = shocks.simulate(found, [], settings_of(world)[0], days=DAYS, criticality="half")
        loss = shocks.consumption_loss(found, record.consumption.sum(axis=2))
        np.testing.assert_allclose(loss, 0.0, atol=1e-9, err_msg=order)


def test_losses_are_shares_of_each_orders_own_consumption(world: World) -> None:
    before, after = (base_under(world, order) for order in ("today", "self-sufficient"))
    assert np.abs(after.output / before.output - 1).max() > 0.01  # other flows, at other prices
    half = shocks.lost_demand(np.full(before.output.shape, 0.5))
    for found in (before, after):
        record = shocks.simulate(found, [half], shocks.Settings(), days=DAYS, criticality="none")
        loss = shocks.consumption_loss(found, record.consumption.sum(axis=2))
        np.testing.assert_allclose(loss, 0.5, atol=1e-6)


def test_an_order_without_trade_feels_nothing_of_failures_abroad(comparison: ec.Comparison) -> None:
    closed = comparison.data.sel(order="self-sufficient")
    failures = closed["supplier_loss"].values
    away = ~np.eye(len(failures), dtype=bool)
    np.testing.assert_allclose(failures[away], 0.0, atol=1e-10)
    assert (failures[~away] > 1.0).all()
    hit = closed["shock_loss"].sel(shock="hit")
    elsewhere = hit.sel(economy=[code for code in hit["economy"].values if code != "CHN"])
    np.testing.assert_allclose(elsewhere.values, 0.0, atol=1e-10)
    assert (hit.sel(economy="CHN").values > 0.5).all()
    today = comparison.data.sel(order="today")
    assert (today["supplier_loss"].values[away] > 0).all()
    assert (today["shock_loss"].sel(shock="hit", band="most").values > 0.01).all()


def test_levels_are_real_income_times_what_is_left(comparison: ec.Comparison) -> None:
    data = comparison.data
    gain = 1 + data["real_income"].sel(quantile="central", drop=True) / 100
    left = 1 - data["shock_loss"] / 100
    expected = 100 * (gain * left - 1)
    found = data["real_income_after_shock"]
    np.testing.assert_allclose(found.values, expected.transpose(*found.dims).values, atol=1e-9)
    assert found.sel(order="today", shock="hit", economy="CHN", band="central") < 0


def test_two_names_of_one_order_have_the_same_security(world: World) -> None:
    text = "name: other\ntitle: Other\n"
    orders = [order_from_text(text.replace("other", name)) for name in ("one", "two")]
    data = ec.compare(world, orders, shocks=[HIT, LUCK], security=DRAWS, seed=3).data
    for name in ("shock_loss", "expected_loss", "expected_shortfall", "supplier_loss"):
        first, second = data[name].values
        np.testing.assert_array_equal(first, second)


# Results


def test_results_read_back_exactly(comparison: ec.Comparison, tmp_path: Path) -> None:
    loaded = ec.load_result(comparison.save(tmp_path / "c.nc"))
    assert isinstance(loaded, ec.Comparison)
    assert loaded.hash == comparison.hash
    for name in comparison.data.data_vars:
        np.testing.assert_array_equal(loaded.data[name].values, comparison.data[name].values)
        assert loaded.data[name].attrs["units"] == comparison.data[name].attrs["units"]
    run = loaded.provenance[1]
    assert (run.seed, run.draws, run.shocks) == (3, DRAWS, {"hit": HIT.hash, "luck": LUCK.hash})


def test_tidy_rows_name_shock_and_band(comparison: ec.Comparison) -> None:
    rows = comparison.to_frame()
    names = set(rows["variable"])
    assert {"shock_loss:hit", "shock_days_below:hit", "real_income_after_shock:hit"} <= names
    assert {"expected_loss", "expected_shortfall", "expected_shortfall_error", "expected_days_below"} <= names
    assert "supplier_loss" not in names  # by supplier: in the dataset
    some = rows[(rows.variable == "shock_loss:hit") & (rows.economy == "CHN") & (rows.order == "today")]
    assert set(some["quantile"]) == {"least_band", "central", "most_band"}
    for _, row in some.iterrows():
        cell = comparison.data["shock_loss"].sel(
            shock="hit", economy="CHN", order="today", band=row["quantile"].removesuffix("_band")
        )
        assert row["value"] == float(cell)
    assert set(some["unit"]) == {"percent"}


def test_one_order_alone_gives_the_same_numbers(world: World, comparison: ec.Comparison) -> None:
    alone = ec.run(world, "self-sufficient", shocks=[HIT, LUCK], security=DRAWS, seed=3)
    assert alone.hash == comparison["self-sufficient"].hash


def test_another_seed_gives_other_draws(world: World, comparison: ec.Comparison) -> None:
    other = ec.run(world, "today", shocks=[LUCK], security=DRAWS, seed=4)
    here = comparison.data["expected_loss"].sel(order="today")
    assert (other.data["expected_loss"].values != here.values).all()


# What is refused, and what is said


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        ({"security": -1}, "whole number of draws"),
        ({"security": 100_001}, "at most 100,000 years"),
        ({"shocks": ["chip-supply", "chip-supply"]}, "chip-supply is repeated"),
        ({"shocks": ["random"]}, "say how many draws"),
        ({"shocks": ["random", LUCK], "security": 4}, "both happen by chance"),
        ({"shocks": ["chip-suply"]}, "did you mean chip-supply"),
        ({"security": 4, "seed": -1}, "seed"),
    ],
)
def test_questions_that_make_no_sense(world: World, ask: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        ec.run(world, "today", **ask)


def test_a_pandemic_needs_to_know_who_travels(world: World) -> None:
    with pytest.raises(MissingLayerError, match="travel"):
        ec.run(world, "today", shocks=["pandemic"])


def test_every_sector_that_a_world_lacks_is_told(world: World) -> None:
    shock = shock_from_text(
        "name: mine\ntitle: Mine\n"
        "capacity: [{economies: DEU, sectors: [Manufacturs, Food], share: 0.5}]\n"
        "links: [{from: DEU, to: FRA, sectors: chips}]\n"
    )
    with pytest.raises(ShockError) as error:
        ec.run(world, "today", shocks=[shock])
    told = " ".join(error.value.problems)
    assert len(error.value.problems) == 2
    for part in ("capacity[0].sectors", "did you mean 'Manufactures'?", "links[0].sectors", "'chips'"):
        assert part in told


def test_banks_that_nobody_knows() -> None:
    unknown = random_world(3, 2, np.random.default_rng(0))
    with pytest.raises(ShockError, match="'bank-crash' cannot happen") as error:
        ec.run(unknown, "today", shocks=["bank-crash"])
    assert "banks of E000, E001, E002 are not known; leave out its `banks`" in error.value.problems[0]


def test_losses_that_sum_above_one_are_impossible(world: World) -> None:
    """Rules that meet only on the sectors of a world: found before anything is solved, with the shock's name."""
    rules = [
        {"economies": "DEU", "share": 0.6, "length": 20, "sectors": "Manufactures"},
        {"economies": "DEU", "share": 0.6, "start": 10, "length": 5, "sectors": ["Food", "goods"]},
    ]
    told = []
    world = world.with_layers(goods=np.array([1.0, 1.0, 0.0]))
    mine = Shock.model_validate({"name": "mine", "title": "Mine", "days": 30, "capacity": rules})
    with pytest.raises(ShockError, match=r"shock 'mine' cannot happen in this world: .*take 1\.2"):
        ec.run(world, "today", shocks=[mine], progress=lambda *seen: told.append(seen))
    assert not told


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("capacity: [{economies: DEU, share: 0}]", "capacity[0] changes nothing here: its share is 0"),
        (
            "capacity: [{economies: JPN, share: 1}]",
            "capacity[0] changes nothing here: this world has no such industry",
        ),
        ("links: [{from: DEU, to: DEU}]", "links[0] changes nothing here: this world has no such link"),
        (
            "links: [{from: DEU, to: GEO, sectors: Food}]",
            "links[0] changes nothing here: the world has no flows there",
        ),
        ("demand: [{economies: GEO, share: 0}]", "demand[0] changes nothing here: its share is 0"),
        ("banks: {economies: DEU, share: 0}", "banks changes nothing here: no bank loses anything"),
    ],
)
def test_what_changes_nothing_is_told(world: World, rule: str, why: str) -> None:
    without = make_world(missing=("DEU", "Food"))
    shock = shock_from_text(f"name: mine\ntitle: Mine\ndays: 30\n{rule}\n")
    notes = assess.happening_of(shock, without, 0).notes
    assert [note for note in notes if f"Shock 'mine': {why}" in note], notes
    busy = shock_from_text("name: mine\ntitle: Mine\nlinks: [{from: DEU, to: FRA, share: 0.1}]\n")
    assert not any("changes nothing" in note for note in assess.happening_of(busy, world, 0).notes)


def test_accidents_that_never_happen_are_told(world: World) -> None:
    never = shock_from_text(
        "name: never\ntitle: Never\nchance: {sector: {per_year: 0, share: [0, 1], days: [1, 2]}}\n"
    )
    plan = numbers.plan_of(world, [never], 2, 0, None)
    assert plan is not None
    assert any("'never': chance changes nothing here: every frequency is 0" in note for note in plan.notes)


def test_stocks_of_zero_are_impossible(world: World, base: shocks.Base) -> None:
    empty = settings_of(world)[0]._replace(stock_days=0.0)
    with pytest.raises(InputError, match="stock_days"):
        tail_of(base, LUCK, empty, 4, 0, "k", None, quiet)


def test_a_world_says_what_it_lacks_of_a_shock(world: World) -> None:
    text = "name: mine\ntitle: Mine\ndays: 30\ncapacity: [{economies: [CHN, TWN, KOR], share: 0.1}]\n"
    notes = ec.run(world, "today", shocks=[shock_from_text(text)]).provenance.notes
    assert any("lacks: KOR, TWN" in note for note in notes)
    text = text.replace("CHN, ", "")
    happening = assess.happening_of(shock_from_text(text), world, 0)
    assert not happening.events
    assert any("changes nothing here" in note for note in happening.notes)


def test_the_seed_is_of_the_result_only_where_something_is_drawn() -> None:
    world = make_world()
    certain = [ec.run(world, "today", shocks=[HIT], seed=seed, draws=0) for seed in (0, 1)]
    assert certain[0].provenance.seed is None and certain[0].hash == certain[1].hash
    with pytest.raises(InputError, match="below 2\\^63"):
        ec.run(world, "today", shocks=[HIT], seed=2**64)
