"""Whatever goes wrong, as one answer: a status, a sentence, and problems one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ecumene.errors import EcumeneError, InputError, OrderError
from ecumene.web.engine import Unmade
from ecumene.web.guard import Refused
from ecumene.web.library import TooMany, Unknown
from ecumene.web.queue import Full
from ecumene.web.shown import Problem

STATUS: Final = {
    "input": 422,
    "solve": 422,
    "cancelled": 409,
    "waits": 409,
    "time": 504,
    "memory": 503,
    "crash": 500,
    "internal": 500,
}
"""Status of an answer by the kind of failure."""

WORDS: Final = {
    400: "not a request for this service",
    401: "a token is wanted",
    403: "from a page of another origin",
    404: "there is no such thing",
    409: "the run is not over, or was cancelled",
    413: "too large",
    415: "of another type",
    422: "bad input",
    429: "too much waits or is kept; Retry-After says when to come back",
    500: "a defect, or a process that ended by itself",
    503: "not enough memory",
    504: "out of time",
}

SHOWN: Final = 20
"""Problems of one request that are told."""


def may(*codes: int) -> dict[int | str, dict[str, Any]]:
    """Answers other than the good one, for the description of the API."""
    always = (400, 401, 403)
    return {code: {"description": WORDS[code], "model": Problem} for code in (*always, *codes)}


def _answer(
    status: int, detail: str, problems: tuple[str, ...] = (), headers: Mapping[str, str] | None = None
) -> JSONResponse:
    return JSONResponse({"detail": detail, "problems": list(problems)}, status, headers)


async def _unmade(request: Request, error: Unmade) -> JSONResponse:
    return _answer(STATUS[error.failed.kind], error.failed.message, error.failed.problems)


async def _full(request: Request, error: Full) -> JSONResponse:
    return _answer(429, str(error), headers={"Retry-After": str(error.retry_after)})


async def _too_many(request: Request, error: TooMany) -> JSONResponse:
    return _answer(429, str(error), headers={"Retry-After": "60"})


async def _refused(request: Request, error: Refused) -> JSONResponse:
    return _answer(error.status, error.message)


async def _unknown(request: Request, error: Unknown) -> JSONResponse:
    return _answer(404, str(error))


async def _told(request: Request, error: EcumeneError) -> JSONResponse:
    problems = error.problems if isinstance(error, OrderError) else ()
    return _answer(422 if isinstance(error, InputError) else 500, str(error).partition("\n")[0], problems)


async def _malformed(request: Request, error: RequestValidationError) -> JSONResponse:
    found: dict[str, None] = {}
    for item in error.errors():
        steps = [str(step) for step in item["loc"][1:]]
        found[f"{'.'.join(steps) or 'the request'}: {item['msg']}"] = None
    problems = tuple(found)
    more = (f"and {len(problems) - SHOWN} more",) if len(problems) > SHOWN else ()
    return _answer(422, problems[0] if problems else "bad input", (*problems[:SHOWN], *more))


async def _http(request: Request, error: HTTPException) -> JSONResponse:
    return _answer(error.status_code, str(error.detail), headers=error.headers)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    return _answer(500, f"internal error: {type(error).__name__}; the log of the service says more")


def add_handlers(app: FastAPI) -> None:
    """Answer every failure in one form."""
    handlers: dict[type[Exception], Any] = {
        Unmade: _unmade,
        Full: _full,
        TooMany: _too_many,
        Unknown: _unknown,
        Refused: _refused,
        EcumeneError: _told,
        RequestValidationError: _malformed,
        HTTPException: _http,
        Exception: _unexpected,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
