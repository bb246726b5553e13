"""Weights from observed choices: conditional and binary logit, with standard errors, and separation told.

`P(a) = exp(w f_a) / sum_b exp(w f_b)` over the alternatives of a choice (McFadden 1974); the likelihood is concave, so
Newton's method finds its top where there is one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.optimize import linprog

from ecumene.errors import InputError
from ecumene.types import BoolArray, FloatArray, IntArray

_STEPS = 100
_SLOPE = 1e-9
_SEPARATED = 1e-7


class Choices(NamedTuple):
    """Observed choices: what each alternative offers, which are open, and which was taken."""

    features: Float[np.ndarray, "N A F"]
    open: Bool[np.ndarray, "N A"]
    chosen: Int[np.ndarray, " N"]

    def checked(self, names: tuple[str, ...]) -> Choices:
        """Itself. Errors: InputError where shapes differ, a number is missing, or what was chosen is not open."""
        N, A, F = self.features.shape
        if N == 0 or len(names) != F:
            raise InputError(
                f"{N} choices with {F} features and {len(names)} names; give choices, a name a feature"
            )
        if not np.isfinite(self.features[self.open]).all():
            raise InputError(
                "a feature of an open alternative is not a number; close the alternative, or leave it out"
            )
        if self.chosen.min() < 0 or self.chosen.max() >= A or not self.open[np.arange(N), self.chosen].all():
            raise InputError("a choice is of an alternative that is not open; check the observed memberships")
        return self

    def rows(self, kept: BoolArray) -> Choices:
        """Some of the choices."""
        return Choices(self.features[kept], self.open[kept], self.chosen[kept])


class Fit(NamedTuple):
    """Weights with covariance; not a number where the data separate perfectly, so that no finite weights are best.

    log_likelihood of the sample; slope: the largest derivative there. separated: names the features whose combination
    tells every choice apart.
    """

    names: tuple[str, ...]
    weights: Float[np.ndarray, " F"]
    covariance: Float[np.ndarray, "F F"]
    log_likelihood: float
    slope: float
    separated: tuple[str, ...]

    @property
    def standard_errors(self) -> FloatArray:
        """Square roots of the covariance's diagonal."""
        return np.sqrt(np.diagonal(self.covariance))


def binary(features: Float[np.ndarray, "N F"], taken: Bool[np.ndarray, " N"]) -> Choices:
    """Yes or no as a choice of two: no offers nothing, yes the features, as differences to no."""
    offered = np.stack([np.zeros_like(features), features], axis=1)
    return Choices(offered, np.ones(offered.shape[:2], dtype=bool), taken.astype(np.int64))


def probabilities(choices: Choices, weights: FloatArray) -> FloatArray:
    """`P` of each alternative [N, A]; 0 where it is not open."""
    offered = np.where(choices.open[:, :, None], choices.features, 0.0)
    value = np.where(choices.open, offered @ weights, -np.inf)
    odds = np.exp(value - value.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def likelihood(choices: Choices, weights: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Log likelihood, gradient [F] `sum_n (f_chosen - mean f)`, and Hessian [F, F], minus the sum of covariances."""
    chance = probabilities(choices, weights)
    offered = np.where(choices.open[:, :, None], choices.features, 0.0)
    taken = offered[np.arange(len(offered)), choices.chosen]
    mean = np.einsum("na,naf->nf", chance, offered)
    around = offered - mean[:, None, :]
    hessian = -np.einsum("na,naf,nag->fg", chance, around, around)
    # In logs, so that a chance that rounds to 0 stays finite.
    value = np.where(choices.open, offered @ weights, -np.inf)
    top = value.max(axis=1)
    total = top + np.log(np.exp(value - top[:, None]).sum(axis=1))
    return float((taken @ weights - total).sum()), (taken - mean).sum(axis=0), hessian


def separation(choices: Choices, names: tuple[str, ...]) -> tuple[str, ...]:
    """Features of a combination that ranks what was chosen first in every choice, and above something in one; or none.

    A linear programme: `max sum d` over directions with every difference `d = w (f_chosen - f_other) >= 0`, |w| <= 1
    (Albert and Anderson 1984; Konis 2007).
    """
    offered = choices.features
    taken = offered[np.arange(len(offered)), choices.chosen]
    other = choices.open.copy()
    other[np.arange(len(offered)), choices.chosen] = False
    ahead = (taken[:, None, :] - offered)[other]
    scale = np.abs(ahead).max(axis=0)
    ahead = ahead / np.where(scale > 0, scale, 1.0)
    found = linprog(-ahead.sum(axis=0), A_ub=-ahead, b_ub=np.zeros(len(ahead)), bounds=(-1.0, 1.0))
    if found.x is None or -found.fun <= _SEPARATED * max(len(ahead), 1):
        return ()
    return tuple(name for name, w in zip(names, found.x, strict=True) if abs(w) > 1e-6)


def fit(choices: Choices, names: tuple[str, ...]) -> Fit:
    """Weights that make the observed choices likeliest, by Newton's method with halved steps.

    Covariance: the inverse of minus the Hessian. Errors: InputError where features are collinear, or data do not fit.
    """
    known = choices.checked(names)
    F = len(names)
    apart = separation(known, names)
    if apart:
        return Fit(names, np.full(F, np.nan), np.full((F, F), np.nan), np.nan, np.nan, apart)
    _distinct(known, names)
    scale = _spread(known)
    scaled = known._replace(features=known.features / scale)
    weights = np.zeros(F)
    value, slope, bend = likelihood(scaled, weights)
    for _ in range(_STEPS):
        if np.abs(slope).max() <= _SLOPE * len(known.chosen):
            break
        step = np.linalg.solve(-bend, slope)
        tried = likelihood(scaled, weights + step)
        while tried[0] < value and np.abs(step).max() > 1e-14:
            step = 0.5 * step
            tried = likelihood(scaled, weights + step)
        weights, (value, slope, bend) = weights + step, tried
    covariance = np.linalg.inv(-bend) / scale[:, None] / scale[None, :]
    return Fit(names, weights / scale, covariance, value, float(np.abs(slope).max()), ())


def _spread(choices: Choices) -> FloatArray:
    """Standard deviation of each feature within choices; 1 where it never differs."""
    offered = np.where(choices.open[:, :, None], choices.features, 0.0)
    count = choices.open.sum(axis=1)[:, None]
    around = np.where(choices.open[:, :, None], offered - (offered.sum(axis=1) / count)[:, None, :], 0.0)
    spread = np.sqrt((around**2).sum(axis=(0, 1)) / choices.open.sum())
    return np.where(spread > 0, spread, 1.0)


def _distinct(choices: Choices, names: tuple[str, ...]) -> None:
    """Errors: InputError where a feature never differs, or is a combination of others."""
    offered = choices.features / _spread(choices)
    taken = offered[np.arange(len(offered)), choices.chosen]
    around = (offered - taken[:, None, :])[choices.open]
    for count in range(1, len(names) + 1):
        if np.linalg.matrix_rank(around[:, :count], tol=1e-9 * np.sqrt(len(around))) < count:
            raise InputError(
                f"the feature '{names[count - 1]}' never differs within a choice, or follows from "
                f"{', '.join(names[: count - 1]) or 'nothing'}; leave it out"
            )


class Score(NamedTuple):
    """How a rule predicts choices: mean log probability of what was chosen, and share whose likeliest was chosen."""

    log_score: float
    hits: float
    choices: int


def score(chance: Float[np.ndarray, "N A"], chosen: IntArray) -> Score:
    """The score of probabilities, each taken as at least 1e-6 so that one surprise does not decide."""
    given = np.clip(chance[np.arange(len(chosen)), chosen], 1e-6, 1.0)
    return Score(float(np.log(given).mean()), float((chance.argmax(axis=1) == chosen).mean()), len(chosen))


def held_out(choices: Choices, names: tuple[str, ...], groups: IntArray) -> FloatArray:
    """Probabilities [N, A] of each choice from weights fitted to all other groups; NaN where those data separate."""
    chance = np.full(choices.open.shape, np.nan)
    for group in np.unique(groups):
        inside = groups == group
        made = fit(choices.rows(~inside), names)
        chance[inside] = probabilities(choices.rows(inside), made.weights)
    return chance


def staying(before: IntArray, open_to: BoolArray, kept: float) -> FloatArray:
    """Probabilities [N, A] of the baseline that nobody moves: `kept` for where one was, the rest evenly."""
    count = open_to.sum(axis=1)
    rest = np.where(open_to, ((1.0 - kept) / np.maximum(count - 1, 1))[:, None], 0.0)
    rest[np.arange(len(before)), before] = np.where(count > 1, kept, 1.0)
    return rest
