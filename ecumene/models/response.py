"""The linearised response of an economy at a base, used as preconditioner of the iteration.

The Jacobian of the equilibrium is split into wages and all the rest. Inside an economy the rest is inverted exactly
(one S x S block an economy, prices and outputs through its own input-output links); across economies the total
response of prices and outputs to each wage, and the R x R excess-demand matrix that it implies, are computed once.
Applied to another case near that base they leave only what foreign inputs change, and the iteration needs
about half the steps. It steers the iteration and never enters a result: single precision is enough.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ecumene.models.equations import Evaluation, Form, Problem, State, errors, evaluate, wage_error
from ecumene.models.groups import trading_groups
from ecumene.models.shares import Base
from ecumene.types import AnyArray

_PASSES = 4
_CAREFUL_PASSES = 100
_SETTLED = 1e-10
_LARGEST_OWN_SHARE = 0.999


class Response(NamedTuple):
    """Preconditioner at one base."""

    price_block: Float[Array, "R S S"]  # (I - d_s gamma'_ks)^-1: price errors to prices
    output_block: Float[Array, "R S S"]  # (I - d_s gamma_sk)^-1: output errors to outputs
    demand_slope: Float[Array, "S R"]  # -d ln output / d ln unit cost of a sector
    price_to_wage: Float[Array, "R S R"]  # total response of log prices, [wage, sector, economy]
    output_to_wage: Float[Array, "R S R"]  # total response of outputs, in units of the economy's output
    wage_block: Float[Array, "R R"]  # -(d log excess demand / d log wage)^-1


def respond(base: Base, unit: Float[AnyArray, " R"] | None = None, *, careful: bool = False) -> Response:
    """The response at a base, Cobb-Douglas in its local shares, tariff revenue held, by block-Jacobi passes.

    `dP_ns = sum_i pi_ins dc_is`, `dc = beta dw + gamma' dP`,
    `dY_is = sum_n pi_ins X_ns / (1 + t_ins) (dX_ns / X_ns - theta_s (dc_is - dP_ns))`, `dX = gamma dY + alpha w L dw`.
    `unit`: output of an economy that the state counts as 1; the base's own by default. `careful`: double precision and
    passes until they settle, for hard cases: near autarky excess demand is a small difference of large numbers.
    What leaves the range of single precision steers nothing: the solve's own status then says what to try.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        parts = _parts(base, unit, careful)
        return Response(*(jax.device_put(np.nan_to_num(part.astype(np.float32))) for part in parts))


def _parts(base: Base, unit: Float[AnyArray, " R"] | None, careful: bool) -> tuple[np.ndarray, ...]:
    """The arrays of `Response`, in the precision asked."""
    kind = np.float64 if careful else np.float32
    pi, paid, beta, gamma, alpha, theta, value_added, spending, output = (
        np.asarray(part, dtype=kind)
        for part in (
            base.pi, base.paid, base.beta, base.gamma, base.alpha, base.theta,
            base.value_added, base.spending, base.output,
        )
    )  # fmt: skip
    theta = theta[:, None]
    n_sectors, n_economies = beta.shape
    scale = output.sum(axis=0) if unit is None else np.asarray(unit, dtype=kind)

    own = np.einsum("sii->si", pi)
    own_net = np.minimum(own / np.einsum("sii->si", paid), _LARGEST_OWN_SHARE)
    identity = np.eye(n_sectors, dtype=kind)
    gamma_t = np.ascontiguousarray(gamma.transpose(0, 2, 1))
    price_block = np.linalg.inv(identity - np.minimum(own, _LARGEST_OWN_SHARE).T[:, :, None] * gamma_t)
    output_block = np.linalg.inv(identity - own_net.T[:, :, None] * gamma)
    net = pi / paid
    sales = net * spending[:, None, :]
    total = sales.sum(axis=2, keepdims=True)
    sales_share = np.divide(sales, total, out=np.zeros_like(sales), where=total > 0)
    slope = theta * (1.0 - np.einsum("sin,sin->si", sales_share, pi))

    def by_economy(block: np.ndarray, cells: np.ndarray) -> np.ndarray:
        """[R, S, K] times [S, R, wages]."""
        return (block @ cells.transpose(1, 0, 2)).transpose(1, 0, 2)

    wage = np.eye(n_economies, dtype=kind)
    direct = beta[:, :, None] * wage[None, :, :]
    dP = np.zeros((n_sectors, n_economies, n_economies), dtype=kind)
    pi_t = np.ascontiguousarray(pi.transpose(0, 2, 1))
    for _ in range(_CAREFUL_PASSES if careful else _PASSES):
        move = by_economy(price_block, pi_t @ (direct + by_economy(gamma_t, dP)) - dP)
        dP = dP + move
        if careful and np.abs(move).max() < _SETTLED:
            break
    dc = direct + by_economy(gamma_t, dP)
    pull = sales @ (theta[:, :, None] * dP) - theta[:, :, None] * output[:, :, None] * dc
    dI = alpha[:, :, None] * (value_added[:, None] * wage)[None, :, :]
    dY = np.zeros_like(dP)
    for _ in range(_CAREFUL_PASSES if careful else _PASSES):
        move = by_economy(output_block, pull + net @ (by_economy(gamma, dY) + dI) - dY)
        dY = dY + move
        if careful and (np.abs(move).max(axis=(0, 2)) < _SETTLED * output.sum(axis=0)).all():
            break
    paid_wages = np.maximum((beta * output).sum(axis=0), np.finfo(kind).tiny)
    excess = (beta[:, :, None] * dY).sum(axis=0) / paid_wages[:, None] - wage
    together = trading_groups(np.asarray((pi > 0).any(axis=0))).together
    excess = excess - together * value_added / (together @ value_added)[:, None]
    try:
        wage_block = -np.linalg.inv(excess)
    except np.linalg.LinAlgError:
        wage_block = -np.linalg.pinv(excess)
    return (
        price_block,
        output_block,
        slope,
        dP.transpose(2, 0, 1),
        (dY / scale[None, :, None]).transpose(2, 0, 1),
        wage_block,
    )


def pack(state: State, form: Form) -> Float[Array, " n"]:
    """The unknowns that a form really has, as one vector."""
    parts = [state.lw, state.lP.reshape(-1), state.y.reshape(-1)]
    if form.proportional:
        parts.append(state.lfactor)
    if form.factors:
        parts.append(state.lspread.reshape(-1))
    if form.rents:
        parts.append(state.rent)
    return jnp.concatenate(parts)


def unpack(z: Float[Array, " n"], shape: tuple[int, ...], form: Form) -> State:
    """Inverse of `pack`; unknowns that the form lacks are zero."""
    n_sectors, n_economies = shape
    cells = n_sectors * n_economies
    lw, lP, y = jnp.split(z[: n_economies + 2 * cells], [n_economies, n_economies + cells])
    rest = z[n_economies + 2 * cells :]
    lfactor = rent = jnp.zeros_like(lw)
    lspread = jnp.zeros(shape)
    if form.proportional:
        lfactor, rest = rest[:n_economies], rest[n_economies:]
    if form.factors:
        lspread, rest = rest[:cells].reshape(shape), rest[cells:]
    if form.rents:
        rent = rest
    return State(lw, lP.reshape(shape), y.reshape(shape), lfactor, lspread, rent)


def correct(
    problem: Problem, response: Response, state: State, form: Form
) -> tuple[Float[Array, " n"], Float[Array, ""], Float[Array, ""]]:
    """The step towards the equilibrium from a state, and the largest error there, plain and as trade shares feel it.

    Prices and outputs by the own-economy inverse; wages by excess demand at the corrected output; then prices and
    outputs follow the wages.
    """
    at = evaluate(problem, state, form)
    raw = errors(problem, state, at)
    step = steer(problem, response, state, at, raw, form)
    # A price error moves trade shares by theta times as much: that is the error that must become small.
    felt = raw._replace(lP=raw.lP * jnp.maximum(problem.theta, 1.0)[:, None])
    # Near autarky a wage far off leaves a tiny error: points are ranked by the wage step still to go.
    rank = raw._replace(lw=step.lw)
    return pack(step, form), jnp.abs(pack(rank, form)).max(), jnp.abs(pack(felt, form)).max()


def steer(
    problem: Problem, response: Response, state: State, at: Evaluation, raw: State, form: Form
) -> State:
    """The step that errors of the equations ask for, linear in them where no output runs into its lower limit."""
    single = response.price_block.dtype
    dP = jnp.einsum("nsk,kn->sn", response.price_block, raw.lP.astype(single))
    dy = jnp.einsum("nsk,kn->sn", response.output_block, raw.y.astype(single))
    dspread = raw.lspread
    if form.factors:
        # A sector's wage and its output move against each other: eliminate the pair cell by cell.
        fall = response.demand_slope * at.beta
        relative = dy / jnp.maximum(state.y, jnp.finfo(single).tiny)
        bound = (problem.factor_share * problem.immobility[:, None, None]).sum(axis=0)
        dspread = (raw.lspread + relative * bound) / (1.0 + fall * bound)
        dy = dy - fall * state.y * dspread
    scale = problem.scale[None, :]
    Y = state.y * scale
    ahead = jnp.maximum((state.y + dy) * scale, 0.1 * jnp.minimum(Y, at.Y))
    dw = response.wage_block.astype(Y.dtype) @ wage_error(problem, state.lw, at.beta, ahead)
    follow = dw.astype(single)
    dP = dP + jnp.einsum("m,msn->sn", follow, response.price_to_wage)
    dy = dy + jnp.einsum("m,msn->sn", follow, response.output_to_wage)
    return State(dw, dP.astype(Y.dtype), dy.astype(Y.dtype), raw.lfactor, dspread.astype(Y.dtype), raw.rent)
