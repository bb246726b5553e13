"""Every kind of file that a command writes is made again from what it carries, and damage is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_world import HIT, make_world

import ecumene as ec
from ecumene.alignment.nations import states
from ecumene.cli import main
from ecumene.errors import InputError
from ecumene.models.alignment import Weights
from ecumene.questions import arguments_of, question_of
from ecumene.world import World

ORDER = """
name: mine
title: Half as open
barriers: [{from: FRA, to: GEO, cost_percent: 7}]
"""
SCENARIO = """
name: path
years: 3
seed: 4
transition: {to: mine.yaml, years: 2}
revision:
  players: [USA, CHN]
  paths: 8
  checked_paths: 1
  checkpoints: [3]
  shocks: [{shock: hit.yaml, per_year: 0.5}]
"""
POSITIONS = "economy,year,position\n" + "".join(
    f"{code},2019,{place}\n" for place, code in enumerate(("DEU", "FRA", "USA", "CHN", "RUS", "GEO"))
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a world, its older sister, and the files that questions name."""
    folder = tmp_path_factory.mktemp("asked")
    make_world().save(folder / "w.npz")
    make_world(source="earlier", theta=np.array([4.0, 6.0, 5.1])).save(folder / "old.npz")
    for name, text in (("mine.yaml", ORDER), ("hit.yaml", HIT), ("path.yaml", SCENARIO)):
        (folder / name).write_text(text)
    (folder / "plan.yaml").write_text("horizon: short\nyears: 2\n")
    (folder / "positions.csv").write_text(POSITIONS)
    return folder


def asked(place: Path) -> dict[str, Callable[[World], object]]:
    """A small question of every kind."""
    mine = place / "mine.yaml"
    return {
        "plan": lambda w: ec.plan(
            w, "GEO", settings=place / "plan.yaml", order=mine, import_cut=0.3, bottlenecks=2, break_even=True
        ),
        "frontiers": lambda w: ec.plan_frontiers(w, ["GEO", "DEU"], years=2, cuts=(0.0, 0.5), order=mine),
        "precision": lambda w: ec.plan_precision(
            w, "GEO", yesterday=ec.load_world(place / "old.npz"), errors=(0.1,), draws=3, seed=5
        ),
        "sovereignty": lambda w: ec.sovereignty(
            w, ["GEO"], mine, blocs={"West": ["DEU", "FRA"]}, links=2, weights="equal", seed=3
        ),
        "evolution": lambda w: ec.evolve(w, place / "path.yaml"),
        "drivers": lambda w: ec.drivers(w, mine, base=8, seed=2),
        "structures": lambda w: ec.structures(w, mine, second=ec.load_world(place / "old.npz")),
        "alignment": lambda w: ec.align(
            w, ["USA", "CHN"], ["GEO", "RUS"], weights=Weights(1.0, 0.5, 0.0, 0.1), starts=2, core=False,
            positions=str(place / "positions.csv"),
        ),
        "nations": lambda w: states(w, divide="USA", parts={"PART": 0.2}, depth=3),
        "result": lambda w: ec.run(w, mine, draws=4),
        "comparison": lambda w: ec.compare(w, ["today", mine], draws=0, shocks=[place / "hit.yaml"]),
    }  # fmt: skip


KINDS = (
    "plan", "frontiers", "precision", "sovereignty", "evolution", "drivers", "structures", "alignment", "nations",
    "result", "comparison",
)  # fmt: skip


FROM_NEAR = ("evolution", "alignment", "nations")
"""Solves begin where a near one ended that happens to be known, so that last bits may differ from run to run."""


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_answer_is_made_again_from_each_of_its_files(
    kind: str, place: Path, tmp_path: Path
) -> None:
    """Orders, shocks, plans and scenarios travel inside; the world is found where it was."""
    made = asked(place)[kind](ec.load_world(place / "w.npz"))
    for suffix in (".nc", ".json", ".parquet"):
        path = made.export(tmp_path / f"{kind}{suffix}")  # type: ignore[attr-defined]
        again = ec.reproduce(path)
        assert again.ok and (again.identical or kind in FROM_NEAR), (path.name, str(again))
        assert again.numbers > 3
        assert again.differs == ()
    path = made.export(tmp_path / f"{kind}.csv")  # type: ignore[attr-defined]
    with pytest.raises(InputError, match=r"does not say how its numbers were made; give the .nc"):
        ec.reproduce(path)


def test_the_files_that_a_question_named_are_not_needed(place: Path, tmp_path: Path) -> None:
    for name in ("w.npz", "mine.yaml", "hit.yaml", "path.yaml"):
        (tmp_path / name).write_bytes((place / name).read_bytes())
    saved = ec.evolve(ec.load_world(tmp_path / "w.npz"), tmp_path / "path.yaml").save(tmp_path / "e.nc")
    for name in ("mine.yaml", "hit.yaml", "path.yaml"):
        (tmp_path / name).unlink()
    assert ec.reproduce(saved).ok


def test_numbers_that_were_changed_are_told(place: Path, tmp_path: Path) -> None:
    made = ec.plan_precision(ec.load_world(place / "w.npz"), "GEO", errors=(0.1,), draws=3)
    path = made.export(tmp_path / "p.json")
    text = json.loads(path.read_text())
    text["variables"]["shortage"]["values"][0][0] += 1e-6
    path.write_text(json.dumps(text))
    again = ec.reproduce(path)
    assert not again.ok and again.differs[-1].startswith("most: shortage")
    assert main(["reproduce", str(path), "--quiet"]) == 1
    table = pq.read_table(made.export(tmp_path / "p.parquet"))
    numbers = table["value"].to_numpy().copy()
    numbers[0] += 1e-6
    changed = table.set_column(table.column_names.index("value"), "value", pa.array(numbers))
    pq.write_table(changed, tmp_path / "changed.parquet")
    assert not ec.reproduce(tmp_path / "changed.parquet").ok
    words = table.to_pandas()
    text = next(name for name in words if isinstance(words[name][0], str) and words[name].nunique() > 1)
    swapped = pa.array(words[text].tolist()[::-1])
    pq.write_table(
        table.set_column(table.column_names.index(text), text, swapped), tmp_path / "words.parquet"
    )
    assert not ec.reproduce(tmp_path / "words.parquet").ok
    shorter = pq.read_table(tmp_path / "p.parquet").slice(1)
    pq.write_table(shorter, tmp_path / "shorter.parquet")
    assert not ec.reproduce(tmp_path / "shorter.parquet").ok


def test_a_world_or_file_that_is_gone_or_another_is_one_sentence(place: Path, tmp_path: Path) -> None:
    for name in ("w.npz", "old.npz", "positions.csv"):
        (tmp_path / name).write_bytes((place / name).read_bytes())
    world = ec.load_world(tmp_path / "w.npz")
    two = ec.structures(world, "today", second=ec.load_world(tmp_path / "old.npz")).save(tmp_path / "s.nc")
    one = ec.plan_precision(world, "GEO", errors=(0.1,), draws=2).save(tmp_path / "p.nc")
    placed = ec.align(
        world, ["USA", "CHN"], ["GEO"], weights=Weights(1.0, 0.5, 0.0, 0.1), starts=0,
        positions=str(tmp_path / "positions.csv"),
    ).export(tmp_path / "a.nc")  # fmt: skip
    (tmp_path / "positions.csv").write_text(POSITIONS + "ITA,2019,0.5\n")
    with pytest.raises(InputError, match=r"positions.csv has changed since .*put back the one with SHA-256"):
        ec.reproduce(placed)
    (tmp_path / "positions.csv").unlink()
    with pytest.raises(InputError, match=r"positions.csv, which is not there; put it back"):
        ec.reproduce(placed)
    (tmp_path / "old.npz").unlink()
    with pytest.raises(InputError, match=r"\(second\) was made on the world at .*old.npz"):
        ec.reproduce(two)
    (tmp_path / "w.npz").rename(tmp_path / "elsewhere.npz")
    with pytest.raises(InputError, match=f"world at .*{world.hash[:12]}.*say where it is now with --world"):
        ec.reproduce(one)
    assert ec.reproduce(one, str(tmp_path / "elsewhere.npz")).identical
    made_here = ec.plan_precision(make_world(), "GEO", errors=(0.1,), draws=2).save(tmp_path / "here.nc")
    with pytest.raises(InputError, match=r"does not say where its world is.*world.save"):
        ec.reproduce(made_here)
    assert ec.reproduce(made_here, make_world()).identical


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("gone.nc", None, "there is no result"),
        ("cut.json", '{"kind": "plan", "provenance"', "damaged, cut off or another kind"),
        ("list.json", "[1, 2]", "damaged, cut off or another kind"),
        ("none.json", '{"kind": "plan", "provenance": [], "variables": {}}', "cannot be read as a saved result"),
        ("later.json", '{"ecumene_format": 99, "variables": {}}', "it has format 99"),
        ("bytes.parquet", "PAR1", "damaged, cut off or another kind"),
        ("page.html", "<p>", "is a page, which does not say how"),
    ],
)  # fmt: skip
def test_what_is_no_whole_result_is_refused(name: str, text: str | None, words: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=words):
        ec.reproduce(tmp_path / name)


def test_questions_of_other_versions_and_damaged_ones_are_refused(place: Path) -> None:
    recipe = question_of("plan", make_world(), economy="GEO", cuts=(0.0, np.float64(0.5)), named={"order": 1})
    assert json.loads(json.dumps(recipe)) == recipe
    assert arguments_of(recipe, "x") == {"economy": "GEO", "cuts": [0.0, 0.5], "named": {"order": 1}}
    for wrong in (
        {},
        {"arguments": {"order": {"Order": {"name": 3}}}},
        {"arguments": {"a": {"b": 1, "c": 2}}},
    ):
        with pytest.raises(InputError, match="is damaged"):
            arguments_of(wrong, "x")
