"""Stylised technology and demand of the reference world: typed coefficients by sector and income level."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from ecumene import elasticities
from ecumene.balancing import biproportional
from ecumene.errors import SourceError
from ecumene.sources.reference import facts
from ecumene.types import FloatArray

LOW_INCOME, HIGH_INCOME = 1_000.0, 50_000.0
"""GDP per head, USD of 2019, at which the low and the high coefficients hold (assumption)."""

TECHNOLOGY_SOURCE = (
    "Stylised coefficients typed by this project after the common structure of published input-output tables "
    "(OECD and WIOD type), rounded to one or two digits: assumption"
)


@cache
def _table() -> pd.DataFrame:
    table = facts.read_table("technology").set_index("code")
    if list(table.index) != list(facts.sectors().index):
        raise SourceError(
            "technology.csv does not list the sectors of sectors.csv in their order; align them"
        )
    for column in table.columns.drop("theta_sectors"):
        table[column] = pd.to_numeric(table[column])
    inputs = [f"from_{code}" for code in table.index]
    wrong = table.index[(table[inputs].sum(axis=1) - 1.0).abs() > 1e-9]
    if len(wrong):
        raise SourceError(f"technology.csv: the inputs of {', '.join(wrong)} do not sum to one")
    return table


def technology() -> pd.DataFrame:
    """Return the typed coefficients by sector.

    `value_added_low`, `value_added_high` share of output; `final_low`, `final_high` percent of final demand;
    `two_way` share traded both ways; `distance_elasticity`; `theta_sectors` of `ecumene.elasticities`;
    `from_*` shares in spending on inputs. Source: `TECHNOLOGY_SOURCE`. Errors: SourceError.
    """
    return _table().copy()


def theta() -> FloatArray:
    """Default trade elasticity of the sectors [S]; source: `ecumene.elasticities.THETA_SOURCE`."""
    return elasticities.theta_of([str(cell).split() for cell in _table()["theta_sectors"]])


def _own_food(tastes: FloatArray, output: FloatArray) -> FloatArray:
    """Tastes [R, S] with food split into raw and processed half as typical, half as the economy makes it."""
    pair = [list(_table().index).index(code) for code in ("agriculture", "food")]
    bought, made = tastes[:, pair], output[:, pair]
    own = made / made.sum(axis=1, keepdims=True) * bought.sum(axis=1, keepdims=True)
    result = tastes.copy()
    result[:, pair] = (bought + own) / 2.0
    return result


@dataclass(frozen=True)
class Production:
    """What every economy makes and would use at typical coefficients, million USD a year.

    `value_added`, `output` [R, S]; `use` [R, S inputs, S users + 1], the last user being final demand.
    """

    value_added: FloatArray
    output: FloatArray
    use: FloatArray

    @property
    def inputs_total(self) -> FloatArray:
        """Spending on inputs [R, S users]."""
        return self.output - self.value_added

    @property
    def demand(self) -> FloatArray:
        """Intermediate and final demand by sector at typical coefficients [R, S]."""
        return self.use.sum(axis=2)


def income_level(gdp_per_head: FloatArray) -> FloatArray:
    """Position between the low and the high coefficients: linear in ln GDP per head, 0 to 1, without unit."""
    span = np.log(HIGH_INCOME / LOW_INCOME)
    return np.clip(np.log(gdp_per_head / LOW_INCOME) / span, 0.0, 1.0)


def typical_output(value_added: FloatArray, gdp_per_head: FloatArray) -> FloatArray:
    """Output `Y = VA / beta(income)` [R, S], million USD a year; value_added [R, S], gdp_per_head [R] USD."""
    return value_added / _between("value_added", gdp_per_head)


def _between(column: str, gdp_per_head: FloatArray) -> FloatArray:
    """Coefficients [R, S] between the low and the high ones of technology.csv."""
    low, high = (_table()[f"{column}_{end}"].to_numpy() for end in ("low", "high"))
    return low + (high - low) * income_level(gdp_per_head)[:, None]


def production(
    value_added: FloatArray, output: FloatArray, final: FloatArray, gdp_per_head: FloatArray
) -> Production:
    """The use of output that clears every sector in the world.

    Households buy food raw or processed half as is typical, half as their economy makes it. The typical use
    `a_sk (Y_nk - VA_nk)` and `phi_s(income) F_n` is scaled biproportionally over the whole world so that each
    sector is used as much as it is made, and each user spends what it has.

    Shapes: value_added, output [R, S], final [R], gdp_per_head [R] (USD). Unit: million USD a year.
    """
    table = _table()
    coefficients = table[[f"from_{code}" for code in table.index]].to_numpy().T
    tastes = _between("final", gdp_per_head)
    tastes = _own_food(tastes / tastes.sum(axis=1, keepdims=True), output)
    inputs = output - value_added
    seed = np.concatenate(
        [coefficients[None] * inputs[:, None, :], (tastes * final[:, None])[:, :, None]], axis=2
    )
    n_economies, n_sectors, n_users = seed.shape
    balanced = biproportional(
        seed.transpose(1, 0, 2).reshape(n_sectors, n_economies * n_users),
        output.sum(axis=0),
        np.concatenate([inputs, final[:, None]], axis=1).reshape(-1),
    )
    use = balanced.values.reshape(n_sectors, n_economies, n_users).transpose(1, 0, 2)
    return Production(value_added, output, use)
