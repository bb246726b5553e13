"""An infection that travels: open borders, closed borders, measures at home."""

from __future__ import annotations

import numpy as np

from ecumene.ledger import facts
from ecumene.ledger.bench import Bench, Found, mean
from ecumene.models import epidemic, interventions
from ecumene.models.epidemic_outcome import arrival_day, attack_rate
from ecumene.types import FloatArray

DAYS = 365

FIRST = 20.0
"""Infectious people with whom an outbreak begins (assumption)."""


def borders(bench: Bench) -> Found:
    """An infection begins in one economy, drawn by population, and is followed for a year, without chance, under four
    policies.

    Open; borders closed by the drawn share, in and out, from so many own cases on; contacts cut at home by the drawn
    share from the same number on; both. `attack` is the share of people who are infected within the year, outside the
    economy where it began. Reductions are in percentage points, delays in days of first infections.
    """
    world = bench.world
    people = np.round(facts.population(world))
    n = len(people)
    stream = np.random.default_rng(bench.seed)
    origin = int(stream.choice(n, p=people / people.sum()))
    first = np.zeros(n)
    first[origin] = FIRST
    outbreak = epidemic.Outbreak(
        population=people,
        travel=facts.travel(world) / 365.0,
        infectious=first,
        R0=bench.value("reproduction"),
        economies=world.economies,
    )
    after = float(bench.structure.choices["after_cases"])
    closing = interventions.schedule(n, bench.value("closed"), own_cases=after)
    home = interventions.schedule(n, bench.value("contacts"), own_cases=after)
    policies = {
        "open": interventions.policy(n),
        "closed": interventions.policy(n, closed_in=closing, closed_out=closing),
        "home": interventions.policy(n, local=home),
        "both": interventions.policy(n, closed_in=closing, closed_out=closing, local=home),
    }
    abroad = np.arange(n) != origin
    attack, arrival = {}, {}
    for name, policy in policies.items():
        record = epidemic.simulate(
            outbreak, policy, epidemic.Settings(days=DAYS, draws=1, stochastic=False), bench.seed
        )
        attack[name] = 100.0 * mean(attack_rate(record).mean(axis=0)[abroad], people[abroad])
        arrival[name] = np.minimum(arrival_day(record), DAYS)[:, abroad]
    return {
        "attack_open": attack["open"],
        "attack_closed": attack["closed"],
        "attack_home": attack["home"],
        "reduction_by_closing": attack["open"] - attack["closed"],
        "closing_less_home": attack["home"] - attack["closed"],
        "added_to_home": attack["home"] - attack["both"],
        "delay": _delay(arrival["open"], arrival["closed"]),
    }


def _delay(open_days: FloatArray, closed_days: FloatArray) -> float:
    """Mean over economies of the difference of median days; what never comes counts as the last day."""
    return float(np.mean(np.median(closed_days, axis=0) - np.median(open_days, axis=0)))
