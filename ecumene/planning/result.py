"""What a plan returns: labelled numbers with units, and where they come from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import numpy as np
import pandas as pd
import xarray as xr

from ecumene.provenance import Provenance
from ecumene.results import digest

COLUMNS: Final = ("economy", "variable", "unit", "order", "year", "import_cut", "item", "value")
"""Columns of tidy rows. `item` is the sector, technique, skill or bottleneck; what a number does not vary over is
empty."""


@final
@dataclass(frozen=True, eq=False)
class PlanResult:
    """One economy's plan: `data` has dims year, sector, technique, skill and, as asked, import_cut and bottleneck."""

    data: xr.Dataset
    provenance: Provenance

    @property
    def economy(self) -> str:
        """Code of the planned economy."""
        return str(self.data.attrs["economy"])

    @property
    def feasible(self) -> bool:
        """Whether the required living standard can be reached."""
        return int(self.data["status"]) == 0

    @property
    def hash(self) -> str:
        """SHA-256 of the numbers, the order and the data: equal plans have equal hashes."""
        return digest(self.data, (self.provenance,))

    def to_frame(self) -> pd.DataFrame:
        """Tidy rows: economy, variable, unit, order, year, import_cut, item, value."""
        parts = [self._rows(str(name), values) for name, values in self.data.data_vars.items()]
        return pd.concat(parts, ignore_index=True).loc[:, list(COLUMNS)]

    def _rows(self, name: str, values: xr.DataArray) -> pd.DataFrame:
        places = np.indices(values.shape).reshape(values.ndim, values.size)
        labels = {str(dim): values[dim].values[place] for dim, place in zip(values.dims, places, strict=True)}
        item = next((dim for dim in labels if dim not in ("year", "import_cut")), None)
        return pd.DataFrame(
            {
                "economy": self.economy,
                "variable": name,
                "unit": values.attrs["units"],
                "order": self.provenance.order,
                "year": pd.array(labels["year"], dtype="Int64") if "year" in labels else pd.NA,
                "import_cut": labels.get("import_cut", np.nan),
                "item": labels[item] if item else "",
                "value": values.values.astype(float).reshape(-1),
            }
        ).astype({"year": "Int64"})

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write to a netCDF file that `load_result` reads back exactly. Errors: OutputError."""
        from ecumene import resultfile

        return resultfile.save(self, path)

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write to `.csv`, `.parquet`, `.json` or `.nc`, as the suffix says."""
        from ecumene import resultfile

        return resultfile.export(self, path)

    def __repr__(self) -> str:
        standard = float(self.data["mean_living_standard"])
        said = f"mean living standard {standard:.3f} of the base" if self.feasible else "no plan"
        return f"<Plan of {self.economy} on {self.provenance.world_source}: {self.data.sizes['year']} years, {said}>"
