"""Laws that hold exactly: welfare from domestic shares, homogeneity, Walras, adding-up, derivatives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from ecumene.models import trade
from ecumene.models.equilibrium import Equilibrium
from ecumene.models.trade import Options
from ecumene.types import FloatArray
from ecumene.world import World
from replication.rows import Row, error_row
from replication.worlds import random_costs, random_world

_IDENTITY_WORLDS = ((1, 6, 4), (2, 6, 4), (3, 6, 4))
_TIGHT = Options(tolerance=1e-13)


def _gap(left: FloatArray, right: FloatArray) -> float:
    """Largest relative difference."""
    left, right = np.broadcast_arrays(left, right)
    size = np.maximum(np.abs(left), np.abs(right))
    return float((np.abs(left - right) / np.where(size > 0, size, 1.0)).max())


def _domestic_change(eq: Equilibrium) -> FloatArray:
    """Change of every domestic share, [economy, sector]."""
    base = eq.base_trade.values * np.asarray(eq.base.paid).transpose(1, 2, 0)
    share = np.einsum("iis->is", base) / base.sum(axis=0)
    return np.einsum("iis->is", eq.trade_share.values) / share


def one_sector(_: Path) -> list[Row]:
    """`w_hat / P_hat = (pi_hat_nn)^(-1/theta)` for foreign shocks."""
    rows = []
    for theta in (1.5, 4.0, 9.0):
        world = random_world(5, 6, 1, tariffs=False, inputs=False, theta=theta)
        eq = trade.solve(world, iceberg=random_costs(world, 6), deficits="zero").raise_unless_ok()
        wage = eq.real_wage.values
        formula = _domestic_change(eq)[:, 0] ** (-1.0 / theta)
        rows += [
            error_row(
                f"real wage = (domestic share)^(-1/theta), theta {theta:g}", _gap(wage, formula), 1e-10
            ),
            error_row(f"real income = real wage, theta {theta:g}", _gap(eq.real_income.values, wage), 1e-10),
        ]
    return rows


def _cost_shares(world: World) -> tuple[FloatArray, FloatArray]:
    """Input shares [economy, input, user] and consumption shares [economy, sector], from the accounts."""
    output, final = world.output.values, world.final.values.sum(axis=2)
    return world.intermediate.values / output[:, None, :], final / final.sum(axis=1, keepdims=True)


def many_sectors(_: Path) -> list[Row]:
    """`ln(w_hat / P_hat) = -alpha' (I - gamma')^-1 (ln pi_hat_nn / theta)`."""
    rows = []
    for seed, n_economies, n_sectors in _IDENTITY_WORLDS:
        world = random_world(seed, n_economies, n_sectors)
        gamma, alpha = _cost_shares(world)
        eq = trade.solve(world, iceberg=random_costs(world, seed), tariff=0.1, deficits="fixed")
        eq.raise_unless_ok()
        change = np.log(_domestic_change(eq)) / world.theta.values
        price = np.linalg.solve(np.eye(n_sectors) - gamma.transpose(0, 2, 1), change[:, :, None])[:, :, 0]
        formula = np.exp(-(alpha * price).sum(axis=1))
        label = f"real wage against the formula, {n_economies} economies x {n_sectors} sectors (seed {seed})"
        rows.append(error_row(label, _gap(eq.real_wage.values, formula), 1e-8))
    return rows


def _account_gaps(world: World, eq: Equilibrium) -> dict[str, float]:
    """Equations of the accounts, recomputed from the labelled fields alone."""
    gamma, alpha = _cost_shares(world)
    beta = 1.0 - gamma.sum(axis=1)
    output, spending, income = eq.output.values, eq.spending.values, eq.income.values
    wages = eq.wage.values * world.value_added.values.sum(axis=1)
    paid = (beta * output).sum(axis=1)
    sales = eq.trade.values
    revenue = (sales * eq.tariff).sum(axis=(0, 2))
    demand = np.einsum("nsk,nk->ns", gamma, output) + alpha * income[:, None]
    return {
        "trade shares sum to 1": _gap(eq.trade_share.values.sum(axis=0), np.ones_like(spending)),
        "Walras: value added demanded = supplied, every economy": _gap(paid, wages),
        "output = sales": _gap(output, sales.sum(axis=1)),
        "spending = inputs + final demand": _gap(spending, demand),
        "income = wages + revenue + deficit": _gap(income, wages + revenue + eq.deficit.values),
        "deficits sum to zero, share of trade": abs(float(eq.deficit.sum())) / float(eq.imports.sum()),
        "value added of the world is the numeraire": _gap(wages.sum(), world.value_added.values.sum()),
    }


def _scaled(world: World, factor: float) -> World:
    """The same world counted in another unit of money."""
    return World.from_trade(
        world.trade.values * factor,
        1.0 - _cost_shares(world)[0].sum(axis=1),
        _normalised(world.intermediate.values),
        economies=world.economies,
        sectors=world.sectors,
        tariff=world.tariff.values,
        theta=world.theta.values,
    )


def _normalised(inputs: FloatArray) -> FloatArray:
    return inputs / inputs.sum(axis=1, keepdims=True)


def identities(_: Path) -> list[Row]:
    """Adding-up, Walras and homogeneity under every closure."""
    largest: dict[str, float] = {}

    def keep(name: str, gap: float) -> None:
        largest[name] = max(largest.get(name, 0.0), gap)

    for seed, n_economies, n_sectors in _IDENTITY_WORLDS:
        world = random_world(seed, n_economies, n_sectors)
        iceberg = random_costs(world, seed)
        for closure in trade.CLOSURES:
            eq = trade.solve(world, iceberg=iceberg, tariff=0.2, deficits=closure).raise_unless_ok()
            if closure == "zero":
                largest_deficit = float(np.abs(eq.deficit).max() / eq.imports.sum())
                keep("zero deficits are zero, share of trade", largest_deficit)
                continue  # its base is not the world's own: the accounts below are those of the world
            for name, gap in _account_gaps(world, eq).items():
                keep(name, gap)
        eq = trade.solve(world, iceberg=iceberg, tariff=0.2, deficits="fixed")
        other = trade.solve(_scaled(world, 1e3), iceberg=iceberg, tariff=0.2, deficits="fixed")
        for name in ("real_income", "wage", "price_index", "trade_share"):
            gap = _gap(eq.data[name].values, other.data[name].values)
            keep("homogeneity: money counted in thousands", gap)

        simple = random_world(seed, n_economies, n_sectors, inputs=False)
        base = trade.solve(simple, deficits="fixed").raise_unless_ok()
        everywhere = np.full((n_economies, n_economies), 1.25)
        eq = trade.solve(simple, iceberg=everywhere, deficits="fixed").raise_unless_ok()
        gap = _gap(eq.real_wage.values, np.full(n_economies, 1 / 1.25))
        keep("homogeneity: cost x 1.25 on all links, home included, without inputs: real wage / 1.25", gap)
        gap = _gap(eq.trade_share.values, base.trade_share.values)
        keep("homogeneity: the same leaves trade shares", gap)
        keep("no change gives ratios of 1", _gap(base.real_income.values, np.ones(n_economies)))
    return [error_row(name, gap, 1e-9) for name, gap in largest.items()]


def gradients(_: Path) -> list[Row]:
    """Implicit derivatives of log real income against central differences of solved equilibria."""
    rows = []
    step = 1e-4
    world = random_world(1, 6, 4)
    iceberg = random_costs(world, 8)
    tariff = np.where(
        np.eye(6, dtype=bool)[:, :, None], 0.0, np.random.default_rng(4).uniform(0.0, 0.4, (6, 6, 4))
    )
    open_links = np.argwhere(
        np.isfinite(iceberg) & (world.trade.values > 0) & ~np.eye(6, dtype=bool)[:, :, None]
    )
    chosen = open_links[:: len(open_links) // 6]
    point = {"iceberg": iceberg, "tariff": tariff}
    for closure in trade.CLOSURES:
        for variable in ("tariff", "iceberg"):
            implicit = trade.gradient(world, of="E2", wrt=variable, deficits=closure, **point)
            assert bool(np.isfinite(implicit).all())
            scale = float(np.abs(implicit).max())
            worst = 0.0
            for link in map(tuple, chosen):
                sides = []
                for sign in (1.0, -1.0):
                    moved = point[variable].copy()
                    moved[link] += sign * step
                    eq = trade.solve(world, deficits=closure, options=_TIGHT, **{**point, variable: moved})
                    sides.append(_log_income(eq, "E2"))
                difference = (sides[0] - sides[1]) / (2.0 * step)
                worst = max(worst, abs(difference - float(implicit.values[link])) / scale)
            rows.append(
                error_row(
                    f"by {variable}, deficits {closure}: error over the largest derivative", worst, 1e-5
                )
            )
    return rows


def _log_income(eq: Equilibrium, economy: str) -> float:
    income: xr.DataArray = eq.raise_unless_ok().real_income
    return float(np.log(income.sel(economy=economy)))
