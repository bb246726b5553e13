"""The command about tariffs that players choose: one alone, the others in kind, and Nash."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

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
from ecumene.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecumene.orders import Order
    from ecumene.world import World

STAGES: Final = ("unilateral", "reply", "nash")
BY: Final = ("uniform", "partner", "sector", "both")
LARGEST: Final = 10
"""Customs territories that play where none are named, as in the preset nation-first."""


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
        from ecumene.cli.tariff_tables import stage_tables
        from ecumene.orders import apply
        from ecumene.runs import compare as compare_orders

    targets = files.Targets(out, csv, parquet, netcdf)
    targets.check()
    alone = len(split(players)) == 1 and split(players) != ["all"]
    stages = known("--stage", split(stage), STAGES) or list(STAGES[: 1 if alone else None])
    (apart,) = known("--by", [by], BY)
    loaded = load(world)
    shown = tables.known_economies(loaded, split(economy))
    orders = game_orders(loaded, split(players), stages, leader, apart, (lowest, highest), spare_depth)
    contest = apply(orders[0], loaded).contest
    assert contest is not None
    with screen.progress(quiet) as progress:
        comparison = compare_orders(
            loaded, orders, progress=progress, draws=0, tariffs_folder=_folder_of_tariffs()
        )
    drawn = stage_tables(comparison, loaded, contest.players)
    drawn += tables.comparison_tables(comparison, loaded, shown)
    files.deliver(comparison, drawn, "tariffs", targets, shown, as_json, quiet, verbose)
    if comparison.failed:
        from ecumene.errors import SolveError

        raise SolveError("\n".join(comparison.failed.values()))


def known(option: str, given: Sequence[str], choice: Sequence[str]) -> list[str]:
    """Words of an option, each once. Errors: InputError naming the choice."""
    unknown = sorted(set(given) - set(choice))
    if unknown:
        raise InputError(f"{option} is '{', '.join(unknown)}'; choose among {', '.join(choice)}")
    return list(dict.fromkeys(given))


def game_orders(
    world: World,
    players: list[str],
    stages: Sequence[str],
    leader: str | None,
    by: str,
    bounds: tuple[float, float],
    spare_depth: int | None,
) -> list[Order]:
    """One order a stage, with nothing but the game in it. Errors: OrderError listing every problem."""
    from pydantic import ValidationError

    from ecumene import countries
    from ecumene.errors import OrderError
    from ecumene.orders import Order, unions
    from ecumene.orders.names import name_problems
    from ecumene.orders.reading import problems_of
    from ecumene.orders.schema import TariffGame

    def known(name: str) -> str:
        union = None if countries.find(name) or name in world.economies else unions.find(name)
        return name if union is None else f"union:{union}"

    everybody = [code for code in world.economies if countries.find(code) is not None]
    named = [name for given in players for name in (everybody if given == "all" else [known(given)])]
    said = {
        "players": named,
        "largest": None if named else LARGEST,
        "leader": None if leader is None else known(leader),
        "by": by,
        "lowest_percent": bounds[0],
        "highest_percent": bounds[1],
        "spare_depth": spare_depth,
    }
    try:
        game = TariffGame.model_validate(said)
    except ValidationError as error:
        raise OrderError(
            "these players cannot set tariffs:", tuple(problems_of(error, "", TariffGame))
        ) from None
    orders = [
        Order(
            name=f"tariffs-{stage}",
            title=f"Tariffs, stage {stage}",
            economies=tuple(code for code in world.economies if countries.find(code) is None),
            tariff_game=game.model_copy(update={"stage": stage}),
        )
        for stage in stages
    ]
    problems = list(dict.fromkeys(text for order in orders for text in name_problems(order)))
    if problems:
        plain = tuple(text.replace("tariff_game.", "").replace("tariff_game: ", "") for text in problems)
        raise OrderError("these players cannot set tariffs:", plain)
    return orders


def _folder_of_tariffs() -> Path | None:
    """Where rates found before wait for the next run, beside the compiled programs."""
    from ecumene.jax_setup import beside

    return beside("tariffs")
