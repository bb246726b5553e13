"""Commands about data."""

from __future__ import annotations

import typer

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Published tables: list, fetch, show, check, build."
)


@app.callback()
def root() -> None:
    """Published tables: list, fetch, show, check, build."""
