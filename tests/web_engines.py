"""Engines of the service for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from small_world import make_world

from ecumene.web.engine import Engine, Settings
from ecumene.web.worker import Task


def small_engine(folder: Path, what: Task | None = None, **settings: Any) -> Engine:
    """An engine that knows a small world, `small`, beside the reference world, and begins cold."""
    worlds = folder / "worlds"
    worlds.mkdir(exist_ok=True)
    make_world().save(worlds / "small.ecm")
    return Engine(Settings(folder / "results", worlds=worlds, task=what, warm=False, **settings))
