"""The command line in a process of its own, as tests call it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ESCAPE = "\x1b"


def environment(**changes: str | None) -> dict[str, str]:
    """This process's environment without colour settings, changed as asked; None removes."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    return {name: value for name, value in {**kept, **changes}.items() if value is not None}


def ecumene(
    *arguments: str | Path,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    before: list[str] | None = None,
    **options: object,
) -> subprocess.CompletedProcess[str]:
    command = [*(before or []), sys.executable, "-m", "ecumene", *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "timeout": 120}
    return subprocess.run(command, cwd=cwd, env=env or environment(), check=False, **{**pipes, **options})


def compare(world: Path, *arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    return ecumene(
        "compare", "--world", world, "--orders", "today,self-sufficient", "--point", *arguments, **options
    )


def refused(done: subprocess.CompletedProcess[str], *words: str, code: int = 2) -> None:
    """One clear message on stderr, no traceback, and the exit code."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    for word in words:
        assert word in done.stderr
