"""Draws that are done, kept in a folder part by part, so that a long ensemble that was stopped goes on where it was."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ecumene.archives import DAMAGED_ARCHIVE
from ecumene.errors import OutputError
from ecumene.files import write_atomically
from ecumene.types import FloatArray

FORMAT = 3
"""Raised when the simulation changes its numbers: older draws are then drawn again."""


class Done(NamedTuple):
    """Losses in percent and days below 95 % of the base of some draws, [draw, economy]."""

    loss: FloatArray
    days_below: FloatArray


def joined(parts: Sequence[Done]) -> Done:
    """Parts one after the other as one."""
    return Done(
        np.concatenate([part.loss for part in parts]), np.concatenate([part.days_below for part in parts])
    )


def count(parts: Sequence[Done]) -> int:
    """Draws of some parts."""
    return sum(len(part.loss) for part in parts)


def read(folder: Path | None, key: str, n_economies: int) -> list[Done]:
    """The parts kept under a key, from draw 0 on; they end where the next is not there, or is not whole."""
    parts: list[Done] = []
    while folder is not None and (part := _part(_path(folder, key, count(parts)), n_economies)) is not None:
        parts.append(part)
    return parts


def write(folder: Path, key: str, first: int, part: Done) -> bool:
    """Keep the draws from number `first` on; where that fails it is said, and False: the run goes on.

    Each part is a file of its own, so that what is written grows with the number of draws and not with its square.
    """

    def save(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.savez_compressed(file, format=np.array(FORMAT), loss=part.loss, days_below=part.days_below)

    try:
        write_atomically(_path(folder, key, first), save)
    except (OSError, OutputError) as error:
        logging.getLogger(__name__).warning("draws are not kept, a stopped run will begin anew: %s", error)
        return False
    return True


def _path(folder: Path, key: str, first: int) -> Path:
    return folder / key / f"{first:08d}.npz"


def _part(path: Path, n_economies: int) -> Done | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if int(kept["format"]) != FORMAT:
                return None
            part = Done(kept["loss"], kept["days_below"])
    except (*DAMAGED_ARCHIVE, AttributeError, TypeError):  # the last two: a format that is no number
        return None
    whole = (
        part.loss.ndim == 2
        and len(part.loss) > 0
        and part.loss.shape == part.days_below.shape
        and part.loss.shape[1] == n_economies
    )
    return part if whole and np.isfinite(part).all() else None
