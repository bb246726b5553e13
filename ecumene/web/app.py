"""The application: routes, answers to what goes wrong, pages, guard. It is built, never global."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

import ecumene
from ecumene.web.engine import Engine
from ecumene.web.guard import HERE, Guard
from ecumene.web.page import mount
from ecumene.web.problems import add_handlers
from ecumene.web.routes import routes
from ecumene.web.run_routes import run_routes


def create_app(engine: Engine, *, token: str | None = None, hosts: frozenset[str] = HERE) -> FastAPI:
    """The application of an engine, which ends with it. `hosts` it answers for; a `token`, where one is wanted."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(engine.close)

    app = FastAPI(
        title="Ecumene",
        version=ecumene.__version__,
        lifespan=life,
        docs_url=None,  # both pages would load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.engine = engine
    app.include_router(routes)
    app.include_router(run_routes)
    mount(app)
    add_handlers(app)
    app.add_middleware(Guard, hosts=hosts, token=token)  # pyright: ignore[reportArgumentType]
    return app
