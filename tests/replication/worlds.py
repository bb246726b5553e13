"""Seeded random worlds and the two-country world of the textbook, for the checks that need no data."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from ecumene.types import FloatArray
from ecumene.world import World


def random_world(
    seed: int,
    n_economies: int,
    n_sectors: int,
    *,
    tariffs: bool = True,
    inputs: bool = True,
    theta: float | None = None,
) -> World:
    """A world with random shares, zero links, unequal sizes, deficits and (optionally) tariffs and inputs.

    Drawn: trade shares pi, recipes gamma, baskets alpha and final spending I. `X = gamma Y + alpha I` and
    `Y_is = sum_n pi_ins X_ns / (1 + t_ins)` give output, and value added is what is left.
    """
    rng = np.random.default_rng(seed)
    R, S = n_economies, n_sectors
    foreign = ~np.eye(R, dtype=bool)[:, :, None]
    size = np.where(foreign, rng.lognormal(0.0, 0.7, R)[:, None, None], 3.0 * R)
    pull = rng.lognormal(0.0, 0.7, (R, R, S)) * size
    pull[foreign & (rng.random((R, R, S)) < 0.1)] = 0.0
    rate = np.where(foreign & tariffs, rng.uniform(0.0, 0.3, (R, R, S)), 0.0)
    net = pull / pull.sum(axis=0) / (1.0 + rate)
    beta = rng.uniform(0.4, 0.8, (R, S)) if inputs else np.ones((R, S))
    recipe = rng.dirichlet(np.ones(S), (R, S)).transpose(0, 2, 1)
    gamma = (1.0 - beta)[:, None, :] * recipe
    final = rng.dirichlet(np.ones(S), R) * rng.lognormal(12.0, 1.0, R)[:, None]
    supply = np.einsum("ins,nsk->isnk", net, gamma).reshape(R * S, R * S)
    sold = np.einsum("ins,ns->is", net, final).reshape(-1)
    output = np.linalg.solve(np.eye(R * S) - supply, sold).reshape(R, S)
    spending = np.einsum("nsk,nk->ns", gamma, output) + final
    return World.from_trade(
        net * spending,
        beta,
        recipe,
        economies=[f"E{n}" for n in range(R)],
        sectors=[f"s{k}" for k in range(S)],
        tariff=rate,
        theta=rng.uniform(2.0, 8.0, S) if theta is None else theta,
    )


def random_costs(world: World, seed: int) -> FloatArray:
    """Factors on trade cost between 0.8 and 1.6 on every foreign link, some of them closed."""
    rng = np.random.default_rng(seed)
    R, S = len(world.economies), len(world.sectors)
    iceberg = rng.uniform(0.8, 1.6, (R, R, S))
    iceberg[rng.random((R, R, S)) < 0.05] = np.inf
    iceberg[np.arange(R), np.arange(R)] = 1.0
    return iceberg


def two_countries(sigma: float, sizes: tuple[float, float], iceberg: float) -> World:
    """Armington, one good a country, labour only: demand `size_i (p_i tau_in)^(1-sigma)`, no tariffs."""
    labour = np.array(sizes)
    tau = np.array([[1.0, iceberg], [iceberg, 1.0]])

    def flows(log_wage: float) -> FloatArray:
        wage = np.array([np.exp(log_wage), 1.0])
        pull = labour[:, None] * (wage[:, None] * tau) ** (1.0 - sigma)
        return pull / pull.sum(axis=0) * (wage * labour)[None, :]

    def excess(log_wage: float) -> float:
        trade = flows(log_wage)
        return float(trade[0, 1] - trade[1, 0])

    trade = flows(float(brentq(excess, -3.0, 3.0, xtol=1e-15)))
    return World.from_trade(
        trade[:, :, None],
        np.ones((2, 1)),
        np.zeros((2, 1, 1)),
        economies=["one", "two"],
        sectors=["good"],
        tariff=np.zeros((2, 2, 1)),
        theta=sigma - 1.0,
    )
