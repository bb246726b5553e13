"""A section of the benchmark page: its figures measured, printed, and put in their place."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TypeVar

from benchmarks import cases, page
from benchmarks.page import Figure
from benchmarks.timing import Timed, disturbed, machine, timed

DOCS = cases.ROOT / "docs" / "benchmarks.md"
Answer = TypeVar("Answer")


def measured(
    label: str,
    call: Callable[[], Answer],
    limit: float | None = None,
    *,
    runs: int = 3,
    said: Callable[[Answer], str] | None = None,
) -> Figure:
    """The median of warm runs, or one run as it is, beside its processor time and what is said of its answer."""
    cpu: list[float] = []
    answers: list[Answer] = []

    def run() -> None:
        begin = time.process_time()
        answers[:] = [call()]
        cpu.append(time.process_time() - begin)

    if runs == 1:
        begin = time.perf_counter()
        run()
        wall = time.perf_counter() - begin
        taken = Timed(wall, wall, wall, 1)
    else:
        taken = timed(run, runs=runs, seconds=60.0)
    note = f"processor time {page.seconds(median(cpu[1:] or cpu))}"
    figure = Figure(label, taken, note + (f", {said(answers[0])}" if said else ""), limit)
    print(f"{label}: {page.seconds(taken.median)}, {figure.note}", file=sys.stderr, flush=True)
    return figure


def section(title: str, about: str, measure: Callable[[], list[Figure]]) -> str:
    """A table of figures under its title, with the machine and its load before the first."""
    where, warning = machine(), disturbed()
    figures = measure()
    return "\n\n".join([title, f"{about} Machine: {where}. {warning}".strip(), page.table(figures)])


def publish(title: str, make: Callable[[], str], where: Path = DOCS) -> int:
    """Make a section and put it in its place on the page; 1 without the published data."""
    if not cases.DATA.is_dir():
        print(f"benchmarks need the published data in {cases.DATA}", file=sys.stderr)
        return 1
    made = make()
    print(made)
    before, _, after = where.read_text(encoding="utf-8").partition(f"\n{title}\n")
    rest = after.partition("\n## ")[2]
    where.write_text(
        before.rstrip() + "\n\n" + made + "\n" + (f"\n## {rest}" if rest else ""), encoding="utf-8"
    )
    return 0
