"""Why an economy gains or loses under an order: its exact log real income by cause, partner and sector."""

from __future__ import annotations

from typing import Final

import numpy as np
import xarray as xr

from ecumene.models.decomposition import PARTNER, PARTS, decompose
from ecumene.models.equilibrium import Equilibrium
from ecumene.types import ECONOMY, SECTOR

CAUSE: Final = "cause"

UNITS: Final = "log points x 100"

MEANINGS: Final = {
    "gain_by_cause": "log of real income over the goods still supplied, by cause",
    "gain_by_partner": "the same by partner, without the deficit; an economy is its own partner for what lies within",
    "gain_by_sector": "the same by sector of the good, without the deficit",
}


def measure(eq: Equilibrium) -> xr.Dataset:
    """The parts of `models.decomposition.decompose`, added up along one axis at a time, times 100.

    `gain_by_cause` [economy, cause] adds up to 100 times log real income over the goods still supplied;
    `gain_by_partner` [economy, partner] and `gain_by_sector` [economy, sector] to that without the deficit, which has
    neither. One equilibrium is one point: there is no range. Errors: SolveError as of `decompose`.
    """
    parts = decompose(eq)
    by_cause = [parts[name].sum([dim for dim in parts[name].dims if dim != ECONOMY]).values for name in PARTS]
    links = sum(parts[name].values for name, (axes, _, _) in PARTS.items() if PARTNER in axes)
    within = parts["sector_wages"].values
    by_partner = np.asarray(links).sum(axis=2)
    by_partner[np.diag_indices(len(by_partner))] += within.sum(axis=1)
    values = {
        "gain_by_cause": ((ECONOMY, CAUSE), np.stack(by_cause, axis=1)),
        "gain_by_partner": ((ECONOMY, PARTNER), by_partner),
        "gain_by_sector": ((ECONOMY, SECTOR), np.asarray(links).sum(axis=1) + within),
    }
    return xr.Dataset(
        {
            name: (axes, 100.0 * array, {"units": UNITS, "long_name": MEANINGS[name]})
            for name, (axes, array) in values.items()
        },
        coords={
            ECONOMY: list(eq.economies),
            CAUSE: list(PARTS),
            PARTNER: list(eq.economies),
            SECTOR: list(eq.sectors),
        },
    )
