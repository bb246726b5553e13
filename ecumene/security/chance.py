"""Accidents drawn by chance: the same for a seed and a number, whatever the order that they meet."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ecumene.shocks.schema import Chance, Frequency
from ecumene.types import FloatArray

DAYS_IN_A_YEAR = 365.0


def draw(chance: Chance, days: int, n_economies: int, n_sectors: int, seed: int, number: int) -> FloatArray:
    """Share of capacity lost [day, economy, sector] in draw `number` of a seed.

    Accidents of a kind are a Poisson process over all that it can hit, each with a day, a share and a length drawn
    evenly; accidents that meet in one industry multiply, `1 - prod (1 - lost)`. A draw depends on the seed, its number
    and the size of the world alone.
    """
    random = np.random.Generator(np.random.Philox(key=[seed, number]))
    left = np.ones((days, n_economies, n_sectors))
    kinds = (("industry", n_economies * n_sectors), ("economy", n_economies), ("sector", n_sectors))
    for name, places in kinds:
        frequency = getattr(chance, name)
        if frequency is None:
            continue
        for place, share, start, stop in _accidents(frequency, places, days, random):
            if name == "industry":
                left[start:stop, place // n_sectors, place % n_sectors] *= 1.0 - share
            elif name == "economy":
                left[start:stop, place] *= 1.0 - share
            else:
                left[start:stop, :, place] *= 1.0 - share
    return 1.0 - left


def _accidents(
    frequency: Frequency, places: int, days: int, random: np.random.Generator
) -> Iterator[tuple[int, float, int, int]]:
    """Place, share, first day and end of every accident of one kind."""
    count = int(random.poisson(frequency.per_year * places * days / DAYS_IN_A_YEAR))
    where = random.integers(0, places, count)
    share = random.uniform(*frequency.share, count)
    length = random.integers(frequency.days[0], frequency.days[1] + 1, count)
    start = random.integers(0, days, count)
    for at in range(count):
        yield int(where[at]), float(share[at]), int(start[at]), int(start[at] + length[at])
