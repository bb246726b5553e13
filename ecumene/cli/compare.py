"""The commands `compare` and `run`: many orders side by side, or one in full."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    SeedOption,
    VerboseOption,
    WorldOption,
    load,
    split,
)

if TYPE_CHECKING:
    from ecumene.results import Comparison

AlsoOption = Annotated[
    list[str] | None,
    typer.Option(
        "--also",
        metavar="QUESTIONS",
        help="Answer more: 'rents' (raised barriers as income of importers, of exporters), 'groups' (labour types, "
        "capital and the spread of gains).",
    ),
]


ShocksOption = Annotated[
    list[str] | None,
    typer.Option(
        "--shocks",
        metavar="SHOCKS",
        help="Shocks under every order: names (see `ecumene shocks`) or YAML files.",
    ),
]
SecurityOption = Annotated[
    int,
    typer.Option(
        "--security", metavar="N", min=0, help="Draw N years of accidents, the same under every order."
    ),
]
ShockDrawsOption = Annotated[
    int,
    typer.Option(
        "--shock-draws",
        metavar="N",
        min=0,
        help="Draws of stocks, criticality, demand, contagion and recovery that ranges of named shocks are over.",
    ),
]
DrawsOption = Annotated[
    int,
    typer.Option(
        "--draws", metavar="N", min=2, help="Draws of elasticities and effects of depth that ranges are over."
    ),
]
PointOption = Annotated[bool, typer.Option("--point", help="No ranges over draws: point results only.")]
SovereigntyOption = Annotated[
    bool,
    typer.Option(
        "--sovereignty",
        help="How each order changes dependence: reliance on abroad, strategic products, produced over used.",
    ),
]
PictureOption = Annotated[
    Path | None,
    typer.Option(
        "--picture",
        metavar="FILE.svg",
        help="Draw prosperity against security, and write its numbers beside it as CSV; needs --security.",
    ),
]
WhyOption = Annotated[
    bool,
    typer.Option(
        "--why", help="Where each economy's gain comes from: by cause, partner and sector (in files)."
    ),
]
StructuresOption = Annotated[
    bool,
    typer.Option(
        "--structures",
        help="The same orders under other structures of the model, and where even the sign depends on it (on the "
        "screen; `ecumene structures ORDER` writes files).",
    ),
]
ReportOption = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE.html",
        help="Write a page with maps that opens from disk; it asks --why too.",
    ),
]


def compare(
    orders: Annotated[
        list[str] | None,
        typer.Option(
            "--orders",
            metavar="ORDERS",
            help="Presets or YAML files, separated by commas; all presets by default.",
        ),
    ] = None,
    world: WorldOption = "reference",
    economy: EconomyOption = None,
    also: AlsoOption = None,
    shocks: ShocksOption = None,
    security: SecurityOption = 0,
    shock_draws: ShockDrawsOption = 0,
    draws: DrawsOption = 64,
    point: PointOption = False,
    seed: SeedOption = 0,
    sovereignty: SovereigntyOption = False,
    why: WhyOption = False,
    structures: StructuresOption = False,
    out: OutOption = None,
    csv: CsvOption = None,
    parquet: ParquetOption = None,
    netcdf: NetcdfOption = None,
    report: ReportOption = None,
    picture: PictureOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Compare orders: change of real income for the world, and who loses and gains most."""
    with waiting():
        if any((out, csv, parquet, netcdf, report)):
            import ecumene.resultfile  # noqa: F401 (what writing needs)
        from ecumene.cli import dependence, files, screen, tables
        from ecumene.cli import security as security_tables
        from ecumene.cli.structure_tables import beside_orders
        from ecumene.orders import load_order, preset_names
        from ecumene.runs import compare as compare_orders
        from ecumene.uncertainty.structures import of_orders

    targets = files.Targets(out, csv, parquet, netcdf, picture, report)
    targets.check(security)
    chosen = [load_order(name) for name in split(orders) or preset_names()]
    questions = _questions(
        also,
        shocks,
        security,
        shock_draws,
        0 if point else draws,
        seed,
        sovereignty,
        why or report is not None,
    )
    loaded = load(world)
    shown = tables.known_economies(loaded, split(economy))

    def told(comparison: Comparison) -> None:
        screen.note(screen.plain(tables.comparison_tables(comparison, loaded, shown)[:1]) + "\n")

    with screen.progress(quiet) as progress:
        comparison = compare_orders(
            loaded,
            chosen,
            progress=progress,
            point=told if screen.is_fancy(sys.stderr) and not quiet else None,
            **questions,
        )
        solved = [order for order in chosen if structures and order.name in comparison.orders]
        other = of_orders(loaded, solved, progress=progress, tariffs_folder=questions["tariffs_folder"])
    drawn = tables.comparison_tables(comparison, loaded, shown)
    drawn += beside_orders(other, loaded, shown)
    drawn += security_tables.security_tables(comparison, loaded, shown)
    drawn += dependence.order_tables(comparison, loaded, shown)
    files.deliver(comparison, drawn, "comparison", targets, shown, as_json, quiet, verbose)
    if comparison.failed:
        from ecumene.errors import SolveError

        raise SolveError("\n".join(comparison.failed.values()))


def run(
    order: Annotated[str, typer.Argument(metavar="ORDER", help="A preset's name or a YAML file.")],
    world: WorldOption = "reference",
    economy: EconomyOption = None,
    also: AlsoOption = None,
    shocks: ShocksOption = None,
    security: SecurityOption = 0,
    shock_draws: ShockDrawsOption = 0,
    draws: DrawsOption = 64,
    point: PointOption = False,
    seed: SeedOption = 0,
    sovereignty: SovereigntyOption = False,
    why: WhyOption = False,
    out: OutOption = None,
    csv: CsvOption = None,
    parquet: ParquetOption = None,
    netcdf: NetcdfOption = None,
    report: ReportOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Run one order: real income of the world, and the main numbers of the economies it moves most."""
    with waiting():
        if any((out, csv, parquet, netcdf, report)):
            import ecumene.resultfile  # noqa: F401 (what writing needs)
        from ecumene.cli import dependence, files, screen, tables
        from ecumene.cli import security as security_tables
        from ecumene.orders import load_order
        from ecumene.results import join
        from ecumene.runs import run as run_order

    targets = files.Targets(out, csv, parquet, netcdf, report=report)
    targets.check()
    chosen = load_order(order)
    questions = _questions(
        also,
        shocks,
        security,
        shock_draws,
        0 if point else draws,
        seed,
        sovereignty,
        why or report is not None,
    )
    loaded = load(world)
    shown = tables.known_economies(loaded, split(economy))
    with screen.progress(quiet) as progress:
        result = run_order(
            loaded,
            chosen,
            progress=progress,
            **questions,
        )
    drawn = tables.result_tables(result, loaded, shown)
    drawn += security_tables.security_tables(join([result]), loaded, shown)
    drawn += dependence.order_tables(join([result]), loaded, shown)
    files.deliver(result, drawn, "result", targets, shown, as_json, quiet, verbose)


def _questions(
    also: list[str] | None,
    shocks: list[str] | None,
    security: int,
    shock_draws: int,
    draws: int,
    seed: int,
    sovereignty: bool,
    why: bool,
) -> dict[str, Any]:
    """What a run or a comparison is asked, as far as no world is needed to check it.

    Draws that are done wait for the next run beside the compiled programs. Errors: InputError, ShockError.
    """
    from ecumene.cli.screen import note
    from ecumene.jax_setup import CACHE, CACHE_NOTE, beside

    happen: list[Any] = split(shocks)
    if happen or security:
        from ecumene.security.numbers import asked_for

        certain, accidents = asked_for(happen, security, seed)
        happen = [*certain, *([] if accidents is None else [accidents])]
    if security and CACHE is None:
        note(f"ecumene: warning: draws are not kept, a stopped run will begin anew: {CACHE_NOTE}")
    elif security:
        keeps("draws that are done are kept, and the same command goes on with them")
    return {
        "also": split(also),
        "shocks": happen,
        "security": security,
        "shock_draws": shock_draws,
        "seed": seed,
        "draws": draws,
        "sovereignty": sovereignty,
        "why": why,
        "draws_folder": beside("draws") if security else None,
        "tariffs_folder": beside("tariffs"),
    }
