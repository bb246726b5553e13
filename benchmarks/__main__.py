"""Measure everything and write `docs/benchmarks.md`: `python -m benchmarks`, some minutes on two cores."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks import cases, page, peer, processes, scaling, solver
from benchmarks.timing import disturbed, machine

DOCS = cases.ROOT / "docs"
HEAD = """# Benchmarks

Times of this package on one machine, written by `make bench`. A figure is the median of repeated warm runs
unless it says otherwise; the range shows the fastest and the slowest. The NumPy twin solves the same equations to
the same error in the same run.
"""
ABOUT_TWIN = """The twin stands in `benchmarks/numpy_twin.py`: one joint fixed point in logarithms of wages, prices
and outputs, with Anderson acceleration, or damped. The compiled solve starts from the same base, with a
preconditioner made once for that base."""
CASE = "Random worlds; trade costs rise by a quarter between two halves of the world."


def main() -> int:
    if not cases.DATA.is_dir():
        print(f"benchmarks need the published data in {cases.DATA}", file=sys.stderr)
        return 1
    where = machine()
    warning = disturbed()
    print(warning)
    print(where, flush=True)

    def part(name: str, measure: Callable[[], Any]) -> Any:
        begin = time.perf_counter()
        result = measure()
        print(f"{name}: measured in {time.perf_counter() - begin:.0f} s", flush=True)
        return result

    whole, memory = part("processes", processes.measure)
    solves = part("solver", lambda: solver.measure(cases.wiod()))
    peers, compared = part("gegravity", peer.measure)
    sizes = part("scaling", scaling.measure)
    scaling.plot(sizes, DOCS / "figures" / "solve-cost.svg")
    page.write(
        DOCS / "benchmarks.md",
        [
            HEAD, f"Machine: {where}. {warning}", "## One solve, many solves, derivatives", page.table(solves),
            solver.summary(solves), ABOUT_TWIN, "## Processes", page.table(whole), memory,
            "## Beside gegravity", page.table(peers), compared,
            "## Cost against size", CASE,
            "![Milliseconds of a compiled solve against economies and sectors](figures/solve-cost.svg)",
            scaling.table(sizes),
        ],
    )  # fmt: skip
    for figure in [*whole, *solves, *peers]:
        print(f"{figure.label}: {page.seconds(figure.taken.median)}  {figure.verdict}  {figure.note}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
