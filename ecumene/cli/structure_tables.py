"""Tables of structures: the same order under each, side by side, and where even the sign depends on the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from ecumene.cli.tables import Table, named, signed
from ecumene.results import UNCHANGED, WORLD
from ecumene.types import FloatArray
from ecumene.uncertainty.result import Structures
from ecumene.world import World

MOST_MOVED: Final = 6
"""Economies shown where none are named, beside those whose sign depends on the structure: the most moved."""

DEPENDING: Final = 8
"""Economies whose sign depends on the structure that are shown where none are named."""

NAMED: Final = 2
"""Of those, how many a comparison of orders names for each."""

DEPENDS: Final = "depends"
"""The sign of an economy that gains under one structure and loses under another."""

LINE: Final = 96
"""Characters of a line: further columns stand below."""


def sign_of(changes: FloatArray) -> str:
    """What the changes of an economy, one a structure and world, agree on."""
    if not np.isfinite(changes).any():
        return "no number"
    gains, loses = bool((changes >= UNCHANGED).any()), bool((changes <= -UNCHANGED).any())
    if gains and loses:
        return DEPENDS
    return "gains" if gains else "loses" if loses else "none"


def structure_tables(found: Structures, world: World, economies: list[str]) -> list[Table]:
    """Tables a world: a structure a row, economies side by side as far as they fit, and the sign over all of them."""
    data = found.data
    codes = [WORLD, *(economies or _shown(found))]
    title = found.provenance.order_title or found.provenance.order
    everywhere = [_of(found, code) for code in codes]
    drawn: list[Table] = []
    for w, name in enumerate(map(str, data["world"].values)):
        changes = [values[w] for values in everywhere]
        signs = [sign_of(values) for values in everywhere]
        about = f"Change of real income by structure, percent: {title}: {name}"
        drawn += _blocks(about, _names(found), codes, changes, signs)
    names = "; ".join(named(world, code) for code in codes if code in world.economies)
    drawn[-1] = replace(
        drawn[-1],
        footnotes=(
            f"{names}.",
            _sign_note(found),
            "`--verbose` tells what each structure is.",
            *_none(found),
        ),
    )
    return drawn


def beside_orders(found: Mapping[str, Structures], world: World, economies: list[str]) -> list[Table]:
    """What other structures make of several orders: where the sign depends on the model, then all side by side."""
    if not found:
        return []
    heads = ("order", "world", "lowest", "highest", "depends", "sign depends on the model: lowest to highest")
    overview = Table(
        "Other structures of the model: change of real income, percent",
        heads,
        tuple((order, *_spread(one)) for order, one in found.items()),
        frozenset((1, 2, 3, 4)),
        (
            f"World: central, and the lowest and highest of {len(_names(next(iter(found.values()))))} structures, "
            "as far as they have an equilibrium. Depends: economies that gain under one structure and lose under "
            "another; the widest are named.",
        ),
    )
    orders = list(found)
    beside = [
        table
        for code in (economies or [WORLD])
        for table in _blocks(
            f"The same by structure: {'world' if code == WORLD else named(world, code)}",
            _names(found[orders[0]]),
            orders,
            [_of(one, code)[0] for one in found.values()],
            [sign_of(_of(one, code)) for one in found.values()],
        )
    ]
    more = "`ecumene structures ORDER --verbose` says what each structure is, and takes a second world (`--world2`)."
    notes = (_sign_note(), more, *(note for one in found.values() for note in _none(one)))
    beside[-1] = replace(beside[-1], footnotes=notes)
    return [overview, *beside]


def _spread(found: Structures) -> tuple[str, ...]:
    """The world's change, its ends over structures, and the economies whose sign depends on the model."""
    whole = found.data["world_real_income"].values[0]
    ends = (np.nanmin(whole), np.nanmax(whole)) if np.isfinite(whole).any() else (np.nan, np.nan)
    codes = _depending(found)
    told = []
    for code in codes[:NAMED]:
        values = _of(found, code)
        told.append(f"{code} {signed(float(np.nanmin(values)))} to {signed(float(np.nanmax(values)))}")
    return (*(_cell(float(x)) for x in (whole[0], *ends)), str(len(codes)), ", ".join(told) or "none")


def _blocks(
    title: str, names: list[str], heads: list[str], columns: list[FloatArray], signs: list[str]
) -> list[Table]:
    """A structure a row and the sign last; columns go on in a further table where the line is full."""
    cells = [
        (head, *map(_cell, map(float, column)), sign)
        for head, column, sign in zip(heads, columns, signs, strict=True)
    ]
    first = ("structure", *names, "sign")
    parts: list[list[tuple[str, ...]]] = []
    left = 0
    for column in cells:
        width = 2 + max(map(len, column))
        if width > left:
            parts.append([first])
            left = LINE - max(map(len, first))
        parts[-1].append(column)
        left -= width
    return [
        Table(
            title if k == 0 else f"{title}, continued",
            tuple(column[0] for column in part),
            tuple(zip(*(column[1:] for column in part), strict=True)),
            frozenset(range(1, len(part))),
        )
        for k, part in enumerate(parts)
    ]


def _names(found: Structures) -> list[str]:
    return [str(name).replace("_", " ") for name in found.data["structure"].values]


def _of(found: Structures, code: str) -> FloatArray:
    """Changes of an economy or the world [world, structure]."""
    if code == WORLD:
        return found.data["world_real_income"].values
    return found.data["real_income"].sel(economy=code).transpose("world", "structure").values


def _cell(change: float) -> str:
    return signed(change) if np.isfinite(change) else "none"


def _sign_note(found: Structures | None = None) -> str:
    """What a sign is, and for one order of how many economies it depends on the model."""
    count = ""
    if found is not None:
        both = ", over both worlds" if found.data.sizes["world"] > 1 else ""
        count = f", as it does for {len(_depending(found))} of {found.data.sizes['economy']} economies{both}"
    return (
        f"Sign: of changes of {UNCHANGED:g} percent or more, a point estimate each, at central parameters; it "
        f"{DEPENDS} (on the model) where income rises under one structure and falls under another{count}."
    )


def _none(found: Structures) -> list[str]:
    """Why a structure has no number."""
    lacking = [name for name in _names(found) if not _solved(found, name)]
    starts = tuple(f", {name.replace(' ', '_')}: " for name in lacking)
    notes = [note for note in found.provenance.notes if any(start in note for start in starts)]
    return [f"{found.provenance.order}, none: {note}" for note in notes]


def _solved(found: Structures, name: str) -> bool:
    return bool((found.data["status"].sel(structure=name.replace(" ", "_")) == 0).all())


def _depending(found: Structures) -> list[str]:
    """Economies that gain under one structure and lose under another, the widest apart first."""
    data = found.data
    depends = (data["gaining_structures"].values > 0) & (data["losing_structures"].values > 0)
    codes = data["economy"].values[depends]
    values = data["real_income"].transpose("economy", "world", "structure").values[depends]
    apart = np.nanmax(values, axis=(1, 2)) - np.nanmin(values, axis=(1, 2))
    return [str(codes[k]) for k in np.argsort(-apart, kind="stable")]


def _shown(found: Structures) -> list[str]:
    """The most moved, and then those whose sign depends on the structure."""
    data = found.data
    codes = data["economy"].values
    size = np.nanmax(np.abs(np.nan_to_num(data["real_income"].values)), axis=(0, 1))
    first = [str(codes[k]) for k in np.argsort(-size, kind="stable")[:MOST_MOVED]]
    return list(dict.fromkeys([*first, *_depending(found)[:DEPENDING]]))
