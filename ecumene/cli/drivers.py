"""The command about what drives a range."""

from __future__ import annotations

import math
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
    SeedOption,
    VerboseOption,
    WorldOption,
    load,
    split,
)

if TYPE_CHECKING:
    import xarray as xr

    from ecumene.cli.tables import Table
    from ecumene.uncertainty.result import Drivers
    from ecumene.world import World

MOST_MOVED: Final = 8
"""Economies shown where none are named: those whose numbers vary most."""

STEEPEST: Final = 3
"""Sectors named for each economy."""

UNSURE: Final = (
    "?: the interval reaches 0, so that the share is not told from none; a larger --base has it narrower."
)


def drivers(
    order: Annotated[str, typer.Argument(metavar="ORDER", help="A preset's name or a YAML file.")],
    world: WorldOption = "reference",
    economy: EconomyOption = None,
    base: Annotated[
        int, typer.Option("--base", metavar="N", help="Base samples, a power of two; 6 N sets of parameters.")
    ] = 128,
    seed: SeedOption = 0,
    out: OutOption = None,
    csv: CsvOption = None,
    parquet: ParquetOption = None,
    netcdf: NetcdfOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """What the range of an order's numbers comes from: shares of variance by parameter, and exact local slopes."""
    with waiting():
        if any((out, csv, parquet, netcdf)):
            import ecumene.resultfile  # noqa: F401 (what writing needs)
        from ecumene.cli import files, screen, tables
        from ecumene.jax_setup import beside
        from ecumene.models.variance import require_salib
        from ecumene.orders import load_order
        from ecumene.uncertainty.drivers import drivers as drivers_of

        require_salib()
    targets = files.Targets(out, csv, parquet, netcdf)
    targets.check()
    chosen = load_order(order)
    loaded = load(world)
    shown = tables.known_economies(loaded, split(economy))
    with screen.progress(quiet) as progress:
        found = drivers_of(
            loaded,
            chosen,
            base=base,
            seed=seed,
            progress=progress,
            tariffs_folder=beside("tariffs"),
        )
    files.deliver(
        found, driver_tables(found, loaded, shown), "drivers", targets, shown, as_json, quiet, verbose
    )


def driver_tables(found: Drivers, world: World, economies: list[str]) -> list[Table]:
    """Shares of variance, and the steepest slopes, of the world and of some economies."""
    import numpy as np

    from ecumene.cli.tables import Table, named

    data = found.data
    codes = economies or [
        str(data["economy"].values[place])
        for place in np.argsort(-data["real_income_deviation"].values, kind="stable")[:MOST_MOVED]
    ]
    groups = [str(group) for group in data["group"].values]

    def row(head: str, prefix: str, at: xr.Dataset) -> tuple[str, ...]:
        own, error = (at[f"{prefix}variance_share{suffix}"].values for suffix in ("", "_error"))
        return (
            head,
            f"{float(at[f'{prefix}real_income_deviation']):.2f}",
            *map(_share, own, error),
            _share(100.0 - own.sum(), error.sum()),
        )

    def with_others(head: str, prefix: str, at: xr.Dataset) -> tuple[str, ...]:
        total, error = (at[f"{prefix}variance_share_total{suffix}"].values for suffix in ("", "_error"))
        return (head, *map(_share, total, error))

    title = f"{found.provenance.order_title or found.provenance.order}: {world.source}"
    heads = ("economy", "deviation", *(group.replace("_", " ") for group in groups), "together")
    shares = Table(
        f"Shares of variance of real income, percent: {title}",
        heads,
        (row("world", "world_", data), *(row(named(world, c), "", data.sel(economy=c)) for c in codes)),
        frozenset(range(1, len(heads))),
        (
            f"Over {found.provenance.parameter_draws} sets of parameters, seed {found.provenance.seed}. Deviation: "
            "standard deviation of the change of real income, in points. A group's own share ± half the width of its "
            "95 percent interval; together: what is left of 100 for groups that interact, ± the sum of the others.",
            UNSURE,
        ),
    )
    heads = ("economy", *(group.replace("_", " ") for group in groups))
    totals = Table(
        f"The same with a group's interactions, percent: {title}",
        heads,
        (
            with_others("world", "world_", data),
            *(with_others(named(world, c), "", data.sel(economy=c)) for c in codes),
        ),
        frozenset(range(1, len(heads))),
        (UNSURE,),
    )
    heads = ("economy", "steepest sectors", "depth in goods", "depth in services")
    slopes = Table(
        f"Slopes of log real income: {title}",
        heads,
        tuple(_slopes(named(world, code), data.sel(economy=code)) for code in codes),
        frozenset((2, 3)),
        (
            "By the log of a sector's trade elasticity, and by the rank inside the ladder's intervals, 0 to 1; in "
            "percent of real income, at the world's elasticities and median ranks: point estimates.",
        ),
    )
    return [shares, totals, slopes]


def _slopes(head: str, at: xr.Dataset) -> tuple[str, ...]:
    import numpy as np

    from ecumene.cli.tables import signed

    by_sector = 100.0 * at["elasticity_slope"].values
    steepest = np.argsort(-np.abs(by_sector), kind="stable")[:STEEPEST]
    named = ", ".join(f"{at['sector'].values[place]} {signed(float(by_sector[place]))}" for place in steepest)
    return (head, named, *(signed(100.0 * float(slope)) for slope in at["depth_slope"].values))


def _share(share: float, error: float) -> str:
    """A share and its error in percent; marked where the error is the larger of both."""
    if not math.isfinite(share):
        return "none"
    rounded = f"{share if abs(share) >= 0.5 else 0.0:.0f} ±{error:.0f}"
    return f"{rounded} ?" if error >= abs(share) else f"{rounded}  "
