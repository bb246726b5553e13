"""Every link closed, and every tariff gone: what trade gives, and to whom."""

from __future__ import annotations

import numpy as np

from ecumene.ledger import facts
from ecumene.ledger.bench import Bench, Found, mean, percent, rank_correlation


def closing(bench: Bench) -> Found:
    """Every link closed, for goods and services, everywhere.

    Prices and wages of an economy without trade do not depend on what others do, so that one solve answers for a nation
    that closes alone and for all that close. `break_even_gain` is how much more productive everything would have to be
    for the real wage to stand where it was.
    """
    eq = bench.under("self-sufficient").raise_unless_ok()
    wage = np.asarray(eq.numbers("real_wage"), dtype=float)
    income = np.asarray(eq.numbers("real_income_without_missing"), dtype=float)
    size = np.asarray(eq.numbers("base_income"), dtype=float)
    needed = 100.0 * (1.0 / wage - 1.0)
    return {
        "largest_change_of_real_wage": 100.0 * (wage.max() - 1.0),
        "world_change": mean(100.0 * (income - 1.0), size),
        "share_with_more_income": 100.0 * float(np.mean(income > 1.0)),
        "break_even_gain": float(np.median(needed)),
        "least_break_even_gain": float(needed.min()),
        "largest_break_even_gain": float(needed.max()),
        "economies_lacking_goods": float(np.asarray(eq.numbers("missing_goods")).any(axis=1).sum()),
    }


def opening(bench: Bench) -> Found:
    """What trade as it is, and what more of it, gives rich and poor economies, in log points x 100.

    Rich is an economy whose income per head is above the mean of all people. What trade as it is gives is counted in
    real wages, since transfers end with it.
    """
    closed = np.log(_solved(bench, "self-sufficient", "real_wage"))
    opened = np.log(_solved(bench, "open", "real_income_without_missing"))
    size = bench.world.income.values
    head, known = facts.income_per_head(bench.world)
    rich, poor = facts.rich_and_poor(bench.world)
    return {
        "rich_from_trade": -100.0 * mean(closed[rich], size[rich]),
        "poor_from_trade": -100.0 * mean(closed[poor], size[poor]),
        "rich_from_more": 100.0 * mean(opened[rich], size[rich]),
        "poor_from_more": 100.0 * mean(opened[poor], size[poor]),
        "gap_from_trade": 100.0 * (mean(closed[poor], size[poor]) - mean(closed[rich], size[rich])),
        "gap_from_more": 100.0 * (mean(opened[rich], size[rich]) - mean(opened[poor], size[poor])),
        "poor_that_lose_from_more": 100.0 * float(np.mean(opened[poor] < 0)),
        "correlation_with_income_per_head": rank_correlation(head[known], opened[known]),
    }


def _solved(bench: Bench, order: str, name: str) -> np.ndarray:
    return np.asarray(bench.under(order).raise_unless_ok().numbers(name), dtype=float)


def divided(bench: Bench) -> Found:
    """The order `west-divided`: its two sides together against those named as their rivals, percent of real income."""
    change = percent(bench.under("west-divided").raise_unless_ok())
    size = bench.world.income.values
    sides = {name: bench.places(bench.settings[name]) for name in ("america", "europe", "rivals")}
    west = sides["america"] + sides["europe"]
    others = [n for n in range(len(size)) if n not in {*west, *sides["rivals"]}]
    means = {name: mean(change[places], size[places]) for name, places in sides.items()}
    together = mean(change[west], size[west])
    return {
        "west": together,
        "north_america": means["america"],
        "europe": means["europe"],
        "rivals": means["rivals"],
        "others": mean(change[others], size[others]),
        "west_less_rivals": together - means["rivals"],
    }
