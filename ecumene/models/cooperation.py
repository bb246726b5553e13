"""Whether players of a tariff game can keep to an agreed tariff: one departure against Nash tariffs ever after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ecumene.errors import InputError
from ecumene.models.tariff_search import Search, levied, limits_of

if TYPE_CHECKING:
    from ecumene.models.tariffs import NashTariffs


def patience(nash: NashTariffs, agreed: float = 0.0) -> xr.Dataset:
    """The discount factor from which on an agreed tariff is sustained by the threat of Nash tariffs for ever after.

    Every player holds its rates at `agreed` (0: free trade in goods, to outsiders too). Who departs has one period of
    its best response and then Nash: keeping the agreement pays where `delta >= (v_d - v_a) / (v_d - v_N)`, v the log
    real income of a period. Infinite where a player is better off at Nash than agreed: no patience sustains it.
    Returns `discount_factor` and the three values by player, over the base. Source: Friedman (1971), Dixit (1987).
    Errors: InputError where the Nash tariffs are not certified or `agreed` is out of bounds; SolveError.
    """
    game, limits = nash.game, limits_of(nash.bounds)
    low, high = nash.bounds
    if not nash.certified:
        raise InputError(
            "the Nash tariffs are not certified, so they are no threat; solve them with more rounds"
        )
    if not low <= agreed <= high:
        raise InputError(f"agreed is {agreed:g}, outside the bounds {low:g} to {high:g} of the Nash tariffs")
    held = [np.full(player.size, np.log1p(agreed)) for player in game.players]
    anchor = game.anchor()
    together = game.point(levied(game, held), anchor)
    apart = game.point(levied(game, nash.points), anchor)

    def departs(number: int) -> float:
        search = Search(game, game.players[number], together.tariff, anchor._replace(z=together.z))
        return max(search.best(start[number], limits, 1e-9).value for start in (held, nash.points))

    depart = np.array(game.parallel(departs, list(range(len(held)))))
    agree = np.array([game.value(player, together) for player in game.players])
    threat = np.array([game.value(player, apart) for player in game.players])
    tempted = depart - agree > 0
    worse = agree > threat
    ratio = (depart - agree) / np.where(worse, depart - threat, 1.0)
    factor = np.where(tempted, np.where(worse, ratio, np.inf), 0.0)
    units = {
        "discount_factor": "a period",
        "agreed": "log points",
        "depart": "log points",
        "nash": "log points",
    }
    values = {"discount_factor": factor, "agreed": agree, "depart": depart, "nash": threat}
    return xr.Dataset(
        {name: ("player", values[name], {"units": unit}) for name, unit in units.items()},
        coords={"player": [player.name for player in game.players]},
    )
