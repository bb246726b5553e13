"""One state of several economies, or of one and its parts, as an answer with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecumene.alignment.evidence import Told
from ecumene.alignment.merging import merging, parting
from ecumene.alignment.outcome import States, states_of
from ecumene.questions import Beside
from ecumene.world import World


def states(
    world: World,
    *,
    merge: Sequence[str] = (),
    divide: str | None = None,
    parts: Mapping[str, float],
    depth: int = 2,
    mixing: float = 1.0,
    positions: str | None = None,
    rivals: Sequence[str] = (),
    progress: Told | None = None,
) -> States:
    """What `merging` finds of the economies `merge`, or `parting` of `divide` and its `parts`. Errors: theirs."""
    if divide is None:
        found = merging(world, merge, positions=positions, rivals=rivals, progress=progress)
    else:
        found = parting(
            world,
            divide,
            parts,
            depth=depth,
            mixing=mixing,
            positions=positions,
            rivals=rivals,
            progress=progress,
        )
    asked = {
        "merge": list(merge),
        "divide": divide,
        "parts": dict(parts),
        "depth": depth,
        "mixing": mixing,
        "positions": None if positions is None else Beside(positions),
        "rivals": list(rivals),
    }
    return states_of(world, found, asked)
