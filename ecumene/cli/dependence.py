"""Tables of sovereignty: the vector of named economies, or its range over all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ecumene import countries
from ecumene.cli.cells import MISSING, cell, sector
from ecumene.cli.cuts import bloc_table, cut_tables
from ecumene.cli.tables import Table, named
from ecumene.dependence import aggregates
from ecumene.dependence.entries import ENTRIES, GROUPS
from ecumene.results import WORLD

if TYPE_CHECKING:
    import xarray as xr

    from ecumene.dependence.result import Sovereignty
    from ecumene.results import Comparison
    from ecumene.world import World

POINT: Final = (
    "All numbers are point estimates, losses at central elasticities; `compare --sovereignty` has their range under "
    "orders."
)


def vector_tables(found: Sovereignty, world: World, economies: list[str]) -> list[Table]:
    """A table for each group of measures: the named economies side by side, or the range over all."""
    under = "" if found.provenance.order == "data" else f" under '{found.provenance.order}'"
    tables = []
    for group in GROUPS:
        names = [name for name in found.measures if found.data[name].attrs["group"] == group]
        if names:
            title = f"{group.capitalize()} sovereignty{under}: {world.source}"
            make = _side_by_side if economies else _range
            table = make(found, world, title, names)
            table = replace(table, footnotes=(*table.footnotes, *aggregates.sentences(found.data, names)))
            tables.append(table if tables else replace(table, footnotes=(POINT, *table.footnotes)))
    if economies and "loss_if_cut_off" in found.data:
        tables += [table for code in economies for table in cut_tables(found, world, code)]
    elif "cost_to_bloc" in found.data:
        tables += [bloc_table(found, world, str(name)) for name in found.data["bloc"].values]
    if "composite" in found.data:
        tables.append(_composite(found, world, economies))
    return tables


def _composite(found: Sovereignty, world: World, economies: list[str]) -> Table:
    value, band = found.data["composite"], found.data["composite_band"]
    codes = economies or [str(code) for code in value["economy"].values[np.argsort(-value.values)]]
    rows = tuple(
        (
            named(world, code),
            cell(value, value.sel(economy=code).item()),
            *(cell(band, end) for end in band.sel(economy=code).values),
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
            values = values.where(np.isfinite(values)) if code == WORLD else values
            of = values.weighted(weight).mean("economy") if code == WORLD else values.sel(economy=code)
            cells = [cell(data[name], of.sel(order=order).item()) for order in comparison.orders]
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
                footnotes=(
                    "At central elasticities; files and `to_frame` have the same at low and high ones, which can be "
                    "far apart for the worst link.",
                ),
            )
        )
    return tables


def _largest_partner(comparison: Comparison, order: str, code: str) -> str:
    relied = comparison.data["reliance_value_added_on"].sel(order=order, economy=code, quantile="central")
    abroad = np.where(relied["partner"].values != code, np.nan_to_num(relied.values), 0.0)
    most = int(abroad.argmax())
    found = str(relied["partner"].values[most])
    if not abroad[most] > 0:
        return "nobody"
    return f"{found} (aggregate)" if countries.is_aggregate(found) else found


def _side_by_side(found: Sovereignty, world: World, title: str, names: list[str]) -> Table:
    codes = [str(code) for code in found.data["economy"].values]
    rows = tuple(
        (
            name,
            *(cell(values, values.sel(economy=code).item()) for code in codes),
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
        footnotes=(_meanings(found, names), *_strategic(found, world, names), *_reasons(found, names)),
    )


def _meanings(found: Sovereignty, names: list[str]) -> str:
    """What each measure of a table is."""
    return "; ".join(f"{name}: {found.data[name].attrs['long_name']}" for name in names) + "."


def _strategic(found: Sovereignty, world: World, names: list[str]) -> list[str]:
    """Which products are strategic for each economy, and days of their stock."""
    if "strategic_products" not in names:
        return []
    told = []
    for code in found.data["economy"].values:
        data = found.data.sel(economy=code)
        days = data["stock_days"].values
        which = [
            sector(world, int(s)) + (f" ({days[s]:g} days of stock)" if np.isfinite(days[s]) else "")
            for s in np.flatnonzero(data["strategic"].values == 1)
        ]
        if which:
            told.append(f"Strategic for {code}: {'; '.join(which)}.")
    return told


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
                cell(values, cells[known][low]),
                str(codes[low]),
                cell(values, float(np.median(cells[known]))),
                cell(values, cells[known][high]),
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
