"""Runs that wait their turn: bounded, each with its news for whoever listens."""

from __future__ import annotations

import base64
import hashlib
import logging
import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, final

from ecumene.web.store import Handed, Store
from ecumene.web.worker import MEMORY, Done, Failed, News, Task, Worker

WAITING: Final = 16
"""Runs that may wait."""

REMEMBERED: Final = 200
"""Runs that are over and still answer from memory; others answer as long as their result is in the store."""

HELD: Final = 50_000_000
"""Bytes of results that runs which are over may hold in memory."""

SECONDS: Final = 300.0
"""Time that one run may take."""

WARMING: Final = 600.0
"""Seconds that a process may take to get ready."""


class Full(Exception):
    """Too many runs wait; try again after so many seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many runs wait; try again in {retry_after} s")
        self.retry_after = retry_after


@dataclass
class Run:
    """One request: its key among results, and what has been told about it."""

    id: str
    key: str | None
    request: Any
    said: str = ""
    news: list[News] = field(default_factory=list)
    cancelled: bool = False
    seconds: float = 0.0
    changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def over(self) -> bool:
        """Whether there is a result, or a reason why there is none."""
        return bool(self.news) and isinstance(self.news[-1], Done | Failed)

    @property
    def handed(self) -> Handed | None:
        """What is noted of it beside its result; None where nothing was said of it."""
        return Handed(self.id, self.said) if self.said else None

    @property
    def size(self) -> int:
        """Bytes of its result."""
        last = self.news[-1] if self.news else None
        return len(last.body) if isinstance(last, Done) else 0

    def tell(self, news: News) -> None:
        """Add news and wake who listens."""
        with self.changed:
            self.news.append(news)
            self.changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Whether the run is over, or is so within this time."""
        with self.changed:
            return self.changed.wait_for(lambda: self.over, seconds)


@final
class Queue:
    """Runs one after another in each of several workers' processes; what is in the store is not computed again."""

    def __init__(
        self,
        task: Task,
        store: Store,
        *,
        waiting: int = WAITING,
        seconds: float = SECONDS,
        workers: int = 1,
        warm: Any = None,
        memory: int = MEMORY,
        turn: threading.Lock | None = None,
        nice: int = 0,
        back: int = 30,
        rest: float | None = None,
    ) -> None:
        self._back, self._rest = back, rest
        self._turn = turn or threading.Lock()
        self._store, self._most, self._seconds, self._warm = store, waiting, seconds, warm
        self._waiting: deque[Run] = deque()
        self._runs: dict[str, Run] = {}
        self._closed = False
        self._changed = threading.Condition()
        self._workers = [Worker(task, memory, nice) for _ in range(workers)]
        self._threads = [
            threading.Thread(target=self._work, args=(worker,), name="ecumene-queue", daemon=True)
            for worker in self._workers
        ]
        for thread in self._threads:
            thread.start()

    def kept(self, key: str, request: Any, said: str = "") -> Run | None:
        """A run that is over, where its result is kept: always of one id, so that asking often leaves one trace."""
        run = Run(_name_of(key), key, request, said)
        body = self._store.get(key, run.handed)
        if body is None:
            return None
        run.tell(Done(body))
        with self._changed:
            self._remember(run)
        return run

    def submit(self, key: str | None, request: Any, said: str = "") -> Run:
        """A run of a request; over at once where its result is kept. Without a key nothing is kept. Errors: Full.

        What is `said` of the run is kept with its result, and lets it be found again by its id.
        """
        if key is not None and (kept := self.kept(key, request, said)) is not None:
            return kept
        run = Run(secrets.token_urlsafe(12), key, request, said)
        with self._changed:
            if len(self._waiting) >= self._most:
                raise Full(retry_after=self._back)
            self._waiting.append(run)
            self._changed.notify()
            if key is not None:
                self._remember(run)
        return run

    def _remember(self, run: Run) -> None:
        self._runs[run.id] = run
        over = [other for other in self._runs.values() if other.over]
        held = sum(other.size for other in over)
        for number, old in enumerate(over):
            if len(over) - number <= REMEMBERED and held <= HELD:
                return
            held -= old.size
            del self._runs[old.id]

    def find(self, name: str) -> Run | None:
        """A run by its id."""
        with self._changed:
            return self._runs.get(name)

    def cancel(self, run: Run) -> None:
        """Stop a run, whether it waits or is at work; one that is over stays as it is."""
        with self._changed:
            run.cancelled = True
            if run in self._waiting:
                self._waiting.remove(run)
                run.tell(Failed("cancelled", "cancelled"))

    def close(self) -> None:
        """End what runs, and the processes that compute."""
        with self._changed:
            self._closed = True
            waiting = list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
        for run in waiting:
            run.tell(Failed("cancelled", "cancelled"))
        for thread in self._threads:
            thread.join()
        for worker in self._workers:
            worker.close()

    def _work(self, worker: Worker) -> None:
        while True:
            with _survived("a process did not get ready"):
                self._make_ready(worker)
            with self._changed:
                if not self._changed.wait_for(self._wanted, self._rest):
                    worker.close()  # for now: the next run starts another process
                    self._changed.wait_for(self._wanted)
                if self._closed:
                    return
                run = self._waiting.popleft()
            with _survived("a run could not be made"):
                self._make(worker, run)
            if not run.over:
                run.tell(Failed("internal", "the service could not make this run; its log says why"))

    def _make(self, worker: Worker, run: Run) -> None:
        if run.key is not None and (body := self._store.get(run.key, run.handed)) is not None:
            run.tell(Done(body))  # another run made it meanwhile
            return
        began = monotonic()
        for news in worker.run(run.request, self._seconds, self._unwanted(run)):
            run.seconds = monotonic() - began
            if isinstance(news, Done) and run.key is not None:
                self._store.put(run.key, news.body, run.handed)
            run.tell(news)

    def _wanted(self) -> bool:
        return bool(self._waiting) or self._closed

    def _make_ready(self, worker: Worker) -> None:
        """At first, and after a crash; one process at a time, so that the first is soon ready and compiles for all."""
        if self._warm is None or worker.alive:
            return
        with self._turn:
            if not self._closed:
                for _ in worker.run(self._warm, WARMING, lambda: self._closed):
                    pass

    def _unwanted(self, run: Run) -> Callable[[], bool]:
        return lambda: run.cancelled or self._closed


@contextmanager
def _survived(what: str) -> Iterator[None]:
    """What goes wrong in one run is logged and ends no thread: the next run is served."""
    try:
        yield
    except Exception:
        logging.getLogger(__name__).exception(what)


def _name_of(key: str) -> str:
    """The id of a run whose result was there: 16 characters, as of every run."""
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()[:12]).decode()
