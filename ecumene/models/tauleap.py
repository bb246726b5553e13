"""Random whole numbers for small counts, by inversion: one uniform number gives one draw.

Gillespie (2001), J. Chem. Phys. 115, 1716, for leaps; Cao, Gillespie and Petzold (2005), J. Chem. Phys. 123,
054104, for binomial ones, which never take more than there is.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Float

from ecumene.types import AnyArray

LARGEST_MEAN = 100.0
"""Largest mean that is drawn; above it the mean itself is used, rounded up or down by chance."""

_MOST = 250  # no draw is larger: for a mean of 100 the chance of more is below 1e-30


def rounded(values: Float[AnyArray, "*shape"], u: Float[AnyArray, "*shape"]) -> Float[AnyArray, "*shape"]:
    """Whole numbers with these means: `floor(x + u)`, u uniform on [0, 1)."""
    return jnp.floor(values + u)


def poisson(mean: Float[AnyArray, "*shape"], u: Float[AnyArray, "*shape"]) -> Float[AnyArray, "*shape"]:
    """Poisson draws; a mean above `LARGEST_MEAN` is rounded by chance instead."""
    small = mean <= LARGEST_MEAN
    rate = jnp.where(small, mean, 0.0)
    drawn = _inverted(jnp.exp(-rate), u, lambda p, k: p * rate / k)
    return jnp.where(small, drawn, rounded(mean, u))


def binomial(
    count: Float[AnyArray, "*shape"], chance: Float[AnyArray, "*shape"], u: Float[AnyArray, "*shape"]
) -> Float[AnyArray, "*shape"]:
    """Binomial draws of whole counts, never above the count; a mean above `LARGEST_MEAN` is rounded by chance."""
    rare = jnp.minimum(chance, 1.0 - chance)
    small = count * rare <= LARGEST_MEAN
    n = jnp.where(small, count, 0.0)
    odds = rare / (1.0 - rare)  # rare is at most one half
    none = jnp.exp(n * jnp.log1p(-rare))
    drawn = jnp.minimum(_inverted(none, u, lambda p, k: p * odds * jnp.maximum(n - k + 1.0, 0.0) / k), n)
    drawn = jnp.where(small, drawn, rounded(count * rare, u))
    return jnp.where(chance <= 0.5, drawn, count - drawn)


def _inverted(first, u, following):
    """The smallest k whose cumulative probability exceeds u; `following(p, k)` gives the k-th from the last."""

    def more(carry):
        k, _, cumulative, _ = carry
        return (k < _MOST) & jnp.any(u >= cumulative)

    def add(carry):
        k, p, cumulative, drawn = carry
        drawn = drawn + (u >= cumulative)
        p = following(p, k)
        return k + 1.0, p, cumulative + p, drawn

    return jax.lax.while_loop(more, add, (1.0, first, first, jnp.zeros_like(first)))[3]
