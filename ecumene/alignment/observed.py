"""Who belonged to which union on a date, and the depths with and without each membership."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ecumene import countries
from ecumene.errors import InputError
from ecumene.orders import unions
from ecumene.types import IntArray
from ecumene.world import World

UNIONS = ("EU", "EAEU", "CIS", "CSTO", "NATO", "USMCA", "ASEAN", "MERCOSUR", "AFCFTA", "GCC")
"""Unions whose membership weights are estimated from."""

EXCLUSIVE = ("EU", "EAEU", "MERCOSUR", "GCC")
"""Of these the customs unions: an economy can be in one at most."""

COMMITMENT = {"NATO": 3, "CSTO": 3}
"""Depth that stands for an alliance's common decisions in heterogeneity and shared cost (assumption): a customs union
binds trade policy about as an alliance binds that of defence. Trade costs are those of the ladder, at depth 0."""


class Membership(NamedTuple):
    """One economy and one union: whether it is a member, and who is with it inside."""

    union: str
    economy: int
    member: bool
    company: tuple[int, ...]  # all members, the economy included
    depth: int  # for heterogeneity and shared cost


def continents(codes: Sequence[str]) -> frozenset[str]:
    """Continents of economies; of an aggregate none."""
    known = countries.countries()
    return frozenset(known[code].continent for code in codes if code in known)


def memberships(world: World, date: unions.Moment, names: Sequence[str] = UNIONS) -> list[Membership]:
    """Every economy with every union that has members on its continent, on a date. Aggregates are left out.

    A union without two other members in the world is left out: there would be nothing to join.
    """
    now = unions.Memberships(date)
    found = []
    for name in names:
        inside = now.members(unions.union(name).name)
        here = continents(sorted(inside))
        at = {number for number, code in enumerate(world.economies) if code in inside}
        depth = COMMITMENT.get(name, unions.union(name).depth(now.date))
        for number, code in enumerate(world.economies):
            if len(at - {number}) < 2 or countries.is_aggregate(code) or not continents([code]) & here:
                continue
            company = tuple(sorted({*at, number}))
            found.append(Membership(name, number, number in at, company, depth))
    if not found:
        raise InputError(
            f"this world has no members of {', '.join(names)} on {unions.day(date)}; use another date"
        )
    return found


def depths(
    world: World, date: unions.Moment, asked: Sequence[Membership]
) -> Iterator[tuple[IntArray, IntArray]]:
    """Depths of all pairs with and without each membership: joined, or undone, and all other unions as they are."""
    now = unions.Memberships(date).matrix(world.economies)
    for one in asked:
        code = world.economies[one.economy]
        if one.member:
            yield now, unions.Memberships(date, left={one.union: [code]}).matrix(world.economies)
        else:
            yield unions.Memberships(date, joined={one.union: [code]}).matrix(world.economies), now


def exclusive_depths(
    world: World, date: unions.Moment, asked: Sequence[Membership]
) -> Iterator[tuple[IntArray, IntArray]]:
    """Depths of all pairs with each membership of a customs union and with none of them: in one, one is in no other."""
    for one in asked:
        code = world.economies[one.economy]
        others = {name: [code] for name in EXCLUSIVE if name != one.union}
        inside = unions.Memberships(date, left=others, joined={one.union: [code]})
        outside = unions.Memberships(date, left={**others, one.union: [code]})
        yield inside.matrix(world.economies), outside.matrix(world.economies)
