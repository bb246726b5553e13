"""Where a command's numbers go: checked before the work starts, written whole when it is done."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecumene.cli.interrupts import check as check_interrupts
from ecumene.errors import InputError, OutputError

if TYPE_CHECKING:
    from ecumene.cli.screen import Shown
    from ecumene.cli.tables import Table

IN_FOLDER: Final = (".nc", ".csv", ".json")
"""What `--out` leaves in its folder, beside the table as text."""


@dataclass(frozen=True)
class Targets:
    """The paths that the user named."""

    folder: Path | None
    csv: Path | None
    parquet: Path | None
    netcdf: Path | None
    picture: Path | None = None
    report: Path | None = None

    def _named(self) -> dict[str, Path]:
        pairs = {".csv": self.csv, ".parquet": self.parquet, ".nc": self.netcdf}
        return {suffix: path for suffix, path in pairs.items() if path is not None}

    def check(self, draws: int = 0, *, page: bool = True) -> None:
        """Refuse what cannot work before minutes are spent: a wrong suffix, a folder that takes no file, and, with
        `page`, a report whose page is not built."""
        named = self._named()
        if self.picture is not None:
            from ecumene.figures import require_picture

            require_picture(draws)
            if self.csv is not None and self.csv.absolute() == self.picture.with_suffix(".csv").absolute():
                raise InputError(
                    f"{self.csv} is where the picture's numbers go; give another name to one of them"
                )
            named[".svg"] = self.picture
        if self.report is not None:
            named[".html"] = self.report
        for suffix, path in named.items():
            if path.suffix.lower() != suffix:
                raise InputError(f"{path} must end in {suffix}: the suffix names the format")
            if path.is_dir():
                raise InputError(f"{path} is a folder; name a file in it")
        if self.folder is not None and self.folder.exists() and not self.folder.is_dir():
            raise InputError(f"{self.folder} is a file; --out names a folder")
        for folder in [self.folder, *(path.parent for path in named.values())]:
            if folder is not None:
                require_writable(folder)
        if self.report is not None and page:
            from ecumene.report.document import built_page

            built_page()

    def write(
        self,
        result: Shown,
        stem: str,
        tables: str,
        economies: Sequence[str],
    ) -> list[Path]:
        """Write every target atomically; OutputError names the one that failed."""
        written = [result.export(path) for path in self._named().values()]
        if self.picture is not None:
            from ecumene.figures import prosperity_security
            from ecumene.results import Comparison

            assert isinstance(result, Comparison)  # the option is of `compare` only
            written += prosperity_security(result, economies, self.picture)
        if self.report is not None:
            from ecumene.report.document import write_report
            from ecumene.results import Comparison, Result

            assert isinstance(result, Result | Comparison)  # the option is of `compare` and `run` only
            written.append(write_report(result, self.report))
        if self.folder is None:
            return written
        from ecumene.files import write_atomically

        def write_tables(temporary: Path) -> None:
            temporary.write_text(tables + "\n", encoding="utf-8")

        written += [result.export(self.folder / f"{stem}{suffix}") for suffix in IN_FOLDER]
        written.append(write_atomically(self.folder / f"{stem}.txt", write_tables))
        return written


def deliver(
    result: Shown,
    tables: list[Table],
    stem: str,
    targets: Targets,
    economies: list[str],
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Files first, then the screen, so that neither a broken pipe nor a full disk loses the numbers."""
    from ecumene.cli import screen

    check_interrupts()
    written: list[Path] = []
    failed: OutputError | None = None
    try:
        written = targets.write(result, stem, screen.plain(tables), economies)
    except OutputError as error:
        failed = error
    if as_json:
        screen.print_json(result)
    elif not quiet:
        screen.print_tables(tables, result, verbose)
    if not quiet:
        for path in written:
            screen.note(f"wrote {path}")
    if failed is not None:
        raise failed


def require_writable(folder: Path) -> None:
    existing = next(path for path in [folder, *folder.absolute().parents] if path.exists())
    if not existing.is_dir():
        raise InputError(f"{existing} is a file, so {folder} cannot be a folder; choose another")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise OutputError(
            f"cannot write into {folder}: {existing} is read-only for you; choose another folder"
        )
