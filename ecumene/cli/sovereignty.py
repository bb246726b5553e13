"""The command about sovereignty: how dependent economies are, a table for each group of measures."""

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
    SeedOption,
    VerboseOption,
    WorldOption,
    load,
    split,
)

OrderOption = Annotated[
    str | None,
    typer.Option("--order", metavar="ORDER", help="Measure an order's equilibrium: a preset or a YAML file."),
]
PowerOption = Annotated[
    str,
    typer.Option(
        "--power",
        metavar="WHICH",
        help="Losses if partners cut trade: 'asked' for the economies named, 'all' for every pair, 'none'.",
    ),
]
BlocOption = Annotated[
    list[str] | None,
    typer.Option("--bloc", metavar="BLOCS", help="Blocs that cut trade together: unions, or DEU+FRA+ITA."),
]
LinksOption = Annotated[
    int,
    typer.Option("--links", metavar="N", min=0, help="Worst single links of each that are solved exactly."),
]
AlliesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allies",
        metavar="BLOCS",
        help="Alliances in place of NATO,CSTO,treaties: unions, DEU+FRA, or 'treaties' of two.",
    ),
]
RivalsOption = Annotated[
    list[str] | None,
    typer.Option("--rivals", metavar="NAMES", help="Rivals; all who are no allies where none is named."),
]
DecayOption = Annotated[
    float, typer.Option("--decay", metavar="KM", help="Distance over which military strength falls to 1/e.")
]
PointsOption = Annotated[
    Path | None,
    typer.Option(
        "--ideal-points", metavar="FILE", help="CSV of UN ideal points (iso3c, session, IdealPoint)."
    ),
]
WeightsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--weights", metavar="WEIGHTS", help="Add a composite: 'equal', or MEASURE=WEIGHT,MEASURE=WEIGHT."
    ),
]


def sovereignty(
    economy: EconomyOption = None,
    world: WorldOption = "reference",
    order: OrderOption = None,
    power: PowerOption = "asked",
    bloc: BlocOption = None,
    links: LinksOption = 50,
    allies: AlliesOption = None,
    rivals: RivalsOption = None,
    decay: DecayOption = 2000.0,
    ideal_points: PointsOption = None,
    weights: WeightsOption = None,
    seed: SeedOption = 0,
    out: OutOption = None,
    csv: CsvOption = None,
    parquet: ParquetOption = None,
    netcdf: NetcdfOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """How dependent economies are, and on whom: a vector of measures, never one number unless asked."""
    with waiting():
        import ecumene.resultfile  # noqa: F401 (what writing needs)
        from ecumene.cli import dependence, files, screen, tables
        from ecumene.dependence.alliances import ALLIANCES
        from ecumene.dependence.vector import sovereignty as measure
        from ecumene.jax_setup import beside
        from ecumene.orders import load_order

    targets = files.Targets(out, csv, parquet, netcdf)
    targets.check()
    weighed = _weights(split(weights))
    under = None if order is None else load_order(order)
    loaded = load(world)
    shown = tables.known_economies(loaded, split(economy))
    if ideal_points is not None:
        from ecumene.sources.ideal_points import ideal_points as read

        loaded = loaded.with_layers(ideal_point=read(ideal_points, loaded.economies, loaded.year))
    folder = beside("cuts")
    if folder is not None and power != "none":
        keeps(
            "cuts between pairs that are done are kept, part by part, and the same command goes on with them"
        )
    with screen.progress(quiet) as progress:
        found = measure(
            loaded,
            shown or None,
            under,
            power=power,
            blocs=split(bloc),
            links=links,
            alliances=split(allies) or ALLIANCES,
            rivals=split(rivals) or None,
            decay_km=decay,
            weights=weighed,
            seed=seed,
            progress=progress,
            cuts_folder=folder,
        )
    drawn = dependence.vector_tables(found, loaded, shown)
    files.deliver(found, drawn, "sovereignty", targets, shown, as_json, quiet, verbose)


def _weights(given: list[str]) -> dict[str, float] | str | None:
    """`equal`, or a number for each measure. Errors: InputError."""
    from ecumene.errors import InputError

    if not given or given == ["equal"]:
        return given[0] if given else None
    weights = {}
    for part in given:
        name, separator, text = part.partition("=")
        try:
            weight = float(text)
        except ValueError:
            separator, weight = "", 0.0
        if not separator or name.strip() in weights:
            raise InputError(
                f"--weights has '{part}'; give 'equal', or each measure once with its weight, as in reliance_gross=2"
            )
        weights[name.strip()] = weight
    return weights
