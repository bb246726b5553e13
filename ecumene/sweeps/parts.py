"""One batch as one Parquet part: its table, its bytes, and what is read back of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pa_parquet

from ecumene.files import write_atomically
from ecumene.results import WORLD
from ecumene.sweeps.job import Case, Job
from ecumene.sweeps.parameters import PARAMETERS
from ecumene.sweeps.solving import Answer, Solver

FORMAT: Final = 1
"""Raised when parts change their meaning: older ones are then not read."""

HEADER: Final = b"ecumene_sweep"
FOLDER: Final = "parts"
_NAME: Final = re.compile(r"part-(\d{8})\.parquet")

DIED: Final = "worker_died"
"""Status of cases whose worker ended again and again while it solved them."""


class Part(NamedTuple):
    """A batch that is done: how many cases it has and how many failed, and the hash of its file."""

    batch: int
    cases: int
    failed: int
    sha256: str


class Made(NamedTuple):
    """A part and the bytes of its file."""

    part: Part
    data: bytes


def path_of(folder: Path, batch: int) -> Path:
    """Where the part of a batch lies in a sweep's folder."""
    return folder / FOLDER / f"part-{batch:08d}.parquet"


def batch_of(path: Path) -> int | None:
    """The batch whose part has this name; None for another file."""
    found = _NAME.fullmatch(path.name)
    return None if found is None else int(found[1])


def make(solver: Solver, batch: int, cases: Sequence[Case] | None = None) -> Made:
    """Solve the cases of a batch and make its part; `cases` where they have come along."""
    cases = solver.job.batch(batch) if cases is None else cases
    solver.begin()
    return _made(solver.job, batch, cases, [solver.solve(case) for case in cases])


def make_dead(job: Job, batch: int, reason: str) -> Made:
    """The part of a batch that no worker survived: every case has failed."""
    n_measures = len(job.file.measures)
    cases = job.batch(batch)
    answers = [
        Answer(
            np.full((len(job.worlds[case.world]["economies"]) + 1, n_measures), np.nan),
            DIED,
            reason,
            np.nan,
            0,
        )
        for case in cases
    ]
    return _made(job, batch, cases, answers)


def _made(job: Job, batch: int, cases: Sequence[Case], answers: list[Answer]) -> Made:
    table = _table(job, cases, answers)
    failed = sum(answer.status != "ok" for answer in answers)
    said = {"format": FORMAT, "hash": job.hash, "batch": batch, "cases": len(answers), "failed": failed}
    table = table.replace_schema_metadata({HEADER: json.dumps(said, sort_keys=True)})
    buffer = pa.BufferOutputStream()
    pa_parquet.write_table(table, buffer, write_page_checksum=True, compression="zstd")
    data = buffer.getvalue().to_pybytes()
    return Made(Part(batch, len(answers), failed, hashlib.sha256(data).hexdigest()), data)


def _table(job: Job, cases: Sequence[Case], answers: list[Answer]) -> pa.Table:
    """One row for every case and economy, and one for the world; numbers that are missing are null."""
    kept = [_kept(job, at) for at in range(len(job.worlds))]
    rows = np.array([len(kept[case.world]) for case in cases])
    columns: dict[str, Any] = {}

    def each(name: str, values: list[Any], kind: pa.DataType) -> None:
        columns[name] = pa.array(values, kind, from_pandas=True).take(
            pa.array(np.repeat(np.arange(len(cases)), rows))
        )

    word = pa.string()
    each("case", [case.number for case in cases], pa.int64())
    each("id", [case.identity for case in cases], word)
    each("world", [job.file.worlds[case.world] for case in cases], word)
    each("order", [job.order_names[case.order] for case in cases], word)
    each("shock", [job.shock_names[case.shock] for case in cases], word)
    for name in job.file.varied:
        kind = word if name in PARAMETERS and PARAMETERS[name].is_word else pa.float64()
        each(name, [case.values[name] for case in cases], kind)
    each("status", [answer.status for answer in answers], word)
    each("message", [answer.message for answer in answers], word)
    each("residual", [answer.residual for answer in answers], pa.float64())
    each("iterations", [answer.iterations for answer in answers], pa.int64())
    labels = [[*job.worlds[w]["economies"], WORLD] for w in range(len(job.worlds))]
    columns["economy"] = pa.array([labels[case.world][n] for case in cases for n in kept[case.world]], word)
    numbers = np.concatenate(
        [answer.numbers[kept[case.world]] for case, answer in zip(cases, answers, strict=True)]
    )
    for k, name in enumerate(job.file.measures):
        columns[name] = pa.array(numbers[:, k], pa.float64(), from_pandas=True)
    return pa.table(columns)


def _kept(job: Job, world: int) -> list[int]:
    """Places of the economies whose numbers are kept, and of the world as a whole, which comes last."""
    economies = job.worlds[world]["economies"]
    wanted = job.file.economies or economies
    return [*(economies.index(name) for name in wanted), len(economies)]


def write(folder: Path, made: Made) -> None:
    """Put a part in its place, whole or not at all. Errors: OutputError."""
    write_atomically(path_of(folder, made.part.batch), lambda temporary: _dump(temporary, made.data))


def _dump(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def read(path: Path, job_hash: str, known: Part | None = None) -> Part | None:
    """What a part's file says of itself; None where it is damaged, or of another sweep.

    Where its hash is known the file must have it; else every page is read and its checksum verified.
    """
    batch = batch_of(path)
    try:
        data = path.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        file = pa_parquet.ParquetFile(pa.BufferReader(data), page_checksum_verification=True)
        said = json.loads((file.schema_arrow.metadata or {})[HEADER])
        if known is None:
            file.read()
        elif known.sha256 != sha256:
            return None
        part = Part(int(said["batch"]), int(said["cases"]), int(said["failed"]), sha256)
        ours = said["format"] == FORMAT and said["hash"] == job_hash
    except (OSError, ValueError, KeyError, TypeError):  # pyarrow's own errors are among these
        return None
    return part if ours and part.batch == batch else None
