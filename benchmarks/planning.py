"""The national plan on WIOD 2011: `python -m benchmarks.planning` measures and prints a table."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median

import ecumene as ec
from benchmarks import cases, page
from benchmarks.page import Figure
from benchmarks.timing import Timed, disturbed, machine, timed
from ecumene.models import planning
from ecumene.planning.accounts import economy_of
from ecumene.plans import Settings

PLAN_SECONDS = 2.0
"""Wanted for one economy, 35 sectors, 10 years."""

FRONTIERS_SECONDS = 180.0
"""Wanted for the frontiers of all 41 economies, 11 points each, on two cores."""


def _measured(label: str, call: Callable[[], object], limit: float | None, runs: int = 5) -> Figure:
    """The median of warm runs, or one run, beside the median of their processor time."""
    cpu: list[float] = []

    def run() -> None:
        begin = time.process_time()
        call()
        cpu.append(time.process_time() - begin)

    if runs == 1:
        begin = time.perf_counter()
        run()
        wall = time.perf_counter() - begin
        return Figure(label, Timed(wall, wall, wall, 1), f"processor time {page.seconds(cpu[0])}", limit)
    taken = timed(run, runs=runs, seconds=60.0)
    return Figure(label, taken, f"processor time {page.seconds(median(cpu[1:]))}", limit)


def measure() -> list[Figure]:
    world = cases.wiod()
    place = world.economies.index("RUS")
    programme = economy_of(world, place, Settings(years=10, import_cut=1.0)).programme
    prepared = planning.prepare(programme)
    assert planning.plan(prepared).status is planning.PlanStatus.OPTIMAL
    return [
        _measured(
            "WIOD 2011: one plan, 10 years",
            lambda: ec.plan(world, "RUS", years=10, import_cut=1.0, bottlenecks=0),
            PLAN_SECONDS,
        ),
        _measured(
            "the same with 10 bottlenecks", lambda: ec.plan(world, "RUS", years=10, import_cut=1.0), None
        ),
        _measured("its programme assembled by linopy", lambda: planning.prepare(programme), None),
        _measured("its frontier of 11 points", lambda: planning.frontier(planning.prepare(programme)), None),
        _measured(
            "all 41 frontiers of 11 points, 10 years",
            lambda: ec.plan_frontiers(world, years=10),
            FRONTIERS_SECONDS,
            1,
        ),
        _measured(
            "one plan, long, 20 years",
            lambda: ec.plan(world, "RUS", horizon="long", import_cut=1.0, bottlenecks=0),
            None,
            1,
        ),
    ]


def main() -> int:
    if not cases.DATA.is_dir():
        print(f"benchmarks need the published data in {cases.DATA}", file=sys.stderr)
        return 1
    print(machine())
    print(disturbed())
    print(page.table(measure()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
