"""The page of the ledger: every claim, its verdict, the numbers under it, the literature beside it, in Markdown."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ecumene.files import write_text
from ecumene.ledger.experiments import DESIGNS
from ecumene.ledger.outcome import HIGH, LOW, Finding, Ledger
from ecumene.ledger.rule import BY_CONSTRUCTION, ENOUGH, shares
from ecumene.ledger.schema import Experiment, Question, Side
from ecumene.types import FloatArray


def write_page(ledger: Ledger, path: str | os.PathLike[str]) -> Path:
    """Write the page. Errors: OutputError."""
    return write_text(path, page(ledger))


def page(ledger: Ledger) -> str:
    """The whole page: what it is, the table of verdicts, and every claim."""
    lines = [*_head(ledger), *summary(ledger)]
    for finding in ledger.findings:
        lines += ["", *_claim(finding)]
    return "\n".join(lines).rstrip() + "\n"


def summary(ledger: Ledger) -> list[str]:
    """The table of verdicts."""
    rows = [f"| {f.claim.number} | [{f.claim.title}](#{anchor(f)}) | {f.verdict} |" for f in ledger.findings]
    return ["| | claim | verdict |", "|---|---|---|", *rows]


def anchor(finding: Finding) -> str:
    """Where the page has a claim."""
    return f"claim-{finding.claim.number}"


def _head(ledger: Ledger) -> Iterator[str]:
    yield "# The evidence ledger"
    yield ""
    yield (
        "Claims about world orders, put to experiments. Each claim is a file that says in advance what would "
        "support it and "
        "what would contradict it; the rule of its verdict was fixed before the ledger ran; where a "
        "part of it was set after a trial, the claim notes it. A verdict is about "
        "these models, "
        "these worlds and these assumptions, and nothing else: it does not say who is right, what ought to "
        "be done, or what "
        "will happen."
    )
    yield ""
    yield f"{ledger.draws} draws of the parameters from seed {ledger.seed}, the same for every order, on these worlds:"
    yield ""
    for name, notes in ledger.worlds.items():
        yield f"- **{name}**: {' '.join(note.rstrip('.') + '.' for note in notes)}"
    yield ""
    yield (
        "`supported` and `contradicted`: the share of draws that the claim's file names agrees in every world and "
        "structure. `by construction`: the model can give only one sign, so that the numbers say how much "
        "and not whether. "
        "`cannot be tested here`: nothing in these models measures it. All else is `mixed`. Ranges are "
        "medians and 5 to "
        "95 % of draws."
    )
    yield ""
    yield (
        "Made by `ecumene evidence --world reference,wiod:PATH --out evidence.md`, which can be stopped and "
        "goes on where it "
        "was. One claim: `--claim 4`; a claim of your own: `--claim FILE.yaml`. In Python: `ecumene.evidence`."
    )
    yield ""


def _claim(finding: Finding) -> Iterator[str]:
    claim = finding.claim
    yield f"## {claim.number}. {claim.title} {{#{anchor(finding)}}}"
    yield ""
    yield f"> {claim.statement}"
    yield ""
    yield f"**Verdict: {finding.verdict}.**"
    yield ""
    yield f"Would support it: {claim.supports}"
    yield ""
    yield f"Would contradict it: {claim.contradicts}"
    if claim.note:
        yield ""
        yield f"Note: {claim.note}"
    for experiment in claim.experiments:
        yield ""
        yield from _experiment(finding, experiment)
    if finding.skipped:
        yield ""
        yield "Left out: " + "; ".join(finding.skipped) + "."
    yield ""
    yield "What others found:"
    yield ""
    for work in claim.literature:
        yield f"- {work.work}: {work.found}"
    yield ""
    yield "What this cannot say:"
    yield ""
    for sentence in claim.cannot_say:
        yield f"- {sentence}"


def _experiment(finding: Finding, experiment: Experiment) -> Iterator[str]:
    testable = [question for question in experiment.questions if question.untestable is None]
    if testable:
        yield f"**Experiment `{experiment.run}`.** {' '.join((DESIGNS[experiment.run].run.__doc__ or '').split())}"
        yield ""
    for name, prior in experiment.parameters.items():
        scale = ", in logs" if prior.scale == "log" else ""
        yield f"- `{name}` from {prior.low:g} to {prior.high:g}{scale}: {prior.source}"
    structures = DESIGNS[experiment.run].structures if testable else ()
    for structure in structures:
        yield f"- structure `{structure.name}`: {structure.about}"
    if experiment.parameters or structures:
        yield ""
    for question in experiment.questions:
        yield from _question(finding, question)
        yield ""


def _question(finding: Finding, question: Question) -> Iterator[str]:
    verdict = finding.questions.get(question.name)
    role = "" if question.decides else " (informs, does not decide)"
    yield f"*{question.says}*{role}" + (f" **{verdict}**" if verdict else "")
    if question.untestable is not None:
        yield ""
        yield question.untestable
        return
    if question.one_sign is not None:
        yield ""
        yield f"{_only(finding, question)}: {question.one_sign}"
    if question.supports is not None and question.contradicts is not None:
        yield ""
        yield (
            f"Supports: {_side(question.supports)}; contradicts: {_side(question.contradicts)} {question.unit}, "
            f"in {100 * finding.claim.share:g} % of draws."
        )
    cells = finding.numbers.get(question.measure or "", {})
    if not cells:
        return
    yield ""
    yield f"| world | structure | {question.unit}: median (5 to 95 %) | supports | contradicts |"
    yield "|---|---|---|---|---|"
    for (world, structure), values in cells.items():
        found = shares(question, values)
        sides = (
            ("", "") if question.supports is None else (f"{found.supports:.0%}", f"{found.contradicts:.0%}")
        )
        few = "" if found.known >= ENOUGH else ", takes no part"
        known = "" if found.known == 1.0 else f" ({found.known:.0%} of draws have a number{few})"
        yield f"| {world} | {structure} | {_range(values)}{known} | {sides[0]} | {sides[1]} |"


def _only(finding: Finding, question: Question) -> str:
    """Which way a question goes that can go one way only."""
    if finding.questions.get(question.name) != BY_CONSTRUCTION:
        return "Expected to have one sign only, and has both"
    cells = finding.numbers[question.measure or ""].values()
    against = any(shares(question, values).contradicts > 0 for values in cells)
    return f"One sign only, {'against' if against else 'for'} what it asks"


def _side(side: Side) -> str:
    return f"above {side.above:g}" if side.above is not None else f"below {side.below:g}"


def _range(values: FloatArray) -> str:
    known = values[np.isfinite(values)]
    if not len(known):
        return "no number"
    low, mid, high = np.percentile(known, [LOW, 50.0, HIGH])
    size = max(abs(low), abs(mid), abs(high))
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 or size == 0 else 4
    return f"{mid:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"
