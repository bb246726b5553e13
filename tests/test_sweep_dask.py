"""A worker, the scheduler or the client of a Dask cluster is killed: no finished case is lost or repeated."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
import pytest
from shell import environment
from small_world import make_world
from sweep_cases import sweep_file
from sweep_runs import PATIENCE, begun, goes_on, made

import ecumene as ec
from ecumene.sweeps import cluster as dask_cluster

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """The parts of a sweep that nobody disturbed, solved in one process."""
    folder = made(tmp_path_factory.mktemp("whole"))
    return ec.sweep(folder / "sweep.yaml", folder / "out", workers=0).manifest["parts"]


class Cluster(NamedTuple):
    """A scheduler and two workers, each a process of its own, on 127.0.0.1."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]

    def end(self) -> None:
        for process in [*self.workers, self.scheduler]:
            for child in _children(process.pid):
                child.kill()
            process.kill()
            process.wait()


def _children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def cluster(folder: Path) -> Cluster:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    path = os.pathsep.join([str(Path(ec.__file__).parents[1]), *sys.path])

    def process(*arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments], cwd=folder, env=environment(PYTHONPATH=path),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    scheduler = process(
        "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show"
    )
    workers = [
        process("worker", address, "--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard")
        for _ in range(2)
    ]
    return Cluster(address, scheduler, workers)


@pytest.fixture
def running_cluster(tmp_path: Path) -> Iterator[Cluster]:
    found = cluster(tmp_path)
    yield found
    found.end()


def test_a_worker_that_is_killed_loses_nothing(
    tmp_path: Path, running_cluster: Cluster, expected: list[dict]
) -> None:
    running = begun(made(tmp_path), "--cluster", running_cluster.address)
    before = running.done()
    victim = _children(running_cluster.workers[0].pid)  # the nanny's child does the work
    for each in victim:
        each.kill()
    out, told = running.process.communicate(timeout=PATIENCE)
    assert running.process.returncode == 0, told
    assert "240 cases, 0 failed" in out
    after = running.done()
    assert {name: after[name] for name in before} == before
    assert ec.load_sweep(tmp_path / "out").manifest["parts"] == expected


def test_a_scheduler_that_is_killed_ends_the_sweep_with_a_word_and_loses_nothing(
    tmp_path: Path, running_cluster: Cluster, expected: list[dict]
) -> None:
    running = begun(made(tmp_path), "--cluster", running_cluster.address)
    running_cluster.scheduler.kill()
    _, told = running.process.communicate(timeout=PATIENCE)
    assert running.process.returncode == 1, told
    assert "Dask cluster was lost" in told and "run the sweep again" in told
    assert "Traceback" not in told
    running_cluster.end()
    goes_on(running, expected)


def test_a_client_that_is_killed_loses_nothing(
    tmp_path: Path, running_cluster: Cluster, expected: list[dict]
) -> None:
    running = begun(made(tmp_path), "--cluster", running_cluster.address)
    running.kill()
    time.sleep(1.0)  # what workers have begun they finish, and put in its place
    goes_on(running, expected, cluster=running_cluster.address)


def test_numbers_are_equal_to_the_last_bit_on_a_cluster_and_by_any_number_of_workers(tmp_path: Path) -> None:
    """The same parts, byte by byte, priors and a shock among what is drawn."""
    world = make_world(layers={"goods": np.array([True, True, False])})
    file = sweep_file(
        priors=True, orders=["today", "two-blocs"], shocks=["none", "port-closure"], batch=3,
        sampling={"draws": 4}, parameters={}, measures=["real_income", "shock_loss_central"],
    )  # fmt: skip
    found = [
        ec.sweep(file, tmp_path / name, worlds=[world], **how).manifest["parts"]
        for name, how in {
            "here": {"workers": 0},
            "one": {"workers": 1},
            "two": {"workers": 2},
            "dask": {"workers": 2, "cluster": "local"},
        }.items()
    ]
    assert len(found[0]) == 6 and all(part["failed"] == 0 for part in found[0])
    assert found[0] == found[1] == found[2] == found[3]


def test_nobody_at_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "CONNECT_SECONDS", 1.0)
    with pytest.raises(ec.errors.InputError, match="no Dask scheduler answers"):
        ec.sweep(made(tmp_path) / "sweep.yaml", tmp_path / "out", cluster="tcp://127.0.0.1:9")
