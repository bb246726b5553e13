"""Who sets which tariffs, and what a set of tariffs means for everybody: values, and slopes by the adjoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ecumene.errors import InputError, SolveError
from ecumene.models import trade
from ecumene.models.core import Outcome, rebased, solve_case
from ecumene.models.gradient import ADJOINT_OPTIONS, adjoint
from ecumene.models.response import Response, respond
from ecumene.models.shares import Policy
from ecumene.models.solve import Options, Status
from ecumene.processors import threads
from ecumene.types import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from ecumene.world import World

BY = ("uniform", "partner", "sector", "both")
"""What a player's rates tell apart: nothing, the origin, the sector, or the pair."""

DEFAULT_BOUNDS = (0.0, 2.0)
"""Lowest and highest rate that is tried (assumption)."""

_TIGHT = 1e-11
Item = TypeVar("Item")
Answer = TypeVar("Answer")


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


class Point(NamedTuple):
    """An equilibrium of the game: its tariffs, vector of unknowns, and log real income of every economy."""

    tariff: Float[np.ndarray, "R R S"]
    policy: Policy
    z: Float[Array, " n"]
    outcome: Outcome
    log_income: Float[np.ndarray, " R"]


class Anchor(NamedTuple):
    """Where searches start from: unknowns and preconditioner of an equilibrium, and each player's adjoint there."""

    z: Float[Array, " n"]
    response: Response
    adjoints: dict[int, Float[Array, " n"]]


@dataclass(frozen=True, eq=False)
class Game:
    """Players on a checked case of a world; every evaluation is an exact equilibrium."""

    world: World
    players: tuple[Player, ...]
    case: trade.Case
    options: Options
    workers: int

    def anchor(self, at: Point | None = None) -> Anchor:
        """The base, or an equilibrium, as a place to start from."""
        if at is None:
            return Anchor(trade._first_guess(self.case), self.case.base.response, {})
        base = self.case.base.base
        here = respond(rebased(base, at.outcome, at.policy), jnp.asarray(base.output).sum(axis=0))
        return Anchor(at.z, here, {})

    def point(self, tariff: FloatArray, anchor: Anchor) -> Point:
        """The equilibrium under these tariffs. Errors: SolveError."""
        policy = self.case.policy._replace(tariff=tariff)
        base, form = self.case.base, self.case.form
        outcome, stage, status, steps = solve_case(
            base.base, policy, anchor.response, anchor.z, form, self.options
        )
        if status is not Status.OK:  # far from the anchor the base may be the better start
            first = trade._first_guess(self.case)
            outcome, stage, status, steps = solve_case(
                base.base, policy, base.response, first, form, self.options
            )
        if status is not Status.OK:
            raise SolveError(
                f"no equilibrium at tariffs up to {100 * tariff.max():.0f} % (residual "
                f"{float(outcome.residual):.1e} after {steps} steps): {status.message}; or narrow the bounds"
            )
        return Point(tariff, policy, stage.z, outcome, np.log(np.asarray(outcome.real_income)))

    def value(self, player: Player, at: Point) -> float:
        """What a player maximises: log real income, in a bloc weighted by base income."""
        return float(player.weights @ at.log_income)

    def slope(
        self, player: Player, at: Point, anchor: Anchor, precision: float = ADJOINT_OPTIONS.tolerance
    ) -> FloatArray:
        """Derivative of a player's value by `ln(1 + rate)` of each of its rates. Errors: SolveError.

        `precision` is the relative error of the adjoint.
        """
        number = self.players.index(player)
        guess = anchor.adjoints.get(number)
        base, form = self.case.base.base, self.case.form
        weights = jnp.asarray(player.weights)
        by_link, stage = adjoint(
            base, at.policy, anchor.response, at.z, weights, form, "tariff",
            jnp.zeros_like(at.z) if guess is None else guess, precision,
        )  # fmt: skip
        if not float(stage.error) <= precision:
            here = self.anchor(at).response
            by_link, stage = adjoint(base, at.policy, here, at.z, weights, form, "tariff", stage.z, precision)
            if not float(stage.error) <= max(precision, 1e3 * ADJOINT_OPTIONS.tolerance):
                raise SolveError(
                    f"the adjoint of {player.name} did not converge (error {float(stage.error):.1e}); narrow the bounds"
                )
        anchor.adjoints[number] = stage.z
        paid = 1.0 + at.tariff
        return player.collect(np.asarray(by_link) * paid)

    def parallel(self, work: Callable[[Item], Answer], items: Sequence[Item]) -> list[Answer]:
        """Side by side, one thread each, in the order of the items."""
        if len(items) < 2 or self.workers < 2:
            return [work(item) for item in items]
        with ThreadPoolExecutor(max_workers=self.workers) as pool:
            return list(pool.map(work, items))


def game_of(
    world: World,
    players: Iterable[str] | Mapping[str, Sequence[str]],
    by: str,
    goods: Sequence[bool] | BoolArray | None,
    case: Mapping[str, object] | None,
    options: Options,
    workers: int | None,
) -> Game:
    """Check what the caller gave and make the game. Errors: InputError naming the player and the remedy."""
    given = dict(case or {})
    allowed = set(trade.solve.__kwdefaults__ or {}) - {"options"} | {"iceberg", "tariff", "theta", "deficits"}
    unknown = sorted(set(given) - allowed)
    if unknown:
        raise InputError(
            f"case has unknown entries {', '.join(unknown)}; choose among {', '.join(sorted(allowed))}"
        )
    tight = options._replace(tolerance=min(options.tolerance, _TIGHT))
    technology = trade._technology(
        world,
        given.get("eta", 1.0),  # pyright: ignore[reportArgumentType]
        given.get("epsilon", 1.0),  # pyright: ignore[reportArgumentType]
        given.get("sigma", 1.0),  # pyright: ignore[reportArgumentType]
        given.get("factors"),  # pyright: ignore[reportArgumentType]
        given.get("mobility", float("inf")),  # pyright: ignore[reportArgumentType]
    )
    checked = trade.case_of(
        world,
        given.get("iceberg"),  # pyright: ignore[reportArgumentType]
        given.get("tariff"),  # pyright: ignore[reportArgumentType]
        given.get("theta"),  # pyright: ignore[reportArgumentType]
        given.get("deficits"),  # pyright: ignore[reportArgumentType]
        technology,
        tight,
        str(given.get("rents", "waste")),
    )
    if checked.groups.one_way and checked.closure != "fixed":
        raise SolveError(Status.ONE_WAY.message)
    # Every set of rates is solved by one program, which sees revenue even where all rates are zero.
    checked = replace(checked, form=checked.form._replace(tariffs=True))
    if by not in BY:
        raise InputError(f"by is {by!r}; choose one of {', '.join(BY)}")
    taxed = _goods(world, goods)
    made = tuple(
        _player(world, checked, name, members, by, taxed) for name, members in _named(players, world)
    )
    return Game(world, made, checked, tight, threads(workers))


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
    world: World, case: trade.Case, name: str, members: tuple[int, ...], by: str, goods: BoolArray
) -> Player:
    """The links from outside a player into it, and which of its rates falls on each."""
    n_economies = len(world.economies)
    inside = np.zeros(n_economies, dtype=bool)
    inside[list(members)] = True
    if inside.all():
        raise InputError(f"player {name} is the whole world and has nobody to tax; leave out some economies")
    mask = ~inside[:, None, None] & inside[None, :, None] & goods[None, None, :]
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
    imports = np.bincount(part, flows.transpose(1, 2, 0).reshape(-1)[links], minlength=size) / own
    if not imports.sum() > 0:
        raise InputError(f"player {name} imports no goods, so it has no tariff to set; leave it out")
    return Player(
        name,
        members,
        by,
        links,
        part,
        size,
        weights,
        imports,
        dims,
        {dim: labels[dim] for dim in dims},
    )
