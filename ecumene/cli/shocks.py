"""The command about shocks: `shocks` lists the catalogue, checks and copies files, and prints their schema."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ecumene.shocks import Shock

MEASURE = 100
"""Most characters to a line."""


def shocks(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SHOCK]...", help="Names or YAML files to check and show; all names by default."
        ),
    ] = None,
    world: Annotated[
        str | None,
        typer.Option("--world", metavar="WORLD", help="Check them against this world as well."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.yaml", help="Write a copy of one named shock, to be edited."),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of shock files, for editors.")
    ] = False,
) -> None:
    """List the shocks that `--shocks` knows; name files of your own to check them."""
    from ecumene.cli.options import print_schema
    from ecumene.errors import InputError
    from ecumene.shocks import json_schema, load_shock, new_shock, shock_names

    if schema:
        print_schema(json_schema())
        return
    if out is not None:
        if not files or len(files) != 1:
            raise InputError(
                "--out writes one shock; name it, as in: ecumene shocks pandemic --out mine.yaml"
            )
        path = new_shock(files[0], out)
        typer.echo(f"wrote {path}; edit it, then: ecumene shocks {path}")
        return
    found = {name: load_shock(name) for name in files or shock_names()}
    notes = {} if world is None else _on_world(found, world)
    indent = max(len(shock.name) for shock in found.values()) + 2
    for file, shock in found.items():
        horizon = f"{shock.days} days"
        drawn = ", drawn by chance: needs --security N" if shock.chance is not None else ""
        typer.echo(f"{shock.name.ljust(indent)}{shock.title} ({horizon}{drawn})")
        own = [f"Note: {shock.note}"] if files and shock.note else []
        for text in (shock.description, *own, *notes.get(file, ())):
            _indented(text, indent)


def _on_world(found: dict[str, Shock], world: str) -> dict[str, tuple[str, ...]]:
    """What a world says of each shock. Errors: ShockError for one that cannot happen there."""
    from ecumene.cli.options import lined, load
    from ecumene.errors import ShockError
    from ecumene.security.assess import happening_of

    loaded = load(world)
    notes = {}
    for file, shock in found.items():
        try:
            notes[file] = happening_of(shock, loaded, 0).notes
        except ShockError as error:
            raise ShockError(str(error).split("\n", 1)[0], lined(error.problems, file)) from None
    return notes


def _indented(text: str, indent: int) -> None:
    """A paragraph under a name; nothing for no text."""
    margin = " " * indent
    words = " ".join(text.split())
    if words:
        typer.echo(
            textwrap.fill(
                words, MEASURE, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False
            )
        )
