"""Who sets which tariffs: players, the links under their rates, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from ecumene.errors import InputError
from ecumene.models import trade
from ecumene.types import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from ecumene.world import World

BY = ("uniform", "partner", "sector", "both")
"""What a player's rates tell apart: nothing, the origin, the sector, or the pair."""

DEFAULT_BOUNDS = (0.0, 2.0)
"""Lowest and highest rate that is tried (assumption)."""


@dataclass(frozen=True, eq=False)
class Player:
    """A country, or a bloc with a common external tariff, and the links that its rates fall on.

    `links` are positions in the flattened [origin, destination, sector]; `part` says which rate falls on each.
    `weights` are shares of the members in the bloc's base income. `shape` and `labels` are the rates' axes.
    """

    name: str
    members: tuple[int, ...]
    by: str
    links: IntArray
    part: IntArray
    size: int
    weights: Float[np.ndarray, " R"]
    imports: Float[np.ndarray, " K"]  # base imports under each rate, over the player's base income
    flows: Float[np.ndarray, " L"]  # base imports on each link
    dims: tuple[str, ...]
    labels: dict[str, list[str]]

    def levy(self, tariff: Float[np.ndarray, "R R S"], rates: Float[np.ndarray, " K"]) -> FloatArray:
        """The tariffs with this player's links at its rates."""
        flat = tariff.reshape(-1).copy()
        flat[self.links] = rates[self.part]
        return flat.reshape(tariff.shape)

    def collect(self, slopes: Float[np.ndarray, "R R S"]) -> FloatArray:
        """Derivative by each of the player's rates: the sum over its links."""
        sums = np.bincount(self.part, slopes.reshape(-1)[self.links], minlength=self.size)
        return np.asarray(sums, dtype=np.float64)


def players_of(
    world: World,
    case: trade.Case,
    players: Iterable[str] | Mapping[str, Sequence[str]],
    by: str,
    goods: Sequence[bool] | BoolArray | None,
    spared: BoolArray | None,
) -> tuple[Player, ...]:
    """The players that a caller names, on a checked case. Errors: InputError naming the player and the remedy."""
    if by not in BY:
        raise InputError(f"by is {by!r}; choose one of {', '.join(BY)}")
    taxed = _goods(world, goods)
    n_economies = len(world.economies)
    kept = np.zeros((n_economies, n_economies), dtype=bool) if spared is None else np.asarray(spared)
    if kept.shape != (n_economies, n_economies) or kept.dtype != np.bool_:
        raise InputError(
            f"spared has shape {kept.shape} and type {kept.dtype}; give true or false for each of "
            f"{(n_economies, n_economies)} = origin x destination"
        )
    return tuple(
        _player(world, case, name, members, by, taxed, kept) for name, members in _named(players, world)
    )


def _goods(world: World, goods: Sequence[bool] | BoolArray | None) -> BoolArray:
    """Sectors on which tariffs fall: given, or the world's layer `goods`, or all."""
    n_sectors = len(world.sectors)
    if goods is None:
        layer = world.layers.get("goods")
        goods = np.ones(n_sectors, dtype=bool) if layer is None else np.asarray(layer.values, dtype=bool)
    mask = np.asarray(goods)
    if mask.shape != (n_sectors,) or mask.dtype != np.bool_:
        raise InputError(
            f"goods has shape {mask.shape} and type {mask.dtype}; "
            f"give one true or false for each of the {n_sectors} sectors"
        )
    if not mask.any():
        raise InputError("goods names no sector, so no tariff can be set; mark at least one sector as goods")
    return mask


def _named(
    players: Iterable[str] | Mapping[str, Sequence[str]], world: World
) -> list[tuple[str, tuple[int, ...]]]:
    if isinstance(players, str):
        players = [players]
    pairs = list(players.items()) if isinstance(players, Mapping) else [(name, [name]) for name in players]
    if not pairs:
        raise InputError("a game needs players; name economies of the world, or blocs with their members")
    taken: dict[str, str] = {}
    result = []
    for name, listed in pairs:
        members = [listed] if isinstance(listed, str) else list(listed)
        if not members:
            raise InputError(f"player {name} has no members; name economies of the world")
        for member in members:
            if member not in world.economies:
                raise InputError(
                    f"player {name}: {member!r} is no economy of this world; name economies as {world.economies[0]}"
                )
            if member in taken:
                both = "twice" if taken[member] == name else f"in {taken[member]} and in {name}"
                raise InputError(f"{member} is a player {both}; every economy may set its tariffs once")
            taken[member] = name
        result.append((name, tuple(world.economies.index(member) for member in members)))
    return result


def _player(
    world: World,
    case: trade.Case,
    name: str,
    members: tuple[int, ...],
    by: str,
    goods: BoolArray,
    spared: BoolArray,
) -> Player:
    """The links from outside a player into it, and which of its rates falls on each."""
    n_economies = len(world.economies)
    inside = np.zeros(n_economies, dtype=bool)
    inside[list(members)] = True
    if inside.all():
        raise InputError(f"player {name} is the whole world and has nobody to tax; leave out some economies")
    taxes = ~inside[:, None] & inside[None, :] & ~spared
    mask = taxes[:, :, None] & goods[None, None, :]
    links = np.flatnonzero(mask)
    origin, _, sector = np.unravel_index(links, mask.shape)
    outside, taxed = np.flatnonzero(~inside), np.flatnonzero(goods)
    by_partner, by_sector = np.searchsorted(outside, origin), np.searchsorted(taxed, sector)
    partners, sectors = [world.economies[i] for i in outside], [world.sectors[s] for s in taxed]
    labels = {"partner": partners, "sector": sectors}
    dims: tuple[str, ...] = {"uniform": (), "both": ("partner", "sector")}.get(by, (by,))
    part = {
        "uniform": np.zeros_like(by_partner),
        "partner": by_partner,
        "sector": by_sector,
        "both": by_partner * len(sectors) + by_sector,
    }[by]
    size = int(np.prod([len(labels[dim]) for dim in dims]))
    base = case.base.base
    income = np.asarray(base.value_added) + np.asarray(base.revenue) + np.asarray(base.deficit)
    own = income[list(members)].sum()
    weights = np.where(inside, income, 0.0) / own
    flows = np.asarray(base.pi) * np.asarray(base.spending)[:, None, :] / np.asarray(base.paid)
    on_links = flows.transpose(1, 2, 0).reshape(-1)[links]
    imports = np.bincount(part, on_links, minlength=size) / own
    if not imports.sum() > 0:
        raise InputError(
            f"player {name} imports no goods that it may tax, so it has no tariff to set; leave it out"
        )
    return Player(
        name,
        members,
        by,
        links,
        part,
        size,
        weights,
        imports,
        on_links,
        dims,
        {dim: labels[dim] for dim in dims},
    )
