"""What a saved file of any kind carries: which answer it is, where that comes from, and its numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple
from zlib import crc32

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pa_parquet
import xarray as xr

from ecumene.alignment.outcome import ATTRIBUTE
from ecumene.errors import InputError
from ecumene.provenance import Provenance
from ecumene.resultfile import FORMAT, HEADER, load
from ecumene.results import Comparison
from ecumene.types import FloatArray

Columns = dict[str, FloatArray]

NUMBERS_ALONE: Final = {
    ".csv": "a CSV file",
    ".html": "a page",
    ".md": "a page",
    ".txt": "a table",
    ".svg": "a picture",
}
"""Files that have numbers for others to read, and nothing of how these came about."""


class Saved(NamedTuple):
    """What a file says: `kind` of answer, where every run of it comes from, numbers as variables or as rows."""

    kind: str
    runs: tuple[Provenance, ...]
    numbers: Columns
    rows: bool
    finite: bool  # what is not finite was written as missing


def read(path: Path) -> Saved:
    """A saved file. Errors: InputError naming the file, what is wrong with it, and what to do."""
    suffix = path.suffix.lower()
    if suffix in NUMBERS_ALONE:
        raise InputError(
            f"{path} is {NUMBERS_ALONE[suffix]}, which does not say how its numbers were made; give the .nc, .json or "
            ".parquet file of the same result"
        )
    if not path.is_file():
        raise InputError(f"there is no result at {path}; check the path")
    try:
        if suffix == ".json":
            return _json(path)
        if suffix == ".parquet":
            return _parquet(path)
        return _netcdf(path)
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        OSError,
        RecursionError,
    ) as error:  # also pyarrow's own
        raise InputError(
            f"{path} cannot be read as a saved result ({' '.join(str(error).split())}); it is damaged, cut off or "
            "another kind of file"
        ) from error


def _netcdf(path: Path) -> Saved:
    try:
        with xr.open_dataset(path, engine="netcdf4") as opened:
            told = opened.attrs.get(ATTRIBUTE)
            data = opened.load() if told is not None else opened
    except RuntimeError as error:  # netCDF-C's own
        raise OSError(error) from error
    if told is not None:
        header = json.loads(told)
        return Saved(header["kind"], _runs(header), numbers_of(data), False, False)
    found = load(path)
    runs = found.provenance if isinstance(found, Comparison) else (found.provenance,)
    with xr.open_dataset(path, engine="netcdf4") as opened:
        kind = str(json.loads(opened.attrs[HEADER])["kind"])
    return Saved(kind, runs, numbers_of(found.data), False, False)


def _json(path: Path) -> Saved:
    said = json.loads(path.read_text(encoding="utf-8"))
    if said.get("ecumene_format", FORMAT) != FORMAT:
        raise ValueError(f"it has format {said['ecumene_format']}, and this Ecumene reads {FORMAT}")
    kept = {}
    for name, variable in said["variables"].items():
        values = np.array(variable["values"], dtype=object)
        if not any(isinstance(each, str) for each in values.flat):
            kept[name] = values.astype(np.float64)
    return Saved(said["kind"], _runs(said), kept, False, True)


def _parquet(path: Path) -> Saved:
    table = pa_parquet.read_table(path)
    header = json.loads((table.schema.metadata or {})[HEADER.encode()])
    return Saved(header["kind"], _runs(header), columns_of(table.to_pandas()), True, False)


def _runs(header: Mapping[str, Any]) -> tuple[Provenance, ...]:
    found = header["provenance"]
    runs = tuple(Provenance.from_dict(each) for each in (found if isinstance(found, list) else [found]))
    if not runs:
        raise ValueError("it names no run")
    if not all(isinstance(run.data_hash, str) and isinstance(run.versions, Mapping) for run in runs):
        raise ValueError("its hash of the data is no text, or its versions have no names")
    return runs


def numbers_of(data: xr.Dataset) -> Columns:
    """Every variable that has numbers."""
    kept = {str(name): values for name, values in data.data_vars.items() if values.dtype.kind in "fiub"}
    return {name: np.asarray(values.values, dtype=np.float64) for name, values in kept.items()}


def columns_of(rows: pd.DataFrame) -> Columns:
    """Every column of tidy rows as Parquet keeps them; a word is the number that its checksum is."""
    kept = pa.Table.from_pandas(rows, preserve_index=False).to_pandas()
    numeric = kept.select_dtypes(["number", "bool"])
    words = kept.drop(columns=numeric.columns)
    found = {str(name): numeric[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in numeric.columns}
    for name in words.columns:
        found[str(name)] = np.array([crc32(str(word).encode()) for word in words[name]], dtype=np.float64)
    return found
