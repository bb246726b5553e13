"""From the orders that a transition names to what each changes on every link."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ecumene import files
from ecumene.errors import OrderError, ScenarioError
from ecumene.orders import Order, Policy, apply, load_order
from ecumene.scenarios.schema import Transition
from ecumene.shocks import Shock
from ecumene.world import World


class Ends(NamedTuple):
    """The orders and policies that a transition goes between, their closure of deficits, and notes."""

    orders: tuple[Order, Order]
    first: Policy
    last: Policy
    deficits: str
    notes: tuple[str, ...]


Carried = Mapping[str, Order | Shock]
"""Orders and shocks by the names that a scenario has for them, in place of files."""


def orders_of(wanted: Transition, folder: Path, carried: Carried) -> tuple[Order, Order]:
    """The two orders that a transition names; files are seen from the scenario's folder. Errors: ScenarioError."""
    found, problems = [], []
    for key, name in (("from", wanted.origin), ("to", wanted.target)):
        held = carried.get(name)
        if isinstance(held, Order):
            found.append(held)
            continue
        try:
            here = files.given_path(folder / files.given_path(name, OrderError), OrderError)
            found.append(load_order(here if here.is_file() else name))
        except OrderError as error:
            problems += [f"transition.{key}: {line}" for line in (error.problems or (str(error),))]
    problems += [
        f"transition: in the order '{order.name}' players choose their tariffs, which a change over years does not "
        "follow; use an order whose tariffs are said"
        for order in found
        if order.tariff_game is not None
    ]
    if problems:
        count = f"{len(problems)} problem{'s' * (len(problems) != 1)}"
        raise ScenarioError(f"the orders of the transition: {count}", tuple(problems))
    return found[0], found[1]


def ends_of(world: World, wanted: Transition, folder: Path, carried: Carried) -> Ends:
    """Both orders on a world, under the closure of the second, else of the first, else the world's.

    Errors: ScenarioError (names, files), OrderError (what cannot be applied to this world).
    """
    orders = orders_of(wanted, folder, carried)
    first, last = (apply(order, world) for order in orders)
    closure = last.deficits or first.deficits or world.deficits
    return Ends(orders, first, last, closure, tuple(dict.fromkeys((*first.notes, *last.notes))))
