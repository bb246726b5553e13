"""What a unit of output rests on abroad, all the way down its supply chains: gross, and in value added.

Axes: origin, destination, sector; a supplier's sector stands before its user's.

Sources: Baldwin, Freeman and Theodorakopoulos (2022) for look-through reliance, gross; Los, Timmer and de Vries (2015)
for value added.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from ecumene.errors import InputError
from ecumene.types import AnyArray, FloatArray

CLOSURE = 1e-9
"""Every unit of output is value added of somebody or duty, to this error."""


class Chains(NamedTuple):
    """Input coefficients of the world, economy-major: a column is what one unit of output uses."""

    inputs: Float[AnyArray, "N N"]  # A, net of duties; N = R S
    value_added: Float[AnyArray, "R S"]  # v, share of output
    duties: Float[AnyArray, "R S"]  # duties that the using economy collects on inputs, share of output
    output: Float[AnyArray, "R S"]  # x


class Reliance(NamedTuple):
    """What a unit of output of (economy, sector) rests on, by the partner that makes it and by the partner's sector.

    The partner is first, the economy itself among the partners. NaN where the economy makes none of the good.
    """

    gross: Float[
        np.ndarray, "R R S"
    ]  # [partner, economy, sector]: output of the partner per unit of output, L - I
    value_added: Float[np.ndarray, "R R S"]  # [partner, economy, sector]: share of the value
    gross_by_sector: Float[np.ndarray, "S R S"]  # [sector of foreign suppliers, economy, sector]
    value_added_by_sector: Float[np.ndarray, "S R S"]  # the same, share of the value
    duties: Float[np.ndarray, "R S"]  # share of the value that is duty, whoever collected it

    @property
    def foreign_gross(self) -> FloatArray:
        """Sum over foreign partners of `L - I` [economy, sector]; can exceed 1."""
        return _foreign(self.gross)

    @property
    def foreign_value_added(self) -> FloatArray:
        """Sum over foreign partners of `v L` [economy, sector], from 0 to 1."""
        return _foreign(self.value_added)


class EconomyReliance(NamedTuple):
    """What the output of an economy rests on, sectors weighted; NaN where it has no weight."""

    gross: Float[np.ndarray, "R R"]  # [partner, economy]: output of the partner per unit of output, L - I
    value_added: Float[np.ndarray, "R R"]  # [partner, economy]: share of the value
    gross_by_sector: Float[np.ndarray, "S R"]  # [sector of foreign suppliers, economy]
    value_added_by_sector: Float[np.ndarray, "S R"]  # the same, share of the value
    duties: Float[np.ndarray, " R"]  # share of the value that is duty, whoever collected it

    @property
    def foreign_gross(self) -> FloatArray:
        """Sum over foreign partners of `L - I` [economy]; can exceed 1."""
        return _foreign(self.gross)

    @property
    def foreign_value_added(self) -> FloatArray:
        """Sum over foreign partners of `v L` [economy], from 0 to 1."""
        return _foreign(self.value_added)


def _foreign(by_partner: FloatArray) -> FloatArray:
    R = len(by_partner)
    abroad = ~np.eye(R, dtype=bool).reshape(R, R, *([1] * (by_partner.ndim - 2)))
    return np.where(abroad, by_partner, 0.0).sum(axis=0) + 0.0 * by_partner[0]  # not a number stays so


def ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """A share; not a number where there is no whole."""
    shape = np.broadcast_shapes(part.shape, whole.shape)
    return np.divide(part, whole, out=np.full(shape, np.nan), where=np.broadcast_to(whole > 0, shape))


def numbers(name: str, values: AnyArray, shape: tuple[int, ...], axes: str) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.shape != shape:
        raise InputError(f"{name} has shape {array.shape}; it must be {shape} = {axes}")
    wrong = ~(np.isfinite(array) & (array >= 0))
    if wrong.any():
        cell = tuple(int(part) for part in np.argwhere(wrong)[0])
        raise InputError(
            f"{name}{list(cell)} is {array[cell]}; it must be finite and not negative, clean the table"
        )
    return array


def links(name: str, trade: AnyArray) -> tuple[int, int]:
    """Numbers of economies and of sectors of an array of links."""
    if trade.ndim != 3 or trade.shape[0] != trade.shape[1]:
        raise InputError(
            f"{name} has shape {trade.shape}; it must be [R, R, S] = origin x destination x sector"
        )
    return trade.shape[0], trade.shape[2]


def supply_chains(
    trade: Float[AnyArray, "R R S"],
    intermediate: Float[AnyArray, "R S S"],
    tariff: Float[AnyArray, "R R S"] | None = None,
) -> Chains:
    """Input coefficients where all users of an economy buy a good from origins in the same proportions.

    `A[(i,s),(n,k)] = M_ins / X_ns * u_nsk / Y_nk`, with `X_ns = sum_i (1 + t_ins) M_ins`, `Y_is = sum_n M_ins`, and
    `v + duties = 1 - column sums of A`. trade M [origin, destination, sector] net of duties and intermediate u
    [economy, input, user] with them, both money a year; tariff t ad valorem, None is without duties.
    Errors: InputError where an array has another shape, a negative cell, or uses more than its output is worth.
    """
    R, S = links("trade", trade)
    flow = numbers("trade", trade, (R, R, S), "origin x destination x sector")
    used = numbers("intermediate", intermediate, (R, S, S), "economy x input x user")
    rate = np.zeros((R, R, S)) if tariff is None else np.asarray(tariff, dtype=np.float64)
    if rate.shape != flow.shape or not (rate > -1).all():
        raise InputError(
            f"tariff has shape {rate.shape}; it must be {flow.shape}, ad valorem (0.1 is 10 %), above -1"
        )
    paid, output = ((1.0 + rate) * flow).sum(axis=0), flow.sum(axis=1)
    net = np.nan_to_num(ratio(flow, paid[None]))
    recipe = np.nan_to_num(ratio(used, output[:, None, :]))
    bought = net[:, :, :, None] * recipe[None]  # [origin, economy, input, user]
    duties = (rate[:, :, :, None] * bought).sum(axis=(0, 2))
    value_added = np.where(output > 0, 1.0 - bought.sum(axis=(0, 2)) - duties, 0.0)
    low = np.argwhere(value_added < -CLOSURE)
    if len(low):
        n, k = (int(part) for part in low[0])
        raise InputError(
            f"value added of economy {n}, sector {k} is {value_added[n, k]:.4g} of its output; clean the table"
        )
    N = R * S
    return Chains(bought.transpose(0, 2, 1, 3).reshape(N, N), value_added, duties, output)


def reliance(chains: Chains) -> Reliance:
    """Look-through reliance of every industry on every partner, in gross output and in value added.

    `L = (I - A)^-1`; gross, down each column: `sum_s (L - I)[(j,s),(n,k)]`, which counts a good each time it changes
    hands and can exceed 1; value added: `sum_s v_js L[(j,s),(n,k)]`, which with duties adds to 1 over all j.
    Shapes: `Chains` in, `Reliance` out. Errors: InputError where the shares do not add to 1: the table is not one of
    finite chains. Sources: Baldwin, Freeman and Theodorakopoulos (2022); Los, Timmer and de Vries (2015).
    """
    R, S = chains.value_added.shape
    N = R * S
    A = numbers("inputs", chains.inputs, (N, N), "a supplier's cells x a user's")
    try:
        leontief = np.linalg.inv(np.eye(N) - A)
    except np.linalg.LinAlgError as error:
        raise InputError(f"a group of industries only uses itself up ({error}); clean the table") from error
    if leontief.min() < -CLOSURE:
        raise InputError("some industries use more than they make, counting their suppliers; clean the table")
    added = np.asarray(chains.value_added).reshape(N, 1) * leontief
    duties = (np.asarray(chains.duties).reshape(N) @ leontief).reshape(R, S)
    made = np.asarray(chains.output) > 0
    gap = np.where(made, np.abs(added.sum(axis=0).reshape(R, S) + duties - 1.0), 0.0).max()
    if not gap <= CLOSURE:
        raise InputError(
            f"value added and duties of a unit of output differ from 1 by {gap:.1e}; v and duties must be what "
            "inputs leave of output (`supply_chains`)"
        )
    gross = (leontief - np.eye(N)).reshape(R, S, R, S)
    value = added.reshape(R, S, R, S)
    unmade = np.where(made, 0.0, np.nan)

    def by_sector(cells: AnyArray) -> FloatArray:
        return cells.sum(axis=0) - np.einsum("nsnk->snk", cells) + unmade

    return Reliance(
        gross.sum(axis=1) + unmade,
        value.sum(axis=1) + unmade,
        by_sector(gross),
        by_sector(value),
        duties + unmade,
    )


def economies_reliance(chains: Chains, weight: Float[AnyArray, "R S"]) -> EconomyReliance:
    """Look-through reliance of whole economies, without the inverse: `reliance` weighed by `reliance_of_economies`.

    One system `(I - A) X = W`, a column for each economy: `W_(nk)n = weight_nk / sum_k weight_nk` over the sectors that
    are made; gross `X - W`, value added `v X`. Several times faster than all industries. Errors and sources: as there.
    """
    R, S = chains.value_added.shape
    N = R * S
    A = numbers("inputs", chains.inputs, (N, N), "a supplier's cells x a user's")
    made = np.asarray(chains.output) > 0
    given = np.where(made, numbers("weight", weight, (R, S), "economy x sector"), 0.0)
    share = ratio(given, given.sum(axis=1, keepdims=True))
    mixed = np.einsum("nk,nm->nkm", np.nan_to_num(share), np.eye(R)).reshape(N, R)
    try:
        needed = np.linalg.solve(np.eye(N) - A, mixed)
    except np.linalg.LinAlgError as error:
        raise InputError(f"a group of industries only uses itself up ({error}); clean the table") from error
    if needed.min() < -CLOSURE:
        raise InputError("some industries use more than they make, counting their suppliers; clean the table")
    added = np.asarray(chains.value_added).reshape(N, 1) * needed
    duties = np.asarray(chains.duties).reshape(N) @ needed
    some = given.sum(axis=1) > 0
    gap = np.where(some, np.abs(added.sum(axis=0) + duties - 1.0), 0.0).max()
    if not gap <= CLOSURE:
        raise InputError(
            f"value added and duties of a unit of output differ from 1 by {gap:.1e}; v and duties must be what "
            "inputs leave of output (`supply_chains`)"
        )
    nothing = np.where(some, 0.0, np.nan)

    def by_sector(cells: FloatArray) -> FloatArray:
        return cells.sum(axis=0) - np.einsum("nsn->sn", cells) + nothing

    gross, value = (needed - mixed).reshape(R, S, R), added.reshape(R, S, R)
    return EconomyReliance(
        gross.sum(axis=1) + nothing,
        value.sum(axis=1) + nothing,
        by_sector(gross),
        by_sector(value),
        duties + nothing,
    )


def reliance_of_economies(
    measure: Float[AnyArray, "... R S"], weight: Float[AnyArray, "R S"]
) -> Float[np.ndarray, "... R"]:
    """A measure of industries as one of economies: the mean over sectors, weighted by output or by final sales.

    `sum_k weight_nk m_nk / sum_k weight_nk`; industries without output do not count. NaN where no weight is left.
    """
    values = np.asarray(measure, dtype=np.float64)
    R, S = values.shape[-2:]
    given = numbers("weight", weight, (R, S), "economy x sector")
    counted = np.where(np.isnan(values), 0.0, np.broadcast_to(given, values.shape))
    return ratio((counted * np.nan_to_num(values)).sum(axis=-1), counted.sum(axis=-1))


def share_of_partners(by_partner: Float[AnyArray, "R R ..."]) -> Float[np.ndarray, "R R ..."]:
    """Share of each partner in what is relied on abroad, [partner, economy, ...]; 0 for the economy itself.

    NaN where an economy relies on nobody abroad: there is nothing to share.
    """
    values = np.asarray(by_partner, dtype=np.float64)
    own = np.eye(len(values), dtype=bool).reshape(len(values), len(values), *([1] * (values.ndim - 2)))
    abroad = np.where(own, 0.0, values)
    return ratio(abroad, abroad.sum(axis=0)[None])
