"""Shocks and bases that tests of security share."""

from __future__ import annotations

from ecumene.models import shocks, trade
from ecumene.orders import apply, load_order
from ecumene.security.flows import flows_of
from ecumene.shocks import shock_from_text
from ecumene.world import World

DAYS = 30
HIT = shock_from_text(
    "name: hit\ntitle: Hit\ndays: 30\ncapacity: [{economies: CHN, sectors: Manufactures, share: 0.5, length: 10}]\n"
)
LUCK = shock_from_text(
    "name: luck\ntitle: Luck\ndays: 30\nchance:\n"
    "  industry: {per_year: 2, share: [0.1, 0.8], days: [5, 20]}\n"
    "  economy: {per_year: 1, share: [0.1, 0.8], days: [5, 20]}\n"
)
DRAWS = 40


def quiet(label: str) -> None:
    """A callback that says nothing."""


def base_under(world: World, order: str) -> shocks.Base:
    policy = apply(load_order(order), world)
    return flows_of(trade.solve(world, iceberg=policy.iceberg, tariff=policy.tariff))
