"""The equations of the trade equilibrium once more, in plain NumPy, checked on the labelled fields of a result.

Nothing of `ecumene.models` is used but the numbers that `trade.solve` returned.
"""

from __future__ import annotations

import numpy as np

from ecumene.types import FloatArray
from ecumene.world import World


def _gap(left: FloatArray, right: FloatArray) -> float:
    size = np.maximum(np.abs(left), np.abs(right))
    return float(
        np.max(np.where(size > 0, np.abs(left - right) / np.where(size > 0, size, 1.0), 0.0), initial=0.0)
    )


def _ratio(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.divide(a, b, out=np.zeros(np.broadcast_shapes(a.shape, b.shape)), where=b > 0)


def _mean(weight: FloatArray, price: FloatArray, elasticity: float, axis: int) -> FloatArray:
    """The CES price index with base shares `weight`; they may sum to less than 1 only where the rest costs 1."""
    if elasticity == 1.0:
        return np.exp((weight * np.log(price)).sum(axis=axis))
    r = 1.0 - elasticity
    return (weight * price**r).sum(axis=axis) ** (1.0 / r)


def reach(links: FloatArray) -> FloatArray:
    """1 where two economies are joined by links in either direction, over any number of steps."""
    joined = links | links.T | np.eye(len(links), dtype=bool)
    for _ in range(len(links)):
        wider = (joined.astype(int) @ joined.astype(int)) > 0
        if (wider == joined).all():
            break
        joined = wider
    return joined.astype(float)


def base_paid(world: World, output: FloatArray) -> FloatArray:
    """Value added by sector in the base."""
    return output * (1.0 - _ratio(world.intermediate.values, world.output.values[:, None, :]).sum(axis=1))


def _factor_errors(eq, factors, mobility, paid: FloatArray, paid0: FloatArray) -> dict[str, float]:
    """Supply of every factor and sector, from the levels: efficiency units move with (w_fs / w_f)^(kappa - 1)."""
    mu = factors.transpose("economy", "sector", "factor").values
    kappa = np.array([mobility[f] if isinstance(mobility, dict) else mobility for f in eq.factors])
    real = eq.price_index.values[:, None]
    w_f = eq.factor_real_wage.values * real
    w_fs = eq.factor_sector_real_wage.values * real[:, :, None]
    earned, earned0 = mu * paid[:, :, None], mu * paid0[:, :, None]
    # Fixed supply: what a factor earns is its mean wage.
    errors = {"factor income": _gap(earned.sum(axis=1), w_f * earned0.sum(axis=1))}
    # The price of value added is the Cobb-Douglas mean of its factors.
    w_f, w_fs = np.where(np.isnan(w_f), 1.0, w_f), np.where(np.isnan(w_fs), 1.0, w_fs)
    at_work = (mu > 0) & (paid0 > 0)[:, :, None] & (paid > 0)[:, :, None]
    log = np.where(at_work, np.log(w_fs), np.log(w_f)[:, None, :])
    errors["value added price"] = _gap(eq.sector_wage.values, np.exp((mu * log).sum(axis=2)))
    # Roy-Frechet supply: w_fs x efficiency units = what is earned, units = base x (w_fs / w_f)^(kappa - 1).
    if np.isfinite(kappa).all():
        units = earned0 * (w_fs / w_f[:, None, :]) ** (kappa - 1.0)
        errors["sector supply"] = _gap(np.where(at_work, earned, 1.0), np.where(at_work, w_fs * units, 1.0))
    else:
        moved = np.where(at_work & np.isinf(kappa), w_fs / w_f[:, None, :], 1.0)
        errors["mobile factor"] = float(np.abs(moved - 1.0).max())
    return errors


def equation_errors(
    world: World,
    eq,
    *,
    iceberg: FloatArray,
    tariff: FloatArray,
    theta: FloatArray | None,
    deficits: str,
    eta: float = 1.0,
    epsilon: float = 1.0,
    sigma: float = 1.0,
    factors: FloatArray | None = None,
    mobility: float | dict[str, float] = np.inf,
    rents: str = "waste",
) -> dict[str, float]:
    """The largest relative error of every equation of the model, by name."""
    theta = world.theta.values if theta is None else np.broadcast_to(theta, (len(world.sectors),))
    t0, t1 = 1.0 + world.tariff.values, 1.0 + tariff
    flow0 = eq.base_trade.values
    X0, Y0 = (flow0 * t0).sum(axis=0), flow0.sum(axis=1)
    pi0 = _ratio(flow0 * t0, X0[None])
    gamma = _ratio(world.intermediate.values, world.output.values[:, None, :])
    beta = 1.0 - gamma.sum(axis=1)
    final = world.final.values.sum(axis=2)
    alpha = final / final.sum(axis=1, keepdims=True)
    worth0 = (beta * Y0).sum(axis=1)
    deficit0 = flow0.sum(axis=(0, 2)) - flow0.sum(axis=(1, 2))
    income0 = eq.base_income.values

    is_open = np.isfinite(iceberg) & (flow0 > 0)
    there = is_open.any(axis=0)
    alpha = alpha * there
    alpha = alpha / alpha.sum(axis=1, keepdims=True)
    gamma = gamma * there[:, :, None]
    recipe = beta + gamma.sum(axis=1)
    gamma = _ratio(gamma, recipe[:, None, :])
    beta = np.where(recipe > 0, _ratio(beta, recipe), 1.0)

    w, P, c = eq.wage.values, eq.price.values, eq.unit_cost.values
    ws, pi = eq.sector_wage.values, eq.trade_share.values
    X, Y, income = eq.spending.values, eq.output.values, eq.income.values
    P = np.where(there, P, 1.0)
    found: dict[str, float] = {}

    # Technology: value added against the bundle of inputs, inputs against each other.
    rest = 1.0 - beta
    mix = _ratio(gamma, rest[:, None, :])
    some = rest > 1e-14
    bundle = np.where(
        some, _mean(np.where(some[:, None, :], mix, 1.0 / mix.shape[1]), P[:, :, None], epsilon, 1), 1.0
    )
    if eta == 1.0:
        cost = ws**beta * bundle**rest
    else:
        cost = (beta * ws ** (1 - eta) + rest * bundle ** (1 - eta)) ** (1 / (1 - eta))
    found["unit cost"] = _gap(c, cost)
    beta1 = beta * (ws / c) ** (1 - eta)
    gamma1 = (
        gamma
        * (bundle[:, None, :] / c[:, None, :]) ** (1 - eta)
        * (P[:, :, None] / bundle[:, None, :]) ** (1 - epsilon)
    )
    index = _mean(alpha, P, sigma, 1)
    alpha1 = alpha * (P / index[:, None]) ** (1 - sigma)
    found["price index"] = _gap(eq.price_index.values, index)
    found["cost shares add up"] = float(np.abs(beta1 + gamma1.sum(axis=1) - 1.0).max())

    kappa = np.where(is_open, np.where(is_open, iceberg, 1.0) * t1 / t0, 1.0)
    pull = np.where(is_open, pi0 * np.exp(-theta * np.log(kappa * c[:, None, :])), 0.0)
    total = pull.sum(axis=0)
    found["price"] = _gap(P, np.where(there, np.where(there, total, 1.0) ** (-1 / theta), 1.0))
    found["trade share"] = _gap(pi, np.where(is_open, _ratio(pull, total[None]), 0.0))
    found["shares add up"] = float(np.abs(pi.sum(axis=0) - there).max())
    found["closed links"] = float(np.abs(pi[~is_open]).max(initial=0.0))

    # Rents: of the price net of tariff the goods are 1 / mark-up, and somebody keeps the rest.
    markup = np.maximum(np.where(is_open, iceberg, 1.0), 1.0) if rents != "waste" else np.ones_like(pi)
    goods = pi * X[None] / t1 / markup
    kept = pi * X[None] / t1 - goods
    received = kept.sum(axis=(1, 2) if rents == "exporter" else (0, 2))
    found["output"] = _gap(Y, goods.sum(axis=1))
    found["trade"] = _gap(eq.trade.values, goods + kept if rents == "exporter" else goods)
    found["rents"] = float((np.abs(eq.rents.values - received) / income).max())
    found["spending"] = _gap(X, np.einsum("nsk,nk->ns", gamma1, Y) + alpha1 * income[:, None])
    revenue = (pi * X[None] * (t1 - 1.0) / t1).sum(axis=(0, 2))
    found["tariff revenue"] = float((np.abs(eq.tariff_revenue.values - revenue) / income).max())
    revenue = revenue + received
    earned = w * worth0
    found["value added"] = _gap(earned, (beta1 * Y).sum(axis=1))

    # An economy that still deals with itself alone has no deficit; every trading group balances.
    together = reach(is_open.any(axis=2))
    found["numeraire"] = _gap(together @ earned, together @ worth0)
    if deficits == "fixed":
        gift = deficit0 - worth0 * (together @ deficit0) / (together @ worth0)
        expected = earned + revenue + gift
    elif deficits == "zero":
        gift = np.zeros_like(earned)
        expected = earned + revenue
    else:
        own = earned + revenue
        wanted = own * income0 / (worth0 + (flow0 * (t0 - 1.0)).sum(axis=(0, 2)))
        expected = wanted * (together @ own) / (together @ wanted)
        gift = expected - own
    found["income"] = _gap(income, expected)
    trade = eq.trade.values
    imports = trade.sum(axis=(0, 2)) - np.einsum("iis->i", trade)
    exports = trade.sum(axis=(1, 2)) - np.einsum("iis->i", trade)
    size = np.abs(Y).sum(axis=1)
    found["balance"] = float((np.abs(imports - exports - gift) / size).max())
    found["imports equal exports"] = float(
        abs(eq.imports.values.sum() - eq.exports.values.sum()) / size.sum()
    )
    found["deficits add up"] = float(abs(eq.deficit.values.sum()) / size.sum())
    found["real income"] = _gap(eq.real_income_without_missing.values, income / income0 / index)
    found["real wage"] = _gap(eq.real_wage.values, w / index)
    used = (world.final.values.sum(axis=2) > 0) | (world.intermediate.values.sum(axis=2) > 0)
    found["missing goods"] = float((eq.missing_goods.values != (used & ~there)).any())
    lost = (used & ~there).any(axis=1)
    found["an infinite loss"] = float(np.abs(eq.real_income.values[lost]).max(initial=0.0))

    if factors is not None:
        found |= _factor_errors(eq, factors, mobility, beta1 * Y, base_paid(world, Y0))
    elif not isinstance(mobility, dict) and np.isfinite(mobility):
        # Workers with dispersion kappa: the share of workers' income moves with (w_s / w)^kappa.
        paid0 = base_paid(world, Y0)
        share0 = paid0 / paid0.sum(axis=1, keepdims=True)
        paid = beta1 * Y
        share1 = paid / paid.sum(axis=1, keepdims=True)
        works = (share0 > 0) & (share1 > 0)
        spread = np.where(works, share1, 1.0) / np.where(works, share0, 1.0)
        found["sector wages"] = _gap(
            np.where(works, (ws / w[:, None]), 1.0), np.where(works, spread ** (1 / mobility), 1.0)
        )
    else:
        found["sector wages"] = _gap(ws, np.broadcast_to(w[:, None], ws.shape))
    return found
