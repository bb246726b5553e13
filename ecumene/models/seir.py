"""SEIR within an economy: the flows of one step, and the closed forms that hold for it.

Arrays are [group, economy]; a single group is the plain model. Letters follow the field: `S` susceptible,
`E` exposed (infected, not yet infectious), `I` infectious, `R` removed, `sigma` rate of becoming infectious,
`mu` rate of removal, `R0` basic reproduction number.

Sources: Diekmann and Heesterbeek (2000), Mathematical Epidemiology of Infectious Diseases, chapters 1 and 5;
Wallinga and Lipsitch (2007), Proc. R. Soc. B 274, 599-604.
"""

from __future__ import annotations

from math import factorial
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.special import lambertw

from ecumene.errors import InputError
from ecumene.types import AnyArray

_NEAR_ONE = 1.1
"""R0 below which the final size is solved by a series."""


class Disease(NamedTuple):
    """Rates a day, and who meets whom."""

    transmission: Float[AnyArray, ""]  # R0 mu
    onset: Float[AnyArray, ""]  # sigma, 1 / latent days
    removal: Float[AnyArray, ""]  # mu, 1 / infectious days
    contacts: Float[AnyArray, "G G"]  # relative, of a member of the row with the column; scaled to radius 1


class Flows(NamedTuple):
    """People who change compartment during a step."""

    infected: Float[AnyArray, "G R"]  # S to E
    onset: Float[AnyArray, "G R"]  # E to I
    removed: Float[AnyArray, "G R"]  # I to R


def _rates(
    disease: Disease,
    S: Float[AnyArray, "G R"],
    E: Float[AnyArray, "G R"],
    I: Float[AnyArray, "G R"],  # noqa: E741  (the field's letter)
    N: Float[AnyArray, "G R"],
    open_share: Float[AnyArray, " R"],
) -> Flows:
    force = disease.transmission * open_share[None, :] * (disease.contacts @ (I / N))
    return Flows(force * S, disease.onset * E, disease.removal * I)


def mean_flows(
    disease: Disease, state: Float[AnyArray, "4 G R"], local: Float[AnyArray, " R"], step: float
) -> Flows:
    """Flows of a step without chance: fourth-order Runge-Kutta, local error O(step^5).

    `lambda_gi = R0 mu (1 - u_i) sum_h C_gh I_hi / N_hi`; `S' = -lambda S`, `E' = lambda S - sigma E`,
    `I' = sigma E - mu I`, `R' = mu I`.

    Shapes: state [S E I R, group, economy] in people, local u [economy], step in days; result in people.
    Source: Diekmann and Heesterbeek (2000), chapter 1, with an exposed stage.
    """
    N, open_share = state.sum(axis=0), 1.0 - local
    S, E, I = state[0], state[1], state[2]  # noqa: E741

    def after(flows: Flows, h: float) -> Flows:
        infected, onset, removed = flows
        return _rates(
            disease,
            S - h * infected,
            E + h * (infected - onset),
            I + h * (onset - removed),
            N,
            open_share,
        )

    k1 = _rates(disease, S, E, I, N, open_share)
    k2 = after(k1, step / 2.0)
    k3 = after(k2, step / 2.0)
    k4 = after(k3, step)
    return Flows(
        *(step / 6.0 * (a + 2.0 * b + 2.0 * c + d) for a, b, c, d in zip(k1, k2, k3, k4, strict=True))
    )


def growth_rate(R0: float, latent_days: float, infectious_days: float) -> float:
    """Exponential growth rate of a small outbreak, a day.

    `lambda = (-(sigma + mu) + sqrt((sigma - mu)^2 + 4 sigma mu R0)) / 2`, the root of
    `R0 = (1 + lambda / sigma)(1 + lambda / mu)`.
    Source: Wallinga and Lipsitch (2007), eq. 3.2 and table 1.
    """
    sigma, mu = 1.0 / latent_days, 1.0 / infectious_days
    return float((-(sigma + mu) + np.sqrt((sigma - mu) ** 2 + 4.0 * sigma * mu * R0)) / 2.0)


def final_size(R0: float) -> float:
    """Share of a closed population that an unchecked epidemic infects: the root of `z = 1 - exp(-R0 z)`.

    `z = 1 + W(-R0 exp(-R0)) / R0` with Lambert's W; 0 for R0 at or below 1. Just above 1, where W loses digits, the
    root `y = R0 z` of `1 - 1 / R0 = 1 - (1 - exp(-y)) / y` as a power series. Errors: InputError for what is no number
    of at least 0. Source: Diekmann and Heesterbeek (2000), section 1.3.
    """
    if not R0 >= 0.0:
        raise InputError(f"R0 is {R0!r:.30}; give a number of at least 0")
    if R0 <= 1.0:
        return 0.0
    if np.isinf(R0):
        return 1.0
    if R0 < _NEAR_ONE:
        # 1 - (1 - exp(-y)) / y = y / 2! - y^2 / 3! + y^3 / 4! - ...
        terms = [0.0, *((-1.0) ** (k + 1) / factorial(k + 1) for k in range(1, 18))]
        series = np.polynomial.Polynomial(terms)
        slope, wanted = series.deriv(), (R0 - 1.0) / R0
        y = 2.0 * wanted
        for _ in range(6):  # Newton's method on a concave function from below
            y += (wanted - float(series(y))) / float(slope(y))
        return y / R0
    return float(1.0 + lambertw(-R0 * np.exp(-R0)).real / R0)


def scaled_contacts(
    contacts: Float[np.ndarray, "G G"], people: Float[np.ndarray, " G"]
) -> Float[np.ndarray, "G G"]:
    """Contacts scaled so that the next-generation matrix has radius 1 where ages are mixed as in `people`.

    `K_gh = n_g C_gh / n_h`, `rho(K) = 1`; multiplied by R0 it is the next-generation matrix.
    Shapes: contacts [group, group], people [group]. Errors: InputError where nobody meets anybody.
    Source: Diekmann and Heesterbeek (2000), chapter 5.
    """
    radius = float(np.abs(np.linalg.eigvals(people[:, None] * contacts / people[None, :])).max())
    if radius <= 0.0:
        raise InputError(
            "contacts between age groups make no chain of infection; give some positive contacts"
        )
    return contacts / radius
