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
"""A round that moves no bank by more than this is the last; what is left of the way is then solved exactly."""

LARGEST_LEVERAGE = 1e12
"""Claims over a buffer beyond which a bank is as good as insolvent."""


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
    with np.errstate(over="ignore"):
        found = checked / equity[:, None]
        most = found.sum(axis=1)
    refuse(
        "equity", ~(most <= LARGEST_LEVERAGE), equity, names,
        f"claims are more than {LARGEST_LEVERAGE:.0e} times as large; leave an insolvent bank out",
    )  # fmt: skip
    return found


def largest_eigenvalue(matrix: FloatArray) -> float:
    """Largest eigenvalue of a matrix without negative cells, which is real (Perron and Frobenius)."""
    return float(np.abs(np.linalg.eigvals(matrix)).max(initial=0.0))


def next_losses(
    matrix: Float[AnyArray, "N N"], h: Float[AnyArray, " N"], step: Float[AnyArray, " N"]
) -> tuple[Float[Array, " N"], Float[Array, " N"]]:
    """One round, `h_i(t+1) = min(1, h_i(t) + sum_j Lambda_ij (h_j(t) - h_j(t-1)))`, and its step.

    The step is carried, not taken as a difference, so that it goes to 0 where the eigenvalue is close to 1 as well.
    Source: Bardoscia et al. (2015).
    """
    more = matrix @ step
    lost = h + more >= 1.0
    return jnp.where(lost, 1.0, h + more), jnp.where(lost, 1.0 - h, more)


class _Carry(NamedTuple):
    h: Float[Array, " N"]
    last: Float[Array, " N"]
    step: Int[Array, ""]


@jax.jit
def _rounds(
    matrix: Float[AnyArray, "N N"], shocks: Float[AnyArray, "M N"], max_rounds: Int[AnyArray, ""]
) -> tuple[Float[Array, "M N"], Int[Array, " M"]]:
    def one(shock: Float[Array, " N"]) -> _Carry:
        def going(carry: _Carry) -> Bool[Array, ""]:
            return (jnp.max(carry.last) > _SETTLED) & (carry.step < max_rounds)

        def body(carry: _Carry) -> _Carry:
            return _Carry(*next_losses(matrix, carry.h, carry.last), carry.step + 1)

        return jax.lax.while_loop(going, body, _Carry(shock, shock, jnp.array(0)))

    end = jax.vmap(one)(jnp.asarray(shocks))
    return end.h, end.step


def _missing(matrix: FloatArray, shock: FloatArray, h: FloatArray) -> FloatArray:
    """What losses still lack to the solution, `(1 - Lambda)^-1 (min(1, shock + Lambda h) - h)`.

    Over the banks that lose some equity and keep some; the others' losses do not depend on where the rounds stopped.
    Infinite where Lambda of these banks has an eigenvalue of 1 or above, so that a gap bounds nothing.
    """
    gap = np.minimum(1.0, shock + matrix @ h) - h
    kept = np.flatnonzero((h > 0.0) & (h < 1.0))
    if not gap[kept].any():
        return gap
    known = np.stack([gap[kept], np.ones(len(kept))], axis=1)
    try:
        found = np.linalg.solve(np.eye(len(kept)) - matrix[np.ix_(kept, kept)], known)
    except np.linalg.LinAlgError:
        found = np.full(known.shape, np.inf)
    # All eigenvalues are below 1 exactly where (1 - Lambda)^-1 1 is at least 1 (an M-matrix).
    below = bool(np.isfinite(found).all()) and bool((found[:, 1] >= 0.5).all())
    gap[kept] = found[:, 0] if below else np.inf
    return gap


def _finished(matrix: FloatArray, shock: FloatArray, h: FloatArray) -> FloatArray:
    """The rest of the way at once, where it is known and no further bank loses all of its equity on it."""
    step = _missing(matrix, shock, h)
    return h + step if np.isfinite(step).all() and (h + step <= 1.0).all() else h


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
    to 1. The result obeys `h = min(1, shock + Lambda h)`; `residual` is the largest gap in it, and the error that it
    stands for, up to `1 / (1 - lambda)` times as large with lambda of the banks that keep equity, is at most 1e-9.
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
    h = np.array([_finished(matrix, case, end) for case, end in zip(cases, h, strict=True)]).reshape(h.shape)
    residual = float(np.max(np.abs(np.minimum(1.0, cases + h @ matrix.T) - h), initial=0.0))
    missing = [np.abs(_missing(matrix, case, end)).max() for case, end in zip(cases, h, strict=True)]
    error = min(max(missing, default=0.0), np.finfo(float).max)
    status = status_of(error, rounds >= max_rounds)
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
