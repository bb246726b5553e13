"""What plans, frontiers and tests of precision return: labelled numbers with units, and where they come from."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import numpy as np
import pandas as pd
import xarray as xr

from ecumene import countries
from ecumene.provenance import Provenance
from ecumene.results import digest

COLUMNS: Final = ("economy", "variable", "unit", "order", "year", "import_cut", "item", "value")
"""Columns of tidy rows. `item` is the sector, technique, skill or bottleneck; what a number does not vary over is
empty."""


@dataclass(frozen=True, eq=False)
class PlanNumbers(ABC):
    """Labelled numbers about plans, and files of them."""

    data: xr.Dataset
    provenance: Provenance

    @property
    def hash(self) -> str:
        """SHA-256 of the numbers, the order, the data and the seed: equal ones have equal hashes."""
        return digest(self.data, (self.provenance,))

    @abstractmethod
    def to_frame(self) -> pd.DataFrame:
        """Tidy rows, one number each."""

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
class PlanResult(PlanNumbers):
    """One economy's plan: `data` has dims year, sector, technique, skill and, as asked, import_cut and bottleneck."""

    @property
    def economy(self) -> str:
        """Code of the planned economy."""
        return str(self.data.attrs["economy"])

    @property
    def feasible(self) -> bool:
        """Whether the required living standard can be reached."""
        return int(self.data["status"]) == 0

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

    def __repr__(self) -> str:
        years = self.data.sizes["year"]
        standard = float(self.data["mean_living_standard"])
        said = f"mean living standard {standard:.3f} of the base" if self.feasible else "no plan"
        return f"<Plan of {self.economy} on {self.provenance.world_source}: {years} year{'s' * (years != 1)}, {said}>"


@final
@dataclass(frozen=True, eq=False)
class PlanFrontiers(PlanNumbers):
    """Living standards against import cuts: `data` has dims economy and import_cut."""

    def to_frame(self) -> pd.DataFrame:
        """Tidy rows: order, variable, unit, economy, import_cut, value."""
        return _tidy(self.data, ("economy", "import_cut"), "order", self.provenance.order)

    def __repr__(self) -> str:
        sizes = self.data.sizes
        return (
            f"<Frontiers of {countries.counted(sizes['economy'])} on {self.provenance.world_source}: "
            f"{sizes['import_cut']} import cut{'s' * (sizes['import_cut'] != 1)}>"
        )


@final
@dataclass(frozen=True, eq=False)
class Precision(PlanNumbers):
    """Shortages and surpluses of a plan that is carried out on other recipes than it was made from.

    `data` has dims error, draw and good; a good of the world's plan is an industry, named by economy and sector.
    """

    @property
    def planned(self) -> str:
        """Code of the planned economy, or `world`."""
        return str(self.data.attrs["planned"])

    def to_frame(self) -> pd.DataFrame:
        """Tidy rows: planned, variable, unit, error, draw, good, value."""
        found = _tidy(self.data, ("error", "draw", "good"), "planned", self.planned)
        return found.assign(draw=found["draw"].astype("Int64"), good=found["good"].fillna(""))

    def __repr__(self) -> str:
        return (
            f"<Precision of planning {self.planned} on {self.provenance.world_source}: "
            f"{self.data.sizes['draw']} draw{'s' * (self.data.sizes['draw'] != 1)}>"
        )


def _tidy(data: xr.Dataset, dims: Sequence[str], first: str, said: str) -> pd.DataFrame:
    """One row a number, with a column for each axis, missing where a variable does not have it."""
    parts = []
    for name, values in data.data_vars.items():
        number = (
            values.to_series().rename("value").reset_index() if values.ndim else {"value": [values.item()]}
        )
        parts.append(pd.DataFrame(number).assign(variable=str(name), unit=values.attrs["units"]))
    rows = pd.concat(parts, ignore_index=True).assign(**{first: said})
    return rows.reindex(columns=[first, "variable", "unit", *dims, "value"])
