"""What `evolve` solves is kept: a run that was stopped goes on with the same numbers, and damage is seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_world import make_world

import ecumene as ec
from ecumene.alignment import evidence
from ecumene.cli import interrupts, main
from ecumene.errors import SolveError
from ecumene.evolution import speed
from ecumene.evolution.store import Kept
from ecumene.models import stances, transition
from ecumene.scenarios import scenario_from_text

PLAYERS = ",".join(make_world().economies[:3])

BOTH = f"""
name: both
years: 4
transition: {{to: self-sufficient, years: 3, paces: [1]}}
revision: {{players: [{PLAYERS}], paths: 10, checked_paths: 2, behaviour: {{responsiveness: 1}}}}
"""


def _evolve(folder: Path | None, **more: object) -> ec.Evolution:
    return ec.evolve(make_world(deficits="fixed"), scenario_from_text(BOTH), folder=folder, workers=1, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def whole() -> ec.Evolution:
    """Without anything kept."""
    return _evolve(None)


def test_a_run_that_was_stopped_goes_on_with_the_same_numbers(
    whole: ec.Evolution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(done: int, total: int, label: str) -> None:
        if label == "losers by sector":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _evolve(tmp_path, progress=stopped)
    before = sorted(tmp_path.rglob("*.npz"))
    assert {path.name for path in before} >= {"course-1-4.npz", "course-3-4.npz", "income-000.npz"}
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".")]  # nothing half written
    stamps = [path.stat().st_mtime_ns for path in before]

    found = _evolve(tmp_path)
    assert found.hash == whole.hash
    assert found.data.identical(whole.data)
    assert [path.stat().st_mtime_ns for path in before] == stamps  # not solved a second time

    def never(*_: object, **__: object) -> None:
        raise AssertionError("solved again")

    monkeypatch.setattr(stances, "solve_case", never)
    monkeypatch.setattr(transition, "solve_case", never)
    steps: list[tuple[int, int]] = []
    again = _evolve(tmp_path, progress=lambda done, total, label: steps.append((done, total)))
    assert again.hash == whole.hash
    assert steps[-1][0] == steps[-1][1]  # what is remembered counts as done


@pytest.mark.parametrize("damage", ["cut", "bit", "swapped", "foreign", "empty"])
def test_a_damaged_file_counts_as_none(damage: str, tmp_path: Path) -> None:
    kept, numbers = Kept(tmp_path, ("world", 1)), [np.arange(5.0), np.array(2.0)]
    for name, part in (("a", numbers), ("b", [np.ones(5), np.array(1.0)])):
        kept.recall(name, lambda part=part: part)
    (file,) = tmp_path.rglob("a.npz")
    (other,) = tmp_path.rglob("b.npz")
    good = file.read_bytes()
    if damage == "cut":
        file.write_bytes(good[:-40])
    elif damage == "bit":
        with np.load(file) as archive:
            parts = dict(archive)
        parts["0"][2] += 1e-12
        np.savez_compressed(file, **parts)
    elif damage == "swapped":
        file.write_bytes(other.read_bytes())
    elif damage == "foreign":
        np.savez_compressed(file, something=np.zeros(3))
    else:
        file.write_bytes(b"")
    asked: list[str] = []

    def make() -> list[np.ndarray]:
        asked.append("made")
        return numbers

    for _ in range(2):  # made anew once, and right from then on
        for found, wanted in zip(kept.recall("a", make), numbers, strict=True):
            np.testing.assert_array_equal(found, wanted)
    assert asked == ["made"]


@pytest.mark.parametrize(
    "ground", [("world", 2), ("else", 1), ("world", np.zeros(3)), ("world", np.zeros(4))]
)
def test_another_ground_has_other_numbers(ground: tuple, tmp_path: Path) -> None:
    Kept(tmp_path, ("world", 1)).recall("a", lambda: [np.zeros(2)])
    Kept(tmp_path, ("world", np.full(3, 1.0))).recall("a", lambda: [np.zeros(2)])
    (found,) = Kept(tmp_path, ground).recall("a", lambda: [np.ones(2)])
    np.testing.assert_array_equal(found, np.ones(2))


def test_what_has_no_answer_is_not_kept(tmp_path: Path) -> None:
    def fails() -> list[np.ndarray]:
        raise SolveError("no equilibrium")

    with pytest.raises(SolveError):
        Kept(tmp_path, ()).recall("a", fails)
    assert not list(tmp_path.rglob("*.npz"))


def test_a_folder_that_cannot_be_written_is_told_and_work_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    kept = Kept(tmp_path / "file", ())
    for _ in range(2):
        (found,) = kept.recall("a", lambda: [np.ones(2)])
        np.testing.assert_array_equal(found, np.ones(2))
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "what is solved is not kept, a stopped command begins anew"
    ]


def test_an_interrupted_command_says_that_the_next_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_world().save(tmp_path / "world.nc")
    (tmp_path / "both.yaml").write_text(BOTH)
    monkeypatch.setattr(
        speed, "follow", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    )  # as Ctrl-C in the midst of a solve
    monkeypatch.setattr(interrupts._Requests, "asked", False)
    call = ["evolve", str(tmp_path / "both.yaml"), "--world", str(tmp_path / "world.nc")]
    assert main(call) == 130
    told = capsys.readouterr().err
    assert "states and paces that are solved are kept" in told
    assert f"ecumene evolve {tmp_path / 'both.yaml'}" in told


def test_states_of_other_agreements_are_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is open hangs on who has agreements today, and what is closed on the tariffs without them."""
    _evolve(tmp_path)
    rungs = evidence.rungs_of(make_world(deficits="fixed"))
    for other in (rungs._replace(base=rungs.base + 1), rungs._replace(without=rungs.without + 0.1)):
        before = set(tmp_path.rglob("income-000.npz"))
        monkeypatch.setattr(evidence, "rungs_of", lambda world, other=other: other)
        _evolve(tmp_path)
        assert len(set(tmp_path.rglob("income-000.npz")) - before) == 1
