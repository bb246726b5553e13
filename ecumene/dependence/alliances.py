"""Who stands on whose side in a contest of military spending: alliances, treaties of two, blocs, rivals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from ecumene.dependence import layers
from ecumene.dependence.entries import Found
from ecumene.dependence.parties import Parties, listed, members_of, parties_of
from ecumene.errors import InputError
from ecumene.orders import Order, defence, unions
from ecumene.orders.clubs import Club, clubs_of
from ecumene.world import World

TREATIES: Final = "treaties"
"""Among alliances, stands for every treaty of mutual defence between two (`orders.defence`) of the world's year."""

ALLIANCES: Final = ("NATO", "CSTO", TREATIES)
"""Alliances whose members stand on one side."""

POLITICAL_UNION: Final = 6
"""Depth from which members of a bloc stand on one side."""


class Sides(NamedTuple):
    """Alliances with their members; rivals where the user names them."""

    alliances: Mapping[str, list[str]]
    rivals: frozenset[str] | None


def sides_of(
    world: World, alliances: Parties, rivals: Sequence[str] | str | None, year: int
) -> tuple[Sides, list[str]]:
    """Alliances and rivals as codes, and notes on what the world lacks."""
    if not isinstance(alliances, Mapping):
        pairs = ["+".join(pair) for pair in defence.in_force(year)]
        named = listed("alliances", alliances)
        alliances = [each for name in named for each in (pairs if name == TREATIES else [name])]
    allied, notes = parties_of(world, alliances, year, whole=True)
    if rivals is None:
        return Sides(allied, None), notes
    codes, absent = members_of(world, listed("rivals", rivals), year)
    if not codes:
        raise InputError(
            f"this world has none of the rivals {', '.join(absent) or 'named'}; name some that it has"
        )
    lacking = [f"Rivals that this world lacks are left out: {', '.join(absent[:6])}."] if absent else []
    return Sides(allied, frozenset(codes)), [*notes, *lacking]


def contests(world: World, sides: Sides, clubs: Sequence[Club], decay: float) -> dict[str, Found]:
    """Military measures, with alliances and blocs as the clubs of an order or of the data leave them."""
    now = {club.name: club.members for club in clubs}
    allied = {
        name: now.get(unions.find(name) or "", frozenset(() if unions.find(name) else codes))
        for name, codes in sides.alliances.items()
    }
    allied |= {club.name: club.members for club in clubs if club.depth == POLITICAL_UNION}
    allies, against = layers.sides(world.economies, allied, sides.rivals)
    return layers.military(world, allies, against, decay, _assumed(sides, allied, decay))


def _assumed(sides: Sides, allied: Mapping[str, frozenset[str]], decay: float) -> str:
    """Who counts as whose rival, in a sentence."""
    named = ", ".join(sorted(sides.rivals)) if sides.rivals is not None else "all who are no allies"
    joined = ", ".join(name for name, members in allied.items() if members) or "nobody"
    return (
        f"Contest, a computation and no claim on intentions: rivals are {named}; allies share one of {joined}; "
        f"strength falls to 1/e over {decay:,.0f} km (assumption)."
    )


def clubs_under(world: World, order: Order) -> tuple[int, tuple[Club, ...]]:
    """The year of a world's memberships, and its unions and blocs under an order."""
    year = unions.DEFAULT_YEAR if world.year is None else world.year
    return year, clubs_of(order, world.economies, year)


def contests_under(world: World, year: int, clubs: Sequence[Club]) -> dict[str, Found]:
    """Contests of military spending with the alliances of a year and given blocs."""
    sides, _ = sides_of(world, ALLIANCES, None, year)
    return contests(world, sides, clubs, layers.DECAY_KM)
