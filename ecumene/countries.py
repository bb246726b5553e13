"""The table of economies: ISO 3166 alpha-3 codes, English names, aliases and regions.

Codes and short names follow ISO 3166-1, regions the United Nations geoscheme (M49). `XKX` is a user-assigned
code in common use; former states keep the codes they had (ISO 3166-3). The table names economies that
statistics report; a name takes no position on the status of a territory.
"""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from ecumene.errors import InputError

AGGREGATE = re.compile(r"^ROW(_[A-Z0-9]+)*$")
"""Aggregates of several economies: `ROW`, `ROW_AFRICA`, and so on."""

FORMER = frozenset({"CSK", "DDR", "SUN", "YUG"})
"""States that exist no longer; they are looked up but belong to no region's present members."""

_CONTINENT = {
    "Africa": ("Northern Africa", "Western Africa", "Middle Africa", "Eastern Africa", "Southern Africa"),
    "Americas": ("Northern America", "Central America", "Caribbean", "South America"),
    "Asia": ("Central Asia", "Eastern Asia", "South-eastern Asia", "Southern Asia", "Western Asia"),
    "Europe": ("Eastern Europe", "Northern Europe", "Southern Europe", "Western Europe"),
    "Oceania": ("Australia and New Zealand", "Melanesia", "Micronesia", "Polynesia"),
}


@dataclass(frozen=True)
class Country:
    """One economy of the table."""

    code: str
    name: str
    subregion: str
    aliases: tuple[str, ...] = ()

    @property
    def continent(self) -> str:
        """Continent of the United Nations geoscheme."""
        return next(c for c, parts in _CONTINENT.items() if self.subregion in parts)


@lru_cache(maxsize=4096)
def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", " ", plain.lower()).strip()


@cache
def countries() -> dict[str, Country]:
    """Every economy of the table by its code."""
    text = resources.files("ecumene").joinpath("countries.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter=";")
    return {
        r["code"]: Country(
            r["code"], r["name"], r["subregion"], tuple(a for a in r["aliases"].split("|") if a)
        )
        for r in rows
    }


@cache
def _names() -> dict[str, str]:
    return {_key(n): c.code for c in countries().values() for n in (c.code, c.name, *c.aliases)}


@cache
def regions() -> dict[str, frozenset[str]]:
    """Present economies of every continent and subregion of the United Nations geoscheme, by name."""
    present = [c for c in countries().values() if c.code not in FORMER]
    out = {name: frozenset(c.code for c in present if c.continent == name) for name in _CONTINENT}
    for part in {c.subregion for c in present}:
        out[part] = frozenset(c.code for c in present if c.subregion == part)
    return out


def is_aggregate(name: str) -> bool:
    """Whether a name is an aggregate of economies, such as `ROW_AFRICA`."""
    return AGGREGATE.match(name.upper()) is not None


def counted(number: int) -> str:
    """A number of economies in words, as `1 economy`."""
    return f"{number} econom{'y' if number == 1 else 'ies'}"


def find(name: str) -> str | None:
    """The code for a code, name or alias in any case, accents or not; aggregates pass; None if unknown."""
    if is_aggregate(name):
        return name.upper()
    return _names().get(_key(name))


def nearest(name: str, candidates: Iterable[str], count: int = 1) -> list[str]:
    """The candidates spelt most like a name, best first; empty when none is close."""
    by_key = {_key(c): c for c in candidates}
    return [by_key[k] for k in difflib.get_close_matches(_key(name), by_key, n=count, cutoff=0.6)]


def suggestion(name: str) -> str:
    """A remedy for an unknown economy: the nearest name with its code, or where to look."""
    labels = [n for c in countries().values() for n in (c.code, c.name, *c.aliases)]
    near = nearest(name, labels)
    if not near:
        return "use an ISO 3166 alpha-3 code such as DEU, or an English name"
    code = _names()[_key(near[0])]
    return f"did you mean {countries()[code].name} ({code})?"


def code_of(name: str) -> str:
    """The code for a code, name or alias.

    Raises InputError for an unknown name, with the nearest one.
    """
    code = find(name)
    if code is None:
        raise InputError(f"unknown economy '{name}'; {suggestion(name)}")
    return code


def name_of(code: str) -> str:
    """The English name of a code; an unknown code or an aggregate is returned as it is."""
    country = countries().get(code)
    return country.name if country else code
