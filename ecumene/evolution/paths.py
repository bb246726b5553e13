"""Paths of players that revise, drawn in portions so that many paths over many years fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Int

from ecumene.evolution.arrivals import drawn
from ecumene.evolution.outcome import Cells
from ecumene.evolution.players import Places
from ecumene.evolution.regimes import Regimes, regimes_of
from ecumene.models import dynamics
from ecumene.models.dynamics import Behaviour, Landscape
from ecumene.models.stances import CHOICES, Stances, Surrogate
from ecumene.types import FloatArray
from ecumene.world import World

QUANTILES: Final = {"low": 5.0, "median": 50.0, "high": 95.0}
"""Percentiles over paths that are shown."""

PORTION: Final = 4_000_000
"""Numbers that are held at once for a portion of the paths: 32 MB."""


class Field(NamedTuple):
    """Everything that paths are drawn on: players, payoffs, and what arriving shocks cost."""

    places: Places
    land: Landscape  # losses before compensation
    surrogate: Surrogate
    exact: Stances
    chance: FloatArray  # of each shock, a year
    cost: FloatArray  # [shock, player, stance], percent


def path_seeds(seed: int, paths: int) -> list[int]:
    """A seed for each path; the first paths are the same however many there are."""
    return [int(each) for each in np.random.SeedSequence(seed).generate_state(paths)]


class Found(NamedTuple):
    """Paths, and what shocks cost in each year after the start."""

    choice: Int[np.ndarray, "paths years N"]
    backlash: FloatArray  # [path, year, player]
    hit: FloatArray  # [path, year, player]: income lost to shocks in the year, percent
    arrived: FloatArray  # [path] number of shocks


def portions(paths: Sequence[int], numbers: int) -> list[Sequence[int]]:
    """Paths, or their seeds, in portions that fit into memory; numbers: that each needs. At least one in each."""
    size = max(PORTION // numbers, 1)
    return [paths[begin : begin + size] for begin in range(0, len(paths), size)]


def paths_of(
    field: Field, how: Behaviour, push: float, years: int, seeds: Sequence[int], tell: Callable[[], None]
) -> Found:
    """Paths for seeds under a pressure that stays. tell: called after every portion."""
    N = len(field.places.names)
    shape = (len(seeds), years + 1, N)
    found = Found(np.empty(shape, np.int8), np.empty(shape), np.zeros(shape), np.empty(len(seeds)))
    pressure = np.full((years, N), push)
    at = 0
    for some in portions(seeds, years * N * CHOICES):
        arrived = drawn(field.chance, some, years)
        shock = np.einsum("pts,snk->ptnk", arrived, field.cost)
        paths = dynamics.evolve(
            field.land, how, field.places.start, years, some, shock=shock, pressure=pressure
        )
        rows = slice(at, at := at + len(some))
        choice = np.asarray(paths.choice)
        found.choice[rows], found.backlash[rows] = choice, paths.backlash
        found.hit[rows, 1:] = np.take_along_axis(shock, choice[:, 1:, :, None], axis=3)[..., 0]
        found.arrived[rows] = arrived.sum(axis=(1, 2))
        tell()
    return found


def path_cells(
    world: World, field: Field, found: Found, compensation: float, tell: Callable[[], None]
) -> Cells:
    """Percentiles over paths, by year; incomes are those of the surrogate, backlash is what `compensation` leaves.

    tell: called after every portion.
    """
    choice, start = found.choice, field.surrogate.level
    weight = world.income.values / world.income.values.sum()
    total, own = np.empty(choice.shape[:2]), np.empty(choice.shape)
    for some in portions(range(len(choice)), choice.shape[1] * len(start)):
        rows = slice(some[0], some[-1] + 1)
        income = field.surrogate.at(choice[rows]) - start
        total[rows] = 100.0 * np.expm1(income / 100.0) @ weight
        own[rows] = np.einsum("ptr,nr->ptn", income, field.places.share)
        tell()
    regimes: Regimes = regimes_of(choice, field.places.size)
    return {
        "share_of_players": (
            ("year", "player", "stance"), regimes.chosen, "share", "share of paths in which a player takes a stance",
        ),
        "stance_share": (
            ("quantile", "year", "stance"), spread(regimes.share), "share", "players that take it, by base income",
        ),
        "revised_real_income": (
            ("quantile", "year"), spread(total), "percent", "the world's against the start, by the surrogate",
        ),
        "player_real_income": (
            ("quantile", "year", "player"), spread(own), "log points x 100", "real income, by the surrogate",
        ),
        "player_shock_loss": (
            ("quantile", "year", "player"), spread(found.hit), "percent", "consumption lost to shocks of the year",
        ),
        "backlash": (
            ("quantile", "year", "player"), (1.0 - compensation) * spread(found.backlash), "percent",
            "stock of uncompensated losses",
        ),
        "time_in_regime": (
            ("quantile", "regime"), spread(regimes.time), "share", "of years; a stance of over half of income",
        ),
        "mean_time_in_regime": (("regime",), regimes.time.mean(axis=0), "share", "of years, mean over paths"),
        "ever_closed": ((), float(regimes.closes.mean()), "share", "paths in which the closed regime comes"),
        "first_closed_year": (
            ("quantile",), _first(regimes.first), "year", "first year of the closed regime, where it comes",
        ),
        "returns": ((), regimes.returns, "share", "of paths that close, those that leave the closed regime again"),
        "shocks_arrived": ((), float(found.arrived.mean()), "number", "shocks in a path, mean"),
    }  # fmt: skip


def spread(values: FloatArray) -> FloatArray:
    """Percentiles over paths, the first axis; taken along the second, so that no second copy of all is made."""
    wanted = list(QUANTILES.values())
    return np.stack([np.percentile(each, wanted, axis=0) for each in np.swapaxes(values, 0, 1)], axis=1)


def _first(year: FloatArray) -> FloatArray:
    known = year[np.isfinite(year)]
    return np.percentile(known, list(QUANTILES.values())) if len(known) else np.full(len(QUANTILES), np.nan)
