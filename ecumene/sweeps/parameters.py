"""What a sweep can vary: one declared table of parameters, their units and the range in which they mean something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Parameter(NamedTuple):
    """One number or word that a case can change: its default, unit, meaning and limits (both ends included)."""

    default: float | str
    units: str
    meaning: str
    lowest: float = 0.0
    highest: float = 0.0
    words: tuple[str, ...] = ()

    @property
    def is_word(self) -> bool:
        """Whether its values are words."""
        return bool(self.words)


PARAMETERS: Final[Mapping[str, Parameter]] = {
    "theta_factor": Parameter(1.0, "ratio", "factor on every sector's trade elasticity", 0.05, 20.0),
    "strength": Parameter(
        1.0, "share", "part of the order's change of trade costs (in logs) and of tariffs; 0: today", 0.0, 5.0
    ),
    "cost_percent": Parameter(0.0, "percent", "on the trade cost of every foreign link", -50.0, 10_000.0),
    "tariff_points": Parameter(0.0, "points", "on the tariff of every foreign link in goods", -50.0, 1000.0),
    "eta": Parameter(1.0, "", "elasticity of substitution between value added and inputs", 0.0, 20.0),
    "epsilon": Parameter(1.0, "", "elasticity of substitution between inputs", 0.0, 20.0),
    "sigma": Parameter(1.0, "", "elasticity of substitution in consumption", 0.0, 20.0),
    "deficits": Parameter(
        "order", "", "closure of deficits; order: the order's, else the world's",
        words=("order", "zero", "fixed", "proportional"),
    ),
    "ladder": Parameter(
        "central", "", "end of the intervals of what each depth does to trade costs",
        words=("central", "low", "high"),
    ),
    "rents": Parameter(
        "waste", "", "who keeps what a raised barrier costs", words=("waste", "importer", "exporter")
    ),
    "stock_factor": Parameter(1.0, "ratio", "factor on the days of stock of every input (shocks)", 0.05, 20.0),
    "restoring_days": Parameter(
        30.0, "days", "time in which a gap in stocks is refilled (shocks)", 1.0, 3650.0
    ),
    "demand_response": Parameter(
        0.48, "share", "fall of final demand for a fall of income of 1 (shocks)", 0.0, 1.0
    ),
}  # fmt: skip
"""Every parameter that a file may name. Those of shocks change nothing in a case without a shock."""

SHOCK_ONLY: Final = frozenset({"stock_factor", "restoring_days", "demand_response"})
"""Parameters that only a shock feels."""
