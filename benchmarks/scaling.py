"""Cost of one solve against the number of economies and of sectors, as a table and a plot."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import cases
from benchmarks.page import seconds
from benchmarks.timing import timed
from ecumene.models import trade

ECONOMIES, SECTORS = (10, 25, 60, 100, 200), (2, 8, 15, 30, 60)
FIXED_SECTORS, FIXED_ECONOMIES = 30, 60
LARGEST = (200, 60)
LONGEST = 150.0
"""No further shape is begun after this many seconds."""


@dataclass(frozen=True)
class Size:
    """One shape: seconds of a compiled solve, of a labelled one, and of making the base that they share."""

    n_economies: int
    n_sectors: int
    solve: float
    steps: int
    labelled: float
    base: float


def measure() -> list[Size]:
    """Every shape once, smallest first, for as long as there is time."""
    shapes = {(R, FIXED_SECTORS) for R in ECONOMIES} | {(FIXED_ECONOMIES, S) for S in SECTORS} | {LARGEST}
    sizes: list[Size] = []
    end = time.perf_counter() + LONGEST
    for R, S in sorted(shapes, key=lambda shape: shape[0] ** 2 * shape[1]):
        if time.perf_counter() > end:
            break
        world = cases.random_world(R, S)
        given = cases.two_blocs(world)
        trade.solve(world, **given).raise_unless_ok()  # compiles
        begin = time.perf_counter()
        case = cases.prepare(replace(world), given)  # a copy has no base yet
        base = time.perf_counter() - begin
        _, steps = cases.compiled(case)
        taken = timed(lambda case=case: cases.compiled(case), runs=20, seconds=1.5)
        labelled = timed(
            lambda world=world, given=given: trade.solve(world, **given).real_income, runs=20, seconds=1.5
        )
        sizes.append(Size(R, S, taken.median, steps, labelled.median, base))
    return sizes


def table(sizes: list[Size]) -> str:
    lines = [
        "| economies | sectors | links | compiled solve | steps | with labels | base, made once |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for size in sizes:
        links = size.n_economies**2 * size.n_sectors
        lines.append(
            f"| {size.n_economies} | {size.n_sectors} | {links:,} | {seconds(size.solve)} | {size.steps} "
            f"| {seconds(size.labelled)} | {seconds(size.base)} |"
        )
    return "\n".join(lines)


def plot(sizes: list[Size], path: Path) -> None:
    """Milliseconds of a compiled solve against economies and against sectors, both axes logarithmic."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    ink, line = "#333333", "#3b5bdb"
    settings = {
        "svg.hashsalt": "ecumene",
        "font.family": "sans-serif",
        "axes.edgecolor": ink,
        "text.color": ink,
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=(8, 3.4), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True)
        panels = (
            (
                left,
                "n_economies",
                f"economies, at {FIXED_SECTORS} sectors",
                lambda s: s.n_sectors == FIXED_SECTORS,
            ),
            (
                right,
                "n_sectors",
                f"sectors, at {FIXED_ECONOMIES} economies",
                lambda s: s.n_economies == FIXED_ECONOMIES,
            ),
        )
        for axes, name, label, chosen in panels:
            points = sorted((getattr(size, name), 1e3 * size.solve) for size in sizes if chosen(size))
            axes.loglog(*zip(*points, strict=True), color=line, marker="o", markersize=5, linewidth=1.5)
            for x, y in points:
                axes.annotate(
                    f"{y:.2g}", (x, y), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=8
                )
            axes.set_xticks([x for x, _ in points], [str(x) for x, _ in points])
            axes.set_xticks([], minor=True)
            axes.set_xlabel(label)
            axes.spines[["top", "right"]].set_visible(False)
            axes.margins(y=0.15)
        left.set_ylabel("compiled solve, ms")
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
