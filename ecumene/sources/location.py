"""Where a source's file lies: a path, and after `#` the year or member wanted inside an archive or folder."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ecumene.errors import SourceError
from ecumene.files import given_path, plain_file

_YEAR = re.compile(r"(?<!\d)(19[5-9]\d|20\d\d)(?!\d)")


@dataclass(frozen=True)
class Location:
    """A file that a reader is asked to read, with what to pick inside it."""

    path: Path
    pick: str | None
    member: str | None = None

    def __str__(self) -> str:
        return f"{self.path}" + (f" ({self.member})" if self.member else "")

    @property
    def name(self) -> str:
        """Name of the file itself, without folders: the archive's member where there is one."""
        return Path(self.member or self.path).name

    @property
    def year(self) -> int | None:
        """The year asked for, else the last four-digit year in the file's name."""
        for text in (self.pick, self.name):
            years = _YEAR.findall(text or "")
            if years:
                return int(years[-1])
        return None

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The file's bytes; every failure to read becomes a SourceError that names the file."""
        try:
            if self.member is None:
                with self.path.open("rb") as stream:
                    yield stream
            else:
                with zipfile.ZipFile(self.path) as archive:
                    yield io.BytesIO(archive.read(self.member))
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise damaged(self, f"the archive cannot be unpacked: {error}") from error
        except OSError as error:
            raise SourceError(
                f"cannot read {self}: {error.strerror or error}; check the file's permissions"
            ) from error


def damaged(place: Location | Path, why: str) -> SourceError:
    """The error of a file that is there but is not what it should be."""
    return SourceError(
        f"{place} is damaged or not in the expected format: {why}; download it again or check its kind"
    )


def locate(text: str, suffixes: tuple[str, ...]) -> Location:
    """Find the one file that `PATH` or `PATH#YEAR` means; archives and folders are searched.

    A folder or a zip archive may hold several years: what follows `#` picks the file whose name contains it.
    Errors: SourceError naming what was looked for, where, and how to say it.
    """
    whole, (head, _, tail) = given_path(text, SourceError), text.rpartition("#")
    path, pick = (whole, None) if whole.exists() or not head else (given_path(head, SourceError), tail)
    if not path.exists():
        raise SourceError(
            f"no such file: {path}; give the path of a downloaded table (`ecumene data list` shows sources)"
        )
    if path.is_dir():
        kinds = (*suffixes, ".zip")
        found = sorted(str(entry) for entry in path.iterdir() if entry.name.lower().endswith(kinds))
        chosen = _one(found, pick, str(path), suffixes)
        return locate(f"{chosen}#{pick}" if pick else chosen, suffixes)
    plain_file(path, SourceError)
    if path.suffix.lower() != ".zip":
        return Location(path, pick)
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(suffixes)]
    except (zipfile.BadZipFile, OSError) as error:
        raise damaged(path, f"not a readable zip archive ({error})") from error
    return Location(path, pick, _one(sorted(names), pick, str(path), suffixes))


def _one(found: list[str], pick: str | None, where: str, suffixes: tuple[str, ...]) -> str:
    kinds = " or ".join(suffixes)
    if not found:
        raise SourceError(f"{where} holds no {kinds} file; give the path of the table itself")
    fitting = [name for name in found if pick is None or pick in Path(name).name]
    if not fitting and pick is not None:
        # WIOD's workbooks carry two digits of the year only.
        short = re.compile(rf"(?<!\d){re.escape(pick[-2:])}(?!\d)")
        fitting = [name for name in found if short.search(Path(name).name)]
    if pick is not None and len(fitting) > 1:
        exact = [name for name in fitting if name.lower().endswith(suffixes)]
        fitting = exact if len(exact) == 1 else fitting
    if len(fitting) == 1:
        return fitting[0]
    shown = ", ".join(Path(name).name for name in (fitting or found)[:8])
    problem = "several files fit" if fitting else f"no file fits '{pick}'"
    raise SourceError(f"{problem} in {where} ({shown}); pick one with '#', for example '{where}#2019'")
