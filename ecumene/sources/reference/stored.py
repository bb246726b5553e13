"""The packaged file of the reference world: trade, technology and preferences, with their hash."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from ecumene import elasticities
from ecumene.errors import SourceError
from ecumene.files import write_atomically
from ecumene.sources import travel
from ecumene.sources.reference import facts, gravity
from ecumene.types import BoolArray, FloatArray
from ecumene.world import World

PACKAGED = Path(__file__).with_name("world.npz")
FORMAT, VERSION = "ecumene-reference", 1
"""Kind and version of the file; another version is refused."""


@dataclass(frozen=True)
class Arrays:
    """What is stored: trade net of tariff [R, R, S] (million USD a year), shares, preferences, elasticities.

    value_added_share [R, S] of output, input_share [R, S inputs, S users], free_trade [R, R] true where no
    tariff is paid, theta [S].
    """

    trade: FloatArray
    value_added_share: FloatArray
    input_share: FloatArray
    free_trade: BoolArray
    theta: FloatArray


def rounded(arrays: Arrays) -> Arrays:
    """Arrays with international trade rounded to single precision, as the file holds it; home sales kept."""
    trade = arrays.trade.astype(np.float32).astype(np.float64)
    diagonal = np.arange(len(trade))
    trade[diagonal, diagonal] = arrays.trade[diagonal, diagonal]
    return replace(arrays, trade=trade)


def tariff(free_trade: BoolArray) -> FloatArray:
    """Ad valorem rates [origin, destination, S]: MFN averages of the facts, zero where trade is free.

    Agriculture and food take the importer's agricultural average, other goods its non-agricultural one,
    services nothing.
    """
    table, sectors = facts.load_facts(), facts.sectors()
    food = np.array(["food_agriculture" in groups for groups in sectors["commodity_groups"]])
    goods = np.array([bool(cell) for cell in sectors["goods"]])
    agriculture, other = (table[f"tariff_{k}"].to_numpy() / 100.0 for k in ("agriculture", "nonagriculture"))
    rates = np.where(food, agriculture[:, None], other[:, None]) * goods
    free = free_trade | np.eye(len(table), dtype=bool)
    return np.where(free[:, :, None], 0.0, rates[None])


def _layers() -> dict[str, np.ndarray]:
    table, sectors, geo = facts.load_facts(), facts.sectors(), gravity.geography()
    same = ("area", "latitude", "longitude", "arable_land")
    fuels = [f"{fuel}_{kind}" for fuel in ("oil", "gas", "coal") for kind in ("production", "reserves")]
    return {
        **{name: table[name].to_numpy() for name in (*same, *fuels)},
        "population": table["population"].to_numpy() * 1e6,
        "military_spending": table["military_spending"].to_numpy() * 1e3,
        "landlocked": table["landlocked"].to_numpy() == 1.0,
        "economy_name": table["name"].to_numpy(dtype=str),
        "distance": geo.distance,
        "contiguity": geo.contiguity,
        "travel": travel.gravity(
            table["gdp"].to_numpy(),
            table["population"].to_numpy(),
            geo.distance,
            geo.contiguity,
            geo.language,
        ),
        "goods": sectors["goods"].to_numpy(dtype=bool),
        "sector_name": sectors["name"].to_numpy(dtype=str),
    }


def _notes(arrays: Arrays) -> tuple[str, ...]:
    codes, sectors = facts.load_facts().index, facts.sectors().index
    nothing = np.einsum("iis->is", arrays.trade) + arrays.trade.sum(axis=1) == 0
    counts = nothing.sum(axis=0)
    missing = ", ".join(f"{sectors[s]} ({counts[s]})" for s in map(int, np.flatnonzero(counts)))
    return (
        "The reference world is an estimate from public facts of 2019 and gravity, not a published table; "
        "see docs/reference-world.md for what it is good for.",
        f"Goods that some of the {len(codes)} economies do not make, and in how many: {missing}.",
        "Base tariffs are MFN averages for agriculture and other goods, zero inside agreements of 2019.",
    )


def assemble(arrays: Arrays) -> World:
    """The World of stored arrays: final demand is what is left of spending, layers come from the facts."""
    sectors = facts.sectors()
    return World.from_trade(
        arrays.trade,
        arrays.value_added_share,
        arrays.input_share,
        economies=tuple(facts.load_facts().index),
        sectors=tuple(sectors.index),
        tariff=tariff(arrays.free_trade),
        theta=arrays.theta,
        theta_source=elasticities.THETA_SOURCE,
        year=2019,
        source="Ecumene reference world 2019",
        layers=_layers(),
        deficits="fixed",
        notes=_notes(arrays),
    )


def fingerprint(arrays: Arrays) -> str:
    """SHA-256 over the stored arrays, in their order."""
    digest = hashlib.sha256()
    for item in fields(arrays):
        values = np.ascontiguousarray(getattr(arrays, item.name))
        digest.update(f"{item.name}{values.dtype.str}{values.shape}".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()


def write(arrays: Arrays, path: str | os.PathLike[str]) -> Path:
    """Write rounded arrays to one compressed file, bit-equal for equal arrays. Errors: OutputError."""
    international = arrays.trade.astype(np.float32)
    diagonal = np.arange(len(international))
    home = arrays.trade[diagonal, diagonal]
    international[diagonal, diagonal] = 0.0
    header = {"format": FORMAT, "version": VERSION, "sha256": fingerprint(arrays)}
    content: dict[str, np.ndarray] = {
        "header": np.array(json.dumps(header)),
        "trade": international,
        "home": home,
        **{item.name: getattr(arrays, item.name) for item in fields(arrays) if item.name != "trade"},
    }

    def fill(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **content)

    return write_atomically(path, fill)


def read(path: str | os.PathLike[str] = PACKAGED) -> tuple[Arrays, str]:
    """Stored arrays and their hash, verified. Errors: SourceError for a missing, damaged or changed file."""
    file = Path(path)
    again = "rebuild it with `ecumene data build reference` or install Ecumene again"
    try:
        with file.open("rb") as handle, np.load(handle, allow_pickle=False) as archive:
            header = json.loads(str(archive["header"]))
            content = {name: archive[name] for name in archive.files if name != "header"}
        if (header.get("format"), header.get("version")) != (FORMAT, VERSION):
            raise SourceError(f"{file} is not a reference world of version {VERSION}; {again}")
        trade = content.pop("trade").astype(np.float64)
        diagonal = np.arange(len(trade))
        trade[diagonal, diagonal] = content.pop("home")
        arrays = Arrays(trade=trade, **content)
    except FileNotFoundError as error:
        raise SourceError(f"there is no reference world at {file}; {again}") from error
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, EOFError) as error:
        raise SourceError(f"{file} cannot be read ({error}); {again}") from error
    if fingerprint(arrays) != header["sha256"]:
        raise SourceError(f"{file} does not match its own hash; {again}")
    known = len(facts.load_facts())
    if len(trade) != known:
        raise SourceError(f"{file} holds {len(trade)} economies, the facts {known}; {again}")
    return arrays, str(header["sha256"])


def load_reference() -> World:
    """Load the packaged reference world of 2019, hash verified; million USD a year. Errors: SourceError."""
    arrays, _ = read()
    return assemble(arrays)
