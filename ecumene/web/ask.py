"""What may be asked of the service, and how it is computed in the process of the worker."""

from __future__ import annotations

import hashlib
import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from ecumene.errors import InputError
from ecumene.orders import Order, load_order, preset_names
from ecumene.orders.reading import order_from_text
from ecumene.provenance import versions
from ecumene.web.worker import Tell

MOST_ORDERS: Final = 12

REFERENCE: Final = "reference"


class Written(BaseModel):
    """An order as YAML; it may extend a preset, never a file."""

    model_config = ConfigDict(extra="forbid")

    yaml: Annotated[str, Field(min_length=1, max_length=50_000)]


class Ask(BaseModel):
    """A comparison of orders on one world."""

    model_config = ConfigDict(extra="forbid", strict=True)

    world: Literal["reference"] = "reference"
    orders: Annotated[
        list[Annotated[str, Field(max_length=80)] | Written], Field(min_length=1, max_length=MOST_ORDERS)
    ]
    why: bool = False
    sovereignty: bool = False
    also: Annotated[list[Literal["rents", "groups"]], Field(max_length=2)] = []


def orders_of(ask: Ask) -> list[Order]:
    """The orders that a request names. Errors: InputError (an unknown preset, YAML with problems, repetition)."""
    found = []
    for given in ask.orders:
        if isinstance(given, Written):
            found.append(order_from_text(given.yaml))
        elif given in preset_names():
            found.append(load_order(given))
        else:
            raise InputError(f"there is no preset '{given}'; choose among {', '.join(preset_names())}")
    names = [order.name for order in found]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InputError(f"name each order once: {', '.join(repeated)} is repeated")
    return found


def key_of(ask: Ask) -> str:
    """Hash of everything that decides the result: orders, world, questions, versions. Errors: as of `orders_of`."""
    orders = [[order.name, order.title, order.hash] for order in orders_of(ask)]
    rest = ask.model_dump(exclude={"orders"})
    return hashlib.sha256(json.dumps([orders, rest, versions()], sort_keys=True).encode()).hexdigest()


@cache
def _world(name: str) -> Any:
    from ecumene.sources import load_world

    return load_world(name)


def compute(request: dict[str, Any], tell: Tell) -> bytes:
    """The task of the worker: a comparison as the bytes of its netCDF file. Errors: InputError, SolveError."""
    from ecumene.jax_setup import CACHE
    from ecumene.runs import compare

    ask = Ask.model_validate(request)
    found = compare(
        _world(ask.world),
        orders_of(ask),
        progress=tell,
        why=ask.why,
        sovereignty=ask.sovereignty,
        also=ask.also,
        tariffs_folder=None if CACHE is None else CACHE.parent / "tariffs",
    )
    with tempfile.TemporaryDirectory(prefix="ecumene-run-") as folder:
        return found.save(Path(folder) / "result.nc").read_bytes()
