"""What a sweep can keep of a case, by economy: what a run measures, and what a shock costs."""

from __future__ import annotations

from typing import Final

import numpy as np

from ecumene import countries, measures
from ecumene.errors import SweepError
from ecumene.models import trade
from ecumene.security.assess import BAND, Cost
from ecumene.types import FloatArray
from ecumene.world import World

SHOCK_MEASURES: Final = {
    **{
        f"shock_loss_{end}": f"percent of base consumption lost in the shock, {end} assumptions"
        for end in BAND
    },
    "shock_days_below": "days below 95 percent of base consumption, central assumptions",
    "real_income_after_shock": "percent change of real income, less the share lost in the shock, central assumptions",
}
"""What a case with a shock has beside the rest; missing in a case without one."""

OF_THE_WORLD: Final = ("real_income", "real_income_without_missing")
"""What is kept of the world as a whole too: the mean over economies, weighted by base income."""

_READ: Final = {variable.name: variable.read for variable in measures.VARIABLES}


def names() -> tuple[str, ...]:
    """Every measure that a file may name."""
    return (*_READ, *SHOCK_MEASURES)


def check(wanted: tuple[str, ...], shocks: bool) -> None:
    """Refuse measures that nobody knows, or that would be missing everywhere. Errors: SweepError."""
    unknown = [name for name in wanted if name not in names()]
    if unknown:
        near = countries.nearest(unknown[0], names())
        hint = f"did you mean {near[0]}?" if near else f"choose among {', '.join(names())}"
        raise SweepError(f"measures: no measure '{unknown[0]}'; {hint}")
    alone = [name for name in wanted if name in SHOCK_MEASURES]
    if alone and not shocks:
        raise SweepError(f"measures: {alone[0]} needs a shock; name one under shocks, or leave it out")


def of_trade(name: str, eq: trade.Equilibrium, world: World) -> FloatArray:
    """A measure of an equilibrium [economy], and of the world as its last entry, missing where it has none."""
    values = _READ[name](eq, world)
    whole = np.nan
    if name in OF_THE_WORLD:
        whole = float(np.average(values, weights=np.asarray(eq.numbers("base_income"))))
    return np.append(values, whole)


def of_shock(name: str, cost: Cost, eq: trade.Equilibrium) -> FloatArray:
    """A measure of a shock [economy], and a missing last entry: losses of the world are not the economies' mean."""
    ends = list(BAND)
    central = ends.index("central")
    if name == "shock_days_below":
        values = cost.days_below[central]
    elif name == "real_income_after_shock":
        gain = np.asarray(eq.numbers("real_income"), dtype=np.float64)
        values = 100.0 * (gain * (1.0 - cost.loss[central] / 100.0) - 1.0)
    else:
        values = cost.loss[ends.index(name.removeprefix("shock_loss_"))]
    return np.append(values, np.nan)
