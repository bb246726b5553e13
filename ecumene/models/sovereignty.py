"""The public functions of economic sovereignty, and what one link or one product means for an economy.

Axes: origin, destination, sector. Reliance through supply chains stands in `reliance`, what one economy can do to
another by cutting trade in `power`; both are re-exported here.

Sources: Costinot and Rodriguez-Clare (2014) for the cost of lost sources; European Commission (2021), SWD(2021) 352,
for strategic products.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from ecumene.errors import InputError
from ecumene.models.power import (
    BlocPower,
    Cut,
    Losses,
    Power,
    Progress,
    base_of,
    bloc_power,
    cut_losses,
    log_losses,
    power_matrix,
)
from ecumene.models.reliance import (
    CLOSURE,
    Chains,
    EconomyReliance,
    Reliance,
    economies_reliance,
    links,
    numbers,
    ratio,
    reliance,
    reliance_of_economies,
    share_of_partners,
    supply_chains,
)
from ecumene.models.solve import Options
from ecumene.models.trade import Case
from ecumene.types import AnyArray

__all__ = [
    "CONCENTRATED",
    "FOREIGN",
    "OUTWEIGHED",
    "BlocPower",
    "Chains",
    "Chokepoints",
    "Cut",
    "EconomyReliance",
    "Losses",
    "Power",
    "Products",
    "Reliance",
    "bloc_power",
    "chokepoint_losses",
    "chokepoints",
    "cut_losses",
    "economies_reliance",
    "log_losses",
    "merged",
    "power_matrix",
    "reliance",
    "reliance_of_economies",
    "sector_reliance",
    "share_of_partners",
    "strategic_products",
    "supply_chains",
    "worst_links",
]

CONCENTRATED = 0.4
"""Herfindahl-Hirschman index of import sources above which supply is concentrated (SWD(2021) 352, indicator 1)."""

FOREIGN = 0.5
"""Share of purchases from outside above which supply is mostly foreign (SWD(2021) 352, indicator 2)."""

OUTWEIGHED = 1.0
"""Imports over exports above which own sales abroad could not replace imports (SWD(2021) 352, indicator 3)."""


def sector_reliance(
    home: Float[AnyArray, "R S"], alpha: Float[AnyArray, "R S"], gamma: Float[AnyArray, "R S S"]
) -> Float[np.ndarray, "R S"]:
    """Weight of the price of a sector's goods in the cost of consumption, through the economy's own inputs.

    `h_n = (I - gamma_n diag(pi_nn))^-1 alpha_n`: home [economy, sector] is the share bought at home, alpha the basket,
    gamma [economy, input, user] the recipe. `alpha_n` where the economy uses no inputs; can exceed 1.
    Source: as the weights of `decomposition`, at the base shares.
    """
    share, basket = np.asarray(home, dtype=np.float64), np.asarray(alpha, dtype=np.float64)
    system = np.eye(share.shape[1])[None] - np.asarray(gamma, dtype=np.float64) * share[:, None, :]
    return np.linalg.solve(system, basket[:, :, None])[:, :, 0]


def chokepoint_losses(
    share: Float[AnyArray, "R R S"],
    theta: Float[AnyArray, " S"],
    alpha: Float[AnyArray, "R S"],
    gamma: Float[AnyArray, "R S S"],
) -> Float[np.ndarray, "R R S"]:
    """Log real income lost at first order where one origin stops selling one sector's goods to a destination.

    `h_ns (-ln(1 - pi_ins) / theta_s)`, [origin, destination, sector]: the price of lost variety (Feenstra 1994) by its
    weight in the cost of consumption (`sector_reliance`), with wages and costs of all others held. Infinite where
    the origin is the only source; NaN on the diagonal. share pi: of origins in spending, duties included.
    Errors: InputError where shares are not between 0 and 1, or a theta is not above 0.
    """
    R, S = links("share", share)
    pi = numbers("share", share, (R, R, S), "origin x destination x sector")
    elasticity = numbers("theta", theta, (S,), "sector")
    if (pi > 1.0 + CLOSURE).any() or not (elasticity > 0).all():
        raise InputError("shares of origins must be at most 1 and every theta above 0")
    weight = sector_reliance(np.einsum("nns->ns", pi), alpha, gamma)
    # What is left is the sum of the others: 1 - pi would lose the digits of a sole source.
    left = np.stack([np.delete(pi, i, axis=0).sum(axis=0) for i in range(R)])
    whole = left + pi
    remains = np.divide(left, whole, out=np.ones_like(left), where=whole > 0)
    with np.errstate(divide="ignore"):
        lost = -np.log(remains) / elasticity
    used = weight[None] > 0
    losses = np.where(used, np.where(used, weight[None], 1.0) * lost, 0.0)
    return np.where(np.eye(R, dtype=bool)[:, :, None], np.nan, losses)


def worst_links(
    losses: Float[AnyArray, "R R S"], number: int = 50, destination: int | None = None
) -> Int[np.ndarray, "M 3"]:
    """The links (origin, destination, sector) with the largest loss, the worst first; into one economy where asked.

    Links without a loss are left out, so that fewer than `number` may come back; ties keep the order of the axes.
    """
    values = np.nan_to_num(np.asarray(losses, dtype=np.float64), nan=-np.inf, posinf=np.inf)
    if destination is not None:
        values = np.where(np.arange(values.shape[1])[None, :, None] == destination, values, -np.inf)
    order = np.argsort(-values, axis=None, kind="stable")[: max(number, 0)]
    order = order[values.reshape(-1)[order] > 0]
    return np.stack(np.unravel_index(order, values.shape), axis=1)


class Chokepoints(NamedTuple):
    """The worst links into an economy, or of the world: what their destinations lose if the origin stops selling."""

    links: Int[np.ndarray, "M 3"]  # origin, destination, sector
    first_order: Float[np.ndarray, " M"]  # log real income, wages and costs of others held
    exact: Float[np.ndarray, " M"]  # log real income in the new equilibrium; infinite where goods are missing
    exact_without_missing: Float[np.ndarray, " M"]
    status: Int[np.ndarray, " M"]


def chokepoints(
    case: Case,
    number: int = 50,
    destination: int | None = None,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    options: Options = Options(),
) -> Chokepoints:
    """The `number` worst links by the first-order loss of their destination, each then solved exactly.

    In the exact cut only sales from origin to destination in that one sector stop; wages, costs and other purchases
    adjust everywhere. The order is that of the first-order loss. A cut without an equilibrium is NaN with its status.
    Errors: InputError; SolveError where the case itself has no equilibrium.
    """
    base = base_of(case, options)
    R = base.value_added.size
    if destination is not None and not 0 <= destination < R:
        raise InputError(f"destination is {destination}; economies go from 0 to {R - 1} in this case")
    share, gamma = np.asarray(base.pi).transpose(1, 2, 0), np.asarray(base.gamma)
    first_order = chokepoint_losses(share, np.asarray(base.theta), np.asarray(base.alpha).T, gamma)
    worst = worst_links(first_order, number, destination)
    cuts = [Cut((int(i),), (int(n),), (int(s),), both_ways=False) for i, n, s in worst]
    found = cut_losses(case, cuts, workers=workers, progress=progress, options=options)
    rows, into = np.arange(len(worst)), worst[:, 1]
    return Chokepoints(
        worst,
        first_order[tuple(worst.T)],
        found.loss[rows, into],
        found.loss_without_missing[rows, into],
        found.status,
    )


class Products(NamedTuple):
    """Criteria of strategic dependence [economy, sector]; not a number where a criterion cannot be known."""

    concentration: Float[np.ndarray, "R S"]  # Herfindahl-Hirschman index of import sources, 0 to 1
    foreign_share: Float[np.ndarray, "R S"]  # imports over all purchases, home ones included
    imports_over_exports: Float[np.ndarray, "R S"]  # infinite where nothing is exported
    strategic: Float[np.ndarray, "R S"]  # 1 where all three hold, 0 where one fails, else not a number


def strategic_products(trade: Float[AnyArray, "R R S"]) -> Products:
    """Products of which imports are concentrated, mostly foreign and above exports.

    With imports `m_in` from origin i: concentration `sum_i (m_in / sum m)^2 > 0.4`, foreign share
    `sum m / (sum m + home purchases) > 0.5`, and `imports > exports`. trade [origin, destination, sector], money a
    year, home purchases on the diagonal; a diagonal of NaN says that they are not known, as in customs data, and makes
    the foreign share not a number, never 0 or 1. For a bloc as one economy, `merged` first.
    Errors: InputError. Source: European Commission (2021), SWD(2021) 352, which divides by imports instead of
    purchases, since production is not known there product by product.
    """
    R, S = links("trade", trade)
    given = np.asarray(trade, dtype=np.float64)
    own = np.eye(R, dtype=bool)[:, :, None]
    flow = numbers("trade", np.where(own, 0.0, given), (R, R, S), "origin x destination x sector")
    home = np.einsum("nns->ns", given)
    if (home < 0).any() or np.isinf(home).any():
        raise InputError("home purchases (the diagonal of trade) must be finite and not negative, or NaN")
    imports, exports = flow.sum(axis=0), flow.sum(axis=1)
    concentration = (ratio(flow, imports[None]) ** 2).sum(axis=0)
    foreign_share = ratio(imports, imports + home)
    with np.errstate(divide="ignore", invalid="ignore"):
        over = imports / exports  # 0 / 0 is not known, x / 0 infinite
    fails = (concentration <= CONCENTRATED) | (foreign_share <= FOREIGN) | (imports <= OUTWEIGHED * exports)
    holds = (concentration > CONCENTRATED) & (foreign_share > FOREIGN) & (imports > OUTWEIGHED * exports)
    return Products(concentration, foreign_share, over, np.where(fails, 0.0, np.where(holds, 1.0, np.nan)))


def merged(trade: Float[AnyArray, "R R S"], blocs: Sequence[Sequence[int]]) -> Float[np.ndarray, "B B S"]:
    """Trade between blocs, each the list of its economies; what members buy of each other is on the diagonal.

    Errors: InputError where an economy is in no bloc or in two, by its number.
    """
    R, _ = links("trade", trade)
    count = np.bincount([member for bloc in blocs for member in bloc], minlength=R)
    wrong = np.flatnonzero(count != 1)
    if len(wrong):
        raise InputError(
            f"economy {int(wrong[0])} is in {int(count[wrong[0]])} blocs; every one must be in one"
        )
    member = np.zeros((len(blocs), R))
    for number, bloc in enumerate(blocs):
        member[number, list(bloc)] = 1.0
    return np.einsum("ai,ins,bn->abs", member, np.asarray(trade, dtype=np.float64), member, optimize=True)
