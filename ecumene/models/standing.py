"""What an economy has by itself and beside others: produced over used, reserves, a contest of spending, memberships.

Sources: FAO (2012) and IEA (2020) for produced over used; Tullock (1980), Hirshleifer (1989) and Boulding (1962) for
the contest; Jaccard (1901) for closeness.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from ecumene.errors import InputError
from ecumene.models.reliance import ratio
from ecumene.types import AnyArray, BoolArray, FloatArray


def produced_over_used(
    produced: Float[AnyArray, " R"], imports: Float[AnyArray, " R"], exports: Float[AnyArray, " R"]
) -> Float[np.ndarray, " R"]:
    """`produced / (produced + imports - exports)`: 1 where an economy makes what it uses, 0 where it makes none of it.

    All in the same unit, a year. NaN where nothing is used on balance. Source: FAO (2012), self-sufficiency ratio.
    """
    made = np.asarray(produced, dtype=np.float64)
    return ratio(made, made + np.asarray(imports) - np.asarray(exports))


def contest_share(
    spending: Float[AnyArray, " R"],
    distance: Float[AnyArray, "R R"],
    own: BoolArray,
    rivals: BoolArray,
    decay: float,
) -> Float[np.ndarray, " R"]:
    """Share of one side in a contest of spending that weakens with distance, 0 to 1.

    `c_n = sum_own w_nj m_j / (sum_own w_nj m_j + sum_rivals w_nj m_j)`, `w_nj = exp(-d_nj / decay)`, `w_nn = 1`: the
    ratio form of Tullock (1980) at decisiveness 1, with Boulding's (1962) loss of strength over distance.
    own, rivals [economy, other]: true where the other's spending counts on its side, or against it; an economy is on
    its own side. distance and decay in km. NaN where a spending that counts is not known, or nobody spends.
    Errors: InputError where decay is not above 0, or somebody is on both sides.
    """
    if not (np.isfinite(decay) and decay > 0):
        raise InputError(f"decay is {decay!r} km; it must be finite and above 0")
    m, d = np.asarray(spending, dtype=np.float64), np.asarray(distance, dtype=np.float64)
    mine = own | np.eye(len(m), dtype=bool)
    both = np.argwhere(mine & rivals)
    if len(both):
        raise InputError(f"economy {int(both[0][1])} is on both sides for economy {int(both[0][0])}")
    reach = np.where(np.eye(len(m), dtype=bool), 1.0, np.exp(-d / decay)) * m[None, :]

    def total(side: BoolArray) -> FloatArray:
        return np.where(side, reach, 0.0).sum(axis=1)

    here = total(mine)
    return ratio(here, here + total(rivals))


def closeness(member: BoolArray, weight: Float[AnyArray, " U"]) -> Float[np.ndarray, "R R"]:
    """Weighted share of memberships that two economies have in common, 0 to 1; NaN for an economy with itself.

    `sum_u w_u b_ui b_uj / sum_u w_u max(b_ui, b_uj)`, member b [union, economy]: the weighted index of Jaccard (1901).
    NaN where neither belongs to anything.
    """
    b = np.asarray(member, dtype=np.float64)
    common = b.T @ (np.asarray(weight, dtype=np.float64)[:, None] * b)
    each = np.diagonal(common)
    shared = ratio(common, each[:, None] + each[None, :] - common)
    return np.where(np.eye(len(each), dtype=bool), np.nan, shared)


def mean_over_partners(
    values: Float[AnyArray, "R R"], weight: Float[AnyArray, "R R"]
) -> Float[np.ndarray, " R"]:
    """Mean of `values` [economy, partner] over partners with a known value, by weight [economy, partner]; or NaN."""
    given = np.asarray(values, dtype=np.float64)
    counted = np.where(np.isnan(given), 0.0, np.nan_to_num(np.asarray(weight, dtype=np.float64)))
    return ratio((counted * np.nan_to_num(given)).sum(axis=1), counted.sum(axis=1))
