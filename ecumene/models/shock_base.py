"""The base of production shocks: daily flows of one year, in one factorised form for tables and for trade models.

A market is a set of users of one economy who buy an input sector from origins in the same proportions. In a table every
user is a market of its own; in the trade model all users of an economy share one. The order matrix is never stored.

Axes: input sector K, buying economy N, origin R, market of an economy V, users of a market W. The users of an economy
are its S industries, its F final uses, and reconstruction, in this order: V W = S + F + 1. K = S and N = R in number.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from ecumene.errors import InputError
from ecumene.types import AnyArray, FloatArray

DAYS_IN_A_YEAR = 365
"""Flows of a year are divided by this (calendar)."""

CAPITAL_TO_VALUE_ADDED = 4.0
"""Productive capital over yearly value added (Hallegatte 2008)."""


class Base(NamedTuple):
    """Daily flows without a shock, in million USD a day; capital in million USD."""

    mix: Float[
        AnyArray, "K N R V"
    ]  # share of an origin in a market's purchases; sums to 1, or 0 where nothing is bought
    inputs: Float[AnyArray, "K N S"]  # a: daily use over daily output, net of tariff
    final: Float[AnyArray, "K N F"]  # daily final purchases, net of tariff
    output: Float[AnyArray, "N S"]  # x0, daily
    value_added: Float[AnyArray, "N S"]  # output minus tariff-inclusive inputs, daily
    capital: Float[AnyArray, "N S"]

    @property
    def consumption(self) -> FloatArray:
        """Base final purchases [N, F], million USD a day."""
        return np.asarray(self.final).sum(axis=0)


def _require(name: str, values: FloatArray, shape: tuple[int, ...], axes: str) -> None:
    if values.shape != shape:
        raise InputError(f"{name} has shape {values.shape}; it must be {axes} = {shape}")
    wrong = ~(np.isfinite(values) & (values >= 0))
    if wrong.any():
        cell = tuple(int(part) for part in np.argwhere(wrong)[0])
        raise InputError(
            f"{name}{list(cell)} is {values[cell]}; flows must be finite and not negative, clean the table"
        )


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.zeros(np.broadcast_shapes(part.shape, whole.shape)), where=whole > 0)


def _closed(
    mix: FloatArray,
    used: FloatArray,
    final: FloatArray,
    output: FloatArray,
    cost: FloatArray,
    capital: FloatArray | None,
) -> Base:
    """Daily arrays from yearly ones; accounts are checked here."""
    value_added = output - cost
    low = np.argwhere(value_added < -1e-9 * np.maximum(output, 0.0) - 1e-12 * output.sum())
    if len(low):
        n, s = (int(part) for part in low[0])
        raise InputError(
            f"value added of economy {n}, sector {s} is {value_added[n, s]:.4g}; clean the table first"
        )
    value_added = np.maximum(value_added, 0.0)  # rounding only: larger gaps have raised above
    nothing = np.zeros((*used.shape[:2], 1))  # no reconstruction in the base
    bought = (
        np.concatenate([used, final, nothing], axis=2).reshape(*mix.shape[:2], mix.shape[3], -1).sum(axis=3)
    )
    sales = np.einsum("knrv,knv->rk", mix, bought)
    gap = np.abs(sales - output).max() / output.sum()
    if not gap <= 1e-9:
        raise InputError(
            f"sales and output of an industry differ by {gap:.1e} of world output; pass the table through "
            "World.from_flows, which cleans it"
        )
    if capital is None:
        capital = CAPITAL_TO_VALUE_ADDED * value_added
    _require("capital", capital, output.shape, "economies x sectors")
    per_day = 1.0 / DAYS_IN_A_YEAR
    inputs = _share(used, output[None])
    return Base(mix, inputs, final * per_day, output * per_day, value_added * per_day, capital)


def from_dense(
    Z: Float[AnyArray, "n n"],
    Y: Float[AnyArray, "n nf"],
    n_economies: int,
    *,
    tariff: Float[AnyArray, "R R S"] | None = None,
    capital: Float[AnyArray, "R S"] | None = None,
) -> Base:
    """The base of a full input-output table: every user is a market of its own.

    Z [R*S, R*S] and Y [R*S, R*F], million USD a year net of tariff, economy-major, rows sell to columns; output is a
    row's sales, `x_i = sum_j Z_ij + sum_f Y_if`. tariff [origin, destination, sector] ad valorem: buyers pay
    `flow (1 + t)`, so value added is `x_j - sum_i Z_ij (1 + t_ij)`. capital, million USD: four times value added where
    not given (Hallegatte 2008). Errors: InputError (shapes, negative cells, negative value added).
    """
    Z, Y = np.asarray(Z, dtype=np.float64), np.asarray(Y, dtype=np.float64)
    R = int(n_economies)
    cells = Z.shape[0]
    if R < 1 or cells % R or Y.ndim != 2 or Y.shape[1] % R or not Y.shape[1]:
        raise InputError(
            f"Z {Z.shape} and Y {Y.shape} do not divide into {R} economies; they are economy-major tables"
        )
    S, F = cells // R, Y.shape[1] // R
    _require("Z", Z, (cells, cells), "cells x cells")
    _require("Y", Y, (cells, R * F), "cells x final uses")
    rates = np.zeros((R, R, S)) if tariff is None else np.asarray(tariff, dtype=np.float64)
    if rates.shape != (R, R, S) or not (np.isfinite(rates) & (rates > -1.0)).all():
        raise InputError(
            f"tariff must be finite rates above -1 of shape {(R, R, S)}, origin x destination x sector"
        )
    links = Z.reshape(R, S, R, S)
    finals = Y.reshape(R, S, R, F)
    output = Z.sum(axis=1).reshape(R, S) + finals.sum(axis=(2, 3))
    cost = np.einsum("iknu,ink->nu", links, 1.0 + rates)
    flows = np.concatenate([links, finals, finals.sum(axis=3, keepdims=True)], axis=3).transpose(1, 2, 0, 3)
    bought = flows.sum(axis=2)
    mix = _share(flows, bought[:, :, None, :])
    return _closed(mix, bought[..., :S], bought[..., S : S + F], output, cost, _optional(capital))


def from_proportional(
    trade: Float[AnyArray, "R R S"],
    intermediate: Float[AnyArray, "R S S"],
    final: Float[AnyArray, "R S F"],
    *,
    tariff: Float[AnyArray, "R R S"] | None = None,
    capital: Float[AnyArray, "R S"] | None = None,
) -> Base:
    """The base of a trade model: all users of an economy buy a sector from origins in the same proportions.

    trade [origin, destination, sector], million USD a year net of tariff; intermediate [economy, input, user] and
    final [economy, sector, final use] include tariffs, as in a World or an equilibrium, so that
    `sum_i T_ins (1 + t_ins) = sum_k intermediate_nsk + sum_f final_nsf`; `Z_is,nk = T_ins / X_ns intermediate_nsk`.
    A table that is not proportional becomes so here. Errors: InputError (shapes, signs, accounts that do not close).
    """
    T, M, Y = (np.asarray(part, dtype=np.float64) for part in (trade, intermediate, final))
    if T.ndim != 3 or T.shape[0] != T.shape[1] or Y.ndim != 3:
        raise InputError(
            f"trade {T.shape} must be origin x destination x sector, final {Y.shape} economy x sector x use"
        )
    R, _, S = T.shape
    _require("trade", T, (R, R, S), "economies x economies x sectors")
    _require("intermediate", M, (R, S, S), "economies x sectors x sectors")
    _require("final", Y, (R, S, Y.shape[2]), "economies x sectors x final uses")
    rates = np.zeros((R, R, S)) if tariff is None else np.asarray(tariff, dtype=np.float64)
    if rates.shape != (R, R, S) or not (np.isfinite(rates) & (rates > -1.0)).all():
        raise InputError(
            f"tariff must be finite rates above -1 of shape {(R, R, S)}, origin x destination x sector"
        )
    paid = (T * (1.0 + rates)).sum(axis=0)
    gap = np.abs(paid - M.sum(axis=2) - Y.sum(axis=2)).max() / T.sum()
    if not gap <= 1e-9:
        raise InputError(
            f"purchases and spending differ by {gap:.1e} of world output; final and intermediate include tariffs"
        )
    bought = T.sum(axis=0)
    net = _share(bought, paid)[:, :, None]
    mix = _share(T, bought[None]).transpose(2, 1, 0)[..., None]
    used, finals = (M * net).transpose(1, 0, 2), (Y * net).transpose(1, 0, 2)
    return _closed(mix, used, finals, T.sum(axis=1), M.sum(axis=1), _optional(capital))


def _optional(values: Float[AnyArray, "R S"] | None) -> FloatArray | None:
    return None if values is None else np.asarray(values, dtype=np.float64)
