"""Small worlds, events and settings that tests of production shocks share."""

from __future__ import annotations

import numpy as np
from random_worlds import Recipe, random_world

from ecumene.models import shocks
from ecumene.models.shock_events import Event
from ecumene.models.shocks import Settings

R, S, DAYS = 3, 2, 60
SHARP = Settings(stock_days=6.0, restoring_days=4.0, smallest_input=0.0, rating=[[1.0, 0.5], [0.0, 1.0]])


def world(seed: int, tariff: float = 0.2):
    recipe = Recipe(zero_links=0.1, no_home=0.0, tariff=tariff, inputs=0.6)
    return random_world(R, S, np.random.default_rng(seed), recipe)


def proportional(w) -> shocks.Base:
    return shocks.from_proportional(
        w.trade.values, w.intermediate.values, w.final.values, tariff=w.tariff.values
    )


def dense(w) -> shocks.Base:
    Z, Y = w.flows()
    if w.stored_flows is None:  # `flows` divides by spending with tariffs: tables are net
        return shocks.from_dense(Z, Y, R, tariff=w.tariff.values)
    raise AssertionError("random worlds have no stored table")


FORMS = {"proportional": proportional, "table": dense}


def random_events(rng: np.random.Generator) -> list[Event]:
    """One event of each kind, at random places and times."""

    def share(*shape: int) -> np.ndarray:
        return rng.uniform(0.0, 0.45, shape) * (rng.uniform(size=shape) < 0.5)

    links = np.where(np.eye(R, dtype=bool)[:, :, None], 0.0, rng.uniform(size=(R, R, S)) < 0.4)
    return [
        shocks.lost_capacity(share(R, S), 3, 20, 10.0, "linear"),
        shocks.lost_labour(share(R, S), 8, 15, 5.0, "exponential"),
        shocks.lost_demand(share(R, S), 12, 10),
        shocks.closed_link(links, 20, 15),
    ]


def mirror() -> shocks.Base:
    """Two equal economies that buy the same from themselves and from each other."""
    links = np.array([[8.0, 2.0], [2.0, 8.0]])
    trade = np.stack([links, 2.0 * links], axis=2)
    intermediate = np.array([[[2.0, 3.0], [4.0, 5.0]]] * 2)
    return shocks.from_proportional(
        trade, intermediate, trade.sum(axis=0)[..., None] - intermediate.sum(2)[..., None]
    )
