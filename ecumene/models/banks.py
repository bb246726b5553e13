"""Balance sheets of banks: one record for every contagion model, and the one place that checks what a caller gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from ecumene.errors import InputError
from ecumene.types import AnyArray, BoolArray, FloatArray

ROUNDING = 1e-9
"""Relative difference, of a bank's own total, below which two money amounts are one."""


class Banks(NamedTuple):
    """Balance sheets of N banks, in one unit of money. A bank may be the banking system of an economy.

    `claims[i, j]` is what bank i is owed by bank j; the column of a bank is what it owes.
    """

    claims: Float[AnyArray, "N N"]
    external_assets: Float[AnyArray, " N"]
    external_liabilities: Float[AnyArray, " N"]

    @property
    def liabilities(self) -> Float[AnyArray, " N"]:
        """What a bank owes to all, `Lbar_i = L_ext,i + sum_j A_ji`."""
        return self.external_liabilities + self.claims.sum(axis=0)

    @property
    def assets(self) -> Float[AnyArray, " N"]:
        """Book value of what a bank owns, `A_ext,i + sum_j A_ij`."""
        return self.external_assets + self.claims.sum(axis=1)

    @property
    def equity(self) -> Float[AnyArray, " N"]:
        """Book equity `E_i = A_ext,i + sum_j A_ij - Lbar_i`; negative where a bank is insolvent at book value."""
        return self.assets - self.liabilities


def name_of(bank: int, names: Sequence[str] | None) -> str:
    """How a message calls a bank: by its name where names are given, else by its position, from 0."""
    return f"bank {bank}" if names is None else str(names[bank])


def vector(
    what: str, given: ArrayLike, size: int, names: Sequence[str] | None, *, lowest: float = 0.0
) -> FloatArray:
    """One finite number a bank, at or above `lowest`. Errors: InputError."""
    values = numbers(what, given)
    if values.shape != (size,):
        raise InputError(f"{what} has shape {values.shape}, expected ({size},) = one number a bank")
    refuse(what, ~np.isfinite(values), values, names, "give a finite number")
    refuse(what, values < lowest, values, names, f"it must be at least {lowest:g}")
    return values


def numbers(what: str, given: ArrayLike) -> FloatArray:
    """An array of numbers in double precision. Errors: InputError."""
    try:
        return np.array(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} is not an array of numbers: {error}") from error


def refuse(what: str, bad: BoolArray, values: FloatArray, names: Sequence[str] | None, remedy: str) -> None:
    """Raise InputError for the first bank that is bad, saying how many more are."""
    where = np.flatnonzero(bad)
    if len(where):
        more = f" (and {len(where) - 1} more)" if len(where) > 1 else ""
        raise InputError(
            f"{what} of {name_of(int(where[0]), names)}{more} is {values[where[0]]:.6g}; {remedy}"
        )


def check_names(names: Sequence[str] | None, size: int) -> None:
    """Names, where given, are one a bank. Errors: InputError."""
    if names is not None and len(names) != size:
        raise InputError(f"names has {len(names)} entries for {size} banks; give one name a bank")


def check_claims(claims: ArrayLike, names: Sequence[str] | None = None) -> FloatArray:
    """Claims [N, N], row i: what bank i is owed; finite, not negative, nobody owing itself. Errors: InputError."""
    values = numbers("claims", claims)
    if values.ndim != 2 or values.shape[0] != values.shape[1] or not values.size:
        raise InputError(
            f"claims has shape {values.shape}, expected (N, N) = creditor x debtor with N at least 1"
        )
    check_names(names, len(values))
    wrong = {
        "is not finite; give a finite number": ~np.isfinite(values),
        "is negative; enter it as a claim of the other bank": values < 0,
        "is a bank's claim on itself; set the diagonal to zero": np.eye(len(values), dtype=bool)
        & (values != 0),
    }
    for remedy, bad in wrong.items():
        if bad.any():
            i, j = (int(cell) for cell in np.argwhere(bad)[0])
            raise InputError(
                f"the claim of {name_of(i, names)} on {name_of(j, names)} ({values[i, j]:.6g}) {remedy}"
            )
    return values


def banks(
    claims: ArrayLike,
    external_assets: ArrayLike,
    external_liabilities: ArrayLike,
    *,
    names: Sequence[str] | None = None,
) -> Banks:
    """Balance sheets from claims and external positions, checked.

    Shapes: claims [N, N] (row i: what bank i is owed), the others [N]; one unit of money.
    Errors: InputError for shapes, numbers that are not finite, negative amounts, a bank that owes itself.
    """
    checked = check_claims(claims, names)
    size = len(checked)
    return Banks(
        checked,
        vector("external_assets", external_assets, size, names),
        vector("external_liabilities", external_liabilities, size, names),
    )


def banks_from_totals(
    claims: ArrayLike,
    total_assets: ArrayLike,
    equity: ArrayLike,
    *,
    names: Sequence[str] | None = None,
) -> Banks:
    """Balance sheets whose external positions are what claims leave of total assets and total liabilities.

    `A_ext,i = assets_i - sum_j A_ij`, `L_ext,i = assets_i - equity_i - sum_j A_ji`.
    Shapes: claims [N, N], total_assets, equity [N]; one unit of money.
    Errors: InputError where exposures are above assets, interbank debt is above total debt, or equity above assets.
    """
    checked = check_claims(claims, names)
    assets = vector("total_assets", total_assets, len(checked), names)
    capital = vector("equity", equity, len(checked), names, lowest=-np.inf)
    refuse(
        "equity", capital > assets, capital, names, "it is above total assets; lower it or raise the assets"
    )
    exposure, debt = checked.sum(axis=1), checked.sum(axis=0)
    outside = assets - exposure
    owed = assets - capital - debt
    slack = ROUNDING * assets
    refuse(
        "exposure", outside < -slack, exposure, names,
        "exposures are above total assets; lower the claims or raise total_assets",
    )  # fmt: skip
    refuse(
        "interbank debt", owed < -slack, debt, names,
        "debt to banks is above total liabilities (total_assets - equity); lower the claims or the equity",
    )  # fmt: skip
    # What is left of a difference of equal amounts is rounding.
    return Banks(checked, np.where(outside < 0, 0.0, outside), np.where(owed < 0, 0.0, owed))


def shocked_assets(given: Banks, losses: ArrayLike | None, names: Sequence[str] | None = None) -> FloatArray:
    """External assets after losses, [N] or [scenario, N]. Errors: InputError where losses are above the assets."""
    outside = np.asarray(given.external_assets, dtype=np.float64)
    if losses is None:
        return outside
    values = numbers("losses", losses)
    if values.ndim not in (1, 2) or values.shape[-1] != len(outside):
        raise InputError(
            f"losses has shape {values.shape}, expected ({len(outside)},) or "
            f"(scenarios, {len(outside)}) = one number a bank"
        )
    for row in np.atleast_2d(values):
        refuse("losses", ~np.isfinite(row), row, names, "give a finite number")
        refuse("losses", row < 0, row, names, "a loss is positive; leave gains out")
        refuse(
            "losses", row > outside * (1.0 + ROUNDING), row, names,
            "losses are above external assets; lower them to what there is to lose",
        )  # fmt: skip
    left = outside - values
    return np.where(left < 0, 0.0, left)
