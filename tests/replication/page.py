"""The catalogue as a page of the documentation."""

from __future__ import annotations

import re
from collections.abc import Mapping

from replication.rows import Check, Row

HEAD = """# Replication

Numbers that others have published, or that follow from a formula, and what Ecumene gives for them. Every
check runs in continuous integration under its name (`tests/test_replication.py`) and prints both. A published
number is met when the obtained one rounds to it; a law that holds exactly is shown as the largest relative
error found, next to the error allowed.

This page is written by `python docs/refresh_replication.py`.
"""


def render(results: Mapping[str, tuple[Check, list[Row]]], further: str = "") -> str:
    """The whole page, from every check and its rows; `further` stands after them."""
    parts = [HEAD, summary(results)]
    parts += [section(check, rows) for check, rows in results.values()]
    return "\n".join([*parts, *([further] if further else [])])


def summary(results: Mapping[str, tuple[Check, list[Row]]]) -> str:
    lines = ["| check | numbers | met |", "| --- | ---: | ---: |"]
    for name, (_, rows) in results.items():
        lines.append(f"| [`{name}`](#{name}) | {len(rows)} | {sum(row.passed for row in rows)} |")
    return "\n".join(lines) + "\n"


def section(check: Check, rows: list[Row]) -> str:
    lines = [f"## {check.title} {{ #{check.name} }}", "", f"Source: {check.source}.", "", check.method, ""]
    if all(row.expected_text == "0" for row in rows):
        lines += ["| law | largest error | allowed |", "| --- | ---: | ---: |"]
        lines += [f"| {row.quantity} | {row.obtained_text} | {row.tolerance:.0e} |" for row in rows]
    else:
        lines += ["| quantity | expected | obtained | unit | within |", "| --- | ---: | ---: | --- | ---: |"]
        for row in rows:
            cells = (row.quantity, row.expected_text, row.obtained_text, row.unit, f"{row.tolerance:.1g}")
            lines.append("| " + " | ".join(cells) + " |")
    for finding in (*check.findings, *(f"Not met: {row}" for row in rows if not row.passed)):
        lines += ["", f"**Finding.** {finding}"]
    return "\n".join(lines) + "\n"


def stale(page: str, check: Check, rows: list[Row]) -> list[str]:
    """Lines of a check's section that the page lacks; measured errors may differ."""
    have = {_comparable(line) for line in page.splitlines()}
    return [line for line in section(check, rows).splitlines() if line and _comparable(line) not in have]


def _comparable(line: str) -> str:
    return re.sub(r"\d\.\de[-+]\d\d", "error", line)
