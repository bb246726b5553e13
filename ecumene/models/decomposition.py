"""Where a gain comes from: exact log real income by partner and sector, and the first-order terms.

A price index of constant elasticity is a weighted mean of the logs of its parts with Sato-Vartia weights,
whatever the size of the change. So the price index of consumption is followed through the baskets, the
economy's own input-output links and the origins of every good: to partners' costs, the cost of trading with
them, and lost links.

Sources: Sato (1976) and Vartia (1976) for the weights; Feenstra (1994) for links that vanish; Caliendo and
Parro (2015) for the first-order terms.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from ecumene.errors import SolveError
from ecumene.models.core import compiled_problem
from ecumene.models.equations import Form, Problem
from ecumene.models.equilibrium import Equilibrium
from ecumene.types import ECONOMY, SECTOR, FloatArray

PARTNER = "partner"

TOLERANCE = 1e-10
"""The parts add up to log real income to this, or to 100 times the residual where that is larger."""

_LINK, _CELL, _ECONOMY = (ECONOMY, PARTNER, SECTOR), (ECONOMY, SECTOR), (ECONOMY,)
_LOG, _SHARE = "log points (1 = 100 %)", "share of base income"
PARTS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "foreign_cost": (_LINK, _LOG, "partner's unit cost relative to the own wage"),
    "trade_cost": (_LINK, _LOG, "change of the iceberg trade cost"),
    "tariff": (_LINK, _LOG, "change of the tariff that buyers pay"),
    "lost_links": (_LINK, _LOG, "links that closed: lost variety"),
    "revenue": (_LINK, _LOG, "change of tariff revenue in income"),
    "rents": (_LINK, _LOG, "rents from raised barriers in income"),
    "sector_wages": (_CELL, _LOG, "wages of sectors apart from the economy's mean (bound workers)"),
    "deficit": (_ECONOMY, _LOG, "change of the deficit in income"),
}
"""The exact parts: they add up to `log_real_income`."""

OTHERS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "log_real_income": (_ECONOMY, _LOG, "log of real income over the goods still supplied"),
    "log_real_wage": (_ECONOMY, _LOG, "log of the real wage: all parts but revenue, rents and deficit"),
    "first_order_terms_of_trade": (_LINK, _SHARE, "first-order terms of trade"),
    "first_order_volume_of_trade": (_LINK, _SHARE, "first-order volume of trade"),
    "first_order_remainder": (_ECONOMY, _SHARE, "exact change of real income minus both first-order terms"),
}


def decompose(eq: Equilibrium) -> xr.Dataset:
    """Each economy's log real income by partner and sector, exact for a change of any size.

    With Sato-Vartia weights a (consumption), g (inputs), b (value added), W (origins), and h = (I - g
    W_nn)^-1 a: `ln(real income_n) = - sum_is h_ns W_ins (ln kappa_ins + [i != n] (ln c_is - ln w_n)) -
    sum_s h_ns lost_ns - sum_s h_ns W_nns b_ns ln(w_ns / w_n) + revenue_n + rents_n + deficit_n`, where lost is
    `-(1/theta) ln(1 - closed share)`, by base shares of the closed partners, and the last three split `ln(I'
    / (w V)) - ln(I / V)` by the log mean (V base value added). An economy is its own partner where a
    domestic cost changed or a domestic link closed.

    Unit: log points; the first-order terms (those of the Equilibrium, by partner and sector) are shares of
    base income. Where goods are missing (`attrs["missing_goods"]` counts them), the parts explain
    `real_income_without_missing`: the full loss is infinite and has no parts. `attrs["gap"]` is the largest
    error of the sum.
    Errors: SolveError where the status is not ok, or the parts do not add up.
    """
    eq.raise_unless_ok()
    parts = {**_price_side(eq), **_income_side(eq)}
    out = eq.solved
    log_income = np.log(np.asarray(out.real_income))
    total = sum(part.reshape(len(log_income), -1).sum(axis=1) for part in parts.values())
    gap = float(np.abs(total - log_income).max())
    if not gap <= max(TOLERANCE, 100.0 * eq.residual):
        raise SolveError(
            f"the parts of real income add up only to {gap:.1e} (residual of the solve {eq.residual:.1e}); "
            "solve again with a smaller options.tolerance"
        )
    values = {
        **parts,
        "log_real_income": log_income,
        "log_real_wage": np.log(np.asarray(out.w / out.P_consumption)),
        **_first_order(eq),
    }
    labels = {ECONOMY: list(eq.economies), PARTNER: list(eq.economies), SECTOR: list(eq.sectors)}
    table = {**PARTS, **OTHERS}
    variables = {
        name: (table[name][0], array, {"units": table[name][1], "long_name": table[name][2]})
        for name, array in values.items()
    }
    missing = int(np.asarray(out.missing).sum())
    return xr.Dataset(variables, coords=labels, attrs={"gap": gap, "missing_goods": missing})


class _Weights(NamedTuple):
    """Sato-Vartia weights of every index, and the logs they weigh; sector first."""

    origin: FloatArray  # [S, i, n], over the links still open
    value_added: FloatArray  # [S, n]
    inputs: FloatArray  # [n, S inputs, S users]
    consumption: FloatArray  # [S, n]
    lost: FloatArray  # [S, i, n], log price


def _log_mean(share: FloatArray, growth: FloatArray) -> FloatArray:
    """Logarithmic mean of `share` and `share * exp(growth)`: `share (exp(growth) - 1) / growth`."""
    moved = np.abs(growth) > 1e-300
    return share * np.where(moved, np.expm1(growth) / np.where(moved, growth, 1.0), 1.0)


def _normalised(mean: FloatArray, axis: int) -> FloatArray:
    total = mean.sum(axis=axis, keepdims=True)
    return mean / np.where(total > 0, total, 1.0)


def _index(share: FloatArray, log: FloatArray, exponent: float, axis: int) -> tuple[FloatArray, FloatArray]:
    """Log of `(sum share x^exponent)^(1/exponent)`, shares adding to 1, and its Sato-Vartia weights."""
    if exponent == 0.0:
        return (share * log).sum(axis=axis), share
    value = np.log1p((share * np.expm1(exponent * log)).sum(axis=axis)) / exponent
    growth = exponent * (log - np.expand_dims(value, axis))
    return value, _normalised(_log_mean(share, growth), axis)


def _origins(eq: Equilibrium, problem: Problem) -> tuple[FloatArray, FloatArray]:
    """Weights of the open origins of every good, and the log price of the closed ones by base share."""
    base, out = eq.base, eq.solved
    theta = np.asarray(problem.theta)[:, None]
    pi = np.asarray(base.pi)
    is_open = np.asarray(problem.reach) > 0
    kept = np.where(is_open, pi, 0.0)
    closed = pi - kept
    supplied = kept.sum(axis=1) > 0
    open_share = np.where(supplied, kept.sum(axis=1), 1.0)
    share = kept / open_share[:, None, :]
    # reach = pi kappa^-theta holds the policy; logs of it stay finite where shares themselves would vanish.
    log_reach = np.log(np.where(is_open, np.asarray(problem.reach), 1.0)) - np.log(np.where(is_open, pi, 1.0))
    pull = np.where(is_open, log_reach - (theta * np.log(np.asarray(out.c)))[:, :, None], -np.inf)
    top = np.where(supplied, pull.max(axis=1), 0.0)[:, None, :]
    level = np.log(np.where(supplied, (share * np.exp(pull - top)).sum(axis=1), 1.0))[:, None, :] + top
    growth = np.where(is_open, pull - level, 0.0)
    weights = _normalised(_log_mean(share, growth), axis=1)
    closed_share = np.where(supplied, closed.sum(axis=1), 0.0)
    rise = -np.log(open_share / (open_share + closed_share)) / theta
    portion = closed / np.where(closed_share > 0, closed_share, 1.0)[:, None, :]
    return weights, np.where(closed_share > 0, rise, 0.0)[:, None, :] * portion


def _weights(eq: Equilibrium) -> _Weights:
    problem, _ = compiled_problem(eq.base, eq.policy, Form())
    out = eq.solved
    lP = np.log(np.asarray(out.P))
    beta, gamma, alpha = (np.asarray(part) for part in (problem.beta, problem.gamma, problem.alpha))
    eta, epsilon, sigma = (1.0 - float(part) for part in (problem.eta, problem.epsilon, problem.sigma))
    origin, lost = _origins(eq, problem)
    _, consumption = _index(alpha, lP, sigma, 0)
    bundle = 1.0 - beta
    mix = gamma / np.where(bundle > 0, bundle, 1.0).T[:, None, :]
    log_bundle, within = _index(mix, lP.T[:, :, None], epsilon, 1)
    nest = np.stack([beta, bundle])
    _, outer = _index(nest, np.stack([np.log(np.asarray(out.sector_wage)), log_bundle.T]), eta, 0)
    return _Weights(origin, outer[0], within * outer[1].T[:, None, :], consumption, lost)


def _price_side(eq: Equilibrium) -> dict[str, FloatArray]:
    """Parts of `ln(w_n / P_n)`."""
    weights, out = _weights(eq), eq.solved
    n_sectors = len(eq.sectors)
    own = np.einsum("sii->si", weights.origin)
    chained = np.eye(n_sectors) - weights.inputs * own.T[:, None, :]
    reliance = np.linalg.solve(chained, weights.consumption.T[:, :, None])[:, :, 0].T  # [S, n], h above
    exposure = reliance[:, None, :] * weights.origin
    log_wage, log_cost = np.log(np.asarray(out.w)), np.log(np.asarray(out.c))
    is_open = weights.origin > 0
    iceberg = np.where(is_open, eq.iceberg.transpose(2, 0, 1), 1.0)
    paid = np.where(is_open, (1.0 + eq.tariff.transpose(2, 0, 1)) / np.asarray(eq.base.paid), 1.0)
    foreign = 1.0 - np.eye(len(eq.economies))
    spread = np.log(np.asarray(out.sector_wage)) - log_wage
    return {
        "foreign_cost": _by_economy(-exposure * (log_cost[:, :, None] - log_wage) * foreign),
        "trade_cost": _by_economy(-exposure * np.log(iceberg)),
        "tariff": _by_economy(-exposure * np.log(paid)),
        "lost_links": _by_economy(-reliance[:, None, :] * weights.lost),
        "sector_wages": (-reliance * own * weights.value_added * spread).T + 0.0,
    }


def _income_side(eq: Equilibrium) -> dict[str, FloatArray]:
    """Parts of `ln(I' / (w V)) - ln(I / V)`: revenue by partner and sector, and the deficit."""
    base, out = eq.base, eq.solved
    value_added = np.asarray(base.value_added)
    earned = np.asarray(out.w) * value_added
    before, after = np.asarray(base.income) / value_added, np.asarray(out.income) / earned
    mean = _log_mean(before, np.log(after / before))
    rate, base_paid = eq.tariff.transpose(2, 0, 1), np.asarray(base.paid)
    revenue = np.asarray(out.pi) * np.asarray(out.spending)[:, None, :] * rate / (1.0 + rate) / earned
    base_spent = np.asarray(base.pi) * np.asarray(base.spending)[:, None, :]
    base_revenue = base_spent * (base_paid - 1.0) / base_paid / value_added
    rents = eq.rent_links.transpose(2, 0, 1) / eq.unit
    if eq.rents_kept_by == "exporter":
        rents = rents.transpose(0, 2, 1)
    received = np.asarray(out.revenue) + np.asarray(out.rent)
    deficit = (np.asarray(out.income) - received - earned) / earned
    return {
        "revenue": _by_economy((revenue - base_revenue) / mean),
        "rents": _by_economy(rents / earned / mean),
        "deficit": (deficit - np.asarray(base.deficit) / value_added) / mean,
    }


def _first_order(eq: Equilibrium) -> dict[str, FloatArray]:
    """The first-order terms by partner and sector.

    `ToT_nis = (M_nis (c_ns - 1) - M_ins (c_is - 1)) / I_n`, `VoT_nis = t_ins M_ins (M_hat_ins - c_is) / I_n`:
    hats c and M_hat; base flows M net of tariff [origin, destination, sector], base tariff t, base income I.
    """
    base, out = eq.base, eq.solved
    income, cost = np.asarray(base.income), np.asarray(out.c)
    foreign = 1.0 - np.eye(len(eq.economies))
    paid = np.asarray(base.paid)
    before = np.asarray(base.pi) * np.asarray(base.spending)[:, None, :] / paid * foreign
    after = eq.trade.values.transpose(2, 0, 1) / eq.unit * foreign
    priced = before * (cost - 1.0)[:, :, None]
    terms = (priced.transpose(0, 2, 1) - priced) / income
    volume = (paid - 1.0) * (after - before * cost[:, :, None]) / income
    change = np.asarray(out.real_income) - 1.0
    return {
        "first_order_terms_of_trade": _by_economy(terms),
        "first_order_volume_of_trade": _by_economy(volume),
        "first_order_remainder": change - (terms + volume).sum(axis=(0, 1)),
    }


def _by_economy(links: FloatArray) -> FloatArray:
    """[sector, partner, economy] to [economy, partner, sector]; no negative zeros."""
    return np.ascontiguousarray(links.transpose(2, 1, 0)) + 0.0
