"""The speed of change: the same rules, fast or slow, where workers, capital and suppliers are bound at first.

In year t the rules stand at a share f of the way. Each change of rules meets the trade elasticity of its age, as local
projections estimate it (Boehm, Levchenko and Pandalai-Nayar 2023, American Economic Review 113(4)), and value added
that gets free of its sector with age. Every year is an equilibrium of the whole world, solved from the year before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Array, Float, Int

from ecumene.errors import InputError
from ecumene.given import array_of, number, whole
from ecumene.models.bases import unchanged
from ecumene.models.core import rebased, solve_case, start
from ecumene.models.groups import trading_groups
from ecumene.models.response import respond
from ecumene.models.shares import Policy
from ecumene.models.solve import Options, Status
from ecumene.models.trade import Case
from ecumene.types import FloatArray, IntArray

PATIENT = Options(max_steps=240, patience=60)
"""A year starts near its solution, so that more steps cost less than a fresh preconditioner."""

FAR = 45
"""Steps of one year from which the preconditioner is made anew at its solution, for the years that follow."""


class Speed(NamedTuple):
    """How bound suppliers and workers are at first, and how fast they get free."""

    elasticity: float = 0.36  # short-run trade elasticity over the long-run one
    supplier_years: float = 3.0  # time scale of finding other suppliers
    worker_years: float = 3.0  # time scale in which value added leaves its sector

    def checked(self) -> Speed:
        """Itself. Errors: InputError for a number out of its range."""
        if not 0.0 < number("elasticity", self.elasticity) <= 1.0:
            raise InputError(
                f"the short-run elasticity is {self.elasticity} of the long-run one; it is above 0 and at most 1"
            )
        for name, years in (("supplier_years", self.supplier_years), ("worker_years", self.worker_years)):
            number(name, years, least=0.0)
        return self


class Course(NamedTuple):
    """What happened year by year; NaN where a year has no equilibrium, as its status says. Ratios to the base."""

    real_income: Float[np.ndarray, "T R"]
    sector_real_wage: Float[
        np.ndarray, "T R S"
    ]  # price of a sector's value added over the price of consumption
    free: Float[np.ndarray, "T R"]  # real income under the same rules, were everybody free at once
    status: Int[np.ndarray, " T"]
    residual: Float[np.ndarray, " T"]  # of the bound and the free solve, the larger


def steps(years: int, horizon: int) -> FloatArray:
    """Share of the way f that rules stand at, year 0 to the horizon: `min(t / years, 1)`. Errors: InputError."""
    whole("years", years, least=0)
    whole("horizon", horizon, least=0)
    if years < 1 or horizon < years:
        raise InputError(
            f"a change of {years} years over {horizon}; it takes at least 1 year and ends within the horizon"
        )
    return np.minimum(np.arange(horizon + 1) / years, 1.0)


def maturity(done: Float[np.ndarray, " T"], years: float) -> Float[np.ndarray, " T"]:
    """Mean share of their adjustment that all changes so far have behind them, 0 in the year of a change.

    `m_t = sum_{s <= t} (f_s - f_{s-1}) (1 - exp(-(t - s) / years)) / f_t`, 1 while nothing has changed; by its
    recursion `a_{t+1} = a_t + (1 - exp(-1 / years)) (f_t - a_t)`, `m = a / f`. Errors: InputError.
    """
    done = array_of("done", done)
    if done.ndim != 1 or not len(done) or done[0] != 0.0 or not (np.diff(done) >= 0).all():
        raise InputError("done must be shares of the way, one a year, that begin at 0 and do not fall")
    if done[-1] > 1.0:
        raise InputError(f"done ends at {done[-1]:g}; the whole way is 1")
    number("years", years, least=0.0)
    keep = np.exp(-1.0 / years) if years > 0.0 else 0.0
    adapted = np.zeros(len(done))
    for t in range(1, len(done)):
        adapted[t] = adapted[t - 1] + (1.0 - keep) * (done[t - 1] - adapted[t - 1])
    if years == 0.0:
        adapted = done
    return np.where(done > 0, adapted / np.where(done > 0, done, 1.0), 1.0)


def rules_between(first: Case, last: Case, part: float) -> Policy:
    """Rules a share of the way between two policies of one world.

    Logs of trade costs, tariffs and transfers in proportion; a link that closes or opens keeps
    `(1 - part) kappa_first^-theta + part kappa_last^-theta` of its openness, theta of the long run.
    """
    one, two, theta = first.iceberg, last.iceberg, first.theta[None, None, :]
    both = np.isfinite(one) & np.isfinite(two)
    logs = (1.0 - part) * np.log(np.where(both, one, 1.0)) + part * np.log(np.where(both, two, 1.0))
    with np.errstate(over="ignore", divide="ignore"):
        openness = (1.0 - part) * one**-theta + part * two**-theta
        mixed = np.where(openness > 0, openness ** (-1.0 / theta), np.inf)
    iceberg = np.where(both, np.exp(logs), mixed)
    share = np.asarray(first.base.base.pi).transpose(1, 2, 0)
    groups = trading_groups(np.asarray((np.isfinite(iceberg) & (share > 0)).any(axis=2)))
    return first.policy._replace(
        iceberg=iceberg,
        tariff=(1.0 - part) * first.tariff + part * last.tariff,
        transfer=(1.0 - part) * np.asarray(first.policy.transfer) + part * np.asarray(last.policy.transfer),
        together=groups.together,
    )


def follow(
    first: Case, last: Case, done: Float[np.ndarray, " T"], speed: Speed, tell: Callable[[], None]
) -> Course:
    """Every year's equilibrium on the way from one policy to another, each solved from the last that was found.

    `theta_t = theta (e + (1 - e) m_t)` with e the short-run elasticity over the long-run one and m the maturity of
    suppliers; value added is bound to its sector by `1 / kappa_t = 1 - m_t`, with the maturity of workers.
    first, last: `trade.case_of` of both policies under one closure and technology. A year without an equilibrium has
    NaN and its status; the next is tried again. tell: called after each year.
    Errors: InputError (speed, shares, cases of different bases).
    """
    speed.checked()
    if first.base is not last.base:
        raise InputError("the two policies stand on different bases; give both the same closure of deficits")
    suppliers, workers = maturity(done, speed.supplier_years), maturity(done, speed.worker_years)
    base = first.base.base
    R, S, T = base.value_added.size, base.theta.size, len(done)
    course = Course(
        np.full((T, R), np.nan), np.full((T, R, S), np.nan), np.full((T, R), np.nan), np.zeros(T, int), np.zeros(T)
    )  # fmt: skip
    bound, free = _Walker(first, last), _Walker(first, last)
    theta = first.theta
    kept: tuple[FloatArray | None, Status, float] = (None, Status.OK, 0.0)
    for t in range(T):
        rules = rules_between(first, last, float(done[t]))
        if t == 0 or done[t] != done[t - 1]:
            outcome, status, gap = free.to(rules, theta, 0.0)
            kept = (None if outcome is None else np.asarray(outcome.real_income), status, gap)
        income, status, gap = kept
        if income is not None:
            course.free[t] = income
        factor = speed.elasticity + (1.0 - speed.elasticity) * suppliers[t]
        outcome, own, residual = bound.to(rules, theta * factor, 1.0 - workers[t])
        if outcome is not None:
            course.real_income[t] = np.asarray(outcome.real_income)
            wage = np.asarray(outcome.sector_wage) / np.asarray(outcome.P_consumption)
            course.sector_real_wage[t] = wage.T
        course.status[t] = int(own if own is not Status.OK else status)
        course.residual[t] = max(residual, gap)
        tell()
    return course


class _Walker:
    """Solves case after case, each from the last point found."""

    def __init__(self, first: Case, last: Case) -> None:
        base = first.base.base
        tariffs = bool(first.form.tariffs or last.form.tariffs)
        self.form = first.form._replace(tariffs=tariffs, factors=True)
        nobody = np.zeros(base.value_added.size, dtype=bool)
        policy = unchanged(base, first.policy.transfer, first.technology)
        self.z: Float[Array, " n"] = start(base, policy, nobody, self.form)
        self.base, self.response = base, first.base.response
        self.unit = np.asarray(base.output).sum(axis=0)
        self.alone = nobody

    def to(self, rules: Policy, theta: FloatArray, immobility: float):
        """The outcome (None without one), status and residual."""
        policy = rules._replace(theta=theta, immobility=np.array([immobility]))
        alone = np.asarray(rules.together).sum(axis=1) == 1
        if alone.any() and not np.array_equal(
            alone, self.alone
        ):  # the closed form of autarky is the better guess
            self.z = start(self.base, policy, alone, self.form)
        self.alone = alone
        outcome, stage, status, taken = solve_case(
            self.base, policy, self.response, self.z, self.form, PATIENT
        )
        if status is not Status.OK:
            return None, status, float(outcome.residual)
        self.z = stage.z
        if taken > FAR:
            self.response = respond(rebased(self.base, outcome, policy), self.unit, careful=True)
        return outcome, status, float(outcome.residual)


def discounted(values: Float[np.ndarray, "... T"], rate: float) -> FloatArray:
    """Mean over years, a later one counting `(1 + rate)^-t`; NaN where a year is missing. Errors: InputError."""
    values = array_of("values", values)
    if values.ndim == 0 or values.shape[-1] == 0:
        raise InputError(f"values has shape {values.shape}; its last axis must be years, one or more")
    if number("rate", rate) <= -1.0:
        raise InputError(f"rate is {rate}; it must be above -1")
    weight = (1.0 + rate) ** -np.arange(values.shape[-1])
    return np.asarray(values @ (weight / weight.sum()))


def worst(values: Float[np.ndarray, "T ..."]) -> IntArray:
    """First year of the lowest value; -1 where no year has one."""
    missing = np.isnan(values).all(axis=0)
    return np.where(missing, -1, np.where(np.isnan(values), np.inf, values).argmin(axis=0))
