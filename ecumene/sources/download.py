"""Resuming downloads: HTTP ranges into a `.part` file beside the target, which stays when interrupted."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from ecumene.errors import OutputError, SourceError
from ecumene.files import write_atomically

BLOCK = 1 << 20
TIMEOUT = 30.0

Progress = Callable[[int, int, str], None]
"""Called as progress(bytes here, bytes expected, label); 0 expected where the server does not say."""


def download(
    address: str, target: Path, *, label: str, remedy: str, progress: Progress | None = None
) -> Path:
    """Fetch `address` into the `.part` file of `target`, resuming what is there; return the `.part` file.

    The server's ETag or date is kept in `.part.json`, so that a file that changed meanwhile is fetched anew.
    A server without ranges starts again. Errors: SourceError ending in `remedy`; OutputError.
    """
    part = part_of(target)
    writing(target, lambda: part.parent.mkdir(parents=True, exist_ok=True))
    here = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "ecumene", "Accept-Encoding": "identity"}
    same = _validator(target)
    if here and same:
        headers |= {"Range": f"bytes={here}-", "If-Range": same}
    elif here:
        headers["Range"] = f"bytes={here}-"
    try:
        response = urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == 416 and here:
            if error.headers.get("Content-Range", "").rpartition("/")[2] == str(here):
                return part  # every byte is here already
            writing(target, lambda: forget(target))
            return download(address, target, label=label, remedy=remedy, progress=progress)
        raise SourceError(f"{address} answers {error.code} ({error.reason}){remedy}") from error
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        reason = getattr(error, "reason", error)
        raise SourceError(f"cannot reach {address} ({reason}){remedy}") from error

    with response:
        if response.status == 206 and not _starts_at(response.headers.get("Content-Range", ""), here):
            writing(target, lambda: forget(target))
            return download(address, target, label=label, remedy=remedy, progress=progress)
        if response.status != 206:
            here = 0
            writing(target, lambda: part.write_bytes(b""))
        length = response.headers.get("Content-Length")
        total = here + int(length) if length is not None and length.isdigit() else None
        _remember(target, response.headers)
        _append(response, target, here, total, label, progress)
    return part


def _append(
    response: http.client.HTTPResponse,
    target: Path,
    here: int,
    total: int | None,
    label: str,
    progress: Progress | None,
) -> None:
    part = part_of(target)
    try:
        output = part.open("ab", buffering=0)  # closing a buffer could fail once more on a full disk
    except OSError as error:
        raise _cannot_write(target, error) from error
    with output:
        while True:
            if progress is not None:
                progress(here, total or 0, label)
            try:
                block = response.read(BLOCK)
            except (http.client.HTTPException, OSError) as error:
                raise _interrupted(part, here, total, str(error) or type(error).__name__) from error
            if not block:
                break
            rest = memoryview(block)
            while rest:
                try:
                    written = output.write(rest) or 0
                except OSError as error:
                    raise _cannot_write(target, error) from error
                rest, here = rest[written:], here + written
    if total is not None and here < total:
        raise _interrupted(part, here, total, "the connection closed early")


def _starts_at(content_range: str, here: int) -> bool:
    return content_range.removeprefix("bytes ").partition("-")[0] == str(here)


def part_of(target: Path) -> Path:
    """Where the bytes of an unfinished download lie."""
    return target.with_name(target.name + ".part")


def notes_of(target: Path) -> Path:
    """Where the server's mark of an unfinished download lies."""
    return target.with_name(target.name + ".part.json")


def forget(target: Path) -> None:
    """Drop an unfinished download."""
    part_of(target).unlink(missing_ok=True)
    notes_of(target).unlink(missing_ok=True)


def _remember(target: Path, headers: http.client.HTTPMessage) -> None:
    """Keep the server's mark of the file's version; a weak mark cannot promise equal bytes."""
    tag = headers.get("ETag")
    validator = headers.get("Last-Modified") if not tag or tag.startswith("W/") else tag
    write_json(notes_of(target), {"validator": validator})


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write a small JSON file whole or not at all. Errors: OutputError."""

    def write(temporary: Path) -> None:
        temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    write_atomically(path, write)


def _validator(target: Path) -> str | None:
    try:
        found = json.loads(notes_of(target).read_text(encoding="utf-8")).get("validator")
    except (OSError, ValueError, AttributeError):
        return None
    return found if isinstance(found, str) else None


def writing(target: Path, action: Callable[[], object]) -> None:
    """Do something to the disk; a failure becomes an OutputError that names the target."""
    try:
        action()
    except OSError as error:
        raise _cannot_write(target, error) from error


def _cannot_write(target: Path, error: OSError) -> OutputError:
    return OutputError(
        f"cannot write {target}: {error.strerror or error}; "
        "free some space or choose another folder with ECUMENE_DATA"
    )


def _interrupted(part: Path, here: int, total: int | None, why: str) -> SourceError:
    size = f"{here:,} of {total:,}" if total is not None else f"{here:,}"
    return SourceError(
        f"the download stopped after {size} bytes ({why}); they are kept in {part}, fetch again to resume"
    )
