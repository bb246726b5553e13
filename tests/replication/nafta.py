"""Caliendo and Parro (2015): tariffs inside North America from 1993 to 2005."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ecumene.models import trade
from ecumene.world import World
from replication.rows import Row, published

BLOC = ("MEX", "CAN", "USA")
PUBLISHED = {
    "first-order total": ("1.31", "-0.06", "0.08"),
    "terms of trade": ("-0.41", "-0.11", "0.04"),
    "real wage": ("1.72", "0.32", "0.11"),
    "imports inside the bloc": ("118", "11", "41"),
}


def world_of(data: Path) -> tuple[World, np.ndarray]:
    """The 1993 world and the tariffs of 2005 inside the bloc."""
    with np.load(data / "caliendo-parro" / "cp1993.npz") as d:
        world = World.from_trade(
            d["trade"],
            d["value_added_share"],
            d["input_share"],
            economies=[str(name) for name in d["economies"]],
            sectors=[str(name) for name in d["sectors"]],
            tariff=d["tariff1993"],
            theta=d["theta"],
            year=1993,
        )
        return world, d["tariff_nafta"]


def nafta(data: Path) -> list[Row]:
    """First-order terms, real wages and trade inside the bloc, base without deficits."""
    world, tariff = world_of(data)
    eq = trade.solve(world, tariff=tariff, deficits="zero").raise_unless_ok()
    inside = [world.economies.index(name) for name in BLOC]

    def imports(flows: np.ndarray, n: int) -> float:
        return float(sum(flows[i, n].sum() for i in inside if i != n))

    obtained: dict[str, list[float]] = {name: [] for name in PUBLISHED}
    exact = []
    for n in inside:
        terms, volume = float(eq.terms_of_trade[n]), float(eq.volume_of_trade[n])
        obtained["first-order total"].append(100 * (terms + volume))
        obtained["terms of trade"].append(100 * terms)
        obtained["real wage"].append(100 * (float(eq.real_wage[n]) - 1))
        grown = imports(eq.trade.values, n) / imports(eq.base_trade.values, n)
        obtained["imports inside the bloc"].append(100 * (grown - 1))
        exact.append(100 * (float(eq.real_income[n]) - 1))
    rows = []
    for name, values in obtained.items():
        for economy, text, value in zip(BLOC, PUBLISHED[name], values, strict=True):
            rows.append(published(f"{name}, {economy}", text, value, "%"))
    rows.append(published("exact real income, MEX (not the first-order total)", "0.0", exact[0], "%"))
    return rows
