"""Seeded draws from the table of priors: the same for every order, whatever else is drawn beside them."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

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
    return placed(world, {name: ranks_of(name, count, seed) for name in parameters(world)}, seed)


def parameters(world: World) -> tuple[str, ...]:
    """Names of the parameters that matter on a world's sectors, as the table of priors has them."""
    kinds = dict.fromkeys(_named(kind) for each in _kinds(world) for kind in each)
    return ("theta", *(f"theta:{kind}" for kind in kinds), "ladder:goods", "ladder:services")


def placed(world: World, ranks: Mapping[str, FloatArray], seed: int) -> Draws:
    """Parameters at given ranks, 0 to 1, of every prior in `parameters`; each [draw]."""
    from scipy.special import ndtri  # slow to load

    logs = {
        name: ndtri(np.clip(rank, 1e-12, 1.0 - 1e-12)) for name, rank in ranks.items() if name[:5] == "theta"
    }
    own = np.stack(
        [
            np.mean([spread_of(k) * logs[f"theta:{_named(k)}"] for k in each], axis=0)
            for each in _kinds(world)
        ],
        axis=1,
    )
    shared = COMMON_SPREAD * logs["theta"]
    return Draws(
        theta=world.theta.values * np.exp(shared[:, None] + own),
        ladder_goods=ranks["ladder:goods"],
        ladder_services=ranks["ladder:services"],
        seed=int(seed),
    )


def of_kinds(world: World, factors: Mapping[str, float]) -> FloatArray:
    """Factors on trade elasticities [sector] from factors by broad kind, named as the table has them.

    A sector that spans several kinds takes the mean of their logs; kinds that are not named keep theirs.
    """
    logs = [[np.log(factors.get(f"theta:{_named(kind)}", 1.0)) for kind in each] for each in _kinds(world)]
    return np.exp([np.mean(each) for each in logs])


def _kinds(world: World) -> tuple[tuple[str, ...], ...]:
    return sectors.kinds(world.sectors) or tuple(("services",) for _ in world.sectors)


def _named(kind: str) -> str:
    """The prior of a kind: services and what is not known share one."""
    return kind if kind in STANDARD_ERRORS else "services"


def ranks_of(name: str, count: int, seed: int) -> FloatArray:
    """One in each of `count` equal parts of the unit interval, in random order."""
    from scipy.stats import qmc  # slow to load

    stream = np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(name.encode())]))
    return qmc.LatinHypercube(d=1, rng=stream).random(count)[:, 0]
