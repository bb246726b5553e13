"""Commands about orders: `new`, `check` and `schema`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Register the commands on the root."""
    app.command()(new)
    app.command()(check)
    app.command()(schema)


def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The name of your order; the file is NAME.yaml.")
    ],
    preset: Annotated[
        str, typer.Option("--from", metavar="PRESET", help="The commented preset to start from.")
    ] = "two-blocs",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write here instead of NAME.yaml.")
    ] = None,
) -> None:
    """Start an order of your own from a commented preset."""
    from ecumene.orders import new_order

    path = new_order(name, preset=preset, path=out)
    typer.echo(f"wrote {path}; edit it, then: ecumene check {path}")


def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="YAML files, or names of presets.")],
    world: Annotated[
        str | None,
        typer.Option("--world", metavar="WORLD", help="Also check that its economies are in this world."),
    ] = None,
) -> None:
    """Check orders and report every problem with its place and remedy."""
    from ecumene.errors import OrderError
    from ecumene.orders import apply, load_order

    loaded = None
    if world is not None:
        from ecumene.sources import load_world

        loaded = load_world(world)
    failures = []
    for file in files:
        try:
            order = load_order(file)
            policy = apply(order, loaded) if loaded is not None else None
        except OrderError as error:
            failures.append(str(error))
            continue
        typer.echo(f"{file}: fine ({order.title}; hash {order.hash[:12]})")
        for note in () if policy is None else policy.notes:
            typer.echo(f"  - {note}")
    if failures:
        raise OrderError("\n".join(failures))


def schema() -> None:
    """Print the JSON Schema of order files, for editors."""
    from ecumene.orders import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))
