"""Small sweeps for tests, and what is known of them without solving."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from small_world import make_world

from ecumene.sweeps.schema import SweepFile
from ecumene.world import World

ONE_WAY = """
name: one-way
title: Georgia may sell and not buy
barriers: [{from: [DEU, FRA, USA, CHN, RUS], to: GEO, closed: true}]
"""
"""An order without an equilibrium where deficits are zero: trade cannot balance."""


def sweep_file(**changes: Any) -> SweepFile:
    """Two orders, four draws of two parameters, two closures: 16 cases in batches of 5."""
    said: dict[str, Any] = {
        "name": "small",
        "worlds": ["small"],
        "orders": ["today", "two-blocs"],
        "parameters": {
            "theta_factor": {"loguniform": [0.5, 2.0]},
            "deficits": {"values": ["zero", "fixed"]},
            "cost_percent": {"uniform": [0, 10]},
        },
        "sampling": {"draws": 4},
        "seed": 3,
        "measures": ["real_income", "real_wage"],
        "batch": 5,
    }
    return SweepFile.model_validate({**said, **changes})


def worlds() -> list[World]:
    return [make_world()]


def written(folder: Path, text: str, name: str = "order.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
