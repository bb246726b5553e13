"""`structures`: the same order under other structures of the model and other worlds, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from ecumene.errors import EcumeneError, InputError
from ecumene.factors import WORKER_MOBILITY
from ecumene.models import trade
from ecumene.models.solve import Status
from ecumene.provenance import Provenance, Solve, machine, versions
from ecumene.questions import question_of
from ecumene.results import UNCHANGED
from ecumene.runs import Settled, settled
from ecumene.sidebyside import Count, Progress, Tell, together
from ecumene.types import FloatArray
from ecumene.uncertainty.result import Cells, Structures, dataset
from ecumene.world import World

if TYPE_CHECKING:
    from ecumene.orders import Order
    from ecumene.orders.reading import Reference


@dataclass(frozen=True)
class Structure:
    """One way to build the model: arguments of `trade.solve`, or another world; what it means, and its source."""

    meaning: str
    source: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    world: Callable[[World], World] | None = None


def one_sector(world: World) -> World:
    """All sectors as one: elasticities weighted by spending, tariffs by trade; goods, since goods are in it."""
    return world.aggregate(sectors=dict.fromkeys(world.sectors, "ALL"))


STRUCTURES: Final[Mapping[str, Structure]] = {
    "central": Structure(
        "Cobb-Douglas, the closure of the order or the world, its sectors, one factor that moves freely",
        "Caliendo and Parro (2015)",
    ),
    "nested_ces": Structure(
        "eta 0.5 between value added and inputs, epsilon 0.2 between inputs, sigma 0.9 in consumption",
        "Complements as in Baqaee and Farhi (2024), who build on Atalay (2017) and Herrendorf, Rogerson and Valentinyi "
        "(2013); the numbers are an assumption",
        {"eta": 0.5, "epsilon": 0.2, "sigma": 0.9},
    ),
    "fixed_deficits": Structure(
        "deficits held as shares of world value added", "Caliendo and Parro (2015)", {"deficits": "fixed"}
    ),
    "proportional_deficits": Structure(
        "spending in proportion to income",
        "Costinot and Rodriguez-Clare (2014)",
        {"deficits": "proportional"},
    ),
    "zero_deficits": Structure(
        "no deficits, in the base either", "Ossa (2014); Dekle, Eaton and Kortum (2007)", {"deficits": "zero"}
    ),
    "one_sector": Structure(
        "all sectors as one",
        "Arkolakis, Costinot and Rodriguez-Clare (2012)",
        world=one_sector,
    ),
    "slow_workers": Structure(
        f"value added moves between sectors at a loss, dispersion {WORKER_MOBILITY:g}",
        "Galle, Rodriguez-Clare and Yi (2023), for workers; here for all value added (assumption)",
        {"mobility": WORKER_MOBILITY},
    ),
    "bound_workers": Structure(
        "value added is bound to its sector", "definition: specific factors", {"mobility": 1.0}
    ),
}
"""Structures that every order is put under, in this order."""


class _Found(NamedTuple):
    change: FloatArray  # [economy] percent
    mean: float
    solve: Solve | None
    note: str


def structures(
    world: World,
    order: Order | Reference,
    *,
    second: World | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
    tariffs_folder: Path | None = None,
) -> Structures:
    """The change of real income under an order, in each of `STRUCTURES`, on one world or two, at central parameters.

    `real_income` is in percent, NaN where a structure has no equilibrium or the order does not fit it (`status` is
    then not 0, and a note says why), or where a world lacks the economy. Economies of the second world are matched
    by code. `gaining_structures` and `losing_structures` are the percent of numbers, over structures and worlds, that
    rise or fall by 0.005 percent or more: where both are above 0 the sign depends on the model. Tariffs that players
    choose are chosen in each world's own central structure, and anew in one sector.
    Errors: InputError (a world that is none, an order that fits neither world).
    """
    worlds = [world] if second is None else [world, second]
    for each in worlds:
        if not isinstance(each, World):
            raise InputError(
                f"{each!r:.60} is no world; give a World, as ecumene.load_world(...) returns one"
            )
    central = [settled(each, order, tariffs_folder) for each in worlds]  # bad input shows first
    chosen = central[0].order
    count = Count(len(worlds) * len(STRUCTURES), progress)
    economies = list(dict.fromkeys(code for each in worlds for code in each.economies))
    change = np.full((len(worlds), len(STRUCTURES), len(economies)), np.nan)
    mean, status = np.full((2, len(worlds), len(STRUCTURES)), np.nan)
    solves: list[Solve] = []
    notes: list[str] = []
    names = _names(worlds)
    for w, (each, here) in enumerate(zip(worlds, central, strict=True)):
        attempt = partial(_solved, each, here, tariffs_folder)
        found = together([partial(attempt, name) for name in STRUCTURES], count.add, workers)
        place = [economies.index(code) for code in each.economies]
        for k, (name, one) in enumerate(zip(STRUCTURES, found, strict=True)):
            change[w, k, place], mean[w, k] = one.change, one.mean
            status[w, k] = -1 if one.solve is None else one.solve.status
            if one.solve is not None:
                solves.append(one.solve)
            if one.note:
                notes.append(f"{names[w]}, {name}: {one.note}")
        notes += [*each.notes, *here.notes]
    flat = change.reshape(-1, len(economies))
    there = np.isfinite(flat).sum(axis=0)

    def part(sign: float) -> FloatArray:
        moved = (sign * np.nan_to_num(flat) >= UNCHANGED).sum(axis=0)
        return np.divide(100.0 * moved, there, out=np.full(len(economies), np.nan), where=there > 0)

    cells: Cells = {
        "real_income": (("world", "structure", "economy"), change, "percent", "change of real income"),
        "world_real_income": (("world", "structure"), mean, "percent", "the same, mean by base income"),
        "status": (("world", "structure"), status, "code", "0 solved, -1 does not fit, else as solves end"),
        "gaining_structures": (("economy",), part(1.0), "percent of structures", "where real income rises"),
        "losing_structures": (("economy",), part(-1.0), "percent of structures", "where real income falls"),
    }
    told = [f"{name}: {each.meaning} ({each.source})." for name, each in STRUCTURES.items()]
    provenance = Provenance(
        order=chosen.name,
        order_title=chosen.title,
        order_hash=chosen.hash,
        data_hash="+".join(each.hash for each in worlds),
        world_source="; ".join(names),
        world_year=world.year,
        theta_source=world.theta_source,
        deficits=central[0].deficits,
        seed=None,
        versions=versions(),
        notes=tuple(dict.fromkeys((*told, *notes))),
        solves=tuple(solves),
        recipe=question_of("structures", world, order=chosen, second=second),
        machine=machine(),
    )
    labels = {"world": names, "structure": list(STRUCTURES), "economy": economies}
    return Structures(dataset(cells, labels), provenance)


def of_orders(
    world: World,
    orders: Sequence[Order],
    *,
    progress: Progress | None = None,
    workers: int | None = None,
    tariffs_folder: Path | None = None,
) -> dict[str, Structures]:
    """`structures` of several orders on one world, by their names."""
    total = len(orders) * len(STRUCTURES)
    found: dict[str, Structures] = {}
    for order in orders:
        before = len(found) * len(STRUCTURES)

        def told(done: int, _: int, label: str, before: int = before, name: str = order.name) -> None:
            if progress is not None:
                progress(before + done, total, f"{name}, {label}")

        found[order.name] = structures(
            world, order, progress=told, workers=workers, tariffs_folder=tariffs_folder
        )
    return found


def _names(worlds: Sequence[World]) -> list[str]:
    """Sources of worlds, told apart."""
    names = [each.source for each in worlds]
    return names if len(set(names)) == len(names) else [f"{name} ({k})" for k, name in enumerate(names, 1)]


def _solved(world: World, central: Settled, folder: Path | None, name: str, tell: Tell) -> _Found:
    """One structure on one world; without numbers where the order does not fit or there is no equilibrium."""
    structure = STRUCTURES[name]
    nothing = _Found(np.full(len(world.economies), np.nan), np.nan, None, "")
    try:
        here, policy = world, central.policy
        if structure.world is not None:
            here = structure.world(world)
            policy = settled(here, central.order, folder).policy
        arguments = {"deficits": central.deficits, **structure.arguments}
        eq = trade.solve(here, policy.iceberg, policy.tariff, **arguments)
    except EcumeneError as error:
        return nothing._replace(note=str(error))
    finally:
        tell(name)
    solve = Solve(
        "central", 1.0, int(eq.status), str(eq.status.message), int(eq.iterations), float(eq.residual), name
    )
    if eq.status is not Status.OK:
        return nothing._replace(solve=solve, note=f"no equilibrium: {eq.status.message}")
    change, weight = (
        np.asarray(100.0 * (eq.numbers("real_income") - 1.0), np.float64),
        eq.numbers("base_income"),
    )
    return _Found(change, float((change * weight).sum() / weight.sum()), solve, "")
