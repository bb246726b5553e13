"""The command about tariffs that players choose: one alone, the others in kind, and Nash."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from ecumene.cli.tables import Table
from ecumene.errors import InputError
from ecumene.results import Comparison
from ecumene.world import World

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecumene.orders import Order

STAGES: Final = ("unilateral", "reply", "nash")
BY: Final = ("uniform", "partner", "sector", "both")
LARGEST: Final = 10
"""Customs territories that play where none are named, as in the preset nation-first."""


def known(option: str, given: Sequence[str], choice: Sequence[str]) -> list[str]:
    """Words of an option, each once. Errors: InputError naming the choice."""
    unknown = sorted(set(given) - set(choice))
    if unknown:
        raise InputError(f"{option} is '{', '.join(unknown)}'; choose among {', '.join(choice)}")
    return list(dict.fromkeys(given))


def game_orders(
    world: World,
    players: list[str],
    stages: Sequence[str],
    leader: str | None,
    by: str,
    bounds: tuple[float, float],
    spare_depth: int | None,
) -> list[Order]:
    """One order a stage, with nothing but the game in it. Errors: OrderError listing every problem."""
    from pydantic import ValidationError

    from ecumene import countries
    from ecumene.errors import OrderError
    from ecumene.orders import Order, unions
    from ecumene.orders.names import name_problems
    from ecumene.orders.reading import problems_of
    from ecumene.orders.schema import TariffGame

    def known(name: str) -> str:
        union = None if countries.find(name) or name in world.economies else unions.find(name)
        return name if union is None else f"union:{union}"

    everybody = [code for code in world.economies if countries.find(code) is not None]
    named = [name for given in players for name in (everybody if given == "all" else [known(given)])]
    said = {
        "players": named,
        "largest": None if named else LARGEST,
        "leader": None if leader is None else known(leader),
        "by": by,
        "lowest_percent": bounds[0],
        "highest_percent": bounds[1],
        "spare_depth": spare_depth,
    }
    try:
        game = TariffGame.model_validate(said)
    except ValidationError as error:
        raise OrderError("these players cannot set tariffs:", tuple(problems_of(error, ""))) from None
    orders = [
        Order(
            name=f"tariffs-{stage}",
            title=f"Tariffs, stage {stage}",
            economies=tuple(code for code in world.economies if countries.find(code) is None),
            tariff_game=game.model_copy(update={"stage": stage}),
        )
        for stage in stages
    ]
    problems = list(dict.fromkeys(text for order in orders for text in name_problems(order)))
    if problems:
        plain = tuple(text.replace("tariff_game.", "").replace("tariff_game: ", "") for text in problems)
        raise OrderError("these players cannot set tariffs:", plain)
    return orders


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
                "unilateral: the first player alone; reply: the others levy the same on its goods; nash: nobody "
                "gains by another rate.",
                "Certificate, the most that a best answer adds to a player's real income, log points x 100: "
                f"{proof or 'none'}.",
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
    from ecumene.cli.tables import named

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


def folder_of_tariffs() -> Path | None:
    """Where rates found before wait for the next run, beside the compiled programs."""
    from ecumene.jax_setup import CACHE

    return None if CACHE is None else CACHE.parent / "tariffs"
