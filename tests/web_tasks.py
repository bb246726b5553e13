"""What the processes of tests compute."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from ecumene.errors import InputError
from ecumene.web.compute import Compute
from ecumene.web.worker import Tell

FOLDER = "ECUMENE_TEST_FOLDER"
"""Variable that names a folder of a test to its processes."""


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
    """Takes half a minute, in small steps; what is asked beside comparisons is answered at once."""
    return task(("slow", 0.03), tell) if type(request).__name__ == "Compare" else anything(request, tell)


def endless(request: Any, tell: Tell) -> bytes:
    """As Ecumene computes, but that an order named `endless` takes half a minute."""
    if type(request).__name__ == "Compare" and request.asked.orders[0].name == "endless":
        return task(("slow", 0.03), tell)
    return Compute(Path(os.environ[FOLDER]) / "results")(request, tell)


def fails_once(request: Any, tell: Tell) -> bytes:
    """Ends with its process the first time."""
    mark = Path(os.environ[FOLDER]) / "failed"
    if not mark.exists():
        mark.touch()
        os._exit(3)
    return anything(request, tell)


def anything(request: Any, tell: Tell) -> bytes:
    """Answers every request of the service as if it had been computed: instantly, with nothing in it."""
    kind = type(request).__name__
    if kind == "Describe":
        place = request.place
        return json.dumps(
            {
                "name": place.name, "title": place.title, "year": None, "kind": place.kind, "hash": "0" * 64,
                "size": {"economies": 0, "sectors": 0}, "problem": "", "source": "", "theta_source": "",
                "deficits": "zero", "notes": [], "quality": "", "economies": [], "sectors": [], "unions": [],
            }
        ).encode()  # fmt: skip
    if kind == "OnWorld":
        return json.dumps(
            [{"blocs": [], "notes": [], "changes_anything": True}] * len(request.orders)
        ).encode()
    run = {
        "order": "today", "order_title": "Today", "order_hash": "0" * 64, "data_hash": "0" * 64, "citation": "one",
        "world_source": "nothing", "versions": {"ecumene": "0"},
    }  # fmt: skip
    return json.dumps({"hash": "0" * 64, "provenance": [run]}).encode()
