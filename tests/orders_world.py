"""A small random world with real codes, tariffs that respect its agreements, and a services sector."""

from __future__ import annotations

import numpy as np

from ecumene.orders import unions
from ecumene.world import World

CODES = (
    *("AUT", "DEU", "FRA", "GBR", "NOR", "TUR", "RUS", "BLR", "KAZ", "USA", "CAN", "MEX"),
    *("CHN", "JPN", "IND", "BRA", "ARG", "VNM", "THA", "ZAF", "ROW"),
)
SECTORS = ("food", "cars", "banks")
GOODS = np.array([True, True, False])


def small_world(
    *,
    year: int | None = 2019,
    seed: int = 0,
    tariffs: bool = True,
    goods: bool = True,
    codes: tuple[str, ...] = CODES,
) -> World:
    """R economies x 3 sectors; tariffs by sector and origin, none inside agreements."""
    rng = np.random.default_rng(seed)
    n, s = len(codes), len(SECTORS)
    trade = rng.uniform(0.1, 2.0, (n, n, s))
    trade[np.arange(n), np.arange(n)] += 30
    rate = rng.uniform(0.02, 0.2, (n, n, s))
    rate[unions.depth_matrix(codes, year or 2019) >= 2] = 0
    rate[:, :, ~GOODS] = 0
    rate[np.arange(n), np.arange(n)] = 0
    return World.from_trade(
        trade,
        np.full((n, s), 0.5),
        np.full((n, s, s), 1 / s),
        economies=codes,
        sectors=SECTORS,
        tariff=rate if tariffs else None,
        year=year,
        layers={"goods": GOODS} if goods else None,
    )
