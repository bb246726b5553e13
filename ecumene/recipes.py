"""What makes a result again: its world's place, its order and shocks in full, and what was asked, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ecumene import variants
from ecumene.errors import InputError
from ecumene.orders import Order
from ecumene.shocks import Shock
from ecumene.sources import spec_of
from ecumene.world import World

if TYPE_CHECKING:
    from ecumene.runs import Questions


class Recipe(NamedTuple):
    """The arguments of `run`, read back."""

    world: str
    order: Order
    theta_factors: tuple[float, ...]
    also: tuple[str, ...]
    shocks: tuple[Shock, ...]
    security: int
    seed: int
    draws: int
    sovereignty: bool
    why: bool

    def arguments(self) -> dict[str, Any]:
        """What `run` and `compare` take beside world and order."""
        kept = self._asdict()
        return {name: kept[name] for name in kept if name not in ("world", "order")}


def recipe_of(world: World, order: Order, asked: Questions) -> dict[str, Any]:
    """A run as plain values, which a file can keep: its world's place, and the arguments of `run`."""
    plan, drawn = asked.security, asked.drawn
    shocks = () if plan is None else plan.shocks
    return {
        "world": spec_of(world),
        "order": order.model_dump(mode="json", by_alias=True, exclude_none=True),
        "theta_factors": list(asked.factors),
        "also": variants.named(asked.further),
        "shocks": [shock.model_dump(mode="json", by_alias=True, exclude_none=True) for shock in shocks],
        "security": 0 if plan is None else plan.draws,
        "seed": plan.seed if plan is not None else 0 if drawn is None else drawn.seed,
        "draws": 0 if drawn is None else drawn.number,
        "sovereignty": asked.sovereignty,
        "why": asked.why,
    }


def read_recipe(values: Mapping[str, Any]) -> Recipe:
    """The inverse of `recipe_of`. Errors: InputError where the values are damaged."""
    try:
        return Recipe(
            world=str(values["world"]),
            order=Order.model_validate(values["order"]),
            theta_factors=tuple(values["theta_factors"]),
            also=tuple(values["also"]),
            shocks=tuple(Shock.model_validate(shock) for shock in values["shocks"]),
            security=int(values["security"]),
            seed=int(values["seed"]),
            draws=int(values["draws"]),
            sovereignty=bool(values["sovereignty"]),
            why=bool(values["why"]),
        )
    except (KeyError, TypeError, ValueError) as error:  # pydantic's own errors are among these
        raise InputError(f"the recipe of this result is damaged ({' '.join(str(error).split())})") from error
