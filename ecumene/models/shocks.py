"""Production shocks: what sudden losses of capacity, labour, demand, capital or links do, day by day.

Industries hold stocks, order in fixed proportions, serve each other before final uses, and may produce a little more
when goods are scarce (Hallegatte 2008, 2013; Henriet et al. 2012). Which inputs stop production is not known well, so
it is run as a band (Pichler et al. 2022). Equations: `shock_equations`; the day: `shock_days`.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from ecumene.errors import InputError, SolveError
from ecumene.models import shock_days
from ecumene.models.shock_base import Base, from_dense, from_proportional
from ecumene.models.shock_days import Form, Parameters
from ecumene.models.shock_events import (
    Event,
    Plan,
    closed_link,
    course,
    destroyed_capital,
    embargo,
    lost_capacity,
    lost_demand,
    lost_labour,
    plan,
)
from ecumene.models.shock_settings import (
    CRITICALITY,
    DEFAULTS,
    ORDERS,
    ORIGINS,
    RATIONING,
    Settings,
    by_input,
    chosen,
    number,
    rating_of,
    ratings,
    shares,
)
from ecumene.processors import processors, threads
from ecumene.types import AnyArray, FloatArray

__all__ = [
    "CRITICALITY",
    "DEFAULTS",
    "ORDERS",
    "ORDINARY",
    "ORIGINS",
    "RATIONING",
    "Base",
    "Event",
    "Record",
    "Settings",
    "Summary",
    "closed_link",
    "consumption_loss",
    "course",
    "days_below",
    "destroyed_capital",
    "embargo",
    "from_dense",
    "from_proportional",
    "lost_capacity",
    "lost_demand",
    "lost_labour",
    "output_loss",
    "ratings",
    "simulate",
    "simulate_band",
    "simulate_many",
]

ORDINARY = Settings()
"""All defaults."""

CLOSURE_TOLERANCE = 1e-9
"""Largest gap between what is made and what arrives on a day, relative to a sector's base output."""


class Record(NamedTuple):
    """What happens day by day; flows in million USD a day."""

    output: Float[AnyArray, "days N S"]
    consumption: Float[AnyArray, "days N F"]  # final purchases delivered
    binding: Int[AnyArray, "days N S"]  # position of the input that limits output, -1 where none does
    reconstruction: Float[AnyArray, "days N"]  # work left, million USD
    gap: float  # largest |made - delivered| of a sector on a day, over its base output


class Summary(NamedTuple):
    """Many scenarios, their daily consumption and total output; flows in million USD a day."""

    consumption: Float[AnyArray, "scenarios days N"]  # all final uses together
    output: Float[AnyArray, "scenarios N S"]  # mean over the days
    gap: Float[AnyArray, " scenarios"]


def simulate(
    base: Base,
    events: Sequence[Event],
    settings: Settings = ORDINARY,
    *,
    days: int = 365,
    criticality: str = "all",
    origins: str = "pooled",
) -> Record:
    """The course of events, day by day, under one assumption on inputs.

    criticality: `all` inputs stop production, `half` uses the ratings (critical, important, not; Pichler et al.
    2022), `none` stops it. origins: `pooled` stocks of an input sector, bought from partners of the base; `market`,
    where orders that they cannot take go to all who export; or `complement`: own economy, partners that stay open and
    partners that an event closes cannot replace each other. Errors: InputError (events or settings that are
    impossible), SolveError (accounts of a day that do not close, to 1e-9).
    """
    form, made = _form(settings, origins, events), _plan(base, events, settings, days)
    parameters = _parameters(base, settings, rating_of(settings, criticality, base.inputs.shape[0]))
    _, found = shock_days.one(base, parameters, _alike([made])[0], form=form)
    return _record(found)


def simulate_band(
    base: Base,
    events: Sequence[Event],
    settings: Settings,
    *,
    days: int = 365,
    origins: str = "pooled",
) -> dict[str, Record]:
    """The same events under all three assumptions on inputs: `all`, `half`, `none`.

    Needs `settings.rating`. The three run side by side as programs of one thread each, which is measured faster than
    one program for all three: a day of one fits the processor's cache. Errors: as `simulate`.
    """
    form, made = _form(settings, origins, events), _alike([_plan(base, events, settings, days)])[0]
    S = base.inputs.shape[0]
    cases = [_parameters(base, settings, rating_of(settings, name, S)) for name in CRITICALITY]

    def run(parameters: Parameters) -> Record:
        return _record(shock_days.one(base, parameters, made, form=form)[1])

    with ThreadPoolExecutor(max_workers=processors()) as pool:
        return dict(zip(CRITICALITY, pool.map(run, cases), strict=True))


def simulate_many(
    base: Base,
    scenarios: Sequence[Sequence[Event]],
    settings: Settings = ORDINARY,
    *,
    days: int = 365,
    criticality: str = "all",
    origins: str = "pooled",
    workers: int | None = None,
    together: int = 1,
) -> Summary:
    """Many scenarios of one base; only consumption by day and mean output are kept.

    `together` scenarios run in one program, `workers` programs side by side (default: the processors), so that memory
    stays bounded. Errors: as `simulate`, before anything runs for bad input.
    """
    if not scenarios:
        raise InputError("give at least one scenario, a sequence of events; an empty one is the base itself")
    if together < 1:
        raise InputError(f"together is {together}; give the number of scenarios in one program, at least 1")
    form = _form(settings, origins, [event for events in scenarios for event in events])._replace(daily=False)
    plans = _alike([_plan(base, events, settings, days) for events in scenarios])
    parameters = _parameters(base, settings, rating_of(settings, criticality, base.inputs.shape[0]))
    chunks = [plans[at : at + together] for at in range(0, len(plans), together)]

    def run(chunk: list[Plan]) -> Summary:
        padded = chunk + [chunk[-1]] * (together - len(chunk))
        stacked = Plan(*(np.stack(parts) for parts in zip(*padded, strict=True)))
        last, found = shock_days.many(base, parameters, stacked, form=form)
        mean = np.asarray(last.total) / days
        consumption = np.asarray(found.consumption).sum(axis=3)
        some = slice(len(chunk))
        return Summary(consumption[some], mean[some], np.asarray(found.gap).max(axis=1)[some])

    with ThreadPoolExecutor(max_workers=threads(workers)) as pool:
        parts = [run(chunks[0]), *pool.map(run, chunks[1:])]  # the first compiles
    summary = Summary(*(np.concatenate(part) for part in zip(*parts, strict=True)))
    _require_closed(float(summary.gap.max()), summary.output)
    return summary


def consumption_loss(base: Base, consumption: Float[AnyArray, "... days N"]) -> FloatArray:
    """Shortfall of final consumption over the horizon, as a share of the base's: `1 - sum c / sum c0`."""
    return 1.0 - np.asarray(consumption).mean(axis=-2) / base.consumption.sum(axis=1)


def days_below(base: Base, consumption: Float[AnyArray, "... days N"], share: float = 0.95) -> FloatArray:
    """Number of days on which final consumption is below a share of the base's."""
    return (np.asarray(consumption) < share * base.consumption.sum(axis=1)).sum(axis=-2).astype(np.float64)


def output_loss(base: Base, output: Float[AnyArray, "days N S"]) -> FloatArray:
    """Lost output of each industry over the horizon, as a share of the base's; 0 for an industry that makes nothing."""
    x0 = np.asarray(base.output)
    mean = np.asarray(output).mean(axis=0)
    return 1.0 - np.divide(mean, x0, out=np.ones_like(x0), where=x0 > 0)


def _form(settings: Settings, origins: str, events: Sequence[Event]) -> Form:
    chosen("origins", origins, ORIGINS)
    return Form(
        reroutes=number("substitution", settings.substitution, 0.0) > 0,
        complement=origins == "complement",
        market=origins == "market",
        links=any(event.kind == "link" for event in events),
        ahead=chosen("orders", settings.orders, ORDERS) == "planned",
        industries_first=chosen("rationing", settings.rationing, RATIONING) == "industries",
    )


def whole_days(days: object) -> int:
    """A number of days. Errors: InputError."""
    known = isinstance(days, int | float | np.number) and not isinstance(days, bool)
    if not known or not days >= 1 or days % 1:  # type: ignore[operator]
        raise InputError(f"days is {days!r:.30}; it must be a whole number, at least 1")
    return int(days)  # type: ignore[arg-type]


def _plan(base: Base, events: Sequence[Event], settings: Settings, days: int) -> Plan:
    days = whole_days(days)
    S, R, F = base.final.shape
    made = plan(events, int(days), R, S, F)
    if len(made.capital):
        if settings.builders is None:
            raise InputError(
                "destroyed capital needs settings.builders: shares of what reconstruction buys, by sector"
            )
        builders = shares("builders", settings.builders, S)
        bought = np.asarray(base.mix)[..., -1].sum(axis=2) > 0
        hit = (made.capital.max(axis=0) * np.asarray(base.capital)).sum(axis=1) > 0
        missing = np.argwhere((builders > 0)[:, None] & ~bought & hit[None])
        if len(missing):
            k, n = (int(part) for part in missing[0])
            raise InputError(
                f"economy {n} is hit and buys nothing of sector {k}, which builders need; change builders"
            )
    return made


def _parameters(base: Base, settings: Settings, rating: FloatArray) -> Parameters:
    """Checked settings as arrays. Errors: InputError."""
    S, _, F = base.final.shape
    stock_days = by_input("stock_days", settings.stock_days, S, endless=True)
    endless = np.isinf(stock_days)
    psi = number("psi", settings.psi, 0.0, 1.0)
    low = np.argwhere(~endless & ~(psi * stock_days >= 1.0))
    if len(low):
        k, u = (int(part) for part in low[0])
        raise InputError(
            f"psi times stock_days of input {k}, user {u} is {psi * stock_days[k, u]:.3g} days of use; below one day "
            "an industry could use more than it has: hold more stocks or raise psi"
        )
    response = np.asarray(settings.demand_response, dtype=np.float64)
    if response.shape not in ((), (F,)) or not ((response >= 0) & (response <= 1)).all():
        raise InputError(
            f"demand_response must be one share from 0 to 1, or one for each of the {F} final uses"
        )
    builders = np.zeros(S) if settings.builders is None else shares("builders", settings.builders, S)
    return Parameters(
        np.where(endless, 0.0, stock_days), endless.astype(np.float64),
        by_input("restoring_days", settings.restoring_days, S), rating, np.asarray(psi),
        np.asarray(number("overproduction", settings.overproduction, 1.0)),
        np.asarray(number("overproduction_days", settings.overproduction_days, 1.0)),
        np.asarray(settings.substitution), np.broadcast_to(response, (F,)),
        np.asarray(number("rebuild_days", settings.rebuild_days, 1.0)), builders,
        np.asarray(number("smallest_input", settings.smallest_input, 0.0, 1.0)),
    )  # fmt: skip


def _alike(plans: list[Plan]) -> list[Plan]:
    """Pad every plan with events that do nothing, to a power of two of each kind: few shapes, few compilations."""

    def padded(values: AnyArray, size: int, axis: int) -> FloatArray:
        array = np.asarray(values)
        missing = [(0, 0)] * array.ndim
        missing[axis] = (0, size - array.shape[axis])
        return np.pad(array, missing)

    fields = []
    for name in Plan._fields:
        axis = 1 if name.endswith("_path") else 0
        parts = [np.asarray(getattr(one, name)) for one in plans]
        if name == "course":  # by day, of one shape: one cell stands for all where there is none
            widest = max((part.shape for part in parts), key=lambda shape: shape[1])
            fields.append([np.broadcast_to(part, widest) for part in parts])
            continue
        most = max(part.shape[axis] for part in parts)
        size = 1 << max(most - 1, 0).bit_length()
        fields.append([padded(part, size, axis) for part in parts])
    return [Plan(*parts) for parts in zip(*fields, strict=True)]


def _record(found: shock_days.Day) -> Record:
    parts = [np.asarray(part) for part in (found.output, found.consumption, found.binding, found.work)]
    record = Record(*parts, gap=float(np.asarray(found.gap).max()))
    _require_closed(record.gap, record.output)
    return record


def _require_closed(gap: float, output: AnyArray) -> None:
    if not (gap <= CLOSURE_TOLERANCE and np.isfinite(np.asarray(output)).all()):
        raise SolveError(
            f"goods of a day are not conserved: made and delivered differ by {gap:.1e} of a sector's output; "
            "check that the base has closed accounts and that settings are of ordinary size"
        )
