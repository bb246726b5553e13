"""The command `serve`: the laboratory as a local service."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from ecumene.cli.interrupts import waiting

LOCAL = ("127.0.0.1", "::1", "localhost")


def serve(
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="The address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")] = 8000,
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            envvar="ECUMENE_TOKEN",
            metavar="TOKEN",
            help="What clients must show; needed on every address but this machine's own.",
        ),
    ] = None,
) -> None:
    """Serve worlds, orders and runs to programs on this machine; elsewhere only with a token."""
    from ecumene.errors import InputError

    if host not in LOCAL and not token:
        raise InputError(f"{host} is reached from elsewhere; give a --token, or set ECUMENE_TOKEN")
    if find_spec("fastapi") is None or find_spec("uvicorn") is None:
        raise InputError("serving needs FastAPI and uvicorn; install them with: pip install 'ecumene[web]'")
    with waiting():
        import uvicorn
        from platformdirs import user_cache_path

        from ecumene.cli import screen
        from ecumene.web.app import Settings, create_app
        from ecumene.web.guard import HERE

    folder = os.environ.get("ECUMENE_CACHE")
    store = (user_cache_path("ecumene") if folder is None else Path(folder)) / "results.sqlite"
    app = create_app(Settings(store, token=token, hosts=HERE | {host}))
    screen.note(f"serving on http://{host}:{port}/api; Ctrl-C ends it")
    uvicorn.run(app, host=host, port=port, log_level="warning")
