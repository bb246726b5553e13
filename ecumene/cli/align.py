"""The command about choices: `align` asks which bloc each economy would join under stated weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecumene.cli.interrupts import waiting
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
    split,
)

if TYPE_CHECKING:
    from ecumene.world import World


def align(
    poles: Annotated[
        list[str] | None,
        typer.Option(
            "--poles", metavar="NAMES", help="Economies or unions that blocs are around, as USA,CHN,EU."
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
    seed: SeedOption = 0,
    estimate: Annotated[
        Path | None,
        typer.Option(
            "--estimate", metavar="FILE.json", help="Estimate weights on this world, write them, and leave."
        ),
    ] = None,
    merge: Annotated[
        list[str] | None,
        typer.Option(
            "--merge", metavar="NAMES", help="What one state of these gives each, as borders get dearer."
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
        from ecumene.jax_setup import CACHE

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
    if merge:
        _merge(load(world), split(merge), positions, _rivals(split(rivals)), csv, quiet)
        return
    names = split(economy)
    loaded = load(world)
    with screen.progress(quiet) as progress:
        result = answer.align(
            loaded,
            split(poles),
            None if [name.lower() for name in names] == ["all"] else _named(names),
            depth=_depths(split(depth)),
            weights=_weights(weights),
            positions=positions,
            rivals=_rivals(split(rivals)),
            others="dissolve" if dissolve else "stay",
            starts=starts,
            core=core,
            seed=seed,
            folder=None if CACHE is None else CACHE.parent / "alignment",
            progress=progress,
        )
    drawn = alignment_tables(result, loaded)
    files.deliver(result, drawn, "alignment", targets, [], as_json, quiet, verbose)


def _merge(
    world: World,
    members: list[str],
    positions: str | None,
    rivals: str | list[str],
    csv: Path | None,
    quiet: bool,
) -> None:
    """One state out of several: the table, and its rows as CSV where a file is named."""
    import sys

    from ecumene.alignment.merging import merging
    from ecumene.cli import screen
    from ecumene.cli.alignment_tables import merging_table
    from ecumene.files import write_atomically

    against = [] if isinstance(rivals, str) else rivals
    with screen.progress(quiet) as progress:
        found = merging(world, members, positions=positions, rivals=against, progress=progress)
    if csv is not None:

        def save(temporary: Path) -> None:
            found.to_dataframe().to_csv(temporary)

        written = write_atomically(csv, save)
        if not quiet:
            screen.note(f"wrote {written}")
    if not quiet:
        sys.stdout.write(screen.plain([merging_table(found, world)]) + "\n")


def _named(names: list[str]) -> list[str]:
    from ecumene.errors import InputError

    if not names:
        raise InputError("name who chooses with --economy, as --economy GEO,MDA; 'all' for everybody else")
    return names


def _rivals(names: list[str]) -> str | list[str]:
    if not names:
        return "poles"
    return names[0].lower() if len(names) == 1 and names[0].lower() in ("poles", "none") else names


def _pairs(given: list[str], what: str) -> dict[str, float]:
    """`NAME=NUMBER` pairs. Errors: InputError."""
    from ecumene.errors import InputError

    found: dict[str, float] = {}
    for part in given:
        name, sign, number = part.partition("=")
        try:
            value = float(number)
        except ValueError as error:
            raise InputError(f"{what}: '{part}' is no NAME=NUMBER; write it as in {what} EU=4") from error
        if not sign or name.strip() in found:
            raise InputError(f"{what}: '{name}' is named twice or has no number; give each once")
        found[name.strip()] = value
    return found


def _depths(given: list[str]) -> Any:
    from ecumene.errors import InputError

    if not given:
        return 3
    if len(given) == 1 and given[0].isdigit():
        return int(given[0])
    pairs = _pairs(given, "--depth")
    if any(value != int(value) for value in pairs.values()):
        raise InputError("--depth: depths are whole numbers from 1 to 6")
    return {name: int(value) for name, value in pairs.items()}


def _weights(given: str | None) -> Any:
    if given is None or "=" not in given:
        return given
    from ecumene.errors import InputError
    from ecumene.models.alignment import TERMS, Weights

    pairs = _pairs(split([given]), "--weights")
    unknown = sorted(set(pairs) - set(TERMS))
    if unknown:
        raise InputError(f"--weights: there is no term '{unknown[0]}'; the terms are {', '.join(TERMS)}")
    return Weights(**{term: pairs.get(term, 0.0) for term in TERMS})


def _print_estimate(found: Any) -> None:
    import sys

    from ecumene.alignment.weights import verdict_of
    from ecumene.cli import screen
    from ecumene.cli.alignment_tables import estimate_table

    sys.stdout.write(screen.plain([estimate_table(found, verdict_of(found.comparisons))]) + "\n")
