"""The embedded reference world: closed accounts, kept totals, a verified file, and its measured quality."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from ecumene.errors import SourceError
from ecumene.sources import load_world
from ecumene.sources.reference import build, facts, gravity, load_reference, stored, technology
from ecumene.world import World

QUALITY = Path(__file__).resolve().parents[1] / "benchmarks" / "reference_quality.py"


@pytest.fixture(scope="module")
def world() -> World:
    return load_reference()


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return facts.load_facts()


def test_load_world_knows_it(world: World) -> None:
    assert load_world("reference").hash == world.hash
    assert world.year == 2019
    assert world.deficits == "fixed"
    assert len(world.sectors) == 16 and len(world.economies) == 145
    assert "Caliendo and Parro" in world.theta_source


def test_every_account_closes_and_nothing_is_clipped(world: World) -> None:
    spending = (world.trade.values * (1.0 + world.tariff.values)).sum(axis=0)
    bought = world.intermediate.values.sum(axis=2) + world.final.values.sum(axis=2)
    total = world.trade.values.sum()
    assert np.abs(spending - bought).max() / total < 1e-12
    costs = world.intermediate.values.sum(axis=1) + world.value_added.values
    assert np.abs(costs - world.output.values).max() / total < 1e-12
    assert abs(world.deficit.values.sum()) / total < 1e-12
    assert world.cleaning is None
    assert (world.final.values.sum(axis=2) > 0.0).all()


def test_income_is_value_added_tariffs_and_deficit(world: World) -> None:
    parts = world.value_added.values.sum(axis=1) + world.tariff_revenue.values + world.deficit.values
    assert world.income.values == pytest.approx(parts, rel=1e-9)


def test_gdp_and_sector_shares_are_the_facts(world: World, table: pd.DataFrame) -> None:
    gdp = 1e3 * table["gdp"].to_numpy()
    assert world.value_added.values.sum(axis=1) == pytest.approx(gdp, rel=5e-3)
    shares = table[[f"va_{code}" for code in world.sectors]].to_numpy()
    assert np.abs(world.value_added.values / gdp[:, None] - shares).max() < 5e-3


@pytest.mark.parametrize("flow", ["exports", "imports"])
def test_trade_totals_are_the_facts_up_to_the_worlds_own_gap(
    world: World, table: pd.DataFrame, flow: str
) -> None:
    """World exports and imports of the facts differ by 7 % in services; half of that moves each economy."""
    typed = 1e3 * (table[f"{flow}_goods"] + table[f"{flow}_services"]).to_numpy()
    assert getattr(world, flow).values == pytest.approx(typed, rel=0.04)


def test_structure_of_exports_follows_the_facts(world: World, table: pd.DataFrame) -> None:
    trade = world.trade.values
    exports = trade.sum(axis=1) - np.einsum("iis->is", trade)
    groups, goods = facts.sectors()["commodity_groups"], facts.sectors()["goods"].to_numpy(bool)
    for group in ("food_agriculture", "fuels"):
        inside = np.array([group in cell for cell in groups])
        share = exports[:, inside].sum(axis=1) / exports[:, goods].sum(axis=1)
        far = np.abs(share - table[f"share_{group}"].to_numpy()) > 0.05
        assert far.sum() <= 2, list(table.index[far])


def test_zeros_of_the_facts_stay_zero_and_are_told(world: World, table: pd.DataFrame) -> None:
    shares = table[[f"va_{code}" for code in world.sectors]].to_numpy()
    assert ((world.output.values == 0.0) == (shares == 0.0)).all()
    assert any("do not make" in note and "refined_fuels (33)" in note for note in world.notes)


def test_tariffs_are_mfn_averages_and_zero_inside_agreements(world: World, table: pd.DataFrame) -> None:
    rate = world.tariff.sel(sector="vehicles")
    assert float(rate.sel(origin="FRA", destination="DEU")) == 0.0
    assert float(rate.sel(origin="RUS", destination="KAZ")) == 0.0
    other = table.loc["DEU", "tariff_nonagriculture"]
    assert float(rate.sel(origin="CHN", destination="DEU")) == pytest.approx(float(other) / 100.0)
    food = world.tariff.sel(origin="BRA", destination="IND", sector="food")
    assert float(food) == pytest.approx(float(table.loc["IND", "tariff_agriculture"]) / 100.0)
    services = [
        code for code, goods in zip(world.sectors, world.layers["goods"].values, strict=True) if not goods
    ]
    assert len(services) == 4
    assert (world.tariff.sel(sector=services).values == 0.0).all()


def test_layers(world: World) -> None:
    assert float(world.layers["population"].sel(economy="DEU")) == pytest.approx(83.1e6, rel=0.01)
    assert float(world.layers["military_spending"].sel(economy="USA")) == pytest.approx(732e3, rel=0.01)
    distance = world.layers["distance"]
    assert float(distance.sel(origin="DEU", destination="FRA")) == pytest.approx(600, rel=0.35)
    assert (distance.values > 0).all() and (distance.values == distance.values.T).all()
    border = world.layers["contiguity"]
    assert bool(border.sel(origin="GEO", destination="TUR")) and not bool(
        border.sel(origin="GEO", destination="KAZ")
    )
    assert bool(world.layers["landlocked"].sel(economy="KGZ"))
    assert str(world.layers["economy_name"].sel(economy="TUR").values) == "Türkiye"
    for name in ("oil", "gas", "coal"):
        assert f"{name}_production" in world.layers and f"{name}_reserves" in world.layers


def test_the_world_looks_like_the_world(world: World) -> None:
    gdp = world.value_added.values.sum(axis=1)
    openness = dict(
        zip(world.economies, (world.exports.values + world.imports.values) / 2 / gdp, strict=True)
    )
    assert openness["USA"] < 0.15 < openness["CHN"] < 0.25 < openness["DEU"] < 0.5 < 0.9 < openness["SGP"]
    total = world.trade.values.sum(axis=2)
    np.fill_diagonal(total, 0.0)

    def largest(code: str, count: int) -> set[str]:
        return {world.economies[k] for k in np.argsort(-total[world.economies.index(code)])[:count]}

    assert largest("MEX", 1) == largest("CAN", 1) == {"USA"}
    assert {"USA", "FRA"} <= largest("DEU", 5)
    assert {"USA", "JPN", "KOR"} <= largest("CHN", 5)
    assert {"RUS", "CHN"} <= largest("GEO", 5)


def test_the_packaged_file_is_small_and_verified() -> None:
    assert stored.PACKAGED.stat().st_size < 2_000_000
    arrays, digest = stored.read()
    assert stored.fingerprint(arrays) == digest
    assert (arrays.trade >= 0.0).all()


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    arrays, _ = stored.read()
    path = stored.write(arrays, tmp_path / "world.npz")
    assert stored.read(path)[1] == stored.read()[1]
    with np.load(path) as archive:
        content = {name: archive[name] for name in archive.files}
    content["home"] = content["home"] * (1.0 + 1e-9)
    np.savez_compressed(path, **content)
    with pytest.raises(SourceError, match="does not match its own hash"):
        stored.read(path)


@pytest.mark.parametrize("damage", ["missing", "truncated", "not an archive"])
def test_a_damaged_file_is_refused(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "world.npz"
    if damage == "truncated":
        path.write_bytes(stored.PACKAGED.read_bytes()[:100_000])
    elif damage == "not an archive":
        path.write_text("trade")
    with pytest.raises(SourceError, match="ecumene data build reference"):
        stored.read(path)


def test_rebuilding_gives_the_packaged_world(world: World, tmp_path: Path) -> None:
    path = build.write_reference(tmp_path / "world.npz")
    rebuilt = stored.assemble(stored.read(path)[0])
    total = world.trade.values.sum()
    for name in ("trade", "intermediate", "final"):
        gap = np.abs(getattr(rebuilt, name).values - getattr(world, name).values).max() / total
        assert gap < 1e-10, f"{name} differs: run `ecumene data build reference` after changing a table"
    assert (rebuilt.tariff.values == world.tariff.values).all()
    assert path.read_bytes() == build.write_reference(tmp_path / "again.npz").read_bytes()


def test_fill_respects_room_and_totals() -> None:
    weight = np.array([[1.0, 1.0, 2.0], [1.0, 0.0, 0.0]])
    room = np.array([[1.0, 10.0, 10.0], [3.0, 5.0, 5.0]])
    filled = build.fill(np.array([10.0, 4.0]), weight, room)
    assert filled[0] == pytest.approx([1.0, 3.0, 6.0])
    assert filled[1] == pytest.approx([3.0, 0.0, 0.0])


def test_great_circle() -> None:
    distance = gravity.great_circle(np.array([0.0, 0.0, 90.0]), np.array([0.0, 90.0, 0.0]))
    assert distance[0, 1] == pytest.approx(np.pi / 2 * gravity.EARTH_RADIUS)
    assert distance[1, 2] == pytest.approx(np.pi / 2 * gravity.EARTH_RADIUS)
    assert np.diag(distance) == pytest.approx(0.0)


def test_technology_is_typed_for_every_sector() -> None:
    tech = technology.technology()
    assert list(tech.index) == list(facts.sectors().index)
    assert (technology.theta() > 0).all()
    low, high = technology.income_level(np.array([500.0, 90_000.0]))
    assert (low, high) == (0.0, 1.0)


@pytest.fixture(scope="module")
def quality() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_quality", QUALITY)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_quality_against_wiod(world: World, quality: ModuleType, shared: Path) -> None:
    wiod = load_world(f"wiod:{shared / 'data' / 'wiod' / 'wiod2011.npz'}")
    figures, _ = quality.against_wiod(world, wiod)
    for name, wanted in quality.WANTED.items():
        print(f"{name}: expected at least {wanted}, obtained {figures[name]:.4f}")
    assert figures["economies"] == 40
    assert all(figures[name] >= wanted for name, wanted in quality.WANTED.items())
    assert figures["baseline_2011"] == pytest.approx(0.909, abs=0.003)
    assert figures["bilateral"] > figures["baseline"]


def test_the_page_holds_what_is_measured(quality: ModuleType, shared: Path) -> None:
    page = quality.PAGE.read_text(encoding="utf-8")
    assert quality.measured(shared / "data") in page, "run python benchmarks/reference_quality.py"
