"""Tables of sovereignty: the vector of named economies, or its range over all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ecumene.cli.tables import Table, named
from ecumene.dependence.entries import GROUPS

if TYPE_CHECKING:
    import xarray as xr

    from ecumene.dependence.result import Sovereignty
    from ecumene.world import World

MISSING = "missing"


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
    return tables


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
        footnotes=_reasons(found, [name for name in names if np.isnan(found.data[name].values).all()]),
    )


def _origin(values: xr.DataArray) -> str:
    year = values.attrs.get("year")
    layer = str(values.attrs["layer"]).replace("_", " ")
    return layer if year is None or str(year) in layer else f"{layer}; {year}"


def _reasons(found: Sovereignty, names: list[str]) -> tuple[str, ...]:
    """Why numbers of measures are missing, and for whom: a sentence for each reason."""
    told: dict[tuple[str, str], list[str]] = {}
    for name in names:
        values = found.data[name]
        lacking = [str(code) for code in values["economy"].values[np.isnan(values.values)]]
        if lacking:
            whose = "" if len(lacking) == values.sizes["economy"] else f" for {', '.join(lacking)}"
            told.setdefault((whose, values.attrs["reason"]), []).append(name)
    return tuple(f"Missing{whose}: {', '.join(which)}; {why}." for (whose, why), which in told.items())


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
