"""What `evolve` prints: words where nothing falls, names of sectors, and who bears a change that the world welcomes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_world import make_world

import ecumene as ec
from ecumene.cli import main
from ecumene.cli.evolution_tables import evolution_tables, share
from ecumene.scenarios import scenario_from_text


def _opening(text: str = "") -> ec.Evolution:
    return ec.evolve(
        make_world(), scenario_from_text(f"name: a\nyears: 3\ntransition: {{to: open, years: 2{text}}}\n")
    )


def test_where_nothing_falls_there_is_no_worst_year() -> None:
    """Barriers fall everywhere, and adjust at once: the world gains in every year."""
    found = _opening(", adjustment: {elasticity: 1, supplier_years: 0, worker_years: 0}")
    assert int(found.data["world_worst_year"].sel(pace=2)) == 0
    paces, _, bearers = evolution_tables(found, make_world(), [])
    assert [row[3] for row in paces.rows] == ["never falls"]
    rising = found.data["worst_year"].sel(pace=2).values == 0
    assert rising.any()
    assert sum(row[2] == "never falls" for row in bearers.rows) == rising.sum()


def test_who_loses_is_told_even_where_the_world_gains() -> None:
    found = _opening()
    data, world = found.data, make_world()
    weight = world.income.values / world.income.values.sum()
    losses = (weight * np.maximum(-data["real_income"].sel(pace=2).values, 0.0)).sum(axis=1)
    assert int(data["loss_year"]) == int(losses.argmax())
    borne = float(data["share_of_loss"].sum())
    assert borne == pytest.approx(100.0 if losses.max() > 0 else 0.0)


def test_sectors_are_named(tmp_path: Path) -> None:
    titles = {code: f"Title of {code}" for code in make_world().sectors}
    world = make_world(layers={"sector_name": list(titles.values())})
    found = ec.evolve(
        world, scenario_from_text("name: a\nyears: 2\ntransition: {to: self-sufficient, years: 1}\n")
    )
    told = [row[-1] for row in evolution_tables(found, world, [])[2].rows]
    assert any("Title of" in each for each in told)
    assert not any(each.startswith(f"{code} (") for each in told for code in titles)


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0.0, "0"), (1e-12, "0"), (0.0049, "<1"), (0.0051, "1"), (0.5, "50"), (0.996, ">99"), (1.0, "100"),
        (float("nan"), "none"),
    ],
)  # fmt: skip
def test_what_is_rare_is_not_told_as_never(number: float, told: str) -> None:
    assert share(number) == told


@pytest.mark.parametrize("key", ["from", "to"])
@pytest.mark.parametrize("length", [300, 5000])
def test_a_name_that_no_system_can_look_up_is_told(
    key: str, length: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_world().save(tmp_path / "world.nc")
    other = "to: open, " if key == "from" else ""
    (tmp_path / "a.yaml").write_text(f"name: a\ntransition: {{{other}{key}: {'x' * length}}}\n")
    assert main(["evolve", str(tmp_path / "a.yaml"), "--world", str(tmp_path / "world.nc")]) == 2
    told = capsys.readouterr().err
    assert f"transition.{key}: cannot look for" in told
    assert len(told) < 600


def test_a_shock_that_no_system_can_look_up_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_world().save(tmp_path / "world.nc")
    one, two = make_world().economies[:2]
    (tmp_path / "a.yaml").write_text(
        f"name: a\nrevision: {{players: [{one}, {two}], shocks: [{{shock: {'x' * 900}, per_year: 0.1}}]}}\n"
    )
    assert main(["evolve", str(tmp_path / "a.yaml"), "--world", str(tmp_path / "world.nc")]) == 2
    assert "revision.shocks[0]: cannot look for" in capsys.readouterr().err
