"""The command `plan-precision`: what is short where a plan is made from an imperfect table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from ecumene.cli.interrupts import waiting
from ecumene.cli.options import (
    CsvOption,
    JsonOption,
    NetcdfOption,
    OutOption,
    ParquetOption,
    QuietOption,
    SeedOption,
    VerboseOption,
    WorldOption,
    load,
    shares,
)

if TYPE_CHECKING:
    import xarray as xr

    from ecumene.cli.tables import Table
    from ecumene.planning.result import Precision
    from ecumene.types import FloatArray
    from ecumene.world import World

SHOWN: Final = 10
"""Goods that a table names."""

BAND: Final = (0.05, 0.95)
"""Share of draws below the ends of a range."""


def plan_precision(
    economy: Annotated[
        str | None,
        typer.Option(
            "--economy", metavar="CODE", help="The economy to plan; without it the whole world is planned."
        ),
    ] = None,
    yesterday: Annotated[
        str | None,
        typer.Option(
            "--yesterday",
            metavar="WORLD",
            help="Plan from this world's table, an earlier year of the same source.",
        ),
    ] = None,
    errors: Annotated[
        str,
        typer.Option(
            "--errors", metavar="SHARES", help="Standard errors of every coefficient of the table, 0 to 1."
        ),
    ] = "0.01,0.02,0.05,0.1,0.2",
    draws: Annotated[
        int, typer.Option("--draws", metavar="N", min=1, max=10_000, help="Tables drawn for each error.")
    ] = 20,
    seed: SeedOption = 0,
    world: WorldOption = "reference",
    out: OutOption = None,
    csv: CsvOption = None,
    parquet: ParquetOption = None,
    netcdf: NetcdfOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """How precise a plan is: what is short and in surplus if it is made from an old or mismeasured table."""
    with waiting():
        if any((out, csv, parquet, netcdf)):
            import ecumene.resultfile  # noqa: F401 (what writing needs)
        from ecumene.cli import files, screen
        from ecumene.planning import precision

    targets = files.Targets(out, csv, parquet, netcdf)
    targets.check()
    wanted = shares("--errors", errors)
    loaded = load(world)
    before = None if yesterday is None else load(yesterday)
    with screen.progress(quiet) as progress:
        found = precision.plan_precision(
            loaded, economy, yesterday=before, errors=wanted, draws=draws, seed=seed, progress=progress
        )
    files.deliver(found, precision_tables(found, loaded), "precision", targets, [], as_json, quiet, verbose)


def precision_tables(found: Precision, world: World) -> list[Table]:
    """Shares short and in surplus: planned from yesterday's table, and against the error of measurement."""
    from ecumene.cli.tables import Table

    data = found.data
    who = "the world, industry by industry" if found.planned == "world" else found.planned
    rows = [
        (
            f"measured with an error of {level:.3g}%",
            *(_range(data[name][e]) for name in ("shortage", "surplus")),
        )
        for e, level in enumerate(100 * data["error"].values)
    ]
    if "yesterday_gap" in data:
        parts = (_percent(data[f"yesterday_{side}"].item()) for side in ("shortage", "surplus"))
        rows.insert(0, ("yesterday's table", *parts))
    total = Table(
        title=f"A plan of {who}, carried out on {found.provenance.world_source}: percent of all planned output",
        heads=("planned from", "short", "in surplus"),
        rows=tuple(rows),
        numbers=frozenset({1, 2}),
        footnotes=(
            f"Means over {data.sizes['draw']} draws of every coefficient's error, independent of each other, with the "
            "range of 90% of draws; errors that go together would not cancel.",
            *(note for note in found.provenance.notes if note.startswith("Planned from ")),
        ),
    )
    return [total, *_by_good(found, _goods(found, world), Table)]


def _goods(found: Precision, world: World) -> list[str]:
    """What tables call each good: a sector's name, with the economy where the world is planned."""
    from ecumene.cli.cells import sector

    names = [sector(world, s) for s in range(len(world.sectors))]
    if found.planned != "world":
        return names
    return [f"{economy}, {name}" for economy in world.economies for name in names]


def _by_good(found: Precision, goods: list[str], table: type[Table]) -> list[Table]:
    """The goods that are furthest off."""
    data = found.data
    what = "industry" if found.planned == "world" else "sector"
    tables = []
    if "yesterday_gap" in data:
        gap = data["yesterday_gap"]
        rows = tuple(
            (goods[place], f"{100 * float(gap[place]):+.2f}") for place in _largest(abs(gap).values, SHOWN)
        )
        tables.append(
            table(
                title=f"Furthest off from yesterday's table: percent of the {what}'s planned output",
                heads=(what, "short (+) or in surplus (-)"),
                rows=rows,
                numbers=frozenset({1}),
            )
        )
    level = float(data["error"][-1])
    short, left = (data[f"{side}_by_good"][-1] for side in ("shortage", "surplus"))
    rows = tuple(
        (goods[place], *(_percent(float(side[place])) for side in (short, left)))
        for place in _largest((short + left).values, SHOWN)
    )
    title = f"Furthest off at an error of {100 * level:.3g}%: percent of the {what}'s planned output, mean over draws"
    tables.append(table(title, (what, "short", "in surplus"), rows, frozenset({1, 2})))
    return tables


def _largest(values: FloatArray, number: int) -> list[int]:
    """Places of the largest numbers that exist."""
    known = [place for place, value in enumerate(values) if value == value]
    return sorted(known, key=lambda place: -values[place])[:number]


def _range(draws: xr.DataArray) -> str:
    low, high = (float(draws.quantile(share)) for share in BAND)
    return f"{_percent(float(draws.mean()))} ({_percent(low)} to {_percent(high)})"


def _percent(share: float) -> str:
    return f"{100 * share:.2f}" if share == share else "none"
