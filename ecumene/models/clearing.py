"""Clearing payments after Eisenberg and Noe, and with the default costs of Rogers and Veraart.

Sources: Eisenberg and Noe (2001), Systemic risk in financial systems, Management Science 47(2);
Rogers and Veraart (2013), Failure and rescue in an interbank network, Management Science 59(4).
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
from ecumene.errors import InputError, SolveError
from ecumene.models.banks import Banks, shocked_assets
from ecumene.models.solve import Status
from ecumene.types import AnyArray, BoolArray, FloatArray

SOLVENT_WITHIN = 1e-12
"""A bank that can pay all but this share of what it owes pays in full: rounding is no default."""
ACCEPTED_RESIDUAL = 1e-9
"""Largest residual, of what a bank owes, at which a clearing is `OK`."""

METHODS = ("fictitious_default", "fixed_point")


class Clearing(NamedTuple):
    """Clearing payments; a leading axis of scenarios where losses had one. NaN where the status is not OK.

    `payments` p; `in_default` where p is below what is owed; `equity` is what a bank can pay less what it owes,
    before default costs: negative in default; `rounds` of the method; `residual` is the largest
    `|p - Phi(p)| / Lbar`.
    """

    payments: Float[np.ndarray, "... N"]
    in_default: Bool[np.ndarray, "... N"]
    equity: Float[np.ndarray, "... N"]
    rounds: int
    residual: float
    status: Status


class _Carry(NamedTuple):
    p: Float[Array, " N"]
    step: Int[Array, ""]
    change: Float[Array, ""]


def inflow(relative: Float[AnyArray, "N N"], p: Float[AnyArray, " N"]) -> Float[AnyArray, " N"]:
    """What a bank receives from banks, `sum_j Pi_ij p_j`, with `Pi_ij = A_ij / Lbar_j`."""
    return relative @ p


def pay(
    p: Float[AnyArray, " N"],
    relative: Float[AnyArray, "N N"],
    external_assets: Float[AnyArray, " N"],
    liabilities: Float[AnyArray, " N"],
    alpha: Float[AnyArray, ""],
    beta: Float[AnyArray, ""],
) -> Float[Array, " N"]:
    """One round of payments `Phi(p)`.

    `Phi_i = Lbar_i` where `A_ext,i + sum_j Pi_ij p_j >= Lbar_i`, else `alpha A_ext,i + beta sum_j Pi_ij p_j`.
    External creditors and banks rank alike. Source: Rogers and Veraart (2013), section 2; with
    `alpha = beta = 1` Eisenberg and Noe (2001).
    """
    received = inflow(relative, p)
    solvent = external_assets + received >= liabilities * (1.0 - SOLVENT_WITHIN)
    return jnp.where(solvent, liabilities, alpha * external_assets + beta * received)


@jax.jit
def _from_above(
    relative: Float[AnyArray, "N N"],
    external_assets: Float[AnyArray, "M N"],
    liabilities: Float[AnyArray, " N"],
    alpha: Float[AnyArray, ""],
    beta: Float[AnyArray, ""],
    max_steps: Int[AnyArray, ""],
) -> tuple[Float[Array, "M N"], Int[Array, " M"], Float[Array, " M"]]:
    """Iterate `p <- Phi(p)` from full payment until nothing moves: it decreases to the greatest fixed point."""
    unit = jnp.where(liabilities > 0, liabilities, 1.0)

    def one(outside: Float[Array, " N"]) -> _Carry:
        def going(carry: _Carry) -> Bool[Array, ""]:
            return (carry.change > 1e-15) & (carry.step < max_steps)

        def body(carry: _Carry) -> _Carry:
            p = jnp.minimum(carry.p, pay(carry.p, relative, outside, liabilities, alpha, beta))
            return _Carry(p, carry.step + 1, jnp.max((carry.p - p) / unit))

        return jax.lax.while_loop(
            going, body, _Carry(jnp.asarray(liabilities), jnp.array(0), jnp.array(jnp.inf))
        )

    end = jax.vmap(one)(jnp.asarray(external_assets))
    return end.p, end.step, end.change


def _fictitious_default(
    relative: FloatArray, outside: FloatArray, liabilities: FloatArray, alpha: float, beta: float
) -> tuple[FloatArray, int]:
    """Exact payments of one case in at most N + 1 rounds of linear systems over the banks in default.

    Source: Eisenberg and Noe (2001), section 3.1; Rogers and Veraart (2013), section 3. Errors: SolveError.
    """
    size = len(liabilities)
    failed: BoolArray = np.zeros(size, dtype=bool)
    p = liabilities.copy()
    for rounds in range(1, size + 2):
        can_pay = outside + relative @ p
        new = failed | (can_pay < liabilities * (1.0 - SOLVENT_WITHIN))
        if (new == failed).all():
            return p, rounds
        failed = new
        solvent_pay = relative[np.ix_(failed, ~failed)] @ liabilities[~failed]
        system = np.eye(int(failed.sum())) - beta * relative[np.ix_(failed, failed)]
        try:
            paid = np.linalg.solve(system, alpha * outside[failed] + beta * solvent_pay)
        except np.linalg.LinAlgError as error:
            raise SolveError(
                "banks in default owe only each other and own nothing else, so their payments are not determined; "
                "give one of them some external assets or external liabilities"
            ) from error
        p = liabilities.copy()
        p[failed] = paid
    raise SolveError(
        "the fictitious default did not end within as many rounds as there are banks; check the claims"
    )


def relative_claims(given: Banks) -> FloatArray:
    """Claims over what the debtor owes to all, `Pi_ij = A_ij / Lbar_j`; 0 where it owes nothing."""
    owed = np.asarray(given.liabilities, dtype=np.float64)
    unit = np.where(owed > 0, owed, 1.0)
    return np.asarray(given.claims, dtype=np.float64) / unit[None, :]


def status_of(residual: float, at_limit: bool) -> Status:
    """How an iteration ended: `OK` where it settled, and the residual, computed anew from the result, is at most 1e-9.

    An iteration that is cut off has not settled, however small its last step was.
    """
    if not np.isfinite(residual):
        return Status.NOT_FINITE
    if at_limit:
        return Status.MAX_STEPS
    return Status.OK if residual <= ACCEPTED_RESIDUAL else Status.INACCURATE


def _share(name: str, value: float) -> float:
    if not 0.0 <= value <= 1.0:
        raise InputError(f"{name} is {value:.6g}; it is the share recovered in default, from 0 to 1")
    return float(value)


def clear(
    given: Banks,
    losses: ArrayLike | None = None,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    method: str = "fictitious_default",
    max_steps: int = 100_000,
    names: Sequence[str] | None = None,
) -> Clearing:
    """Greatest clearing payments, `p = Phi(p)`.

    A solvent bank pays what it owes; one in default pays out `alpha` of its external assets and `beta` of what banks
    pay it, to all creditors in proportion. Both 1: Eisenberg and Noe (2001); below 1: Rogers and Veraart (2013).
    `fictitious_default` is exact and ends after at most N + 1 linear systems; `fixed_point` iterates from full
    payment, compiled and over all scenarios at once.
    Shapes: losses of external assets [N] or [scenario, N]; payments alike. Unit: that of the balance sheets.
    Errors: InputError (losses above external assets, shares outside 0 to 1), SolveError.
    """
    costs = _share("alpha", alpha), _share("beta", beta)
    if method not in METHODS:
        raise InputError(f"method is {method!r}; choose one of {', '.join(METHODS)}")
    outside = shocked_assets(given, losses, names)
    cases = np.atleast_2d(outside)
    relative, owed = relative_claims(given), np.asarray(given.liabilities, dtype=np.float64)
    if method == "fixed_point":
        found, steps, _ = _from_above(relative, cases, owed, *costs, max_steps)
        p, rounds = np.array(found), int(np.max(steps, initial=0))
    else:
        solved = [_fictitious_default(relative, case, owed, *costs) for case in cases]
        p = np.array([paid for paid, _ in solved]).reshape(cases.shape)
        rounds = max((count for _, count in solved), default=0)
    can_pay = cases + p @ relative.T
    solvent = can_pay >= owed * (1.0 - SOLVENT_WITHIN)
    asked = np.where(solvent, owed, costs[0] * cases + costs[1] * (can_pay - cases))
    unit = np.where(owed > 0, owed, 1.0)
    residual = float(np.max(np.abs(asked - p) / unit, initial=0.0))
    status = status_of(residual, method == "fixed_point" and rounds >= max_steps)
    if status is not Status.OK:
        p, can_pay = np.full_like(p, np.nan), np.full_like(can_pay, np.nan)
    shape = outside.shape
    return Clearing(
        p.reshape(shape), (~solvent).reshape(shape), (can_pay - owed).reshape(shape), rounds, residual, status
    )
