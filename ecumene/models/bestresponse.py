"""Searches that games need: the top of a smooth function between bounds, and where best responses meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.optimize import minimize

from ecumene.types import FloatArray

Objective = Callable[[FloatArray], tuple[float, FloatArray]]
"""Value and gradient at a point."""

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


def climb(
    objective: Objective,
    start: float,
    low: float,
    high: float,
    *,
    curvature: float | None = None,
    tolerance: float = 1e-9,
) -> Top:
    """A local maximum of one variable: the secant on the derivative, inside a bracket that always shrinks.

    `curvature` is a guess of the second derivative for the first move. Ends where the projected derivative is below
    the tolerance, at a bound, or where the bracket is as narrow as rounding.
    """
    x = float(np.clip(start, low, high))
    value, gradient = objective(np.array([x]))
    slope, count = float(gradient[0]), 1
    left = right = None
    move = slope / -curvature if curvature and curvature < 0 else np.copysign(_FIRST_MOVE, slope)
    while count < _CLIMB_STEPS and abs(projected(np.array([x]), gradient, low, high)[0]) > tolerance:
        left, right = (x, right) if slope > 0 else (left, x)
        ahead = x + float(np.clip(move, -_LARGEST_MOVE, _LARGEST_MOVE))
        ahead = float(np.clip(ahead, low, high))
        if left is not None and right is not None:
            if not left < ahead < right:
                ahead = 0.5 * (left + right)
            if right - left < _SAME_POINT:
                break
        if ahead == x:
            break
        before, old = slope, x
        x = ahead
        value, gradient = objective(np.array([x]))
        slope, count = float(gradient[0]), count + 1
        bend = (slope - before) / (x - old)
        stuck = left is not None and right is not None and abs(slope) > 0.5 * abs(before)
        if bend < 0 and not stuck:
            move = -slope / bend
        elif stuck:
            edge = right if slope > 0 else left
            move = 0.5 * (float(edge if edge is not None else x) - x)
        else:
            move = np.copysign(2.0 * abs(x - old), slope)
    return Top(np.array([x]), value, gradient, count)


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
    slopes: Callable[[FloatArray], FloatArray],
    start: Float[np.ndarray, " P"],
    curvature: Float[np.ndarray, " P"],
    low: float,
    high: float,
    *,
    tolerance: float = 1e-9,
    sweeps: int = 40,
) -> tuple[FloatArray, FloatArray, int, bool]:
    """Points of one variable a player where every own derivative is zero: all players move at once.

    Each goes its Newton step `-slope / curvature`; the guess of curvature is replaced once by the secant of the first
    move, then the map is accelerated by Anderson's method (Walker and Ni 2011). Returns the point, curvatures, sweeps
    and whether all projected derivatives fell below the tolerance.
    """
    x, curvature = np.clip(start, low, high), np.array(curvature)
    slope = slopes(x)
    points: list[FloatArray] = []
    steps: list[FloatArray] = []
    for count in range(1, sweeps + 1):
        free = projected(x, slope, low, high)
        if np.abs(free).max() <= tolerance:
            return x, curvature, count, True
        step = np.clip(x + np.clip(-free / curvature, -_LARGEST_MOVE, _LARGEST_MOVE), low, high) - x
        points, steps = [*points, x][-_MEMORY:], [*steps, step][-_MEMORY:]
        ahead = x + step
        if len(steps) > 1:
            d_step = np.diff(np.array(steps), axis=0).T
            d_point = np.diff(np.array(points), axis=0).T
            weight = np.linalg.lstsq(d_step, step, rcond=1e-10)[0]
            ahead = ahead - (d_point + d_step) @ weight
        ahead = np.clip(np.clip(ahead, x - _LARGEST_MOVE, x + _LARGEST_MOVE), low, high)
        new = slopes(ahead)
        if count == 1:
            moved = np.abs(ahead - x) > 1e-6
            secant = np.where(moved, new - slope, 0.0) / np.where(moved, ahead - x, 1.0)
            sensible = (secant < 0.1 * curvature) & (secant > 10.0 * curvature)
            curvature = np.where(sensible, secant, curvature)
            points, steps = [], []
        x, slope = ahead, new
    return x, curvature, sweeps, False
