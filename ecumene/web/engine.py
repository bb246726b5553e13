"""What the routes share: worlds, results that are kept, and two queues, one for what is quick and one for the rest."""

from __future__ import annotations

import json
import threading
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple, final

from ecumene.processors import threads
from ecumene.web.ask import Ask, Asked, read
from ecumene.web.compute import Compare, Compute, Describe, Export, OnWorld, Request, Warm
from ecumene.web.library import Library, Place
from ecumene.web.queue import SECONDS, WAITING, Queue, Run
from ecumene.web.store import Store
from ecumene.web.worker import MEMORY, Done, Failed, Task

QUICK_WAITING: Final = 32
"""Quick requests that may wait."""

QUICK_SECONDS: Final = 30.0
"""Time that a quick request may take."""

MOST_WORKERS: Final = 4
"""Processes for quick requests at most."""

PATIENCE: Final = 20.0
"""Seconds that the answer to a new quick run waits for its numbers."""

FIRST: Final = Ask(orders=["two-blocs"], why=True)
"""What is there before anybody asks."""


class Settings(NamedTuple):
    """Where results are kept, which worlds there are, how much is taken on, and what computes (for tests)."""

    store: Path
    worlds: Path | None = None
    waiting: int = WAITING
    seconds: float = SECONDS
    quick_seconds: float = QUICK_SECONDS
    memory: int = MEMORY
    task: Task | None = None
    warm: bool = True


class Unmade(Exception):
    """Something asked for that could not be made: the kind of failure, a sentence, and problems one by one."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.message)
        self.failed = failed


@final
class Engine:
    """Begins with its first use and ends with `close`, processes and uploads included."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.library = Library(settings.worlds)
        self.store = Store(settings.store)
        self._facts: dict[str, bytes] = {}
        self._lock = threading.Lock()
        task = settings.task or Compute(settings.store)
        point = FIRST.model_copy(update={"range": False, "why": False})
        quickly, slowly = (
            Warm(self._compare(read(ask))) if settings.warm else None for ask in (point, FIRST)
        )
        turn = threading.Lock()
        quick = min(threads(None), MOST_WORKERS)
        self._quick = Queue(
            task, self.store, QUICK_WAITING, settings.quick_seconds, quick, quickly, settings.memory, turn
        )
        self._long = Queue(
            task, self.store, settings.waiting, settings.seconds, 1, slowly, settings.memory, turn
        )

    @cached_property
    def first(self) -> Run:
        """The run that a page begins with."""
        return self.start(read(FIRST))

    def _compare(self, asked: Asked) -> Compare:
        place = self.library.find(asked.world)
        return Compare(place, asked, asked.key(place.identity))

    def start(self, asked: Asked) -> Run:
        """A comparison; over at once where its numbers are kept. Errors: Unknown, Full."""
        request = self._compare(asked)
        return (self._quick if asked.quick else self._long).submit(request.key, request)

    def find(self, name: str) -> Run | None:
        """A run by its id."""
        return self._quick.find(name) or self._long.find(name)

    def cancel(self, run: Run) -> None:
        """Stop a run, whether it waits or is at work; one that is over stays as it is."""
        (self._quick if run.request.asked.quick else self._long).cancel(run)

    def made(self, request: Request, long: bool = False) -> bytes:
        """An answer that is waited for. Errors: Unmade, Full."""
        run = (self._long if long else self._quick).submit(None, request)
        run.wait(self.settings.seconds + self.settings.quick_seconds)
        return body_of(run)

    def facts(self, place: Place) -> dict[str, Any]:
        """A world's facts. Errors: Unmade, Full."""
        with self._lock:
            known = self._facts.get(place.identity)
        if known is None:
            known = self.made(Describe(place))
            with self._lock:
                self._facts[place.identity] = known
        return json.loads(known)

    def on_world(self, world: str, orders: tuple) -> list[dict[str, Any]]:
        """What orders are on a world. Errors: Unknown, Unmade (kind input, with problems), Full."""
        return json.loads(self.made(OnWorld(self.library.find(world), orders)))

    def file(self, run: Run, suffix: str) -> bytes:
        """A file of a run that is done. Errors: Unmade, Full."""
        digest = document_of(run)["hash"]
        return self.made(Export(run.request, digest, suffix), long=not run.request.asked.quick)

    def close(self) -> None:
        """End what runs, the processes and the uploads."""
        self._quick.close()
        self._long.close()
        self.library.close()
        self.store.close()


def body_of(run: Run) -> bytes:
    """The bytes of a run's answer. Errors: Unmade where it is not over, or failed."""
    last = run.news[-1] if run.news else None
    if isinstance(last, Failed):
        raise Unmade(last)
    if not isinstance(last, Done):
        raise Unmade(Failed("waits", "the run is not over; wait for its `done`"))
    return last.body


def document_of(run: Run) -> dict[str, Any]:
    """What pages read of a run that is done. Errors: as of `body_of`."""
    return json.loads(body_of(run))
