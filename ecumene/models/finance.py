"""From lost value added to bank losses, contagion between banking systems, and capacity lost to a cut in credit.

The public functions of the bank-contagion models are gathered here. A bank is any creditor; in the coupling it is the
banking system of one economy, R of them. Every function is pure: arrays in, arrays out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from ecumene.errors import InputError
from ecumene.models.banks import Banks, banks, banks_from_totals, name_of, numbers, refuse
from ecumene.models.clearing import Clearing, clear
from ecumene.models.credit import (
    PARAMETER_SOURCES,
    Parameters,
    capacity_lost,
    capital_shortfall,
    check_parameters,
    credit_cut,
    credit_lost,
    loan_losses,
    loans_by_sector,
)
from ecumene.models.debtrank import DebtRank, debtrank, largest_eigenvalue, leverage
from ecumene.models.exposures import (
    Exposures,
    Origin,
    Range,
    equal_totals,
    given_exposures,
    merged,
    reconstruct,
)
from ecumene.models.solve import Status
from ecumene.models.valuation import (
    Debtors,
    EisenbergNoe,
    Furfine,
    LinearDebtRank,
    Merton,
    RogersVeraart,
    Valuation,
    Valued,
    solve_valuation,
)
from ecumene.types import FloatArray


class Contagion(NamedTuple):
    """What a loss of value added does through banks; a leading axis of scenarios where the loss had one.

    Money in the unit of the balance sheets. `direct_loss` of loans; `network_loss` on claims on other systems;
    `equity_after` of both; `shortfall` of capital below the requirement; `credit_cut` by the lending system and
    `credit_lost` to borrowers of an economy, shares; `capacity_lost`, share of base output, by economy or by economy
    and sector; `lambda_max` of the leverage matrix; `origin` of the exposures. NaN where the status is not OK.
    """

    direct_loss: Float[np.ndarray, "... R"]
    network_loss: Float[np.ndarray, "... R"]
    equity_before: Float[np.ndarray, " R"]
    equity_after: Float[np.ndarray, "... R"]
    shortfall: Float[np.ndarray, "... R"]
    credit_cut: Float[np.ndarray, "... R"]
    credit_lost: Float[np.ndarray, "... R"]
    capacity_lost: Float[np.ndarray, ...]
    lambda_max: float
    origin: Origin
    residual: float
    status: Status


class ContagionRange(NamedTuple):
    """The same loss over dense and over sparse exposures; neither bounds every network with these totals."""

    dense: Contagion
    sparse: Contagion

    def low(self, field: str) -> FloatArray:
        """The smaller of both, cell by cell."""
        return np.minimum(getattr(self.dense, field), getattr(self.sparse, field))

    def high(self, field: str) -> FloatArray:
        """The larger of both, cell by cell."""
        return np.maximum(getattr(self.dense, field), getattr(self.sparse, field))


def _check_lost(given: ArrayLike, book: FloatArray, names: Sequence[str] | None) -> FloatArray:
    values = numbers("value_added_lost", given)
    if values.ndim not in (book.ndim, book.ndim + 1) or values.shape[values.ndim - book.ndim :] != book.shape:
        raise InputError(
            f"value_added_lost has shape {values.shape}, loans {book.shape}; give both by economy, or both by economy "
            "and sector (loans_by_sector), with at most one axis of scenarios before"
        )
    bad = np.argwhere(~(np.isfinite(values) & (values <= 1.0)))
    if len(bad):
        cell = tuple(bad[0])
        raise InputError(
            f"value_added_lost of {name_of(int(cell[values.ndim - book.ndim]), names)} is {values[cell]:.6g}; "
            "it is a share of base value added, finite and at most 1"
        )
    return values


def contagion(
    exposures: Exposures,
    total_assets: ArrayLike,
    equity: ArrayLike,
    loans: ArrayLike,
    value_added_lost: ArrayLike,
    *,
    parameters: Parameters | None = None,
    valuation: Valuation | None = None,
    dependence: ArrayLike | None = None,
    names: Sequence[str] | None = None,
) -> Contagion:
    """Value added lost -> loan losses -> bank equity -> contagion abroad -> credit cut -> capacity lost.

    Shapes: exposures.claims [R, R]; total_assets, equity [R]; loans [R] or [R, S], one unit of money;
    value_added_lost [R] or [R, S], share of base value added, with a leading axis of scenarios if wanted (a gain is
    negative, and leaves banks as they are); dependence [R, S]. `valuation` is
    linear DebtRank, with a recovery of 1 less the interbank loss given default, unless given.
    Errors: InputError where exposures or loans are above assets, equity is not above 0, a share is out of range.
    """
    use = Parameters() if parameters is None else parameters
    check_parameters(use)
    sheets = banks_from_totals(exposures.claims, total_assets, equity, names=names)
    size = len(sheets.external_assets)
    own = np.asarray(sheets.equity)
    refuse("equity", own <= 0, own, names, "a system that lends needs it above 0; leave an insolvent one out")
    book = numbers("loans", loans)
    if book.ndim not in (1, 2) or len(book) != size:
        raise InputError(f"loans has shape {book.shape}, expected ({size},) or ({size}, sectors)")
    if not (np.isfinite(book) & (book >= 0)).all():
        raise InputError("loans holds a negative amount or one that is not finite; correct it")
    lent = book if book.ndim == 1 else book.sum(axis=1)
    outside = np.asarray(sheets.external_assets)
    refuse(
        "loans", lent > outside * (1.0 + 1e-9), lent, names,
        "loans and claims on other banks are above total assets; lower them or raise total_assets",
    )  # fmt: skip
    lost = _check_lost(value_added_lost, book, names)
    need = None if dependence is None else numbers("dependence", dependence)
    if need is not None and (need.ndim != 2 or len(need) != size or not (need >= 0).all()):
        raise InputError(f"dependence has shape {need.shape}, expected ({size}, sectors), at least 0")
    direct = loan_losses(lost, book, use.default_sensitivity, use.loss_given_default)
    method = LinearDebtRank(1.0 - use.interbank_loss_given_default) if valuation is None else valuation
    valued = solve_valuation(sheets, direct, valuation=method, names=names)
    after = valued.equity
    network = (1.0 - valued.value) @ np.asarray(sheets.claims).T
    assets = np.broadcast_to(outside, after.shape) - direct + valued.value @ sheets.claims.T
    cut = credit_cut(own, after, use.pass_through)
    reached = credit_lost(cut, lent, np.asarray(sheets.claims))
    return Contagion(
        direct, network, own, after,
        capital_shortfall(after, assets, use.required_ratio),
        cut, reached,
        capacity_lost(reached, use.credit_elasticity, need),
        largest_eigenvalue(leverage(sheets.claims, own, names=names)),
        exposures.origin, valued.residual, valued.status,
    )  # fmt: skip


def contagion_range(
    exposures: Range,
    total_assets: ArrayLike,
    equity: ArrayLike,
    loans: ArrayLike,
    value_added_lost: ArrayLike,
    *,
    parameters: Parameters | None = None,
    valuation: Valuation | None = None,
    dependence: ArrayLike | None = None,
    names: Sequence[str] | None = None,
) -> ContagionRange:
    """`contagion` over both reconstructions of the exposures, dense and sparse."""
    dense, sparse = (
        contagion(
            variant, total_assets, equity, loans, value_added_lost,
            parameters=parameters, valuation=valuation, dependence=dependence, names=names,
        )
        for variant in exposures
    )  # fmt: skip
    return ContagionRange(dense, sparse)


__all__ = [
    "PARAMETER_SOURCES",
    "Banks",
    "Clearing",
    "Contagion",
    "ContagionRange",
    "DebtRank",
    "Debtors",
    "EisenbergNoe",
    "Exposures",
    "Furfine",
    "LinearDebtRank",
    "Merton",
    "Origin",
    "Parameters",
    "Range",
    "RogersVeraart",
    "Status",
    "Valuation",
    "Valued",
    "banks",
    "banks_from_totals",
    "capacity_lost",
    "capital_shortfall",
    "clear",
    "contagion",
    "contagion_range",
    "credit_cut",
    "credit_lost",
    "debtrank",
    "equal_totals",
    "given_exposures",
    "largest_eigenvalue",
    "leverage",
    "loan_losses",
    "loans_by_sector",
    "merged",
    "reconstruct",
    "solve_valuation",
]
