"""Your own flows: arrays in an .npz file, or a long table in CSV or Parquet. Million USD a year."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ecumene.errors import SourceError
from ecumene.sources.location import Location, damaged, locate
from ecumene.sources.table import Table, in_order, places
from ecumene.types import FloatArray
from ecumene.world import World

COLUMNS = ("origin", "origin_sector", "destination", "destination_sector_or_use", "value")
"""Columns of the long form: who sells what to which sector or final use of whom, in million USD a year."""

REQUIRED = ("Z", "Y", "economies", "sectors", "final_uses")
OPTIONAL = ("sector_names", "tariff", "theta", "year", "goods")


def read(path: str) -> World:
    """A world from your own table.

    `.npz`: arrays `Z` [R*S, R*S], `Y` [R*S, R*F], `economies`, `sectors`, `final_uses`, optionally
    `sector_names`, `tariff` [R, R, S], `theta` [S], `goods` [S], `year`. `.csv`, `.parquet`: one
    flow a row, columns `origin, origin_sector, destination, destination_sector_or_use, value`.
    Unit: million USD a year. Errors: SourceError naming the file, the column or array, and the remedy.
    """
    place = locate(path, (".npz", ".csv", ".parquet"))
    suffix = Path(place.name).suffix.lower()
    if suffix == ".npz":
        return read_arrays(place).to_world()
    if suffix in (".csv", ".parquet"):
        return read_long(place).to_world()
    raise SourceError(f"{place} has an unknown ending; flows are read from .npz, .csv or .parquet")


def read_arrays(place: Location) -> Table:
    """The arrays of an .npz file; nothing pickled is ever loaded."""
    try:
        with place.open() as stream, np.load(stream, allow_pickle=False) as archive:
            found: dict[str, Any] = {name: archive[name] for name in archive.files}
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise damaged(place, f"not a readable .npz file of plain arrays ({error})") from error
    except AttributeError as error:  # np.load returns a bare array for a .npy file
        raise damaged(place, "a single array, expected an .npz file") from error
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        raise SourceError(
            f"{place} lacks the array{'s' if len(missing) > 1 else ''} {', '.join(missing)}; "
            f"needed are {', '.join(REQUIRED)}, optional {', '.join(OPTIONAL)}"
        )
    unknown = sorted(set(found) - set(REQUIRED) - set(OPTIONAL))
    if unknown:
        raise SourceError(
            f"{place} has unknown arrays {', '.join(unknown)}; known are {', '.join((*REQUIRED, *OPTIONAL))}"
        )
    year = found.get("year")
    return Table(
        Z=_numbers(found["Z"], "Z", place),
        Y=_numbers(found["Y"], "Y", place),
        economies=_codes(found["economies"], "economies", place),
        sectors=_codes(found["sectors"], "sectors", place),
        final_uses=_codes(found["final_uses"], "final_uses", place),
        source=f"flows ({place.name})",
        year=place.year if year is None else _year(year, place),
        sector_names=None
        if "sector_names" not in found
        else _codes(found["sector_names"], "sector_names", place),
        tariff=None if "tariff" not in found else _numbers(found["tariff"], "tariff", place),
        theta=None if "theta" not in found else _numbers(found["theta"], "theta", place),
        goods=None if "goods" not in found else np.asarray(found["goods"], dtype=bool),
    )


def _numbers(values: np.ndarray, name: str, place: Location) -> FloatArray:
    try:
        if np.iscomplexobj(values):
            raise TypeError("its numbers are complex")
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise damaged(place, f"the array {name} is not numeric ({error})") from error


def _codes(values: np.ndarray, name: str, place: Location) -> tuple[str, ...]:
    if values.ndim != 1:
        raise damaged(place, f"the array {name} has {values.ndim} axes, expected a list of texts")
    return tuple(str(code) for code in values)


def _year(values: np.ndarray, place: Location) -> int:
    if values.size != 1 or values.dtype.kind not in "iu":
        raise damaged(place, f"the array year is {values!r:.60}, expected one whole number")
    return int(values.item())


def read_long(place: Location) -> Table:
    """A table with one flow a row; economies, sectors and uses keep the order of their first appearance."""
    import pyarrow as pa

    try:
        with place.open() as stream:
            if Path(place.name).suffix.lower() == ".csv":
                frame = pd.read_csv(
                    stream, keep_default_na=False, na_values={"value": ["", "NA", "NaN", "nan"]}
                )
            else:
                frame = pd.read_parquet(stream)
    except (ValueError, pd.errors.ParserError, pd.errors.EmptyDataError, pa.ArrowException) as error:
        raise damaged(place, f"cannot be read as a table ({error})") from error
    return from_long(frame, place)


def from_long(frame: pd.DataFrame, place: Location) -> Table:
    """Arrays of a long table; a destination code that some origin sells is a sector, others are uses."""
    if set(frame.columns) != set(COLUMNS):
        missing = [name for name in COLUMNS if name not in frame.columns]
        extra = [str(name) for name in frame.columns if name not in COLUMNS]
        problem = "; ".join(
            f"{what} {', '.join(names)}"
            for what, names in (("lacks", missing), ("does not know", extra))
            if names
        )
        raise SourceError(f"{place}: the table {problem}; its columns must be {', '.join(COLUMNS)}")
    if frame.empty:
        raise SourceError(f"{place} holds no flow; write one row for each flow")
    value = np.asarray(pd.to_numeric(frame["value"], errors="coerce"), dtype=np.float64)
    bad = np.flatnonzero(~np.isfinite(value))
    if len(bad):
        raise SourceError(
            f"{place}: value in row {bad[0] + 2} is {frame['value'].iloc[bad[0]]!r}, not a finite number "
            f"({len(bad)} such rows); leave a row out where nothing flows"
        )
    text = {name: [str(code) for code in frame[name]] for name in COLUMNS[:-1]}
    origin, sector, destination, target = (text[name] for name in COLUMNS[:-1])
    economies = in_order([*origin, *destination])
    sectors = in_order(sector)
    uses = tuple(code for code in in_order(target) if code not in set(sectors))
    if not uses:
        raise SourceError(
            f"{place} has no final use: every destination_sector_or_use is a sector; add final demand"
        )
    repeated = np.flatnonzero(frame.duplicated(subset=list(COLUMNS[:-1])))
    if len(repeated):
        row = int(repeated[0])
        raise SourceError(
            f"{place}: row {row + 2} repeats the flow {origin[row]} {sector[row]} to "
            f"{destination[row]} {target[row]}; add up repeated flows first"
        )
    economy_at, sector_at, use_at = places(economies), places(sectors), places(uses)
    n_sectors, n_uses = len(sectors), len(uses)
    Z = np.zeros((len(economies) * n_sectors,) * 2)
    Y = np.zeros((len(economies) * n_sectors, len(economies) * n_uses))
    seller = np.array([economy_at[e] * n_sectors + sector_at[s] for e, s in zip(origin, sector, strict=True)])
    final = np.array([code in use_at for code in target])
    buyer = np.array(
        [
            economy_at[e] * n_uses + use_at[c] if c in use_at else economy_at[e] * n_sectors + sector_at[c]
            for e, c in zip(destination, target, strict=True)
        ]
    )
    inputs, bought = np.flatnonzero(~final), np.flatnonzero(final)
    Z[seller[inputs], buyer[inputs]] = value[inputs]
    Y[seller[bought], buyer[bought]] = value[bought]
    return Table(Z, Y, economies, sectors, uses, source=f"flows ({place.name})", year=place.year)
