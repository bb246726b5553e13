"""Estimate the weights that come with Ecumene again, after the reference world changes.

Then change the figures in docs/alignment.md, which names them.
"""

from __future__ import annotations

from pathlib import Path

import ecumene
from ecumene.alignment import evidence, weights
from ecumene.sources import load_world

if __name__ == "__main__":
    target = Path(ecumene.__file__).parent / "alignment" / "weights.json"
    found = evidence.estimate(load_world("reference"))
    weights.write(found, target)
    for fit in (found.memberships, found.blocs):
        print(
            *(
                f"{name} {w:.4g} ({e:.2g})"
                for name, w, e in zip(fit.names, fit.weights, fit.standard_errors, strict=True)
            )
        )
    print(weights.verdict_of(found.comparisons))
