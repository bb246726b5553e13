"""The compiled solve of one case: policy to problem, iteration, returned fields and their residual."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from ecumene import jax_setup as jax_setup
from ecumene.models.equations import (
    Form,
    Problem,
    State,
    evaluate,
    factor_prices,
    initial_state,
    wage_error,
)
from ecumene.models.groups import trading_groups
from ecumene.models.path import between
from ecumene.models.response import Response, correct, pack, respond, unpack
from ecumene.models.shares import Base, Policy, problem_of
from ecumene.models.solve import Options, Stage, Status, anderson
from ecumene.types import AnyArray, BoolArray

RESIDUAL_TOLERANCE = 1e-9
"""A solve is ok only where the equations, recomputed from the returned fields, hold to this relative error."""

_STAGES = 6
_SHORTEST_STRIDE = 1 / 256
_ON_PATH = 1e-6


class Outcome(NamedTuple):
    """The equilibrium of a case, sector first; levels relative to world value added."""

    w: Float[AnyArray, " R"]
    P: Float[AnyArray, "S R"]
    c: Float[AnyArray, "S R"]
    P_consumption: Float[AnyArray, " R"]
    pi: Float[AnyArray, "S R R"]
    beta: Float[AnyArray, "S R"]
    spending: Float[AnyArray, "S R"]
    output: Float[AnyArray, "S R"]
    income: Float[AnyArray, " R"]
    revenue: Float[AnyArray, " R"]  # tariffs, and the rents that buyers' economies keep
    rent: Float[AnyArray, " R"]  # rents that exporters keep
    sector_wage: Float[AnyArray, "S R"]
    factor_wage: Float[AnyArray, "K R"]  # mean over sectors
    factor_sector_wage: Float[AnyArray, "K S R"]
    real_income: Float[AnyArray, " R"]
    missing: Bool[AnyArray, "S R"]
    residual: Float[AnyArray, ""]


def _domain(base: Base) -> tuple[int, int]:
    """How many wages and how many cells the unknowns hold."""
    return base.value_added.size, base.alpha.size


def _limit(scale: int, cells: int, options: Options):
    """Keep a step inside the domain: logarithms move by a bounded amount, outputs stay positive."""

    def limit(z: Float[Array, " n"], proposal: Float[Array, " n"]) -> Float[Array, " n"]:
        move = proposal - z
        logs = jnp.abs(move[: scale + cells]).max()
        bounded = z + move * jnp.minimum(1.0, options.largest_move / jnp.maximum(logs, options.largest_move))
        outputs = slice(scale + cells, scale + 2 * cells)
        return bounded.at[outputs].set(jnp.maximum(bounded[outputs], 0.1 * z[outputs]))

    return limit


def _relative(returned: Float[AnyArray, ...], recomputed: Float[AnyArray, ...]) -> Float[AnyArray, ""]:
    size = jnp.maximum(jnp.abs(returned), jnp.abs(recomputed))
    gap = jnp.abs(returned - recomputed) / jnp.where(size > 0, size, 1.0)
    return jnp.where(jnp.isfinite(gap), gap, jnp.inf).max()


def outcome_of(
    base: Base, policy: Policy, problem: Problem, available: Float[AnyArray, "S R"], state: State, form: Form
) -> Outcome:
    """Fields of the equilibrium at a state, and the largest relative error of all equations between them."""
    at = evaluate(problem, state, form)
    pi = problem.reach * at.origin_weight[:, :, None] * at.destination_weight[:, None, :]

    settled = State(state.lw, at.lP, at.Y / problem.scale[None, :], at.lfactor, at.lspread, at.rent)
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
    if form.factors:
        checks.append(jnp.abs(again.lspread - at.lspread).max())
    if form.rents:
        checks.append(jnp.abs(again.rent - at.rent).max())
    residual = jnp.stack(checks).max()

    used = (base.alpha > 0) | (base.gamma.sum(axis=2).T > 0)
    lmean, lsector = factor_prices(problem, at.beta * at.Y)
    return Outcome(
        w=jnp.exp(state.lw),
        P=jnp.exp(at.lP),
        c=jnp.exp(at.lc),
        P_consumption=jnp.exp(at.lP_consumption),
        pi=pi,
        beta=at.beta,
        spending=at.spending,
        output=at.Y,
        income=at.income,
        revenue=at.revenue,
        rent=at.rent * problem.value_added,
        sector_wage=jnp.exp(state.lw[None, :] + at.lspread),
        factor_wage=jnp.exp(state.lw[None, :] + lmean),
        factor_sector_wage=jnp.exp(state.lw[None, None, :] + lmean[:, None, :] + lsector),
        real_income=at.income / base.income * jnp.exp(-at.lP_consumption),
        missing=used & (available == 0),
        residual=residual,
    )


def attempt(
    base: Base,
    policy: Policy,
    response: Response,
    z: Float[Array, " n"],
    tolerance: float,
    form: Form,
    options: Options,
) -> tuple[Stage, Outcome]:
    """One stage: iterate from z with a given preconditioner, then read the fields off its best point."""
    return compiled_attempt(base, policy, response, z, tolerance, form, options._replace(tolerance=0.0))


@partial(jax.jit, static_argnames=("form", "options"))
def compiled_attempt(
    base: Base,
    policy: Policy,
    response: Response,
    z: Float[Array, " n"],
    tolerance: float | Float[Array, ""],
    form: Form,
    options: Options,
) -> tuple[Stage, Outcome]:
    """`attempt`, compiled; the tolerance comes apart from the settings, so that another one needs no new program."""
    if not form.tariffs:
        # Constants fold away: the plain case reads neither table of rates.
        base = base._replace(paid=jnp.ones_like(base.paid))
        policy = policy._replace(tariff=jnp.zeros_like(policy.tariff))
    problem, available = problem_of(base, policy, form)
    shape = base.alpha.shape
    stage = anderson(
        lambda point: correct(problem, response, unpack(point, shape, form), form),
        z,
        options,
        _limit(*_domain(base), options),
        jnp.asarray(tolerance, dtype=z.dtype),
    )
    return stage, outcome_of(base, policy, problem, available, unpack(stage.z, shape, form), form)


@jax.jit
def rebased(base: Base, outcome: Outcome, policy: Policy) -> Base:
    """The solved equilibrium as a base of its own, deficits included."""
    gamma = base.gamma * (outcome.P.T[:, :, None] ** (1.0 - policy.epsilon))
    total = gamma.sum(axis=1)
    gamma = gamma * ((1.0 - outcome.beta.T) / jnp.where(total > 0, total, 1.0))[:, None, :]
    alpha = base.alpha * (outcome.P / outcome.P_consumption[None, :]) ** (1.0 - policy.sigma)
    alpha = alpha / alpha.sum(axis=0, keepdims=True)
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
        worker_share=paid_wages / paid_wages.sum(axis=0, keepdims=True),
        factor_share=base.factor_share,
        deficit=outcome.income - outcome.revenue - outcome.rent - earned,
        revenue=outcome.revenue,
        spending=outcome.spending,
        output=outcome.output,
    )


compiled_problem = jax.jit(problem_of, static_argnames="form")
"""One program instead of many small ones."""
_initial_state = jax.jit(initial_state)
_packed = jax.jit(pack, static_argnames=("form",))


def start(base: Base, policy: Policy, isolated: BoolArray, form: Form) -> Float[Array, " n"]:
    """The first guess: the base; for an economy whose every link is closed, autarky in closed form.

    Cobb-Douglas autarky: `ln P = (I - gamma')^-1 (-ln(pi_nn) / theta)` at w = 1, `Y = (I - gamma)^-1 alpha I`.
    """
    problem = jax.tree.map(np.asarray, compiled_problem(base, policy, form)[0])
    state = jax.tree.map(np.asarray, _initial_state(problem, base.output))
    if isolated.any():
        own = np.einsum("sii->si", problem.reach)[:, isolated]
        gamma, alpha = problem.gamma[isolated], problem.alpha[:, isolated]
        change = -np.log(np.where(own > 0, own, 1.0)) / problem.theta[:, None]
        identity = np.eye(len(own))
        lP = np.linalg.solve(identity - gamma.transpose(0, 2, 1), change.T[:, :, None])[:, :, 0].T
        income = (alpha * problem.value_added[isolated]).T[:, :, None]
        Y = np.linalg.solve(identity - gamma, income)[:, :, 0].T
        state = State(*(part.copy() for part in state))
        state.lP[:, isolated] = np.where(own > 0, lP, 0.0)
        state.y[:, isolated] = Y / problem.scale[isolated]
        state.lfactor[isolated] = -np.log(problem.spending_ratio[isolated])
    return _packed(state, form)


class _Try(NamedTuple):
    """Where an attempt ended, and the steps it took in all its stages."""

    stage: Stage
    outcome: Outcome
    response: Response
    steps: int

    def reached(self, tolerance: float) -> bool:
        return float(self.stage.error) <= tolerance


def _stages(
    base: Base, policy: Policy, response: Response, z: Float[Array, " n"], form: Form, options: Options
) -> _Try:
    """Iterate, with a fresh preconditioner at the best point after every stage that did not converge."""
    stage, outcome = attempt(base, policy, response, z, options.tolerance, form, options)
    steps = int(stage.steps)
    for _ in range(_STAGES):
        if float(stage.error) <= options.tolerance or not np.isfinite(float(stage.error)):
            break
        response = respond(rebased(base, outcome, policy), np.asarray(base.output).sum(axis=0), careful=True)
        better, outcome_next = attempt(base, policy, response, stage.z, options.tolerance, form, options)
        steps += int(better.steps)
        if not float(better.error) < float(stage.error):
            break
        stage, outcome = better, outcome_next
    return _Try(stage, outcome, response, steps)


def _walk(
    base: Base, policy: Policy, response: Response, z: Float[Array, " n"], form: Form, options: Options
) -> _Try | None:
    """Reach a case from the base along a path; a step is halved where it fails and grows by half where it succeeds.

    The next point is guessed by extrapolating the last two. None where the path cannot be followed.
    """
    together = jnp.asarray(trading_groups(np.asarray((base.pi > 0).any(axis=0))).together)
    unit = base.output.sum(axis=0)
    here, z_old, part, gone, stride, steps = z, z, 0.0, 0.0, 0.5, 0
    while stride >= _SHORTEST_STRIDE:
        ahead = min(part + stride, 1.0)
        there = policy if ahead == 1.0 else between(base, policy, together, jnp.asarray(ahead))
        guess = here + (here - z_old) * ((ahead - part) / gone) if gone else here
        guess = _limit(*_domain(base), options)(here, guess)
        tried = _stages(base, there, response, guess, form, options)
        steps += tried.steps
        if not tried.reached(options.tolerance if ahead == 1.0 else _ON_PATH):
            stride = 0.5 * (ahead - part)
            continue
        if ahead == 1.0:
            return tried._replace(steps=steps)
        z_old, here, gone, part = here, tried.stage.z, ahead - part, ahead
        response = respond(rebased(base, tried.outcome, there), unit, careful=True)
        stride *= 1.5
    return None


def solve_case(
    base: Base, policy: Policy, response: Response, z: Float[Array, " n"], form: Form, options: Options
) -> tuple[Outcome, Stage, Status, int]:
    """Solve a case from a first guess; where that fails, walk to it from the base."""
    tried = _stages(base, policy, response, z, form, options)
    status = _status(tried.stage, tried.outcome, options)
    if status in (Status.MAX_STEPS, Status.NOT_FINITE, Status.NOT_POSITIVE):
        at_base = pack(initial_state(problem_of(base, policy, form)[0], base.output), form)
        walked = _walk(base, policy, response, at_base, form, options)
        if walked is not None:
            tried = walked._replace(steps=tried.steps + walked.steps)
            status = _status(tried.stage, tried.outcome, options)
    if status is Status.INACCURATE:
        # Fields are checked cell by cell, the iteration by economy: go on until the small cells hold too.
        for tolerance in (0.03 * options.tolerance, 0.001 * options.tolerance):
            stage, outcome = attempt(base, policy, tried.response, tried.stage.z, tolerance, form, options)
            tried = tried._replace(steps=tried.steps + int(stage.steps))
            if float(outcome.residual) < float(tried.outcome.residual):
                tried = tried._replace(stage=stage, outcome=outcome)
        status = _status(tried.stage, tried.outcome, options)
    return tried.outcome, tried.stage, status, tried.steps


def _status(stage: Stage, outcome: Outcome, options: Options) -> Status:
    if not np.isfinite(float(stage.error)):
        return Status.NOT_FINITE
    if float(outcome.residual) <= RESIDUAL_TOLERANCE:
        return Status.OK if _positive(outcome) else Status.NOT_POSITIVE
    return Status.INACCURATE if float(stage.error) <= options.tolerance else Status.MAX_STEPS


def _positive(outcome: Outcome) -> bool:
    """Whether levels can be real: income above 0, spending and output nowhere below. Prices are exponentials."""
    cells = np.minimum(np.asarray(outcome.spending), np.asarray(outcome.output))
    return bool((np.asarray(outcome.income) > 0).all() and (cells >= 0).all())
