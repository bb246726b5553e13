"""Spawned one-thread workers on this machine: each takes the next batch when it has put the last in its place."""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Final

from ecumene.errors import EcumeneError
from ecumene.sweeps import parts
from ecumene.sweeps.executors import Heard
from ecumene.sweeps.job import Job
from ecumene.sweeps.parts import Part
from ecumene.sweeps.worker import THREADS

TRIES: Final = 3
"""A batch whose worker ends this often while it solves it is recorded as failed."""

_BEGIN: Final = "import sys; sys.path[:] = {path!r}; from ecumene.sweeps.worker import main; main()"


class Pool:
    """So many workers, each a process of its own with a thread here that feeds it."""

    def __init__(self, job: Job, batches: Sequence[int], folder: Path, count: int) -> None:
        self._job, self._folder = job, folder
        self._message = pickle.dumps((job, str(folder)), protocol=pickle.HIGHEST_PROTOCOL)
        self._left = deque(batches)
        self._lock = Lock()
        self._stopping = False
        self._running: dict[int, subprocess.Popen[bytes]] = {}
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
        process: subprocess.Popen[bytes] | None = None
        try:
            while (batch := self._next()) is not None:
                answer: object = None
                for _ in range(TRIES):
                    if process is None:
                        process = self._begin(place)
                    if process is None:
                        return
                    answer = _ask(process, batch)
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

    def _begin(self, place: int) -> subprocess.Popen[bytes] | None:
        """A new worker that knows its job; None where all are to stop."""
        environment = {**os.environ, **THREADS}
        command = [sys.executable, "-c", _BEGIN.format(path=sys.path)]
        with self._lock:
            if self._stopping:
                return None
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )
            self._running[place] = process
        assert process.stdin is not None
        with contextlib.suppress(OSError):  # where it has ended already, asking it will show
            process.stdin.write(self._message)
            process.stdin.flush()
        return process


def _ask(process: subprocess.Popen[bytes], batch: int) -> object:
    """A worker's answer for a batch; None where it ended."""
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(pickle.dumps(batch))
        process.stdin.flush()
        return pickle.load(process.stdout)
    except (OSError, EOFError, pickle.UnpicklingError):
        return None


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    process.kill()
    process.wait()


def pool(job: Job, batches: Sequence[int], folder: Path, heard: Heard, workers: int) -> None:
    """Solve with so many workers. An error or an interrupt here ends them all. Errors: OutputError of a worker."""
    if not batches:
        return
    running = Pool(job, batches, folder, min(workers, len(batches)))
    try:
        running.start()
        for _ in batches:
            news = running.news.get()
            if isinstance(news, EcumeneError) or not isinstance(news, Part):
                raise news
            heard(news)
    finally:
        running.stop()
