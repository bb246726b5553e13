"""Who revises: from names of economies and unions to players on a world's axes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ecumene.alignment.places import codes_of, year_of
from ecumene.errors import InputError, ScenarioError
from ecumene.scenarios.schema import STANCES, Revision
from ecumene.types import BoolArray, FloatArray, IntArray
from ecumene.world import World


class Places(NamedTuple):
    """Players as numbers, and what each can choose."""

    names: tuple[str, ...]
    group: IntArray  # [economy] its player, -1 for none
    bloc: IntArray  # [player] its bloc, -1 for none
    start: IntArray  # [player] its first stance
    allowed: BoolArray  # [player, stance]
    share: FloatArray  # [player, economy] weights of its members by base income
    size: FloatArray  # [player] share of all players' base income


def places_of(world: World, wanted: Revision) -> Places:
    """Players of a revision. Errors: ScenarioError listing every name that is unknown or in two players."""
    date = year_of(world)
    owner: dict[str, str] = {}
    problems: list[str] = []
    for at, name in enumerate(wanted.players):
        try:
            codes = codes_of(world, name, date)
        except InputError as error:
            problems.append(f"revision.players[{at}]: {error}")
            continue
        both = [code for code in codes if code in owner]
        if both:
            problems.append(
                f"revision.players[{at}]: {', '.join(both)} is in {name} and in {owner[both[0]]}; name one of them"
            )
        owner |= dict.fromkeys(codes, name)
    if problems:
        count = f"{len(problems)} problem{'s' * (len(problems) != 1)}"
        raise ScenarioError(f"the players of the scenario: {count}", tuple(problems))
    number = {name: n for n, name in enumerate(wanted.players)}
    group = np.array([number[owner[code]] if code in owner else -1 for code in world.economies])
    bloc = np.full(len(number), -1)
    for b, members in enumerate(wanted.blocs.values()):
        bloc[[number[name] for name in members]] = b
    start = np.array([STANCES.index(wanted.start.get(name, "open")) for name in wanted.players])
    allowed = np.ones((len(number), len(STANCES)), dtype=bool)
    allowed[:, STANCES.index("bloc")] = bloc >= 0
    income = world.income.values
    member = group[None, :] == np.arange(len(number))[:, None]
    own = member * income[None, :]
    total = own.sum(axis=1)
    return Places(wanted.players, group, bloc, start, allowed, own / total[:, None], total / total.sum())
