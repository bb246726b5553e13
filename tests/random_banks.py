"""Random balance sheets for the tests of bank contagion."""

from __future__ import annotations

import numpy as np

from ecumene.models.banks import Banks, banks


def random_banks(seed: int, size: int, *, density: float = 0.5, thin: float = 1.0) -> Banks:
    """Claims on some others, external assets that leave equity of either sign; small `thin` means little of them."""
    random = np.random.default_rng(seed)
    claims = random.lognormal(0.0, 1.0, (size, size)) * (random.random((size, size)) < density)
    np.fill_diagonal(claims, 0.0)
    owed = random.lognormal(0.0, 1.0, size) * (random.random(size) < 0.8)
    need = np.maximum(claims.sum(axis=0) + owed - claims.sum(axis=1), 0.0)
    outside = thin * (need * random.uniform(0.6, 1.4, size) + random.uniform(0.0, 0.5, size))
    return banks(claims, outside, owed)


def sound_banks(seed: int, size: int) -> Banks:
    """Balance sheets with equity above zero."""
    given = random_banks(seed, size)
    missing = np.maximum(-np.asarray(given.equity), 0.0)
    extra = np.random.default_rng(seed + 1).uniform(0.1, 2.0, size)
    return given._replace(external_assets=given.external_assets + missing + extra)
