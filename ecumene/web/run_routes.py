"""Routes about runs: start, progress, cancel, numbers, files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from time import monotonic
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, HTTPException, Response
from fastapi import Path as PathPart
from fastapi.responses import StreamingResponse

from ecumene.web.ask import Ask, read
from ecumene.web.citing import citation_of, yaml_of
from ecumene.web.engine import PATIENCE, Unmade, body_of, document_of
from ecumene.web.problems import may
from ecumene.web.queue import Run
from ecumene.web.routes import Shared
from ecumene.web.shown import Citation, RunShown, SpareShown
from ecumene.web.worker import Done, Failed, Step

LIFE_SIGN: Final = 15.0
"""Seconds of silence after which a stream of news says that it is still there."""

GLANCE: Final = 0.03
"""Seconds between looks at the news of a run."""

FORMATS: Final = {
    "nc": "application/x-netcdf",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
}

run_routes = APIRouter(prefix="/api")


def _run(name: Annotated[str, PathPart(pattern=r"^[A-Za-z0-9_-]{16}$")], engine: Shared) -> Run:
    found = engine.find(name)
    if found is None:
        raise HTTPException(404, "there is no such run; it may have been forgotten, start it again")
    return found


ThisRun = Annotated[Run, Depends(_run)]


def _standing(run: Run) -> dict[str, Any]:
    """How a run stands, without its numbers."""
    news = list(run.news)
    last = news[-1] if news else None
    step = next((new for new in reversed(news) if isinstance(new, Step)), Step(0, 0, ""))
    failed = last if isinstance(last, Failed) else Failed("", "")
    return {
        "id": run.id,
        "state": {Done: "done", Failed: "failed", Step: "running"}.get(type(last), "waiting"),
        **step._asdict(),
        "kind": failed.kind,
        "message": failed.message,
        "problems": list(failed.problems),
        "point": run.request.asked.point,
        "seconds": round(run.seconds, 4),
        "hash": document_of(run)["hash"] if isinstance(last, Done) else None,
    }


def _with_document(run: Run) -> Response:
    """A run with its numbers where it has them, which are not read and written again."""
    standing = _standing(run)
    document = body_of(run) if standing["state"] == "done" else b"null"
    head = json.dumps(standing, allow_nan=False).encode()
    body = head[:-1] + b', "document": ' + document + b"}"
    return Response(body, 200 if run.over else 202, media_type="application/json")


def _waited(run: Run) -> Response:
    """A run, once it is over if that is soon. Errors: Unmade where it failed by then."""
    if run.request.asked.quick:
        run.wait(PATIENCE)
    return _so_far(run)


def _so_far(run: Run) -> Response:
    """A run, whether it is over or not. Errors: Unmade where it failed."""
    if run.over and isinstance(run.news[-1], Failed):
        raise Unmade(run.news[-1])
    return _with_document(run)


@run_routes.post(
    "/runs",
    response_model=RunShown,
    responses={**may(404, 409, 413, 415, 422, 429, 500, 503, 504), 202: {"model": RunShown}},
)
def start(ask: Ask, engine: Shared) -> Response:
    """Compare orders. What is quick or was computed before is answered with its numbers (200), the rest later (202)."""
    return _waited(engine.start(read(ask)))


@run_routes.get(
    "/first",
    response_model=RunShown,
    responses={**may(409, 422, 429, 500, 503, 504), 202: {"model": RunShown}},
)
def first(engine: Shared) -> Response:
    """A comparison to begin with: finished (200), or still being made (202). It is begun again where it failed."""
    run = engine.first()
    run.wait(PATIENCE)
    return _so_far(run)


@run_routes.get("/spare", responses=may(422, 500))
def spare(engine: Shared) -> list[SpareShown]:
    """Presets that take long, computed on the reference world in spare time: how their point estimates stand."""
    return [
        SpareShown(order=name, run=RunShown(**_standing(run), document=None))
        for name, run in engine.spared().items()
    ]


@run_routes.get("/runs/{name}", responses=may(404, 422))
def look(run: ThisRun) -> RunShown:
    """How a run stands."""
    return RunShown(**_standing(run), document=None)


@run_routes.delete("/runs/{name}", responses=may(404, 422))
def cancel(run: ThisRun, engine: Shared) -> RunShown:
    """Stop a run; one that is over stays as it is."""
    engine.cancel(run)
    return RunShown(**_standing(run), document=None)


@run_routes.get(
    "/runs/{name}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, **may(404, 422)},
)
async def events(run: ThisRun) -> StreamingResponse:
    """News of a run as server-sent events: `step`, then `done` or `failed`."""
    return StreamingResponse(_lines(run), media_type="text/event-stream")


async def _lines(run: Run) -> AsyncIterator[str]:
    told, last = 0, monotonic()
    while True:
        new = run.news[told:]
        for news in new:
            yield _event(news)
            if not isinstance(news, Step):
                return
        told += len(new)
        now = monotonic()
        last = now if new else last
        if now - last > LIFE_SIGN:
            last = now
            yield ": still there\n\n"
        await asyncio.sleep(GLANCE)


def _event(news: Step | Done | Failed) -> str:
    data = {"hash": json.loads(news.body)["hash"]} if isinstance(news, Done) else news._asdict()
    return f"event: {type(news).__name__.lower()}\ndata: {json.dumps(data)}\n\n"


@run_routes.get(
    "/runs/{name}/document",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}}, **may(404, 409, 422, 500, 503, 504)},
)
def document(run: ThisRun) -> Response:
    """The numbers of a run that is done, as the pages of results read them."""
    return Response(body_of(run), media_type="application/json")


@run_routes.get(
    "/runs/{name}/result.{suffix}",
    response_class=Response,
    responses={200: {"content": {kind.partition(";")[0]: {} for kind in FORMATS.values()}}}
    | may(404, 409, 422, 429, 500, 503, 504),
)
def result(run: ThisRun, suffix: Literal["nc", "csv", "parquet", "json", "html"], engine: Shared) -> Response:
    """A file of a run that is done; `html` is the report."""
    body_of(run)
    return _file(run, engine.file(run, suffix), suffix, FORMATS[suffix])


@run_routes.get(
    "/runs/{name}/orders/{order}.yaml",
    response_class=Response,
    responses={200: {"content": {"application/yaml": {}}}, **may(404, 409, 422, 500, 503, 504)},
)
def order_file(run: ThisRun, order: Annotated[str, PathPart(max_length=60)]) -> Response:
    """An order of a run that is done, as YAML."""
    text = yaml_of(run.request.asked, order, document_of(run)["hash"])
    if text is None:
        raise HTTPException(404, f"this run has no order '{order}'")
    return _file(run, text.encode(), "yaml", "application/yaml", f"{order}-")


@run_routes.get("/runs/{name}/citation", responses=may(404, 409, 422, 500, 503, 504))
def citation(run: ThisRun) -> Citation:
    """How to cite a run that is done."""
    return citation_of(document_of(run))


def _file(run: Run, body: bytes, suffix: str, kind: str, word: str = "") -> Response:
    digest = document_of(run)["hash"]
    name = f"ecumene-{word}{digest[:12]}.{suffix}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Ecumene-Hash": digest}
    return Response(body, media_type=kind, headers=headers)
