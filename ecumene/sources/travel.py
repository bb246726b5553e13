"""Who travels between economies: a gravity estimate, and route counts of OpenFlights.

Trips a year are crossings: a visit is one trip there and one back, so that the matrix is symmetric.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from ecumene import countries
from ecumene.errors import InputError, SourceError
from ecumene.types import DESTINATION, ORIGIN, FloatArray

WORLD_VISITS = 1.46e9
"""International tourist arrivals of 2019, overnight visitors (UNWTO World Tourism Barometer, 2020)."""

GDP_ELASTICITY, POPULATION_ELASTICITY, DISTANCE_ELASTICITY = 0.65, 0.05, 1.15
"""Rounded from a Poisson fit to route counts of OpenFlights 2014 between the economies of the reference world
(0.66, 0.02, 1.17; correlation of logs 0.66). The form is that of Culiuc (2014), IMF WP/14/82."""

LANGUAGE_EFFECT = 0.7
"""Log points for a shared language (0.70 in the same fit)."""

CONTIGUITY_EFFECT = 1.0
"""Log points for a land border (assumption: trips by road and rail; flights alone show fewer, -0.7)."""

SEATS_A_ROUTE = 55_000.0
"""Seats a year behind one listed route and carrier in one direction (assumption: one flight a day, 150 seats)."""

_TERRITORIES = {
    "Cook Islands": "COK",
    "French Guiana": "GUF",
    "Guadeloupe": "GLP",
    "Martinique": "MTQ",
    "Reunion": "REU",
    "Virgin Islands": "VIR",
}


def gravity(
    gdp: FloatArray,
    population: FloatArray,
    distance: FloatArray,
    contiguity: np.ndarray | None = None,
    language: np.ndarray | None = None,
) -> FloatArray:
    """Trips a year between economies, estimated.

    `F_ij = c (GDP_i GDP_j)^0.65 (pop_i pop_j)^0.05 d_ij^-1.15 exp(1.0 contiguity + 0.7 language)`, zero on the
    diagonal, c such that all trips are twice the world's international visits of 2019, 1.46 billion.

    Shapes: gdp, population [R] in any unit; distance [R, R] in km; result [R, R], symmetric.
    Errors: InputError for a shape that does not fit or a number not above 0.
    Source: coefficients as written beside them; the form of Culiuc (2014).
    """
    n = len(gdp)
    if np.shape(population) != (n,) or np.shape(distance) != (n, n):
        raise InputError(
            f"gdp {np.shape(gdp)}, population {np.shape(population)} and distance {np.shape(distance)} do not fit; "
            "give R, R and R x R"
        )
    apart = ~np.eye(n, dtype=bool)
    for name, values in (("gdp", gdp), ("population", population), ("distance", distance[apart])):
        if not (np.isfinite(values) & (values > 0.0)).all():
            raise InputError(
                f"{name} has a number that is not above 0; travel cannot be estimated without it"
            )
    if n == 1:
        return np.zeros((1, 1))
    size = GDP_ELASTICITY * np.log(gdp) + POPULATION_ELASTICITY * np.log(population)
    far = np.log(np.where(apart, (distance + distance.T) / 2.0, 1.0))
    ties = np.zeros((n, n))
    for name, effect, tie in (
        ("contiguity", CONTIGUITY_EFFECT, contiguity),
        ("language", LANGUAGE_EFFECT, language),
    ):
        if tie is None:
            continue
        given = np.asarray(tie, dtype=np.float64)
        if given.shape != (n, n) or not ((given >= 0.0) & (given <= 1.0))[apart].all():
            raise InputError(
                f"{name} of shape {given.shape} must be {(n, n)} shares from 0 to 1, without holes"
            )
        ties = ties + effect * np.where(apart, given, 0.0)
    log_trips = size[:, None] + size[None, :] - DISTANCE_ELASTICITY * far + ties
    trips = np.where(apart, np.exp(log_trips - log_trips[apart].max()), 0.0)
    trips = (trips + trips.T) / 2.0
    return trips * (2.0 * WORLD_VISITS / trips.sum())


def openflights(folder: str | Path, economies: Sequence[str] | None = None) -> xr.DataArray:
    """Trips a year by air from the route counts of OpenFlights: `airports.dat` and `routes.dat` of a folder.

    Every listed route and carrier counts `SEATS_A_ROUTE` seats, all taken (assumption), both directions
    averaged. Economies are those asked for, or all that have an international route, sorted. What was left
    out stands in `attrs`: routes whose airports are not listed, and airports' countries that have no code.

    Unit: trips a year, labelled [origin, destination], symmetric, zero on the diagonal. Errors: SourceError
    for a missing or damaged file; InputError for an unknown economy.
    Source: OpenFlights (ODbL 1.0), airports and routes of 2014.
    """
    place = Path(folder)
    codes: dict[str, str] = {}
    unknown: Counter[str] = Counter()
    for number, row in _rows(place / "airports.dat", 14):
        if len(row) < 5:
            raise SourceError(f"{place / 'airports.dat'}, line {number}: {len(row)} columns, expected 14")
        code = countries.find(row[3]) or _TERRITORIES.get(row[3])
        if code is None:
            unknown[row[3]] += 1
        else:
            codes[row[0]] = code
    counts: Counter[tuple[str, str]] = Counter()
    lost = 0
    for number, row in _rows(place / "routes.dat", 9):
        if len(row) < 6:
            raise SourceError(f"{place / 'routes.dat'}, line {number}: {len(row)} columns, expected 9")
        origin, destination = codes.get(row[3]), codes.get(row[5])
        if origin is None or destination is None:
            lost += 1
        elif origin != destination:
            counts[origin, destination] += 1
    if not counts:
        raise SourceError(f"{place} holds no route between two economies; give the folder of OpenFlights")
    if economies is None:
        labels = sorted({code for pair in counts for code in pair})
    else:
        labels = [countries.code_of(name) for name in economies]
        if len(set(labels)) != len(labels):
            raise InputError("an economy is asked for twice; name each once")
    at = {code: position for position, code in enumerate(labels)}
    trips = np.zeros((len(labels), len(labels)))
    for (origin, destination), count in counts.items():
        if origin in at and destination in at:
            trips[at[origin], at[destination]] = count * SEATS_A_ROUTE
    return xr.DataArray(
        (trips + trips.T) / 2.0,
        dims=(ORIGIN, DESTINATION),
        coords={ORIGIN: labels, DESTINATION: labels},
        name="travel",
        attrs={
            "unit": "trips a year",
            "source": "OpenFlights route counts of 2014 (ODbL 1.0); seats a route: assumption",
            "routes_left_out": lost,
            "without_code": ", ".join(sorted(unknown)),
        },
    )


def _rows(path: Path, columns: int) -> list[tuple[int, list[str]]]:
    try:
        with path.open(encoding="utf-8", newline="") as handle:
            return [(reader.line_num, row) for reader in [csv.reader(handle)] for row in reader if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(
            f"{path} cannot be read ({error}); it should be a text of {columns} columns from OpenFlights"
        ) from error
