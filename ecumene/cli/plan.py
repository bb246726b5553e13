"""The command `plan`: what one economy could make and consume with less of its imports."""

from __future__ import annotations

from typing import Annotated

import typer

from ecumene.cli.interrupts import waiting
from ecumene.cli.options import (
    CsvOption,
    HorizonOption,
    JsonOption,
    NetcdfOption,
    OutOption,
    ParquetOption,
    PricesOption,
    QuietOption,
    SchemaOption,
    SettingsOption,
    VerboseOption,
    WorldOption,
    YearsOption,
    load,
    print_schema,
)


def plan(
    economy: Annotated[
        str | None, typer.Option("--economy", metavar="CODE", help="The economy to plan, by code or name.")
    ] = None,
    settings: SettingsOption = None,
    years: YearsOption = None,
    horizon: HorizonOption = None,
    import_cut: Annotated[
        float | None,
        typer.Option("--import-cut", metavar="SHARE", help="Share of base imports that is cut, 0 to 1."),
    ] = None,
    required: Annotated[
        float | None,
        typer.Option(
            "--required", metavar="STANDARD", help="Least living standard in every year; 1 is the base."
        ),
    ] = None,
    order: PricesOption = None,
    frontier: Annotated[
        bool, typer.Option("--frontier", help="The living standard at import cuts of 0 to 100 percent.")
    ] = False,
    break_even: Annotated[
        bool, typer.Option("--break-even", help="The productivity gain that would make up for the cut.")
    ] = False,
    bottlenecks: Annotated[
        int, typer.Option("--bottlenecks", metavar="N", help="How many bottlenecks to price.")
    ] = 10,
    world: WorldOption = "reference",
    out: OutOption = None,
    csv: CsvOption = None,
    parquet: ParquetOption = None,
    netcdf: NetcdfOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    schema: SchemaOption = False,
) -> None:
    """Plan one economy: what it could make and consume with less of its imports, and what stands in its way."""
    if schema:
        from ecumene.plans import json_schema

        print_schema(json_schema())
        return
    if economy is None:
        from ecumene.errors import InputError

        raise InputError("name the economy to plan, as in --economy RUS")
    if "," in economy:
        from ecumene.errors import InputError

        raise InputError(
            f"--economy is '{economy:.60}', and a plan is of one economy; for several use "
            f"`ecumene plan-frontiers --economy {economy:.60}`"
        )
    with waiting():
        if any((out, csv, parquet, netcdf)):
            import ecumene.resultfile  # noqa: F401 (what writing needs)
        from ecumene.cli import files, screen
        from ecumene.cli.plan_tables import infeasible, plan_tables
        from ecumene.models.planning_model import require_planning
        from ecumene.orders import load_order
        from ecumene.planning.national import place_of, settled
        from ecumene.planning.national import plan as plan_economy

        require_planning()
    targets = files.Targets(out, csv, parquet, netcdf)
    targets.check()
    under = None if order is None else load_order(order)
    chosen = settled(settings, horizon=horizon, years=years, import_cut=import_cut, required=required)
    loaded = load(world)
    place_of(loaded, economy)
    with screen.progress(quiet) as progress:
        result = plan_economy(
            loaded,
            economy,
            settings=chosen,
            order=under,
            bottlenecks=bottlenecks,
            frontier=frontier,
            break_even=break_even,
            progress=progress,
        )
    files.deliver(
        result, plan_tables(result, loaded), "plan", targets, [result.economy], as_json, quiet, verbose
    )
    if not result.feasible:
        from ecumene.errors import SolveError

        raise SolveError(infeasible(result, loaded))
