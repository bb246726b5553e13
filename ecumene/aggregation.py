"""Coarser and rebalanced worlds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ecumene.balancing import biproportional
from ecumene.errors import WorldError
from ecumene.layers import LAYERS
from ecumene.types import ECONOMY, SECTOR, FloatArray

if TYPE_CHECKING:
    from ecumene.world import World


def _groups(
    kind: str, names: tuple[str, ...], mapping: Mapping[str, str]
) -> tuple[tuple[str, ...], FloatArray]:
    """New labels in order of first appearance, and the 0/1 matrix [new, old]."""
    unknown = sorted(set(mapping) - set(names))
    if unknown:
        raise WorldError(
            f"{kind} to aggregate are not in this world: {', '.join(unknown[:8])}; it has {', '.join(names[:8])}, ..."
        )
    target = [mapping.get(name, name) for name in names]
    labels = tuple(dict.fromkeys(target))
    matrix = np.zeros((len(labels), len(names)))
    matrix[[labels.index(name) for name in target], np.arange(len(names))] = 1.0
    return labels, matrix


def _weighted(matrices: Sequence[FloatArray], values: FloatArray, weights: FloatArray) -> FloatArray:
    """Group means of `values` with `weights`; plain means where a group has no weight."""

    def total(array: FloatArray) -> FloatArray:
        for axis, matrix in enumerate(matrices):
            array = np.moveaxis(np.tensordot(matrix, array, axes=(1, axis)), 0, axis)
        return array

    mass = total(weights)
    plain = total(values) / total(np.ones_like(values))
    return np.where(
        mass > 0, np.divide(total(values * weights), mass, out=plain.copy(), where=mass > 0), plain
    )


def _merge_layer(
    name: str,
    layer: xr.DataArray,
    matrices: Mapping[str, FloatArray],
    codes: Mapping[str, Sequence[str]],
    income: FloatArray,
) -> np.ndarray:
    rule = LAYERS[name].rule
    axes = [matrices["sector" if dim == SECTOR else "economy"] for dim in layer.dims]
    values = layer.values
    if rule == "name":
        alone = axes[0].sum(axis=1) == 1
        new = codes["sector" if layer.dims[0] == SECTOR else "economy"]
        return np.where(alone, values[np.argmax(axes[0], axis=1)], np.array(new, dtype=str))
    numbers = values.astype(np.float64)
    if rule == "mean":
        weights = income if values.ndim == 1 else np.outer(income, income)
        return _weighted(axes, numbers, weights)
    for axis, matrix in enumerate(axes):
        numbers = np.moveaxis(np.tensordot(matrix, numbers, axes=(1, axis)), 0, axis)
    if rule == "any":
        return np.asarray(numbers > 0)
    if rule == "all":
        return numbers == axes[0].sum(axis=1)
    return numbers


def aggregate(world: World, economies: Mapping[str, str], sectors: Mapping[str, str]) -> World:
    """Merge economies and sectors; see `World.aggregate`."""
    names, by_economy = _groups("economies", world.economies, economies)
    goods, by_sector = _groups("sectors", world.sectors, sectors)
    trade, tariff = world.trade.values, world.tariff.values
    link = (by_economy, by_economy, by_sector)
    merged_tariff = _weighted(link, tariff, trade)
    home = np.eye(len(names), dtype=bool)
    lost = float(np.einsum("ab,abs->", by_economy.T @ by_economy, trade * tariff))
    merged_tariff[home] = 0.0

    notes = list(world.notes)
    if lost > 0:
        # Duties between merged economies disappear into the price of what is now a domestic sale.
        notes.append(
            f"Tariff revenue of {lost:,.0f} million USD between merged economies became domestic sales value."
        )
    spread = (trade * (1.0 + tariff)) if lost > 0 else trade
    inside = (by_economy.T @ by_economy > 0)[:, :, None]
    value = np.where(inside, spread, trade)
    merged_trade = np.einsum("ai,bn,cs,ins->abc", by_economy, by_economy, by_sector, value, optimize=True)
    intermediate = np.einsum(
        "an,cs,dk,nsk->acd", by_economy, by_sector, by_sector, world.intermediate.values, optimize=True
    )
    final = np.einsum("an,cs,nsf->acf", by_economy, by_sector, world.final.values, optimize=True)
    theta = _weighted((by_sector,), world.theta.values, world.spending.values.sum(axis=0))

    layers: dict[str, xr.DataArray] = {}
    for name, layer in world.layers.items():
        if name in LAYERS:
            matrices = {"economy": by_economy, "sector": by_sector}
            codes = {"economy": names, "sector": goods}
            merged = _merge_layer(name, layer, matrices, codes, world.income.values)
            layers[name] = xr.DataArray(merged, dims=layer.dims, attrs={"year": layer.attrs.get("year")})
        else:
            notes.append(f"Layer '{name}' has no rule of aggregation and was dropped.")
    stored = None
    if world.stored_flows is not None and lost == 0:
        stored = _merge_flows(world, by_economy, by_sector)
    return replace(
        world,
        economies=names,
        sectors=goods,
        source=f"{world.source}, aggregated to {len(names)} x {len(goods)}",
        trade=merged_trade,
        intermediate=intermediate,
        final=final,
        tariff=merged_tariff,
        theta=theta,
        layers=layers,
        notes=tuple(notes),
        stored_flows=stored,
    )


def _merge_flows(
    world: World, by_economy: FloatArray, by_sector: FloatArray
) -> tuple[FloatArray, FloatArray]:
    assert world.stored_flows is not None
    Z, Y = world.stored_flows
    rows = np.kron(by_economy, by_sector)
    columns = np.kron(by_economy, np.eye(len(world.final_uses)))
    return rows @ Z @ rows.T, rows @ Y @ columns.T


def select(world: World, economies: Sequence[str], rest: str) -> World:
    """Keep the named economies and merge the others; see `World.select`."""
    keep = list(dict.fromkeys(economies))
    unknown = [name for name in keep if name not in world.economies]
    if unknown:
        raise WorldError(f"economies to select are not in this world: {', '.join(unknown[:8])}")
    if not keep:
        raise WorldError("select needs at least one economy")
    if rest in keep:
        raise WorldError(f"'{rest}' is among the selected economies; choose another name for the rest")
    return aggregate(world, {name: rest for name in world.economies if name not in keep}, {})


def balance(world: World, output: xr.DataArray) -> World:
    """Rebalance trade to a given gross output; see `World.balance`.

    Technology (input shares of output) and the final-demand structure are kept: with `g` inputs per unit of output,
    `X = g Y* + c_s F`, one factor c_s a sector so that world purchases equal world sales, then rows of trade are
    scaled to Y* and columns to X* by biproportional fitting, sector by sector.
    """
    if set(output.dims) != {ECONOMY, SECTOR}:
        raise WorldError(f"output has axes {output.dims}, expected (economy, sector)")
    target = (
        output.transpose(ECONOMY, SECTOR)
        .sel(economy=list(world.economies), sector=list(world.sectors))
        .values
    )
    if not (np.isfinite(target).all() and (target >= 0).all()):
        raise WorldError("output targets must be finite and not negative")
    base = world.output.values
    if ((base <= 0) & (target > 0)).any():
        raise WorldError(
            "a positive output target meets a sector without output; technology for it is unknown"
        )
    if world.tariff_revenue.values.any():
        raise WorldError("balance works on a world without tariffs; rebalance first, then add tariffs")
    cost = np.divide(
        world.intermediate.values,
        base[:, None, :],
        out=np.zeros(world.intermediate.shape),
        where=base[:, None, :] > 0,
    )
    intermediate = cost * target[:, None, :]
    final = world.final.values
    room = target.sum(axis=0) - intermediate.sum(axis=(0, 2))
    have = final.sum(axis=(0, 2))
    if ((room < 0) | ((have <= 0) & (room > 1e-9 * target.sum()))).any():
        raise WorldError(
            "output targets leave less than nothing for final demand in some sector; raise its output"
        )
    final = final * np.divide(room, have, out=np.zeros_like(room), where=have > 0)[None, :, None]
    spending = intermediate.sum(axis=2) + final.sum(axis=2)
    fitted = biproportional(world.trade.values.transpose(2, 0, 1), target.T, spending.T)
    return replace(
        world,
        source=f"{world.source}, rebalanced to given output",
        trade=fitted.values.transpose(1, 2, 0),
        intermediate=intermediate,
        final=final,
        stored_flows=None,
    )
