"""What industries and households of an equilibrium buy: the flows that other models start from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ecumene.errors import SolveError
from ecumene.models.core import compiled_problem
from ecumene.models.equations import Form
from ecumene.models.equilibrium import Equilibrium
from ecumene.types import FloatArray

TOLERANCE = 1e-8


class Purchases(NamedTuple):
    """Spending of an equilibrium by use, million USD a year, tariffs and kept barriers included."""

    intermediate: FloatArray  # [economy, input, user]
    final: FloatArray  # [economy, sector]


def purchases_of(eq: Equilibrium) -> Purchases:
    """Spending by use: `gamma'_nsk Y_nk` and `alpha'_ns I_n`, with the shares of the nested CES at its prices.

    `gamma' = gamma (m_k / c_k)^(1 - eta) (P_s / m_k)^(1 - epsilon)`, m the price of the bundle of inputs,
    `alpha' = alpha (P_s / P)^(1 - sigma)`. Checked against the spending of the equilibrium, to 1e-8 of each economy's.
    Errors: SolveError where the status is not ok or the sum is off.
    """
    eq.raise_unless_ok()
    out = eq.solved
    problem, _ = compiled_problem(eq.base, eq.policy, Form())
    beta, gamma, alpha = (np.asarray(part) for part in (problem.beta, problem.gamma, problem.alpha))
    eta, epsilon, sigma = (float(part) for part in (problem.eta, problem.epsilon, problem.sigma))
    lP, lc, index = (np.log(np.asarray(part)) for part in (out.P, out.c, out.P_consumption))
    rest = 1.0 - beta
    mix = gamma / np.where(rest > 1e-14, rest, 1.0).T[:, None, :]
    if epsilon == 1.0:
        bundle = (mix * lP.T[:, :, None]).sum(axis=1).T
    else:
        weighted = (mix * np.expm1((1.0 - epsilon) * lP.T[:, :, None])).sum(axis=1).T
        bundle = np.log1p(weighted) / (1.0 - epsilon)
    by_input = np.exp((1.0 - epsilon) * (lP.T[:, :, None] - bundle.T[:, None, :]))
    by_bundle = np.exp((1.0 - eta) * (bundle - lc)).T[:, None, :]
    intermediate = gamma * by_input * by_bundle * np.asarray(out.output).T[:, None, :]
    final = (alpha * np.exp((1.0 - sigma) * (lP - index)) * np.asarray(out.income)).T
    spending = np.asarray(out.spending).T
    gap = np.abs(intermediate.sum(axis=2) + final - spending).max(axis=1) / spending.sum(axis=1)
    if not gap.max() <= TOLERANCE:
        raise SolveError(
            f"purchases of {eq.economies[int(gap.argmax())]} add up to its spending only to {gap.max():.1e}; "
            "solve again with a smaller options.tolerance"
        )
    return Purchases(eq.unit * intermediate, eq.unit * final)
