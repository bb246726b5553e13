"""Who owes whom: given, or reconstructed from totals, once as dense and once as sparse as can be.

Sources: dense, maximum entropy: Upper and Worms (2004), Estimating bilateral exposures in the German interbank
market, European Economic Review 48(4). Sparse, minimum density: Anand, Craig and von Peter (2015), Filling in the
blanks: network structure and interbank contagion, Quantitative Finance 15(4).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from ecumene.errors import InputError, SolveError
from ecumene.models.banks import ROUNDING, check_claims, check_names, name_of, numbers, refuse, vector
from ecumene.types import FloatArray


class Origin(Enum):
    """Where exposures come from; the text belongs beside every number made with them."""

    GIVEN = "given"
    DENSE = "reconstructed from totals, dense (maximum entropy)"
    SPARSE = "reconstructed from totals, sparse (few links)"


class Exposures(NamedTuple):
    """Claims [N, N], row i: what bank i is owed; where they come from, and the largest relative gap to a total."""

    claims: Float[np.ndarray, "N N"]
    origin: Origin
    gap: float

    @property
    def links(self) -> int:
        """Number of claims above zero."""
        return int((self.claims > 0).sum())

    @property
    def density(self) -> float:
        """Links over all possible links, `N (N - 1)`."""
        size = len(self.claims)
        return self.links / max(size * (size - 1), 1)


class Range(NamedTuple):
    """The two ends of what totals alone leave open. Neither bounds every network with these totals."""

    dense: Exposures
    sparse: Exposures


def given_exposures(claims: ArrayLike, *, names: Sequence[str] | None = None) -> Exposures:
    """Exposures that the caller knows, checked. Errors: InputError."""
    return Exposures(check_claims(claims, names), Origin.GIVEN, 0.0)


def merged(given: Exposures, members: ArrayLike) -> tuple[Exposures, Float[np.ndarray, " M"]]:
    """Claims between groups of banks, and what the members of each group owe one another, which nets out.

    members [N, M] is 1 where bank i belongs to group m, else 0; a bank of no group is outside. With B the claims
    `G' A G`, the result is B without its diagonal, and the diagonal.
    Errors: InputError where a bank is in two groups, or shapes differ.
    """
    group = numbers("members", members)
    if group.ndim != 2 or len(group) != len(given.claims) or not np.isin(group, (0.0, 1.0)).all():
        raise InputError(
            f"members has shape {group.shape}; give 0 or 1 for each of {len(given.claims)} banks and group"
        )
    if (group.sum(axis=1) > 1).any():
        bank = int(np.argmax(group.sum(axis=1)))
        raise InputError(f"bank {bank} belongs to several groups; let it belong to one, or to none")
    between = group.T @ given.claims @ group
    inside = np.diag(between).copy()
    np.fill_diagonal(between, 0.0)
    return Exposures(between, given.origin, given.gap), inside


def equal_totals(claims: ArrayLike, liabilities: ArrayLike) -> tuple[FloatArray, FloatArray, float]:
    """Totals scaled to a common sum, the geometric mean of both, and the factor on claims (liabilities: its inverse).

    Published totals of claims and liabilities differ, since not every system reports. Errors: InputError.
    """
    size = np.size(claims)
    rows, columns = (
        vector("claims total", claims, size, None),
        vector("liabilities total", liabilities, size, None),
    )
    with np.errstate(over="ignore"):  # said below
        sums = rows.sum(), columns.sum()
    if not np.isfinite(sums).all():
        raise InputError("totals add up to more than a number can hold; give them in a larger unit of money")
    if not (sums[0] > 0 and sums[1] > 0):
        raise InputError("totals are all zero on one side; give claims and liabilities above zero")
    factor = float(np.sqrt(sums[1]) / np.sqrt(sums[0]))
    return rows * factor, columns / factor, factor


def _gap(claims: FloatArray, rows: FloatArray, columns: FloatArray) -> float:
    """Largest difference to a total, relative to that total, or to the sum of all where it is zero."""
    sums, targets = np.concatenate([claims.sum(axis=1), claims.sum(axis=0)]), np.concatenate([rows, columns])
    unit = np.where(targets > 0, targets, max(rows.sum(), np.finfo(float).tiny))
    return float(np.max(np.abs(sums - targets) / unit, initial=0.0))


def _dense(rows: FloatArray, columns: FloatArray, max_passes: int) -> FloatArray:
    """Balance ones with a zero diagonal to the totals: `A_ij = r_i c_j`, i not j. Deming and Stephan (1940)."""
    seed = 1.0 - np.eye(len(rows))
    c = columns / columns.sum()
    r = np.zeros_like(rows)
    for _ in range(max_passes):
        reach = seed @ c
        r = np.divide(rows, reach, out=np.zeros_like(rows), where=reach > 0)
        reach = r @ seed
        c = np.divide(columns, reach, out=np.zeros_like(columns), where=reach > 0)
        left = np.abs(r * (seed @ c) - rows)
        if (left <= 1e-13 * np.where(rows > 0, rows, 1.0)).all():
            break
    return r[:, None] * seed * c[None, :]


def _star(rows: FloatArray, columns: FloatArray, hub: int) -> FloatArray:
    """The only table where one bank is on one side of every claim."""
    claims = np.zeros((len(rows), len(rows)))
    claims[hub], claims[:, hub] = columns, rows
    claims[hub, hub] = 0.0
    return claims


def _one_draw(rows: FloatArray, columns: FloatArray, random: np.random.Generator) -> FloatArray:
    """Load links one by one, each with all that fits, until the totals are used up.

    A link is drawn with weight `max(a_i / l_j, l_j / a_i)` of what is left (Anand, Craig and von Peter 2015).
    """
    size = len(rows)
    claims = np.zeros((size, size))
    a, owed = rows.copy(), columns.copy()
    floor_a, floor_l = 1e-13 * rows, 1e-13 * columns
    while True:
        lenders, debtors = np.flatnonzero(a > floor_a), np.flatnonzero(owed > floor_l)
        if not len(lenders) or not len(debtors):
            return claims
        pair = a[lenders][:, None] / owed[debtors][None, :]
        weight = np.where(lenders[:, None] == debtors[None, :], 0.0, np.maximum(pair, 1.0 / pair))
        if not weight.any():
            break
        pick = int(random.choice(weight.size, p=(weight / weight.sum()).ravel()))
        i, j = int(lenders[pick // len(debtors)]), int(debtors[pick % len(debtors)])
        amount = min(a[i], owed[j])
        claims[i, j] += amount
        a[i] -= amount
        owed[j] -= amount
    # One bank is left with claims and debt that only it could take: it steps between the ends of other links.
    i = int(lenders[0])
    left = float(min(a[i], owed[i]))
    free = claims.copy()
    free[i, :] = free[:, i] = 0.0
    for cell in np.argsort(-free, axis=None):
        if left <= 0.0:
            break
        k, n = divmod(int(cell), size)
        amount = min(float(free[k, n]), left)
        claims[k, n] = 0.0 if amount == claims[k, n] else claims[k, n] - amount
        claims[i, n] += amount
        claims[k, i] += amount
        left -= amount
    return claims


def reconstruct(
    claims_total: ArrayLike,
    liabilities_total: ArrayLike,
    *,
    seed: int = 0,
    draws: int = 10,
    max_passes: int = 50_000,
    names: Sequence[str] | None = None,
) -> Range:
    """Exposures from each bank's total claims on, and total liabilities to, the other banks: dense and sparse.

    Dense: the table of maximum entropy with an empty diagonal. Sparse: of `draws` seeded allocations that load each
    link with all that fits, the one with the fewest links; it is the allocation of the minimum-density heuristic
    without its search, so a table with fewer links may exist. Both meet the totals within 1e-9 of each.
    Shapes: totals [N], one unit of money; claims returned [N, N], row i: what bank i is owed.
    Errors: InputError where the sums differ, or one bank's totals are more than all others can take up; SolveError
    where balancing does not get there. Source: Upper and Worms (2004); Anand, Craig and von Peter (2015).
    """
    size = int(np.size(claims_total))
    check_names(names, size)
    rows = vector("claims total", claims_total, size, names)
    columns = vector("liabilities total", liabilities_total, size, names)
    total = rows.sum()
    if draws < 1:
        raise InputError(f"draws is {draws}; it must be at least 1")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(f"seed is {seed!r:.30}; give a whole number of at least 0")
    if abs(total - columns.sum()) > ROUNDING * max(total, columns.sum()):
        raise InputError(
            f"total claims ({total:.6g}) and total liabilities ({columns.sum():.6g}) differ; "
            "every claim is a liability, so scale them first (equal_totals)"
        )
    refuse(
        "claims plus liabilities", rows + columns > total * (1.0 + ROUNDING), rows + columns, names,
        f"they cannot exceed the sum over all banks ({total:.6g}), since no bank owes itself; correct its totals",
    )  # fmt: skip
    if total <= 0:
        empty = np.zeros((size, size))
        return Range(Exposures(empty, Origin.DENSE, 0.0), Exposures(empty, Origin.SPARSE, 0.0))
    hub = int(np.argmax(rows + columns))
    if rows[hub] + columns[hub] >= total * (1.0 - ROUNDING):  # every claim is on or of this bank
        dense = sparse = _star(rows, columns, hub)
    else:
        dense = _dense(rows, columns, max_passes)
        random = np.random.default_rng(seed)
        drawn = [_one_draw(rows, columns, random) for _ in range(draws)]
        sparse = min(drawn, key=lambda claims: int((claims > 0).sum()))
    found = Range(
        Exposures(dense, Origin.DENSE, _gap(dense, rows, columns)),
        Exposures(sparse, Origin.SPARSE, _gap(sparse, rows, columns)),
    )
    for variant in found:
        if not variant.gap <= ROUNDING:
            raise SolveError(
                f"exposures {variant.origin.value} miss a total by {variant.gap:.2e} of it; the totals of "
                f"{name_of(hub, names)} are almost all there is, so raise max_passes or correct them"
            )
    return found
