"""Tables of sovereignty: the vector of named economies, or its range over all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ecumene.cli.tables import Table, named
from ecumene.dependence.entries import ENTRIES, GROUPS
from ecumene.results import WORLD

if TYPE_CHECKING:
    import xarray as xr

    from ecumene.dependence.result import Sovereignty
    from ecumene.results import Comparison
    from ecumene.world import World

MISSING = "missing"

SHOWN = 6
"""Partners and links that a table names."""


def vector_tables(found: Sovereignty, world: World, economies: list[str]) -> list[Table]:
    """A table for each group of measures: the named economies side by side, or the range over all."""
    under = "" if found.provenance.order == "data" else f" under '{found.provenance.order}'"
    tables = []
    for group in GROUPS:
        names = [name for name in found.measures if found.data[name].attrs["group"] == group]
        if names:
            title = f"{group.capitalize()} sovereignty{under}: {world.source}"
            make = _side_by_side if economies else _range
            tables.append(make(found, world, title, names))
    if economies and "loss_if_cut_off" in found.data:
        tables += [table for code in economies for table in _cuts(found, world, code)]
    if "composite" in found.data:
        tables.append(_composite(found, world, economies))
    return tables


def _cuts(found: Sovereignty, world: World, code: str) -> list[Table]:
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
            _sector(world, s),
            named(world, world.economies[j]),
            _cell(data["chokepoint"], float(data["chokepoint"].values[j, s])),
            _cell(data["chokepoint"], float(exact[j, s])),
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
                    f"The {SHOWN} largest of {int(np.isfinite(exact).sum())} links that were solved.",
                ),
            )
        )
    return tables


def _partners(data: xr.Dataset, world: World, who: str) -> Table:
    loss, still = data["loss_if_cut_off"], data["loss_if_cut_off_without_missing"]
    order = np.argsort(-np.nan_to_num(still.values, nan=-np.inf), kind="stable")[:SHOWN]
    rows = tuple(
        (
            named(world, world.economies[j]) + (" *" if np.isinf(loss.values[j]) else ""),
            _cell(still, float(still.values[j])),
            _cell(still, float(data["loss_inflicted"].values[j])),
            _cell(still, float(data["asymmetry"].values[j])),
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
            f"The {SHOWN} partners that could take most, in new equilibria; above 0 the asymmetry is against {who}.",
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
        (str(name), _cell(still, lost), _cell(cost, paid))
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


def _composite(found: Sovereignty, world: World, economies: list[str]) -> Table:
    value, band = found.data["composite"], found.data["composite_band"]
    codes = economies or [str(code) for code in value["economy"].values[np.argsort(-value.values)]]
    rows = tuple(
        (
            named(world, code),
            _cell(value, value.sel(economy=code).item()),
            *(_cell(band, end) for end in band.sel(economy=code).values),
        )
        for code in codes
    )
    return Table(
        title=f"Composite, mean percentile among {len(world.economies)} economies (100: least dependent)",
        heads=("economy", "composite", *(str(label) for label in band["band"].values)),
        rows=rows,
        numbers=frozenset({1, 2, 3, 4}),
        footnotes=(f"{value.attrs['layer'].capitalize()}.", f"The band: {band.attrs['long_name']}."),
    )


def _sector(world: World, s: int) -> str:
    return str(world.layers["sector_name"].values[s]) if "sector_name" in world.layers else world.sectors[s]


def order_tables(comparison: Comparison, world: World, economies: list[str]) -> list[Table]:
    """How each order changes dependence, for the world and each named economy; empty where it was not asked for."""
    data = comparison.data
    names = [entry.name for entry in ENTRIES if entry.name in data]
    if not names:
        return []
    weight = data["base_income"].isel(order=0, quantile=0)
    tables = []
    for code in economies or [WORLD]:
        rows = []
        for name in names:
            values = data[name].sel(quantile="central")
            of = values.weighted(weight).mean("economy") if code == WORLD else values.sel(economy=code)
            cells = [_cell(data[name], of.sel(order=order).item()) for order in comparison.orders]
            rows.append((name, *cells, data[name].attrs["units"]))
        if code != WORLD:
            most = [_largest_partner(comparison, order, code) for order in comparison.orders]
            rows.append(("largest partner", *most, "of value added abroad"))
        who = "mean by base income of economies that have it" if code == WORLD else named(world, code)
        tables.append(
            Table(
                title=f"Sovereignty under each order: {who}",
                heads=("measure", *comparison.orders, "unit"),
                rows=tuple(rows),
                numbers=frozenset(range(1, len(comparison.orders) + 1)),
            )
        )
    return tables


def _largest_partner(comparison: Comparison, order: str, code: str) -> str:
    relied = comparison.data["reliance_value_added_on"].sel(order=order, economy=code, quantile="central")
    abroad = np.where(relied["partner"].values != code, np.nan_to_num(relied.values), 0.0)
    most = int(abroad.argmax())
    return str(relied["partner"].values[most]) if abroad[most] > 0 else "nobody"


def _side_by_side(found: Sovereignty, world: World, title: str, names: list[str]) -> Table:
    codes = [str(code) for code in found.data["economy"].values]
    rows = tuple(
        (
            name,
            *(_cell(values, values.sel(economy=code).item()) for code in codes),
            values.attrs["units"],
            _origin(values),
        )
        for name, values in ((name, found.data[name]) for name in names)
    )
    return Table(
        title=title,
        heads=("measure", *(named(world, code) for code in codes), "unit", "from"),
        rows=tuple(rows),
        numbers=frozenset(range(1, len(codes) + 1)),
        footnotes=_reasons(found, names),
    )


def _range(found: Sovereignty, world: World, title: str, names: list[str]) -> Table:
    rows = []
    for name in names:
        values = found.data[name]
        cells = values.values
        known = np.flatnonzero(~np.isnan(cells))
        if not len(known):
            rows.append(
                (name, MISSING, "", MISSING, MISSING, "", "0", values.attrs["units"], _origin(values))
            )
            continue
        codes = values["economy"].values[known]
        low, high = int(cells[known].argmin()), int(cells[known].argmax())
        rows.append(
            (
                name,
                _cell(values, cells[known][low]),
                str(codes[low]),
                _cell(values, float(np.median(cells[known]))),
                _cell(values, cells[known][high]),
                str(codes[high]),
                str(len(known)),
                values.attrs["units"],
                _origin(values),
            )
        )
    return Table(
        title=title,
        heads=("measure", "lowest", "of", "median", "highest", "of", "known", "unit", "from"),
        rows=tuple(rows),
        numbers=frozenset({1, 3, 4, 6}),
        footnotes=_reasons(
            found, [n for n in names if np.isnan(found.data[n].values).all() or "note" in found.data[n].attrs]
        ),
    )


def _says_something(values: xr.DataArray) -> bool:
    """Whether a measure of all economies needs a footnote: nobody has it, or something was assumed."""
    return "note" in values.attrs or bool(np.isnan(values.values).all())


def _origin(values: xr.DataArray) -> str:
    year = values.attrs.get("year")
    layer = str(values.attrs["layer"]).replace("_", " ")
    return layer if year is None or str(year) in layer else f"{layer}; {year}"


def _reasons(found: Sovereignty, names: list[str]) -> tuple[str, ...]:
    """What was assumed; why numbers of measures are missing, and for whom: a sentence for each."""
    assumed = [found.data[name].attrs["note"] for name in names if "note" in found.data[name].attrs]
    told: dict[tuple[str, str], list[str]] = {}
    for name in names:
        values = found.data[name]
        lacking = [str(code) for code in values["economy"].values[np.isnan(values.values)]]
        if lacking:
            shown = ", ".join(lacking[:6]) + (f" and {len(lacking) - 6} others" if len(lacking) > 6 else "")
            whose = "" if len(lacking) == values.sizes["economy"] else f" for {shown}"
            told.setdefault((whose, values.attrs["reason"]), []).append(name)
    missing = [f"Missing{whose}: {', '.join(which)}; {why}." for (whose, why), which in told.items()]
    return (*dict.fromkeys(assumed), *missing)


WHOLE = ("sectors", "economies", "days", "1 yes, 0 no")
"""Units that are counted."""


def _cell(values: xr.DataArray, value: float) -> str:
    """A number that is not known is missing, never 0; infinite is a loss of everything."""
    if np.isnan(value):
        return MISSING
    if np.isinf(value):
        return "everything"
    whole = values.attrs["units"] in WHOLE and value == round(value)
    digits = 0 if whole or abs(value) >= 1000 else 2 if abs(value) < 100 else 1
    return f"{round(value, digits) + 0.0:,.{digits}f}"
