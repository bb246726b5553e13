"""Searches that games need: the top of a smooth function between bounds, and where best responses meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ecumene.types import FloatArray

Objective = Callable[[FloatArray], tuple[float, FloatArray]]
"""Value and gradient at a point."""

Sighted = Callable[[float], tuple[float, float, float]]
"""Value and slope at a point of one variable, and where the top is guessed from there."""

_FIRST_MOVE = 0.05
_LARGEST_MOVE = 0.5
_CLIMB_STEPS = 60
_SAME_POINT = 1e-12
_RETURNED = 1e-3
_MEMORY = 30


@dataclass(frozen=True)
class Top:
    """Where a search ended: the point, value and gradient there, and evaluations used."""

    x: FloatArray
    value: float
    gradient: FloatArray
    evaluations: int


def projected(x: FloatArray, gradient: FloatArray, low: float, high: float) -> FloatArray:
    """The gradient of a maximisation without the parts that point out of the bounds; zero at a stationary point."""
    outward = ((x <= low) & (gradient < 0)) | ((x >= high) & (gradient > 0))
    return np.where(outward, 0.0, gradient)


def climb(objective: Sighted, start: float, low: float, high: float, *, tolerance: float = 1e-9) -> Top:
    """A local maximum of one variable: the secant on the way still to go, inside a bracket that always shrinks.

    Where the objective sees well, `aim - x` falls by almost one for every one that x moves, near the top and far from
    it: the secant on it needs few steps. Ends where the projected derivative is below the tolerance, at a bound, or
    where the bracket is as narrow as rounding.
    """
    x = float(np.clip(start, low, high))
    value, slope, aim = objective(x)
    count, left, right, move = 1, None, None, _way(x, slope, aim)
    while count < _CLIMB_STEPS and abs(projected(np.array([x]), np.array([slope]), low, high)[0]) > tolerance:
        left, right = (x, right) if slope > 0 else (left, x)
        ahead = float(np.clip(x + np.clip(move, -_LARGEST_MOVE, _LARGEST_MOVE), low, high))
        if left is not None and right is not None:
            if not left < ahead < right:
                ahead = 0.5 * (left + right)
            if right - left < _SAME_POINT:
                break
        if ahead == x:
            break
        before, way, old, x = slope, _way(x, slope, aim), x, ahead
        value, slope, aim = objective(x)
        count += 1
        now = _way(x, slope, aim)
        bend = (now - way) / (x - old)
        if left is not None and right is not None and abs(slope) > 0.5 * abs(before):
            edge = right if slope > 0 else left
            move = 0.5 * ((edge if edge is not None else x) - x)
        elif bend < 0:
            move = -now / bend
        else:
            move = np.copysign(2.0 * abs(x - old), slope)
    return Top(np.array([x]), value, np.array([slope]), count)


def _way(x: float, slope: float, aim: float) -> float:
    """The way to where the objective aims, if that is uphill; else a small step uphill."""
    way = aim - x
    return way if np.isfinite(way) and way * slope > 0 else float(np.copysign(_FIRST_MOVE, slope))


def ascend(
    objective: Objective,
    start: Float[np.ndarray, " K"],
    low: float,
    high: float,
    scale: Float[np.ndarray, " K"],
    *,
    tolerance: float = 1e-9,
) -> Top:
    """A local maximum of several variables between bounds: L-BFGS-B on `scale * x`, with exact gradients.

    The value is counted in log points x 100. Source: Byrd, Lu, Nocedal and Zhu (1995).
    """
    from scipy.optimize import minimize  # slow to import, and most games need one rate a player

    unit, count = 100.0, 0

    def negative(y: FloatArray) -> tuple[float, FloatArray]:
        nonlocal count
        count += 1
        value, gradient = objective(y / scale)
        return -unit * value, -unit * gradient / scale

    found = minimize(
        negative,
        np.clip(start, low, high) * scale,
        jac=True,
        method="L-BFGS-B",
        bounds=np.column_stack([low * scale, high * scale]),
        options={"maxiter": 500, "ftol": 0.0, "gtol": unit * tolerance, "maxcor": 20},
    )
    x = np.clip(found.x / scale, low, high)
    value, gradient = objective(x)
    return Top(x, value, gradient, count + 1)


@dataclass(frozen=True)
class Meeting:
    """Where a game's search ended: one point a player, rounds, the last change, and the period of a cycle (0: none)."""

    points: list[FloatArray]
    rounds: int
    change: float
    cycle: int
    settled: bool


def take_turns(
    respond: Callable[[int, list[FloatArray]], FloatArray],
    start: list[FloatArray],
    *,
    damping: float = 1.0,
    tolerance: float = 1e-8,
    rounds: int = 100,
) -> Meeting:
    """Asynchronous best responses: each player in turn goes the part `damping` of the way to its best response.

    `respond(player, points)` answers what all others last did. A cycle is a return to an earlier round's points, a
    thousand times closer than the last change, while play still moves; it ends the search and its period is reported.
    """
    points = [np.array(point) for point in start]
    history = [np.concatenate(points)]
    change = np.inf
    for count in range(1, rounds + 1):
        for player in range(len(points)):
            answer = respond(player, points)
            points[player] = points[player] + damping * (answer - points[player])
        now = np.concatenate(points)
        change = float(np.abs(now - history[-1]).max())
        if change <= tolerance:
            return Meeting(points, count, change, 0, True)
        for age, earlier in enumerate(reversed(history[:-1]), start=2):
            if np.abs(now - earlier).max() <= _RETURNED * change:
                return Meeting(points, count, change, age, False)
        history.append(now)
    return Meeting(points, rounds, change, 0, False)


def settle(
    slopes: Callable[[FloatArray], tuple[FloatArray, FloatArray]],
    start: Float[np.ndarray, " P"],
    low: float,
    high: float,
    *,
    tolerance: float = 1e-9,
    sweeps: int = 40,
) -> tuple[FloatArray, int, bool]:
    """Points of one variable a player where every own derivative is zero: all players move at once.

    `slopes` returns the own derivatives and where each player would go from there; that map is accelerated by
    Anderson's method (Walker and Ni 2011). Returns the point, sweeps and whether all projected derivatives fell below
    the tolerance.
    """
    x = np.clip(start, low, high)
    slope, aim = slopes(x)
    points: list[FloatArray] = []
    steps: list[FloatArray] = []
    for count in range(1, sweeps + 1):
        if np.abs(projected(x, slope, low, high)).max() <= tolerance:
            return x, count, True
        way = np.array([_way(*each) for each in zip(x, slope, aim, strict=True)])
        step = np.clip(x + np.clip(way, -_LARGEST_MOVE, _LARGEST_MOVE), low, high) - x
        points, steps = [*points, x][-_MEMORY:], [*steps, step][-_MEMORY:]
        ahead = x + step
        if len(steps) > 1:
            d_step = np.diff(np.array(steps), axis=0).T
            d_point = np.diff(np.array(points), axis=0).T
            weight = np.linalg.lstsq(d_step, step, rcond=1e-10)[0]
            ahead = ahead - (d_point + d_step) @ weight
        x = np.clip(np.clip(ahead, x - _LARGEST_MOVE, x + _LARGEST_MOVE), low, high)
        slope, aim = slopes(x)
    return x, sweeps, False
