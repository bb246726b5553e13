"""Fetching published tables into a cache, with a hash recorded at first and verified later."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ecumene.errors import SourceError
from ecumene.sources.catalogue import Entry
from ecumene.sources.download import BLOCK, Progress, download, forget, notes_of, part_of, write_json, writing

ENVIRONMENT = "ECUMENE_DATA"
"""Environment variable with the folder of fetched tables."""


@dataclass(frozen=True)
class Fetched:
    """The state of one table in the cache: `absent`, `partial`, `unrecorded`, `fetched` or `damaged`."""

    entry: Entry
    path: Path
    state: str
    bytes: int = 0
    sha256: str | None = None
    fetched: str | None = None


def folder_of_tables() -> Path:
    """Where fetched tables lie: the folder in `ECUMENE_DATA`, else one in the user's cache."""
    given = os.environ.get(ENVIRONMENT)
    if given:
        return Path(given).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("ecumene") / "tables"


def state(entry: Entry, folder: Path | None = None, *, verify: bool = False) -> Fetched:
    """What is in the cache for an entry; `verify` reads the file and compares its hash with the record.

    Errors: SourceError where file or record cannot be read.
    """
    path = (folder or folder_of_tables()) / entry.file
    part = part_of(path)
    if not path.exists():
        if part.exists():
            return Fetched(entry, path, "partial", part.stat().st_size)
        return Fetched(entry, path, "absent")
    record = _read_record(path)
    size = path.stat().st_size
    expected = entry.sha256 or (record or {}).get("sha256")
    fetched = (record or {}).get("fetched")
    if not verify:
        return Fetched(entry, path, "fetched" if record else "unrecorded", size, expected, fetched)
    actual = sha256_of(path)
    if expected is None:
        return Fetched(entry, path, "unrecorded", size, actual)
    matches = actual.lower() == expected.lower()
    return Fetched(entry, path, "fetched" if matches else "damaged", size, actual, fetched)


def check(entry: Entry, folder: Path | None = None) -> Fetched:
    """Verify a fetched file against its hash. Errors: SourceError where it is absent or differs."""
    found = state(entry, folder, verify=True)
    if found.state in ("absent", "partial"):
        raise SourceError(f"{entry.name} is not here ({found.path}); run `ecumene data fetch {entry.name}`")
    if found.state == "damaged":
        raise _differs(entry, found.path, found.sha256 or "")
    return found


def fetch(entry: Entry, folder: Path | None = None, *, progress: Progress | None = None) -> Path:
    """Bring a table into the cache and return its path; what is already here is verified, not fetched again.

    An interrupted download stays beside the target as `.part` and is resumed. The SHA-256 is recorded at the
    first fetch in a small file beside the table. A file that was put there by hand is recorded as it is.
    Errors: SourceError (offline, refused, corrupted), OutputError (disk full, folder not writable).
    """
    target = (folder or folder_of_tables()) / entry.file
    if target.exists():
        found = state(entry, folder, verify=True)
        if found.state == "damaged":
            raise _differs(entry, target, found.sha256 or "")
        if found.state == "unrecorded":
            _record(entry, target, found.sha256 or "", None)
        return target
    if entry.address is None:
        raise SourceError(f"{entry.name} cannot be fetched by a program{_by_hand(entry, target)}")
    remedy = _by_hand(entry, target)
    part = download(entry.address, target, label=entry.name, remedy=remedy, progress=progress)
    digest = sha256_of(part)
    if entry.sha256 is not None and digest.lower() != entry.sha256.lower():
        writing(target, lambda: forget(target))
        raise SourceError(
            f"{entry.address} gave a file whose hash {digest} differs from the catalogue's {entry.sha256}; "
            f"it was removed{remedy}"
        )
    _looks_right(entry, part, target)
    writing(target, lambda: part.replace(target))
    writing(target, lambda: notes_of(target).unlink(missing_ok=True))
    _record(entry, target, digest, datetime.now(UTC).isoformat(timespec="seconds"))
    return target


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal. Errors: SourceError where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
    except OSError as error:
        raise SourceError(
            f"cannot read {path}: {error.strerror or error}; check the file's permissions"
        ) from error
    return digest.hexdigest()


def _looks_right(entry: Entry, part: Path, target: Path) -> None:
    """Some sites answer a program with a web page; a zip or workbook begins with `PK`."""
    with part.open("rb") as stream:
        start = stream.read(512).lstrip().lower()
    if not start:
        why = "an empty file"
    elif start.startswith((b"<!doctype html", b"<html")):
        why = "a web page"
    elif target.suffix.lower() in (".zip", ".xlsx") and not start.startswith(b"pk"):
        why = f"something that is no {target.suffix} file"
    else:
        return
    writing(target, lambda: forget(target))
    raise SourceError(f"{entry.address} answered with {why}, not with {entry.file}{_by_hand(entry, target)}")


def _record_path(target: Path) -> Path:
    return target.with_name(target.name + ".json")


def _record(entry: Entry, target: Path, digest: str, fetched: str | None) -> None:
    content = {
        "name": entry.name,
        "address": entry.address,
        "sha256": digest,
        "bytes": target.stat().st_size,
        "fetched": fetched,
        "by_hand": fetched is None,
    }
    write_json(_record_path(target), content)


def _read_record(target: Path) -> dict[str, str] | None:
    path = _record_path(target)
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(
            f"cannot read the record {path} ({error}); delete it to record the file again"
        ) from error
    if not isinstance(found, dict) or not isinstance(found.get("sha256"), str):
        raise SourceError(f"the record {path} holds no hash; delete it to record the file again")
    return found


def _by_hand(entry: Entry, target: Path) -> str:
    return f"; download {entry.file} by hand from {entry.page} and put it at {target}"


def _differs(entry: Entry, path: Path, actual: str) -> SourceError:
    return SourceError(
        f"{path} is corrupted: its SHA-256 {actual} differs from the recorded one; "
        f"delete it and {_record_path(path).name}, then run `ecumene data fetch {entry.name}`"
    )
