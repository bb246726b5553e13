"""One number from many, only where asked for: with visible weights, and a band over other weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import xarray as xr

from ecumene.dependence.entries import ENTRIES
from ecumene.errors import InputError
from ecumene.types import FloatArray

DRAWS: Final = 2000
"""Weightings that the band is drawn from."""

CONCENTRATION: Final = 1.0
"""Dirichlet parameter of a weight at the mean: 1 with equal weights is uniform over all weightings (assumption)."""

BAND: Final = (0.05, 0.5, 0.95)
LABELS: Final = ("low", "middle", "high")

EQUAL: Final = "equal"


class Composite(NamedTuple):
    """Mean percentile of each economy, with the weights it rests on, and its band over weightings."""

    value: FloatArray  # [economy], 0 most dependent to 100 least, of the economies compared
    band: FloatArray  # [economy, 5, 50 and 95 percent of weightings]
    weights: Mapping[str, float]
    left_out: tuple[str, ...]  # of equal weights: measures that some economies lack


def given_weights(weights: Mapping[str, float] | str) -> dict[str, float] | None:
    """Weights by measure; None for `equal`. Errors: InputError (an unknown measure, a weight not above 0)."""
    if weights == EQUAL:
        return None
    if not isinstance(weights, Mapping) or not weights:
        raise InputError(
            f"weights is {weights!r:.40}; give '{EQUAL}' or a weight for each measure by its name"
        )
    oriented = [entry.name for entry in ENTRIES if entry.better]
    unknown = [str(name) for name in weights if name not in oriented]
    if unknown:
        raise InputError(f"no measure {', '.join(unknown)} to weigh; choose among {', '.join(oriented)}")
    return {str(name): _weight(name, weight) for name, weight in weights.items()}


def require_known(values: Mapping[str, FloatArray], weights: Mapping[str, float]) -> None:
    """Refuse weights of measures that some economies lack. Errors: InputError."""
    partly = [name for name in weights if name in values and not np.isfinite(values[name]).all()]
    if partly:
        raise InputError(
            f"{', '.join(partly)} is missing for some economies, so no composite can hold it; leave it out"
        )


def composite(
    measures: Mapping[str, xr.Variable], weights: Mapping[str, float] | None, seed: int
) -> Composite:
    """Weighted mean of percentiles: `sum_m w_m r_mn`, r the percent of economies that fare worse, equal ones half.

    measures [economy] carry `better`: 1 where more is less dependence, -1 where more is more; those with 0 have no
    better end and cannot be weighed. weights: by name of the measure, None for equal ones of all that everybody has.
    The band is over `DRAWS` weightings from a Dirichlet distribution with the given weights as its mean.
    Errors: InputError (a measure that some economies lack, nothing to weigh).
    """
    oriented = {name: cells for name, cells in measures.items() if cells.attrs["better"] != 0}
    whole = [name for name, cells in oriented.items() if np.isfinite(cells.values).all()]
    given = dict.fromkeys(whole, 1.0) if weights is None else dict(weights)
    require_known({name: cells.values for name, cells in oriented.items()}, given)
    absent = [name for name in given if name not in oriented]
    if absent or not given:
        raise InputError(
            f"{', '.join(absent)} was not measured; power='all' solves the cuts that it needs"
            if absent
            else "no measure is known for every economy, so there is nothing to weigh"
        )
    total = sum(given.values())
    share = {name: weight / total for name, weight in given.items()}
    ranks = np.stack([percentile(oriented[name].values * oriented[name].attrs["better"]) for name in share])
    mean = np.array(list(share.values()))
    draws = np.random.default_rng(seed).dirichlet(CONCENTRATION * len(mean) * mean, DRAWS)
    band = np.quantile(draws @ ranks, BAND, axis=0).T
    left_out = tuple(name for name in oriented if name not in whole) if weights is None else ()
    return Composite(mean @ ranks, band, share, left_out)


def percentile(values: FloatArray) -> FloatArray:
    """Percent of the other economies with a lower value, equal ones counted half; 50 where there is no other."""
    if len(values) < 2:
        return np.full(len(values), 50.0)
    below = (values[None, :] < values[:, None]).sum(axis=1)
    same = (values[None, :] == values[:, None]).sum(axis=1) - 1
    return 100.0 * (below + 0.5 * same) / (len(values) - 1)


def _weight(name: str, weight: object) -> float:
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < np.inf:
        raise InputError(
            f"the weight of {name} is {weight!r}; give a number above 0, or leave the measure out"
        )
    return float(weight)
