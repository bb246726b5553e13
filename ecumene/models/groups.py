"""Which economies trade, directly or not: groups without links have wage levels of their own and no transfers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecumene.types import BoolArray, FloatArray, IntArray

TRANSFERS_ENDED = "each trading group balances by itself"
"""How the note on deficits that end with trade reads."""


@dataclass(frozen=True)
class Groups:
    """Trading groups of a case.

    together [R, R] is 1 where two economies belong to one group, `isolated` marks economies alone in theirs, and
    `one_way` lists economies of a group that cannot all reach each other, so that their trade may not balance.
    """

    together: FloatArray
    isolated: BoolArray
    one_way: tuple[int, ...]


def _reachable(links: BoolArray) -> BoolArray:
    """Where goods can go over any number of links: the transitive closure, by squaring."""
    reach = links | np.eye(len(links), dtype=bool)
    for _ in range(int(np.ceil(np.log2(max(len(links), 2))))):
        farther = (reach.astype(np.float32) @ reach.astype(np.float32)) > 0
        if (farther == reach).all():
            break
        reach = farther
    return reach


def _groups_of(mutual: BoolArray) -> IntArray:
    """A number for every economy, the same inside one group of an equivalence relation."""
    return np.unique(mutual.argmax(axis=1), return_inverse=True)[1]


def trading_groups(open_links: BoolArray) -> Groups:
    """Groups of economies from the open links [origin, destination]."""
    if open_links.all():
        return Groups(np.ones(open_links.shape), np.full(len(open_links), len(open_links) == 1), ())
    strong = _groups_of(_reachable(open_links) & _reachable(open_links).T)
    weak = _groups_of(_reachable(open_links | open_links.T))
    n_strong, n_weak = strong.max() + 1, weak.max() + 1
    together = (weak[:, None] == weak[None, :]).astype(np.float64)
    one_way: tuple[int, ...] = ()
    if n_strong > n_weak:
        size = np.bincount(weak)
        largest = {int(group): np.bincount(strong[weak == group]).argmax() for group in range(n_weak)}
        one_way = tuple(
            int(n) for n in range(len(weak)) if size[weak[n]] > 1 and strong[n] != largest[int(weak[n])]
        )
    return Groups(together, together.sum(axis=1) == 1, one_way)


def transfers_within(transfer: FloatArray, value_added: FloatArray, together: FloatArray) -> FloatArray:
    """Deficits that sum to zero in every group: what a group owes outside it is spread over it by value added."""
    return transfer - value_added * (together @ transfer) / (together @ value_added)


def can_pay(open_links: BoolArray, transfer: FloatArray) -> bool:
    """Whether who can only sell has a surplus and who can only buy a deficit, summed over mutually linked economies."""
    reach = _reachable(open_links)
    mutual = reach & reach.T
    balance = mutual @ transfer
    sells, buys = (reach & ~mutual).any(axis=1), (reach & ~mutual).any(axis=0)
    return bool((balance[sells & ~buys] < 0).all() and (balance[buys & ~sells] > 0).all())
