"""What stances mean under a scenario's policies, in words: notes of a result, and lines under its tables."""

from __future__ import annotations

from typing import Final

import numpy as np

from ecumene.models.stances import BLOC, CHOICES, CLOSED, OPEN, TARIFFS, Stances
from ecumene.scenarios.schema import STANCES, Policies
from ecumene.types import BoolArray

MEANING: Final = "Stances: "
"""How the note begins that says what stances mean; tables show it."""


def meaning(told: Policies, allowed: BoolArray) -> str:
    """What every stance that somebody can choose means under a scenario's policies, in a sentence."""
    said = {
        OPEN: "open, as today",
        BLOC: f"bloc, at least depth {told.bloc_depth} with those of its bloc that choose it too, and on imports from "
        f"outside {_dearer(told.bloc_tariff_points, told.bloc_cost_percent)}",
        TARIFFS: f"tariffs, {told.tariff_points:g} percentage points on goods from everybody",
        CLOSED: f"closed, at most depth {told.closed_depth} with anybody, and on imports from everybody "
        f"{_dearer(told.closed_tariff_points, told.closed_cost_percent)}",
    }
    words = "; ".join(text for stance, text in said.items() if allowed[:, stance].any())
    return f"{MEANING}{words} (assumptions of the scenario)."


def _dearer(points: float, percent: float) -> str:
    return f"{points:g} percentage points on goods and a barrier of {percent:g} %"


def same_as_open(exact: Stances, allowed: BoolArray) -> tuple[str, ...]:
    """A note for every stance that changes no rule: it is open under another name, and counts apart."""
    begin = exact.rules(np.full(len(allowed), OPEN))
    names = [
        STANCES[k]
        for k in range(CHOICES)
        if k != OPEN
        and allowed[:, k].any()
        and all(map(np.array_equal, begin, exact.rules(np.where(allowed[:, k], k, OPEN))))
    ]
    return tuple(
        f"{MEANING}{name} changes nothing against open under these policies. Players take either by chance, both count "
        "apart, and what is neither is chosen less often than if there were one of them."
        for name in names
    )
