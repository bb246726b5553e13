"""Political positions from a file: votes of the UN General Assembly, or positions of your own."""

from __future__ import annotations

import csv
import os

import numpy as np

from ecumene.errors import InputError, SourceError
from ecumene.files import plain_file
from ecumene.sources.ideal_points import CODE, LARGEST, POINT, SESSION, ideal_points
from ecumene.types import FloatArray
from ecumene.world import World

OWN = ("economy", "position")
"""Columns of a file of one's own."""

FARTHEST = 1e6
"""Largest size of a position: payoffs beyond say nothing, and farther ones overflow."""


def from_file(world: World, path: str | os.PathLike[str], year: int) -> tuple[FloatArray, list[str]]:
    """Positions [economy, 1] from CSV, and economies that it lacks (aggregates too), which are NaN.

    Columns `economy` and `position`; or `iso3c`, `session` and `IdealPoint`, as published by Bailey, Strezhnev and
    Voeten (2017): then of the session that opened in the year, or the latest before it. Errors: SourceError.
    """
    source = plain_file(path, SourceError, LARGEST)
    try:
        with source.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = csv.DictReader(file)
            heads = set(rows.fieldnames or ())
            own = [(row[OWN[0]], row[OWN[1]]) for row in rows] if set(OWN) <= heads else []
    except (OSError, csv.Error) as error:
        raise SourceError(f"{source} cannot be read as positions ({error}); give a CSV file") from error
    if {CODE, SESSION, POINT} <= heads:
        points = ideal_points(source, world.economies, year).values[:, None]
    elif set(OWN) <= heads:
        given = dict(own)
        twice = sorted({code for code, _ in own if sum(code == other for other, _ in own) > 1})
        if twice:
            raise SourceError(f"{source} has {twice[0]} twice; give every economy one position")
        points = np.array([[_number(str(source), code, given.get(code))] for code in world.economies])
    else:
        raise SourceError(
            f"{source} has the columns {', '.join(sorted(heads)) or 'none'}; positions need {' and '.join(OWN)}, or "
            f"{CODE}, {SESSION} and {POINT}"
        )
    if np.isnan(points).all():
        raise InputError(f"{source} has no position for any economy of this world; check its codes")
    return points, [
        code for code, lacking in zip(world.economies, np.isnan(points[:, 0]), strict=True) if lacking
    ]


def _number(name: str, code: str, cell: str | None) -> float:
    if cell in (None, "", "NA"):
        return np.nan
    try:
        found = float(cell)
    except ValueError:
        found = np.inf
    if abs(found) > FARTHEST:
        raise SourceError(
            f"{name}: the position of {code} is {cell!r:.40}; it must be a finite number from -{FARTHEST:,.0f} to "
            f"{FARTHEST:,.0f}"
        )
    return found
