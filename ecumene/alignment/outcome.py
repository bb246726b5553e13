"""What `align` and `nations` give: labelled numbers, where they come from, and files of them."""

from __future__ import annotations

import hashlib
import json
import math
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pa_parquet
import xarray as xr

from ecumene import countries
from ecumene.errors import InputError
from ecumene.files import given_path, write_atomically
from ecumene.provenance import Provenance, machine, versions
from ecumene.questions import question_of
from ecumene.resultfile import HEADER
from ecumene.world import World

ATTRIBUTE: Final = "ecumene_alignment"
"""Where a netCDF file of an answer says what it is."""


@dataclass(frozen=True, eq=False)
class Answer(ABC):
    """Labelled numbers about choices or nations, where they come from, and files of them."""

    data: xr.Dataset
    provenance: Provenance

    @abstractmethod
    def header(self) -> dict[str, Any]:
        """What belongs beside every number: its kind, and a verdict where there is one."""

    @abstractmethod
    def to_frame(self) -> pd.DataFrame:
        """Tidy rows, one number each."""

    def as_json(self) -> dict[str, Any]:
        """Header, labels and one nested list a variable; a number that does not exist is null."""

        def plain(value: object) -> object:
            if isinstance(value, list):
                return [plain(item) for item in value]
            return None if isinstance(value, float) and not math.isfinite(value) else value

        return {
            **self.header(),
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
        target = given_path(path)
        writer = _WRITERS.get(target.suffix.lower())
        if writer is None:
            raise InputError(
                f"{target} must end in one of {', '.join(_WRITERS)}: the suffix chooses the format"
            )
        return write_atomically(target, lambda temporary: writer(self, temporary))


@final
@dataclass(frozen=True, eq=False)
class Outlook(Answer):
    """Choices of a model: `data` over economy and choice, and over stable orders where they were sought.

    verdict: whether weights were estimated, and whether the model beats its baselines; it belongs beside every number.
    """

    verdict: str

    def header(self) -> dict[str, Any]:
        """Kind and verdict."""
        return {"kind": "alignment", "verdict": self.verdict}

    def to_frame(self) -> pd.DataFrame:
        """Tidy rows: economy, choice, stable_order (union and pole where they were sought), variable, unit, value."""
        more = [dim for dim in ("union", "pole") if dim in self.data.dims]
        return _rows(self.data, ["economy", "choice", "stable_order", *more])

    def __repr__(self) -> str:
        number = self.data.sizes["economy"]
        who = f"{countries.counted(number)} choose{'s' * (number == 1)}"
        return f"<Outlook: {self.provenance.order_title}, {who}>"


@final
@dataclass(frozen=True, eq=False)
class States(Answer):
    """One state less its parts by themselves: `data` over border (percent) and economy, a variable a term."""

    def header(self) -> dict[str, Any]:
        """Kind."""
        return {"kind": "nations"}

    def to_frame(self) -> pd.DataFrame:
        """Tidy rows: economy, border, variable, unit, value."""
        return _rows(self.data, ["economy", "border"])

    def __repr__(self) -> str:
        return f"<States: {self.provenance.order_title}, {self.data.sizes['border']} costs of borders>"


def states_of(world: World, data: xr.Dataset, asked: Mapping[str, object]) -> States:
    """What `merging` or `parting` found on a world, with where it comes from; asked: the question, for its hash."""
    title = f"One state of {', '.join(map(str, data['economy'].values))}"
    provenance = Provenance(
        order="nations",
        order_title=title,
        order_hash=hashlib.sha256(
            json.dumps(question_of("nations", world, **asked)["arguments"]).encode()
        ).hexdigest(),
        data_hash=world.hash,
        world_source=world.source,
        world_year=world.year,
        theta_source=world.theta_source,
        deficits=world.deficits,
        seed=None,
        versions=versions(),
        notes=(
            "Members of one state trade at the ladder's depth 6; terms are not weighted; point estimates at central "
            "elasticities.",
            *world.notes,
        ),
        recipe=question_of("nations", world, **asked),
        machine=machine(),
    )
    return States(data, provenance)


def _rows(data: xr.Dataset, dims: list[str]) -> pd.DataFrame:
    """Tidy rows of a dataset; an axis that a variable does not have is empty."""
    parts = []
    for name, values in data.data_vars.items():
        frame = pd.DataFrame({"value": values.values.reshape(-1)})
        where = (
            np.indices(values.shape).reshape(values.ndim, -1) if values.ndim else np.zeros((0, 1), dtype=int)
        )
        for dim in dims:
            frame[dim] = (
                data[dim].values[where[values.dims.index(dim)]].astype(str) if dim in values.dims else ""
            )
        frame["variable"], frame["unit"] = str(name), values.attrs["units"]
        parts.append(frame)
    return pd.concat(parts, ignore_index=True).loc[:, [*dims, "variable", "unit", "value"]]


def _netcdf(result: Answer, path: Path) -> None:
    header = {**result.header(), "provenance": result.provenance.to_dict()}
    result.data.assign_attrs({ATTRIBUTE: json.dumps(header)}).to_netcdf(path, engine="netcdf4")


def _csv(result: Answer, path: Path) -> None:
    result.to_frame().to_csv(path, index=False)


def _parquet(result: Answer, path: Path) -> None:
    header = {**result.header(), "provenance": result.provenance.to_dict()}
    table = pa.Table.from_pandas(result.to_frame(), preserve_index=False)
    pa_parquet.write_table(table.replace_schema_metadata({HEADER: json.dumps(header)}), path)


def _json(result: Answer, path: Path) -> None:
    path.write_text(json.dumps(result.as_json(), allow_nan=False) + "\n", encoding="utf-8")


_WRITERS: Final[dict[str, Callable[[Answer, Path], None]]] = {
    ".nc": _netcdf,
    ".csv": _csv,
    ".parquet": _parquet,
    ".json": _json,
}
