"""Tables of change over years: paces of a change, who bears it, and revisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ecumene.cli.cells import sector
from ecumene.cli.tables import Table, named
from ecumene.results import UNCHANGED

if TYPE_CHECKING:
    import xarray as xr

    from ecumene.evolution.outcome import Evolution
    from ecumene.world import World

MOST_HIT = 8
"""Economies that a table of a change names."""

YEARS_SHOWN = 11
"""Years that a table of a path shows, at most."""

TINY = 1e-9
"""Shares as small come from rounding."""

NO_FORECAST = "Paths of a model under stated assumptions: no forecast and no advice."


def evolution_tables(result: Evolution, world: World, economies: list[str]) -> list[Table]:
    """The tables of what a scenario asked: a change of order, revisions, or both."""
    tables = []
    if "pace" in result.data.dims:
        tables += [_paces(result.data), _path(result.data), _bearers(result.data, world, economies)]
    if "player" in result.data.dims:
        tables += [_regimes(result), _players(result.data), _checks(result.data)]
    if "loop_width" in result.data:
        tables.append(_loop(result.data))
    if "map_regime" in result.data:
        tables.append(_map(result.data))
    return tables


def signed(number: float) -> str:
    """Percent with its sign; a number that a year does not have in words."""
    return "none" if np.isnan(number) else f"{number:+.2f}" if abs(number) >= UNCHANGED else "0.00"


def _paces(data: xr.Dataset) -> Table:
    rows = []
    for pace in data["pace"].values:
        at = data.sel(pace=pace)
        rows.append(
            (
                f"{int(pace)}",
                signed(float(at["world_present_value"])),
                signed(float(at["cost_of_speed"])).lstrip("+"),
                _worst_year(float(at["world_worst_year"])),
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


def _worst_year(year: float) -> str:
    """The year of the lowest income in words where there is none: it never falls below the start, or is unknown."""
    return "unknown" if year < 0 else "never falls" if year == 0 else f"{int(year)}"


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
        title="The world's real income by year, percent against the start; point estimates",
        heads=("pace", *(f"year {int(year)}" for year in shown)),
        rows=rows,
        numbers=frozenset(range(1, 1 + len(shown))),
    )


def _bearers(data: xr.Dataset, world: World, economies: list[str]) -> Table:
    """Who loses in the year of most losses, or the economies that were asked for."""
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
        hit = (
            "none"
            if worst is None or not wage.values[worst] < 0
            else f"{sector(world, worst)} ({signed(float(wage[worst]))})"
        )
        rows.append(
            (
                named(world, code),
                signed(float(own["real_income"].isel(year=-1))),
                _worst_year(float(own["worst_year"])),
                signed(float(own["worst_real_income"])),
                signed(float(own["present_value"])),
                f"{float(own['share_of_loss']):.1f}",
                hit,
            )
        )
    pace = int(data["pace"].values[main])
    return Table(
        title=f"Who bears a change in {pace} {_years(pace)}: real income, percent against the start",
        heads=("economy", "last year", "worst year", "in it", "discounted mean", "% of losses", "sector hit most"),
        rows=tuple(rows),
        numbers=frozenset(range(1, 6)),
        footnotes=(
            f"% of losses, and the sector whose value added loses most in real terms: in year "
            f"{int(data['loss_year'])}, in which those who lose, lose most."
            if data["loss_year"] > 0
            else "In no year that has an equilibrium does anybody's real income fall below the start.",
        ),
    )  # fmt: skip


def share(number: float) -> str:
    """Percent as a whole number; what is not quite none or all does not read as if it were."""
    if np.isnan(number):
        return "none"
    told = f"{100 * number:.0f}"
    return "<1" if told == "0" and number > TINY else ">99" if told == "100" and number < 1 - TINY else told


def _regimes(result: Evolution) -> Table:
    from ecumene.evolution.meaning import MEANING

    data = result.data
    rows = tuple(
        (
            str(regime),
            share(float(data["mean_time_in_regime"].sel(regime=regime))),
            *(
                share(float(data["time_in_regime"].sel(regime=regime, quantile=q)))
                for q in data["quantile"].values
            ),
        )
        for regime in data["regime"].values
    )
    first = data["first_closed_year"].values
    came = float(data["ever_closed"])
    when = (
        f"The closed regime comes in {share(came)} % of paths, first in year {first[1]:.0f} "
        f"(median; 5 to 95 %: {first[0]:.0f} to {first[2]:.0f}); {share(float(data['returns']))} % of these "
        "leave it again."
        if came > 0
        else "The closed regime comes in no path."
    )
    return Table(
        title="Time in each regime: percent of years, over paths",
        heads=("regime", "mean", "5 %", "median", "95 %"),
        rows=rows,
        numbers=frozenset(range(1, 5)),
        footnotes=(
            *(note for note in result.provenance.notes if note.startswith(MEANING)),
            "A regime is the stance of players with over half of the players' income; else it is mixed.",
            when,
            NO_FORECAST,
        ),
    )


def _players(data: xr.Dataset) -> Table:
    last = data.isel(year=-1)
    rows = tuple(
        (
            str(player),
            *(
                share(float(last["share_of_players"].sel(player=player, stance=k)))
                for k in data["stance"].values
            ),
            *(
                signed(float(last["player_real_income"].sel(player=player, quantile=q)))
                for q in data["quantile"].values
            ),
            f"{float(last['backlash'].sel(player=player, quantile='median')):.2f}",
        )
        for player in data["player"].values
    )
    return Table(
        title=f"Players in year {int(data['year'].values[-1])}: percent of paths in each stance, and real income",
        heads=("player", *map(str, data["stance"].values), "income 5 %", "median", "95 %", "backlash"),
        rows=rows,
        numbers=frozenset(range(1, 5 + data.sizes["stance"])),
        footnotes=(
            "Real income in log points x 100 against the start, by the surrogate. Backlash: the median of the "
            "stock of uncompensated losses, in percent of a year's income.",
        ),
    )


def _checks(data: xr.Dataset) -> Table:
    rows = tuple(
        (
            f"{int(year)}",
            signed(float(data["exact_world"].sel(checkpoint=year).mean())),
            signed(float(data["surrogate_world"].sel(checkpoint=year).mean())),
            f"{float(data['surrogate_error'].sel(checkpoint=year).max()):.3f}",
        )
        for year in data["checkpoint"].values
    )
    return Table(
        title=f"Checkpoints: the world's real income, mean of {data.sizes['checked_path']} paths, percent",
        heads=("year", "exact", "surrogate", "largest error of a player"),
        rows=rows,
        numbers=frozenset(range(4)),
        footnotes=(
            "The error is in log points x 100 of real income, the largest over players and these paths; exact "
            f"equilibria hold to {float(data['exact_residual']):.0e}.",
        ),
    )


def _loop(data: xr.Dataset) -> Table:
    values = [float(data[name]) for name in ("closes_at", "opens_at", "loop_width", "loop_width_drawn")]
    begin, end = (float(data["closed_rising"].isel(raised=n)) for n in (0, -1))
    what = data["loop_width"].attrs["long_name"].rpartition(": ")[2]
    unit = data["loop_width"].attrs["units"]
    form = ".3f" if unit == "share" else ".2f"
    measure = "" if unit == "share" else ", in log points x 100 of real income,"
    restless = int(data["loop_restless"])
    told = (
        f"At {restless} values the chances do not come to rest, so that tipping points there are unknown.",
    )
    return Table(
        title=f"Tipping points: {what}, raised and lowered again",
        heads=("closes at", "opens at", "width of the loop", "in drawn paths"),
        rows=(tuple("none" if np.isnan(each) else f"{round(each, 3) + 0.0:{form}}" for each in values),),
        numbers=frozenset(range(4)),
        footnotes=(
            f"The {what}{measure} at which over half of the players' income is closed, in "
            f"expectation and slowly. {share(begin)} % are closed at the lowest value and {share(end)} % at the "
            "highest. A width of 0: the same way leads back. Drawn paths also lag, as players revise now and then.",
            *(told if restless else ()),
        ),
    )


def _map(data: xr.Dataset) -> Table:
    names = data["map_regime"].attrs["long_name"].rpartition(": ")[2]
    regime = data["map_regime"].values.astype(int)
    words = [str(each) for each in data["regime"].values]
    rows = tuple(
        (f"{float(data['up'].values[n]):.3g}", *(words[k] for k in regime[n]))
        for n in reversed(range(len(regime)))
    )
    return Table(
        title=f"Regime that holds longest in the last half of the years: {names}",
        heads=("", *(f"{float(x):.3g}" for x in data["across"].values)),
        rows=rows,
        numbers=frozenset(),
    )
