"""Shocks of the catalogue that arrive by chance, and what they cost under each stance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Final

import numpy as np

from ecumene import files
from ecumene.errors import OrderError, ScenarioError
from ecumene.evolution.rules import Carried
from ecumene.models import shocks as production
from ecumene.models import trade
from ecumene.models.shock_settings import Settings
from ecumene.models.stances import Recall
from ecumene.scenarios.schema import Arrival
from ecumene.security.assess import BAND, Happening, happening_of
from ecumene.security.flows import flows_of
from ecumene.security.parameters import settings_of
from ecumene.shocks import Shock, load_shock
from ecumene.types import FloatArray
from ecumene.world import World

DAYS: Final = 365.0
"""Of a year; what a shock costs over its whole horizon counts in the year in which it arrives."""


def shocks_of(wanted: Sequence[Arrival], folder: Path, carried: Carried) -> list[Shock]:
    """The shocks that a scenario names. Errors: ScenarioError listing every problem."""
    found, problems = [], []
    for at, arrival in enumerate(wanted):
        held = carried.get(arrival.shock)
        if isinstance(held, Shock):
            found.append(held)
            continue
        try:
            here = files.given_path(folder / files.given_path(arrival.shock, OrderError), OrderError)
            shock = load_shock(here if here.is_file() else arrival.shock)
        except OrderError as error:
            problems += [f"revision.shocks[{at}]: {line}" for line in (error.problems or (str(error),))]
            continue
        if shock.chance is not None:
            problems.append(
                f"revision.shocks[{at}]: '{shock.name}' is drawn by chance itself; name a certain shock, whose arrival "
                "is drawn here"
            )
        found.append(shock)
    if problems:
        count = f"{len(problems)} problem{'s' * (len(problems) != 1)}"
        raise ScenarioError(f"the shocks of the scenario: {count}", tuple(problems))
    return found


def happenings_of(
    world: World, wanted: Sequence[Arrival], folder: Path, seed: int, carried: Carried
) -> tuple[list[Happening], tuple[str, ...]]:
    """What each shock does on a world, and notes. Errors: ScenarioError, ShockError, MissingLayerError."""
    found = [happening_of(shock, world, seed) for shock in shocks_of(wanted, folder, carried)]
    return found, tuple(dict.fromkeys(note for each in found for note in each.notes))


def losses(
    world: World,
    happenings: Sequence[Happening],
    rules: Sequence[tuple[FloatArray, FloatArray]],
    share: FloatArray,
    tell: Callable[[], None],
    recall: Recall,
) -> tuple[FloatArray, tuple[str, ...]]:
    """Percent of a year's consumption that each shock costs each player [shock, player, stance], and notes.

    Under a stance means: in the equilibrium in which every player takes it, whose iceberg factors and tariffs are
    given. Production shocks under the central assumptions of `security`. recall: where losses are remembered from.
    Errors: SolveError.
    """
    settings, notes = settings_of(world)
    central = BAND["central"]
    out = np.zeros((len(happenings), len(share), len(rules)))
    for k, (iceberg, tariff) in enumerate(rules):
        base = cache(partial(_base, world, iceberg, tariff))
        for n, happening in enumerate(happenings):
            (lost,) = recall(
                f"shock-{happening.shock.hash[:32]}-{k}",
                partial(_lost, base, happening, central.settings(settings)),
            )
            out[n, :, k] = share @ lost * (happening.shock.days / DAYS)
            tell()
    return out, notes


def _base(world: World, iceberg: FloatArray, tariff: FloatArray) -> production.Base:
    eq = trade.solve(world, iceberg=iceberg, tariff=tariff)
    eq.raise_unless_ok()
    return flows_of(eq)


def _lost(base: Callable[[], production.Base], happening: Happening, settings: Settings) -> tuple[FloatArray]:
    """Percent of consumption over the shock's horizon, by economy."""
    central = BAND["central"]
    record = production.simulate(
        base(),
        happening.events,
        settings,
        days=happening.shock.days,
        criticality=central.criticality,
        origins=central.origins,
    )
    return (100.0 * production.consumption_loss(base(), record.consumption.sum(axis=2)),)


def drawn(chance: FloatArray, seeds: Sequence[int], years: int) -> FloatArray:
    """Whether each shock arrives [seed, year, shock], 1 or 0; a path's draws depend on its own seed alone.

    chance: by shock, or by year and shock.
    """
    draws = [np.random.default_rng([seed, 1]).random((years, chance.shape[-1])) for seed in seeds]
    return (np.stack(draws) < chance).astype(np.float64)
