"""Hysteresis of many unlike players: a pressure or a shock raised and lowered again, slowly, and the loop it leaves.

Each player is represented by its chances of every choice, and meets the expected choices of all others; backlash is at
rest. For players that are all alike, and many, this is the tipping of `tipping` with its folds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from ecumene.errors import InputError, SolveError
from ecumene.given import array_of, number
from ecumene.models.dynamics import Behaviour, Landscape, required_behaviour, required_landscape
from ecumene.types import AnyArray, FloatArray

SETTLED = 1e-10
MOST_ROUNDS = 20_000
LARGEST = 1e6
"""Largest size of a pressure: farther ones say nothing, and overflow."""


class Sweep(NamedTuple):
    """Chances of closing while something rises and falls again."""

    raised: Float[AnyArray, " steps"]  # a pressure, or the yearly chance of a shock
    up: Float[AnyArray, " steps"]  # weighted share closed on the way up; NaN where it does not come to rest
    down: Float[AnyArray, " steps"]  # on the way down, by the same values
    closes: float  # value at which the share passes one half on the way up; NaN where it does not
    opens: float  # on the way down
    width: float  # closes - opens; NaN where one of them is not reached


def at_rest(
    land: Landscape, how: Behaviour, pressure: float, chance: Float[AnyArray, "N K"]
) -> Float[AnyArray, "N K"]:
    """Chances of every choice that reproduce themselves, reached from given ones by the revisions of `dynamics`.

    `p_i <- p_i Q_i(p)` with `Q_i[k, l] ~ exp(beta (V_il - switching 1[l != k]))`,
    `V_i = own_i + sum_j pair_ij p_j + closing (weight B_i + jump 1[B_i > threshold] + pressure)` and backlash at rest
    `B_i = loss_i p_i / decay`. Errors: InputError (shapes, values; without decay, where backlash never rests);
    SolveError where chances do not come to rest.
    """
    land, how = required_landscape(land), required_behaviour(how)
    return _at_rest(
        land, how, number("pressure", pressure, -LARGEST, LARGEST), _chances("chance", chance, land)
    )


def _chances(name: str, given: object, land: Landscape) -> FloatArray:
    """Chances of every choice that is allowed, by player. Errors: InputError."""
    found, allowed = array_of(name, given), np.asarray(land.allowed)
    if found.shape != allowed.shape or not np.isfinite(found).all():
        raise InputError(f"{name} has shape {found.shape}; it must be {allowed.shape}, every value finite")
    if (found < 0.0).any() or (found[~allowed] > 0.0).any() or not np.allclose(found.sum(axis=1), 1.0):
        raise InputError(
            f"{name} are no chances: each player's are 0 or above and sum to 1, 0 for what is not allowed"
        )
    return found


def _at_rest(land: Landscape, how: Behaviour, pressure: float, chance: FloatArray) -> FloatArray:
    if how.decay == 0.0 and (how.weight > 0.0 or how.jump != 0.0):
        raise InputError(
            "without decay the backlash never rests; give a backlash_decay above 0, or no weight and jump"
        )
    N, K = land.own.shape
    allowed = np.ones((N, K), bool) if land.allowed is None else land.allowed
    leave = how.switching * (1.0 - np.eye(K))
    step = np.inf
    for _ in range(MOST_ROUNDS):
        backlash = (land.loss * chance).sum(axis=1) / how.decay if how.decay > 0 else np.zeros(N)
        felt = how.weight * backlash + how.jump * (backlash > how.threshold) + pressure
        value = land.own + np.einsum("ijkl,jl->ik", land.pair, chance) + land.closing[None] * felt[:, None]
        odds = how.beta * (value[:, None, :] - leave[None])
        odds = np.where(allowed[:, None, :], odds, -np.inf)
        move = np.exp(odds - odds.max(axis=2, keepdims=True))
        move /= move.sum(axis=2, keepdims=True)
        new = np.einsum("ik,ikl->il", chance, move)
        step = float(np.abs(new - chance).max())
        chance = 0.5 * (new + chance)
        if step < SETTLED:
            return chance
    raise SolveError(
        f"chances at pressure {pressure:g} do not come to rest (they still move by {step:.1e} after {MOST_ROUNDS:,} "
        "rounds): it lies on a fold; take other pressures"
    )


def sweep(
    land: Landscape,
    how: Behaviour,
    start: Float[AnyArray, "N K"],
    raised: Float[AnyArray, " steps"],
    weight: Float[AnyArray, " N"],
    *,
    hit: Float[AnyArray, "N K"] | None = None,
    pressure: float = 0.0,
    tell: Callable[[], None] = lambda: None,
) -> Sweep:
    """Raise a pressure through rising values and lower it again; weight: of players in the share, summing to 1.

    hit [player, choice]: what a shock costs, percent; the values are then its chance in a year, and its mean loss
    feeds the backlash: `B_i = (loss_i + raised hit_i) p_i / decay`, beside a pressure that stays. Where chances do not
    come to rest the share is not a number, and the way goes on from where it was. tell: called after each value of
    each way. Errors: InputError.
    """
    land, how = required_landscape(land), required_behaviour(how)
    size = array_of("weight", weight)
    if size.shape != (len(land.own),) or not np.isfinite(size).all():
        raise InputError(f"weight has shape {size.shape}; it must be {(len(land.own),)}, every value finite")
    chance = _chances("start", start, land)
    values = array_of("raised", raised)
    if (
        values.ndim != 1
        or len(values) < 2
        or not ((np.abs(values) <= LARGEST).all() and (np.diff(values) > 0).all())
    ):
        raise InputError(f"raised must be two or more rising numbers, at most {LARGEST:,.0f} in size")
    stays = number("pressure", pressure, -LARGEST, LARGEST)
    cost = None if hit is None else array_of("hit", hit)
    if cost is not None:
        if cost.shape != land.loss.shape or not np.isfinite(cost).all():
            raise InputError(f"hit has shape {cost.shape}; it must be {land.loss.shape}, every value finite")
        if values[0] < 0.0 or values[-1] > 1.0:
            raise InputError(f"raised goes from {values[0]:g} to {values[-1]:g}; chances lie from 0 to 1")
    ways = []
    for order in (values, values[::-1]):
        share = []
        for each in order:
            at = (land, float(each)) if cost is None else (land._replace(loss=land.loss + each * cost), stays)
            try:
                chance = _at_rest(at[0], how, at[1], chance)
            except SolveError:
                share.append(float("nan"))
            else:
                share.append(float(size @ (chance @ land.closing)))
            tell()
        ways.append(np.array(share))
    up, down = ways[0], ways[1][::-1]
    closes, opens = (
        half(values, up),
        half(values, down),
    )  # NaN beside a share without rest: nothing is passed there
    return Sweep(values, up, down, closes, opens, closes - opens)


def half(raised: FloatArray, share: FloatArray) -> float:
    """Lowest value at which a share passes one half, between steps in proportion; NaN where it does not."""
    above = np.flatnonzero((share[1:] >= 0.5) & (share[:-1] < 0.5))
    if not len(above):
        return float("nan")
    n = int(above[0])
    part = (0.5 - share[n]) / (share[n + 1] - share[n])
    return float(raised[n] + part * (raised[n + 1] - raised[n]))
