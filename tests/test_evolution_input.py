"""What the doors of change over years refuse: one error with what is wrong and the remedy, never a traceback."""

from __future__ import annotations

from inspect import unwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_world import make_world

import ecumene as ec
from ecumene.errors import InputError
from ecumene.models import dynamics, farsight, meanfield, nations, tipping
from ecumene.models.dynamics import Behaviour, Landscape
from ecumene.scenarios import scenario_from_text

LAND = Landscape(np.zeros((2, 2)), np.zeros((2, 2, 2, 2)), np.zeros((2, 2)), np.array([0.0, 1.0]))
EVEN = np.full((2, 2), 0.5)
SHORT = "name: a\nyears: 2\nrevision: {players: [DEU, USA], paths: 2, checked_paths: 1}"


@pytest.mark.parametrize(
    ("what", "fragment"),
    [
        ({"land": None}, "give a Landscape"),
        ({"land": LAND._replace(own=np.full((2, 2), np.nan))}, "every value finite"),
        ({"how": None}, "give a Behaviour"),
        ({"how": Behaviour(decay=2.0)}, "at most 1"),
        ({"how": Behaviour(decay=0.0, jump=-1.0)}, "never rests"),
        ({"start": None}, "start is None"),
        ({"start": np.full((3, 2), 0.5)}, "it must be (2, 2)"),
        ({"start": np.full((2, 2), np.inf)}, "every value finite"),
        ({"start": np.ones((2, 2))}, "sum to 1"),
        ({"weight": "x"}, "weight is 'x'"),
        ({"weight": np.ones(3)}, "it must be (2,)"),
        ({"weight": np.array([np.nan, 1.0])}, "every value finite"),
        ({"raised": np.array([0.0, 1e308])}, "at most 1,000,000"),
        ({"pressure": 1e308}, "pressure is 1e+308"),
    ],
)
def test_what_a_sweep_refuses(what: dict[str, Any], fragment: str) -> None:
    asked: dict[str, Any] = {
        "land": LAND, "how": Behaviour(), "start": EVEN, "raised": np.array([0.0, 1.0]), "weight": np.array([0.5, 0.5]),
    }  # fmt: skip
    sweep = unwrap(meanfield.sweep)  # without the checks of types that only tests have
    assert sweep(**asked).up.shape == (2,)
    with pytest.raises(InputError) as caught:
        sweep(**asked | what)
    assert fragment in str(caught.value)


def test_chances_of_what_is_not_allowed_are_refused() -> None:
    barred = LAND._replace(allowed=np.array([[True, True], [True, False]]))
    with pytest.raises(InputError, match="0 for what is not allowed"):
        meanfield.at_rest(barred, Behaviour(), 0.0, EVEN)


@pytest.mark.parametrize(
    "at", [None, 5, "x", (1.0, 4.0, 0.01), nations.Preferences._make(["x", 4.0, 0.01, 0.0, 1.0])]
)
def test_what_sizes_of_nations_refuse(at: Any) -> None:
    for size in (
        nations.efficient_size,
        nations.largest_safe_size,
        nations.voted_size,
        nations.seceding_size,
    ):
        with pytest.raises(InputError, match=r"^(at|g) is "):
            unwrap(size)(at)
    known = nations.Preferences(1.0, 4.0, 0.01)
    with pytest.raises(InputError, match="size is "):
        unwrap(nations.welfare)(known, "x")
    with pytest.raises(InputError, match="leaving is "):
        unwrap(nations.secession_gain)(known, 0.2, None)


def test_what_games_and_tipping_refuse() -> None:
    with pytest.raises(InputError, match=r"give a coalitions\.Game"):
        unwrap(farsight.farsighted)(None)
    with pytest.raises(InputError, match="too large for shares"):
        tipping.shares_at_rest(-3.0, 1e308, 1.0)
    with pytest.raises(InputError, match="years is "):
        dynamics.evolve(LAND, Behaviour(), np.zeros(2, dtype=int), 10**24, [0])


@pytest.mark.parametrize("folder", [5, b"x", ["x"], np.array([1.0])])
def test_a_folder_that_is_none_is_refused_before_anything_is_solved(folder: Any) -> None:
    told: list[object] = []
    with pytest.raises(InputError, match="expected a name or a path"):
        ec.evolve(
            make_world(), scenario_from_text(SHORT), folder=folder, progress=lambda *what: told.append(what)
        )
    assert told == []


def test_a_folder_may_be_a_text_and_is_no_file(tmp_path: Path) -> None:
    scenario, world = scenario_from_text(SHORT), make_world()
    (tmp_path / "file").write_text("here")
    with pytest.raises(InputError, match="a file; name a folder"):
        ec.evolve(world, scenario, folder=tmp_path / "file")
    found = ec.evolve(world, scenario, folder=str(tmp_path / "kept"))
    assert list((tmp_path / "kept").rglob("*.npz"))
    assert ec.evolve(world, scenario, folder=tmp_path / "kept").hash == found.hash
    with pytest.raises(InputError, match="progress is 'x'"):
        ec.evolve(world, scenario, progress="x")  # pyright: ignore[reportArgumentType]
