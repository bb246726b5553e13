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
from ecumene.models.bestresponse import Top, ascend, climb, projected, settle, take_turns
from ecumene.models.equilibrium import Equilibrium
from ecumene.models.solve import Options
from ecumene.models.tariff_game import BY, DEFAULT_BOUNDS, Anchor, Game, Player, Point, game_of
from ecumene.types import BoolArray, FloatArray

if TYPE_CHECKING:
    from ecumene.world import World

CERTIFIED_GAIN = 1e-6
"""Nash tariffs are certified where no player's best response gains more than this, in log points (1 = 100 %)."""

_SETTLED = 1e-8

_ROUGH = 1e-6
"""Slope, in log points a unit of ln(1 + rate), below which a best response adds at most about its square."""

__all__ = [
    "BY",
    "CERTIFIED_GAIN",
    "DEFAULT_BOUNDS",
    "NashTariffs",
    "OptimalTariff",
    "nash",
    "optimal",
    "patience",
]


@dataclass(frozen=True, eq=False)
class OptimalTariff:
    """The best rates of one player, all others as they are, and how sure that is.

    rates: ad valorem, on the axes that `by` tells apart; where a player buys nothing, as at the start. gain: log real
    income (in a bloc weighted by base income) over that at the start. gradient_norm: largest derivative by ln(1 + rate)
    that does not point out of the bounds. restart_gap: how much better the best of the random restarts did than the
    search from the start (0: none did; the better one is returned); restart_spread: best minus worst of all searches.
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


@dataclass(frozen=True, eq=False)
class NashTariffs:
    """Tariffs from which no player gains by departing alone, as far as `gains` says.

    rates: ad valorem, by player. gains: what each player's own best response, sought from the Nash rates and from
    random ones, would add to its log real income. certified: all of them below `CERTIFIED_GAIN`. cycle: the period in
    rounds of a cycle that best responses fell into (0: none). rounds: of best responses, or sweeps where all moved at
    once.
    """

    players: dict[str, tuple[str, ...]]
    rates: dict[str, xr.DataArray]
    gains: dict[str, float]
    gradient_norms: dict[str, float]
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


def _limits(bounds: tuple[float, float]) -> tuple[float, float]:
    """Bounds in ln(1 + rate). Errors: InputError."""
    low, high = (float(bound) for bound in bounds)
    if not -1.0 < low < high < np.inf:
        raise InputError(
            f"bounds are {low:g} and {high:g}; rates are ad valorem: both above -1, finite, the lower first"
        )
    return float(np.log1p(low)), float(np.log1p(high))


class _Search:
    """One player's value as a function of its own ln(1 + rates), all others held."""

    def __init__(
        self, game: Game, player: Player, tariff: FloatArray, anchor: Anchor, precision: float = 1e-11
    ) -> None:
        self.game, self.player, self.tariff = game, player, tariff
        self.anchor = Anchor(anchor.z, anchor.response, dict(anchor.adjoints))
        self.precision = precision

    def __call__(self, x: FloatArray) -> tuple[float, FloatArray]:
        at = self.game.point(self.player.levy(self.tariff, np.expm1(x)), self.anchor)
        self.anchor = self.anchor._replace(z=at.z)
        return self.game.value(self.player, at), self.game.slope(self.player, at, self.anchor, self.precision)

    def best(
        self,
        start: FloatArray,
        limits: tuple[float, float],
        tolerance: float,
        curvature: float | None = None,
    ) -> Top:
        """A local maximum from a start."""
        if self.player.size == 1:
            return climb(
                self, float(start[0]), *limits, curvature=curvature or self.curvature(), tolerance=tolerance
            )
        share = self.player.imports / self.player.imports.max()
        scale = np.sqrt(np.where(share > 0, np.maximum(share, 1e-6), 1.0))
        return ascend(self, start, *limits, scale, tolerance=tolerance)

    def curvature(self) -> float:
        """A guess of the second derivative: imports over income, times the elasticity, were origins' prices fixed."""
        return -float(self.player.imports.sum() * np.mean(self.game.case.theta))


def _starting(player: Player, tariff: FloatArray) -> FloatArray:
    """A player's rates in a table of tariffs: the mean over the links under each rate, as ln(1 + rate)."""
    count = np.maximum(np.bincount(player.part, minlength=player.size), 1)
    return np.log1p(np.bincount(player.part, tariff.reshape(-1)[player.links], minlength=player.size) / count)


def _labelled(player: Player, x: FloatArray) -> xr.DataArray:
    shape = [len(player.labels[dim]) for dim in player.dims]
    return xr.DataArray(
        np.expm1(x).reshape(shape), dims=player.dims, coords=player.labels, name="tariff", attrs={"units": "ad valorem"}
    )  # fmt: skip


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
    tariffs fall; None takes the world's layer `goods`, or all sectors. restarts: further searches from rates drawn
    evenly, in ln(1 + rate), between the bounds by `seed`. case: keyword arguments of `trade.solve` for all that the
    player does not set; its `tariff` is where the search and the gain start. Gradients are exact (implicit
    derivatives); one rate by a bracketed secant, several by L-BFGS-B. Real income counts the revenue (Johnson 1953).
    Returns an `OptimalTariff`. Errors: InputError; SolveError where an equilibrium on the way does not exist.
    """
    limits = _limits(bounds)
    given = [player] if isinstance(player, str) else player
    game = game_of(world, given, by, goods, case, options, workers)
    if len(game.players) != 1:
        raise InputError(f"optimal takes one player and got {len(game.players)}; use nash for several")
    who = game.players[0]
    anchor = game.anchor()
    before = game.point(np.asarray(game.case.tariff), anchor)
    first = _starting(who, game.case.tariff)
    rng = np.random.default_rng(seed)
    starts = [np.clip(first, *limits), *(rng.uniform(*limits, who.size) for _ in range(restarts))]
    bought = who.imports > 0
    starts = [np.where(bought, start, starts[0]) for start in starts]

    def search(start: FloatArray) -> Top:
        return _Search(game, who, game.case.tariff, anchor).best(start, limits, 1e-9)

    tops = game.parallel(search, starts)
    values = [top.value for top in tops]
    best = tops[int(np.argmax(values))]
    tariff = who.levy(game.case.tariff, np.expm1(best.x))
    return OptimalTariff(
        player=who.name,
        members=tuple(world.economies[n] for n in who.members),
        rates=_labelled(who, best.x),
        gain=best.value - game.value(who, before),
        gradient_norm=float(np.abs(projected(best.x, best.gradient, *limits)).max()),
        restart_gap=max(values) - values[0],
        restart_spread=max(values) - min(values),
        at_bound=bool(((best.x <= limits[0]) | (best.x >= limits[1]))[bought].any()),
        evaluations=sum(top.evaluations for top in tops),
        equilibrium=_solved(game, tariff, case),
    )


def _levied(game: Game, points: Sequence[FloatArray]) -> FloatArray:
    tariff = np.array(game.case.tariff)
    for player, x in zip(game.players, points, strict=True):
        tariff = player.levy(tariff, np.expm1(x))
    return tariff


def _all_at_once(
    game: Game, start: Sequence[FloatArray], limits: tuple[float, float]
) -> tuple[list[FloatArray], FloatArray, int, bool, Anchor]:
    """Nash rates, one a player: every own derivative to zero, from one equilibrium and one adjoint a player a sweep."""
    anchor, sweep, precision = game.anchor(), 0, 1e-3
    guess = np.array([_Search(game, p, game.case.tariff, anchor).curvature() for p in game.players])

    def slopes(x: FloatArray) -> FloatArray:
        nonlocal anchor, sweep, precision
        at = game.point(_levied(game, list(x[:, None])), anchor)
        anchor = game.anchor(at)._replace(adjoints=anchor.adjoints) if sweep < 2 else anchor._replace(z=at.z)
        sweep += 1
        found = np.concatenate(game.parallel(lambda p: game.slope(p, at, anchor, precision), game.players))
        # Sweeps far from the end need no more digits than their own size asks for.
        precision = float(np.clip(1e-3 * np.abs(projected(x, found, *limits)).max(), 1e-11, 1e-3))
        return found

    x, curvature, sweeps, settled = settle(slopes, np.concatenate(start), guess, *limits, tolerance=_SETTLED)
    return [np.array([rate]) for rate in x], curvature, sweeps, settled, anchor


def nash(
    world: World,
    players: Iterable[str] | Mapping[str, Sequence[str]],
    by: str = "uniform",
    *,
    bounds: tuple[float, float] = DEFAULT_BOUNDS,
    goods: Sequence[bool] | BoolArray | None = None,
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
    limits = _limits(bounds)
    if not 0.0 < damping <= 1.0:
        raise InputError(
            f"damping is {damping:g}; it is the part of the way to the best response, above 0 up to 1"
        )
    game = game_of(world, players, by, goods, case, options, workers)
    chosen = method or ("slopes" if by == "uniform" else "turns")
    if chosen not in ("slopes", "turns") or (chosen == "slopes" and by != "uniform"):
        raise InputError(f"method is {chosen!r} with by={by!r}; choose turns, or slopes with by='uniform'")
    points = [np.clip(_starting(player, game.case.tariff), *limits) for player in game.players]
    curvature, cycle, count = np.full(len(points), np.nan), 0, 0
    anchor = game.anchor()

    if chosen == "slopes":
        points, curvature, count, _, anchor = _all_at_once(game, points, limits)
    gains, norms = _certify(game, points, limits, curvature, anchor, restarts, seed)
    if max(gains) > CERTIFIED_GAIN or max(norms) > _ROUGH:

        def respond(number: int, now: list[FloatArray]) -> FloatArray:
            search = _Search(game, game.players[number], _levied(game, now), anchor)
            return search.best(now[number], limits, 1e-9).x

        meeting = take_turns(respond, points, damping=damping, rounds=rounds)
        points, cycle, count = meeting.points, meeting.cycle, count + meeting.rounds
        anchor = game.anchor(game.point(_levied(game, points), anchor))
        gains, norms = _certify(game, points, limits, curvature, anchor, restarts, seed)
    names = [player.name for player in game.players]
    return NashTariffs(
        players={p.name: tuple(world.economies[n] for n in p.members) for p in game.players},
        rates={p.name: _labelled(p, x) for p, x in zip(game.players, points, strict=True)},
        gains=dict(zip(names, gains, strict=True)),
        gradient_norms=dict(zip(names, norms, strict=True)),
        cycle=cycle,
        rounds=count,
        method=chosen,
        equilibrium=_solved(game, _levied(game, points), case),
        game=game,
        points=tuple(points),
        bounds=bounds,
    )


def _certify(
    game: Game,
    points: Sequence[FloatArray],
    limits: tuple[float, float],
    curvature: FloatArray,
    anchor: Anchor,
    restarts: int,
    seed: int,
) -> tuple[list[float], list[float]]:
    """Gain of each player's best response from its own and from random rates, and its projected gradient."""
    tariff = _levied(game, points)
    at: Point = game.point(tariff, anchor)

    def one(number: int) -> tuple[float, float]:
        player, x = game.players[number], points[number]
        search = _Search(game, player, tariff, anchor._replace(z=at.z), 0.1 * _ROUGH)
        here = game.value(player, at)
        slope = game.slope(player, at, search.anchor)
        norm = float(np.abs(projected(x, slope, *limits)).max())
        rng = np.random.default_rng([seed, number])
        starts = [rng.uniform(*limits, player.size) for _ in range(restarts)]
        if norm > _ROUGH:
            starts = [x, *starts]
        bend = curvature[number] if np.isfinite(curvature[number]) else None
        tops = [search.best(np.where(player.imports > 0, start, x), limits, _ROUGH, bend) for start in starts]
        return max([here, *(top.value for top in tops)]) - here, norm

    found = game.parallel(one, list(range(len(points))))
    return [gain for gain, _ in found], [norm for _, norm in found]


def patience(nash: NashTariffs, agreed: float = 0.0) -> xr.Dataset:
    """The discount factor from which on an agreed tariff is sustained by the threat of Nash tariffs for ever after.

    Every player holds its rates at `agreed` (0: free trade in goods, to outsiders too). Who departs has one period of
    its best response and then Nash: keeping the agreement pays where `delta >= (v_d - v_a) / (v_d - v_N)`, v the log
    real income of a period. Infinite where a player is better off at Nash than agreed: no patience sustains it.
    Returns `discount_factor` and the three values by player, over the base. Source: Friedman (1971), Dixit (1987).
    Errors: InputError where the Nash tariffs are not certified or `agreed` is out of bounds; SolveError.
    """
    game, limits = nash.game, _limits(nash.bounds)
    low, high = nash.bounds
    if not nash.certified:
        raise InputError(
            "the Nash tariffs are not certified, so they are no threat; solve them with more rounds"
        )
    if not low <= agreed <= high:
        raise InputError(f"agreed is {agreed:g}, outside the bounds {low:g} to {high:g} of the Nash tariffs")
    held = [np.full(player.size, np.log1p(agreed)) for player in game.players]
    anchor = game.anchor()
    together = game.point(_levied(game, held), anchor)
    apart = game.point(_levied(game, nash.points), anchor)

    def departs(number: int) -> float:
        search = _Search(game, game.players[number], together.tariff, anchor._replace(z=together.z))
        return max(search.best(start[number], limits, 1e-9).value for start in (held, nash.points))

    depart = np.array(game.parallel(departs, list(range(len(held)))))
    agree = np.array([game.value(player, together) for player in game.players])
    threat = np.array([game.value(player, apart) for player in game.players])
    tempted = depart - agree > 0
    worse = agree > threat
    ratio = (depart - agree) / np.where(worse, depart - threat, 1.0)
    factor = np.where(tempted, np.where(worse, ratio, np.inf), 0.0)
    units = {
        "discount_factor": "a period",
        "agreed": "log points",
        "depart": "log points",
        "nash": "log points",
    }
    values = {"discount_factor": factor, "agreed": agree, "depart": depart, "nash": threat}
    return xr.Dataset(
        {name: ("player", values[name], {"units": unit}) for name, unit in units.items()},
        coords={"player": [player.name for player in game.players]},
    )
