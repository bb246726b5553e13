"""Tables of change over years: paces of a change, who bears it, and revisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ecumene.cli.tables import Table, named

if TYPE_CHECKING:
    import xarray as xr

    from ecumene.evolution.outcome import Evolution
    from ecumene.world import World

MOST_HIT = 8
"""Economies that a table of a change names."""

YEARS_SHOWN = 11
"""Years that a table of a path shows, at most."""

NO_FORECAST = "Paths of a model under stated assumptions: no forecast and no advice."


def evolution_tables(result: Evolution, world: World, economies: list[str]) -> list[Table]:
    """The tables of what a scenario asked: a change of order, revisions, or both."""
    tables = []
    if "pace" in result.data.dims:
        tables += [_paces(result.data), _path(result.data), _bearers(result.data, world, economies)]
    return tables


def signed(number: float) -> str:
    """Percent with its sign; a number that a year does not have in words."""
    return "none" if np.isnan(number) else f"{number:+.2f}" if abs(number) >= 0.005 else "0.00"


def _paces(data: xr.Dataset) -> Table:
    rows = []
    for pace in data["pace"].values:
        at = data.sel(pace=pace)
        rows.append(
            (
                f"{int(pace)}",
                signed(float(at["world_present_value"])),
                signed(float(at["cost_of_speed"])),
                f"{int(at['world_worst_year'])}",
                signed(float(at["world_worst_real_income"])),
                str(int((at["status"].values != 0).sum())),
            )
        )
    present = data["world_present_value"].values
    known = not np.isnan(present).any()
    best = int(data["pace"].values[present.argmax()]) if known else 0
    least = int(data["pace"].values[data["cost_of_speed"].values.argmin()]) if known else 0
    verdict = (
        f"Of these paces, {best} {_years(best)} has the largest discounted mean of the world's real income, "
        f"and {least} {_years(least)} loses least by being bound."
        if known
        else "Years without an equilibrium have no number, so that paces cannot be compared."
    )
    return Table(
        title="The same change at several paces: the world's real income, percent against the start",
        heads=("years", "discounted mean", "lost by being bound", "worst year", "in it", "years without equilibrium"),
        rows=tuple(rows),
        numbers=frozenset(range(6)),
        footnotes=(
            "Lost by being bound: discounted mean of what the same rules would give more, were suppliers, workers and "
            "capital free at once.",
            verdict,
            NO_FORECAST,
        ),
    )  # fmt: skip


def _years(number: int) -> str:
    return "year" if number == 1 else "years"


def _path(data: xr.Dataset) -> Table:
    years = data["year"].values
    shown = years[np.unique(np.linspace(0, len(years) - 1, min(len(years), YEARS_SHOWN)).round().astype(int))]
    rows = tuple(
        (
            f"{int(pace)} {_years(int(pace))}",
            *(signed(float(data["world_real_income"].sel(pace=pace, year=year))) for year in shown),
        )
        for pace in data["pace"].values
    )
    return Table(
        title="The world's real income by year",
        heads=("pace", *(f"year {int(year)}" for year in shown)),
        rows=rows,
        numbers=frozenset(range(1, 1 + len(shown))),
    )


def _bearers(data: xr.Dataset, world: World, economies: list[str]) -> Table:
    """Who loses in the world's worst year, or the economies that were asked for."""
    main = int(data["chosen_pace"])
    at = data.isel(pace=main)
    codes = [str(code) for code in data["economy"].values]
    order = at["share_of_loss"].values.argsort(kind="stable")[::-1]
    low = at["worst_real_income"].values
    if not at["share_of_loss"].values.any():
        order = low.argsort(kind="stable")
    chosen = economies or [codes[n] for n in order[:MOST_HIT]]
    rows = []
    for code in chosen:
        own = at.sel(economy=code)
        wage = own["sector_real_wage"]
        worst = None if np.isnan(wage.values).all() else int(np.nanargmin(wage.values))
        sector = "none" if worst is None else f"{wage['sector'].values[worst]} ({signed(float(wage[worst]))})"
        rows.append(
            (
                named(world, code),
                signed(float(own["real_income"].isel(year=-1))),
                f"{int(own['worst_year'])}",
                signed(float(own["worst_real_income"])),
                signed(float(own["present_value"])),
                f"{float(own['share_of_loss']):.1f}",
                sector,
            )
        )
    pace = int(data["pace"].values[main])
    return Table(
        title=f"Who bears a change in {pace} {_years(pace)}: real income, percent against the start",
        heads=("economy", "last year", "worst year", "in it", "discounted mean", "% of losses", "sector hit most"),
        rows=tuple(rows),
        numbers=frozenset(range(1, 6)),
        footnotes=(
            f"% of losses, and the sector whose value added loses most in real terms: in the world's worst year, "
            f"{int(at['world_worst_year'])}.",
        ),
    )  # fmt: skip
