"""The file format of a saved world: one compressed archive of plain arrays and JSON, never pickle."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from ecumene.archives import DAMAGED_ARCHIVE
from ecumene.errors import SourceError
from ecumene.files import write_atomically

if TYPE_CHECKING:
    from ecumene.world import World

FORMAT = "ecumene-world"
VERSION = 1
_ARCHIVE = b"PK\x03\x04"
_ARRAYS = ("trade", "intermediate", "final", "tariff", "theta")

_DAMAGED_HEADER = (KeyError, TypeError, AttributeError, ValueError)
"""What a header raises that is JSON but not what `save` writes."""


def save(world: World, path: str | os.PathLike[str]) -> None:
    """Write `world` atomically; the suffix is kept as given."""
    arrays: dict[str, Any] = {name: getattr(world, name).values for name in _ARRAYS}
    if world.stored_flows is not None:
        arrays["Z"], arrays["Y"] = world.stored_flows
    for name, layer in world.layers.items():
        values = layer.values
        arrays[f"layer:{name}"] = values.astype(str) if values.dtype.kind in "OUT" else values
    header = {
        "format": FORMAT,
        "version": VERSION,
        "economies": world.economies,
        "sectors": world.sectors,
        "final_uses": world.final_uses,
        "year": world.year,
        "source": world.source,
        "theta_source": world.theta_source,
        "deficits": world.deficits,
        "notes": world.notes,
        "layers": {name: [str(dim) for dim in layer.dims] for name, layer in world.layers.items()},
        "layer_years": {n: layer.attrs["year"] for n, layer in world.layers.items() if "year" in layer.attrs},
        "cleaning": None if world.cleaning is None else world.cleaning.to_dict("list"),
    }
    arrays["header"] = np.array(json.dumps(header))

    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.savez_compressed(file, **arrays)

    write_atomically(path, write)


def load(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The arguments of `World` from a saved file. Errors: SourceError."""
    file = Path(path)
    try:
        header, arrays = _read(file)
    except FileNotFoundError as error:
        raise SourceError(
            f"there is no file {file}; give the path of a saved world, or a source such as wiod:PATH"
        ) from error
    except DAMAGED_ARCHIVE as error:
        raise SourceError(
            f"{file} cannot be read as a saved world ({error}); it may be truncated, save it again"
        ) from error
    try:
        return _arguments(header, arrays)
    except _DAMAGED_HEADER as error:
        raise SourceError(
            f"{file} cannot be read as a saved world: its header is damaged ({error}); save it again"
        ) from error


def _read(file: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and arrays of a saved world of this version. Errors: SourceError, and what a damaged archive raises."""
    # Opened here, so that the file is closed even where numpy refuses it.
    foreign = f"{file} is not a saved world; name its source, as in wiod:{file} or flows:{file}"
    with file.open("rb") as stream:
        begins = stream.read(len(_ARCHIVE))
        if begins and begins != _ARCHIVE:
            raise SourceError(foreign)
        stream.seek(0)
        with np.load(stream, allow_pickle=False) as archive:
            return _parts(file, archive, foreign)


def _parts(file: Path, archive: Any, foreign: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if "header" not in archive:
        raise SourceError(foreign)
    header = json.loads(str(archive["header"]))
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        found = header.get("format") if isinstance(header, dict) else type(header).__name__
        raise SourceError(f"{file} is not a saved world but '{found}'")
    if header.get("version") != VERSION:
        raise SourceError(
            f"{file} has format version {header.get('version')}, this Ecumene reads version {VERSION}; "
            "load it with the version that wrote it, or rebuild it from its source"
        )
    return header, {name: archive[name] for name in archive.files if name != "header"}


def _arguments(header: dict[str, Any], arrays: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `World`."""
    cleaning, years = header["cleaning"], header.get("layer_years", {})
    return {
        "economies": tuple(header["economies"]),
        "sectors": tuple(header["sectors"]),
        "final_uses": tuple(header["final_uses"]),
        "year": header["year"],
        "source": header["source"],
        "theta_source": header["theta_source"],
        "deficits": header["deficits"],
        "notes": tuple(header["notes"]),
        "layers": {
            name: xr.DataArray(arrays[f"layer:{name}"], dims=tuple(dims), attrs={"year": years.get(name)})
            for name, dims in header["layers"].items()
        },
        "cleaning": None if cleaning is None else pd.DataFrame(cleaning),
        "stored_flows": (arrays["Z"], arrays["Y"]) if "Z" in arrays else None,
        **{name: arrays[name] for name in _ARRAYS},
    }
