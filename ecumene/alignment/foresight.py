"""Unions of poles that would last: labelled payoffs of every partition, and which are farsightedly stable."""

from __future__ import annotations

import xarray as xr

from ecumene.alignment.places import Places
from ecumene.models.alignment import Alignment
from ecumene.models.coalitions import Partition
from ecumene.models.farsight import farsighted
from ecumene.models.poles import game_of_poles

VARIABLES = ("union_payoff", "union_lasts")


def name_of(partition: Partition, names: tuple[str, ...]) -> str:
    """A partition in words, as `EU + USA | CHN`."""
    unions = [
        [n for n, label in zip(names, partition, strict=True) if label == own]
        for own in dict.fromkeys(partition)
    ]
    return " | ".join(" + ".join(union) for union in unions)


def foresight(game: Alignment, places: Places) -> xr.Dataset:
    """Payoff of every pole in every partition of poles [union, pole], and whether it is in the largest consistent set.

    Errors: InputError for more than 8 poles; SolveError.
    """
    found = farsighted(game_of_poles(game))
    apart = found.payoffs[found.partitions.index(tuple(range(len(places.names))))]
    return xr.Dataset(
        {
            "union_payoff": xr.Variable(
                ("union", "pole"),
                found.payoffs - apart,
                attrs={"units": "payoff", "long_name": "payoff of a pole less that with all poles apart"},
            ),
            "union_lasts": xr.Variable(
                ("union",),
                found.stable.astype(float),
                attrs={
                    "units": "1 or 0",
                    "long_name": "in the largest consistent set: no departure pays in the end",
                },
            ),
        },
        coords={"union": [name_of(p, places.names) for p in found.partitions], "pole": list(places.names)},
    )
