"""A small closed world with real codes, for tests that need some world rather than a certain one."""

from __future__ import annotations

import numpy as np

from ecumene.world import World

ECONOMIES = ("DEU", "FRA", "USA", "CHN", "RUS", "GEO")
SECTORS = ("Food", "Manufactures", "Services")

HIT = """
name: hit
title: Hit
days: 30
capacity: [{economies: CHN, sectors: Manufactures, share: 0.5, length: 10}]
"""
"""A shock of this world."""


def make_world(missing: tuple[str, str] | None = None, **changes: object) -> World:
    """Six economies of unequal size, three sectors; `missing` names an economy and a good it cannot make."""
    rng = np.random.default_rng(11)
    R, S = len(ECONOMIES), len(SECTORS)
    size = np.array([4.0, 3.0, 20.0, 15.0, 2.0, 0.05])
    home = np.where(np.eye(R, dtype=bool), 20.0, 1.0)
    links = (
        1e3 * home[:, None, :] * size[:, None, None] * size[None, None, :] * rng.uniform(0.5, 1.5, (R, S, R))
    )
    if missing is not None:
        links[ECONOMIES.index(missing[0]), SECTORS.index(missing[1])] = 0.0
    Z = np.einsum("isn,nk->isnk", links, rng.uniform(0.2, 0.4, (R, S))).reshape(R * S, R * S)
    Y = (2.0 * links).reshape(R * S, R)
    options: dict = {
        "economies": ECONOMIES,
        "sectors": SECTORS,
        "final_uses": ("all",),
        "theta": np.array([4.0, 6.0, 5.0]),
        "year": 2019,
        "source": "a small made-up world",
        "layers": {"population": np.array([83, 67, 328, 1398, 144, 3.7]) * 1e6},
    }
    return World.from_flows(Z, Y, **{**options, **changes})
