"""Named unions and agreements with dated membership, and the depth they give to every pair of economies."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecumene import countries
from ecumene.errors import OrderError
from ecumene.orders import strictyaml

DEFAULT_YEAR = 2019
"""Memberships of a world that names no year."""

Moment = datetime.date | int
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Union:
    """One union: who belonged when, how deep it went, and where that is written."""

    name: str
    title: str
    aliases: tuple[str, ...]
    source: str
    note: str
    depths: tuple[tuple[datetime.date, int], ...]
    common_tariff: bool
    joined: Mapping[str, datetime.date]
    left: Mapping[str, datetime.date]
    includes: tuple[str, ...]
    within: str | None
    suspended: tuple[tuple[str, str, datetime.date], ...]
    ended: datetime.date | None

    @property
    def founded(self) -> datetime.date:
        """First day of membership."""
        return min(self.joined.values())

    def depth(self, date: datetime.date) -> int:
        """Depth between members on a day; 0 outside the union's life."""
        if self.ended is not None and date >= self.ended:
            return 0
        return next((d for since, d in reversed(self.depths) if date >= since), 0)


@dataclass(frozen=True)
class Agreement:
    """A link between two parties, each an economy or a union, from a date on."""

    parties: tuple[str, str]
    depth: int
    since: datetime.date

    @property
    def name(self) -> str:
        """The two parties, joined by a dash."""
        return "-".join(self.parties)


def day(moment: Moment) -> datetime.date:
    """A date as it is; a year as its first of July, so that half a year of membership counts."""
    return moment if isinstance(moment, datetime.date) else datetime.date(moment, 7, 1)


def _data(file: str) -> Any:
    return strictyaml.parse(
        resources.files("ecumene.orders").joinpath(file).read_text(encoding="utf-8"), file, packaged=True
    )


def _dated(entry: Mapping[datetime.date, str]) -> dict[str, datetime.date]:
    return {code: date for date, codes in entry.items() for code in codes.split()}


def _union(name: str, raw: Mapping[str, Any]) -> Union:
    joined = _dated(raw["members"])
    depth = raw["depth"]
    depths = tuple(sorted(depth.items())) if isinstance(depth, dict) else ((min(joined.values()), depth),)
    default = "common" if depths[-1][1] >= 3 else "own"
    return Union(
        name=name,
        title=raw["title"],
        aliases=tuple(raw.get("aliases", ())),
        source=raw["source"],
        note=raw.get("note", ""),
        depths=depths,
        common_tariff=raw.get("tariff", default) == "common",
        joined=joined,
        left=_dated(raw.get("left", {})),
        includes=tuple(raw.get("includes", ())),
        within=raw.get("within"),
        suspended=tuple(tuple(s) for s in raw.get("suspended", ())),
        ended=raw.get("ended"),
    )


@cache
def unions() -> dict[str, Union]:
    """Every named union by its name."""
    return {name: _union(name, raw) for name, raw in _data("unions.yaml").items()}


@cache
def agreements() -> tuple[Agreement, ...]:
    """Every agreement between two parties."""
    return tuple(
        Agreement((hub, partner), depth, since)
        for depth, hubs in _data("agreements.yaml").items()
        for hub, partners in hubs.items()
        for partner, since in partners.items()
    )


@cache
def _labels() -> dict[str, str]:
    """A union's name by its name, title and aliases in lower case; the first union in the table that has one."""
    out: dict[str, str] = {}
    for union in unions().values():
        for label in (union.name, union.title, *union.aliases):
            out.setdefault(label.casefold(), union.name)
    return out


def find(name: str) -> str | None:
    """A union's name from its name, title or alias in any case; None if there is none."""
    return _labels().get(name.casefold())


def union(name: str) -> Union:
    """A union by name, title or alias; OrderError with the nearest name if there is none."""
    found = find(name)
    if found is None:
        labels = [n for u in unions().values() for n in (u.name, u.title, *u.aliases)]
        near = countries.nearest(name, labels)
        hint = f"did you mean {find(near[0])}?" if near else f"the unions are {', '.join(unions())}"
        raise OrderError(f"unknown union '{name}'; {hint}")
    return unions()[found]


class Memberships:
    """Who belongs to which union on one day, after the changes that an order makes."""

    def __init__(
        self,
        moment: Moment,
        *,
        dissolved: Collection[str] = (),
        left: Mapping[str, Collection[str]] | None = None,
        joined: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self.date = day(moment)
        self.dissolved = frozenset(dissolved)
        self._left = {k: frozenset(v) for k, v in (left or {}).items()}
        self._joined = {k: frozenset(v) for k, v in (joined or {}).items()}
        self._cache: dict[str, frozenset[str]] = {}

    def members(self, name: str) -> frozenset[str]:
        """Codes of a union's members; empty before its foundation and after its end."""
        if name in self._cache:
            return self._cache[name]
        u = unions()[name]
        if name in self.dissolved or (u.ended is not None and self.date >= u.ended):
            out: frozenset[str] = frozenset()
        else:
            far = datetime.date.max
            own = {c for c, since in u.joined.items() if since <= self.date < u.left.get(c, far)}
            own |= self._joined.get(name, frozenset())
            if own:
                for part in u.includes:
                    own |= self.members(part)
            if u.within is not None:
                own &= self.members(u.within)
            out = frozenset(own) - self._left.get(name, frozenset())
        self._cache[name] = out
        return out

    def party(self, name: str) -> frozenset[str]:
        """Members of a party to an agreement: a union's, or the economy itself."""
        return self.members(name) if name in unions() else frozenset([name])

    def customs_unions(self) -> dict[str, frozenset[str]]:
        """Members of every union with a common external tariff and at least two members."""
        return {
            n: self.members(n)
            for n, u in unions().items()
            if u.common_tariff and u.depth(self.date) >= 3 and len(self.members(n)) > 1
        }

    def matrix(self, economies: Sequence[str]) -> IntArray:
        """Depth of every pair: the deepest of the unions and agreements that both belong to; diagonal 0.

        Every union is a clique of its own members, so customs unions and deeper are transitive among members.
        """
        unchanged = not (self.dissolved or any(self._left.values()) or any(self._joined.values()))
        return _standing(self.date, tuple(economies)).copy() if unchanged else self._matrix(economies)

    def _matrix(self, economies: Sequence[str]) -> IntArray:
        index = {code: i for i, code in enumerate(economies)}
        depth = np.zeros((len(economies), len(economies)), dtype=np.int64)
        for name, u in unions().items():
            at = [index[c] for c in self.members(name) if c in index]
            inside = np.ix_(at, at)
            before = depth.copy() if u.suspended else depth
            depth[inside] = np.maximum(depth[inside], u.depth(self.date))
            for a, b, since in u.suspended:
                if self.date >= since and a in index and b in index:
                    i, j = index[a], index[b]
                    depth[i, j] = depth[j, i] = before[i, j]
        parties = {party for link in agreements() for party in link.parties}
        places = {party: [index[c] for c in self.party(party) if c in index] for party in parties}
        pairs = [
            (a, b, link.depth)
            for link in agreements()
            if link.since <= self.date
            for a in places[link.parties[0]]
            for b in places[link.parties[1]]
        ]
        left, right, value = np.array(pairs, dtype=np.int64).reshape(-1, 3).T
        np.maximum.at(depth, (left, right), value)
        np.maximum.at(depth, (right, left), value)
        np.fill_diagonal(depth, 0)
        return depth


@lru_cache(maxsize=16)
def _standing(date: datetime.date, economies: tuple[str, ...]) -> IntArray:
    """Depth of every pair on a day, as no order has changed it: the same for every order on a world."""
    return Memberships(date)._matrix(economies)


def members(name: str, date: Moment) -> frozenset[str]:
    """Codes of a named union's members on a date or in a year.

    Errors: OrderError for an unknown union, with the nearest name.
    """
    return Memberships(date).members(union(name).name)


def depth_matrix(economies: Sequence[str], year: Moment) -> IntArray:
    """[R, R] depth of integration in a year, from every union and agreement in the table; diagonal 0."""
    return Memberships(year).matrix(economies)
