"""Questions that a run can answer besides the main one: the same order, with barriers kept as rents, or by group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr

from ecumene import factors
from ecumene.errors import InputError
from ecumene.models import trade
from ecumene.types import FACTOR, FloatArray
from ecumene.world import World


@dataclass(frozen=True)
class Variant:
    """One more solve of an order: arguments of `trade.solve`, notes, and numbers [economy] with unit and meaning."""

    name: str
    arguments: Callable[[World], tuple[Mapping[str, Any], tuple[str, ...]]]
    read: Callable[[trade.Equilibrium], dict[str, tuple[FloatArray, str, str]]]


def _rents(keeper: str) -> Variant:
    name = f"real_income_rents_{keeper}"
    meaning = f"change of real income where raised barriers are rents that the {keeper}'s economy keeps"
    return Variant(
        name,
        lambda world: ({"rents": keeper}, ()),
        lambda eq: {name: (100.0 * (eq.real_income.values - 1.0), "percent", meaning)},
    )


def _by_group(world: World) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    share, note = factors.factor_share(world)
    return {"factors": share, "mobility": dict(factors.MOBILITY)}, (note,)


def _read_groups(eq: trade.Equilibrium) -> dict[str, tuple[FloatArray, str, str]]:
    """Real wages by factor, and their spread over factors and sectors.

    `spread = 100 sqrt(sum_fs m_fs (g_fs - g)^2)`, g_fs the log change of the real wage of factor f in sector s, m_fs
    its share of base value added, and `g = sum_fs m_fs g_fs`.
    """
    gains = 100.0 * (eq.factor_real_wage - 1.0)
    numbers = {
        f"real_wage_{name}": (
            gains.sel({FACTOR: name}).values,
            "percent",
            f"change of the mean real wage of {name}",
        )
        for name in eq.factors
    }
    weight = (np.asarray(eq.base.factor_share) * np.asarray(eq.base.worker_share)).transpose(2, 1, 0)
    log = np.log(np.where(weight > 0, eq.factor_sector_real_wage.values, 1.0))
    mean = (weight * log).sum(axis=(1, 2), keepdims=True)
    spread = 100.0 * np.sqrt((weight * (log - mean) ** 2).sum(axis=(1, 2)))
    meaning = (
        "standard deviation of log real wages' changes over factors and sectors, weighted by base income"
    )
    return {**numbers, "spread_of_gains": (spread, "log points x 100", meaning)}


VARIANTS: Final[Mapping[str, tuple[Variant, ...]]] = {
    "rents": (_rents("importer"), _rents("exporter")),
    "groups": (Variant("groups", _by_group, _read_groups),),
}
"""What `also` may name. Rents: raised barriers as income of the buyer's, or the seller's economy, beside waste. Groups:
labour types bound to sectors by their skills, and capital."""


def chosen(also: Sequence[str]) -> tuple[Variant, ...]:
    """The variants behind the names, each once. Errors: InputError naming the choice."""
    unknown = sorted(set(also) - set(VARIANTS))
    if unknown:
        raise InputError(f"also names {', '.join(unknown)}; choose among {', '.join(VARIANTS)}")
    return tuple(variant for name in dict.fromkeys(also) for variant in VARIANTS[name])


def named(further: Sequence[Variant]) -> list[str]:
    """The inverse of `chosen`: names whose variants are all there, in the order of the first of each."""
    found = [name for name, its in VARIANTS.items() if its[0] in further]
    return sorted(found, key=lambda name: list(further).index(VARIANTS[name][0]))


def read(variant: Variant, solved: Sequence[trade.Equilibrium]) -> dict[str, xr.Variable]:
    """Numbers [economy, quantile] of one variant's equilibria."""
    parts = [variant.read(eq) for eq in solved]
    return {
        name: xr.Variable(
            ("economy", "quantile"),
            np.stack([part[name][0] for part in parts], axis=1),
            attrs={"units": units, "long_name": meaning},
        )
        for name, (_, units, meaning) in parts[0].items()
    }
