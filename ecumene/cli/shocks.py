"""The command about shocks: `shocks` lists the catalogue, checks files and prints their schema."""

from __future__ import annotations

import json
import textwrap
from typing import Annotated

import typer

MEASURE = 100
"""Most characters to a line."""


def shocks(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SHOCK]...", help="Names or YAML files to check and show; all names by default."
        ),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of shock files, for editors.")
    ] = False,
) -> None:
    """List the shocks that `--shocks` knows; name files of your own to check them."""
    from ecumene.shocks import json_schema, load_shock, shock_names

    if schema:
        typer.echo(json.dumps(json_schema(), indent=2))
        return
    found = [load_shock(name) for name in files or shock_names()]
    indent = max(len(shock.name) for shock in found) + 2
    for shock in found:
        horizon = f"{shock.days} days"
        drawn = ", drawn by chance: needs --security N" if shock.chance is not None else ""
        typer.echo(f"{shock.name.ljust(indent)}{shock.title} ({horizon}{drawn})")
        if shock.description:
            margin = " " * indent
            typer.echo(
                textwrap.fill(
                    " ".join(shock.description.split()),
                    MEASURE,
                    initial_indent=margin,
                    subsequent_indent=margin,
                    break_on_hyphens=False,
                )
            )
