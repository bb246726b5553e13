"""What an order changes in a world, with the effects of the ladder as drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from ecumene.orders import Policy, apply, ladder, load_order, order_from_text
from ecumene.types import FloatArray
from ecumene.world import World

__all__ = ["Policy", "central", "drawn"]


def central(order: str, text: str, world: World) -> Policy:
    """A preset, or a YAML text of that name, applied with the ladder's central effects. Errors: OrderError."""
    return apply(order_from_text(text, order) if text else load_order(order), world)


def drawn(policy: Policy, world: World, goods_rank: float, services_rank: float) -> Policy:
    """The policy with effects at these ranks inside the ladder's intervals in place of its central numbers."""
    layer = world.layers.get("goods")
    is_goods = np.ones(len(world.sectors), bool) if layer is None else np.asarray(layer.values, dtype=bool)

    def factor(which: Literal["goods", "services"], rank: float) -> FloatArray:
        more = _at_rank(which, rank) - ladder.effects(which)
        return np.exp(more[policy.base_depth] - more[policy.depth])[:, :, None]

    moved = np.where(is_goods, factor("goods", goods_rank), factor("services", services_rank))
    return replace(policy, iceberg=policy.iceberg * moved)


def _at_rank(which: Literal["goods", "services"], rank: float) -> FloatArray:
    """Effects of the ladder's depths at a rank of their intervals: triangular, peak at the central number."""
    low, peak, high = (ladder.effects(which, bound) for bound in ("low", "central", "high"))
    width = high - low
    rise, fall = rank * width * (peak - low), (1.0 - rank) * width * (high - peak)
    return np.where(rank * width < peak - low, low + np.sqrt(rise), high - np.sqrt(fall))
