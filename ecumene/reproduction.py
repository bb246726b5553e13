"""`reproduce`: a saved result or a sweep made again from what it carries, and compared number by number."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd
import pyarrow.parquet as pa_parquet
import xarray as xr

from ecumene import savedfile
from ecumene.alignment.answer import align
from ecumene.alignment.nations import states
from ecumene.dependence.vector import sovereignty
from ecumene.errors import InputError
from ecumene.evolution.answer import evolve
from ecumene.files import given_path
from ecumene.given import whole
from ecumene.planning.frontiers import plan_frontiers
from ecumene.planning.national import plan
from ecumene.planning.precision import plan_precision
from ecumene.processors import threads
from ecumene.provenance import machine, versions
from ecumene.questions import arguments_of, world_at
from ecumene.recipes import read_recipe
from ecumene.results import Comparison, Result
from ecumene.runs import compare, run
from ecumene.savedfile import Columns, Saved
from ecumene.sidebyside import Count, Progress
from ecumene.sweeps import parts, store
from ecumene.sweeps.again import made_again
from ecumene.sweeps.executors import in_process
from ecumene.sweeps.pool import pool
from ecumene.types import FloatArray
from ecumene.uncertainty.drivers import drivers
from ecumene.uncertainty.structures import structures
from ecumene.world import World


class Labelled(Protocol):
    """What every answer has: labelled numbers, and the same as rows."""

    @property
    def data(self) -> xr.Dataset: ...

    def to_frame(self) -> pd.DataFrame: ...


TOLERANCE: Final = 1e-9
"""Largest difference that counts as none on another machine: relative, or absolute for numbers below 1."""


@dataclass(frozen=True)
class Reproduction:
    """What came of making a result again.

    `identical`: every number and word is equal to the last bit. `largest`: the largest difference, relative for
    numbers above 1, absolute below; not finite where a number is missing on one side only. `numbers`: so many were
    compared.
    `differs`: what went in differently, as sentences: versions, machine, data; and which numbers differ most.
    """

    what: str
    identical: bool
    largest: float
    numbers: int
    differs: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether all numbers that could be compared are the same to 1e-9."""
        return self.largest <= TOLERANCE

    def __str__(self) -> str:
        if self.identical:
            said = "equal to the last bit"
        elif self.ok:
            said = f"equal to {TOLERANCE:g} (largest difference {self.largest:.1e})"
        else:
            said = f"not the same: the largest difference is {self.largest:.2e}"
        return "\n".join(
            [f"{self.what}: {self.numbers:,} numbers {said}", *(f"  {line}" for line in self.differs)]
        )


def reproduce(
    path: str | os.PathLike[str],
    world: World | str | None = None,
    *,
    workers: int | None = None,
    batches: int | None = None,
    progress: Progress | None = None,
) -> Reproduction:
    """Make a saved result or a sweep's folder again, and compare.

    On the machine and with the versions that made it, numbers are equal to the last bit (those of `align`, `nations`
    and `evolve`, whose solves begin at near ones, to 1e-9); elsewhere to 1e-9. Results are `.nc`, `.json` or
    `.parquet` files of any command. `world` says where the data are, if not where the result says; sweeps carry theirs.
    `workers` and `batches` are for sweeps: worker processes (0: none), and how many of the batches, spread evenly, are
    solved again (default: all). Nothing that was kept on the way is used.
    Errors: InputError (a damaged file, one that carries no recipe, other data), SolveError.
    """
    given = given_path(path)
    if batches is not None:
        whole("batches", batches, 1, remedy="give a whole number above 0, or leave it out for all")
    if given.is_dir() or given.name == store.MANIFEST:
        if world is not None:
            raise InputError(f"{given} is a sweep, which carries its worlds; leave world out")
        return _sweep(given if given.is_dir() else given.parent, workers, batches, progress)
    if workers is not None or batches is not None:
        raise InputError(f"workers and batches are for sweeps, and {given} is a result; leave them out")
    return _result(savedfile.read(given), str(given), world, progress)


QUESTIONS: Final[dict[str, Callable[..., Labelled]]] = {
    "plan": plan,
    "frontiers": plan_frontiers,
    "precision": plan_precision,
    "sovereignty": sovereignty,
    "evolution": evolve,
    "drivers": drivers,
    "structures": structures,
    "alignment": align,
    "nations": states,
}
"""What answers each kind of question again; `run` and `compare` have recipes of their own."""


def _result(saved: Saved, name: str, given: World | str | None, progress: Progress | None) -> Reproduction:
    first = saved.runs[0]
    if not all(each.recipe for each in saved.runs):
        raise InputError(
            f"{name} carries no recipe: it was saved by an Ecumene before results did; ask its question again"
        )
    made, loaded, differs = (_asked if "question" in first.recipe else _run)(saved, name, given, progress)
    then = first.data_hash.split("+")[0]  # of two worlds, where two were asked about
    data = [] if loaded.hash == then else [f"data: {then[:12]}, and here {loaded.hash[:12]}"]
    differs = [*_circumstances(first.versions, first.machine), *data, *differs]
    new = savedfile.columns_of(made.to_frame()) if saved.rows else savedfile.numbers_of(made.data)
    if saved.finite:
        new = {key: np.where(np.isfinite(values), values, np.nan) for key, values in new.items()}
    return _compared(name, saved.numbers, new, differs, True)


Again = tuple[Labelled, World, list[str]]
"""An answer made again, the world it was made on, and what went in differently."""


def _asked(saved: Saved, name: str, given: World | str | None, progress: Progress | None) -> Again:
    """The answer to a question of `QUESTIONS`, once more."""
    (first, *_) = saved.runs
    question = str(first.recipe["question"])
    if question not in QUESTIONS:
        raise InputError(
            f"{name} answers a question '{question}', which this Ecumene does not know; update Ecumene"
        )
    asked = arguments_of(first.recipe, name)
    hashes = first.data_hash.split("+")
    loaded = world_at(given, str(first.recipe.get("world", "")), hashes[0], name)
    return QUESTIONS[question](loaded, progress=progress, **asked), loaded, []


def _run(saved: Saved, name: str, given: World | str | None, progress: Progress | None) -> Again:
    """What `run` or `compare` made, once more."""
    recipes = [read_recipe(each.recipe) for each in saved.runs]
    loaded = world_at(given, recipes[0].world, saved.runs[0].data_hash, name)
    orders, asked = [recipe.order for recipe in recipes], recipes[0].arguments()
    made: Result | Comparison
    if saved.kind == "comparison":
        made = compare(loaded, orders, progress=progress, **asked)
    else:
        made = run(loaded, orders[0], progress=progress, **asked)
    told = [
        f"order '{each.order}': its rules have another hash than the result says"
        for recipe, each in zip(recipes, saved.runs, strict=True)
        if recipe.order.hash != each.order_hash
    ]
    return made, loaded, told


def _sweep(folder: Path, workers: int | None, wanted: int | None, progress: Progress | None) -> Reproduction:
    manifest = store.read_manifest(folder)
    listed = store.recorded(manifest)
    if not listed:
        raise InputError(f"the sweep in {folder} has no case yet; run it first")
    ready = made_again(folder, manifest)
    differs = _circumstances(manifest["versions"], str(manifest.get("machine", "")))
    if ready.job.hash != manifest["hash"]:
        differs.append(
            f"the sweep: hash {manifest['hash'][:12]}, and what it carries has {ready.job.hash[:12]}"
        )
    every = sorted(listed)
    count = len(every) if wanted is None else min(wanted, len(every))
    chosen = [
        every[k] for k in dict.fromkeys(np.linspace(0, len(every) - 1, count).round().astype(int).tolist())
    ]
    told = Count(sum(listed[batch].cases for batch in chosen), progress)
    old: dict[str, list[FloatArray]] = {}
    new: dict[str, list[FloatArray]] = {}
    words, alike = 0, True
    damaged: list[str] = []
    with tempfile.TemporaryDirectory(prefix="ecumene-again-") as name:
        again = Path(name)
        (again / parts.FOLDER).mkdir()
        executor = in_process if workers == 0 else partial(pool, workers=threads(workers))
        executor(ready.job, chosen, again, lambda part: told.add("cases", part.cases))
        for batch in chosen:
            before = parts.path_of(folder, batch)
            if parts.read(before, manifest["hash"], listed[batch]) is None:
                differs.append(f"{before.name} is damaged: it has not the hash that the manifest lists")
                alike = False
                damaged.append(before.name)
                continue
            first, second = (
                pa_parquet.read_table(at).to_pandas() for at in (before, parts.path_of(again, batch))
            )
            words += _words_that_differ(first, second)
            for frame, kept in ((first, old), (second, new)):
                for column in frame.select_dtypes("number").columns:
                    kept.setdefault(str(column), []).append(frame[column].to_numpy(dtype=np.float64))
    if words:
        alike = False
        differs.append(f"{words:,} cells of text (identity, status, message) differ")
    joined = [{name: np.concatenate(each) for name, each in side.items()} for side in (old, new)]
    some = "" if len(chosen) == len(every) else f" ({len(chosen)} of {len(every)} batches)"
    found = _compared(f"{folder}{some}", joined[0], joined[1], differs, alike)
    return replace(found, largest=np.inf) if damaged else found


def _words_that_differ(old: pd.DataFrame, new: pd.DataFrame) -> int:
    if old.shape != new.shape or list(old.columns) != list(new.columns):
        return max(len(old), len(new))
    texts = old.select_dtypes(exclude="number").columns
    return int((old[texts] != new[texts]).to_numpy().sum())


def _circumstances(then: Mapping[str, Any], where: str) -> list[str]:
    """Versions and machine that are others now."""
    now = versions(*(name for name in then if name not in versions()))
    out = [f"{name}: {then[name]} then, {now[name]} now" for name in then if then[name] != now.get(name)]
    if where != machine():
        out.append(f"machine: {where or 'not said'} then, {machine()} now")
    return out


def _compared(what: str, old: Columns, new: Columns, differs: list[str], alike: bool) -> Reproduction:
    """Both sides number by number; a column that only one side has, or of another shape, differs without end."""
    identical, count = True, 0
    worst: dict[str, float] = {}
    for name in dict.fromkeys((*old, *new)):
        a, b = old.get(name), new.get(name)
        if a is None or b is None or a.shape != b.shape:
            worst[name], identical = np.inf, False
            continue
        count += a.size
        if a.tobytes() == b.tobytes() or np.array_equal(a, b, equal_nan=True):
            continue
        identical = False
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        with np.errstate(invalid="ignore"):  # where one side is not finite, they differ without end
            gap = np.where(same, 0.0, np.abs(a - b) / np.maximum(1.0, np.abs(a)))
        worst[name] = float(np.where(np.isnan(gap), np.inf, gap).max())
    largest = max(worst.values(), default=0.0)
    if largest > TOLERANCE:
        first = sorted(worst, key=lambda name: -worst[name])[:5]
        differs.append("most: " + ", ".join(f"{name} {worst[name]:.2e}" for name in first))
    return Reproduction(what, identical and alike, largest, count, tuple(differs))
