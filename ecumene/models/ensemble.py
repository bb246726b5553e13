"""Many draws of parameters for a few cases of one world: real incomes only, from starts that lie near.

A draw changes the trade elasticities, and the trade costs of every case. The iteration starts from each case's own
central equilibrium, with a preconditioner of the centre: neither enters a result. What draws share is made once a
case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from ecumene.models.bases import Prepared, near
from ecumene.models.core import (
    Outcome,
    _domain,
    _limit,
    _status,
    compiled_problem,
    outcome_of,
    rebased,
    solve_case,
)
from ecumene.models.equations import Form, Problem
from ecumene.models.response import Response, correct, respond, unpack
from ecumene.models.shares import Base, Policy
from ecumene.models.solve import Options, Stage, Status, anderson
from ecumene.models.trade import Case, _first_guess
from ecumene.sidebyside import Tell, together
from ecumene.types import BoolArray, FloatArray

if TYPE_CHECKING:
    from ecumene.world import World

HARD = 20
"""Steps of a central solve from which a preconditioner of its own pays (measured on the reference world)."""

MAX_STEPS = 150
"""Steps of a draw before it starts anew: cheaper than another preconditioner."""


@dataclass(frozen=True)
class Drawing:
    """A case at the central parameters, and what each draw changes of its trade costs.

    moved: draw -> change of the log iceberg factors of goods and of services [origin, destination], added on open
    links.
    """

    case: Case
    is_goods: BoolArray  # [sector]
    moved: Callable[[int], tuple[FloatArray, FloatArray]]


class Incomes(NamedTuple):
    """Real income of every economy under every draw, in ratios to the base of that draw."""

    over_supplied: (
        FloatArray  # [case, draw, economy] over the goods still supplied; NaN without an equilibrium
    )
    missing: BoolArray  # [case, economy] some goods have no supplier left
    base_income: FloatArray  # [case, draw, economy] shares of world value added
    status: tuple[tuple[Status, ...], ...]  # [case][draw]


class _Centre(NamedTuple):
    """What the draws of a case share."""

    z: Float[Array, " n"]
    response: Response
    problem: Problem
    available: Float[Array, "S R"]
    log_kappa: Float[Array, "S R R"]
    is_goods: Bool[Array, " S"]
    missing: BoolArray


def solve_draws(
    world: World,
    drawings: Sequence[Drawing],
    theta: FloatArray,
    tell: Tell,
    workers: int | None = None,
    options: Options = Options(),
) -> Incomes:
    """Equilibria of every case under every draw; theta [draw, sector].

    Every number comes from a solve that passes the same checks as `trade.solve`; a draw without an equilibrium is
    NaN, with its status. Draws run side by side. Errors: SolveError where a base without deficits has no equilibrium.
    """
    centres = [_centre(drawing, options) for drawing in drawings]

    def one(number: int, tell: Tell) -> list[tuple[FloatArray, FloatArray, Status]]:
        bases: dict[tuple, Prepared] = {}
        found = []
        for drawing, centre in zip(drawings, centres, strict=True):
            case = drawing.case
            key = (case.closure, case.technology.key)
            if key not in bases:
                bases[key] = near(world, case.closure, theta[number], case.technology, case.base, options)
            found.append(
                _solve(
                    case, centre, bases[key], theta[number], drawing.moved(number), drawing.is_goods, options
                )
            )
            tell("draws")
        return found

    solved = together([partial(one, number) for number in range(len(theta))], tell, workers)
    income, base, status = zip(*(zip(*each, strict=True) for each in solved), strict=True)
    return Incomes(
        np.array(income).swapaxes(0, 1),
        np.array([centre.missing for centre in centres]),
        np.array(base).swapaxes(0, 1),
        tuple(zip(*status, strict=True)),
    )


def _centre(drawing: Drawing, options: Options) -> _Centre:
    """Where a case ends at the central parameters, or its first guess where it ends nowhere."""
    case, base = drawing.case, drawing.case.base
    guess = _first_guess(case)
    outcome, stage, status, steps = solve_case(
        base.base, case.policy, base.response, guess, case.form, options
    )
    response = base.response
    if status is Status.OK and steps > HARD:
        response = respond(rebased(base.base, outcome, case.policy), np.asarray(base.base.output).sum(axis=0))
    problem, available = compiled_problem(base.base, case.policy, case.form)
    kappa = (
        case.iceberg.transpose(2, 0, 1) * (1.0 + case.tariff.transpose(2, 0, 1)) / np.asarray(base.base.paid)
    )
    is_open = np.isfinite(kappa) & (np.asarray(base.base.pi) > 0)
    return _Centre(
        stage.z if status is Status.OK else guess,
        response,
        problem,
        available,
        jax.device_put(np.where(is_open, np.log(np.where(is_open, kappa, 1.0)), np.inf)),
        jax.device_put(drawing.is_goods),
        np.asarray(np.asarray(outcome.missing).any(axis=0)),
    )


def _solve(
    case: Case,
    centre: _Centre,
    base: Prepared,
    theta: FloatArray,
    moved: tuple[FloatArray, FloatArray],
    is_goods: BoolArray,
    options: Options,
) -> tuple[FloatArray, FloatArray, Status]:
    """Real income over supplied goods, base income, and how the solve ended."""
    if case.closure != "zero" and not case.groups.isolated.any():
        long = options._replace(max_steps=MAX_STEPS)
        stage, outcome = _attempt(base.base, case.policy, centre, theta, *moved, case.form, long)
        status = _status(stage, outcome, options)
        if status is Status.OK:
            return np.asarray(outcome.real_income), _income(base.base), status
    shift = np.where(is_goods, moved[0][:, :, None], moved[1][:, :, None])
    policy = case.policy._replace(theta=theta, iceberg=case.iceberg * np.exp(shift))
    guess = _first_guess(replace(case, base=base, policy=policy))
    outcome, _, status, _ = solve_case(base.base, policy, base.response, guess, case.form, options)
    income = np.asarray(outcome.real_income)
    return (
        income if status is Status.OK else np.full(income.shape, np.nan),
        _income(base.base),
        status,
    )


def _income(base: Base) -> FloatArray:
    """`Base.income` outside a compiled program, where a sum would be a program of its own."""
    return np.asarray(base.value_added) + np.asarray(base.revenue) + np.asarray(base.deficit)


@partial(jax.jit, static_argnames=("form", "options"))
def _attempt(
    base: Base,
    policy: Policy,
    centre: _Centre,
    theta: Float[Array, " S"],
    goods: Float[Array, "R R"],
    services: Float[Array, "R R"],
    form: Form,
    options: Options,
) -> tuple[Stage, Outcome]:
    """`core.attempt` with `reach = pi kappa^-theta` from the log of the central kappa, where only that differs."""
    moved = jnp.where(centre.is_goods[:, None, None], goods[None], services[None])
    reach = base.pi * jnp.exp(-theta[:, None, None] * (centre.log_kappa + moved))
    net = reach / (1.0 + policy.tariff.transpose(2, 0, 1)) if form.tariffs else reach
    problem = centre.problem._replace(reach=reach, reach_net=net, reach_rent=net, theta=theta)
    shape = base.alpha.shape
    stage = anderson(
        lambda point: correct(problem, centre.response, unpack(point, shape, form), form),
        centre.z,
        options,
        _limit(*_domain(base), options),
    )
    return stage, outcome_of(base, policy, problem, centre.available, unpack(stage.z, shape, form), form)
