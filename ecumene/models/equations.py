"""The equations of the trade equilibrium in exact changes, as pure functions of a problem and a state.

Axes inside this module put the sector first: a link is [sector s, origin i, destination n], a cell [sector, economy].
Letters follow the field: `pi` trade shares, `theta` trade elasticity, `w` wage, `P` price, `c` unit cost, `X` spending,
`Y` output, `I` income; a leading `l` is a logarithm of a hat (ratio to the base).

Sources: Caliendo and Parro (2015), eqs. 10-14; Costinot and Rodriguez-Clare (2014), section 3; Baqaee and Farhi (2024)
for nested CES; Galle, Rodriguez-Clare and Yi (2023) for workers who move between sectors.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Float

from ecumene.types import AnyArray

_SMALLEST_EXPONENT = 1e-12


class Form(NamedTuple):
    """What is compiled in: which branches a problem needs. Hashable, one program for each."""

    nested_ces: bool = False
    tariffs: bool = False
    proportional: bool = False
    factors: bool = False  # several factors, or one that moves between sectors at a loss
    rents: bool = False  # barriers that somebody keeps as income


class Problem(NamedTuple):
    """One case: base shares with the policy already in them. Value added of the world is 1."""

    reach: Float[AnyArray, "S R R"]  # pi kappa_hat^-theta, 0 on a closed link
    reach_net: Float[AnyArray, "S R R"]  # the same over what buyers pay above the unit cost: tariff and rents
    reach_rent: Float[AnyArray, "S R R"]  # the part of reach that the origin keeps as rent
    theta: Float[AnyArray, " S"]
    beta: Float[AnyArray, "S R"]  # value added per unit of cost
    gamma: Float[AnyArray, "R S S"]  # input per unit of cost, [economy, input, user]
    alpha: Float[AnyArray, "S R"]  # final spending shares
    value_added: Float[AnyArray, " R"]  # base, sums to 1
    worker_share: Float[AnyArray, "S R"]  # base value added of a sector in its economy
    factor_share: Float[AnyArray, "K S R"]  # share of each factor in a sector's value added
    transfer: Float[AnyArray, " R"]  # deficits held fixed
    spending_ratio: Float[AnyArray, " R"]  # base income over value added and revenue
    together: Float[AnyArray, "R R"]  # 1 where two economies are joined by trade, directly or not
    scale: Float[AnyArray, " R"]  # base output of an economy: the unit of the state's output
    eta: Float[AnyArray, ""]  # substitution between value added and inputs
    epsilon: Float[AnyArray, ""]  # between input sectors
    sigma: Float[AnyArray, ""]  # in consumption
    immobility: Float[AnyArray, " K"]  # 1 / kappa, kappa the dispersion of a factor over sectors; 0 is mobile


class State(NamedTuple):
    """The unknowns: log price of value added in an economy, log price of goods, output in units of the economy's base
    output, log deficit factor, log price of value added in a sector over the economy's mean, rents received in units
    of base value added."""

    lw: Float[AnyArray, " R"]
    lP: Float[AnyArray, "S R"]
    y: Float[AnyArray, "S R"]
    lfactor: Float[AnyArray, " R"]
    lspread: Float[AnyArray, "S R"]
    rent: Float[AnyArray, " R"]


class Evaluation(NamedTuple):
    """Both sides of every equation at a state."""

    lw: Float[AnyArray, " R"]
    lc: Float[AnyArray, "S R"]
    lP: Float[AnyArray, "S R"]  # the right-hand side of the price equation
    lP_consumption: Float[AnyArray, " R"]
    origin_weight: Float[AnyArray, "S R"]  # c_hat^-theta, up to one factor a sector
    destination_weight: Float[
        AnyArray, "S R"
    ]  # P_hat^theta, up to the inverse factor; 0 where nobody supplies
    beta: Float[AnyArray, "S R"]
    income: Float[AnyArray, " R"]
    revenue: Float[AnyArray, " R"]
    spending: Float[AnyArray, "S R"]
    Y: Float[AnyArray, "S R"]  # the right-hand side of the output equation
    lfactor: Float[AnyArray, " R"]
    lspread: Float[AnyArray, "S R"]
    rent: Float[AnyArray, " R"]


def initial_state(problem: Problem, output: Float[AnyArray, "S R"]) -> State:
    """The base itself: every hat is 1."""
    n_sectors, n_economies = problem.alpha.shape
    cells = jnp.zeros((n_sectors, n_economies))
    zero = jnp.zeros(n_economies)
    return State(zero, cells, output / problem.scale[None, :], zero, cells, zero)


def _exponent(elasticity: Float[AnyArray, ""]) -> Float[AnyArray, ""]:
    """`1 - elasticity`, kept off zero: log1p and expm1 make the Cobb-Douglas limit exact to rounding."""
    r = 1.0 - elasticity
    return jnp.where(jnp.abs(r) < _SMALLEST_EXPONENT, _SMALLEST_EXPONENT, r)


def evaluate(problem: Problem, state: State, form: Form) -> Evaluation:
    """Right-hand sides of the equations of the equilibrium.

    Unit cost, eta between value added and inputs, epsilon between inputs (Cobb-Douglas where both are 1):
    `c^(1-eta) = beta w^(1-eta) + (1-beta) P_m^(1-eta)`, `P_m^(1-eps) = sum_s g_s P_s^(1-eps)`.
    Price: `P_ns = (sum_i pi_ins (kappa_ins c_is)^-theta)^(-1/theta)`.
    Spending: `X_ns = sum_k gamma'_nsk Y_nk + alpha'_ns I_n`; output: `Y_is = sum_n pi'_ins X_ns / (1 + t_ins)`;
    income: `I = w L + tariff revenue + rents + deficit`.
    """
    beta, gamma, alpha, theta = problem.beta, problem.gamma, problem.alpha, problem.theta[:, None]
    Y = state.y * problem.scale[None, :]
    wage = jnp.broadcast_to(state.lw[None, :], beta.shape)
    if form.factors:
        wage = wage + state.lspread

    if form.nested_ces:
        r_eta, r_eps, r_sigma = _exponent(problem.eta), _exponent(problem.epsilon), _exponent(problem.sigma)
        inputs = 1.0 - beta
        has_inputs = inputs > 1e-14
        weight = jnp.where(has_inputs, 1.0 / jnp.where(has_inputs, inputs, 1.0), 0.0)
        bundle = jnp.einsum("nsk,sn->kn", gamma, jnp.expm1(r_eps * state.lP)) * weight
        lPm = jnp.log1p(bundle) / r_eps
        lc = jnp.log1p(beta * jnp.expm1(r_eta * wage) + inputs * jnp.expm1(r_eta * lPm)) / r_eta
        beta = beta * jnp.exp(r_eta * (wage - lc))
        use = jnp.exp((r_eta - r_eps) * lPm - r_eta * lc) * Y
        intermediate = jnp.exp(r_eps * state.lP) * jnp.einsum("nsk,kn->sn", gamma, use)
        lP_consumption = jnp.log1p((alpha * jnp.expm1(r_sigma * state.lP)).sum(axis=0)) / r_sigma
        alpha = alpha * jnp.exp(r_sigma * (state.lP - lP_consumption[None, :]))
    else:
        lc = beta * wage + jnp.einsum("nsk,sn->kn", gamma, state.lP)
        intermediate = jnp.einsum("nsk,kn->sn", gamma, Y)
        lP_consumption = (alpha * state.lP).sum(axis=0)

    exponent = theta * lc
    shift = exponent.min(axis=1, keepdims=True)
    origin_weight = jnp.exp(shift - exponent)
    total = jnp.einsum("sin,si->sn", problem.reach, origin_weight)
    supplied = total > 0
    safe_total = jnp.where(supplied, total, 1.0)
    destination_weight = jnp.where(supplied, 1.0 / safe_total, 0.0)
    lP = jnp.where(supplied, (shift - jnp.log(safe_total)) / theta, 0.0)

    # Tariff revenue, with rents that importers keep, is a share of spending;
    # spending depends on income, which contains the revenue: linear in income.
    earned = jnp.exp(state.lw) * problem.value_added
    rent = state.rent * problem.value_added
    if form.tariffs:
        net = jnp.einsum("sin,si->sn", problem.reach_net, origin_weight) * destination_weight
        if form.rents:
            net = net + jnp.einsum("sin,si->sn", problem.reach_rent, origin_weight) * destination_weight
        duty = jnp.where(supplied, 1.0 - net, 0.0)
        on_final = (alpha * duty).sum(axis=0)
        on_inputs = (intermediate * duty).sum(axis=0)
    else:
        on_final = on_inputs = jnp.zeros_like(earned)
    if form.proportional:
        ratio = problem.spending_ratio * jnp.exp(state.lfactor)
        income = ratio * (earned + rent + on_inputs) / (1.0 - ratio * on_final)
    else:
        income = (earned + rent + on_inputs + problem.transfer) / (1.0 - on_final)
    revenue = on_final * income + on_inputs
    own = earned + rent + revenue
    lfactor = jnp.zeros_like(earned)
    if form.proportional:
        lfactor = jnp.log(problem.together @ own) - jnp.log(problem.together @ (problem.spending_ratio * own))

    spending = intermediate + alpha * income[None, :]
    delivered = problem.reach_net if form.tariffs else problem.reach
    pull = spending * destination_weight
    Y_new = origin_weight * jnp.einsum("sin,sn->si", delivered, pull)
    rent_new = jnp.zeros_like(earned)
    if form.rents:
        received = origin_weight * jnp.einsum("sin,sn->si", problem.reach_rent, pull)
        rent_new = received.sum(axis=0) / problem.value_added

    lspread = jnp.zeros_like(lc)
    if form.factors:
        lmean, lsector = factor_prices(problem, beta * Y)
        lspread = (problem.factor_share * (lmean[:, None, :] + lsector)).sum(axis=0)
    return Evaluation(
        state.lw, lc, lP, lP_consumption, origin_weight, destination_weight, beta, income, revenue, spending, Y_new,
        lfactor, lspread, rent_new,
    )  # fmt: skip


def factor_prices(
    problem: Problem, paid: Float[AnyArray, "S R"]
) -> tuple[Float[AnyArray, "K R"], Float[AnyArray, "K S R"]]:
    """Log price of each factor over the economy's mean, and of the factor in a sector over its own mean.

    `paid` is value added by sector, of which factor f earns the constant share mu_fs. With fixed supply its mean price
    moves with what it earns, `w_f / w = (sum_s mu_fs paid_s / sum_s paid_s)` over the same in the base; in a sector,
    with dispersion kappa_f, `w_fs / w_f = (share of sector s in what f earns, over the base)^(1/kappa_f)`.
    Source: Galle, Rodriguez-Clare and Yi (2023), section 2, for a single group; the mean is exact for any kappa.
    """
    share = paid / paid.sum(axis=0, keepdims=True)
    now = (problem.factor_share * share[None]).sum(axis=1)
    base = (problem.factor_share * problem.worker_share[None]).sum(axis=1)
    used = (now > 0) & (base > 0)
    lmean = jnp.log(jnp.where(used, now, 1.0)) - jnp.log(jnp.where(used, base, 1.0))
    working = (problem.worker_share > 0) & (share > 0)
    lshare = jnp.log(jnp.where(working, share, 1.0) / jnp.where(working, problem.worker_share, 1.0))
    at_work = working[None] & (problem.factor_share > 0)
    lsector = problem.immobility[:, None, None] * (lshare[None] - lmean[:, None, :])
    return lmean, jnp.where(at_work, lsector, 0.0)


def wage_error(
    problem: Problem, lw: Float[AnyArray, " R"], beta: Float[AnyArray, "S R"], Y: Float[AnyArray, "S R"]
) -> Float[AnyArray, " R"]:
    """Log excess demand for value added, with the numeraire: value added of every trading group stays its base."""
    earned = jnp.exp(lw) * problem.value_added
    level = jnp.log(problem.together @ earned) - jnp.log(problem.together @ problem.value_added)
    return jnp.log((beta * Y).sum(axis=0)) - jnp.log(earned) - level


def errors(problem: Problem, state: State, at: Evaluation) -> State:
    """Right-hand side minus left-hand side of every equation, from an evaluation at the state."""
    scale = problem.scale[None, :]
    Y = state.y * scale
    return State(
        wage_error(problem, state.lw, at.beta, Y),
        at.lP - state.lP,
        (at.Y - Y) / scale,
        at.lfactor - state.lfactor,
        at.lspread - state.lspread,
        at.rent - state.rent,
    )


def residual(problem: Problem, state: State, form: Form) -> State:
    """`errors` at a state; zero at the equilibrium."""
    return errors(problem, state, evaluate(problem, state, form))
