"""`evidence`: claims, worlds and experiments joined into a ledger."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

import ecumene
from ecumene import countries
from ecumene.errors import InputError, SolveError
from ecumene.ledger import store
from ecumene.ledger.bench import Bench, Design, drawn
from ecumene.ledger.experiments import DESIGNS
from ecumene.ledger.outcome import Finding, Ledger
from ecumene.ledger.reading import Reference, load_claim, packaged
from ecumene.ledger.rule import Cell, judge
from ecumene.ledger.schema import Claim, Experiment, asked
from ecumene.ledger.structures import Structure, built, smaller
from ecumene.processors import threads
from ecumene.sidebyside import Count, Progress, Tell, together
from ecumene.sources import load_world
from ecumene.types import FloatArray
from ecumene.world import World

DRAWS = 64
"""Draws unless another number is asked for (assumption, as for ranges)."""

PART = 8
"""Draws between two saved states."""


class Task(NamedTuple):
    """An experiment of a claim on a world under one structure."""

    claim: Claim
    experiment: Experiment
    world: str
    structure: Structure


def evidence(
    claims: Iterable[Claim | Reference] | Claim | Reference | None = None,
    worlds: Mapping[str, World] | Sequence[str] | str = "reference",
    *,
    draws: int = DRAWS,
    seed: int = 0,
    economy: str | None = None,
    progress: Progress | None = None,
    folder: Path | None = None,
    workers: int | None = None,
) -> Ledger:
    """The evidence ledger: every claim put to its experiments, and judged by the rule that its file fixed before.

    Every experiment runs on every world, under each of its structures, in `draws` seeded draws of its parameters, the
    same for all orders. Worlds are merged to a size that so many solves allow, which the ledger says. All claims by
    default; else numbers, names or files. `economy` is whom claims about one economy are about, in place of whom their
    files name. Draws done are kept in `folder`, where one is given, and found again there.
    Errors: InputError (unknown claims, experiments or measures, what an experiment does not read, draws below 2),
    ClaimError (a file), SourceError (a world).
    """
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 2:
        raise InputError(f"draws is {draws!r:.40}; give a whole number, 2 or more")
    chosen = [claim if economy is None else concerning(claim, economy) for claim in _claims(claims)]
    named = _worlds(worlds)
    prepared = {name: smaller(world) for name, world in named.items()}
    tasks, skipped = _tasks(chosen, named)
    count = Count(len(tasks) * draws, progress)

    work = [partial(_run, task, prepared[task.world][0], draws, seed, folder) for task in tasks]
    rows = together(work, count.add, threads(workers)) if work else []
    findings = []
    for claim in chosen:
        numbers: dict[str, dict[Cell, FloatArray]] = {}
        for task, found in zip(tasks, rows, strict=True):
            if task.claim is claim:
                for measure in sorted({name for row in found for name in row}):
                    values = np.array([row.get(measure, np.nan) for row in found])
                    numbers.setdefault(measure, {})[task.world, task.structure.name] = values
        _measures(claim, numbers)
        verdict, of = judge(claim, numbers)
        findings.append(Finding(claim, verdict, of, numbers, tuple(skipped.get(claim.name, ()))))
    about = {name: (named[name].source, *notes) for name, (_, notes) in prepared.items()}
    return Ledger(tuple(findings), about, draws, seed)


def concerning(claim: Claim, economy: str) -> Claim:
    """The claim about another economy, where it is about one; else itself. Errors: InputError for an unknown name."""
    if not any("economy" in experiment.settings for experiment in claim.experiments):
        return claim
    code = countries.code_of(economy)
    settled = [
        each.model_copy(update={"settings": {**each.settings, "economy": code}})
        if "economy" in each.settings
        else each
        for each in claim.experiments
    ]
    return claim.model_copy(
        update={"experiments": tuple(settled), "title": f"{claim.title}: {countries.name_of(code)}"}
    )


def _claims(given: Iterable[Claim | Reference] | Claim | Reference | None) -> list[Claim]:
    if given is None:
        return list(packaged())
    listed = [given] if isinstance(given, Claim | str | int | os.PathLike) else list(given)
    found = [each if isinstance(each, Claim) else load_claim(each) for each in listed]
    unknown = sorted({e.run for claim in found for e in claim.experiments} - set(DESIGNS))
    if unknown:
        raise InputError(f"no experiment {', '.join(unknown)}; there are {', '.join(DESIGNS)}")
    if not found or len({claim.name for claim in found}) < len(found):
        raise InputError("name at least one claim, and each once")
    for claim in found:
        for experiment in claim.experiments:
            _fits(claim, experiment)
    return found


def _fits(claim: Claim, experiment: Experiment) -> None:
    """Whether an experiment is given what it reads, no less and no more: as in the ledger's own claims.

    Errors: InputError naming what lacks, what nothing reads, and what is of another kind.
    """
    own = (each for known in packaged() for each in known.experiments)
    model = next((each for each in own if each.run == experiment.run), experiment)
    for what in ("settings", "parameters"):
        given, read = getattr(experiment, what), getattr(model, what)
        if set(given) != set(read):
            raise InputError(
                f"claim {claim.name}: the {what} of {experiment.run} are {', '.join(sorted(read)) or 'none'}; "
                f"{', '.join(sorted(set(given) ^ set(read)))} is missing, or nothing reads it"
            )
    for name, value in dict(experiment.settings).items():
        for kind, word in ((tuple, "a list"), (str, "a text"), (int | float, "a number")):
            if isinstance(model.settings[name], kind) and not isinstance(value, kind):
                raise InputError(
                    f"claim {claim.name}: {name} of {experiment.run} is {value!r:.40}; give {word}"
                )


def _measures(claim: Claim, found: Iterable[str]) -> None:
    """Whether its questions ask for what its experiments measure. Errors: InputError for a name that none gives."""
    given = set(found)
    elsewhere = {question.measure for own in packaged() for question in own.questions}
    for question in claim.questions if given else ():
        if question.measure is not None and question.measure not in given | elsewhere:
            raise InputError(
                f"claim {claim.name}: {question.name} asks for the measure {question.measure}, which its experiments "
                f"do not give; they give {', '.join(sorted(given))}"
            )


def _worlds(given: Mapping[str, World] | Sequence[str] | str) -> dict[str, World]:
    """Worlds by name: a source's own, or its whole address where a source is named twice."""
    specs = [given] if isinstance(given, str) else list(given)
    if not specs or len(set(specs)) < len(specs):
        raise InputError("name at least one world, and each once")
    if isinstance(given, Mapping):
        return dict(given)
    sources = [spec.partition(":")[0] for spec in specs]
    return {
        source if sources.count(source) == 1 else spec: load_world(spec)
        for source, spec in zip(sources, specs, strict=True)
    }


def _tasks(claims: Sequence[Claim], worlds: Mapping[str, World]) -> tuple[list[Task], dict[str, list[str]]]:
    tasks: list[Task] = []
    skipped: dict[str, list[str]] = {}
    for claim in claims:
        for experiment in claim.experiments:
            design = DESIGNS[experiment.run]
            for name, world in worlds.items():
                reason = design.lacking(world)
                if reason is None:
                    tasks += [Task(claim, experiment, name, structure) for structure in design.structures]
                else:
                    skipped.setdefault(claim.name, []).append(f"{experiment.run} on {name}: {reason}")
    return tasks, skipped


def _run(task: Task, world: World, draws: int, seed: int, folder: Path | None, tell: Tell) -> store.Rows:
    """All draws of a task, those kept first."""
    design = DESIGNS[task.experiment.run]
    label = f"{task.claim.number} {task.claim.name}: {task.world}, {task.structure.name}"
    key = _key(task, world, draws, seed)
    rows = store.read(folder, key)[:draws]
    for _ in rows:
        tell(label)
    if len(rows) == draws:
        return rows
    here = built(world, task.structure)
    of = drawn(here, task.experiment, draws, seed)
    policies = {}
    for number in range(len(rows), draws):
        bench = Bench(here, task.structure, task.experiment.settings, of, number, policies)
        rows.append(_measured(design, bench))
        tell(label)
        if (
            folder is not None
            and (len(rows) % PART == 0 or len(rows) == draws)
            and not store.write(folder, key, rows)
        ):
            folder = None
    return rows


def _measured(design: Design, bench: Bench) -> dict[str, float]:
    try:
        return {name: float(value) for name, value in design.run(bench).items()}
    except SolveError:  # a draw without an equilibrium has no numbers, and the ledger says how many have
        return {}


def _same(world: World) -> tuple[object, ...]:
    """What tells worlds apart: names, and flows to seven digits, since cleaning a table is not bit-equal everywhere."""
    sums = (world.income.values, world.exports.values, world.output.values.sum(axis=0), world.theta.values)
    return world.economies, world.sectors, [f"{x:.6e}" for part in sums for x in part]


def _key(task: Task, world: World, draws: int, seed: int) -> str:
    structure = task.structure
    parts = (
        store.FORMAT, ecumene.__version__, asked(task.experiment), _same(world), structure.name, structure.solve,
        structure.two_sectors, structure.choices, draws, seed,
    )  # fmt: skip
    return f"{task.experiment.run}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"
