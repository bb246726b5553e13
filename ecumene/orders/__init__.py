"""The language of orders: who is how deeply integrated with whom, and what that changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecumene.orders.reading import (
    check_order,
    json_schema,
    load_order,
    new_order,
    order_from_text,
    preset_names,
)
from ecumene.orders.schema import Order, OrderFile

if TYPE_CHECKING:
    from ecumene.orders.policy import Policy, apply

__all__ = [
    "Order",
    "OrderFile",
    "Policy",
    "apply",
    "check_order",
    "json_schema",
    "load_order",
    "new_order",
    "order_from_text",
    "preset_names",
]


def __getattr__(name: str) -> Any:
    """`apply` and `Policy` need a World, so they are imported when first asked for."""
    if name in ("Policy", "apply"):
        from ecumene.orders import policy

        return getattr(policy, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
