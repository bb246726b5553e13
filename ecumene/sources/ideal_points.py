"""Positions of economies in votes of the UN General Assembly, from a file of ideal points.

Source: Bailey, Strezhnev and Voeten (2017), Estimating dynamic state preferences from United Nations voting data,
Journal of Conflict Resolution 61(2); the file has a row for each economy and session.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence

import numpy as np
import xarray as xr

from ecumene.errors import SourceError
from ecumene.files import plain_file
from ecumene.types import ECONOMY

CODE, SESSION, POINT = "iso3c", "session", "IdealPoint"

LARGEST = 50_000_000
"""Bytes of the largest file of positions that is read; all sessions take one million."""

FIRST_YEAR = 1945
"""Year before that of the first session: session 74 opened in 2019."""


def ideal_points(
    path: str | os.PathLike[str], economies: Sequence[str], year: int | None = None
) -> xr.DataArray:
    """The layer `ideal_point` [economy] of the session that opened in a year, else the latest before it in the file.

    The file is CSV with columns `iso3c`, `session` and `IdealPoint`. Economies that it lacks are NaN. The year is kept
    with the layer. Without a year the latest session is taken.
    Errors: SourceError (no such file or column, a cell that is no number, no session so early).
    """
    source = plain_file(path, SourceError, LARGEST)
    try:
        # Only codes and numbers are read: names in another encoding do not matter.
        with source.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, csv.Error) as error:
        raise SourceError(
            f"{source} cannot be read as a table of ideal points ({error}); give a CSV file"
        ) from error
    lacking = [name for name in (CODE, SESSION, POINT) if not rows or name not in rows[0]]
    if lacking:
        raise SourceError(
            f"{source} has no column {', '.join(lacking)}; a file of ideal points has all of them"
        )
    sessions: dict[int, dict[str, float]] = {}
    for number, row in enumerate(rows, start=2):
        if row[POINT] in ("", "NA", None):
            continue
        try:
            session, point = int(row[SESSION]), float(row[POINT])
        except (TypeError, ValueError):
            session, point = 0, np.nan
        if not np.isfinite(point):
            raise SourceError(
                f"{source}, line {number}: session {row[SESSION]!r} and ideal point {row[POINT]!r} must be numbers"
            )
        sessions.setdefault(session, {})[row[CODE]] = point
    fitting = [session for session in sessions if year is None or session + FIRST_YEAR <= year]
    if not fitting:
        first = f"its first is of {min(sessions) + FIRST_YEAR}" if sessions else "it has none at all"
        raise SourceError(f"{source} has no session up to {year}; {first}")
    session = max(fitting)
    points = np.array([sessions[session].get(code, np.nan) for code in economies])
    return xr.DataArray(
        points, dims=(ECONOMY,), coords={ECONOMY: list(economies)}, attrs={"year": session + FIRST_YEAR}
    )
