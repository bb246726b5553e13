"""What the rules of a shock take together: never more than there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ecumene import countries
from ecumene.orders import unions
from ecumene.orders.names import Resolver
from ecumene.shocks.schema import Course, Shock

ROUNDING = 1e-12


class _Rule(NamedTuple):
    """A rule at its place: whom it hits, which sectors as they are written, and how much on which day."""

    place: str
    hit: frozenset[Any]
    sectors: frozenset[str]
    share: float
    course: Course | None  # None: destroyed capital, which counts on every day

    def on(self, day: int) -> float:
        return self.share * (1.0 if self.course is None else self.course.standing(day))


def sum_problems(shock: Shock) -> list[str]:
    """Rules that together take more than all there is of the same thing on a day, with the remedy.

    Known without a world: sectors meet where they are written alike, or one of them is `all`. What meets only on a
    world's own sectors shows there (`security/assess`).
    """
    resolver = Resolver(tuple(countries.countries()), {}, unions.Memberships(unions.DEFAULT_YEAR))
    capital = [
        _Rule(f"capital[{i}]", resolver.codes(rule.economies), frozenset(rule.sectors), rule.share, None)
        for i, rule in enumerate(shock.capital)
    ]
    found = list(_too_much(capital))
    for kind in ("capacity", "labour", "demand"):
        rules = [
            _Rule(f"{kind}[{i}]", resolver.codes(rule.economies), frozenset(rule.sectors), rule.share, rule)
            for i, rule in enumerate(getattr(shock, kind))
        ]
        found += _too_much([*rules, *capital] if rules and kind == "capacity" else rules)
    found += _too_much(_links(shock, resolver))
    return list(dict.fromkeys(found))


def _links(shock: Shock, resolver: Resolver) -> list[_Rule]:
    """Closed links by pairs of groups of economies that all rules treat alike."""
    sides = [
        [(resolver.codes(origin), resolver.codes(destination)) for origin, destination in rule.directed()]
        for rule in shock.links
    ]
    named = sorted({code for rule in sides for pair in rule for side in pair for code in side})
    origins, destinations = (_alike(named, [pair[end] for rule in sides for pair in rule]) for end in (0, 1))
    out = []
    for i, rule in enumerate(shock.links):
        hit = {
            (origin, destination)
            for origin, first in origins.items()
            for destination, second in destinations.items()
            if len(first | second) > 1  # an economy has no link with itself
            and any(origin in start and destination in end for start, end in sides[i])
        }
        out.append(_Rule(f"links[{i}]", frozenset(hit), frozenset(rule.sectors), rule.share, rule))
    return out


def _alike(codes: Iterable[str], sets: Sequence[frozenset[str]]) -> dict[str, frozenset[str]]:
    """Groups of codes that lie in the same sets, by one of their members."""
    groups: dict[tuple[int, ...], list[str]] = {}
    for code in codes:
        groups.setdefault(tuple(n for n, each in enumerate(sets) if code in each), []).append(code)
    return {group[0]: frozenset(group) for group in groups.values()}


def _too_much(rules: Sequence[_Rule]) -> Iterator[str]:
    """A sentence for each set of rules that meet and take more than 1; shares are largest on a first day of one."""
    meeting: dict[frozenset[int], object] = {}
    by_target: dict[object, list[int]] = {}
    for n, rule in enumerate(rules):
        for target in sorted(rule.hit):
            by_target.setdefault(target, []).append(n)
    for target, near in by_target.items():
        meeting.setdefault(frozenset(near), target)
    for near, target in meeting.items():
        for sector in sorted({name for n in near for name in rules[n].sectors}):
            met = [rules[n] for n in sorted(near) if {sector, "all"} & rules[n].sectors]
            if sum(rule.share for rule in met) <= 1.0 + ROUNDING:
                continue
            days = {0 if rule.course is None else rule.course.start for rule in met}
            total, day = max((sum(rule.on(day) for rule in met), -day) for day in days)
            if total > 1.0 + ROUNDING:
                where = " to ".join(map(str, target)) if isinstance(target, tuple) else target
                yield (
                    f"{', '.join(rule.place for rule in met)}: on day {-day} they take {total:.4g} times what there is "
                    f"of '{sector}' ({where}); shares that act together must not exceed 1"
                )
                break
