"""Accounting identities of an input-output table, and the cleaning that makes a raw table obey them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecumene.errors import WorldError
from ecumene.types import FloatArray

MINIMUM_VALUE_ADDED_SHARE = 0.02
"""Columns below this share of value added in output have their inputs scaled down (assumption)."""

CLOSURE_TOLERANCE = 1e-9
"""Largest accounting gap, relative to world output, that a world may have."""

TINY_NEGATIVE_SHARE = 0.01
"""Negative input shares up to this size are taken for rounding in a published table (assumption)."""


@dataclass(frozen=True)
class Cleaned:
    """A closed table and how much the cleaning moved, per economy (million USD a year and share)."""

    Z: FloatArray
    Y: FloatArray
    report: pd.DataFrame


def _where(cell: tuple[int, ...], labels: tuple[tuple[str, ...], ...]) -> str:
    return ", ".join(names[index] for index, names in zip(cell, labels, strict=True))


def require_finite(name: str, values: FloatArray, labels: tuple[tuple[str, ...], ...]) -> None:
    """Raise a WorldError that names the first cell which is NaN or infinite."""
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        first = tuple(int(index) for index in bad[0])
        raise WorldError(
            f"{name} has {len(bad)} cells that are not finite, the first at ({_where(first, labels)}); "
            "fill or drop them before building a world"
        )


def require_nonnegative(name: str, values: FloatArray, labels: tuple[tuple[str, ...], ...]) -> None:
    """Raise a WorldError that names the first negative cell and its value."""
    bad = np.argwhere(values < 0)
    if len(bad):
        first = tuple(int(index) for index in bad[0])
        raise WorldError(
            f"{name} has {len(bad)} negative cells, the first at ({_where(first, labels)}) "
            f"= {values[first]:.6g}; correct the table, flows and shares cannot be negative"
        )


def require_shape(name: str, values: FloatArray, shape: tuple[int, ...], meaning: str) -> None:
    """Raise a WorldError that shows both shapes."""
    if values.shape != shape:
        raise WorldError(f"{name} has shape {values.shape}, expected {shape} = {meaning}")


def clean_flows(Z: FloatArray, Y: FloatArray, tariff_cost: FloatArray, economies: tuple[str, ...]) -> Cleaned:
    """Close a raw input-output table: no negative final demand, value added at least 2 % of output.

    Negative final-demand cells become zero (positive inventories stay); columns with
    `v_j = x_j - sum_i Z_ij (1 + t_ij) < 0.02 x_j` have their inputs scaled to leave 2 %; output is then
    re-solved, `x = (I - A)^-1 sum_f Y`, so that every row sum equals its column's output.

    Shapes: Z [R*S, R*S], Y [R*S, R*F], tariff_cost [R*S, R] (the factor 1 + tariff that buyers pay).
    Unit: million USD a year. Errors: WorldError where the re-solve is singular.
    """
    n_cells, n_economies = len(Z), len(economies)
    n_sectors = n_cells // n_economies
    seller = np.repeat(np.arange(n_economies), n_sectors)
    output = Z.sum(axis=1) + Y.sum(axis=1)
    positive_output = np.maximum(output, 0.0)

    clipped = np.where(Y < 0, -Y, 0.0)
    Y_clean = Y + clipped

    cost = np.einsum("ird,ir->rd", Z.reshape(n_cells, n_economies, n_sectors), tariff_cost).reshape(-1)
    ceiling = (1.0 - MINIMUM_VALUE_ADDED_SHARE) * positive_output
    scale = np.where(cost > ceiling, np.divide(ceiling, cost, out=np.ones(n_cells), where=cost > 0), 1.0)
    removed = cost * (1.0 - scale)

    A = np.divide(Z * scale, positive_output, out=np.zeros_like(Z), where=positive_output > 0)
    try:
        x = np.linalg.solve(np.eye(n_cells) - A, Y_clean.sum(axis=1))
    except np.linalg.LinAlgError as error:
        raise WorldError(
            "I - A is singular after cleaning; a group of sectors sells only to itself"
        ) from error
    if (x < -CLOSURE_TOLERANCE * x.sum()).any():
        raise WorldError(
            "the re-solved output is negative; the table's input coefficients are not productive"
        )
    x = np.maximum(x, 0.0)
    Z_clean = A * x
    # The rows define output: sales are summed again so that rounding never opens an account.
    moved_output = np.abs(Z_clean.sum(axis=1) + Y_clean.sum(axis=1) - output)

    base = np.bincount(seller, weights=output, minlength=n_economies).astype(np.float64)
    rows = [
        (
            "negative final demand set to zero",
            np.bincount(seller, weights=clipped.sum(axis=1), minlength=n_economies),
        ),
        ("inputs scaled down", np.bincount(seller, weights=removed, minlength=n_economies)),
        ("output re-solved", np.bincount(seller, weights=moved_output, minlength=n_economies)),
    ]
    report = pd.concat(
        [
            pd.DataFrame(
                {
                    "economy": economies,
                    "what": what,
                    "moved_million_usd": moved,
                    "share": _shares(np.asarray(moved, dtype=np.float64), base),
                }
            )
            for what, moved in rows
        ],
        ignore_index=True,
    )
    return Cleaned(Z_clean, Y_clean, report)


def _shares(moved: FloatArray, output: FloatArray) -> FloatArray:
    """What moved as a share of output; not a number where there is none."""
    return np.divide(moved, output, out=np.full(len(output), np.nan), where=output > 0)


@dataclass(frozen=True)
class CleanedTrade:
    """Closed trade and final demand of a world given by shares, and the report of what moved."""

    trade: FloatArray
    intermediate: FloatArray
    final: FloatArray
    report: pd.DataFrame | None


def close_trade(
    trade: FloatArray,
    cost_share: FloatArray,
    tariff: FloatArray,
    economies: tuple[str, ...],
) -> CleanedTrade:
    """Final demand as what is left of spending, negative cells clipped and output re-solved.

    `X_ns = sum_i T_ins (1 + t_ins)`, `F_ns = X_ns - sum_k g_nsk Y_nk`. Where some F is negative it becomes
    zero, and final spending by economy is set so that every economy keeps its value added: with trade shares, recipes
    and baskets kept, `X = g Y + F`, `Y_is = sum_n pi_ins X_ns / (1 + t_ins)`. Errors: WorldError where spending of an
    economy would have to be negative.

    Shapes: trade, tariff [R, R, S]; cost_share [R, S inputs, S users], inputs per unit of output.
    """
    n_economies, _, n_sectors = trade.shape
    output = trade.sum(axis=1)
    spending = (trade * (1.0 + tariff)).sum(axis=0)
    intermediate = cost_share * output[:, None, :]
    final = spending - intermediate.sum(axis=2)
    # Rounding on the scale of spending is not a negative cell.
    final = np.where(np.abs(final) <= 1e-12 * spending, 0.0, final)
    negative = final < 0
    if not negative.any():
        return CleanedTrade(trade, intermediate, final, None)
    consumed = np.maximum(final, 0.0).sum(axis=1)
    if not (consumed > 0).all():
        nothing = int(np.argmin(consumed))
        raise WorldError(
            f"{economies[nothing]} has no final demand left: its inputs take all that it buys; "
            "check its value added shares and input shares"
        )

    clipped = np.where(negative, -final, 0.0)
    final = final + clipped
    net_share = np.divide(trade, spending, out=np.zeros_like(trade), where=spending > 0)
    n_cells = n_economies * n_sectors
    same_sector = np.eye(n_sectors)
    supply = np.einsum("ins,st->isnt", net_share, same_sector).reshape(n_cells, n_cells)
    technology = np.einsum("nsk,nm->nsmk", cost_share, np.eye(n_economies)).reshape(n_cells, n_cells)
    leontief = np.linalg.inv(np.eye(n_cells) - supply @ technology) @ supply
    # Final spending by economy is set so that every economy keeps its value added.
    basket = final / final.sum(axis=1, keepdims=True)
    by_buyer = (leontief.reshape(n_cells, n_economies, n_sectors) * basket).sum(axis=2)
    value_added_share = 1.0 - cost_share.sum(axis=1)
    earned = (
        (value_added_share.reshape(-1, 1) * by_buyer).reshape(n_economies, n_sectors, n_economies).sum(axis=1)
    )
    income = np.linalg.solve(earned, (value_added_share * output).sum(axis=1))
    if not (income > 0).all():
        raise WorldError(
            "final demand cannot be closed with the value added given: spending of "
            f"{economies[int(np.argmin(income))]} would be negative; check its value added shares and input shares"
        )
    final = basket * income[:, None]
    resolved = (leontief @ final.reshape(-1)).clip(min=0.0).reshape(n_economies, n_sectors)
    intermediate = cost_share * resolved[:, None, :]
    trade = net_share * (intermediate.sum(axis=2) + final)
    base = output.sum(axis=1)
    report = pd.concat(
        [
            pd.DataFrame(
                {
                    "economy": economies,
                    "what": what,
                    "moved_million_usd": moved,
                    "share": _shares(np.asarray(moved, dtype=np.float64), base),
                }
            )
            for what, moved in [
                ("negative final demand set to zero", clipped.sum(axis=1)),
                ("output re-solved", np.abs(trade.sum(axis=1) - output).sum(axis=1)),
            ]
        ],
        ignore_index=True,
    )
    return CleanedTrade(trade, intermediate, final, report)


def largest_gap(
    trade: FloatArray, intermediate: FloatArray, final: FloatArray, tariff: FloatArray
) -> tuple[float, tuple[int, int]]:
    """Largest difference between what buyers pay and what they spend, relative to world output, and where.

    `sum_i T_ins (1 + t_ins) = sum_k intermediate_nsk + sum_f final_nsf` for every economy n and sector s.
    """
    spending = (trade * (1.0 + tariff)).sum(axis=0)
    gap = np.abs(spending - intermediate.sum(axis=2) - final.sum(axis=2))
    n, s = np.unravel_index(int(np.argmax(gap)), gap.shape)
    return float(gap[n, s] / trade.sum()), (int(n), int(s))
