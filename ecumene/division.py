"""A finer world: one economy cut into parts that are alike but for their size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ecumene import construction, countries, given
from ecumene.errors import WorldError
from ecumene.layers import LAYERS
from ecumene.types import DESTINATION, ECONOMY, ORIGIN, FloatArray

if TYPE_CHECKING:
    from ecumene.world import World

SMALLEST = 1e-6
"""The smallest share of an economy that a part may be, and that may be left."""

GROUPS = frozenset({"all", "rest", "world", "none", "poles", "base"})
"""Words that name groups of economies, or none, where economies are named."""

SIGNS = ",=:@"
"""Signs with which groups, dates and lists are written."""


def divide(world: World, economy: str, parts: Mapping[str, float], mixing: float) -> World:
    """Cut parts out of an economy; see `World.divide`."""
    economy, parts, mixing = _parsed(world, economy, parts, mixing)
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


def _parsed(
    world: World, economy: object, parts: object, mixing: object
) -> tuple[str, dict[str, float], float]:
    """The economy, shares of new codes, and the mixing. Errors: WorldError."""
    code = given.text("the economy to divide", economy, "give one code, as 'DEU'", WorldError)
    if code not in world.economies:
        raise WorldError(f"the economy to divide, {code:.60}, is not in this world; name one that is")
    named = given.mapping("parts", parts, "{'PART': 0.2}", WorldError)
    construction.codes("parts", [*named] or ["none"])
    known = {other.upper(): other for other in world.economies}
    for name in named:
        same = known.get(name.upper(), countries.find(name))
        if same in world.economies:
            raise WorldError(
                f"the part {name:.60} has the code of an economy of this world; give it a new code"
            )
        if name.casefold() in GROUPS or set(name) & set(SIGNS):
            raise WorldError(
                f"the part {name!r:.60} has a name that stands for a group; give it a new code, as PART"
            )
    shares = {
        name: given.number(
            f"the part {name:.60}", share, SMALLEST, 1.0 - SMALLEST,
            f"a share of {code} is above 0 and below 1, and at least {SMALLEST:g}, below which rounding errors are as "
            "large as what is divided", WorldError,
        )
        for name, share in named.items()
    }  # fmt: skip
    total = sum(shares.values())
    if not shares or not total <= 1.0 - SMALLEST:
        raise WorldError(
            f"the parts of {code} sum to {total:.6g}; name one or more, and leave a rest of {SMALLEST:g} or more, "
            f"which keeps the code {code}"
        )
    mixed = given.number(
        "mixing",
        mixing,
        np.nextafter(0, 1),
        1.0,
        "it is above 0 and at most 1, where parts trade freely",
        WorldError,
    )
    return code, shares, mixed


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
