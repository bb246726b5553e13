"""Wages of workers by skill and sector, before and after deep globalisation; what trade embodies."""

from __future__ import annotations

import numpy as np

from ecumene import factors
from ecumene.ledger import facts
from ecumene.ledger.bench import Bench, Found, mean
from ecumene.ledger.structures import kinds_of
from ecumene.types import FACTOR, FloatArray

SHALLOW = """
name: shallow
title: Before deep globalisation
note: An assumption; tariffs on goods and barriers to services stand higher by this number on every link.
tariffs: [{{on: all, from: all, add_points: {points}}}]
barriers: [{{from: all, to: all, sectors: services, cost_percent: {points}}}]
"""


def wages(bench: Bench) -> Found:
    """From a world of higher tariffs and barriers on every link to today's: real wages by skill and sector.

    `lower` is the share of the world's wage bill in cells of economy, sector and skill whose real wage is lower today.
    Gaps are today's less the other world's, log points x 100.
    """
    share, _ = factors.factor_share(bench.world)
    labour = [name for name in share[FACTOR].values if name != "capital"]
    mobility = {
        name: (float("inf") if name == "capital" else bench.structure.choices["mobility"])
        for name in [*labour, "capital"]
    }
    points = float(bench.settings["points"])
    eq = bench.under(
        "shallow", SHALLOW.format(points=points), factors=share, mobility=mobility
    ).raise_unless_ok()
    cells = eq.factor_sector_real_wage.sel({FACTOR: labour}).values  # [economy, sector, skill]
    paid = np.asarray(eq.base.factor_share * eq.base.worker_share).transpose(2, 1, 0)[:, :, : len(labour)]
    value_added = bench.world.value_added.values.sum(axis=1)
    bill = paid * value_added[:, None, None]
    gain = -100.0 * np.log(np.where(bill > 0, cells, 1.0))
    by_skill = -100.0 * np.log(eq.factor_real_wage.values)  # [economy, factor]
    names = list(eq.factors)
    gap = by_skill[:, names.index("high_skilled")] - by_skill[:, names.index("low_skilled")]
    worker = np.average(gain, weights=bill, axis=(1, 2))
    rich, poor = facts.rich_and_poor(bench.world)
    return {
        "lower": 100.0 * float(bill[gain < 0].sum() / bill.sum()),
        "mean_wage": mean(worker, value_added),
        "skill_gap": mean(gap, value_added),
        "skill_gap_rich": mean(gap[rich], value_added[rich]),
        "skill_gap_poor": mean(gap[poor], value_added[poor]),
        "capital_less_labour": mean(by_skill[:, names.index("capital")] - worker, value_added),
    }


def content(bench: Bench) -> Found:
    """Work and raw materials embodied in what rich and poor economies buy from each other, down the supply chains.

    A unit of final use rests on output by the Leontief inverse. Workers of an economy (0.45 of its people, assumption)
    are spread over its sectors as the structure says; raw materials are value added of farming and mining.
    """
    world = bench.world
    Z, _ = world.flows()
    R, S = len(world.economies), len(world.sectors)
    output = world.output.values.reshape(-1)
    A = np.divide(Z, output, out=np.zeros_like(Z), where=output > 0)
    value = np.maximum(world.value_added.values, 0.0)
    people = 0.45 * facts.population(world)
    weight = _spread(bench) * value
    workers = (people[:, None] * weight / weight.sum(axis=1, keepdims=True)).reshape(-1)
    raw = np.array([bool({"agriculture", "mining"} & set(kinds)) for kinds in kinds_of(world)])
    materials = (value * raw).reshape(-1)
    final = _final_by_buyer(world)
    made = np.linalg.solve(
        np.eye(R * S) - A, final
    )  # output of every industry behind each economy's final use
    per = np.divide(1.0, output, out=np.zeros_like(output), where=output > 0)
    rich, poor = facts.rich_and_poor(world)
    found = {}
    for name, stock in (("work", workers), ("materials", materials), ("value", value.reshape(-1))):
        used = (made * (stock * per)[:, None]).reshape(R, S, R).sum(axis=1)  # [where it is, who uses it]
        to_rich, to_poor = used[np.ix_(poor, rich)].sum(), used[np.ix_(rich, poor)].sum()
        own = stock.reshape(R, S)[rich].sum()
        found[f"{name}_to_rich"] = 100.0 * float((to_rich - to_poor) / own)
        found[f"{name}_ratio"] = float(to_rich / to_poor)
    return found


def parted(bench: Bench) -> Found:
    """Every link between rich and poor economies closed, all others as they are: percent of real income."""
    rich, poor = facts.rich_and_poor(bench.world)
    between = np.outer(rich, poor) | np.outer(poor, rich)
    iceberg = np.where(between[:, :, None], np.inf, np.ones(bench.world.trade.shape))
    eq = bench.solve(iceberg).raise_unless_ok()
    income = np.log(np.asarray(eq.numbers("real_income_without_missing"), dtype=float))
    size = bench.world.income.values
    return {
        "poor_without_rich": 100.0 * mean(income[poor], size[poor]),
        "rich_without_poor": 100.0 * mean(income[rich], size[rich]),
        "poor_that_gain": 100.0 * float(np.mean(income[poor] > 0)),
    }


def _spread(bench: Bench) -> FloatArray:
    """Workers for a unit of value added [economy, sector], relative within an economy."""
    how = bench.structure.choices["workers"]
    rows = np.ones(bench.world.value_added.values.shape)
    if how == "skills":
        share, _ = factors.factor_share(bench.world)
        return (
            rows * (2.0 * share.sel({FACTOR: "low_skilled"}) + share.sel({FACTOR: "medium_skilled"})).values
        )
    farming = np.array(["agriculture" in kinds for kinds in kinds_of(bench.world)])
    return np.where(farming, bench.value("farming") if how == "farming" else 1.0, rows)


def _final_by_buyer(world) -> FloatArray:
    """What each economy's final uses take of every industry's output, net of duties [industry, buyer]."""
    _, Y = world.flows()
    R = len(world.economies)
    return Y.reshape(Y.shape[0], R, -1).sum(axis=2)


def no_travel(bench: Bench) -> Found:
    """The leisure part of trade in hotels and air transport ends, everywhere: what it costs, and whom.

    Where a sector is hotels or air transport alone the drawn share `alone` of its trade is travel for leisure, where it
    holds more the share `mixed`; a link that loses a share z costs (1 - z)^(-1/theta) times as much.
    """
    share = np.zeros(len(bench.world.sectors))
    for s, (code, kinds) in enumerate(zip(bench.world.sectors, kinds_of(bench.world), strict=True)):
        if kinds == ("hotels",) or code == "c25":
            share[s] = bench.value("alone")
        elif "hotels" in kinds:
            share[s] = bench.value("mixed")
    size = bench.world.income.values
    iceberg = np.ones(bench.world.trade.shape) * (1.0 - share) ** (-1.0 / bench.theta)
    iceberg[np.arange(len(size)), np.arange(len(size))] = 1.0
    eq = bench.solve(iceberg).raise_unless_ok()
    loss = 100.0 * (1.0 - np.asarray(eq.numbers("real_income"), dtype=float))
    small = size <= np.median(size)
    return {
        "world_loss": mean(loss, size),
        "largest_loss": float(loss.max()),
        "loss_of_smaller_half": mean(loss[small], size[small]),
        "economies_above_half_a_percent": 100.0 * float(np.mean(loss > 0.5)),
        "trade_that_ends": 100.0
        * float((np.asarray(bench.world.trade.values) * share * (1 - np.eye(len(size)))[:, :, None]).sum())
        / float(bench.world.exports.values.sum()),
    }
