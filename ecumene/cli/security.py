"""Tables of security: what shocks cost under each order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ecumene.cli.tables import Table, named
from ecumene.results import LEVELS, UNCHANGED, WORLD

if TYPE_CHECKING:
    import xarray as xr

    from ecumene.results import Comparison
    from ecumene.world import World

BAND: Final = ("least", "central", "most")

SHOCKS_SAY: Final = (
    "The band: no input stops production, and buyers turn to other suppliers; central, inputs stop it by their rating; "
    "every input stops it, and suppliers cannot be replaced.",
    "After the semicolon the level: change of real income against today, percent, less the share lost, central.",
)
DRAWS_SAY: Final = "In square brackets: 5 to 95 percent over draws of parameters of shocks."
ACCIDENTS_SAY: Final = (
    "Percent of a year's real consumption, and days: central ± its standard error (range of the band). The "
    "world's row is the mean of the economies' own figures by income and has no error. Every order meets the same "
    "accidents.",
    "Level: change of real income against today, percent, less the expected loss, central.",
)


def security_tables(comparison: Comparison, world: World, economies: list[str]) -> list[Table]:
    """Losses in named shocks, and the mean and tail of accidents drawn by chance; empty where none was asked for.

    What all tables of a kind have in common is said once, under the last of them.
    """
    columns = [WORLD, *economies]
    tables = []
    shocks = [str(shock) for shock in comparison.data["shock"].values] if "shock" in comparison.data else []
    if shocks:
        said = (*SHOCKS_SAY, DRAWS_SAY) if "shock_loss_range" in comparison.data else SHOCKS_SAY
        tables += _last_says([_shock(comparison, world, shock, columns) for shock in shocks], said)
    if "expected_shortfall" in comparison.data:
        drawn = [name for name in comparison.provenance[0].shocks if name not in shocks]
        ranged = (DRAWS_SAY,) if "expected_loss_range" in comparison.data else ()
        idle = (note for name in drawn for note in _idle(comparison, name))
        notes = (*ACCIDENTS_SAY, *ranged, _failure(), *idle)
        tables += _last_says([_tail(comparison, world, code) for code in columns], notes)
    return tables


def _last_says(tables: list[Table], footnotes: tuple[str, ...]) -> list[Table]:
    *first, last = tables
    return [*first, replace(last, footnotes=(*last.footnotes, *footnotes))]


def _failure() -> str:
    from ecumene.security.assess import FAILURE

    return (
        f"Hurt most by: the foreign economy whose standstill of {FAILURE['length']} days costs most, in percent of "
        f"consumption over {FAILURE['days']} days, central."
    )


def _idle(comparison: Comparison, shock: str) -> tuple[str, ...]:
    """Notes on what a shock does not change, so that a loss of 0 is not taken for safety."""
    from ecumene.security.targets import IDLE

    notes = [note for run in comparison.provenance for note in run.notes]
    return tuple(
        dict.fromkeys(note for note in notes if note.startswith(f"Shock '{shock}': ") and IDLE in note)
    )


def _of(comparison: Comparison, name: str, code: str) -> xr.DataArray:
    """A variable of one economy, or its mean over the world by base income."""
    return _over(comparison, comparison.data[name], code)


def _over(comparison: Comparison, values: xr.DataArray, code: str) -> xr.DataArray:
    if code != WORLD:
        return values.sel(economy=code)
    weight = comparison.data["base_income"].isel(order=0, quantile=0)
    return values.weighted(weight).mean("economy")


def _head(world: World, code: str) -> str:
    return "world, mean by income" if code == WORLD else named(world, code)


def _shock(comparison: Comparison, world: World, shock: str, columns: list[str]) -> Table:
    def cell(order: str, code: str) -> str:
        loss, level = (
            _of(comparison, name, code).sel(shock=shock, order=order)
            for name in ("shock_loss", "real_income_after_shock")
        )
        drawn = ""
        if "shock_loss_range" in comparison.data:
            points = _of(comparison, "shock_loss_range", code).sel(shock=shock, order=order)
            drawn = _over_draws(points)
        return f"{_banded(loss, 2)}{drawn}; {_signed(float(level.sel(band='central')))}"

    return Table(
        title=f"Loss of real consumption in '{shock}', percent of each order's own: central (range of the band); level",
        heads=("order", *(_head(world, code) for code in columns)),
        rows=tuple((order, *(cell(order, code) for code in columns)) for order in comparison.orders),
        numbers=frozenset(range(1, len(columns) + 1)),
        footnotes=_idle(comparison, shock),
    )


def _over_draws(points: xr.DataArray) -> str:
    """Ends of a range over draws of parameters."""
    ends = [_plain(float(points.sel(level=name)), 2) for name in (LEVELS[0], LEVELS[-1])]
    return f" [{ends[0]} to {ends[1]}]"


def _banded(values: xr.DataArray, digits: int, error: str = "") -> str:
    band = [float(values.sel(band=name)) for name in BAND]
    ends = f"({_plain(min(band), digits)} to {_plain(max(band), digits)})"
    return f"{_plain(float(values.sel(band='central')), digits)}{error} {ends}"


def _plain(value: float, digits: int) -> str:
    """A number without a minus before a zero."""
    return f"{round(value, digits) + 0.0:.{digits}f}"


def _signed(value: float) -> str:
    return f"{round(value, 2) + 0.0:+.2f}" if abs(value) >= UNCHANGED else "0.00"


def _tail(comparison: Comparison, world: World, code: str) -> Table:
    draws = comparison.provenance[0].draws
    names = ("expected_loss", "expected_shortfall", "expected_days_below")
    cells = {name: _of(comparison, name, code) for name in names}
    errors = {name: _of(comparison, f"{name}_error", code) for name in names[:2]} if code != WORLD else {}
    gain = comparison.data["real_income"].sel(quantile="central")
    loss = comparison.data["expected_loss"].sel(band="central")
    level = _over(comparison, 100 * ((1 + gain / 100) * (1 - loss / 100) - 1), code)
    worst = [] if code == WORLD else ["hurt most by"]

    def _drawn(name: str, order: str) -> str:
        if f"{name}_range" not in comparison.data:
            return ""
        return _over_draws(_of(comparison, f"{name}_range", code).sel(order=order))

    def row(order: str) -> tuple[str, ...]:
        return (
            order,
            *(
                _banded(cells[name].sel(order=order), 2, _error(errors, name, order)) + _drawn(name, order)
                for name in names[:2]
            ),
            _banded(cells[names[2]].sel(order=order), 0),
            _signed(float(level.sel(order=order))),
            *([_hurts_most(comparison, world, order, code)] if worst else []),
        )

    return Table(
        title=f"Security in {draws} years of accidents: {_head(world, code)}",
        heads=("order", "expected loss", "worst 5 percent", "days below 95 %", "level", *worst),
        rows=tuple(row(order) for order in comparison.orders),
        numbers=frozenset(range(1, 5)),
    )


def _error(errors: dict[str, xr.DataArray], name: str, order: str) -> str:
    if name not in errors:
        return ""
    error = float(errors[name].sel(order=order, band="central"))
    return f" ± {error:.2f}" if np.isfinite(error) else " ± unknown"


def _hurts_most(comparison: Comparison, world: World, order: str, code: str) -> str:
    """The foreign economy whose standstill for a month costs most."""
    losses = comparison.data["supplier_loss"].sel(order=order, economy=code)
    foreign = np.where(losses["supplier"].values != code, losses.values, -np.inf)
    at = int(foreign.argmax())
    if not foreign[at] >= UNCHANGED:
        return "nobody"
    return f"{named(world, str(losses['supplier'].values[at]))} {foreign[at]:.2f}"
