"""The language of sweeps as frozen, checked models: worlds, orders, shocks and parameters, and what is measured."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator
from scipy import stats

from ecumene.orders.schema import Key, Part, Text
from ecumene.sweeps.parameters import PARAMETERS

FORMAT = 1

NOTHING: Final = "none"
"""Stands for no shock in the list of shocks."""

MOST_CASES: Final = 1_000_000_000
MOST_VALUES: Final = 1_000_000

Number = Annotated[float, Field(allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1, max_length=1000)]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str | int | float) and not isinstance(value, bool) else value


Names = Annotated[
    tuple[Name, ...], BeforeValidator(_listed, json_schema_input_type=str | list[str]), Field(max_length=1000)
]


class Grid(Part):
    """Equal steps between two ends, both included; equal ratios with `log`."""

    lowest: Number = Field(alias="from")
    highest: Number = Field(alias="to")
    steps: Annotated[int, Field(ge=2, le=MOST_VALUES, strict=True)]
    spacing: Literal["linear", "log"] = "linear"

    @model_validator(mode="after")
    def _rising(self) -> Grid:
        if not self.lowest < self.highest:
            raise ValueError(f"'from' {self.lowest:g} is not below 'to' {self.highest:g}")
        if self.spacing == "log" and self.lowest <= 0:
            raise ValueError(f"'from' is {self.lowest:g}; equal ratios begin above 0")
        return self


class Bell(Part):
    """A normal distribution, cut at two ends."""

    mean: Number
    sd: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    between: tuple[Number, Number] = Field(
        description="draws lie between these; the distribution is cut there"
    )

    @model_validator(mode="after")
    def _cut(self) -> Bell:
        low, high = self.between
        inside = stats.norm.cdf((high - self.mean) / self.sd) - stats.norm.cdf((low - self.mean) / self.sd)
        if not low < high or not inside > 1e-6:
            raise ValueError(f"between {low:g} and {high:g} lies nothing of this distribution; widen it")
        return self


class Skewed(Part):
    """A lognormal distribution, cut at two ends: the logarithm has this standard deviation."""

    median: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    log_sd: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)]
    between: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]] = Field(
        description="draws lie between these; the distribution is cut there"
    )

    @model_validator(mode="after")
    def _cut(self) -> Skewed:
        low, high = self.between
        if not low < self.median < high:
            raise ValueError(f"the median {self.median:g} is not between {low:g} and {high:g}")
        return self


class Variation(Part):
    """How one parameter varies: over values or a grid, crossed with all else, or drawn from a distribution."""

    values: Annotated[
        tuple[Number | Annotated[str, Field(max_length=40)], ...] | None,
        BeforeValidator(_listed),
        Field(min_length=1, max_length=MOST_VALUES),
    ] = None
    grid: Grid | None = None
    uniform: tuple[Number, Number] | None = Field(None, description="drawn, equally likely between two ends")
    loguniform: tuple[Number, Number] | None = Field(None, description="drawn, its logarithm equally likely")
    normal: Bell | None = None
    lognormal: Skewed | None = None

    @model_validator(mode="after")
    def _one(self) -> Variation:
        said = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(said) != 1:
            raise ValueError(
                f"say exactly one of values, grid, uniform, loguniform, normal, lognormal; here are {len(said)}"
            )
        for name in ("uniform", "loguniform"):
            ends = getattr(self, name)
            if ends is not None and not ends[0] < ends[1]:
                raise ValueError(f"{name}: {ends[0]:g} is not below {ends[1]:g}")
        if self.loguniform is not None and self.loguniform[0] <= 0:
            raise ValueError(f"loguniform: {self.loguniform[0]:g} is not above 0")
        if self.values is not None and len(set(self.values)) != len(self.values):
            raise ValueError("values: one stands twice; name each once")
        return self

    @property
    def drawn(self) -> bool:
        """Whether it is drawn, and not crossed."""
        return self.values is None and self.grid is None

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the largest number that it can give; not for words."""
        if self.values is not None:
            numbers = [value for value in self.values if not isinstance(value, str)]
            return min(numbers), max(numbers)
        if self.grid is not None:
            return self.grid.lowest, self.grid.highest
        cut = self.normal or self.lognormal
        ends = self.uniform or self.loguniform or (cut.between if cut is not None else None)
        assert ends is not None
        return ends


class Sampling(Part):
    """How the parameters that are drawn are drawn together."""

    method: Literal["sobol", "latin-hypercube", "random"] = "sobol"
    draws: Annotated[int, Field(ge=1, le=MOST_CASES, strict=True)] = 64


class SweepFile(Part):
    """A sweep as a YAML file says it: every world, order and shock under every point of the parameters."""

    format: Literal[1] = FORMAT
    name: Key
    title: Text = ""
    description: Text = ""
    note: Text = Field("", description="the author's note: what the sweep assumes")
    worlds: Names = Field(
        ("reference",), min_length=1, description="as --world takes them; files are seen from this file"
    )
    orders: Names = Field(min_length=1, description="presets, or files seen from this file")
    shocks: Names = Field(
        (NOTHING,), min_length=1, description="each alone: names or files seen from this file; none: no shock"
    )
    parameters: dict[str, Variation] = Field(default_factory=dict)
    sampling: Sampling = Field(default_factory=lambda: Sampling.model_validate({}))
    seed: Annotated[int, Field(ge=0, lt=2**31, strict=True)] = 0
    measures: Names = Field(
        ("real_income",), min_length=1, description="what is kept of every case, by economy"
    )
    economies: Names = Field(
        (), description="whose numbers are kept; default: all. The world's mean always is"
    )
    batch: Annotated[int, Field(ge=1, le=10_000, strict=True)] = Field(
        100, description="cases solved and written together; part of what makes runs equal"
    )

    @field_validator("parameters")
    @classmethod
    def _in_one_order(cls, value: dict[str, Variation]) -> dict[str, Variation]:
        """By name: what a draw gives a parameter must not depend on where it stands in a file."""
        return dict(sorted(value.items()))

    @model_validator(mode="after")
    def _consistent(self) -> SweepFile:
        problems = [
            f"{place}: {', '.join(twice)} stands twice; name each once"
            for place in ("worlds", "orders", "shocks", "measures", "economies")
            if (twice := sorted({n for n in getattr(self, place) if getattr(self, place).count(n) > 1}))
        ]
        for name, variation in self.parameters.items():
            problems += _unfit(name, variation)
        if not problems and self.cases > MOST_CASES:
            problems.append(f"{self.cases:,} cases, more than {MOST_CASES:,}; make grids coarser")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def points(self) -> int:
        """How many points of the parameters every world, order and shock meets."""
        count = self.sampling.draws if any(each.drawn for each in self.parameters.values()) else 1
        for each in self.parameters.values():
            if each.values is not None:
                count *= len(each.values)
            elif each.grid is not None:
                count *= each.grid.steps
        return count

    @property
    def cases(self) -> int:
        """How many cases the sweep has."""
        return self.points * len(self.worlds) * len(self.orders) * len(self.shocks)


def _unfit(name: str, variation: Variation) -> list[str]:
    """What is wrong with how a parameter varies, each with a remedy."""
    known = PARAMETERS.get(name)
    if known is None:
        return [f"parameters: no parameter '{name}'; choose among {', '.join(PARAMETERS)}"]
    if known.is_word:
        wrong = [value for value in variation.values or ("?",) if value not in known.words]
        return [f"parameters.{name}: give values among {', '.join(known.words)}"] if wrong else []
    texts = [value for value in variation.values or () if isinstance(value, str)]
    if texts:
        return [f"parameters.{name}: '{texts[0]}' is no number"]
    low, high = variation.ends
    if low < known.lowest or high > known.highest:
        return [
            f"parameters.{name}: from {low:g} to {high:g}; it must lie between {known.lowest:g} and {known.highest:g}"
        ]
    return []
