"""What an economy loses if others cut trade with it: exact equilibria with closed links, many of them side by side.

One cut closes both directions of the links between two sides, or one direction for one sector's goods; its equilibrium
says what everybody loses, so that a matrix of power over R economies takes R (R - 1) / 2 solves.

Source of the equilibrium: see `trade`; of power as the cost of broken trade: Hirschman (1945), Clayton, Maggiori and
Schreger (2023).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from ecumene.errors import InputError, SolveError
from ecumene.models.core import Outcome, rebased, solve_case, start
from ecumene.models.groups import Groups, can_pay, trading_groups, transfers_within
from ecumene.models.response import Response, respond
from ecumene.models.shares import Base
from ecumene.models.solve import Options, Status
from ecumene.models.trade import Case
from ecumene.processors import threads
from ecumene.types import BoolArray, FloatArray

Progress = Callable[[int, int, str], None]
"""Called as progress(done, total, label) in the calling thread."""


NOT_SOLVED = -1
"""Status of a cut that was not asked for."""

_NOTHING_TO_COMPARE = "the case without a cut has no equilibrium to compare with"


class Cut(NamedTuple):
    """Links that close: from `origins` to `destinations`, the other way too, in all sectors or in those named.

    Economies and sectors are numbers on the case's axes. Links of an economy with itself stay open.
    """

    origins: tuple[int, ...]
    destinations: tuple[int, ...]
    sectors: tuple[int, ...] | None = None
    both_ways: bool = True

    def links(self, R: int, S: int) -> BoolArray:
        """The links that close [origin, destination, sector]. Errors: InputError where a number is off the axes."""
        for name, numbers, size in (
            ("origins", self.origins, R),
            ("destinations", self.destinations, R),
            ("sectors", self.sectors or (), S),
        ):
            wrong = [number for number in numbers if not 0 <= number < size]
            if wrong:
                raise InputError(
                    f"{name} of a cut names number {wrong[0]}; numbers go from 0 to {size - 1} in this case"
                )
        pair = np.zeros((R, R), dtype=bool)
        pair[np.ix_(self.origins, self.destinations)] = True
        if self.both_ways:
            pair = pair | pair.T
        pair &= ~np.eye(R, dtype=bool)
        sectors = np.ones(S, dtype=bool) if self.sectors is None else np.isin(np.arange(S), self.sectors)
        return pair[:, :, None] & sectors


class Losses(NamedTuple):
    """Log real income that each economy loses by each cut; not a number unless the cut's status is OK."""

    loss: Float[np.ndarray, "M R"]  # infinite where goods are missing
    loss_without_missing: Float[np.ndarray, "M R"]  # over the goods still supplied
    status: Int[np.ndarray, " M"]
    residual: Float[np.ndarray, " M"]


class Power(NamedTuple):
    """`loss[j, i]` is the log real income that i loses if j cuts all trade with i; the diagonal is not a number."""

    loss: Float[np.ndarray, "R R"]  # infinite where goods are missing
    loss_without_missing: Float[np.ndarray, "R R"]
    status: Int[np.ndarray, "R R"]  # of the pair's solve, in both cells
    residual: Float[np.ndarray, "R R"]

    @property
    def asymmetry(self) -> FloatArray:
        """`Pi[j, i] - Pi[i, j]`: above 0 where j would lose less than i. Over the goods still supplied."""
        return self.loss_without_missing - self.loss_without_missing.T


class BlocPower(NamedTuple):
    """What a bloc can do together: losses of each economy outside it, and what it costs the bloc. NaN for members."""

    loss: Float[np.ndarray, " R"]  # log real income that i loses if the bloc cuts all trade with i
    loss_without_missing: Float[np.ndarray, " R"]
    cost: Float[np.ndarray, " R"]  # what the bloc loses by that, goods still supplied, by base income
    status: Int[np.ndarray, " R"]
    residual: Float[np.ndarray, " R"]

    @property
    def asymmetry(self) -> FloatArray:
        """The target's loss less the bloc's, over the goods still supplied."""
        return self.loss_without_missing - self.cost


def log_losses(before: Outcome, after: Outcome) -> tuple[FloatArray, FloatArray]:
    """`ln(real income before) - ln(after)` [R]: infinite where goods are missing only after; and without those goods.

    Where goods are missing already before, the first is not a number: infinite less infinite.
    """
    fall = np.log(np.asarray(before.real_income)) - np.log(np.asarray(after.real_income))
    gone = np.asarray(after.missing).any(axis=0)
    already = np.asarray(before.missing).any(axis=0)
    return np.where(already, np.nan, np.where(gone, np.inf, fall)), fall


class _Start(NamedTuple):
    """The equilibrium of the case itself, from which every cut starts."""

    case: Case
    outcome: Outcome
    z: Float[Array, " n"]
    response: Response
    traded: BoolArray  # [origin, destination, sector], in the base


def _stuck(groups: Groups, closure: str, open_links: BoolArray, transfer: FloatArray) -> bool:
    """Whether trade goes one way only, and no transfer pays for it."""
    return bool(groups.one_way) and not (closure == "fixed" and can_pay(open_links, transfer))


def _solved(case: Case, options: Options) -> _Start:
    """Solve the case without a cut. Errors: SolveError."""
    base = case.base
    if _stuck(case.groups, case.closure, case.open_links, np.asarray(case.policy.transfer)):
        raise SolveError(f"{_NOTHING_TO_COMPARE}: {Status.ONE_WAY.message}")
    guess = base.z
    if case.groups.isolated.any() and not case.technology.has_factors:
        guess = start(base.base, case.policy, case.groups.isolated, case.form)
    elif case.form.rents:
        guess = jnp.concatenate([base.z, jnp.zeros(base.base.value_added.size)])
    outcome, stage, status, _ = solve_case(base.base, case.policy, base.response, guess, case.form, options)
    if status is not Status.OK:
        raise SolveError(f"{_NOTHING_TO_COMPARE}: {status.message}")
    changed = (case.iceberg != 1.0).any() or case.form.tariffs or case.form.rents
    here = respond(rebased(base.base, outcome, case.policy)) if changed else base.response
    return _Start(case, outcome, stage.z, here, np.asarray(base.base.pi).transpose(1, 2, 0) > 0)


def base_of(case: Case, options: Options = Options()) -> Base:
    """Shares and levels of the case's own equilibrium, sector first. Errors: SolveError where there is none."""
    return rebased(case.base.base, _solved(case, options).outcome, case.policy)


def _cut(at: _Start, closed: BoolArray, options: Options) -> tuple[FloatArray, FloatArray, Status, float]:
    """Losses [R] with and without missing goods, status and residual of one cut."""
    case, base = at.case, at.case.base.base
    nothing = np.full(base.value_added.size, np.nan)
    if not (closed & at.traded & np.isfinite(case.iceberg)).any():
        same, still = log_losses(at.outcome, at.outcome)  # no link closes: the same equilibrium
        return same, still, Status.OK, float(at.outcome.residual)
    iceberg = np.where(closed, np.inf, case.iceberg)
    open_links: BoolArray = np.asarray((np.isfinite(iceberg) & at.traded).any(axis=2))
    groups = trading_groups(open_links)
    fixed = case.closure == "fixed"
    transfer = np.asarray(base.deficit) if fixed else np.zeros(base.value_added.size)
    if fixed and groups.together.min() < 1:
        transfer = transfers_within(transfer, np.asarray(base.value_added), groups.together)
    if _stuck(groups, case.closure, open_links, transfer):
        return nothing, nothing, Status.ONE_WAY, np.inf
    policy = case.policy._replace(iceberg=iceberg, transfer=transfer, together=groups.together)
    guess = at.z
    if groups.isolated.any() and not case.technology.has_factors:
        guess = start(base, policy, groups.isolated, case.form)
    outcome, _, status, _ = solve_case(base, policy, at.response, guess, case.form, options)
    if status is not Status.OK:
        ended = Status.ONE_WAY if groups.one_way else status
        return nothing, nothing, ended, float(outcome.residual)
    return *log_losses(at.outcome, outcome), status, float(outcome.residual)


def cut_losses(
    case: Case,
    cuts: Sequence[Cut],
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    options: Options = Options(),
) -> Losses:
    """What every economy loses by each of a list of cuts, in log real income against the case without a cut.

    `ln(I / P) - ln(I' / P')` between two exact equilibria; `case` (`trade.case_of`) may hold a policy of its own.
    Every cut runs as one single-threaded program, `workers` of them side by side (default: the processors). A cut that
    closes no link with trade loses exactly 0. One that has no equilibrium is NaN beside its status, never 0.
    Errors: InputError where a cut names what is not there; SolveError where the case itself has no equilibrium.
    """
    R, S = case.base.base.value_added.size, case.base.base.theta.size
    for cut in cuts:
        cut.links(R, S)  # every wrong number raises before anything is solved
    at = _solved(case, options)
    found = Losses(
        np.full((len(cuts), R), np.nan),
        np.full((len(cuts), R), np.nan),
        np.full(len(cuts), int(Status.NOT_FINITE)),
        np.full(len(cuts), np.inf),
    )

    def one(number: int) -> tuple[FloatArray, FloatArray, Status, float]:
        return _cut(at, cuts[number].links(R, S), options)

    with ThreadPoolExecutor(max_workers=threads(workers)) as pool:
        tasks = {pool.submit(one, number): number for number in range(len(cuts))}
        try:
            for done, task in enumerate(as_completed(tasks), start=1):
                number = tasks[task]
                loss, still, status, residual = task.result()
                found.loss[number], found.loss_without_missing[number] = loss, still
                found.status[number], found.residual[number] = int(status), residual
                if progress is not None:
                    progress(done, len(cuts), f"cut {number + 1}")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return found


def power_matrix(
    case: Case,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    options: Options = Options(),
) -> Power:
    """`Pi[j, i]`: log real income that i loses if j cuts all trade with i, both ways, in all sectors, for all pairs.

    One cut serves both cells of a pair: R (R - 1) / 2 exact equilibria. Third economies adjust.
    Errors: SolveError where the case itself has no equilibrium; a pair without one is NaN with its status.
    """
    R = case.base.base.value_added.size
    first, second = np.triu_indices(R, 1)
    cuts = [Cut((int(j),), (int(i),)) for j, i in zip(first, second, strict=True)]
    found = cut_losses(case, cuts, workers=workers, progress=progress, options=options)
    rows = np.arange(len(cuts))

    def matrix(values: FloatArray) -> FloatArray:
        made = np.full((R, R), np.nan)
        made[first, second], made[second, first] = values[rows, second], values[rows, first]
        return made

    status, residual = np.zeros((R, R), dtype=found.status.dtype), np.zeros((R, R))
    status[first, second] = status[second, first] = found.status
    residual[first, second] = residual[second, first] = found.residual
    return Power(matrix(found.loss), matrix(found.loss_without_missing), status, residual)


def bloc_power(
    case: Case,
    bloc: Sequence[int],
    targets: Sequence[int] | None = None,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    options: Options = Options(),
) -> BlocPower:
    """What each economy outside a bloc loses if all its members cut all trade with it together, and what they lose.

    With `targets`, by number, only these economies are cut off; of all others the numbers are NaN, NOT_SOLVED.
    `cost = -ln sum_m (I_m / sum I) exp(-loss_m)` over members m: the fall of their real incomes added up at base
    prices. Errors: InputError where the bloc is empty, names an economy twice or leaves nobody outside; SolveError.
    """
    R = case.base.base.value_added.size
    members = tuple(int(member) for member in bloc)
    outside_bloc = [i for i in range(R) if i not in members]
    if not members or len(set(members)) < len(members) or not outside_bloc:
        raise InputError(f"the bloc {list(members)} must name some, not all, of the {R} economies, each once")
    targets = outside_bloc if targets is None else [int(target) for target in targets]
    if len(set(targets) & set(outside_bloc)) < len(targets):
        raise InputError(f"the targets {targets} must name economies outside the bloc, each once")
    found = cut_losses(
        case, [Cut(members, (i,)) for i in targets], workers=workers, progress=progress, options=options
    )
    income = np.asarray(case.base.base.income)[list(members)]
    kept = np.exp(-found.loss_without_missing[:, list(members)]) @ (income / income.sum())
    rows = np.arange(len(targets))

    def outside(values: FloatArray) -> FloatArray:
        made = np.full(R, np.nan)
        made[targets] = values
        return made

    status = np.full(R, NOT_SOLVED, dtype=found.status.dtype)
    status[list(members)] = int(Status.OK)
    status[targets] = found.status
    return BlocPower(
        outside(found.loss[rows, targets]),
        outside(found.loss_without_missing[rows, targets]),
        outside(-np.log(kept)),
        status,
        outside(found.residual),
    )
