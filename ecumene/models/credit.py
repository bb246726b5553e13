"""How banks and production meet: loans that are not paid back, capital that is missing, credit that is cut.

Every function is pure, arrays in and arrays out; the banking system of an economy is one bank, R of them.
Sources: `PARAMETER_SOURCES` and each function.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from ecumene.errors import InputError
from ecumene.types import AnyArray, FloatArray


class Parameters(NamedTuple):
    """Parameters of the coupling; `PARAMETER_SOURCES` says where each comes from."""

    default_sensitivity: float = 1.0
    loss_given_default: float = 0.45
    interbank_loss_given_default: float = 0.45
    pass_through: float = 0.5
    credit_elasticity: float = 0.3
    required_ratio: float = 0.03


PARAMETER_SOURCES: dict[str, str] = {
    "default_sensitivity": (
        "assumption: the share of loans that defaults equals the share of value added lost, so that a borrower "
        "without value added defaults for certain"
    ),
    "loss_given_default": (
        "Basel Committee (2006), paragraph 287: senior claims without collateral, foundation approach"
    ),
    "interbank_loss_given_default": (
        "Basel Committee (2006), paragraph 287: the same 45 percent for senior claims on banks; used by the linear "
        "DebtRank that stands unless another valuation is given"
    ),
    "pass_through": (
        "assumption, below 1 (constant leverage, Adrian and Shin 2010): some of the lost equity is made up by "
        "new capital or a thinner buffer"
    ),
    "credit_elasticity": (
        "assumption: that a cut in credit costs output, less than in proportion, is shown by Peek and Rosengren (2000) "
        "and Chodorow-Reich (2014), neither of which gives this number"
    ),
    "required_ratio": "Basel Committee (2014), Basel III leverage ratio framework: tier 1 capital over exposure",
}
"""Source of every parameter, or the word assumption."""


def check_parameters(given: Parameters) -> None:
    """Parameters are finite and in their range. Errors: InputError."""
    for name, value in given._asdict().items():
        top = np.inf if name in ("default_sensitivity", "credit_elasticity") else 1.0
        if not (np.isfinite(value) and 0.0 <= value <= top):
            raise InputError(
                f"{name} is {value:.6g}; it must be finite, at least 0{' and at most 1' * (top == 1.0)}"
            )


def loans_by_sector(loans: Float[AnyArray, " R"], value_added: Float[AnyArray, "R S"]) -> FloatArray:
    """Loan book by sector [R, S], in proportion to value added (assumption); money.

    Errors: InputError for an amount that is negative or not finite, and for loans where no value is added.
    """
    book, made = np.asarray(loans, dtype=np.float64), np.asarray(value_added, dtype=np.float64)
    if made.ndim != 2 or book.shape != made.shape[:1]:
        raise InputError(f"loans {book.shape} and value_added {made.shape} must be [R] and [R, S]")
    for name, values in (("loans", book), ("value_added", made)):
        wrong = np.argwhere(~(np.isfinite(values) & (values >= 0.0)))
        if len(wrong):
            cell = tuple(int(part) for part in wrong[0])
            raise InputError(f"{name}{list(cell)} is {values[cell]:.6g}; give finite amounts of at least 0")
    largest = made.max(axis=1, keepdims=True, initial=0.0)
    if (nothing := (book > 0) & (largest[:, 0] <= 0)).any():
        raise InputError(f"economy {int(nothing.argmax())} has loans and no value added; correct one of them")
    part = made / np.where(largest > 0, largest, 1.0)
    total = part.sum(axis=1, keepdims=True)
    return book[:, None] * part / np.where(total > 0, total, 1.0)


def loan_losses(
    value_added_lost: Float[AnyArray, ...],
    loans: Float[AnyArray, ...],
    default_sensitivity: float,
    loss_given_default: float,
) -> FloatArray:
    """Losses of loans, `lgd * sum_s loans_rs min(1, psi max(0, lost_rs))`; a gain pays no loan back.

    Shapes: value_added_lost [..., R] or [..., R, S], share of base value added; loans [R] or [R, S], money.
    """
    defaulted = np.clip(default_sensitivity * np.asarray(value_added_lost), 0.0, 1.0)
    book = np.asarray(loans, dtype=np.float64)
    lost = loss_given_default * defaulted * np.broadcast_to(book, defaulted.shape)
    return lost.sum(axis=-1) if book.ndim == 2 else lost


def capital_shortfall(
    equity: Float[AnyArray, "... R"], assets: Float[AnyArray, "... R"], required_ratio: float
) -> FloatArray:
    """Capital missing to the requirement, `max(0, k A - E)`, money. Source: Basel Committee (2014)."""
    return np.maximum(required_ratio * np.asarray(assets) - np.asarray(equity), 0.0)


def credit_cut(
    equity_before: Float[AnyArray, " R"], equity_after: Float[AnyArray, "... R"], pass_through: float
) -> FloatArray:
    """Share by which a system cuts its credit, `min(1, phi (E - E') / E)`: leverage targets (Adrian and Shin 2010)."""
    after = np.asarray(equity_after)
    before = np.broadcast_to(np.asarray(equity_before), after.shape)
    return np.clip(pass_through * (before - after) / before, 0.0, 1.0)


def credit_lost(
    cut: Float[AnyArray, "... R"], loans: Float[AnyArray, " R"], claims: Float[AnyArray, "R R"]
) -> FloatArray:
    """Share of its credit that an economy loses, from lenders at home and abroad.

    `(loans_r cut_r + sum_j A_jr cut_j) / (loans_r + sum_j A_jr)`; 0 where there is no credit.
    Lenders pass losses at home on abroad: Peek and Rosengren (2000), American Economic Review 90(1).
    """
    home, abroad = np.asarray(loans, dtype=np.float64), np.asarray(claims, dtype=np.float64)
    share = np.asarray(cut)
    before = home + abroad.sum(axis=0)
    lost = np.broadcast_to(home, share.shape) * share + share @ abroad
    return lost / np.broadcast_to(np.where(before > 0, before, 1.0), share.shape)


def capacity_lost(
    lost_credit: Float[AnyArray, "... R"],
    credit_elasticity: float,
    dependence: Float[AnyArray, "R S"] | None = None,
) -> FloatArray:
    """Share of productive capacity lost, `min(1, epsilon d_rs credit_lost_r)`, [..., R] or with dependence [..., R, S].

    `dependence` on outside finance is relative to the average sector (Rajan and Zingales 1998); None is 1.
    """
    lost = credit_elasticity * np.asarray(lost_credit)
    if dependence is not None:
        lost = np.einsum("...r,rs->...rs", lost, np.asarray(dependence, dtype=np.float64))
    return np.clip(lost, 0.0, 1.0)
