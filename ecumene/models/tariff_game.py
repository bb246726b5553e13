"""Who sets which tariffs, and what a set of tariffs means for everybody: values, and slopes by the adjoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Event
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
from ecumene.models.tangents import Tangents, tangents
from ecumene.models.tariff_players import Player, players_of
from ecumene.processors import threads
from ecumene.types import AnyArray, BoolArray, FloatArray

if TYPE_CHECKING:
    from ecumene.world import World

_TIGHT = 1e-11
_LOWEST_AIM = -0.9
Item = TypeVar("Item")
Answer = TypeVar("Answer")


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


class Near(NamedTuple):
    """What is known close by: a preconditioner, and derivatives of the unknowns by each player's ln(1 + rate)."""

    response: Response
    dz: Float[AnyArray, "K n"] | None = None


class Slopes(NamedTuple):
    """Of players with one rate each: own derivatives, where each would go, and derivatives of the unknowns."""

    slope: FloatArray
    aim: FloatArray
    dz: Float[AnyArray, "K n"]


@dataclass(frozen=True, eq=False)
class Game:
    """Players on a checked case of a world; every evaluation is an exact equilibrium."""

    world: World
    players: tuple[Player, ...]
    case: trade.Case
    options: Options
    workers: int
    stop: Event = field(default_factory=Event)

    def anchor(self, at: Point | None = None) -> Anchor:
        """The base, or an equilibrium, as a place to start from."""
        if at is None:
            return Anchor(trade._first_guess(self.case), self.case.base.response, {})
        base = self.case.base.base
        here = respond(rebased(base, at.outcome, at.policy), jnp.asarray(base.output).sum(axis=0))
        return Anchor(at.z, here, {})

    def point(self, tariff: FloatArray, anchor: Anchor) -> Point:
        """The equilibrium under these tariffs. Errors: SolveError."""
        if self.stop.is_set():
            raise _Stopped
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

    def uniform_slopes(self, players: Sequence[Player], at: Point, near: Near, precision: float) -> Slopes:
        """Derivatives of the values of players with one rate each, side by side, by their own ln(1 + rate).

        `aim` is where each player's derivative would vanish if terms of trade and volume kept their ratio: with tariff
        revenue as the only gap between value and cost, `dv = dToT + t dQ`, so `t - (dv / dln(1+t)) / (dQ / dln(1+t))`.
        Exact at the optimum, from anywhere close. Source: as the inverse export supply elasticity in Johnson (1953).
        `precision` is the relative error of the derivatives. Errors: SolveError.
        """
        found = self._tangents(players, at.policy, at.z, near, precision)
        if not float(found.error) <= precision:
            found = self._tangents(
                players, at.policy, at.z, near._replace(response=self.anchor(at).response), precision
            )
        if not float(found.error) <= max(precision, 1e3 * ADJOINT_OPTIONS.tolerance):
            names = ", ".join(player.name for player in players)
            raise SolveError(
                f"the derivatives of {names:.80} did not converge (error {float(found.error):.1e}); narrow the bounds"
            )
        weights = np.array([player.weights for player in players])
        slope = (weights * np.asarray(found.log_income)).sum(axis=1)
        volume = (weights * np.asarray(found.volume)).sum(axis=1)
        rate = np.array([at.tariff.reshape(-1)[player.links[0]] for player in players])
        falls = volume < 0
        target = rate - slope * (1.0 + rate) / np.where(falls, volume, -1.0)
        aim = np.where(falls, np.log1p(np.maximum(target, _LOWEST_AIM)), np.nan)
        return Slopes(slope, aim, found.z)

    def _tangents(
        self, players: Sequence[Player], policy: Policy, z: Float[Array, " n"], near: Near, precision: float
    ) -> Tangents:
        """Derivatives by the one rate of each of some players."""
        taxed = np.zeros(policy.tariff.shape)
        for player in players:
            taxed.reshape(-1)[player.links] = 1.0
        members = np.array([player.weights > 0 for player in players]).astype(float)
        guess = np.zeros((len(players), z.size)) if near.dz is None else near.dz
        base, form = self.case.base.base, self.case.form
        return tangents(base, policy, near.response, z, taxed, members, form, guess, precision)

    def compile(self) -> None:
        """Compile the derivatives of all players at once and of one by one side by side, ahead of the search."""
        start = self.anchor()

        def once(players: Sequence[Player]) -> None:
            self._tangents(players, self.case.policy, start.z, Near(start.response), np.inf)

        self.parallel(once, [self.players, self.players[:1]])

    def parallel(self, work: Callable[[Item], Answer], items: Sequence[Item]) -> list[Answer]:
        """Side by side, one thread each, in the order of the items.

        An error or an interrupt ends the rest: each thread stops before its next equilibrium.
        """
        if len(items) < 2 or self.workers < 2:
            return [work(item) for item in items]
        with ThreadPoolExecutor(max_workers=self.workers) as pool:
            running = [pool.submit(work, item) for item in items]
            try:
                return [future.result() for future in running]
            except BaseException:
                self.stop.set()
                pool.shutdown(cancel_futures=True)
                self.stop.clear()
                raise


class _Stopped(Exception):
    """Ends a search whose answer nobody waits for any more."""


def game_of(
    world: World,
    players: Iterable[str] | Mapping[str, Sequence[str]],
    by: str,
    goods: Sequence[bool] | BoolArray | None,
    spared: BoolArray | None,
    case: Mapping[str, object] | None,
    options: Options,
    workers: int | None,
) -> Game:
    """Check what the caller gave and make the game. Errors: InputError naming the player and the remedy."""
    given = dict(case or {})
    allowed = set(trade.solve.__kwdefaults__ or {}) - {"options", "close"} | {
        "iceberg",
        "tariff",
        "theta",
        "deficits",
    }
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
    return Game(
        world, players_of(world, checked, players, by, goods, spared), checked, tight, threads(workers)
    )
