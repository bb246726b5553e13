"""Who plays an order's tariff game in a world: customs territories by name or by size, each economy once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ecumene import countries
from ecumene.orders import duties
from ecumene.orders.names import Resolver
from ecumene.orders.schema import TariffGame
from ecumene.orders.state import Depths, Grid
from ecumene.types import FloatArray


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
    """Customs unions, none inside a larger one, and all other countries alone; a country of two is in the larger."""
    out: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    for name, codes in duties.largest_unions(dict(customs), tuple(economies)).items():
        out[name] = tuple(code for code in economies if code in codes - taken)
        taken |= codes
    alone = (code for code in economies if code not in taken and countries.find(code) is not None)
    return {name: codes for name, codes in out.items() if codes} | {code: (code,) for code in alone}


def contest_of(
    game: TariffGame,
    resolver: Resolver,
    state: Depths,
    value_added: FloatArray | None,
    problems: list[str],
    notes: list[str],
) -> Contest | None:
    """The game in a world; what cannot be played goes to `problems`, what the world lacks to `notes`.

    `value_added` [R] ranks territories for `largest`; without it (no data) only named players are checked.
    """
    economies = resolver.economies
    players: dict[str, tuple[str, ...]] = {}
    if game.largest is not None:
        if value_added is None:
            return None
        size = dict(zip(economies, map(float, value_added), strict=True))
        found = _territories(economies, state.customs)
        ranked = sorted(found, key=lambda name: (-sum(size[code] for code in found[name]), name))
        players = {name: found[name] for name in ranked[: game.largest]}
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
    spared = None if game.spare_depth is None else state.depth >= game.spare_depth
    ordered = {first: players[first], **players}
    return Contest(ordered, game.stage or "nash", game.by or "uniform", game.bounds, spared)
