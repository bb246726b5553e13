"""Files that are damaged, newer or foreign: one clear message, never another exception."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from small_world import make_world

import ecumene as ec
from ecumene.errors import EcumeneError, InputError, OutputError, SourceError, WorldError
from ecumene.files import write_atomically
from ecumene.world import World


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    world = make_world()
    world.save(folder / "w.world")
    ec.run(world, "today").save(folder / "r.nc")
    return folder


def test_an_overwritten_world_is_refused(saved: Path, tmp_path: Path) -> None:
    whole = (saved / "w.world").read_bytes()
    refusals = 0
    for seed in range(120):
        draw = random.Random(seed)
        place = draw.randrange(len(whole) - 64)
        path = tmp_path / "bad.world"
        path.write_bytes(whole[:place] + draw.randbytes(64) + whole[place + 64 :])
        try:
            found = ec.load_world(path)
        except EcumeneError as error:
            refusals += "bad.world" in str(error)
        else:
            assert found.hash == make_world().hash  # what was overwritten did not matter
    assert refusals > 80


HEADERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "newer": lambda header: header | {"ecumene_format": 2},
    "a list": lambda header: [header],
    "no kind": lambda header: {name: value for name, value in header.items() if name != "kind"},
    "another kind": lambda header: header | {"kind": "sweep"},
    "a comparison": lambda header: header | {"kind": "comparison"},
    "no run": lambda header: header | {"provenance": []},
    "an empty run": lambda header: header | {"provenance": [{}]},
    "text for runs": lambda header: header | {"provenance": "x"},
    "a run with more": lambda header: header | {"provenance": [{**header["provenance"][0], "new": 1}]},
}


@pytest.mark.parametrize("change", HEADERS.values(), ids=HEADERS)
def test_a_result_whose_header_does_not_fit_is_refused(
    change: Callable[[dict[str, Any]], Any], saved: Path, tmp_path: Path
) -> None:
    with xr.open_dataset(saved / "r.nc") as opened:
        data = opened.load()
    header = change(json.loads(data.attrs["ecumene_header"]))
    path = tmp_path / "odd.nc"
    data.assign_attrs(ecumene_header=json.dumps(header)).to_netcdf(path)
    with pytest.raises(InputError, match=r"(?s)odd\.nc .*run the order again"):
        ec.load_result(path)


def test_a_world_of_repeated_economies_is_refused_on_reading(saved: Path, tmp_path: Path) -> None:
    with np.load(saved / "w.world", allow_pickle=False) as archive:
        arrays = dict(archive)
    header = json.loads(str(arrays["header"])) | {"economies": ["DEU"] * 6}
    with (tmp_path / "twice.world").open("wb") as file:
        np.savez(file, **{**arrays, "header": np.array(json.dumps(header))})
    with pytest.raises(WorldError, match="economies repeats DEU"):
        ec.load_world(tmp_path / "twice.world")


@pytest.mark.parametrize("load", [ec.load_world, ec.load_result, ec.load_order])
@pytest.mark.parametrize("given", ["x" * 5000, "~nobody-here/file"], ids=["long", "home"])
def test_what_is_no_path_is_bad_input(load: Callable[[Any], Any], given: object) -> None:
    with pytest.raises(InputError):
        load(given)


FLOWS: dict[str, tuple[dict[str, Any], str]] = {
    "complex": ({"Z": np.ones((4, 4)) * 1j}, "complex"),
    "one code for all": ({"economies": np.array("AB")}, "economies has 0 axes"),
    "year in words": ({"year": np.array("abc")}, "year is"),
    "two years": ({"year": np.array([2011, 2012])}, "year is"),
    "nothing": ({"Z": np.zeros((4, 4)), "Y": np.zeros((4, 2))}, "every flow is zero"),
    "a code that colours the terminal": ({"economies": np.array(["A\x1b[31m", "B"])}, "letters that print"),
}


@pytest.mark.parametrize(("change", "message"), FLOWS.values(), ids=FLOWS)
def test_odd_arrays_are_refused(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    plain: dict[str, Any] = {
        "Z": np.ones((4, 4)),
        "Y": np.full((4, 2), 5.0),
        "economies": np.array(["A", "B"]),
        "sectors": np.array(["x", "y"]),
        "final_uses": np.array(["f"]),
    }
    np.savez(tmp_path / "own.npz", **{**plain, **change})
    with pytest.raises(SourceError, match=rf"own\.npz.*{message}"):
        ec.load_world(f"flows:{tmp_path / 'own.npz'}")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"year": float("nan")}, "year is nan"),
        ({"year": 10**12}, "year is 1000000000000"),
        ({"economies": None}, "economies is None"),
        ({"economies": "AB"}, "economies is 'AB'"),
        ({"economies": ["A ", "A"]}, "without spaces"),
        ({"Y": -np.full((4, 2), 5.0)}, "every flow is zero"),
    ],
)
def test_odd_arguments_are_refused(change: dict[str, Any], message: str) -> None:
    plain: dict[str, Any] = {"economies": ["A", "B"], "sectors": ["x", "y"], "final_uses": ["f"]}
    tables = {"Z": np.ones((4, 4)), "Y": np.full((4, 2), 5.0)}
    with pytest.raises(WorldError, match=message):
        World.from_flows(**{**tables, **plain, **change})


def test_an_economy_whose_inputs_take_everything_is_named() -> None:
    trade = np.eye(2)[:, :, None] * np.array([1.0, 1.0])
    trade[0, 1] = 0.5  # B makes less than it buys, A uses all it buys and more
    with pytest.raises(WorldError, match="A has no final demand left"):
        World.from_trade(
            trade, np.full((2, 2), 0.1), np.full((2, 2, 2), 0.5), economies=["A", "B"], sectors=["x", "y"]
        )


def test_new_files_have_the_permissions_of_any_new_file_while_threads_write(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        path.write_text("whole")

    threads = [
        threading.Thread(target=write_atomically, args=(tmp_path / "same.txt", write)) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (tmp_path / "plain.txt").write_text("x")
    assert (tmp_path / "same.txt").stat().st_mode == (tmp_path / "plain.txt").stat().st_mode
    assert {path.name for path in tmp_path.iterdir()} == {"same.txt", "plain.txt"}


@pytest.mark.parametrize("name", [".", "/", "inside"])
def test_a_folder_is_no_file_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inside").mkdir()
    with pytest.raises(OutputError, match="is a folder; name a file"):
        write_atomically(name, lambda path: None)
    assert [each.name for each in tmp_path.iterdir()] == ["inside"]
