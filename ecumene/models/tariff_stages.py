"""Three stages of a tariff conflict: one player alone, the others in kind, and Nash; each with what proves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ecumene.errors import InputError, SolveError
from ecumene.models.bestresponse import projected
from ecumene.models.solve import Options
from ecumene.models.tariff_game import Game, Near, game_of
from ecumene.models.tariff_players import DEFAULT_BOUNDS, Player
from ecumene.models.tariff_search import limits_of
from ecumene.models.tariffs import CERTIFIED_GAIN, nash, optimal
from ecumene.types import BoolArray, FloatArray

if TYPE_CHECKING:
    from ecumene.world import World

STAGES = ("unilateral", "reply", "nash")
"""One player's optimum; the same, and the others answer it in kind; everybody's best answer to everybody."""

_FLAT = 1e-6
_EDGE = 1e-8


@dataclass(frozen=True, eq=False)
class Staged:
    """Tariffs of one stage and what proves them.

    tariff: all rates of the world. rates, by player: those that it chose for itself, as many as `by` tells apart. paid:
    the mean rate over base imports of each player that has new ones, between `lowest` and `highest`. left: what a
    better answer would still add to the log real income of a player that chose (nobody's after a reply, which follows
    a rule); slopes: its largest derivative by ln(1 + rate) that did not point out of the bounds when it chose. kept:
    the rates were given, and only their slopes checked.
    """

    stage: str
    leader: str
    players: dict[str, tuple[str, ...]]
    tariff: FloatArray
    rates: dict[str, FloatArray]
    paid: dict[str, float]
    lowest: dict[str, float]
    highest: dict[str, float]
    left: dict[str, float]
    slopes: dict[str, float]
    kept: bool


class Kept(NamedTuple):
    """Rates that an earlier search found, and what its best answers still gained."""

    rates: Mapping[str, FloatArray]
    left: Mapping[str, float]


def staged(
    world: World,
    players: Mapping[str, Sequence[str]],
    stage: str = "nash",
    by: str = "uniform",
    *,
    bounds: tuple[float, float] = DEFAULT_BOUNDS,
    spared: BoolArray | None = None,
    kept: Kept | None = None,
    case: Mapping[str, object] | None = None,
) -> Staged:
    """Tariffs of a stage: `unilateral`, the optimum of the first player; `reply`, every other player also levies on its
    goods what it levies on theirs, `t_1ps = t_p1s`, the mean over a bloc's members; `nash`, all best answers at once.

    kept: rates of an earlier search, taken only where they are whole and no slope at them exceeds 1e-6. Other arguments
    as in `tariffs.nash`. Errors: InputError naming player and remedy; SolveError where a best answer still gains more
    than the certificate allows.
    """
    if stage not in STAGES:
        raise InputError(f"stage is {stage!r}; choose one of {', '.join(STAGES)}")
    game = game_of(world, players, by, None, spared, case, Options(), None)
    if stage == "reply" and len(game.players) < 2:
        raise InputError("a reply needs a second player; name one, or choose the stage unilateral")
    limits, choose = limits_of(bounds), list(game.players if stage == "nash" else game.players[:1])
    slopes = None if kept is None else _checked(game, choose, limits, kept)
    if kept is not None and slopes is not None:
        rates, left = {p.name: np.asarray(kept.rates[p.name]) for p in choose}, dict(kept.left)
    elif stage == "nash":
        found = nash(world, players, by, bounds=bounds, spared=spared, case=case).raise_unless_certified()
        rates = {name: _rounded(values.values) for name, values in found.rates.items()}
        left, slopes = found.gains, found.gradient_norms
    else:
        first = choose[0].name
        alone = optimal(
            world, {first: list(players[first])}, by, bounds=bounds, spared=spared, restarts=1, case=case
        )
        rates, left, slopes = (
            {first: _rounded(alone.rates.values)},
            {first: 0.0},
            {first: alone.gradient_norm},
        )
    steepest = max(slopes, key=lambda name: slopes[name])
    if slopes[steepest] > _FLAT:
        raise SolveError(
            f"the search for the tariff of {steepest} ended at a slope of {slopes[steepest]:.1e} "
            f"(allowed: {_FLAT:.0e}); use narrower bounds"
        )
    tariff = np.array(game.case.tariff)
    for player in choose:
        tariff = player.levy(tariff, rates[player.name])
    new = choose
    if stage == "reply":
        tariff, new, left = _in_kind(game.players, tariff), list(game.players), {}
    met = {p.name: (p.flows, tariff.reshape(-1)[p.links]) for p in new}
    return Staged(
        stage,
        choose[0].name,
        {p.name: tuple(world.economies[n] for n in p.members) for p in game.players},
        tariff,
        rates,
        {name: float(flows @ paid / flows.sum()) for name, (flows, paid) in met.items()},
        {name: float(paid.min()) for name, (_, paid) in met.items()},
        {name: float(paid.max()) for name, (_, paid) in met.items()},
        left,
        slopes,
        kept is not None and rates[choose[0].name] is kept.rates[choose[0].name],
    )


def _rounded(rates: FloatArray) -> FloatArray:
    """Rates to nine digits after the point: the same whether just found or read back."""
    return np.round(np.asarray(rates, dtype=np.float64).reshape(-1), 9)


def _checked(
    game: Game, players: Sequence[Player], limits: tuple[float, float], kept: Kept
) -> dict[str, float] | None:
    """Slopes at kept rates; None unless they are whole, inside the bounds, and flat for everybody who chose them."""
    tariff = np.array(game.case.tariff)
    for player in players:
        rates, left = kept.rates.get(player.name), kept.left.get(player.name, 0.0)
        if rates is None or rates.shape != (player.size,) or not left <= CERTIFIED_GAIN:
            return None
        if not ((rates >= np.expm1(limits[0]) - _EDGE) & (rates <= np.expm1(limits[1]) + _EDGE)).all():
            return None
        tariff = player.levy(tariff, rates)
    anchor = game.anchor()
    try:
        at = game.point(tariff, anchor)
        if all(player.size == 1 for player in players):
            found = game.uniform_slopes(players, at, Near(anchor.response), 1e-6).slope[:, None]
        else:
            found = [game.slope(player, at, anchor, 1e-6) for player in players]
    except SolveError:
        return None
    slopes = {}
    for player, slope in zip(players, found, strict=True):
        x = np.clip(np.log1p(kept.rates[player.name]), *limits)
        at_edge = np.where(x <= limits[0] + _EDGE, limits[0], np.where(x >= limits[1] - _EDGE, limits[1], x))
        slopes[player.name] = float(np.abs(projected(at_edge, slope, *limits)).max())
    return slopes if max(slopes.values()) <= _FLAT else None


def _in_kind(players: Sequence[Player], tariff: FloatArray) -> FloatArray:
    """The tariffs after everybody levied on the first player's goods what that one levies on theirs."""
    answered = tariff.copy().reshape(-1)
    first = list(players[0].members)
    for player in players[1:]:
        met = tariff[np.ix_(list(player.members), first)].mean(axis=(0, 1))
        origin, _, sector = np.unravel_index(player.links, tariff.shape)
        meets = np.isin(origin, first)
        answered[player.links[meets]] = met[sector[meets]]
    return answered.reshape(tariff.shape)
