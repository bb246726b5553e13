"""Small programmes of planning, with every part given a plain default, and the same programme row by row."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linprog

from ecumene.models.planning import Programme

HAWKINS_SIMON = np.array([[0.2, 0.3, 0.1], [0.1, 0.1, 0.3], [0.3, 0.2, 0.2]])
WORK = np.array([0.5, 0.8, 0.3])


def programme(inputs: ArrayLike, years: int = 1, **given: object) -> Programme:
    """One technique a good; capacity and labour to spare, nothing traded, nothing stored, free capital."""
    A = np.asarray(inputs, dtype=np.float64)
    S, J = A.shape
    options: dict = {
        "makes": np.arange(J) % S, "investment": np.zeros((S, J)), "labour": np.ones((1, J)),
        "labour_supply": np.full((years, 1), 1e6), "resources": np.zeros((0, J)), "resource_limit": np.zeros(0),
        "needs": np.ones(S), "capacity": np.full(J, 1e6), "depreciation": np.zeros(J), "stock": np.zeros(S),
        "spoil": np.zeros(S), "imports": np.zeros(S), "import_price": np.ones(S), "exports": np.zeros(S),
        "export_price": np.ones(S), "cut": np.zeros(years), "required": np.zeros(years), "terminal_weight": 0.0,
        "grows": False,
    }  # fmt: skip
    return Programme(inputs=A, **{**options, **given})


def random_programme(rng: np.random.Generator, S: int = 3, T: int = 3, **given: object) -> Programme:
    """A programme whose base year is a plan: output, trade and investment of the base keep every row."""
    J = S + int(rng.integers(0, 3))
    makes = np.concatenate([np.arange(S), rng.integers(0, S, J - S)])
    A = rng.uniform(0.0, 0.7 / S, (S, J))
    output = np.concatenate([rng.uniform(1.0, 10.0, S), np.zeros(J - S)])
    net = np.bincount(makes, weights=output, minlength=S) - A @ output
    imports = rng.uniform(0.0, 3.0, S) * (rng.uniform(size=S) < 0.8)
    exports = rng.uniform(0.0, 0.3, S) * net.clip(min=0.0)
    imports = imports + np.maximum(0.5 - net, 0.0)
    left = net + imports - exports
    share = rng.uniform(0.05, 0.3)
    depreciation = np.full(J, rng.uniform(0.03, 0.2))
    B = np.zeros((S, J))
    B[:, :S] = np.outer(share * left, rng.dirichlet(np.ones(S)) / (depreciation[:S] * output[:S]))
    B[:, S:] = B[:, makes[S:]] * rng.uniform(0.8, 1.5, J - S)
    labour = rng.uniform(0.1, 1.0, (2, J))
    price = rng.uniform(0.8, 1.2, S)
    options: dict = {
        "makes": makes, "investment": B, "labour": labour, "labour_supply": np.tile(labour @ output, (T, 1)),
        "needs": (1.0 - share) * left, "capacity": output, "depreciation": depreciation,
        "stock": rng.uniform(0.0, 0.5, S), "spoil": rng.uniform(0.0, 1.0, S), "imports": imports,
        "import_price": price, "exports": exports,
        "transfer": max(float(price @ imports - exports.sum()), 0.0), "credit": float(rng.uniform(0.0, 2.0)),
        "interest": 0.05, "discount": 0.95, "terminal_weight": 1.0, "lag": int(rng.integers(0, 3)),
        "grows": bool(rng.uniform() < 0.8), "resources": rng.uniform(0.0, 1.0, (1, J)),
    }  # fmt: skip
    options["resource_limit"] = options["resources"] @ output
    return programme(A, T, **{**options, **given})


def twin(p: Programme) -> float:
    """The value of a programme, from rows written one by one; NaN where there is no plan."""
    S, J, T = len(p.needs), len(p.makes), p.years
    places: dict[tuple, int] = {}

    def at(*name: object) -> int:
        return places.setdefault(name, len(places))

    for t in range(T):
        at("alpha", t), at("debt", t)
        for j in range(J):
            at("x", t, j), at("v", t, j)
        for s in range(S):
            at("m", t, s), at("e", t, s), at("s", t, s)
    stages = T + p.lag
    for t in range(1, stages + 1):
        for j in range(J):
            at("k", t, j)
    n = len(places)
    upper_rows: list[tuple[np.ndarray, float]] = []
    equal_rows: list[tuple[np.ndarray, float]] = []
    low, high = np.zeros(n), np.full(n, np.inf)
    factor = np.ones((T, J)) if p.learning is None else p.learning
    for t in range(T):
        low[at("alpha", t)] = p.required[t]
        high[at("debt", t)] = p.credit if t < T - 1 else 0.0
        for s in range(S):
            high[at("m", t, s)] = (1 - p.cut[t]) * p.imports[s]
            high[at("e", t, s)] = p.exports[s]
            row, given = np.zeros(n), 0.0
            for j in range(J):
                row[at("x", t, j)] += factor[t, j] * p.inputs[s, j] - (p.makes[j] == s)
                row[at("v", t, j)] += p.investment[s, j]
            row[at("m", t, s)], row[at("e", t, s)], row[at("s", t, s)] = -1.0, 1.0, 1.0
            row[at("alpha", t)] = p.needs[s]
            if t:
                row[at("s", t - 1, s)] = -(1 - p.spoil[s])
            else:
                given = (1 - p.spoil[s]) * p.stock[s]
            upper_rows.append((row, given))
        for j in range(J):
            row = np.zeros(n)
            row[at("x", t, j)] = 1.0
            if t:
                row[at("k", t, j)] = -1.0
            upper_rows.append((row, 0.0 if t else p.capacity[j]))
        for matrix, limits in ((p.labour, p.labour_supply[t]), (p.resources, p.resource_limit)):
            for use, limit in zip(matrix, limits, strict=True):
                row = np.zeros(n)
                for j in range(J):
                    row[at("x", t, j)] = factor[t, j] * use[j]
                upper_rows.append((row, limit))
        row = np.zeros(n)
        for s in range(S):
            row[at("m", t, s)], row[at("e", t, s)] = p.import_price[s], -p.export_price[s]
        row[at("debt", t)] = -1.0
        if t:
            row[at("debt", t - 1)] = 1 + p.interest
        upper_rows.append((row, p.transfer))
    for j in range(J):
        for t in range(1, stages + 1):
            high[at("k", t, j)] = np.inf if p.grows else p.capacity[j]
            row, given = np.zeros(n), 0.0
            row[at("k", t, j)] = 1.0
            if t > 1:
                row[at("k", t - 1, j)] = -(1 - p.depreciation[j])
            else:
                given += (1 - p.depreciation[j]) * p.capacity[j]
            begun = t - 1 - p.lag
            if begun < 0:
                given += p.depreciation[j] * p.capacity[j]
            else:
                row[at("v", begun, j)] -= 1.0
            equal_rows.append((row, given))
        row = np.zeros(n)
        row[at("x", T - 1, j)], row[at("k", stages, j)] = 1.0, -1.0
        upper_rows.append((row, 0.0))
    cost = np.zeros(n)
    for t in range(T):
        cost[at("alpha", t)] = -(p.discount**t)
    for j in range(J):
        worth = p.investment[:, j].sum() / p.needs.sum()
        cost[at("k", stages, j)] = -(p.discount**T) * p.terminal_weight * worth
    found = linprog(
        cost,
        np.array([row for row, _ in upper_rows]), [value for _, value in upper_rows],
        np.array([row for row, _ in equal_rows]), [value for _, value in equal_rows],
        np.stack([low, high], axis=1), method="highs-ipm",
    )  # fmt: skip
    return -found.fun if found.status == 0 else np.nan
