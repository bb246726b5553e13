"""One process that computes, apart from the one that answers: it stays warm, and may crash or be stopped."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic
from typing import Any, Final, NamedTuple, final

from ecumene.errors import EcumeneError, InputError, OrderError, SolveError

Tell = Callable[[int, int, str], None]
Task = Callable[[Any, Tell], bytes]
"""From a request to the bytes of its result; calls the second argument after every step."""

GRACE: Final = 2.0
"""Seconds that a run may take to stop by itself before its process is ended."""

POLL: Final = 0.05

MEMORY: Final = 4_000_000_000
"""Bytes of memory that a worker may hold before its run is ended."""

ROOM: Final = 3
"""Times `MEMORY` that a worker may ask the system for: libraries reserve more than they hold."""

ONE_THREAD: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Several workers share the processors; each computes in one thread."""


class Step(NamedTuple):
    """`done` of `total` steps are behind, the last of them on `label`."""

    done: int
    total: int
    label: str


class Done(NamedTuple):
    """The result."""

    body: bytes


class Failed(NamedTuple):
    """Why there is no result: `input`, `solve`, `internal`, `crash`, `time`, `memory` or `cancelled`."""

    kind: str
    message: str
    problems: tuple[str, ...] = ()


News = Step | Done | Failed


class _Stopped(Exception):
    """Ends a run that nobody waits for."""


class _Asked(NamedTuple):
    """A request with its number; the number alone, without a request, asks it to stop."""

    number: int
    request: Any
    stop: bool = False


def _serve(pipe: Connection, task: Task, memory: int, nice: int) -> None:
    """The process: one request after another until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ONE_THREAD:
        os.environ[name] = "1"
    _bounded(memory * ROOM)
    if nice and hasattr(os, "nice"):  # not on Windows
        os.nice(nice)
    with suppress(EOFError, BrokenPipeError, ConnectionError):  # the server has gone
        while True:
            asked: _Asked = pipe.recv()
            if not asked.stop:
                pipe.send(_answered(asked, pipe, task))


def _answered(asked: _Asked, pipe: Connection, task: Task) -> News:
    """What a task makes of a request, or why it makes nothing."""

    def tell(done: int, total: int, label: str) -> None:
        while pipe.poll():
            if pipe.recv().number == asked.number:
                raise _Stopped
        pipe.send(Step(done, total, label))

    try:
        return Done(task(asked.request, tell))
    except _Stopped:
        return Failed("cancelled", "cancelled")
    except OrderError as error:
        return Failed("input", str(error).partition("\n")[0], error.problems)
    except InputError as error:
        return Failed("input", str(error))
    except SolveError as error:
        return Failed("solve", str(error))
    except EcumeneError as error:
        return Failed("internal", str(error))
    except MemoryError:
        return _too_large()
    except (EOFError, BrokenPipeError, ConnectionError):
        raise
    except Exception as error:  # noqa: BLE001 (whatever it is, the next request is served)
        return Failed("internal", f"{type(error).__name__}: {error}")


def _bounded(size: int) -> None:
    """Let the system refuse memory beyond a size, where it can."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    size = size if most == resource.RLIM_INFINITY else min(size, most)
    resource.setrlimit(resource.RLIMIT_DATA, (size, most))


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """What is started here does not hear Ctrl-C: the server ends its workers, whoever asked it to end."""
    if not hasattr(signal, "pthread_sigmask"):  # not on Windows
        yield
        return
    resource_tracker.ensure_running()  # which is started with the first process, and lets Ctrl-C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _held(process: BaseProcess) -> int:
    """Bytes of memory that a process holds; 0 where the system does not say."""
    try:
        pages = int(Path(f"/proc/{process.pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


@final
class Worker:
    """A process for one request at a time. `task` can be pickled, so that a new process can import it.

    A process that is `nice` leaves the processors to others that want them (0 to 19).
    """

    def __init__(self, task: Task, memory: int = MEMORY, nice: int = 0) -> None:
        self._task, self._memory, self._nice = task, memory, nice
        self._context = multiprocessing.get_context("spawn")  # never fork a process that has used JAX
        self._number = 0
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

    @property
    def alive(self) -> bool:
        """Whether there is a process, warm from what it did before."""
        return self._process is not None and self._process.is_alive()

    def _ready(self) -> tuple[BaseProcess, Connection]:
        if self._process is None or self._pipe is None or not self._process.is_alive():
            self.close()
            self._pipe, other = self._context.Pipe()
            self._process = self._context.Process(
                target=_serve,
                args=(other, self._task, self._memory, self._nice),
                name="ecumene-worker",
                daemon=True,
            )
            with _uninterrupted():
                self._process.start()
            other.close()
        return self._process, self._pipe

    def run(self, request: Any, seconds: float, unwanted: Callable[[], bool]) -> Iterator[News]:
        """Steps, and at the end the result or why there is none.

        A request out of time, or unwanted, is asked to end after its step, and its process is ended where it does not;
        one that holds too much memory ends with its process at once.
        """
        process, pipe = self._ready()
        self._number += 1
        end, last = monotonic() + seconds, None
        try:
            pipe.send(_Asked(self._number, request))
            while True:
                if pipe.poll(POLL):
                    news = pipe.recv()
                    if isinstance(news, Failed) and news.kind == "cancelled" and last == "time":
                        news = _late(seconds)
                    yield news
                    if not isinstance(news, Step):
                        return
                now = monotonic()
                if _held(process) > self._memory:
                    self.close()
                    yield _too_large()
                    return
                if last is None and (now > end or unwanted()):
                    last, end = ("cancelled" if unwanted() else "time"), now + GRACE
                    pipe.send(_Asked(self._number, None, stop=True))
                elif last is not None and now > end:
                    self.close()
                    yield _late(seconds) if last == "time" else Failed("cancelled", "cancelled")
                    return
        except (EOFError, OSError):
            process.join(GRACE)
            code = process.exitcode
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


def _too_large() -> Failed:
    return Failed("memory", "not enough memory for this run; ask for fewer orders, or a smaller world")
