"""What the file of a claim says: its words, its experiments, and the rule that was fixed before they ran."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from ecumene.orders.schema import Key, Part, Text

Number = Annotated[float, Field(allow_inf_nan=False)]
Measure = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Verdict = Literal["supported", "contradicted", "mixed", "by construction", "cannot be tested here"]


class Side(Part):
    """Numbers above, or below, a threshold."""

    above: Number | None = None
    below: Number | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("give either above or below")
        return self


class Range(Part):
    """A parameter that is drawn evenly, in logs where `scale` says so, and where its ends come from."""

    low: Number
    high: Number
    scale: Literal["linear", "log"] = "linear"
    source: Text

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.high <= self.low or (self.scale == "log" and self.low <= 0):
            raise ValueError("high must be above low, and low above 0 where the scale is log")
        return self


class Question(Part):
    """A part of a claim: one measure, and what of it supports or contradicts the claim."""

    name: Key
    says: Text
    measure: Measure | None = None
    unit: Text = ""
    supports: Side | None = None
    contradicts: Side | None = None
    one_sign: Text | None = Field(None, description="why the model can give this measure only one sign")
    untestable: Text | None = Field(None, description="why nothing here measures it")
    decides: bool = Field(True, description="whether the verdict rests on it, or it only informs")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.untestable is not None:
            if self.measure is not None or self.supports is not None or self.contradicts is not None:
                raise ValueError("what cannot be tested has no measure and no sides")
            return self
        if self.measure is None:
            raise ValueError("name a measure, or say why it is untestable")
        if (self.supports is None) != (self.contradicts is None):
            raise ValueError("give both supports and contradicts, or neither")
        if self.decides and self.supports is None:
            raise ValueError("what decides needs supports and contradicts")
        if (
            self.supports is not None
            and self.contradicts is not None
            and not _apart(self.supports, self.contradicts)
        ):
            raise ValueError("no number may both support and contradict")
        return self


def _apart(one: Side, other: Side) -> bool:
    if one.above is not None and other.below is not None:
        return other.below <= one.above
    return one.below is not None and other.above is not None and one.below <= other.above


class Experiment(Part):
    """A named experiment, what it is given, the parameters that are drawn for it, and the questions it answers."""

    run: Key
    settings: dict[Measure, Number | tuple[Text, ...] | Text] = Field(default_factory=dict)
    parameters: dict[Measure, Range] = Field(default_factory=dict)
    questions: tuple[Question, ...] = Field(min_length=1)


class Work(Part):
    """A published work and what it found."""

    work: Text
    found: Text


class Claim(Part):
    """A claim about world orders in neutral words, and how it is put to the test."""

    number: Annotated[int, Field(ge=1, le=999, strict=True)]
    name: Key
    title: Text
    statement: Text
    supports: Text
    contradicts: Text
    share: Annotated[float, Field(gt=0.5, le=1.0)] = Field(
        0.9, description="share of draws that must agree in every world and structure"
    )
    note: Text = Field("", description="how the rule was set, where not before any experiment ran")
    experiments: tuple[Experiment, ...] = Field(min_length=1)
    verdicts: tuple[Verdict, ...] = Field(min_length=1, description="every verdict that the rule can reach")
    literature: tuple[Work, ...] = Field(min_length=1)
    cannot_say: tuple[Text, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        names = [question.name for question in self.questions]
        if len(set(names)) < len(names):
            raise ValueError("name every question once")
        return self

    @property
    def questions(self) -> tuple[Question, ...]:
        """Questions of all experiments."""
        return tuple(question for experiment in self.experiments for question in experiment.questions)


def asked(experiment: Experiment) -> str:
    """Hash of what decides an experiment's numbers: its name, settings and parameters, no words and no rule."""
    given = experiment.model_dump(include={"run", "settings", "parameters"})
    for drawn in given["parameters"].values():
        del drawn["source"]
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()
