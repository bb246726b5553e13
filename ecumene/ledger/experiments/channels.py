"""What one economy would lose without its part in world trade, by channel."""

from __future__ import annotations

import numpy as np

from ecumene.errors import InputError
from ecumene.ledger.bench import Bench, Found
from ecumene.ledger.structures import kinds_of
from ecumene.ranges import goods_of

RAW = ("agriculture", "mining", "petroleum")
"""Kinds of sectors whose goods are raw (assumption)."""


def channels(bench: Bench) -> Found:
    """Every link of one economy closed, and its links in one kind of product after the other: loss, percent.

    Losses of channels need not add up to that of all.
    """
    code = str(bench.settings["economy"])
    if code not in bench.world.economies:
        raise InputError(
            f"the world as the ledger has it lacks {code}; give one of {', '.join(bench.world.economies)}"
        )
    n = bench.world.economies.index(code)
    kinds = kinds_of(bench.world)
    goods = goods_of(bench.world)
    raw = np.array([bool(set(each) & set(RAW)) for each in kinds])
    parts = {
        "all": np.ones(len(kinds), bool),
        "raw": raw & goods,
        "industry": goods & ~raw,
        "services": ~goods,
    }
    found = {}
    for name, which in parts.items():
        iceberg = np.ones(bench.world.trade.shape)
        for at in (
            np.ix_([n], range(len(iceberg)), which.nonzero()[0]),
            np.ix_(range(len(iceberg)), [n], which.nonzero()[0]),
        ):
            iceberg[at] = np.inf
        iceberg[n, n] = 1.0
        eq = bench.solve(iceberg).raise_unless_ok()
        found[f"loss_{name}"] = 100.0 * (1.0 - float(eq.numbers("real_income_without_missing")[n]))
    return found
