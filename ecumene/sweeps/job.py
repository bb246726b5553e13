"""Everything that solving needs, as one object that travels to workers: worlds, rules, events, and cases by number."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, NamedTuple

from ecumene.security.assess import Happening
from ecumene.sweeps.rules import Rule
from ecumene.sweeps.sampling import points
from ecumene.sweeps.schema import NOTHING, SweepFile
from ecumene.world import World

DIGITS: Final = 12
"""Significant digits of a parameter that tell one case from another, so that identities agree between machines."""

_LEFT: Final = ("cleaning", "stored_flows")
"""Fields of a world that no case reads."""


class Case(NamedTuple):
    """One case: its number and identity, places of its world, order and shock, and its point of the parameters."""

    number: int
    identity: str
    world: int
    order: int
    shock: int
    point: int
    values: Mapping[str, float | str]


def packed(world: World) -> dict[str, Any]:
    """A world as the plain arguments that make it again, for another process."""
    kept = {each.name: getattr(world, each.name) for each in fields(world) if each.name not in _LEFT}
    arrays = {name: kept[name].values for name in ("trade", "intermediate", "final", "tariff", "theta")}
    return {**kept, **arrays, "layers": dict(world.layers)}


@dataclass(frozen=True, eq=False)
class Job:
    """A sweep made ready: bad input has been refused, and every case can be solved by its number alone."""

    file: SweepFile
    hash: str
    worlds: tuple[dict[str, Any], ...]  # as `packed` makes them
    world_hashes: tuple[str, ...]
    order_names: tuple[str, ...]
    order_hashes: tuple[str, ...]
    shock_names: tuple[str, ...]
    shock_hashes: tuple[str, ...]
    rules: Mapping[tuple[int, int, str], Rule]
    happenings: Mapping[tuple[int, int], Happening]

    @property
    def cases(self) -> int:
        """How many cases there are."""
        return self.file.cases

    @property
    def batches(self) -> int:
        """How many batches the cases go in; every batch is full but the last."""
        return -(-self.cases // self.file.batch)

    def span(self, batch: int) -> tuple[int, int]:
        """First case of a batch and the one after its last."""
        return batch * self.file.batch, min((batch + 1) * self.file.batch, self.cases)

    def batch(self, number: int) -> list[Case]:
        """The cases of a batch, made when they are needed.

        Shocks vary fastest, then orders, then points, then worlds: a case shares most with the one before.
        """
        first, last = self.span(number)
        n_shocks, n_orders, n_points = len(self.shock_names), len(self.order_names), self.file.points
        each = n_shocks * n_orders
        low, high = first // each, (last - 1) // each + 1
        made: dict[int, dict[str, float | str]] = {}
        for start in range(low, high):  # points of two worlds may meet in a batch
            if start % n_points not in made:
                stop = min(high - start, n_points - start % n_points) + start % n_points
                made |= dict(
                    zip(
                        range(start % n_points, stop),
                        points(self.file, start % n_points, stop),
                        strict=True,
                    )
                )
        out = []
        for at in range(first, last):
            rest, shock = divmod(at, n_shocks)
            rest, order = divmod(rest, n_orders)
            world, point = divmod(rest, n_points)
            identity = self._identity(world, order, shock, made[point])
            out.append(Case(at, identity, world, order, shock, point, made[point]))
        return out

    def _identity(self, world: int, order: int, shock: int, values: Mapping[str, float | str]) -> str:
        """SHA-256 of what decides a case's numbers, shortened."""
        told = {
            name: value if isinstance(value, str) else f"{value:.{DIGITS}g}" for name, value in values.items()
        }
        parts = [
            self.world_hashes[world],
            self.order_hashes[order],
            self.shock_hashes[shock],
            self.file.seed if self.shock_names[shock] != NOTHING else None,
            told,
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def hash_of(
    file: SweepFile, worlds: tuple[str, ...], orders: tuple[str, ...], shocks: tuple[str, ...]
) -> str:
    """SHA-256 of what decides the numbers of a sweep: data, rules, events and the file without its words."""
    said = file.model_dump(
        mode="json", exclude={"title", "description", "note", "worlds", "orders", "shocks", "name"}
    )
    parts = [said, worlds, orders, shocks]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
