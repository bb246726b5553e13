"""Experiments by name: what runs, under which structures, on which worlds."""

from __future__ import annotations

from typing import Final

from ecumene.factors import WORKER_MOBILITY
from ecumene.ledger import facts
from ecumene.ledger.bench import Design
from ecumene.ledger.experiments import (
    banking,
    blocs,
    channels,
    disasters,
    disease,
    groups,
    memory,
    openness,
    planners,
)
from ecumene.ledger.structures import CLOSING, TRADE, Structure

COBB_DOUGLAS: Final = tuple(each for each in CLOSING if each.name != "complements")
SECTORS: Final = tuple(each for each in TRADE if not each.two_sectors)
FEW: Final = tuple(each for each in TRADE if each.name in ("central", "complements", "balanced"))
UNLIKE: Final = tuple(each for each in TRADE if each.name in ("central", "complements", "two-sectors"))
TIES: Final = tuple(each for each in TRADE if each.name in ("central", "balanced", "bound"))
BALANCED: Final = tuple(
    each._replace(about=f"{each.about}; every deficit zero", solve={**each.solve, "deficits": "zero"})
    for each in CLOSING
    if each.name != "balanced"
)

BAND: Final = tuple(
    Structure(name, about, choices={"band": name})
    for name, about in (
        ("least", "no input stops production, buyers turn to others"),
        ("central", "inputs stop production by their rating, buyers turn to others"),
        ("most", "every input stops production, suppliers are fixed"),
    )
)

SKILLS: Final = tuple(
    Structure(name, about, {"deficits": "fixed"}, choices={"mobility": mobility})
    for name, about, mobility in (
        ("bound", "workers bound to sectors with dispersion 1.1 (assumption)", 1.1),
        (
            "middle",
            f"with dispersion {WORKER_MOBILITY:g} (Galle, Rodríguez-Clare and Yi 2023)",
            WORKER_MOBILITY,
        ),
        ("free", "workers move freely between sectors", float("inf")),
    )
)

SPREADS: Final = tuple(
    Structure(name, about, choices={"workers": name})
    for name, about in (
        ("even", "workers spread over sectors as value added"),
        ("farming", "more workers for a unit of value added in farming, by the drawn factor"),
        ("skills", "workers by the labour types of each sector"),
    )
)

TRIGGERS: Final = tuple(
    Structure(f"after-{cases}", f"measures begin after {cases} own cases", choices={"after_cases": cases})
    for cases in (10, 100, 1000)
)

NETWORKS: Final = tuple(
    Structure(name, about, choices={"network": network, "valuation": valuation})
    for name, about, network, valuation in (
        ("dense", "everyone lends to everyone, linear DebtRank", "dense", "debtrank"),
        ("sparse", "few large links, linear DebtRank", "sparse", "debtrank"),
        (
            "clearing",
            "everyone lends to everyone, losses pass only where a debtor cannot pay",
            "dense",
            "clearing",
        ),
    )
)

ERRORS: Final = (
    Structure("independent", "errors of all recipes are independent", choices={"common": None}),
    Structure("goods", "half of the variance is common to a good", choices={"common": "good"}),
    Structure("users", "half of the variance is common to a user", choices={"common": "user"}),
)

HABITS: Final = tuple(
    Structure(name, about, {"deficits": "fixed"}, choices={"habit": habit})
    for name, about, habit in (
        ("trade-alone", "nothing but trade feeds back", 0.0),
        ("habit", "what a player does already is worth the drawn percent of income more to it", 1.0),
        ("strong-habit", "four times as much", 4.0),
    )
)

DESIGNS: Final = {
    "closing": Design(openness.closing, CLOSING),
    "opening": Design(openness.opening, CLOSING, facts.lacking),
    "divided": Design(openness.divided, TRADE),
    "small-states": Design(blocs.small_states, UNLIKE),
    "leaving": Design(blocs.leaving, TIES),
    "pooling": Design(blocs.pooling, FEW),
    "nation-first": Design(blocs.nation_first, UNLIKE),
    "cut-off": Design(blocs.cut_off, UNLIKE),
    "wages": Design(groups.wages, SKILLS, facts.lacking),
    "content": Design(groups.content, SPREADS, facts.lacking),
    "parted": Design(groups.parted, COBB_DOUGLAS, facts.lacking),
    "no-travel": Design(groups.no_travel, SECTORS, facts.lacking),
    "channels": Design(channels.channels, BALANCED),
    "accidents": Design(disasters.accidents, BAND),
    "volatility": Design(disasters.volatility, COBB_DOUGLAS),
    "borders": Design(disease.borders, TRIGGERS, facts.lacking),
    "integration": Design(banking.integration, NETWORKS, banking.lacking),
    "precision": Design(planners.precision, ERRORS),
    "way-back": Design(memory.way_back, HABITS),
}
"""Every experiment that a claim may name."""
