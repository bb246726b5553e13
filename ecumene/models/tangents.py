"""How everybody's real income moves with the tariff of each of many players: all of them from one iteration."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ecumene.models.equations import Evaluation, Form, Problem, State, evaluate
from ecumene.models.response import Response, correct, pack, steer, unpack
from ecumene.models.shares import Base, Policy, problem_of
from ecumene.models.solve import Options, anderson
from ecumene.types import AnyArray

TANGENT_OPTIONS = Options(memory=6, max_steps=200, patience=60)


class Tangents(NamedTuple):
    """Derivatives by `ln(1 + rate)` of every player's one rate; its own direction is one line of each.

    log_income [player, economy]: of log real income. volume [player, economy]: of the goods under the rate that each
    economy buys, at the unit costs of now, times `1 + rate`, over its income. z: of the unknowns. error: the largest
    error of the linear equations over the size of their right-hand side.
    """

    log_income: Float[Array, "K R"]
    volume: Float[Array, "K R"]
    z: Float[Array, "K n"]
    error: Float[Array, ""]


class _Seen(NamedTuple):
    """What a tariff moves at once, before any price answers."""

    at: Evaluation
    flow: Float[AnyArray, "S R R"]  # net of tariff
    rent: Float[AnyArray, "S R R"]  # that exporters keep
    quantity: Float[AnyArray, "S R R"]


def _see(problem: Problem, state: State, form: Form, cost: Float[AnyArray, "S R"] | None) -> _Seen:
    at = evaluate(problem, state, form)
    pull = (at.destination_weight * at.spending)[:, None, :]
    flow = problem.reach_net * at.origin_weight[:, :, None] * pull
    rent = problem.reach_rent * at.origin_weight[:, :, None] * pull if form.rents else jnp.zeros_like(flow)
    return _Seen(at, flow, rent, flow * jnp.exp((at.lc if cost is None else cost) - at.lc)[:, :, None])


# Without fused loops the program compiles in half the time and runs as fast; other backends do not read the flag.
@partial(jax.jit, static_argnames=("form",), compiler_options={"xla_cpu_use_fusion_emitters": False})
def tangents(
    base: Base,
    policy: Policy,
    response: Response,
    z: Float[Array, " n"],
    taxed: Float[Array, "R R S"],
    members: Float[Array, "K R"],
    form: Form,
    guess: Float[Array, "K n"],
    tolerance: float | Float[Array, ""],
) -> Tangents:
    """Derivatives of an equilibrium by the tariff of each player, players side by side.

    At the equilibrium the preconditioned step f(z, t) is zero, so `(df/dz) dz = -df/dt`. Players tax different
    destinations: one derivative by all rates at once, read destination by destination, holds every right-hand side,
    and all solutions come from one accelerated iteration on the matrix of them. `taxed` is 1 on the links under a
    rate, `members` [player, economy] says whose they are; `guess` is a solution nearby, or zeros.
    """
    exact = Response(*(part.astype(z.dtype) for part in response))
    shape = base.alpha.shape
    paid = 1.0 + policy.tariff
    problem, _ = problem_of(base, policy, form)
    state = unpack(z, shape, form)
    cost = evaluate(problem, state, form).lc

    def by_rate(tariff: Float[Array, "R R S"]) -> _Seen:
        return _see(problem_of(base, policy._replace(tariff=tariff), form)[0], state, form, cost)

    # At once: what each destination's own rates do there, and to those who sell there.
    seen, direct = jax.jvp(by_rate, (policy.tariff,), (paid * taxed,))
    at, whose = seen.at, members[:, None, :]
    own = at.income / (problem.spending_ratio * jnp.exp(state.lfactor))
    gained = members * (direct.at.income / at.income * own)[None, :]
    group, spent = problem.together @ own, problem.together @ (problem.spending_ratio * own)
    paid_out = problem.spending_ratio[None, :] * gained
    factor = gained @ problem.together.T / group[None, :] - paid_out @ problem.together.T / spent[None, :]
    zero = jnp.zeros_like(members)
    errors = State(
        zero,
        direct.at.lP[None] * whose,
        jnp.einsum("sin,kn->ksi", direct.flow, members) / problem.scale[None, None, :],
        factor,
        jnp.zeros((*zero.shape[:1], *shape)),
        jnp.einsum("sin,kn->ki", direct.rent, members) / problem.value_added[None, :],
    )

    def ask(raw: State) -> Float[Array, " n"]:
        return pack(steer(problem, exact, state, at, raw, form), form)

    nothing = jax.tree.map(lambda part: jnp.zeros_like(part[0]), errors)
    _, asked = jax.linearize(ask, nothing)
    right = jax.vmap(asked)(errors)
    _, moved = jax.linearize(lambda point: correct(problem, exact, unpack(point, shape, form), form)[0], z)
    push = jax.vmap(moved)
    size = jnp.maximum(jnp.abs(right).max(axis=1, keepdims=True), jnp.finfo(z.dtype).tiny)

    def direction(
        flat: Float[Array, " kn"],
    ) -> tuple[Float[Array, " kn"], Float[Array, ""], Float[Array, ""]]:
        rest = push(flat.reshape(right.shape)) + right
        error = (jnp.abs(rest) / size).max()
        return rest.reshape(-1), error, error

    goal = jnp.asarray(tolerance, dtype=z.dtype)
    stage = anderson(direction, guess.reshape(-1), TANGENT_OPTIONS, lambda _, proposal: proposal, goal)
    dz = stage.z.reshape(right.shape)

    def answers(point: Float[Array, " n"]) -> tuple[Float[AnyArray, ...], ...]:
        now = evaluate(problem, unpack(point, shape, form), form)
        buys = jnp.log(now.destination_weight + (now.destination_weight == 0)) + jnp.log(
            now.spending + (now.spending == 0)
        )
        shift = problem.theta[:, None] * now.lc
        return jnp.log(now.income) - now.lP_consumption, -shift - now.lc, buys + shift.min(axis=1)[:, None]

    _, answered = jax.linearize(answers, z)
    income, sells, buys = jax.vmap(answered)(dz)
    weight = (paid * taxed).transpose(2, 0, 1) * seen.flow / at.income[None, None, :]
    bought = jnp.where(seen.flow > 0, direct.quantity / jnp.where(seen.flow > 0, seen.flow, 1.0), 0.0)
    volume = (weight * bought).sum(axis=(0, 1))[None, :] + jnp.einsum("ksi,sin->kn", sells, weight)
    volume = volume + (buys * weight.sum(axis=1)[None]).sum(axis=1)
    first = members * (direct.at.income / at.income)[None, :]
    return Tangents(income + first, members * volume, dz, stage.error)
