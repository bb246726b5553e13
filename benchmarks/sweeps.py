"""Sweeps timed: `python -m benchmarks.sweeps` measures and rewrites the measured part of `docs/scaling.md`."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import cases
from benchmarks.page import Figure, seconds
from benchmarks.section import publish, section
from benchmarks.timing import Timed, fresh
from ecumene.models import trade
from ecumene.processors import processors
from ecumene.sweeps import answer, parts
from ecumene.sweeps.schema import SweepFile
from ecumene.sweeps.solving import Solver
from ecumene.world import World

TITLE = "## Measured"
PAGE = cases.ROOT / "docs" / "scaling.md"
ABOUT = (
    "WIOD 2011 aggregated to 41 economies and 15 sectors unless said otherwise; costs and tariffs are drawn for every "
    "case; `python -m benchmarks.sweeps`."
)

MANY = 10_000
MANY_SECONDS = 30.0
"""Wanted for so many equilibria on two cores."""

OVERHEAD = 0.15
"""Wanted: what a sweep takes beside the solves, as a share of these."""

SIZES = ((6, 3), (41, 5), (41, 15), (41, 35), (100, 15), (145, 16))
SAMPLE = 1000


def aggregated() -> World:
    """41 economies and 15 sectors: the 35 of WIOD, every 15th together."""
    world = cases.wiod()
    return world.aggregate(sectors={code: f"g{k % 15:02d}" for k, code in enumerate(world.sectors)})


def costs(number: int, **changes: Any) -> SweepFile:
    """Two orders, their strength, a cost on every link and points on every tariff drawn."""
    said: dict[str, Any] = {
        "name": "costs",
        "worlds": ["world"],
        "orders": ["today", "two-blocs"],
        "parameters": {
            "strength": {"uniform": [0.2, 1.0]},
            "cost_percent": {"uniform": [0.0, 30.0]},
            "tariff_points": {"uniform": [0.0, 10.0]},
        },
        "sampling": {"draws": number // 2},
    }
    return SweepFile.model_validate({**said, **changes})


def elasticities(number: int) -> SweepFile:
    """The same orders, with an elasticity of its own for every two cases: each needs a base of its own."""
    drawn = {"theta_factor": {"uniform": [0.7, 1.4]}, "cost_percent": {"uniform": [0.0, 30.0]}}
    return costs(number, name="elasticities", parameters=drawn)


def _whole(label: str, file: SweepFile, world: World, limit: float | None = None, **how: Any) -> Figure:
    """A sweep from its file to its last part, processes begun and ended."""
    with tempfile.TemporaryDirectory(prefix="ecumene-bench-") as folder:
        begin = time.perf_counter()
        result = answer.sweep(file, Path(folder) / "out", worlds=[world], **how)
        taken = time.perf_counter() - begin
    rate = f"{1e3 * taken / result.done:.2f} ms a case, {result.failed} failed"
    print(f"{label}: {seconds(taken)}, {rate}", flush=True)
    return Figure(label, Timed(taken, taken, taken, 1), rate, limit)


def overhead(world: World, file: SweepFile) -> Figure:
    """What a sweep does beside solving, in one process: both over the same cases, processor time, warm."""
    job = answer.prepared(file, Path(), [world], None, None).job
    solver = Solver(job)
    parts.make(solver, 0, job.batch(0))
    alone = swept = 0.0
    count = 0
    with tempfile.TemporaryDirectory(prefix="ecumene-bench-") as folder:
        (Path(folder) / parts.FOLDER).mkdir()
        for batch in range(1, job.batches):  # in turn, so that other programs disturb both alike
            cases = job.batch(batch)
            arguments = [(case.order, solver.arguments(case)) for case in cases]
            centres: dict[int, trade.Equilibrium] = {}
            begin = time.process_time()
            for order, each in arguments:
                found = trade.solve(solver.world(0), **each, close=centres.get(order))
                centres.setdefault(order, found)
            alone += time.process_time() - begin
            begin = time.process_time()
            parts.write(Path(folder), parts.make(solver, batch, cases))
            swept += time.process_time() - begin
            count += len(cases)
    more = swept / alone - 1.0
    verdict = "met" if more <= OVERHEAD else "**not met**"
    note = (
        f"processor time; solves alone {1e3 * alone / count:.2f} ms a case, so {100 * more:+.1f} % "
        f"(wanted: at most {100 * OVERHEAD:.0f} %: {verdict})"
    )
    print(f"overhead: {note}", flush=True)
    each = swept / count
    return Figure("one case of a sweep in one process", Timed(each, each, each, 1), note)


def sizes() -> str:
    """Cost of a case against economies and sectors: costs drawn, and elasticities drawn."""
    lines = [
        "| economies | sectors | a case, costs drawn | a case, elasticities drawn | a part of 100 cases |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]
    for R, S in SIZES:
        world = cases.random_world(R, S)
        cells, size = [], 0
        for file in (costs(60), elasticities(60)):
            job = answer.prepared(file.model_copy(update={"batch": 20}), Path(), [world], None, None).job
            solver = Solver(job)
            parts.make(solver, 0, job.batch(0))
            taken = []
            for batch in (1, 2):
                chosen = job.batch(batch)
                begin = time.process_time()
                size = max(size, len(parts.make(solver, batch, chosen).data))
                taken.append((time.process_time() - begin) / 20)
            cells.append(min(taken))
        lines.append(
            f"| {R} | {S} | {seconds(cells[0])} | {seconds(cells[1])} | {5 * size / 2**10:,.0f} KiB |"
        )
        print(lines[-1], flush=True)
    return "\n".join(lines)


_MEMORY = f"""
import json, re, resource, sys, tempfile, time
sys.path.insert(0, {str(cases.ROOT)!r})
from pathlib import Path
from benchmarks import cases, sweeps
from ecumene.sweeps import answer
world = cases.random_world(6, 3)
with tempfile.TemporaryDirectory() as folder:
    begin = time.perf_counter()
    result = answer.sweep(sweeps.costs(NUMBER), Path(folder) / "out", worlds=[world])
    taken = time.perf_counter() - begin
# A process inherits the peak in `ru_maxrss` from the one that began it, and not `VmHWM`.
client = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(json.dumps(dict(client=client, worker=worker, seconds=taken, done=result.done, failed=result.failed)))
"""


def memory() -> str:
    """Peak memory of the process that asks and of its largest worker, against the number of cases."""
    lines = [
        "| cases (6 economies, 3 sectors) | the asking process | largest worker | whole sweep |",
        "| ---: | ---: | ---: | ---: |",
    ]
    for number in (1_000, 10_000, 100_000):
        found = fresh(_MEMORY.replace("NUMBER", str(number)), timeout=1500.0)
        lines.append(
            f"| {number:,} | {found['client']:,.0f} MiB | {found['worker']:,.0f} MiB | {seconds(found['seconds'])} |"
        )
        print(lines[-1], json.dumps(found), flush=True)
    return "\n".join(lines)


def measure() -> list[Figure]:
    """Every figure of the table."""
    world = aggregated()
    count = processors()
    figures = [
        _whole(f"{MANY:,} equilibria, {count} workers", costs(MANY), world, MANY_SECONDS, workers=count),
        overhead(world, costs(SAMPLE)),
    ]
    for workers in sorted({0, 1, 2, count}):
        label = "in the asking process" if workers == 0 else f"{workers} worker{'s' * (workers > 1)}"
        figures.append(_whole(f"2,000 equilibria, {label}", costs(2000), world, workers=workers))
    figures.append(
        _whole("2,000 equilibria, Dask, local cluster", costs(2000), world, workers=count, cluster="local")
    )
    figures.append(
        _whole(
            f"2,000 equilibria, elasticities drawn, {count} workers", elasticities(2000), world, workers=count
        )
    )
    return figures


def page() -> str:
    """The measured part of the page."""
    return "\n\n".join([section(TITLE, ABOUT, measure), sizes(), memory()])


if __name__ == "__main__":
    raise SystemExit(publish(TITLE, page, PAGE))
