"""The command about the size of nations: what one state gives its parts, put together or by themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecumene.cli.interrupts import waiting
from ecumene.cli.options import (
    CsvOption,
    JsonOption,
    OutOption,
    ParquetOption,
    QuietOption,
    VerboseOption,
    WorldOption,
    load,
    pairs,
    split,
)


def nations(
    merge: Annotated[
        list[str] | None,
        typer.Option("--merge", metavar="NAMES", help="One state of these economies, as RUS,BLR."),
    ] = None,
    divide: Annotated[
        str | None,
        typer.Option(
            "--divide", metavar="CODE", help="Or one economy, whose parts are by themselves; name --parts."
        ),
    ] = None,
    parts: Annotated[
        list[str] | None,
        typer.Option(
            "--parts",
            metavar="CODE=SHARE",
            help="New codes and shares of the divided economy, as PART=0.2; the rest keeps its code.",
        ),
    ] = None,
    depth: Annotated[
        int | None,
        typer.Option(
            "--depth", min=0, max=6, help="Integration left between parts; 2, free trade, by default."
        ),
    ] = None,
    mixing: Annotated[
        float | None,
        typer.Option(
            "--mixing",
            help="What parts buy from each other, of what they would if nobody minded where in the country from; 1 by "
            "default.",
        ),
    ] = None,
    positions: Annotated[
        str | None,
        typer.Option("--positions", metavar="FILE.csv", help="Political positions; memberships without it."),
    ] = None,
    rivals: Annotated[
        list[str] | None,
        typer.Option("--rivals", metavar="NAMES", help="Against whom capabilities count; nobody by default."),
    ] = None,
    world: WorldOption = "reference",
    out: OutOption = None,
    csv: CsvOption = None,
    parquet: ParquetOption = None,
    netcdf: Annotated[
        Path | None, typer.Option("--netcdf", metavar="FILE", help="Write labelled numbers.")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """What one state gives each of its parts, as trade across borders gets cheaper or dearer."""
    with waiting():
        from ecumene.alignment.nations import states
        from ecumene.cli import files, screen
        from ecumene.cli.alignment_tables import nations_table
        from ecumene.errors import InputError

    if bool(merge) == bool(divide) or bool(divide) != bool(parts):
        raise InputError(
            "name the economies of one state with --merge RUS,BLR, or one economy and its parts with "
            "--divide DEU --parts PART=0.2"
        )
    if merge and (depth is not None or mixing is not None):
        raise InputError("--depth and --mixing are about parts; leave them out with --merge")
    targets = files.Targets(out, csv, parquet, netcdf)
    targets.check()
    against = split(rivals)
    with screen.progress(quiet) as progress:
        loaded = load(world)
        result = states(
            loaded,
            merge=split(merge),
            divide=divide,
            parts=pairs("--parts", split(parts)) if divide else {},
            depth=2 if depth is None else depth,
            mixing=1.0 if mixing is None else mixing,
            positions=positions,
            rivals=against,
            progress=progress,
        )
    files.deliver(result, [nations_table(result, loaded)], "nations", targets, [], as_json, quiet, verbose)
