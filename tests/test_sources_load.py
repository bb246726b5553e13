"""`load_world`: what a specification may say, and what each mistake answers."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from small_world import make_world

from ecumene.errors import SourceError
from ecumene.sources import load_world, spec_of

SMALL = {
    "Z": np.array([[1.0, 2], [3, 4]]),
    "Y": np.array([[5.0, 1], [1, 6]]),
    "economies": ["AAA", "BBB"],
    "sectors": ["C10T12"],
    "final_uses": ["households"],
}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("refrence", "did you mean 'reference'"),
        ("nowhere/world.nc", "no world at 'nowhere/world.nc'"),
        ("wiood:some.xlsx", "did you mean 'wiod:'"),
        ("gtap:some.har", "unknown source 'gtap:'"),
        ("wiod:", "names no file"),
        ("icio:missing_2019.csv", "no such file: missing_2019.csv"),
    ],
)
def test_mistakes_name_what_and_remedy(spec: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        load_world(spec)


def test_saved_world_round_trip(tmp_path: Path) -> None:
    np.savez(tmp_path / "small.npz", **SMALL)
    world = load_world(f"flows:{tmp_path / 'small.npz'}")
    saved = tmp_path / "saved.world"
    world.save(saved)
    assert load_world(saved).hash == world.hash


def test_an_archive_with_several_years_asks_for_one(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        for year, factor in ((2010, 1.0), (2011, 2.0)):
            path = tmp_path / f"flows_{year}.npz"
            np.savez(path, **{**SMALL, "Z": SMALL["Z"] * factor})
            archive.write(path, path.name)
    with pytest.raises(SourceError, match=r"several files fit.*#2019"):
        load_world(f"flows:{bundle}")
    with pytest.raises(SourceError, match="no file fits '2050'"):
        load_world(f"flows:{bundle}#2050")
    world = load_world(f"flows:{bundle}#2011")
    assert world.year == 2011
    assert world.trade.sel(origin="AAA", destination="BBB").item() == 4 + 1
    assert load_world(f"flows:{tmp_path}#2010").year == 2010


def test_a_broken_archive_says_so(tmp_path: Path) -> None:
    (tmp_path / "bundle.zip").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(SourceError, match="not a readable zip"):
        load_world(f"icio:{tmp_path / 'bundle.zip'}")


def test_unreadable_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "locked.npz"
    np.savez(path, **SMALL)

    def refuse(self: Path, *arguments: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)  # tests may run as root, whom no file mode stops
    with pytest.raises(SourceError, match=r"cannot read .*locked\.npz.*Permission denied"):
        load_world(f"flows:{path}")


def test_reference_is_delegated(monkeypatch: pytest.MonkeyPatch) -> None:
    import ecumene.sources.reference as embedded

    world = make_world()
    monkeypatch.setattr(embedded, "load_reference", lambda: world)
    assert load_world("reference") is world
    assert spec_of(world) == "reference"
    assert spec_of(make_world()) == ""
