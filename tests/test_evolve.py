"""Scenarios from files to labelled numbers: a change of order fast or slow, files, and the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_world import make_world

import ecumene as ec
from ecumene.cli import main
from ecumene.errors import ScenarioError
from ecumene.models.solve import Status
from ecumene.scenarios import load_scenario, scenario_from_text, scenario_names

CLOSING = """
name: closing
years: 6
transition: {to: self-sufficient, years: 3, paces: [1]}
"""


@pytest.fixture(scope="module")
def closing() -> ec.Evolution:
    return ec.evolve(make_world(), scenario_from_text(CLOSING))


def test_a_transition_ends_where_the_order_does(closing: ec.Evolution) -> None:
    """Free at once, the last year is the order's own equilibrium; bound, nobody is better off and the gap closes."""
    world = make_world()
    order = ec.run(world, "self-sufficient").data["real_income"].sel(quantile="central").values
    data = closing.data
    for pace in (1, 3):
        np.testing.assert_allclose(data["real_income_free"].sel(pace=pace, year=6), order, rtol=1e-7)
    gap = (data["world_real_income_free"] - data["world_real_income"]).sel(pace=1).values
    assert (np.diff(gap[1:]) < 0).all()
    assert gap[1] > 0
    assert (data["status"] == Status.OK).all()
    assert float(data["residual"].max()) < 1e-9


def test_what_is_told_follows_from_the_path(closing: ec.Evolution) -> None:
    data, world = closing.data, make_world()
    weight = world.income.values / world.income.values.sum()
    path = data["real_income"].values
    np.testing.assert_allclose(data["world_real_income"], path @ weight)
    assert data["world_worst_year"].values.tolist() == [1, 3]  # the year in which the last link closes
    np.testing.assert_allclose(data["worst_real_income"], path.min(axis=1))
    assert float(data["share_of_loss"].sum()) == pytest.approx(100.0)
    late = 1.03 ** -np.arange(7.0)
    np.testing.assert_allclose(data["world_present_value"], (path @ weight) @ late / late.sum())
    assert float(data["cost_of_speed"].sel(pace=1)) > float(data["cost_of_speed"].sel(pace=3)) > 0


def test_who_bears_a_change_is_who_loses_in_the_year_of_most_losses(closing: ec.Evolution) -> None:
    """At the scenario's pace of 3 years, by hand; and what sectors lose then, by the income of their workers."""
    data, world = closing.data, make_world()
    size = world.income.values / world.income.values.sum()
    path = data["real_income"].sel(pace=3).values
    lost = [sum(size[i] * max(-path[t, i], 0.0) for i in range(6)) for t in range(7)]
    year = lost.index(max(lost))
    assert (float(data["loss_year"]), year) == (3.0, 3)
    shares = [100.0 * size[i] * max(-path[year, i], 0.0) / lost[year] for i in range(6)]
    np.testing.assert_allclose(data["share_of_loss"], shares)
    assert int(data["pace"][int(data["chosen_pace"])]) == 3


def test_saved_and_loaded_are_the_same_and_rows_carry_their_axes(
    closing: ec.Evolution, tmp_path: Path
) -> None:
    loaded = ec.load_result(closing.save(tmp_path / "path.nc"))
    assert loaded.hash == closing.hash
    frame = closing.to_frame()
    row = frame[(frame.variable == "real_income") & (frame.year == "3") & (frame.pace == "1")].iloc[0]
    assert row["value"] == float(closing.data["real_income"].sel(pace=1, year=3, economy=row["economy"]))
    assert row["unit"] == "percent"
    with pytest.raises(ec.errors.InputError, match="must end in one of"):
        closing.export(tmp_path / "path.xls")


def test_every_problem_of_a_file_is_told_with_its_place() -> None:
    text = "name: X\nyears: 0\nspeed: 3\ntransition: {from: today, years: -1}\nrevision: {players: [USA]}\n"
    with pytest.raises(ScenarioError) as caught:
        scenario_from_text(text)
    assert len(caught.value.problems) == 6
    for part in (
        "line 2: years",
        "line 3: speed",
        "transition.to",
        "transition.years",
        "revision.players",
        "name",
    ):
        assert any(part in problem for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: x", "say what happens"),
        ("- 1", "a scenario is a mapping"),
        ("name: x\nyears: 5\ntransition: {to: open, years: 9}", "takes 9 years and is followed for 5"),
        ("name: x\nrevision: {players: [USA, CHN, USA]}", "USA stands twice"),
        (
            "name: x\nrevision: {players: [USA, CHN], blocs: {a: [USA, CHN], b: [USA, CHN]}}",
            "in one bloc at most",
        ),
        ("name: x\nrevision: {players: [USA, CHN], blocs: {a: [USA, RUS]}}", "RUS is no player"),
        (
            "name: x\nrevision: {players: [USA, CHN], start: {USA: bloc}}",
            "starts in a bloc but belongs to none",
        ),
        ("name: x\nyears: 3\nrevision: {players: [USA, CHN], checkpoints: [4]}", "year 4 is after the last"),
        ("name: x\nrevision: {players: [USA, CHN], checkpoints: [3, 0, 3]}", "checkpoints: 3 stands twice"),
        (
            "name: x\nrevision: {players: [USA, CHN], map: {across: {parameter: jump, lowest: -1, highest: 2}, "
            "up: {parameter: pressure, lowest: 0, highest: 2}}}",
            "-1 is no jump",
        ),
    ],
)
def test_impossible_scenarios_are_told(text: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        scenario_from_text(text)


def test_scenarios_that_come_along_are_whole() -> None:
    for name in scenario_names():
        scenario, _ = load_scenario(name)
        assert scenario.name == name
        assert scenario.title
        assert scenario.description
        assert scenario.note
    with pytest.raises(ScenarioError, match="did you mean fast-or-slow"):
        load_scenario("fast-or-slwo")


def test_orders_of_a_scenario_are_seen_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("name: mine\ntitle: Mine\nclose: all\n")
    (tmp_path / "path.yaml").write_text(CLOSING.replace("self-sufficient", "mine.yaml"))
    found = ec.evolve(make_world(), tmp_path / "path.yaml")
    assert float(found.data["world_real_income"][-1, -1]) < 0
    (tmp_path / "path.yaml").write_text(CLOSING.replace("self-sufficient", "selfsufficient, from: opne"))
    with pytest.raises(ScenarioError) as caught:
        ec.evolve(make_world(), tmp_path / "path.yaml")
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "transition.from",
        "transition.to",
    ]


def test_the_command_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = tmp_path / "world.nc"
    make_world().save(world)
    (tmp_path / "path.yaml").write_text(CLOSING)
    targets = [f"--{kind}={tmp_path / f'out.{end}'}" for kind, end in (("csv", "csv"), ("picture", "svg"))]
    call = ["evolve", str(tmp_path / "path.yaml"), "--world", str(world), *targets]
    assert main(call) == 0
    printed = capsys.readouterr().out
    assert "The same change at several paces" in printed
    assert "3 years has the largest discounted mean" in printed
    assert "no forecast and no advice" in printed
    first = (tmp_path / "out.svg").read_bytes()
    assert main([*call, "--quiet"]) == 0
    assert (tmp_path / "out.svg").read_bytes() == first  # the same numbers make the same picture
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name a scenario"),
        (["no-such"], "no scenario and no file"),
        (["fast-or-slow", "--picture", "path.png"], "must end in .svg"),
        (["fast-or-slow", "--csv", "path.txt"], "must end in .csv"),
    ],
)
def test_impossible_calls_end_early(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evolve", *arguments]) == 2
    assert message in capsys.readouterr().err
