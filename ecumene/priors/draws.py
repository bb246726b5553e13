"""Seeded draws from the table of priors: the same for every order, whatever else is drawn beside them."""

from __future__ import annotations

import zlib
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from ecumene import sectors
from ecumene.errors import InputError
from ecumene.priors.table import COMMON_SPREAD, STANDARD_ERRORS, spread_of
from ecumene.types import FloatArray
from ecumene.world import World

MOST = 100_000
"""Draws that are kept in memory at a time."""


class Draws(NamedTuple):
    """Parameters, one value or row a draw."""

    theta: FloatArray  # [draw, sector] trade elasticities
    ladder_goods: FloatArray  # [draw] rank inside the ladder's intervals, 0 to 1
    ladder_services: FloatArray  # [draw]
    seed: int

    @property
    def number(self) -> int:
        """How many draws there are."""
        return len(self.ladder_goods)


def draw(world: World, count: int = 64, seed: int = 0) -> Draws:
    """Latin hypercube draws of all parameters for the sectors of a world.

    `theta_s = theta_s(world) exp(0.3 z + sd_s z_s)` with standard normal z, one z a draw and one z_s a broad kind of
    sector; a sector that spans several kinds takes the mean of their logs. Ranks of the ladder are uniform. Every
    parameter has a stream of its own, named by it, so that a parameter more changes no other's draws.
    Source: McKay, Beckman and Conover (1979) for the sampling, `priors.table` for the priors. Errors: InputError.
    """
    for name, number, least in (("draws", count, 2), ("seed", seed, 0)):
        if not isinstance(number, int | np.integer) or isinstance(number, bool) or number < least:
            raise InputError(f"{name} is {number!r:.40}; give a whole number, {least} or more")
    if count > MOST:
        raise InputError(f"draws is {count}; at most {MOST:,} at a time, and a sweep for more")
    kinds = sectors.kinds(world.sectors) or tuple(("services",) for _ in world.sectors)
    logs = {kind: _log(f"theta:{_named(kind)}", count, seed) for each in kinds for kind in each}
    own = np.stack([np.mean([spread_of(k) * logs[k] for k in each], axis=0) for each in kinds], axis=1)
    shared = COMMON_SPREAD * _log("theta", count, seed)
    return Draws(
        theta=world.theta.values * np.exp(shared[:, None] + own),
        ladder_goods=_ranks("ladder:goods", count, seed),
        ladder_services=_ranks("ladder:services", count, seed),
        seed=int(seed),
    )


def _named(kind: str) -> str:
    """The prior of a kind: services and what is not known share one."""
    return kind if kind in STANDARD_ERRORS else "services"


def _ranks(name: str, count: int, seed: int) -> FloatArray:
    """One in each of `count` equal parts of the unit interval, in random order."""
    stream = np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(name.encode())]))
    return qmc.LatinHypercube(d=1, rng=stream).random(count)[:, 0]


def _log(name: str, count: int, seed: int) -> FloatArray:
    """Standard normal numbers by their ranks."""
    return ndtri(np.clip(_ranks(name, count, seed), 1e-12, 1.0 - 1e-12))
