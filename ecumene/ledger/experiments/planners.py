"""How far plans miss: of one economy, and of the world."""

from __future__ import annotations

import numpy as np

from ecumene.ledger.bench import Bench, Found, mean
from ecumene.models import planning_errors
from ecumene.types import FloatArray

NATIONS = 10
"""Largest economies that are planned one by one (assumption: cost)."""


def precision(bench: Bench) -> Found:
    """Output planned from recipes that are measured with the drawn error, and carried out on the true ones.

    One economy at a time, and the whole world industry by industry. Errors are independent, or half of their variance
    is common to a good, or to a user, as the structure says. Shares of planned output that is short, or in surplus,
    percent.
    """
    world = bench.world
    stream = np.random.default_rng(bench.seed)
    size = world.income.values
    largest = np.argsort(-size)[:NATIONS]
    short = [_missed(bench, stream, world.intermediate.values[n], world.output.values[n]) for n in largest]
    used, _ = world.flows()
    whole = _missed(bench, stream, used, world.output.values.reshape(-1))
    nation = mean(np.array([one.shortage_share for one in short]), size[largest])
    surplus = mean(np.array([one.surplus_share for one in short]), size[largest])
    return {
        "nation_short": 100.0 * nation,
        "nation_surplus": 100.0 * surplus,
        "world_short": 100.0 * whole.shortage_share,
        "world_surplus": 100.0 * whole.surplus_share,
        "world_over_nation": whole.shortage_share / nation,
    }


def _missed(
    bench: Bench, stream: np.random.Generator, used: FloatArray, output: FloatArray
) -> planning_errors.Executed:
    true = np.divide(used, output, out=np.zeros_like(used), where=output > 0)
    error = bench.value("error")
    z = stream.standard_normal(true.shape)
    common = bench.structure.choices["common"]
    if common == "good":
        z = np.sqrt(0.5) * (z + stream.standard_normal((len(true), 1)))
    elif common == "user":
        z = np.sqrt(0.5) * (z + stream.standard_normal((1, len(true))))
    believed = true * np.exp(error * z - 0.5 * error**2)
    return planning_errors.execute(believed, true, output - used.sum(axis=1))
