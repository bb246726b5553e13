"""From an order to another at several paces: names become cases, and courses labelled numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from ecumene.evolution.outcome import Cells
from ecumene.evolution.rules import Ends
from ecumene.evolution.store import Kept
from ecumene.models import trade
from ecumene.models.bases import Technology
from ecumene.models.solve import Options, Status
from ecumene.models.stances import Recall
from ecumene.models.trade import Case
from ecumene.models.transition import Course, Speed, discounted, follow, steps, worst
from ecumene.scenarios.schema import Transition
from ecumene.sidebyside import Count, Progress, Tell, together
from ecumene.types import FloatArray
from ecumene.world import World

SOURCES: Final = (
    "Short-run trade elasticity over the long-run one: 0.76 over about 2.1 (Boehm, Levchenko and Pandalai-Nayar 2023), "
    "who find that it takes 7 to 10 years to converge; an exponential of 3 years is near its end then.",
    "Workers and capital are bound to their sector in the year of a change and get free with a time scale of 3 years "
    "(assumption; Artuc, Chaudhuri and McLaren 2010 and Dix-Carneiro 2014 estimate slow adjustment).",
    "Rules move in proportion to time; nobody expects them, and nothing is invested ahead (assumption).",
)
"""What a transition's notes say of its parameters, where they are the defaults."""


def transition_cells(
    world: World,
    wanted: Transition,
    ends: Ends,
    horizon: int,
    progress: Progress | None,
    workers: int | None,
    folder: Path | None = None,
) -> tuple[Cells, dict[str, Any], tuple[str, ...]]:
    """Numbers, labels and notes of one change of order at every pace; folder: where finished paces are kept.

    Errors: SolveError.
    """
    cases, notes = cases_of(world, ends)
    speed = Speed(*(getattr(wanted.adjustment, name) for name in Speed._fields))
    paces = wanted.all_paces
    count = Count(len(paces) * (horizon + 1), progress)
    first, last = ends.first, ends.last
    kept = Kept(
        folder,
        (world.hash, ends.deficits, first.iceberg, first.tariff, last.iceberg, last.tariff, tuple(speed)),
    )
    tasks = [_task(cases, steps(pace, horizon), speed, pace, kept.recall) for pace in paces]
    courses = together(tasks, count.add, workers)
    main = paces.index(wanted.years)
    told = (
        SOURCES
        if speed == Speed()
        else ("How fast suppliers and workers adjust is the scenario's (assumption).",)
    )
    broken = [
        f"{pace} years: no equilibrium in {', '.join(f'year {t}' for t in np.flatnonzero(course.status))}: "
        f"{Status(int(course.status.max())).message}."
        for pace, course in zip(paces, courses, strict=True)
        if course.status.any()
    ]
    cells = _cells(world, courses, main, wanted.discount)
    coords = {
        "pace": list(paces),
        "year": list(range(horizon + 1)),
        "economy": list(world.economies),
        "sector": list(world.sectors),
    }
    return cells, coords, (*broken, *told, *notes)


def _task(
    cases: Sequence[Case], done: FloatArray, speed: Speed, pace: int, recall: Recall
) -> Callable[[Tell], Course]:
    label = f"a change in {pace} {'year' if pace == 1 else 'years'}"

    def task(tell: Tell) -> Course:
        told = 0

        def year() -> None:
            nonlocal told
            told += 1
            tell(label)

        name = f"course-{pace}-{len(done) - 1}"
        course = Course(*recall(name, lambda: follow(cases[0], cases[1], done, speed, year)))
        for _ in range(len(done) - told):  # years that were remembered
            tell(label)
        return course

    return task


def cases_of(world: World, ends: Ends) -> tuple[tuple[Case, ...], tuple[str, ...]]:
    """Both ends as cases on one base, and notes. Errors: SolveError where the base has no equilibrium."""
    cases = tuple(
        trade.case_of(world, policy.iceberg, policy.tariff, None, ends.deficits, Technology(), Options())
        for policy in (ends.first, ends.last)
    )
    return cases, tuple(dict.fromkeys((*ends.notes, *(note for case in cases for note in case.notes))))


def _percent(ratio: FloatArray) -> FloatArray:
    return 100.0 * (ratio - 1.0) + 0.0


def _lowest(values: FloatArray) -> FloatArray:
    """Lowest over years [pace, year, ...]; NaN where no year has a number."""
    low = np.where(np.isnan(values), np.inf, values).min(axis=1)
    return np.where(np.isfinite(low), low, np.nan)


def _cells(world: World, courses: Sequence[Course], main: int, discount: float) -> Cells:
    weight = world.income.values / world.income.values.sum()
    income = np.stack([_percent(each.real_income / each.real_income[:1]) for each in courses])
    free = np.stack([_percent(each.free / each.free[:1]) for each in courses])
    total, total_free = income @ weight, free @ weight
    lowest = worst(total.T)
    own = worst(income.transpose(1, 0, 2))
    losses = weight * np.maximum(-np.nan_to_num(income[main]), 0.0)
    at = int(losses.sum(axis=1).argmax())  # the start where nobody ever loses
    loss = losses[at]
    borne = 100.0 * loss / loss.sum() if loss.sum() > 0 else np.zeros_like(loss)
    year, pace = ("pace", "year"), ("pace",)
    present = discounted(income.transpose(0, 2, 1), discount)
    wage = courses[main].sector_real_wage
    return {
        "real_income": ((*year, "economy"), income, "percent", "real income against the start"),
        "real_income_free": (
            (*year, "economy"), free, "percent", "real income under the same rules, were everybody free at once",
        ),
        "world_real_income": (year, total, "percent", "mean of real income, weighted by base income"),
        "world_real_income_free": (year, total_free, "percent", "the same, were everybody free at once"),
        "present_value": ((*pace, "economy"), present, "percent", "discounted mean of real income over all years"),
        "world_present_value": (pace, discounted(total, discount), "percent", "discounted mean of the world's"),
        "cost_of_speed": (
            pace, discounted(total_free - total, discount), "percent",
            "discounted mean of what is lost while suppliers and workers are bound",
        ),
        "worst_year": (
            (*pace, "economy"), own, "year",
            "year of the lowest real income; 0 where it never falls below the start, -1 where none is known",
        ),
        "worst_real_income": ((*pace, "economy"), _lowest(income), "percent", "real income in that year"),
        "world_worst_year": (pace, lowest, "year", "year of the world's lowest real income; 0 where it never falls"),
        "world_worst_real_income": (pace, _lowest(total), "percent", "the world's real income in that year"),
        "share_of_loss": (
            ("economy",), borne, "percent", "share of all losses in the year of most losses, at the scenario's pace",
        ),
        "loss_year": ((), float(at), "year", "year of most losses, over all who lose, at that pace; 0 for none"),
        "sector_real_wage": (
            ("economy", "sector"), _percent(wage[at] / wage[0]), "percent",
            "real price of a sector's value added in the year of most losses, at the pace of the scenario",
        ),
        "chosen_pace": ((), float(main), "number", "place of the scenario's pace among all, from 0"),
        "status": (year, np.stack([each.status for each in courses]), "code", "0 where the year has an equilibrium"),
        "residual": (
            year, np.stack([each.residual for each in courses]), "relative", "largest error of all equations",
        ),
    }  # fmt: skip
