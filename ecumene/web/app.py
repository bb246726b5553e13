"""The API: worlds, orders, runs with progress, results in every format. An application is built, never global."""

from __future__ import annotations

import json
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi import Path as PathPart
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel

import ecumene
from ecumene.errors import EcumeneError, InputError
from ecumene.orders import load_order, preset_names
from ecumene.web.ask import REFERENCE, Ask, compute, key_of
from ecumene.web.guard import HERE, Guard
from ecumene.web.queue import SECONDS, WAITING, Full, Queue, Run
from ecumene.web.store import Store
from ecumene.web.worker import Done, Failed, Step, Task

PATIENCE: Final = 15.0
"""Seconds of silence after which a stream of news says that it is still there."""

STATUS: Final = {
    "input": 422,
    "solve": 422,
    "cancelled": 409,
    "time": 504,
    "memory": 503,
    "crash": 500,
    "internal": 500,
}

FORMATS: Final = {
    "nc": "application/x-netcdf",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
}

RunId = Annotated[str, PathPart(pattern=r"^[A-Za-z0-9_-]{16}$")]


class Settings(NamedTuple):
    """Where results are kept, who is answered, and how much is taken on."""

    store: Path
    token: str | None = None
    hosts: frozenset[str] = HERE
    waiting: int = WAITING
    seconds: float = SECONDS
    task: Task = compute


class WorldShown(BaseModel):
    """A world to choose."""

    name: str
    about: str


class OrderShown(BaseModel):
    """An order to choose."""

    name: str
    title: str
    description: str
    note: str
    hash: str


class RunShown(BaseModel):
    """How a run stands."""

    id: str
    state: Literal["waiting", "running", "done", "failed"]
    done: int
    total: int
    label: str
    message: str


def _shown(run: Run) -> RunShown:
    last = run.news[-1] if run.news else None
    steps = [news for news in run.news if isinstance(news, Step)]
    step = steps[-1] if steps else Step(0, 0, "")
    state = {Done: "done", Failed: "failed", Step: "running"}.get(type(last), "waiting")
    message = last.message if isinstance(last, Failed) else ""
    return RunShown.model_validate({"id": run.id, "state": state, **step._asdict(), "message": message})


def _queue(request: Request) -> Queue:
    return request.app.state.queue


def _run(name: RunId, queue: Annotated[Queue, Depends(_queue)]) -> Run:
    found = queue.find(name)
    if found is None:
        raise HTTPException(404, "there is no such run; it may have been forgotten, start it again")
    return found


Runs = Annotated[Queue, Depends(_queue)]
ThisRun = Annotated[Run, Depends(_run)]
PROBLEM: Final[dict[int | str, dict[str, Any]]] = {
    code: {"description": words, "content": {"application/json": {"schema": {"type": "object"}}}}
    for code, words in {
        400: "not a request for this service",
        404: "no such run",
        409: "the run is not over, or was cancelled",
        413: "too large",
        415: "not JSON",
        422: "bad input",
        429: "too many runs wait; Retry-After says when to come back",
        500: "a defect",
        503: "not enough memory",
        504: "out of time",
    }.items()
}


def _may(*codes: int) -> dict[int | str, dict[str, Any]]:
    return {code: PROBLEM[code] for code in (400, *codes)}


routes = APIRouter(prefix="/api")


@routes.get("/worlds", responses=_may())
def worlds() -> list[WorldShown]:
    """Worlds to choose among."""
    return [
        WorldShown(name=REFERENCE, about="The embedded reference world: estimated from public facts of 2019.")
    ]


@routes.get("/orders", responses=_may())
def orders() -> list[OrderShown]:
    """The presets, with what they assume."""
    found = [load_order(name) for name in preset_names()]
    return [
        OrderShown(name=o.name, title=o.title, description=o.description, note=o.note, hash=o.hash)
        for o in found
    ]


@routes.post("/runs", status_code=202, responses=_may(413, 415, 422, 429))
def start(ask: Ask, queue: Runs) -> RunShown:
    """Compare orders; what was computed before is there at once."""
    try:
        return _shown(queue.submit(key_of(ask), ask.model_dump()))
    except InputError as error:
        raise HTTPException(422, str(error)) from error
    except Full as full:
        raise HTTPException(429, str(full), {"Retry-After": str(full.retry_after)}) from full


@routes.get("/runs/{name}", responses=_may(404, 422))
def look(run: ThisRun) -> RunShown:
    """How a run stands."""
    return _shown(run)


@routes.delete("/runs/{name}", responses=_may(404, 422))
def cancel(run: ThisRun, queue: Runs) -> RunShown:
    """Stop a run; one that is over stays as it is."""
    queue.cancel(run)
    return _shown(run)


@routes.get(
    "/runs/{name}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, **_may(404, 422)},
)
def events(run: ThisRun) -> StreamingResponse:
    """News of a run as server-sent events: `step`, then `done` or `failed`."""

    def lines() -> Iterator[str]:
        for news in run.listen(PATIENCE):
            if news is None:
                yield ": still there\n\n"
            else:
                kind = type(news).__name__.lower()
                data = {} if isinstance(news, Done) else news._asdict()
                yield f"event: {kind}\ndata: {json.dumps(data)}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream")


@routes.get(
    "/runs/{name}/result.{suffix}",
    response_class=Response,
    responses={200: {"content": {kind.partition(";")[0]: {} for kind in FORMATS.values()}}}
    | _may(404, 409, 422, 500, 503, 504),
)
def result(run: ThisRun, suffix: Literal["nc", "csv", "parquet", "json", "html"]) -> Response:
    """The numbers of a run that is done; `html` is the report."""
    last = run.news[-1] if run.news else None
    if isinstance(last, Failed):
        raise HTTPException(STATUS[last.kind], last.message)
    if not isinstance(last, Done):
        raise HTTPException(409, "the run is not over; wait for its `done`")
    name = f"ecumene-{run.key[:12]}.{suffix}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(_exported(last.body, suffix), media_type=FORMATS[suffix], headers=headers)


def _exported(body: bytes, suffix: str) -> bytes:
    if suffix == "nc":
        return body
    from ecumene.report.document import write_report
    from ecumene.results import load_result

    with tempfile.TemporaryDirectory(prefix="ecumene-export-") as folder:
        saved, target = Path(folder) / "result.nc", Path(folder) / f"out.{suffix}"
        saved.write_bytes(body)
        found = load_result(saved)
        writer: Callable[[Path], Path] = (
            (lambda path: write_report(found, path)) if suffix == "html" else found.export
        )
        return writer(target).read_bytes()


def create_app(settings: Settings) -> FastAPI:
    """The application with its own queue and store; both end with it."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        queue = Queue(settings.task, Store(settings.store), settings.waiting, settings.seconds)
        app.state.queue = queue
        yield
        queue.close()

    app = FastAPI(
        title="Ecumene",
        version=ecumene.__version__,
        lifespan=life,
        docs_url=None,  # both pages would load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.include_router(routes)
    app.add_exception_handler(EcumeneError, _told)
    app.add_middleware(Guard, hosts=settings.hosts, token=settings.token)  # pyright: ignore[reportArgumentType]
    return app


async def _told(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 422 if isinstance(error, InputError) else 500)
