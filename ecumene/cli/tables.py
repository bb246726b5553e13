"""Tables of results as rows of words: what to show, apart from how it is drawn."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ecumene import countries
from ecumene.dependence.entries import ENTRIES
from ecumene.errors import InputError
from ecumene.provenance import Provenance
from ecumene.ranges import SURE, certainty
from ecumene.results import LEVELS, QUANTILES, UNCHANGED, WORLD, orders_without_transfers

if TYPE_CHECKING:
    import xarray as xr

    from ecumene.results import Comparison, Result
    from ecumene.world import World

EXTREMES: Final = 3
"""How many losers and gainers a comparison names per order."""

_FURTHER: Final = {
    "Real income, percent, where raised barriers are waste, and where they are rents": (
        ("real_income",),
        ("real_income_rents_",),
    ),
    "Real wages by group, percent, and the spread of gains, log points x 100": (
        (),
        ("spread_of_gains", "real_wage_"),
    ),
}
"""Titles of further tables: variables that are always there, and prefixes of those that a question adds."""

DEPENDENCE: Final = frozenset(entry.name for entry in ENTRIES)
"""Measures of sovereignty: they have tables of their own (`cli/dependence`)."""


@dataclass(frozen=True)
class Table:
    """A title, column heads and rows of words; the first column is text, `numbers` are right-aligned."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int]
    footnotes: tuple[str, ...] = ()


def known_economies(world: World, names: list[str]) -> list[str]:
    """The codes of economies given by code or name, in any case; InputError suggests the nearest of the world."""
    by_case = {code.upper(): code for code in world.economies}
    found = {name: by_case.get(name.upper()) or by_case.get(countries.find(name) or "") for name in names}
    unknown = [name for name, code in found.items() if code is None]
    if unknown:
        near = {
            name: difflib.get_close_matches(name.upper(), by_case, n=2, cutoff=0.5) or _by_name(name, by_case)
            for name in unknown
        }
        words = "; ".join(
            f"'{name}'" + (f" (did you mean {' or '.join(near[name])}?)" if near[name] else "")
            for name in unknown
        )
        raise InputError(
            f"no such economy in {world.source}: {words}; give ISO 3166 alpha-3 codes or names, as in DEU,Georgia"
        )
    return list(dict.fromkeys(code for code in found.values() if code is not None))


def _by_name(name: str, codes: Iterable[str]) -> list[str]:
    """Economies of the world whose English name is spelt nearly so."""
    names = {countries.name_of(code): code for code in codes}
    return [names[near] for near in countries.nearest(name, names)]


def comparison_tables(comparison: Comparison, world: World, economies: list[str]) -> list[Table]:
    """The world and its extremes per order; with `economies`, those side by side."""
    overview = _overview(comparison, world)
    more = [table for code in (economies or [WORLD]) for table in _further(comparison, world, code)]
    beside = (
        [_side_by_side(comparison, world, economies), *_signs(comparison, world, economies)]
        if economies
        else []
    )
    return [overview, *beside, *more]


def _overview(comparison: Comparison, world: World) -> Table:
    by_population = "world_real_income_by_population" in comparison.data
    rows = []
    for order in comparison.orders:
        data = comparison[order].data
        rows.append(_overview_row(order, data, "real_income", by_population))
        if (data["missing_goods"] > 0).any():
            rows.append(_overview_row(f"{order} *", data, "real_income_without_missing", by_population))
    blank = [""] * (by_population + 4 * bool(comparison.provenance[0].parameter_draws))
    rows += [(order, "failed", "", *blank, "", "") for order in comparison.failed]
    drawn = comparison.provenance[0].parameter_draws
    signs = ("gain", "lose", "open") if drawn else ()
    middle = ("median",) if drawn else ()
    heads = ("order", "world", *middle, _range_head(drawn), *(["by people"] if by_population else []), *signs)
    return Table(
        title=f"Change of real income against today, percent: {world.source}",
        heads=(*heads, "biggest losers", "biggest gainers"),
        rows=tuple(rows),
        numbers=frozenset(range(1, len(heads))),
        footnotes=(
            _weights_note(by_population),
            _range_note(comparison.provenance[0]),
            *_signs_note(drawn),
            f"A change below {UNCHANGED:g} percent is written as 0.00 and counts as none: who moves less "
            f"{'neither gains nor loses in a draw, and ' if drawn else ''}is not named.",
            *_missing(comparison, "rows with * leave"),
            *_ended_transfers(comparison.provenance),
        ),
    )


def _overview_row(head: str, data: xr.Dataset, name: str, by_population: bool) -> tuple[str, ...]:
    change, world = data[name].sel(quantile="central"), data[f"world_{name}"]
    people = [_number(data[f"world_{name}_by_population"], "central")] if by_population else []
    extremes = (_extremes(change, losers=True), _extremes(change, losers=False))
    signs = map(str, certainty(data).values()) if "gaining_draws" in data else ()
    drawn = f"{world.name}_range"
    middle = (signed(float(data[drawn].sel(level=LEVELS[1]))),) if drawn in data else ()
    return (head, _number(world, "central"), *middle, _range(world, data), *people, *signs, *extremes)


def _side_by_side(comparison: Comparison, world: World, economies: list[str]) -> Table:
    income = comparison.data["real_income"]
    rows = tuple(
        (
            order,
            *(
                _with_range(income.sel(order=order, economy=code), comparison[order].data)
                for code in economies
            ),
        )
        for order in comparison.orders
    )
    drawn = comparison.provenance[0].parameter_draws
    return Table(
        title=f"Change of real income, percent ({_range_head(drawn)})",
        heads=("order", *(named(world, code) for code in economies)),
        rows=rows,
        numbers=frozenset(range(1, len(economies) + 1)),
    )


def _signs(comparison: Comparison, world: World, economies: list[str]) -> list[Table]:
    """In how many draws the named economies gain."""
    if "gaining_draws" not in comparison.data:
        return []
    share = comparison.data["gaining_draws"]
    return [
        Table(
            title="Draws in which real income rises, percent",
            heads=("order", *(named(world, code) for code in economies)),
            rows=tuple(
                (order, *(f"{float(share.sel(order=order, economy=code)):.0f}" for code in economies))
                for order in comparison.orders
            ),
            numbers=frozenset(range(1, len(economies) + 1)),
        )
    ]


def _further(comparison: Comparison, world: World, code: str) -> list[Table]:
    """Answers to further questions, for one economy or the mean of the world by base income."""
    whose = "mean of the world by base income" if code == WORLD else named(world, code)
    weight = comparison.data["base_income"].isel(order=0, quantile=0)
    tables = []
    for title, (plain, prefixes) in _FURTHER.items():
        found = [name for name in map(str, comparison.data.data_vars) if name.startswith(prefixes)]
        if not found:
            continue
        data = comparison.data[[*plain, *found]]
        data = (
            data.weighted(weight).mean("economy", keep_attrs=True)
            if code == WORLD
            else data.sel(economy=code)
        )
        tables.append(
            Table(
                title=f"{title}: {whose}",
                heads=("order", *plain, *found),
                rows=tuple(
                    (order, *(_number(values.sel(order=order), "central") for values in data.values()))
                    for order in comparison.orders
                ),
                numbers=frozenset(range(1, len(plain) + len(found) + 1)),
            )
        )
    return tables


def result_tables(result: Result, world: World, economies: list[str]) -> list[Table]:
    """The numbers of one order for the named economies, or for those that it moves most."""
    data = result.data
    shown = economies or _most_moved(data["real_income"].sel(quantile="central"), 10)
    columns = [name for name, values in data.data_vars.items() if _worth_showing(str(name), values)]
    rows = [
        ("WORLD", _with_range(data["world_real_income"], data), *[""] * (len(columns) - 1)),
        *(
            (
                named(world, code),
                _with_range(data["real_income"].sel(economy=code), data),
                *(_number(data[name].sel(economy=code), "central") for name in columns[1:]),
            )
            for code in shown
        ),
    ]
    by_unit: dict[str, list[str]] = {}
    for name in columns:
        by_unit.setdefault(data[name].attrs["units"], []).append(str(name))
    units = [f"{', '.join(names)} in {unit}" for unit, names in by_unit.items()]
    return [
        Table(
            title=f"{result.provenance.order_title or result.provenance.order}: {world.source}",
            heads=("economy", *(str(name) for name in columns)),
            rows=tuple(rows),
            numbers=frozenset(range(1, len(columns) + 1)),
            footnotes=(
                _weights_note(False),
                _range_note(result.provenance),
                "Units: " + "; ".join(units) + ".",
                *_missing(result, "files hold the change that leaves"),
                *_ended_transfers((result.provenance,)),
            ),
        )
    ]


def _worth_showing(name: str, values: xr.DataArray) -> bool:
    """Per-economy outcomes, without the second measure of real income."""
    if set(values.dims) != {"economy", "quantile"} or name in ("missing_goods", "price_index", "base_income"):
        return False
    return name != "real_income_without_missing" and name not in DEPENDENCE


def _most_moved(change: xr.DataArray, count: int) -> list[str]:
    order = np.argsort(-np.abs(np.nan_to_num(change.values)), kind="stable")[:count]
    return [str(change["economy"].values[place]) for place in order]


def _extremes(change: xr.DataArray, *, losers: bool) -> str:
    values = change.values if losers else -change.values
    order = np.argsort(values, kind="stable")[:EXTREMES]
    named = [place for place in order if values[place] <= -UNCHANGED]
    return (
        ", ".join(f"{change['economy'].values[place]} {change.values[place]:+.2f}" for place in named)
        or "none"
    )


def named(world: World, code: str) -> str:
    if "economy_name" not in world.layers:
        return code
    name = str(world.layers["economy_name"].sel(economy=code).item())
    return f"{name} ({code})" if name != code else code


def partner(world: World, code: str) -> str:
    """A partner by its name; many economies together are called an aggregate."""
    return f"{named(world, code)}, aggregate" if countries.is_aggregate(code) else named(world, code)


def _number(values: xr.DataArray, quantile: str) -> str:
    number = float(values.sel(quantile=quantile))
    if not np.isfinite(number):
        return "none"
    if values.attrs.get("units", "").startswith("million"):
        return f"{number:,.0f}"
    return signed(number)


def _range(values: xr.DataArray, data: xr.Dataset) -> str:
    """Ends over draws where there are some, else over trade elasticities."""
    of = f"{values.name}_range"
    if of in data:
        points = (
            data[of] if "economy" not in values.coords else data[of].sel(economy=values["economy"].item())
        )
        ends = sorted(float(points.sel(level=name)) for name in (LEVELS[0], LEVELS[-1]))
    else:
        ends = sorted(float(values.sel(quantile=name)) for name in QUANTILES)
    low, high = signed(ends[0]), signed(ends[-1])
    return low if low == high == "0.00" else f"{low} to {high}"


def _range_head(drawn: int) -> str:
    return "5 to 95 %" if drawn else "low to high"


def signed(number: float) -> str:
    """Two decimals with a sign; what rounds to zero has none."""
    return f"{number:+.2f}" if abs(number) >= UNCHANGED else "0.00"


def _with_range(values: xr.DataArray, data: xr.Dataset) -> str:
    middle, ends = _number(values, "central"), _range(values, data)
    return middle if middle == ends else f"{middle} ({ends})"


def _weights_note(by_population: bool) -> str:
    people = ", by people: by population" if by_population else ""
    return f"The world's change is weighted by base income{people}."


def _range_note(provenance: Provenance) -> str:
    if provenance.parameter_draws:
        return (
            f"Ranges are 5 to 95 % of {provenance.parameter_draws} draws of trade elasticities and of what depths do "
            f"to trade costs, as medians are (seed {provenance.seed}); all else are point estimates at central ones."
        )
    factors = ", ".join(f"{solve.theta_factor:g}" for solve in provenance.solves if not solve.variant)
    return (
        f"Low to high: the range over trade elasticities at {factors} times their default; what has none is a point "
        "estimate."
    )


def _signs_note(drawn: int) -> tuple[str, ...]:
    if not drawn:
        return ()
    return (
        f"Gain, lose: economies that do in at least {SURE:g} % of the draws; open: those that move, with a sign that "
        "is not so sure. Signs are over draws of one model: `--structures` says where even the sign depends on the "
        "model, `ecumene drivers ORDER` what ranges come from.",
    )


def _missing(result: Result | Comparison, leaving_out: str) -> tuple[str, ...]:
    """What it means that nobody supplies some goods, and where."""
    lacking = (result.data["missing_goods"] > 0).any(
        [dim for dim in result.data["missing_goods"].dims if dim != "economy"]
    )
    codes = [str(code) for code in lacking["economy"].values[lacking.values]]
    if not codes:
        return ()
    names = ", ".join(codes[:6]) + (f" and {len(codes) - 6} others" if len(codes) > 6 else "")
    return (
        f"Nobody supplies some goods to {names}: their real income falls by 100 percent; "
        f"{leaving_out} these goods out (real_income_without_missing). The notes name them.",
    )


def _ended_transfers(provenance: tuple[Provenance, ...]) -> tuple[str, ...]:
    """What it means that trade balances end where trade does."""
    orders = orders_without_transfers(provenance)
    if not orders:
        return ()
    return (
        f"In {', '.join(orders)} economies that no longer trade have no surplus or deficit either: one that used to "
        "run a surplus keeps it, and its gain is that, not autarky (real_wage leaves it out).",
    )
