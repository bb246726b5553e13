"""What `align` returns: labelled numbers, where they come from, and files of them."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

import numpy as np
import pandas as pd
import xarray as xr

from ecumene.errors import InputError
from ecumene.files import write_atomically
from ecumene.provenance import Provenance


@final
@dataclass(frozen=True, eq=False)
class Outlook:
    """Choices of a model: `data` over economy and choice, and over stable orders where they were sought.

    verdict: whether weights were estimated, and whether the model beats its baselines; it belongs beside every number.
    """

    data: xr.Dataset
    provenance: Provenance
    verdict: str

    def to_frame(self) -> pd.DataFrame:
        """Tidy rows: economy, choice, stable_order (union and pole where they were sought), variable, unit, value."""
        dims = ["economy", "choice", "stable_order", *(d for d in ("union", "pole") if d in self.data.dims)]
        parts = []
        for name, values in self.data.data_vars.items():
            frame = pd.DataFrame({"value": values.values.reshape(-1)})
            where = (
                np.indices(values.shape).reshape(values.ndim, -1)
                if values.ndim
                else np.zeros((0, 1), dtype=int)
            )
            for dim in dims:
                frame[dim] = (
                    self.data[dim].values[where[values.dims.index(dim)]].astype(str)
                    if dim in values.dims
                    else ""
                )
            frame["variable"], frame["unit"] = str(name), values.attrs["units"]
            parts.append(frame)
        return pd.concat(parts, ignore_index=True).loc[:, [*dims, "variable", "unit", "value"]]

    def as_json(self) -> dict[str, Any]:
        """Header, labels and one nested list a variable; a number that does not exist is null."""

        def plain(value: object) -> object:
            if isinstance(value, list):
                return [plain(item) for item in value]
            return None if isinstance(value, float) and not math.isfinite(value) else value

        return {
            "kind": "alignment",
            "verdict": self.verdict,
            "provenance": self.provenance.to_dict(),
            "labels": {str(name): self.data[name].values.tolist() for name in self.data.coords},
            "variables": {
                str(name): {
                    "units": values.attrs["units"],
                    "long_name": values.attrs["long_name"],
                    "dims": [str(dim) for dim in values.dims],
                    "values": plain(values.values.tolist()),
                }
                for name, values in self.data.data_vars.items()
            },
        }

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write to `.csv`, `.parquet`, `.json` or `.nc`, as the suffix says. Errors: InputError, OutputError."""
        target = Path(path)
        writer = _WRITERS.get(target.suffix.lower())
        if writer is None:
            raise InputError(
                f"{target} must end in one of {', '.join(_WRITERS)}: the suffix chooses the format"
            )
        return write_atomically(target, lambda temporary: writer(self, temporary))

    def __repr__(self) -> str:
        return f"<Outlook: {self.provenance.order_title}, {self.data.sizes['economy']} economies choose>"


def _netcdf(result: Outlook, path: Path) -> None:
    header = {"verdict": result.verdict, "provenance": result.provenance.to_dict()}
    result.data.assign_attrs({"ecumene_alignment": json.dumps(header)}).to_netcdf(path, engine="netcdf4")


def _csv(result: Outlook, path: Path) -> None:
    result.to_frame().to_csv(path, index=False)


def _parquet(result: Outlook, path: Path) -> None:
    result.to_frame().to_parquet(path, index=False)


def _json(result: Outlook, path: Path) -> None:
    path.write_text(json.dumps(result.as_json(), allow_nan=False) + "\n", encoding="utf-8")


_WRITERS: Final[dict[str, Callable[[Outlook, Path], None]]] = {
    ".nc": _netcdf,
    ".csv": _csv,
    ".parquet": _parquet,
    ".json": _json,
}
