"""Points of the parameters by number: crossed values and grids, and joint draws, never all of them at once."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from ecumene.errors import SweepError
from ecumene.priors.draws import ranks_of
from ecumene.priors.shocks import BY_NAME, at
from ecumene.sweeps import parameters
from ecumene.sweeps.schema import Sampling, SweepFile, Variation
from ecumene.types import FloatArray

MOST_TOGETHER: Final = 20_000_000
"""Numbers of one Latin hypercube, which is made whole: 160 MB."""

_EDGE: Final = 2.0**-53
"""Draws are kept this far from 0 and 1, where a distribution may have no finite value."""


def points(file: SweepFile, first: int, last: int) -> list[dict[str, float | str]]:
    """The points of the parameters from number `first` up to `last`, excluded; only those are made.

    Point p is draw `p // crossed` and combination `p % crossed` of values and grids. Parameters stand by name; the last
    varies fastest.
    """
    if last <= first:
        return []
    drawn = {name: each for name, each in file.parameters.items() if each.drawn}
    crossed = {name: _values(each) for name, each in file.parameters.items() if not each.drawn}
    combinations = int(np.prod([len(values) for values in crossed.values()], dtype=np.int64))
    number = np.arange(first, last)
    columns: dict[str, list[float | str]] = {}
    if drawn:
        low, high = first // combinations, (last - 1) // combinations + 1
        unit = uniform(file.sampling, len(drawn), file.seed, low, high)[number // combinations - low]
        columns = {
            name: quantile(name, each, unit[:, k]).tolist() for k, (name, each) in enumerate(drawn.items())
        }
    for name, row in file.from_table.items():
        ranks = _ranks(row, file.sampling.draws, file.seed)[number // combinations]
        columns[name] = of_prior(name, row, ranks).tolist()
    rest = number % combinations
    for name, values in reversed(crossed.items()):
        columns[name] = [values[k] for k in (rest % len(values)).tolist()]
        rest = rest // len(values)
    ordered = [columns[name] for name in file.varied]
    return [dict(zip(file.varied, row, strict=True)) for row in zip(*ordered, strict=True)] or [
        {} for _ in number
    ]


def _values(variation: Variation) -> Sequence[float | str]:
    if variation.grid is not None:
        grid = variation.grid
        made = np.geomspace if grid.spacing == "log" else np.linspace
        return made(grid.lowest, grid.highest, grid.steps).tolist()
    assert variation.values is not None
    return variation.values


def uniform(sampling: Sampling, dimensions: int, seed: int, first: int, last: int) -> FloatArray:
    """Draws from number `first` up to `last`, excluded, in the unit cube [draw, dimension], the same from any start.

    Sobol: scrambled, skipped ahead (Joe and Kuo 2008; Owen 1998). Latin hypercube: made whole once a process.
    Random: each draw from a generator of its own. Errors: SweepError where a hypercube would not fit.
    """
    if sampling.method == "random":
        return np.stack([np.random.default_rng([seed, n]).random(dimensions) for n in range(first, last)])
    if sampling.method == "latin-hypercube":
        return _hypercube(sampling.draws, dimensions, seed)[first:last]
    from scipy.stats import qmc  # slow to load, and a worker is sent its cases

    engine = qmc.Sobol(dimensions, scramble=True, seed=np.random.default_rng(seed))  # type: ignore[call-arg]
    if first:
        engine.fast_forward(first)
    with warnings.catch_warnings():  # the file's reader says it where draws are no power of 2
        warnings.filterwarnings("ignore", message="The balance properties of Sobol")
        return engine.random(last - first)


@lru_cache(maxsize=1)
def _hypercube(draws: int, dimensions: int, seed: int) -> FloatArray:
    if draws * dimensions > MOST_TOGETHER:
        raise SweepError(
            f"a Latin hypercube of {draws:,} draws of {dimensions} parameters is made whole and would be too large; "
            "use method sobol"
        )
    from scipy.stats import qmc

    engine = qmc.LatinHypercube(dimensions, seed=np.random.default_rng(seed))  # type: ignore[call-arg]
    return engine.random(draws)


@lru_cache(maxsize=64)
def _ranks(row: str, draws: int, seed: int) -> FloatArray:
    """Ranks of a prior from the stream that `compare` has for it."""
    return ranks_of(row, draws, seed)


def of_prior(name: str, row: str, ranks: FloatArray) -> FloatArray:
    """Values of a parameter at ranks, 0 to 1, of a row of the table of priors; cut at the parameter's own limits.

    A row that is a factor multiplies the parameter's default.
    """
    known, prior = parameters.known(name), BY_NAME[row]
    assert known is not None
    scale = float(known.default) if prior.unit == "factor" else 1.0
    values = ranks if prior.shape == "rank" else scale * at(prior, ranks)
    return np.clip(values, known.lowest, known.highest)


def quantile(name: str, variation: Variation, unit: FloatArray) -> FloatArray:
    """What a parameter's distribution gives for draws that are uniform between 0 and 1: its inverse."""
    if variation.prior is not None:
        return of_prior(name, variation.prior, unit)
    if variation.triangular is not None:
        low, high = variation.triangular.between
        peak, width = variation.triangular.peak, high - low
        rising = unit * width < peak - low
        up, down = unit * width * (peak - low), (1.0 - unit) * width * (high - peak)
        return np.where(rising, low + np.sqrt(up), high - np.sqrt(down))
    if variation.uniform is not None:
        low, high = variation.uniform
        return low + (high - low) * unit
    if variation.loguniform is not None:
        low, high = np.log(variation.loguniform)
        return np.exp(low + (high - low) * unit)
    if variation.normal is not None:
        bell = variation.normal
        return _cut_normal(unit, bell.mean, bell.sd, *bell.between)
    assert variation.lognormal is not None
    bell = variation.lognormal
    low, high = np.log(bell.between)
    return np.exp(_cut_normal(unit, float(np.log(bell.median)), bell.log_sd, low, high))


def _cut_normal(unit: FloatArray, mean: float, sd: float, low: float, high: float) -> FloatArray:
    from scipy.special import ndtr, ndtri

    below, above = ndtr((np.array([low, high]) - mean) / sd)
    inside = np.clip(below + (above - below) * unit, _EDGE, 1.0 - _EDGE)
    return np.clip(mean + sd * ndtri(inside), low, high)
