"""Seeded draws of what the models of shocks, epidemics and banks take for granted."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from ecumene.errors import InputError
from ecumene.priors.draws import ranks_of
from ecumene.priors.table import PRIORS, Prior
from ecumene.types import FloatArray

MOST: Final = 10_000
"""Draws of a shock at a time: each is a simulation of its own."""

BY_NAME: Final = {prior.name: prior for prior in PRIORS}


class ShockParameters(NamedTuple):
    """One draw; factors multiply what the tables of the models have."""

    stock_days: float  # factor on the stocks of every input
    restoring_days: float  # factor on the time in which stocks are refilled
    criticality: float  # 0 no input stops production, 1/2 by their ratings, 1 all do
    demand_response: float  # fall of final demand for a fall of income of 1
    reproduction: float  # factor on the reproduction number of an epidemic
    loss_given_default: float  # of loans, and of claims between banks: 1 less their recovery
    latent_days: float  # factor
    infectious_days: float  # factor
    ill_absence: float  # share of the infectious who are absent from work
    default_sensitivity: float  # factor on the share of loans that defaults for a share of value added lost
    pass_through: float  # share of lost equity by which banks cut credit
    credit_elasticity: float  # factor on the share of capacity lost for a share of credit lost

    def rating(self, rated: FloatArray) -> FloatArray:
        """Ratings of inputs [input, user] between none, `rated` at 1/2, and all, piecewise linear in criticality."""
        low, high = min(2.0 * self.criticality, 1.0), max(2.0 * self.criticality - 1.0, 0.0)
        return low * rated + high * (1.0 - rated)


NAMES: Final = {
    "stock_days": "shock:stock_days",
    "restoring_days": "shock:restoring_days",
    "criticality": "shock:criticality",
    "demand_response": "shock:demand_response",
    "reproduction": "epidemic:reproduction",
    "loss_given_default": "banks:loss_given_default",
    "latent_days": "epidemic:latent_days",
    "infectious_days": "epidemic:infectious_days",
    "ill_absence": "epidemic:ill_absence",
    "default_sensitivity": "banks:default_sensitivity",
    "pass_through": "banks:pass_through",
    "credit_elasticity": "banks:credit_elasticity",
}
"""Row of the table of priors of every field."""


def draw_shocks(count: int, seed: int = 0) -> tuple[ShockParameters, ...]:
    """Latin hypercube draws, every parameter with a stream of its own named by it, as `draws.draw` has them.

    Errors: InputError.
    """
    whole = isinstance(count, int | np.integer) and not isinstance(count, bool)
    if not whole or not 2 <= count <= MOST:
        raise InputError(
            f"shock_draws is {count!r:.40}; give a whole number from 2 to {MOST:,}, or 0 for none"
        )
    columns = {field: at(BY_NAME[name], ranks_of(name, int(count), seed)) for field, name in NAMES.items()}
    return tuple(
        ShockParameters(**{field: float(values[k]) for field, values in columns.items()})
        for k in range(int(count))
    )


def at(prior: Prior, rank: FloatArray) -> FloatArray:
    """Values of a prior at ranks, 0 to 1: `low`, `central` and `high` stand at 0.05, 0.5 and 0.95."""
    if prior.shape == "lognormal":
        from scipy.special import ndtri  # slow to load

        return prior.central * np.exp(prior.spread * ndtri(np.clip(rank, 1e-12, 1.0 - 1e-12)))
    side = np.where(rank < 0.5, prior.central - prior.low, prior.high - prior.central)
    return prior.central + side * (rank - 0.5) / 0.45
