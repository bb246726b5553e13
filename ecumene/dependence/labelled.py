"""Measures, and what they sum up by partner, sector and link, as labelled variables."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from ecumene.dependence.entries import Entry, Found
from ecumene.dependence.flows import Flows, Links
from ecumene.types import FloatArray


def labelled(entry: Entry, found: Found, dims: tuple[str, ...] = ("economy",)) -> xr.Variable:
    attrs: dict[str, Any] = {
        "units": entry.units,
        "long_name": entry.meaning,
        "group": entry.group,
        "layer": found.layer,
        "reason": found.reason,
        "better": entry.better,
    }
    if found.year is not None:
        attrs["year"] = found.year
    if found.note:
        attrs["note"] = found.note
    return xr.Variable(dims, np.asarray(found.values, dtype=np.float64), attrs)


def arrays_of(
    flows: Flows,
    links: Links,
    chokepoint: FloatArray,
    stocks: FloatArray | None,
    near: FloatArray,
    closeness: Found,
) -> dict[str, xr.Variable]:
    """What the measures sum up: by partner, by sector, and by link."""
    relied, products = links.reliance, links.products
    days = np.broadcast_to(np.nan if stocks is None else stocks, products.strategic.shape)
    partner, sector = ("economy", "partner"), ("economy", "sector")
    nobody = "this economy makes nothing that is sold"
    table: tuple[tuple[str, tuple[str, ...], FloatArray, str, str, str], ...] = (
        ("reliance_gross_on", partner, 100 * relied.gross.T, "percent of output",
         "output of a partner that own output rests on, own economy included", nobody),
        ("reliance_value_added_on", partner, 100 * relied.value_added.T, "percent of value",
         "value of own output added by a partner, own economy included", nobody),
        ("reliance_gross_on_sector", sector, 100 * relied.gross_by_sector.T, "percent of output",
         "output of foreign industries that own output rests on", nobody),
        ("reliance_value_added_on_sector", sector, 100 * relied.value_added_by_sector.T, "percent of value",
         "value of own output added by foreign industries", nobody),
        ("chokepoint", ("economy", "partner", "sector"), 100 * chokepoint.transpose(1, 0, 2),
         "log points x 100", "loss if a partner stops selling a sector's goods, first order", "itself"),
        ("import_concentration", sector, products.concentration, "0 to 1",
         "concentration of import sources (HHI)", "nothing is imported"),
        ("foreign_share", sector, 100 * products.foreign_share, "percent of purchases",
         "imports over all purchases", "nothing is bought"),
        ("imports_over_exports", sector, products.imports_over_exports, "ratio",
         "imports over exports", "neither imported nor exported"),
        ("strategic", sector, products.strategic, "1 yes, 0 no",
         "concentrated, mostly foreign, and imports above exports", "a criterion is not known"),
        ("stock_days", sector, days, "days", "days of use that buyers hold, by kind of sector, the same for all",
         "sector codes belong to no known classification"),
        ("closeness", partner, 100 * near, "percent",
         "memberships in common, by depth", "memberships of one of the two are not known"),
    )  # fmt: skip
    strategic = ("import_concentration", "foreign_share", "imports_over_exports", "strategic", "stock_days")
    cells = {}
    for name, dims, values, units, meaning, reason in table:
        group = "political" if name == "closeness" else "strategic" if name in strategic else "economic"
        entry = Entry(name, group, units, meaning, 0)
        origin = (closeness.layer, closeness.year) if name == "closeness" else (flows.layer, flows.year)
        cells[name] = labelled(entry, Found(values, *origin, reason), dims)
    return cells
