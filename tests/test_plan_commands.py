"""Frontiers and the precision of planning as a user meets them: tables, files, and what is refused."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shell import environment
from small_world import make_world

import ecumene as ec
from ecumene import cli
from ecumene.errors import OutputError


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "small.ecumene"
    make_world().save(path)
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = cli.main([str(each) for each in arguments])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return code, said.out, said.err


def cells(text: str, title: str) -> dict[str, list[str]]:
    """Numbers of the plain table whose title starts so, by the first cell of each row."""
    lines = text.split(title)[1].split("\n\n")[1].splitlines()[2:]
    return {line.split("  ")[0].strip(): line.split("  ", 1)[1].split() for line in lines}


def test_frontiers_of_named_economies(
    capsys: pytest.CaptureFixture[str], saved: Path, tmp_path: Path
) -> None:
    code, out, err = run(
        *(capsys, "plan-frontiers", "--world", saved, "--economy", "georgia,DEU", "--years", "2"),
        *("--cuts", "0,0.5,1", "--out", tmp_path / "out"),
    )
    assert code == 0, err
    alone = ec.plan(make_world(), "GEO", years=2, frontier=(0.0, 0.5, 1.0), bottlenecks=0)
    rows = cells(out, "Living standard against")
    assert list(rows) == ["GEO", "DEU"]
    shown = [float(cell) for cell in rows["GEO"]]
    np.testing.assert_allclose(shown, alone.data["frontier_living_standard"].values, atol=6e-4)
    assert "of 6" in err
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"frontiers.nc", "frontiers.csv", "frontiers.json", "frontiers.txt"}
    back = ec.load_result(tmp_path / "out" / "frontiers.nc")
    assert isinstance(back, ec.PlanFrontiers)
    table = pd.read_csv(tmp_path / "out" / "frontiers.csv")
    assert set(table["economy"]) == {"GEO", "DEU"}
    kept = table.query("economy == 'GEO' and variable == 'frontier_living_standard'").set_index("import_cut")
    np.testing.assert_allclose(
        kept["value"].loc[[0.0, 0.5, 1.0]], alone.data["frontier_living_standard"].values, rtol=1e-9
    )


def test_a_good_that_nobody_makes_shows_a_second_table(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    make_world(missing=("GEO", "Manufactures")).save(tmp_path / "without.ecumene")
    code, out, err = run(
        *(capsys, "plan-frontiers", "--world", tmp_path / "without.ecumene", "--economy", "GEO"),
        *("--years", "1", "--cuts", "0,1"),
    )
    assert code == 0, err
    assert cells(out, "Living standard against")["GEO"][1] == "0.000"
    assert float(cells(out, "The same, doing without")["GEO"][1]) > 0


def test_precision_of_an_economy_and_of_yesterday(
    capsys: pytest.CaptureFixture[str], saved: Path, tmp_path: Path
) -> None:
    before = make_world(source="the same world, earlier")
    before.save(tmp_path / "before.ecumene")
    code, out, err = run(
        *(capsys, "plan-precision", "--world", saved, "--economy", "GEO", "--draws", "4"),
        *("--errors", "0.1,0", "--yesterday", tmp_path / "before.ecumene", "--netcdf", tmp_path / "p.nc"),
    )
    assert code == 0, err
    rows = cells(out, "A plan of GEO")
    assert rows["yesterday's table"] == ["0.00", "0.00"]  # the same table
    assert rows["measured with an error of 0%"][0] == "0.00"
    assert "Planned from the same world, earlier" in out
    assert "Manufactures" in out
    back = ec.load_result(tmp_path / "p.nc")
    assert isinstance(back, ec.Precision)
    again = ec.plan_precision(make_world(), "GEO", yesterday=before, draws=4, errors=(0.1, 0.0))
    assert back.hash == again.hash
    mean = 100 * float(again.data["shortage"][0].mean())
    assert rows["measured with an error of 10%"][0] == f"{mean:.2f}"


def test_precision_of_the_world_is_by_industry(capsys: pytest.CaptureFixture[str], saved: Path) -> None:
    code, out, err = run(
        capsys, "plan-precision", "--world", saved, "--draws", "2", "--errors", "0.2", "--json"
    )
    assert code == 0, err
    document = json.loads(out)
    assert document["kind"] == "precision"
    assert "GEO Food" in document["labels"]["good"]
    assert np.shape(document["variables"]["surplus_by_good"]["values"]) == (1, 18)


@pytest.mark.parametrize(
    ("command", "options", "said"),
    [
        ("plan-frontiers", ["--cuts", "0,2"], "--cuts is '0,2'"),
        ("plan-frontiers", ["--cuts", ""], "--cuts"),
        ("plan-frontiers", ["--cuts", "0.5,0.5"], "different shares"),
        ("plan-frontiers", ["--cuts", "nan"], "--cuts is 'nan'"),
        ("plan-frontiers", ["--economy", "Atlantis"], "Atlantis"),
        ("plan-frontiers", ["--economy", ","], "names nothing"),
        ("plan-frontiers", ["--years", "0"], "years"),
        ("plan-frontiers", ["--settings", "nowhere.yaml"], "nowhere.yaml"),
        ("plan-frontiers", ["--order", "two-blok"], "did you mean two-blocs"),
        ("plan-frontiers", ["--csv", "numbers.txt"], ".csv"),
        ("plan-precision", ["--errors", "much"], "--errors is 'much'"),
        ("plan-precision", ["--errors", "0.1,-0.1"], "0 to 1"),
        ("plan-precision", ["--economy", "Gerogia"], "Georgia"),
        ("plan-precision", ["--draws", "0"], "--draws"),
        ("plan-precision", ["--yesterday", "nowhere.ecumene"], "nowhere.ecumene"),
    ],
)
def test_bad_input_is_told_and_leaves_with_2(
    capsys: pytest.CaptureFixture[str], saved: Path, command: str, options: list[str], said: str
) -> None:
    code, out, err = run(capsys, command, "--world", saved, *options)
    assert (code, out) == (2, "")
    assert said in err


def test_numbers_are_shown_where_they_cannot_be_written(
    capsys: pytest.CaptureFixture[str], saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Path:
        raise OutputError("cannot write: no space left")

    monkeypatch.setattr(ec.PlanFrontiers, "export", full)
    code, out, err = run(
        *(capsys, "plan-frontiers", "--world", saved, "--economy", "GEO", "--years", "1", "--cuts", "0"),
        *("--out", tmp_path / "out"),
    )
    assert code == 1
    assert "no space left" in err
    assert "wrote" not in err
    assert float(cells(out, "Living standard against")["GEO"][0]) > 0


def test_a_request_to_stop_ends_frontiers_cleanly(tmp_path: Path) -> None:
    run = [sys.executable, "-m", "ecumene", "plan-frontiers", "--years", "30", "--out", str(tmp_path / "out")]
    running = subprocess.Popen(
        run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    )
    assert running.stderr is not None
    assert "solving" in running.stderr.readline()  # some hundred economies follow
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130, said
    assert "interrupted" in said
    assert "Traceback" not in said
    assert not (tmp_path / "out").exists()
