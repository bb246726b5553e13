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
"""Log points of trade for a land border (Head and Mayer 2014, table 4: median 0.49 in all gravity estimates)."""

LANGUAGE_EFFECT = 0.4
"""Log points for a shared language (Head and Mayer 2014, table 4: mean 0.39 in structural gravity estimates)."""

DEPTH_EFFECT = (0.0, 0.1, 0.25, 0.4, 0.5, 0.55, 1.2)
"""Log points by depth of integration, 0 to 6, tariffs included (assumption; the ladder of orders, rounded up)."""


@dataclass(frozen=True)
class Geography:
    """Distance between economic centres (km, whole), land borders, shared languages; each [R, R]."""

    distance: FloatArray
    contiguity: BoolArray
    language: BoolArray


def great_circle(latitude: FloatArray, longitude: FloatArray) -> FloatArray:
    """Great-circle distance of every pair, km: `2 r asin sqrt(sin^2(dphi/2) + cos phi cos phi' sin^2(dlam/2))`.

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

    Distances are rounded to whole km; an economy's own is `0.67 sqrt(area / pi)`. Borders and languages are
    typed in ties.csv. Errors: SourceError where ties.csv names an economy that the facts lack.
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
    spoken = [set(str(cell).split()) for cell in ties["languages"]]
    language = np.array([[bool(a & b) for b in spoken] for a in spoken])
    np.fill_diagonal(language, False)
    return Geography(np.maximum(np.round(distance), 1.0), contiguity, language)


def seed(geo: Geography, depth: np.ndarray, distance_elasticity: FloatArray) -> FloatArray:
    """Prior of international trade, up to a factor for each exporter and each importer of a sector.

    `S_ins = exp(-delta_s ln d_in + 0.5 contiguity + 0.4 language + effect(depth_in))`, zero on the diagonal.
    Shapes: depth [R, R], distance_elasticity [S]; result [S, origin, destination]. Source: gravity as in
    Head and Mayer (2014), Handbook of International Economics 4, chapter 3.
    """
    ties = CONTIGUITY_EFFECT * geo.contiguity + LANGUAGE_EFFECT * geo.language
    ties = ties + np.array(DEPTH_EFFECT)[depth]
    result = np.exp(ties[None] - distance_elasticity[:, None, None] * np.log(geo.distance)[None])
    diagonal = np.arange(len(depth))
    result[:, diagonal, diagonal] = 0.0
    return result
