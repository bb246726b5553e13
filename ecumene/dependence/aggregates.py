"""Measures of one partner, where it is many economies together: said, since none of them could do it alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr

from ecumene import countries

BY_PARTNER: Final = {
    "largest_partner_share": "reliance_value_added_on",
    "worst_cut": "loss_if_cut_off_without_missing",
}
"""Measures of one partner, and the array [economy, partner] whose largest cell each is."""

SHOWN: Final = 6
"""Economies that a sentence names."""


def partners(data: xr.Dataset, measure: str) -> dict[str, str]:
    """The partner of a measure for each economy that has one."""
    if measure not in data or BY_PARTNER[measure] not in data:
        return {}
    found = data[BY_PARTNER[measure]].transpose("economy", "partner")
    names = [str(code) for code in found["partner"].values]
    out = {}
    for code, row, value in zip(
        map(str, found["economy"].values), found.values, data[measure].values, strict=True
    ):
        others = np.where(np.isnan(row) | (np.array(names) == code), -np.inf, row)
        if np.isfinite(value) and others.max() > 0:
            out[code] = names[int(others.argmax())]
    return out


def sentences(data: xr.Dataset, measures: Sequence[str] = tuple(BY_PARTNER)) -> tuple[str, ...]:
    """A sentence for each measure and aggregate: whose partner it is; none where every partner is one economy."""
    told = []
    for measure in (name for name in measures if name in BY_PARTNER):
        found = partners(data, measure)
        for aggregate in sorted({name for name in found.values() if countries.is_aggregate(name)}):
            whose = [code for code, name in found.items() if name == aggregate]
            more = f" and {len(whose) - SHOWN} others" if len(whose) > SHOWN else ""
            told.append(
                f"{measure} of {', '.join(whose[:SHOWN])}{more}: the partner is {aggregate}, an aggregate of many "
                "economies, which no single one could be."
            )
    return tuple(told)
