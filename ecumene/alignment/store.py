"""Equilibria that are done, kept in a folder, so that a long search that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

import numpy as np

from ecumene.archives import DAMAGED_ARCHIVE
from ecumene.errors import OutputError
from ecumene.files import write_atomically
from ecumene.models.depths import Incomes

FORMAT = 2
"""Raised when real incomes of the same depths change: older ones are then solved again."""

EVERY = 200
"""New equilibria after which they are kept again, or a tenth of those that are: a file is written whole."""


def _digest(depths: np.ndarray, incomes: np.ndarray) -> str:
    """SHA-256 of what is kept, by which a file that was changed afterwards is known."""
    shapes = f"{depths.dtype} {depths.shape} {incomes.dtype} {incomes.shape}"
    return hashlib.sha256(shapes.encode() + depths.tobytes() + incomes.tobytes()).hexdigest()


class Kept:
    """Equilibria of one world, and of what depths mean in it, in one file; without a folder nothing is kept."""

    def __init__(self, folder: Path | None, world_hash: str, incomes: Incomes) -> None:
        rungs = incomes.ladder
        marks = b"".join(np.ascontiguousarray(each).tobytes() for each in rungs)
        key = hashlib.sha256(world_hash.encode() + marks).hexdigest()[:32]
        self.file = None if folder is None else folder / f"{key}.npz"
        self.incomes, self.size, self.done = incomes, incomes.ladder.base.size, 0
        self.read()

    def read(self) -> None:
        """Add what was kept; a file that is not whole, or not as it was written, counts as none."""
        if self.file is None:
            return
        n = len(self.incomes.ladder.base)
        try:
            with self.file.open("rb") as file, np.load(file, allow_pickle=False) as kept:
                depths, incomes = kept["depths"], kept["incomes"]
                if int(kept["format"]) != FORMAT or depths.shape != (len(incomes), self.size):
                    return
                if str(kept["digest"]) != _digest(depths, incomes):
                    return
                if depths.dtype.kind not in "iu" or incomes.dtype.kind != "f":
                    return
        except (*DAMAGED_ARCHIVE, TypeError):  # TypeError: an array that should have axes has none
            return
        if incomes.ndim != 2 or incomes.shape[1] != n or not np.isfinite(incomes).all():
            return
        for depth, income in zip(depths.astype(np.int8), incomes, strict=True):
            self.incomes.known[depth.tobytes()] = income
        self.done = len(self.incomes.known)

    def save(self, always: bool = False) -> None:
        """Keep what is new, once that is worth it. A folder that cannot be written is told, and work goes on."""
        known = dict(self.incomes.known)
        if self.file is None or len(known) - self.done < (1 if always else max(EVERY, self.done // 10)):
            return
        depths = np.frombuffer(b"".join(known), dtype=np.int8).reshape(len(known), self.size)
        incomes = np.stack(list(known.values()))

        def write(temporary: Path) -> None:
            with temporary.open("wb") as file:
                np.savez_compressed(
                    file, format=np.array(FORMAT), digest=np.array(_digest(depths, incomes)), depths=depths,
                    incomes=incomes,
                )  # fmt: skip

        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self.file, write)
        except (OSError, OutputError) as error:
            logging.getLogger(__name__).warning(
                "equilibria are not kept, a stopped search begins anew: %s", error
            )
            self.file = None
        self.done = len(known)
