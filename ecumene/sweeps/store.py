"""A sweep's folder: the manifest that says what it is, and which batches are done."""

from __future__ import annotations

import json
import logging
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from ecumene.errors import InputError, OutputError, SweepError
from ecumene.files import write_atomically
from ecumene.orders import Order
from ecumene.provenance import machine, versions
from ecumene.shocks import Shock
from ecumene.sweeps import parts
from ecumene.sweeps.job import Job
from ecumene.sweeps.parts import Part
from ecumene.sweeps.schema import SweepFile
from ecumene.world import World

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
WORLDS: Final = "worlds"
LOCK: Final = ".lock"
LIBRARIES: Final = ("jaxlib", "scipy", "pyarrow")
"""Packages whose versions a sweep records beside those of every run."""


def manifest_of(
    file: SweepFile, job_hash: str, worlds: list[World], orders: list[Order], shocks: list[Shock | None]
) -> dict[str, Any]:
    """All that is needed to make a sweep again, as plain values; worlds lie beside it."""
    return {
        "format": FORMAT,
        "kind": "sweep",
        "name": file.name,
        "hash": job_hash,
        "cases": file.cases,
        "batches": -(-file.cases // file.batch),
        "sweep": file.model_dump(mode="json", by_alias=True, exclude_none=True),
        "worlds": [
            {"spec": spec, "source": world.source, "hash": world.hash, "file": f"{WORLDS}/{at:03d}.npz"}
            for at, (spec, world) in enumerate(zip(file.worlds, worlds, strict=True))
        ],
        "orders": [
            {"hash": order.hash, "order": order.model_dump(mode="json", by_alias=True, exclude_none=True)}
            for order in orders
        ],
        "shocks": [
            None
            if shock is None
            else {
                "hash": shock.hash,
                "shock": shock.model_dump(mode="json", by_alias=True, exclude_none=True),
            }
            for shock in shocks
        ],
        "versions": versions(*LIBRARIES),
        "machine": machine(),
    }


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a sweep's folder. Errors: InputError where there is none, or it is damaged."""
    path = folder / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or found.get("kind") != "sweep":
            raise ValueError("it is of something else")
        if found.get("format") != FORMAT:
            raise ValueError(f"it has format {found.get('format')}, this Ecumene reads {FORMAT}")
        for name in ("hash", "sweep", "worlds", "orders", "shocks", "versions", "parts", "name", "cases"):
            found[name]
    except FileNotFoundError as error:
        raise InputError(f"there is no sweep in {folder}: it has no {MANIFEST}; check the path") from error
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"{path} cannot be read as a sweep's manifest ({error}); make the sweep again"
        ) from error
    return found


def recorded(manifest: Mapping[str, Any]) -> dict[int, Part]:
    """The parts that a manifest lists, by batch. Errors: InputError where the list is damaged."""
    try:
        listed = [Part(**{name: each[name] for name in Part._fields}) for each in manifest["parts"]]
    except (KeyError, TypeError) as error:
        raise InputError(
            f"the list of parts in a {MANIFEST} is damaged ({error}); make the sweep again"
        ) from error
    return {part.batch: part for part in listed}


class Store:
    """The folder of one sweep, opened for what is still to be done."""

    def __init__(self, folder: Path, job: Job, manifest: dict[str, Any]) -> None:
        self.folder, self.job, self.manifest = folder, job, manifest
        self.done: dict[int, Part] = {}

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else solves in this folder meanwhile; the lock ends with the process that holds it, however it ends.

        Errors: InputError (another sweep, other files, or somebody at work in the folder), OutputError.
        """
        self._known()  # what is somebody else's is left as it is
        _make(self.folder)
        try:
            file = (self.folder / LOCK).open("a+", encoding="utf-8")
        except OSError as error:
            raise OutputError(
                f"cannot write {self.folder / LOCK}: {error.strerror or error}; choose a folder that is writable"
            ) from error
        with file:
            try:
                if fcntl is not None:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise SweepError(
                    f"another process ({file.read().strip()}) is at work in {self.folder}; wait until it ends, or stop "
                    "it, or name another folder"
                ) from None
            except OSError:  # a disk without locks: there two sweeps at once are not told
                pass
            file.truncate(0)
            file.write(f"process {os.getpid()} on {platform.node()}\n")
            file.flush()
            yield

    def _known(self) -> dict[int, Part]:
        """The parts that an earlier run listed. Errors: InputError (another sweep, other versions, other files)."""
        if (self.folder / MANIFEST).exists():
            found = read_manifest(self.folder)
            self._require_same(found)
            return recorded(found)
        if self.folder.exists() and (
            not self.folder.is_dir() or any(each.name not in (LOCK, WORLDS) for each in self.folder.iterdir())
        ):
            raise InputError(
                f"{self.folder} holds something else than a sweep; name a new folder with --out (out=)"
            )
        return {}

    def open(self, worlds: list[World]) -> None:
        """Make the folder, or take up what an earlier run of the same sweep left in it.

        Parts that are whole count, also those that a killed run wrote and did not list; what is damaged is removed and
        made again. Errors: InputError (another sweep, other versions, other files in the folder), OutputError.
        """
        known = self._known()
        for at, world in enumerate(worlds):
            path = self.folder / WORLDS / f"{at:03d}.npz"
            if not path.exists():
                _make(path.parent)
                world.save(path)
        if not known:
            self.write()
        _make(self.folder / parts.FOLDER)
        for path in sorted((self.folder / parts.FOLDER).iterdir()):
            batch = parts.batch_of(path)
            if batch is None:
                if path.name.startswith(".part-"):  # a worker was killed while it wrote
                    path.unlink(missing_ok=True)
                continue
            part = parts.read(path, self.job.hash, known.get(batch))
            if part is None:
                logging.getLogger(__name__).warning(
                    "%s was damaged, or another sweep's: it is made again", path
                )
                path.unlink()
            else:
                self.done[batch] = part

    def _require_same(self, found: Mapping[str, Any]) -> None:
        if found["hash"] != self.job.hash:
            raise SweepError(
                f"{self.folder} holds another sweep, '{found['name']}' ({found['hash'][:12]}, this is "
                f"{self.job.hash[:12]}): data, orders, parameters, measures or seed differ; name another folder"
            )
        ours, theirs = self.manifest["versions"], found["versions"]
        other = [
            f"{name} {theirs.get(name)} (here {ours[name]})"
            for name in ours
            if ours[name] != theirs.get(name)
        ]
        if other:
            raise SweepError(
                f"{self.folder} was begun with {', '.join(other)}; numbers of two versions are not mixed: go on with "
                "those, or name a new folder with --out"
            )

    def left(self) -> list[int]:
        """The batches that are still to be solved."""
        return [batch for batch in range(self.job.batches) if batch not in self.done]

    def add(self, part: Part) -> None:
        """A part is in its place."""
        self.done[part.batch] = part

    def write(self) -> None:
        """Write the manifest with every part that is done. Errors: OutputError."""
        listed = [self.done[batch]._asdict() for batch in sorted(self.done)]
        cases = sum(part.cases for part in self.done.values())
        whole = {
            **self.manifest,
            "complete": cases == self.job.cases,
            "done": cases,
            "failed": sum(part.failed for part in self.done.values()),
            "parts": listed,
        }
        text = json.dumps(whole, indent=1, sort_keys=True) + "\n"
        write_atomically(self.folder / MANIFEST, lambda temporary: _dump(temporary, text))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot make the folder {folder}: {error.strerror or error}; choose one that is writable"
        ) from error


def _dump(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
