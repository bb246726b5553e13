"""One process that computes, apart from the one that answers: it stays warm, and may crash or be stopped."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from time import monotonic
from typing import Any, Final, NamedTuple, final

from ecumene.errors import EcumeneError, InputError

Tell = Callable[[int, int, str], None]
Task = Callable[[Any, Tell], bytes]
"""From a request to the bytes of its result; calls the second argument after every step."""

GRACE: Final = 2.0
"""Seconds that a run may take to stop by itself before its process is ended."""

POLL: Final = 0.05


class Step(NamedTuple):
    """`done` of `total` steps are behind, the last of them on `label`."""

    done: int
    total: int
    label: str


class Done(NamedTuple):
    """The result."""

    body: bytes


class Failed(NamedTuple):
    """Why there is no result: `input`, `solve`, `internal`, `crash`, `time` or `cancelled`."""

    kind: str
    message: str


News = Step | Done | Failed


class _Stopped(Exception):
    """Ends a run that nobody waits for."""


def _serve(pipe: Connection, stop: Any, task: Task) -> None:
    """The process: one request after another until the pipe closes."""
    while True:
        try:
            request = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return

        def tell(done: int, total: int, label: str) -> None:
            if stop.is_set():
                raise _Stopped
            pipe.send(Step(done, total, label))

        try:
            answer: News = Done(task(request, tell))
        except _Stopped:
            answer = Failed("cancelled", "cancelled")
        except InputError as error:
            answer = Failed("input", str(error))
        except EcumeneError as error:
            answer = Failed("solve", str(error))
        except MemoryError:
            answer = Failed(
                "memory", "not enough memory for this run; ask for fewer orders, or a smaller world"
            )
        except Exception as error:  # noqa: BLE001 (whatever it is, the next request is served)
            answer = Failed("internal", f"{type(error).__name__}: {error}")
        pipe.send(answer)


@final
class Worker:
    """A process for one request at a time. `task` is a function of a module, so that a new process can import it."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._context = multiprocessing.get_context("spawn")  # never fork a process that has used JAX
        self._stop = self._context.Event()
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

    def _ready(self) -> Connection:
        if self._process is None or self._pipe is None or not self._process.is_alive():
            self.close()
            self._pipe, other = self._context.Pipe()
            self._process = self._context.Process(
                target=_serve, args=(other, self._stop, self._task), name="ecumene-worker", daemon=True
            )
            self._process.start()
            other.close()
        return self._pipe

    def run(self, request: Any, seconds: float, unwanted: Callable[[], bool]) -> Iterator[News]:
        """Steps, and at the end the result or why there is none. A request out of time, or unwanted, is stopped:

        it is asked to end after its step, and its process is ended where it does not.
        """
        self._stop.clear()
        pipe = self._ready()
        end, last = monotonic() + seconds, None
        try:
            pipe.send(request)
            while True:
                if pipe.poll(POLL):
                    news = pipe.recv()
                    if isinstance(news, Failed) and news.kind == "cancelled" and last == "time":
                        news = _late(seconds)
                    yield news
                    if not isinstance(news, Step):
                        return
                now = monotonic()
                if last is None and (now > end or unwanted()):
                    last, end = ("cancelled" if unwanted() else "time"), now + GRACE
                    self._stop.set()
                elif last is not None and now > end:
                    self.close()
                    yield _late(seconds) if last == "time" else Failed("cancelled", "cancelled")
                    return
        except (EOFError, OSError):
            code = None if self._process is None else self._process.exitcode
            self.close()
            yield Failed("crash", f"the run's process ended by itself (code {code}); the server goes on")

    def close(self) -> None:
        """End the process; the next request starts another."""
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._process = self._pipe = None


def _late(seconds: float) -> Failed:
    return Failed("time", f"the run took longer than {seconds:g} s; ask for fewer orders, or a smaller world")
