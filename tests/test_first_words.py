"""What a newcomer meets: names and counts in words, tables that fit, one error for one mistake."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shell import environment
from small_world import ECONOMIES, make_world

import ecumene as ec
from ecumene import cli
from ecumene.alignment.answer import align
from ecumene.alignment.outcome import States, states_of
from ecumene.cli import interrupts
from ecumene.cli.cuts import cut_tables
from ecumene.cli.dependence import vector_tables
from ecumene.cli.plan_tables import plan_tables
from ecumene.countries import counted
from ecumene.dependence import aggregates
from ecumene.errors import InputError, OutputError
from ecumene.models import depths, tariffs
from ecumene.models.alignment import Weights
from ecumene.report import document as documents
from ecumene.world import World

NAMES = np.array(["Germany", "France", "United States of America", "China", "Russia", "Georgia"])


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(layers={"economy_name": NAMES})


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


# The size of nations, as its sister commands


def test_nations_fits_a_narrow_terminal_and_writes_what_its_sisters_write(
    capsys: pytest.CaptureFixture[str], saved: Path, tmp_path: Path
) -> None:
    asked = ["nations", "--world", saved, "--divide", "USA", "--parts", "PART=0.2"]
    code, out, err = run(
        capsys, *asked, "--out", tmp_path / "o", "--parquet", tmp_path / "n.parquet", "--verbose"
    )
    assert code == 0, err
    table = out.split("\n\nA small")[0].splitlines()
    assert max(map(len, out[: out.index("Borders:")].splitlines()[:13])) <= 80, table
    assert "United States of America (USA)" in out
    assert "  - " in out  # the notes
    assert out.count("no forecast") == 1
    written = {path.name for path in (tmp_path / "o").iterdir()}
    assert written == {"nations.nc", "nations.csv", "nations.json", "nations.txt"}
    rows = pd.read_csv(tmp_path / "o" / "nations.csv")
    assert list(rows.columns) == ["economy", "border", "variable", "unit", "value"]
    assert len(rows) == len(pd.read_parquet(tmp_path / "n.parquet")) == 2 * 5 * 5
    code, out, err = run(capsys, *asked, "--json", "--quiet")
    document = json.loads(out)
    assert (code, err, document["kind"]) == (0, "", "nations")
    cell = rows[(rows.economy == "PART") & (rows.border == 0) & (rows.variable == "trade")]["value"].item()
    at = document["labels"]
    shown = document["variables"]["trade"]["values"][at["border"].index(0.0)][at["economy"].index("PART")]
    assert shown == pytest.approx(cell)
    assert document["variables"]["security"]["values"][0] == [None, None]  # no data is no zero


def test_the_same_question_about_nations_has_the_same_hash(world: World) -> None:
    data = ec.run(world, "today").data  # any labelled numbers
    first, again, other = (states_of(world, data, {"merge": each}) for each in (["A"], ["A"], ["B"]))
    assert isinstance(first, States)
    assert first.provenance.order_hash == again.provenance.order_hash != other.provenance.order_hash


# Names and counts


def test_tables_of_a_plan_name_the_economy(world: World) -> None:
    pytest.importorskip("linopy")
    tables = plan_tables(
        ec.plan(world, "GEO", years=2, bottlenecks=2, frontier=(0.0, 1.0), break_even=True), world
    )
    assert tables[0].title.startswith("Plan of Georgia (GEO), ")
    assert [t for t in tables if t.title.startswith("Living standard of Georgia (GEO), ")]
    assert [t for t in tables if t.rows[0][0] == "Georgia (GEO)"]


def test_a_price_in_a_year_without_consumption_is_explained(world: World) -> None:
    pytest.importorskip("linopy")
    found = ec.plan(world, "GEO", years=2, bottlenecks=4)
    table = next(t for t in plan_tables(found, world) if t.title.startswith("Bottlenecks"))
    assert not [text for text in table.footnotes if "nothing is consumed" in text]
    years = [int(str(label).rpartition("year ")[2]) for label in found.data["bottleneck"].values]
    standard = found.data["living_standard"].copy()
    standard[found.data["year"].values == years[0]] = 0.0
    empty = type(found)(found.data.assign(living_standard=standard), found.provenance)
    table = next(t for t in plan_tables(empty, world) if t.title.startswith("Bottlenecks"))
    assert f"In year {years[0]} nothing is consumed" in table.footnotes[-1]


def test_a_plan_of_several_economies_points_to_their_command(
    capsys: pytest.CaptureFixture[str], saved: Path
) -> None:
    code, out, err = run(capsys, "plan", "--world", saved, "--economy", "GEO,DEU")
    assert (code, out) == (2, "")
    assert "`ecumene plan-frontiers --economy GEO,DEU`" in err


def test_an_economy_twice_is_refused_from_the_shell_as_in_python(
    capsys: pytest.CaptureFixture[str], saved: Path
) -> None:
    pytest.importorskip("linopy")
    for twice in ("GEO,GEO", "GEO,Georgia", "geo,GEO"):
        code, out, err = run(capsys, "plan-frontiers", "--world", saved, "--economy", twice)
        assert (code, out) == (2, "")
        assert "names one twice" in err


@pytest.mark.parametrize(
    ("what", "fragments"),
    [
        ({"world": None}, ("world is None",)),
        ({"economies": 5}, ("economies is 5", "give a list")),
        ({"economies": "GEO"}, ("economies is 'GEO'", "give a list")),
        ({"economies": []}, ("economies is empty",)),
        ({"economies": [5]}, ("economies holds 5",)),
        ({"economies": ["GEO", "Georgia"]}, ("economies names GEO twice",)),
        ({"cuts": ["0"]}, ("a number of cuts is '0'", "shares of base imports")),
        ({"cuts": [True]}, ("a number of cuts is True",)),
        ({"cuts": "0"}, ("cuts is '0'",)),
        ({"cuts": 0.5}, ("cuts is 0.5",)),
        ({"cuts": [float("nan")]}, ("a number of cuts is nan",)),
        ({"cuts": [1.1]}, ("a number of cuts is 1.1",)),
        ({"cuts": [0.5, 0.5]}, ("cuts names 0.5 twice",)),
        ({"cuts": []}, ("cuts is empty",)),
    ],
)
def test_what_frontiers_refuse(world: World, what: dict[str, Any], fragments: tuple[str, ...]) -> None:
    pytest.importorskip("linopy")
    with pytest.raises(InputError) as caught:
        ec.plan_frontiers(**{"world": world, "economies": ["GEO"], **what})
    for fragment in fragments:
        assert fragment in str(caught.value)


def test_counts_are_in_words(world: World) -> None:
    assert (counted(1), counted(0), counted(2)) == ("1 economy", "0 economies", "2 economies")
    one = align(world, ["USA", "CHN"], ["GEO"], weights=Weights(1.0), starts=0)
    two = align(world, ["USA", "CHN"], ["GEO", "FRA"], weights=Weights(1.0), starts=0)
    assert repr(one).endswith("1 economy chooses>")
    assert repr(two).endswith("2 economies choose>")
    assert "of 1 economy on" in repr(ec.sovereignty(world, ["GEO"], power="none"))


def test_tariffs_are_one_line() -> None:
    """However many the players, and whatever arrays they come with."""
    names = [f"P{k}" for k in range(41)]
    many: Any = SimpleNamespace(
        players=dict.fromkeys(names, ()), certified=True, gains=dict.fromkeys(names, 1e-12), searches=3, method="x"
    )  # fmt: skip
    shown = tariffs.NashTariffs.__repr__(many)
    assert shown == (
        "<NashTariffs of 41 players (P0, P1, P2, P3, P4, ...): certified, largest gain 1.0e-12 by 3 searches each, x>"
    )
    alone: Any = SimpleNamespace(player="USA", rates=np.array([0.0, 0.25]), gain=1e-3)
    shown = tariffs.OptimalTariff.__repr__(alone)
    assert shown == "<OptimalTariff of USA: rates 0.0 to 25.0 %, gain 1.00e-03 log points>"


# Partners that are many economies together


@pytest.fixture(scope="module")
def rest() -> World:
    """A world whose largest economy is an aggregate."""
    codes = ["ROW_ASIA" if code == "CHN" else "ROW" if code == "USA" else code for code in ECONOMIES]
    return make_world(economies=codes)


def test_a_worst_partner_that_is_an_aggregate_is_called_one(rest: World, world: World) -> None:
    found = ec.sovereignty(rest, ["GEO", "DEU"], power="asked")
    told = aggregates.sentences(found.data)
    assert {text.split(" of ")[0] for text in told} == {"worst_cut", "largest_partner_share"}
    assert all("ROW" in text and "an aggregate of many economies" in text for text in told)
    assert set(told) <= set(found.provenance.notes)
    worst = found.data["loss_if_cut_off_without_missing"].sel(economy="GEO")
    order = dict(zip(map(str, worst["partner"].values), np.nan_to_num(worst.values), strict=True))
    assert aggregates.partners(found.data, "worst_cut")["GEO"] == max(order, key=order.__getitem__)
    shown = vector_tables(found, rest, ["GEO", "DEU"])
    assert [text for table in shown for text in table.footnotes if text in told]
    partners = cut_tables(found, rest, "GEO")[0]
    assert any(row[0].startswith("ROW") and "aggregate" in row[0] for row in partners.rows)
    assert not any(row[0].startswith("DEU") and "aggregate" in row[0] for row in partners.rows)
    assert aggregates.sentences(ec.sovereignty(world, ["GEO"], power="asked").data) == ()


# Reports: input first


@pytest.fixture
def unbuilt(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent() -> str:
        raise OutputError("the page of reports is not built")

    monkeypatch.setattr(documents, "built_page", absent)


@pytest.mark.parametrize("path", [None, 5, True, b"a.html", ["a.html"]])
def test_a_report_needs_a_path(world: World, unbuilt: None, path: Any) -> None:
    with pytest.raises(InputError, match="expected a name or a path"):
        ec.write_report(ec.run(world, "today"), path)


@pytest.mark.parametrize("result", [None, 5, "saved.nc"])
def test_a_report_looks_at_its_input_first(unbuilt: None, result: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a report shows runs and comparisons"):
        ec.write_report(result, tmp_path / "a.html")
    assert not list(tmp_path.iterdir())


def test_the_command_looks_at_its_input_before_the_page(
    unbuilt: None, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, "report", tmp_path / "absent.nc")
    assert code == 2
    assert "absent.nc" in err
    code, _, err = run(capsys, "compare", "--report", tmp_path / "a.txt")
    assert code == 2
    assert "must end in .html" in err
    saved = ec.run(world, "today").save(tmp_path / "saved.nc")
    code, _, err = run(capsys, "report", saved)
    assert code == 1
    assert "is not built" in err


def test_kinds_that_begin_with_a_vowel_have_their_article() -> None:
    class Evolution:
        data: tuple = ()

    with pytest.raises(InputError, match="not an Evolution;"):
        documents.content(Evolution())  # pyright: ignore[reportArgumentType]


# Requests to stop


def test_a_request_that_meets_a_callback_of_garbage_collection_prints_nothing_and_is_heard(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted(phase: str, info: dict[str, int]) -> None:
        if phase == "start" and not sent:
            sent.append(phase)
            os.kill(os.getpid(), signal.SIGINT)
            for _ in range(10_000):  # the handler runs in here, and the collector drops what it raises
                pass

    sent: list[str] = []
    before = sys.unraisablehook
    with pytest.raises(KeyboardInterrupt), interrupts.stoppable():
        gc.callbacks.append(interrupted)
        try:
            gc.collect()
        finally:
            gc.callbacks.remove(interrupted)
        interrupts.check()
    assert sent
    assert sys.unraisablehook is before
    assert capsys.readouterr().err == ""


def test_a_search_that_is_stopped_ends_at_its_next_equilibrium(world: World) -> None:
    """Searches of other threads end too, and do not go on to their own ends first."""
    after: list[bool] = []
    searching, stopped = threading.Event(), threading.Event()
    real = depths.Incomes.of

    def slowly(self: depths.Incomes, depth: np.ndarray) -> np.ndarray:
        if searching.is_set():
            after.append(stopped.is_set())
            time.sleep(0.2)
        return real(self, depth)

    def tell(done: int, total: int, label: str) -> None:
        if label == "pairs of economies" and done == total:
            searching.set()
        if label == "searches":
            stopped.set()
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(depths.Incomes, "of", slowly)
        with pytest.raises(KeyboardInterrupt):
            align(
                world, ["USA", "CHN"], ["GEO", "FRA", "RUS", "DEU"], weights=Weights(1.0), starts=4, progress=tell,
                workers=2,
            )  # fmt: skip
    assert len(after) > 4  # searches were under way
    assert sum(after) <= 2  # one of each thread that had begun


def test_ctrl_c_ends_a_long_search_within_seconds(saved: Path) -> None:
    command = [
        sys.executable, "-m", "ecumene", "align", "--world", str(saved), "--poles", "USA,CHN", "--economy",
        "GEO,FRA,RUS,DEU", "--weights", "trade=1", "--starts", "9000",
    ]  # fmt: skip
    with subprocess.Popen(
        command, env=environment(), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "searches" in line:
                break
        process.send_signal(signal.SIGINT)
        before = time.monotonic()
        said = process.stderr.read()
        code = process.wait(timeout=30)
    assert code == 130
    assert time.monotonic() - before < 20
    assert "the same command goes on with them" in said
    assert "Traceback" not in said
