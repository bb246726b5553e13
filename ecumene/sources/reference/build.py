"""Building the reference world: facts, typical technology, gravity, and balancing until accounts close."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ecumene.balancing import biproportional
from ecumene.orders import unions
from ecumene.sources.reference import facts, gravity, stored, technology
from ecumene.types import BoolArray, FloatArray

YEAR = 2019
FREE_TRADE_DEPTH = 2
"""Depth of integration from which members pay each other no tariff."""

BILLION = 1_000.0
"""Million USD in a billion."""

LARGEST_EXPORT_SHARE = {True: 0.9, False: 0.75}
"""Most of a sector's output that may be exported, goods (true) and services (assumption)."""

LARGEST_LIFT = 1.6
"""Most that output may exceed the typical one for its value added, where exports need it (assumption).

Assemblers and processors buy in more than is typical: their value-added share is lower.
"""

SMALLEST_IMPORT_SHARE = 0.5
"""Imports of a good, at least, as a part of its typical two-way share of demand (assumption)."""

NON_FERROUS = 0.35
"""Part of metals' trade that counts as ores and metals in the commodity groups (assumption)."""


@dataclass(frozen=True)
class Targets:
    """World-balanced trade of every economy, million USD a year [R]."""

    exports_goods: FloatArray
    imports_goods: FloatArray
    exports_services: FloatArray
    imports_services: FloatArray

    @property
    def deficit(self) -> FloatArray:
        """Imports minus exports; sums to zero over the world."""
        return self.imports_goods + self.imports_services - self.exports_goods - self.exports_services


def trade_targets(table: pd.DataFrame) -> Targets:
    """Exports and imports scaled so that the world's agree: both sides go to their geometric mean."""
    scaled: dict[str, FloatArray] = {}
    for kind in ("goods", "services"):
        exports = BILLION * table[f"exports_{kind}"].to_numpy()
        imports = BILLION * table[f"imports_{kind}"].to_numpy()
        total = float(np.sqrt(exports.sum() * imports.sum()))
        scaled[f"exports_{kind}"] = exports * (total / exports.sum())
        scaled[f"imports_{kind}"] = imports * (total / imports.sum())
    return Targets(**scaled)


def largest_export_share(goods: BoolArray) -> FloatArray:
    """Most of output that each sector may export [S]."""
    return np.where(goods, LARGEST_EXPORT_SHARE[True], LARGEST_EXPORT_SHARE[False])


def fill(total: FloatArray, weight: FloatArray, room: FloatArray) -> FloatArray:
    """Split totals over sectors in proportion to weights, no cell above its room.

    `E_is = min(c_i w_is, room_is)` with `sum_s E_is = min(total_i, room of weighted sectors)`; c_i by passes
    that share the rest among sectors with room left. Shapes: total [R], weight, room [R, S].
    """
    result = np.zeros_like(weight)
    for _ in range(weight.shape[1] + 1):
        left = np.maximum(total - result.sum(axis=1), 0.0)
        open_weight = np.where(room - result > 1e-12 * room, weight, 0.0)
        reach = open_weight.sum(axis=1)
        step = np.divide(left, reach, out=np.zeros_like(left), where=reach > 0)
        result = np.minimum(result + step[:, None] * open_weight, room)
    return result


def exports_by_sector(
    table: pd.DataFrame, targets: Targets, made: technology.Production, two_way: FloatArray, goods: BoolArray
) -> FloatArray:
    """Exports [R, S]: commodity groups split by what is traded both ways plus what is left over at home.

    Weight of a good `tau_s min(Y, D) + max(Y - D, 0)`, of a service `tau_s Y`; a sector exports at most 0.9
    (services 0.75) of its output, which may rise to 1.6 times the typical one for that. What a group cannot
    place goes to the economy's other goods, then is dropped.
    """
    output, demand = made.output, made.demand
    weight = np.where(
        goods, two_way * np.minimum(output, demand) + np.maximum(output - demand, 0.0), two_way * output
    )
    room = largest_export_share(goods) * LARGEST_LIFT * output
    sectors = facts.sectors()
    exports = np.zeros_like(output)
    total = targets.exports_goods
    for share in facts.EXPORT_SHARES:
        group = share.removeprefix("share_")
        part = np.array([float(group in groups) for groups in sectors["commodity_groups"]])
        if group in ("ores_metals", "manufactures"):
            metals = list(sectors.index).index("metals_minerals")
            part[metals] = NON_FERROUS if group == "ores_metals" else 1.0 - NON_FERROUS
        exports += fill(total * table[share].to_numpy(), weight * part, room - exports)
    exports += fill(total - exports.sum(axis=1), weight * goods, room - exports)
    exports += fill(targets.exports_services, weight * ~goods, room - exports)
    return exports


def imports_by_sector(
    targets: Targets,
    made: technology.Production,
    exports: FloatArray,
    two_way: FloatArray,
    goods: BoolArray,
) -> FloatArray:
    """Imports net of tariff [R, S]: what typical demand lacks at home, fitted to the totals of both sides.

    Prior `max(D - (Y - E), 0.5 tau_s D)` for goods, `tau_s D` for services; then biproportional, so that each
    economy imports its total and the world imports of a sector what it exports.
    """
    demand = made.demand
    lacking = np.maximum(demand - (made.output - exports), SMALLEST_IMPORT_SHARE * two_way * demand)
    prior = np.where(goods, lacking, two_way * demand)
    imports = np.zeros_like(prior)
    for kind, total in ((goods, targets.imports_goods), (~goods, targets.imports_services)):
        columns = exports[:, kind].sum(axis=0)
        rows = total * (columns.sum() / total.sum())
        imports[:, kind] = biproportional(prior[:, kind], rows, columns).values
    return imports


def _use(made: technology.Production, spending: FloatArray, final: FloatArray) -> FloatArray:
    """Use [R, S, S + 1] nearest to the typical one that buys exactly what is there and pays what each has."""
    columns = np.concatenate([made.inputs_total, final[:, None]], axis=1)
    return biproportional(made.use, spending, columns).values


def solve() -> stored.Arrays:
    """Balanced arrays of the reference world, before storing."""
    table, sectors = facts.load_facts(), facts.sectors()
    goods = np.array([bool(cell) for cell in sectors["goods"]])
    tech = technology.technology()
    two_way = tech["two_way"].to_numpy()
    shares = table[[facts.VALUE_ADDED_PREFIX + code for code in sectors.index]].to_numpy()
    gdp = BILLION * table["gdp"].to_numpy()
    value_added = gdp[:, None] * shares / shares.sum(axis=1, keepdims=True)
    targets = trade_targets(table)
    per_head, final = gdp / table["population"].to_numpy(), gdp + targets.deficit
    output = technology.typical_output(value_added, per_head)
    made = technology.production(value_added, output, final, per_head)
    exports = exports_by_sector(table, targets, made, two_way, goods)
    output = np.maximum(output, exports / largest_export_share(goods))
    made = technology.production(value_added, output, final, per_head)
    imports = imports_by_sector(targets, made, exports, two_way, goods)
    depth = np.asarray(unions.depth_matrix(list(table.index), YEAR))
    seed = gravity.seed(gravity.geography(), depth, gdp, goods, tech["distance_elasticity"].to_numpy())
    trade = biproportional(seed, exports.T, imports.T).values.transpose(1, 2, 0)
    home = made.output - exports
    diagonal = np.arange(len(table))
    trade[diagonal, diagonal, :] = home

    free_trade = depth >= FREE_TRADE_DEPTH
    rates = stored.tariff(free_trade)
    spending = (trade * (1.0 + rates)).sum(axis=0)
    final = gdp + (rates * trade).sum(axis=(0, 2)) + imports.sum(axis=1) - exports.sum(axis=1)
    use = _use(made, spending, final)
    inputs = use[:, :, :-1]
    total = inputs.sum(axis=1, keepdims=True)
    return stored.Arrays(
        trade=trade,
        value_added_share=np.divide(
            value_added, made.output, out=np.ones_like(value_added), where=made.output > 0
        ),
        input_share=np.divide(inputs, total, out=np.zeros_like(inputs), where=total > 0),
        free_trade=free_trade,
        theta=technology.theta(),
    )


def write_reference(path: str | os.PathLike[str] | None = None) -> Path:
    """Build the reference world and write its packaged file, whole or not at all; returns the path.

    Without a path, the file of this package is replaced. Errors: OutputError.
    """
    return stored.write(stored.rounded(solve()), stored.PACKAGED if path is None else Path(path))
