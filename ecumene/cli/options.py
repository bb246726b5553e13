"""Options that several commands share, and what they stand for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ecumene.world import World

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
SeedOption = Annotated[
    int, typer.Option("--seed", min=0, max=2**63 - 1, help="Seed of everything that is drawn.")
]
SchemaOption = Annotated[
    bool, typer.Option("--schema", help="Print the JSON Schema of the file, for editors.")
]

# Of plans.
SettingsOption = Annotated[
    Path | None,
    typer.Option(
        "--settings", metavar="FILE.yaml", help="Everything else about a plan; options win over it."
    ),
]
YearsOption = Annotated[int | None, typer.Option("--years", metavar="N", help="Years of a plan.")]
HorizonOption = Annotated[
    str | None,
    typer.Option(
        "--horizon",
        metavar="short|medium|long",
        help="Capacity fixed, with investment, with others' techniques.",
    ),
]
PricesOption = Annotated[
    str | None,
    typer.Option(
        "--order", metavar="ORDER", help="Prices and demand abroad as under this order; else the base's."
    ),
]


def split(values: list[str] | None) -> list[str]:
    """Names given with commas, by repeating the option, or both. Errors: InputError where an option names nothing."""
    names = [name.strip() for value in values or [] for name in value.split(",") if name.strip()]
    if values and not names:
        from ecumene.errors import InputError

        raise InputError(
            f"'{','.join(values):.60}' names nothing; give names with commas, or leave the option out"
        )
    return names


def shares(option: str, given: str) -> tuple[float, ...]:
    """Different shares from 0 to 1, given with commas. Errors: InputError naming the option."""
    from ecumene.errors import InputError

    try:
        found = tuple(float(part) for part in given.split(",") if part.strip())
    except ValueError:
        found = ()
    if not found or len(set(found)) != len(found) or not all(0 <= share <= 1 for share in found):
        raise InputError(f"{option} is '{given:.60}'; give different shares from 0 to 1, as in 0,0.5,1")
    return found


def pairs(option: str, given: list[str]) -> dict[str, float]:
    """`NAME=NUMBER` pairs. Errors: InputError naming the option."""
    from ecumene.errors import InputError

    found: dict[str, float] = {}
    for part in given:
        name, sign, number = part.partition("=")
        try:
            value = float(number)
        except ValueError as error:
            raise InputError(f"{option}: '{part:.60}' is no NAME=NUMBER, with a number after =") from error
        if not sign or name.strip() in found:
            raise InputError(f"{option}: '{name:.60}' is named twice or has no number; give each once")
        found[name.strip()] = value
    return found


def lined(problems: tuple[str, ...], file: str) -> tuple[str, ...]:
    """Problems that a world has with an order or a shock, with the line where its file says so."""
    from ecumene.orders import reading, strictyaml

    path = Path(file).expanduser()
    return reading.with_lines(problems, strictyaml.read_text(path)) if path.is_file() else problems


def print_schema(schema: dict[str, Any]) -> None:
    """A JSON Schema on stdout."""
    import json

    typer.echo(json.dumps(schema, indent=2))


def load(spec: str) -> World:
    """The world that `--world` names. Errors: SourceError."""
    from ecumene.sources import load_world

    return load_world(spec)
