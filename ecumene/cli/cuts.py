"""Tables of what partners, blocs and single links could take away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ecumene.cli.cells import MISSING, cell, sector
from ecumene.cli.tables import Table, named, partner

if TYPE_CHECKING:
    import xarray as xr

    from ecumene.dependence.result import Sovereignty
    from ecumene.world import World

SHOWN = 6
"""Partners and links that a table names."""


def cut_tables(found: Sovereignty, world: World, code: str) -> list[Table]:
    """What one economy would lose if a partner or a bloc cut its trade, and at which single links."""
    data, who = found.data.sel(economy=code), named(world, code)
    tables = [_partners(data, world, who)]
    if "cost_to_bloc" in data:
        tables.append(_blocs(data, who))
    exact = data["chokepoint_exact"].values
    worst = np.argsort(-np.nan_to_num(exact), axis=None)[:SHOWN]
    places = np.stack(np.unravel_index(worst, exact.shape), axis=1)
    rows = tuple(
        (
            sector(world, s),
            named(world, world.economies[j]),
            cell(data["chokepoint"], float(data["chokepoint"].values[j, s])),
            cell(data["chokepoint"], float(exact[j, s])),
        )
        for j, s in places
        if exact[j, s] > 0
    )
    if rows:
        tables.append(
            Table(
                title=f"Loss of {who} if a partner stops selling one sector's goods, log points x 100",
                heads=("sector", "partner", "first order", "exact"),
                rows=rows,
                numbers=frozenset({2, 3}),
                footnotes=(
                    f"The {len(rows)} largest of {int(np.isfinite(exact).sum())} links that were solved.",
                ),
            )
        )
    return tables


def _partners(data: xr.Dataset, world: World, who: str) -> Table:
    loss, still = data["loss_if_cut_off"], data["loss_if_cut_off_without_missing"]
    order = np.argsort(-np.nan_to_num(still.values, nan=-np.inf), kind="stable")[:SHOWN]
    rows = tuple(
        (
            partner(world, world.economies[j]) + (" *" if np.isinf(loss.values[j]) else ""),
            cell(still, float(still.values[j])),
            cell(still, float(data["loss_inflicted"].values[j])),
            cell(still, float(data["asymmetry"].values[j])),
        )
        for j in order
        if np.isfinite(still.values[j])
    )
    lost = any(head.endswith("*") for head, *_ in rows)
    return Table(
        title=f"Loss of {who} if one partner cuts all trade with it, log points x 100",
        heads=("partner", "own loss", "partner's loss", "asymmetry"),
        rows=rows,
        numbers=frozenset({1, 2, 3}),
        footnotes=(
            f"The {len(rows)} partners that could take most; above 0 the asymmetry is against {who}.",
            *(
                ["With * some goods would be missing; losses are over the goods still supplied."]
                if lost
                else []
            ),
        ),
    )


def _blocs(data: xr.Dataset, who: str) -> Table:
    still, cost = data["loss_if_cut_off_by_bloc_without_missing"], data["cost_to_bloc"]
    rows = tuple(
        (str(name), cell(still, lost), cell(cost, paid))
        if not np.isnan(lost)
        else (str(name), MISSING, MISSING)
        for name, lost, paid in zip(data["bloc"].values, still.values, cost.values, strict=True)
    )
    return Table(
        title=f"Loss of {who} if a bloc cuts all trade with it together, log points x 100",
        heads=("bloc", "own loss", "the bloc's loss"),
        rows=rows,
        numbers=frozenset({1, 2}),
        footnotes=("Missing for a bloc that it belongs to.",) if any(MISSING in row for row in rows) else (),
    )


def bloc_table(found: Sovereignty, world: World, name: str) -> Table:
    """Who would lose most if a bloc cut its trade."""
    data = found.data.sel(bloc=name)
    still, cost = data["loss_if_cut_off_by_bloc_without_missing"], data["cost_to_bloc"]
    most = np.argsort(-np.nan_to_num(still.values, nan=-np.inf), kind="stable")[:SHOWN]
    codes = [str(still["economy"].values[n]) for n in most if np.isfinite(still.values[n])]
    return Table(
        title=f"Losses if {name} cuts all trade with one economy together, log points x 100",
        heads=("economy", "own loss", "the bloc's loss"),
        rows=tuple(
            (
                named(world, code),
                cell(still, still.sel(economy=code).item()),
                cell(cost, cost.sel(economy=code).item()),
            )
            for code in codes
        ),
        numbers=frozenset({1, 2}),
        footnotes=(f"The {len(codes)} economies that would lose most, over the goods still supplied.",),
    )
