"""What drives the spread of a model's numbers: shares of variance by group of parameters, after Sobol.

For an output y of independent parameters, the first-order share of a group is `Var(E[y | group]) / Var(y)`, and its
total share `1 - Var(E[y | all others]) / Var(y)`. First-order shares add up to 1 where groups do not interact.
Sources: Sobol (2001) for the shares, Saltelli et al. (2010) for the estimators, Jacques, Lavergne and Devictor (2006)
for groups; computed by SALib (Herman and Usher 2017).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from ecumene.errors import InputError
from ecumene.types import BoolArray, FloatArray

REMEDY: Final = "shares of variance need SALib; install it with: pip install 'ecumene[sweep]'"

LEAST, MOST = 8, 1 << 16
"""Base samples between which a design may lie."""

STILL: Final = 1e-9
"""Standard deviation, relative to the largest number or to 1, below which an output does not vary."""


class Design(NamedTuple):
    """Where the model is run: blocks of `groups + 2` runs, one block a base sample."""

    ranks: FloatArray  # [run, parameter], 0 to 1
    parameters: tuple[str, ...]
    groups: tuple[str, ...]
    problem: Mapping[str, Any]
    seed: int


class Shares(NamedTuple):
    """Shares of variance [output, group], and half the width of their 95 percent intervals by resampling."""

    first: FloatArray
    first_error: FloatArray
    total: FloatArray
    total_error: FloatArray
    spread: FloatArray  # [output] standard deviation over runs
    blocks: int  # base samples that count: every run of the block has its number


def require_salib() -> None:
    """InputError with the command that installs what is missing."""
    try:
        import SALib.analyze.sobol
        import SALib.sample.sobol  # noqa: F401
    except ImportError as error:
        raise InputError(f"{REMEDY} ({error})") from error


def design(groups: Mapping[str, tuple[str, ...]], base: int, seed: int) -> Design:
    """Runs for `base` scrambled Sobol points, a power of two, of the parameters of all groups.

    Errors: InputError (a number that is no power of two between 8 and 65,536, a seed below 0, no SALib).
    """
    whole = isinstance(base, int | np.integer) and not isinstance(base, bool)
    if not whole or not LEAST <= base <= MOST or base & (base - 1):
        raise InputError(f"base is {base!r:.40}; give a power of two from {LEAST} to {MOST:,}, as 128")
    if not isinstance(seed, int | np.integer) or isinstance(seed, bool) or seed < 0:
        raise InputError(f"seed is {seed!r:.40}; give a whole number, 0 or more")
    require_salib()
    from SALib.sample.sobol import sample

    names = [name for members in groups.values() for name in members]
    problem = {
        "num_vars": len(names),
        "names": names,
        "bounds": [[0.0, 1.0]] * len(names),
        "groups": [group for group, members in groups.items() for _ in members],
    }
    ranks = np.asarray(sample(problem, int(base), calc_second_order=False, seed=int(seed)))
    return Design(ranks, tuple(names), tuple(groups), problem, int(seed))


def shares(where: Design, values: FloatArray) -> Shares:
    """Shares of variance of every output; values [run, output] as the design's runs.

    A block with a run that has no number is left out whole. An output that does not vary has no shares (NaN).
    Errors: InputError where fewer than 8 blocks are left.
    """
    from SALib.analyze.sobol import analyze

    length = len(where.groups) + 2
    blocks = values.reshape(-1, length, values.shape[1])
    kept: BoolArray = np.asarray(np.isfinite(blocks).all(axis=(1, 2)))
    if kept.sum() < LEAST:
        raise InputError(
            f"only {int(kept.sum())} of {len(kept)} base samples have all their numbers; shares need {LEAST}: "
            "give a larger base, or an order with an equilibrium under more parameters"
        )
    runs = blocks[kept].reshape(-1, values.shape[1])
    found = np.full((4, values.shape[1], len(where.groups)), np.nan)
    spread = runs.std(axis=0)
    for output in np.flatnonzero(spread > STILL * np.maximum(np.abs(runs).max(axis=0), 1.0)):
        # SALib draws its resamples unseeded where the seed is 0.
        indices = analyze(where.problem, runs[:, output], calc_second_order=False, seed=where.seed + 1)
        found[:, output] = [indices[name] for name in ("S1", "S1_conf", "ST", "ST_conf")]
    first, first_error, total, total_error = found
    return Shares(first, first_error, total, total_error, spread, int(kept.sum()))
