"""Parameters of production shocks: one table of defaults with sources, ratings of inputs, and their checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

import numpy as np

from ecumene.errors import InputError
from ecumene.types import FloatArray

Values = float | int | Sequence[Any] | np.ndarray
"""A number, a list or nested lists of numbers, or an array."""

Criticality = Literal["all", "half", "none"]
Origins = Literal["pooled", "market", "complement"]
Orders = Literal["planned", "made"]
Rationing = Literal["industries", "proportional"]

CRITICALITY: Final[tuple[Criticality, ...]] = ("all", "half", "none")
ORIGINS: Final[tuple[Origins, ...]] = ("pooled", "market", "complement")
ORDERS: Final[tuple[Orders, ...]] = ("planned", "made")
RATIONING: Final[tuple[Rationing, ...]] = ("industries", "proportional")


class Default(NamedTuple):
    """One parameter: value, unit, meaning, source."""

    value: float
    unit: str
    meaning: str
    source: str


DEFAULTS: Final[Mapping[str, Default]] = {
    "stock_days": Default(
        90.0, "days of use", "n: stocks that industries hold and aim at", "Hallegatte (2013)"
    ),
    "restoring_days": Default(
        30.0, "days", "tau: time in which a gap in stocks is refilled", "Hallegatte (2013)"
    ),
    "psi": Default(
        0.8, "share", "part of the wanted stock below which production falls", "Hallegatte (2013)"
    ),
    "overproduction": Default(
        1.25, "ratio", "largest output over normal capacity", "Hallegatte (2008, 2013)"
    ),
    "overproduction_days": Default(
        365.0, "days", "time in which overproduction sets in", "Hallegatte (2008, 2013)"
    ),
    "substitution": Default(
        0.0, "", "eta: 0 fixed suppliers, 1 in proportion to capacity left", "assumption"
    ),
    "demand_response": Default(0.0, "share", "fall of final demand for a fall of income of 1", "assumption"),
    "rebuild_days": Default(180.0, "days", "time scale of reconstruction", "assumption"),
    "smallest_input": Default(
        1e-4, "share of output", "inputs from a group of origins below it never stop production", "assumption"
    ),
}
"""Where no better number is known; every one can be set."""

INPUT_KINDS: Final[Mapping[str, Mapping[str, float]]] = {
    # input kind: rating by user kind; `other` where the user kind is not named
    "energy": {"other": 1.0},
    "water": {"other": 1.0},
    "material": {
        "goods": 1.0,
        "material": 1.0,
        "food": 1.0,
        "construction": 1.0,
        "energy": 0.5,
        "other": 0.0,
    },
    "food": {"food": 1.0, "hospitality": 1.0, "other": 0.0},
    "goods": {"goods": 1.0, "construction": 1.0, "other": 0.5},
    "construction": {"construction": 1.0, "other": 0.0},
    "transport": {"other": 0.5},
    "hospitality": {"other": 0.0},
    "communication": {"other": 0.5},
    "finance": {"finance": 1.0, "other": 0.5},
    "service": {"other": 0.0},
}
"""Ratings by broad kind (assumption): 1 stops production, 1/2 passes on half of a shortfall, 0 does not. Pichler et
al. (2022) asked industry analysts; their ratings are not copied here and can be given in place of these."""


class Settings(NamedTuple):
    """Parameters of a simulation; arrays are by input sector [S], or by input and user sector [S, S].

    stock_days may be infinite: that input never ends. rating [input, user]: the part of a shortfall that is passed on,
    1, 1/2 or 0 for a sector of one kind, between them for a mixed one; needed for `half`.
    builders [S]: what reconstruction buys, shares that sum to 1, needed for destroyed capital.
    demand_response: one share, or one for each final use [F].
    orders: industries order for what they `planned` yesterday (after Pichler et al. 2022), or for what they `made`
    (Henriet et al. 2012). rationing: `industries` are served before final uses and reconstruction
    (Hallegatte 2008), or all alike, `proportional` (Hallegatte 2013). `made` and `proportional` together may never
    recover from a passing accident (docs/shocks.md).
    """

    stock_days: Values = DEFAULTS["stock_days"].value
    restoring_days: Values = DEFAULTS["restoring_days"].value
    psi: float | int = DEFAULTS["psi"].value
    overproduction: float | int = DEFAULTS["overproduction"].value
    overproduction_days: float | int = DEFAULTS["overproduction_days"].value
    substitution: float | int = DEFAULTS["substitution"].value
    demand_response: Values = DEFAULTS["demand_response"].value
    rebuild_days: float | int = DEFAULTS["rebuild_days"].value
    smallest_input: float | int = DEFAULTS["smallest_input"].value
    rating: Values | None = None
    builders: Values | None = None
    orders: Orders = "planned"
    rationing: Rationing = "industries"


def ratings(kinds: Sequence[str | Sequence[str]]) -> FloatArray:
    """Default ratings [input, user] of sectors from their broad kinds, keys of `INPUT_KINDS` (assumption).

    A sector that spans several kinds, given as a list of them, takes the plain mean over its kinds, as an input and
    as a user (assumption). Errors: InputError naming an unknown kind.
    """
    spans = [(each,) if isinstance(each, str) else tuple(each) for each in kinds]
    unknown = sorted({kind for span in spans for kind in span} - set(INPUT_KINDS))
    if unknown or not spans or not all(spans):
        raise InputError(
            f"unknown kind of sector {', '.join(unknown) or '(none)'}; choose among {', '.join(INPUT_KINDS)}"
        )
    by_kind = {
        k: {user: row.get(user, row["other"]) for user in INPUT_KINDS} for k, row in INPUT_KINDS.items()
    }
    return np.array(
        [[np.mean([by_kind[k][u] for k in inputs for u in users]) for users in spans] for inputs in spans],
        dtype=np.float64,
    )


def by_input(name: str, values: Values, S: int, *, endless: bool = False) -> FloatArray:
    """A parameter as [input, user], above 0. Errors: InputError naming the cell."""
    array = np.asarray(values, dtype=np.float64)
    if array.shape not in ((), (S,), (S, S)):
        raise InputError(
            f"{name} has shape {array.shape}; give one number, one for each input ({S},) or ({S}, {S})"
        )
    full = np.broadcast_to(array[:, None] if array.ndim == 1 else array, (S, S))
    wrong = np.argwhere(~(full > 0) | (np.isinf(full) & (not endless)))
    if len(wrong):
        k, u = (int(part) for part in wrong[0])
        raise InputError(
            f"{name} of input {k}, user {u} is {full[k, u]:.4g}; it must be above 0"
            + " and finite" * (not endless)
        )
    return full


def number(name: str, value: float | int, least: float, most: float = np.inf) -> float:
    """A finite parameter within bounds. Errors: InputError."""
    given = float(value)
    if not (np.isfinite(given) and least <= given <= most):
        bounds = f"at least {least:g}" if np.isinf(most) else f"between {least:g} and {most:g}"
        raise InputError(f"{name} is {given:.4g}; it must be {bounds}")
    return given


def rating_of(settings: Settings, criticality: str, S: int) -> FloatArray:
    """Ratings [input, user] under one assumption on criticality. Errors: InputError."""
    if criticality not in CRITICALITY:
        raise InputError(f"criticality is {criticality!r}; choose one of {', '.join(CRITICALITY)}")
    if criticality == "all":
        return np.ones((S, S))
    if criticality == "none":
        return np.zeros((S, S))
    if settings.rating is None:
        raise InputError(
            "criticality 'half' needs settings.rating [input, user]; build it with ratings(kinds)"
        )
    rating = np.asarray(settings.rating, dtype=np.float64)
    if rating.shape != (S, S) or not ((rating >= 0) & (rating <= 1)).all():
        raise InputError(
            f"rating {rating.shape} must be [input, user] of shape ({S}, {S}), every cell between 0 and 1"
        )
    return rating


def chosen(name: str, value: object, among: Sequence[str]) -> str:
    """One of the words that a setting knows. Errors: InputError naming them."""
    if not isinstance(value, str) or value not in among:
        raise InputError(f"{name} is {value!r:.40}; choose one of {', '.join(among)}")
    return value


def shares(name: str, values: Values, length: int) -> FloatArray:
    """Shares that sum to 1. Errors: InputError."""
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (length,) or not ((array >= 0).all() and abs(array.sum() - 1.0) <= 1e-9):
        raise InputError(f"{name} must be {length} shares that sum to 1; they sum to {array.sum():.6g}")
    return array
