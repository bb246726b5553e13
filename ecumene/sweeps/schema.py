"""The language of sweeps as frozen, checked models: worlds, orders, shocks and parameters, and what is measured."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Discriminator, Field, StrictFloat, Tag, field_validator, model_validator

from ecumene import countries
from ecumene.orders.schema import Key, Part, Text
from ecumene.priors.draws import MOST as MOST_DRAWS
from ecumene.priors.shocks import BY_NAME
from ecumene.sweeps import parameters
from ecumene.sweeps.parameters import RANKS, of_priors

FORMAT = 1

NOTHING: Final = "none"
"""Stands for no shock in the list of shocks."""

MOST_CASES: Final = 1_000_000_000
MOST_VALUES: Final = 1_000_000
MOST_BATCHES: Final = 1_000_000
"""Each batch is a file, and some hundred bytes in the process that asks."""

Number = Annotated[StrictFloat, Field(allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1, max_length=1000)]


def _kind(value: Any) -> str:
    return "word" if isinstance(value, str) else "number"


Value = Annotated[
    Annotated[Number, Tag("number")] | Annotated[str, Field(max_length=40), Tag("word")], Discriminator(_kind)
]


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
    sd: Annotated[StrictFloat, Field(gt=0, allow_inf_nan=False)]
    between: tuple[Number, Number] = Field(
        description="draws lie between these; the distribution is cut there"
    )

    @model_validator(mode="after")
    def _cut(self) -> Bell:
        from scipy.special import ndtr  # a worker needs it not, and it is slow to load

        low, high = self.between
        inside = ndtr((high - self.mean) / self.sd) - ndtr((low - self.mean) / self.sd)
        if not low < high or not inside > 1e-6:
            raise ValueError(f"between {low:g} and {high:g} lies nothing of this distribution; widen it")
        return self


class Skewed(Part):
    """A lognormal distribution, cut at two ends: the logarithm has this standard deviation."""

    median: Annotated[StrictFloat, Field(gt=0, allow_inf_nan=False)]
    log_sd: Annotated[StrictFloat, Field(gt=0, le=10, allow_inf_nan=False)]
    between: tuple[
        Annotated[StrictFloat, Field(gt=0, allow_inf_nan=False)],
        Annotated[StrictFloat, Field(gt=0, allow_inf_nan=False)],
    ] = Field(description="draws lie between these; the distribution is cut there")

    @model_validator(mode="after")
    def _cut(self) -> Skewed:
        low, high = self.between
        if not low < self.median < high:
            raise ValueError(f"the median {self.median:g} is not between {low:g} and {high:g}")
        return self


class Peaked(Part):
    """A triangular distribution: from one end up to its peak, and down to the other."""

    peak: Number
    between: tuple[Number, Number] = Field(description="the ends, where the density is 0")

    @model_validator(mode="after")
    def _inside(self) -> Peaked:
        low, high = self.between
        if not low <= self.peak <= high or not low < high:
            raise ValueError(f"the peak {self.peak:g} is not between {low:g} and {high:g}")
        return self


class Variation(Part):
    """How one parameter varies: over values or a grid, crossed with all else, or drawn from a distribution."""

    values: Annotated[
        tuple[Value, ...] | None,
        BeforeValidator(_listed),
        Field(min_length=1, max_length=MOST_VALUES),
    ] = None
    grid: Grid | None = None
    uniform: tuple[Number, Number] | None = Field(None, description="drawn, equally likely between two ends")
    loguniform: tuple[Number, Number] | None = Field(None, description="drawn, its logarithm equally likely")
    normal: Bell | None = None
    lognormal: Skewed | None = None
    triangular: Peaked | None = None
    prior: Annotated[str, Field(max_length=100)] | None = Field(
        None, description="drawn as a row of the table of priors says, as theta:chemicals or shock:stock_days"
    )

    @model_validator(mode="after")
    def _one(self) -> Variation:
        said = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(said) != 1:
            raise ValueError(f"say exactly one of {', '.join(type(self).model_fields)}; here are {len(said)}")
        for name in ("uniform", "loguniform"):
            ends = getattr(self, name)
            if ends is not None and not ends[0] < ends[1]:
                raise ValueError(f"{name}: {ends[0]:g} is not below {ends[1]:g}")
        if self.loguniform is not None and self.loguniform[0] <= 0:
            raise ValueError(f"loguniform: {self.loguniform[0]:g} is not above 0")
        if self.values is not None and len(set(self.values)) != len(self.values):
            raise ValueError("values: one stands twice; name each once")
        if self.prior is not None and self.prior not in BY_NAME:
            near = countries.nearest(self.prior, BY_NAME)
            hint = f"did you mean {near[0]}?" if near else f"its rows are {', '.join(BY_NAME)}"
            raise ValueError(f"prior: the table of priors has no row '{self.prior}'; {hint}")
        return self

    @property
    def drawn(self) -> bool:
        """Whether it is drawn, and not crossed."""
        return self.values is None and self.grid is None

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the largest number that it can give; not for words and priors."""
        if self.values is not None:
            numbers = [value for value in self.values if not isinstance(value, str)]
            return min(numbers), max(numbers)
        if self.grid is not None:
            return self.grid.lowest, self.grid.highest
        cut = self.normal or self.lognormal or self.triangular
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
    priors: bool = Field(
        False,
        description="draw every parameter that has a row in the table of priors, each from the stream of draws that "
        "compare gives it; what parameters name varies as it is said there",
    )
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
        if (self.priors or any(name in self.parameters for name in RANKS)) and "ladder" in self.parameters:
            problems.append(
                "parameters.ladder: ends of the ladder and ranks inside its intervals exclude each other; leave one out"
            )
        if self.priors and not 2 <= self.sampling.draws <= MOST_DRAWS:
            problems.append(
                f"sampling.draws: {self.sampling.draws:,}; with priors at least 2 and at most {MOST_DRAWS:,}"
            )
        if not problems and self.cases > MOST_CASES:
            problems.append(
                f"{self.cases:,} cases, more than {MOST_CASES:,}; take fewer draws, or make grids coarser"
            )
        if not problems and -(-self.cases // self.batch) > MOST_BATCHES:
            problems.append(
                f"batch: {self.cases:,} cases in batches of {self.batch:,} are more than {MOST_BATCHES:,} files; "
                f"make it {-(-self.cases // MOST_BATCHES):,} or more"
            )
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def from_table(self) -> dict[str, str]:
        """Parameters that `priors` draws, with their rows of the table, by name."""
        if not self.priors:
            return {}
        found = of_priors(any(shock != NOTHING for shock in self.shocks))
        return {name: row for name, row in found.items() if name not in self.parameters}

    @property
    def varied(self) -> tuple[str, ...]:
        """Every parameter that a case has a value of, by name."""
        return tuple(sorted({*self.parameters, *self.from_table}))

    @property
    def points(self) -> int:
        """How many points of the parameters every world, order and shock meets."""
        drawn = self.priors or any(each.drawn for each in self.parameters.values())
        count = self.sampling.draws if drawn else 1
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
    known = parameters.known(name)
    if known is None:
        return [f"parameters: no parameter '{name}'; {parameters.suggestion(name)}"]
    if variation.prior is not None:
        row = BY_NAME[variation.prior]
        if known.prior and (row.name == known.prior or (row.unit == "factor" and known.units == "ratio")):
            return []
        hint = f"its row is {known.prior}" if known.prior else "it has no row; say a distribution"
        return [f"parameters.{name}: the prior {row.name} ({row.unit}) does not speak of it; {hint}"]
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
