"""The language of shocks: a YAML file says what happens, under any order."""

from __future__ import annotations

from ecumene.shocks.reading import (
    ACCIDENTS,
    CATALOGUE,
    json_schema,
    load_shock,
    new_shock,
    shock_from_text,
    shock_names,
)
from ecumene.shocks.schema import Shock

__all__ = [
    "ACCIDENTS",
    "CATALOGUE",
    "Shock",
    "json_schema",
    "load_shock",
    "new_shock",
    "shock_from_text",
    "shock_names",
]
