"""From the names in a sweep to checked orders and shocks, and what each order does to each world."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ecumene.contests import chosen_tariffs
from ecumene.errors import InputError, OrderError, SolveError, SourceError, SweepError
from ecumene.orders import Order, apply, load_order
from ecumene.orders.policy import moved
from ecumene.shocks import Shock, load_shock
from ecumene.sources import READERS, load_world
from ecumene.sweeps.schema import NOTHING, SweepFile
from ecumene.types import FloatArray, IntArray
from ecumene.world import World


class Rule(NamedTuple):
    """What an order changes on every link of a world; `failed` says why there is nothing of it."""

    iceberg: FloatArray | None  # [origin, destination, sector]
    tariff: FloatArray | None  # [origin, destination, sector]
    deficits: str | None
    failed: str = ""
    depths: tuple[IntArray, IntArray] | None = (
        None  # [origin, destination] before and after, where ranks vary
    )

    def moved(self, goods: float, services: float) -> tuple[FloatArray, FloatArray]:
        """What ranks in the ladder's intervals add to the log of `iceberg`, as `Policy.moved`."""
        assert self.depths is not None
        return moved(*self.depths, goods, services)


def worlds_of(file: SweepFile, folder: Path) -> list[World]:
    """The worlds that a sweep names. Errors: SweepError naming the place."""
    found = []
    for at, spec in enumerate(file.worlds):
        try:
            found.append(load_world(_seen(spec, folder)))
        except SourceError as error:
            raise SweepError(f"worlds[{at}]: {error}") from error
    return found


def _seen(spec: str, folder: Path) -> str:
    """A world's file as seen from the sweep's folder, where it is there."""
    scheme, separator, path = spec.partition(":")
    known = bool(separator) and scheme in READERS
    place = path if known else spec
    here = folder / place.partition("#")[0]
    return f"{scheme}:{folder / place}" if known and here.exists() else str(here) if here.is_file() else spec


def orders_of(file: SweepFile, folder: Path) -> list[Order]:
    """The orders that a sweep names. Errors: SweepError listing every problem."""
    found: list[Order] = []
    problems: list[str] = []
    for at, name in enumerate(file.orders):
        here = folder / name
        try:
            found.append(load_order(here if here.is_file() else name))
        except OrderError as error:
            problems += [f"orders[{at}]: {line}" for line in (error.problems or (str(error),))]
    names = [order.name for order in found]
    problems += [
        f"orders: two are named '{name}'; change the `name:` in one file"
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    _refuse("orders", problems)
    return found


def shocks_of(file: SweepFile, folder: Path) -> list[Shock | None]:
    """The shocks that a sweep names; None for no shock. Errors: SweepError listing every problem."""
    found: list[Shock | None] = []
    problems: list[str] = []
    for at, name in enumerate(file.shocks):
        if name == NOTHING:
            found.append(None)
            continue
        here = folder / name
        try:
            shock = load_shock(here if here.is_file() else name)
        except OrderError as error:
            problems += [f"shocks[{at}]: {line}" for line in (error.problems or (str(error),))]
            continue
        if shock.chance is not None:
            problems.append(
                f"shocks[{at}]: '{shock.name}' is drawn by chance many times over; name a certain shock, or use "
                "`ecumene compare --security` for accidents"
            )
        found.append(shock)
    names = [shock.name for shock in found if shock is not None]
    problems += [
        f"shocks: two are named '{name}'" for name in sorted({n for n in names if names.count(n) > 1})
    ]
    _refuse("shocks", problems)
    return found


def _refuse(what: str, problems: Sequence[str]) -> None:
    if problems:
        count = f"{len(problems)} problem{'s' * (len(problems) != 1)}"
        raise SweepError(f"the {what} of the sweep: {count}", tuple(problems))


def rules_of(
    worlds: Sequence[World],
    orders: Sequence[Order],
    ladders: Sequence[str],
    tariffs_folder: Path | None,
    tell: Callable[[str], None],
    ranked: bool = False,
) -> dict[tuple[int, int, str], Rule]:
    """What every order does in every world, by end of the ladder; tariffs that players choose are solved once here.

    They are chosen at the world's own elasticities and central costs, and held across the sweep's parameters. An order
    that finds none fails in all its cases and stops no other. `ranked`: ranks inside the ladder's intervals are varied,
    so depths are kept. Errors: OrderError (an order that does not fit a world).
    """
    rules: dict[tuple[int, int, str], Rule] = {}
    for w, world in enumerate(worlds):
        for o, order in enumerate(orders):
            for ladder in ladders:
                policy = apply(order, world, ladder_bound=ladder)  # type: ignore[arg-type]
                try:
                    chosen = chosen_tariffs(world, policy, policy.deficits or world.deficits, tariffs_folder)
                except (InputError, SolveError) as error:
                    rules[w, o, ladder] = Rule(None, None, None, f"the tariff game: {error}")
                else:
                    rules[w, o, ladder] = Rule(
                        policy.iceberg,
                        chosen.tariff,
                        policy.deficits,
                        depths=(policy.base_depth, policy.depth) if ranked else None,
                    )
                tell("orders")
    return rules
