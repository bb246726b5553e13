"""How an order changes by itself: countries revise what they choose, now and then, and losers push towards closing.

Payoffs are those of a surrogate: what a choice gives by itself, and with each partner by what that partner chooses.
Revisions come one at a time, each with logit choice (Blume 1993); uncompensated losses build a stock of backlash that
adds to the payoff of closing, and beyond a threshold identities switch (Grossman and Helpman 2021, Review of Economic
Studies 88). With symmetric payoffs of pairs, nothing that moves the payoffs, and no cost of switching, the process is
reversible with stationary law `exp(beta potential)`; a cost of switching weighs a player's choices by more.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Int

from ecumene import jax_setup as jax_setup
from ecumene.errors import InputError
from ecumene.given import array_of, number, whole
from ecumene.types import AnyArray, BoolArray, FloatArray

LAST_SEED = 2**32 - 1
"""Largest seed of a path; seeds are kept in 32 bits."""


MOST_YEARS = 1_000_000
"""Years of a path at most."""


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
    jump: float = 0.0  # payoff of closing beyond it, percent of income; below 0 identities turn against it


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
    seeds: Sequence[int],
    *,
    shock: Float[AnyArray, "seeds years N K"] | Float[AnyArray, "years N K"] | None = None,
    pressure: Float[AnyArray, "years N"] | None = None,
) -> Paths:
    """Paths of choices from a start, one for each seed.

    In a year the backlash follows `B <- (1 - decay) B + loss + shock`, by what is chosen; then `rate N` players in
    the mean (the whole number below or above it), drawn one after another, choose k with probability proportional to
    `exp(beta V_k)`,
    `V_k = own_k + sum_j pair_kj + closing_k (weight B + jump 1[B > threshold] + pressure) - switching 1[k is new]`.

    shock [(seed,) year, player, choice]: income lost in a year, percent, by what is chosen; without a first axis the
    same for all seeds. pressure [year, player]: payoff of closing that comes from outside. Errors: InputError (shapes,
    values). Source: Blume (1993), Games and Economic Behavior 5; Grossman and Helpman (2021) for identities.
    """
    land, start = _checked(landscape, start)
    N, K = land.own.shape
    years = whole("years", years, 1, MOST_YEARS)
    seeds = _seeds(seeds)
    outside = _within("pressure", pressure, (years, N))
    told = None if shock is None else array_of("shock", shock)
    each = told is not None and told.ndim == 4
    hit = _within("shock", told, (len(seeds), years, N, K) if each else (years, N, K))
    behaviour = required_behaviour(behaviour)
    kept = jnp.array([getattr(behaviour, name) for name in Behaviour._fields])
    keys = jax.vmap(jax.random.key)(jnp.array(seeds, dtype=jnp.uint32))
    choice, backlash, payoff = _many(land, kept, start, keys, hit, outside)
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
    shock: Float[AnyArray, "seeds years N K"] | Float[AnyArray, "years N K"],
    pressure: Float[AnyArray, "years N"],
) -> tuple[AnyArray, AnyArray, AnyArray]:
    one = partial(_one, land, Behaviour(*kept), start, pressure)
    return jax.vmap(one, in_axes=(0 if shock.ndim == 4 else None, 0))(shock, keys)


def _one(
    land: Landscape,
    how: Behaviour,
    start: Int[AnyArray, " N"],
    pressure: Float[AnyArray, "years N"],
    shock: Float[AnyArray, "years N K"],
    key: AnyArray,
) -> tuple[AnyArray, AnyArray, AnyArray]:
    N, K = land.own.shape
    place = jnp.arange(N)
    mean = how.rate * N
    surely = jnp.floor(mean)
    allowed = jnp.ones((N, K), bool) if land.allowed is None else land.allowed

    def year(carry, today):
        choice, backlash, key = carry
        hit, push = today
        backlash = (1.0 - how.decay) * backlash + (land.loss + hit)[place, choice]
        felt = how.weight * backlash + how.jump * (backlash > how.threshold) + push

        key, many = jax.random.split(key)
        revisions = surely + (jax.random.uniform(many) < mean - surely)

        def revise(number, at):
            choice, key = at
            key, who, what = jax.random.split(key, 3)
            i = jax.random.randint(who, (), 0, N)
            with_others = land.own[i] + land.pair[i, place, :, choice].sum(axis=0)
            value = with_others + land.closing * felt[i] - how.switching * (jnp.arange(K) != choice[i])
            odds = jnp.where(allowed[i], how.beta * value, -jnp.inf)
            new = jnp.where(number < revisions, jax.random.categorical(what, odds), choice[i])
            return choice.at[i].set(new.astype(choice.dtype)), key

        choice, key = jax.lax.fori_loop(0, jnp.ceil(mean).astype(int), revise, (choice, key))
        earned = payoffs(land, choice)[place, choice] - hit[place, choice]
        return (choice, backlash, key), (choice, backlash, earned)

    first = (start, jnp.zeros(N), key)
    _, found = jax.lax.scan(year, first, (shock, pressure))
    begin = (start, jnp.zeros(N), payoffs(land, start)[place, start])
    choice, backlash, payoff = (
        jnp.concatenate([jnp.asarray(at)[None], after]) for at, after in zip(begin, found, strict=True)
    )
    return choice, backlash, payoff


def required_landscape(land: object) -> Landscape:
    """Payoffs as arrays that fit together, with what is allowed. Errors: InputError."""
    if not isinstance(land, Landscape):
        raise InputError(f"landscape is {land!r:.60}; give a Landscape of payoffs")
    made = Landscape(*(array_of(name, getattr(land, name)) for name in Landscape._fields[:4]))
    if made.own.ndim != 2 or not made.own.size:
        raise InputError(f"own has shape {made.own.shape}; it must be players x choices, one or more of each")
    N, K = made.own.shape
    wanted = {"own": (N, K), "pair": (N, N, K, K), "loss": (N, K), "closing": (K,)}
    for name, shape in wanted.items():
        values = getattr(made, name)
        if values.shape != shape or not np.isfinite(values).all():
            raise InputError(f"{name} has shape {values.shape}; it must be {shape}, every value finite")
    if made.pair[np.arange(N), np.arange(N)].any():
        raise InputError("pair is not zero between a player and itself; put that into own")
    allowed = np.ones((N, K), bool) if land.allowed is None else _yes_or_no(land.allowed)
    if allowed.shape != (N, K):
        raise InputError(f"allowed has shape {allowed.shape}; it must be {(N, K)}, true or false")
    return made._replace(allowed=allowed)


def _checked(land: Landscape, start: Int[AnyArray, " N"]) -> tuple[Landscape, AnyArray]:
    made = required_landscape(land)
    N, K = made.own.shape
    allowed = np.asarray(made.allowed)
    first = array_of("start", start)
    if first.shape != (N,) or not np.isin(first, np.arange(K)).all():
        raise InputError(f"start must be {N} choices from 0 to {K - 1}, one for each player")
    first = first.astype(np.int32)
    if not allowed[np.arange(N), first].all():
        raise InputError(
            f"player {int((~allowed[np.arange(N), first]).argmax())} starts with what it cannot choose"
        )
    return made, first


def _yes_or_no(given: object) -> BoolArray:
    try:
        found = np.asarray(given)
    except ValueError:  # uneven rows
        found = np.asarray(None)
    if found.dtype != bool:
        raise InputError(f"allowed is {given!r:.60}; give true or false by player and choice")
    return found


def _seeds(given: Sequence[int]) -> list[int]:
    try:
        seeds = list(given)
    except TypeError:
        raise InputError(f"seeds is {given!r:.60}; give a list of whole numbers, one for each path") from None
    if not seeds:
        raise InputError("there are 0 seeds; give one for each path")
    return [whole(f"seeds[{n}]", each, 0, LAST_SEED) for n, each in enumerate(seeds)]


def _within(name: str, values: AnyArray | None, shape: tuple[int, ...]) -> FloatArray:
    array = np.zeros(shape) if values is None else array_of(name, values)
    if array.shape != shape or not np.isfinite(array).all():
        raise InputError(f"{name} has shape {array.shape}; it must be {shape}, every value finite")
    return array


def required_behaviour(behaviour: object) -> Behaviour:
    """Numbers in their ranges. Errors: InputError."""
    if not isinstance(behaviour, Behaviour):
        raise InputError(f"behaviour is {behaviour!r:.60}; give a Behaviour")
    endless = isinstance(behaviour.threshold, float) and behaviour.threshold == np.inf
    found = {
        name: number(name, getattr(behaviour, name), -np.inf if name == "jump" else 0.0)
        for name in Behaviour._fields
        if not (endless and name == "threshold")
    }
    if behaviour.decay > 1.0:
        raise InputError(f"decay is {behaviour.decay}; it is a share of the backlash, at most 1")
    return behaviour._replace(**found)
