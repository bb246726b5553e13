"""gegravity 0.3 on its own sample: an agreement between Canada and Japan in a one-sector gravity model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ecumene.balancing import biproportional
from ecumene.models import trade
from ecumene.types import FloatArray
from ecumene.world import World
from replication.rows import Row, published

SIGMA = 5.0
COEFFICIENTS = {
    "lndist": -0.3898623,
    "contiguity": 0.891577,
    "common_language": 0.0326249,
    "pta": 0.4711383,
    "international": -3.412584,
    "constant": 16.32434,
}
PARTNERS = ("CAN", "JPN")
SHOWN = ("CAN", "JPN", "USA")


def sample(data: Path) -> pd.DataFrame:
    """The sample with its constant, all pairs of 30 economies in 2006."""
    table = pd.read_csv(data / "gegravity" / "sample_data_set.csv")
    return table.assign(constant=1.0).sort_values(["exporter", "importer"]).reset_index(drop=True)


def with_agreement(table: pd.DataFrame) -> pd.DataFrame:
    """The same pairs with the agreement in force both ways."""
    joined = (
        table["exporter"].isin(PARTNERS)
        & table["importer"].isin(PARTNERS)
        & (table["exporter"] != table["importer"])
    )
    return table.assign(pta=np.where(joined, 1, table["pta"]))


def costs(table: pd.DataFrame) -> FloatArray:
    """`t_ij^(1-sigma)` = exp(coefficients x variables), exporter x importer."""
    log_cost = sum(value * table[name].to_numpy(dtype=float) for name, value in COEFFICIENTS.items())
    n = table["exporter"].nunique()
    return np.exp(np.asarray(log_cost)).reshape(n, n)


def shares(table: pd.DataFrame) -> tuple[tuple[str, ...], FloatArray, FloatArray]:
    """Economies and their shares in world output and in world expenditure."""
    output = table.groupby("exporter")["Y"].mean()
    spending = table.groupby("importer")["E"].mean()
    names = tuple(str(name) for name in output.index)
    return names, (output / output.sum()).to_numpy(), (spending / spending.sum()).to_numpy()


def base_world(data: Path) -> World:
    """The fitted flows as a world: one sector, labour only, output the row sums."""
    table = sample(data)
    names, output, spending = shares(table)
    fitted = biproportional(costs(table), output, spending).values
    n = len(names)
    return World.from_trade(
        1e6 * fitted[:, :, None],
        np.ones((n, 1)),
        np.zeros((n, 1, 1)),
        economies=names,
        sectors=["all"],
        tariff=np.zeros((n, n, 1)),
        theta=SIGMA - 1.0,
        deficits="proportional",
        year=2006,
    )


def agreement(data: Path) -> FloatArray:
    """The factor on trade cost: `iceberg^(1-sigma)` is the change of `t^(1-sigma)`."""
    table = sample(data)
    return (costs(with_agreement(table)) / costs(table)) ** (1.0 / (1.0 - SIGMA))


def gegravity(data: Path) -> list[Row]:
    """Its fixed-share step by biproportional fitting, and the equilibrium that it stands for."""
    table = sample(data)
    names, output, spending = shares(table)
    before = np.diag(biproportional(costs(table), output, spending).values)
    after = np.diag(biproportional(costs(with_agreement(table)), output, spending).values)
    # Domestic cost is unchanged, so p_i / P_i moves with the domestic share of fixed totals.
    fixed = 100 * ((after / before) ** (-1.0 / (SIGMA - 1.0)) - 1.0)
    eq = trade.solve(base_world(data), iceberg=agreement(data), deficits="proportional").raise_unless_ok()
    true = 100 * (eq.real_wage.values - 1.0)
    rows = [
        published(f"GDP, fixed-share step, {name}", text, fixed[names.index(name)], "%")
        for name, text in zip(SHOWN, ("0.418", "0.054", "-0.007"), strict=True)
    ]
    return rows + [
        published(f"real wage, equilibrium, {name}", text, true[names.index(name)], "%")
        for name, text in zip(SHOWN, ("0.428", "0.050", "-0.0066"), strict=True)
    ]
