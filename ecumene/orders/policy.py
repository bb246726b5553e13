"""Order and World -> Policy: what the order changes on every link, as arrays that models read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ecumene import countries
from ecumene.errors import OrderError
from ecumene.orders import duties, ladder, names, unions
from ecumene.orders.contest import Contest, contest_of
from ecumene.orders.schema import Layer, Names, Order
from ecumene.orders.state import Depths, Grid, evolve, pair_mask
from ecumene.types import FloatArray
from ecumene.world import World

Bound = Literal["central", "low", "high"]

SHOWN = 6
"""How many of the members that a world lacks a note names."""


@dataclass(frozen=True, eq=False)
class Policy:
    """What an order changes, origin x destination x sector.

    `iceberg` is a factor on the base trade cost (1 unchanged, inf closed, diagonal 1); `tariff` the new ad
    valorem rates; `depth` and `base_depth` [R, R] are the ladder's; `notes` holds one sentence for each
    assumption that the world forced. `contest` asks for tariffs that players choose, on top of `tariff`.
    """

    iceberg: FloatArray
    tariff: FloatArray
    depth: NDArray[np.int64]
    base_depth: NDArray[np.int64]
    deficits: str | None
    notes: tuple[str, ...]
    contest: Contest | None = None

    def moved(self, goods: float, services: float) -> tuple[FloatArray, FloatArray]:
        """What the ladder's effects at ranks inside their intervals, in place of its central numbers, add to the log of
        `iceberg` of goods and of services [origin, destination]."""

        return moved(self.base_depth, self.depth, goods, services)

    def slopes(self, goods: float, services: float) -> tuple[FloatArray, FloatArray]:
        """Derivatives of `moved` by the two ranks [origin, destination]."""

        def change(which: Literal["goods", "services"], rank: float) -> FloatArray:
            slope = ladder.slopes_at(which, rank)
            return slope[self.base_depth] - slope[self.depth]

        return change("goods", goods), change("services", services)


def moved(
    before: NDArray[np.int64], after: NDArray[np.int64], goods: float, services: float
) -> tuple[FloatArray, FloatArray]:
    """As `Policy.moved`, of depths [origin, destination] alone."""

    def change(which: Literal["goods", "services"], rank: float) -> FloatArray:
        more = ladder.effects_at(which, rank) - ladder.effects(which)
        return more[before] - more[after]

    return change("goods", goods), change("services", services)


@dataclass
class _Cells:
    """One layer's rules of one kind: which rule set each cell, to find two that disagree."""

    shape: tuple[int, int, int]

    def __post_init__(self) -> None:
        self.owner = np.full(self.shape, -1, dtype=np.int32)
        self.what: list[tuple[str, Any]] = []

    def put(
        self, label: str, value: Any, at: _Places, where: tuple[tuple[str, ...], tuple[str, ...]]
    ) -> list[str]:
        """Claim cells for a rule; a problem for every earlier rule that gives one of them another value."""
        out: list[str] = []
        held = self.owner[at]
        for k in np.unique(held):
            if k >= 0 and self.what[k][1] != value:
                link, cell = np.argwhere(held == k)[0]
                i, n, s = at[0][link, 0], at[1][link, 0], at[2][0, cell]
                out.append(
                    f"{self.what[k][0]} and {label} conflict: they give different values to {where[0][i]} -> "
                    f"{where[0][n]}, "
                    f"{where[1][s]}; leave the link out of one with 'not', or put one into a later entry of "
                    f"'changes'"
                )
        self.what.append((label, value))
        self.owner[at] = len(self.what) - 1
        return out


_Places = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]
"""Cells of links and sectors: origins [L, 1], destinations [L, 1], sectors [1, S]."""


def _places(links: Grid, sectors: Grid) -> _Places:
    origin, destination = np.nonzero(links)
    return origin[:, None], destination[:, None], np.flatnonzero(sectors)[None, :]


class _Frame:
    """The world as rules see it: economies, sectors, which cells are goods."""

    def __init__(
        self, economies: tuple[str, ...], sectors: tuple[str, ...], titles: tuple[str, ...], goods: Grid
    ) -> None:
        self.economies, self.sectors, self.titles = economies, sectors, titles
        self.goods_of = goods
        self.shape = (len(economies), len(economies), len(sectors))
        off = ~np.eye(len(economies), dtype=np.bool_)
        self.goods = off[:, :, None] & goods[None, None, :]

    def sector_mask(self, wanted: Names, place: str, problems: list[str]) -> Grid:
        """[S] sectors that names stand for."""
        mask = np.zeros(len(self.sectors), dtype=np.bool_)
        by_key = {k.casefold(): i for i, k in [*enumerate(self.titles), *enumerate(self.sectors)]}
        for name in wanted:
            if name in ("all", "goods", "services"):
                mask |= {"all": np.ones_like(mask), "goods": self.goods_of, "services": ~self.goods_of}[name]
            elif name.casefold() in by_key:
                mask[by_key[name.casefold()]] = True
            else:
                near = countries.nearest(name, [*self.sectors, *self.titles])
                hint = (
                    f"did you mean '{near[0]}'?"
                    if near
                    else f"the sectors are {', '.join(self.sectors[:12])}"
                )
                problems.append(f"{place}: this world has no sector '{name}'; {hint}")
        return mask


def _frame(world: World) -> tuple[_Frame, list[str]]:
    notes: list[str] = []
    layer = world.layers.get("goods")
    if layer is None:
        goods = np.ones(len(world.sectors), dtype=np.bool_)
        notes.append("The world has no layer 'goods': every sector is treated as goods.")
    else:
        goods = np.asarray(layer.values, dtype=np.bool_)
    titles = world.layers.get("sector_name")
    named = tuple(str(t) for t in titles.values) if titles is not None else world.sectors
    return _Frame(world.economies, world.sectors, named, goods), notes


def _sides(resolver: names.Resolver, rule: Any) -> Grid:
    return np.logical_or.reduce([pair_mask(resolver, a, b) for a, b in rule.directed()])


def _tariffs(
    layer: Layer,
    resolver: names.Resolver,
    frame: _Frame,
    depth: NDArray[np.int64],
    tariff: FloatArray,
    problems: list[str],
) -> FloatArray:
    if not layer.tariffs:
        return tariff
    cells = _Cells(frame.shape)
    out = tariff.copy()
    for j, rule in enumerate(layer.tariffs):
        label = f"{layer.label}tariffs[{j}]"
        links = pair_mask(resolver, rule.origin, rule.on)
        if rule.spare_depth is not None:
            links &= depth < rule.spare_depth
        sectors = frame.sector_mask(rule.sectors, f"{label}.sectors", problems)
        services = sectors & ~frame.goods_of
        if services.any() and rule.sectors != ("all",):
            name = frame.sectors[int(np.flatnonzero(services)[0])]
            problems.append(
                f"{label}.sectors: tariffs fall on goods, and {name} is a service; use a barrier there"
            )
        at = _places(links, sectors & frame.goods_of)
        rate, points = rule.rate_percent, rule.add_points
        problems += cells.put(
            label,
            ("rate", rate) if rate is not None else ("add", points),
            at,
            (frame.economies, frame.sectors),
        )
        out[at] = rate / 100 if rate is not None else tariff[at] + (points or 0.0) / 100
        below = np.argwhere(out[at] <= -1)
        if len(below):
            link, cell = below[0]
            i, n, s = at[0][link, 0], at[1][link, 0], at[2][0, cell]
            problems.append(
                f"{label}: takes the tariff of {frame.economies[n]} on {frame.sectors[s]} from "
                f"{frame.economies[i]} to -100 % "
                "or below; a subsidy cannot exceed the price"
            )
    return out


def _barriers(
    layer: Layer, resolver: names.Resolver, frame: _Frame, factor: FloatArray, problems: list[str]
) -> FloatArray:
    if not (layer.barriers or layer.embargoes or layer.close):
        return factor
    cells = _Cells(frame.shape)
    out = factor.copy()
    for j, rule in enumerate(layer.barriers):
        label = f"{layer.label}barriers[{j}]"
        sectors = frame.sector_mask(rule.sectors, f"{label}.sectors", problems)
        at = _places(_sides(resolver, rule), sectors)
        value = np.inf if rule.closed else 1.0 + (rule.cost_percent or 0.0) / 100
        problems += cells.put(label, value, at, (frame.economies, frame.sectors))
        out[at] = value
    for j, ban in enumerate(layer.embargoes):
        sectors = frame.sector_mask(ban.sectors, f"{layer.label}embargoes[{j}].sectors", problems)
        out[_places(_sides(resolver, ban), sectors)] = np.inf
    if layer.close:
        shut = pair_mask(resolver, layer.close, ("all",))
        out[shut | shut.T] = np.inf
    return out


def _run(
    order: Order,
    frame: _Frame,
    moment: unions.Moment,
    tariff: FloatArray,
    trade: FloatArray,
    without_preference: _Without = duties.without_preference,
) -> tuple[FloatArray, FloatArray, list[Depths], list[str], list[str]]:
    """New tariffs, barrier factors, depths, notes and problems."""
    wrong = names.name_problems(order)
    if wrong:
        return tariff, np.ones(frame.shape), [], [], wrong
    states, resolvers, problems = evolve(order, frame.economies, moment)
    mfn, none = without_preference(tariff, trade, states[0].depth)
    factor = np.ones(frame.shape)
    duty_free = not ((tariff != 0) & frame.goods).any()
    notes: list[str] = []
    restored: set[int] = set()
    for layer, resolver, before, after in zip(order.layers, resolvers, states, states[1:], strict=False):
        restored |= {int(n) for n in np.argwhere((before.depth >= 2) & (after.depth < 2))[:, 1]}
        tariff = duties.preferences(tariff, before.depth, after.depth, mfn, frame.goods)
        tariff, made = duties.common_tariffs(tariff, trade, frame.economies, before, after, frame.goods)
        if made and not duty_free:
            notes.append(
                f"Common external tariff of {', '.join(made)}: the import-weighted mean of its members' "
                f"tariffs."
            )
        tariff = _tariffs(layer, resolver, frame, after.depth, tariff, problems)
        factor = _barriers(layer, resolver, frame, factor, problems)
    alone = [frame.economies[n] for n in none if n in restored]
    if restored and duty_free:
        notes.append("The world's tariffs are all zero, so ending a preference brings no tariff back.")
    elif alone:
        notes.append(
            f"{', '.join(alone)} had no origin without preference: the highest tariff of each stands for the "
            f"one restored."
        )
    absent = sorted(set().union(*(r.absent for r in resolvers)) - countries.FORMER) if resolvers else []
    if absent:
        shown = ", ".join(absent[:SHOWN]) + (
            f" and {len(absent) - SHOWN} more" if len(absent) > SHOWN else ""
        )
        notes.append(f"Not in this world, so left out of '{order.name}' ({len(absent)}): {shown}.")
    return tariff, factor, states, notes, list(dict.fromkeys(problems))


_Without = Callable[[FloatArray, FloatArray, NDArray[np.int64]], tuple[FloatArray, list[int]]]

_WITHOUT: WeakKeyDictionary[World, tuple[FloatArray, list[int]]] = WeakKeyDictionary()
"""Tariffs without preference, which the orders on a world share."""


def _without_preference(
    world: World, tariff: FloatArray, trade: FloatArray, base_depth: NDArray[np.int64]
) -> tuple[FloatArray, list[int]]:
    """As `duties.without_preference` of a world's own tariffs, trade and depths, computed once."""
    if world not in _WITHOUT:
        _WITHOUT[world] = duties.without_preference(tariff, trade, base_depth)
    return _WITHOUT[world]


def apply(order: Order, world: World, *, ladder_bound: Bound = "central") -> Policy:
    """What an order changes in a world.

    `iceberg = exp(-(B(depth) - B(base depth)) / elasticity) x barriers`; an order without rules changes
    nothing, exactly. `ladder_bound` takes the low or high end of the ladder's intervals in place of its
    central numbers.

    Errors: OrderError listing every name, sector and conflict that cannot be applied to this world.
    """
    frame, notes = _frame(world)
    base_tariff = np.array(world.tariff.values)
    year = unions.DEFAULT_YEAR if world.year is None else world.year
    if world.year is None:
        notes.append(f"The world names no year: memberships are those of {year}.")
    tariff, factor, states, more, problems = _run(
        order, frame, year, base_tariff, world.trade.values, partial(_without_preference, world)
    )
    contest = None
    if order.tariff_game is not None and not problems:
        size = world.value_added.values.sum(axis=1)
        bought: Grid = np.asarray((world.trade.values[:, :, frame.goods_of] > 0).any(axis=2))
        resolver = _resolver(order, frame, year)
        contest = contest_of(order.tariff_game, resolver, states[-1], size, bought, problems, more)
    if problems:
        raise OrderError(f"order '{order.name}' cannot be applied to this world:", tuple(problems))
    base, depth = states[0].depth, states[-1].depth
    in_goods = np.exp(ladder.log_iceberg(depth, base, "goods", ladder_bound))
    in_services = np.exp(ladder.log_iceberg(depth, base, "services", ladder_bound))
    iceberg = np.where(frame.goods_of, in_goods[:, :, None], in_services[:, :, None]) * factor
    if order.layers and contest is None and (iceberg == 1).all() and (tariff == base_tariff).all():
        more.append(f"'{order.name}' changes nothing here: the world lacks the economies it is about.")
    return Policy(
        iceberg=iceberg,
        tariff=tariff,
        depth=depth,
        base_depth=base,
        deficits=order.deficits,
        notes=(*notes, *more),
        contest=contest,
    )


def _resolver(order: Order, frame: _Frame, moment: unions.Moment) -> names.Resolver:
    """Names as the order's tariff game reads them: all its blocs, and the world's own memberships."""
    blocs = {name: bloc for name, (_, bloc) in order.blocs().items()}
    return names.Resolver(frame.economies, blocs, unions.Memberships(moment))


def paper_problems(
    order: Order, sectors: tuple[str, ...] = (), year: unions.Moment = unions.DEFAULT_YEAR
) -> list[str]:
    """Every problem an order would meet in a world of all economies; needs no data."""
    economies = (*(c for c in countries.countries() if c not in countries.FORMER), "ROW", *order.economies)
    named = dict.fromkeys(s for s in sectors if s not in ("all", "goods", "services"))
    every = ("any goods", "any services", *named)
    goods = np.array([s != "any services" for s in every])
    frame = _Frame(economies, every, every, goods)
    empty = np.zeros(frame.shape)
    _, _, states, _, problems = _run(order, frame, year, empty, empty)
    if order.tariff_game is not None and not problems:
        contest_of(order.tariff_game, _resolver(order, frame, year), states[-1], None, None, problems, [])
    return problems
