"""Who is a pole, who chooses, and where everybody is today: from names to arrays."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ecumene import countries, given
from ecumene.errors import InputError
from ecumene.orders import duties, ladder, unions
from ecumene.types import BoolArray, FloatArray, IntArray
from ecumene.world import World

CUSTOMS_UNION = 3
"""Depth from which an economy counts as in a pole's bloc today: a customs union is whole."""

DEPTH = 3
"""Depth of every bloc unless another is given (assumption)."""

DEPTHS = "a bloc's depth is a whole number from 1 to 6"


class Rungs(NamedTuple):
    """The ladder of depth on a world's axes."""

    goods: FloatArray
    services: FloatArray
    is_goods: BoolArray
    base: IntArray
    without: FloatArray


class Places(NamedTuple):
    """Poles and choosers as numbers of economies. `today` is each economy's bloc, -1 in none."""

    names: tuple[str, ...]
    cores: tuple[tuple[int, ...], ...]
    depths: tuple[int, ...]
    choosers: tuple[int, ...]
    today: IntArray
    notes: tuple[str, ...]


def year_of(world: World) -> int:
    """The year of a world's memberships."""
    return unions.DEFAULT_YEAR if world.year is None else world.year


def rungs_of(world: World) -> Rungs:
    """What depths change in a world: costs by the ladder, tariffs with and without preference."""
    base = unions.depth_matrix(world.economies, year_of(world))
    layer = world.layers.get("goods")
    goods = np.ones(len(world.sectors), dtype=bool) if layer is None else np.asarray(layer.values, dtype=bool)
    without, _ = duties.without_preference(world.tariff.values, world.trade.values, base.copy())
    return Rungs(ladder.effects("goods"), ladder.effects("services"), goods, base, without)


def codes_of(world: World, name: str, date: unions.Moment) -> tuple[str, ...]:
    """Codes in the world that a name stands for: an economy, or a union's members. Errors: InputError."""
    by_case = {code.upper(): code for code in world.economies}
    if name.upper() in by_case:
        return (by_case[name.upper()],)
    union = unions.find(name)
    if union is not None:
        inside = unions.members(union, date)
        found = tuple(code for code in world.economies if code in inside)
        if not found:
            raise InputError(
                f"the union {union} has no member in this world on {unions.day(date)}; leave it out"
            )
        return found
    code = countries.find(name)
    if code in world.economies:
        return (str(code),)
    labels = [*world.economies, *map(countries.name_of, world.economies), *unions.unions()]
    near = countries.nearest(name, labels)
    hint = f"did you mean {near[0]}?" if near else "name economies of this world, or unions such as EU"
    raise InputError(f"'{name}' is no economy of this world and no union; {hint}")


def is_union(world: World, name: str) -> bool:
    """Whether a name stands for a union, and for no economy of the world."""
    return name.upper() not in {code.upper() for code in world.economies} and unions.find(name) is not None


def places_of(
    world: World,
    poles: Sequence[str],
    economies: Sequence[str] | None,
    depth: int | Mapping[str, int] = DEPTH,
) -> Places:
    """Poles with their blocs of today, and who chooses.

    A pole is an economy, or a union whose members stay together. Economies with which it shares a customs union or more
    today are in its bloc; those that do not choose stay there. economies: who chooses; None is everybody else but
    aggregates. Errors: InputError (a pole twice, two poles in one customs union, an economy in two, nobody to choose).
    """
    given.require_world(world)
    date = year_of(world)
    poles = given.names("poles", poles, "['USA', 'CHN', 'EU']")
    if economies is not None:
        economies = given.names("economies", economies, "['GEO', 'MDA'], or None for everybody else")
    if len(poles) < 2:
        raise InputError(
            f"poles has {len(poles)} name{'s' * (len(poles) != 1)}; name two or more, as USA,CHN,EU"
        )
    members = [codes_of(world, name, date) for name in poles]
    names = [unions.find(name) or found[0] for name, found in zip(poles, members, strict=True)]
    owner: dict[str, str] = {}
    for name, codes in zip(names, members, strict=True):
        if names.count(name) > 1:
            raise InputError(f"the pole {name} is named twice; name every pole once")
        for code in codes:
            if code in owner:
                raise InputError(f"{code} is in the pole {owner[code]} and in {name}; name one of the two")
            owner[code] = name
    base = unions.depth_matrix(world.economies, date)
    index = {code: number for number, code in enumerate(world.economies)}
    at = [[index[code] for code in codes] for codes in members]
    near = np.stack([base[:, inside].max(axis=1) for inside in at])
    for k, inside in enumerate(at):
        near[k, inside] = 99
    _no_two_unions(world, names, near, owner)
    today = np.where((near >= CUSTOMS_UNION).any(axis=0), near.argmax(axis=0), -1)
    choosers = _choosers(world, economies, owner, date)
    cores = tuple(
        tuple(int(i) for i in np.flatnonzero(today == k) if int(i) not in choosers) for k in range(len(names))
    )
    staying = {
        name: [world.economies[i] for i in core if i not in own]
        for name, core, own in zip(names, cores, at, strict=True)
    }
    notes = [
        f"In the bloc of {name} today, and staying there: {', '.join(codes)}."
        for name, codes in staying.items()
        if codes
    ]
    return Places(tuple(names), cores, _depths(names, depth), choosers, today, tuple(notes))


def _no_two_unions(world: World, names: Sequence[str], near: IntArray, owner: Mapping[str, str]) -> None:
    """Errors: InputError where an economy shares a customs union with two poles."""
    for number, code in enumerate(world.economies):
        shared = [name for name, depth in zip(names, near[:, number], strict=True) if depth >= CUSTOMS_UNION]
        if len(shared) > 1:
            who = f"the pole {owner[code]}" if code in owner else code
            raise InputError(
                f"{who} is in a customs union with {' and with '.join(n for n in shared if n != owner.get(code))}; "
                "a country can be in one only, so name one pole of each customs union"
            )


def _choosers(
    world: World, economies: Sequence[str] | None, owner: Mapping[str, str], date: unions.Moment
) -> tuple[int, ...]:
    if economies is None:
        named = [code for code in world.economies if code not in owner and not countries.is_aggregate(code)]
    else:
        named = [code for name in economies for code in codes_of(world, name, date)]
    twice = sorted({code for code in named if named.count(code) > 1})
    if twice:
        raise InputError(f"{twice[0]} is named twice among those who choose; name every economy once")
    both = [code for code in named if code in owner]
    if both:
        raise InputError(
            f"{both[0]} is in the pole {owner[both[0]]} and cannot choose too; leave it out of one"
        )
    if not named:
        raise InputError("nobody is left to choose; name economies that are in no pole")
    return tuple(world.economies.index(code) for code in named)


def _depths(names: Sequence[str], depth: int | Mapping[str, int]) -> tuple[int, ...]:
    """Depth of every pole's bloc."""
    if not isinstance(depth, Mapping):
        return (given.whole("depth", depth, 1, 6, DEPTHS),) * len(names)
    found = dict.fromkeys(names, DEPTH)
    for name, value in given.mapping("depth", depth, "{'EU': 4}").items():
        if name not in found:
            raise InputError(
                f"a depth is given for {name:.60}, which is no pole; the poles are {', '.join(names)}"
            )
        found[name] = given.whole(f"the depth of {name}", value, 1, 6, DEPTHS)
    return tuple(found.values())


def organisations(date: unions.Moment, without: Sequence[str]) -> dict[str, frozenset[str]]:
    """Unions of the table and who ever belonged to each up to a date; those named in `without` are left out."""
    day: datetime.date = unions.day(date)
    found = {
        name: frozenset(code for code, since in u.joined.items() if since <= day)
        for name, u in unions.unions().items()
        if name not in without
    }
    return {name: codes for name, codes in found.items() if len(codes) > 1}


def from_memberships(world: World, date: unions.Moment, without: Sequence[str]) -> FloatArray:
    """Political positions [economy, organisation]: 1 where an economy ever belonged, else 0.

    The distance of two is the share of organisations to which exactly one of them ever belonged.
    """
    clubs = organisations(date, without)
    return np.array([[float(code in codes) for codes in clubs.values()] for code in world.economies])
