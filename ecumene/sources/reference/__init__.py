"""The embedded reference world: typed facts, method, and the packaged file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecumene.world import World


def load_reference() -> World:
    """Load the packaged reference world of 2019. Unit: million USD a year. Errors: SourceError."""
    from ecumene.sources.reference import stored

    return stored.load_reference()


load = load_reference

__all__ = ["load", "load_reference"]
