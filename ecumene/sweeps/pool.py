"""Spawned one-thread workers on this machine: each takes the next batch when it has put the last in its place."""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Final

from ecumene.errors import EcumeneError, SolveError
from ecumene.sweeps import parts
from ecumene.sweeps.executors import Executor, Heard
from ecumene.sweeps.job import Case, Job
from ecumene.sweeps.parts import Part
from ecumene.sweeps.worker import READY, THREADS

TRIES: Final = 3
"""A batch whose worker ends this often while it solves it is recorded as failed."""

_BEGIN: Final = "import sys; sys.path[:] = {path!r}; from ecumene.sweeps.worker import main; main()"


Worker = subprocess.Popen[bytes]


class Pool:
    """So many workers, each a process of its own with a thread here that feeds it."""

    def __init__(
        self, job: Job, batches: Sequence[int], folder: Path, count: int, waiting: deque[Worker]
    ) -> None:
        self._job, self._folder = job, folder
        self._message = pickle.dumps((job, str(folder)), protocol=pickle.HIGHEST_PROTOCOL)
        self._left, self._waiting = deque(batches), waiting
        self._lock = Lock()
        self._stopping = False
        self._running: dict[int, Worker] = {}
        self.news: SimpleQueue[Part | BaseException] = SimpleQueue()
        self._threads = [Thread(target=self._feed, args=(n,), daemon=True) for n in range(count)]

    def start(self) -> None:
        """Begin all of them."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End every worker at once; parts are whole or not there."""
        with self._lock:
            self._stopping = True
            running = list(self._running.values())
        for process in running:
            process.kill()
        for thread in self._threads:
            thread.join()

    def _next(self) -> int | None:
        with self._lock:
            return self._left.popleft() if self._left and not self._stopping else None

    def _feed(self, place: int) -> None:
        process: Worker | None = None
        try:
            while (batch := self._next()) is not None:
                answer: object = None
                cases = self._job.batch(batch)
                for _ in range(TRIES):
                    if process is None:
                        process = self._begin(place)
                    if process is None:
                        return
                    answer = _ask(process, batch, cases)
                    if answer is not None:
                        break
                    _end(process)
                    process = None
                    if self._stopping:
                        return
                    # It may have ended after the part was in its place.
                    answer = parts.read(parts.path_of(self._folder, batch), self._job.hash)
                    if answer is not None:
                        break
                if answer is None:
                    reason = (
                        f"its worker ended {TRIES} times while it solved this batch; is there enough memory?"
                    )
                    made = parts.make_dead(self._job, batch, reason)
                    parts.write(self._folder, made)
                    answer = made.part
                self.news.put(answer)  # type: ignore[arg-type]
                if not isinstance(answer, Part):
                    return
        except (EcumeneError, OSError, RuntimeError) as error:  # raised in the thread that asked
            self.news.put(error)
        finally:
            if process is not None:
                _end(process)

    def _begin(self, place: int) -> Worker | None:
        """A worker that waits, else a new one, that knows its job; None where all are to stop.

        Errors: SolveError where none gets so far.
        """
        for _ in range(TRIES):
            with self._lock:
                if self._stopping:
                    return None
                process = self._waiting.popleft() if self._waiting else _spawned()
                self._running[place] = process
            assert process.stdin is not None
            with contextlib.suppress(OSError):  # where it has ended already, hearing it will show
                process.stdin.write(self._message)
                process.stdin.flush()
            if _heard(process) == READY:
                return process
            _end(process)
        if self._stopping:
            return None
        raise SolveError(
            f"{TRIES} worker processes ended before they could begin; what they said stands above. Is there enough "
            "memory? --workers 0 solves in this process; what is done is kept"
        )


def _spawned() -> Worker:
    """A worker that loads what it needs, and waits for its job."""
    return subprocess.Popen(
        [sys.executable, "-c", _BEGIN.format(path=sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **THREADS},
        start_new_session=True,
    )


def _ask(process: Worker, batch: int, cases: Sequence[Case]) -> object:
    """A worker's answer for a batch; None where it ended."""
    assert process.stdin is not None
    try:
        process.stdin.write(pickle.dumps((batch, cases)))
        process.stdin.flush()
    except OSError:
        return None
    return _heard(process)


def _heard(process: Worker) -> object:
    """The next thing that a worker says; None where it has ended."""
    assert process.stdout is not None
    try:
        return pickle.load(process.stdout)
    except (OSError, EOFError, pickle.UnpicklingError):
        return None


def _end(process: Worker) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    process.kill()
    process.wait()


@contextlib.contextmanager
def begun(workers: int) -> Iterator[Executor]:
    """An executor whose workers begin to load what they need now, while the caller makes the job ready."""
    waiting = deque(_spawned() for _ in range(workers))
    try:
        yield partial(pool, workers=workers, waiting=waiting)
    finally:
        for process in waiting:
            _end(process)


def pool(
    job: Job,
    batches: Sequence[int],
    folder: Path,
    heard: Heard,
    workers: int,
    waiting: deque[Worker] | None = None,
) -> None:
    """Solve with so many workers, those that wait first. An error or an interrupt here ends all that have begun.

    Errors: OutputError of a worker, SolveError where workers cannot begin.
    """
    if not batches:
        return
    running = Pool(job, batches, folder, min(workers, len(batches)), deque() if waiting is None else waiting)
    try:
        running.start()
        for _ in batches:
            news = running.news.get()
            if isinstance(news, EcumeneError) or not isinstance(news, Part):
                raise news
            heard(news)
    finally:
        running.stop()
