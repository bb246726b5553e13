"""Sovereignty on WIOD 2011 and the reference world: `python -m benchmarks.sovereignty` rewrites its section."""

from __future__ import annotations

from benchmarks import cases
from benchmarks.page import Figure
from benchmarks.section import measured, publish, section
from ecumene.dependence.vector import sovereignty as vector
from ecumene.models import sovereignty
from ecumene.sources import load_world

TITLE = "## Sovereignty"
ABOUT = (
    "Reliance, and exact cuts of trade, part of them many side by side; `python -m benchmarks.sovereignty`."
)

PAIRS_SECONDS = 6.0
"""Wanted for all 820 pairs of WIOD on two cores."""


def measure() -> list[Figure]:
    world, reference = cases.wiod(), load_world("reference")
    case, state = cases.prepare(world, {}), cases.prepare(reference, {})
    chains = sovereignty.supply_chains(world.trade.values, world.intermediate.values, world.tariff.values)
    germany, there = ([each.economies.index("DEU")] for each in (world, reference))

    def pairs() -> sovereignty.Power:
        found = sovereignty.power_matrix(case)
        assert (found.status == 0).all(), "a pair of WIOD has no equilibrium"
        return found

    return [
        measured("WIOD 2011: look-through reliance", lambda: sovereignty.reliance(chains)),
        measured("WIOD 2011: power, all 820 pairs", pairs, PAIRS_SECONDS),
        measured("WIOD 2011: power of one economy", lambda: sovereignty.bloc_power(case, germany)),
        measured("WIOD 2011: worst 50 links, exact", lambda: sovereignty.chokepoints(case, 50)),
        measured("reference world: the vector", lambda: vector(reference, power="none")),
        measured("reference world: power of one economy", lambda: sovereignty.bloc_power(state, there)),
    ]


if __name__ == "__main__":
    raise SystemExit(publish(TITLE, lambda: section(TITLE, ABOUT, measure)))
