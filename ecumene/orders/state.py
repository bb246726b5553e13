"""Depth after every layer of an order: unions that live on, blocs, links, limits, and who shares a tariff."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecumene.orders import unions
from ecumene.orders.names import Resolver
from ecumene.orders.schema import Layer, Names, Order

IntArray = NDArray[np.int64]
Grid = NDArray[np.bool_]


@dataclass(frozen=True)
class Depths:
    """Depth and customs unions after one layer."""

    depth: IntArray
    customs: dict[str, frozenset[str]]
    """Every union or bloc with a common external tariff: its codes, whether the world has them or not."""


def memberships(order: Order, upto: int, moment: unions.Moment) -> unions.Memberships:
    """Who belongs to which union after the first `upto` layers."""
    dissolved: set[str] = set()
    left: dict[str, set[str]] = {}
    joined: dict[str, set[str]] = {}
    plain = Resolver((), {n: b for n, (_, b) in order.blocs().items()}, unions.Memberships(moment))
    for layer in order.layers[:upto]:
        dissolved |= {u for u in map(unions.find, layer.dissolve) if u is not None}
        for kind, add, drop in (("leave", left, joined), ("join", joined, left)):
            for union, names in getattr(layer, kind).items():
                found = unions.find(union)
                if found is not None:
                    codes = plain.codes(names)
                    add.setdefault(found, set()).update(codes)
                    drop.setdefault(found, set()).difference_update(codes)
                    if kind == "join":
                        dissolved.discard(found)
    return unions.Memberships(moment, dissolved=dissolved, left=left, joined=joined)


def pair_mask(resolver: Resolver, origins: Names, destinations: Names) -> Grid:
    """[R, R] links from origins to destinations, without each economy's own."""
    n = len(resolver.economies)
    mask = np.zeros((n, n), dtype=np.bool_)
    mask[np.ix_(resolver.index(origins), resolver.index(destinations))] = True
    np.fill_diagonal(mask, False)
    return mask


def ended_blocs(order: Order, upto: int) -> set[str]:
    """Blocs that a later layer dissolves."""
    defined = order.blocs()
    return {
        name
        for i, layer in enumerate(order.layers[:upto])
        for name in layer.dissolve
        if name in defined and defined[name][0] < i
    }


def _layer_raises(order: Order, i: int, resolver: Resolver, ended: set[str]) -> list[tuple[str, Grid, int]]:
    layer = order.layers[i]
    out: list[tuple[str, Grid, int]] = []
    for name, (at, bloc) in order.blocs().items():
        if at == i and name not in ended:
            out.append(
                (f"{layer.label}blocs.{name}", pair_mask(resolver, bloc.members, bloc.members), bloc.depth)
            )
    out += [(f"{layer.label}links[{j}]", _mask(resolver, r), r.depth) for j, r in enumerate(layer.links)]
    return out


def _mask(resolver: Resolver, rule: object) -> Grid:
    masks = [pair_mask(resolver, a, b) for a, b in rule.directed()]  # type: ignore[attr-defined]
    return np.logical_or.reduce(masks)


def _clashes(
    economies: tuple[str, ...], raises: list[tuple[str, Grid, int]], limits: list[tuple[str, Grid, int]]
) -> list[str]:
    out = []
    for raise_name, raised, at_least in raises:
        for limit_name, limited, at_most in limits:
            both = raised & limited
            if at_least > at_most and both.any():
                i, n = np.argwhere(both)[0]
                out.append(
                    f"{raise_name} and {limit_name} conflict: the first asks for depth {at_least} or more, "
                    f"the second for "
                    f"{at_most} or less, between {economies[i]} and {economies[n]}; leave the pair out of "
                    f"one of them, or "
                    "put one into a later entry of 'changes'"
                )
    return out


def _union_clashes(customs: dict[str, frozenset[str]], blocs: set[str]) -> list[str]:
    out = []
    names = sorted(customs)
    for a in names:
        for b in names:
            if (a in blocs and b not in blocs) or (a < b and a in blocs and b in blocs):
                both = customs[a] & customs[b]
                if both and not customs[a] <= customs[b] and not customs[b] <= customs[a]:
                    who = ", ".join(sorted(both)[:4]) + (" and others" if len(both) > 4 else "")
                    missing = ", ".join(sorted(customs[b] - customs[a])[:6])
                    kind = "the bloc" if b in blocs else "the customs union"
                    out.append(
                        f"blocs.{a} conflicts with {kind} {b}: {who} cannot belong to two customs unions of "
                        f"which neither "
                        f"contains the other; add {missing} to {a}, dissolve {b}, or give {a} "
                        f"'external_tariff: own'"
                    )
    return out


def _split_unions(
    resolver: Resolver, customs: dict[str, frozenset[str]], limits: list[tuple[str, Grid, int]]
) -> list[str]:
    out = []
    economies = resolver.economies
    for union, codes in customs.items():
        inside = np.array([e in codes for e in economies])
        for name, mask, depth in limits:
            hit = mask & np.outer(inside, inside)
            if depth < 3 and hit.any():
                i, n = np.argwhere(hit)[0]
                out.append(
                    f"{name} asks for depth {depth} or less between {economies[i]} and {economies[n]}, which "
                    f"share the "
                    f"customs union {union}; a customs union is whole: dissolve it, or let one of them leave "
                    f"it"
                )
    return out


def evolve(
    order: Order, economies: tuple[str, ...], moment: unions.Moment
) -> tuple[list[Depths], list[Resolver], list[str]]:
    """Depths before the first layer and after each, the resolver of each layer, and every problem found.

    Depth is the deepest of unions, blocs and links (at least), then cut by limits (at most), layer by layer.
    """
    blocs = {n: b for n, (_, b) in order.blocs().items()}
    base = unions.Memberships(moment)
    start = base.matrix(economies)
    states = [Depths(start, base.customs_unions())]
    resolvers: list[Resolver] = []
    problems: list[str] = []
    for upto in range(1, len(order.layers) + 1):
        now = memberships(order, upto, moment)
        ended = ended_blocs(order, upto)
        resolver = Resolver(economies, blocs, base)
        depth = now.matrix(economies)
        alive: set[str] = set()
        for i in range(upto):
            raises = _layer_raises(order, i, resolver, ended)
            layer: Layer = order.layers[i]
            limits = [
                (f"{layer.label}limits[{j}]", _mask(resolver, r), r.depth) for j, r in enumerate(layer.limits)
            ]
            for _, mask, value in raises:
                depth[mask] = np.maximum(depth[mask], value)
            for _, mask, value in limits:
                depth[mask] = np.minimum(depth[mask], value)
            alive |= {n for n, (at, _) in order.blocs().items() if at == i and n not in ended}
            if i == upto - 1:
                problems += _clashes(economies, raises, limits)
                live = now.customs_unions() | {
                    n: resolver.codes(blocs[n].members) for n in alive if blocs[n].common_tariff
                }
                live = {n: codes for n, codes in live.items() if len(codes) > 1}
                problems += _split_unions(resolver, live, limits)
                states.append(Depths(depth, live))
        resolvers.append(resolver)
    if order.layers:
        problems += _union_clashes(states[-1].customs, {n for n in states[-1].customs if n in blocs})
    return states, resolvers, list(dict.fromkeys(problems))
