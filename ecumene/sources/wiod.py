"""World Input-Output Database, release of November 2013: the workbook as distributed, or its arrays.

Timmer, Dietzenbacher, Los, Stehrer and de Vries (2015), Review of International Economics 23. Million USD.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ecumene.errors import SourceError
from ecumene.sources import flows
from ecumene.sources.location import Location, damaged, locate
from ecumene.sources.regions import iso3
from ecumene.sources.table import Table, in_order, places
from ecumene.types import FloatArray
from ecumene.world import World

SECTOR_NAMES = {
    "c1": "Agriculture, hunting, forestry and fishing",
    "c2": "Mining and quarrying",
    "c3": "Food, beverages and tobacco",
    "c4": "Textiles and textile products",
    "c5": "Leather and footwear",
    "c6": "Wood and products of wood and cork",
    "c7": "Pulp, paper, printing and publishing",
    "c8": "Coke, refined petroleum and nuclear fuel",
    "c9": "Chemicals and chemical products",
    "c10": "Rubber and plastics",
    "c11": "Other non-metallic minerals",
    "c12": "Basic metals and fabricated metal",
    "c13": "Machinery n.e.c.",
    "c14": "Electrical and optical equipment",
    "c15": "Transport equipment",
    "c16": "Manufacturing n.e.c.; recycling",
    "c17": "Electricity, gas and water supply",
    "c18": "Construction",
    "c19": "Sale and repair of motor vehicles; retail sale of fuel",
    "c20": "Wholesale trade",
    "c21": "Retail trade",
    "c22": "Hotels and restaurants",
    "c23": "Inland transport",
    "c24": "Water transport",
    "c25": "Air transport",
    "c26": "Supporting transport activities; travel agencies",
    "c27": "Post and telecommunications",
    "c28": "Financial intermediation",
    "c29": "Real estate activities",
    "c30": "Renting of machinery and other business activities",
    "c31": "Public administration and defence",
    "c32": "Education",
    "c33": "Health and social work",
    "c34": "Other community, social and personal services",
    "c35": "Private households with employed persons",
}

FINAL_USES = {"c37": "households", "c38": "npish", "c39": "government", "c41": "gfcf", "c42": "inventories"}

NOTE = (
    "Value added is output minus inputs at basic prices: it includes WIOD's taxes less subsidies on "
    "products, purchases abroad and international transport margins."
)


def read(path: str) -> World:
    """A world from the WIOD 2013 release.

    Unit: million USD a year, basic prices. Errors: SourceError. Source: www.wiod.org, CC BY 4.0.
    """
    place = locate(path, (".xlsx", ".npz"))
    suffix = Path(place.name).suffix.lower()
    if suffix == ".npz":
        table = flows.read_arrays(place)
        year = f", {table.year}" if table.year else ""
        named = replace(table, source=f"WIOD 2013 release{year} ({place.name})")
        return named.noting(NOTE).to_world()
    if suffix != ".xlsx":
        raise SourceError(
            f"{place} is no WIOD table; give the .xlsx workbook of the 2013 release or an .npz of its arrays"
        )
    return read_workbook(place).to_world()


def read_workbook(place: Location) -> Table:
    """The workbook as distributed (for example `wiot11_row_sep12.xlsx`), through pymrio."""
    try:
        import pymrio
    except ImportError as error:
        raise SourceError(
            f"reading {place} needs pymrio and openpyxl; install them with: pip install 'ecumene[sources]'"
        ) from error

    # A folder of its own: pymrio also parses every satellite account that lies beside the workbook.
    with tempfile.TemporaryDirectory() as folder:
        lonely = Path(folder) / "wiot.xlsx"
        with place.open() as stream, lonely.open("wb") as copy:
            shutil.copyfileobj(stream, copy)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                parsed: Any = pymrio.parse_wiod(str(lonely), names=("c_codes", "c_codes"))
        except Exception as error:  # pymrio lets errors of pandas, openpyxl and zipfile through
            why = f"pymrio cannot read it as a WIOD workbook ({type(error).__name__}: {error})"
            raise damaged(place, why) from error

    economies = [iso3(str(code), "WIOD") for code in parsed.Z.index.get_level_values(0)]
    sectors = [str(code) for code in parsed.Z.index.get_level_values(1)]
    uses = [(iso3(str(code), "WIOD"), str(use)) for code, use in parsed.Y.columns]
    unknown = sorted({use for _, use in uses} - set(FINAL_USES)) + sorted(set(sectors) - set(SECTOR_NAMES))
    if unknown:
        shown = ", ".join(unknown[:5])
        raise damaged(place, f"unknown codes {shown}; the 2013 release has c1 to c35 and c37 to c42")
    order = in_order(economies)
    codes = in_order(sectors)
    if list(zip(economies, sectors, strict=True)) != [(economy, code) for economy in order for code in codes]:
        raise damaged(place, "sectors are not the same, in the same order, in every economy")
    names = tuple(FINAL_USES[use] for use in in_order([use for _, use in uses]))
    year = _year(parsed, place)
    return Table(
        Z=parsed.Z.to_numpy(dtype=float),
        Y=_final(parsed.Y.to_numpy(dtype=float), uses, order, names),
        economies=order,
        sectors=codes,
        final_uses=names,
        source=f"WIOD 2013 release, {year} ({place.name})",
        year=year,
        sector_names=[SECTOR_NAMES[code] for code in codes],
        notes=(NOTE,),
    )


def _year(parsed: object, place: Location) -> int | None:
    text = str(getattr(getattr(parsed, "factor_inputs", None), "year", ""))
    return int(text) if text.isdigit() else place.year


def _final(
    Y: FloatArray, uses: list[tuple[str, str]], order: tuple[str, ...], names: tuple[str, ...]
) -> FloatArray:
    economy_at, use_at = places(order), places(names)
    sorted_Y = np.zeros((Y.shape[0], len(order) * len(names)))
    for column, (economy, use) in enumerate(uses):
        sorted_Y[:, economy_at[economy] * len(names) + use_at[FINAL_USES[use]]] += Y[:, column]
    return sorted_Y
