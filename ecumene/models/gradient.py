"""Implicit gradients: how the real income of economies moves with every tariff or trade cost, at an equilibrium."""

from __future__ import annotations

from functools import partial
from typing import Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ecumene.models.equations import Form, evaluate
from ecumene.models.response import Response, correct, unpack
from ecumene.models.shares import Base, Policy, problem_of
from ecumene.models.solve import Options, Stage, anderson

Variable = Literal["tariff", "iceberg"]

ADJOINT_OPTIONS = Options(memory=12, tolerance=1e-11, max_steps=200, patience=60)


@partial(jax.jit, static_argnames=("form", "wrt"))
def adjoint(
    base: Base,
    policy: Policy,
    response: Response,
    z: Float[Array, " n"],
    weights: Float[Array, " R"],
    form: Form,
    wrt: Variable,
    guess: Float[Array, " n"] | None = None,
    tolerance: float | Float[Array, ""] | None = None,
) -> tuple[Float[Array, "R R S"], Stage]:
    """Derivative of `sum_n weight_n ln(real income_n)` by every tariff or iceberg factor.

    At the equilibrium the preconditioned step f(z, p) is zero, so with the adjoint mu of
    `(df/dz)' mu = -dv/dz`, `dv/dp = (partial v / partial p) + (df/dp)' mu`. As df/dz is close to minus the identity,
    the adjoint comes from the same accelerated iteration as the equilibrium. Zero on a closed link. `guess` is the
    adjoint of an equilibrium nearby (the `z` of its stage), where there is one; `tolerance` stands in for the default.
    Source: implicit function theorem; Christianson (1994) for reverse accumulation at fixed points.
    """
    exact = Response(*(part.astype(z.dtype) for part in response))
    shape = base.alpha.shape

    def changed(variable: Float[Array, "R R S"]) -> Policy:
        return policy._replace(**{wrt: variable})

    def value(variable: Float[Array, "R R S"], point: Float[Array, " n"]) -> Float[Array, ""]:
        problem, _ = problem_of(base, changed(variable), form)
        at = evaluate(problem, unpack(point, shape, form), form)
        return weights @ (jnp.log(at.income / base.income) - at.lP_consumption)

    def step(variable: Float[Array, "R R S"], point: Float[Array, " n"]) -> Float[Array, " n"]:
        problem, _ = problem_of(base, changed(variable), form)
        return correct(problem, exact, unpack(point, shape, form), form)[0]

    variable = getattr(policy, wrt)
    direct, by_state = jax.grad(value, argnums=(0, 1))(variable, z)
    _, pull_state = jax.vjp(lambda point: step(variable, point), z)
    size = jnp.maximum(jnp.abs(by_state).max(), jnp.finfo(z.dtype).tiny)

    def direction(mu: Float[Array, " n"]) -> tuple[Float[Array, " n"], Float[Array, ""], Float[Array, ""]]:
        rest = pull_state(mu)[0] + by_state
        error = jnp.abs(rest).max() / size
        return rest, error, error

    goal = None if tolerance is None else jnp.asarray(tolerance, dtype=z.dtype)
    first = by_state if guess is None else guess
    stage = anderson(direction, first, ADJOINT_OPTIONS, lambda _, proposal: proposal, goal)
    _, pull_variable = jax.vjp(lambda other: step(other, z), variable)
    return direct + pull_variable(stage.z)[0], stage
