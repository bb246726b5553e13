"""What is known of parameters, and how far it goes: one table of priors, and seeded draws from it."""

from ecumene.priors.draws import Draws, draw
from ecumene.priors.table import PRIORS, Prior

__all__ = ["PRIORS", "Draws", "Prior", "draw"]
