"""Geography of the reference world and the gravity seed of its trade."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from ecumene.errors import SourceError
from ecumene.sources.reference import facts
from ecumene.types import BoolArray, FloatArray

EARTH_RADIUS = 6371.0
"""Mean radius, km."""

INTERNAL_DISTANCE = 0.67
"""Mean distance inside a disc over its radius: `0.67 sqrt(area / pi)` (Head and Mayer 2002)."""

CONTIGUITY_EFFECT = 0.5
"""Log points of trade for a land border (rounded from Head and Mayer 2014, table 4)."""

LANGUAGE_EFFECT = 0.4
"""Log points for a shared language (rounded from Head and Mayer 2014, table 4)."""

FORMER_STATE_EFFECT = 0.8
"""Log points for one state until 1990 or later: like a colonial link in Head and Mayer (2014), assumption."""

DEPTH_EFFECT_GOODS = (0.0, 0.05, 0.15, 0.25, 0.54, 0.58, 1.2)
DEPTH_EFFECT_SERVICES = (0.0, 0.03, 0.13, 0.13, 0.34, 0.38, 1.0)
"""Log points of trade by depth of integration, 0 to 6: as the ladder of orders, where the sources stand."""

SIZE_SLOPE = 0.1
"""Rise of the distance elasticity as ln GDP of exporter or importer falls (assumption).

Small economies trade more with near ones than large economies do: few of their firms reach far markets. This
number, and the level of the distance elasticities, were chosen with the fit to WIOD 2011 in view.
"""

LARGE_GDP, SMALLEST_SIZE = 800_000.0, -3.5
"""GDP (million USD) from which the distance elasticity is the sector's own; log size where its rise stops."""


@dataclass(frozen=True)
class Geography:
    """Distance of economic centres (km, whole), borders, shared languages, former states; each [R, R]."""

    distance: FloatArray
    contiguity: BoolArray
    language: BoolArray
    former_state: BoolArray


def great_circle(latitude: FloatArray, longitude: FloatArray) -> FloatArray:
    """Great-circle distance of every pair, km.

    `d = 2 r asin sqrt(sin^2(dphi / 2) + cos phi cos phi' sin^2(dlambda / 2))`, with r = 6371 km.

    Shapes: latitude, longitude [R] in degrees; result [R, R].
    """
    phi, lam = np.radians(latitude), np.radians(longitude)
    haversine = (
        np.sin((phi[:, None] - phi[None, :]) / 2.0) ** 2
        + np.cos(phi[:, None]) * np.cos(phi[None, :]) * np.sin((lam[:, None] - lam[None, :]) / 2.0) ** 2
    )
    return 2.0 * EARTH_RADIUS * np.arcsin(np.sqrt(np.clip(haversine, 0.0, 1.0)))


@cache
def geography() -> Geography:
    """Return the geography of the facts' economies, in their order.

    Distances are rounded to whole km; an economy's own is `0.67 sqrt(area / pi)`. Borders, languages and
    states that ended after 1990 are typed in ties.csv. Errors: SourceError if it does not fit the facts.
    """
    table, ties = facts.load_facts(), facts.read_table("ties").set_index("iso3")
    if list(ties.index) != list(table.index):
        raise SourceError("ties.csv does not list the economies of facts.csv in their order; align them")
    distance = great_circle(table["latitude"].to_numpy(), table["longitude"].to_numpy())
    np.fill_diagonal(distance, INTERNAL_DISTANCE * np.sqrt(table["area"].to_numpy() / np.pi))
    at = {code: position for position, code in enumerate(table.index)}
    contiguity = np.zeros(distance.shape, dtype=bool)
    for code, cell in ties["neighbours"].items():
        for neighbour in str(cell).split():
            if neighbour not in at:
                raise SourceError(f"ties.csv: {code} borders on {neighbour}, which facts.csv lacks")
            contiguity[at[str(code)], at[neighbour]] = True
    if (contiguity != contiguity.T).any():
        raise SourceError("ties.csv: a border is typed on one side only; type it on both")
    return Geography(
        np.maximum(np.round(distance), 1.0),
        contiguity,
        _shared(ties["languages"].tolist()),
        _shared(ties["former_state"].tolist()),
    )


def _shared(cells: list[str]) -> BoolArray:
    """True where two economies' lists have a word in common; false on the diagonal."""
    words = [set(cell.split()) for cell in cells]
    result = np.array([[bool(a & b) for b in words] for a in words])
    np.fill_diagonal(result, False)
    return result


def seed(
    geo: Geography, depth: np.ndarray, gdp: FloatArray, goods: BoolArray, distance_elasticity: FloatArray
) -> FloatArray:
    """Prior of international trade, up to a factor for each exporter and each importer of a sector.

    `S_ins = exp(-(delta_s - 0.1 (z_i + z_n)) ln d_in + 0.5 contiguity + 0.4 language
    + 0.8 former state + effect_s(depth_in))`, zero on the diagonal, with
    `z = ln(GDP / 800 billion USD)` kept between -3.5 and 0.

    Shapes: depth [R, R], gdp [R] (million USD), goods and distance_elasticity [S]; result
    [S, origin, destination].
    Source: gravity as in Head and Mayer (2014), Handbook of International Economics 4, chapter 3.
    """
    size = np.clip(np.log(gdp / LARGE_GDP), SMALLEST_SIZE, 0.0)
    flat = SIZE_SLOPE * (size[:, None] + size[None, :])
    ties = (
        CONTIGUITY_EFFECT * geo.contiguity
        + LANGUAGE_EFFECT * geo.language
        + FORMER_STATE_EFFECT * geo.former_state
    )
    effect = np.where(
        goods[:, None, None],
        np.array(DEPTH_EFFECT_GOODS)[depth],
        np.array(DEPTH_EFFECT_SERVICES)[depth],
    )
    far = np.log(geo.distance)
    result = np.exp(ties + effect - (distance_elasticity[:, None, None] - flat) * far)
    diagonal = np.arange(len(depth))
    result[:, diagonal, diagonal] = 0.0
    return result
