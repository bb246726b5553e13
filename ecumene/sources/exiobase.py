"""EXIOBASE 3, industry by industry (`ixi`) or product by product (`pxp`), through pymrio. Million EUR.

163 industries or 200 products are added up on load to 43 sectors (`exiobase_sectors.csv`, by name).
Stadler et al. (2018), Journal of Industrial Ecology 22(3).
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from ecumene.errors import SourceError
from ecumene.sources.currency import usd_per_eur
from ecumene.sources.location import Location, damaged
from ecumene.sources.regions import iso3
from ecumene.sources.table import Table, in_order, merge, places
from ecumene.types import FloatArray
from ecumene.world import World

GROUPS: dict[str, tuple[str, str]] = {
    "CROPS": ("Crops", "agriculture"),
    "LIVESTOCK": ("Livestock", "agriculture"),
    "FORESTRY_FISHING": ("Forestry and fishing", "agriculture"),
    "COAL": ("Coal and peat", "mining"),
    "CRUDE_OIL": ("Crude oil", "mining"),
    "NATURAL_GAS": ("Natural gas", "mining"),
    "METAL_ORES": ("Metal ores", "mining"),
    "OTHER_MINING": ("Other mining and quarrying", "mining"),
    "FOOD": ("Food, beverages and tobacco", "food"),
    "TEXTILES": ("Textiles and apparel", "textile"),
    "LEATHER": ("Leather", "textile"),
    "WOOD": ("Wood", "wood"),
    "PAPER": ("Paper and printing", "paper"),
    "PETROLEUM": ("Coke, refined petroleum and nuclear fuel", "petroleum"),
    "CHEMICALS": ("Chemicals", "chemicals"),
    "PLASTICS": ("Rubber and plastics", "plastic"),
    "MINERALS": ("Other non-metallic minerals", "minerals"),
    "IRON_STEEL": ("Iron and steel", "basic_metals"),
    "NON_FERROUS": ("Non-ferrous metals", "basic_metals"),
    "METAL_PRODUCTS": ("Fabricated metal products", "metal_products"),
    "MACHINERY": ("Machinery n.e.c.", "machinery"),
    "ELECTRICAL": ("Electrical machinery", "electrical"),
    "ELECTRONICS": ("Computers, communication equipment and instruments", "office communication medical"),
    "MOTOR_VEHICLES": ("Motor vehicles", "auto"),
    "OTHER_TRANSPORT_EQ": ("Other transport equipment", "other_transport"),
    "OTHER_MANUFACTURING": ("Furniture, other manufacturing, recycling", "other"),
    "ELECTRICITY_GAS": ("Electricity, gas and heat", "services"),
    "WATER_WASTE": ("Water and waste", "services"),
    "CONSTRUCTION": ("Construction", "services"),
    "TRADE": ("Wholesale and retail trade", "services"),
    "HOTELS": ("Hotels and restaurants", "services"),
    "LAND_TRANSPORT": ("Land transport and pipelines", "services"),
    "WATER_TRANSPORT": ("Water transport", "services"),
    "AIR_TRANSPORT": ("Air transport", "services"),
    "TRANSPORT_SUPPORT": ("Supporting transport; travel agencies", "services"),
    "POST_TELECOM": ("Post and telecommunications", "services"),
    "FINANCE": ("Finance and insurance", "services"),
    "REAL_ESTATE": ("Real estate", "services"),
    "BUSINESS": ("Business services", "services"),
    "PUBLIC": ("Public administration and defence", "services"),
    "EDUCATION": ("Education", "services"),
    "HEALTH": ("Health and social work", "services"),
    "OTHER_SERVICES": ("Other services", "services"),
}
"""Sector codes after aggregation: name, and the broad sectors whose elasticity they take."""

FINAL_USES = {
    "Final consumption expenditure by households": "households",
    "Final consumption expenditure by non-profit organisations serving households (NPISH)": "npish",
    "Final consumption expenditure by government": "government",
    "Gross fixed capital formation": "gfcf",
    "Changes in inventories": "inventories",
    "Changes in valuables": "valuables",
}
EXPORTS = "Exports: Total (fob)"
"""A column that must be empty: EXIOBASE covers the whole world."""

NOTE = (
    "Taxes less subsidies on intermediate products are part of value added here: output minus inputs "
    "at basic prices."
)


@cache
def concordance() -> dict[str, str]:
    """Group of every EXIOBASE industry and product, by its name in lower case with single spaces."""
    text = files("ecumene.sources").joinpath("exiobase_sectors.csv").read_text(encoding="utf-8")
    return {_key(row["name"]): row["group"] for row in csv.DictReader(text.splitlines())}


def _key(name: str) -> str:
    return " ".join(str(name).lower().split())


def read(path: str) -> World:
    """A world from EXIOBASE 3: the zip as distributed (`IOT_2019_ixi.zip`) or its unpacked folder.

    Unit: million USD a year at the year's average rate, basic prices. Errors: SourceError.
    Source: EXIOBASE 3, Stadler et al. (2018), CC BY-SA 4.0.
    """
    return read_table(_place(path)).to_world()


def _place(text: str) -> Location:
    head, _, tail = text.rpartition("#")
    whole = Path(text).expanduser()
    path, pick = (whole, None) if whole.exists() or not head else (Path(head).expanduser(), tail)
    if not path.exists():
        raise SourceError(
            f"no such file: {path}; give the path of IOT_YEAR_ixi.zip, IOT_YEAR_pxp.zip or its folder"
        )
    return Location(path, pick)


def read_table(place: Location) -> Table:
    """The table, aggregated and in million USD."""
    rate, converted = usd_per_eur(place.year, str(place))
    system = _load(place, ["Z", "Y", "unit"])
    Z, Y = getattr(system, "Z", None), getattr(system, "Y", None)
    if Y is None:
        raise damaged(place, "it has no final demand (Y.txt)")
    if Z is None:
        Z = _from_coefficients(place, Y)
    _monetary(getattr(system, "unit", None), place)

    regions = [iso3(str(code), "EXIOBASE") for code in Z.index.get_level_values(0)]
    groups = _groups([str(name) for name in Z.index.get_level_values(1)], place)
    if list(Z.columns) != list(Z.index) or list(Y.index) != list(Z.index):
        raise damaged(place, "rows and columns of Z and Y are not the same, in the same order")
    economies, uses = in_order(regions), tuple(FINAL_USES.values())
    sectors = tuple(code for code in GROUPS if code in set(groups))
    economy_at, sector_at, use_at = places(economies), places(sectors), places(uses)
    buyers, to_buyer = [], []
    for position, (code, use) in enumerate(Y.columns):
        if str(use) == EXPORTS:
            if np.abs(Y.iloc[:, position].to_numpy(dtype=float)).sum() > 0:
                raise damaged(
                    place, f"'{EXPORTS}' of {code} is not empty, so the table is not a closed world"
                )
            continue
        if str(use) not in FINAL_USES:
            raise damaged(place, f"unknown final use '{use}'; known are {', '.join(FINAL_USES)}")
        buyers.append(position)
        to_buyer.append(economy_at[iso3(str(code), "EXIOBASE")] * len(uses) + use_at[FINAL_USES[str(use)]])
    to_cell = [
        economy_at[economy] * len(sectors) + sector_at[group]
        for economy, group in zip(regions, groups, strict=True)
    ]
    merged_Z, merged_Y = merge(
        Z.to_numpy(dtype=float),
        Y.to_numpy(dtype=float)[:, buyers],
        to_cell,
        len(economies) * len(sectors),
        to_buyer,
        len(economies) * len(uses),
    )
    count = len(set(Z.index.get_level_values(1)))
    table = Table(
        merged_Z,
        merged_Y,
        economies,
        sectors,
        uses,
        source=f"EXIOBASE 3, {place.year} ({place.name})",
        year=place.year,
        sector_names=[GROUPS[code][0] for code in sectors],
        broad=[GROUPS[code][1].split() for code in sectors],
        notes=(NOTE, f"{count} industries or products were added up to {len(sectors)} sectors."),
    )
    return table.scaled(rate).noting(converted)


def _groups(names: Sequence[str], place: Location) -> list[str]:
    known = concordance()
    unknown = in_order([name for name in names if _key(name) not in known])
    if unknown:
        raise damaged(place, f"{len(unknown)} unknown industries or products, the first '{unknown[0]}'")
    return [known[_key(name)] for name in names]


def _monetary(unit: Any, place: Location) -> None:
    if unit is None:
        return
    found = {str(value).replace(" ", "") for value in np.asarray(unit).ravel()}
    if found - {"M.EUR", "MEUR", "Meuro", "MillionEUR"}:
        raise SourceError(
            f"{place} is in {', '.join(sorted(found))[:60]}; only the monetary EXIOBASE 3 (M.EUR) is read"
        )


def _from_coefficients(place: Location, Y: Any) -> Any:
    """Z = A diag(x), x = (I - A)^-1 sum_f Y, for releases that ship coefficients instead of flows."""
    system = _load(place, ["A", "x"])
    A, x = getattr(system, "A", None), getattr(system, "x", None)
    if A is None:
        raise damaged(place, "it has neither flows (Z.txt) nor coefficients (A.txt)")
    if x is None:
        final = Y.to_numpy(dtype=float).sum(axis=1)
        output: FloatArray = np.linalg.solve(np.eye(len(A)) - A.to_numpy(dtype=float), final)
    else:
        output = x.to_numpy(dtype=float).reshape(-1)
    return A * output


def _load(place: Location, parts: list[str]) -> Any:
    try:
        import pymrio
    except ImportError as error:
        raise SourceError(
            f"reading {place} needs pymrio; install it with: pip install 'ecumene[sources]'"
        ) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pymrio.load_all(str(place.path), subfolders=[], subset=parts)
    except Exception as error:  # pymrio lets errors of pandas, json and zipfile through
        raise damaged(
            place, f"pymrio cannot read it as EXIOBASE 3 ({type(error).__name__}: {error})"
        ) from error
