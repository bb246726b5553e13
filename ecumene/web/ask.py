"""What may be asked of the service: orders and questions, checked, and the hash of all that decides the answer."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cached_property
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ecumene.errors import InputError
from ecumene.orders import Order, order_from_text, preset_names
from ecumene.orders.reading import order_from_values, preset_text
from ecumene.orders.writing import text_of
from ecumene.provenance import versions
from ecumene.shocks import Shock, load_shock, shock_names
from ecumene.shocks.reading import shock_from_text

MOST_ORDERS: Final = 12

MOST_SHOCKS: Final = 8

MOST_DRAWS: Final = 200

LONGEST: Final = 50_000
"""Characters of an order's YAML at most."""

QUICK_ORDERS: Final = 4
"""Orders at most that are compared at once, without waiting for longer runs."""

LANGUAGES: Final = ("en", "de", "fr", "es", "ru", "zh", "ja")
"""In which economies are named."""

Yaml = Annotated[str, Field(min_length=1, max_length=LONGEST)]
SLUG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
"""Names of worlds."""

WorldName = Annotated[str, Field(pattern=rf"^{SLUG.pattern}$")]


def _of_characters(said: dict[str, Any]) -> dict[str, Any]:
    """Whether all texts can be written: JSON can hold halves of characters, YAML and files cannot."""
    try:
        json.dumps(said, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            "a text holds half of a character (a lone surrogate); write the whole one"
        ) from error
    return said


Said = Annotated[
    dict[str, Any],
    Field(min_length=1, description="keys of an order's file; see /api/order-schema"),
    AfterValidator(_of_characters),
]


class Written(BaseModel):
    """An order or a shock as YAML; it may extend a preset, never a file."""

    model_config = ConfigDict(extra="forbid")

    yaml: Yaml

    @property
    def text(self) -> str:
        """The YAML."""
        return self.yaml


class Structured(BaseModel):
    """An order as plain values, with the keys of its file."""

    model_config = ConfigDict(extra="forbid")

    order: Said

    @cached_property
    def text(self) -> str:
        """The YAML that says the same."""
        return text_of(self.order)


Given = Annotated[str, Field(max_length=80)] | Written | Structured


class OrderAsk(BaseModel):
    """An order to check: as YAML or as plain values."""

    model_config = ConfigDict(extra="forbid")

    world: WorldName = "reference"
    yaml: Yaml | None = None
    order: Said | None = None

    def given(self) -> Written | Structured:
        """The order. Errors: InputError where there is none, or two."""
        if self.yaml is not None and self.order is None:
            return Written(yaml=self.yaml)
        if self.order is not None and self.yaml is None:
            return Structured(order=self.order)
        raise InputError("say exactly one of 'yaml' and 'order'")


class Ask(BaseModel):
    """A comparison of orders on one world."""

    model_config = ConfigDict(extra="forbid", strict=True)

    world: WorldName = "reference"
    orders: Annotated[list[Given], Field(min_length=1, max_length=MOST_ORDERS)]
    range: Annotated[bool, Field(description="false: a point estimate, without draws of parameters")] = True
    why: bool = False
    sovereignty: bool = False
    also: Annotated[list[Literal["rents", "groups"]], Field(max_length=2)] = []
    shocks: Annotated[
        list[Annotated[str, Field(max_length=80)] | Written], Field(max_length=MOST_SHOCKS)
    ] = []
    security: Annotated[int, Field(ge=0, le=MOST_DRAWS, description="years of accidents that are drawn")] = 0
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0


class Asked(NamedTuple):
    """A comparison as read: orders with the texts they were read from, and the rest of what was asked."""

    world: str
    orders: tuple[Order, ...]
    texts: tuple[str, ...]
    shocks: tuple[Shock, ...]
    rest: dict[str, Any]
    said: str = ""
    """The request itself, so that it can be read again."""

    @property
    def quick(self) -> bool:
        """Whether it takes well below a second on a world of ordinary size: point estimates of a few orders."""
        further = ("sovereignty", "also", "security")
        games = any(order.tariff_game is not None for order in self.orders)
        few = len(self.orders) <= QUICK_ORDERS
        return (
            self.point
            and few
            and not games
            and not self.shocks
            and not any(self.rest[name] for name in further)
        )

    @property
    def point(self) -> bool:
        """Whether it is a point estimate, without a range."""
        return not self.rest["range"]

    def key(self, world: str) -> str:
        """Hash of everything that decides the result: orders, what the world is, questions, versions."""
        orders = [[order.name, order.title, order.hash] for order in self.orders]
        shocks = [[shock.name, shock.hash] for shock in self.shocks]
        parts = [orders, shocks, self.rest, world, versions()]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def order_given(given: str | Written | Structured) -> tuple[Order, str]:
    """An order and its YAML. Errors: InputError (an unknown preset, problems of the YAML)."""
    if isinstance(given, str):
        if given not in preset_names():
            raise InputError(f"there is no preset '{given}'; choose among {', '.join(preset_names())}")
        text = preset_text(given)
    else:
        text = given.text
    order = order_from_values(given.order) if isinstance(given, Structured) else order_from_text(text)
    return order, text


def read(ask: Ask) -> Asked:
    """What is asked, with every order and shock read. Errors: InputError, OrderError, ShockError."""
    found = [order_given(given) for given in ask.orders]
    shocks = [_shock(given) for given in ask.shocks]
    for what, names in (("order", [o.name for o, _ in found]), ("shock", [s.name for s in shocks])):
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise InputError(f"name each {what} once: {', '.join(repeated)} is repeated")
    rest = ask.model_dump(exclude={"world", "orders", "shocks"})
    orders, texts = tuple(order for order, _ in found), tuple(text for _, text in found)
    return Asked(ask.world, orders, texts, tuple(shocks), rest, ask.model_dump_json())


def _shock(given: str | Written) -> Shock:
    if isinstance(given, Written):
        return shock_from_text(given.text)
    if given not in shock_names():
        raise InputError(f"there is no shock '{given}'; choose among {', '.join(shock_names())}")
    return load_shock(given)
