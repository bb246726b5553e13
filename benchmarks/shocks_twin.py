"""One table through one shock in plain NumPy, with the order matrix written out: what explains a peer's differences.

Fixed suppliers, pooled stocks, every input critical, orders for what was made, all buyers rationed alike. Two rules can
be set as a peer was seen to have them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ecumene.types import FloatArray

NOISE = 1e-12


def path(given: dict[str, Any]) -> FloatArray:
    """Share of the loss that stands, by day: whole for the length and two days more, then a straight line to none."""
    whole = np.ones(given["length"] + 2)
    falling = 1.0 - np.arange(1, given["recovery"] + 1) / given["recovery"]
    return np.concatenate([np.zeros(given["start"]), whole, falling, np.zeros(given["days"])])[
        : given["days"]
    ]


def output(given: dict[str, Any], *, falls_with_orders: bool, decimals: int | None) -> FloatArray:
    """Output [day, industry], million USD a day.

    falls_with_orders: overproduction follows `(alpha_max - alpha) (D - x) / D` also where orders D are below output x,
    not `1 - alpha`. decimals: once it recovers, lost capital is rounded to so many, million USD; None: not at all.
    """
    R, S = len(given["economies"]), len(given["sectors"])
    Z, Y = given["Z"] / 365, given["Y"].sum(axis=1) / 365
    x0 = Z.sum(axis=1) + Y
    bought = Z.reshape(R, S, -1).sum(axis=0)
    a = np.divide(bought, x0, out=np.zeros_like(bought), where=x0 > 0)
    capital = 4.0 * 365 * (x0 - Z.sum(axis=0))
    most, time = given["overproduction"], given["overproduction_days"]
    n, tau, psi = given["stock_days"], given["restoring_days"], given["psi"]
    part = np.divide(Z.reshape(R, S, -1), bought, out=np.zeros((R, *bought.shape)), where=bought > 0)
    stock, x, planned, over = n * bought, x0, x0, np.ones_like(x0)
    found = []
    recovers = given["start"] + given["length"] + 1
    for day, share in enumerate(path(given)):
        destroyed = capital * given["lost"].reshape(-1) * share
        if decimals is not None and day >= recovers:
            destroyed = destroyed.round(decimals)
        lost = np.divide(destroyed, capital, out=np.zeros_like(x0), where=capital > 0)
        needs = a * x + np.maximum(n * a * planned - stock, 0.0) / tau
        demand = (part * needs).sum(axis=2).reshape(-1) + Y
        scarcity = np.divide(demand - x, demand, out=np.zeros_like(x0), where=demand > 0)
        follows = np.abs(scarcity) > NOISE if falls_with_orders else scarcity > NOISE
        over = np.maximum(over + np.where(follows, (most - over) * scarcity, 1.0 - over) / time, 1.0)
        planned = np.minimum(x0 * (1.0 - lost) * over, demand)
        threshold = psi * n * a * planned
        short = stock < threshold
        x = planned * np.where(short, stock / np.where(short, threshold, 1.0), 1.0).min(axis=0)
        served = np.divide(x, demand, out=np.zeros_like(x0), where=demand > 0).reshape(R, S, 1)
        stock = stock + needs * (part * served).sum(axis=0) - np.minimum(a * x, stock)
        found.append(x)
    return np.array(found)
