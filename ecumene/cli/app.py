"""The commands and their options; each calls the library and hands the answer to the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import ecumene
from ecumene.cli import align as align_commands
from ecumene.cli import data as data_commands
from ecumene.cli import orders as order_commands
from ecumene.cli import plan as plan_command
from ecumene.cli import shocks as shock_commands
from ecumene.cli import sovereignty as sovereignty_command
from ecumene.cli.interrupts import waiting
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

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="An open laboratory for world orders: what each does to every economy's real income.",
)
app.add_typer(data_commands.app, name="data")
order_commands.add_to(app)
plan_command.add_to(app)
shock_commands.add_to(app)
align_commands.add_to(app)
sovereignty_command.add_to(app)

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


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ecumene {ecumene.__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """An open laboratory for world orders: what each does to every economy's real income."""


@app.command()
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
    seed: SeedOption = 0,
    sovereignty: SovereigntyOption = False,
    out: OutOption = None,
    csv: CsvOption = None,
    parquet: ParquetOption = None,
    netcdf: NetcdfOption = None,
    picture: PictureOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Compare orders: change of real income for the world, and who loses and gains most."""
    with waiting():
        if any((out, csv, parquet, netcdf)):
            import ecumene.resultfile  # noqa: F401 (what writing needs)
        from ecumene.cli import dependence, files, screen, tables
        from ecumene.cli import security as security_tables
        from ecumene.orders import load_order, preset_names
        from ecumene.runs import compare as compare_orders

    targets = files.Targets(out, csv, parquet, netcdf, picture)
    targets.check(security)
    chosen = [load_order(name) for name in split(orders) or preset_names()]
    loaded = load(world)
    shown = tables.known_economies(loaded, split(economy))
    with screen.progress(quiet) as progress:
        comparison = compare_orders(
            loaded,
            chosen,
            progress=progress,
            **_questions(also, shocks, security, seed, sovereignty),
        )
    drawn = tables.comparison_tables(comparison, loaded, shown)
    drawn += security_tables.security_tables(comparison, loaded, shown)
    drawn += dependence.order_tables(comparison, loaded, shown)
    files.deliver(comparison, drawn, "comparison", targets, shown, as_json, quiet, verbose)
    if comparison.failed:
        from ecumene.errors import SolveError

        raise SolveError("\n".join(comparison.failed.values()))


@app.command()
def run(
    order: Annotated[str, typer.Argument(metavar="ORDER", help="A preset's name or a YAML file.")],
    world: WorldOption = "reference",
    economy: EconomyOption = None,
    also: AlsoOption = None,
    shocks: ShocksOption = None,
    security: SecurityOption = 0,
    seed: SeedOption = 0,
    sovereignty: SovereigntyOption = False,
    out: OutOption = None,
    csv: CsvOption = None,
    parquet: ParquetOption = None,
    netcdf: NetcdfOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Run one order: real income of the world, and the main numbers of the economies it moves most."""
    with waiting():
        if any((out, csv, parquet, netcdf)):
            import ecumene.resultfile  # noqa: F401 (what writing needs)
        from ecumene.cli import dependence, files, screen, tables
        from ecumene.cli import security as security_tables
        from ecumene.orders import load_order
        from ecumene.results import join
        from ecumene.runs import run as run_order

    targets = files.Targets(out, csv, parquet, netcdf)
    targets.check()
    chosen = load_order(order)
    loaded = load(world)
    shown = tables.known_economies(loaded, split(economy))
    with screen.progress(quiet) as progress:
        result = run_order(
            loaded,
            chosen,
            progress=progress,
            **_questions(also, shocks, security, seed, sovereignty),
        )
    drawn = tables.result_tables(result, loaded, shown)
    drawn += security_tables.security_tables(join([result]), loaded, shown)
    drawn += dependence.order_tables(join([result]), loaded, shown)
    files.deliver(result, drawn, "result", targets, shown, as_json, quiet, verbose)


@app.command()
def tariffs(
    players: Annotated[
        list[str] | None,
        typer.Option(
            "--players",
            metavar="NAMES",
            help="Economies and unions, as in USA,CHN,EU, or all; the ten largest customs territories by default.",
        ),
    ] = None,
    stage: Annotated[
        list[str] | None,
        typer.Option(
            "--stage",
            metavar="STAGES",
            help="'unilateral', 'reply', 'nash'; all three by default, for one player the first.",
        ),
    ] = None,
    leader: Annotated[
        str | None, typer.Option("--leader", metavar="NAME", help="Who begins; the first player by default.")
    ] = None,
    by: Annotated[
        str,
        typer.Option(
            "--by", metavar="WHAT", help="What rates tell apart: 'uniform', 'partner', 'sector' or 'both'."
        ),
    ] = "uniform",
    lowest: Annotated[float, typer.Option("--lowest", metavar="PERCENT", help="Lowest rate.")] = 0.0,
    highest: Annotated[float, typer.Option("--highest", metavar="PERCENT", help="Highest rate.")] = 200.0,
    spare_depth: Annotated[
        int | None,
        typer.Option("--spare-depth", min=1, max=6, help="Links at this depth or deeper keep their tariffs."),
    ] = None,
    world: WorldOption = "reference",
    economy: EconomyOption = None,
    out: OutOption = None,
    csv: CsvOption = None,
    parquet: ParquetOption = None,
    netcdf: NetcdfOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Tariffs that players choose for themselves: one alone, the others in kind, and Nash, each with its proof."""
    with waiting():
        import ecumene.models.tariff_stages  # what searching needs

        if any((out, csv, parquet, netcdf)):
            import ecumene.resultfile  # noqa: F401 (what writing needs)
        from ecumene.cli import files, screen, tables
        from ecumene.cli import tariffs as games
        from ecumene.orders import apply
        from ecumene.runs import compare as compare_orders

    targets = files.Targets(out, csv, parquet, netcdf)
    targets.check()
    alone = len(split(players)) == 1 and split(players) != ["all"]
    stages = games.known("--stage", split(stage), games.STAGES) or list(games.STAGES[: 1 if alone else None])
    (apart,) = games.known("--by", [by], games.BY)
    loaded = load(world)
    shown = tables.known_economies(loaded, split(economy))
    orders = games.game_orders(loaded, split(players), stages, leader, apart, (lowest, highest), spare_depth)
    contest = apply(orders[0], loaded).contest
    assert contest is not None
    with screen.progress(quiet) as progress:
        comparison = compare_orders(
            loaded, orders, progress=progress, tariffs_folder=games.folder_of_tariffs()
        )
    drawn = games.stage_tables(comparison, loaded, contest.players)
    drawn += tables.comparison_tables(comparison, loaded, shown)
    files.deliver(comparison, drawn, "tariffs", targets, shown, as_json, quiet, verbose)
    if comparison.failed:
        from ecumene.errors import SolveError

        raise SolveError("\n".join(comparison.failed.values()))


def _questions(
    also: list[str] | None, shocks: list[str] | None, security: int, seed: int, sovereignty: bool
) -> dict[str, Any]:
    """What a run or a comparison is asked. Draws that are done wait for the next run beside the compiled programs."""
    from ecumene.jax_setup import CACHE

    return {
        "also": split(also),
        "shocks": split(shocks),
        "security": security,
        "seed": seed,
        "sovereignty": sovereignty,
        "draws_folder": CACHE.parent / "draws" if security and CACHE is not None else None,
        "tariffs_folder": None if CACHE is None else CACHE.parent / "tariffs",
    }
