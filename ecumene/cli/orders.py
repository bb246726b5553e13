"""Commands about orders: `new`, `check` and `schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def new(
    name: Annotated[
        str,
        typer.Argument(
            metavar="PRESET",
            help="The commented preset to start from, as two-blocs; `ecumene compare` shows all.",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write here instead of PRESET.yaml.")
    ] = None,
) -> None:
    """Start an order of your own from a commented preset."""
    from ecumene.orders import new_order

    path = new_order(name, out)
    typer.echo(f"wrote {path}; edit it, then: ecumene check {path}")


def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="YAML files, or names of presets.")],
    world: Annotated[
        str | None, typer.Option("--world", metavar="WORLD", help="Check it against this world as well.")
    ] = None,
) -> None:
    """Check orders and report every problem with its place and remedy."""
    from ecumene.cli.options import lined, load
    from ecumene.errors import OrderError
    from ecumene.orders import apply, check_order, load_order
    from ecumene.shocks import shock_names

    other = {
        file: [f"this is a shock; see: ecumene shocks {file}"] for file in files if file in shock_names()
    }
    problems = other | {file: found for file in files if file not in other and (found := check_order(file))}
    fine = {file: load_order(file) for file in files if file not in problems}
    if world is not None and problems:
        fine = {}  # no world is loaded for files that are wrong without one
    loaded = None if world is None or not fine else load(world)
    for file, order in fine.items():
        notes: tuple[str, ...] = ()
        if loaded is not None:
            try:
                notes = apply(order, loaded).notes
            except OrderError as error:
                problems[file] = list(lined(error.problems, file)) or [str(error)]
                continue
        typer.echo(f"{file}: fine ({order.title or order.name}; hash {order.hash[:12]})")
        for note in notes:
            typer.echo(f"  - {note}")
    if problems:
        count = sum(len(found) for found in problems.values())
        lines = tuple(
            problem if problem.startswith(file) else f"{file}: {problem}"
            for file, found in problems.items()
            for problem in found
        )
        raise OrderError(f"{count} problem{'s' * (count != 1)}", lines)


def schema() -> None:
    """Print the JSON Schema of order files, for editors."""
    from ecumene.cli.options import print_schema
    from ecumene.orders import json_schema

    print_schema(json_schema())
