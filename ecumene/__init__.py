"""Ecumene: an open laboratory for world orders.

The public names. Each is loaded on first use, so that `import ecumene` and `ecumene --help` stay quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecumene import errors as errors
    from ecumene.alignment.answer import align as align
    from ecumene.dependence.result import Sovereignty as Sovereignty
    from ecumene.dependence.vector import sovereignty as sovereignty
    from ecumene.evolution.answer import evolve as evolve
    from ecumene.evolution.outcome import Evolution as Evolution
    from ecumene.ledger.answer import evidence as evidence
    from ecumene.ledger.outcome import Ledger as Ledger
    from ecumene.models import tariffs as tariffs
    from ecumene.models import trade as trade
    from ecumene.orders import Order as Order
    from ecumene.orders import load_order as load_order
    from ecumene.planning.frontiers import plan_frontiers as plan_frontiers
    from ecumene.planning.national import plan as plan
    from ecumene.planning.precision import plan_precision as plan_precision
    from ecumene.planning.result import PlanFrontiers as PlanFrontiers
    from ecumene.planning.result import PlanResult as PlanResult
    from ecumene.planning.result import Precision as Precision
    from ecumene.report.document import write_report as write_report
    from ecumene.reproduction import Reproduction as Reproduction
    from ecumene.reproduction import reproduce as reproduce
    from ecumene.results import Comparison as Comparison
    from ecumene.results import Result as Result
    from ecumene.results import load_result as load_result
    from ecumene.runs import compare as compare
    from ecumene.runs import run as run
    from ecumene.sources import load_world as load_world
    from ecumene.sweeps.answer import sweep as sweep
    from ecumene.sweeps.outcome import SweepResult as SweepResult
    from ecumene.sweeps.outcome import load_sweep as load_sweep
    from ecumene.uncertainty.drivers import drivers as drivers
    from ecumene.uncertainty.result import Drivers as Drivers
    from ecumene.uncertainty.result import Structures as Structures
    from ecumene.uncertainty.structures import structures as structures
    from ecumene.world import World as World

__version__ = "0.1.0"

_HOME = {
    "Comparison": "ecumene.results",
    "Drivers": "ecumene.uncertainty.result",
    "Evolution": "ecumene.evolution.outcome",
    "Ledger": "ecumene.ledger.outcome",
    "Order": "ecumene.orders",
    "PlanFrontiers": "ecumene.planning.result",
    "PlanResult": "ecumene.planning.result",
    "Precision": "ecumene.planning.result",
    "Reproduction": "ecumene.reproduction",
    "Result": "ecumene.results",
    "Sovereignty": "ecumene.dependence.result",
    "Structures": "ecumene.uncertainty.result",
    "SweepResult": "ecumene.sweeps.outcome",
    "World": "ecumene.world",
    "align": "ecumene.alignment.answer",
    "compare": "ecumene.runs",
    "drivers": "ecumene.uncertainty.drivers",
    "evidence": "ecumene.ledger.answer",
    "evolve": "ecumene.evolution.answer",
    "load_order": "ecumene.orders",
    "load_result": "ecumene.results",
    "load_sweep": "ecumene.sweeps.outcome",
    "load_world": "ecumene.sources",
    "plan": "ecumene.planning.national",
    "plan_frontiers": "ecumene.planning.frontiers",
    "plan_precision": "ecumene.planning.precision",
    "reproduce": "ecumene.reproduction",
    "run": "ecumene.runs",
    "sovereignty": "ecumene.dependence.vector",
    "structures": "ecumene.uncertainty.structures",
    "sweep": "ecumene.sweeps.answer",
    "write_report": "ecumene.report.document",
}
_MODULES = {
    "errors": "ecumene.errors",
    "tariffs": "ecumene.models.tariffs",
    "trade": "ecumene.models.trade",
}

__all__ = [
    "Comparison",
    "Drivers",
    "Evolution",
    "Ledger",
    "Order",
    "PlanFrontiers",
    "PlanResult",
    "Precision",
    "Reproduction",
    "Result",
    "Sovereignty",
    "Structures",
    "SweepResult",
    "World",
    "__version__",
    "align",
    "compare",
    "drivers",
    "errors",
    "evidence",
    "evolve",
    "load_order",
    "load_result",
    "load_sweep",
    "load_world",
    "plan",
    "plan_frontiers",
    "plan_precision",
    "reproduce",
    "run",
    "sovereignty",
    "structures",
    "sweep",
    "tariffs",
    "trade",
    "write_report",
]


def __getattr__(name: str) -> object:
    """Load a public name on first use (PEP 562) and keep it."""
    if name in _MODULES:
        value: object = import_module(_MODULES[name])
    elif name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
    else:
        raise AttributeError(f"module 'ecumene' has no attribute {name!r}; it offers {', '.join(__all__)}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
