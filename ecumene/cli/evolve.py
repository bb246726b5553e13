"""The command about change over years: `evolve` follows a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecumene.cli.interrupts import keeps, waiting
from ecumene.cli.options import (
    CsvOption,
    EconomyOption,
    JsonOption,
    NetcdfOption,
    OutOption,
    ParquetOption,
    QuietOption,
    SchemaOption,
    VerboseOption,
    WorldOption,
    load,
    print_schema,
    split,
)


def evolve(
    scenario: Annotated[
        str | None, typer.Argument(metavar="SCENARIO", help="A scenario's name or a YAML file.")
    ] = None,
    world: WorldOption = "reference",
    economy: EconomyOption = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", min=0, max=2**31 - 1, help="Seed of everything that is drawn; default: the scenario's."
        ),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture", metavar="FILE.svg", help="Draw the paths, and loops and maps where they are asked."
        ),
    ] = None,
    out: OutOption = None,
    csv: CsvOption = None,
    parquet: ParquetOption = None,
    netcdf: NetcdfOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    schema: SchemaOption = False,
) -> None:
    """Follow a scenario over years: a change of order, fast or slow, and countries that revise what they choose."""
    if schema:
        from ecumene.scenarios import json_schema

        print_schema(json_schema())
        return
    if scenario is None:
        from ecumene.errors import InputError
        from ecumene.scenarios import scenario_names

        raise InputError(f"name a scenario: a file, or one of {', '.join(scenario_names())}")
    with waiting():
        import ecumene.resultfile  # noqa: F401 (what writing needs)
        from ecumene.cli import evolution_tables, files, screen, tables
        from ecumene.evolution import answer, pictures
        from ecumene.jax_setup import CACHE, beside
        from ecumene.scenarios import load_scenario

    targets = files.Targets(out, csv, parquet, netcdf)
    targets.check()
    if picture is not None:
        pictures.require_picture(picture)
        files.require_writable(picture.parent)
    load_scenario(scenario)  # what is wrong with it shows before a world is read
    loaded = load(world)
    shown = tables.known_economies(loaded, split(economy))
    if CACHE is not None:
        keeps("states and paces that are solved are kept, and the same command goes on with them")
    folder = beside("evolution")
    with screen.progress(quiet) as progress:
        result = answer.evolve(loaded, scenario, seed=seed, folder=folder, progress=progress)
    if picture is not None:
        drawn = pictures.draw(result, picture)
        if not quiet:
            screen.note(f"wrote {drawn}")
    files.deliver(
        result,
        evolution_tables.evolution_tables(result, loaded, shown),
        "evolution",
        targets,
        shown,
        as_json,
        quiet,
        verbose,
    )
