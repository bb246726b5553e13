"""Whatever is killed, and whenever: no finished case is lost, and none that is recorded is solved again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from shell import environment
from small_world import make_world

import ecumene as ec
from ecumene.sweeps import parts

pytestmark = pytest.mark.slow

TEXT = """
name: killed
worlds: [w.npz]
orders: [two-blocs, self-sufficient]
parameters: {cost_percent: {uniform: [0, 20]}, theta_factor: {uniform: [0.7, 1.4]}}
sampling: {draws: 300, method: random}
batch: 10
"""
BATCHES = 60
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

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=PATIENCE)


def until(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"{what}: not within {PATIENCE:.0f} s")
        time.sleep(0.02)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """The parts of a sweep that nobody disturbed, solved in one process."""
    folder = made(tmp_path_factory.mktemp("whole"))
    return ec.sweep(folder / "sweep.yaml", folder / "out", workers=0).manifest["parts"]


def made(folder: Path) -> Path:
    make_world().save(folder / "w.npz")
    (folder / "sweep.yaml").write_text(TEXT, encoding="utf-8")
    return folder


def begun(folder: Path, *options: str) -> Sweep:
    """The command, running, with some parts done and most not."""
    command = [sys.executable, "-m", "ecumene", "sweep", "sweep.yaml", "--out", "out", *options]
    path = os.pathsep.join([str(Path(ec.__file__).parents[1]), *sys.path])
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(PYTHONPATH=path),
    )  # fmt: skip
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


def test_a_worker_that_is_killed_is_replaced(tmp_path: Path, expected: list[dict]) -> None:
    running = begun(made(tmp_path), "--workers", "2")
    running.workers()[0].kill()
    out, told = running.process.communicate(timeout=PATIENCE)
    assert running.process.returncode == 0, told
    assert "600 cases, 0 failed" in out
    assert ec.load_sweep(tmp_path / "out").manifest["parts"] == expected


def test_a_client_that_is_killed_leaves_no_worker_and_loses_nothing(
    tmp_path: Path, expected: list[dict]
) -> None:
    running = begun(made(tmp_path), "--workers", "2")
    workers = running.workers()
    running.kill()
    _, alive = psutil.wait_procs(workers, timeout=PATIENCE)
    assert not alive
    goes_on(running, expected)


def test_ctrl_c_says_what_is_kept_and_how_to_go_on(tmp_path: Path, expected: list[dict]) -> None:
    running = begun(made(tmp_path), "--workers", "2")
    workers = running.workers()
    running.process.send_signal(signal.SIGINT)
    _, told = running.process.communicate(timeout=PATIENCE)
    assert running.process.returncode == 130
    assert "cases that are done are kept in out" in told
    assert "ecumene sweep sweep.yaml --out out --workers 2" in told
    assert "Traceback" not in told
    assert not psutil.wait_procs(workers, timeout=PATIENCE)[1]
    kept = ec.load_sweep(tmp_path / "out")
    assert kept.done == sum(part["cases"] for part in kept.manifest["parts"]) > 0
    goes_on(running, expected)


def test_a_batch_that_kills_every_worker_is_recorded_and_the_rest_goes_on(
    tmp_path: Path, expected: list[dict]
) -> None:
    folder = made(tmp_path)
    (folder / "sitecustomize.py").write_text(
        "import os\n"
        "def watch():\n"
        "    from ecumene.sweeps import parts\n"
        "    make = parts.make\n"
        "    parts.make = lambda solver, batch: os._exit(9) if batch == 7 else make(solver, batch)\n"
        "if os.environ.get('KILLING'): watch()\n",
        encoding="utf-8",
    )
    path = os.pathsep.join([str(folder), str(Path(ec.__file__).parents[1]), *sys.path])
    done = subprocess.run(
        [sys.executable, "-m", "ecumene", "sweep", "sweep.yaml", "--out", "out", "--workers", "2"],
        cwd=folder, env=environment(PYTHONPATH=path, KILLING="1"), capture_output=True, text=True, timeout=PATIENCE,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = ec.load_sweep(folder / "out")
    assert (result.done, result.failed) == (600, 10)
    assert set(result.failures()["status"]) == {parts.DIED}
    assert result.failures()["case"].tolist() == list(range(70, 80))
    assert [part for part in result.manifest["parts"] if part["batch"] != 7] == [
        part for part in expected if part["batch"] != 7
    ]


# Dask --------------------------------------------------------------------------------------------------


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


def test_dask_a_worker_that_is_killed_loses_nothing(
    tmp_path: Path, running_cluster: Cluster, expected: list[dict]
) -> None:
    running = begun(made(tmp_path), "--cluster", running_cluster.address)
    before = running.done()
    victim = _children(running_cluster.workers[0].pid)  # the nanny's child does the work
    for each in victim:
        each.kill()
    out, told = running.process.communicate(timeout=PATIENCE)
    assert running.process.returncode == 0, told
    assert "600 cases, 0 failed" in out
    after = running.done()
    assert {name: after[name] for name in before} == before
    assert ec.load_sweep(tmp_path / "out").manifest["parts"] == expected


def test_dask_a_scheduler_that_is_killed_ends_the_sweep_with_a_word_and_loses_nothing(
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


def test_dask_a_client_that_is_killed_loses_nothing(
    tmp_path: Path, running_cluster: Cluster, expected: list[dict]
) -> None:
    running = begun(made(tmp_path), "--cluster", running_cluster.address)
    running.kill()
    time.sleep(1.0)  # what workers have begun they finish, and put in its place
    goes_on(running, expected, cluster=running_cluster.address)


def test_dask_nobody_at_the_address(tmp_path: Path) -> None:
    with pytest.raises(ec.errors.InputError, match="no Dask scheduler answers"):
        ec.sweep(made(tmp_path) / "sweep.yaml", tmp_path / "out", cluster="tcp://127.0.0.1:9")
