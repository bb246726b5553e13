"""How times are taken: the median of repeated warm runs, whole processes, and the machine they ran on."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from ecumene.processors import processors


@dataclass(frozen=True)
class Timed:
    """Seconds: the median, the fastest and the slowest of a number of warm runs."""

    median: float
    fastest: float
    slowest: float
    runs: int


def timed(call: Callable[[], object], *, runs: int = 20, seconds: float = 5.0) -> Timed:
    """Run once to warm up, then at most `runs` times or until `seconds` have passed; at least three times."""
    call()
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while len(taken) < 3 or (len(taken) < runs and time.perf_counter() < end):
        begin = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begin)
    return Timed(median(taken), min(taken), max(taken), len(taken))


def fresh(code: str, *, cache: Path | None = None, timeout: float = 110.0) -> dict[str, Any]:
    """Run Python code in a new process; its last line of output is JSON. `cache` is its compilation cache."""
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=_environment(cache),
        check=True,
    )
    return json.loads(run.stdout.strip().splitlines()[-1])


def command(arguments: Sequence[str], *, cache: Path | None = None, timeout: float = 110.0) -> float:
    """Seconds that `ecumene ARGUMENTS` takes as a new process."""
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "ecumene", *arguments],
        capture_output=True, timeout=timeout, env=_environment(cache), check=True,
    )  # fmt: skip
    return time.perf_counter() - begin


def _environment(cache: Path | None) -> dict[str, str]:
    return dict(os.environ) if cache is None else {**os.environ, "ECUMENE_CACHE": str(cache)}


def disturbed() -> str:
    """A warning where other programs keep the machine busy; empty where it is quiet."""
    if not hasattr(os, "getloadavg") or os.getloadavg()[0] < 0.5:
        return ""
    return "Other programs were running: these times are longer than on a quiet machine, and vary."


def machine() -> str:
    """Processor, cores, memory, system, versions, date and load: one sentence."""
    name, memory = platform.processor() or platform.machine(), ""
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
        total = Path("/proc/meminfo").read_text(encoding="utf-8").split(maxsplit=2)[1]
        memory = f", {int(total) / 2**20:.0f} GiB memory"
    versions = ", ".join(f"{package} {version(package)}" for package in ("jax", "numpy"))
    load = f"; other load when it began: {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    today = datetime.datetime.now(tz=datetime.UTC).date()
    return (
        f"{name}, {processors()} cores{memory}, {platform.system()}, "
        f"Python {platform.python_version()}, {versions}; {today}{load}"
    )
