"""Blocs, unions and great powers: who gains by joining, leaving, pooling, raising tariffs, or being cut off."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ecumene import countries
from ecumene.ledger.bench import Bench, Found, mean, percent
from ecumene.ranges import goods_of
from ecumene.types import FloatArray

STATES = 4
"""Small states that are asked, evenly spaced by size (assumption: cost of many draws)."""

MEMBERS = 5
"""Members of a union that are asked, evenly spaced by size (assumption)."""

JOINING = """
name: {name}
title: One more member
extends: two-blocs
changes:
  - what: One state joins a bloc.
    blocs:
      {bloc}: {{members: [{members}], depth: 2}}
"""

LEAVING = """
name: {name}
title: One member leaves
leave: {{{union}: [{code}]}}
"""


def small_states(bench: Bench) -> Found:
    """The order `two-blocs`, and the same with one small unaligned state in either bloc, for several such states.

    A small state has at most the share of world income that the settings name.
    """
    blocs = {name: _members(bench, name) for name in ("atlantic-pacific", "eurasian")}
    size = bench.world.income.values
    largest = float(bench.settings["largest_share"]) * size.sum()
    small = [n for n in range(len(size)) if size[n] <= largest and not _aggregate(bench, n)]
    inside = {n for places in blocs.values() for n in places}
    outside = _spaced([n for n in small if n not in inside], size, STATES)
    apart = np.log(_income(bench, "two-blocs"))
    gains = []
    for n in outside:
        code = bench.world.economies[n]
        options = []
        for bloc, places in blocs.items():
            name = f"{code.lower()}-in-{bloc}"
            members = ", ".join(bench.world.economies[m] for m in [*places, n])
            text = JOINING.format(name=name, bloc=bloc, members=members)
            options.append(np.log(_income(bench, name, text))[n] - apart[n])
        gains.append(options)
    best, worst = np.max(gains, axis=1), np.min(gains, axis=1)
    members = [n for n in small if n in inside]
    return {
        "worst_where_it_is": 100.0 * float(np.mean(worst > 0)),
        "better_in_some_bloc": 100.0 * float(np.mean(best > 0)),
        "gain_from_best_bloc": 100.0 * float(np.median(best)),
        "unaligned_small_states": 100.0 * float(np.mean(apart[outside])),
        "small_members": 100.0 * float(np.mean(apart[members])) if members else float("nan"),
        "unaligned_less_members": 100.0 * float(np.mean(apart[outside]) - np.mean(apart[members]))
        if members
        else float("nan"),
    }


def leaving(bench: Bench) -> Found:
    """Members leave a union one at a time, with all its agreements, and pay and levy tariffs without preference."""
    union = str(bench.settings["union"])
    size = bench.world.income.values
    gains = []
    for n in _spaced(bench.places(bench.settings["members"]), size, MEMBERS):
        code = bench.world.economies[n]
        name = f"{code.lower()}-leaves"
        gains.append(
            100.0 * np.log(_income(bench, name, LEAVING.format(name=name, union=union, code=code))[n])
        )
    return {
        "best_leaver": float(np.max(gains)),
        "median_leaver": float(np.median(gains)),
        "worst_leaver": float(np.min(gains)),
    }


def pooling(bench: Bench) -> Found:
    """The order `macro-states`: what others can take away from a member, before and within a continental union.

    Power is the log loss of real income where links are cut: all links of the union with everybody outside, and all
    links of one member with the others of its union. The difference is `macro-states` less `today`, log points x 100.
    """
    world = bench.world
    size = world.income.values
    continents = countries.countries()
    unions = {
        name: [
            n
            for n, code in enumerate(world.economies)
            if code in continents and continents[code].continent == name
        ]
        for name in bench.settings["continents"]
    }
    outer, inner = [], []
    for order in ("today", "macro-states"):
        policy = bench.policy(order)
        whole = np.log(_numbers(bench.solve(policy.iceberg, policy.tariff)))
        outside, inside = [], []
        for places in unions.values():
            for one, other, found in ((places, None, outside), (places[-1:], places[:-1], inside)):
                cut = _cut(policy.iceberg, one, other)
                loss = whole - np.log(_numbers(bench.solve(cut, policy.tariff)))
                found.append(mean(loss[one], size[one]))
        outer.append(np.array(outside))
        inner.append(np.array(inside))
    return {
        "power_of_outside": 100.0 * float(np.mean(outer[1] - outer[0])),
        "power_of_outside_today": 100.0 * float(np.mean(outer[0])),
        "power_of_the_union": 100.0 * float(np.mean(inner[1] - inner[0])),
        "power_of_the_union_today": 100.0 * float(np.mean(inner[0])),
    }


def nation_first(bench: Bench) -> Found:
    """Great powers raise tariffs on goods from everywhere outside by the drawn points: one, each pair, all three.

    `gain_from_following`: what a power that follows one leader gains against not following, mean over ordered pairs.
    `compulsion`: that gain less what it would gain by being the only one. Log points x 100, members by base income.
    """
    size = bench.world.income.values
    powers = [bench.places(bench.settings[name]) for name in ("first", "second", "third")]
    points = bench.value("points")
    goods = np.flatnonzero(goods_of(bench.world)).tolist()

    def payoffs(raised: Iterable[int]) -> FloatArray:
        tariff = np.array(bench.world.tariff.values)
        for p in raised:
            outside = [n for n in range(len(size)) if n not in powers[p]]
            tariff[np.ix_(outside, powers[p], goods)] += points / 100.0
        income = 100.0 * np.log(_numbers(bench.solve(None, tariff)))
        return np.array([mean(income[places], size[places]) for places in powers])

    alone = [payoffs([p]) for p in range(3)]
    pairs = {pair: payoffs(pair) for pair in ((0, 1), (0, 2), (1, 2))}
    every = payoffs(range(3))
    followed, by_itself, led = [], [], []
    for leader, follower in ((0, 1), (0, 2), (1, 2), (1, 0), (2, 0), (2, 1)):
        pair = pairs[min(leader, follower), max(leader, follower)]
        followed.append(pair[follower] - alone[leader][follower])
        by_itself.append(alone[follower][follower])
        led.append(alone[leader][follower])
    return {
        "gain_of_the_leader": float(np.mean([alone[p][p] for p in range(3)])),
        "loss_of_others": float(np.mean(led)),
        "gain_from_following": float(np.mean(followed)),
        "compulsion": float(np.mean(followed) - np.mean(by_itself)),
        "when_all_three_do": float(np.mean(every)),
        "best_when_all_three_do": float(np.max(every)),
    }


def cut_off(bench: Bench) -> Found:
    """A payments area cuts one country off; the drawn share of their trade finds no other way of paying and ends.

    A link that loses the share z keeps openness 1 - z: its cost rises by the factor (1 - z)^(-1/theta). Percent of real
    income; one country after another.
    """
    world, size = bench.world, bench.world.income.values
    area = bench.places(bench.settings["area"])
    factor = (1.0 - bench.value("stopped")) ** (-1.0 / bench.theta)
    losses = []
    for target in bench.places(bench.settings["targets"]):
        iceberg = np.ones(world.trade.shape)
        iceberg[np.ix_(area, [target])] = factor
        iceberg[np.ix_([target], area)] = factor
        change = percent(bench.solve(iceberg).raise_unless_ok())
        rest = [n for n in range(len(size)) if n != target and n not in area]
        losses.append((-change[target], -mean(change[area], size[area]), -mean(change[rest], size[rest])))
    target, own, rest = np.median(losses, axis=0)
    return {
        "loss_of_the_target": float(target),
        "loss_of_the_area": float(own),
        "loss_of_the_rest": float(rest),
        "times_the_loss": float(np.median([one / max(other, 1e-6) for one, other, _ in losses])),
    }


def _income(bench: Bench, order: str, text: str = "") -> FloatArray:
    return _numbers(bench.under(order, text))


def _numbers(eq) -> FloatArray:
    return np.asarray(eq.raise_unless_ok().numbers("real_income_without_missing"), dtype=float)


def _aggregate(bench: Bench, n: int) -> bool:
    return countries.is_aggregate(bench.world.economies[n])


def _members(bench: Bench, bloc: str) -> list[int]:
    """Members of a bloc of the order `two-blocs`, by what its settings list."""
    return bench.places(bench.settings[bloc.replace("-", "_")])


def _spaced(places: list[int], size: FloatArray, count: int) -> list[int]:
    """So many of the places, evenly spaced by size."""
    ranked = sorted(places, key=lambda n: -size[n])
    if len(ranked) <= count:
        return ranked
    return [ranked[int((k + 0.5) * len(ranked) / count)] for k in range(count)]


def _cut(iceberg: FloatArray, one: list[int], other: list[int] | None) -> FloatArray:
    """Links closed between some economies and others; and everybody else where no others are named."""
    closed = np.array(iceberg)
    rest = [n for n in range(len(closed)) if n not in one] if other is None else other
    closed[np.ix_(one, rest)] = np.inf
    closed[np.ix_(rest, one)] = np.inf
    return closed
