"""Whatever is killed on one machine: no finished case is lost, and none that is recorded is solved again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from shell import environment
from sweep_runs import PATIENCE, begun, goes_on, made

import ecumene as ec
from ecumene.sweeps import parts

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """The parts of a sweep that nobody disturbed, solved in one process."""
    folder = made(tmp_path_factory.mktemp("whole"))
    return ec.sweep(folder / "sweep.yaml", folder / "out", workers=0).manifest["parts"]


def test_a_worker_that_is_killed_is_replaced(tmp_path: Path, expected: list[dict]) -> None:
    running = begun(made(tmp_path), "--workers", "2")
    before = running.done()
    running.workers()[0].kill()
    out, told = running.process.communicate(timeout=PATIENCE)
    assert running.process.returncode == 0, told
    after = running.done()
    assert {name: after[name] for name in before} == before
    assert "240 cases, 0 failed" in out
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


def test_a_client_that_is_killed_again_and_again_repeats_nothing(
    tmp_path: Path, expected: list[dict]
) -> None:
    """Also while workers load and before the first part: what is there stays, byte and time."""
    running = begun(made(tmp_path), "--workers", "2")
    running.kill()
    for moment in (0.5, 2.0, 4.0, 6.0):
        psutil.wait_procs(running.workers_left(), timeout=PATIENCE)
        before = running.done()
        again = running.again("--workers", "2")
        time.sleep(moment)
        again.kill()
        after = running.done()
        assert {name: after[name] for name in before} == before
    psutil.wait_procs(running.workers_left(), timeout=PATIENCE)
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


def test_ctrl_c_twice_ends_at_once_and_leaves_nothing_half_written(
    tmp_path: Path, expected: list[dict]
) -> None:
    running = begun(made(tmp_path), "--workers", "2")
    workers = running.workers()
    running.process.send_signal(signal.SIGINT)
    time.sleep(0.02)
    running.process.send_signal(signal.SIGINT)
    _, told = running.process.communicate(timeout=PATIENCE)
    assert running.process.returncode in (130, -signal.SIGINT)
    assert "Traceback" not in told
    assert not psutil.wait_procs(workers, timeout=PATIENCE)[1]
    goes_on(running, expected)


def test_workers_that_cannot_begin_are_one_message(tmp_path: Path) -> None:
    folder = made(tmp_path)
    (folder / "sitecustomize.py").write_text(
        "import os, sys\nif 'ecumene.sweeps.worker' in ' '.join(sys.orig_argv): os._exit(3)\n",
        encoding="utf-8",
    )
    path = os.pathsep.join([str(folder), str(Path(ec.__file__).parents[1]), *sys.path])
    done = subprocess.run(
        [sys.executable, "-m", "ecumene", "sweep", "sweep.yaml", "--out", "out", "--workers", "2", "--quiet"],
        cwd=folder, env=environment(PYTHONPATH=path), capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert (
        "3 worker processes ended before they could begin" in done.stderr and "Traceback" not in done.stderr
    )
    assert list((folder / "out" / "parts").iterdir()) == []


def _with_its_hook(folder: Path, *arguments: str, **said: str) -> subprocess.CompletedProcess[str]:
    """The sweep of a folder by two workers, in processes that load the folder's `sitecustomize.py` first."""
    path = os.pathsep.join([str(folder), str(Path(ec.__file__).parents[1]), *sys.path])
    return subprocess.run(
        [sys.executable, "-m", "ecumene", "sweep", "sweep.yaml", "--out", "out", "--workers", "2", *arguments],
        cwd=folder, env=environment(PYTHONPATH=path, **said), capture_output=True, text=True, timeout=PATIENCE,
        check=False,
    )  # fmt: skip


def test_a_disk_that_is_full_for_workers_is_one_message(tmp_path: Path, expected: list[dict]) -> None:
    """A limit on the size of files stands for the disk: nothing above 100 bytes can be written."""
    folder = made(tmp_path)
    (folder / "sitecustomize.py").write_text(
        "import os, resource, sys\n"
        "if os.environ.get('FULL') and 'ecumene.sweeps.worker' in ' '.join(sys.orig_argv):\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n",
        encoding="utf-8",
    )
    done = _with_its_hook(folder, "--quiet", FULL="1")
    assert done.returncode == 1, done.stderr
    assert (
        "cannot write" in done.stderr and "File too large" in done.stderr and "Traceback" not in done.stderr
    )
    assert list((folder / "out" / "parts").iterdir()) == []
    assert ec.sweep(folder / "sweep.yaml", folder / "out", workers=0).manifest["parts"] == expected


def test_a_batch_that_kills_every_worker_is_recorded_and_the_rest_goes_on(
    tmp_path: Path, expected: list[dict]
) -> None:
    folder = made(tmp_path)
    (folder / "sitecustomize.py").write_text(
        "import os\n"
        "def watch():\n"
        "    from ecumene.sweeps import parts\n"
        "    make = parts.make\n"
        "    parts.make = lambda solver, batch, cases: os._exit(9) if batch == 7 else make(solver, batch, cases)\n"
        "if os.environ.get('KILLING'): watch()\n",
        encoding="utf-8",
    )
    done = _with_its_hook(folder, KILLING="1")
    assert done.returncode == 0, done.stderr
    result = ec.load_sweep(folder / "out")
    assert (result.done, result.failed) == (240, 6)
    assert set(result.failures()["status"]) == {parts.DIED}
    assert result.failures()["case"].tolist() == list(range(42, 48))
    assert [part for part in result.manifest["parts"] if part["batch"] != 7] == [
        part for part in expected if part["batch"] != 7
    ]
