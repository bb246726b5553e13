"""The commands and their options; each calls the library and hands the answer to the screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import ecumene
from ecumene.cli import align as align_commands
from ecumene.cli import data as data_commands
from ecumene.cli import orders as order_commands
from ecumene.cli import shocks as shock_commands
from ecumene.cli.interrupts import check as check_interrupts
from ecumene.cli.interrupts import waiting

if TYPE_CHECKING:
    from ecumene.cli.files import Targets
    from ecumene.cli.tables import Table
    from ecumene.results import Comparison, Result
    from ecumene.world import World

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="An open laboratory for world orders: what each does to every economy's real income.",
)
app.add_typer(data_commands.app, name="data")
order_commands.add_to(app)
shock_commands.add_to(app)
align_commands.add_to(app)

WorldOption = Annotated[
    str,
    typer.Option(
        "--world",
        metavar="WORLD",
        help="'reference', a saved world, or a source such as wiod:PATH or icio:PATH.",
    ),
]
EconomyOption = Annotated[
    list[str] | None,
    typer.Option("--economy", metavar="CODES", help="Show these economies side by side, as in DEU,GEO,CHN."),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Write table, CSV, JSON and netCDF into this folder."),
]
CsvOption = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write tidy rows as CSV.")]
ParquetOption = Annotated[
    Path | None, typer.Option("--parquet", metavar="FILE", help="Write tidy rows as Parquet.")
]
NetcdfOption = Annotated[
    Path | None,
    typer.Option("--netcdf", metavar="FILE", help="Write the labelled result; ecumene.load_result reads it."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print everything as JSON instead of the table.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no table; errors only.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Print every note on data and method.")]


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
SeedOption = Annotated[
    int, typer.Option("--seed", min=0, max=2**63 - 1, help="Seed of everything that is drawn.")
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
        from ecumene.cli import files, screen, tables
        from ecumene.cli import security as security_tables
        from ecumene.orders import load_order, preset_names
        from ecumene.runs import compare as compare_orders

    targets = files.Targets(out, csv, parquet, netcdf, picture)
    targets.check(security)
    chosen = [load_order(name) for name in _split(orders) or preset_names()]
    loaded = _load(world)
    shown = tables.known_economies(loaded, _split(economy))
    with screen.progress(quiet) as progress:
        comparison = compare_orders(
            loaded,
            chosen,
            progress=progress,
            **_questions(also, shocks, security, seed),
        )
    drawn = tables.comparison_tables(comparison, loaded, shown)
    drawn += security_tables.security_tables(comparison, loaded, shown)
    _deliver(comparison, drawn, "comparison", targets, shown, as_json, quiet, verbose)
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
        from ecumene.cli import files, screen, tables
        from ecumene.cli import security as security_tables
        from ecumene.orders import load_order
        from ecumene.results import join
        from ecumene.runs import run as run_order

    targets = files.Targets(out, csv, parquet, netcdf)
    targets.check()
    chosen = load_order(order)
    loaded = _load(world)
    shown = tables.known_economies(loaded, _split(economy))
    with screen.progress(quiet) as progress:
        result = run_order(
            loaded,
            chosen,
            progress=progress,
            **_questions(also, shocks, security, seed),
        )
    drawn = tables.result_tables(result, loaded, shown)
    drawn += security_tables.security_tables(join([result]), loaded, shown)
    _deliver(result, drawn, "result", targets, shown, as_json, quiet, verbose)


def _questions(also: list[str] | None, shocks: list[str] | None, security: int, seed: int) -> dict[str, Any]:
    """What a run or a comparison is asked. Draws that are done wait for the next run beside the compiled programs."""
    from ecumene.jax_setup import CACHE

    return {
        "also": _split(also),
        "shocks": _split(shocks),
        "security": security,
        "seed": seed,
        "draws_folder": CACHE.parent / "draws" if security and CACHE is not None else None,
    }


def _split(values: list[str] | None) -> list[str]:
    """Names given with commas, by repeating the option, or both."""
    return [name.strip() for value in values or [] for name in value.split(",") if name.strip()]


def _load(spec: str) -> World:
    from ecumene.sources import load_world

    return load_world(spec)


def _deliver(
    result: Result | Comparison,
    tables: list[Table],
    stem: str,
    targets: Targets,
    economies: list[str],
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Files first, then the screen, so that a broken pipe loses nothing."""
    from ecumene.cli import screen

    check_interrupts()
    written = targets.write(result, stem, screen.plain(tables), economies)
    if as_json:
        screen.print_json(result)
    elif not quiet:
        screen.print_tables(tables, result, verbose)
    if not quiet:
        for path in written:
            screen.note(f"wrote {path}")
