"""What shocks cost under an order: certain ones, and the mean and tail of many drawn by chance."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from ecumene.errors import InputError, ShockError
from ecumene.models import shocks
from ecumene.models.shock_events import plan
from ecumene.models.shock_settings import Criticality, Origins, Rationing
from ecumene.models.shocks import Base, Event, Settings
from ecumene.priors.shocks import ShockParameters
from ecumene.security import chance, store
from ecumene.security.banking import capacity_lost
from ecumene.security.targets import IDLE, events_of
from ecumene.shocks.schema import Shock
from ecumene.types import FloatArray
from ecumene.world import World


class Assumption(NamedTuple):
    """What is assumed of inputs and suppliers (models/shocks)."""

    criticality: Criticality
    origins: Origins
    substitution: float
    rationing: Rationing

    def settings(self, settings: Settings) -> Settings:
        """Settings under this assumption."""
        return settings._replace(substitution=self.substitution, rationing=self.rationing)


BAND: Final[dict[str, Assumption]] = {
    "least": Assumption("none", "market", 1.0, "proportional"),
    "central": Assumption("half", "market", 1.0, "industries"),
    "most": Assumption("all", "complement", 0.0, "industries"),
}
"""The band that every number is shown with. Least: no input stops production, and buyers turn to other partners in
proportion to their capacity, then to the world market; all buyers are rationed alike. Central: inputs stop production
by their rating, and industries are served first. Most: every input stops it, suppliers are fixed, and own economy, open
and closed partners cannot replace each other: what a border stops is lost."""

BELOW: Final = 0.95
"""Days are counted on which consumption is below this share of the base's."""

WORST: Final = 0.05
"""Part of draws whose mean is the expected shortfall."""

PART: Final = 16
"""Draws between two saved states."""

TOGETHER: Final = 4
"""Scenarios in one program: without closed links they share products of matrices; the fastest of 1, 4 and 8."""

FAILURE: Final = {"length": 30, "recovery": 30.0, "days": 180}
"""A supplier's failure: every industry of an economy stands still, days (assumption)."""

Tick = Callable[[str], None]


class Happening(NamedTuple):
    """What a shock does on a world, the same under every order."""

    shock: Shock
    events: tuple[Event, ...]
    notes: tuple[str, ...]


class Cost(NamedTuple):
    """Loss of real consumption over the horizon, percent of the base's, and days below 95 %: [band, economy]."""

    loss: FloatArray
    days_below: FloatArray


class Tail(NamedTuple):
    """Mean and worst of many draws [band, economy], with standard errors; losses in percent."""

    expected_loss: FloatArray
    expected_loss_error: FloatArray
    expected_shortfall: FloatArray
    expected_shortfall_error: FloatArray
    expected_days_below: FloatArray


def happening_of(shock: Shock, world: World, seed: int, drawn: ShockParameters | None = None) -> Happening:
    """The events of a shock on a world: named losses, and those of its epidemic and its banks.

    `drawn` moves the disease of an epidemic, and what banks lose and do about it.

    Errors: ShockError (also where rules together take more than there is), MissingLayerError, InputError of the parts.
    """
    events, notes = events_of(shock, world)
    if shock.epidemic is not None:
        from ecumene.security.epidemics import labour_lost  # slow to load, and most shocks have none

        lost, more = labour_lost(shock, world, seed, drawn)
        events, notes = [*events, shocks.course(lost)], (*notes, *more)
    if shock.banks is not None:
        event, more = capacity_lost(shock, world, seed, drawn)
        events, notes = [*events, event], (*notes, *more)
        if not event.lost.any():
            notes = (*notes, f"Shock '{shock.name}': banks {IDLE}: no bank loses anything.")
    try:
        plan(events, shock.days, len(world.economies), len(world.sectors), 1)
    except InputError as error:  # rules that meet on the world's own sectors
        raise ShockError(f"shock '{shock.name}' cannot happen in this world: {error}") from None
    return Happening(shock, tuple(events), notes)


def cost_of(base: Base, happening: Happening, settings: Settings, tick: Tick) -> Cost:
    """What a certain shock costs under the order whose flows are the base, over the band of assumptions on inputs."""
    losses, below = [], []
    for end in BAND.values():
        record = shocks.simulate(
            base,
            happening.events,
            end.settings(settings),
            days=happening.shock.days,
            criticality=end.criticality,
            origins=end.origins,
        )
        eaten = record.consumption.sum(axis=2)
        losses.append(100.0 * shocks.consumption_loss(base, eaten))
        below.append(shocks.days_below(base, eaten, BELOW))
        tick(happening.shock.name)
    return Cost(np.stack(losses), np.stack(below))


def moved(settings: Settings, drawn: ShockParameters) -> Settings:
    """Settings with one draw of parameters."""
    return settings._replace(
        stock_days=drawn.stock_days * np.asarray(settings.stock_days, dtype=np.float64),
        restoring_days=drawn.restoring_days * np.asarray(settings.restoring_days, dtype=np.float64),
        demand_response=drawn.demand_response,
        rating=drawn.rating(np.asarray(settings.rating, dtype=np.float64)),
    )


def drawn_loss(
    base: Base, happening: Happening, settings: Settings, drawn: ShockParameters, tick: Tick
) -> FloatArray:
    """What a certain shock costs with one draw of parameters, percent [economy].

    As the central assumption of the band, but inputs stop production as far as the drawn criticality says.
    """
    end = BAND["central"]
    record = shocks.simulate(
        base,
        happening.events,
        end.settings(moved(settings, drawn)),
        days=happening.shock.days,
        criticality=end.criticality,
        origins=end.origins,
    )
    tick(happening.shock.name)
    return 100.0 * shocks.consumption_loss(base, record.consumption.sum(axis=2))


def tail_of(
    base: Base,
    shock: Shock,
    settings: Settings,
    draws: int,
    seed: int,
    key: str,
    folder: Path | None,
    tick: Tick,
) -> Tail:
    """Mean and tail of the cost of accidents drawn by chance, the same draws whatever the base.

    Draws are saved in `folder` part by part under `key`, so that a run that was stopped goes on where it was.
    Expected shortfall: mean of the worst 5 % of draws, at least one; its standard error is
    `sqrt((var(tail) + 0.95 (shortfall - quantile)^2) / (0.05 n))` (Manistre and Hancock 2005).
    """
    years = [
        _years(base, shock, settings, end, draws, seed, f"{key}-{name}", folder, tick)
        for name, end in BAND.items()
    ]
    loss, below = (np.stack(each) for each in zip(*years, strict=True))
    shortfall, error = expected_shortfall(loss)
    spread = loss.std(axis=1, ddof=1) if draws > 1 else np.full(loss.shape[::2], np.nan)
    return Tail(loss.mean(axis=1), spread / np.sqrt(draws), shortfall, error, below.mean(axis=1))


def drawn_years(
    base: Base,
    shock: Shock,
    settings: Settings,
    drawn: ShockParameters,
    draws: int,
    seed: int,
    key: str,
    folder: Path | None,
    tick: Tick,
) -> store.Done:
    """The same years as `tail_of`, under one draw of parameters, as the central assumption of the band."""
    return _years(base, shock, moved(settings, drawn), BAND["central"], draws, seed, key, folder, tick)


def _years(
    base: Base,
    shock: Shock,
    settings: Settings,
    end: Assumption,
    draws: int,
    seed: int,
    key: str,
    folder: Path | None,
    tick: Tick,
) -> store.Done:
    """Years of accidents under one assumption on inputs, those kept first."""
    assert shock.chance is not None
    R, S = base.output.shape
    parts = store.read(folder, key, R)
    for _ in range(min(store.count(parts), draws)):
        tick(shock.name)
    while (first := store.count(parts)) < draws:
        count = min(PART, draws - first)
        scenarios = [
            [shocks.course(chance.draw(shock.chance, shock.days, R, S, seed, number))]
            for number in range(first, first + count)
        ]
        summary = shocks.simulate_many(
            base,
            scenarios,
            end.settings(settings),
            days=shock.days,
            criticality=end.criticality,
            origins=end.origins,
            together=TOGETHER,
        )
        part = store.Done(
            100.0 * shocks.consumption_loss(base, summary.consumption),
            shocks.days_below(base, summary.consumption, BELOW),
        )
        parts.append(part)
        if folder is not None and not store.write(folder, key, first, part):
            folder = None
        for _ in range(count):
            tick(shock.name)
    done = store.joined(parts)
    return store.Done(done.loss[:draws], done.days_below[:draws])


def expected_shortfall(loss: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean of the worst 5 % of draws and its standard error, of losses [band, draw, economy]."""
    draws = loss.shape[1]
    count = max(int(np.ceil(WORST * draws - 1e-9)), 1)
    tail = np.sort(loss, axis=1)[:, draws - count :]
    mean, least = tail.mean(axis=1), tail[:, 0]
    within = tail.var(axis=1, ddof=1) if count > 1 else np.full(mean.shape, np.nan)
    return mean, np.sqrt((within + (1.0 - WORST) * (mean - least) ** 2) / count)


def failures_of(base: Base, settings: Settings, tick: Tick) -> FloatArray:
    """Loss [economy, supplier], percent, where every industry of a supplier stands still for a month.

    Under the central assumption on inputs. The own economy's failure stands on the diagonal.
    """
    R, S = base.output.shape
    central = BAND["central"]
    columns = []
    for first in range(0, R, PART):
        scenarios = []
        for i in range(first, min(first + PART, R)):
            lost = np.zeros((R, S))
            lost[i] = 1.0
            scenarios.append(
                [Event("capacity", lost, 0, FAILURE["length"], float(FAILURE["recovery"]), "linear")]
            )
        summary = shocks.simulate_many(
            base,
            scenarios,
            central.settings(settings),
            days=int(FAILURE["days"]),
            criticality=central.criticality,
            origins=central.origins,
            together=TOGETHER,
        )
        columns.append(100.0 * shocks.consumption_loss(base, summary.consumption))
        for _ in scenarios:
            tick("failing suppliers")
    return np.concatenate(columns).T
