"""The language of shocks as frozen, checked models: what a YAML file may say happens under an order."""

from __future__ import annotations

import hashlib
import json
import math
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StrictFloat, model_validator

from ecumene.orders.schema import Key, Names, Part, Text

FORMAT = 1

Share = Annotated[StrictFloat, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Days = Annotated[int, Field(ge=0, le=3650, strict=True)]
Cases = Annotated[StrictFloat, Field(ge=0.0, allow_inf_nan=False)]
FirstCases = Annotated[StrictFloat, Field(ge=1.0, le=1e9, multiple_of=1.0)]
Reproduction = Annotated[StrictFloat, Field(gt=0.0, le=100.0)]
DaysIll = Annotated[StrictFloat, Field(ge=0.1, le=3650.0)]
Between = Annotated[
    tuple[Share, Share], Field(description="smallest and largest share, drawn evenly between")
]
Lengths = Annotated[
    tuple[
        Annotated[int, Field(ge=1, le=3650, strict=True)], Annotated[int, Field(ge=1, le=3650, strict=True)]
    ],
    Field(description="shortest and longest, in days, drawn evenly between"),
]


class Course(Part):
    """When something happens: from day `start` in full for `length` days, then back over `recovery` days."""

    start: Days = 0
    length: Annotated[int, Field(ge=1, le=3650, strict=True)] = 30
    recovery: Days = 0
    shape: Literal["linear", "exponential"] = Field("linear", description="shape of the recovery")

    def standing(self, day: int) -> float:
        """How much of it stands on a day, 0 to 1, as `models.shock_events.Event.path`."""
        after = day - (self.start + self.length) + 1  # 1 on the first day of recovery
        if day < self.start:
            return 0.0
        if after <= 0:
            return 1.0
        if not self.recovery:
            return 0.0
        if self.shape == "linear":
            return max(1.0 - after / (self.recovery + 1.0), 0.0)
        return math.exp(-after / self.recovery)


class Loss(Course):
    """A share that industries lose: of capacity, labour or the demand for their goods."""

    economies: Names = Field(min_length=1)
    sectors: Names = Field(("all",), min_length=1)
    share: Share


class Destruction(Part):
    """A share of capital that is destroyed on one day, and rebuilt."""

    economies: Names = Field(min_length=1)
    sectors: Names = Field(("all",), min_length=1)
    share: Share
    start: Days = 0


class Closure(Course):
    """Links that close: from origins to destinations, or both ways between two sides."""

    origin: Names | None = Field(None, alias="from")
    destination: Names | None = Field(None, alias="to")
    between: tuple[Names, Names] | None = None
    sectors: Names = Field(("all",), min_length=1)
    share: Share = 1.0

    @model_validator(mode="after")
    def _one_way_of_naming(self) -> Closure:
        directed = self.origin is not None and self.destination is not None
        if directed == (self.between is not None) or (self.origin is None) != (self.destination is None):
            raise ValueError("name the links by 'from' and 'to', or by 'between' with two sides")
        return self

    def directed(self) -> tuple[tuple[Names, Names], ...]:
        """Origins and destinations of every direction."""
        if self.between is not None:
            first, second = self.between
            return ((first, second), (second, first))
        assert self.origin is not None and self.destination is not None
        return ((self.origin, self.destination),)


class Border(Part):
    """Travel that an economy stops once it has seen a number of cases."""

    economies: Names = Field(min_length=1)
    share: Share = Field(description="share of travel stopped, in and out")
    after_cases: Cases = 0.0
    length: Annotated[int, Field(ge=1, le=3650, strict=True)] = 365


class Measures(Part):
    """Contacts that an economy avoids once it has seen a number of cases."""

    economies: Names = Field(min_length=1)
    share: Share = Field(description="share of contacts avoided")
    after_cases: Cases = 0.0
    length: Annotated[int, Field(ge=1, le=3650, strict=True)] = 365


class Epidemic(Part):
    """A disease that travels between economies and keeps people from work (models/epidemic).

    Defaults: a respiratory infection as in `models/epidemic_inputs`; work that goes on in spite of measures so that a
    standstill of all contacts costs a fifth of labour (del Rio-Chanona et al. 2020). First cases: assumption.
    """

    origin: Names = Field(min_length=1, alias="from", description="where the first cases are")
    first_cases: FirstCases = 100.0
    reproduction_number: Reproduction = 2.4
    latent_days: DaysIll = 4.0
    infectious_days: DaysIll = 3.5
    borders: tuple[Border, ...] = ()
    measures: tuple[Measures, ...] = ()
    exempt: Share = Field(
        0.68, description="share of work that goes on in spite of measures, beside work at home"
    )


class Banks(Part):
    """Value added lost by which loans go bad: the start of contagion between banking systems (models/finance)."""

    economies: Names = Field(min_length=1)
    share: Share = Field(description="share of value added behind loans that go bad")
    start: Days = 0
    length: Annotated[int, Field(ge=1, le=3650, strict=True)] = 365
    recovery: Days = 180


class Frequency(Part):
    """Accidents that happen by chance: how often a year, how much capacity, for how long."""

    per_year: Annotated[StrictFloat, Field(ge=0.0, le=50.0)]
    share: Between
    days: Lengths

    @model_validator(mode="after")
    def _ordered(self) -> Frequency:
        if self.share[0] > self.share[1] or self.days[0] > self.days[1]:
            raise ValueError("the smaller number comes first")
        return self


class Chance(Part):
    """What may happen to each industry, each economy and each sector of the world, independently."""

    industry: Frequency | None = None
    economy: Frequency | None = None
    sector: Frequency | None = None

    @model_validator(mode="after")
    def _something(self) -> Chance:
        if self.industry is None and self.economy is None and self.sector is None:
            raise ValueError("name at least one of industry, economy and sector")
        return self


class Shock(Part):
    """A checked shock, as a YAML file says it. Parts may stand together; `chance` is drawn, the others are certain."""

    format: Literal[1] = FORMAT
    name: Key
    title: Text
    description: Text = ""
    note: Text = Field("", description="the author's note: what the shock assumes")
    days: Annotated[int, Field(ge=1, le=1095, strict=True, description="horizon of the simulation")] = 365
    capacity: tuple[Loss, ...] = ()
    labour: tuple[Loss, ...] = ()
    demand: tuple[Loss, ...] = ()
    capital: tuple[Destruction, ...] = ()
    links: tuple[Closure, ...] = ()
    epidemic: Epidemic | None = None
    banks: Banks | None = None
    chance: Chance | None = None

    @model_validator(mode="after")
    def _something_happens(self) -> Shock:
        rules = (self.capacity, self.labour, self.demand, self.capital, self.links)
        if not any(rules) and self.epidemic is None and self.banks is None and self.chance is None:
            raise ValueError(
                "nothing happens; add capacity, labour, demand, capital, links, epidemic, banks or chance"
            )
        return self

    @model_validator(mode="after")
    def _within_the_horizon(self) -> Shock:
        if self.banks is not None and self.banks.start >= self.days:
            raise ValueError(
                f"banks starts on day {self.banks.start}, after the horizon of {self.days} days; raise 'days'"
            )
        for kind in ("capacity", "labour", "demand", "capital", "links"):
            for i, rule in enumerate(getattr(self, kind)):
                if rule.start >= self.days:
                    raise ValueError(_too_late(f"{kind}[{i}]", rule.start, self.days))
        if self.banks is not None and self.banks.start >= self.days:
            raise ValueError(_too_late("banks", self.banks.start, self.days))
        return self

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what happens, without title, description and note."""
        rules = self.model_dump(mode="json", exclude={"title", "description", "note"})
        return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()


def _too_late(place: str, start: int, days: int) -> str:
    return f"{place} starts on day {start}, after the horizon of {days} days; raise 'days'"
