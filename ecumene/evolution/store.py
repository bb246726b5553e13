"""What is solved, kept in a folder piece by piece, so that a long `evolve` that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ecumene.archives import DAMAGED_ARCHIVE
from ecumene.errors import InputError, OutputError
from ecumene.files import given_path, write_atomically
from ecumene.provenance import versions
from ecumene.types import FloatArray

FORMAT = 1
"""Raised when the same question gets other numbers: older ones are then solved again."""

Arrays = Sequence[FloatArray]


def folder_of(given: str | os.PathLike[str]) -> Path:
    """Where what is solved is kept. Errors: InputError."""
    found = given_path(given)
    if found.exists() and not found.is_dir():
        raise InputError(f"folder is {found}, a file; name a folder, where what is solved is kept")
    return found


class Kept:
    """Arrays by name, each in a file with its own digest; without a folder nothing is kept.

    ground: everything that the numbers depend on beside their name and versions. A file that is not whole, or of
    another ground or name, counts as none.
    """

    def __init__(self, folder: Path | None, ground: Sequence[object]) -> None:
        self.ground = hashlib.sha256(repr((FORMAT, versions(), *map(_plain, ground))).encode()).hexdigest()
        self.folder = None if folder is None else folder / self.ground[:32]

    def recall(self, name: str, make: Callable[[], Arrays]) -> list[FloatArray]:
        """The arrays of a name: read back, else made and kept. Errors: those of `make`, after which nothing is kept."""
        found = self._read(name)
        if found is None:
            found = [np.asarray(each) for each in make()]
            self._write(name, found)
        return found

    def _read(self, name: str) -> list[FloatArray] | None:
        if self.folder is None:
            return None
        try:
            with (self.folder / f"{name}.npz").open("rb") as file, np.load(file, allow_pickle=False) as kept:
                found = [kept[str(n)] for n in range(len(kept.files) - 1)]
                digest = str(kept["digest"])
        except DAMAGED_ARCHIVE:
            return None
        return found if digest == self._digest(name, found) else None

    def _write(self, name: str, found: Arrays) -> None:
        """A folder that cannot be written is told, and work goes on."""
        if self.folder is None:
            return

        def write(temporary: Path) -> None:
            arrays: dict[str, Any] = {str(n): each for n, each in enumerate(found)}
            with temporary.open("wb") as file:
                np.savez_compressed(file, digest=np.array(self._digest(name, found)), **arrays)

        try:
            write_atomically(self.folder / f"{name}.npz", write)
        except (OSError, OutputError) as error:
            logging.getLogger(__name__).warning(
                "what is solved is not kept, a stopped command begins anew: %s", error
            )
            self.folder = None

    def _digest(self, name: str, found: Arrays) -> str:
        digest = hashlib.sha256(f"{self.ground} {name}".encode())
        for each in found:
            digest.update(f"{each.dtype} {each.shape} ".encode() + np.ascontiguousarray(each).tobytes())
        return digest.hexdigest()


def _plain(part: object) -> object:
    """What is part of a name: arrays by their digest, so that long ones count whole."""
    if not isinstance(part, np.ndarray):
        return part
    whole = f"{part.dtype} {part.shape} ".encode() + np.ascontiguousarray(part).tobytes()
    return hashlib.sha256(whole).hexdigest()
