"""More and less integrated banks, when one economy after another fails."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from ecumene import countries
from ecumene.ledger.bench import Bench, Found
from ecumene.models import finance
from ecumene.models.valuation import EisenbergNoe, LinearDebtRank
from ecumene.sources.reference import banks
from ecumene.types import FloatArray
from ecumene.world import World

VALUATIONS = {"debtrank": LinearDebtRank(0.55), "clearing": EisenbergNoe()}
"""Claims lose with the debtor's equity, 45 percent at most (Basel Committee 2006, paragraph 287); or only where a
debtor cannot pay."""


def lacking(world: World) -> str | None:
    """Why banks cannot be joined to a world."""
    if len(_systems(world)) < 10:
        return "banks of fewer than ten of its economies are known"
    return None


def integration(bench: Bench) -> Found:
    """Every economy in turn loses the drawn share of its value added, in a world of less and of more integrated banks.

    Integration multiplies claims between banking systems by `least` or `most`, and places the same multiple of the
    share `abroad` of every system's loans in all other economies by size. Losses are means over the economy that fails,
    weighted by its loans: capacity lost in the world, and in the economy that is hit hardest, percent.
    """
    systems = _systems(bench.world)
    table = banks.load_banks().loc[systems]
    assets, equity, loans = (
        table[name].to_numpy(float) for name in ("bank_assets", "bank_equity", "private_credit")
    )
    weight = loans / loans.sum()
    lost = bench.value("lost") * np.eye(len(systems))  # one scenario an economy
    found = {}
    for name in ("least", "most"):
        level = float(bench.settings[name])
        given = _exposures(tuple(systems), str(bench.structure.choices["network"]))
        exposures = given._replace(claims=np.asarray(given.claims) * level)
        away = min(bench.value("abroad") * level, 1.0)
        shared = (1.0 - away) * lost + away * (lost @ weight)[:, None]
        done = finance.contagion(
            exposures, assets, equity, loans, shared,
            valuation=VALUATIONS[str(bench.structure.choices["valuation"])], names=systems,
        )  # fmt: skip
        capacity = 100.0 * np.asarray(done.capacity_lost)  # [scenario, system]
        found[f"network_{name}"] = (
            float(weight @ np.asarray(done.network_loss).sum(axis=1)) / equity.sum() * 100.0
        )
        found[f"world_{name}"] = float(weight @ (capacity @ weight))
        found[f"hardest_{name}"] = float(weight @ capacity.max(axis=1))
        found[f"hurt_{name}"] = float(weight @ (capacity > 0.5).sum(axis=1))
    return {
        **found,
        "network_more": found["network_most"] - found["network_least"],
        "world_more": found["world_most"] - found["world_least"],
        "hardest_more": found["hardest_most"] - found["hardest_least"],
        "hurt_more": found["hurt_most"] - found["hurt_least"],
    }


def _systems(world: World) -> list[str]:
    known = set(banks.load_banks().index)
    return [code for code in world.economies if code in known and not countries.is_aggregate(code)]


@cache
def _exposures(systems: tuple[str, ...], network: str) -> finance.Exposures:
    """Claims between systems reconstructed from their totals."""
    table: pd.DataFrame = banks.load_banks().loc[list(systems)]
    totals: FloatArray = banks.INTERBANK_SHARE * table[
        ["cross_border_claims", "cross_border_liabilities"]
    ].to_numpy(float)
    rows, columns, _ = finance.equal_totals(totals[:, 0], totals[:, 1])
    return getattr(finance.reconstruct(rows, columns, names=list(systems)), network)
