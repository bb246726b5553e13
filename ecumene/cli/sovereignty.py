"""The command about sovereignty: how dependent economies are, a table for each group of measures."""

from __future__ import annotations

from typing import Annotated

import typer

from ecumene.cli.interrupts import waiting
from ecumene.cli.options import (
    CsvOption,
    EconomyOption,
    JsonOption,
    NetcdfOption,
    OutOption,
    ParquetOption,
    QuietOption,
    VerboseOption,
    WorldOption,
    load,
    split,
)

OrderOption = Annotated[
    str | None,
    typer.Option("--order", metavar="ORDER", help="Measure an order's equilibrium: a preset or a YAML file."),
]


def add_to(app: typer.Typer) -> None:
    """Register the command on the root."""
    app.command()(sovereignty)


def sovereignty(
    economy: EconomyOption = None,
    world: WorldOption = "reference",
    order: OrderOption = None,
    out: OutOption = None,
    csv: CsvOption = None,
    parquet: ParquetOption = None,
    netcdf: NetcdfOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """How dependent economies are, and on whom: a vector of measures, never one number."""
    with waiting():
        import ecumene.resultfile  # noqa: F401 (what writing needs)
        from ecumene.cli import dependence, files, tables
        from ecumene.dependence.vector import sovereignty as measure

    targets = files.Targets(out, csv, parquet, netcdf)
    targets.check()
    loaded = load(world)
    shown = tables.known_economies(loaded, split(economy))
    found = measure(loaded, shown or None, order)
    drawn = dependence.vector_tables(found, loaded, shown)
    files.deliver(found, drawn, "sovereignty", targets, shown, as_json, quiet, verbose)
