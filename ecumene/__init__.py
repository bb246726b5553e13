"""Ecumene: an open laboratory for world orders.

The public names. Each is loaded on first use, so that `import ecumene` and `ecumene --help` stay quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecumene import errors as errors
    from ecumene.alignment.answer import align as align
    from ecumene.models import trade as trade
    from ecumene.orders import Order as Order
    from ecumene.orders import load_order as load_order
    from ecumene.results import Comparison as Comparison
    from ecumene.results import Result as Result
    from ecumene.results import load_result as load_result
    from ecumene.runs import compare as compare
    from ecumene.runs import run as run
    from ecumene.sources import load_world as load_world
    from ecumene.world import World as World

__version__ = "0.1.0"

_HOME = {
    "Comparison": "ecumene.results",
    "Order": "ecumene.orders",
    "Result": "ecumene.results",
    "World": "ecumene.world",
    "align": "ecumene.alignment.answer",
    "compare": "ecumene.runs",
    "load_order": "ecumene.orders",
    "load_result": "ecumene.results",
    "load_world": "ecumene.sources",
    "run": "ecumene.runs",
}
_MODULES = {"errors": "ecumene.errors", "trade": "ecumene.models.trade"}

__all__ = [
    "Comparison",
    "Order",
    "Result",
    "World",
    "__version__",
    "align",
    "compare",
    "errors",
    "load_order",
    "load_result",
    "load_world",
    "run",
    "trade",
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
