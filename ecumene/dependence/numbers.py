"""Economic sovereignty of one order as labelled numbers, beside its prosperity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import xarray as xr

from ecumene.dependence import flows as by_flows
from ecumene.dependence.entries import ENTRIES
from ecumene.models import trade
from ecumene.models.purchases import purchases_of
from ecumene.world import World

PARTNER: Final = "partner"

MEASURES: Final = (
    "reliance_gross",
    "reliance_value_added",
    "largest_partner_share",
    "partner_concentration",
    "strategic_products",
    "strategic_import_share",
    "energy_self_sufficiency",
    "food_self_sufficiency",
    "minerals_self_sufficiency",
)
"""Measures of the vector that an order's equilibrium flows decide by themselves."""


def measure(
    world: World, solved: Sequence[trade.Equilibrium], label: str, tell: Callable[[str], None]
) -> dict[str, xr.Variable]:
    """Measures [economy, quantile] from the flows of an order's equilibria, and reliance by partner.

    As `sovereignty` has them: an equilibrium's trade net of tariffs, its tariffs, and what its industries buy.
    A measure that no economy has is left out. Errors: SolveError, InputError as of the models.
    """
    parts, partners = [], []
    for eq in solved:
        flows = by_flows.Flows(
            eq.trade.values, purchases_of(eq).intermediate, eq.tariff, "trade and inputs", world.year
        )
        links = by_flows.links_of(flows)
        parts.append(
            {
                **by_flows.economic(flows, links),
                **by_flows.strategic(flows, links, None),
                **by_flows.resources(flows, world.sectors),
            }
        )
        partners.append(100.0 * links.reliance.value_added.T)
        tell(label)
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
