"""The command about other structures of the model."""

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


def structures(
    order: Annotated[str, typer.Argument(metavar="ORDER", help="A preset's name or a YAML file.")],
    world: WorldOption = "reference",
    world2: Annotated[
        str | None,
        typer.Option(
            "--world2", metavar="WORLD", help="A second world, as wiod:PATH; economies are matched by code."
        ),
    ] = None,
    economy: EconomyOption = None,
    out: OutOption = None,
    csv: CsvOption = None,
    parquet: ParquetOption = None,
    netcdf: NetcdfOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """One order under other structures of the model, and on two worlds: where the sign depends on the model."""
    with waiting():
        if any((out, csv, parquet, netcdf)):
            import ecumene.resultfile  # noqa: F401 (what writing needs)
        from ecumene.cli import files, screen, tables
        from ecumene.cli.structure_tables import structure_tables
        from ecumene.jax_setup import beside
        from ecumene.orders import load_order
        from ecumene.uncertainty.structures import structures as structures_of

    targets = files.Targets(out, csv, parquet, netcdf)
    targets.check()
    chosen = load_order(order)
    loaded = load(world)
    second = None if world2 is None else load(world2)
    shown = tables.known_economies(loaded, split(economy))
    with screen.progress(quiet) as progress:
        found = structures_of(
            loaded,
            chosen,
            second=second,
            progress=progress,
            tariffs_folder=beside("tariffs"),
        )
    drawn = structure_tables(found, loaded, shown)
    files.deliver(found, drawn, "structures", targets, shown, as_json, quiet, verbose)
