"""A finer world: one economy cut into parts that are alike but for their size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ecumene.errors import WorldError
from ecumene.layers import LAYERS
from ecumene.types import DESTINATION, ECONOMY, ORIGIN, FloatArray

if TYPE_CHECKING:
    from ecumene.world import World


def divide(world: World, economy: str, parts: Mapping[str, float], mixing: float) -> World:
    """Cut parts out of an economy; see `World.divide`."""
    _check(world, economy, parts, mixing)
    at = world.economies.index(economy)
    names = (*world.economies, *parts)
    parent = np.array([*range(len(world.economies)), *([at] * len(parts))])
    own = parent == at
    size = np.ones(len(names))
    size[len(world.economies) :] = list(parts.values())
    size[at] = 1.0 - sum(parts.values())

    trade = world.trade.values[np.ix_(parent, parent)] * _spread(own, size, mixing)[:, :, None]
    layers, notes = _layers(world, parent, own, size, parts)
    return replace(
        world,
        economies=names,
        source=f"{world.source}, {economy} divided",
        trade=trade,
        intermediate=world.intermediate.values[parent] * size[:, None, None],
        final=world.final.values[parent] * size[:, None, None],
        tariff=np.where((own[:, None] & own)[:, :, None], 0.0, world.tariff.values[np.ix_(parent, parent)]),
        layers=layers,
        notes=(
            *world.notes,
            f"{economy} is divided: {', '.join(f'{name} is {share:.4g} of it' for name, share in parts.items())}. "
            "Parts are alike but for their size, and buy from each other as from themselves times "
            f"{mixing:g} (assumption).",
            *notes,
        ),
        stored_flows=_flows(world, parent, own, size, mixing),
    )


def _check(world: World, economy: str, parts: Mapping[str, float], mixing: float) -> None:
    if economy not in world.economies:
        raise WorldError(f"the economy to divide, {economy}, is not in this world; name one that is")
    taken = [name for name in parts if name in world.economies]
    if taken:
        raise WorldError(f"the part {taken[0]} has the code of an economy of this world; give it a new code")
    wrong = [name for name, share in parts.items() if not 0 < share < 1]
    if wrong:
        raise WorldError(
            f"the part {wrong[0]} is {parts[wrong[0]]!r:.40} of {economy}; a share is above 0 and below 1"
        )
    if not parts or not sum(parts.values()) < 1:
        raise WorldError(
            f"the parts of {economy} sum to {sum(parts.values()):.6g}; name one or more, and leave a rest above 0, "
            f"which keeps the code {economy}"
        )
    if not 0 < mixing <= 1:
        raise WorldError(f"mixing is {mixing!r:.40}; it is above 0 and at most 1, where parts trade freely")


def _spread(own: np.ndarray, size: FloatArray, mixing: float) -> FloatArray:
    """What share of the undivided link each link has [origin, destination].

    `s_i` from a part to others, `s_n` from others to a part, `mixing s_i s_n` between two parts, and the rest of what a
    part bought at home from itself.
    """
    inside = own[:, None] & own
    share = size[:, None] * size
    between = np.where(inside, mixing * share, share)
    np.fill_diagonal(between, 0.0)
    at_home = np.where(own, size - np.where(inside, between, 0.0).sum(axis=0), 1.0)
    return between + np.diag(at_home)


def _flows(
    world: World, parent: np.ndarray, own: np.ndarray, size: FloatArray, mixing: float
) -> tuple[FloatArray, FloatArray] | None:
    """Stored tables, divided like trade."""
    if world.stored_flows is None:
        return None
    R, S, F, N = len(world.economies), len(world.sectors), len(world.final_uses), len(parent)
    spread = _spread(own, size, mixing)[:, None, :, None]
    Z, Y = world.stored_flows
    Z = Z.reshape(R, S, R, S)[parent][:, :, parent] * spread
    Y = Y.reshape(R, S, R, F)[parent][:, :, parent] * spread
    return Z.reshape(N * S, N * S), Y.reshape(N * S, N * F)


def _layers(
    world: World, parent: np.ndarray, own: np.ndarray, size: FloatArray, parts: Mapping[str, float]
) -> tuple[dict[str, xr.DataArray], list[str]]:
    """Layers of the finer world, and notes: what is summed is shared by size, everything else is the same."""
    found: dict[str, xr.DataArray] = {}
    notes = []
    economy_axes = {ECONOMY, ORIGIN, DESTINATION}
    for name, layer in world.layers.items():
        if name not in LAYERS:
            notes.append(f"Layer '{name}' has no rule of division and was dropped.")
            continue
        values = layer.values
        for axis, dim in enumerate(layer.dims):
            if dim in economy_axes:
                values = values.take(parent, axis=axis)
        axes = [axis for axis, dim in enumerate(layer.dims) if dim in economy_axes]
        if LAYERS[name].rule == "sum":
            for axis in axes:
                values = values * size.reshape([-1 if k == axis else 1 for k in range(values.ndim)])
        if LAYERS[name].rule == "name" and axes:
            values = np.array([*world.layers[name].values, *parts], dtype=str)
        if name == "contiguity":
            values = np.where(own[:, None] & own & ~np.eye(len(own), dtype=bool), True, values)
        found[name] = xr.DataArray(values, dims=layer.dims, attrs={"year": layer.attrs.get("year")})
    return found, notes
