"""Final uses of an economy: what is consumed, what is invested, what goes into stocks."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from ecumene import sectors
from ecumene.errors import InputError
from ecumene.plans import Settings
from ecumene.security.parameters import BUILDERS
from ecumene.types import FloatArray
from ecumene.world import World

INVESTMENT: Final = ("gfcf", "p51g", "p51", "gross fixed capital formation", "investment")
"""Names of investment in published tables, in small letters: WIOD and ICIO, FIGARO, EXIOBASE."""

STOCKS: Final = (
    "inventories", "invnt", "p5m", "p52", "p53", "p52_p53", "changes in inventories", "changes in valuables",
    "valuables",
)  # fmt: skip
"""Names of changes of stocks, in small letters."""

MOST_INVESTED: Final = 0.9
"""Largest share of a sector's final sales that is taken for investment where it is not told apart (assumption)."""


class FinalUses(NamedTuple):
    """Final spending of one economy by purpose [sector], million USD a year, duties included."""

    consumption: FloatArray
    investment: FloatArray
    stocks: FloatArray
    notes: tuple[str, ...]


def final_uses(world: World, n: int, settings: Settings) -> FinalUses:
    """Consumption, gross fixed capital formation and changes of stocks of the economy at place n.

    Recognised by the names of the world's final uses, or as `settings.uses` says. A world with one final use is
    split by an assumed share of investment, which the notes say. Errors: InputError where several uses are there and
    none is known as investment, or a use named in the settings is not there.
    """
    spent = world.final.values[n]
    named = settings.uses
    by_name = {use.lower(): place for place, use in enumerate(world.final_uses)}
    if named is not None:
        unknown = [use for use in (*named.investment, *named.stocks) if use.lower() not in by_name]
        if unknown:
            raise InputError(
                f"uses names {', '.join(unknown)}, which this world lacks; its final uses are: "
                f"{', '.join(world.final_uses)}"
            )
    invested = {
        by_name[use.lower()] for use in (named.investment if named else INVESTMENT) if use.lower() in by_name
    }
    stored = {by_name[use.lower()] for use in (named.stocks if named else STOCKS) if use.lower() in by_name}
    if invested & stored:
        raise InputError("uses names one final use as investment and as stocks; keep it in one of them")
    if not invested and len(world.final_uses) > 1:
        raise InputError(
            f"none of the final uses {', '.join(world.final_uses)} is known as investment; name it in the settings, "
            "as in 'uses: {investment: gfcf, stocks: inventories}'"
        )
    if not invested:
        return _split(world, spent.sum(axis=1), settings.investment_share)
    rest = [place for place in range(len(world.final_uses)) if place not in invested | stored]
    consumed = spent[:, rest].sum(axis=1)
    if not consumed.sum() > 0:
        raise InputError(
            f"{world.economies[n]} consumes nothing: all its final uses are investment or stocks"
        )
    return FinalUses(
        consumed,
        spent[:, sorted(invested)].sum(axis=1),
        spent[:, sorted(stored)].sum(axis=1),
        (f"Needs are the final uses {', '.join(world.final_uses[place] for place in rest)}.",),
    )


def _split(world: World, final: FloatArray, share: float) -> FinalUses:
    """Investment as an assumed share of all final spending, in goods that investment buys."""
    kinds = sectors.kinds(world.sectors)
    if kinds is None:
        invested = share * final
        bought = "in the proportions of final spending"
    else:
        weight = np.array([max((BUILDERS.get(kind, 0.0) for kind in each), default=0.0) for each in kinds])
        wanted = share * final.sum() * (weight / weight.sum() if weight.sum() > 0 else final / final.sum())
        invested = np.minimum(wanted, MOST_INVESTED * final)
        bought = f"in construction, machinery and vehicles, at most {MOST_INVESTED:.0%} of what each sells to final use"
    got = invested.sum() / final.sum()
    note = (
        f"This world tells no investment apart: {got:.1%} of final spending is taken for gross fixed capital formation "
        f"(assumption: {share:.0%}, of the order of the world's share in GDP, World Bank), {bought}."
    )
    return FinalUses(final - invested, invested, np.zeros_like(final), (note,))
