"""What the routes share: worlds, results that are kept, and queues: quick, long, and for what takes minutes."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any, Final, NamedTuple, final

from pydantic import ValidationError

from ecumene.errors import InputError
from ecumene.orders import load_order, preset_names
from ecumene.processors import threads
from ecumene.web.ask import Ask, Asked, read
from ecumene.web.compute import Check, Compare, Compute, Describe, Export, OnWorld, Request, Warm
from ecumene.web.library import Library, Place, Unknown
from ecumene.web.queue import SECONDS, WAITING, WARMING, Queue, Run
from ecumene.web.store import Store
from ecumene.web.worker import MEMORY, Done, Failed, Task

QUICK_WAITING: Final = 32
"""Quick requests that may wait."""

MOST_WORKERS: Final = 4
"""Processes for quick requests at most."""

PATIENCE: Final = 20.0
"""Seconds that an answer waits for numbers, or for a check, before it says that they come later."""

LONG_NICE: Final = 5
PATIENT_NICE: Final = 10
"""How far processes of long runs, and of those that take minutes, give way to quick ones."""

PATIENT_SECONDS: Final = 1800.0
"""Time that a run may take in which accidents are drawn, or players choose tariffs before anybody asks."""

REST: Final = 60.0
"""Seconds without work after which the process of such runs ends."""

FIRST: Final = Ask(orders=["two-blocs"], why=True)
"""What is there before anybody asks."""


class Settings(NamedTuple):
    """Where results are kept, which worlds there are, how much is taken on, and what computes (for tests)."""

    store: Path
    worlds: Path | None = None
    waiting: int = WAITING
    seconds: float = SECONDS
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
    """Worlds, kept results and processes of one service. It begins at once, and ends with `close`, uploads included."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.library = Library(settings.worlds)
        self.store = Store(settings.store)
        self._facts: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self._first: Run | None = None
        self._spared: dict[str, Run] = {}
        self._closed = False
        task = settings.task or Compute(settings.store)
        point = FIRST.model_copy(update={"range": False, "why": False})
        quickly, slowly = (
            Warm(self._compare(read(ask))) if settings.warm else None for ask in (point, FIRST)
        )
        turn = threading.Lock()
        quick = min(threads(None), MOST_WORKERS)
        # Quick runs have the full time too: the first on a world of a new size compiles.
        self._quick = Queue(
            task,
            self.store,
            waiting=QUICK_WAITING,
            seconds=settings.seconds,
            workers=quick,
            warm=quickly,
            memory=settings.memory,
            turn=turn,
            back=1,
        )
        self._long = Queue(
            task,
            self.store,
            waiting=settings.waiting,
            seconds=settings.seconds,
            warm=slowly,
            memory=settings.memory,
            turn=turn,
            nice=LONG_NICE,
        )
        self._patient = Queue(
            task,
            self.store,
            waiting=settings.waiting,
            seconds=PATIENT_SECONDS,
            memory=settings.memory,
            nice=PATIENT_NICE,
            rest=REST,
        )

    def first(self) -> Run:
        """The run that a page begins with; begun again where it failed. Errors: Full."""
        with self._lock:
            if self._first is None or (self._first.news and isinstance(self._first.news[-1], Failed)):
                request = self._compare(read(FIRST))
                self._first = self._long.submit(request.key, request, request.asked.said)
            return self._first

    def ready(self) -> bool:
        """Wait for the first numbers, as long as getting ready may take; false where the engine ended meanwhile."""
        self.first().wait(WARMING + self.settings.seconds)
        return not self._closed

    def use_spare_time(self) -> None:
        """Compute presets that take long, so that they are there when somebody looks; what is kept, at once."""
        for name in slow_presets():
            for ask in (Ask(orders=[name], range=False), Ask(orders=[name], why=True)):
                request = self._compare(read(ask))
                with self._lock:
                    if self._closed:
                        return
                    run = self._patient.submit(request.key, request, request.asked.said)
                    if request.asked.point:
                        self._spared[name] = run

    def spared(self) -> dict[str, Run]:
        """Presets that are computed in spare time, and how their point estimates stand."""
        return dict(self._spared)

    def _compare(self, asked: Asked) -> Compare:
        place = self.library.find(asked.world)
        return Compare(place, asked, asked.key(place.identity))

    def start(self, asked: Asked) -> Run:
        """A comparison; over at once where its numbers are kept. Errors: Unknown, Unmade (kind input), Full."""
        request = self._compare(asked)
        queue = self._queue(asked)
        kept = queue.kept(request.key, request, asked.said)
        if kept is None and not asked.quick:
            self._check(request)
        return kept or queue.submit(request.key, request, asked.said)

    def _queue(self, asked: Asked) -> Queue:
        """Where a comparison waits its turn."""
        if asked.quick:
            return self._quick
        return self._patient if asked.rest["security"] else self._long

    def _check(self, request: Compare) -> None:
        """Refuse at once what would fail in its turn. Errors: Unmade (kind input, with problems), Full."""
        run = self._quick.submit(None, Check(request))
        if run.wait(PATIENCE) and isinstance(run.news[-1], Failed) and run.news[-1].kind == "input":
            raise Unmade(run.news[-1])

    def find(self, name: str) -> Run | None:
        """A run by its id: one that is remembered, or whose result is kept."""
        found = (queue.find(name) for queue in (self._quick, self._long, self._patient))
        return next((run for run in found if run is not None), None) or self._recalled(name)

    def _recalled(self, name: str) -> Run | None:
        """A run that is no longer remembered, from the store; None where its result is not there either."""
        found = self.store.recall(name)
        body = None if found is None else self.store.get(found[0])
        if found is None or body is None:
            return None
        key, said = found
        try:
            asked = read(Ask.model_validate_json(said))
        except (InputError, ValidationError):  # of another version, whose presets or questions were others
            return None
        run = Run(name, key, Compare(self._place(asked.world), asked, key), said)
        run.tell(Done(body))
        return run

    def _place(self, world: str) -> Place:
        """A world by name, also one that was here before."""
        try:
            return self.library.find(world)
        except Unknown:
            return self.library.gone(world)

    def cancel(self, run: Run) -> None:
        """Stop a run, whether it waits or is at work; one that is over, or is made for everybody, stays as it is."""
        if any(run is spared for spared in self._spared.values()):
            return
        self._queue(run.request.asked).cancel(run)

    def made(self, request: Request, long: bool = False) -> bytes:
        """An answer that is waited for. Errors: Unmade, Full."""
        run = (self._long if long else self._quick).submit(None, request)
        run.wait(2 * self.settings.seconds)
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
        export = Export(run.request, document_of(run)["hash"], suffix)
        # What is kept whole is written at once, whatever is being computed.
        if not run.request.asked.quick and (kept := self.made(export._replace(again=False))):
            return kept
        place = run.request.place
        if place.path is not None and not place.path.exists():
            raise Unmade(
                Failed("input", f"the world '{place.title}' is no longer here; upload it and run again")
            )
        return self.made(export, long=not run.request.asked.quick)

    def close(self) -> None:
        """End what runs, the processes and the uploads."""
        with self._lock:
            self._closed = True
        self._patient.close()
        self._quick.close()
        self._long.close()
        self.library.close()
        self.store.close()


def slow_presets() -> list[str]:
    """Presets that are not answered at once: tariffs are chosen in them."""
    return [name for name in preset_names() if load_order(name).tariff_game is not None]


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
