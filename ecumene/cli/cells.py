"""Numbers of sovereignty as words in a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

    from ecumene.world import World

MISSING = "missing"

WHOLE = ("sectors", "economies", "days", "1 yes, 0 no")
"""Units that are counted."""


def sector(world: World, s: int) -> str:
    """A sector's title, or its code."""
    return str(world.layers["sector_name"].values[s]) if "sector_name" in world.layers else world.sectors[s]


def cell(values: xr.DataArray, value: float) -> str:
    """A number that is not known is missing, never 0; infinite is a loss of everything."""
    if np.isnan(value):
        return MISSING
    if np.isinf(value):
        return "everything"
    whole = values.attrs["units"] in WHOLE and value == round(value)
    digits = 0 if whole or abs(value) >= 1000 else 2 if abs(value) < 100 else 1
    return f"{round(value, digits) + 0.0:,.{digits}f}"
