"""Biproportional balancing: the table nearest to a seed with given row and column sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecumene.errors import WorldError
from ecumene.types import FloatArray


@dataclass(frozen=True)
class Balanced:
    """Balanced tables, the largest relative gap left in any row or column, and the passes used."""

    values: FloatArray
    gap: float
    iterations: int


def biproportional(
    seed: FloatArray,
    rows: FloatArray,
    columns: FloatArray,
    *,
    tolerance: float = 1e-12,
    max_iterations: int = 5_000,
) -> Balanced:
    """Scale rows and columns of `seed` until their sums are `rows` and `columns`: `T_ij = r_i S_ij c_j`.

    Shapes: seed [..., I, J], rows [..., I], columns [..., J]; leading axes are independent tables. The result
    minimises the Kullback-Leibler divergence from the seed. Source: Deming and Stephan (1940); Bacharach (1970).
    Errors: WorldError where totals differ, a positive sum meets an empty row, or zeros make it impossible.
    """
    total_rows, total_columns = rows.sum(axis=-1), columns.sum(axis=-1)
    scale = np.maximum(np.maximum(total_rows, total_columns), np.finfo(float).tiny)
    if (np.abs(total_rows - total_columns) > 1e-9 * scale).any():
        raise WorldError("row and column targets have different totals; scale one of them to the other first")
    if ((seed.sum(axis=-1) <= 0) & (rows > 0)).any() or ((seed.sum(axis=-2) <= 0) & (columns > 0)).any():
        raise WorldError(
            "a positive target meets a row or column of zeros; give the seed a positive cell there"
        )
    row_factor = np.ones_like(rows)
    column_factor = np.ones_like(columns)
    gap = np.inf
    for iteration in range(1, max_iterations + 1):
        reach = np.einsum("...ij,...i->...j", seed, row_factor)
        column_factor = np.divide(columns, reach, out=np.zeros_like(columns), where=reach > 0)
        reach = np.einsum("...ij,...j->...i", seed, column_factor)
        gap = float(np.max(np.abs(row_factor * reach - rows) / np.where(rows > 0, rows, np.inf), initial=0.0))
        row_factor = np.divide(rows, reach, out=np.zeros_like(rows), where=reach > 0)
        if gap <= tolerance:
            return Balanced(row_factor[..., :, None] * seed * column_factor[..., None, :], gap, iteration)
    raise WorldError(
        f"balancing left a gap of {gap:.2e} after {max_iterations} passes; zeros in the seed may contradict the targets"
    )
