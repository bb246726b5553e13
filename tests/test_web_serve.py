"""The command `serve`: its address, its end, and what it leaves behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

from shell import ecumene

ADDRESS = re.compile(r"serving on (http://127\.0\.0\.1:\d+/)")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "ecumene", "serve", "--port", "0"],
        env={**os.environ, "ECUMENE_CACHE": str(tmp_path / "cache")},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    told: list[str] = []
    try:
        for line in process.stderr:
            told.append(line)
            if found := ADDRESS.search(line):
                yield process, found[1], told
                break
        else:
            pytest.fail("".join(told))
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def _gone(pids: list[int], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def _asked(address: str, path: str) -> dict:
    with urllib.request.urlopen(f"{address}{path}", timeout=60) as answer:
        return json.load(answer)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="children are counted in /proc")
def test_control_c_ends_the_server_and_its_processes(
    served: tuple[subprocess.Popen[str], str, list[str]],
) -> None:
    process, address, told = served
    first = _asked(address, "api/first")
    assert first["document"]["orders"][0]["name"] == "two-blocs"
    children = _children(process.pid)
    assert len(children) >= 2
    os.killpg(process.pid, signal.SIGINT)  # as a terminal sends it: to everyone
    assert process.wait(30) == 0
    assert process.stderr is not None
    said = "".join([*told, process.stderr.read()])
    assert said.endswith("stopped\n"), said
    assert "Traceback" not in said
    assert "leaked" not in said
    assert _gone(children)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="children are counted in /proc")
def test_a_kill_of_the_server_ends_its_processes(
    served: tuple[subprocess.Popen[str], str, list[str]],
) -> None:
    process, _, _ = served
    children = _children(process.pid)
    process.kill()
    process.wait()
    assert _gone(children, 60.0)


def test_another_address_wants_a_token() -> None:
    run = ecumene("serve", "--host", "0.0.0.0")
    assert run.returncode == 2
    assert "reached from elsewhere" in run.stderr
    assert "--token" in run.stderr


def test_a_port_in_use_is_one_clear_error() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as other:
        run = ecumene("serve", "--port", str(other.getsockname()[1]))
    assert run.returncode == 2
    assert "choose another with --host or --port" in run.stderr


def test_a_folder_of_worlds_that_is_not_there() -> None:
    run = ecumene("serve", "--port", "0", "--worlds", "/nowhere/at/all")
    assert run.returncode == 2
    assert "there is no folder" in run.stderr
