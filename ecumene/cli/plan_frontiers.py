"""The command `plan-frontiers`: living standards of many economies against the cut of their imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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
    SettingsOption,
    VerboseOption,
    WorldOption,
    YearsOption,
    load,
    shares,
    split,
)

if TYPE_CHECKING:
    from ecumene.cli.tables import Table
    from ecumene.planning.result import PlanFrontiers
    from ecumene.world import World


def plan_frontiers(
    economy: Annotated[
        list[str] | None,
        typer.Option("--economy", metavar="CODES", help="Economies to plan, each by itself; all by default."),
    ] = None,
    cuts: Annotated[
        str, typer.Option("--cuts", metavar="SHARES", help="Shares of base imports that are cut, 0 to 1.")
    ] = "0,0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,1",
    settings: SettingsOption = None,
    years: YearsOption = None,
    horizon: HorizonOption = None,
    order: PricesOption = None,
    world: WorldOption = "reference",
    out: OutOption = None,
    csv: CsvOption = None,
    parquet: ParquetOption = None,
    netcdf: NetcdfOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """The living standard of many economies at import cuts of 0 to 100 percent, each planned by itself."""
    with waiting():
        if any((out, csv, parquet, netcdf)):
            import ecumene.resultfile  # noqa: F401 (what writing needs)
        from ecumene.cli import files, screen, tables
        from ecumene.errors import InputError
        from ecumene.models.planning_model import require_planning
        from ecumene.planning import frontiers
        from ecumene.planning.national import settled

        require_planning()
    targets = files.Targets(out, csv, parquet, netcdf)
    targets.check()
    wanted = shares("--cuts", cuts)
    chosen = settled(settings, horizon=horizon, years=years)
    loaded = load(world)
    asked = split(economy)
    shown = tables.known_economies(loaded, asked)
    if len(shown) < len(asked):
        raise InputError(f"--economy names one twice: {','.join(asked):.80}; name each once")
    with screen.progress(quiet) as progress:
        found = frontiers.plan_frontiers(
            loaded, shown or None, settings=chosen, cuts=wanted, order=order, progress=progress
        )
    drawn = frontier_tables(found, loaded)
    files.deliver(found, drawn, "frontiers", targets, shown, as_json, quiet, verbose)


def frontier_tables(found: PlanFrontiers, world: World) -> list[Table]:
    """A row an economy, a column a cut: all goods needed; and doing without those that no technique makes."""
    import json

    import numpy as np

    from ecumene.cli.tables import Table, named

    settings = json.loads(found.data.attrs["settings"])
    cuts = [f"{cut:.3g}%" for cut in 100 * found.data["import_cut"].values]

    def drawn(name: str, title: str, *footnotes: str) -> Table:
        values = found.data[name]
        rows = tuple(
            (named(world, code), *(_decimals(float(cell)) for cell in values.sel(economy=code).values))
            for code in map(str, values["economy"].values)
        )
        heads = ("economy", *cuts)
        return Table(f"{title}: {world.source}", heads, rows, frozenset(range(1, len(heads))), footnotes)

    needed, spared = "frontier_living_standard", "frontier_living_standard_without_missing"
    full, without = found.data[needed], found.data[spared]
    about = (
        "Final consumption over the base's, mean over the years, discounted; a point estimate of the best that is "
        f"possible under the plan's assumptions (horizon: {settings['horizon']}).",
        *(
            ("none: no plan reaches what is required, or none with its certificate was found.",)
            if np.isnan(full.values).any()
            else ()
        ),
    )
    first = drawn(needed, "Living standard against the share of imports that is cut", *about)
    if np.allclose(full.values, without.values, atol=0.0005, equal_nan=True):
        return [first]
    return [
        first,
        drawn(
            spared,
            "The same, doing without goods that the economy cannot make",
            "One such good, needed in fixed proportions, takes the living standard above to 0 as its imports end.",
        ),
    ]


def _decimals(number: float) -> str:
    return f"{number if abs(number) >= 0.0005 else 0.0:.3f}" if number == number else "none"
