"""The same order under other structures: each is the solve it says, and the sign that all of them agree on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_world import make_world

import ecumene as ec
from ecumene import cli
from ecumene.cli import screen
from ecumene.cli.structure_tables import _blocks, sign_of, structure_tables
from ecumene.errors import InputError
from ecumene.models import trade
from ecumene.orders import apply, load_order
from ecumene.uncertainty.result import Structures
from ecumene.uncertainty.structures import STRUCTURES, of_orders, one_sector
from ecumene.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture(scope="module")
def found(world: World) -> Structures:
    other = make_world(source="the same world without its smallest", year=2018).select(
        ["DEU", "FRA", "USA", "CHN"], rest="RUS"
    )
    return ec.structures(world, "two-blocs", second=other)


def test_every_structure_is_the_solve_that_it_names(world: World, found: Structures) -> None:
    policy = apply(load_order("two-blocs"), world)
    first = found.data.isel(world=0)
    assert (found.data["status"] == 0).all()
    cases: tuple[tuple[str, dict[str, Any]], ...] = (
        ("central", {}),
        ("nested_ces", {"eta": 0.5, "epsilon": 0.2, "sigma": 0.9}),
        ("fixed_deficits", {"deficits": "fixed"}),
        ("proportional_deficits", {"deficits": "proportional"}),
        ("zero_deficits", {"deficits": "zero"}),
        ("slow_workers", {"mobility": 1.5}),
        ("bound_workers", {"mobility": 1.0}),
    )
    for name, arguments in cases:
        eq = trade.solve(world, policy.iceberg, policy.tariff, **arguments)
        expected = 100.0 * (eq.numbers("real_income") - 1.0)
        got = first["real_income"].sel(structure=name)
        np.testing.assert_allclose(got, expected, atol=1e-8)
        weight = eq.numbers("base_income")
        mean = (expected * weight).sum() / weight.sum()
        assert first["world_real_income"].sel(structure=name).item() == pytest.approx(mean, abs=1e-8)
    one = one_sector(world)
    assert len(one.sectors) == 1
    merged = apply(load_order("two-blocs"), one)
    eq = trade.solve(one, merged.iceberg, merged.tariff)
    expected = 100.0 * (eq.numbers("real_income") - 1.0)
    np.testing.assert_allclose(first["real_income"].sel(structure="one_sector"), expected, atol=1e-8)


def test_structures_differ_and_have_sources(found: Structures) -> None:
    central = found.data["real_income"].sel(structure="central").isel(world=0)
    for name in ("nested_ces", "one_sector", "slow_workers", "bound_workers", "fixed_deficits"):
        other = found.data["real_income"].sel(structure=name).isel(world=0)
        assert float(np.abs(other - central).max()) > 1e-3, name
    assert all(len(structure.source) > 15 for structure in STRUCTURES.values())


def test_economies_of_two_worlds_are_matched_by_code(world: World, found: Structures) -> None:
    assert tuple(found.data["economy"].values) == world.economies
    second = found.data["real_income"].isel(world=1)
    assert np.isnan(second.sel(economy="GEO")).all()
    assert np.isfinite(second.sel(economy=["DEU", "FRA", "USA", "CHN", "RUS"])).all()


def test_shares_of_structures_count_what_is_there(found: Structures) -> None:
    values = found.data["real_income"].sel(economy="GEO").values
    there = values[np.isfinite(values)]
    assert len(there) == len(STRUCTURES)
    assert found.data["gaining_structures"].sel(economy="GEO").item() == pytest.approx(
        100.0 * (there >= 0.005).mean()
    )
    assert found.data["losing_structures"].sel(economy="GEO").item() == pytest.approx(
        100.0 * (there <= -0.005).mean()
    )


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ([1.0, 2.0, np.nan], "gains"),
        ([-1.0, 0.004], "loses"),
        ([-1.0, 0.005], "depends"),
        ([0.004, -0.004], "none"),
        ([np.nan, np.nan], "no number"),
    ],
)
def test_signs_in_words(changes: list[float], sign: str) -> None:
    assert sign_of(np.array(changes)) == sign


def test_an_order_that_names_a_sector_does_not_fit_one_sector(world: World, tmp_path: Path) -> None:
    path = tmp_path / "food.yaml"
    path.write_text(
        "name: dear-food\ntitle: Dear food\n"
        "tariffs: [{on: all, from: all, sectors: [Food], rate_percent: 30}]\n"
    )
    found = ec.structures(world, path)
    assert found.data["status"].sel(structure="one_sector").item() == -1
    assert np.isnan(found.data["real_income"].sel(structure="one_sector")).all()
    assert (found.data["status"].drop_sel(structure="one_sector") == 0).all()
    assert any("one_sector" in note and "Food" in note for note in found.provenance.notes)


def test_a_world_that_is_none_is_refused(world: World) -> None:
    with pytest.raises(InputError, match="is no world"):
        ec.structures(world, "open", second="reference")  # pyright: ignore[reportArgumentType]


def test_answers_come_back_from_files(found: Structures, tmp_path: Path) -> None:
    again = ec.load_result(found.save(tmp_path / "s.nc"))
    assert isinstance(again, Structures)
    assert again.hash == found.hash
    assert again.provenance == found.provenance


def test_the_command_shows_both_worlds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "one.nc", tmp_path / "two.nc"
    make_world().save(one)
    make_world(source="another year", year=2018).save(two)
    arguments = ["structures", "two-blocs", "--world", str(one), "--world2", str(two), "--economy", "DEU,GEO"]
    assert cli.main([*arguments, "--csv", str(tmp_path / "s.csv")]) == 0
    shown = capsys.readouterr().out
    assert shown.count("Change of real income by structure") == 2
    assert "bound workers" in shown
    assert "\nsign " in shown
    assert (tmp_path / "s.csv").read_text().startswith('"world"')
    assert cli.main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "structures"


def test_tables_of_structures_fit_a_page_and_hold_every_number(world: World, found: Structures) -> None:
    """Each economy and structure has its number at the crossing, however the columns are divided."""
    everyone = list(world.economies)
    tables = structure_tables(found, world, everyone)
    untitled = [replace(table, title="") for table in tables]
    assert max(len(line) for line in screen.plain(untitled).splitlines()) <= 100
    first = [table for table in tables if world.source in table.title]
    cells = {
        (row[0], code): row[k]
        for table in first
        for row in table.rows
        for k, code in enumerate(table.heads)
        if k
    }
    for code in everyone:
        for name in STRUCTURES:
            expected = float(found.data["real_income"].isel(world=0).sel(structure=name, economy=code))
            assert float(cells[name.replace("_", " "), code]) == pytest.approx(expected, abs=0.00501)
        assert cells["sign", code] == sign_of(found.data["real_income"].sel(economy=code).values)


def test_many_columns_go_on_below(world: World) -> None:
    heads = [f"order-number-{k}" for k in range(20)]
    columns = [np.full(3, float(k)) for k in range(20)]
    tables = _blocks("title", ["a", "b", "c"], heads, columns, ["gains"] * 20)
    assert len(tables) > 1
    assert [head for table in tables for head in table.heads[1:]] == heads
    assert max(len(line) for line in screen.plain(tables).splitlines()) <= 100


def test_a_comparison_says_where_the_sign_depends_on_the_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "one.nc"
    make_world().save(path)
    asked = ["compare", "--world", str(path), "--orders", "two-blocs,today", "--point"]
    assert cli.main([*asked, "--structures", "--economy", "GEO,DEU"]) == 0
    shown = capsys.readouterr().out
    (row,) = [line.split() for line in shown.splitlines() if "two-blocs" in line and len(line.split()) > 4][
        -1:
    ]
    found = of_orders(ec.load_world(path), [load_order("two-blocs")])["two-blocs"]
    both = (found.data["gaining_structures"] > 0) & (found.data["losing_structures"] > 0)
    assert int(row[4]) == int(both.sum())
    assert shown.count("The same by structure") == 2
    assert sign_of(found.data["real_income"].sel(economy="DEU").values) in shown
    assert cli.main(asked) == 0
    assert "Other structures" not in capsys.readouterr().out
