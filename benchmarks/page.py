"""The benchmark page: figures in tables, each with what was wanted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.timing import Timed


@dataclass(frozen=True)
class Figure:
    """One time, a remark, and the most it should be (seconds), where something is asked for."""

    label: str
    taken: Timed
    note: str = ""
    limit: float | None = None

    @property
    def verdict(self) -> str:
        if self.limit is None:
            return ""
        return f"{seconds(self.limit)}: {'met' if self.taken.median <= self.limit else '**not met**'}"


def seconds(value: float) -> str:
    """A time in the unit that reads best."""
    if value < 0.1:
        return f"{1e3 * value:.2f} ms" if value < 0.01 else f"{1e3 * value:.1f} ms"
    return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"


def table(figures: list[Figure]) -> str:
    lines = ["| what | median | range of the runs | wanted | remarks |", "| --- | ---: | ---: | --- | --- |"]
    for figure in figures:
        t = figure.taken
        spread = f"{seconds(t.fastest)} to {seconds(t.slowest)} ({t.runs})" if t.runs > 1 else "one run"
        lines.append(
            f"| {figure.label} | {seconds(t.median)} | {spread} | {figure.verdict} | {figure.note} |"
        )
    return "\n".join(lines)


def write(path: Path, parts: list[str]) -> None:
    path.write_text("\n\n".join(part.strip() for part in parts) + "\n", encoding="utf-8")
