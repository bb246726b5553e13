"""Political positions from a file: votes of the UN General Assembly, or positions of your own."""

from __future__ import annotations

import csv
import os

import numpy as np

from ecumene.errors import InputError, SourceError
from ecumene.files import given_path
from ecumene.types import FloatArray
from ecumene.world import World

SESSION_OF = 1945
"""A session of the UN General Assembly opens in this year plus its number."""


def from_file(world: World, path: str | os.PathLike[str], year: int) -> tuple[FloatArray, list[str]]:
    """Positions [economy, 1] from CSV, and economies that it lacks (aggregates too), which are NaN.

    Columns `economy` and `position`; or `iso3c`, `session` and `IdealPoint`, as published by Bailey, Strezhnev and
    Voeten (2017): then of the session that opened in the year, or the latest before it. Errors: SourceError.
    """
    source = given_path(path, SourceError)
    try:
        # Names in the published file are not UTF-8; codes and numbers are plain.
        with source.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, csv.Error) as error:
        raise SourceError(f"{source} cannot be read as positions ({error}); give a CSV file") from error
    heads = set(rows[0]) if rows else set()
    if {"economy", "position"} <= heads:
        found = {row["economy"]: row["position"] for row in rows}
    elif {"iso3c", "session", "IdealPoint"} <= heads:
        sessions = {int(row["session"]) for row in rows if (row["session"] or "").isdigit()}
        usable = [session for session in sessions if session + SESSION_OF <= year]
        if not usable:
            raise SourceError(f"{source} has no session up to {year}; give positions of that time")
        found = {row["iso3c"]: row["IdealPoint"] for row in rows if row["session"] == str(max(usable))}
    else:
        raise SourceError(
            f"{source} has the columns {', '.join(sorted(heads)) or 'none'}; positions need economy and position, or "
            "iso3c, session and IdealPoint"
        )
    points = np.full((len(world.economies), 1), np.nan)
    for number, code in enumerate(world.economies):
        cell = found.get(code)
        if cell not in (None, "", "NA"):
            try:
                points[number] = float(cell)
            except ValueError as error:
                raise SourceError(
                    f"{source}: the position of {code} is {cell!r:.40}; it must be a number"
                ) from error
    if np.isnan(points).all():
        raise InputError(f"{source} has no position for any economy of this world; check its codes")
    return points, [
        code for code, lacking in zip(world.economies, np.isnan(points[:, 0]), strict=True) if lacking
    ]
