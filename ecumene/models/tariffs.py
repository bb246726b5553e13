"""Optimal tariffs, Nash tariffs, and the patience that sustains free trade, each with a certificate.

Johnson (1953) for the game of two countries, Ossa (2014) and Lashkaripour (2021) for many, Dixit (1987) for the
repeated game. Searches stand in `bestresponse`, equilibria and their slopes in `tariff_game`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ecumene.errors import InputError, SolveError
from ecumene.models import trade
from ecumene.models.bestresponse import Top, projected, settle, take_turns
from ecumene.models.cooperation import discounted, kind_of, patience, stage_game
from ecumene.models.equilibrium import Equilibrium
from ecumene.models.solve import Options
from ecumene.models.tariff_game import Anchor, Game, Near, game_of
from ecumene.models.tariff_players import BY, DEFAULT_BOUNDS
from ecumene.models.tariff_search import Search, counted, labelled, levied, limits_of, starting
from ecumene.models.tournament import STRATEGIES, tournament
from ecumene.types import BoolArray, FloatArray

if TYPE_CHECKING:
    from ecumene.world import World

CERTIFIED_GAIN = 1e-6
"""Nash tariffs are certified where no player's best response gains more than this, in log points (1 = 100 %)."""

_SETTLED = 1e-8

_FLAT = 1e-6
_ROUGH = 1e-4
"""Slopes, in log points a unit of ln(1 + rate). Where searches for a better answer stop, `_ROUGH`, the top is about
`slope^2 / (2 curvature)` higher: under 1e-7."""

__all__ = [
    "BY",
    "CERTIFIED_GAIN",
    "DEFAULT_BOUNDS",
    "STRATEGIES",
    "NashTariffs",
    "OptimalTariff",
    "discounted",
    "kind_of",
    "nash",
    "optimal",
    "patience",
    "stage_game",
    "tournament",
]


NAMED = 5
"""Players that a line about Nash tariffs names."""


@dataclass(frozen=True, eq=False)
class OptimalTariff:
    """The best rates of one player, all others as they are, and how sure that is.

    rates: ad valorem, on the axes that `by` tells apart; where a player buys nothing, as at the start. gain: log real
    income (in a bloc weighted by base income) over that at the start. gradient_norm: largest derivative by ln(1 + rate)
    that does not point out of the bounds. restart_gap: how much better the best of the random restarts did than the
    search from the start (0: none did; the better one is returned); restart_spread: best minus worst of all searches;
    both not a number without restarts. Every search is local: where all agree, no other top was within their reach.
    """

    player: str
    members: tuple[str, ...]
    rates: xr.DataArray
    gain: float
    gradient_norm: float
    restart_gap: float
    restart_spread: float
    at_bound: bool
    evaluations: int
    equilibrium: Equilibrium

    def __repr__(self) -> str:
        low, high = (100.0 * float(end) for end in (self.rates.min(), self.rates.max()))
        what = f"rates {low:.1f} to {high:.1f} %, gain {self.gain:.2e} log points"
        return f"<OptimalTariff of {self.player}: {what}>"


@dataclass(frozen=True, eq=False)
class NashTariffs:
    """Tariffs from which no player gains by departing alone, as far as `gains` says.

    rates: ad valorem, by player. gains: what each player's own best response, sought from the Nash rates and from
    random ones, would add to its log real income, as far as these `searches` of each player, all local, can see.
    certified: all of them below `CERTIFIED_GAIN`. cycle: the period in
    rounds of a cycle that best responses fell into (0: none). rounds: of best responses, or sweeps where all moved at
    once.
    """

    players: dict[str, tuple[str, ...]]
    rates: dict[str, xr.DataArray]
    gains: dict[str, float]
    gradient_norms: dict[str, float]
    searches: int
    cycle: int
    rounds: int
    method: str
    equilibrium: Equilibrium
    game: Game
    points: tuple[FloatArray, ...]
    bounds: tuple[float, float]

    @property
    def certified(self) -> bool:
        """Whether no player's best response gains more than `CERTIFIED_GAIN`."""
        return max(self.gains.values()) <= CERTIFIED_GAIN

    def __repr__(self) -> str:
        named = ", ".join([*self.players][:NAMED]) + (", ..." if len(self.players) > NAMED else "")
        proof = "certified" if self.certified else "not certified"
        return (
            f"<NashTariffs of {len(self.players)} players ({named}): {proof}, largest gain "
            f"{max(self.gains.values()):.1e} by {self.searches} searches each, {self.method}>"
        )

    def raise_unless_certified(self) -> NashTariffs:
        """Itself, or a SolveError that says who gains, or which cycle was found, and the next step."""
        if self.certified:
            return self
        who = max(self.gains, key=lambda name: self.gains[name])
        cycle = f"best responses run in a cycle of {self.cycle} rounds; " if self.cycle else ""
        raise SolveError(
            f"{cycle}{who} would gain {self.gains[who]:.1e} log points by another tariff "
            f"(allowed: {CERTIFIED_GAIN:.0e}); "
            "use a smaller damping, more rounds or narrower bounds"
        )


def _solved(game: Game, tariff: FloatArray, case: Mapping[str, object] | None) -> Equilibrium:
    """The equilibrium once more, from the base, by the public solve. Errors: SolveError."""
    given = {**(case or {}), "tariff": tariff}
    return trade.solve(game.world, options=game.options, **given).raise_unless_ok()  # pyright: ignore[reportArgumentType]


def optimal(
    world: World,
    player: str | Mapping[str, Sequence[str]],
    by: str = "uniform",
    *,
    bounds: tuple[float, float] = DEFAULT_BOUNDS,
    goods: Sequence[bool] | BoolArray | None = None,
    spared: BoolArray | None = None,
    restarts: int = 3,
    seed: int = 0,
    case: Mapping[str, object] | None = None,
    options: Options = Options(),
    workers: int | None = None,
) -> OptimalTariff:
    """The tariff at which a country's real income is largest, all other tariffs held.

    player: an economy, or one bloc `{name: members}`, which maximises `sum_n (I_n / I) ln(real income_n)` over base
    incomes by a common external tariff; links inside it keep theirs. by: what its rates tell apart, `uniform`,
    `partner` (each origin), `sector` or `both`. bounds: lowest and highest rate, ad valorem. goods: sectors on which
    tariffs fall; None takes the world's layer `goods`, or all sectors. spared: true on links [origin, destination] that
    keep their tariffs, whoever buys. restarts: further searches from rates drawn
    evenly, in ln(1 + rate), between the bounds by `seed`. case: keyword arguments of `trade.solve` for all that the
    player does not set; its `tariff` is where the search and the gain start. Gradients are exact (implicit
    derivatives); one rate by a bracketed secant, several by L-BFGS-B. Real income counts the revenue (Johnson 1953).
    Returns an `OptimalTariff`. Errors: InputError; SolveError where an equilibrium on the way does not exist.
    """
    limits = limits_of(bounds)
    counted(restarts=restarts, seed=seed)
    given = [player] if isinstance(player, str) else player
    game = game_of(world, given, by, goods, spared, case, options, workers)
    if len(game.players) != 1:
        raise InputError(f"optimal takes one player and got {len(game.players)}; use nash for several")
    who = game.players[0]
    anchor = game.anchor()
    before = game.point(np.asarray(game.case.tariff), anchor)
    first = starting(who, game.case.tariff)
    rng = np.random.default_rng(seed)
    starts = [np.clip(first, *limits), *(rng.uniform(*limits, who.size) for _ in range(restarts))]
    bought = who.imports > 0
    starts = [np.where(bought, start, starts[0]) for start in starts]

    def search(start: FloatArray) -> Top:
        return Search(game, who, game.case.tariff, anchor).best(start, limits, 1e-9)

    tops = game.parallel(search, starts)
    values = [top.value for top in tops]
    best = tops[int(np.argmax(values))]
    tariff = who.levy(game.case.tariff, np.expm1(best.x))
    return OptimalTariff(
        player=who.name,
        members=tuple(world.economies[n] for n in who.members),
        rates=labelled(who, best.x),
        gain=best.value - game.value(who, before),
        gradient_norm=float(np.abs(projected(best.x, best.gradient, *limits)).max()),
        restart_gap=max(values) - values[0] if restarts else np.nan,
        restart_spread=max(values) - min(values) if restarts else np.nan,
        at_bound=bool(((best.x <= limits[0]) | (best.x >= limits[1]))[bought].any()),
        evaluations=sum(top.evaluations for top in tops),
        equilibrium=_solved(game, tariff, case),
    )


def _all_at_once(
    game: Game, start: Sequence[FloatArray], limits: tuple[float, float]
) -> tuple[list[FloatArray], int, Anchor]:
    """Nash rates, one a player: every own derivative to zero, from one equilibrium and one set of tangents a sweep."""
    anchor, sweep, precision = game.anchor(), 0, 1e-3
    near, last = Near(anchor.response), None

    def slopes(x: FloatArray) -> tuple[FloatArray, FloatArray]:
        nonlocal anchor, near, last, sweep, precision
        z = anchor.z if last is None or near.dz is None else anchor.z + (x - last) @ near.dz
        at = game.point(levied(game, list(x[:, None])), anchor._replace(z=z))
        anchor = game.anchor(at) if sweep < 1 else anchor._replace(z=at.z)
        found = game.uniform_slopes(game.players, at, Near(anchor.response, near.dz), precision)
        near, last, sweep = Near(anchor.response, found.dz), x, sweep + 1
        # Sweeps far from the end need no more digits than their own size asks for.
        precision = float(np.clip(1e-2 * np.abs(projected(x, found.slope, *limits)).max(), 1e-10, 1e-3))
        return found.slope, found.aim

    x, sweeps, _ = settle(slopes, np.concatenate(start), *limits, tolerance=_SETTLED)
    return [np.array([rate]) for rate in x], sweeps, anchor


def nash(
    world: World,
    players: Iterable[str] | Mapping[str, Sequence[str]],
    by: str = "uniform",
    *,
    bounds: tuple[float, float] = DEFAULT_BOUNDS,
    goods: Sequence[bool] | BoolArray | None = None,
    spared: BoolArray | None = None,
    method: str | None = None,
    damping: float = 1.0,
    rounds: int = 100,
    restarts: int = 1,
    seed: int = 0,
    case: Mapping[str, object] | None = None,
    options: Options = Options(),
    workers: int | None = None,
) -> NashTariffs:
    """Tariffs each of which is the best answer to all others (Nash), with the gain of every player's best response.

    players: economies, or `{name: members}` where some are blocs with a common external tariff; the rest of the world
    keeps the tariffs of `case`. method: `turns`, asynchronous best responses, each the part `damping` of the way, up to
    `rounds` rounds; `slopes`, for one rate a player: every own derivative to zero, all at once, then turns where a best
    response still gains; None takes `slopes` for `uniform` and `turns` otherwise. restarts: rates drawn by `seed`, from
    which each player's best response is sought besides its Nash rate. Other arguments as in `optimal`.
    Returns `NashTariffs`; look at `certified`, or call `raise_unless_certified`. Errors: InputError, SolveError.
    """
    limits = limits_of(bounds)
    counted(rounds=rounds, restarts=restarts, seed=seed)
    if isinstance(damping, bool) or not isinstance(damping, int | float) or not 0.0 < damping <= 1.0:
        raise InputError(
            f"damping is {damping!r:.40}; it is the part of the way to the best response, above 0 up to 1"
        )
    game = game_of(world, players, by, goods, spared, case, options, workers)
    chosen = method or ("slopes" if by == "uniform" else "turns")
    if chosen not in ("slopes", "turns") or (chosen == "slopes" and by != "uniform"):
        raise InputError(f"method is {chosen!r} with by={by!r}; choose turns, or slopes with by='uniform'")
    points = [np.clip(starting(player, game.case.tariff), *limits) for player in game.players]
    cycle, count, anchor = 0, 0, game.anchor()
    if chosen == "slopes":
        game.compile()
        points, count, anchor = _all_at_once(game, points, limits)
    gains, norms = _certify(game, points, limits, anchor, restarts, seed)
    if max(gains) > CERTIFIED_GAIN or max(norms) > _FLAT:

        def respond(number: int, now: list[FloatArray]) -> FloatArray:
            search = Search(game, game.players[number], levied(game, now), anchor)
            return search.best(now[number], limits, 1e-9).x

        meeting = take_turns(respond, points, damping=damping, rounds=rounds)
        points, cycle, count = meeting.points, meeting.cycle, count + meeting.rounds
        anchor = game.anchor(game.point(levied(game, points), anchor))
        gains, norms = _certify(game, points, limits, anchor, restarts, seed)
    names = [player.name for player in game.players]
    return NashTariffs(
        players={p.name: tuple(world.economies[n] for n in p.members) for p in game.players},
        rates={p.name: labelled(p, x) for p, x in zip(game.players, points, strict=True)},
        gains=dict(zip(names, gains, strict=True)),
        gradient_norms=dict(zip(names, norms, strict=True)),
        searches=max(restarts, 1),
        cycle=cycle,
        rounds=count,
        method=chosen,
        equilibrium=_solved(game, levied(game, points), case),
        game=game,
        points=tuple(points),
        bounds=bounds,
    )


def _certify(
    game: Game,
    points: Sequence[FloatArray],
    limits: tuple[float, float],
    anchor: Anchor,
    restarts: int,
    seed: int,
) -> tuple[list[float], list[float]]:
    """Gain of each player's best response from its own and from random rates, and its projected gradient."""
    tariff = levied(game, points)
    at = game.point(tariff, anchor)
    single = all(player.size == 1 for player in game.players)
    own = game.uniform_slopes(game.players, at, Near(anchor.response), 1e-10).slope if single else None

    def one(number: int) -> tuple[float, float]:
        player, x = game.players[number], points[number]
        goal, precision = (_ROUGH, 1e-4) if single else (_FLAT, 1e-7)
        search = Search(game, player, tariff, anchor._replace(z=at.z), precision)
        here = game.value(player, at)
        slope = game.slope(player, at, search.anchor) if own is None else own[[number]]
        norm = float(np.abs(projected(x, slope, *limits)).max())
        rng = np.random.default_rng([seed, number])
        starts = [rng.uniform(*limits, player.size) for _ in range(restarts)]
        if norm > _FLAT or not starts:  # rates that are flat are the top of their own search
            starts = [x, *starts]
        tops = [search.best(np.where(player.imports > 0, start, x), limits, goal) for start in starts]
        return max([here, *(top.value for top in tops)]) - here, norm

    found = game.parallel(one, list(range(len(points))))
    return [gain for gain, _ in found], [norm for _, norm in found]
