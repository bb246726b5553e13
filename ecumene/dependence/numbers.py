"""What an order decides of sovereignty, as labelled numbers beside its prosperity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import xarray as xr

from ecumene.dependence import flows as by_flows
from ecumene.dependence.alliances import clubs_under, contests_under
from ecumene.dependence.entries import ENTRIES
from ecumene.dependence.political import political
from ecumene.models import trade
from ecumene.models.purchases import purchases_of
from ecumene.world import World

if TYPE_CHECKING:
    from ecumene.orders import Order

PARTNER: Final = "partner"

MEASURES: Final = (
    "reliance_gross",
    "reliance_value_added",
    "largest_partner_share",
    "partner_concentration",
    "worst_chokepoint",
    "strategic_products",
    "strategic_import_share",
    "energy_self_sufficiency",
    "food_self_sufficiency",
    "minerals_self_sufficiency",
    "contest_alone",
    "contest_with_allies",
    "closeness_to_suppliers",
    "closeness_to_all",
    "ideal_distance_to_suppliers",
)
"""Measures of the vector that an order decides by its equilibrium flows and its memberships, without further solves."""


def measure(
    world: World, solved: Sequence[trade.Equilibrium], order: Order, tell: Callable[[str], None]
) -> dict[str, xr.Variable]:
    """Measures [economy, quantile] from the flows of an order's equilibria and its memberships; reliance by partner.

    As `sovereignty` has them by default: an equilibrium's trade net of tariffs, its tariffs, and what its industries
    buy. A measure that no economy has is left out. Errors: SolveError, InputError as of the models.
    """
    parts, partners = [], []
    year, clubs = clubs_under(world, order)
    contest = contests_under(world, year, clubs)
    for eq in solved:
        flows = by_flows.Flows(
            eq.trade.values, purchases_of(eq).intermediate, eq.tariff, "trade and inputs", world.year
        )
        links = by_flows.links_of(flows)
        close, _ = political(world, clubs, links.shares, year, f"of {year}")
        parts.append(
            {
                **by_flows.economic(flows, links),
                **by_flows.strategic(flows, links, None),
                **by_flows.resources(flows, world.sectors),
                "worst_chokepoint": by_flows.worst_chokepoint(flows, by_flows.chokepoints(flows, eq.theta)),
                **contest,
                **close,
            }
        )
        partners.append(100.0 * links.reliance.value_added.T)
        tell(order.name)
    cells: dict[str, xr.Variable] = {}
    for entry in ENTRIES:
        if entry.name in MEASURES:
            values = np.stack([part[entry.name].values for part in parts], axis=1)
            if not np.isnan(values).all():
                attrs = {"units": entry.units, "long_name": entry.meaning}
                cells[entry.name] = xr.Variable(("economy", "quantile"), values, attrs)
    cells["reliance_value_added_on"] = xr.Variable(
        ("economy", PARTNER, "quantile"),
        np.stack(partners, axis=2),
        attrs={"units": "percent of value", "long_name": "value of own output added by a partner"},
    )
    return cells
