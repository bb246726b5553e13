"""Results in files: netCDF that reads back exactly, and CSV, Parquet and JSON for other programs."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
import xarray as xr

from ecumene.dependence.result import Sovereignty
from ecumene.errors import InputError, OutputError
from ecumene.evolution.outcome import Evolution
from ecumene.files import given_path, write_atomically
from ecumene.planning.result import PlanFrontiers, PlanNumbers, PlanResult, Precision
from ecumene.provenance import Provenance
from ecumene.results import Comparison, Result
from ecumene.uncertainty.result import Drivers, Structures, Uncertainty

FORMAT: Final = 1
"""Version of the saved file; a reader refuses what it does not know."""

ANY = Result | Comparison | PlanNumbers | Sovereignty | Evolution | Uncertainty

HEADER: Final = "ecumene_header"
"""Where a file says what it is."""

KINDS: Final[dict[type[ANY], str]] = {
    Result: "result",
    Comparison: "comparison",
    PlanResult: "plan",
    PlanFrontiers: "frontiers",
    Precision: "precision",
    Sovereignty: "sovereignty",
    Evolution: "evolution",
    Drivers: "drivers",
    Structures: "structures",
}


def _provenance(result: ANY) -> list[dict[str, Any]]:
    runs = result.provenance if isinstance(result, Comparison) else (result.provenance,)
    return [run.to_dict() for run in runs]


def _header(result: ANY) -> dict[str, Any]:
    return {
        "ecumene_format": FORMAT,
        "kind": KINDS[type(result)],
        "hash": result.hash,
        "provenance": _provenance(result),
        "failed": dict(result.failed) if isinstance(result, Comparison) else {},
    }


def as_json(result: ANY) -> dict[str, Any]:
    """Header, labels and one nested list per variable; a number that does not exist is null."""

    def plain(value: object) -> object:
        if isinstance(value, list):
            return [plain(item) for item in value]
        return None if isinstance(value, float) and not math.isfinite(value) else value

    data = result.data
    return {
        **_header(result),
        "labels": {str(name): data[name].values.tolist() for name in data.coords},
        "variables": {
            str(name): {
                "long_name": str(name),
                **values.attrs,
                "dims": [str(dim) for dim in values.dims],
                "values": plain(values.values.tolist()),
            }
            for name, values in data.data_vars.items()
        },
    }


def _write_netcdf(result: ANY, path: Path) -> None:
    stored = result.data.assign_attrs({HEADER: json.dumps(_header(result))})
    try:
        stored.to_netcdf(path, engine="netcdf4", format="NETCDF4")
    except RuntimeError as error:  # netCDF-C reports a full disk so
        raise OutputError(
            f"cannot write {path.name}: {error}; choose a folder that is writable and has free space"
        ) from error


def _table(result: ANY) -> pa.Table:
    table = pa.Table.from_pandas(result.to_frame(), preserve_index=False)
    return table.replace_schema_metadata({HEADER: json.dumps(_header(result))})


def _write_csv(result: ANY, path: Path) -> None:
    pa_csv.write_csv(_table(result), path)


def _write_parquet(result: ANY, path: Path) -> None:
    pa_parquet.write_table(_table(result), path)


def _write_json(result: ANY, path: Path) -> None:
    path.write_text(json.dumps(as_json(result), allow_nan=False) + "\n", encoding="utf-8")


WRITERS: Final[dict[str, Callable[[ANY, Path], None]]] = {
    ".nc": _write_netcdf,
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".json": _write_json,
}


def export(result: ANY, path: str | os.PathLike[str]) -> Path:
    """Write in the format that the suffix names; InputError for another suffix, OutputError on failure."""
    target = Path(path)
    writer = WRITERS.get(target.suffix.lower())
    if writer is None:
        raise InputError(f"{target} must end in one of {', '.join(WRITERS)}: the suffix chooses the format")
    return write_atomically(target, lambda temporary: writer(result, temporary))


def save(result: ANY, path: str | os.PathLike[str]) -> Path:
    """Write the netCDF file that `load` reads back exactly, whatever its suffix."""
    return write_atomically(path, lambda temporary: _write_netcdf(result, temporary))


def load(path: str | os.PathLike[str]) -> ANY:
    """Read a saved result; InputError names the file, what is wrong with it and what to do."""
    source = given_path(path)
    if not source.is_file():
        raise InputError(f"there is no result at {source}; check the path")
    try:
        with xr.open_dataset(source, engine="netcdf4") as opened:
            data = opened.load()
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(
            f"{source} is no saved result: it is truncated, or another kind of file; give the netCDF file that "
            "--netcdf (or save) wrote, or run the order again and save it"
        ) from error
    header = _read_header(data, source)
    try:
        runs = tuple(Provenance.from_dict(run) for run in header["provenance"])
        result = _assembled(header["kind"], _as_made(data), runs, header["failed"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"{source} is damaged: its header does not fit its numbers ({error}); run the order again and save it"
        ) from error
    if result.hash != header["hash"]:
        raise InputError(f"{source} is damaged: its numbers do not match its own hash; save the result again")
    return result


def _assembled(kind: str, data: xr.Dataset, runs: tuple[Provenance, ...], failed: dict[str, str]) -> ANY:
    """The object that the header speaks of; ValueError where it speaks of another than the numbers."""
    if kind not in KINDS.values() or (kind == "comparison") != ("order" in data.dims):
        raise ValueError(f"its kind is {kind!r}")
    if len(runs) != data.sizes.get("order", 1):
        raise ValueError(f"it names {len(runs)} runs")
    if kind == "comparison":
        return Comparison(data, runs, dict(failed))
    (made,) = (made for made, its in KINDS.items() if its == kind and made is not Comparison)
    return made(data, runs[0])


def _read_header(data: xr.Dataset, source: Path) -> dict[str, Any]:
    text = data.attrs.pop(HEADER, None)
    if text is None:
        raise InputError(
            f"{source} is no saved result of Ecumene: it has no header; save one with .save(path)"
        )
    try:
        header = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{source} is damaged: its header is no JSON ({error}); save the result again"
        ) from error
    found = header.get("ecumene_format") if isinstance(header, dict) else None
    if found != FORMAT:
        raise InputError(
            f"{source} has format version {found}, and this Ecumene reads version {FORMAT}; "
            "update Ecumene, or run the order again"
        )
    return header


def _as_made(data: xr.Dataset) -> xr.Dataset:
    """Undo what the file format does to labels, so that a loaded dataset is identical to the saved one."""
    labels = {
        name: (data[name].dims, data[name].values.astype(np.str_), data[name].attrs)
        for name in data.coords
        if data[name].dtype.kind in "OUT"
    }
    return data.assign_coords(labels).drop_encoding()
