"""What an order does to what an economy buys and sells abroad: prices and demand from its trade equilibrium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ecumene.planning.accounts import Trade, base_trade
from ecumene.world import World

if TYPE_CHECKING:
    from ecumene.models.trade import Equilibrium


def trade_under(world: World, n: int, eq: Equilibrium, order: str) -> Trade:
    """Trade of the economy at place n under an order: base quantities at its prices, sales as its partners then buy.

    Import price: `p_s = p0_s (sum_i w_is (tau_is c_is)^-theta_s)^(-1/theta_s)` over foreign origins i, with base
    import shares w, unit costs c and iceberg factors tau as ratios to the base; export price: the own unit cost c.
    Exports at most `e0_s sum_n M'_ns / (c_s sum_n M_ns)`, partners' purchases at those prices. Imports stay bounded
    by the base, at 0 where the order closes every source. Numeraire of both prices: world value added. Errors:
    SolveError (no equilibrium).
    """
    eq.raise_unless_ok()
    base = base_trade(world, n)
    abroad = np.arange(len(world.economies)) != n
    cost = np.asarray(eq.unit_cost.values)
    before, after = np.asarray(eq.base_trade.values), np.asarray(eq.trade.values)
    bought = before[abroad, n]
    total = bought.sum(axis=0)
    weight = np.divide(bought, total, out=np.zeros_like(bought), where=total > 0)
    paid = eq.iceberg[abroad, n] * cost[abroad]
    terms = np.where(
        (weight > 0) & np.isfinite(paid), weight * np.where(np.isfinite(paid), paid, 1.0) ** -eq.theta, 0.0
    )
    index = terms.sum(axis=0)
    open_ = index > 0
    rise = np.where(open_, np.where(open_, index, 1.0) ** (-1.0 / eq.theta), 1.0)
    sold, wanted = before[n, abroad].sum(axis=0), after[n, abroad].sum(axis=0)
    real = np.divide(wanted, cost[n] * sold, out=np.zeros_like(sold), where=(sold > 0) & np.isfinite(cost[n]))
    closed = [world.sectors[s] for s in np.flatnonzero(~open_ & (base.imports > 0))]
    note = f"Import prices and partners' demand are those of the equilibrium under '{order}'."
    shut = (f"Under '{order}' nobody sells {', '.join(closed)} to {world.economies[n]}.",) if closed else ()
    return Trade(
        np.where(open_, base.imports, 0.0),
        base.import_price * rise,
        base.exports * real,
        np.where(np.isfinite(cost[n]), cost[n], 1.0),
        (note, *shut),
    )
