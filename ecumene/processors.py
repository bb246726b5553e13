"""How many programs run side by side."""

from __future__ import annotations

import os

import numpy as np

from ecumene.errors import InputError


def processors() -> int:
    """Processors that this process may use; all of the machine's where the system does not tell which."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads(workers: int | None) -> int:
    """How many tasks to run at a time: as asked, or one a processor. Errors: InputError for no whole number above 0."""
    if workers is None:
        return processors()
    if not isinstance(workers, int | np.integer) or isinstance(workers, bool) or workers < 1:
        raise InputError(f"workers is {workers!r:.60}; give a whole number above 0, or leave it out")
    return int(workers)
