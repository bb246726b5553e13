"""The largest poles of a world: economies, and customs unions that count as one."""

from __future__ import annotations

from ecumene import countries
from ecumene.alignment.places import CUSTOMS_UNION, year_of
from ecumene.errors import InputError
from ecumene.orders import unions
from ecumene.world import World


def largest_poles(world: World, count: int) -> tuple[str, ...]:
    """Names of the `count` largest by value added, largest first: customs unions of the table, and economies.

    Whoever shares a customs union (depth 3 or more) with a larger one is in its bloc and no pole itself; aggregates of
    economies are none either. Errors: InputError where fewer than two are asked for, or more than there are.
    """
    date = year_of(world)
    index = {code: number for number, code in enumerate(world.economies)}
    size = world.value_added.values.sum(axis=1)
    own = {(index[code],): code for code in world.economies if not countries.is_aggregate(code)}
    joint = {
        tuple(index[code] for code in world.economies if code in unions.members(name, date)): name
        for name, union in unions.unions().items()
        if union.common_tariff and not union.includes and union.within is None
    }
    # A union with one member in this world is that economy.
    candidates = {at: name for at, name in joint.items() if len(at) > 1} | own
    depth = unions.depth_matrix(world.economies, date)
    found: dict[str, tuple[int, ...]] = {}
    for at in sorted(candidates, key=lambda each: size[list(each)].sum(), reverse=True):
        inside = depth[list(at)]
        if len(at) > 1 and inside[:, list(at)].max() < CUSTOMS_UNION:
            continue  # no customs union yet, or no longer
        taken = [i for one in found.values() for i in one]
        if not set(at) & set(taken) and (not taken or inside[:, taken].max() < CUSTOMS_UNION):
            found[candidates[at]] = at
    if count < 2 or count > len(found):
        raise InputError(f"{count} poles are asked for; this world has from 2 to {len(found)}")
    return tuple(found)[:count]
