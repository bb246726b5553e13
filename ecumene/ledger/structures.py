"""Structures: the same experiment on models that differ, and the worlds that experiments run on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ecumene import countries, sectors
from ecumene.factors import WORKER_MOBILITY
from ecumene.ranges import goods_of
from ecumene.world import World


class Structure(NamedTuple):
    """One way to build the model: arguments of `trade.solve`, whether sectors are merged, other choices by name."""

    name: str
    about: str
    solve: Mapping[str, Any] = {}
    two_sectors: bool = False
    choices: Mapping[str, Any] = {}


TRADE: Final = (
    Structure("central", "Cobb-Douglas nests, deficits fixed, one mobile factor", {"deficits": "fixed"}),
    Structure(
        "complements",
        "CES nests: 0.5 between value added and inputs, 0.2 between inputs, 0.9 in consumption: complements, as in "
        "Baqaee and Farhi (2024); the numbers are an assumption",
        {"deficits": "fixed", "eta": 0.5, "epsilon": 0.2, "sigma": 0.9},
    ),
    Structure("balanced", "as central, every deficit zero before and after", {"deficits": "zero"}),
    Structure(
        "bound",
        f"as central, value added bound to sectors with dispersion {WORKER_MOBILITY:g} (Galle, Rodríguez-Clare and Yi "
        "2023)",
        {"deficits": "fixed", "mobility": WORKER_MOBILITY},
    ),
    Structure("two-sectors", "as central, goods and services only", {"deficits": "fixed"}, two_sectors=True),
)
"""Structures of experiments with the trade model."""

CLOSING: Final = tuple(structure for structure in TRADE if structure.name != "bound")
"""Structures in which every link can be closed: value added bound to sectors that only export has no equilibrium."""

LARGEST: Final = 26
"""Economies of a large world that stay themselves because of their size (assumption: cost of many draws)."""

SMALLER: Final = 10
"""Economies that stay themselves from among all others, evenly spaced by size (assumption)."""

SPARED: Final = 5
"""A world with no more economies than these above both is left as it is (assumption)."""

MOST_SECTORS: Final = 20
"""Sectors above which those of WIOD are merged (assumption: cost of many draws)."""

_MERGED_WIOD: Final = {
    "c5": "c4", "c7": "c6", "c10": "c9", "c12": "c11", "c14": "c13", "c18": "c17", "c20": "c19", "c21": "c19",
    "c24": "c23", "c26": "c23", "c27": "c30", "c28": "c30", "c29": "c30", "c32": "c31", "c33": "c31", "c34": "c31",
    "c35": "c31",
}  # fmt: skip
"""Sectors of WIOD that are merged, each under the code of one of them; hotels and air transport stay alone."""


def smaller(world: World) -> tuple[World, tuple[str, ...]]:
    """A world small enough for many draws, and sentences on what was merged.

    The `LARGEST` economies by income and `SMALLER` others spaced evenly by rank stay; all others become the rest of
    their continent. Sectors of WIOD are merged to 18.
    """
    notes: list[str] = []
    if len(world.sectors) > MOST_SECTORS and set(_MERGED_WIOD) <= set(world.sectors):
        world = world.aggregate(sectors=_MERGED_WIOD)
        notes.append(f"Sectors were merged to {len(world.sectors)}.")
    named = [code for code in world.economies if not countries.is_aggregate(code)]
    if len(named) > LARGEST + SMALLER + SPARED:
        income = dict(zip(world.economies, world.income.values, strict=True))
        ranked = sorted(named, key=lambda code: -income[code])
        rest = ranked[LARGEST:]
        step = len(rest) / SMALLER
        kept = {*ranked[:LARGEST], *(rest[int((k + 0.5) * step)] for k in range(SMALLER))}
        table = countries.countries()
        away = {code: f"ROW_{table[code].continent.upper()}" for code in named if code not in kept}
        world = world.aggregate(economies=away)
        notes.append(
            f"The {LARGEST} largest economies and {SMALLER} others stand alone; all others are the rest of their "
            f"continent."
        )
    return world, tuple(notes)


def built(world: World, structure: Structure) -> World:
    """The world as a structure has it."""
    if not structure.two_sectors:
        return world
    kind = {
        code: "goods" if goods else "services"
        for code, goods in zip(world.sectors, goods_of(world), strict=True)
    }
    return world.aggregate(sectors=kind)


def kinds_of(world: World) -> tuple[tuple[str, ...], ...]:
    """Broad kinds of every sector; none where the classification is not known."""
    return sectors.kinds(world.sectors) or tuple(() for _ in world.sectors)
