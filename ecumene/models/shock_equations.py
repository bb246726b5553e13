"""The equations of one day of production shocks, as pure functions.

Axes: class of buyers C, group of origins G, input sector K, buying economy N, origin R, industries S, markets V (see
`shock_base`).
Sources: Hallegatte (2008, 2013) and Henriet, Hallegatte and Tabourier (2012) for stocks, orders, rationing and
overproduction; Pichler, Pangallo, del Rio-Chanona, Lafond and Farmer (2022) for inputs that are not critical.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Float, Int

from ecumene.types import AnyArray

NOISE = 1e-12
"""Relative differences below this are rounding, not scarcity."""


class Technology(NamedTuple):
    """What does not change from day to day, one row a group of origins."""

    use: Float[AnyArray, "G K N S"]  # a, by group; sums to a over groups
    share: Float[AnyArray, "G K N V"]  # a group's share of a market's base purchases
    mix: Float[AnyArray, "G K N R V"]  # share of an origin in a market's purchases, in its group
    target_days: Float[AnyArray, "K N S"]  # n, 0 where stocks never end
    endless: Float[AnyArray, "K N S"]  # 1 where stocks never end
    speed: Float[AnyArray, "K N S"]  # 1 / tau
    binding: Float[AnyArray, "G K N S"]  # rating, 0 where an input cannot stop production
    exported: Float[AnyArray, "K R"]  # share of an origin in the world's exports; 0 where nothing is exported


def openness(path: Float[AnyArray, " E"], closure: Float[AnyArray, "E K N R"]) -> Float[AnyArray, "K N R"]:
    """`b = 1 - sum_e path_e closure_e`, 1 on an open link; exactly 0 where only rounding is left of it."""
    b = 1.0 - jnp.tensordot(path, closure, axes=1)
    return jnp.where(b < NOISE, 0.0, b)


def capacity(
    output0: Float[AnyArray, "N S"],
    lost_capital: Float[AnyArray, "N S"],
    lost_labour: Float[AnyArray, "N S"],
    overproduction: Float[AnyArray, "N S"],
) -> Float[AnyArray, "N S"]:
    """`x_cap = x0 (1 - dK) (1 - dL) overproduction`; exactly 0 where only rounding is left (Hallegatte 2013)."""
    left = (1.0 - lost_capital) * (1.0 - lost_labour)
    return output0 * jnp.where(left < NOISE, 0.0, left) * overproduction


def needs(
    tech: Technology,
    stock: Float[AnyArray, "G K N S"],
    output: Float[AnyArray, "N S"],
    planned: Float[AnyArray, "N S"],
    ahead: bool,
) -> Float[AnyArray, "G K N S"]:
    """`N = a x + L / tau`, `L = max(n a x_opt - S, 0)`: yesterday's use, and a part of what stocks lack.

    ahead: `N = a x + min(a (x_opt - x), L) + L / tau`, also what yesterday's plan would have used, if stocks lack it.
    Sources: Henriet et al. (2012); ahead after Pichler et al. (2022), where orders follow demand.
    """
    x, x_opt = output[None, None], planned[None, None]
    gap = jnp.maximum(tech.target_days[None] * tech.use * x_opt - stock, 0.0)
    extra = gap * tech.speed[None]
    if ahead:
        extra = extra + jnp.minimum(tech.use * (x_opt - x), gap)
    return tech.use * x + jnp.where(tech.endless[None] > 0, 0.0, extra)


def suppliers(
    mix: Float[AnyArray, "G K N R V"], weight: Float[AnyArray, "K N R"] | Float[AnyArray, "K R"]
) -> Float[AnyArray, "G K N V"]:
    """`sum_r mix weight` over each group of origins.

    A weight of the origin alone is a product of matrices that many scenarios share, where an economy is one market;
    with many markets it is written out by link, which moves no memory about.
    """
    if weight.ndim == 3 or mix.shape[4] > 1:
        return jnp.matmul(_by_link(mix, weight)[None, :, :, None, :], mix)[:, :, :, 0]
    return jnp.einsum("gknrv,kr->gknv", mix, weight)


def _by_link(
    mix: Float[AnyArray, "G K N R V"], weight: Float[AnyArray, "K N R"] | Float[AnyArray, "K R"]
) -> Float[AnyArray, "K N R"]:
    by_link = weight if weight.ndim == 3 else weight[:, None, :]
    return jnp.broadcast_to(by_link, mix.shape[1:4])


def demand(
    mix: Float[AnyArray, "G K N R V"],
    weight: Float[AnyArray, "K N R"] | Float[AnyArray, "K R"],
    wanted: Float[AnyArray, "G K N V"],
    reach: Float[AnyArray, "G K N V"],
) -> Float[AnyArray, "K R"]:
    """`D_i = sum_j N_kj b Z0_ij rho_i^eta / D_kj`: orders that reach a supplier; weight is `b rho^eta`."""
    level = jnp.where(reach > 0, wanted / jnp.where(reach > 0, reach, 1.0), 0.0)
    if weight.ndim == 3 or mix.shape[4] > 1:
        by_origin = jnp.matmul(mix, level[..., None])[..., 0].sum(axis=0)
        return (by_origin * _by_link(mix, weight)).sum(axis=1)
    return jnp.einsum("gknrv,gknv->kr", mix, level) * weight


class Reach(NamedTuple):
    """How far orders come, as a share of what is wanted."""

    partners: Float[AnyArray, "G K N V"]  # divisor of orders to partners of the base
    rest: Float[AnyArray, "G K N V"]  # share of what is wanted that goes to the world market
    market: Float[AnyArray, "K N"]  # divisor of orders there, 0 where it cannot be reached


def reach_of(
    tech: Technology, weight: Float[AnyArray, "K N R"] | Float[AnyArray, "K R"], by_weight: bool, market: bool
) -> Reach:
    """`D_kj` of the orders `N_kj b Z0 rho^eta / D_kj` to partners, and what is ordered elsewhere.

    by_weight: `D_kj = sum b Z0 rho^eta`, else `sum Z0`. market: partners take `b Z0 rho^eta / max(sum b Z0 rho^eta, 1)`
    of what is wanted (Z0 as shares), and the rest goes to all origins in proportion to `b rho^eta` of their exports;
    where none of them can be reached, partners are asked as without a market (assumption).
    """
    some = tech.share > 0
    nothing = jnp.zeros_like(tech.share)
    if not market:
        partners = suppliers(tech.mix, weight) if by_weight else tech.share
        return Reach(partners, nothing, jnp.zeros(tech.share.shape[1:3]))
    taken = suppliers(tech.mix, weight)
    by_link = weight if weight.ndim == 3 else weight[:, None, :]
    abroad = jnp.broadcast_to((tech.exported[:, None, :] * by_link).sum(axis=2), tech.share.shape[1:3])
    reached = some & (abroad > 0)[None, :, :, None]
    partners = jnp.where(reached, jnp.maximum(taken, 1.0), taken if by_weight else tech.share)
    rest = jnp.where(reached, 1.0 - taken / jnp.where(reached, partners, 1.0), 0.0)
    return Reach(partners, jnp.where(rest > NOISE, rest, 0.0), abroad)


def market_orders(
    tech: Technology,
    weight: Float[AnyArray, "K N R"] | Float[AnyArray, "K R"],
    wanted: Float[AnyArray, "G K N V"],
    reach: Reach,
) -> Float[AnyArray, "K R"]:
    """Orders that reach a supplier by the world market: `E_i b rho^eta sum_j N_kj rest_kj / sum_i E_i b rho^eta`."""
    asked = (wanted * reach.rest).sum(axis=(0, 3))
    level = jnp.where(reach.market > 0, asked / jnp.where(reach.market > 0, reach.market, 1.0), 0.0)
    if weight.ndim == 3:
        return tech.exported * (weight * level[:, :, None]).sum(axis=1)
    return tech.exported * weight * level.sum(axis=1)[:, None]


def filled(
    tech: Technology, weight: Float[AnyArray, "K N R"] | Float[AnyArray, "K R"], reach: Reach, market: bool
) -> Float[AnyArray, "G K N V"]:
    """Share of what is wanted that comes; weight is `b rho^eta` times the share of orders that a supplier serves."""
    came = suppliers(tech.mix, weight)
    fill = jnp.where(reach.partners > 0, came / jnp.where(reach.partners > 0, reach.partners, 1.0), 0.0)
    if not market:
        return fill
    by_link = weight if weight.ndim == 3 else weight[:, None, :]
    abroad = (tech.exported[:, None, :] * by_link).sum(axis=2)
    there = jnp.where(reach.market > 0, abroad / jnp.where(reach.market > 0, reach.market, 1.0), 0.0)
    return fill + reach.rest * there[None, :, :, None]


def production(
    tech: Technology,
    stock: Float[AnyArray, "G K N S"],
    planned: Float[AnyArray, "N S"],
    psi: Float[AnyArray, ""],
) -> tuple[Float[AnyArray, "N S"], Int[AnyArray, "N S"]]:
    """`x = x_opt min(1, min over k of 1 - c + c S / (psi n a x_opt))`, and the input that binds (-1: none).

    c is the rating: 1 critical, 1/2 important (half of the shortfall is passed on), 0 not critical.
    Threshold and stock are both in million USD, from daily use times days. Source: Henriet et al. (2012);
    Pichler et al. (2022) for c = 1/2, there relative to capacity.
    """
    threshold = psi * tech.target_days[None] * tech.use * planned[None, None]
    short = (tech.endless[None] == 0) & (stock < threshold)
    ratio = jnp.where(short, stock / jnp.where(short, threshold, 1.0), 1.0)
    limit = (1.0 - tech.binding * (1.0 - ratio)).min(axis=0)
    least = limit.min(axis=0)
    place = jnp.arange(limit.shape[0], dtype=jnp.int32)[:, None, None]
    first = jnp.where(limit <= least[None], place, limit.shape[0]).min(axis=0)
    return planned * least, jnp.where(least < 1.0, first, -1).astype(jnp.int32)


def served(ordered: Float[AnyArray, "C N S"], output: Float[AnyArray, "N S"]) -> Float[AnyArray, "C N S"]:
    """Share of orders that comes: what lacks is taken from the last class of buyers first, evenly within a class.

    One class: `x / D` (Hallegatte 2013). Industries, then all others: Hallegatte (2008).
    """
    short = jnp.maximum(ordered.sum(axis=0) - output, 0.0)
    found = []
    for orders in ordered[::-1]:
        some = orders > 0
        found.append(jnp.where(some, 1.0 - jnp.minimum(short / jnp.where(some, orders, 1.0), 1.0), 0.0))
        short = jnp.maximum(short - orders, 0.0)
    return jnp.stack(found[::-1])


def use(
    tech: Technology, stock: Float[AnyArray, "G K N S"], output: Float[AnyArray, "N S"]
) -> Float[AnyArray, "G K N S"]:
    """`min(a x, S)`: an input that does not bind is used as long as there is some."""
    wanted = tech.use * output[None, None]
    return jnp.where(tech.endless[None] > 0, wanted, jnp.minimum(wanted, stock))


def overproduction(
    level: Float[AnyArray, "N S"],
    scarcity: Float[AnyArray, "N S"],
    largest: Float[AnyArray, ""],
    time: Float[AnyArray, ""],
) -> Float[AnyArray, "N S"]:
    """Rises with scarcity `(D - x) / D` towards its largest value, else returns to 1 (Hallegatte 2008, 2013)."""
    return level + jnp.where(scarcity > NOISE, (largest - level) * scarcity, 1.0 - level) / time
