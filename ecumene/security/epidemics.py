"""The epidemic of a shock on a world: who travels, who falls ill, and the work that is lost."""

from __future__ import annotations

import numpy as np

from ecumene.errors import ShockError
from ecumene.models import epidemic
from ecumene.models.epidemic_inputs import Outbreak, Settings
from ecumene.models.epidemic_outcome import ILL_ABSENCE, labour_loss
from ecumene.models.interventions import Schedule, policy, schedule, together
from ecumene.priors.shocks import ShockParameters
from ecumene.security.targets import Targets
from ecumene.shocks.schema import Border, Epidemic, Measures, Shock
from ecumene.sources import telework
from ecumene.types import FloatArray
from ecumene.world import World

DRAWS = 16
"""Draws of an epidemic; the mean of the work lost is used (assumption: enough for a mean within a few percent)."""

TRIPS_TO_TRAVELLERS = 1.0 / 365.0
"""Trips a year to travellers a day."""


def labour_lost(
    shock: Shock, world: World, seed: int, drawn: ShockParameters | None = None
) -> tuple[FloatArray, tuple[str, ...]]:
    """Share of work lost [day, economy, sector] in the epidemic of a shock, and sentences on its sources.

    It is the same under every order: how people travel is not what an order changes here. `drawn` moves the
    disease and how many of the ill stay away.
    Errors: ShockError (nobody to begin with), MissingLayerError (population, travel).
    """
    assert shock.epidemic is not None
    rules = shock.epidemic
    targets = Targets(shock, world)
    first = targets.economies(rules.origin)
    if not len(first):
        raise ShockError(
            f"shock '{shock.name}': this world has none of {', '.join(rules.origin)}; name where the epidemic begins"
        )
    population = world.layer("population", "an epidemic").values.astype(np.float64)
    trips = world.layer("travel", "an epidemic").values.astype(np.float64)
    begun = np.zeros(len(world.economies))
    each, over = divmod(int(rules.first_cases), len(first))
    begun[first] = each
    begun[first[:over]] += 1.0  # whole people: what cannot be shared evenly is in the first economies named
    outbreak = Outbreak(
        population=np.round(population),
        travel=trips * TRIPS_TO_TRAVELLERS,
        infectious=begun,
        R0=rules.reproduction_number * (1.0 if drawn is None else drawn.reproduction),
        latent_days=rules.latent_days * (1.0 if drawn is None else drawn.latent_days),
        infectious_days=rules.infectious_days * (1.0 if drawn is None else drawn.infectious_days),
        economies=world.economies,
    )
    record = epidemic.simulate(
        outbreak, _policy(rules, targets), Settings(days=shock.days, draws=DRAWS), seed
    )
    shares, source = telework.teleworkable(world.sectors)
    away = ILL_ABSENCE if drawn is None else drawn.ill_absence
    lost = labour_loss(record, shares, exempt=rules.exempt, ill_absence=away)
    notes = (
        f"Shock '{shock.name}': the mean of {DRAWS} epidemics, the same under every order.",
        f"Work that can be done at home: {source}.",
        "Travel between economies is estimated by gravity unless the world's layer 'travel' says more.",
    )
    return lost, notes


def _policy(rules: Epidemic, targets: Targets):
    n = len(targets.world.economies)

    def rows(rule: Border | Measures) -> Schedule:
        level = np.zeros(n)
        level[targets.economies(rule.economies)] = rule.share
        return schedule(n, level, own_cases=rule.after_cases, length=float(rule.length))

    borders = [rows(rule) for rule in rules.borders]
    measures = [rows(rule) for rule in rules.measures]
    return policy(
        n,
        closed_out=together(*borders) if borders else None,
        closed_in=together(*borders) if borders else None,
        local=together(*measures) if measures else None,
    )
