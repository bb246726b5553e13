"""The vocabulary of optional layers: what each holds, on which axes, and how it aggregates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from ecumene.errors import WorldError
from ecumene.types import DESTINATION, ECONOMY, ORIGIN, SECTOR


@dataclass(frozen=True)
class Layer:
    """One named layer: axes, unit and the rule by which groups of economies or sectors are merged."""

    dims: tuple[str, ...]
    unit: str
    rule: str  # "sum", "mean" (weighted by income), "any", "all", "name" (a merged one takes its new code)


LAYERS: dict[str, Layer] = {
    "population": Layer((ECONOMY,), "persons", "sum"),
    "area": Layer((ECONOMY,), "km2", "sum"),
    "arable_land": Layer((ECONOMY,), "million ha", "sum"),
    "military_spending": Layer((ECONOMY,), "million USD", "sum"),
    "latitude": Layer((ECONOMY,), "degrees north", "mean"),
    "longitude": Layer((ECONOMY,), "degrees east", "mean"),
    "landlocked": Layer((ECONOMY,), "true or false", "all"),
    "ideal_point": Layer((ECONOMY,), "position in votes of the UN General Assembly", "mean"),
    "oil_production": Layer((ECONOMY,), "thousand barrels a day", "sum"),
    "gas_production": Layer((ECONOMY,), "billion m3 a year", "sum"),
    "coal_production": Layer((ECONOMY,), "million t a year", "sum"),
    "oil_reserves": Layer((ECONOMY,), "billion barrels", "sum"),
    "gas_reserves": Layer((ECONOMY,), "trillion m3", "sum"),
    "coal_reserves": Layer((ECONOMY,), "billion t", "sum"),
    "value_added_low_skilled": Layer((ECONOMY, SECTOR), "million USD a year", "sum"),
    "value_added_medium_skilled": Layer((ECONOMY, SECTOR), "million USD a year", "sum"),
    "value_added_high_skilled": Layer((ECONOMY, SECTOR), "million USD a year", "sum"),
    "value_added_capital": Layer((ECONOMY, SECTOR), "million USD a year", "sum"),
    "economy_name": Layer((ECONOMY,), "text", "name"),
    "distance": Layer((ORIGIN, DESTINATION), "km", "mean"),
    "contiguity": Layer((ORIGIN, DESTINATION), "true or false", "any"),
    "travel": Layer((ORIGIN, DESTINATION), "trips a year", "sum"),
    "goods": Layer((SECTOR,), "true where tariffs fall", "any"),
    "sector_name": Layer((SECTOR,), "text", "name"),
}


def dimensions(name: str) -> tuple[str, ...]:
    """Axes of a layer of the vocabulary; empty for a layer of the user's own."""
    return LAYERS[name].dims if name in LAYERS else ()


def checked(
    layers: Mapping[str, Any], economies: tuple[str, ...], sectors: tuple[str, ...]
) -> dict[str, xr.DataArray]:
    """Label every layer and check its axes. Errors: WorldError naming layer, both shapes and the remedy.

    A labelled array may say of which `year` it is (`attrs`), where that is not the world's.
    """
    known = {ECONOMY: economies, ORIGIN: economies, DESTINATION: economies, SECTOR: sectors}
    result: dict[str, xr.DataArray] = {}
    for name, given in layers.items():
        year: dict[str, int] = {}
        if isinstance(given, xr.DataArray):
            if given.attrs.get("year") is not None:
                year = {"year": _year(name, given.attrs["year"])}
            dims, values = tuple(str(dim) for dim in given.dims), given.values
            expected = dimensions(name) or dims
            if dims != expected:
                raise WorldError(
                    f"layer '{name}' has axes {dims}, expected {expected}; transpose or rename them"
                )
            for dim in dims:
                if dim in known and dim in given.coords and tuple(given[dim].values) != known[dim]:
                    raise WorldError(
                        f"layer '{name}' is labelled differently from the world along {dim}; "
                        f"reindex it to the world's {len(known[dim])} labels in the same order"
                    )
        else:
            dims, values = dimensions(name), np.asarray(given)
            if not dims:
                raise WorldError(
                    f"layer '{name}' is not in the vocabulary ({', '.join(LAYERS)}); "
                    "give it as a labelled xarray.DataArray to add a layer of your own"
                )
        shape = tuple(
            len(known[dim]) if dim in known else size for dim, size in zip(dims, values.shape, strict=False)
        )
        if values.shape != shape or len(dims) != values.ndim:
            raise WorldError(
                f"layer '{name}' has shape {values.shape}, expected {shape} = {' x '.join(dims)}"
            )
        if values.dtype.kind == "f" and np.isinf(values).any():
            raise WorldError(f"layer '{name}' holds an infinite value; use NaN for what is not known")
        values = np.array(values)
        values.flags.writeable = False
        coords = {dim: list(known[dim]) for dim in dims if dim in known}
        unit = LAYERS[name].unit if name in LAYERS else ""
        result[name] = xr.DataArray(values, dims=dims, coords=coords, name=name, attrs={"unit": unit, **year})
    return result


def _year(name: str, given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or not 1 <= given <= 9999:
        raise WorldError(f"layer '{name}' is of the year {given!r:.40}; give a whole number, as in 2019")
    return int(given)
