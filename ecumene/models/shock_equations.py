"""The equations of one day of production shocks, as pure functions.

Axes: group of origins G, input sector K, buying economy N, origin R, industries S, markets V (see `shock_base`).
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
) -> Float[AnyArray, "G K N S"]:
    """`N = a x + max(n a x_opt - S, 0) / tau`: yesterday's use, and a part of what stocks lack (Hallegatte 2013)."""
    x, x_opt = output[None, None], planned[None, None]
    gap = jnp.maximum(tech.target_days[None] * tech.use * x_opt - stock, 0.0)
    return tech.use * x + jnp.where(tech.endless[None] > 0, 0.0, gap) * tech.speed[None]


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
    short = stock < threshold
    ratio = jnp.where(short, stock / jnp.where(short, threshold, 1.0), 1.0)
    limit = (1.0 - tech.binding * (1.0 - ratio)).min(axis=0)
    least = limit.min(axis=0)
    place = jnp.arange(limit.shape[0], dtype=jnp.int32)[:, None, None]
    first = jnp.where(limit <= least[None], place, limit.shape[0]).min(axis=0)
    return planned * least, jnp.where(least < 1.0, first, -1).astype(jnp.int32)


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
