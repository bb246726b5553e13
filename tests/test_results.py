"""Results: labels, tidy rows, hashes, exact round trips, and files that are whole or absent."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import netCDF4
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ecumene as ec
from ecumene import resultfile
from ecumene.errors import InputError, OutputError
from ecumene.models.solve import Options
from ecumene.provenance import Provenance, Solve, versions
from ecumene.results import COLUMNS, NOISE, QUANTILES, Comparison, Result, join

ECONOMIES = ["DEU", "GEO", "CHN", "ROW_AFRICA"]


def make_result(order: str = "two-blocs", scale: float = 1.0) -> Result:
    rng = np.random.default_rng(7)
    numbers = scale * rng.normal(size=(len(ECONOMIES), len(QUANTILES)))
    numbers[1, 2] = np.nan
    income = {"units": "percent", "long_name": "change of real income"}
    data = xr.Dataset(
        {
            "real_income": (("economy", "quantile"), numbers, income),
            "world_real_income": (("quantile",), numbers[0] / 3, {"units": "percent"}),
            "base_income": (("economy",), rng.uniform(1, 2, 4), {"units": "million USD a year"}),
        },
        coords={"economy": ECONOMIES, "quantile": list(QUANTILES), "order": order},
    )
    provenance = Provenance(
        order=order,
        order_title="Zwei Blöcke",
        order_hash="ab" * 32,
        data_hash="cd" * 32,
        world_source="a small world",
        world_year=2019,
        theta_source="assumption",
        deficits="fixed",
        seed=None,
        versions=versions(),
        notes=("A note.", "Another, with a comma."),
        solves=(Solve("central", 1.0, 0, "converged", 12, 3.4e-13),),
    )
    return Result(data, provenance)


def make_comparison() -> Comparison:
    return join([make_result("today", 0.0), make_result("two-blocs")], {"closed": "no equilibrium"})


MADE = pytest.mark.parametrize("made", [make_result(), make_comparison()], ids=["result", "comparison"])


@MADE
def test_saved_and_loaded_are_identical(made: Result | Comparison, tmp_path: Path) -> None:
    loaded = ec.load_result(made.save(tmp_path / "saved.nc"))
    assert type(loaded) is type(made)
    xr.testing.assert_identical(loaded.data, made.data)
    assert {str(v): loaded.data[v].dtype for v in loaded.data.variables} == {
        str(v): made.data[v].dtype for v in made.data.variables
    }
    assert loaded.provenance == made.provenance
    assert loaded.hash == made.hash
    if isinstance(made, Comparison):
        assert isinstance(loaded, Comparison)
        assert loaded.failed == made.failed


@MADE
def test_saving_twice_gives_the_same_numbers_and_hash(made: Result | Comparison, tmp_path: Path) -> None:
    first = ec.load_result(made.save(tmp_path / "a.nc"))
    second = ec.load_result(first.save(tmp_path / "b.nc"))
    assert first.hash == second.hash == made.hash


def test_hash_changes_with_a_number_an_order_and_the_data() -> None:
    hashes = {make_result().hash, make_result(scale=2.0).hash, make_result("today").hash}
    assert len(hashes) == 3
    assert make_result().hash == make_result().hash


def test_tidy_rows() -> None:
    frame = make_comparison().to_frame()
    assert tuple(frame.columns) == COLUMNS
    assert not frame.duplicated(["economy", "variable", "order", "quantile"]).any()
    picked = frame.query("economy == 'CHN' and variable == 'real_income' and order == 'two-blocs'")
    assert list(picked["quantile"]) == list(QUANTILES)
    expected = make_result().data["real_income"].sel(economy="CHN").values
    np.testing.assert_array_equal(picked["value"], expected)
    assert set(picked["unit"]) == {"percent"}
    assert set(frame.loc[frame["variable"] == "world_real_income", "economy"]) == {"WORLD"}
    assert (frame.groupby(["variable", "order"])["quantile"].nunique() == 3).all()


def test_what_is_within_the_residual_of_a_solve_is_0_in_rows_and_kept_in_the_data() -> None:
    assert pytest.approx(100 * Options().tolerance) == NOISE
    made = make_comparison()
    data = made.data.copy(deep=True)
    cells = data["real_income"].values
    cells[...] = 1.0
    cells[0, 0, 0], cells[0, 0, 1], cells[0, 0, 2] = -9e-13, 2.9e-9, -3.1e-9
    frame = replace(made, data=data).to_frame()
    rows = frame[frame["variable"] == "real_income"]["value"]
    assert sorted(rows)[:3] == [-3.1e-9, 0.0, 0.0]
    assert data["real_income"].values[0, 0, 0] == -9e-13


def test_one_order_out_of_a_comparison() -> None:
    comparison = make_comparison()
    xr.testing.assert_identical(comparison["two-blocs"].data, make_result().data)
    assert comparison["two-blocs"].provenance.order == "two-blocs"
    with pytest.raises(InputError, match="no equilibrium"):
        comparison["closed"]
    with pytest.raises(InputError, match="it has today, two-blocs"):
        comparison["open"]


@MADE
def test_exports_agree_with_the_frame(made: Result | Comparison, tmp_path: Path) -> None:
    frame = made.to_frame()
    for name, read in [("t.csv", pd.read_csv), ("t.parquet", pd.read_parquet)]:
        back = read(made.export(tmp_path / name))
        pd.testing.assert_frame_equal(back, frame, check_dtype=False, check_exact=True)
    document = json.loads(made.export(tmp_path / "t.json").read_text())
    assert document["ecumene_format"] == resultfile.FORMAT
    assert document["provenance"][0]["citation"].startswith("The Ecumene developers, Ecumene ")
    assert document["variables"]["real_income"]["units"] == "percent"
    xr.testing.assert_identical(ec.load_result(made.export(tmp_path / "t.nc")).data, made.data)


def test_an_unknown_suffix_names_the_formats(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.csv"):
        make_result().export(tmp_path / "result.xlsx")


def test_truncated_file_is_refused(tmp_path: Path) -> None:
    path = make_result().save(tmp_path / "r.nc")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match=r"r\.nc is no saved result: it is truncated"):
        ec.load_result(path)


@pytest.mark.parametrize("content", [b"", b"not a result", b"\x89HDF\r\n\x1a\n"])
def test_other_files_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.nc"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"other\.nc"):
        ec.load_result(path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.nc"):
        ec.load_result(tmp_path / "absent.nc")


def test_netcdf_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weather.nc"
    xr.Dataset({"rain": ("day", [1.0])}).to_netcdf(path, engine="netcdf4")
    with pytest.raises(InputError, match="no saved result of Ecumene"):
        ec.load_result(path)


def _edit_header(path: Path, **changes: object) -> None:
    with netCDF4.Dataset(path, "a") as file:
        file.ecumene_header = json.dumps({**json.loads(file.ecumene_header), **changes})


def test_unknown_format_version_is_refused_with_a_reason(tmp_path: Path) -> None:
    path = make_result().save(tmp_path / "future.nc")
    _edit_header(path, ecumene_format=99)
    with pytest.raises(InputError, match=r"format version 99.*reads version 1.*update"):
        ec.load_result(path)


def test_changed_numbers_are_noticed(tmp_path: Path) -> None:
    path = make_result().save(tmp_path / "edited.nc")
    with netCDF4.Dataset(path, "a") as file:
        file["real_income"][0, 0] = 42.0
    with pytest.raises(InputError, match="damaged"):
        ec.load_result(path)


def test_damaged_header_is_refused(tmp_path: Path) -> None:
    path = make_result().save(tmp_path / "header.nc")
    with netCDF4.Dataset(path, "a") as file:
        file.ecumene_header = file.ecumene_header[:40]
    with pytest.raises(InputError, match="header"):
        ec.load_result(path)


@pytest.mark.parametrize("suffix", [*resultfile.WRITERS])
def test_full_disk_leaves_the_old_file_and_nothing_else(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_result("today").export(tmp_path / f"kept{suffix}")
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OutputError, match=r"kept.*No space left on device.*free space"):
        make_result().export(path)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", [*resultfile.WRITERS])
def test_a_writer_that_runs_out_of_space_leaves_nothing(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(result: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setitem(resultfile.WRITERS, suffix, full)
    with pytest.raises(OutputError, match="No space left"):
        make_result().export(tmp_path / f"new{suffix}")
    assert not list(tmp_path.iterdir())


def test_netcdf_errors_of_the_library_are_output_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("NetCDF: HDF error")

    monkeypatch.setattr(xr.Dataset, "to_netcdf", broken)
    with pytest.raises(OutputError, match="HDF error"):
        make_result().save(tmp_path / "r.nc")
    assert not list(tmp_path.iterdir())


def test_interrupt_while_writing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(result: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setitem(resultfile.WRITERS, ".csv", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make_result().export(tmp_path / "r.csv")
    assert not list(tmp_path.iterdir())


def test_repr_says_what_it_is() -> None:
    assert repr(make_result()).startswith(
        "<Result of 'two-blocs' on a small world: 4 economies, world real income"
    )
    assert "failed: closed" in repr(make_comparison())
