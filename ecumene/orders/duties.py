"""What a change of depth does to tariffs: preferences, tariffs without preference, common tariffs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecumene.orders.state import Depths, Grid
from ecumene.types import FloatArray

FREE_TRADE = 2
"""Depth from which tariffs inside are zero."""


def weighted(values: FloatArray, weights: FloatArray, use: NDArray[np.bool_], axis: int) -> FloatArray:
    """Weighted mean over the cells to use: the simple mean where all weights are 0, NaN without a cell."""
    kept = np.where(use, weights, 0.0)
    total = kept.sum(axis=axis)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (kept * values).sum(axis=axis) / total
        if (total > 0).all():
            return mean
        plain = np.where(use, values, 0.0).sum(axis=axis) / use.sum(axis=axis)
    return np.where(total > 0, mean, plain)


def without_preference(
    tariff: FloatArray, trade: FloatArray, base_depth: NDArray[np.int64]
) -> tuple[FloatArray, list[int]]:
    """[R, S] tariff of every importer on origins without preference, and importers that have no such origin.

    The import-weighted mean over origins with base depth below 2; an importer without any gets its highest.
    """
    outside = base_depth < FREE_TRADE
    np.fill_diagonal(outside, False)
    use = np.broadcast_to(outside[:, :, None], tariff.shape)
    rate = weighted(tariff, trade, use, axis=0)
    none = np.flatnonzero(~outside.any(axis=0))
    off = ~np.eye(len(outside), dtype=np.bool_)
    highest = np.where(off[:, :, None], tariff, 0.0).max(axis=0)
    rate[none] = highest[none]
    return rate, [int(n) for n in none]


def preferences(
    tariff: FloatArray, before: NDArray[np.int64], after: NDArray[np.int64], mfn: FloatArray, goods: Grid
) -> FloatArray:
    """Tariffs after links cross depth 2: zero where they reach it, without preference where they fall."""
    gained = (after >= FREE_TRADE) & (before < FREE_TRADE)
    lost = (after < FREE_TRADE) & (before >= FREE_TRADE)
    out = tariff
    for crossed, rates in ((gained, np.zeros_like(mfn)), (lost, mfn)):
        if crossed.any():
            out = out.copy() if out is tariff else out
            np.copyto(out, rates[None], where=crossed[:, :, None] & goods)
    return out


def largest_unions(
    customs: dict[str, frozenset[str]], economies: tuple[str, ...]
) -> dict[str, frozenset[str]]:
    """Customs unions as the world sees them, without those inside a larger one."""
    seen = {n: codes & frozenset(economies) for n, codes in customs.items()}
    out: dict[str, frozenset[str]] = {}
    for name, codes in sorted(seen.items(), key=lambda item: (-len(item[1]), item[0])):
        if len(codes) > 1 and not any(codes <= other for other in out.values()):
            out[name] = codes
    return out


def common_tariffs(
    tariff: FloatArray,
    trade: FloatArray,
    economies: tuple[str, ...],
    before: Depths,
    after: Depths,
    goods: Grid,
) -> tuple[FloatArray, list[str]]:
    """Tariffs after new or enlarged customs unions, and the names of those unions.

    Towards an origin outside that has no free trade with the importer, every member levies the mean,
    weighted by imports, of the members' tariffs on that origin, by sector. A union that gains members keeps
    the mean of those it had; one that is unchanged, or only loses members, keeps its tariffs as they are.
    """
    old = largest_unions(before.customs, economies)
    done: list[str] = []
    out = tariff
    for name, codes in largest_unions(after.customs, economies).items():
        if any(codes <= previous for previous in old.values()):
            continue
        setters = old[name] & codes if name in old and old[name] & codes else codes
        at = np.array([e in codes for e in economies])
        inside = np.flatnonzero(at)
        sets = np.flatnonzero([e in setters for e in economies])
        open_to = after.depth < FREE_TRADE
        rates, sold = out[:, sets], trade[:, sets]
        use = np.broadcast_to((open_to & ~at[:, None])[:, sets, None], rates.shape)
        mean = weighted(rates, sold, use, axis=1)[:, None, :]
        cells = (open_to & ~at[:, None])[:, inside, None] & goods[:, inside] & np.isfinite(mean)
        out = out.copy() if out is tariff else out
        out[:, inside] = np.where(cells, mean, out[:, inside])
        done.append(name)
    return out, done
