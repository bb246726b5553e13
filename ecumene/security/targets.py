"""From the names in a shock to shares on a world's axes."""

from __future__ import annotations

import numpy as np

from ecumene import countries, elasticities, sectors
from ecumene.errors import SHOWN, ShockError
from ecumene.models.shocks import Event
from ecumene.shocks.reading import resolver
from ecumene.shocks.schema import Closure, Course, Loss, Names, Shock
from ecumene.types import FloatArray, IntArray
from ecumene.world import World

IDLE = "changes nothing here"
"""Words of every note on a rule without effect, by which tables find it."""


class Targets:
    """Names of one shock on one world: positions of economies, weights of sectors, and what the world lacks."""

    def __init__(self, shock: Shock, world: World) -> None:
        self.shock, self.world = shock, world
        self._resolver = resolver(world.economies, world.year)
        self._kinds = sectors.kinds(world.sectors)
        self.problems: list[str] = []
        self.more = 0

    @property
    def absent(self) -> set[str]:
        """Codes that the shock names and the world lacks."""
        return self._resolver.absent - countries.FORMER

    def economies(self, names: Names) -> IntArray:
        """Positions of the economies that names stand for; those that the world lacks are remembered."""
        return np.array(self._resolver.index(names), dtype=np.intp)

    def sectors(self, names: Names, place: str) -> FloatArray:
        """How much of each sector is meant, 0 to 1: a kind that is one of several in a sector counts its part."""
        weight, parts = np.zeros(len(self.world.sectors)), np.zeros(len(self.world.sectors))
        for name in dict.fromkeys(names):
            if self._kinds is not None and name in sectors.KINDS and name not in self.world.sectors:
                parts += [each.count(name) / len(each) for each in self._kinds]
            else:
                weight = np.maximum(weight, self._one(name, place))
        return np.maximum(weight, parts)

    def _one(self, name: str, place: str) -> FloatArray:
        codes = self.world.sectors
        titles = self.world.layers.get("sector_name")
        named = [str(title).casefold() for title in titles.values] if titles is not None else []
        if name == "all":
            return np.ones(len(codes))
        if name in ("goods", "services"):
            goods = self._goods()
            return goods if name == "goods" else 1.0 - goods
        if name in codes or name.casefold() in named:
            at = codes.index(name) if name in codes else named.index(name.casefold())
            return np.eye(len(codes))[at]
        if len(self.problems) >= SHOWN:  # the search for the nearest name is slow
            self.more += 1
            return np.zeros(len(codes))
        near = countries.nearest(name, [*codes, *sectors.KINDS])
        hint = (
            f"did you mean '{near[0]}'?"
            if near
            else f"name a sector of this world or one of {', '.join(sectors.KINDS)}"
        )
        self.problems.append(f"{place}: this world has no sector '{name}'; {hint}")
        return np.zeros(len(codes))

    def _goods(self) -> FloatArray:
        layer = self.world.layers.get("goods")
        if layer is not None:
            share = np.asarray(layer.values, dtype=np.float64)
            if not ((share >= 0) & (share <= 1)).all():
                self.problems.append(
                    "layer goods: it must be true or false, or shares from 0 to 1; correct it"
                )
                return np.zeros(len(self.world.sectors))
            return share
        broad = elasticities.classify(self.world.sectors)
        if broad is None:
            self.problems.append(
                "sectors: this world does not say which sectors are goods; name sectors, or add the layer"
            )
            return np.zeros(len(self.world.sectors))
        return elasticities.goods_of(broad).astype(np.float64)


def events_of(shock: Shock, world: World) -> tuple[list[Event], tuple[str, ...]]:
    """The certain events of a shock on a world's axes, and sentences on what the world lacks.

    Errors: ShockError listing every sector that the world lacks.
    """
    targets = Targets(shock, world)
    R, S = len(world.economies), len(world.sectors)
    events: list[Event] = []

    def industries(rule: Loss, kind: str, i: int) -> FloatArray:
        lost = np.zeros((R, S))
        lost[targets.economies(rule.economies)] = rule.share * targets.sectors(
            rule.sectors, f"{kind}[{i}].sectors"
        )
        return lost

    for kind in ("capacity", "labour", "demand"):
        for i, rule in enumerate(getattr(shock, kind)):
            events.append(_event(kind, industries(rule, kind, i), rule))
    for i, rule in enumerate(shock.capital):
        lost = np.zeros((R, S))
        lost[targets.economies(rule.economies)] = rule.share * targets.sectors(
            rule.sectors, f"capital[{i}].sectors"
        )
        events.append(Event("capital", lost, rule.start, 1))
    for i, rule in enumerate(shock.links):
        events.append(_event("link", _links(rule, targets, i, (R, R, S)), rule))
    if targets.problems:
        more = [f"and {targets.more} more sectors"] if targets.more else []
        raise ShockError(f"shock '{shock.name}' cannot happen in this world:", (*targets.problems, *more))
    happening = [event for event in events if event.lost.any()]
    return happening, (*lacking(shock, targets), *_idle(shock, world, events))


def _links(rule: Closure, targets: Targets, i: int, shape: tuple[int, int, int]) -> FloatArray:
    weight = targets.sectors(rule.sectors, f"links[{i}].sectors")
    lost = np.zeros(shape)
    for origins, destinations in rule.directed():
        block = np.ix_(targets.economies(origins), targets.economies(destinations))
        lost[block] = np.maximum(lost[block], rule.share * weight)
    lost[np.arange(shape[0]), np.arange(shape[0])] = 0.0
    return lost


def _event(kind: str, lost: FloatArray, course: Course) -> Event:
    shape = course.shape if course.recovery else "step"
    return Event(kind, lost, course.start, course.length, float(course.recovery), shape)  # type: ignore[arg-type]


def lacking(shock: Shock, targets: Targets) -> tuple[str, ...]:
    """A sentence on economies that a shock names and the world lacks, if there are any."""
    if not targets.absent:
        return ()
    shown = sorted(targets.absent)
    more = f" and {len(shown) - 6} others" if len(shown) > 6 else ""
    return (f"Shock '{shock.name}' names economies that this world lacks: {', '.join(shown[:6])}{more}.",)


def _idle(shock: Shock, world: World, events: list[Event]) -> tuple[str, ...]:
    """A sentence for each rule that changes nothing, so that a loss of 0 is not taken for safety."""
    made = world.trade.values.sum(axis=1)
    there = {"link": world.trade.values, "demand": world.final.values.sum(axis=2)}
    places = [
        (f"{kind}[{i}]", rule)
        for kind in ("capacity", "labour", "demand", "capital", "links")
        for i, rule in enumerate(getattr(shock, kind))
    ]
    notes = []
    for (place, rule), event in zip(places, events, strict=True):
        if ((event.lost > 0) & (there.get(event.kind, made) > 0)).any():
            continue
        if rule.share == 0:
            why = "its share is 0"
        elif not event.lost.any():
            why = f"this world has no such {'link' if event.kind == 'link' else 'industry'}"
        else:
            why = "the world has no flows there"
        notes.append(f"Shock '{shock.name}': {place} {IDLE}: {why}.")
    return tuple(notes)
