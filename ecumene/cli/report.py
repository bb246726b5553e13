"""The command `report`: a saved result as one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecumene.cli.interrupts import waiting
from ecumene.cli.options import QuietOption


def report(
    result: Annotated[
        Path, typer.Argument(metavar="RESULT", help="A file that `--netcdf`, `--out` or `.save` wrote.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE.html", help="The page; by default beside RESULT, with its name."
        ),
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Write a saved result as one HTML page with maps, ranges and reasons; it opens without a network."""
    with waiting():
        from ecumene.cli import files, screen
        from ecumene.errors import InputError
        from ecumene.report.document import write_report
        from ecumene.results import load_result

    if not result.name:
        raise InputError(f"'{result}' names no file; give the result that --netcdf or --out left")
    target = result.with_suffix(".html") if output is None else output
    files.Targets(None, None, None, None, report=target).check(page=False)  # the result is read first
    written = write_report(load_result(result), target)
    if not quiet:
        screen.note(f"wrote {written}")
