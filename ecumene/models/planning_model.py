"""The planning programme as a linear programme: variables, constraints and objective, in linopy.

Sources: Kantorovich (1939) and Dorfman, Samuelson and Solow (1958) for plans as linear programmes; Leontief (1970) for
investment by the dynamic inverse; the equations stand in `docs/planning.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from ecumene.errors import InputError
from ecumene.models.planning_inputs import Programme
from ecumene.types import FloatArray

REMEDY = "the national plan needs linopy; install it with: pip install 'ecumene[planning]'"


@dataclass(frozen=True)
class Assembled:
    """A linear programme in rows and columns: `max c z` where `low <= M z <= high` and `lower <= z <= upper`.

    `columns` and `rows` say where each named variable and constraint stands, on its own axes.
    """

    cost: FloatArray
    lower: FloatArray
    upper: FloatArray
    matrix: Any  # scipy.sparse.csr_array
    low: FloatArray
    high: FloatArray
    columns: dict[str, np.ndarray]
    rows: dict[str, np.ndarray]
    unit: float  # money in the caller's unit per unit of money here


def require_planning() -> None:
    """InputError with the command that installs what is missing."""
    try:
        import linopy  # noqa: F401
    except ImportError as error:
        raise InputError(f"{REMEDY} ({error})") from error


def assemble(programme: Programme) -> Assembled:
    """Rows and columns of a programme; for every good s, technique j and year t (all variables 0 or above):

    needs      x_s + m - e - A x - B v + (1 - spoil) s[t-1] - s[t] + shortage >= alpha f
    capacity   x[t] <= k[t],  k[t+1] = (1 - d) k[t] + v[t-lag],  k at the end >= x of the last year
    labour     l x <= supply by skill;  resources  R x <= limit
    exchange   p_m m <= p_e e + transfer + debt[t] - (1 + r) debt[t-1],  debt <= credit, and 0 at the end
    imports    m <= (1 - cut) m_base,  e <= exports,  alpha >= required
    objective  sum_t discount^t alpha_t + discount^T weight (q k at the end) / sum f,  q = column sums of B

    Money is divided by the mean output, so that numbers are near 1. Shortages are fixed at 0 here; the search for
    missing goods frees them. Investment of years before the plan keeps capacity as it was.
    Errors: InputError where linopy or HiGHS are not installed.
    """
    require_planning()
    import linopy

    p = programme
    S, J, T = len(p.needs), len(p.makes), p.years
    unit = float(p.needs.sum() / S)
    ends = T + p.lag
    m = linopy.Model()

    def variable(name: str, lower: Any, upper: Any, **axes: int) -> np.ndarray:
        """A variable between bounds; returns its labels."""
        low, high = (_filled(bound, axes) for bound in (lower, upper))
        return m.add_variables(low, high, name=name).labels.values

    on_year = {"year": T}
    x = variable("output", 0.0, np.inf, **on_year, technique=J)
    v = variable("investment", 0.0, np.inf, **on_year, technique=J)
    k = variable("capacity", 0.0, np.inf if p.grows else p.capacity / unit, stage=ends, technique=J)
    bought = variable("imports", 0.0, np.multiply.outer(1.0 - p.cut, p.imports / unit), **on_year, good=S)
    sold = variable("exports", 0.0, p.exports / unit, **on_year, good=S)
    stock = variable("stock", 0.0, np.inf, **on_year, good=S)
    short = variable("shortage", 0.0, 0.0, **on_year, good=S)
    alpha = variable("living_standard", p.required, np.inf, **on_year)
    debt = variable("debt", 0.0, np.append(np.full(T - 1, p.credit / unit), 0.0), **on_year)

    def rows(name: str, sign: str, right: Any, terms: list[tuple[Any, Any]], **axes: int) -> None:
        """Constraints from coefficients and labels of variables; terms stand on a last axis, label -1 is none."""
        shape = tuple(axes.values())
        wide = [np.broadcast_shapes(np.shape(labels), np.shape(factor)) for factor, labels in terms]
        factors, labels = (
            np.concatenate(
                [
                    np.broadcast_to(pair[side], (*shape, full[-1]))
                    for pair, full in zip(terms, wide, strict=True)
                ],
                axis=-1,
            )
            for side in (0, 1)
        )
        dims = (*axes, "_term")
        data = xr.Dataset({"coeffs": (dims, np.where(labels < 0, 0.0, factors)), "vars": (dims, labels)})
        data = data.assign(const=(tuple(axes), np.zeros(shape))).assign_coords(
            {d: range(n) for d, n in axes.items()}
        )
        m.add_constraints(linopy.LinearExpression(data, m), sign, _filled(right, axes), name=name)

    learning = np.ones((T, J)) if p.learning is None else np.asarray(p.learning)
    makes = np.zeros((S, J))
    makes[p.makes, np.arange(J)] = 1.0
    first = np.zeros((T, S))
    first[0] = (1.0 - p.spoil) * p.stock / unit
    one = np.ones(1)
    rows(
        "needs", ">=", -first,
        [
            (makes[None] - learning[:, None, :] * np.asarray(p.inputs)[None], x[:, None, :]),
            (-np.asarray(p.investment), v[:, None, :]),
            (one, bought[..., None]), (-one, sold[..., None]), (one, short[..., None]), (-one, stock[..., None]),
            ((1.0 - p.spoil)[:, None], _before(stock)[..., None]),
            (-p.needs[:, None] / unit, alpha[:, None, None]),
        ],
        **on_year, good=S,
    )  # fmt: skip
    rows("first_capacity", "<=", p.capacity / unit, [(one, x[0][:, None])], technique=J)
    if T > 1:
        rows(
            "capacity",
            "<=",
            0.0,
            [(one, x[1:, :, None]), (-one, k[: T - 1, :, None])],
            later=T - 1,
            technique=J,
        )
    ready = np.zeros((ends, J))  # what was there, and what earlier years have begun
    ready[: p.lag] = p.depreciation * p.capacity / unit
    ready[0] += (1.0 - p.depreciation) * p.capacity / unit
    begun = np.concatenate([np.full((p.lag, J), -1), v])
    rows(
        "motion", "=", ready,
        [(one, k[..., None]), (-(1.0 - p.depreciation)[:, None], _before(k)[..., None]), (-one, begun[..., None])],
        stage=ends, technique=J,
    )  # fmt: skip
    rows("sustained", "<=", 0.0, [(one, x[-1][:, None]), (-one, k[-1][:, None])], technique=J)
    work = learning[:, None, :] * np.asarray(p.labour)[None]
    rows("labour", "<=", p.labour_supply / unit, [(work, x[:, None, :])], **on_year, skill=len(p.labour))
    if len(p.resources):
        drawn = learning[:, None, :] * np.asarray(p.resources)[None]
        rows(
            "resources",
            "<=",
            p.resource_limit / unit,
            [(drawn, x[:, None, :])],
            **on_year,
            resource=len(drawn[0]),
        )
    rows(
        "exchange", "<=", p.transfer / unit,
        [
            (p.import_price, bought), (-p.export_price, sold), (-one, debt[:, None]),
            (one + p.interest, _before(debt)[:, None]),
        ],
        **on_year,
    )  # fmt: skip
    worth = p.discount**T * p.terminal_weight * np.asarray(p.investment).sum(axis=0) * unit / p.needs.sum()
    factors, labels = np.concatenate([p.weights, worth]), np.concatenate([alpha, k[-1]])
    valued = xr.Dataset({"coeffs": ("_term", factors), "vars": ("_term", labels), "const": 0.0})
    m.add_objective(linopy.LinearExpression(valued, m), sense="max")
    return _arrays(m, unit)


def _before(labels: np.ndarray) -> np.ndarray:
    """Labels of the year before; none for the first."""
    return np.concatenate([np.full_like(labels[:1], -1), labels[:-1]])


def _filled(values: Any, axes: dict[str, int]) -> xr.DataArray:
    full = np.broadcast_to(np.asarray(values, dtype=np.float64), tuple(axes.values())).copy()
    return xr.DataArray(full, dims=tuple(axes), coords={name: range(size) for name, size in axes.items()})


def _arrays(m: Any, unit: float) -> Assembled:
    """What linopy assembled, with places of names."""
    import scipy.sparse as sparse

    matrices = m.matrices
    matrix = sparse.csr_array(matrices.A)
    matrix.eliminate_zeros()
    at_column = np.full(int(np.max(matrices.vlabels)) + 1, -1)
    at_column[matrices.vlabels] = np.arange(len(matrices.vlabels))
    at_row = np.full(int(np.max(matrices.clabels)) + 1, -1)
    at_row[matrices.clabels] = np.arange(len(matrices.clabels))
    b, sense = np.asarray(matrices.b), np.asarray(matrices.sense)
    return Assembled(
        cost=np.asarray(matrices.c, dtype=np.float64),
        lower=np.asarray(matrices.lb, dtype=np.float64),
        upper=np.asarray(matrices.ub, dtype=np.float64),
        matrix=matrix,
        low=np.where(sense == "<", -np.inf, b),
        high=np.where(sense == ">", np.inf, b),
        columns={str(name): at_column[m.variables[name].labels.values] for name in m.variables},
        rows={str(name): at_row[m.constraints[name].labels.values] for name in m.constraints},
        unit=unit,
    )
