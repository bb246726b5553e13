"""What `evolve` returns: labelled numbers by year, and where they come from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
import pandas as pd
import xarray as xr

from ecumene.provenance import Provenance
from ecumene.results import by_axis, digest

Cells = dict[str, tuple[tuple[str, ...], Any, str, str]]
"""Variables as they are made: axes, values, unit, meaning."""


@final
@dataclass(frozen=True, eq=False)
class Evolution:
    """Paths of an order: `data` has axes year, economy, pace for a change of order, and year, quantile, player and
    stance for revisions; each variable has its units. A number that a year does not have is NaN, and a status says why.
    """

    data: xr.Dataset
    provenance: Provenance

    @property
    def hash(self) -> str:
        """SHA-256 of the numbers, the scenario, the data and the seed."""
        return digest(self.data, (self.provenance,))

    def to_frame(self) -> pd.DataFrame:
        """Tidy rows: a column for each axis (empty where a variable lacks it), then variable, unit, value."""
        return by_axis(self.data)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write to a netCDF file that `load_result` reads back exactly. Errors: OutputError."""
        from ecumene import resultfile

        return resultfile.save(self, path)

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write to `.csv`, `.parquet`, `.json` or `.nc`, as the suffix says."""
        from ecumene import resultfile

        return resultfile.export(self, path)

    def __repr__(self) -> str:
        parts = [
            part for part, name in (("transition", "pace"), ("revision", "player")) if name in self.data.dims
        ]
        years = self.data.sizes["year"] - 1
        return f"<Evolution '{self.provenance.order}': {' and '.join(parts)} over {years} year{'s' * (years != 1)}>"


def labelled(cells: Cells, coords: dict[str, Any]) -> xr.Dataset:
    """Variables with their units and meanings on labelled axes."""
    return xr.Dataset(
        {
            name: xr.Variable(
                dims, np.asarray(values, dtype=np.float64), attrs={"units": unit, "long_name": text}
            )
            for name, (dims, values, unit, text) in cells.items()
        },
        coords={name: np.asarray(labels) for name, labels in coords.items()},
    )
