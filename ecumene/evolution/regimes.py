"""Which regime holds in a year: the stance of players with more than half of the players' income, else a mixed one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ecumene.models.stances import CHOICES, CLOSED
from ecumene.types import BoolArray, FloatArray, IntArray

MIXED = CHOICES


class Regimes(NamedTuple):
    """Paths by their regimes."""

    chosen: FloatArray  # [year, player, stance] share of paths
    share: FloatArray  # [path, year, stance] of players, by base income
    regime: IntArray  # [path, year], `MIXED` where no stance has over half
    time: FloatArray  # [path, regime] share of years
    closes: BoolArray  # [path] whether the closed regime comes
    first: FloatArray  # [path] its first year, NaN where it does not come
    returns: (
        float  # of paths that close, the share that leaves the closed regime again; NaN where none closes
    )


def regimes_of(choice: IntArray, size: FloatArray) -> Regimes:
    """Regimes of paths [path, year, player]; size: of players, summing to 1."""
    made = choice[..., None] == np.arange(CHOICES)
    share = np.einsum("ptnk,n->ptk", made, size)
    regime = np.where(share.max(axis=2) > 0.5, share.argmax(axis=2), MIXED)
    time = (regime[..., None] == np.arange(CHOICES + 1)).mean(axis=1)
    shut = regime == CLOSED
    closes = shut.any(axis=1)
    first = np.where(closes, shut.argmax(axis=1), np.nan)
    later = np.cumsum(shut, axis=1) > 0
    back = (later & ~shut).any(axis=1)
    returns = float(back[closes].mean()) if closes.any() else float("nan")
    return Regimes(made.mean(axis=0), share, regime, time, closes, first, returns)
