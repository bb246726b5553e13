"""Security as a user meets it: the list of shocks, tables, and what is said on the way."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pandas as pd
import pytest
from small_world import make_world

import ecumene as ec
from ecumene import cli, jax_setup
from ecumene.cli import screen
from ecumene.cli.security import security_tables
from ecumene.security import chance
from ecumene.shocks import shock_from_text, shock_names
from ecumene.world import World

LUCK = (
    "name: luck\ntitle: Luck\ndays: 30\nchance:\n"
    "  industry: {per_year: 4, share: [0.1, 0.8], days: [5, 20]}\n"
)


@pytest.fixture(scope="module")
def world() -> World:
    """Codes that say what kind of sector they are, and an economy that makes components."""
    return make_world(
        economies=("DEU", "FRA", "USA", "CHN", "TWN", "GEO"),
        sectors=("machinery_electronics", "vehicles", "business_services"),
    )


@pytest.fixture(scope="module")
def saved(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "small.ecumene"
    world.save(path)
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = cli.main([str(each) for each in arguments])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return code, said.out, said.err


# The list of shocks


def test_shocks_lists_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "shocks")
    assert (code, err) == (0, "")
    first_words = [line.split()[0] for line in out.splitlines() if not line.startswith(" ")]
    assert first_words == list(shock_names())
    assert "needs --security N" in out
    assert max(map(len, out.splitlines())) <= 100


def test_shocks_checks_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(LUCK, encoding="utf-8")
    bad.write_text("name: bad\ntitle: Bad\ncapacity: [{economies: Germny, share: 0.5}]\n", encoding="utf-8")
    code, out, _ = run(capsys, "shocks", good)
    assert (code, out.split()[0]) == (0, "luck")
    code, out, err = run(capsys, "shocks", good, bad)
    assert (code, out) == (2, "")
    assert "did you mean Germany (DEU)?" in err


def test_a_named_shock_shows_its_note_and_can_be_copied(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, _ = run(capsys, "shocks", "random")
    assert (code, out.split()[0]) == (0, "random")
    assert "Note: Frequencies are assumptions" in out
    code, out, _ = run(capsys, "shocks", "port-closure", "--out", tmp_path / "mine.yaml")
    assert (code, out) == (
        0,
        f"wrote {tmp_path}/mine.yaml; edit it, then: ecumene shocks {tmp_path}/mine.yaml\n",
    )
    code, out, _ = run(capsys, "shocks", tmp_path / "mine.yaml")
    assert (code, out.split()[0]) == (0, "mine")
    code, _, err = run(capsys, "shocks", "--out", tmp_path / "other.yaml")
    assert code == 2
    assert "--out writes one shock; name it" in err
    code, _, err = run(capsys, "check", tmp_path / "mine.yaml", "pandemic")
    assert code == 2
    assert "this is a shock; see: ecumene shocks pandemic" in err


def test_shocks_are_checked_against_a_world(
    capsys: pytest.CaptureFixture[str], saved: Path, tmp_path: Path
) -> None:
    idle, bad = tmp_path / "idle.yaml", tmp_path / "bad.yaml"
    idle.write_text("name: idle\ntitle: Idle\ncapacity: [{economies: KOR, share: 0.5}]\n", encoding="utf-8")
    bad.write_text(
        "name: bad\ntitle: Bad\ncapacity: [{economies: DEU, sectors: chips, share: 1}]\n", encoding="utf-8"
    )
    code, out, _ = run(capsys, "shocks", idle, "--world", saved)
    assert code == 0
    assert "capacity[0] changes nothing here: this world has no such industry." in " ".join(out.split())
    code, out, err = run(capsys, "shocks", bad, "--world", saved)
    assert (code, out) == (2, "")
    assert "line 3: capacity[0].sectors: this world has no sector 'chips'" in err
    order = tmp_path / "order.yaml"
    order.write_text(
        "name: o\ntitle: O\n\nembargoes:\n- {from: DEU, to: USA, sectors: chips}\n", encoding="utf-8"
    )
    code, out, err = run(capsys, "check", order, "--world", saved)
    assert (code, out) == (2, "")
    assert "line 5: embargoes[0].sectors: this world has no sector 'chips'" in err


def test_shocks_prints_its_schema(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "shocks", "--schema")
    assert code == 0
    assert "epidemic" in json.loads(out)["properties"]


# Tables


def test_compare_prints_what_shocks_cost(
    capsys: pytest.CaptureFixture[str], saved: Path, tmp_path: Path
) -> None:
    code, out, err = run(
        capsys, "compare", "--orders", "today,open", "--world", saved,
        "--shocks", "chip-supply", "--security", "2", "--economy", "DEU", "--verbose",
    )  # fmt: skip
    assert code == 0, err
    assert "Loss of real consumption in 'chip-supply'" in out
    assert "Security in 2 years of accidents: world" in out
    table = out[out.rindex("Security in 2 years of accidents: DEU") :]
    rows = [line for line in table.splitlines() if line.startswith(("today ", "open "))]
    assert len(rows) == 2
    assert all("± unknown" in row for row in rows)  # two draws do not tell the error of the worst one
    assert "hurt most by" in table
    assert "lacks: KOR" in out


def test_tables_show_band_level_and_what_changes_nothing_and_say_it_once(world: World) -> None:
    idle = shock_from_text("name: idle\ntitle: Idle\ndays: 30\ncapacity: [{economies: KOR, share: 0.5}]\n")
    hit = shock_from_text("name: hit\ntitle: Hit\ndays: 30\ncapacity: [{economies: DEU, share: 0.5}]\n")
    found = ec.compare(
        world, ["today", "self-sufficient"], shocks=[idle, hit, shock_from_text(LUCK)], security=30, draws=0
    )
    drawn = security_tables(found, world, ["DEU", "GEO"])
    assert [table.title.split(":")[0] for table in drawn] == [
        "Loss of real consumption in 'idle', percent of each order's own",
        "Loss of real consumption in 'hit', percent of each order's own",
        *["Security in 30 years of accidents"] * 3,
    ]
    told = [text for table in drawn for text in table.footnotes]
    assert len(told) == len(set(told)) == 6
    assert drawn[0].footnotes == (
        "Shock 'idle': capacity[0] changes nothing here: this world has no such industry.",
    )
    here = found.data.sel(order="self-sufficient", economy="DEU")
    band = [float(value) for value in here["shock_loss"].sel(shock="hit")]
    level = float(here["real_income_after_shock"].sel(shock="hit", band="central"))
    central = float(here["shock_loss"].sel(shock="hit", band="central"))
    assert drawn[1].rows[1][2] == f"{central:.2f} ({min(band):.2f} to {max(band):.2f}); {level:+.2f}"
    world_row, own = drawn[2].rows[1], drawn[3].rows[1]
    assert "±" not in "".join(world_row)
    loss, error = (float(here[f"expected_loss{end}"].sel(band="central")) for end in ("", "_error"))
    ends = [float(value) for value in here["expected_loss"]]
    assert own[1] == f"{loss:.2f} ± {error:.2f} ({min(ends):.2f} to {max(ends):.2f})"
    gain = float(here["real_income"].sel(quantile="central"))
    assert own[4] == f"{100 * ((1 + gain / 100) * (1 - loss / 100) - 1):+.2f}"


def test_an_unknown_shock_is_bad_input(capsys: pytest.CaptureFixture[str], saved: Path) -> None:
    code, out, err = run(capsys, "compare", "--orders", "today", "--world", saved, "--shocks", "nonsense")
    assert (code, out) == (2, "")
    assert "no shock and no file 'nonsense'; the shocks are pandemic" in err
    code, _, err = run(capsys, "compare", "--orders", "today", "--world", saved, "--shocks", "pandemics")
    assert code == 2
    assert "did you mean pandemic?" in err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--security", "-1"], "--security"),
        (["--shocks", "random"], "--security 100"),
        (["--shocks", "pandemic"], "travel"),
        (["--picture", "a.svg"], "--security 100"),
        (["--picture", "a.png", "--security", "2"], "must end in .svg"),
        (["--picture", "a.svg", "--csv", "a.csv", "--security", "2"], "picture's numbers"),
    ],
)
def test_questions_that_make_no_sense(
    capsys: pytest.CaptureFixture[str], saved: Path, options: list[str], said: str,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, "compare", "--orders", "today", "--world", saved, *options)
    assert (code, out) == (2, "")
    assert said in err
    assert not list(tmp_path.iterdir())


def test_names_are_checked_before_the_world_is_loaded(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    world = tmp_path / "absent.ecumene"
    for options, said in (
        (["--shocks", "nonsense"], "no shock and no file 'nonsense'"),
        (["--shocks", "random"], "--security 100"),
        (["--shocks", "pandemic,pandemic"], "name each shock once"),
    ):
        code, out, err = run(capsys, "compare", "--orders", "today", "--world", world, *options)
        assert (code, out) == (2, "")
        assert said in err
    for command in (["plan", "--economy", "DEU"], ["sovereignty", "--economy", "DEU"], ["check", "today"]):
        bad = ["todai"] if command[0] == "check" else ["--order", "todai"]
        code, out, err = run(capsys, *command, *bad, "--world", world)
        assert (code, out) == (2, "")
        assert "did you mean today" in err, command


def test_a_stopped_ensemble_says_what_is_kept_and_how_it_goes_on(
    capsys: pytest.CaptureFixture[str], saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(chance, "draw", stop)
    asked = ["compare", "--orders", "today", "--world", str(saved), "--security", "4", "--seed", "99"]
    code, out, err = run(capsys, *asked)
    assert (code, out) == (130, "")
    assert err.splitlines()[-2:] == [
        "ecumene: interrupted; nothing is left half written",
        f"draws that are done are kept, and the same command goes on with them: ecumene {' '.join(asked)}",
    ]
    monkeypatch.setattr(jax_setup, "CACHE", None)
    monkeypatch.setattr(jax_setup, "CACHE_NOTE", "no folder")
    code, _, err = run(capsys, *asked)
    assert code == 130
    assert "warning: draws are not kept, a stopped run will begin anew: no folder" in err
    assert "goes on" not in err


def test_a_file_in_place_of_the_folder_of_draws_is_told(
    capsys: pytest.CaptureFixture[str], saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jax_setup, "CACHE", tmp_path / "compiled")
    (tmp_path / "draws").write_text("x", encoding="utf-8")
    code, _, err = run(capsys, "compare", "--orders", "today", "--world", saved, "--security", "2")
    assert code == 2
    assert f"{tmp_path / 'draws'} is a file, so no draws can be kept there" in err


def test_long_work_speaks_in_a_pipe(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "HURRY", 0.0)
    with screen.progress(False) as told:
        for done in range(1, 201):
            told(done, 200, "luck")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "solving luck, 1 of 200"
    assert [int(line.split()[2]) for line in lines[1:]] == list(range(10, 201, 10))
    monkeypatch.setattr(screen, "SILENCE", 0.05)
    with screen.progress(False) as told:
        time.sleep(0.3)
        told(1, 5, "luck")
        time.sleep(0.3)
    lines = capsys.readouterr().err.splitlines()
    assert sum(line.startswith("preparing, ") for line in lines) >= 2
    assert sum(line.startswith("solving luck, 1 of 5, ") for line in lines) >= 2


def test_compare_draws_the_picture(capsys: pytest.CaptureFixture[str], saved: Path, tmp_path: Path) -> None:
    shock = tmp_path / "luck.yaml"
    shock.write_text(LUCK, encoding="utf-8")
    picture = tmp_path / "new" / "p.svg"
    code, _, err = run(
        capsys, "compare", "--orders", "today,self-sufficient", "--world", saved, "--quiet",
        "--shocks", shock, "--security", "4", "--economy", "DEU,GEO", "--picture", picture,
    )  # fmt: skip
    assert code == 0, err
    assert sorted(path.name for path in picture.parent.iterdir()) == ["p.csv", "p.svg"]
    assert set(pd.read_csv(picture.with_suffix(".csv"))["economy"]) == {"DEU", "GEO"}
