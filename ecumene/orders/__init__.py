"""The language of orders: who is how deeply integrated with whom, and what that changes."""

from __future__ import annotations

from ecumene.orders.policy import Policy, apply
from ecumene.orders.reading import (
    check_order,
    json_schema,
    load_order,
    new_order,
    order_from_text,
    preset_names,
)
from ecumene.orders.schema import Order, OrderFile

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
