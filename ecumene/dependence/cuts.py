"""Cuts of trade between pairs of economies, solved part by part, and kept for the next run."""

from __future__ import annotations

import hashlib
import json
import logging
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from ecumene.errors import OutputError
from ecumene.files import write_atomically
from ecumene.models.power import NOT_SOLVED, Cut, cut_losses
from ecumene.models.trade import Case
from ecumene.provenance import Provenance, versions
from ecumene.types import FloatArray

FORMAT: Final = 1
"""Raised when cuts change their numbers: older ones are then solved again."""

PART: Final = 128
"""Cuts between two saved states."""


class Pairs(NamedTuple):
    """What a column's economy loses if a row's cuts all trade with it, log real income; NaN where not solved."""

    loss: FloatArray  # [partner, economy], infinite where goods are missing
    loss_without_missing: FloatArray
    status: FloatArray

    @property
    def solved(self) -> np.ndarray:
        """Pairs that were asked of the solver [partner, economy]."""
        return self.status != NOT_SOLVED


def pairs_of(n_economies: int, rows: list[int]) -> list[tuple[int, int]]:
    """Every pair in which one of these economies is, each once, in the order of the axes."""
    asked = set(rows)
    return [(i, j) for i in range(n_economies) for j in range(i + 1, n_economies) if i in asked or j in asked]


def solve_pairs(
    case: Case,
    rows: list[int],
    folder: Path | None,
    key: str,
    workers: int | None,
    tell: Callable[[], None],
) -> Pairs:
    """Losses of all pairs in which one of the economies `rows` is; `tell` counts those that are done.

    With a folder, what is solved is kept there under `key` after every part: a run that was stopped goes on where it
    was, and a pair is solved once. Errors: SolveError, as of `cut_losses`.
    """
    R = case.base.base.value_added.size
    known = _read(folder, key, R)
    asked = pairs_of(R, rows)
    left = [pair for pair in asked if not known.solved[pair]]
    for _ in range(len(asked) - len(left)):
        tell()
    for first in range(0, len(left), PART):
        part = left[first : first + PART]
        found = cut_losses(
            case,
            [Cut((i,), (j,)) for i, j in part],
            workers=workers,
            progress=lambda done, total, label: tell(),
        )
        for number, (i, j) in enumerate(part):
            for partner, economy in ((i, j), (j, i)):
                known.loss[partner, economy] = found.loss[number, economy]
                known.loss_without_missing[partner, economy] = found.loss_without_missing[number, economy]
                known.status[partner, economy] = found.status[number]
        if folder is not None and not _write(folder, key, known):
            folder = None
    return known


def key_of(provenance: Provenance) -> str:
    """What decides the losses: data, order, closure of deficits and versions."""
    parts = [provenance.data_hash, provenance.order_hash, provenance.deficits, versions(), FORMAT]
    return "cuts-" + hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _read(folder: Path | None, key: str, n_economies: int) -> Pairs:
    shape = (n_economies, n_economies)
    nothing = Pairs(np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, float(NOT_SOLVED)))
    if folder is None:
        return nothing
    try:
        with (folder / f"{key}.npz").open("rb") as file, np.load(file, allow_pickle=False) as kept:
            found = Pairs(*(np.array(kept[name], dtype=np.float64) for name in Pairs._fields))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return nothing
    return found if all(part.shape == shape for part in found) else nothing


def _write(folder: Path, key: str, pairs: Pairs) -> bool:
    """Keep what is solved. Where the folder cannot be written that is said, and False: the run goes on."""

    def save(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.savez_compressed(file, **pairs._asdict())

    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / f"{key}.npz", save)
    except (OSError, OutputError) as error:
        logging.getLogger(__name__).warning("cuts are not kept, the next run will solve them anew: %s", error)
        return False
    return True
