"""A programme handed to HiGHS: silent, on one thread."""

from __future__ import annotations

from typing import Any, NamedTuple

import highspy

from ecumene.types import FloatArray


class Rows(NamedTuple):
    """Rows of a programme: `low <= matrix x <= high`."""

    matrix: Any  # scipy.sparse.csr_array
    low: FloatArray
    high: FloatArray


def highs_of(
    cost: FloatArray, lower: FloatArray, upper: FloatArray, rows: Rows, integers: int = 0
) -> highspy.Highs:
    """HiGHS with `max cost x` over `lower <= x <= upper` and rows, the first `integers` columns whole numbers.

    Source: Huangfu and Hall (2018).
    """
    kinds = highspy.HighsVarType
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(cost), len(rows.low)
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, lower, upper
    lp.row_lower_, lp.row_upper_ = rows.low, rows.high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = rows.matrix.indptr, rows.matrix.indices
    lp.a_matrix_.value_ = rows.matrix.data
    if integers:
        lp.integrality_ = [kinds.kInteger] * integers + [kinds.kContinuous] * (len(cost) - integers)
    highs = highspy.Highs()
    highs.silent()
    highs.setOptionValue("threads", 1)
    highs.passModel(lp)
    return highs
