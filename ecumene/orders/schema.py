"""The language of orders as frozen, checked models: what a YAML file may say, and what it becomes."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

FORMAT = 1

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)]
NAME = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
"""How orders and blocs are named: small letters, digits, single hyphens."""

Key = Annotated[str, StringConstraints(pattern=NAME, max_length=60)]
Depth = Annotated[int, Field(ge=0, le=6, strict=True)]
Deficits = Literal["zero", "fixed", "proportional"]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Names = Annotated[
    tuple[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)], ...],
    BeforeValidator(_listed, json_schema_input_type=str | list[str]),
]
"""One or a list of code, name, bloc, `union:EU`, `region:Africa`, `all`, `rest`, `not NAME` to leave out."""

Pair = Annotated[tuple[Names, Names], Field(description="two sides, each one name or a list of names")]


class Part(BaseModel):
    """Frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Bloc(Part):
    """Members that are integrated with each other to at least a depth."""

    members: Names = Field(min_length=1)
    depth: Depth
    external_tariff: Literal["common", "own"] | None = Field(
        None, description="default: common from depth 3, else own"
    )

    @model_validator(mode="after")
    def _no_common_tariff_without_union(self) -> Bloc:
        if self.external_tariff == "common" and self.depth < 3:
            raise ValueError("a common external tariff needs depth 3 or more; deepen the bloc or use 'own'")
        return self

    @property
    def common_tariff(self) -> bool:
        """Whether members share one tariff towards the outside."""
        return self.depth >= 3 if self.external_tariff is None else self.external_tariff == "common"


class Sides(Part):
    """The links of a rule: both ways of `between`, all pairs of `among`, or one way `from`, `to`."""

    between: Pair | None = None
    among: tuple[Names, ...] | None = Field(
        None, min_length=2, description="every pair of two different entries"
    )
    origin: Names | None = Field(None, alias="from")
    destination: Names | None = Field(None, alias="to")

    @model_validator(mode="after")
    def _one_form(self) -> Sides:
        one_way = self.origin is not None and self.destination is not None
        half = (self.origin is None) != (self.destination is None)
        if half or (self.between is not None) + (self.among is not None) + one_way != 1:
            raise ValueError(
                "say exactly one of 'between: [A, B]', 'among: [A, B, C]', or 'from: A' with 'to: B'"
            )
        return self

    def directed(self) -> list[tuple[Names, Names]]:
        """Every (origins, destinations) that the rule names."""
        if self.between is not None:
            a, b = self.between
            return [(a, b), (b, a)]
        if self.among is not None:
            return [(a, b) for i, a in enumerate(self.among) for j, b in enumerate(self.among) if i != j]
        assert self.origin is not None and self.destination is not None
        return [(self.origin, self.destination)]


class Symmetric(Sides):
    """Depth is symmetric, so one direction alone cannot be said."""

    @model_validator(mode="after")
    def _no_direction(self) -> Symmetric:
        if self.origin is not None:
            raise ValueError("depth is symmetric; use 'between' or 'among' in place of 'from' and 'to'")
        return self


class Link(Symmetric):
    """At least this depth between two sides; overlapping links and blocs give the deepest."""

    depth: Depth


class Limit(Symmetric):
    """At most this depth between two sides; overlapping limits give the shallowest."""

    depth: Depth


Sectors = Annotated[
    Names, Field(min_length=1, description="goods, services, all, or sectors of the world by code or name")
]


class Tariff(Part):
    """Tariff of importers on goods from origins: a new rate, or points on top."""

    on: Names = Field(min_length=1, description="importers that levy it")
    origin: Names = Field(alias="from", min_length=1, description="origins that meet it")
    sectors: Sectors = ("goods",)
    rate_percent: float | None = Field(
        None, gt=-100, le=1000, allow_inf_nan=False, description="new ad valorem rate"
    )
    add_points: float | None = Field(
        None, ge=-1000, le=1000, allow_inf_nan=False, description="percentage points on top"
    )
    spare_depth: Annotated[int, Field(ge=1, le=6, strict=True)] | None = Field(
        None, description="links at this depth or deeper are left alone"
    )

    @model_validator(mode="after")
    def _one_change(self) -> Tariff:
        if (self.rate_percent is None) == (self.add_points is None):
            raise ValueError("say exactly one of 'rate_percent' (a new rate) and 'add_points' (on top)")
        return self


class Barrier(Sides):
    """Extra trade cost, in percent of the base cost, or a closed link."""

    sectors: Sectors = ("all",)
    cost_percent: float | None = Field(None, ge=-50, le=10_000, allow_inf_nan=False)
    closed: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_change(self) -> Barrier:
        if (self.cost_percent is None) == (self.closed is None):
            raise ValueError("say exactly one of 'cost_percent' and 'closed: true'")
        return self


class Embargo(Sides):
    """No trade on these links in these sectors."""

    sectors: Sectors = ("all",)


class Rules(Part):
    """One layer of rules. Within a layer their order in the file means nothing."""

    dissolve: Names = Field((), description="unions that end, or blocs of an extended order")
    leave: dict[str, Names] = Field(default_factory=dict, description="{union: economies that leave it}")
    join: dict[str, Names] = Field(default_factory=dict, description="{union: economies that join it}")
    blocs: dict[Key, Bloc] = Field(default_factory=dict)
    links: tuple[Link, ...] = ()
    limits: tuple[Limit, ...] = ()
    tariffs: tuple[Tariff, ...] = ()
    barriers: tuple[Barrier, ...] = ()
    embargoes: tuple[Embargo, ...] = ()
    close: Names = Field((), description="economies whose every link is closed; all closes every link")


class Change(Rules):
    """One entry of `changes`: a layer on top of what stands above it."""

    what: Text = Field("", description="one sentence for the reader")


class OrderFile(Rules):
    """An order as a YAML file says it."""

    format: Literal[1] = FORMAT
    name: Key
    title: Text
    description: Text = ""
    note: Text = Field("", description="the author's note: what the order assumes")
    extends: str | None = Field(None, description="a preset's name, or a path relative to this file")
    economies: Names = Field((), description="own codes that the world uses beside ISO 3166")
    deficits: Deficits | None = Field(None, description="closure of trade deficits; default: the world's")
    changes: tuple[Change, ...] = ()


class Layer(Rules):
    """Rules with the place where they were written, for messages."""

    label: str


class Order(Part):
    """A checked order: layers of rules, each on top of the one before. The world without rules is `today`."""

    name: str
    title: str
    description: str = ""
    note: str = ""
    economies: tuple[str, ...] = ()
    deficits: Deficits | None = None
    layers: tuple[Layer, ...] = ()

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the rules, without title, description, note and the places they were read from."""
        rules = [layer.model_dump(mode="json", exclude={"label"}) for layer in self.layers]
        text = json.dumps([FORMAT, self.economies, self.deficits, rules], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def blocs(self) -> dict[str, tuple[int, Bloc]]:
        """Every bloc with the layer that defines it last; a later one replaces an earlier one whole."""
        return {name: (i, bloc) for i, layer in enumerate(self.layers) for name, bloc in layer.blocs.items()}
