"""DebtRank: losses of equity travel from debtor to creditor before anyone defaults, and the eigenvalue of stability.

Source: Bardoscia, Battiston, Caccioli and Caldarelli (2015), DebtRank: a microscopic foundation for shock
propagation, PLoS ONE 10(6); stability: Bardoscia, Battiston, Caccioli and Caldarelli (2017), Pathways towards
instability in financial networks, Nature Communications 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int
from numpy.typing import ArrayLike

from ecumene import jax_setup as jax_setup
from ecumene.errors import InputError
from ecumene.models.banks import check_claims, numbers, refuse, vector
from ecumene.models.clearing import status_of
from ecumene.models.solve import Status
from ecumene.types import AnyArray, FloatArray

_SETTLED = 1e-13


class DebtRank(NamedTuple):
    """Relative equity losses `h`, 0 to 1, [N] or [scenario, N]; NaN where the status is not OK.

    `first_round` is what the shock does to direct creditors alone; `amplification` is the loss of equity that the
    network adds, in money, summed over banks; `lambda_max` the largest eigenvalue of the leverage matrix.
    """

    loss: Float[np.ndarray, "... N"]
    first_round: Float[np.ndarray, "... N"]
    amplification: Float[np.ndarray, ...]
    lambda_max: float
    rounds: int
    residual: float
    status: Status

    @property
    def stable(self) -> bool:
        """Whether small shocks die out: `lambda_max < 1`."""
        return self.lambda_max < 1.0


def leverage(claims: ArrayLike, buffers: ArrayLike, *, names: Sequence[str] | None = None) -> FloatArray:
    """Interbank leverage `Lambda_ij = A_ij / E_i` [N, N]: each row of claims over the creditor's own buffer.

    Errors: InputError where a buffer is not above 0, or the claims cannot be used.
    """
    checked = check_claims(claims, names)
    equity = vector("equity", buffers, len(checked), names, lowest=-np.inf)
    refuse("equity", equity <= 0, equity, names, "DebtRank needs it above 0; leave an insolvent bank out")
    return checked / equity[:, None]


def largest_eigenvalue(matrix: FloatArray) -> float:
    """Largest eigenvalue of a matrix without negative cells, which is real (Perron and Frobenius)."""
    return float(np.abs(np.linalg.eigvals(matrix)).max(initial=0.0))


def next_losses(
    matrix: Float[AnyArray, "N N"], h: Float[AnyArray, " N"], before: Float[AnyArray, " N"]
) -> Float[Array, " N"]:
    """One round: `h_i(t+1) = min(1, h_i(t) + sum_j Lambda_ij (h_j(t) - h_j(t-1)))`. Bardoscia et al. (2015)."""
    return jnp.minimum(1.0, h + matrix @ (h - before))


class _Carry(NamedTuple):
    h: Float[Array, " N"]
    before: Float[Array, " N"]
    step: Int[Array, ""]


@jax.jit
def _rounds(
    matrix: Float[AnyArray, "N N"], shocks: Float[AnyArray, "M N"], max_rounds: Int[AnyArray, ""]
) -> tuple[Float[Array, "M N"], Int[Array, " M"]]:
    def one(shock: Float[Array, " N"]) -> _Carry:
        def going(carry: _Carry) -> Bool[Array, ""]:
            return (jnp.max(carry.h - carry.before) > _SETTLED) & (carry.step < max_rounds)

        def body(carry: _Carry) -> _Carry:
            return _Carry(next_losses(matrix, carry.h, carry.before), carry.h, carry.step + 1)

        return jax.lax.while_loop(going, body, _Carry(shock, jnp.zeros_like(shock), jnp.array(0)))

    end = jax.vmap(one)(jnp.asarray(shocks))
    return end.h, end.step


def debtrank(
    claims: ArrayLike,
    buffers: ArrayLike,
    shock: ArrayLike,
    *,
    max_rounds: int = 100_000,
    names: Sequence[str] | None = None,
) -> DebtRank:
    """Relative equity losses after shocks to equity, `h(0) = 0`, `h(1) = shock`, then rounds until nothing moves.

    Shapes: claims [N, N] (row i: what bank i is owed), buffers [N] (equity), shock [N] or [scenario, N], each from 0
    to 1. The result obeys `h = min(1, shock + Lambda h)`; `residual` is the largest gap in it.
    Errors: InputError. Source: Bardoscia et al. (2015).
    """
    matrix = leverage(claims, buffers, names=names)
    equity = np.asarray(buffers, dtype=np.float64)
    given = numbers("shock", shock)
    if given.ndim not in (1, 2) or given.shape[-1] != len(matrix):
        raise InputError(
            f"shock has shape {given.shape}, expected ({len(matrix)},) or (scenarios, {len(matrix)}) = one share a bank"
        )
    cases = np.atleast_2d(given)
    for row in cases:
        refuse("shock", ~((row >= 0) & (row <= 1)), row, names, "it is the share of equity lost, from 0 to 1")
    found, steps = _rounds(matrix, cases, max_rounds)
    h, rounds = np.array(found), int(np.max(steps, initial=0))
    first = np.minimum(1.0, cases + cases @ matrix.T)
    residual = float(np.max(np.abs(np.minimum(1.0, cases + h @ matrix.T) - h), initial=0.0))
    status = status_of(residual, rounds >= max_rounds)
    if status is not Status.OK:
        h = np.full_like(h, np.nan)
    return DebtRank(
        h.reshape(given.shape),
        (first - cases).reshape(given.shape),
        ((h - cases) @ equity).reshape(given.shape[:-1]),
        largest_eigenvalue(matrix),
        rounds,
        residual,
        status,
    )
