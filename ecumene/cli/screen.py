"""How tables, progress and notes reach a terminal, a pipe or a log."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TextIO

from ecumene.cli.interrupts import check as check_interrupts

if TYPE_CHECKING:
    from ecumene.alignment.outcome import Answer
    from ecumene.cli.tables import Table
    from ecumene.dependence.result import Sovereignty
    from ecumene.evolution.outcome import Evolution
    from ecumene.planning.result import PlanNumbers
    from ecumene.results import Comparison, Result
    from ecumene.uncertainty.result import Uncertainty

    Shown = Result | Comparison | PlanNumbers | Sovereignty | Evolution | Answer | Uncertainty

MEASURE: Final = 100
"""Most characters to a line of prose in plain output."""

PARTS: Final = 20
"""Lines of progress of long work: one for each twentieth."""

HURRY: Final = 5.0
"""Seconds within which no two such lines are printed."""

SILENCE: Final = 20.0
"""Seconds after which a line says that the work goes on."""

FIRST: Final = 28
"""Characters at which names of rows are wrapped in a table that is too wide."""

GAP: Final = 3
"""Characters between two columns of a drawn table."""


def is_fancy(stream: TextIO) -> bool:
    """Colours and boxes only on a terminal that wants them: not in pipes, with NO_COLOR, or TERM=dumb."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def note(message: str) -> None:
    """A word to the user beside the output, on stderr."""
    sys.stderr.write(message + "\n")


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[int, int, str], None]]:
    """The progress callback of a command: a bar on a terminal, else lines; nothing if quiet.

    It hears a request to stop that compiled code has swallowed.
    """
    with _silent() if quiet else _bar() if is_fancy(sys.stderr) else _Lines().running() as shown:

        def callback(done: int, total: int, label: str) -> None:
            check_interrupts()
            shown(done, total, label)

        yield callback


@contextmanager
def _silent() -> Iterator[Callable[[int, int, str], None]]:
    yield lambda done, total, label: None


@contextmanager
def _bar() -> Iterator[Callable[[int, int, str], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("solving", total=None)
        yield lambda done, total, label: shown.update(task, completed=done, total=total, description=label)


def _stage(label: str) -> str:
    """What a label says before its first comma: what follows are counts that change on the way."""
    return label.partition(",")[0]


class _Lines:
    """Progress as lines: each new stage, each twentieth of the way, and a sign of life where nothing else is said."""

    def __init__(self) -> None:
        self._begun = self._told = time.monotonic()
        self._seen: set[str] = set()
        self._part = 0
        self._latest: tuple[int, int, str] | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()

    def __call__(self, done: int, total: int, label: str) -> None:
        with self._lock:
            self._latest = (done, total, label)
            part = int(PARTS * done / max(total, 1))
            further = part > self._part and time.monotonic() - self._told >= HURRY
            if _stage(label) not in self._seen or further:
                self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        assert self._latest is not None
        done, total, label = self._latest
        self._part = int(PARTS * done / max(total, 1))
        spent = self._told - self._begun
        stage = _stage(label)
        after = f", {spent:,.0f} s" if stage in self._seen else ""
        self._seen.add(stage)
        note(f"solving {label}, {done} of {total}{after}")

    def _alive(self) -> None:
        while not self._over.wait(max(self._told + SILENCE - time.monotonic(), 0.01)):
            with self._lock:
                if time.monotonic() - self._told < SILENCE:
                    continue
                if self._latest is not None:
                    self._tell()
                else:
                    self._told = time.monotonic()
                    note(f"preparing, {self._told - self._begun:,.0f} s")

    @contextmanager
    def running(self) -> Iterator[_Lines]:
        """The callback, and a thread that speaks where work takes long."""
        thread = threading.Thread(target=self._alive, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join()


@contextmanager
def download(quiet: bool) -> Iterator[Callable[[int, int, str], None] | None]:
    """The progress callback of a download, in bytes: a bar on a terminal, silence elsewhere."""
    if quiet or not is_fancy(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("fetching", total=None)
        yield lambda done, total, label: shown.update(
            task, completed=done, total=total or None, description=label
        )


def plain(tables: Sequence[Table]) -> str:
    """Tables as aligned text without colour or boxes; rows are never wrapped, footnotes are."""
    return "\n\n".join(_plain(table) for table in tables)


def _plain(table: Table) -> str:
    rows = [table.heads, *table.rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.heads))]

    def line(row: tuple[str, ...]) -> str:
        cells = [
            cell.rjust(width) if column in table.numbers else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    rule = "  ".join("-" * width for width in widths)
    body = [table.title, "", line(table.heads), rule, *(line(row) for row in table.rows)]
    notes = [_filled(text, MEASURE) for text in table.footnotes]
    return "\n".join([*body, *([""] if notes else []), *notes])


def _filled(text: str, width: int, indent: str = "") -> str:
    return textwrap.fill(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def side_by_side(table: Table, width: int) -> list[list[int]]:
    """Columns in parts that fit the width, the first column in each; numbers are never cut, words only at commas, long
    names of rows at spaces where the table would not fit otherwise."""
    need = []
    for column, head in enumerate(table.heads):
        cells = [row[column] for row in table.rows]
        words = (
            cells
            if column == 0 or column in table.numbers
            else [w + "," for c in cells for w in c.split(", ")]
        )
        need.append(max(map(len, [head, *words])))
    need[0] = first_width(table, width)
    parts: list[list[int]] = [[0]]
    used = need[0]
    for column in range(1, len(need)):
        if len(parts[-1]) > 1 and used + GAP + need[column] > width - GAP:
            parts.append([0])
            used = need[0]
        parts[-1].append(column)
        used += GAP + need[column]
    return parts


def first_width(table: Table, width: int) -> int:
    """Characters of the first column: as long as its longest cell if the table fits so, else its names are wrapped."""
    longest = [
        max(len(row[column]) for row in (table.heads, *table.rows)) for column in range(len(table.heads))
    ]
    if sum(longest) + GAP * len(longest) <= width:
        return longest[0]
    word = max(len(word) for row in (table.heads, *table.rows) for word in row[0].split(" "))
    return min(longest[0], max(word, FIRST))


def _draw(table: Table) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table as Drawn
    from rich.text import Text

    console = Console(highlight=False)
    for part, columns in enumerate(side_by_side(table, console.width)):
        widest = [max(len(row[column]) for row in (table.heads, *table.rows)) + GAP for column in columns]
        crowded = sum(widest) > console.width  # then each word of a list stands on its own line
        drawn = Drawn(
            title=None if part else table.title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False
        )
        for column in columns:
            number = column in table.numbers
            drawn.add_column(
                table.heads[column],
                justify="right" if number else "left",
                no_wrap=number,
                overflow="fold",
                max_width=None if column else first_width(table, console.width),
                min_width=None if column else first_width(table, console.width),
            )
        for row in table.rows:
            drawn.add_row(
                *(
                    Text(row[column], style=_style(row[column]))
                    if column in table.numbers
                    else Text(row[column].replace(", ", ",\n") if crowded and column else row[column])
                    for column in columns
                )
            )
        console.print(drawn)
    for footnote in table.footnotes:
        console.print(footnote, style="dim", markup=False)


def _style(cell: str) -> str:
    return "red" if cell.startswith("-") else "green" if cell.startswith("+") else ""


def print_tables(tables: Sequence[Table], result: Shown, verbose: bool) -> None:
    """Tables on stdout; notes on data and method after them."""
    if is_fancy(sys.stdout):
        for number, table in enumerate(tables):
            sys.stdout.write("\n" * (number > 0))
            _draw(table)
    else:
        sys.stdout.write(plain(tables) + "\n")
    _print_notes(result, verbose)


def _print_notes(result: Shown, verbose: bool) -> None:
    from ecumene.planning.result import PlanNumbers
    from ecumene.results import Comparison

    runs = result.provenance if isinstance(result, Comparison) else (result.provenance,)
    notes = list(dict.fromkeys(text for run in runs for text in run.notes))
    width = shutil.get_terminal_size().columns if is_fancy(sys.stdout) else MEASURE
    prices = (
        ""
        if isinstance(result, PlanNumbers)
        else f"Elasticities: {runs[0].theta_source}. Deficits: {runs[0].deficits}. "
    )
    summary = f"{prices}{len(notes)} notes on data and method" + (
        ":" if verbose else ": --verbose shows them."
    )
    sys.stdout.write(f"\n{_filled(summary, width)}\n")
    if verbose:
        from ecumene import jax_setup

        texts = [*notes, *([jax_setup.CACHE_NOTE] if jax_setup.CACHE_NOTE else [])]
        sys.stdout.write("".join(_filled(f"  - {text}", width, "    ") + "\n" for text in texts))
        sys.stdout.write("".join(f"Cite: {run.citation}\n" for run in runs))


def print_json(result: Shown) -> None:
    """The whole result as one JSON document on stdout."""
    from ecumene.alignment.outcome import Answer
    from ecumene.resultfile import as_json

    document = result.as_json() if isinstance(result, Answer) else as_json(result)
    sys.stdout.write(json.dumps(document, allow_nan=False) + "\n")
