"""The language of orders as frozen, checked models: what a YAML file may say, and what it becomes."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictFloat,
    StringConstraints,
    model_validator,
)

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

Player = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
"""One name: an economy, a bloc, `union:EU`."""

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
    rate_percent: StrictFloat | None = Field(
        None, gt=-100, le=1000, allow_inf_nan=False, description="new ad valorem rate"
    )
    add_points: StrictFloat | None = Field(
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
    cost_percent: StrictFloat | None = Field(None, ge=-50, le=10_000, allow_inf_nan=False)
    closed: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_change(self) -> Barrier:
        if (self.cost_percent is None) == (self.closed is None):
            raise ValueError("say exactly one of 'cost_percent' and 'closed: true'")
        return self


class Embargo(Sides):
    """No trade on these links in these sectors."""

    sectors: Sectors = ("all",)


class TariffGame(Part):
    """Players that choose their tariffs on goods for their own real income; the rates are solved, not said."""

    players: tuple[Player, ...] = Field(
        (),
        max_length=300,
        description="each an economy, a bloc or `union:EU`, which sets a common external tariff",
    )
    largest: Annotated[int, Field(ge=1, le=60, strict=True)] | None = Field(
        None, description="in place of players: so many customs territories, by value added"
    )
    stage: Literal["unilateral", "reply", "nash"] | None = Field(
        None,
        description="unilateral: the leader alone; reply: the others answer in kind; nash (default): all best answers",
    )
    leader: Player | None = Field(None, description="who begins; default: the first player, or the largest")
    by: Literal["uniform", "partner", "sector", "both"] | None = Field(
        None, description="what a player's rates tell apart; default: uniform"
    )
    lowest_percent: StrictFloat | None = Field(
        None, gt=-100, le=1000, allow_inf_nan=False, description="lowest rate; default: 0"
    )
    highest_percent: StrictFloat | None = Field(
        None, gt=-100, le=1000, allow_inf_nan=False, description="highest rate; default: 200"
    )
    spare_depth: Annotated[int, Field(ge=1, le=6, strict=True)] | None = Field(
        None, description="links at this depth or deeper keep their tariffs"
    )

    def over(self, other: TariffGame | None) -> TariffGame:
        """What this one says, and what the order that it extends says otherwise; players and largest go together."""
        if other is None:
            return self
        said = {name: value for name, value in self if value not in (None, ())}
        if said.keys() & {"players", "largest"}:
            said = {"players": (), "largest": None, **said}
        return other.model_copy(update=said)

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest rate, ad valorem."""
        low = 0.0 if self.lowest_percent is None else self.lowest_percent
        high = 200.0 if self.highest_percent is None else self.highest_percent
        return low / 100, high / 100

    def problems(self) -> list[str]:
        """What is wrong with the game as a whole, each with a remedy."""
        out: list[str] = []
        if bool(self.players) == (self.largest is not None):
            out.append("tariff_game: say exactly one of 'players' and 'largest'")
        twice = sorted({name for name in self.players if self.players.count(name) > 1})
        if twice:
            out.append(f"tariff_game.players: {', '.join(twice)} is a player twice; name each once")
        if self.players and self.leader is not None and self.leader not in self.players:
            out.append(
                f"tariff_game.leader: '{self.leader}' is no player; choose one of {', '.join(self.players)}"
            )
        low, high = self.bounds
        if not low < high:
            out.append(
                f"tariff_game: lowest_percent {100 * low:g} is not below highest_percent {100 * high:g}; "
                "the lowest rate comes first"
            )
        if self.stage == "reply" and max(len(self.players), self.largest or 0) == 1:
            out.append("tariff_game.stage: a reply needs a second player; name one, or say 'unilateral'")
        for place, name in [("players", n) for n in self.players] + [("leader", self.leader or "")]:
            if name in ("all", "rest") or name.startswith("not "):
                out.append(
                    f"tariff_game.{place}: '{name}' is no player; name economies, blocs or unions one by one"
                )
        return out


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
    tariff_game: TariffGame | None = Field(
        None, description="tariffs that players choose, after everything else in the order"
    )
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
    tariff_game: TariffGame | None = None
    layers: tuple[Layer, ...] = ()

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the rules, without title, description, note and the places they were read from."""
        rules = [layer.model_dump(mode="json", exclude={"label"}) for layer in self.layers]
        game = [] if self.tariff_game is None else [self.tariff_game.model_dump(mode="json")]
        text = json.dumps([FORMAT, self.economies, self.deficits, rules, *game], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def blocs(self) -> dict[str, tuple[int, Bloc]]:
        """Every bloc with the layer that defines it last; a later one replaces an earlier one whole."""
        return {name: (i, bloc) for i, layer in enumerate(self.layers) for name, bloc in layer.blocs.items()}
