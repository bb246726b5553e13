"""`run` and `compare`: the only place where a world, an order and the models meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from ecumene.errors import InputError, SolveError
from ecumene.models import trade
from ecumene.orders import Order, Policy, apply, load_order, preset_names
from ecumene.provenance import Provenance, Solve, versions
from ecumene.results import QUANTILES, Comparison, Result, join
from ecumene.types import FloatArray
from ecumene.world import World

Progress = Callable[[int, int, str], None]
"""Called as progress(done, total, label) after every solve: the one callback of CLI, web and sweeps."""

THETA_FACTORS: Final = (0.6, 1.0, 1.6)
"""Factors on the world's trade elasticities for the low, central and high result (assumption)."""


Reading = Callable[[trade.Equilibrium], FloatArray]


@dataclass(frozen=True)
class Variable:
    """One number per economy: its name, unit, meaning, and how it is read from an equilibrium."""

    name: str
    units: str
    long_name: str
    read: Reading


def _percent(field: str) -> Reading:
    return lambda eq: 100.0 * (getattr(eq, field).values - 1.0)


def _share(field: str) -> Reading:
    return lambda eq: 100.0 * getattr(eq, field).values


def _level(field: str) -> Reading:
    return lambda eq: getattr(eq, field).values


def _flow_change(field: str, partner_axis: int) -> Reading:
    """Percent change against the base flow; not a number where that is zero."""

    def read(eq: trade.Equilibrium) -> FloatArray:
        traded = eq.base_trade.values.sum(axis=2)
        base = traded.sum(axis=partner_axis) - np.diagonal(traded)
        ratio = np.divide(getattr(eq, field).values, base, out=np.full(base.shape, np.nan), where=base > 0)
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
        lambda eq: eq.missing_goods.values.sum(axis=1, dtype=np.float64),
    ),
)


def run(
    world: World,
    order: Order | str,
    *,
    progress: Progress | None = None,
    theta_factors: Sequence[float] = THETA_FACTORS,
) -> Result:
    """What one order does to every economy of a world, over a range of trade elasticities.

    Each of the three solves changes trade costs and tariffs from the world's base to the order's, with the
    elasticities `theta` multiplied by the low, central and high factor. Changes are in percent of the base.
    The world's change is `sum_n I_n g_n / sum_n I_n`, weights base income, and population where it is known.

    Errors: InputError (an order that does not fit, a factor not positive), SolveError (no equilibrium).
    """
    factors = _checked(theta_factors)
    chosen = load_order(order) if isinstance(order, str) else order
    return _run(world, chosen, factors, progress or _silent, 0, len(factors))


def compare(
    world: World,
    orders: Sequence[Order | str] | None = None,
    *,
    progress: Progress | None = None,
    theta_factors: Sequence[float] = THETA_FACTORS,
) -> Comparison:
    """Several orders on one world, side by side; all presets by default.

    An order that finds no equilibrium is left out of the numbers and named in `failed`, with its reason.
    Errors: InputError (an unknown or repeated order), SolveError (no order has an equilibrium).
    """
    factors = _checked(theta_factors)
    chosen = [
        load_order(order) if isinstance(order, str) else order
        for order in (preset_names() if orders is None else orders)
    ]
    names = [order.name for order in chosen]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated or not chosen:
        raise InputError(
            f"name each order once: {', '.join(repeated)} is repeated"
            if repeated
            else "name at least one order"
        )
    results: list[Result] = []
    failed: dict[str, str] = {}
    total = len(chosen) * len(factors)
    for place, order in enumerate(chosen):
        try:
            results.append(_run(world, order, factors, progress or _silent, place * len(factors), total))
        except SolveError as error:
            failed[order.name] = str(error)
    if not results:
        raise SolveError("no order has an equilibrium: " + "; ".join(failed.values()))
    return join(results, failed)


def _silent(done: int, total: int, label: str) -> None:
    """The progress callback of those who did not ask for one."""


def _checked(theta_factors: Sequence[float]) -> tuple[float, ...]:
    factors = tuple(float(factor) for factor in theta_factors)
    if len(factors) != len(QUANTILES) or not all(np.isfinite(factor) and factor > 0 for factor in factors):
        raise InputError(
            f"theta_factors is {factors}; give {len(QUANTILES)} positive numbers: low, central, high"
        )
    return factors


def _run(
    world: World, order: Order, factors: tuple[float, ...], progress: Progress, done: int, total: int
) -> Result:
    policy = apply(order, world)
    deficits = policy.deficits or world.deficits
    numbers: dict[str, list[FloatArray]] = {variable.name: [] for variable in VARIABLES}
    solves: list[Solve] = []
    notes = (*world.notes, *policy.notes)
    for step, (quantile, factor) in enumerate(zip(QUANTILES, factors, strict=True), start=1):
        eq = _solve(world, policy, factor, deficits)
        solves.append(_record(eq, quantile, factor))
        if int(eq.status) != 0:
            raise SolveError(
                f"order '{order.name}' has no equilibrium at {factor:g} times theta ({quantile}): "
                f"{eq.status.message}"
            )
        for variable in VARIABLES:
            numbers[variable.name].append(variable.read(eq))
        notes = (*notes, *eq.notes, *_missing(eq, order))
        progress(done + step, total, order.name)
    data = _dataset(world, order.name, numbers)
    provenance = Provenance(
        order=order.name,
        order_title=order.title,
        order_hash=order.hash,
        data_hash=world.hash,
        world_source=world.source,
        world_year=world.year,
        theta_source=world.theta_source,
        deficits=deficits,
        seed=None,
        versions=versions(),
        notes=tuple(dict.fromkeys(notes)),
        solves=tuple(solves),
    )
    return Result(data, provenance)


def _missing(eq: trade.Equilibrium, order: Order) -> list[str]:
    """One sentence per economy whose buyers find no supplier of some good."""
    lacking = eq.missing_goods
    return [
        f"under '{order.name}' nobody supplies {economy.item()} with: "
        + ", ".join(str(sector) for sector in lacking["sector"].values[lacking.sel(economy=economy).values])
        for economy in lacking["economy"][lacking.any("sector").values]
    ]


def _solve(world: World, policy: Policy, factor: float, deficits: str) -> trade.Equilibrium:
    return trade.solve(
        world,
        iceberg=policy.iceberg,
        tariff=policy.tariff,
        theta=world.theta.values * factor,
        deficits=deficits,
    )


def _record(eq: trade.Equilibrium, quantile: str, factor: float) -> Solve:
    return Solve(
        quantile=quantile,
        theta_factor=factor,
        status=int(eq.status),
        message=str(eq.status.message),
        iterations=int(eq.iterations),
        residual=float(eq.residual),
    )


def _dataset(world: World, order: str, numbers: Mapping[str, list[FloatArray]]) -> xr.Dataset:
    """Numbers [economy, quantile], their means over the world, and the weights of those means."""
    cells = {
        variable.name: _labelled(
            np.stack(numbers[variable.name], axis=1),
            ("economy", "quantile"),
            variable.units,
            variable.long_name,
        )
        for variable in VARIABLES
    }
    change = cells["real_income"].values
    means = {"world_real_income": ("base income", cells["base_income"].values)}
    if "population" in world.layers:
        people = world.layers["population"].values.astype(np.float64)
        cells["population"] = _labelled(people, ("economy",), "persons", "population")
        means["world_real_income_by_population"] = (
            "population",
            np.broadcast_to(people[:, None], change.shape),
        )
    for name, (word, weight) in means.items():
        mean = np.average(change, axis=0, weights=weight)
        meaning = f"world change of real income, weighted by {word}"
        cells[name] = _labelled(mean, ("quantile",), "percent", meaning)
    return xr.Dataset(
        cells, coords={"economy": list(world.economies), "quantile": list(QUANTILES), "order": order}
    )


def _labelled(values: FloatArray, dims: tuple[str, ...], units: str, long_name: str) -> xr.Variable:
    return xr.Variable(
        dims, np.asarray(values, dtype=np.float64), attrs={"units": units, "long_name": long_name}
    )
