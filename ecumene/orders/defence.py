"""Treaties of mutual defence between two economies, dated; alliances of many stand in the table of unions."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import NamedTuple

from ecumene.orders import strictyaml


class Treaty(NamedTuple):
    """Two economies that promise to defend each other, from a year on, and before another where it ended."""

    parties: tuple[str, str]
    since: int
    until: int | None
    source: str


@cache
def treaties() -> tuple[Treaty, ...]:
    """Every treaty of the table."""
    file = "defence.yaml"
    text = resources.files("ecumene.orders").joinpath(file).read_text(encoding="utf-8")
    found = []
    for pair, entry in strictyaml.parse(text, file, packaged=True).items():
        first, second = pair.split("+")
        found.append(Treaty((first, second), entry["since"], entry.get("until"), entry["source"]))
    return tuple(found)


def in_force(year: int) -> tuple[tuple[str, str], ...]:
    """Pairs whose treaty holds in a year: from the first year in force, before the year in which it ended."""
    return tuple(
        treaty.parties
        for treaty in treaties()
        if treaty.since <= year and (treaty.until is None or year < treaty.until)
    )
