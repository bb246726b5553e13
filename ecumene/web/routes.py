"""Routes about what there is: worlds, orders, shocks."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as PathPart
from starlette.concurrency import run_in_threadpool

import ecumene
from ecumene.orders import json_schema, order_from_text, preset_names
from ecumene.orders.reading import file_of, preset_text
from ecumene.orders.schema import Order
from ecumene.orders.writing import said_by
from ecumene.shocks import load_shock, shock_names
from ecumene.web import ask
from ecumene.web.ask import OrderAsk, WorldName, order_given
from ecumene.web.engine import Engine, Unmade
from ecumene.web.guard import Refused
from ecumene.web.library import LARGEST, Place
from ecumene.web.problems import may
from ecumene.web.shown import About, Limits, OrderShown, ShockShown, WorldFacts, WorldShown

routes = APIRouter(prefix="/api")


def engine_of(request: Request) -> Engine:
    """The engine of the application that was asked."""
    return request.app.state.engine


Shared = Annotated[Engine, Depends(engine_of)]
ThisWorld = Annotated[WorldName, PathPart()]
OnThisWorld = Annotated[WorldName, Query(description="the world whose economies are told")]


@routes.get("/about", responses=may())
def about(engine: Shared) -> About:
    """What answers here, and how much may be asked."""
    settings = engine.settings
    limits = Limits(
        orders=ask.MOST_ORDERS,
        yaml_characters=ask.LONGEST,
        upload_bytes=LARGEST,
        draws=ask.MOST_DRAWS,
        waiting=settings.waiting,
        seconds=settings.seconds,
    )
    return About(version=ecumene.__version__, languages=list(ask.LANGUAGES), limits=limits)


@routes.get("/worlds", responses=may(429))
def worlds(engine: Shared) -> list[WorldShown]:
    """Worlds to choose among."""
    return [_world_shown(engine, place) for place in engine.library.places()]


def _world_shown(engine: Engine, place: Place) -> WorldShown:
    try:
        return WorldShown.model_validate(engine.facts(place), extra="ignore")
    except Unmade as error:
        title, problem = place.title, error.failed.message
        return WorldShown(
            name=place.name, title=title, year=None, kind=place.kind, size=None, hash="", problem=problem
        )


@routes.get("/worlds/{name}", responses=may(404, 422, 429, 500, 503, 504))
def world(name: ThisWorld, engine: Shared) -> WorldFacts:
    """A world: economies with their names, sectors with elasticities, unions, and what its numbers rest on."""
    return WorldFacts.model_validate(engine.facts(engine.library.find(name)))


@routes.post(
    "/worlds",
    status_code=201,
    responses=may(413, 415, 422, 429, 500, 503, 504),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def upload(
    request: Request, engine: Shared, title: Annotated[str, Query(max_length=100)] = ""
) -> WorldFacts:
    """Add a world from the file that `World.save` writes; it is forgotten when the server ends."""
    part = engine.library.new_file()
    try:
        digest = await _received(request, part)
        place = engine.library.shelve(part, title.strip(), digest)
    finally:
        part.unlink(missing_ok=True)
    try:
        facts = await run_in_threadpool(engine.facts, place)
        engine.library.add(place)
    except BaseException:
        if place.path is not None:
            place.path.unlink(missing_ok=True)
        raise
    return WorldFacts.model_validate(facts)


async def _received(request: Request, target: Path) -> str:
    """Write a body as it comes; its SHA-256. Errors: Refused for one that is too large."""
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as file:
        async for part in request.stream():
            size += len(part)
            if size > LARGEST:
                raise Refused(413, f"a world may have {LARGEST} bytes; select or aggregate it first")
            digest.update(part)
            file.write(part)
    return digest.hexdigest()


@routes.delete("/worlds/{name}", status_code=204, responses=may(404, 422))
def forget(name: ThisWorld, engine: Shared) -> None:
    """Remove an uploaded world."""
    engine.library.remove(name)


@routes.get("/orders", responses=may(404, 422, 429, 500, 503, 504))
def orders(engine: Shared, world: OnThisWorld = "reference") -> list[OrderShown]:
    """The presets, with their authors' notes."""
    texts = [preset_text(name) for name in preset_names()]
    return _shown(engine, [(order_from_text(text), text) for text in texts], world)


@routes.get("/orders/{name}", responses=may(404, 422, 429, 500, 503, 504))
def order(
    name: Annotated[str, PathPart(max_length=60)], engine: Shared, world: OnThisWorld = "reference"
) -> OrderShown:
    """A preset."""
    return _shown(engine, [order_given(name)], world)[0]


@routes.post("/orders", responses=may(404, 413, 415, 422, 429, 500, 503, 504))
def check(asked: OrderAsk, engine: Shared) -> OrderShown:
    """Check an order on a world, and say it both ways, as YAML and as plain values; nothing is kept."""
    return _shown(engine, [order_given(asked.given())], asked.world)[0]


def _shown(engine: Engine, read: list[tuple[Order, str]], world: str) -> list[OrderShown]:
    found = engine.on_world(world, tuple(order for order, _ in read))
    return [
        OrderShown.model_validate(
            {
                **{name: getattr(order, name) for name in ("name", "title", "description", "note", "hash")},
                "yaml": text,
                "order": said_by(file_of(text)),
                **here,
            }
        )
        for (order, text), here in zip(read, found, strict=True)
    ]


@routes.get("/order-schema", responses=may())
def schema() -> dict[str, Any]:
    """JSON Schema of an order's file."""
    return json_schema()


@routes.get("/shocks", responses=may())
def shocks() -> list[ShockShown]:
    """The shocks of the catalogue, with what they assume."""
    found = [load_shock(name) for name in shock_names()]
    return [
        ShockShown(
            name=shock.name,
            title=shock.title,
            description=shock.description,
            note=shock.note,
            hash=shock.hash,
            chance=shock.chance is not None,
        )
        for shock in found
    ]
