"""A path of cases from the base to a policy, walked where the policy cannot be reached in one go."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ecumene.models.shares import Base, Policy


@jax.jit
def between(base: Base, policy: Policy, together: Float[Array, "R R"], part: Float[Array, ""]) -> Policy:
    """The case `part` (0: the base) of the way: logs of trade costs and of 1 + tariff, and deficits, in proportion.

    A link that the policy closes keeps `(1 - part)^2` of its trade at unchanged prices. `together` groups economies by
    the links of the base, all of which are still open.
    """
    theta = policy.theta[None, None, :]
    fading = -2.0 * jnp.log1p(-part) / theta
    is_open = jnp.isfinite(policy.iceberg)
    log_cost = jnp.where(is_open, part * jnp.log(jnp.where(is_open, policy.iceberg, 1.0)), fading)
    paid = base.paid.transpose(1, 2, 0)
    change = (1.0 + policy.tariff) / paid
    return policy._replace(
        iceberg=jnp.exp(log_cost),
        tariff=jnp.where(is_open, paid * change**part, paid) - 1.0,
        transfer=(1.0 - part) * base.deficit + part * policy.transfer,
        together=together,
    )
