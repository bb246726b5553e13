"""A request to stop that compiled code swallows is heard, and leaving after it crashes on nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from shell import environment

from ecumene.cli import interrupts, screen


@pytest.mark.parametrize("quiet", [True, False])
def test_a_request_that_was_swallowed_is_heard_at_the_next_step(
    quiet: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interrupts._Requests, "asked", False)
    with screen.progress(quiet) as progress:
        progress(1, 3, "one")
        monkeypatch.setattr(
            interrupts._Requests, "asked", True
        )  # as after an exception that a library dropped
        with pytest.raises(KeyboardInterrupt):
            progress(2, 3, "one")


@pytest.mark.parametrize(("code", "said"), [(130, "shown"), (0, "shownlate"), (2, "shownlate")])
def test_only_an_interrupted_process_leaves_without_tearing_down(code: int, said: str) -> None:
    script = (
        "import atexit, sys\nfrom ecumene import cli\natexit.register(lambda: sys.stdout.write('late'))\n"
        f"sys.stdout.write('shown')\ncli.main = lambda: {code}\ncli.entry()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, env=environment()
    )
    assert (done.returncode, done.stdout) == (code, said)
