"""Commands about data: the catalogue of published tables, the cache they lie in, and the reference world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from ecumene.sources.catalogue import Entry
    from ecumene.sources.fetch import Fetched

data = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    help="Published tables: list, fetch, show, check, build.",
)
NamesArgument = Annotated[
    list[str], typer.Argument(metavar="NAME...", help="Names from `ecumene data list`.")
]


@data.callback()
def root() -> None:
    """Published tables: list, fetch, show, check, build."""


@data.command("list")
def list_tables() -> None:
    """List the published tables that Ecumene reads, and which are here."""
    from ecumene.cli.screen import plain
    from ecumene.cli.tables import Table
    from ecumene.sources import catalogue, fetch

    rows = []
    for entry in catalogue.entries():
        found = fetch.state(entry)
        rows.append((entry.name, found.state, entry.status, entry.title))
    table = Table(
        title="Published tables",
        heads=("name", "here", "address", "title"),
        rows=tuple(rows),
        numbers=frozenset(),
        footnotes=(
            f"Fetched tables lie in {fetch.folder_of_tables()}.",
            "An unchecked address was never tried for this project; data show NAME has its page and licence.",
        ),
    )
    typer.echo(plain([table]))


@data.command("fetch")
def fetch_tables(
    names: NamesArgument,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Download tables into the cache, resuming what was interrupted."""
    from ecumene.cli import screen
    from ecumene.sources import catalogue, fetch

    for entry in [catalogue.find(name) for name in names]:
        with screen.download(quiet) as progress:
            path = fetch.fetch(entry, progress=progress)
        typer.echo(f"{entry.name}: {path}; use it as --world {_spec(entry, path)}")


@data.command("show")
def show(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A name from `ecumene data list`, or a world as for --world."),
    ],
) -> None:
    """Show what is known of a published table, or the contents of a world."""
    from ecumene.sources import READERS, catalogue, fetch, load_world

    if name == "reference" or name.partition(":")[0] in READERS or _is_file(name):
        world = load_world(name)
        typer.echo(repr(world))
        for note in world.notes:
            typer.echo(f"  - {note}")
        return
    entry = catalogue.find(name)
    found = fetch.state(entry)
    facts = {
        "name": entry.name,
        "title": entry.title,
        "address": entry.address or "none: download it by hand from the page",
        "status": entry.status,
        "page": entry.page,
        "licence": entry.licence,
        "cite": entry.citation,
        "here": _state(found),
        "world": _spec(entry, found.path),
        "note": entry.note,
    }
    width = max(map(len, facts))
    typer.echo("\n".join(f"{key:<{width}}  {value}" for key, value in facts.items() if value))


@data.command("check")
def check_tables(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="All that are here by default.")
    ] = None,
) -> None:
    """Verify fetched tables against the hash recorded when they were fetched."""
    from ecumene.sources import catalogue, fetch

    if names:
        chosen = [catalogue.find(name) for name in names]
    else:
        chosen = [
            entry for entry in catalogue.entries() if fetch.state(entry).state not in ("absent", "partial")
        ]
    if not chosen:
        typer.echo(f"no table is here yet ({fetch.folder_of_tables()}); ecumene data fetch NAME brings one")
    for entry in chosen:
        typer.echo(f"{entry.name}: {_state(fetch.check(entry))}")


@data.command("build")
def build(
    world: Annotated[str, typer.Argument(metavar="reference", help="The world to rebuild from its facts.")],
) -> None:
    """Rebuild the embedded reference world from its table of facts."""
    from ecumene.errors import InputError

    if world != "reference":
        raise InputError(
            f"only 'reference' can be built, not '{world}'; other worlds are read from their tables"
        )
    from ecumene.sources.reference.build import write_reference

    typer.echo(f"wrote {write_reference()}")


def _spec(entry: Entry, path: Path) -> str:
    """What `--world` takes, and which years there are to choose from."""
    return entry.spec(path) + (f" (any year of {entry.years} after #)" if entry.years else "")


def _is_file(name: str) -> bool:
    from ecumene.files import given_path

    return given_path(name).is_file()


def _state(found: Fetched) -> str:
    size = f", {found.bytes / 1e6:,.1f} MB" if found.bytes else ""
    digest = f", SHA-256 {found.sha256}" if found.sha256 else ""
    when = f", fetched {found.fetched}" if found.fetched else ""
    return f"{found.state}{size}{when}{digest} ({found.path})"
