"""The command `serve`: the laboratory as a local service."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecumene.cli.interrupts import waiting

if TYPE_CHECKING:
    from ecumene.web.engine import Engine

LOCAL = ("127.0.0.1", "::1", "localhost")

NEEDED = ("fastapi", "uvicorn", "babel")


def serve(
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="The address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="The port to listen on; 0 takes a free one.")
    ] = 8000,
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            envvar="ECUMENE_TOKEN",
            metavar="TOKEN",
            help="What clients must show; needed on every address but this machine's own.",
        ),
    ] = None,
    worlds: Annotated[
        Path | None,
        typer.Option("--worlds", metavar="FOLDER", help="A folder of saved worlds to choose among."),
    ] = None,
) -> None:
    """Serve the app and its API to this machine; elsewhere only with a token."""
    from ecumene.errors import InputError

    if host not in LOCAL and not token:
        raise InputError(f"{host} is reached from elsewhere; give a --token, or set ECUMENE_TOKEN")
    lacking = [name for name in NEEDED if find_spec(name) is None]
    if lacking:
        raise InputError(f"serving needs {', '.join(lacking)}; install them with: pip install 'ecumene[web]'")
    with waiting():
        import uvicorn
        from platformdirs import user_cache_path

        from ecumene.cli import screen
        from ecumene.web.app import create_app
        from ecumene.web.engine import Engine, Settings
        from ecumene.web.guard import HERE
        from ecumene.web.page import NOT_BUILT, built

    listening = _listening(host, port)
    folder = os.environ.get("ECUMENE_CACHE")
    store = (user_cache_path("ecumene") if folder is None else Path(folder)) / "results.sqlite"
    engine = Engine(Settings(store, worlds=worlds))
    try:
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listening.getsockname()[1]}/"
        app = create_app(engine, token=token, hosts=HERE | {shown})
        if built() is None:
            screen.note(NOT_BUILT.strip())
        screen.note("getting ready: loading the reference world and compiling")
        _when_ready(engine, lambda: screen.note(f"serving on {address}{_invitation(token)} (Ctrl-C ends it)"))
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2)
        with suppress(KeyboardInterrupt):  # that is how it ends
            uvicorn.Server(config).run(sockets=[listening])
        screen.note("stopped")
    finally:
        engine.close()


def _listening(host: str, port: int) -> socket.socket:
    """A socket that is bound. Errors: InputError where the address or the port cannot be had."""
    from ecumene.errors import InputError

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError as error:
        found.close()
        raise InputError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}; choose another with --host or --port"
        ) from error
    return found


def _invitation(token: str | None) -> str:
    return "" if token is None else "?token=TOKEN, with your token,"


def _when_ready(engine: Engine, tell: Callable[[], None]) -> None:
    """Tell once the first numbers are there, or cannot be had yet; then go on in spare time. Nobody waits for it."""

    def wait() -> None:
        if engine.ready():
            tell()
            engine.use_spare_time()

    threading.Thread(target=wait, name="ecumene-first", daemon=True).start()
