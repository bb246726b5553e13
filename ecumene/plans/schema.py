"""The language of plans as frozen, checked models: what a YAML file may say about one economy's plan.

Every default has its source in `docs/planning.md`; most are assumptions, and each plan's notes name those it used.
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, StrictFloat, model_validator

from ecumene.orders.schema import Key, Names, Part, Text

FORMAT = 1

YEARS: Final = {"short": 1, "medium": 5, "long": 20}
"""Horizons and their default length in years."""

MOST_YEARS: Final = 50

Share = Annotated[StrictFloat, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Amount = Annotated[StrictFloat, Field(ge=0.0, allow_inf_nan=False)]
Factor = Annotated[StrictFloat, Field(ge=0.0, le=10.0, allow_inf_nan=False)]
PerYear = Annotated[StrictFloat, Field(ge=0.0, lt=1.0, allow_inf_nan=False)]


def _each(value: Any) -> Any:
    """One number stands for every year."""
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else value


Shares = Annotated[tuple[Share, ...], BeforeValidator(_each, json_schema_input_type=float | list[float])]
Factors = Annotated[
    tuple[Factor, ...],
    BeforeValidator(_each, json_schema_input_type=float | list[float]),
]


class Uses(Part):
    """Which final uses of the world are investment and which are changes of stocks; all others are consumed."""

    investment: Names = ()
    stocks: Names = ()


class Resource(Part):
    """Something scarce beside labour and capacity: what a million USD of output takes, and how much there is a year."""

    name: Key
    limit: Amount
    use: dict[str, Amount] = Field(min_length=1, description="sector: units per million USD of output")


class Learning(Part):
    """Unit costs fall with all that was ever made."""

    rate: Annotated[StrictFloat, Field(gt=0.0, lt=1.0)] = Field(
        description="fall of unit costs at a doubling of cumulated output"
    )
    experience: Annotated[StrictFloat, Field(gt=0.0, le=1000.0)] = Field(
        10.0, description="what was made before, in years of base output"
    )
    rounds: Annotated[int, Field(ge=1, le=50, strict=True)] = 10


class Settings(Part):
    """A checked plan file. What the caller gives beside it wins."""

    format: Literal[1] = FORMAT
    name: Key = "plan"
    title: Text = ""
    description: Text = ""
    note: Text = Field("", description="the author's note: what the plan assumes")
    horizon: Literal["short", "medium", "long"] = Field(
        "medium",
        description="short: capacity does not grow, stocks; medium: investment; long: also techniques of others",
    )
    years: Annotated[int, Field(ge=1, le=MOST_YEARS, strict=True)] | None = Field(
        None, description="default: 1, 5 or 20 by horizon"
    )
    import_cut: Shares = Field((0.0,), description="share of base imports cut; one, or one a year")
    required: Factors | None = Field(
        None,
        description="least living standard; one, or one a year; default: 1 while nothing is cut, then 0",
    )
    discount: PerYear = Field(0.03, description="rate a year")
    terminal_weight: Factor = Field(1.0, description="on capital left over, at replacement cost")
    depreciation: Share = Field(0.05, description="of capacity, a year")
    lag: Annotated[int, Field(ge=0, le=10, strict=True)] = Field(
        0, description="years until investment bears, beyond the next"
    )
    credit: Factor = Field(
        0.0, description="largest debt abroad, in years of base imports; repaid by the horizon"
    )
    interest: PerYear = 0.03
    labour_growth: Annotated[StrictFloat, Field(gt=-0.5, lt=0.5)] = Field(0.0, description="a year")
    stock_days: Amount | None = Field(
        None, description="of use, of every good that can be stored; default: by sector if short, else none"
    )
    techniques: Names = Field(
        (),
        description="economies whose techniques may be copied, or 'world' for the mean; default: world if long",
    )
    learning: Learning | None = None
    resources: tuple[Resource, ...] = ()
    uses: Uses | None = Field(None, description="default: recognised by name")
    investment_share: Share = Field(
        0.25, description="of final spending, where the world tells no investment apart"
    )

    @model_validator(mode="after")
    def _one_number_a_year(self) -> Settings:
        for name in ("import_cut", "required"):
            value = getattr(self, name)
            if value is not None and len(value) not in (1, self.length):
                raise ValueError(
                    f"{name} lists {len(value)} years of {self.length}; give one number, or one a year"
                )
        return self

    @model_validator(mode="after")
    def _each_resource_once(self) -> Settings:
        names = [resource.name for resource in self.resources]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"resources names {', '.join(twice)} twice; keep one")
        return self

    @property
    def length(self) -> int:
        """Years of the plan."""
        return YEARS[self.horizon] if self.years is None else self.years

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what is planned, without title, description and note."""
        rules = self.model_dump(mode="json", exclude={"title", "description", "note"})
        return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()
