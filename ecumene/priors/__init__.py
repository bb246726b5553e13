"""What is known of parameters, and how far it goes: one table of priors, and seeded draws from it."""

from ecumene.priors.draws import Draws, draw, of_kinds, parameters, placed
from ecumene.priors.shocks import BY_NAME, ShockParameters, draw_shocks
from ecumene.priors.table import PRIORS, Prior

__all__ = [
    "BY_NAME",
    "PRIORS",
    "Draws",
    "Prior",
    "ShockParameters",
    "draw",
    "draw_shocks",
    "of_kinds",
    "parameters",
    "placed",
]
