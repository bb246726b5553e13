"""Dependence and insecurity: accidents under trade and without it, and how incomes move with productivity."""

from __future__ import annotations

import numpy as np

from ecumene import countries
from ecumene.ledger.bench import Bench, Found, mean, rank_correlation
from ecumene.models import shocks, trade
from ecumene.security import chance
from ecumene.security.assess import BAND
from ecumene.security.flows import flows_of
from ecumene.security.parameters import settings_of
from ecumene.shocks import load_shock
from ecumene.types import FloatArray
from ecumene.world import World

YEARS = 4
"""Years of accidents in a draw (assumption: 64 draws are 256 years)."""

ECONOMIES = 8
"""Largest economies that stay themselves where accidents are simulated day by day (assumption: cost)."""

DAYS = 365

DEVIATION = 0.02
"""Standard deviation of the logarithm of an industry's productivity (assumption)."""

STATES = 4
"""States of productivity in a draw (assumption)."""


def accidents(bench: Bench) -> Found:
    """Accidents drawn by chance, the same years under today's trade and with every link closed.

    Losses are shortfalls of a year's consumption below the order's own base, percent. The largest economies of the
    world and the rest of it. `worst` is the mean over economies of each one's worst year.
    """
    world = _largest(bench.world)
    settings, _ = settings_of(world)
    end = BAND[str(bench.structure.choices["band"])]
    settings = end.settings(settings)._replace(
        stock_days=np.asarray(settings.stock_days) * bench.value("stocks")
    )
    happen = load_shock("random").chance
    assert happen is not None
    R, S = len(world.economies), len(world.sectors)
    years = [[shocks.course(chance.draw(happen, DAYS, R, S, bench.seed, year))] for year in range(YEARS)]
    theta = world.theta.values * float(np.exp(np.mean(np.log(bench.theta / bench.world.theta.values))))
    loss = {}
    for name, iceberg in (("today", 1.0), ("closed", np.inf)):
        base = flows_of(trade.solve(world, iceberg, None, theta, "fixed").raise_unless_ok())
        done = shocks.simulate_many(
            base,
            years,
            settings,
            days=DAYS,
            criticality=end.criticality,
            origins=end.origins,
            workers=1,
            together=4,
        )
        loss[name] = 100.0 * shocks.consumption_loss(base, done.consumption)  # [year, economy]
    size = world.income.values
    reliance = world.imports.values / size
    means = {name: values.mean(axis=0) for name, values in loss.items()}
    worst = {name: values.max(axis=0) for name, values in loss.items()}
    return {
        "mean_loss_today": mean(means["today"], size),
        "mean_loss_closed": mean(means["closed"], size),
        "mean_loss_more": mean(means["today"] - means["closed"], size),
        "worst_year_more": mean(worst["today"] - worst["closed"], size),
        "correlation_with_imports": rank_correlation(reliance, means["today"] - means["closed"]),
    }


def volatility(bench: Bench) -> Found:
    """Productivity of every industry moves; how far real income moves under today's trade and with every link closed.

    Log productivity is a sum of a part common to an economy, a part common to a sector and one of the industry's own,
    standard deviation 2 percent in all; the drawn share `national` of its variance is the economy's, `sectoral` the
    sector's. It enters as the cost of everything that an industry sells, at home and abroad.
    """
    R, S = len(bench.world.economies), len(bench.world.sectors)
    stream = np.random.default_rng(bench.seed)
    national = bench.value("national")
    sectoral = bench.value("sectoral") * (1.0 - national)
    closed = np.where(np.eye(R, dtype=bool)[:, :, None], np.ones((R, R, S)), np.inf)
    moves: dict[str, list[FloatArray]] = {"open": [], "closed": []}
    start = np.log(_income(bench, closed))
    for _ in range(STATES):
        parts = [stream.standard_normal(shape) for shape in ((R, 1), (1, S), (R, S))]
        rest = 1.0 - national - sectoral
        shift = DEVIATION * sum(
            np.sqrt(v) * part for v, part in zip((national, sectoral, rest), parts, strict=True)
        )
        cost = np.broadcast_to(np.exp(-shift)[:, None, :], (R, R, S))
        moves["open"].append(np.log(_income(bench, np.array(cost))))
        moves["closed"].append(np.log(_income(bench, closed * cost)) - start)
    spread = {name: np.sqrt(np.mean(np.square(values), axis=0)) for name, values in moves.items()}
    size = bench.world.income.values
    more = np.log(spread["open"] / spread["closed"])
    return {
        "volatility_open": 100.0 * mean(spread["open"], size),
        "volatility_closed": 100.0 * mean(spread["closed"], size),
        "volatility_more": 100.0 * mean(more, size),
        "more_volatile": 100.0 * float(np.mean(more > 0)),
        "correlation_with_openness": rank_correlation(bench.world.imports.values / size, more),
    }


def _income(bench: Bench, iceberg: FloatArray) -> FloatArray:
    eq = bench.solve(iceberg).raise_unless_ok()
    return np.asarray(eq.numbers("real_income_without_missing"), dtype=float)


_WORLDS: dict[str, World] = {}


def _largest(world: World) -> World:
    """The largest economies and the rest, made once a world."""
    if world.hash not in _WORLDS:
        named = [code for code in world.economies if not countries.is_aggregate(code)]
        size = dict(zip(world.economies, world.income.values, strict=True))
        _WORLDS[world.hash] = world.select(sorted(named, key=lambda code: -size[code])[:ECONOMIES])
    return _WORLDS[world.hash]
