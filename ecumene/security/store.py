"""Draws that are done, kept in a folder, so that a long ensemble that was stopped goes on where it was."""

from __future__ import annotations

import logging
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
    """Losses in percent and days below 95 % of the draws done so far, [draw, economy]."""

    loss: FloatArray
    days_below: FloatArray

    def with_more(self, loss: FloatArray, days_below: FloatArray) -> Done:
        """These draws and the next."""
        return Done(np.concatenate([self.loss, loss]), np.concatenate([self.days_below, days_below]))


def read(folder: Path | None, key: str, n_economies: int) -> Done:
    """The draws kept under a key; none where there are none, or where the file is not whole."""
    nothing = Done(np.zeros((0, n_economies)), np.zeros((0, n_economies)))
    if folder is None:
        return nothing
    try:
        with (folder / f"{key}.npz").open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if int(kept["format"]) != FORMAT:
                return nothing
            done = Done(kept["loss"], kept["days_below"])
    except (*DAMAGED_ARCHIVE, AttributeError, TypeError):  # the last two: a format that is no number
        return nothing
    whole = (
        done.loss.ndim == 2 and done.loss.shape == done.days_below.shape and done.loss.shape[1] == n_economies
    )
    return done if whole and np.isfinite(done).all() else nothing


def write(folder: Path, key: str, done: Done) -> bool:
    """Keep the draws done so far. Where the folder cannot be written that is said, and False: the run goes on."""

    def save(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.savez_compressed(file, format=np.array(FORMAT), loss=done.loss, days_below=done.days_below)

    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / f"{key}.npz", save)
    except (OSError, OutputError) as error:
        logging.getLogger(__name__).warning("draws are not kept, a stopped run will begin anew: %s", error)
        return False
    return True
