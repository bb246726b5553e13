"""Ctrl-C and requests to end unwind at once; while compiled libraries are imported, as soon as that is done.

Such an import may lose an exception raised in its midst, or crash on it.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs


class _Requests:
    """Whether the user asked to stop, and whether that has to wait."""

    asked = False
    waiting = False
    kept = ""


def _stop(number: int, frame: object) -> None:
    again, _Requests.asked = _Requests.asked, True
    if again or not _Requests.waiting:
        raise KeyboardInterrupt


@contextmanager
def stoppable() -> Iterator[None]:
    """SIGTERM and SIGHUP unwind as Ctrl-C does, so that nothing is left half written."""
    _Requests.asked = _Requests.waiting = False
    _Requests.kept = ""
    asked = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():  # only the main thread may handle signals
        asked = []
    ours = (signal.SIG_DFL, signal.default_int_handler)  # `nohup` ignores SIGHUP: that stays so
    before = {number: signal.getsignal(number) for number in asked if signal.getsignal(number) in ours}
    for number in before:
        signal.signal(number, _stop)
    told = sys.unraisablehook

    def unraisable(what: UnraisableHookArgs) -> None:
        """A request to stop that met a callback (as of garbage collection) is not lost: `check` hears of it."""
        if not (_Requests.asked and isinstance(what.exc_value, KeyboardInterrupt)):
            told(what)

    sys.unraisablehook = unraisable
    try:
        yield
    finally:
        sys.unraisablehook = told
        for number, handler in before.items():
            signal.signal(number, handler)


def keeps(what: str) -> None:
    """From here on a command that is stopped leaves something that helps the next one."""
    _Requests.kept = what


def kept() -> str:
    """What the command that was stopped leaves for the next one; empty for nothing."""
    return _Requests.kept


@contextmanager
def waiting() -> Iterator[None]:
    """Requests to stop wait until the end of this block; a second one does not."""
    _Requests.waiting = True
    try:
        yield
    finally:
        _Requests.waiting = False
    check()


def check() -> None:
    """KeyboardInterrupt where the user asked to stop, even if a library lost the first one."""
    if _Requests.asked:
        raise KeyboardInterrupt
