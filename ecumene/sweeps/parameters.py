"""What a sweep can vary: one declared table of parameters, their units and the range in which they mean something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from ecumene import countries
from ecumene.priors.table import PRIORS, STANDARD_ERRORS


class Parameter(NamedTuple):
    """One number or word that a case can change: its default, unit, meaning and limits (both ends included)."""

    default: float | str
    units: str
    meaning: str
    lowest: float = 0.0
    highest: float = 0.0
    words: tuple[str, ...] = ()
    prior: str = ""  # its row of the table of priors

    @property
    def is_word(self) -> bool:
        """Whether its values are words."""
        return bool(self.words)


BY_ROW: Final = {prior.name: prior.central for prior in PRIORS}
"""Central numbers of the table of priors."""

PARAMETERS: Final[Mapping[str, Parameter]] = {
    "theta_factor": Parameter(1.0, "ratio", "factor on every sector's trade elasticity", 0.05, 20.0, prior="theta"),
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
    "ladder_goods": Parameter(
        "central", "rank", "where inside the ladder's intervals depths in goods lie; 0 low end, 1 high end", 0.0, 1.0,
        prior="ladder:goods",
    ),
    "ladder_services": Parameter(
        "central", "rank", "where inside the ladder's intervals depths in services lie", 0.0, 1.0,
        prior="ladder:services",
    ),
    "rents": Parameter(
        "waste", "", "who keeps what a raised barrier costs", words=("waste", "importer", "exporter")
    ),
    "stock_factor": Parameter(
        1.0, "ratio", "factor on the days of stock of every input (shocks)", 0.05, 20.0, prior="shock:stock_days"
    ),
    "restoring_days": Parameter(
        30.0, "days", "time in which a gap in stocks is refilled (shocks)", 1.0, 3650.0,
        prior="shock:restoring_days",
    ),
    "demand_response": Parameter(
        BY_ROW["shock:demand_response"], "share", "fall of final demand for a fall of income of 1 (shocks)", 0.0, 1.0,
        prior="shock:demand_response",
    ),
    "criticality": Parameter(
        BY_ROW["shock:criticality"], "share",
        "how far inputs stop production: 0 none, 0.5 by their rating, 1 all (shocks)", 0.0, 1.0,
        prior="shock:criticality",
    ),
    "reproduction": Parameter(
        1.0, "ratio", "factor on the reproduction number of an epidemic (shocks)", 0.05, 20.0,
        prior="epidemic:reproduction",
    ),
    "loss_given_default": Parameter(
        BY_ROW["banks:loss_given_default"], "share", "lost on loans and claims of failing banks (shocks)", 0.0, 1.0,
        prior="banks:loss_given_default",
    ),
    "latent_days": Parameter(
        1.0, "ratio", "factor on the latent days of an epidemic (shocks)", 0.05, 20.0, prior="epidemic:latent_days"
    ),
    "infectious_days": Parameter(
        1.0, "ratio", "factor on the infectious days of an epidemic (shocks)", 0.05, 20.0,
        prior="epidemic:infectious_days",
    ),
    "ill_absence": Parameter(
        BY_ROW["epidemic:ill_absence"], "share", "share of the infectious who are absent from work (shocks)", 0.0, 1.0,
        prior="epidemic:ill_absence",
    ),
    "default_sensitivity": Parameter(
        1.0, "ratio", "factor on the share of loans that defaults for a share of value added lost (shocks)", 0.05, 20.0,
        prior="banks:default_sensitivity",
    ),
    "pass_through": Parameter(
        BY_ROW["banks:pass_through"], "share", "share of lost equity by which banks cut credit (shocks)", 0.0, 1.0,
        prior="banks:pass_through",
    ),
    "credit_elasticity": Parameter(
        1.0, "ratio", "factor on the share of capacity lost for a share of credit lost (shocks)", 0.05, 20.0,
        prior="banks:credit_elasticity",
    ),
}  # fmt: skip
"""Every parameter that a file may name as it is. Those of shocks change nothing in a case without a shock."""

KINDS: Final = (*STANDARD_ERRORS, "services")
"""Broad kinds of sectors that have a prior of their own (`priors.table`)."""

KIND: Final = "theta:"
"""Begins a factor on the trade elasticities of a broad kind of sector, as `theta:chemicals`."""

SECTOR: Final = "elasticity:"
"""Begins the trade elasticity of one sector, by its code in the worlds, as `elasticity:c9`."""

EPIDEMIC: Final = frozenset({"reproduction", "latent_days", "infectious_days", "ill_absence"})
"""Parameters that only an epidemic feels."""

BANKS: Final = frozenset({"loss_given_default", "default_sensitivity", "pass_through", "credit_elasticity"})
"""Parameters that only a crash of banks feels."""

HAPPENING: Final = EPIDEMIC | BANKS
"""Parameters that change what happens in a shock, and not only what it costs."""

SHOCK_ONLY: Final = HAPPENING | {"stock_factor", "restoring_days", "demand_response", "criticality"}
"""Parameters that only a shock feels."""

RANKS: Final = ("ladder_goods", "ladder_services")


def known(name: str) -> Parameter | None:
    """The parameter of a name, those of kinds and sectors included; None where there is none."""
    if name in PARAMETERS:
        return PARAMETERS[name]
    if name.startswith(KIND) and name.removeprefix(KIND) in KINDS:
        meaning = f"factor on the trade elasticities of {name.removeprefix(KIND)}"
        return Parameter(1.0, "ratio", meaning, 0.05, 20.0, prior=name)
    if name.startswith(SECTOR) and name.removeprefix(SECTOR):
        sector = name.removeprefix(SECTOR)
        return Parameter("the world's", "", f"trade elasticity of sector {sector}", 0.1, 200.0)
    return None


def suggestion(name: str) -> str:
    """What to write in place of a name that no parameter has."""
    if name.startswith(KIND):
        near = countries.nearest(name.removeprefix(KIND), KINDS)
        return f"did you mean {KIND}{near[0]}?" if near else f"the kinds are {', '.join(KINDS)}"
    near = countries.nearest(name, PARAMETERS)
    if near:
        return f"did you mean {near[0]}?"
    return f"choose among {', '.join(PARAMETERS)}, {KIND}KIND and {SECTOR}SECTOR"


def of_priors(shocks: bool) -> dict[str, str]:
    """Every parameter that has a row in the table of priors, with that row; those of shocks where there is one."""
    rows = {name: each.prior for name, each in PARAMETERS.items() if each.prior}
    rows |= {f"{KIND}{kind}": f"{KIND}{kind}" for kind in KINDS}
    return {name: rows[name] for name in sorted(rows) if shocks or name not in SHOCK_ONLY}
