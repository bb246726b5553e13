"""From names to economies of a world: blocs that act together, rivals, alliances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ecumene import countries
from ecumene.errors import InputError
from ecumene.orders import unions
from ecumene.world import World

Parties = Mapping[str, Sequence[str]] | Iterable[str]
"""Blocs by name with their members, or names of unions, or members joined by a plus, as in DEU+FRA."""


def members_of(world: World, names: Sequence[str], year: int) -> tuple[list[str], list[str]]:
    """Codes in the world that names of economies and unions stand for, and codes that it lacks.

    Errors: InputError where a name means nothing here, or an economy is named twice.
    """
    by_case = {code.upper(): code for code in world.economies}
    codes: list[str] = []
    absent: list[str] = []
    for name in names:
        union = unions.find(name.removeprefix("union:"))
        if name.upper() in by_case:
            found = [by_case[name.upper()]]
        elif union is not None:
            found = sorted(unions.members(union, year))
        elif countries.find(name) is not None:
            found = [countries.find(name) or name]
        else:
            raise InputError(f"'{name}' is no economy of this world and no union; {_near(world, name)}")
        for code in found:
            if code in codes:
                raise InputError(f"{code} is named twice in {', '.join(names)}; name every member once")
            (codes if code in world.economies else absent).append(code)
    return codes, absent


def _near(world: World, name: str) -> str:
    labels = {code: code for code in world.economies} | {countries.name_of(c): c for c in world.economies}
    labels |= {label: label for label in unions.unions()}
    near = countries.nearest(name, labels)
    return f"did you mean {labels[near[0]]}?" if near else "give ISO 3166 alpha-3 codes, names or unions"


def parties_of(
    world: World, given: Parties, year: int, whole: bool = False
) -> tuple[dict[str, list[str]], list[str]]:
    """Members of every bloc by its name, and a note where the world lacks some.

    Errors: InputError where two have the same name, and unless `whole` where a bloc is empty here or holds everybody.
    """
    blocs, notes = {}, []
    for name, names in _named(given):
        try:
            codes, absent = members_of(world, names, year)
        except InputError as error:
            raise InputError(f"bloc {name}: {error}") from error
        if name in blocs:
            raise InputError(f"the bloc {name} is named twice; name it once")
        if not whole and len(codes) in (0, len(world.economies)):
            raise InputError(
                f"the bloc {name} holds {'no' if not codes else 'every'} economy of this world; "
                "a bloc that acts together has some inside and some outside"
            )
        if absent and not whole:
            notes.append(f"Members of {name} that this world lacks are left out: {', '.join(absent[:6])}.")
        blocs[name] = codes
    return blocs, notes


def _named(given: Parties) -> list[tuple[str, list[str]]]:
    if isinstance(given, Mapping):
        return [(str(name), listed(f"members of {name}", names)) for name, names in given.items()]
    found = listed("blocs", given)
    return [(name, [part.strip() for part in name.split("+") if part.strip()]) for name in found]


def listed(what: str, given: object) -> list[str]:
    """Names as a list; one name is a list of one. Errors: InputError for what is no list of names."""
    names = [given] if isinstance(given, str) else list(given) if isinstance(given, Iterable) else None
    if names is None or not all(isinstance(name, str) for name in names):
        raise InputError(
            f"{what}: {given!r:.60} is no list of names; give codes or names, as in ['DEU', 'Georgia']"
        )
    return names
