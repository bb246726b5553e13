"""Bases that are prepared once, whoever asks."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from small_world import make_world

from ecumene.models import bases, trade


def test_threads_that_need_the_same_base_share_one(monkeypatch: pytest.MonkeyPatch) -> None:
    world, made = make_world(), []
    observe = bases.observed_base

    def slow(*arguments: object) -> object:
        made.append(1)
        time.sleep(0.2)
        return observe(*arguments)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(bases, "observed_base", slow)
    with ThreadPoolExecutor(max_workers=3) as pool:
        solved = list(pool.map(lambda _: trade.solve(world), range(3)))
    assert all(eq.ok for eq in solved)
    assert len(made) == 1
