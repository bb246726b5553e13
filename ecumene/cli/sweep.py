"""The command about sweeps: many cases, on one machine or a cluster, stopped and resumed at will."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecumene.cli.interrupts import keeps, waiting
from ecumene.cli.options import JsonOption, QuietOption, SchemaOption, print_schema

if TYPE_CHECKING:
    from ecumene.cli.tables import Table
    from ecumene.sweeps.outcome import SweepResult

SHOWN = 5
"""Reasons of failure that the table names."""


def sweep(
    file: Annotated[str | None, typer.Argument(metavar="FILE", help="A sweep file (YAML).")] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            metavar="N",
            min=0,
            help="Worker processes of one thread each; default: one a processor. 0: solve in this process.",
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster",
            metavar="ADDRESS",
            help="Solve on a Dask cluster: tcp://HOST:PORT of its scheduler, or 'local' for one on this machine.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="The sweep's folder; a stopped sweep goes on there. Default: out/NAME.",
        ),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    schema: SchemaOption = False,
) -> None:
    """Solve many cases, worlds x orders x shocks x parameters, on one machine or a cluster; stop and resume."""
    if schema:
        from ecumene.sweeps.reading import json_schema

        print_schema(json_schema())
        return
    if file is None:
        from ecumene.errors import InputError

        raise InputError("name a sweep file, as in: ecumene sweep sweep.yaml")
    with waiting():
        from ecumene.cli import files, screen
        from ecumene.jax_setup import beside
        from ecumene.sweeps import answer
        from ecumene.sweeps.reading import load_sweep_file

    read, _ = load_sweep_file(file)
    folder = answer.OUT / read.name if out is None else out
    files.require_writable(folder)
    keeps(f"cases that are done are kept in {folder}, and are not solved again; to go on")
    with screen.progress(quiet) as progress:
        result = answer.sweep(
            file,
            folder,
            workers=workers,
            cluster=cluster,
            tariffs_folder=beside("tariffs"),
            progress=progress,
        )
    if as_json:
        typer.echo(json.dumps(summary(result), indent=2))
    elif not quiet:
        typer.echo(screen.plain(tables(result)))
    if not quiet:
        screen.note(f"wrote {folder}")


def summary(result: SweepResult) -> dict[str, object]:
    """What a sweep did, as plain values."""
    manifest = result.manifest
    return {
        "name": manifest["name"],
        "folder": str(result.folder),
        "hash": manifest["hash"],
        "cases": manifest["cases"],
        "done": result.done,
        "failed": result.failed,
        "complete": result.complete,
        "parts": len(manifest["parts"]),
    }


def tables(result: SweepResult) -> list[Table]:
    """The world's median and range by world, order and shock, and why cases failed."""
    from ecumene.cli.tables import Table

    seen = result.overview()
    ranges = Table(
        f"Change of the world's real income, percent: {result.done:,} cases, {result.failed:,} failed",
        ("world", "order", "shock", "cases", "failed", "5 %", "median", "95 %"),
        tuple(
            (
                str(row.world),
                str(row.order),
                str(row.shock),
                f"{row.cases:,}",
                f"{row.failed:,}",
                *(_number(value) for value in ends),
            )
            for row, ends in zip(
                seen.itertuples(), seen[["low", "median", "high"]].to_numpy(dtype=float), strict=True
            )
        ),
        frozenset(range(3, 8)),
    )
    reasons = result.failures()
    if not len(reasons):
        return [ranges]
    counted = reasons.groupby(["status", "message"], sort=False).size().sort_values(ascending=False)
    shown = list(counted.items())[:SHOWN]
    more = len(counted) - len(shown)
    failed = Table(
        "Cases without numbers",
        ("cases", "status", "why"),
        tuple((f"{count:,}", *map(str, key)) for key, count in shown),  # type: ignore[arg-type, misc]
        frozenset({0}),
        (f"{more} further reasons are in the parts, column message.",) if more > 0 else (),
    )
    return [ranges, failed]


def _number(value: float) -> str:
    return "-" if value != value else f"{value:+.2f}"
