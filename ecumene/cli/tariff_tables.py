"""Tables of tariffs that players choose: rates by stage with their certificate, and what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ecumene.cli.tables import Table, named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecumene.results import Comparison
    from ecumene.world import World


MEANINGS: Final = {
    "unilateral": "the first player alone",
    "reply": "the others levy the same on its goods",
    "nash": "nobody gains by another rate",
}


def stage_tables(comparison: Comparison, world: World, players: Mapping[str, tuple[str, ...]]) -> list[Table]:
    """Tariffs by player and stage with their certificate, and what they do to each player's real income."""
    data = comparison.data
    stages = [order.removeprefix("tariffs-") for order in comparison.orders]
    income = data["base_income"].isel(order=0, quantile=0)
    rates, gains = [], []
    for name, codes in players.items():
        who = _titled(world, name, codes)
        weights = income.sel(economy=list(codes))
        change = (
            data["real_income"].sel(quantile="central", economy=list(codes)).weighted(weights).mean("economy")
        )
        rates.append((who, *(_rate(comparison, order, codes[0]) for order in comparison.orders)))
        gains.append((who, *(f"{float(value):+.3f}" for value in change.values)))
    gains.append(
        ("WORLD", *(f"{float(v):+.3f}" for v in data["world_real_income"].sel(quantile="central").values))
    )
    left = data["best_answer_gain"].max("economy").values  # a reply follows a rule and has none
    proof = ", ".join(
        f"{stage} {'0' if most == 0 else f'{most:.0e}'}"
        for stage, most in zip(stages, left, strict=True)
        if np.isfinite(most)
    )
    columns = frozenset(range(1, len(stages) + 1))
    return [
        Table(
            title=f"Tariffs on goods that players set, percent, mean over base imports: {world.source}",
            heads=("player", *stages),
            rows=tuple(rates),
            numbers=columns,
            footnotes=(
                f"{'; '.join(f'{stage}: {MEANINGS[stage]}' for stage in stages if stage in MEANINGS)}.",
                "Certificate, the most that a best answer adds to a player's real income, log points x 100: "
                f"{proof or 'none'}. Best answers are sought from random rates too; each search is local.",
                "Rates are point estimates, solved at central elasticities; in brackets the lowest and the highest of "
                "a player that sets several.",
            ),
        ),
        Table(
            title="Change of real income, percent, at central elasticities",
            heads=("player", *stages),
            rows=tuple(gains),
            numbers=columns,
            footnotes=("Unions and the world are weighted by base income.",),
        ),
    ]


def _titled(world: World, name: str, codes: tuple[str, ...]) -> str:
    return named(world, name) if name in world.economies else f"{name}, {len(codes)} members"


def _rate(comparison: Comparison, order: str, code: str) -> str:
    """A player's mean rate in one stage, and the range where it sets several; nothing where it sets none."""
    here = comparison.data.sel(order=order, economy=code)
    rate = _number(here, "set_tariff")
    if not np.isfinite(rate):
        return ""
    low, high = _number(here, "set_tariff_lowest"), _number(here, "set_tariff_highest")
    return f"{rate:.2f} ({low:.1f} to {high:.1f})" if high > low else f"{rate:.2f}"


def _number(here: object, name: str) -> float:
    return float(here[name]) if name in here else float("nan")  # pyright: ignore
