"""From numbers to a verdict: pure functions of the rule that a claim fixed before anything ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from ecumene.ledger.schema import Claim, Question, Side, Verdict
from ecumene.types import FloatArray

SUPPORTED: Final[Verdict] = "supported"
CONTRADICTED: Final[Verdict] = "contradicted"
MIXED: Final[Verdict] = "mixed"
BY_CONSTRUCTION: Final[Verdict] = "by construction"
UNTESTABLE: Final[Verdict] = "cannot be tested here"

Cell = tuple[str, str]
"""A world and a structure, by their names."""

Numbers = Mapping[str, Mapping[Cell, FloatArray]]
"""Draws of every measure, by world and structure; not a number where a draw has none."""


ENOUGH: Final = 0.5
"""Share of draws that must have a number, or the world and structure takes no part and is told."""


class Shares(NamedTuple):
    """Of the draws that have a number the shares that support and contradict, and the share that has one."""

    supports: float
    contradicts: float
    known: float


def on(side: Side | None, values: FloatArray) -> np.ndarray:
    """Which numbers lie on a side."""
    if side is None:
        return np.zeros(len(values), dtype=bool)
    if side.above is not None:
        return np.asarray(values > side.above)
    assert side.below is not None
    return np.asarray(values < side.below)


def shares(question: Question, values: FloatArray) -> Shares:
    """How the draws of a cell divide."""
    known = values[np.isfinite(values)]
    if not len(known):
        return Shares(0.0, 0.0, 0.0)
    sides = (on(side, known) for side in (question.supports, question.contradicts))
    return Shares(*(float(np.mean(side)) for side in sides), known=len(known) / len(values))


def question_verdict(question: Question, cells: Mapping[Cell, FloatArray], share: float) -> Verdict:
    """`supported` where in every cell the `share` of draws lies on the side that supports; `contradicted` likewise.

    A question that the model can answer in one way only is `by construction` where indeed every draw that has a
    number lies on one and the same side. All else is `mixed`. Cells where fewer than `ENOUGH` draws have a number take
    no part; where none takes part: `cannot be tested here`.
    """
    found = [each for each in (shares(question, values) for values in cells.values()) if each.known >= ENOUGH]
    if question.untestable is not None or not found:
        return UNTESTABLE
    if question.one_sign is not None:
        for side in ("supports", "contradicts"):
            if all(getattr(each, side) == 1.0 for each in found):
                return BY_CONSTRUCTION
    if all(each.supports >= share for each in found):
        return SUPPORTED
    if all(each.contradicts >= share for each in found):
        return CONTRADICTED
    return MIXED


def together(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict of a claim from those of the questions that decide it.

    What cannot be tested decides nothing, and what holds by construction decides only where nothing else does; the
    others agree, or the verdict is `mixed`.
    """
    tested = [verdict for verdict in verdicts if verdict != UNTESTABLE]
    if not tested:
        return UNTESTABLE
    agreed = set(tested) - {BY_CONSTRUCTION}
    for verdict in (SUPPORTED, CONTRADICTED):
        if agreed == {verdict}:
            return verdict
    return MIXED if agreed else BY_CONSTRUCTION


def judge(claim: Claim, numbers: Numbers) -> tuple[Verdict, dict[str, Verdict]]:
    """The verdict of a claim, and that of every question with sides or without a measure."""
    of: dict[str, Verdict] = {
        question.name: question_verdict(question, numbers.get(question.measure or "", {}), claim.share)
        for question in claim.questions
        if question.supports is not None or question.untestable is not None
    }
    return together([of[question.name] for question in claim.questions if question.decides]), of
