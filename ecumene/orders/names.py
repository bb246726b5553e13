"""From names in an order to economies: codes, names, blocs, unions and regions, checked with suggestions."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ecumene import countries
from ecumene.errors import SHOWN, OrderError
from ecumene.orders import unions
from ecumene.orders.schema import Bloc, Names, Order, Sides

RESERVED = ("all", "rest")
_DATED = re.compile(r"^(.*)@(\d{4})(?:-(\d{2})-(\d{2}))?$")
Place = tuple[str, str]


def split_not(name: str) -> tuple[bool, str]:
    """Whether a name is left out (`not DEU`), and the name itself."""
    return (True, name[4:].strip()) if name.startswith("not ") else (False, name)


def _union_at(text: str) -> tuple[str, datetime.date | None]:
    found = _DATED.match(text)
    if found is None:
        return unions.union(text).name, None
    year, month, dom = int(found[2]), found[3], found[4]
    try:
        date = datetime.date(year, int(month), int(dom)) if month else unions.day(year)
    except ValueError as error:
        raise OrderError(f"'{text}' has no such date ({error})") from None
    return unions.union(found[1]).name, date


def problem(name: str, blocs: Iterable[str], own: Iterable[str]) -> str | None:
    """What is wrong with a name, with the remedy; None if it means something."""
    name = split_not(name)[1]
    blocs, own = list(blocs), list(own)
    if name in RESERVED or name in blocs or name in own or countries.find(name) is not None:
        return None
    kind, _, rest = name.partition(":")
    if kind == "union" and rest:
        try:
            _union_at(rest.strip())
        except OrderError as error:
            return str(error)
        return None
    if kind == "region" and rest:
        if rest.strip() in countries.regions():
            return None
        near = countries.nearest(rest, countries.regions())
        return f"unknown region '{rest.strip()}'; " + (
            f"did you mean region:{near[0]}?" if near else f"the regions are {', '.join(countries.regions())}"
        )
    near = countries.nearest(name, blocs)
    if near:
        return f"unknown name '{name}'; did you mean the bloc {near[0]}?"
    if unions.find(name) is not None:
        return f"unknown economy or bloc '{name}'; for the union write union:{unions.find(name)}"
    return f"unknown economy, bloc or union '{name}'; {countries.suggestion(name)}"


def wrong_names(named: Iterable[Place], blocs: Iterable[str], own: Iterable[str]) -> list[str]:
    """What is wrong with names at their places: the first with a remedy, whose search is slow, the rest counted."""
    blocs, own = list(blocs), list(own)
    remedies: dict[str, str | None] = {}
    out: list[str] = []
    more = 0
    for place, name in named:
        if name not in remedies and _unknown(split_not(name)[1]) and len(out) >= SHOWN:
            more += name not in blocs and name not in own
            continue
        if name not in remedies:
            remedies[name] = problem(name, blocs, own)
        if remedies[name] is not None:
            out.append(f"{place}: {remedies[name]}")
    return out + ([f"and {more} more names that nobody knows"] if more else [])


def _unknown(name: str) -> bool:
    """Whether a name is of no economy, union or region; a bloc's name too."""
    kind, _, rest = name.partition(":")
    if kind == "union" and rest:
        dated = _DATED.match(rest.strip())
        return unions.find(dated[1] if dated else rest.strip()) is None
    if kind == "region" and rest:
        return rest.strip() not in countries.regions()
    return name not in RESERVED and countries.find(name) is None


def all_names(order: Order) -> Iterator[tuple[str, str]]:
    """Every name that selects economies, with the place where it stands."""

    def sides(where: str, rule: Sides) -> Iterator[tuple[str, str]]:
        for field in ("between", "among"):
            listed: tuple[Names, ...] = getattr(rule, field) or ()
            for j, side in enumerate(listed):
                yield from ((f"{where}.{field}[{j}]", n) for n in side)
        for field, key in (("origin", "from"), ("destination", "to")):
            named: Names = getattr(rule, field) or ()
            yield from ((f"{where}.{key}", n) for n in named)

    for layer in order.layers:
        at = layer.label
        for name, bloc in layer.blocs.items():
            yield from ((f"{at}blocs.{name}.members", n) for n in bloc.members)
        for kind in ("links", "limits", "barriers", "embargoes"):
            for i, rule in enumerate(getattr(layer, kind)):
                yield from sides(f"{at}{kind}[{i}]", rule)
        for i, tariff in enumerate(layer.tariffs):
            yield from ((f"{at}tariffs[{i}].on", n) for n in tariff.on)
            yield from ((f"{at}tariffs[{i}].from", n) for n in tariff.origin)
        for kind in ("leave", "join"):
            for union, names in getattr(layer, kind).items():
                yield from ((f"{at}{kind}.{union}", n) for n in names)
        yield from ((f"{at}close", n) for n in layer.close)
    if order.tariff_game is not None:
        yield from ((f"tariff_game.players[{i}]", n) for i, n in enumerate(order.tariff_game.players))
        if order.tariff_game.leader is not None and order.tariff_game.largest is None:
            yield "tariff_game.leader", order.tariff_game.leader


def name_problems(order: Order) -> list[str]:
    """Every name in an order that means nothing, with its place and a remedy."""
    out: list[str] = []
    defined: dict[str, Bloc] = {}
    for layer in order.layers:
        for name in layer.dissolve:
            if name not in defined and unions.find(name) is None:
                out.append(f"{layer.label}dissolve: {_unknown_union(name)}")
        for kind in ("leave", "join"):
            out += [
                f"{layer.label}{kind}.{u}: {_unknown_union(u)}"
                for u in getattr(layer, kind)
                if unions.find(u) is None
            ]
        ended = {unions.find(u) for u in layer.dissolve} - {None}
        out += [
            f"{layer.label}{kind}.{u}: the same rules dissolve {u}; keep one of the two"
            for kind in ("leave", "join")
            for u in getattr(layer, kind)
            if unions.find(u) in ended
        ]
        for name in layer.blocs:
            if name in RESERVED or countries.find(name) is not None or name in order.economies:
                out.append(
                    f"{layer.label}blocs.{name}: this is the name of an economy or reserved; choose another"
                )
        defined.update(layer.blocs)
    out += wrong_names(all_names(order), defined, order.economies)
    out += _circles(defined)
    if order.tariff_game is not None:
        out += order.tariff_game.problems()
    return out


def _unknown_union(name: str) -> str:
    try:
        unions.union(name)
    except OrderError as error:
        return str(error)
    return ""


def _circles(blocs: Mapping[str, Bloc]) -> list[str]:
    """Blocs whose members name each other in a circle, or `rest`, which needs all blocs."""
    out: list[str] = []
    uses = {b: [split_not(n)[1] for n in bloc.members] for b, bloc in blocs.items()}
    for start in blocs:
        seen: set[str] = set()
        todo = [n for n in uses[start] if n in blocs]
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += [n for n in uses[name] if n in blocs]
        if start in seen:
            out.append(f"blocs.{start}.members: the bloc contains itself; name its members instead")
        if "rest" in uses[start]:
            out.append(
                f"blocs.{start}.members: 'rest' means outside every bloc; name the members, or use all and "
                f"not"
            )
    return out


class Resolver:
    """Names to codes for one world and one set of memberships; remembers the codes that the world lacks."""

    def __init__(
        self, economies: Sequence[str], blocs: Mapping[str, Bloc], memberships: unions.Memberships
    ) -> None:
        self.economies = tuple(economies)
        self.blocs = dict(blocs)
        self.memberships = memberships
        self._by_upper = {e.upper(): e for e in self.economies}
        self._present = frozenset(self.economies)
        self.absent: set[str] = set()
        self._found: dict[Names, list[int]] = {}

    def _one(self, name: str) -> frozenset[str]:
        if name == "all":
            return self._present
        if name == "rest":
            taken = [self.codes(b.members) for b in self.blocs.values()]
            return self._present.difference(*taken)
        if name in self.blocs:
            return self.codes(self.blocs[name].members)
        if name in self._present:
            return frozenset([name])
        kind, _, rest = name.partition(":")
        if kind == "union":
            union, date = _union_at(rest.strip())
            return unions.members(union, date) if date else self.memberships.members(union)
        if kind == "region":
            return countries.regions()[rest.strip()]
        return frozenset([countries.find(name) or name])

    def codes(self, names: Names) -> frozenset[str]:
        """All codes that names stand for, in the world or not."""
        take: set[str] = set()
        drop: set[str] = set()
        for entry in names:
            out, name = split_not(entry)
            (drop if out else take).update(self._one(name))
        if take or not drop:
            return frozenset(self._by_upper.get(c.upper(), c) for c in take - drop)
        return self._present - drop

    def index(self, names: Names) -> list[int]:
        """Positions in the world of the economies that names stand for; codes it lacks go to `absent`."""
        if names not in self._found:
            found = self.codes(names)
            self.absent |= found - self._present
            self._found[names] = [i for i, e in enumerate(self.economies) if e in found]
        return list(self._found[names])
