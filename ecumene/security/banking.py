"""The bank crash of a shock on a world: bad loans, contagion between banking systems, and the capacity that is lost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecumene.errors import InputError
from ecumene.models import finance
from ecumene.models.shocks import Event
from ecumene.security.targets import Targets
from ecumene.shocks.schema import Shock
from ecumene.sources.reference import banks
from ecumene.world import World


def capacity_lost(shock: Shock, world: World, seed: int) -> tuple[Event, tuple[str, ...]]:
    """The loss of capacity that follows a bank crash, and sentences on its sources.

    Loans behind the named share of value added go bad, losses pass through reconstructed claims between banking systems
    (dense and sparse; the larger loss of each economy is used), credit is cut and capacity with it.
    Errors: InputError for an economy whose banks are not known.
    """
    assert shock.banks is not None
    rules = shock.banks
    table = _systems(world)
    claims = banks.INTERBANK_SHARE * table[["cross_border_claims", "cross_border_liabilities"]].to_numpy()
    rows, columns, _ = finance.equal_totals(claims[:, 0], claims[:, 1])
    exposures = finance.reconstruct(rows, columns, seed=seed, names=world.economies)
    hit = np.zeros(len(world.economies))
    hit[Targets(shock, world).economies(rules.economies)] = rules.share
    found = finance.contagion_range(
        exposures,
        table["bank_assets"].to_numpy(),
        table["bank_equity"].to_numpy(),
        table["private_credit"].to_numpy(),
        hit,
        names=world.economies,
    )
    lost = np.maximum(found.dense.capacity_lost, found.sparse.capacity_lost)
    by_sector = np.broadcast_to(lost[:, None], (len(world.economies), len(world.sectors)))
    shape = "linear" if rules.recovery else "step"
    event = Event("capacity", np.array(by_sector), rules.start, rules.length, float(rules.recovery), shape)
    low, high = (float(part.network_loss.sum()) for part in (found.dense, found.sparse))
    notes = (
        f"Shock '{shock.name}': claims between banking systems are reconstructed from totals; contagion costs lenders "
        f"{min(low, high):,.0f} to {max(low, high):,.0f} billion USD; each economy's larger loss of capacity is used.",
    )
    return event, notes


def _systems(world: World) -> pd.DataFrame:
    """Banking systems of a world's economies; an aggregate `ROW...` is all that the world does not name."""
    table = banks.load_banks()
    numbers = table[
        ["cross_border_claims", "cross_border_liabilities", "bank_assets", "bank_equity", "private_credit"]
    ]
    rest = numbers[~table.index.isin(world.economies)].sum()
    lacking = [code for code in world.economies if code not in table.index]
    rests = [code for code in lacking if code.startswith("ROW")]
    unknown = [code for code in lacking if code not in rests]
    if unknown or len(rests) > 1:
        raise InputError(
            f"banks of {', '.join(unknown or rests)} are not known; a bank crash needs economies of the "
            "reference world and at most one rest of the world"
        )
    return pd.DataFrame({code: rest if code in rests else numbers.loc[code] for code in world.economies}).T
