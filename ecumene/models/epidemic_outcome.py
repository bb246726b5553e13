"""What a simulated epidemic means: when it arrives, how high it peaks, whom it reaches, what work is lost.

Source of the arrival as a distribution: Gautreau, Barrat and Barthelemy (2008), J. Theor. Biol. 251, 509-522.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from ecumene.errors import InputError
from ecumene.models.epidemic import Record
from ecumene.types import Numbers

QUANTILES = (0.05, 0.5, 0.95)

ILL_ABSENCE = 0.6
"""Share of the infectious who are absent from work (assumption)."""


class Summary(NamedTuple):
    """Outcomes by economy, at each quantile over draws. Days are infinite where nothing came."""

    arrival_day: Float[np.ndarray, "Q R"]
    peak_day: Float[np.ndarray, "Q R"]
    peak_prevalence: Float[np.ndarray, "Q R"]  # largest share of people infectious at once
    attack_rate: Float[np.ndarray, "Q R"]  # share of people who were infected by the last day
    reached: Float[np.ndarray, " R"]  # share of draws in which cases came


def arrival_day(record: Record, cases: float = 1.0) -> Float[np.ndarray, "D R"]:
    """Day by whose end an economy has had `cases` infections: its own, imported, or there from the start.

    Whole days where chance was drawn; without chance, within a day by a straight line in the logarithm.
    Infinite where it never happens. Shapes: result [draw, economy]. Errors: InputError for cases not above 0.
    """
    if not cases > 0.0:
        raise InputError(f"arrival after {cases} cases; give a number above 0")
    return _crossing(
        record.infected + record.imported + record.seeds, cases, within=not record.settings.stochastic
    )


def _crossing(series: Float[np.ndarray, "D T1 R"], level: float, *, within: bool) -> Float[np.ndarray, "D R"]:
    over = series >= level
    first = over.argmax(axis=1)
    day = np.where(over.any(axis=1), first.astype(np.float64), np.inf)
    if not within:
        return day
    at = np.maximum(first, 1)[:, None, :]
    after = np.take_along_axis(series, at, axis=1)[:, 0]
    ago = np.take_along_axis(series, at - 1, axis=1)[:, 0]
    usable = np.isfinite(day) & (day > 0) & (ago > 0.0) & (after > ago)
    rise = np.log(np.where(usable, after / np.where(usable, ago, 1.0), np.e))
    gap = np.log(np.where(usable, level / np.where(usable, ago, 1.0), np.e))
    return np.where(usable, day - 1.0 + gap / rise, day)


def peak(record: Record) -> tuple[Float[np.ndarray, "D R"], Float[np.ndarray, "D R"]]:
    """Day on which most people are infectious, and their share of the population; infinite where nobody is."""
    people = record.population.sum(axis=0)
    day = record.infectious.argmax(axis=1).astype(np.float64)
    height = record.infectious.max(axis=1) / people[None, :]
    return np.where(height > 0.0, day, np.inf), height


def attack_rate(record: Record) -> Float[np.ndarray, "D R"]:
    """Share of an economy's people on the last day who have been infected, `1 - S / N`, wherever they caught it.

    Journeys exchange people: infections at home (`Record.infected`) count visitors too, and may be more than an economy
    has people. Over the world both count the same. Shapes: result [draw, economy], 0 to 1.
    """
    people = record.population.sum(axis=0)
    susceptible = record.final[:, 0].sum(axis=1)
    return np.clip(1.0 - susceptible / people[None, :], 0.0, 1.0)  # rounding alone leaves the range


def summary(record: Record, quantiles: Sequence[float] = QUANTILES, cases: float = 1.0) -> Summary:
    """Arrival day, peak and attack rate of every economy, at quantiles over draws.

    Errors: InputError for a quantile outside 0 to 1.
    """
    at = np.asarray(quantiles, dtype=np.float64)
    if at.ndim != 1 or not ((at >= 0.0) & (at <= 1.0)).all():
        raise InputError(f"quantiles {list(quantiles)} are not shares from 0 to 1")

    def over_draws(values: Float[np.ndarray, "D R"]) -> Float[np.ndarray, "Q R"]:
        return np.quantile(values, at, axis=0, method="inverted_cdf")

    arrival = arrival_day(record, cases)
    day, height = peak(record)
    return Summary(
        over_draws(arrival),
        over_draws(day),
        over_draws(height),
        over_draws(attack_rate(record)),
        np.isfinite(arrival).mean(axis=0),
    )


def labour_loss(
    record: Record,
    teleworkable: Numbers,
    *,
    exempt: Numbers = 0.0,
    ill_absence: float = ILL_ABSENCE,
    draw: int | None = None,
) -> Float[np.ndarray, "T R S"]:
    """Share of work lost by day, economy and sector: the ill stay away, and local measures keep workers at home.

    `loss_is = 1 - (1 - a I_i / N_i)(1 - u_i (1 - h_s)(1 - e_s))`, with absence a of the infectious, share h of
    workers who can work from home and share e exempt from local measures; the mean over draws, or one draw.
    A measure that cuts contacts by u keeps the share u of workers home (assumption; an upper bound where
    contacts are cut outside work first).

    Shapes: teleworkable and exempt [sector] or [economy, sector], shares; result [day, economy, sector] within
    0 to 1, infectious people being the mean of the day's begin and end.
    Errors: InputError for a share outside 0 to 1, or a shape or draw that does not fit.
    """
    n = record.population.shape[1]
    home = _shares("teleworkable", teleworkable)
    if home.ndim == 0 or home.ndim > 2 or (home.ndim == 2 and len(home) != n):
        raise InputError(f"teleworkable has shape {home.shape}; give [sector] or [{n} economies, sector]")
    free = _shares("exempt", exempt)
    away = float(_shares("ill_absence", ill_absence))
    try:
        kept_home = np.broadcast_to((1.0 - home) * (1.0 - free), (n, home.shape[-1]))
    except ValueError as error:
        raise InputError(
            f"exempt has shape {free.shape}, teleworkable {home.shape}; give both alike"
        ) from error
    draws = len(record.infectious)
    if draw is not None and not 0 <= draw < draws:
        raise InputError(f"draw {draw} is not one of the {draws} draws; count from 0")
    chosen = range(draws) if draw is None else (draw,)
    people = record.population.sum(axis=0)
    total = np.zeros((record.local.shape[1], n, home.shape[-1]))
    for d in chosen:  # one at a time: [draw, day, economy, sector] would not fit
        ill = (record.infectious[d, 1:] + record.infectious[d, :-1]) / 2.0 / people
        total += (1.0 - away * ill)[:, :, None] * (1.0 - record.local[d][:, :, None] * kept_home[None])
    return np.clip(1.0 - total / len(chosen), 0.0, 1.0)  # rounding alone leaves the range


def _shares(name: str, given: Numbers) -> np.ndarray:
    values = np.asarray(given, dtype=np.float64)
    if not ((values >= 0.0) & (values <= 1.0)).all():
        raise InputError(
            f"{name} holds {values[~((values >= 0.0) & (values <= 1.0))].flat[0]}; give shares from 0 to 1"
        )
    return values
