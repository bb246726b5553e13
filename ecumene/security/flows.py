"""From an equilibrium to daily flows: the coupling of a long-run order with short-run shocks."""

from __future__ import annotations

from ecumene.models import shocks, trade
from ecumene.models.purchases import purchases_of


def flows_of(eq: trade.Equilibrium) -> shocks.Base:
    """The base of production shocks under an order: its own flows, net of tariffs, at its own prices.

    Every user of an economy buys a good from origins in the equilibrium's proportions `pi' / (1 + t')`; duties stand
    between what users pay and what sellers receive; stocks are those of the new flows, every link open. All final uses
    are one. Errors: SolveError where the equilibrium has no numbers, InputError where accounts do not close.
    """
    bought = purchases_of(eq)
    return shocks.from_proportional(
        eq.trade.values, bought.intermediate, bought.final[:, :, None], tariff=eq.tariff
    )
