"""Ways back: whether players who closed under a pressure open again when it is gone."""

from __future__ import annotations

import itertools

import numpy as np

from ecumene.ledger.bench import Bench, Found, mean
from ecumene.ranges import goods_of
from ecumene.types import FloatArray

PRESSURES = np.linspace(-4.0, 8.0, 121)
"""Pressure towards closing, percent of income, raised and lowered (assumption: beyond where all close or open)."""

CLOSED_TARIFF = 0.25
"""What a player who closes adds to its tariffs on goods (assumption, as in `evolve`)."""

CLOSED_COST = 1.1
"""Factor on the cost of imports of a player who closes, beside its tariff (assumption, as in `evolve`)."""


def way_back(bench: Bench) -> Found:
    """Great powers open or closed; a pressure towards closing rises to a height at which all close, and goes.

    A closed player levies 25 points on goods and has a tenth more cost on all imports. Payoffs are exact equilibria of
    every combination, 100 ln of real income; each player closes with the logit chance of its expected payoffs given the
    others' chances, the drawn `responsiveness` a percent of income, and adds the structure's `habit` to what it does
    already. `loop` is the widest stretch of pressure on which the way up and the way back differ by half of the
    players; `stays_closed` the share still closed when the pressure is back where nine tenths were open.
    """
    powers = [bench.places(bench.settings[name]) for name in ("first", "second", "third")]
    pay = _payoffs(bench, powers)
    beta, habit = (
        bench.value("responsiveness"),
        bench.value("habit") * float(bench.structure.choices["habit"]),
    )
    up = _sweep(pay, beta, habit, PRESSURES)
    back = _sweep(pay, beta, habit, PRESSURES[::-1], start=1.0)[::-1]
    apart = np.abs(back - up).mean(axis=1) > 0.5 / len(powers)
    step = PRESSURES[1] - PRESSURES[0]
    open_until = np.flatnonzero(up.mean(axis=1) <= 0.1)
    at = open_until[-1] if len(open_until) else 0
    return {
        "loop": float(step * apart.sum()),
        "stays_closed": 100.0 * float(back[at].mean()),
        "least_gain_from_opening": float(np.min(pay[(0,) * len(powers)] - _alone(pay))),
    }


def _alone(pay: dict[tuple[int, ...], FloatArray]) -> FloatArray:
    """What each player has where it alone is closed."""
    size = len(next(iter(pay)))
    return np.array([pay[tuple(int(m == p) for m in range(size))][p] for p in range(size)])


def _payoffs(bench: Bench, powers: list[list[int]]) -> dict[tuple[int, ...], FloatArray]:
    """100 ln of real income of every player, for every combination of closed (1) and open (0)."""
    world, size = bench.world, bench.world.income.values
    goods = np.flatnonzero(goods_of(world)).tolist()
    found = {}
    for closed in itertools.product((0, 1), repeat=len(powers)):
        tariff, iceberg = np.array(world.tariff.values), np.ones(world.trade.shape)
        for p in np.flatnonzero(closed):
            outside = [n for n in range(len(size)) if n not in powers[p]]
            tariff[np.ix_(outside, powers[p], goods)] += CLOSED_TARIFF
            iceberg[np.ix_(outside, powers[p])] *= CLOSED_COST
        eq = bench.solve(iceberg, tariff).raise_unless_ok()
        income = 100.0 * np.log(np.asarray(eq.numbers("real_income_without_missing"), dtype=float))
        found[closed] = np.array([mean(income[places], size[places]) for places in powers])
    return found


def _sweep(
    pay: dict[tuple[int, ...], FloatArray],
    beta: float,
    habit: float,
    pressures: FloatArray,
    start: float = 0.0,
) -> FloatArray:
    """Chances of being closed [pressure, player], each pressure from where the last one ended."""
    players = len(next(iter(pay)))
    chance = np.full(players, start)
    stances = np.array(list(pay), dtype=bool)  # [combination, player]
    signed = np.where(stances, 1.0, -1.0) * np.array(list(pay.values()))
    others = ~np.eye(players, dtype=bool)
    rows = []
    for pressure in pressures:
        for _ in range(200):
            each = np.where(stances, chance, 1.0 - chance)  # of being where the combination has it
            by_others = np.where(others, each[:, None, :], 1.0).prod(axis=2)
            gain = (signed * by_others).sum(axis=0)
            push = np.clip(beta * (gain + pressure + habit * (2.0 * chance - 1.0)), -500.0, 500.0)
            new = 1.0 / (1.0 + np.exp(-push))
            if np.abs(new - chance).max() < 1e-7:
                break
            chance = 0.5 * chance + 0.5 * new
        rows.append(chance)
    return np.array(rows)
