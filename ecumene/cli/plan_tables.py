"""Tables of a plan: by year and by sector, what is missing, bottlenecks, and what else was asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ecumene.cli.cells import sector as sector_name
from ecumene.cli.tables import Table, named

if TYPE_CHECKING:
    from ecumene.planning.result import PlanResult
    from ecumene.world import World

SHOWN: Final = 10
"""Goods that a table of a plan names."""

LABEL: Final = re.compile(r"^(\w+: )([^ ,]+)")
"""Kind and item at the beginning of a bottleneck's label."""

NOTHING: Final = 0.0005
"""Living standard below which a year's is written as 0.000."""

NOTABLE: Final = 0.02
"""Surplus abroad, as a share of consumption, from which a table speaks of it."""


def infeasible(result: PlanResult, world: World) -> str:
    """One sentence on what is missing for the required living standard."""
    lacking = result.data["shortage"].sum("year")
    most = lacking.where(lacking > 0.5, drop=True)
    most = most.sortby(most, ascending=False)[:3]
    titles = _titles(world)
    names = ", ".join(
        f"{titles[str(sector)]} ({amount:,.0f})"
        for sector, amount in zip(most["sector"].values, most.values, strict=True)
    )
    return (
        f"{named(world, result.economy)} cannot reach the required living standard; it lacks most of {names}, in "
        "million USD over the plan. Require less, cut fewer imports, or allow more techniques"
    )


def _titles(world: World) -> dict[str, str]:
    """What tables call each sector, by its code."""
    return {code: sector_name(world, s) for s, code in enumerate(world.sectors)}


def plan_tables(result: PlanResult, world: World) -> list[Table]:
    """The plan by year and by sector, what is missing, bottlenecks, and what else was asked."""
    data, titles = result.data, _titles(world)
    who = named(world, result.economy)
    tables = [_by_year(result, who), _missing(result, titles)]
    if result.feasible:
        tables.insert(1, _by_sector(result, titles))
    if data.sizes.get("bottleneck", 0):
        tables.append(_bottlenecks(result, titles))
    if "import_cut" in data.dims:
        tables.append(_frontier(result, who))
    if "break_even_gain" in data:
        tables.append(_break_even(result, who))
    return tables


def _by_year(result: PlanResult, who: str) -> Table:
    data = result.data
    rows = tuple(
        (
            str(int(year)),
            _decimals(float(data["living_standard"][t])),
            *(
                _money(float(data[name][t].sum(skipna=False)))
                for name in ("output", "new_capacity", "imports", "exports", "debt")
            ),
            _money(float(data["shortage"][t].sum())),
        )
        for t, year in enumerate(data["year"].values)
    )
    return Table(
        title=f"Plan of {who}, {result.provenance.world_source}: million USD a year at base prices",
        heads=("year", "living standard", "output", "new capacity", "imports", "exports", "debt", "missing"),
        rows=rows,
        numbers=frozenset(range(1, 8)),
        footnotes=(
            "Living standard: final consumption over the base's, mean "
            f"{_decimals(float(data['mean_living_standard']))} over the years, discounted; a point estimate "
            "under the plan's assumptions, no forecast. The plan also values capital that is left in the end, so that "
            "a floor or a cut can raise this mean a little.",
            *_uneven(data["living_standard"].values),
            *_surplus(data),
            "Missing: what would have to come from outside for a living standard of "
            f"{float(data['wanted_living_standard'].max()):g}, at least, in every year; that is another plan, so that "
            "this one may stay below it with nothing missing.",
        ),
    )


def _uneven(standard: Any) -> tuple[str, ...]:
    """What a year far below the others means."""
    if not (standard < 0.5 * standard.max()).any():
        return ()
    return (
        "The plan may give up one year's consumption for that of others; --required sets a floor for every year.",
    )


def _surplus(data: Any) -> tuple[str, ...]:
    """What the base sells abroad beyond what it buys is the plan's to spend."""
    earned = float((data["export_price"] * data["base_exports"]).sum())
    paid = float((data["import_price"] * data["base_imports"]).sum())
    share = (earned - paid) / float(data["base_needs"].sum())
    if share < NOTABLE:
        return ()
    return (
        f"The base sells abroad {share:.0%} of its consumption more than it buys; the plan may consume that instead.",
    )


def _by_sector(result: PlanResult, titles: dict[str, str]) -> Table:
    """The sectors whose output moves most against the base."""
    data = result.data
    mean = data["output"].mean("year")
    sectors = [label.rpartition(" (")[0] for label in map(str, data["technique"].values)]
    made: dict[str, list[float]] = {}
    for at, sector in enumerate(sectors):
        total = made.setdefault(sector, [0.0, 0.0])
        total[0] += float(data["base_capacity"][at])
        total[1] += float(mean[at])
    moved = sorted(made, key=lambda sector: -abs(made[sector][1] - made[sector][0]))[:SHOWN]
    rows = tuple(
        (
            titles[sector],
            _money(made[sector][0]),
            _money(made[sector][1]),
            *(_money(float(data[name].sel(sector=sector).mean())) for name in ("imports", "exports")),
            _decimals(float(data["price"].sel(sector=sector)[-1])),
        )
        for sector in moved
    )
    return Table(
        title=f"Means over the years, million USD a year at base prices: the {len(rows)} sectors that move most",
        heads=("sector", "base output", "output", "imports", "exports", "last price"),
        rows=rows,
        numbers=frozenset(range(1, 6)),
        footnotes=(
            "Last price: shadow price in the last year, where the basket of consumption costs 1 a unit.",
        ),
    )


def _missing(result: PlanResult, titles: dict[str, str]) -> Table:
    data = result.data
    total = data["shortage"].sum("year")
    order = [int(place) for place in (-total.values).argsort(kind="stable") if total.values[place] > 0.5][
        :SHOWN
    ]
    wanted = float(data["wanted_living_standard"].max())
    rows = tuple(
        (
            titles[str(data["sector"].values[s])],
            _money(float(data["shortage"][0, s])),
            _money(float(total[s])),
        )
        for s in order
    ) or (("nothing", "0", "0"),)
    unmade = [titles[str(code)] for code in data["sector"].values[data["unmade"].values]]
    without = _decimals(float(data["mean_living_standard_without_missing"]))
    never = f"Made by no technique: {', '.join(unmade)}; doing without them the mean living standard is {without}."
    return Table(
        title=f"Goods that are missing for a living standard of {wanted:g}: million USD at base prices",
        heads=("sector", "first year", "all years"),
        rows=rows,
        numbers=frozenset({1, 2}),
        footnotes=(
            f"The cheapest set of goods at base prices, to be consumed or used as inputs; the {SHOWN} largest at most.",
            *([never] if unmade else []),
        ),
    )


def _bottlenecks(result: PlanResult, titles: dict[str, str]) -> Table:
    data = result.data
    names = ("bottleneck_amount", "bottleneck_price", "bottleneck_left", "bottleneck_right")
    rows = tuple(
        (
            LABEL.sub(lambda found: found[1] + titles.get(found[2], found[2]), str(label)),
            _money(float(data[names[0]][b])),
            *(_decimals(float(data[name][b])) for name in names[1:]),
        )
        for b, label in enumerate(data["bottleneck"].values)
    )
    return Table(
        title="Bottlenecks: what one more unit is worth, in units of that year's consumption",
        heads=("bottleneck", "amount", "price", "left", "right"),
        rows=rows,
        numbers=frozenset(range(1, 5)),
        footnotes=(
            "Left: the cost of a little less; right: the gain of a little more. The price lies between them.",
            "Amounts are million USD a year, of labour the value that it adds; a resource's are in its own unit.",
            *_without_consumption(data),
        ),
    )


def _without_consumption(data: Any) -> tuple[str, ...]:
    """What prices are worth in years in which the plan consumes nothing."""
    named_years = {int(str(label).rpartition("year ")[2]) for label in data["bottleneck"].values}
    standard = dict(zip(map(int, data["year"].values), data["living_standard"].values, strict=True))
    empty = sorted(year for year in named_years if standard.get(year, 1.0) < NOTHING)
    if not empty:
        return ()
    return (
        f"In year {', '.join(map(str, empty))} nothing is consumed: no unit of consumption of that year is bought or "
        "sold, and its prices only say what the plan's aim counts, in units of consumption that it gives up.",
    )


def _frontier(result: PlanResult, who: str) -> Table:
    data = result.data
    names = (
        "frontier_living_standard",
        "frontier_last_living_standard",
        "frontier_living_standard_without_missing",
    )
    rows = tuple(
        (f"{cut:.0%}", *(_decimals(float(data[name][c])) for name in names))
        for c, cut in enumerate(data["import_cut"].values)
    )
    return Table(
        title=f"Living standard of {who}, consumption over the base's, against the cut of imports",
        heads=("import cut", "mean", "last year", "mean, doing without"),
        rows=rows,
        numbers=frozenset({1, 2, 3}),
        footnotes=(
            "Mean over the years, discounted. Doing without: nobody uses the goods that the economy does not make.",
            *(
                ("none: no plan reaches what is required.",)
                if bool(np.isnan(data[names[0]].values).any())
                else ()
            ),
        ),
    )


def _break_even(result: PlanResult, who: str) -> Table:
    gain = float(result.data["break_even_gain"])
    return Table(
        title="Mean living standard, and the productivity gain that would make up for the cut of imports",
        heads=("economy", "with nothing cut", "with the cut", "gain"),
        rows=(
            (
                who,
                _decimals(float(result.data["break_even_standard"])),
                _decimals(float(result.data["mean_living_standard"])),
                f"{gain:.1%}" if gain == gain else "none",
            ),
        ),
        numbers=frozenset({1, 2, 3}),
        footnotes=(
            "Of every unit of labour, capacity and resource; none: even ten times as much does not reach it.",
        ),
    )


def _decimals(number: float) -> str:
    return f"{number if abs(number) >= 0.0005 else 0.0:.3f}" if number == number else "none"


def _money(number: float) -> str:
    return f"{number if abs(number) >= 0.5 else 0.0:,.0f}" if number == number else "none"
