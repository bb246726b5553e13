"""Tables of security: what shocks cost under each order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ecumene.cli.tables import NOTHING, Table, named
from ecumene.results import WORLD

if TYPE_CHECKING:
    import xarray as xr

    from ecumene.results import Comparison
    from ecumene.world import World

BAND = ("least", "central", "most")


def security_tables(comparison: Comparison, world: World, economies: list[str]) -> list[Table]:
    """Losses in named shocks, and the mean and tail of accidents drawn by chance; empty where none was asked for."""
    columns = [WORLD, *economies]
    tables = []
    if "shock_loss" in comparison.data:
        tables += [
            _shock(comparison, world, str(shock), columns) for shock in comparison.data["shock"].values
        ]
    if "expected_shortfall" in comparison.data:
        tables += [_tail(comparison, world, code) for code in columns]
    return tables


def _of(comparison: Comparison, name: str, code: str) -> xr.DataArray:
    """A variable of one economy, or its mean over the world by base income."""
    values = comparison.data[name]
    if code != WORLD:
        return values.sel(economy=code)
    weight = comparison.data["base_income"].isel(order=0, quantile=0)
    return values.weighted(weight).mean("economy")


def _head(world: World, code: str) -> str:
    return "world, mean by income" if code == WORLD else named(world, code)


def _shock(comparison: Comparison, world: World, shock: str, columns: list[str]) -> Table:
    cells = {code: _of(comparison, "shock_loss", code).sel(shock=shock) for code in columns}
    return Table(
        title=f"Loss of real consumption in '{shock}', percent of each order's own: central (least to most)",
        heads=("order", *(_head(world, code) for code in columns)),
        rows=tuple(
            (order, *(_banded(cells[code].sel(order=order)) for code in columns))
            for order in comparison.orders
        ),
        numbers=frozenset(range(1, len(columns) + 1)),
        footnotes=(
            "Least: no input stops production, buyers turn to other suppliers. Central: inputs stop it by their "
            "rating. Most: every input stops it, and suppliers cannot be replaced.",
        ),
    )


def _banded(values: xr.DataArray) -> str:
    least, central, most = (float(values.sel(band=name)) for name in BAND)
    return f"{_plain(central, 2)} ({_plain(min(least, most), 2)} to {_plain(max(least, most), 2)})"


def _plain(value: float, digits: int) -> str:
    """A number without a minus before a zero."""
    return f"{round(value, digits) + 0.0:.{digits}f}"


def _tail(comparison: Comparison, world: World, code: str) -> Table:
    draws = comparison.provenance[0].draws
    names = ("expected_loss", "expected_shortfall", "expected_days_below")
    cells = {name: _of(comparison, name, code) for name in names}
    errors = {name: _of(comparison, f"{name}_error", code) for name in names[:2]} if code != WORLD else {}
    worst = [] if code == WORLD else ["hurt most by"]
    return Table(
        title=f"Security in {draws} years of accidents, central assumption: {_head(world, code)}",
        heads=("order", "expected loss", "worst 5 percent", "days below 95 percent", *worst),
        rows=tuple(
            (
                order,
                *(_with_error(cells, errors, name, order) for name in names[:2]),
                f"{float(cells[names[2]].sel(order=order, band='central')):.1f}",
                *([_hurts_most(comparison, world, order, code)] if worst else []),
            )
            for order in comparison.orders
        ),
        numbers=frozenset(range(1, 4)),
        footnotes=(
            "Percent of a year's real consumption, with standard errors; every order meets the same accidents.",
        ),
    )


def _with_error(cells: dict, errors: dict, name: str, order: str) -> str:
    value = float(cells[name].sel(order=order, band="central"))
    if name not in errors:
        return _plain(value, 3)
    error = float(errors[name].sel(order=order, band="central"))
    return f"{_plain(value, 3)} ± {error:.3f}" if np.isfinite(error) else f"{_plain(value, 3)} ± unknown"


def _hurts_most(comparison: Comparison, world: World, order: str, code: str) -> str:
    """The foreign economy whose standstill for a month costs most."""
    losses = comparison.data["supplier_loss"].sel(order=order, economy=code)
    foreign = np.where(losses["supplier"].values != code, losses.values, -np.inf)
    at = int(foreign.argmax())
    if not foreign[at] >= NOTHING:
        return "nobody"
    return f"{named(world, str(losses['supplier'].values[at]))} {foreign[at]:.2f}"
