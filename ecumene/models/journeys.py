"""Travel between economies: whom a day of journeys moves, and how far apart travel makes two economies.

The number of travellers on a link is fixed, their state of health is not. As many go as come: a journey is
made there and back, so that a link carries in both directions what its more closed direction lets pass, and
no population drifts.

Sources: Colizza, Barrat, Barthelemy and Vespignani (2006), PNAS 103, 2015-2020; Brockmann and Helbing (2013),
Science 342, 1337-1342; Gautreau, Barrat and Barthelemy (2008), J. Theor. Biol. 251, 509-522.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float
from scipy.sparse.csgraph import dijkstra

from ecumene.errors import InputError
from ecumene.models import tauleap
from ecumene.types import AnyArray

CHANCES = 8
"""Uniform numbers of a day of journeys, for each age group and economy."""

_ROTATION, _OTHER = 0.6180339887498949, 0.4142135623730951
"""Steps on the circle for further travellers: the golden ratio and the square root of two, less one."""


class Network(NamedTuple):
    """Travellers of a day, nothing closed."""

    travellers: Float[AnyArray, "R R"]  # symmetric, zero diagonal
    mix: Float[AnyArray, " G"]  # share of each age group among travellers
    leaving: Float[AnyArray, " R"]  # travellers of an economy
    chosen: Float[AnyArray, "R R"]  # cumulative shares of destinations


class Moved(NamedTuple):
    """What a day of journeys did."""

    state: Float[AnyArray, "4 G R"]
    arrived: Float[AnyArray, " R"]  # exposed or infectious people who came
    added: Float[AnyArray, ""]  # infected people who travelled beyond those at their origin


def network(travel: Float[np.ndarray, "R R"], mix: Float[np.ndarray, " G"]) -> Network:
    """A network from travellers a day [origin, destination], already checked and symmetric."""
    leaving = travel.sum(axis=1)
    share = np.divide(travel, leaving[:, None], out=np.zeros_like(travel), where=leaving[:, None] > 0)
    chosen = np.cumsum(share, axis=1)
    chosen[leaving > 0] /= chosen[leaving > 0, -1:]
    return Network(travel, mix, leaving, chosen)


def kept(
    out: Float[AnyArray, " R"], into: Float[AnyArray, " R"], pairs: Float[AnyArray, "R R"]
) -> Float[AnyArray, "R R"]:
    """Share of journeys that closures leave.

    `k_ij = min(q_ij, q_ji)`, `q_ij = (1 - c_out_i)(1 - c_in_j)(1 - c_ij)`. Shapes: what is open of leaving and
    entering [economy], of pairs [origin, destination].
    """
    one_way = out[:, None] * into[None, :] * pairs
    return jnp.minimum(one_way, one_way.T)


def mean_travel(
    state: Float[AnyArray, "C G R"], share: Float[AnyArray, "G R"], links: Float[AnyArray, "R R"]
) -> Float[AnyArray, "C G R"]:
    """Net arrivals of a day without chance: `sum_i W_ij g (x_i / N_i - x_j / N_j)`, W symmetric.

    Shapes: state in people, share g / N [group, economy], links W in travellers a day; result in people.
    """
    sent = state * share[None]
    return _across(sent, links) - sent * links.sum(axis=1)[None, None, :]


def _across(sent: Float[AnyArray, "C G R"], links: Float[AnyArray, "R R"]) -> Float[AnyArray, "C G R"]:
    n = links.shape[0]
    return (sent.reshape((-1, n)) @ links).reshape(sent.shape)


def drawn_travel(
    u: Float[AnyArray, "8 G R"],
    state: Float[AnyArray, "4 G R"],
    N: Float[AnyArray, "G R"],
    few: Bool[AnyArray, " R"],
    net: Network,
    links: Float[AnyArray, "R R"],
    keep: Float[AnyArray, "R R"],
) -> Moved:
    """A day of journeys in which infected people are drawn one by one where they are few.

    From economies with many infected to ones with few, whole arrivals are drawn (Poisson) and taken from the
    origins in proportion to what they send. Out of economies with few, travellers are drawn (binomial), each
    chooses a destination by base travel and is let through with the share that closures keep; those of one
    origin, compartment and day choose systematically, one random start and equal steps on the circle. Between
    economies with many, and for susceptible and removed people, travel is its mean. What chance adds to or
    takes from the travellers of an economy is made up by people not infected, so that N stays.
    """
    share = net.mix[:, None] / N
    infected = state[1:3]
    crowd = jnp.where(few[None, None, :], 0.0, infected)

    # From many, to all.
    sent = crowd * share[None]
    mean = _across(sent, links)
    few_here = jnp.broadcast_to(few[None, None, :], mean.shape)
    whole = tauleap.poisson(jnp.where(few_here, mean, 0.0), u[0:2])
    arrived = jnp.where(few_here, whole, mean)
    ratio = arrived / jnp.where(mean > 0.0, mean, 1.0)
    gone = sent * _across(ratio, links)
    left = jnp.minimum(gone, crowd)
    added = (gone - left).sum()
    infected = infected - left + arrived

    # From few, one by one.
    alone = jnp.where(few_here, state[1:3], 0.0)
    chance = jnp.minimum(share * net.leaving[None, :], 1.0)
    going = tauleap.binomial(alone, jnp.broadcast_to(chance[None], alone.shape), u[2:4])
    economy = jnp.arange(few.shape[0])
    find = jax.vmap(lambda row, u: jnp.searchsorted(row, u, side="right"), in_axes=(0, -1), out_axes=-1)

    def one_more(carry):
        turn, net_change, came = carry
        where, let = (jnp.mod(u[k : k + 2] + turn * step, 1.0) for k, step in ((4, _ROTATION), (6, _OTHER)))
        to = jnp.minimum(find(jnp.asarray(net.chosen), where), few.shape[0] - 1)
        passes = (going > turn) & (let < keep[economy[None, None, :], to])
        moved = passes.astype(jnp.float64)
        landed = jnp.zeros_like(moved)
        first, second, _ = jnp.indices(moved.shape)
        landed = landed.at[first, second, to].add(moved)
        return turn + 1, net_change + landed - moved, came + landed.sum(axis=(0, 1))

    _, change, came = jax.lax.while_loop(
        lambda carry: jnp.any(going > carry[0]),
        one_more,
        (0, jnp.zeros(alone.shape), jnp.zeros(few.shape)),
    )
    infected = infected + change

    others = state[0::3] + mean_travel(state[0::3], share, links)
    balance = N - infected.sum(axis=0) - others.sum(axis=0)
    to_susceptible = others[0] >= others[1]
    S = others[0] + jnp.where(to_susceptible, balance, 0.0)
    R = others[1] + jnp.where(to_susceptible, 0.0, balance)
    return Moved(jnp.stack([S, infected[0], infected[1], R]), arrived.sum(axis=(0, 1)) + came, added)


def effective_distance(travel: Float[np.ndarray, "R R"]) -> Float[np.ndarray, "R R"]:
    """Effective distance between economies: the shortest path over links of length `1 - ln P_ij`.

    `P_ij = F_ij / sum_j F_ij`, the share of travellers from i who go to j. Shapes: travel and result [origin,
    destination]; infinite where no path exists. Errors: InputError for a negative or missing number.
    Source: Brockmann and Helbing (2013), eq. 2.
    """
    travel = np.array(travel, dtype=np.float64)
    if travel.ndim != 2 or travel.shape[0] != travel.shape[1]:
        raise InputError(f"travel has shape {travel.shape}; give origin x destination, a square")
    if not (travel >= 0.0).all():
        i, j = np.argwhere(~(travel >= 0.0))[0]
        raise InputError(f"travel at ({i}, {j}) is {travel[i, j]}; give 0 or more, 0 where nobody travels")
    np.fill_diagonal(travel, 0.0)
    total = travel.sum(axis=1, keepdims=True)
    share = np.divide(travel, total, out=np.zeros_like(travel), where=total > 0)
    length = np.zeros_like(share)
    length[share > 0] = 1.0 - np.log(share[share > 0])
    return dijkstra(length)  # a zero is no link: every length is at least 1
