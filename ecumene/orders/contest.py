"""Who plays an order's tariff game in a world: customs territories by name or by size, each economy once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ecumene.orders import duties
from ecumene.orders.names import Resolver
from ecumene.orders.schema import TariffGame
from ecumene.orders.state import Depths, Grid
from ecumene.types import FloatArray

AGGREGATE = "ROW"
"""How the codes of aggregates begin: they have no government."""


@dataclass(frozen=True, eq=False)
class Contest:
    """A tariff game to solve: `players` with their members, the leader first; `spared` [R, R] links keep their tariffs;
    `bounds` ad valorem."""

    players: dict[str, tuple[str, ...]]
    stage: str
    by: str
    bounds: tuple[float, float]
    spared: Grid | None


def _territories(
    economies: Sequence[str], customs: Mapping[str, frozenset[str]]
) -> dict[str, tuple[str, ...]]:
    """Customs unions, none inside a larger one, and all other economies alone, aggregates left out.

    A country of two unions is in the larger.
    """
    out: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    for name, codes in duties.largest_unions(dict(customs), tuple(economies)).items():
        out[name] = tuple(code for code in economies if code in codes - taken)
        taken |= codes
    alone = (code for code in economies if code not in taken and not code.upper().startswith(AGGREGATE))
    return {name: codes for name, codes in out.items() if codes} | {code: (code,) for code in alone}


def _largest(
    count: int, economies: tuple[str, ...], state: Depths, size: FloatArray, taxable: Grid
) -> dict[str, tuple[str, ...]]:
    """The largest territories that buy goods which they may tax, the largest first."""
    at = {code: i for i, code in enumerate(economies)}
    found = {}
    for name, codes in _territories(economies, state.customs).items():
        inside = np.array([at[code] for code in codes])
        outside = np.setdiff1d(np.arange(len(economies)), inside)
        if taxable[np.ix_(outside, inside)].any():
            found[name] = (-float(size[inside].sum()), codes)
    ranked = sorted(found, key=lambda name: (found[name][0], name))
    return {name: found[name][1] for name in ranked[:count]}


def contest_of(
    game: TariffGame,
    resolver: Resolver,
    state: Depths,
    size: FloatArray | None,
    bought: Grid | None,
    problems: list[str],
    notes: list[str],
) -> Contest | None:
    """The game in a world; what cannot be played goes to `problems`, what the world lacks to `notes`.

    `size` [R], value added, ranks territories for `largest`, and `bought` [origin, destination] is true where goods
    are: who may tax nothing does not play. Without them (no data) only named players are checked.
    """
    economies = resolver.economies
    spared = None if game.spare_depth is None else state.depth >= game.spare_depth
    players: dict[str, tuple[str, ...]] = {}
    if game.largest is not None:
        if size is None or bought is None:
            return None
        players = _largest(
            game.largest, economies, state, size, bought if spared is None else bought & ~spared
        )
        if not players:
            notes.append("Nobody plays the tariff game: no economy of this world buys goods that it may tax.")
            return None
    else:
        owner: dict[str, str] = {}
        for given in game.players:
            at = [economies[i] for i in resolver.index((given,))]
            name = given.removeprefix("union:")
            for code in at:
                if code in owner:
                    problems.append(
                        f"tariff_game.players: {code} is a player in {owner[code]} and in {name}; "
                        "every economy may set its tariffs once"
                    )
                owner.setdefault(code, name)
            if at:
                players[name] = tuple(at)
            else:
                notes.append(f"The tariff game has no player '{name}': none of it is in this world.")
    first = next(iter(players), None) if game.leader is None else game.leader.removeprefix("union:")
    if game.leader is not None and first not in players:
        inside = set(resolver.codes((game.leader,))) if game.largest is not None else set()
        first = next((name for name, codes in players.items() if inside & set(codes)), None)
    if first is None:
        who = f"the leader '{game.leader}'" if game.leader else "any player"
        problems.append(f"tariff_game: this world lacks {who} of the game; name one that it has")
        return None
    ordered = {first: players[first], **players}
    return Contest(ordered, game.stage or "nash", game.by or "uniform", game.bounds, spared)
