"""The vector of sovereignty as labelled numbers, and as rows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import numpy as np
import pandas as pd
import xarray as xr

from ecumene import countries
from ecumene.provenance import Provenance
from ecumene.results import digest

COLUMNS: Final = ("economy", "group", "measure", "with", "unit", "value", "status", "layer", "year", "reason")

KNOWN, MISSING = "known", "missing"


@final
@dataclass(frozen=True, eq=False)
class Sovereignty:
    """How dependent economies are: `data` has a variable for each measure, with units, group, layer, year and reason.

    A number that is missing is NaN, and `reason` says why and how to add it. There is no total: see `composite`.
    """

    data: xr.Dataset
    provenance: Provenance

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the measures that are one number for an economy."""
        return tuple(str(name) for name, values in self.data.data_vars.items() if values.dims == ("economy",))

    @property
    def hash(self) -> str:
        """SHA-256 of the numbers, the order, the data and the seed."""
        return digest(self.data, (self.provenance,))

    def to_frame(self) -> pd.DataFrame:
        """Rows: economy, group, measure, with (a partner, sector, bloc or end of a band), unit, value, status, layer,
        year, reason. Arrays by link are left to the dataset."""
        return pd.concat([_rows(name, self.data[name]) for name in self._in_rows()], ignore_index=True)

    def _in_rows(self) -> list[str]:
        return [str(name) for name, values in self.data.data_vars.items() if values.ndim <= 2]

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write to a netCDF file that `load_result` reads back exactly. Errors: OutputError."""
        from ecumene import resultfile

        return resultfile.save(self, path)

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write to `.csv`, `.parquet`, `.json` or `.nc`, as the suffix says."""
        from ecumene import resultfile

        return resultfile.export(self, path)

    def __repr__(self) -> str:
        lacking = sum(bool(np.isnan(self.data[name].values).all()) for name in self.measures)
        return (
            f"<Sovereignty of {countries.counted(self.data.sizes['economy'])} on {self.provenance.world_source}: "
            f"{len(self.measures)} measures, {lacking} missing>"
        )


def _rows(name: str, values: xr.DataArray) -> pd.DataFrame:
    (other,) = [dim for dim in values.dims if dim != "economy"] or [None]
    cells = values.transpose("economy", ...).values.astype(float).reshape(values.sizes["economy"], -1)
    labels = [""] if other is None else [str(label) for label in values[other].values]
    economy, label = (part.reshape(-1) for part in np.indices(cells.shape))
    number = cells.reshape(-1)
    known = ~np.isnan(number)
    year = values.attrs.get("year", "")
    return pd.DataFrame(
        {
            "economy": values["economy"].values[economy],
            "group": values.attrs["group"],
            "measure": name,
            "with": np.array(labels, dtype=object)[label],
            "unit": values.attrs["units"],
            "value": number,
            "status": np.where(known, KNOWN, MISSING),
            "layer": values.attrs["layer"],
            "year": str(year),
            "reason": np.where(known, "", values.attrs["reason"]),
        }
    ).loc[:, list(COLUMNS)]
