"""The national plan on WIOD 2011: `python -m benchmarks.planning` measures and rewrites its section of the page."""

from __future__ import annotations

import ecumene as ec
from benchmarks import cases
from benchmarks.page import Figure
from benchmarks.section import measured, publish, section
from ecumene.models import planning
from ecumene.planning.accounts import economy_of
from ecumene.plans import Settings

TITLE = "## The national plan"
ABOUT = "One economy (Russia) and all 41 of WIOD 2011, 35 sectors; `python -m benchmarks.planning`."

PLAN_SECONDS = 2.0
"""Wanted for one economy, 35 sectors, 10 years."""

FRONTIERS_SECONDS = 180.0
"""Wanted for the frontiers of all 41 economies, 11 points each, on two cores."""


def measure() -> list[Figure]:
    world = cases.wiod()
    place = world.economies.index("RUS")
    programme = economy_of(world, place, Settings(years=10, import_cut=1.0)).programme

    def plan(bottlenecks: int = 10) -> ec.PlanResult:
        found = ec.plan(world, "RUS", years=10, import_cut=1.0, bottlenecks=bottlenecks)
        assert found.feasible
        return found

    def frontier() -> planning.Frontier:
        return planning.frontier(planning.prepare(programme))

    def frontiers() -> ec.PlanFrontiers:
        found = ec.plan_frontiers(world, years=10)
        assert (found.data["frontier_status"] == 0).all()
        return found

    def long() -> ec.PlanResult:
        return ec.plan(world, "RUS", horizon="long", import_cut=1.0, bottlenecks=0)

    return [
        measured("one plan, 10 years, with its missing goods", lambda: plan(0), PLAN_SECONDS),
        measured("the same with 10 bottlenecks from both sides", plan),
        measured("its programme assembled by linopy", lambda: planning.prepare(programme)),
        measured("its frontier of 11 points, assembled anew", frontier),
        measured("all 41 frontiers of 11 points, 10 years", frontiers, FRONTIERS_SECONDS, runs=1),
        measured("one long plan, 20 years, with the world's techniques", long, runs=1),
    ]


if __name__ == "__main__":
    raise SystemExit(publish(TITLE, lambda: section(TITLE, ABOUT, measure)))
