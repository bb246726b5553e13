"""Experiments by name: what runs, under which structures, on which worlds."""

from __future__ import annotations

from typing import Final

from ecumene.ledger.bench import Design
from ecumene.ledger.experiments import openness
from ecumene.ledger.structures import CLOSING, TRADE

DESIGNS: Final = {
    "closing": Design(openness.closing, CLOSING),
    "opening": Design(openness.opening, CLOSING),
    "divided": Design(openness.divided, TRADE),
}
"""Every experiment that a claim may name."""
