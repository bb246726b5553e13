"""What a run measures: one declared table of variables, read from equilibria into a labelled dataset."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from ecumene.models import trade
from ecumene.results import QUANTILES
from ecumene.types import FloatArray
from ecumene.world import World

Reading = Callable[[trade.Equilibrium, World], FloatArray]


@dataclass(frozen=True)
class Variable:
    """One number per economy: its name, unit, meaning, and how it is read from an equilibrium."""

    name: str
    units: str
    long_name: str
    read: Reading


def _numbers(eq: trade.Equilibrium, field: str) -> FloatArray:
    return np.asarray(eq.numbers(field), dtype=np.float64)


def _percent(field: str) -> Reading:
    return lambda eq, world: 100.0 * (_numbers(eq, field) - 1.0)


def _share(field: str) -> Reading:
    return lambda eq, world: 100.0 * _numbers(eq, field)


def _level(field: str) -> Reading:
    return lambda eq, world: _numbers(eq, field)


def _flow_change(field: str, partner_axis: int) -> Reading:
    """Percent change against the base flow; not a number where that is zero."""

    def read(eq: trade.Equilibrium, world: World) -> FloatArray:
        base = getattr(world, field).values
        if eq.closure == "zero":  # the base is re-solved
            traded = eq.numbers("base_trade").sum(axis=2)
            base = traded.sum(axis=partner_axis) - np.diagonal(traded)
        ratio = np.divide(eq.numbers(field), base, out=np.full(base.shape, np.nan), where=base > 0)
        return 100.0 * (ratio - 1.0)

    return read


VARIABLES: Final = (
    Variable("real_income", "percent", "change of real income", _percent("real_income")),
    Variable(
        "real_income_without_missing",
        "percent",
        "change of real income over the goods that are still supplied",
        _percent("real_income_without_missing"),
    ),
    Variable("real_wage", "percent", "change of the real wage", _percent("real_wage")),
    Variable("price_index", "percent", "change of the consumption price index", _percent("price_index")),
    Variable(
        "exports",
        "percent",
        "change of exports net of tariffs, over world value added",
        _flow_change("exports", 1),
    ),
    Variable(
        "imports",
        "percent",
        "change of imports net of tariffs, over world value added",
        _flow_change("imports", 0),
    ),
    Variable(
        "terms_of_trade", "percent of base income", "first-order terms of trade", _share("terms_of_trade")
    ),
    Variable(
        "volume_of_trade", "percent of base income", "first-order volume of trade", _share("volume_of_trade")
    ),
    Variable("base_income", "million USD a year", "income in the base", _level("base_income")),
    Variable("tariff_revenue", "million USD a year", "tariff revenue", _level("tariff_revenue")),
    Variable(
        "missing_goods",
        "sectors",
        "sectors whose goods nobody supplies",
        lambda eq, world: eq.numbers("missing_goods").sum(axis=1, dtype=np.float64),
    ),
)


def measure(
    world: World, order: str, solved: Sequence[trade.Equilibrium], quantiles: Sequence[str] = QUANTILES
) -> xr.Dataset:
    """Numbers [economy, quantile] of one order's equilibria, and their means over the world.

    `g = sum_n I_n g_n / sum_n I_n` with `g_n` the percent change of real income and `I_n` base income, and
    the same with population in place of income, where the world knows it.
    """
    cells = {
        variable.name: _labelled(
            np.stack([variable.read(eq, world) for eq in solved], axis=1),
            ("economy", "quantile"),
            variable.units,
            variable.long_name,
        )
        for variable in VARIABLES
    }
    weights = {"": ("base income", cells["base_income"].values)}
    if "population" in world.layers:
        people = world.layers["population"].values.astype(np.float64)
        cells["population"] = _labelled(people, ("economy",), "persons", "population")
        spread = np.repeat(people[:, None], len(quantiles), axis=1)
        weights["_by_population"] = ("population", spread)
    for suffix, (word, weight) in weights.items():
        for name in ("real_income", "real_income_without_missing"):
            mean = np.average(cells[name].values, axis=0, weights=weight)
            meaning = f"world {cells[name].attrs['long_name']}, weighted by {word}"
            cells[f"world_{name}{suffix}"] = _labelled(mean, ("quantile",), "percent", meaning)
    labels = {"economy": list(world.economies), "quantile": list(quantiles), "order": order}
    return xr.Dataset(cells, coords=labels)


_NAMED = 3
"""Economies that a sentence about a missing good names before it counts the others."""


def missing_goods(eq: trade.Equilibrium, order: str) -> list[str]:
    """One sentence per good that buyers of some economies find no supplier of."""
    lacking = eq.numbers("missing_goods")
    told = []
    for s in np.flatnonzero(lacking.any(axis=0)):
        buyers = [eq.economies[n] for n in np.flatnonzero(lacking[:, s])]
        more = len(buyers) - _NAMED
        # Naming one more is as short as saying that there is one other.
        shown, rest = (buyers, "") if more <= 1 else (buyers[:_NAMED], f" and {more} others")
        told.append(f"Under '{order}' nobody supplies {eq.sectors[s]} to {', '.join(shown)}{rest}")
    return told


def _labelled(values: FloatArray, dims: tuple[str, ...], units: str, long_name: str) -> xr.Variable:
    numbers = np.asarray(values, dtype=np.float64)
    return xr.Variable(dims, numbers, attrs={"units": units, "long_name": long_name})
