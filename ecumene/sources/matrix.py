"""The labelled CSV matrices in which inter-country tables are published: read fast and checked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from ecumene.errors import SourceError
from ecumene.sources.location import Location, damaged
from ecumene.types import FloatArray


@dataclass(frozen=True)
class Matrix:
    """A CSV matrix: row labels from the first column, column labels from the first line, numbers between."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: FloatArray

    def column(self, label: str) -> FloatArray:
        """The numbers of one column."""
        return self.values[:, self.columns.index(label)]

    def row(self, label: str) -> FloatArray:
        """The numbers of one row."""
        return self.values[self.rows.index(label)]


def read_matrix(place: Location) -> Matrix:
    """Read a labelled matrix; an empty cell is zero.

    Errors: SourceError for a file that is cut off, repeats a label, or holds text where numbers belong.
    """
    import pyarrow as pa
    from pyarrow import csv

    with place.open() as stream:
        content = stream.read()
    if not content.strip():
        raise damaged(place, "the file is empty")
    header = content.split(b"\n", 1)[0]
    # One block, for a line of a full table has tens of thousands of characters.
    options = csv.ReadOptions(block_size=max(len(content) + 1, 1 << 20))
    names = [
        name.strip().strip('"').strip() for name in header.decode("utf-8-sig", errors="replace").split(",")
    ]
    _no_repeats(names[1:], "column", place)
    types: dict[str, pa.DataType] = {name: pa.float64() for name in names[1:]}
    options.column_names = names
    options.skip_rows = 1
    convert = csv.ConvertOptions(column_types={**types, names[0]: pa.string()}, null_values=[""])
    try:
        table = csv.read_csv(pa.BufferReader(content), read_options=options, convert_options=convert)
    except pa.ArrowInvalid as error:
        raise damaged(
            place, f"{str(error).splitlines()[0][:200]}; a cut-off download looks like this"
        ) from error
    if table.num_rows == 0 or table.num_columns < 2:
        raise damaged(place, "no rows of numbers below the first line")
    rows = tuple(str(label).strip() for label in table.column(0).to_pylist())
    _no_repeats(list(rows), "row", place)
    values = np.empty((table.num_rows, table.num_columns - 1))
    for position in range(1, table.num_columns):
        values[:, position - 1] = table.column(position).fill_null(0.0).to_numpy()
    if not np.isfinite(values).all():
        i, j = np.argwhere(~np.isfinite(values))[0]
        raise damaged(place, f"the cell ({rows[i]}, {names[j + 1]}) is not a finite number")
    return Matrix(rows, tuple(names[1:]), values)


def _no_repeats(labels: list[str], what: str, place: Location) -> None:
    twice = [label for label, count in Counter(labels).items() if count > 1]
    if twice:
        raise SourceError(
            f"{place} repeats the {what} label{'s' if len(twice) > 1 else ''} {', '.join(twice[:5])}"
        )
