"""What the processes of tests compute."""

from __future__ import annotations

import os
import time
from typing import Any

from ecumene.errors import InputError
from ecumene.web.worker import Tell


def task(request: Any, tell: Tell) -> bytes:
    """Does what the request says."""
    what, number = request
    if what == "steps":
        for step in range(number):
            tell(step + 1, number, "a step")
        return f"{os.getpid()}".encode()
    if what == "slow":
        for step in range(1000):
            tell(step, 1000, "slow")
            time.sleep(number)
    if what == "deaf":
        time.sleep(number)
    if what == "crash":
        os._exit(number)
    if what == "input":
        raise InputError("no such order")
    if what == "greedy":
        held = [bytearray(10_000_000) for _ in range(number)]
        time.sleep(5.0)
        return str(len(held)).encode()
    raise RuntimeError("a defect")


def slow(request: Any, tell: Tell) -> bytes:
    """Takes half a minute, in small steps."""
    return task(("slow", 0.03), tell)
