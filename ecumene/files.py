"""Writing files whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from ecumene.errors import InputError, OutputError

LONGEST_SHOWN = 80


def given_path(path: str | os.PathLike[str], kind: type[InputError] = InputError) -> Path:
    """The path that a caller named, `~` expanded, whether or not something is there.

    Errors: `kind`, where it is no text, or a name that this system cannot look up.
    """
    if not isinstance(path, str | os.PathLike):
        raise kind(f"expected a name or a path, not {type(path).__name__} {path!r:.40}")
    text = str(path)
    shown = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}... ({len(text)} characters)"
    if "\0" in text:
        raise kind(f"cannot look for {shown!r}: a path holds no NUL character; give another path")
    try:
        found = Path(text).expanduser()
        found.exists()
    except OSError as error:
        raise kind(f"cannot look for '{shown}': {error.strerror}; give another path") from error
    except RuntimeError as error:  # `~nobody`
        raise kind(f"cannot look for '{shown}': there is no such home folder; give the full path") from error
    return found


def plain_file(
    path: str | os.PathLike[str], kind: type[InputError] = InputError, most: int | None = None
) -> Path:
    """The path that a caller named where a plain file is there, or nothing.

    Errors: `kind`, where it is a folder, or a pipe or a device, which could be read for ever, or has more than `most`
    bytes.
    """
    found = given_path(path, kind)
    try:
        held = found.stat()
    except OSError:
        return found  # whoever reads it says what is wrong
    if not stat.S_ISREG(held.st_mode):
        what = "folder" if stat.S_ISDIR(held.st_mode) else "pipe or a device"
        raise kind(f"{found}: a {what}, not a file; name a plain file")
    if most is not None and held.st_size > most:
        raise kind(f"{found}: {held.st_size:,} bytes, more than {most:,}; is it the file you mean?")
    return found


def write_atomically(path: str | os.PathLike[str], writer: Callable[[Path], None]) -> Path:
    """Let `writer` fill a temporary file beside `path`, then rename it into place.

    Nothing is left behind when `writer` fails or is interrupted. A full disk, a missing or a read-only
    folder becomes an OutputError that names the file; the suffix of `path` is kept on the temporary name.
    """
    target = Path(path)
    if not target.name or target.is_dir():
        raise OutputError(f"cannot write {target}: it is a folder; name a file")
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.stem[:60]}-{secrets.token_hex(8)}{target.suffix}")
        temporary.touch(exist_ok=False)  # with the permissions of any new file
        writer(temporary)
        temporary.replace(target)
    except OSError as error:
        raise OutputError(
            f"cannot write {target}: {error.strerror or error}; "
            "choose a folder that is writable and has free space"
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return target


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """Write a text in UTF-8 as `write_atomically` writes, with lines that end alike on every system."""

    def fill(temporary: Path) -> None:
        temporary.write_text(text, encoding="utf-8", newline="\n")

    return write_atomically(path, fill)
