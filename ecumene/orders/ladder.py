"""The ladder of depth: what each depth of integration does to trade costs, with sources and intervals.

One table. `B(depth)` is the effect on bilateral trade in log points, relative to depth 0 and with the tariff
part taken out, because tariffs change separately. With the sources' aggregate trade elasticity `e`,

    ln iceberg change = -(B(new depth) - B(base depth)) / e

is the same ad valorem change in every goods sector, and likewise in every services sector. Effects are
symmetric. A cell whose number has no estimate of its own is marked `assumption`, and is shown so to users.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

ELASTICITY = 5.0
"""Aggregate trade elasticity that turns log points of trade into trade costs (Head and Mayer 2014: 5.03)."""

DEPTHS = range(7)

Basis = Literal["definition", "estimate", "assumption"]


@dataclass(frozen=True)
class Effect:
    """Effect of one depth on trade in goods or services, cumulative from depth 0."""

    log_points: float
    low: float
    high: float
    basis: Basis
    source: str
    elasticity: float = ELASTICITY

    @property
    def ad_valorem(self) -> float:
        """Fall of the trade cost factor: `1 - exp(-log_points / elasticity)`, a share of the base cost."""
        return float(-np.expm1(-self.log_points / self.elasticity))


@dataclass(frozen=True)
class Rung:
    """One depth of integration."""

    depth: int
    name: str
    meaning: str
    goods: Effect
    services: Effect


_NONE = Effect(0.0, 0.0, 0.0, "definition", "depth 0 is the reference")

LADDER: tuple[Rung, ...] = (
    Rung(0, "none", "no agreement: tariffs without preference, full barriers", _NONE, _NONE),
    Rung(
        1,
        "commonwealth, partnership",
        "small fall in non-tariff cost",
        Effect(
            0.05,
            0.0,
            0.15,
            "assumption",
            "a third of a free trade area; Baier, Bergstrand and Feng (2014) find partial two-way agreements "
            "far "
            "weaker than free trade areas, without a tariff control",
        ),
        Effect(0.03, 0.0, 0.10, "assumption", "as for goods, in proportion to depth 2"),
    ),
    Rung(
        2,
        "free trade area",
        "tariffs zero inside, own tariffs outside, cost of proving origin",
        Effect(
            0.15,
            0.0,
            0.35,
            "estimate",
            "Head and Mayer (2014), table 4: median 0.28 over structural gravity estimates of trade "
            "agreements "
            "(Baier, Yotov and Zylkin 2019 average about the same), less 5 x ln 1.03 for the tariff part; "
            "the "
            "3 % average preference margin is an assumption",
        ),
        Effect(
            0.13,
            0.05,
            0.30,
            "estimate",
            "Marchetti (2009): services agreements raise services trade by 12 to 15 %; the upper end from "
            "ambitious "
            "provisions in Borchert and Di Ubaldo (2021), 15 to 65 %",
        ),
    ),
    Rung(
        3,
        "customs union",
        "common external tariff, no proof of origin inside",
        Effect(
            0.25,
            0.10,
            0.50,
            "assumption",
            "depth 2 plus 5 x 0.02: saved cost of proving origin, taken at 2 % of value, below the 3 to 5 % "
            "for "
            "those who claim preferences in Cadot and de Melo (2008)",
        ),
        Effect(
            0.13, 0.05, 0.30, "assumption", "as depth 2: a common tariff on goods does nothing for services"
        ),
    ),
    Rung(
        4,
        "common market",
        "non-tariff barriers fall, workers may move",
        Effect(
            0.54,
            0.35,
            0.80,
            "estimate",
            "Mayer, Vicard and Zignago (2019): the European single market raises goods trade between members "
            "by "
            "109 % (ln 2.09 = 0.74), less 5 x ln 1.04 for the tariff part (the 4 % is an assumption)",
        ),
        Effect(
            0.34,
            0.15,
            0.50,
            "estimate",
            "Felbermayr, Groeschl and Steinwachs (2016): European integration is worth a tariff of about 7 % "
            "on "
            "services at elasticity 5 (5 x ln 1.07)",
        ),
    ),
    Rung(
        5,
        "economic union",
        "common currency, transfers between members",
        Effect(
            0.58,
            0.35,
            0.95,
            "estimate",
            "depth 4 plus 0.04 for the euro: the middle of the 2 to 6 % of the meta-analysis of Polak "
            "(2019), whose best practice gives 3 %, not significant; Larch, Wanner, Yotov and Zylkin (2019) "
            "find "
            "it small and insignificant, Glick and Rose (2016) no robust effect",
        ),
        Effect(0.38, 0.15, 0.60, "assumption", "depth 4 plus the goods increment: no separate estimate"),
    ),
    Rung(
        6,
        "political union, macro-state",
        "the border effect itself falls; one policy",
        Effect(
            1.20,
            0.92,
            1.85,
            "assumption",
            "depth 5 plus half of the effect of European borders younger than 1910, a market share of 28.8 % "
            "(ln 1/0.288 = 1.24) in Santamaria, Ventura and Yesilbayraktar (2020); the half is an "
            "assumption, "
            "and close to the 44 % that the border takes from Canada-US trade in Anderson and van Wincoop "
            "(2003)",
        ),
        Effect(1.00, 0.50, 1.65, "assumption", "depth 5 plus the goods increment: no separate estimate"),
    ),
)


def effects(
    which: Literal["goods", "services"], bound: Literal["central", "low", "high"] = "central"
) -> FloatArray:
    """`B(depth) / elasticity` for depth 0 to 6: the log fall of trade cost relative to depth 0.

    `bound` picks the central numbers or an end of every interval; each of the three is weakly increasing.
    """
    field = {"central": "log_points", "low": "low", "high": "high"}[bound]
    cells: list[Effect] = [getattr(rung, which) for rung in LADDER]
    return np.array([getattr(c, field) / c.elasticity for c in cells])


def effects_at(which: Literal["goods", "services"], rank: float) -> FloatArray:
    """`effects` drawn inside the intervals: the quantile of `rank`, 0 to 1, one rank for all depths.

    Triangular between the low and the high end with its peak at the central number (assumption). A quantile grows with
    each of the three, so that effects stay weakly increasing in depth.
    """
    low, peak, high = (effects(which, bound) for bound in ("low", "central", "high"))
    width = high - low
    rise, fall = rank * width * (peak - low), (1.0 - rank) * width * (high - peak)
    return np.where(rank * width < peak - low, low + np.sqrt(rise), high - np.sqrt(fall))


def log_iceberg(
    new: np.ndarray,
    base: np.ndarray,
    which: Literal["goods", "services"],
    bound: Literal["central", "low", "high"] = "central",
) -> FloatArray:
    """`ln iceberg change = -(B(new) - B(base)) / elasticity`; exactly 0 where depth is unchanged."""
    fall = effects(which, bound)
    return np.where(new == base, 0.0, fall[base] - fall[new])


def assumptions() -> tuple[str, ...]:
    """One sentence for every cell of the ladder that rests on an assumption."""
    return tuple(
        f"depth {r.depth} ({r.name}), {which}: {e.source}"
        for r in LADDER
        for which, e in (("goods", r.goods), ("services", r.services))
        if e.basis == "assumption"
    )
