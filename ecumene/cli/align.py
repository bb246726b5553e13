"""The command about choices: `align` asks which bloc each economy would join under stated weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ecumene.cli.interrupts import keeps, waiting
from ecumene.cli.options import (
    CsvOption,
    JsonOption,
    OutOption,
    ParquetOption,
    QuietOption,
    SeedOption,
    VerboseOption,
    WorldOption,
    load,
    pairs,
    split,
)


def align(
    poles: Annotated[
        list[str] | None,
        typer.Option(
            "--poles",
            metavar="NAMES",
            help="Economies or unions that blocs are around, as USA,CHN,EU; or how many, as 5, for the largest.",
        ),
    ] = None,
    economy: Annotated[
        list[str] | None,
        typer.Option("--economy", metavar="NAMES", help="Who chooses, as GEO,MDA; 'all' for everybody else."),
    ] = None,
    world: WorldOption = "reference",
    depth: Annotated[
        list[str] | None,
        typer.Option(
            "--depth", metavar="DEPTHS", help="Depth of every bloc, 1 to 6, or by pole as EU=4; default 3."
        ),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            "--weights",
            metavar="WEIGHTS",
            help="A file of estimated weights, or chosen ones as trade=1,heterogeneity=5; terms left out are off.",
        ),
    ] = None,
    positions: Annotated[
        str | None,
        typer.Option("--positions", metavar="FILE.csv", help="Political positions; memberships without it."),
    ] = None,
    rivals: Annotated[
        list[str] | None,
        typer.Option(
            "--rivals", metavar="NAMES", help="Against whom capabilities count: 'poles', 'none', or names."
        ),
    ] = None,
    dissolve: Annotated[
        bool,
        typer.Option(
            "--dissolve", help="Who is left behind by a departure is alone; else they stay together."
        ),
    ] = False,
    starts: Annotated[
        int, typer.Option("--starts", min=0, help="Searches for stable orders; 0 for none.")
    ] = 20,
    core: Annotated[
        bool, typer.Option("--core/--no-core", help="Look for coalitions that block them.")
    ] = True,
    look_ahead: Annotated[
        bool,
        typer.Option("--look-ahead", help="Also which unions of the poles would last, at most 8 poles."),
    ] = False,
    seed: SeedOption = 0,
    estimate: Annotated[
        Path | None,
        typer.Option(
            "--estimate", metavar="FILE.json", help="Estimate weights on this world, write them, and leave."
        ),
    ] = None,
    out: OutOption = None,
    csv: CsvOption = None,
    parquet: ParquetOption = None,
    netcdf: Annotated[
        Path | None, typer.Option("--netcdf", metavar="FILE", help="Write labelled numbers.")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Which bloc each economy would choose under stated weights: a model's choices, no forecast and no advice."""
    with waiting():
        from ecumene.alignment import answer, evidence
        from ecumene.alignment import weights as weight_files
        from ecumene.cli import files, screen
        from ecumene.cli.alignment_tables import alignment_tables
        from ecumene.jax_setup import CACHE, beside

    targets = files.Targets(out, csv, parquet, netcdf)
    targets.check()
    if estimate is not None:
        weight_files.require_json(estimate)  # before minutes are spent
        with screen.progress(quiet) as progress:
            found = evidence.estimate(load(world), positions=positions, told=progress)
        written = weight_files.write(found, estimate)
        if not quiet:
            _print_estimate(found)
            screen.note(f"wrote {written}")
        return
    names = split(economy)
    loaded = load(world)
    if CACHE is not None:
        keeps("equilibria that are solved are kept, and the same command goes on with them")
    with screen.progress(quiet) as progress:
        result = answer.align(
            loaded,
            _poles(split(poles)),
            None if [name.lower() for name in names] == ["all"] else _named(names),
            depth=_depths(split(depth)),
            weights=_weights(weights),
            positions=positions,
            rivals=_rivals(split(rivals)),
            others="dissolve" if dissolve else "stay",
            starts=starts,
            core=core,
            look_ahead=look_ahead,
            seed=seed,
            folder=beside("alignment"),
            progress=progress,
        )
    drawn = alignment_tables(result, loaded)
    files.deliver(result, drawn, "alignment", targets, [], as_json, quiet, verbose)


def _named(names: list[str]) -> list[str]:
    from ecumene.errors import InputError

    if not names:
        raise InputError("name who chooses with --economy, as --economy GEO,MDA; 'all' for everybody else")
    return names


def _poles(names: list[str]) -> list[str] | int:
    return int(names[0]) if len(names) == 1 and names[0].isdecimal() else names


def _rivals(names: list[str]) -> str | list[str]:
    if not names:
        return "poles"
    return names[0].lower() if len(names) == 1 and names[0].lower() in ("poles", "none") else names


def _depths(given: list[str]) -> Any:
    from ecumene.errors import InputError

    if not given:
        return 3
    if len(given) == 1 and given[0].isdecimal():
        return int(given[0])
    named = pairs("--depth", given)
    if not all(value.is_integer() for value in named.values()):
        raise InputError("--depth: depths are whole numbers from 1 to 6")
    return {name: int(value) for name, value in named.items()}


def _weights(given: str | None) -> Any:
    if given is None or "=" not in given:
        return given
    from ecumene.errors import InputError
    from ecumene.models.alignment import TERMS, Weights

    named = pairs("--weights", split([given]))
    unknown = sorted(set(named) - set(TERMS))
    if unknown:
        raise InputError(f"--weights: there is no term '{unknown[0]}'; the terms are {', '.join(TERMS)}")
    return Weights(**{term: named.get(term, 0.0) for term in TERMS})


def _print_estimate(found: Any) -> None:
    import sys

    from ecumene.alignment.weights import verdict_of
    from ecumene.cli import screen
    from ecumene.cli.alignment_tables import estimate_table

    sys.stdout.write(screen.plain([estimate_table(found, verdict_of(found.comparisons))]) + "\n")
