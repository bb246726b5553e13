"""What a run returns: labelled numbers with units, and where they come from."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, final

import numpy as np
import pandas as pd
import xarray as xr

from ecumene import countries
from ecumene.errors import InputError
from ecumene.provenance import Provenance
from ecumene.types import FloatArray

if TYPE_CHECKING:
    from ecumene.resultfile import ANY

QUANTILES: Final = ("low_theta", "central", "high_theta")
"""Labels of the range over trade elasticities: 0.6, 1 and 1.6 times the world's theta by default."""

WORLD: Final = "WORLD"
"""The economy named in tidy rows that speak of the whole world."""

NOISE: Final = 3e-9
"""Percent: what the largest residual that a solve may leave (3e-11, models/solve) can make of a change that is
none."""

UNCHANGED: Final = 0.005
"""Percent: a smaller change is written as 0.00, and counts as none wherever gains and losses are counted or named."""

BAND_LABELS: Final = {"least": "least_band", "most": "most_band"}
"""Ends of the band of assumptions on shocks as rows name them, beside `low_theta` and `high_theta`."""

DRAW: Final = "draw"
LEVEL: Final = "level"
LEVELS: Final = ("p05", "median", "p95")
"""Median, 5 and 95 percent points over draws, as rows name them in the column `quantile`."""

_TABLES: Final = frozenset({"supplier", "partner", "cause", "sector", DRAW})
"""Axes of tables that have no tidy rows."""

COLUMNS: Final = ("economy", "variable", "unit", "order", "quantile", "value")


@final
@dataclass(frozen=True, eq=False)
class Result:
    """One order on one world: `data` has dims economy and quantile, each variable its `units`."""

    data: xr.Dataset
    provenance: Provenance

    @property
    def hash(self) -> str:
        """SHA-256 of the numbers, the order, the data and the seed: equal runs have equal hashes."""
        return digest(self.data, (self.provenance,))

    def to_frame(self) -> pd.DataFrame:
        """Tidy rows: economy, variable, unit, order, quantile, value."""
        return _tidy(self.data.expand_dims("order"))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write to a netCDF file that `load_result` reads back exactly. Errors: OutputError."""
        from ecumene import resultfile

        return resultfile.save(self, path)

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write to `.csv`, `.parquet`, `.json` or `.nc`, as the suffix says."""
        from ecumene import resultfile

        return resultfile.export(self, path)

    def __repr__(self) -> str:
        change = self.data["world_real_income"].sel(quantile="central").item()
        return (
            f"<Result of '{self.provenance.order}' on {self.provenance.world_source}: "
            f"{countries.counted(self.data.sizes['economy'])}, world real income {change:+.2f} %>"
        )


@final
@dataclass(frozen=True, eq=False)
class Comparison:
    """Several orders on one world: `data` has dims order, economy and quantile.

    `failed` names the orders without an equilibrium and says why; they are not in `data`.
    """

    data: xr.Dataset
    provenance: tuple[Provenance, ...]
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def orders(self) -> tuple[str, ...]:
        """Names of the orders that have numbers."""
        return tuple(str(name) for name in self.data["order"].values)

    @property
    def hash(self) -> str:
        """SHA-256 of the numbers, the orders, the data and the seeds."""
        return digest(self.data, self.provenance)

    def __getitem__(self, order: str) -> Result:
        """The result of one order; InputError where it is not among them."""
        if order not in self.orders:
            reason = (
                f": {self.failed[order]}" if order in self.failed else f"; it has {', '.join(self.orders)}"
            )
            raise InputError(f"this comparison has no numbers for the order '{order}'{reason}")
        place = self.orders.index(order)
        return Result(self.data.isel(order=place), self.provenance[place])

    def to_frame(self) -> pd.DataFrame:
        """Tidy rows: economy, variable, unit, order, quantile, value."""
        return _tidy(self.data)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write to a netCDF file that `load_result` reads back exactly. Errors: OutputError."""
        from ecumene import resultfile

        return resultfile.save(self, path)

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write to `.csv`, `.parquet`, `.json` or `.nc`, as the suffix says."""
        from ecumene import resultfile

        return resultfile.export(self, path)

    def __repr__(self) -> str:
        source = self.provenance[0].world_source
        failed = f"; failed: {', '.join(self.failed)}" if self.failed else ""
        return (
            f"<Comparison of {', '.join(self.orders)} on {source}: "
            f"{countries.counted(self.data.sizes['economy'])}{failed}>"
        )


def join(results: list[Result], failed: Mapping[str, str] | None = None) -> Comparison:
    """Put results of one world side by side along a new dimension `order`."""
    if not results:
        raise InputError("a comparison needs at least one result")
    if len(results) == 1:
        return Comparison(results[0].data.expand_dims("order"), (results[0].provenance,), dict(failed or {}))
    data = xr.concat(
        [result.data for result in results],
        dim="order",
        data_vars="all",
        coords="minimal",
        compat="override",
        join="exact",
        combine_attrs="drop_conflicts",
    )
    return Comparison(data, tuple(result.provenance for result in results), dict(failed or {}))


def load_result(path: str | os.PathLike[str]) -> ANY:
    """Read what `save` wrote, exactly; InputError for another, a truncated or a newer file."""
    from ecumene import resultfile

    return resultfile.load(path)


def _tidy(data: xr.Dataset) -> pd.DataFrame:
    """Every variable over (order, economy, quantile) as rows; those of the whole world stand under WORLD.

    A variable by shock is one variable for each, `shock_loss:pandemic`; the band of assumptions on shocks stands in
    the column `quantile`, as `least_band`, `central`, `most_band`, and so do the points of a range over draws.
    Percentages within the residual of a solve are 0. Tables by supplier, partner, cause, sector or draw are left to
    the dataset.
    """
    orders = data["order"].values
    parts = []
    for name, values in _columns(data):
        economies = data["economy"].values if "economy" in values.dims else np.array([WORLD])
        axis = next((name for name in ("band", LEVEL) if name in values.dims), "quantile")
        labels = data[axis].values
        named = np.array([BAND_LABELS.get(label, label) for label in labels.astype(str)])
        shape = (len(orders), len(economies), len(labels))
        laid = values.expand_dims({"economy": [WORLD]}) if "economy" not in values.dims else values
        laid = laid if axis in laid.dims else laid.expand_dims({axis: labels})
        flat = laid.transpose("order", "economy", axis).values.astype(float).reshape(-1)
        order, economy, label = (part.reshape(-1) for part in np.indices(shape))
        parts.append(
            pd.DataFrame(
                {
                    "economy": economies[economy],
                    "variable": name,
                    "unit": values.attrs["units"],
                    "order": orders[order],
                    "quantile": named[label],
                    "value": without_noise(flat) if values.attrs["units"].startswith("percent") else flat,
                }
            )
        )
    return pd.concat(parts, ignore_index=True).loc[:, list(COLUMNS)]


def by_axis(data: xr.Dataset) -> pd.DataFrame:
    """Tidy rows: a column for each axis (empty where a variable lacks it), then variable, unit, value."""
    axes = [str(dim) for dim in data.dims]
    parts = []
    for name, values in data.data_vars.items():
        frame = (
            values.to_series().rename("value").reset_index()
            if values.ndim
            else pd.DataFrame({"value": [float(values)]})
        )
        for axis in axes:
            frame[axis] = frame[axis].astype(str) if axis in frame else ""
        frame["variable"], frame["unit"] = str(name), values.attrs["units"]
        parts.append(frame[[*axes, "variable", "unit", "value"]])
    return pd.concat(parts, ignore_index=True)


def without_noise(percent: FloatArray) -> FloatArray:
    """Percentages, with 0 for those that are within the residual of a solve."""
    return np.where(np.abs(percent) < NOISE, 0.0, percent)


def _columns(data: xr.Dataset) -> Iterator[tuple[str, xr.DataArray]]:
    """Variables that have rows of their own."""
    for name, values in data.data_vars.items():
        if "shock" in values.dims:
            for shock in data["shock"].values:
                yield f"{values.attrs.get('of', name)}:{shock}", values.sel(shock=shock, drop=True)
        elif not _TABLES & {str(dim) for dim in values.dims}:
            yield str(values.attrs.get("of", name)), values


def digest(data: xr.Dataset, provenance: tuple[Provenance, ...]) -> str:
    """SHA-256 over names, labels, bytes and inputs; versions and notes are left out."""
    found = hashlib.sha256()
    inputs = [(run.order_hash, run.data_hash, run.seed) for run in provenance]
    found.update(json.dumps(inputs).encode())
    for name in sorted(str(name) for name in data.variables):
        variable = data[name]
        found.update(json.dumps([name, list(variable.dims), variable.attrs.get("units")]).encode())
        if variable.dtype.kind in "fiub":
            found.update(np.ascontiguousarray(variable.values).tobytes())
        else:
            found.update(json.dumps([str(label) for label in np.atleast_1d(variable.values)]).encode())
    return found.hexdigest()
