"""Rules of claims: each reaches all of its verdicts on synthetic numbers, and no other."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from ecumene.errors import ClaimError, InputError
from ecumene.ledger.experiments import DESIGNS
from ecumene.ledger.reading import claim_from_text, load_claim, packaged
from ecumene.ledger.rule import Cell, judge, question_verdict, shares, together
from ecumene.ledger.schema import Claim, Question, Side
from ecumene.types import FloatArray

CELLS = tuple(itertools.product(("reference", "wiod"), ("central", "other")))
KINDS = ("supports", "contradicts", "nearly", "hardly", "split", "worlds", "none")


def _at(side: Side) -> float:
    return side.above + 1.0 if side.above is not None else side.below - 1.0  # pyright: ignore[reportOptionalOperand]


def _numbers(question: Question, kind: str) -> dict[Cell, FloatArray]:
    """Synthetic draws of a question: all or nearly all on a side, half on each, worlds apart, or none."""
    good, bad = (_at(side) for side in (question.supports, question.contradicts) if side is not None)
    rows = {
        "supports": [np.full(20, good)] * 4,
        "contradicts": [np.full(20, bad)] * 4,
        "nearly": [np.array([good] * 19 + [bad])] * 4,
        "hardly": [np.array([bad] * 19 + [good])] * 4,
        "split": [np.repeat([good, bad], 10)] * 4,
        "worlds": [np.full(20, good)] * 2 + [np.full(20, bad)] * 2,
        "none": [np.full(20, np.nan)] * 4,
    }[kind]
    return dict(zip(CELLS, rows, strict=True))


def _reached(claim: Claim) -> set[str]:
    sided = [question for question in claim.questions if question.supports is not None]
    open_ones = [question for question in sided if question.decides] or sided
    if not open_ones:
        return {judge(claim, {})[0]}
    found = set()
    for kinds in itertools.product(KINDS, repeat=min(len(open_ones), 3)):
        chosen = dict(zip([q.name for q in open_ones], [*kinds, *[kinds[-1]] * len(open_ones)], strict=False))
        numbers = {str(q.measure): _numbers(q, chosen.get(q.name, "split")) for q in sided}
        found.add(judge(claim, numbers)[0])
    return found


@pytest.mark.parametrize("claim", packaged(), ids=lambda claim: claim.name)
def test_a_rule_reaches_each_of_its_verdicts_and_no_other(claim: Claim) -> None:
    assert _reached(claim) == set(claim.verdicts)


def test_numbers_and_names_are_given_once_and_every_experiment_is_there() -> None:
    assert (
        len({claim.number for claim in packaged()})
        == len({claim.name for claim in packaged()})
        == len(packaged())
    )
    assert {e.run for claim in packaged() for e in claim.experiments} <= set(DESIGNS)


def _question(**given) -> Question:
    return Question.model_validate(
        {
            "name": "x",
            "says": "x",
            "measure": "x",
            "supports": {"above": 0},
            "contradicts": {"below": 0},
            **given,
        }
    )


def test_nine_tenths_of_the_draws_of_every_cell_decide() -> None:
    most = np.array([1.0] * 18 + [-1.0] * 2)
    fewer = np.array([1.0] * 17 + [-1.0] * 3)
    assert question_verdict(_question(), {CELLS[0]: most, CELLS[1]: most}, 0.9) == "supported"
    assert question_verdict(_question(), {CELLS[0]: most, CELLS[1]: fewer}, 0.9) == "mixed"
    assert question_verdict(_question(), {CELLS[0]: -most}, 0.9) == "contradicted"


def test_one_exception_ends_by_construction() -> None:
    only = _question(one_sign="a theorem")
    assert question_verdict(only, {CELLS[0]: np.full(20, -1.0)}, 0.9) == "by construction"
    assert question_verdict(only, {CELLS[0]: np.array([-1.0] * 19 + [1.0])}, 0.9) == "contradicted"


def test_draws_without_a_number_do_not_count_and_a_cell_of_few_takes_no_part() -> None:
    half = np.array([1.0] * 10 + [np.nan] * 10)
    few = np.array([-1.0] * 9 + [np.nan] * 11)
    assert shares(_question(), half) == (1.0, 0.0, 0.5)
    assert question_verdict(_question(), {CELLS[0]: half, CELLS[1]: few}, 0.9) == "supported"
    assert question_verdict(_question(), {CELLS[1]: few}, 0.9) == "cannot be tested here"


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (["supported", "supported", "cannot be tested here"], "supported"),
        (["supported", "contradicted"], "mixed"),
        (["contradicted", "by construction"], "contradicted"),
        (["by construction", "cannot be tested here"], "by construction"),
        (["cannot be tested here"], "cannot be tested here"),
        (["mixed", "supported"], "mixed"),
    ],
)
def test_questions_together(parts: list, whole: str) -> None:
    assert together(parts) == whole


def test_every_problem_of_a_claim_is_told_together() -> None:
    text = """number: 1
name: mine
title: Mine
statement: x
supports: x
contradicts: x
wrong: 1
experiments:
  - run: closing
    questions:
      - {name: a, says: x, measure: m, supports: {above: 0}, contradicts: {above: 1}}
      - {name: b, says: x}
verdicts: [perhaps]
literature: [{work: x, found: x}]
cannot_say: [x]
"""
    with pytest.raises(ClaimError) as caught:
        claim_from_text(text)
    problems = caught.value.problems
    for word in ("wrong", "both support and contradict", "name a measure", "not 'perhaps'"):
        assert any(word in problem for problem in problems), problems


def test_an_unknown_claim_is_refused_with_what_there_is() -> None:
    with pytest.raises(InputError, match=r"no claim '999'.*2 self-sufficiency"):
        load_claim(999)
