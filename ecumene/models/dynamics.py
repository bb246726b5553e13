"""How an order changes by itself: countries revise what they choose, now and then, and losers push towards closing.

Payoffs are those of a surrogate: what a choice gives by itself, and with each partner by what that partner chooses.
Revisions come one at a time, each with logit choice (Blume 1993); uncompensated losses build a stock of backlash that
adds to the payoff of closing, and beyond a threshold identities switch (Grossman and Helpman 2021, Review of Economic
Studies 88). With symmetric payoffs of pairs, and nothing that moves the payoffs, the process is reversible with
stationary law `exp(beta potential)`.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Int

from ecumene import jax_setup as jax_setup
from ecumene.errors import InputError
from ecumene.types import AnyArray, FloatArray


class Landscape(NamedTuple):
    """Payoffs by player N and choice K, percent of real income a year."""

    own: Float[AnyArray, "N K"]  # of a choice by itself
    pair: Float[
        AnyArray, "N N K K"
    ]  # to the first for its choice, while the second makes another; zero with itself
    loss: Float[AnyArray, "N K"]  # income that uncompensated losers lose each year under a choice
    closing: Float[AnyArray, " K"]  # 1 for a choice that closes, 0 for one that does not
    allowed: Bool[AnyArray, "N K"] | None = None  # what a player can choose; None is everything


class Behaviour(NamedTuple):
    """How players revise."""

    beta: float = 2.0  # responsiveness, per percent of income
    rate: float = 0.25  # revisions a year of one player
    switching: float = 0.0  # cost of a change, percent of income
    weight: float = 0.0  # payoff of closing for a unit of backlash
    decay: float = 0.1  # of the backlash, a year
    threshold: float = np.inf  # backlash at which identities switch
    jump: float = 0.0  # payoff of closing beyond it, percent of income


class Paths(NamedTuple):
    """What happened, year by year; the first year is the start."""

    choice: Int[AnyArray, "seeds years N"]
    backlash: Float[AnyArray, "seeds years N"]
    payoff: Float[AnyArray, "seeds years N"]  # of what is chosen, without backlash; percent of income


def evolve(
    landscape: Landscape,
    behaviour: Behaviour,
    start: Int[AnyArray, " N"],
    years: int,
    seeds: list[int],
    *,
    shock: Float[AnyArray, "seeds years N K"] | Float[AnyArray, "years N K"] | None = None,
    pressure: Float[AnyArray, "years N"] | None = None,
) -> Paths:
    """Paths of choices from a start, one for each seed.

    In a year the backlash follows `B <- (1 - decay) B + loss + shock`, by what is chosen; then about `rate N` players,
    drawn one after another, choose k with probability proportional to `exp(beta V_k)`,
    `V_k = own_k + sum_j pair_kj + closing_k (weight B + jump 1[B > threshold] + pressure) - switching 1[k is new]`.

    shock [(seed,) year, player, choice]: income lost in a year, percent, by what is chosen; without a first axis the
    same for all seeds. pressure [year, player]: payoff of closing that comes from outside. Errors: InputError (shapes,
    values). Source: Blume (1993), Games and Economic Behavior 5; Grossman and Helpman (2021) for identities.
    """
    land, start = _checked(landscape, start)
    N, K = land.own.shape
    if years < 1 or not seeds:
        raise InputError(f"years is {years} and there are {len(seeds)} seeds; give at least one of each")
    outside = _within("pressure", pressure, (years, N))
    each = shock is not None and np.ndim(shock) == 4
    hit = _within("shock", shock, (len(seeds), years, N, K) if each else (years, N, K))
    _require(behaviour)
    steps = jnp.asarray(max(round(behaviour.rate * N), 1))
    kept = jnp.array([getattr(behaviour, name) for name in Behaviour._fields])
    keys = jax.vmap(jax.random.key)(jnp.array(seeds, dtype=jnp.uint32))
    hits = np.broadcast_to(hit, (len(seeds), years, N, K))
    choice, backlash, payoff = _many(land, kept, start, keys, hits, outside, steps)
    return Paths(np.asarray(choice), np.asarray(backlash), np.asarray(payoff))


def share_of_time(paths: Paths, choices: int) -> FloatArray:
    """Share of years that each player spends in each choice, over all paths: [player, choice], rows sum to 1."""
    return np.stack([(paths.choice == k).mean(axis=(0, 1)) for k in range(choices)], axis=1)


def payoffs(land: Landscape, choice: Int[AnyArray, " N"]) -> Float[AnyArray, "N K"]:
    """`V_ik = own_ik + sum_j pair_ijk c_j`: what each choice would give each player, the others staying as they are."""
    made = jax.nn.one_hot(choice, land.own.shape[1], dtype=land.own.dtype)
    return land.own + jnp.einsum("ijkl,jl->ik", land.pair, made)


@jax.jit
def _many(
    land: Landscape,
    kept: Float[AnyArray, " parameters"],
    start: Int[AnyArray, " N"],
    keys: AnyArray,
    shock: Float[AnyArray, "seeds years N K"],
    pressure: Float[AnyArray, "years N"],
    steps: Int[AnyArray, ""],
) -> tuple[AnyArray, AnyArray, AnyArray]:
    one = partial(_one, land, Behaviour(*kept), start, pressure, steps)
    return jax.vmap(one)(shock, keys)


def _one(
    land: Landscape,
    how: Behaviour,
    start: Int[AnyArray, " N"],
    pressure: Float[AnyArray, "years N"],
    steps: Int[AnyArray, ""],
    shock: Float[AnyArray, "years N K"],
    key: AnyArray,
) -> tuple[AnyArray, AnyArray, AnyArray]:
    N, K = land.own.shape
    place = jnp.arange(N)
    allowed = jnp.ones((N, K), bool) if land.allowed is None else land.allowed

    def year(carry, today):
        choice, backlash, key = carry
        hit, push = today
        backlash = (1.0 - how.decay) * backlash + (land.loss + hit)[place, choice]
        felt = how.weight * backlash + how.jump * (backlash > how.threshold) + push

        def revise(_, at):
            choice, key = at
            key, who, what = jax.random.split(key, 3)
            i = jax.random.randint(who, (), 0, N)
            with_others = land.own[i] + land.pair[i, place, :, choice].sum(axis=0)
            value = with_others + land.closing * felt[i] - how.switching * (jnp.arange(K) != choice[i])
            odds = jnp.where(allowed[i], how.beta * value, -jnp.inf)
            return choice.at[i].set(jax.random.categorical(what, odds).astype(choice.dtype)), key

        choice, key = jax.lax.fori_loop(0, steps, revise, (choice, key))
        earned = payoffs(land, choice)[place, choice] - hit[place, choice]
        return (choice, backlash, key), (choice, backlash, earned)

    first = (start, jnp.zeros(N), key)
    _, found = jax.lax.scan(year, first, (shock, pressure))
    begin = (start, jnp.zeros(N), payoffs(land, start)[place, start])
    choice, backlash, payoff = (
        jnp.concatenate([jnp.asarray(at)[None], after]) for at, after in zip(begin, found, strict=True)
    )
    return choice, backlash, payoff


def _checked(land: Landscape, start: Int[AnyArray, " N"]) -> tuple[Landscape, AnyArray]:
    made = Landscape(*(np.asarray(part, dtype=np.float64) for part in land[:4]))
    if made.own.ndim != 2:
        raise InputError(f"own has shape {made.own.shape}; it must be players x choices")
    N, K = made.own.shape
    wanted = {"own": (N, K), "pair": (N, N, K, K), "loss": (N, K), "closing": (K,)}
    for name, shape in wanted.items():
        values = getattr(made, name)
        if values.shape != shape or not np.isfinite(values).all():
            raise InputError(f"{name} has shape {values.shape}; it must be {shape}, every value finite")
    if made.pair[np.arange(N), np.arange(N)].any():
        raise InputError("pair is not zero between a player and itself; put that into own")
    allowed = np.ones((N, K), bool) if land.allowed is None else np.asarray(land.allowed)
    if allowed.shape != (N, K) or allowed.dtype != bool:
        raise InputError(f"allowed has shape {allowed.shape}; it must be {(N, K)}, true or false")
    first = np.asarray(start)
    if first.shape != (N,) or first.dtype.kind not in "iu" or not ((first >= 0) & (first < K)).all():
        raise InputError(f"start must be {N} choices from 0 to {K - 1}, one for each player")
    if not allowed[np.arange(N), first].all():
        raise InputError(
            f"player {int((~allowed[np.arange(N), first]).argmax())} starts with what it cannot choose"
        )
    return made._replace(allowed=allowed), first.astype(np.int32)


def _within(name: str, values: AnyArray | None, shape: tuple[int, ...]) -> FloatArray:
    array = np.zeros(shape) if values is None else np.asarray(values, dtype=np.float64)
    if array.shape != shape or not np.isfinite(array).all():
        raise InputError(f"{name} has shape {array.shape}; it must be {shape}, every value finite")
    return array


_LEAST = {
    "beta": 0.0,
    "rate": 0.0,
    "switching": 0.0,
    "weight": 0.0,
    "decay": 0.0,
    "threshold": 0.0,
    "jump": 0.0,
}


def _require(behaviour: Behaviour) -> None:
    for name, least in _LEAST.items():
        value = getattr(behaviour, name)
        endless = name == "threshold" and value == np.inf
        if not ((np.isfinite(value) or endless) and value >= least):
            raise InputError(f"{name} is {value}; it must be finite and at least {least:g}")
    if behaviour.decay > 1.0:
        raise InputError(f"decay is {behaviour.decay}; it is a share of the backlash, at most 1")
