"""What an executor is, and the one that solves in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ecumene.sweeps import parts
from ecumene.sweeps.job import Job
from ecumene.sweeps.parts import Part
from ecumene.sweeps.solving import Solver

Heard = Callable[[Part], None]
"""Told of every part that is in its place; it may raise to stop the rest."""

Executor = Callable[[Job, Sequence[int], Path, Heard], None]
"""Solves batches of a job and puts their parts into a sweep's folder; returns when all are there."""


def in_process(job: Job, batches: Sequence[int], folder: Path, heard: Heard) -> None:
    """One batch after the other, here."""
    solver = Solver(job)
    for batch in batches:
        made = parts.make(solver, batch)
        parts.write(folder, made)
        heard(made.part)
