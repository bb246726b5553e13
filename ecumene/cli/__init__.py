"""The command line: parses, calls the library, prints, and turns errors into exit codes.

0 fine, 1 a run or a write failed, 2 bad input, 130 interrupted. Nothing heavy is imported before a
command needs it.
"""

from __future__ import annotations

import io
import os
import shlex
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from ecumene.cli.interrupts import kept, stoppable

FINE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
STOPPED = "interrupted; nothing is left half written"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no traceback reaches the user."""
    _open_streams()
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        with stoppable(), _short_warnings():
            return _run(given)
    except KeyboardInterrupt:
        return _stopped(given)
    except BrokenPipeError:  # the reader of our output has gone, as in `ecumene compare | head`
        _drop_stdout()
        return FAILED
    except OSError as error:
        _drop_stdout()
        where = f" ({error.filename})" if error.filename else ""
        return _say(f"reading or writing failed: {error.strerror or error}{where}", FAILED)
    except MemoryError:
        return _say("not enough memory; use a smaller world (World.aggregate or World.select)", FAILED)
    except Exception as error:  # a defect of ours must not look like the user's fault
        if os.environ.get("ECUMENE_DEBUG"):
            raise
        return _say(
            f"internal error: {type(error).__name__}: {error}\n"
            "this is a defect, please report it; ECUMENE_DEBUG=1 shows where it happened",
            FAILED,
        )


def entry() -> NoReturn:
    """The process of a command. Interrupted, it leaves at once: compiled libraries may crash while torn down."""
    code = main()
    if code == INTERRUPTED:
        with suppress(OSError):
            sys.stdout.flush()
        os._exit(code)
    sys.exit(code)


def _stopped(arguments: list[str]) -> int:
    """What is left by a command that was interrupted, and how it goes on."""
    again = f"\n{kept()}: ecumene {shlex.join(arguments)}" if kept() else ""
    return _say(STOPPED + again, INTERRUPTED)


def _open_streams() -> None:
    """A stream that the caller closed (`>&-`) is one that nobody reads; what its encoding lacks is shown as `?`."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 (until the process ends)
        elif isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors="replace")


@contextmanager
def _short_warnings() -> Iterator[None]:
    """Warnings as one line each, without places in our code; of the cache of compiled programs only one."""
    told: set[str] = set()

    def show(message: Warning | str, *_: object, **__: object) -> None:
        text = " ".join(str(message).split())
        if "persistent compilation cache" in text:
            text = (
                "compiled programs cannot be kept or read back, so this run compiles anew: "
                f"{text.rpartition(': ')[2]}; make room in the cache, or empty it (ECUMENE_CACHE names another folder)"
            )
        if text not in told:
            told.add(text)
            _say(f"warning: {text}", FINE)

    before = warnings.showwarning
    warnings.showwarning = show
    try:
        yield
    finally:
        warnings.showwarning = before


def _run(arguments: list[str]) -> int:
    # Many small products: threads of the linear algebra library would only wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import typer

    from ecumene.cli.app import app
    from ecumene.errors import EcumeneError, InputError

    try:
        code = app(arguments, prog_name="ecumene", standalone_mode=False)
        sys.stdout.flush()
    except EcumeneError as error:
        return _say(str(error), BAD_INPUT if isinstance(error, InputError) else FAILED)
    except typer.Abort:
        return _stopped(arguments)
    except typer.Exit as ended:
        return ended.exit_code
    except Exception as error:
        show = getattr(error, "show", None)  # the parser's own errors; typer exports no name for them
        if show is None:
            raise
        show()  # usage, then what was wrong
        return BAD_INPUT
    if code == INTERRUPTED:  # the parser turns an interrupt into this code without a word
        return _stopped(arguments)
    return code if isinstance(code, int) else FINE


def _drop_stdout() -> None:
    """Send what is still buffered nowhere, so that leaving does not fail a second time."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(message: str, code: int) -> int:
    """One message on stderr; returns the exit code."""
    try:
        sys.stderr.write(f"ecumene: {message}\n")
        sys.stderr.flush()
    except OSError:  # stderr itself is closed or full: the exit code still speaks
        pass
    return code
