"""How the real income of every economy moves with elasticities and trade costs, at an equilibrium: forward mode."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ecumene.errors import SolveError
from ecumene.models.bases import Technology, prepared, unchanged
from ecumene.models.core import rebased, solve_case
from ecumene.models.equations import Form, evaluate
from ecumene.models.gradient import ADJOINT_OPTIONS
from ecumene.models.response import Response, correct, respond, unpack
from ecumene.models.shares import Base, Policy, problem_of
from ecumene.models.solve import Options, Status, anderson
from ecumene.models.trade import case_of
from ecumene.sidebyside import Tell, together
from ecumene.types import AnyArray, FloatArray

if TYPE_CHECKING:
    from ecumene.world import World

LOOSEST = 1e3 * ADJOINT_OPTIONS.tolerance
"""Error of the linear equations, over the size of their right-hand side, from which a slope does not count."""


class Direction(NamedTuple):
    """A way to move parameters: derivatives of the log of elasticities and of the log of iceberg factors."""

    log_theta: FloatArray  # [sector]
    log_iceberg: FloatArray  # [origin, destination, sector]; closed links stay closed whatever it says


@partial(jax.jit, static_argnames=("form",))
def slope(
    base: Base,
    policy: Policy,
    response: Response,
    z: Float[Array, " n"],
    log_theta: Float[Array, " S"],
    log_iceberg: Float[Array, "R R S"],
    form: Form,
) -> tuple[Float[Array, " R"], Float[Array, ""]]:
    """Derivative of the log real income of every economy along one direction, and the error of its linear equations.

    At the equilibrium the preconditioned step f(z, p) is zero, so `(df/dz) dz = -(df/dp) dp`; the derivative of log
    real income v is `(dv/dz) dz + (dv/dp) dp`. As df/dz is close to minus the identity, dz comes from the same
    accelerated iteration as the equilibrium. Source: implicit function theorem.
    """
    exact = Response(*(part.astype(z.dtype) for part in response))
    shape = base.alpha.shape
    iceberg = policy.iceberg
    moved = jnp.where(jnp.isfinite(iceberg), iceberg, 0.0) * jnp.where(
        jnp.isfinite(iceberg), log_iceberg, 0.0
    )
    here, way = (policy.theta, iceberg), (policy.theta * log_theta, moved)

    def at(
        theta: Float[AnyArray, " S"], cost: Float[AnyArray, "R R S"], point: Float[Array, " n"]
    ) -> tuple[Float[Array, " n"], Float[Array, " R"]]:
        problem, _ = problem_of(base, policy._replace(theta=theta, iceberg=cost), form)
        state = unpack(point, shape, form)
        found = evaluate(problem, state, form)
        return correct(problem, exact, state, form)[0], jnp.log(found.income) - found.lP_consumption

    (_, _), (right, direct) = jax.jvp(lambda theta, cost: at(theta, cost, z), here, way)
    _, push = jax.linearize(lambda point: at(*here, point), z)
    size = jnp.maximum(jnp.abs(right).max(), jnp.finfo(z.dtype).tiny)

    def direction(dz: Float[Array, " n"]) -> tuple[Float[Array, " n"], Float[Array, ""], Float[Array, ""]]:
        rest = push(dz)[0] + right
        error = jnp.abs(rest).max() / size
        return rest, error, error

    stage = anderson(direction, right, ADJOINT_OPTIONS, lambda _, proposal: proposal)
    return direct + push(stage.z)[1], stage.error


def slopes(
    world: World,
    iceberg: FloatArray,
    tariff: FloatArray,
    deficits: str,
    directions: Sequence[Direction],
    tell: Tell,
    workers: int | None = None,
) -> FloatArray:
    """Derivatives of log real income [direction, economy] at the equilibrium of a policy, at the world's elasticities.

    Without deficits (`zero`) real income is a ratio to a base that is solved first and moves with elasticities too:
    `ln W = ln W_policy - ln W_base`, both from the world as observed. Errors: InputError; SolveError where the
    equilibrium or a slope does not converge.
    """
    options = Options()
    balanced = deficits == "zero" and bool(np.abs(world.deficit.values).max() > 0)
    case = case_of(world, iceberg, tariff, None, "fixed" if balanced else deficits, Technology(), options)
    base = prepared(world, case.closure, case.theta, case.technology, options)
    none = np.zeros(len(world.economies))
    policies = [case.policy._replace(transfer=none) if balanced else case.policy]
    ways = [directions]
    if balanced:
        policies.append(unchanged(base.base, none, case.technology))
        ways.append([way._replace(log_iceberg=np.zeros_like(way.log_iceberg)) for way in directions])
    found = []
    for policy, along in zip(policies, ways, strict=True):
        outcome, stage, status, _ = solve_case(base.base, policy, base.response, base.z, case.form, options)
        if status is not Status.OK:
            raise SolveError(f"there is no equilibrium to take slopes at: {status.message}")
        here = respond(rebased(base.base, outcome, policy), np.asarray(base.base.output).sum(axis=0))

        def one(way: Direction, tell: Tell, policy=policy, here=here, z=stage.z) -> FloatArray:
            for response in (here, base.response):
                value, error = slope(
                    base.base, policy, response, z, way.log_theta, way.log_iceberg, case.form
                )
                if float(error) <= LOOSEST:
                    tell("slopes")
                    return np.asarray(value)
            raise SolveError(
                f"a slope of this equilibrium did not converge (error {float(error):.1e}); use a weaker order"
            )

        found.append(np.stack(together([partial(one, way) for way in along], tell, workers)))
    return found[0] - found[1] if balanced else found[0]
