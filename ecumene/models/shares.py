"""Base shares of a world, and what a policy makes of them: the problem that is solved."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from ecumene.models.equations import Form, Problem
from ecumene.types import AnyArray


class Base(NamedTuple):
    """A base equilibrium: shares and levels, value added of the world 1. Sector first, as in `equations`."""

    pi: Float[AnyArray, "S R R"]  # share of origin i in spending of n on s
    paid: Float[AnyArray, "S R R"]  # 1 + base tariff
    theta: Float[AnyArray, " S"]
    beta: Float[AnyArray, "S R"]
    gamma: Float[AnyArray, "R S S"]
    alpha: Float[AnyArray, "S R"]
    value_added: Float[AnyArray, " R"]
    worker_share: Float[AnyArray, "S R"]
    factor_share: Float[AnyArray, "K S R"]
    deficit: Float[AnyArray, " R"]
    revenue: Float[AnyArray, " R"]
    spending: Float[AnyArray, "S R"]
    output: Float[AnyArray, "S R"]

    @property
    def income(self) -> Float[AnyArray, " R"]:
        """Value added, tariff revenue and deficit: base final spending."""
        return self.value_added + self.revenue + self.deficit


class Policy(NamedTuple):
    """One case. Links are given [origin, destination, sector], as everywhere outside the equations."""

    iceberg: Float[AnyArray, "R R S"]
    tariff: Float[AnyArray, "R R S"]
    theta: Float[AnyArray, " S"]
    transfer: Float[AnyArray, " R"]
    together: Float[AnyArray, "R R"]
    eta: Float[AnyArray, ""]
    epsilon: Float[AnyArray, ""]
    sigma: Float[AnyArray, ""]
    immobility: Float[AnyArray, " K"]
    exporters_keep: Float[
        AnyArray, ""
    ]  # share of rents that stays with the origin; the rest stays with the buyer's economy


def problem_of(base: Base, policy: Policy, form: Form) -> tuple[Problem, Float[Array, "S R"]]:
    """The problem of a case, and which goods an economy can still buy (1 or 0).

    `reach = pi (iceberg (1 + t') / (1 + t))^-theta`, exactly 0 on a closed link, with a zero derivative there.
    Where barriers are rents, a rise of the iceberg factor above 1 is a mark-up that somebody keeps: buyers pay the
    same, the goods are `1 / iceberg` of the price net of tariff, and nothing is used up on the way.
    Goods that nobody can supply any more are left out of baskets and recipes, whose other shares are scaled up to 1:
    the caller reports them (`missing`) and counts their loss apart.
    """
    iceberg, paid = policy.iceberg.transpose(2, 0, 1), 1.0 + policy.tariff.transpose(2, 0, 1)
    is_open = jnp.isfinite(iceberg) & (base.pi > 0)
    # The factor of a closed link is replaced before it meets the tariff, so that derivatives stay finite beside it.
    factor = jnp.where(is_open, iceberg, 1.0)
    kappa = factor * paid / base.paid
    reach = jnp.where(is_open, base.pi * jnp.exp(-policy.theta[:, None, None] * jnp.log(kappa)), 0.0)
    available = is_open.any(axis=1).astype(base.alpha.dtype)
    reach_net = reach_rent = reach / paid  # without rents nobody reads reach_rent
    if form.rents:
        kept = 1.0 - 1.0 / jnp.where(factor >= 1.0, factor, 1.0)
        reach_rent = policy.exporters_keep * kept * reach_net
        reach_net = (1.0 - kept) * reach_net

    alpha = base.alpha * available
    basket = alpha.sum(axis=0)
    gamma = base.gamma * available.T[:, :, None]
    recipe = base.beta + gamma.sum(axis=1).T
    usable = jnp.where(recipe > 0, recipe, 1.0)
    problem = Problem(
        reach=reach,
        reach_net=reach_net,
        reach_rent=reach_rent,
        theta=policy.theta,
        beta=jnp.where(recipe > 0, base.beta / usable, 1.0),
        gamma=gamma / usable.T[:, None, :],
        alpha=alpha / jnp.where(basket > 0, basket, 1.0)[None, :],
        value_added=base.value_added,
        worker_share=base.worker_share,
        factor_share=base.factor_share,
        transfer=policy.transfer,
        spending_ratio=base.income / (base.value_added + base.revenue),
        together=policy.together,
        scale=base.output.sum(axis=0),
        eta=policy.eta,
        epsilon=policy.epsilon,
        sigma=policy.sigma,
        immobility=policy.immobility,
    )
    return problem, available
