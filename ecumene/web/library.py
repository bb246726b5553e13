"""Worlds to choose among: the reference world, those of a folder, and those uploaded while the server runs."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, Literal, NamedTuple, final

import ecumene
from ecumene.errors import InputError, SourceError
from ecumene.web.ask import SLUG

REFERENCE: Final = "reference"

LARGEST: Final = 50_000_000
"""Bytes of an uploaded world at most."""

UNPACKED: Final = 1_000_000_000
"""Bytes of a world's arrays at most."""

PARTS: Final = 200
"""Arrays of a world at most."""

UPLOADS: Final = 8
"""Uploaded worlds that are kept at a time."""

SUFFIXES: Final = (".ecm", ".npz")
"""Endings of saved worlds in a folder."""

Kind = Literal["reference", "folder", "uploaded"]


class Place(NamedTuple):
    """A world: its name here, where it lies, and what tells it from any other."""

    name: str
    kind: Kind
    title: str
    path: Path | None
    identity: str


class Unknown(Exception):
    """There is no such world."""


@final
class Library:
    """Worlds by name. Uploads lie in a folder of their own, which goes with `close`."""

    def __init__(self, folder: Path | None) -> None:
        if folder is not None and not folder.is_dir():
            raise InputError(f"there is no folder {folder}; name one that holds saved worlds")
        self._folder = folder
        self._uploads: dict[str, Place] = {}
        self._lock = threading.Lock()
        self._temporary = Path(tempfile.mkdtemp(prefix="ecumene-worlds-"))

    def places(self) -> list[Place]:
        """All worlds, the reference world first."""
        reference = Place(REFERENCE, "reference", "Ecumene reference world", None, edition())
        with self._lock:
            uploads = list(self._uploads.values())
        return [reference, *self._in_folder(), *uploads]

    def find(self, name: str) -> Place:
        """A world by name. Errors: Unknown."""
        for place in self.places():
            if place.name == name:
                return place
        raise Unknown(f"there is no world '{name}'; GET /api/worlds lists them")

    def _in_folder(self) -> Iterator[Place]:
        files = [] if self._folder is None else sorted(self._folder.iterdir())
        for file in files:
            if file.suffix in SUFFIXES and SLUG.fullmatch(file.stem) and file.is_file():
                if file.stem == REFERENCE or file.stem.startswith("upload-"):
                    continue
                stat = file.stat()
                identity = f"{edition()} {file.resolve()} {stat.st_mtime_ns} {stat.st_size}"
                yield Place(file.stem, "folder", file.stem, file, identity)

    def gone(self, name: str) -> Place:
        """A world that is not here; nothing lies at its path."""
        return Place(name, "uploaded", name, self._temporary / f"{name}.gone", "")

    def new_file(self) -> Path:
        """Where an upload may be written. Errors: TooMany."""
        with self._lock:
            self._require_room()
        handle, path = tempfile.mkstemp(dir=self._temporary, suffix=".part")
        os.close(handle)
        return Path(path)

    def shelve(self, file: Path, title: str, digest: str) -> Place:
        """Put an upload beside the others, under a name made of what is in it."""
        name = f"upload-{digest[:12]}"
        kept = file.rename(
            file.with_suffix(".ecm")
        )  # a file of its own, also where the same comes twice at once
        return Place(name, "uploaded", title or name, kept, f"{edition()} {digest}")

    def add(self, place: Place) -> None:
        """List a world that has been checked; one that is listed already stays. Errors: TooMany."""
        with self._lock:
            if place.name not in self._uploads:
                self._require_room()
                self._uploads[place.name] = place
            elif place.path is not None:
                place.path.unlink(missing_ok=True)

    def _require_room(self) -> None:
        if len(self._uploads) >= UPLOADS:
            raise TooMany(f"{UPLOADS} uploaded worlds are kept already; remove one first")

    def remove(self, name: str) -> None:
        """Forget an uploaded world. Errors: Unknown."""
        with self._lock:
            place = self._uploads.pop(name, None)
        if place is None or place.path is None:
            raise Unknown(f"there is no uploaded world '{name}'; only these can be removed")
        place.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove the uploads."""
        shutil.rmtree(self._temporary, ignore_errors=True)


class TooMany(Exception):
    """No more uploads are taken."""


def checked_archive(path: Path) -> None:
    """Whether a file can be a saved world of bearable size, before any of it is unpacked. Errors: SourceError."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise SourceError(
            f"this is no saved world ({error}); send the file that World.save writes"
        ) from error
    size = sum(part.file_size for part in parts)
    if len(parts) > PARTS or size > UNPACKED:
        raise SourceError(
            f"this world has {len(parts)} arrays of {size:,} bytes; at most {PARTS} of {UNPACKED:,} bytes are taken"
        )


@cache
def edition() -> str:
    """What tells this copy of Ecumene from another, its code and its data."""
    root = Path(ecumene.__file__).parent
    found = hashlib.sha256(ecumene.__version__.encode())
    for path in sorted(root.rglob("*")):
        if path.suffix in (".py", ".csv", ".yaml", ".json", ".npz"):
            stat = path.stat()
            found.update(f"{path.relative_to(root)} {stat.st_size} {stat.st_mtime_ns}".encode())
    return found.hexdigest()[:16]
