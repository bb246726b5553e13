"""The command about evidence: claims about world orders, put to experiments and judged by rules fixed before."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecumene.cli.interrupts import waiting
from ecumene.cli.options import CsvOption, QuietOption, SeedOption, split


def evidence(
    claim: Annotated[
        list[str] | None,
        typer.Option("--claim", metavar="CLAIMS", help="Numbers, names or files of claims; all by default."),
    ] = None,
    world: Annotated[
        list[str] | None,
        typer.Option("--world", metavar="WORLDS", help="Worlds to test on, as reference,wiod:PATH."),
    ] = None,
    draws: Annotated[int, typer.Option("--draws", min=2, metavar="N", help="Draws of the parameters.")] = 64,
    seed: SeedOption = 0,
    economy: Annotated[
        str | None,
        typer.Option(
            "--economy", metavar="CODE", help="Whom a claim about one economy is about, as claim 13."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.md", help="Write the page of the ledger in Markdown."),
    ] = None,
    csv: CsvOption = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, metavar="N", help="Experiments at a time.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Make every draw anew, keep and use none.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Put claims about world orders to experiments: verdicts by rules that were fixed before, ranges, and a page."""
    with waiting():
        import sys

        from ecumene.cli import files, screen
        from ecumene.cli.tables import Table
        from ecumene.jax_setup import beside
        from ecumene.ledger.answer import evidence as found_by
        from ecumene.ledger.page import write_page

    files.Targets(None, csv, None, None).check()
    if out is not None:
        files.require_writable(out.parent)
    folder = None if again else beside("evidence")
    with screen.progress(quiet) as progress:
        ledger = found_by(
            split(claim) or None,
            split(world) or "reference",
            draws=draws,
            seed=seed,
            economy=economy,
            progress=progress,
            folder=folder,
            workers=workers,
        )
    if csv is not None:
        from ecumene.files import write_atomically

        frame = ledger.to_frame()
        written = write_atomically(csv, lambda temporary: frame.to_csv(temporary, index=False))
        if not quiet:
            screen.note(f"wrote {written}")
    if out is not None:
        written = write_page(ledger, out)
        if not quiet:
            screen.note(f"wrote {written}")
    if not quiet:
        rows = [(str(f.claim.number), f.claim.title, f.verdict) for f in ledger.findings]
        title = f"{draws} draws, seed {seed}, on {', '.join(ledger.worlds)}"
        told = () if out else ("Numbers, ranges, rules and literature: `--out FILE.md` writes the page.",)
        table = Table(title, ("", "claim", "verdict"), tuple(rows), frozenset(), told)
        sys.stdout.write(screen.plain([table]) + "\n")
