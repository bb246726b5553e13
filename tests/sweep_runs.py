"""Sweeps in processes of their own, for tests that kill something."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from shell import environment
from small_world import make_world

import ecumene as ec

TEXT = """
name: killed
worlds: [w.npz]
orders: [two-blocs, self-sufficient]
parameters: {cost_percent: {uniform: [0, 20]}, theta_factor: {uniform: [0.7, 1.4]}}
sampling: {draws: 120, method: random}
batch: 6
"""
BATCHES = 40
PATIENCE = 120.0


class Sweep(NamedTuple):
    """A sweep on disk, and the process that solves it."""

    folder: Path
    process: subprocess.Popen[str]

    def done(self) -> dict[str, int]:
        """Parts that are in their place, with the time of each."""
        found = (self.folder / "out" / "parts").glob("part-*.parquet")
        return {path.name: path.stat().st_mtime_ns for path in found}

    def workers(self) -> list[psutil.Process]:
        return [
            each
            for each in psutil.Process(self.process.pid).children(recursive=True)
            if "ecumene.sweeps.worker" in " ".join(each.cmdline())
        ]

    def workers_left(self) -> list[psutil.Process]:
        """Workers that outlive whoever asked: they finish their batch and end."""
        return [
            each
            for each in psutil.process_iter(["cmdline", "cwd"])
            if each.info["cwd"] == str(self.folder)
            and "ecumene.sweeps.worker" in " ".join(each.info["cmdline"] or ())
        ]

    def again(self, *options: str) -> Sweep:
        """The same command once more, from its first moment on."""
        return Sweep(self.folder, _process(self.folder, *options))

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=PATIENCE)


def until(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"{what}: not within {PATIENCE:.0f} s")
        time.sleep(0.02)


def made(folder: Path) -> Path:
    make_world().save(folder / "w.npz")
    (folder / "sweep.yaml").write_text(TEXT, encoding="utf-8")
    return folder


def _process(folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ecumene", "sweep", "sweep.yaml", "--out", "out", *options]
    path = os.pathsep.join([str(Path(ec.__file__).parents[1]), *sys.path])
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(PYTHONPATH=path),
    )  # fmt: skip


def begun(folder: Path, *options: str) -> Sweep:
    """The command, running, with some parts done and most not."""
    process = _process(folder, *options)
    running = Sweep(folder, process)
    until(lambda: len(running.done()) >= 3 or process.poll() is not None, "the first parts")
    assert process.poll() is None, process.communicate()
    assert len(running.done()) < BATCHES
    return running


def goes_on(running: Sweep, expected: list[dict], workers: int = 0, cluster: str | None = None) -> None:
    """Another run solves what is left, nothing else, and all is as if nobody had disturbed it."""
    before = running.done()
    assert len(before) >= 3
    result = ec.sweep(running.folder / "sweep.yaml", running.folder / "out", workers=workers, cluster=cluster)
    after = running.done()
    assert {name: after[name] for name in before} == before
    assert result.complete
    assert result.manifest["parts"] == expected
