"""Whether players of a tariff game can keep to an agreed tariff, period after period: patience, and dilemmas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from ecumene.errors import InputError
from ecumene.models.tariff_game import Point
from ecumene.models.tariff_search import Search, levied, limits_of
from ecumene.types import FloatArray

if TYPE_CHECKING:
    from ecumene.models.tariffs import NashTariffs


class _Play(NamedTuple):
    """Equilibria of the repeated game: all keep the agreed tariff, one at a time departs, all play Nash."""

    agree: Point
    depart: list[Point]
    war: Point


def _plays(nash: NashTariffs, agreed: float) -> _Play:
    """Errors: InputError where the Nash tariffs are not certified or `agreed` is out of bounds; SolveError."""
    game, limits = nash.game, limits_of(nash.bounds)
    low, high = nash.bounds
    if not nash.certified:
        raise InputError(
            "the Nash tariffs are not certified, so they are no threat; solve them with more rounds"
        )
    if not low <= agreed <= high:
        raise InputError(f"agreed is {agreed:g}, outside the bounds {low:g} to {high:g} of the Nash tariffs")
    held = [np.full(player.size, np.log1p(agreed)) for player in game.players]
    anchor = game.anchor()
    together = game.point(levied(game, held), anchor)

    def departs(number: int) -> Point:
        player, from_here = game.players[number], anchor._replace(z=together.z)
        search = Search(game, player, together.tariff, from_here)
        tops = [search.best(start[number], limits, 1e-9) for start in (held, nash.points)]
        best = max(tops, key=lambda top: top.value)
        return game.point(player.levy(together.tariff, np.expm1(best.x)), from_here)

    apart = game.parallel(departs, list(range(len(held))))
    return _Play(together, apart, game.point(levied(game, nash.points), anchor))


def patience(nash: NashTariffs, agreed: float = 0.0) -> xr.Dataset:
    """The discount factor from which on an agreed tariff is sustained by the threat of Nash tariffs for ever after.

    Every player holds its rates at `agreed` (0: free trade in goods, to outsiders too). Who departs has one period of
    its best response and then Nash: keeping the agreement pays where `delta >= (v_d - v_a) / (v_d - v_N)`, v the log
    real income of a period. Infinite where a player is better off at Nash than agreed: no patience sustains it.
    Returns `discount_factor` and the three values by player, over the base. Source: Friedman (1971), Dixit (1987).
    Errors: InputError where the Nash tariffs are not certified or `agreed` is out of bounds; SolveError.
    """
    play, game = _plays(nash, agreed), nash.game
    agree = np.array([game.value(player, play.agree) for player in game.players])
    depart = np.array([game.value(*each) for each in zip(game.players, play.depart, strict=True)])
    threat = np.array([game.value(player, play.war) for player in game.players])
    values = {
        "discount_factor": _threshold(depart - agree, depart - threat),
        "agreed": agree,
        "depart": depart,
        "nash": threat,
    }
    units = {name: "a period" if name == "discount_factor" else "log points" for name in values}
    return xr.Dataset(
        {name: ("player", values[name], {"units": units[name]}) for name in values},
        coords={"player": [player.name for player in game.players]},
    )


def _threshold(gain: FloatArray, loss: FloatArray) -> FloatArray:
    """Patience from which a loss in the next period outweighs a gain in this: 0 without a gain, infinite where the
    loss is not the larger of the two."""
    pays = loss > gain
    return np.where(gain > 0, np.where(pays, gain / np.where(pays, loss, 1.0), np.inf), 0.0)


def stage_game(nash: NashTariffs, agreed: float = 0.0) -> xr.Dataset:
    """One period between two players who may keep an agreed tariff or depart, from exact equilibria.

    For each player, in log points of real income over the base: `reward` R, both keep it; `temptation` T, it alone
    departs by its best response; `sucker` S, the other alone departs; `punishment` P, both are at Nash. `kind` is the
    name of the game by the order of the four (`kind_of`). `grim` and `tit_for_tat` are the discount factors from
    which keeping to it is best against an opponent who never forgives, `(T - R) / (T - P)`, and against tit-for-tat,
    the larger of that and `(T - R) / (R - S)`. Sources: Dixit (1987); Axelrod (1984), theorem 2.
    Errors: InputError unless two players play, and as in `patience`.
    """
    game = nash.game
    if len(game.players) != 2:
        raise InputError(
            f"a stage game has two players and these are {len(game.players)}; solve Nash for two"
        )
    play = _plays(nash, agreed)
    reward, punishment = (
        np.array([game.value(player, at) for player in game.players]) for at in (play.agree, play.war)
    )
    temptation = np.array([game.value(*each) for each in zip(game.players, play.depart, strict=True)])
    sucker = np.array([game.value(*each) for each in zip(game.players, play.depart[::-1], strict=True)])
    grim = _threshold(temptation - reward, temptation - punishment)
    # Departing every other period against tit-for-tat: `(T + delta S) / (1 - delta^2)` against `R / (1 - delta)`.
    keeps = reward > sucker
    forgiving = np.where(keeps, (temptation - reward) / np.where(keeps, reward - sucker, 1.0), np.inf)
    forgiving = np.where(forgiving < 1.0, forgiving, np.inf)
    kinds = [kind_of(*each) for each in zip(reward, sucker, temptation, punishment, strict=True)]
    payoffs = {"reward": reward, "sucker": sucker, "temptation": temptation, "punishment": punishment}
    factors = {"grim": grim, "tit_for_tat": np.where(temptation > reward, np.maximum(grim, forgiving), 0.0)}
    return xr.Dataset(
        {name: ("player", values, {"units": "log points"}) for name, values in payoffs.items()}
        | {name: ("player", values, {"units": "a period"}) for name, values in factors.items()}
        | {"kind": ("player", kinds, {"units": ""})},
        coords={"player": [player.name for player in game.players]},
    )


def kind_of(reward: float, sucker: float, temptation: float, punishment: float) -> str:
    """The name of a player's two-by-two game by the strict order of its payoffs.

    `prisoners' dilemma` T > R > P > S; `chicken` T > R > S > P; `stag hunt` R > T > P > S; `deadlock` T > P > R > S,
    where war is better than the agreement; `harmony` where keeping it is best whatever the other does; else `other`.
    Source: Rapoport and Guyer (1966).
    """
    R, S, T, P = reward, sucker, temptation, punishment
    if R > T and S > P:
        return "harmony"
    orders = {
        "prisoners' dilemma": T > R > P > S,
        "chicken": T > R > S > P,
        "stag hunt": R > T > P > S,
        "deadlock": T > P > R > S,
    }
    return next((name for name, holds in orders.items() if holds), "other")


def discounted(
    game: xr.Dataset, first: Sequence[bool], second: Sequence[bool], delta: float
) -> tuple[float, float]:
    """Mean payoffs a period of two courses of play, true where a player keeps to the agreement, in log points.

    `(1 - delta) / (1 - delta^n) sum_t delta^t u_t` over the n periods of the courses; the plain mean at delta 1.
    Errors: InputError for a delta outside 0 to 1, or courses that are empty or of different length.
    """
    keep = (
        np.array([first, second], dtype=bool) if len(first) == len(second) else np.zeros((2, 0), dtype=bool)
    )
    if not keep.size or not 0.0 <= delta <= 1.0:
        raise InputError(
            f"delta is {delta:g} and the courses have {len(first)} and {len(second)} periods; give a delta from 0 to 1 "
            "and courses of one length, at least a period"
        )
    R, S, T, P = (game[name].values[:, None] for name in ("reward", "sucker", "temptation", "punishment"))
    other = keep[::-1]
    payoff = np.where(keep, np.where(other, R, S), np.where(other, T, P))
    weight = delta ** np.arange(keep.shape[1])
    means = payoff @ weight / weight.sum()
    return float(means[0]), float(means[1])
