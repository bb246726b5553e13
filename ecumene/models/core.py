"""The compiled solve of one case: policy to problem, iteration, returned fields and their residual."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from ecumene import jax_setup as jax_setup
from ecumene.models.equations import Form, Problem, State, evaluate, initial_state, wage_error
from ecumene.models.response import Response, correct, pack, respond, unpack
from ecumene.models.shares import Base, Policy, problem_of
from ecumene.models.solve import Options, Stage, Status, anderson

RESIDUAL_TOLERANCE = 1e-9
"""A solve is ok only where the equations, recomputed from the returned fields, hold to this relative error."""

_STAGES = 6


class Outcome(NamedTuple):
    """The equilibrium of a case, sector first; levels relative to world value added."""

    w: Float[Array, " R"]
    P: Float[Array, "S R"]
    c: Float[Array, "S R"]
    P_consumption: Float[Array, " R"]
    pi: Float[Array, "S R R"]
    beta: Float[Array, "S R"]
    spending: Float[Array, "S R"]
    output: Float[Array, "S R"]
    income: Float[Array, " R"]
    revenue: Float[Array, " R"]
    sector_wage: Float[Array, "S R"]
    real_income: Float[Array, " R"]
    terms_of_trade: Float[Array, " R"]
    volume_of_trade: Float[Array, " R"]
    missing: Bool[Array, "S R"]
    residual: Float[Array, ""]


def _limit(scale: int, cells: int, options: Options):
    """Keep a step inside the domain: logarithms move by a bounded amount, outputs stay positive."""

    def limit(z: Float[Array, " n"], proposal: Float[Array, " n"]) -> Float[Array, " n"]:
        move = proposal - z
        logs = jnp.abs(move[: scale + cells]).max()
        bounded = z + move * jnp.minimum(1.0, options.largest_move / jnp.maximum(logs, options.largest_move))
        outputs = slice(scale + cells, scale + 2 * cells)
        return bounded.at[outputs].set(jnp.maximum(bounded[outputs], 0.1 * z[outputs]))

    return limit


def _relative(returned: Float[Array, "..."], recomputed: Float[Array, "..."]) -> Float[Array, ""]:
    size = jnp.maximum(jnp.abs(returned), jnp.abs(recomputed))
    gap = jnp.abs(returned - recomputed) / jnp.where(size > 0, size, 1.0)
    return jnp.where(jnp.isfinite(gap), gap, jnp.inf).max()


def outcome_of(base: Base, policy: Policy, problem: Problem, available: Float[Array, "S R"], state: State, form: Form) -> Outcome:
    """Fields of the equilibrium at a state, and the largest relative error of all equations between them."""
    at = evaluate(problem, state, form)
    pi = problem.reach * at.origin_weight[:, :, None] * at.destination_weight[:, None, :]

    settled = State(state.lw, at.lP, at.Y / problem.scale, at.lfactor, at.lspread)
    again = evaluate(problem, settled, form)
    pi_again = problem.reach * again.origin_weight[:, :, None] * again.destination_weight[:, None, :]
    checks = [
        jnp.abs(again.lP - at.lP).max(),
        jnp.abs(wage_error(problem, state.lw, again.beta, at.Y)).max(),
        _relative(pi, pi_again),
        _relative(at.Y, again.Y),
        _relative(at.spending, again.spending),
        _relative(at.income, again.income),
    ]
    if form.proportional:
        checks.append(jnp.abs(again.lfactor - at.lfactor).max())
    if form.sector_bound:
        checks.append(jnp.abs(again.lspread - at.lspread).max())
    residual = jnp.stack(checks).max()

    n_economies = state.lw.size
    foreign = 1.0 - jnp.eye(n_economies)
    cost = jnp.exp(at.lc)
    base_flow = base.pi * base.spending[:, None, :] / base.paid * foreign
    flow = pi * at.spending[:, None, :] / (1.0 + policy.tariff.transpose(2, 0, 1)) * foreign
    priced = base_flow * (cost - 1.0)[:, :, None]
    terms = (priced.sum(axis=(0, 2)) - priced.sum(axis=(0, 1))) / base.income
    volume = ((base.paid - 1.0) * (flow - base_flow * cost[:, :, None])).sum(axis=(0, 1)) / base.income

    used = (base.alpha > 0) | (base.gamma.sum(axis=2).T > 0)
    return Outcome(
        w=jnp.exp(state.lw),
        P=jnp.exp(at.lP),
        c=cost,
        P_consumption=jnp.exp(at.lP_consumption),
        pi=pi,
        beta=at.beta,
        spending=at.spending,
        output=at.Y,
        income=at.income,
        revenue=at.revenue,
        sector_wage=jnp.exp(state.lw + at.lspread),
        real_income=at.income / base.income * jnp.exp(-at.lP_consumption),
        terms_of_trade=terms,
        volume_of_trade=volume,
        missing=used & (available == 0),
        residual=residual,
    )


@partial(jax.jit, static_argnames=("form", "options"))
def attempt(
    base: Base, policy: Policy, response: Response, z: Float[Array, " n"], form: Form, options: Options
) -> tuple[Stage, Outcome]:
    """One stage: iterate from z with a given preconditioner, then read the fields off its best point."""
    problem, available = problem_of(base, policy)
    shape = base.alpha.shape
    stage = anderson(
        lambda point: correct(problem, response, unpack(point, shape, form), form),
        z,
        options,
        _limit(shape[1], shape[0] * shape[1], options),
    )
    return stage, outcome_of(base, policy, problem, available, unpack(stage.z, shape, form), form)


@jax.jit
def rebased(base: Base, outcome: Outcome, policy: Policy) -> Base:
    """The solved equilibrium as a base of its own, deficits included."""
    gamma = base.gamma * (outcome.P.T[:, :, None] ** (1.0 - policy.epsilon))
    total = gamma.sum(axis=1)
    gamma = gamma * ((1.0 - outcome.beta.T) / jnp.where(total > 0, total, 1.0))[:, None, :]
    alpha = base.alpha * (outcome.P / outcome.P_consumption) ** (1.0 - policy.sigma)
    alpha = alpha / alpha.sum(axis=0)
    paid_wages = outcome.beta * outcome.output
    earned = base.value_added * outcome.w
    return Base(
        pi=outcome.pi,
        paid=1.0 + policy.tariff.transpose(2, 0, 1),
        theta=policy.theta,
        beta=outcome.beta,
        gamma=gamma,
        alpha=alpha,
        value_added=earned,
        worker_share=paid_wages / paid_wages.sum(axis=0),
        deficit=outcome.income - outcome.revenue - earned,
        revenue=outcome.revenue,
        spending=outcome.spending,
        output=outcome.output,
    )


@partial(jax.jit, static_argnames=("form",))
def start(base: Base, policy: Policy, isolated: Float[Array, " R"], form: Form) -> Float[Array, " n"]:
    """The first guess: the base; for an economy whose every link is closed, autarky in closed form.

    Cobb-Douglas autarky: `ln P = (I - gamma')^-1 (-ln(pi_nn) / theta)` at w = 1, `Y = (I - gamma)^-1 alpha I`.
    """
    problem, _ = problem_of(base, policy)
    state = initial_state(problem, base.output)
    own = jnp.einsum("sii->si", problem.reach)
    change = -jnp.where(own > 0, jnp.log(jnp.where(own > 0, own, 1.0)), 0.0) / problem.theta[:, None]
    identity = jnp.eye(own.shape[0])
    lP = jnp.linalg.solve(identity - problem.gamma.transpose(0, 2, 1), change.T[:, :, None])[:, :, 0].T
    lP = jnp.where(own > 0, lP, 0.0)
    Y = jnp.linalg.solve(identity - problem.gamma, (problem.alpha * problem.value_added).T[:, :, None])[:, :, 0].T
    alone = isolated > 0
    closed = State(state.lw, lP, Y / problem.scale, -jnp.log(problem.spending_ratio), state.lspread)
    return pack(State(*(jnp.where(alone, a, b) for a, b in zip(closed, state, strict=True))), form)


def solve_case(
    base: Base, policy: Policy, response: Response, z: Float[Array, " n"], form: Form, options: Options
) -> tuple[Outcome, Stage, Status, int]:
    """Iterate, with a fresh preconditioner at the best point after every stage that did not converge."""
    steps = 0
    stage, outcome = attempt(base, policy, response, z, form, options)
    steps += int(stage.steps)
    for _ in range(_STAGES):
        if float(stage.error) <= options.tolerance or not jnp.isfinite(stage.error):
            break
        response = respond(rebased(base, outcome, policy))
        better, outcome_next = attempt(base, policy, response, stage.z, form, options)
        steps += int(better.steps)
        if not float(better.error) < float(stage.error):
            break
        stage, outcome = better, outcome_next
    return outcome, stage, _status(stage, outcome, options), steps


def _status(stage: Stage, outcome: Outcome, options: Options) -> Status:
    if not jnp.isfinite(stage.error):
        return Status.NOT_FINITE
    if float(outcome.residual) <= RESIDUAL_TOLERANCE:
        return Status.OK
    return Status.INACCURATE if float(stage.error) <= options.tolerance else Status.MAX_STEPS
