"""The bank crash of a shock on a world: bad loans, contagion between banking systems, and the capacity that is lost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecumene.errors import ShockError
from ecumene.models import finance
from ecumene.models.shocks import Event
from ecumene.priors.shocks import ShockParameters
from ecumene.security.targets import Targets, lacking
from ecumene.shocks.schema import Shock
from ecumene.sources.reference import banks
from ecumene.types import FloatArray
from ecumene.world import World


def capacity_lost(
    shock: Shock, world: World, seed: int, drawn: ShockParameters | None = None
) -> tuple[Event, tuple[str, ...]]:
    """The loss of capacity that follows a bank crash, and sentences on its sources.

    Loans behind the named share of value added go bad, losses pass through reconstructed claims between banking systems
    (dense and sparse; the larger loss of each economy is used), credit is cut and capacity with it. Claims are
    reconstructed between all known systems; those between systems that the world holds as one economy net out. `drawn`
    moves what is lost on loans and claims, and how banks and borrowers answer.
    Errors: ShockError for an economy whose banks are not known.
    """
    assert shock.banks is not None
    rules, names = shock.banks, world.economies
    table = banks.load_banks()
    members = _members(shock.name, world, table.index)
    totals = banks.INTERBANK_SHARE * table[["cross_border_claims", "cross_border_liabilities"]].to_numpy()
    rows, columns, _ = finance.equal_totals(totals[:, 0], totals[:, 1])
    hit = np.zeros(len(names))
    targets = Targets(shock, world)
    hit[targets.economies(rules.economies)] = rules.share
    assets, equity, loans = (
        members.T @ table[name].to_numpy() for name in ("bank_assets", "bank_equity", "private_credit")
    )

    parameters = finance.Parameters()
    if drawn is not None:
        parameters = parameters._replace(
            default_sensitivity=drawn.default_sensitivity * parameters.default_sensitivity,
            loss_given_default=drawn.loss_given_default,
            interbank_loss_given_default=drawn.loss_given_default,
            pass_through=drawn.pass_through,
            credit_elasticity=drawn.credit_elasticity * parameters.credit_elasticity,
        )

    def passed_on(exposures: finance.Exposures) -> finance.Contagion:
        between, inside = finance.merged(exposures, members)
        return finance.contagion(
            between, assets - inside, equity, loans, hit, names=names, parameters=parameters
        )

    variants = finance.reconstruct(rows, columns, seed=seed, names=list(table.index))
    found = finance.ContagionRange(passed_on(variants.dense), passed_on(variants.sparse))
    lost = np.maximum(found.dense.capacity_lost, found.sparse.capacity_lost)
    by_sector = np.broadcast_to(lost[:, None], (len(world.economies), len(world.sectors)))
    shape = "linear" if rules.recovery else "step"
    event = Event("capacity", np.array(by_sector), rules.start, rules.length, float(rules.recovery), shape)
    low, high = (float(part.network_loss.sum()) for part in (found.dense, found.sparse))
    notes = (
        f"Shock '{shock.name}': claims between banking systems are reconstructed from totals; contagion costs lenders "
        f"{min(low, high):,.0f} to {max(low, high):,.0f} billion USD; each economy's larger loss of capacity is used.",
        *lacking(shock, targets),
    )
    return event, notes


def _members(name: str, world: World, systems: pd.Index) -> FloatArray:
    """1 where a banking system belongs to an economy of the world; `ROW...` is all that the world does not name.

    Errors: ShockError.
    """
    strange = [code for code in world.economies if code not in systems]
    rests = [code for code in strange if code.startswith("ROW")]
    unknown = [code for code in strange if code not in rests]
    if unknown or len(rests) > 1:
        raise ShockError(
            f"shock '{name}' cannot happen in this world:",
            (
                f"banks of {', '.join(unknown or rests)} are not known; leave out its `banks`, or take a world of "
                "economies of the reference world with at most one rest of the world",
            ),
        )
    members = np.array(systems)[:, None] == np.array(world.economies)[None]
    for code in rests:
        members[:, world.economies.index(code)] = ~members.any(axis=1)
    return members.astype(np.float64)
