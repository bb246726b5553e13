"""What a whole process costs: compilation, memory, and the command line's first and later runs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from benchmarks.cases import ROOT
from benchmarks.page import Figure
from benchmarks.timing import Timed, command, fresh

_FIRST_SOLVE = f"""
import json, resource, sys, time
sys.path.insert(0, {str(ROOT)!r})
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
from benchmarks import cases
from ecumene.models import core, trade
imported_peak = peak()
world = cases.wiod()
given = cases.two_blocs(world)
read_peak = peak()
case = cases.prepare(world, given)
begin = time.perf_counter()
core.compiled_attempt.lower(*cases.arguments(case)).compile()
compiled = time.perf_counter() - begin
trade.solve(world, **given).real_income
print(json.dumps(dict(compiled=compiled, imported_peak=imported_peak, read_peak=read_peak, peak=peak())))
"""

_WHOLE = f"""
import json, sys, time
sys.path.insert(0, {str(ROOT)!r})
from benchmarks import cases
from ecumene.models import trade
world = cases.wiod()
begin = time.perf_counter()
trade.solve(world, **cases.two_blocs(world)).raise_unless_ok().real_income
print(json.dumps(dict(first=time.perf_counter() - begin)))
"""


def _of(values: list[float]) -> Timed:
    return Timed(median(values), min(values), max(values), len(values))


def measure() -> tuple[list[Figure], str]:
    """Figures of fresh processes, and a sentence on memory. Compilation caches are temporary folders."""
    with tempfile.TemporaryDirectory(prefix="ecumene-bench-") as folder:
        caches = [Path(folder) / f"cache{n}" for n in range(3)]
        alone = [fresh(_FIRST_SOLVE, cache=cache) for cache in caches[:2]]
        cold = fresh(_WHOLE, cache=caches[2])["first"]
        warm = [fresh(_WHOLE, cache=caches[2])["first"] for _ in range(3)]
        for cache in caches:
            assert any(cache.rglob("*")), "the compilation cache of a fresh process is empty"
        compare = Path(folder) / "compare"
        point = ["compare", "--point", "--quiet", "--out", f"{folder}/out"]
        first = command(point, cache=compare)
        later = [command(point, cache=compare) for _ in range(3)]
        ranged = ["compare", "--quiet", "--out", f"{folder}/out"]
        command(ranged, cache=compare)
        with_ranges = [command(ranged, cache=compare) for _ in range(3)]
        helped = [command(["--help"]) for _ in range(7)]
    memory = alone[0]
    figures = [
        Figure(
            "compilation of the solve, WIOD 2011", _of([run["compiled"] for run in alone]), "empty cache", 2.0
        ),
        Figure("first solve of a process, WIOD 2011", _of([cold]), "empty cache: base, all programs"),
        Figure("first solve of a process, WIOD 2011, again", _of(warm), "from the compilation cache"),
        Figure("`ecumene --help`", _of(helped), "whole process"),
        Figure("`ecumene compare --point`, first run", _of([first]), "whole process, empty cache", 12.0),
        Figure("`ecumene compare --point`, later runs", _of(later), "whole process, all presets", 4.0),
        Figure(
            "`ecumene compare`, later runs", _of(with_ranges), "the same with ranges: 64 draws of every order"
        ),
        Figure("the ranges alone", _of([each - median(later) for each in with_ranges]), "difference", 15.0),
    ]
    sentence = (
        f"Peak memory of a process that reads WIOD 2011 and solves it: {memory['peak']:,.0f} MiB, of which "
        f"{memory['imported_peak']:,.0f} MiB after the imports and {memory['read_peak']:,.0f} MiB after reading "
        "and cleaning the table."
    )
    return figures, sentence
