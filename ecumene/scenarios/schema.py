"""The language of scenarios as frozen, checked models: what a YAML file may say about change over years.

Every default has its source in `docs/dynamics.md`; most are assumptions, and results name those they used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Final, Literal

from pydantic import Field, StrictFloat, ValidationError, model_validator

from ecumene.orders.schema import Key, Part, Player, Text

FORMAT = 1

STANCES: Final = ("open", "bloc", "tariffs", "closed")
"""What a player can choose, in the order of numbers."""

PARAMETERS: Final = (
    "responsiveness",
    "switching_cost",
    "backlash_weight",
    "backlash_decay",
    "threshold",
    "jump",
    "compensation",
    "pressure",
)
"""Numbers of a behaviour that a map can vary."""

MOST_YEARS: Final = 200

Years = Annotated[int, Field(ge=1, le=MOST_YEARS, strict=True)]
Scale = Annotated[StrictFloat, Field(ge=0.0, le=100.0, allow_inf_nan=False)]
Share = Annotated[StrictFloat, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Amount = Annotated[StrictFloat, Field(ge=0.0, le=1000.0, allow_inf_nan=False)]
Points = Annotated[StrictFloat, Field(ge=0.0, le=1000.0, allow_inf_nan=False)]
Depth = Annotated[int, Field(ge=0, le=6, strict=True)]


class Adjustment(Part):
    """How bound suppliers and workers are at first, and how fast they get free."""

    elasticity: Annotated[StrictFloat, Field(gt=0.0, le=1.0)] = Field(
        0.36, description="short-run trade elasticity over the long-run one"
    )
    supplier_years: Scale = Field(3.0, description="time scale of finding other suppliers; 0: at once")
    worker_years: Scale = Field(3.0, description="time scale of leaving a sector; 0: at once")


class Transition(Part):
    """One change of order, at one pace or several."""

    origin: str = Field("today", alias="from", description="an order's name, or a path relative to this file")
    target: str = Field(alias="to", description="an order's name, or a path relative to this file")
    years: Years = Field(10, description="years that the change of rules takes")
    paces: tuple[Years, ...] = Field((), description="the same change over these years, to compare")
    adjustment: Adjustment = Field(default_factory=lambda: Adjustment.model_validate({}))
    discount: Annotated[StrictFloat, Field(ge=0.0, lt=1.0)] = Field(
        0.03, description="a year, in comparing paces"
    )

    @property
    def all_paces(self) -> tuple[int, ...]:
        """Every pace once, ascending, with that of `years`."""
        return tuple(sorted({self.years, *self.paces}))


class Policies(Part):
    """What each stance means for a player's trade with other players and with the world."""

    bloc_depth: Annotated[int, Field(ge=1, le=6, strict=True)] = Field(
        3, description="depth among members of a bloc that choose it"
    )
    bloc_tariff_points: Points = Field(
        5.0, description="percentage points on goods from outside, by who is in its bloc"
    )
    bloc_cost_percent: Points = Field(
        0.0, description="barrier on imports from outside, in percent of their price, by the same"
    )
    tariff_points: Points = Field(
        10.0,
        description="percentage points on goods from everybody, by who levies tariffs; 0: the same as open",
    )
    closed_tariff_points: Points = Field(
        25.0, description="percentage points on goods from everybody, by who is closed"
    )
    closed_cost_percent: Points = Field(
        10.0, description="barrier on imports from everybody, in percent of their price, by the same"
    )
    closed_depth: Depth = Field(0, description="depth that is left, at most, with who is closed")


class Behaviour(Part):
    """How players revise; money is in percent of real income a year."""

    responsiveness: Amount = Field(3.0, description="beta of the logit, per percent of real income")
    revisions_per_year: Annotated[StrictFloat, Field(gt=0.0, le=12.0)] = Field(
        0.25, description="of one player"
    )
    switching_cost: Amount = Field(0.5, description="of a change of stance")
    backlash_weight: Amount = Field(0.2, description="payoff of closing for a unit of backlash")
    backlash_decay: Share = Field(0.2, description="share of the stock that fades in a year")
    threshold: Amount | None = Field(None, description="backlash at which identities switch; default: none")
    jump: Amount = Field(0.0, description="payoff of closing beyond the threshold")
    compensation: Share = Field(0.0, description="share of losers' losses that is made up for")
    pressure: Annotated[StrictFloat, Field(ge=-1000.0, le=1000.0, allow_inf_nan=False)] = Field(
        0.0, description="payoff of closing that comes from outside the model"
    )


class Arrival(Part):
    """A shock of the catalogue, or of a file, and how often it comes."""

    shock: Annotated[str, Field(min_length=1, max_length=1000)]
    per_year: Share = Field(description="chance in a year; independent of all else")


class Sweep(Part):
    """A pressure towards closing, or the chance of a shock, that is raised and lowered again."""

    shock: Annotated[str, Field(min_length=1, max_length=1000)] | None = Field(
        None,
        description="one of `shocks`: its chance a year is raised; default: a pressure towards closing",
    )
    lowest: Annotated[StrictFloat, Field(ge=-1000.0, le=1000.0, allow_inf_nan=False)] = 0.0
    highest: Annotated[StrictFloat, Field(ge=-1000.0, le=1000.0, allow_inf_nan=False)] = 10.0
    steps: Annotated[int, Field(ge=5, le=500, strict=True)] = 41
    years: Annotated[int, Field(ge=1, le=50, strict=True)] = Field(
        2, description="that paths stay at each step"
    )

    @model_validator(mode="after")
    def _rising(self) -> Sweep:
        if not self.lowest < self.highest:
            raise ValueError(f"lowest {self.lowest:g} is not below highest {self.highest:g}")
        if self.shock is not None and not 0.0 <= self.lowest < self.highest <= 1.0:
            raise ValueError(
                f"the chance of {self.shock} goes from {self.lowest:g} to {self.highest:g}; give lowest and highest "
                "from 0 to 1"
            )
        return self


class Axis(Part):
    """One parameter over a range."""

    parameter: Literal[PARAMETERS]  # type: ignore[valid-type]
    lowest: Annotated[StrictFloat, Field(allow_inf_nan=False)]
    highest: Annotated[StrictFloat, Field(allow_inf_nan=False)]
    steps: Annotated[int, Field(ge=2, le=60, strict=True)] = 12

    @model_validator(mode="after")
    def _in_range(self) -> Axis:
        if not self.lowest < self.highest:
            raise ValueError(f"lowest {self.lowest:g} is not below highest {self.highest:g}")
        for value in (self.lowest, self.highest):
            try:
                Behaviour.model_validate({self.parameter: value})
            except ValidationError as error:
                reason = error.errors(include_url=False)[0]["msg"]
                raise ValueError(f"{value:g} is no {self.parameter}: {reason.lower()}") from None
        return self


class Map(Part):
    """Which regime two parameters lead to."""

    across: Axis
    up: Axis
    paths: Annotated[int, Field(ge=1, le=1000, strict=True)] = 20

    @model_validator(mode="after")
    def _two(self) -> Map:
        if self.across.parameter == self.up.parameter:
            raise ValueError(f"both axes are {self.up.parameter}; take two parameters")
        return self


class Revision(Part):
    """Players that revise their stance towards the world, now and then."""

    players: tuple[Player, ...] = Field(
        min_length=2, max_length=24, description="economies, or unions that choose as one"
    )
    blocs: dict[Key, tuple[Player, ...]] = Field(
        default_factory=dict, description="players that would be a bloc; each in one at most"
    )
    start: dict[Player, Literal[STANCES]] = Field(  # type: ignore[valid-type]
        default_factory=dict, description="stance at the start; default: open, which is today"
    )
    policies: Policies = Field(default_factory=lambda: Policies.model_validate({}))
    behaviour: Behaviour = Field(default_factory=lambda: Behaviour.model_validate({}))
    shocks: tuple[Arrival, ...] = ()
    paths: Annotated[int, Field(ge=1, le=10_000, strict=True)] = 200
    checkpoints: tuple[Annotated[int, Field(ge=0, le=MOST_YEARS, strict=True)], ...] = Field(
        (), description="years at which paths are solved exactly; default: start, middle and end"
    )
    checked_paths: Annotated[int, Field(ge=1, le=1000, strict=True)] = Field(
        5, description="how many of the paths are solved there"
    )
    hysteresis: Sweep | None = None
    map: Map | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Revision:
        problems = _twice("players", self.players)
        inside = [player for members in self.blocs.values() for player in members]
        problems += _twice("blocs", inside, "a player is in one bloc at most")
        for name, members in self.blocs.items():
            if len(members) < 2:
                problems.append(f"blocs.{name} has {len(members)} member; a bloc has two or more")
        for place, names in (("blocs", inside), ("start", list(self.start))):
            problems += [
                f"{place}: {name} is no player; add it to players, or leave it out"
                for name in names
                if name not in self.players
            ]
        problems += [
            f"start: {name} starts in a bloc but belongs to none; name its bloc"
            for name, stance in self.start.items()
            if stance == "bloc" and name not in inside
        ]
        twice = [arrival.shock for arrival in self.shocks]
        problems += _twice("shocks", twice)
        raised = self.hysteresis
        if raised is not None and raised.shock is not None and raised.shock not in twice:
            problems.append(
                f"hysteresis.shock: {raised.shock} is not among shocks; add it there, with per_year: 0 if it is to "
                "come in the loop alone"
            )
        how = self.behaviour
        if raised is not None and how.backlash_decay == 0.0 and (how.backlash_weight > 0.0 or how.jump > 0.0):
            problems.append(
                "hysteresis: without decay the backlash never rests; give a backlash_decay above 0, or no "
                "backlash_weight and jump"
            )
        problems += _twice("checkpoints", map(str, self.checkpoints), "name each year once")
        if problems:
            raise ValueError("; ".join(dict.fromkeys(problems)))
        return self


def _twice(place: str, named: Iterable[str], why: str = "name each once") -> list[str]:
    names = list(named)
    found = sorted({name for name in names if names.count(name) > 1})
    return [f"{place}: {', '.join(found)} stands twice; {why}"] if found else []


class Scenario(Part):
    """A checked scenario file: a change of order, revisions of policy, or both."""

    format: Literal[1] = FORMAT
    name: Key
    title: Text = ""
    description: Text = ""
    note: Text = Field("", description="the author's note: what the scenario assumes")
    years: Years = Field(25, description="how far it is followed")
    seed: Annotated[int, Field(ge=0, lt=2**31, strict=True)] = 0
    transition: Transition | None = None
    revision: Revision | None = None

    @model_validator(mode="after")
    def _something(self) -> Scenario:
        if self.transition is None and self.revision is None:
            raise ValueError("say what happens: 'transition' (a change of order), 'revision', or both")
        if self.transition is not None and self.transition.all_paces[-1] > self.years:
            raise ValueError(
                f"the change takes {self.transition.all_paces[-1]} years and is followed for {self.years}; "
                "raise 'years' of the scenario, or make the change faster"
            )
        if self.revision is not None and max(self.revision.checkpoints, default=0) > self.years:
            raise ValueError(
                f"revision.checkpoints: year {max(self.revision.checkpoints)} is after the last, {self.years}"
            )
        return self

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what happens, without title, description and note."""
        rules = self.model_dump(mode="json", exclude={"title", "description", "note"})
        return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()
