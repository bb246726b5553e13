"""The table of priors: for every parameter that is drawn its central number, how far it may lie from it, and why.

`low`, `central` and `high` are the 5, 50 and 95 percent points; between them a uniform prior is even on either side of
its median. A factor multiplies what the world or another table has. Ladder
effects are drawn inside the intervals of the ladder itself (`orders.ladder`), by rank.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

Shape = Literal["lognormal", "rank", "uniform"]

Z95: Final = 1.6448536269514722
"""The 95 percent point of the standard normal distribution."""

COMMON_SPREAD: Final = 0.3
"""Standard deviation of the log of what all trade elasticities share (assumption, see its row)."""

LEAST_SPREAD: Final = 0.1
LARGEST_SPREAD: Final = 0.5
"""Bounds on the relative standard error of a sector's elasticity (assumption): ever smaller samples say little more,
and an estimate that is not told from zero says that it is small, not that it is negative."""

SERVICES_SPREAD: Final = 0.3
"""Relative standard error of elasticities without an estimate by sector: services, unknown sectors (assumption)."""

STANDARD_ERRORS: Final = {
    "agriculture": (9.11, 2.01), "mining": (13.53, 3.67), "food": (2.62, 0.61), "textile": (8.10, 1.28),
    "wood": (11.50, 2.87), "paper": (16.52, 2.65), "petroleum": (64.85, 15.61), "chemicals": (3.13, 1.78),
    "plastic": (1.67, 2.23), "minerals": (2.41, 1.60), "basic_metals": (3.28, 2.51), "metal_products": (6.99, 2.12),
    "machinery": (1.45, 2.80), "office": (12.95, 4.53), "electrical": (12.91, 1.64), "communication": (3.95, 1.77),
    "medical": (8.71, 1.56), "auto": (1.84, 0.92), "other_transport": (0.39, 1.08), "other": (3.98, 1.08),
}  # fmt: skip
"""Estimates and standard errors by broad sector: Caliendo and Parro (2015), Table 1, 99 % sample. The estimates are
held against the authors' data (which has others for vehicles); the standard errors were not read again in the original.
"""


@dataclass(frozen=True)
class Prior:
    """One parameter: how it is drawn, between which numbers, whether an estimate or an assumption, and from where."""

    name: str
    shape: Shape
    low: float
    central: float
    high: float
    unit: str
    basis: Literal["estimate", "assumption"]
    source: str

    @property
    def spread(self) -> float:
        """Standard deviation of the logarithm of a lognormal prior."""
        return math.log(self.high / self.low) / (2.0 * Z95)


def _factor(name: str, spread: float, basis: Literal["estimate", "assumption"], source: str) -> Prior:
    ends = (math.exp(sign * Z95 * spread) for sign in (-1.0, 1.0))
    low, high = ends
    return Prior(name, "lognormal", low, 1.0, high, "factor", basis, source)


def spread_of(kind: str) -> float:
    """Relative standard error of the elasticity of a broad kind of sector, inside its bounds."""
    if kind not in STANDARD_ERRORS:
        return SERVICES_SPREAD
    estimate, error = STANDARD_ERRORS[kind]
    return min(max(error / estimate, LEAST_SPREAD), LARGEST_SPREAD)


def _sector(kind: str) -> Prior:
    estimate, error = STANDARD_ERRORS[kind]
    ratio = error / estimate
    cut = "" if LEAST_SPREAD <= ratio <= LARGEST_SPREAD else f", cut to {LARGEST_SPREAD:g} (assumption)"
    return _factor(
        f"theta:{kind}",
        spread_of(kind),
        "assumption" if cut else "estimate",
        f"Caliendo and Parro (2015), Table 1, 99 % sample: {estimate:g} (s.e. {error:g}, not read again in the "
        f"original), relative {ratio:.2f}{cut}",
    )


PRIORS: Final[tuple[Prior, ...]] = (
    _factor(
        "theta",
        COMMON_SPREAD,
        "assumption",
        "all trade elasticities together: around 5 from 3.1 to 8.2, about as far as estimates lie apart: roughly 4 in "
        "Simonovska and Waugh (2014), 3.6 to 8.3 in Eaton and Kortum (2002), about 5 in the survey of "
        "Head and Mayer (2014)",
    ),
    *map(_sector, STANDARD_ERRORS),
    _factor("theta:services", SERVICES_SPREAD, "assumption", "no estimate by sector; as wide as the common factor"),
    Prior(
        "ladder:goods",
        "rank",
        0.05,
        0.5,
        0.95,
        "rank inside the ladder's intervals",
        "assumption",
        "triangular between the low and the high end of every depth, peak at the central number, one rank for all "
        "depths; sources of the ends stand in the ladder",
    ),
    Prior(
        "ladder:services",
        "rank",
        0.05,
        0.5,
        0.95,
        "rank inside the ladder's intervals",
        "assumption",
        "as for goods, drawn apart",
    ),
    _factor(
        "shock:stock_days", 0.4, "assumption",
        "stocks of all inputs together: half to twice, as far as ratios of inventories to sales of manufacturing "
        "industries lie apart (US Census Bureau, Manufacturing and Trade Inventories and Sales 2019)",
    ),
    _factor(
        "shock:restoring_days", 0.5, "assumption",
        "time in which stocks are refilled: around 30 days, Hallegatte (2013), from two weeks to two months",
    ),
    Prior(
        "shock:criticality", "uniform", 0.05, 0.5, 0.95, "0 none, 1/2 by rating, 1 all", "assumption",
        "how far inputs stop production: evenly between the ends of the band of security; ratings that industry "
        "analysts gave are in Pichler et al. (2022)",
    ),
    Prior(
        "shock:demand_response", "uniform", 0.2, 0.48, 0.6, "share", "assumption",
        "propensity to consume out of a passing change of income within a year: the point and median 0.48 is the mean "
        "in Jappelli and Pistaferri (2014); ends by judgement of the literature that Carroll, Slacalek, Tokuoka and "
        "White (2017) discuss",
    ),
    _factor(
        "epidemic:reproduction", 0.26, "estimate",
        "reproduction number: Li et al. (2020), 2.2 with a 95 percent interval of 1.4 to 3.9, ln(3.9 / 1.4) / 3.92",
    ),
    _factor(
        "epidemic:latent_days", 0.2, "assumption",
        "days from infection to infectiousness: around 4; Li et al. (2020) give 5.2 days of incubation, 4.1 to 7.0 at "
        "95 percent, a relative standard error of 0.14; wider, since latency is not incubation",
    ),
    _factor(
        "epidemic:infectious_days", 0.25, "assumption",
        "days that people are infectious: around 3.5; with latency they make up a generation of 7.5 days, as the "
        "serial interval in Li et al. (2020), 5.3 to 19 at 95 percent",
    ),
    Prior(
        "epidemic:ill_absence", "uniform", 0.3, 0.6, 0.9, "share", "assumption",
        "infectious people who are absent from work: those without symptoms work on",
    ),
    _factor(
        "banks:default_sensitivity", 0.25, "assumption",
        "share of loans that default for a share of value added lost: around 1, two thirds to one and a half",
    ),
    Prior(
        "banks:pass_through", "uniform", 0.25, 0.5, 0.75, "share", "assumption",
        "share of lost equity by which banks cut credit: below 1, which is constant leverage (Adrian and Shin 2010)",
    ),
    _factor(
        "banks:credit_elasticity", 0.4, "assumption",
        "share of capacity lost for a share of credit lost: around 0.3, from 0.16 to 0.58; that it is above 0 is shown "
        "by Peek and Rosengren (2000) and Chodorow-Reich (2014), neither of which gives this number",
    ),
    Prior(
        "banks:loss_given_default", "uniform", 0.3, 0.45, 0.6, "share", "assumption",
        "loans and claims between banks, 1 less what is recovered: 15 points about the 45 percent of Basel Committee "
        "(2006), paragraph 287",
    ),
)  # fmt: skip
"""Every parameter that ranges are drawn over."""
