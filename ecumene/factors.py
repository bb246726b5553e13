"""Labour types and capital: what each earns of a sector's value added, in one table, and how they move.

Input-output tables carry value added in one row. The default split is typed here by broad sector, the same in every
economy, of the order that EU KLEMS (O'Mahony and Timmer 2009) and the Socio Economic Accounts of WIOD (Timmer et al.
2015) show for rich and middle-income economies: an `assumption`, replaced by the layers `LAYERS` where a world has
them. Workers move between sectors with dispersion 1.5, the baseline of Galle, Rodriguez-Clare and Yi (2023, Review of
Economic Studies 90(1)); capital moves freely in the long run (assumption).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import xarray as xr

from ecumene import sectors
from ecumene.errors import InputError
from ecumene.types import ECONOMY, FACTOR, SECTOR, FloatArray

if TYPE_CHECKING:
    from ecumene.world import World

WORKER_MOBILITY: Final = 1.5
"""Dispersion kappa of workers over sectors (Galle, Rodriguez-Clare and Yi 2023)."""

FACTORS: Final = ("low_skilled", "medium_skilled", "high_skilled", "capital")

LAYERS: Final = tuple(f"value_added_{name}" for name in FACTORS)
"""Layers [economy, sector] that replace the table: value added of each factor, million USD a year."""

MOBILITY: Final[Mapping[str, float]] = {
    "low_skilled": WORKER_MOBILITY,
    "medium_skilled": WORKER_MOBILITY,
    "high_skilled": WORKER_MOBILITY,
    "capital": float("inf"),
}

SHARES: Final[Mapping[str, tuple[float, float, float, float]]] = {
    "agriculture": (0.30, 0.20, 0.05, 0.45),
    "mining": (0.06, 0.14, 0.10, 0.70),
    "food": (0.16, 0.24, 0.10, 0.50),
    "textile": (0.26, 0.31, 0.08, 0.35),
    "wood": (0.18, 0.32, 0.10, 0.40),
    "paper": (0.12, 0.30, 0.16, 0.42),
    "petroleum": (0.05, 0.13, 0.10, 0.72),
    "chemicals": (0.08, 0.21, 0.18, 0.53),
    "plastic": (0.15, 0.33, 0.12, 0.40),
    "minerals": (0.16, 0.30, 0.11, 0.43),
    "basic_metals": (0.14, 0.31, 0.13, 0.42),
    "metal_products": (0.17, 0.37, 0.13, 0.33),
    "machinery": (0.12, 0.35, 0.19, 0.34),
    "office": (0.10, 0.25, 0.27, 0.38),
    "electrical": (0.12, 0.30, 0.21, 0.37),
    "communication": (0.10, 0.25, 0.25, 0.40),
    "medical": (0.11, 0.30, 0.24, 0.35),
    "auto": (0.12, 0.33, 0.17, 0.38),
    "other_transport": (0.11, 0.34, 0.22, 0.33),
    "other": (0.19, 0.34, 0.12, 0.35),
    "utilities": (0.06, 0.17, 0.12, 0.65),
    "construction": (0.24, 0.36, 0.10, 0.30),
    "trade": (0.20, 0.32, 0.13, 0.35),
    "hotels": (0.28, 0.32, 0.08, 0.32),
    "transport": (0.17, 0.31, 0.10, 0.42),
    "telecom": (0.06, 0.20, 0.19, 0.55),
    "finance": (0.04, 0.22, 0.26, 0.48),
    "real_estate": (0.02, 0.04, 0.05, 0.89),
    "business": (0.08, 0.22, 0.35, 0.35),
    "government": (0.08, 0.36, 0.36, 0.20),
    "education": (0.04, 0.21, 0.62, 0.13),
    "health": (0.10, 0.34, 0.36, 0.20),
    "personal": (0.17, 0.30, 0.23, 0.30),
    "households": (0.60, 0.35, 0.05, 0.00),
}
"""Low, medium and high-skilled labour and capital in value added (assumption, see above); rows add up to 1."""


def factor_share(world: World) -> tuple[xr.DataArray, str]:
    """Shares of factors in value added [economy, sector, factor] and a sentence on where they come from.

    From the world's layers `value_added_<factor>` where it has all four, else the default table: a sector that spans
    several broad sectors takes their simple mean. Errors: InputError where neither fits,
    only some layers are there, or they are negative or all zero.
    """
    coords = {ECONOMY: list(world.economies), SECTOR: list(world.sectors), FACTOR: list(FACTORS)}
    dims = (ECONOMY, SECTOR, FACTOR)
    rows = _default(world)
    if rows is None:
        values = _from_layers(world)
        note = "Value added is split into labour types and capital by layers of the world."
    else:
        values = np.broadcast_to(rows, (len(world.economies), *rows.shape))
        note = "Value added is split into labour types and capital by a table, the same in every economy (assumption)."
    return xr.DataArray(values, dims=dims, coords=coords, name="factor_share"), note


def _default(world: World) -> FloatArray | None:
    """Shares [sector, factor] of the table; None where the world has layers of its own."""
    have = [name for name in LAYERS if name in world.layers]
    if len(have) == len(LAYERS):
        return None
    if have:
        raise InputError(
            f"this world has {', '.join(have)} and lacks {', '.join(sorted(set(LAYERS) - set(have)))}; value added is "
            "split by all of these layers or by none"
        )
    kinds = sectors.kinds(world.sectors)
    if kinds is None:
        raise InputError(
            "the sectors of this world belong to no known classification, so the default split of value added does "
            f"not fit; add the layers {', '.join(LAYERS)} (economy x sector) with world.with_layers"
        )
    return np.array([np.mean([SHARES[kind] for kind in each], axis=0) for each in kinds])


def _from_layers(world: World) -> FloatArray:
    paid = np.stack([np.asarray(world.layers[name].values, dtype=np.float64) for name in LAYERS], axis=2)
    total = paid.sum(axis=2, keepdims=True)
    bad = np.argwhere(~((paid >= 0).all(axis=2) & (total[:, :, 0] > 0)))
    if len(bad):
        n, s = bad[0]
        raise InputError(
            f"the layers {', '.join(LAYERS)} give {', '.join(f'{x:.4g}' for x in paid[n, s])} in "
            f"({world.economies[n]}, {world.sectors[s]}); they must not be negative and must add up to more than 0"
        )
    return paid / total
