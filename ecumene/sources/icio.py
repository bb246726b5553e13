"""OECD Inter-Country Input-Output tables, editions of 2023 and 2025, CSV as distributed. Million USD.

The regular files (`2022_SML.csv`) have one China and one Mexico. The extended ones split their industries
into `CN1`, `CN2`, `MX1`, `MX2`; the parts are added up before any share is formed.
"""

from __future__ import annotations

import re

import numpy as np

from ecumene.errors import SourceError
from ecumene.sources.location import Location, damaged, locate
from ecumene.sources.matrix import Matrix, read_matrix
from ecumene.sources.regions import iso3
from ecumene.sources.table import Table, in_order, merge, places
from ecumene.types import FloatArray
from ecumene.world import World

FINAL_USES = {
    "HFCE": "households",
    "NPISH": "npish",
    "NPS": "npish",
    "GGFC": "government",
    "GFCF": "gfcf",
    "INVNT": "inventories",
    "DPABR": "purchases_abroad",
    "DIRP": "purchases_abroad",
    "NONRES": "purchases_of_nonresidents",
    "VALU": "valuables",
    "FD": "final_demand",
}
"""Final-demand columns of the editions; `FD` counts only where it stands alone, elsewhere it is a total."""

PARTS = {f"CN{part}": "CHN" for part in range(1, 5)} | {f"MX{part}": "MEX" for part in range(1, 4)}
"""Parts of an economy by kind of firm, and the economy they belong to."""

ACCOUNTS = ("TLS", "VA", "OUT")
TOTALS = ("OUT", "TOTAL")

LARGEST_GAP = 1e-3
"""Largest difference between the table's flows and its own output, relative to world output (assumption)."""

TAX_NOTE = (
    "Taxes less subsidies on intermediate products (row TLS) are part of value added here, which is output "
    "minus inputs at basic prices; taxes on final products are left out."
)

SECTOR_NAMES = {
    "A01_02": "Agriculture and forestry",
    "A01": "Crop and animal production",
    "A02": "Forestry and logging",
    "A03": "Fishing and aquaculture",
    "B05_06": "Mining of energy products",
    "B05": "Coal and lignite",
    "B06": "Crude petroleum and natural gas",
    "B07_08": "Mining of non-energy products",
    "B07": "Metal ores",
    "B08": "Other mining and quarrying",
    "B09": "Mining support",
    "C10T12": "Food, beverages and tobacco",
    "C13T15": "Textiles, apparel and leather",
    "C16": "Wood",
    "C17_18": "Paper and printing",
    "C19": "Coke and refined petroleum",
    "C20": "Chemicals",
    "C21": "Pharmaceuticals",
    "C22": "Rubber and plastics",
    "C23": "Other non-metallic minerals",
    "C24": "Basic metals",
    "C24A": "Iron and steel",
    "C24B": "Non-ferrous metals",
    "C25": "Fabricated metal products",
    "C26": "Computers, electronics and optics",
    "C27": "Electrical equipment",
    "C28": "Machinery n.e.c.",
    "C29": "Motor vehicles",
    "C30": "Other transport equipment",
    "C301": "Ships and boats",
    "C302T309": "Other transport equipment",
    "C31T33": "Other manufacturing; repair",
    "D": "Electricity and gas",
    "E": "Water, sewerage and waste",
    "F": "Construction",
    "G": "Wholesale and retail trade",
    "H49": "Land transport and pipelines",
    "H50": "Water transport",
    "H51": "Air transport",
    "H52": "Warehousing and transport support",
    "H53": "Post and couriers",
    "I": "Accommodation and food services",
    "J58T60": "Publishing and broadcasting",
    "J61": "Telecommunications",
    "J62_63": "Information technology",
    "K": "Finance and insurance",
    "L": "Real estate",
    "M": "Professional and scientific services",
    "N": "Administrative services",
    "O": "Public administration and defence",
    "P": "Education",
    "Q": "Health and social work",
    "R": "Arts and recreation",
    "S": "Other services",
    "T": "Households as employers",
}

_LABEL = re.compile(r"([A-Z][A-Z0-9]{2})_([A-Z][A-Z0-9_]*)")


def read(path: str) -> World:
    """A world from an OECD ICIO table: a `.csv`, or a bundle of years, `PATH.zip#2019`.

    Unit: million USD a year, basic prices. Errors: SourceError naming file, label and remedy.
    Source: OECD (2023, 2025), Inter-Country Input-Output Database.
    """
    return read_table(locate(path, (".csv",))).to_world()


def read_table(place: Location) -> Table:
    """The table with the parts of China and Mexico added up, checked against its own stated output."""
    matrix = read_matrix(place)
    missing = [name for name in ("VA", "OUT") if name not in matrix.rows]
    if missing:
        raise damaged(place, f"its last rows are missing ({', '.join(missing)})")
    cells = [label for label in matrix.rows if label not in ACCOUNTS]
    sellers = [_split(label, "row", place) for label in cells]
    sectors = in_order([sector for _, sector in sellers])
    economies = in_order([_whole(economy) for economy, _ in sellers])
    buyers = [label for label in matrix.columns if label not in TOTALS and label not in set(cells)]
    uses = [_use(label, place) for label in buyers]
    if {"final_demand"} < {use for _, use in uses}:
        keep = [position for position, (_, use) in enumerate(uses) if use != "final_demand"]
        buyers, uses = [buyers[k] for k in keep], [uses[k] for k in keep]
    _complete(cells, matrix, sellers, sectors, uses, economies, place)

    row_at = places(matrix.rows)
    column_at = places(matrix.columns)
    rows = [row_at[label] for label in cells]
    columns = [column_at[label] for label in cells]
    Z = matrix.values[np.ix_(rows, columns)]
    Y = matrix.values[np.ix_(rows, [column_at[label] for label in buyers])]
    names = in_order([use for _, use in uses])
    _no_total_beside_parts(sellers, Z.sum(axis=1) + Y.sum(axis=1), place)

    economy_at, sector_at, use_at = places(economies), places(sectors), places(names)
    to_cell = [economy_at[_whole(economy)] * len(sectors) + sector_at[sector] for economy, sector in sellers]
    to_buyer = [economy_at[economy] * len(names) + use_at[use] for economy, use in uses]
    n_cells = len(economies) * len(sectors)
    merged_Z, merged_Y = merge(Z, Y, to_cell, n_cells, to_buyer, len(economies) * len(names))
    notes = [TAX_NOTE]
    split = sorted({economy for economy, _ in sellers if economy in PARTS})
    if split:
        notes.append(
            f"The parts {', '.join(split)} were added up to their economies before shares were formed."
        )
    notes.append(_against_output(matrix, merged_Z, merged_Y, to_cell, rows, columns, place))
    words = ["OECD ICIO", *_edition(sectors), *([str(place.year)] if place.year else [])]
    return Table(
        merged_Z,
        merged_Y,
        economies,
        sectors,
        names,
        source=f"{', '.join(words)} ({place.name})",
        year=place.year,
        sector_names=[SECTOR_NAMES.get(sector, sector) for sector in sectors],
        notes=tuple(notes),
    )


def _whole(economy: str) -> str:
    return PARTS.get(economy) or iso3(economy, "ICIO")


def _split(label: str, what: str, place: Location) -> tuple[str, str]:
    match = _LABEL.fullmatch(label)
    if match is None:
        raise damaged(place, f"unknown {what} '{label}'; expected labels such as AUT_C10T12, TLS, VA and OUT")
    return match.group(1), match.group(2)


def _use(label: str, place: Location) -> tuple[str, str]:
    economy, use = _split(label, "column", place)
    if use not in FINAL_USES:
        raise damaged(
            place, f"the column '{label}' is neither a seller nor a known final use ({', '.join(FINAL_USES)})"
        )
    return _whole(economy), FINAL_USES[use]


def _complete(
    cells: list[str],
    matrix: Matrix,
    sellers: list[tuple[str, str]],
    sectors: tuple[str, ...],
    uses: list[tuple[str, str]],
    economies: tuple[str, ...],
    place: Location,
) -> None:
    lost = [label for label in cells if label not in set(matrix.columns)]
    if lost:
        raise damaged(place, f"{len(lost)} industries sell but have no column, the first {lost[0]}")
    present = set(sellers)
    gaps = [f"{economy}_{sector}" for economy in in_order([e for e, _ in sellers]) for sector in sectors
            if (economy, sector) not in present]  # fmt: skip
    if gaps:
        raise damaged(place, f"{len(gaps)} rows are missing, the first {gaps[0]}")
    buying = {economy for economy, _ in uses}
    silent = [economy for economy in economies if economy not in buying]
    if silent:
        raise damaged(place, f"{silent[0]} has no final-demand columns")


def _no_total_beside_parts(sellers: list[tuple[str, str]], output: FloatArray, place: Location) -> None:
    """Refuse a table in which an economy's own rows repeat the sum of its parts."""
    for whole in sorted(set(PARTS.values())):
        own = sum(x for (economy, _), x in zip(sellers, output, strict=True) if economy == whole)
        parts = sum(x for (economy, _), x in zip(sellers, output, strict=True) if PARTS.get(economy) == whole)
        if own > 0 and parts > 0 and abs(own - parts) < 1e-6 * own:
            raise SourceError(
                f"{place} has {whole} and also its parts, which add up to it; "
                "remove one of both so that it counts once"
            )


def _against_output(
    matrix: Matrix,
    Z: FloatArray,
    Y: FloatArray,
    to_cell: list[int],
    rows: list[int],
    columns: list[int],
    place: Location,
) -> str:
    n_cells = len(Z)
    costs = matrix.row("VA")[columns] + (matrix.row("TLS")[columns] if "TLS" in matrix.rows else 0.0)
    stated = np.bincount(to_cell, weights=matrix.row("OUT")[columns], minlength=n_cells)
    gaps = [np.abs(Z.sum(axis=0) + np.bincount(to_cell, weights=costs, minlength=n_cells) - stated)]
    for total in TOTALS:
        if total in matrix.columns:
            sold = np.bincount(to_cell, weights=matrix.column(total)[rows], minlength=n_cells)
            gaps.append(np.abs(Z.sum(axis=1) + Y.sum(axis=1) - sold))
    gap, world = max(float(gap.sum()) for gap in gaps), float(stated.sum())
    if not gap <= LARGEST_GAP * world:
        raise damaged(
            place, f"flows and the stated output (OUT) differ by {gap:,.0f} of {world:,.0f} million USD"
        )
    return f"Flows agree with the stated output (OUT) to {gap:,.3f} of {world:,.0f} million USD."


def _edition(sectors: tuple[str, ...]) -> list[str]:
    """The edition, told by how it divides agriculture."""
    return [f"{year} edition" for code, year in (("A01_02", 2023), ("A01", 2025)) if code in sectors]
