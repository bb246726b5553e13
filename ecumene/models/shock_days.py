"""The compiled simulation of production shocks: one day after another, in one scan.

The order of a day: events; orders for what was used and what stocks lack; production from stocks; distribution to
industries, then to all others, in proportion to orders; stocks take in what came. Deliveries of a day can be used from
the next.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Float, Int

from ecumene import jax_setup as jax_setup
from ecumene.models import shock_equations as eq
from ecumene.models.shock_base import Base
from ecumene.models.shock_events import Plan
from ecumene.types import AnyArray


class Parameters(NamedTuple):
    """Settings as arrays."""

    stock_days: Float[AnyArray, "K S"]  # 0 where endless
    endless: Float[AnyArray, "K S"]
    restoring_days: Float[AnyArray, "K S"]
    rating: Float[AnyArray, "K S"]
    psi: Float[AnyArray, ""]
    overproduction: Float[AnyArray, ""]
    overproduction_days: Float[AnyArray, ""]
    substitution: Float[AnyArray, ""]
    demand_response: Float[AnyArray, " F"]
    rebuild_days: Float[AnyArray, ""]
    builders: Float[AnyArray, " K"]
    smallest_input: Float[AnyArray, ""]


class Form(NamedTuple):
    """What is compiled in: hashable, one program for each."""

    reroutes: bool = False  # eta above 0
    complement: bool = False  # stocks by group of origin
    market: bool = False  # orders that partners cannot take go to all who export
    links: bool = False  # some event closes links: what an origin can send depends on who buys
    ahead: bool = True  # industries order for what they planned, not for what they made
    industries_first: bool = True  # industries are served before final uses and reconstruction
    daily: bool = True  # output and bindings of every day, not their sums alone


class State(NamedTuple):
    """What a day hands to the next."""

    stock: Float[AnyArray, "G K N S"]
    output: Float[AnyArray, "N S"]
    planned: Float[AnyArray, "N S"]
    overproduction: Float[AnyArray, "N S"]
    left: Float[AnyArray, "N S"]  # rho: capacity over normal output
    damage: Float[AnyArray, "N S"]
    work: Float[AnyArray, "K N"]
    income: Float[AnyArray, " N"]
    total: Float[AnyArray, "N S"]


class Day(NamedTuple):
    """What a day leaves behind; output and binding are empty where only sums are kept."""

    consumption: Float[AnyArray, "N F"]
    gap: Float[AnyArray, ""]
    work: Float[AnyArray, " N"]
    output: Float[AnyArray, "N S"] | None
    binding: Int[AnyArray, "N S"] | None


def technology(
    base: Base, parameters: Parameters, links: Float[AnyArray, "E K N R"], form: Form
) -> eq.Technology:
    """Inputs by group of origins: one group, or own economy, partners that stay open, partners that an event closes."""
    mix = jnp.asarray(base.mix)
    K, N, R, _ = base.mix.shape
    S = base.inputs.shape[2]
    if form.complement:
        own = jnp.broadcast_to(jnp.eye(N)[None], (K, N, R))
        members = [own, 1.0 - own]
        if form.links:
            closed = (1.0 - own) * jnp.asarray((links > 0).any(axis=0))
            members = [own, 1.0 - own - closed, closed]
        mix = mix[None] * jnp.stack(members)[..., None]
    else:
        mix = mix[None]
    share = mix.sum(axis=3)
    whole = share.sum(axis=0)
    part = jnp.where((whole > 0)[None], share / jnp.where(whole > 0, whole, 1.0)[None], 0.0)
    use = jnp.asarray(base.inputs)[None] * _users(part, base)[..., :S]
    counts = (parameters.endless == 0)[None, :, None, :] & (use > parameters.smallest_input)
    wide = (K, N, S)
    return eq.Technology(
        use, share, mix,
        jnp.broadcast_to(parameters.stock_days[:, None, :], wide),
        jnp.broadcast_to(parameters.endless[:, None, :], wide),
        jnp.broadcast_to(1.0 / parameters.restoring_days[:, None, :], wide),
        jnp.where(counts, parameters.rating[None, :, None, :], 0.0),
        _exported(base),
    )  # fmt: skip


def _exported(base: Base) -> Float[AnyArray, "K R"]:
    """Share of each origin in the world's exports of a sector; 0 where nothing is exported."""
    K, N, R, V = base.mix.shape
    used = jnp.asarray(base.inputs) * base.output[None]
    users = jnp.concatenate([used, base.final, jnp.zeros((K, N, 1))], axis=2)
    bought = users.reshape(K, N, V, -1).sum(axis=3)
    sales = jnp.einsum("knrv,knv->knr", base.mix, bought)
    exports = jnp.where(jnp.eye(N, R, dtype=bool)[None], 0.0, sales).sum(axis=1)
    world = exports.sum(axis=1, keepdims=True)
    return jnp.where(world > 0, exports / jnp.where(world > 0, world, 1.0), 0.0)


def _users(by_market: Float[AnyArray, "G K N V"], base: Base) -> Float[AnyArray, "G K N U"]:
    """Every user gets the value of its market."""
    G, K, N, V = by_market.shape
    users = base.inputs.shape[2] + base.final.shape[2] + 1
    return jnp.broadcast_to(by_market[..., None], (G, K, N, V, users // V)).reshape(G, K, N, users)


def _by_class(
    stocked: Float[AnyArray, "G K N S"], others: Float[AnyArray, "G K N _"], V: int, apart: bool
) -> Float[AnyArray, "C G K N V"]:
    """What each market wants, by class of buyers as they are served: one class, or industries and then all others."""
    if V == 1:
        parts = [stocked.sum(axis=3, keepdims=True), others.sum(axis=3, keepdims=True)]
        return jnp.stack(parts if apart else [parts[0] + parts[1]])
    whole = jnp.concatenate([stocked, others], axis=3)[None]
    if apart:
        nothing = jnp.zeros_like(whole)
        S = stocked.shape[3]
        whole = jnp.concatenate(
            [nothing.at[..., :S].set(stocked[None]), nothing.at[..., S:].set(others[None])]
        )
    return whole.reshape(*whole.shape[:4], V, -1).sum(axis=5)


def start(base: Base, tech: eq.Technology) -> State:
    """The base itself: full stocks, normal capacity, nothing destroyed."""
    x0 = jnp.asarray(base.output)
    K, N, _ = base.final.shape
    zero = jnp.zeros_like(x0)
    stock = tech.target_days[None] * tech.use * x0[None, None]
    return State(
        stock, x0, x0, jnp.ones_like(x0), jnp.ones_like(x0), zero, jnp.zeros((K, N)), jnp.ones(N), zero
    )


def day(
    base: Base,
    tech: eq.Technology,
    parameters: Parameters,
    plan: Plan,
    form: Form,
    state: State,
    today: dict[str, AnyArray],
) -> tuple[State, Day]:
    """One day; every equation stands in `shock_equations`."""
    mix, x0 = tech.mix, jnp.asarray(base.output)
    V, S, F = mix.shape[4], base.inputs.shape[2], base.final.shape[2]

    def standing(kind: str) -> AnyArray:
        return jnp.tensordot(today[kind], getattr(plan, kind), axes=1)

    destroyed = standing("capital") * base.capital
    damage = state.damage + destroyed
    work = state.work + parameters.builders[:, None] * destroyed.sum(axis=1)[None]
    has_capital = base.capital > 0
    lost_capital = standing("capacity") + jnp.where(
        has_capital, damage / jnp.where(has_capital, base.capital, 1.0), 0.0
    )
    # What an origin can send: by link where some close, else the same to all.
    weight = eq.openness(today["link"], plan.link) if form.links else jnp.ones_like(x0).T
    if form.reroutes:
        left_of = (state.left**parameters.substitution).T
        weight = weight * (left_of[:, None, :] if form.links else left_of)
    reach = eq.reach_of(tech, weight, form.reroutes, form.market)

    # Orders of all users: industries, final uses, reconstruction.
    response = 1.0 + parameters.demand_response[None] * (state.income[:, None] - 1.0)
    final = base.final * (1.0 - standing("demand")) * response[None]
    others = jnp.concatenate([final, (work / parameters.rebuild_days)[..., None]], axis=2)
    if form.complement:
        whole = _users(tech.share, base)[..., S:]
        part = whole.sum(axis=0)
        others = others[None] * jnp.where((part > 0)[None], whole / jnp.where(part > 0, part, 1.0)[None], 0.0)
    else:
        others = others[None]
    stocked = eq.needs(tech, state.stock, state.output, state.planned, form.ahead)
    wanted = _by_class(stocked, others, V, form.industries_first)
    ordered = jax.vmap(lambda part: eq.demand(mix, weight, part, reach.partners))(wanted)
    if form.market:
        ordered = ordered + jax.vmap(lambda part: eq.market_orders(tech, weight, part, reach))(wanted)
    ordered = ordered.transpose(0, 2, 1)
    demand = ordered.sum(axis=0)

    some = demand > 0
    scarcity = jnp.where(some, 1.0 - state.output / jnp.where(some, demand, 1.0), 0.0)
    over = eq.overproduction(
        state.overproduction, scarcity, parameters.overproduction, parameters.overproduction_days
    )
    absent = 1.0 - (1.0 - standing("labour")) * (1.0 - today["course"])
    x_cap = eq.capacity(x0, lost_capital, absent, over)
    left = jnp.where(x0 > 0, x_cap / jnp.where(x0 > 0, x0, 1.0), 1.0)
    planned = jnp.minimum(x_cap, demand)
    output, binding = eq.production(tech, state.stock, planned, parameters.psi)
    served = eq.served(ordered, output).transpose(0, 2, 1)

    def come(share: AnyArray) -> AnyArray:
        by_link = share[:, None, :] if form.links else share
        return _users(eq.filled(tech, weight * by_link, reach, form.market), base)

    fill = jax.vmap(come)(served)
    delivered, bought = stocked * fill[0, ..., :S], others * fill[-1, ..., S:]

    stock = state.stock - eq.use(tech, state.stock, output) + delivered
    consumption = bought[..., :F].sum(axis=(0, 1))
    unbuilt = jnp.maximum(work - bought[..., F].sum(axis=0), 0.0)
    before = work.sum(axis=0)
    damage = (
        damage * jnp.where(before > 0, unbuilt.sum(axis=0) / jnp.where(before > 0, before, 1.0), 0.0)[:, None]
    )
    earned = jnp.where(x0 > 0, base.value_added / jnp.where(x0 > 0, x0, 1.0), 0.0)
    income = (earned * output).sum(axis=1) / jnp.asarray(base.value_added).sum(axis=1)
    made, took = output.sum(axis=0), (delivered.sum(axis=3) + bought.sum(axis=3)).sum(axis=(0, 2))
    usual = x0.sum(axis=0)
    gap = jnp.where(
        usual > 0, jnp.abs(made - took) / jnp.where(usual > 0, usual, 1.0), jnp.abs(made - took)
    ).max()
    nxt = State(stock, output, planned, over, left, damage, unbuilt, income, state.total + output)
    kept = (output, binding) if form.daily else (None, None)
    return nxt, Day(consumption, gap, unbuilt.sum(axis=0), *kept)


def simulate(base: Base, parameters: Parameters, plan: Plan, form: Form) -> tuple[State, Day]:
    """All days; the fields of the returned Day have a leading axis of days."""
    tech = technology(base, parameters, plan.link, form)
    paths = {
        kind: getattr(plan, f"{kind}_path") for kind in ("capacity", "labour", "demand", "capital", "link")
    }
    paths["course"] = plan.course
    return jax.lax.scan(partial(day, base, tech, parameters, plan, form), start(base, tech), paths)


one = jax.jit(simulate, static_argnames="form")
"""One simulation."""


@partial(jax.jit, static_argnames="form")
def many(base: Base, parameters: Parameters, plan: Plan, form: Form) -> tuple[State, Day]:
    """Several plans at once: every array of `plan` has a leading axis."""
    return jax.vmap(simulate, in_axes=(None, None, 0, None))(base, parameters, plan, form)
