"""Times of the solver on WIOD 2011 and on a larger random world, beside its NumPy twin."""

from __future__ import annotations

import numpy as np

from benchmarks import cases, numpy_twin
from benchmarks.page import Figure, seconds
from benchmarks.timing import timed
from ecumene.models import trade
from ecumene.models.trade import Options
from ecumene.processors import processors
from ecumene.world import World

TOLERANCE = Options().tolerance
BATCH = 256


def _single(world: World, label: str, limits: tuple[float | None, float | None]) -> list[Figure]:
    figures = []
    for name, given in (
        ("trade costs", cases.two_blocs(world)),
        ("costs and tariffs", cases.with_tariffs(world)),
    ):
        case = cases.prepare(world, given)
        error, steps = cases.compiled(case)
        assert error <= TOLERANCE, f"{label}, {name}: one stage left an error of {error:.1e}"
        limit = limits if name == "trade costs" else (None, None)
        core = timed(lambda case=case: cases.compiled(case), runs=60)
        figures.append(Figure(f"{label}, {name}: compiled solve", core, f"{steps} steps", limit[0]))
        labelled = timed(lambda given=given: trade.solve(world, **given).real_income, runs=60)
        figures.append(Figure(f"{label}, {name}: `ec.trade.solve` with labels", labelled, "", limit[1]))
        figures += _twin(case, f"{label}, {name}", trade.solve(world, **given).wage.values)
    return figures


def _twin(case: trade.Case, label: str, wage: np.ndarray) -> list[Figure]:
    problem = numpy_twin.problem_of(case)
    figures = []
    for name, method in (("Anderson", numpy_twin.anderson), ("damped", numpy_twin.damped)):
        z, steps = method(problem, TOLERANCE)
        gap = float(np.abs(numpy_twin.wages(problem, z) / wage - 1.0).max())
        taken = timed(lambda method=method: method(problem, TOLERANCE), runs=10, seconds=3.0)
        figures.append(Figure(f"{label}: NumPy, {name}", taken, f"{steps} steps, wages differ by {gap:.0e}"))
    return figures


def measure(world: World) -> list[Figure]:
    """All figures of one solve, the batch and the gradient."""
    figures = _single(world, "WIOD 2011 (41 x 35)", (0.005, 0.008))
    larger = cases.random_world(77, 45)
    figures += _single(larger, "random world (77 x 45)", (0.012, None))

    batch = cases.many(world, BATCH)
    found = trade.solve_many(world, batch)
    assert all(eq.ok for eq in found)
    taken = timed(lambda: trade.solve_many(world, batch), runs=3, seconds=10.0)
    rate = BATCH / taken.median
    note = f"{rate:.0f} a second on {processors()} cores (wanted: 300)"
    figures.append(Figure(f"WIOD 2011: {BATCH} cases, `ec.trade.solve_many`", taken, note, BATCH / 300))

    given = cases.with_tariffs(world)
    gradient = timed(lambda: trade.gradient(world, "DEU", "tariff", **given), runs=10, seconds=5.0)
    alone = timed(lambda: trade.solve(world, **given).real_income, runs=20)
    ratio = gradient.median / alone.median
    note = f"all {world.tariff.size:,} tariffs; {ratio:.1f} times a solve (wanted: at most 4)"
    figures.append(Figure("WIOD 2011: gradient of one real income", gradient, note, 4 * alone.median))
    return figures


def summary(figures: list[Figure]) -> str:
    """One line: how much faster than the twin."""
    times = {figure.label: figure.taken.median for figure in figures}
    core = times["WIOD 2011 (41 x 35), trade costs: compiled solve"]
    twin = times["WIOD 2011 (41 x 35), trade costs: NumPy, Anderson"]
    times_faster = f"{twin / core:.0f} times"
    return f"On WIOD 2011 the compiled solve takes {seconds(core)}, Anderson in NumPy {seconds(twin)}: {times_faster}."
