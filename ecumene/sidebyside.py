"""Work done side by side in threads, with progress told in the thread that asked for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event
from typing import TypeVar

from ecumene.processors import threads

Progress = Callable[[int, int, str], None]
"""Called as progress(done, total, label) after every step, in the thread that asked for it: the one callback of CLI,
web and sweeps."""

Tell = Callable[[str], None]

T = TypeVar("T")


class Count:
    """Counts finished steps and tells the caller."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._progress, self._done = total, progress, 0

    def add(self, label: str, steps: int = 1) -> None:
        """So many more steps are done, or need not be."""
        self._done += steps
        if self._progress is not None:
            self._progress(self._done, self._total, label)


def together(tasks: Sequence[Callable[[Tell], T]], tell: Tell, workers: int | None) -> list[T]:
    """Every task's outcome, several at a time; `tell` is called here, not in the threads that work.

    An error or an interrupt ends the rest: each thread stops after the step that it is in. What is one at a time needs
    no threads.
    """
    if len(tasks) < 2 or threads(workers) < 2:
        return [task(tell) for task in tasks]
    news: SimpleQueue[str | Future[T]] = SimpleQueue()
    stop = Event()

    def heard(label: str) -> None:
        if stop.is_set():
            raise _Stopped
        news.put(label)

    with ThreadPoolExecutor(threads(workers)) as pool:
        running = [pool.submit(task, heard) for task in tasks]
        for future in running:
            future.add_done_callback(news.put)
        try:
            left = len(running)
            while left:
                new = news.get()
                if isinstance(new, str):
                    tell(new)
                else:
                    new.result()
                    left -= 1
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [future.result() for future in running]


class _Stopped(Exception):
    """Ends a task whose outcome nobody waits for any more."""
