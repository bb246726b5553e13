"""What an order changes in a world, with the effects of the ladder as drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ecumene.orders import Policy, apply, load_order, order_from_text
from ecumene.ranges import goods_of
from ecumene.world import World

__all__ = ["Policy", "central", "drawn"]


def central(order: str, text: str, world: World) -> Policy:
    """A preset, or a YAML text of that name, applied with the ladder's central effects. Errors: OrderError."""
    return apply(order_from_text(text, order) if text else load_order(order), world)


def drawn(policy: Policy, world: World, goods_rank: float, services_rank: float) -> Policy:
    """The policy with effects at these ranks inside the ladder's intervals in place of its central numbers."""
    goods, services = policy.moved(goods_rank, services_rank)
    moved = np.where(goods_of(world), goods[:, :, None], services[:, :, None])
    return replace(policy, iceberg=policy.iceberg * np.exp(moved))
