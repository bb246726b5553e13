"""Strategies for a repeated game of tariffs against each other, played by Axelrod (the optional extra `games`)."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np
import xarray as xr

from ecumene.errors import InputError
from ecumene.models.cooperation import discounted

STRATEGIES = (
    "TitForTat",
    "Cooperator",
    "Defector",
    "Grudger",
    "WinStayLoseShift",
    "TitFor2Tats",
    "GTFT",
    "Random",
)
"""Strategies that play by default, by their names in Axelrod: answer in kind; keep the agreement always; never; until
the other departs once; repeat what paid; answer two departures; forgive at times; toss a coin."""


def tournament(
    game: xr.Dataset,
    strategies: Sequence[str] = STRATEGIES,
    *,
    periods: int = 200,
    delta: float = 0.95,
    noise: float = 0.0,
    repetitions: int = 5,
    seed: int = 0,
) -> xr.Dataset:
    """Every strategy of one player against every strategy of the other, on the payoffs of a `stage_game`.

    A match lasts `periods`; payoffs are discounted by `delta` a period and given as means a period, in log points.
    `noise` is the chance that a player does by mistake the opposite of what it meant. Matches are repeated where chance
    has a part, from `seed`; equal seeds give equal results.
    Returns `payoff` [player, own strategy, other's strategy], `score` [player, strategy], its mean over the other's
    strategies, and `kept` [player, own strategy, other's strategy], the share of periods in which it kept the
    agreement. Source: Axelrod (1984); Knight et al. (2016) for the library.
    Errors: InputError for an unknown strategy, for numbers out of range, and without Axelrod.
    """
    numbers = {"periods": (periods, 1, 100_000), "repetitions": (repetitions, 1, 10_000)}
    for name, (value, least, most) in numbers.items():
        if not isinstance(value, int) or not least <= value <= most:
            raise InputError(f"{name} is {value!r}; give a whole number from {least} to {most}")
    if not (0.0 <= noise <= 1.0 and 0.0 <= delta <= 1.0):
        raise InputError(f"noise is {noise:g} and delta {delta:g}; both lie between 0 and 1")
    axl = _axelrod()
    classes = [_strategy(axl, name) for name in strategies]
    if not classes or len(set(strategies)) < len(classes):
        raise InputError("name at least one strategy, and each once")
    n = len(classes)
    payoff, kept = np.zeros((2, n, n)), np.zeros((2, n, n))
    for i, first in enumerate(classes):
        for j, second in enumerate(classes):
            chance = noise > 0 or first.classifier["stochastic"] or second.classifier["stochastic"]
            for k in range(repetitions if chance else 1):
                drawn = int(np.random.default_rng([seed, i, j, k]).integers(2**31))
                match = axl.Match((first(), second()), turns=periods, noise=noise, seed=drawn)
                play = np.array([[action == axl.Action.C for action in pair] for pair in match.play()])
                ours, theirs = discounted(game, play[:, 0].tolist(), play[:, 1].tolist(), delta)
                payoff[0, i, j] += ours
                payoff[1, j, i] += theirs
                kept[0, i, j] += play[:, 0].mean()
                kept[1, j, i] += play[:, 1].mean()
            times = repetitions if chance else 1
            for table in (payoff, kept):
                table[0, i, j] /= times
                table[1, j, i] /= times
    pair = ("player", "strategy", "against")
    return xr.Dataset(
        {
            "payoff": (pair, payoff, {"units": "log points a period"}),
            "score": (("player", "strategy"), payoff.mean(axis=2), {"units": "log points a period"}),
            "kept": (pair, kept, {"units": "share of periods"}),
        },
        coords={
            "player": game["player"].values,
            "strategy": list(strategies),
            "against": list(strategies),
        },
    )


def _axelrod() -> ModuleType:
    try:
        import axelrod
    except ImportError as error:
        raise InputError("tournaments need Axelrod; install it with: pip install 'ecumene[games]'") from error
    return axelrod


def _strategy(axl: ModuleType, name: str) -> Any:
    found = getattr(axl, name, None) if isinstance(name, str) else None
    if not (isinstance(found, type) and issubclass(found, axl.Player)):
        raise InputError(
            f"Axelrod has no strategy {name!r:.60}; give names of its classes, such as {', '.join(STRATEGIES[:3])}"
        )
    return found
