"""The built page, if there is one: its files, and what a browser may do with them."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

POLICY: Final = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing comes from elsewhere, and no script but those of the page runs."""

NOT_BUILT: Final = (
    "The page is not built; in a checkout run `make page` (a wheel of Ecumene has it). The API is at /api.\n"
)


def built() -> Path | None:
    """The folder of the built page; None where it is not built."""
    folder = Path(str(resources.files("ecumene.web").joinpath("page")))
    return folder if (folder / "index.html").is_file() else None


def mount(app: FastAPI) -> None:
    """Serve the page at `/`, or say how it is built."""
    folder = built()

    @app.get("/", include_in_schema=False)
    def index() -> Response:
        if folder is None:
            return PlainTextResponse(NOT_BUILT, 503)
        return FileResponse(folder / "index.html", headers={"Content-Security-Policy": POLICY})

    if folder is not None:
        app.mount("/", StaticFiles(directory=folder), name="page")
