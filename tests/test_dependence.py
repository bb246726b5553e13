"""The vector of sovereignty: tiny worlds by hand, what is missing, random worlds, orders and the composite."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_worlds import random_world, renamed
from small_world import ECONOMIES, make_world

import ecumene as ec
from ecumene import countries
from ecumene.dependence import alliances, composite
from ecumene.dependence.entries import ENTRIES, GROUPS
from ecumene.dependence.flows import Flows, resources
from ecumene.dependence.layers import sides
from ecumene.dependence.numbers import MEASURES
from ecumene.dependence.political import close_to
from ecumene.errors import InputError, OrderError, WorldError
from ecumene.models import sovereignty as models
from ecumene.orders import defence, order_from_text
from ecumene.orders.clubs import clubs_of
from ecumene.world import World

FEW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
LAYERS = {
    "population": np.array([2e6, 5e5]),
    "area": np.array([1000.0, 50.0]),
    "arable_land": np.array([0.4, 0.0]),
    "landlocked": np.array([True, False]),
    "contiguity": np.array([[False, True], [True, False]]),
    "distance": np.array([[10.0, 2000.0], [2000.0, 10.0]]),
    "military_spending": np.array([3.0, 0.7]),
    "oil_production": np.array([1000.0, 0.0]),
    "oil_reserves": np.array([10.0, 0.0]),
    "gas_production": np.array([50.0, 0.0]),
    "gas_reserves": np.array([2.0, 0.1]),
    "coal_production": np.array([4.0, 0.0]),
    "coal_reserves": np.array([0.5, 0.0]),
    "ideal_point": np.array([1.5, -0.25]),
}


def pair(**changes: object) -> World:
    """Two economies and one sector: A = [[.2, .1], [.3, .4]], half of output is value added."""
    options: dict = {"economies": ["DEU", "RUS"], "sectors": ["agriculture"], "year": 2019, "theta": [5.0]}
    return World.from_trade(
        np.array([[40.0, 20.0], [60.0, 80.0]])[:, :, None],
        np.full((2, 1), 0.5),
        np.ones((2, 1, 1)),
        **{**options, **changes},
    )


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


# By hand -----------------------------------------------------------------------------------------


def test_the_vector_of_two_economies_by_hand() -> None:
    data = ec.sovereignty(pair(layers=LAYERS, deficits="fixed"), power="none").data
    # L = [[.6, .1], [.3, .8]] / .45, v = .5 (the same example stands in test_sovereignty).
    expected = {
        "reliance_gross": [200 / 3, 200 / 9],
        "reliance_value_added": [100 / 3, 100 / 9],
        "largest_partner_share": [100.0, 100.0],
        "partner_concentration": [1.0, 1.0],
        "strategic_products": [1.0, 0.0],  # 60 of 100 bought abroad from one source, 20 sold
        "strategic_import_share": [100.0, 0.0],
        "least_stock_days": [60.0, np.nan],  # of agriculture, in security/parameters
        "food_self_sufficiency": [60.0, 140.0],  # 60 of 100 used, 140 of 100
        "energy_self_sufficiency": [np.nan, np.nan],
        "oil_reserve_years": [10e9 / (1e6 * 365), np.nan],
        "gas_reserve_years": [2e12 / 50e9, np.nan],
        "coal_reserve_years": [0.5e9 / 4e6, np.nan],
        "arable_land_per_head": [0.2, 0.0],
        "military_share": [10.0, 1.0],  # of value added 30 and 70
        "contest_alone": [100 * 3 / (3 + 0.7 / np.e), 100 * 0.7 / (0.7 + 3 / np.e)],
        "ideal_point": [1.5, -0.25],
        "ideal_distance_to_suppliers": [1.75, 1.75],
        "landlocked": [1.0, 0.0],
        "neighbours": [1.0, 1.0],
        "area_per_head": [0.05, 0.01],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(data[name].values, values, rtol=1e-12, err_msg=name)
        assert data[name].attrs["units"]
    np.testing.assert_allclose(
        data["reliance_value_added_on"].values, [[200 / 3, 100 / 3], [100 / 9, 800 / 9]]
    )
    # Feenstra's price of lost variety by its weight h: home .4, half of cost is the input: h = 1 / (1 - .5 .4).
    assert data["worst_chokepoint"].values[0] == pytest.approx(100 * -np.log(0.4) / 5 / 0.8, rel=1e-12)


def test_closeness_of_memberships_by_hand() -> None:
    clubs = (("A", frozenset({"DEU", "FRA"}), 3), ("B", frozenset({"FRA", "RUS"}), 0))
    near = close_to(("DEU", "FRA", "RUS", "ROW"), clubs)
    assert near[0, 1] == pytest.approx(0.8)
    assert near[1, 2] == pytest.approx(0.2)
    assert near[0, 2] == 0.0
    assert np.isnan(near[3]).all()  # memberships of an aggregate are not known, which is not none


def test_energy_counts_refined_fuels_that_cross_the_border() -> None:
    flows = np.zeros((2, 2, 3))
    flows[0, 0], flows[1, 1] = [30.0, 5.0, 9.0], [10.0, 5.0, 9.0]
    flows[0, 1] = [10.0, 0.0, 1.0]
    flows[1, 0] = [0.0, 6.0, 3.0]
    codes = ("energy_extraction", "refined_fuels", "other_mining")
    made = Flows(flows, np.zeros((2, 3, 3)), np.zeros((2, 2, 3)), "trade", 2019)
    found = resources(made, codes)
    np.testing.assert_allclose(
        found["energy_self_sufficiency"].values, [100 * 40 / (40 - 10 + 6), 100 * 10 / (10 + 10 - 6)]
    )
    np.testing.assert_allclose(
        found["minerals_self_sufficiency"].values, [100 * 10 / (10 - 1 + 3), 100 * 12 / (12 + 1 - 3)]
    )
    coarse = resources(made, ("c2", "c8", "c9"))["energy_self_sufficiency"]
    assert np.isnan(coarse.values).all()
    assert "energy alone" in coarse.reason


def test_sides_of_a_contest() -> None:
    economies = ("DEU", "FRA", "RUS", "CHN")
    alliances = {"one": frozenset({"DEU", "FRA"})}
    allies, rivals = sides(economies, alliances, None)
    np.testing.assert_array_equal(allies[0], [False, True, False, False])
    np.testing.assert_array_equal(rivals[0], [False, False, True, True])
    np.testing.assert_array_equal(rivals[2], [True, True, False, True])
    allies, rivals = sides(economies, alliances, frozenset({"FRA"}))
    assert not allies.any()  # a named rival is nobody's ally
    np.testing.assert_array_equal(rivals.sum(axis=1), [1, 0, 1, 1])


# What is missing -------------------------------------------------------------------------------------


def test_a_missing_layer_is_missing_with_the_remedy_and_never_zero() -> None:
    found = ec.sovereignty(pair(), power="none")
    for layer in LAYERS:
        about = [name for name in found.measures if layer in found.data[name].attrs["layer"]]
        assert about, layer
        for name in about:
            assert np.isnan(found.data[name].values).all(), name
            assert f"{layer}=..." in found.data[name].attrs["reason"], name
            assert "year" not in found.data[name].attrs
    rows = found.to_frame().set_index("measure").loc["landlocked"]
    assert set(rows["status"]) == {"missing"}
    assert rows["reason"].str.contains("with_layers").all()


def test_every_measure_is_declared_and_says_where_it_is_from() -> None:
    found = ec.sovereignty(pair(layers=LAYERS), ["DEU"])
    assert set(found.measures) == {entry.name for entry in ENTRIES}
    assert [found.data[name].attrs["group"] for name in found.measures] == [entry.group for entry in ENTRIES]
    assert {entry.group for entry in ENTRIES} == set(GROUPS)
    known = [name for name in found.measures if np.isfinite(found.data[name].values).any()]
    assert all(found.data[name].attrs["year"] == 2019 for name in known)
    assert all(found.data[name].attrs["layer"] for name in found.measures)


def test_a_layer_may_be_of_another_year_and_keeps_it(tmp_path: Path) -> None:
    older = xr.DataArray(LAYERS["military_spending"], dims=("economy",), attrs={"year": 2016})
    made = pair(layers={**LAYERS, "military_spending": older})
    made.save(tmp_path / "w.ecm")
    for each in (made, World.load(tmp_path / "w.ecm"), made.with_layers(area=np.ones(2))):
        data = ec.sovereignty(each, power="none").data
        assert data["military_share"].attrs["year"] == 2016
        assert data["contest_alone"].attrs["year"] == 2016  # the older of spending and distance
        assert data["landlocked"].attrs["year"] == 2019
    merged = make_world(
        layers={"population": xr.DataArray(np.ones(6), dims=("economy",), attrs={"year": 2001})}
    ).aggregate({"DEU": "EUR", "FRA": "EUR"})
    assert merged.layers["population"].attrs["year"] == 2001
    with pytest.raises(WorldError, match="whole number"):
        pair(layers={"area": xr.DataArray(np.ones(2), dims=("economy",), attrs={"year": "old"})})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"economies": ["Frnace"]}, "did you mean FRA"),
        ({"economies": []}, "at least one economy"),
        ({"economies": ["JPN"]}, "has no JPN"),
        ({"economies": 5}, "economies: 5 is no list of names"),
        ({"economies": ["DEU", 5]}, "no list of names"),
        ({"blocs": 5}, "blocs: 5 is no list of names"),
        ({"blocs": {"two": 5}}, "members of two: 5"),
        ({"rivals": [None]}, "rivals"),
        ({"economies": ["FRA", "France"]}, "FRA is named twice"),
        ({"blocs": ["DEU+DEU"]}, "DEU is named twice"),
        ({"blocs": ["EU+DEU"]}, "DEU is named twice"),
        ({"blocs": ["EU", "EU"]}, "the bloc EU is named twice"),
        ({"blocs": ["ASEAN"]}, "no economy of this world"),
        ({"blocs": {"all": ECONOMIES}}, "every economy of this world"),
        ({"blocs": ["Atlantis"]}, "no economy of this world and no union"),
        ({"rivals": "Japan"}, "none of the rivals JPN"),
        ({"alliances": ["NATOO"]}, "did you mean NATO"),
        ({"decay_km": 0.0}, "decay_km"),
        ({"blocs": ["EU"], "power": "none"}, "power='none'"),
        ({"power": "some"}, "asked, all, none"),
        ({"links": -1}, "links is -1"),
        ({"links": True}, "links is True"),
        ({"weights": {"landlocked": 1.0}}, "missing for some"),
        ({"weights": {"military_share": 1.0}}, "no measure military_share to weigh"),
        ({"weights": {"reliance_gross": -1.0}}, "above 0"),
        ({"weights": "evenly"}, "equal"),
        ({"weights": {"worst_cut": 1.0}}, "power='all'"),
        ({"weights": {}}, "equal"),
        ({"weights": "equal", "seed": -1}, "seed is -1"),
        ({"workers": 0}, "workers"),
    ],
)
def test_what_cannot_be_measured_says_why(world: World, given: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        ec.sovereignty(world, **given)


def test_no_world_and_no_order() -> None:
    with pytest.raises(InputError, match="load_world"):
        ec.sovereignty("reference")  # type: ignore[arg-type]
    with pytest.raises(OrderError, match="two-blocs"):
        ec.sovereignty(pair(), order="two-blok")


def test_the_reference_world_knows_all_but_votes_and_agrees_with_what_is_known_of_it() -> None:
    found = ec.sovereignty(ec.load_world("reference"), power="none")
    data = found.data
    nobody = [name for name in found.measures if np.isnan(data[name].values).all()]
    assert nobody == ["ideal_point", "ideal_distance_to_suppliers"]
    for name in found.measures:
        assert np.isfinite(data[name].values).all() or data[name].attrs["reason"], name

    def of(name: str, *codes: str) -> np.ndarray:
        return data[name].sel(economy=list(codes)).values

    assert (of("energy_self_sufficiency", "RUS", "SAU", "NOR", "AUS") > 100).all()
    assert (of("energy_self_sufficiency", "JPN", "KOR", "DEU", "ITA") < 40).all()
    assert (of("landlocked", "ARM", "CHE", "GEO", "JPN") == [1, 1, 0, 0]).all()
    assert (of("neighbours", "PRT", "JPN") == [1, 0]).all()
    assert of("reliance_value_added", "LUX")[0] > of("reliance_value_added", "USA")[0]
    assert data["closeness"].sel(economy="DEU", partner="FRA") > data["closeness"].sel(
        economy="DEU", partner="CHN"
    )
    assert of("contest_with_allies", "DEU")[0] > of("contest_alone", "DEU")[0]


# Properties ---------------------------------------------------------------------------------------


@FEW
@given(st.integers(0, 10**6))
def test_random_worlds(seed: int) -> None:
    world = random_world(4, 3, np.random.default_rng(seed))
    data = ec.sovereignty(world, power="none").data
    chains = models.supply_chains(world.trade.values, world.intermediate.values, world.tariff.values)
    slow = models.reliance(chains)
    quick = models.economies_reliance(chains, chains.output)
    for name in ("gross", "value_added", "gross_by_sector", "value_added_by_sector", "duties"):
        mean = models.reliance_of_economies(getattr(slow, name), chains.output)
        np.testing.assert_allclose(getattr(quick, name), mean, rtol=1e-9, atol=1e-12, err_msg=name)
    share = data["reliance_value_added"].values
    assert ((share >= 0) & (share <= 100)).all()
    on = data["reliance_value_added_on"].values
    np.testing.assert_allclose(on.sum(axis=1) + 100 * quick.duties, 100.0, rtol=1e-9)
    np.testing.assert_allclose(on.sum(axis=1) - np.diagonal(on), share, rtol=1e-9)
    assert (data["largest_partner_share"].values >= 100 / 3 - 1e-9).all()  # of three partners


@FEW
@given(st.integers(0, 10**6))
def test_relabelling_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    world = random_world(4, 3, rng)
    economies, goods = list(rng.permutation(4)), list(rng.permutation(3))
    one = ec.sovereignty(world, power="none").data
    other = ec.sovereignty(renamed(world, economies, goods), power="none").data.reindex_like(one)
    for name in one.data_vars:
        np.testing.assert_allclose(other[name].values, one[name].values, rtol=1e-9, atol=1e-9, err_msg=name)


# Under an order --------------------------------------------------------------------------------------


def test_today_is_what_the_data_say_and_closing_all_ends_reliance() -> None:
    world = make_world(deficits="fixed")
    data, today, alone = (
        ec.sovereignty(world, power="none", order=order).data for order in (None, "today", "self-sufficient")
    )
    for name in data.data_vars:
        np.testing.assert_allclose(today[name].values, data[name].values, rtol=1e-7, atol=1e-9, err_msg=name)
    assert (alone["reliance_gross"].values == 0).all()
    assert (alone["reliance_value_added"].values == 0).all()
    assert np.isnan(alone["largest_partner_share"].values).all()  # nobody to share with: not 0
    assert (alone["strategic_products"].values == 0).all()


def test_an_order_changes_memberships_and_alliances() -> None:
    layers = {"military_spending": np.arange(1.0, 7.0), "distance": np.full((6, 6), 1000.0)}
    world = make_world(layers={**layers, "population": np.ones(6)})
    ended = order_from_text("name: ended\ntitle: Ended\ndissolve: [NATO]\n")
    united = order_from_text(
        "name: united\ntitle: United\nblocs:\n  pair: {members: [RUS, CHN], depth: 6, external_tariff: own}\n"
    )
    base, without, deep = (
        ec.sovereignty(world, power="none", order=order).data.sel(economy="DEU")
        for order in (None, ended, united)
    )
    # DEU 1, FRA 2 and USA 3 are allies, at e^(-1/2) in a contest with the rest.
    near = np.exp(-0.5)
    assert base["contest_with_allies"].item() == pytest.approx(
        100 * (1 + 5 * near) / (1 + 5 * near + 15 * near), rel=1e-12
    )
    assert without["contest_with_allies"].item() == pytest.approx(without["contest_alone"].item(), rel=1e-12)
    assert deep["contest_with_allies"].item() == pytest.approx(base["contest_with_allies"].item(), rel=1e-12)
    china = ec.sovereignty(world, "CHN", power="none", order=united).data
    assert china["contest_with_allies"].item() == pytest.approx(
        100 * (4 + 5 * near) / (4 + 5 * near + 12 * near), rel=1e-12
    )
    names = {club.name for club in clubs_of(united, world.economies, 2019)}
    assert "pair" in names
    assert "NATO" in names
    assert "NATO" not in {club.name for club in clubs_of(ended, world.economies, 2019)}
    assert deep["closeness"].sel(partner="FRA").item() == base["closeness"].sel(partner="FRA").item()


def test_the_seat_of_rivals_is_told(world: World) -> None:
    layers = {"military_spending": np.ones(6), "distance": np.full((6, 6), 1000.0), "population": np.ones(6)}
    found = ec.sovereignty(make_world(layers=layers), power="none", rivals=["RUS", "China"], decay_km=500.0)
    note = found.data["contest_alone"].attrs["note"]
    assert "rivals are CHN, RUS" in note
    assert "500 km (assumption)" in note
    assert found.data["contest_alone"].sel(economy="GEO").item() == pytest.approx(100 / (1 + 2 * np.exp(-2)))


# Composite -------------------------------------------------------------------------------------------


def test_percentiles_by_hand() -> None:
    np.testing.assert_allclose(composite.percentile(np.array([3.0, 1.0, 3.0])), [75.0, 0.0, 75.0])
    np.testing.assert_allclose(composite.percentile(np.array([1.0])), [50.0])


def test_a_composite_only_where_asked_with_visible_weights_and_a_band(world: World) -> None:
    assert "composite" not in ec.sovereignty(world).data
    weights = {"reliance_gross": 3.0, "worst_chokepoint": 1.0}
    found = ec.sovereignty(world, weights=weights, seed=1)
    data = found.data
    ranks = [composite.percentile(-data[name].values) for name in weights]
    np.testing.assert_allclose(data["composite"].values, 0.75 * ranks[0] + 0.25 * ranks[1], rtol=1e-12)
    low, middle, high = data["composite_band"].values.T
    # With two measures each weighting lies between the two ranks.
    floor, top = np.minimum(*ranks), np.maximum(*ranks)
    assert ((floor - 1e-9 <= low) & (low <= middle) & (middle <= high) & (high <= top + 1e-9)).all()
    assert (high - low).max() > 1.0
    assert "reliance_gross 75 %" in data["composite"].attrs["layer"]
    assert any("worst_chokepoint 25 %" in note for note in found.provenance.notes)
    assert found.provenance.seed == 1
    assert ec.sovereignty(world, weights=weights, seed=1).hash == found.hash
    assert ec.sovereignty(world, weights=weights, seed=2).hash != found.hash


def test_equal_weights_name_what_they_leave_out(world: World) -> None:
    found = ec.sovereignty(world, "GEO", power="none", weights="equal")
    (note,) = [text for text in found.provenance.notes if text.startswith("The composite weighs")]
    assert "landlocked" in note.partition("Left out")[2]
    assert 0 <= found.data["composite"].item() <= 100


# In comparisons and files -----------------------------------------------------------------------------


def test_compare_reports_how_each_order_changes_it() -> None:
    layers = {"military_spending": np.arange(1.0, 7.0), "distance": np.full((6, 6), 1000.0)}
    world = make_world(
        deficits="fixed", layers={**layers, "population": np.ones(6), "ideal_point": np.arange(6.0)}
    )
    united = order_from_text(
        "name: united\ntitle: United\nblocs:\n  pair: {members: [RUS, CHN], depth: 6, external_tariff: own}\n"
    )
    table = ec.compare(world, ["today", "two-blocs", "self-sufficient"], sovereignty=True)
    deep = ec.compare(world, ["today", united], sovereignty=True).data
    allied = deep["contest_with_allies"].sel(economy="CHN", quantile="central").values
    assert allied[1] > allied[0]
    near = deep["closeness_to_suppliers"].sel(economy="CHN", quantile="central").values
    assert near[1] != pytest.approx(near[0], rel=1e-3)
    for order in table.orders:
        alone = ec.sovereignty(world, order=order).data
        for name in MEASURES:
            if name not in table.data:
                assert np.isnan(alone[name].values).all(), name
                continue
            values = table.data[name].sel(order=order, quantile="central").values
            np.testing.assert_allclose(values, alone[name].values, rtol=1e-9, atol=1e-12, err_msg=name)
    partner = table.data["reliance_value_added_on"].sel(quantile="central", order="today")
    np.testing.assert_allclose(partner.sum("partner").values, 100.0, rtol=1e-9)
    frame = table.to_frame()
    assert (frame["variable"] == "reliance_gross").sum() == 3 * 6 * 3
    assert "reliance_value_added_on" not in set(frame["variable"])
    assert "reliance_gross" not in ec.compare(world, ["today"]).data


def test_files_read_back_exactly(world: World, tmp_path: Path) -> None:
    found = ec.sovereignty(world, ["GEO", "DEU"], blocs=["EU"], weights="equal", links=2)
    again = ec.load_result(found.save(tmp_path / "s.nc"))
    assert isinstance(again, ec.Sovereignty)
    assert again.data.identical(found.data)
    assert again.provenance == found.provenance
    assert again.hash == found.hash
    table = ec.compare(world, ["today"], sovereignty=True)
    assert ec.load_result(table.save(tmp_path / "t.nc")).hash == table.hash
    rows = found.to_frame()
    assert list(rows.columns) == [
        "economy", "group", "measure", "with", "unit", "value", "status", "layer", "year", "reason",
    ]  # fmt: skip
    assert set(rows["economy"]) == {"GEO", "DEU"}
    assert (rows["value"].isna() == (rows["status"] == "missing")).all()
    pairs = rows[(rows["measure"] == "loss_if_cut_off") & (rows["economy"] == "GEO")]
    assert list(pairs["with"]) == list(world.economies)


def test_the_default_alliances_are_in_the_table() -> None:
    names = {club.name for club in clubs_of(None, (), 2019)}
    assert set(alliances.ALLIANCES) - {alliances.TREATIES} <= names


def test_treaties_of_two_make_allies_in_their_years() -> None:
    assert {("JPN", "USA"), ("KOR", "USA"), ("AUS", "NZL")} <= set(defence.in_force(2019))
    assert ("NZL", "USA") in defence.in_force(1985)
    assert ("NZL", "USA") not in defence.in_force(1986)
    assert ("PRK", "RUS") not in defence.in_force(2023)
    pairs = [treaty.parties for treaty in defence.treaties()]
    assert len(set(pairs)) == len(pairs)
    assert all(list(pair) == sorted(set(pair) & set(countries.countries())) for pair in pairs)
    assert all(treaty.source for treaty in defence.treaties())
    layers = {"military_spending": np.arange(1.0, 7.0), "distance": np.full((6, 6), 2000.0)}
    world = make_world(layers=layers, economies=("JPN", "KOR", "USA", "CHN", "RUS", "GEO"))

    def share(code: str, **given: object) -> float:
        found = ec.sovereignty(world, code, power="none", **given)  # pyright: ignore[reportArgumentType]
        return found.data["contest_with_allies"].item()

    near = np.exp(-1)
    # JPN 1 and USA 3 are allies; KOR 2, an ally of the USA only, is on the other side with the rest.
    assert share("JPN") == pytest.approx(100 * (1 + 3 * near) / (1 + 20 * near), rel=1e-12)
    assert share("USA") == pytest.approx(100 * (3 + 3 * near) / (3 + 18 * near), rel=1e-12)
    alone = 100 / (1 + 20 * near)
    assert share("JPN", alliances=("NATO", "CSTO")) == pytest.approx(alone, rel=1e-12)
    assert "JPN+USA" in ec.sovereignty(world, "JPN", power="none").data["contest_alone"].attrs["note"]
