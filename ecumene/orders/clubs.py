"""Who belongs to which union or bloc in a year, under an order or without one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ecumene.orders import unions
from ecumene.orders.names import Resolver
from ecumene.orders.schema import Order
from ecumene.orders.state import ended_blocs, memberships


class Club(NamedTuple):
    """A union of the table, or a bloc of an order: its members' codes and its depth on the ladder."""

    name: str
    members: frozenset[str]
    depth: int


def clubs_of(order: Order | None, economies: Sequence[str], moment: unions.Moment) -> tuple[Club, ...]:
    """Unions and blocs with two members or more, as an order leaves them; without one, as they are in a year.

    Agreements between two parties and links of an order join pairs and are no clubs.
    """
    base = unions.Memberships(moment)
    now = base if order is None else memberships(order, len(order.layers), moment)
    found = [Club(name, now.members(name), u.depth(now.date)) for name, u in unions.unions().items()]
    if order is not None:
        defined, ended = order.blocs(), ended_blocs(order, len(order.layers))
        resolver = Resolver(economies, {name: bloc for name, (_, bloc) in defined.items()}, base)
        found += [
            Club(name, resolver.codes(bloc.members), bloc.depth)
            for name, (_, bloc) in defined.items()
            if name not in ended
        ]
    return tuple(club for club in found if len(club.members) > 1)
