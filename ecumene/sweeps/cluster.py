"""A Dask cluster: the job once to every worker, batches in tasks sized by measurement, parts in their place.

A worker that sees the sweep's folder writes its parts there itself, so that nothing that is finished waits for anybody;
one on a machine that does not see it sends them, and they are written here.
"""

from __future__ import annotations

import logging
import math
import pickle
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ecumene.errors import EcumeneError, InputError, SolveError
from ecumene.sweeps import parts
from ecumene.sweeps.executors import Heard
from ecumene.sweeps.job import Job
from ecumene.sweeps.outcome import INSTALL
from ecumene.sweeps.parts import Made, Part
from ecumene.sweeps.solving import Solver
from ecumene.sweeps.store import MANIFEST
from ecumene.sweeps.worker import THREADS

if TYPE_CHECKING:
    from distributed import Client

LOCAL: Final = "local"

TASK_SECONDS: Final = 2.0
"""Tasks are so many batches as take about this long: short beside a lost worker, long beside a message."""

AHEAD: Final = 2
"""Tasks that wait for each thread, so that none is idle and few are lost with a scheduler."""

MOST_BATCHES: Final = 256

CONNECT_SECONDS: Final = 20.0

TALKATIVE: Final = (
    "distributed",
    "distributed.client",
    "distributed.core",
    "distributed.nanny",
    "tornado.application",
)


class Solved(NamedTuple):
    """A batch that a worker has solved, its seconds, and its file where the worker could not write it."""

    part: Part
    seconds: float
    data: bytes | None


class _Held(threading.local):
    """The solver of a thread of a worker, with the sweep that it is for."""

    sweep = ""
    solver: Solver | None = None


_HELD = _Held()


def solve_on_worker(key: str, batches: list[int], folder: str) -> list[Solved]:
    """Solve batches on a worker that has been sent the job; those whose part is in its place are only read."""
    from distributed import get_worker

    job: Job = get_worker().plugins[key].job  # type: ignore[attr-defined]
    if _HELD.sweep != key or _HELD.solver is None:
        _HELD.sweep, _HELD.solver = key, Solver(job)
    place = Path(folder)
    visible = _sees(place, job)
    found: list[Solved] = []
    for batch in batches:
        begin = time.perf_counter()
        part = parts.read(parts.path_of(place, batch), job.hash) if visible else None
        if part is not None:  # by a worker that was lost before it could tell
            found.append(Solved(part, 0.0, None))
            continue
        made = parts.make(_HELD.solver, batch)
        if visible:
            parts.write(place, made)
        found.append(Solved(made.part, time.perf_counter() - begin, None if visible else made.data))
    return found


def _sees(folder: Path, job: Job) -> bool:
    """Whether this machine sees the sweep's own folder, and no other of that name."""
    try:
        return f'"hash": "{job.hash}"' in (folder / MANIFEST).read_text(encoding="utf-8")
    except OSError:
        return False


def _plugin(message: bytes) -> Any:
    """What brings the job to every worker, also to one that comes later or comes back."""
    from distributed import WorkerPlugin

    class Carrier(WorkerPlugin):
        """The job, unpacked once a worker."""

        def setup(self, worker: Any) -> None:
            self.job: Job = pickle.loads(message)

    return Carrier()


def dask(job: Job, batches: Sequence[int], folder: Path, heard: Heard, address: str, workers: int) -> None:
    """Solve on a Dask cluster; a worker that is lost loses nothing but the batches it had not finished.

    While the cluster has no worker it waits for one. Errors: InputError (no Dask, no scheduler at the address),
    SolveError (the scheduler is lost).
    """
    if not batches:
        return
    try:
        import distributed as distributed  # it sets how much it logs when it is imported
    except ImportError as error:
        raise InputError(
            f"--cluster needs Dask; {INSTALL}, or leave it out to solve on this machine"
        ) from error
    with _silent(), _client(address, workers) as client:
        _follow(client, job, deque(batches), folder.absolute(), heard)


@contextmanager
def _silent() -> Iterator[None]:
    """Dask tells lost connections with tracebacks of its own; here they become one error, with what to do."""
    before = {name: logging.getLogger(name).level for name in TALKATIVE}
    for name in before:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


@contextmanager
def _client(address: str, workers: int) -> Iterator[Client]:
    from dask import config
    from distributed import Client, LocalCluster

    quiet = {"distributed.worker.daemon": True, "distributed.comm.timeouts.connect": f"{CONNECT_SECONDS} s"}
    with config.set(quiet):
        if address == LOCAL:
            with (
                LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    dashboard_address=None,  # type: ignore[arg-type]
                    env=dict(THREADS),
                ) as cluster,
                Client(cluster) as client,
            ):
                yield client
            return
        try:
            client = Client(address, timeout=CONNECT_SECONDS)
        except (OSError, ValueError, TimeoutError) as error:
            raise InputError(
                f"no Dask scheduler answers at '{address}' ({error or type(error).__name__}); start one with "
                "`dask scheduler`, give its address as tcp://HOST:8786, or 'local'"
            ) from error
        try:
            yield client
        finally:
            with suppress(Exception):  # the scheduler may be gone
                client.close(timeout=5)


def _follow(client: Client, job: Job, left: deque[int], folder: Path, heard: Heard) -> None:
    from distributed import as_completed
    from distributed.scheduler import KilledWorker

    key = f"ecumene-sweep-{job.hash[:16]}"
    lost = "the Dask cluster was lost ({reason}); what is recorded is kept, run the sweep again to go on"
    try:
        client.register_plugin(_plugin(pickle.dumps(job, protocol=pickle.HIGHEST_PROTOCOL)), name=key)
        waiting: dict[Any, list[int]] = {}
        size, done = 1, 0
        total = len(left)

        def submit(chosen: list[int]) -> Any:
            future = client.submit(solve_on_worker, key, chosen, str(folder), pure=False)
            waiting[future] = chosen
            return future

        def more() -> list[Any]:
            known: Any = client.nthreads()
            threads = max(sum(known.values()), 1)
            fair = max(math.ceil(len(left) / (AHEAD * threads)), 1)  # the last tasks keep all workers busy
            begun = []
            while left and len(waiting) < AHEAD * threads:
                begun.append(submit([left.popleft() for _ in range(min(size, fair, len(left)))]))
            return begun

        arriving = as_completed(more())
        for future in arriving:
            chosen = waiting.pop(future)
            if future.status != "finished":
                error = future.exception()
                if isinstance(error, EcumeneError):  # a worker could not write
                    raise error
                if not isinstance(error, KilledWorker):
                    raise SolveError(lost.format(reason=f"{type(error).__name__}: {error}")) from error
                if len(chosen) > 1:  # which of them it was shows when each goes alone
                    for batch in chosen:
                        arriving.add(submit([batch]))
                    continue
                reason = "every worker that began this batch ended; is there enough memory?"
                answers = [_dead(job, chosen[0], reason)]
            else:
                answers = future.result()
            for answer in answers:
                if answer.data is not None:
                    parts.write(folder, Made(answer.part, answer.data))
                heard(answer.part)
                done += 1
            slowest = max(answer.seconds for answer in answers)
            if slowest > 0:
                size = min(max(int(TASK_SECONDS / slowest), 1), MOST_BATCHES)
            for begun in more():
                arriving.add(begun)
            if done == total:
                return
    except (OSError, TimeoutError, RuntimeError) as error:  # Dask's own of lost connections are among these
        raise SolveError(lost.format(reason=str(error) or type(error).__name__)) from error


def _dead(job: Job, batch: int, reason: str) -> Solved:
    made = parts.make_dead(job, batch, reason)
    return Solved(made.part, 0.0, made.data)
