"""The command that makes a result again and compares."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Annotated

import typer

from ecumene.cli.interrupts import waiting
from ecumene.cli.options import JsonOption, QuietOption


def reproduce(
    result: Annotated[
        Path,
        typer.Argument(
            metavar="RESULT", help="A saved result (.nc, .json or .parquet), or the folder of a sweep."
        ),
    ],
    world: Annotated[
        str | None,
        typer.Option(
            "--world",
            metavar="WORLD",
            help="Where the data are, if not where the result says. Sweeps carry theirs.",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", metavar="N", min=0, help="Worker processes for a sweep; 0: in this process."
        ),
    ] = None,
    batches: Annotated[
        int | None,
        typer.Option(
            "--batches",
            metavar="N",
            min=1,
            help="Solve so many batches of a sweep again, spread evenly; default: all.",
        ),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a saved result or a sweep again from what it carries, and compare."""
    with waiting():
        from ecumene.cli import screen
        from ecumene.reproduction import reproduce as made_again

    with screen.progress(quiet) as progress:
        found = made_again(result, world, workers=workers, batches=batches, progress=progress)
    if as_json:
        told = {
            "what": found.what,
            "identical": found.identical,
            "ok": found.ok,
            "largest": found.largest if math.isfinite(found.largest) else None,
            "numbers": found.numbers,
            "differs": list(found.differs),
        }
        typer.echo(json.dumps(told, indent=2))
    else:
        typer.echo(str(found))
    if not found.ok:
        raise typer.Exit(1)
