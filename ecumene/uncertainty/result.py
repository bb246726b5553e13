"""What `drivers` and `structures` return: labelled numbers with units, and where they come from."""

from __future__ import annotations

import os
from abc import ABC
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
import pandas as pd
import xarray as xr

from ecumene import countries
from ecumene.provenance import Provenance
from ecumene.results import by_axis, digest

Cells = dict[str, tuple[tuple[str, ...], Any, str, str]]
"""Variables as they are made: axes, values, unit, meaning."""


@dataclass(frozen=True, eq=False)
class Uncertainty(ABC):
    """Labelled numbers about how sure other numbers are, and files of them."""

    data: xr.Dataset
    provenance: Provenance

    @property
    def hash(self) -> str:
        """SHA-256 of the numbers, the order, the data and the seed: equal ones have equal hashes."""
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


@final
@dataclass(frozen=True, eq=False)
class Drivers(Uncertainty):
    """What drives an order's range: `data` has axes economy, group (of parameters), sector and ladder."""

    def __repr__(self) -> str:
        return (
            f"<Drivers of '{self.provenance.order}' on {self.provenance.world_source}: "
            f"{countries.counted(self.data.sizes['economy'])}, {self.provenance.parameter_draws} runs>"
        )


@final
@dataclass(frozen=True, eq=False)
class Structures(Uncertainty):
    """An order under several structures of the model: `data` has axes world, structure and economy."""

    def __repr__(self) -> str:
        sizes = self.data.sizes
        return (
            f"<Structures of '{self.provenance.order}': {sizes['structure']} structures, "
            f"{sizes['world']} world{'s' * (sizes['world'] != 1)}, {countries.counted(sizes['economy'])}>"
        )


def dataset(cells: Cells, labels: dict[str, list[str]]) -> xr.Dataset:
    """Labelled variables from their axes, values, units and meanings."""
    arrays = {
        name: xr.DataArray(
            np.asarray(values, dtype=np.float64), dims=dims, attrs={"units": units, "long_name": meaning}
        )
        for name, (dims, values, units, meaning) in cells.items()
    }
    return xr.Dataset(arrays, coords={name: np.array(given, dtype=np.str_) for name, given in labels.items()})
