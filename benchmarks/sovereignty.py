"""Sovereignty on WIOD 2011 and the reference world: `python -m benchmarks.sovereignty` prints a table."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median

from benchmarks import cases, page
from benchmarks.page import Figure
from benchmarks.timing import disturbed, machine, timed
from ecumene.dependence.vector import sovereignty as vector
from ecumene.models import sovereignty
from ecumene.sources import load_world

PAIRS_SECONDS = 6.0
"""Wanted for all 820 pairs of WIOD on two cores."""


def _measured(label: str, call: Callable[[], object], limit: float | None) -> Figure:
    """The median of three warm runs, beside the median of their processor time."""
    cpu: list[float] = []

    def run() -> None:
        begin = time.process_time()
        call()
        cpu.append(time.process_time() - begin)

    taken = timed(run, runs=3, seconds=60.0)
    return Figure(label, taken, f"processor time {page.seconds(median(cpu[1:]))}", limit)


def measure() -> list[Figure]:
    world = cases.wiod()
    case = cases.prepare(world, {})
    chains = sovereignty.supply_chains(world.trade.values, world.intermediate.values, world.tariff.values)
    found = sovereignty.power_matrix(case)
    assert (found.status == 0).all(), "a pair of WIOD has no equilibrium"
    germany = [world.economies.index("DEU")]
    reference = load_world("reference")
    state = cases.prepare(reference, {})
    there = [reference.economies.index("DEU")]
    return [
        _measured("WIOD 2011: look-through reliance", lambda: sovereignty.reliance(chains), None),
        _measured("WIOD 2011: power, all 820 pairs", lambda: sovereignty.power_matrix(case), PAIRS_SECONDS),
        _measured("WIOD 2011: power of one economy", lambda: sovereignty.bloc_power(case, germany), None),
        _measured("WIOD 2011: worst 50 links, exact", lambda: sovereignty.chokepoints(case, 50), None),
        _measured("Reference world: the vector", lambda: vector(reference, power="none"), None),
        _measured(
            "Reference world: power of one economy", lambda: sovereignty.bloc_power(state, there), None
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
