"""Eurostat FIGARO inter-country tables, industry by industry: the matrix and the flat CSV. Million EUR."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ecumene.errors import SourceError
from ecumene.sources.currency import usd_per_eur
from ecumene.sources.location import Location, damaged, locate
from ecumene.sources.matrix import read_matrix
from ecumene.sources.regions import iso3
from ecumene.sources.table import Table, in_order, places
from ecumene.types import FloatArray
from ecumene.world import World

FINAL_USES = {
    "P3_S13": "government",
    "P3_S14": "households",
    "P3_S15": "npish",
    "P51G": "gfcf",
    "P5M": "inventories",
}
"""ESA 2010 final uses; `P5M` is changes in inventories and acquisitions less disposals of valuables."""

ACCOUNTS = {
    "D21X31": "taxes less subsidies on products",
    "OP_RES": "purchases abroad of residents",
    "OP_NRES": "purchases of non-residents",
    "D1": "compensation of employees",
    "D29X39": "other taxes less subsidies on production",
    "B2A3G": "gross operating surplus",
}
"""Rows below the flows, written `W2_D1` and so on."""

FLAT_COLUMNS = ("refArea", "counterpartArea", "obsValue")

NOTE = (
    "Taxes less subsidies on intermediate products (W2_D21X31) are part of value added here, which is output "
    "minus inputs at basic prices; taxes on final products are left out. P5M joins inventories and valuables."
)

_LABEL = re.compile(r"([A-Z]{2}|FIGW1|W2)_([A-Z][A-Z0-9_]*)")


def read(path: str) -> World:
    """A world from a FIGARO industry-by-industry table, matrix or flat CSV.

    Unit: million USD a year at the year's average rate, basic prices. Errors: SourceError.
    Source: Eurostat, FIGARO tables (EU inter-country supply, use and input-output tables).
    """
    return read_table(locate(path, (".csv",))).to_world()


def read_table(place: Location) -> Table:
    """The table in million USD; which of the two layouts it has is read from its first line."""
    rate, converted = usd_per_eur(place.year, str(place))
    with place.open() as stream:
        header = stream.readline().decode("utf-8-sig", errors="replace")
    names = [name.strip().strip('"') for name in header.split(",")]
    if set(FLAT_COLUMNS) <= set(names):
        rows, columns, values = _read_flat(place, names)
    elif names[0].strip() in ("rowLabels", ""):
        matrix = read_matrix(place)
        rows, columns, values = matrix.rows, matrix.columns, matrix.values
    else:
        raise damaged(
            place, f"its first line begins with '{names[0][:40]}', expected 'rowLabels' or the flat layout"
        )
    return _table(rows, columns, values, place).scaled(rate).noting(converted)


def _table(rows: tuple[str, ...], columns: tuple[str, ...], values: FloatArray, place: Location) -> Table:
    sellers, found = [], set()
    for position, label in enumerate(rows):
        area, code = _split(label, place)
        if area == "W2":
            if code not in ACCOUNTS:
                raise damaged(
                    place, f"unknown row '{label}'; known are {', '.join('W2_' + a for a in ACCOUNTS)}"
                )
            found.add(code)
        else:
            sellers.append((position, iso3(area, "FIGARO"), code))
    if not {"D1", "B2A3G"} <= found:
        raise damaged(place, "the value-added rows W2_D1 and W2_B2A3G are missing at its end")
    economies = in_order([economy for _, economy, _ in sellers])
    sectors = in_order([sector for _, _, sector in sellers])
    uses = tuple(FINAL_USES.values())
    economy_at, sector_at, use_at = places(economies), places(sectors), places(uses)
    if len(sellers) != len(economies) * len(sectors):
        raise damaged(
            place, f"{len(sellers)} rows of flows are not {len(economies)} areas x {len(sectors)} industries"
        )

    n_sectors, n_uses = len(sectors), len(uses)
    to_row = [economy_at[economy] * n_sectors + sector_at[sector] for _, economy, sector in sellers]
    to_cell: list[tuple[int, int]] = []
    to_buyer: list[tuple[int, int]] = []
    for position, label in enumerate(columns):
        area, code = _split(label, place)
        economy = iso3(area, "FIGARO")
        if economy not in economy_at:
            raise damaged(place, f"the column '{label}' is of an area that sells nothing")
        if code in sector_at:
            to_cell.append((position, economy_at[economy] * n_sectors + sector_at[code]))
        elif code in FINAL_USES:
            to_buyer.append((position, economy_at[economy] * n_uses + use_at[FINAL_USES[code]]))
        else:
            raise damaged(
                place,
                f"the column '{label}' is neither an industry nor a final use ({', '.join(FINAL_USES)})",
            )
    if len(to_cell) != len(sellers) or len(to_buyer) != len(economies) * n_uses:
        raise damaged(
            place, f"{len(to_cell)} industry and {len(to_buyer)} final-use columns do not match its rows"
        )
    flows = np.empty((len(sellers), len(columns)))
    flows[to_row] = values[[position for position, _, _ in sellers]]
    Z = np.empty((len(sellers), len(sellers)))
    Y = np.empty((len(sellers), len(to_buyer)))
    Z[:, [cell for _, cell in to_cell]] = flows[:, [position for position, _ in to_cell]]
    Y[:, [buyer for _, buyer in to_buyer]] = flows[:, [position for position, _ in to_buyer]]
    return Table(
        Z,
        Y,
        economies,
        sectors,
        uses,
        source=f"Eurostat FIGARO, {place.year} ({place.name})",
        year=place.year,
        notes=(NOTE,),
    )


def _split(label: str, place: Location) -> tuple[str, str]:
    match = _LABEL.fullmatch(label)
    if match is None:
        raise damaged(
            place, f"unknown label '{label}'; expected labels such as AT_C10T12, FIGW1_A01 and W2_D1"
        )
    return match.group(1), match.group(2)


def _read_flat(place: Location, names: list[str]) -> tuple[tuple[str, ...], tuple[str, ...], FloatArray]:
    """`icioiRow, icioiCol, refArea, rowIi, counterpartArea, colIi, obsValue`: one flow a line."""
    inner = [name for name in names if name not in FLAT_COLUMNS and not name.startswith("icio")]
    row_code = [name for name in inner if name.startswith("row")]
    column_code = [name for name in inner if name.startswith("col")]
    if len(row_code) != 1 or len(column_code) != 1:
        raise SourceError(
            f"{place}: the flat layout needs refArea, rowIi, counterpartArea, colIi and obsValue; "
            f"it has {', '.join(names)}"
        )
    keep = ["refArea", row_code[0], "counterpartArea", column_code[0], "obsValue"]
    try:
        with place.open() as stream:
            frame = pd.read_csv(
                stream, usecols=keep, keep_default_na=False, dtype=dict.fromkeys(keep[:4], str)
            )
        value = np.asarray(pd.to_numeric(frame["obsValue"]), dtype=np.float64)
    except (ValueError, TypeError, pd.errors.ParserError) as error:
        raise damaged(place, f"a line cannot be read ({error})") from error
    seller = (frame[keep[0]] + "_" + frame[keep[1]]).tolist()
    buyer = (frame[keep[2]] + "_" + frame[keep[3]]).tolist()
    rows, columns = in_order(seller), in_order(buyer)
    values = np.zeros((len(rows), len(columns)))
    row_at, column_at = places(rows), places(columns)
    np.add.at(values, ([row_at[label] for label in seller], [column_at[label] for label in buyer]), value)
    return rows, columns, values
