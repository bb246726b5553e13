"""Real incomes under any matrix of depths of integration: exact equilibria, kept, side by side.

A depth changes the trade cost of every link by the ladder's difference, and the tariff where free trade begins (at
depth 2) or ends. Arrays in, arrays out: the ladder and base depths are given by the caller.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from threading import Lock
from typing import NamedTuple

import numpy as np
from jaxtyping import Array, Bool, Float, Int

from ecumene.errors import InputError, SolveError
from ecumene.models.core import solve_case
from ecumene.models.solve import Options, Status
from ecumene.models.trade import Case, _first_guess
from ecumene.processors import threads
from ecumene.types import BoolArray, FloatArray, IntArray

FREE_TRADE = 2
"""Depth from which tariffs on goods inside are zero."""

_NEAR = 12  # solved points kept as starts for the next


class Ladder(NamedTuple):
    """What depths mean in a world."""

    goods: Float[np.ndarray, " D"]  # log fall of trade cost relative to depth 0, by depth
    services: Float[np.ndarray, " D"]
    is_goods: Bool[np.ndarray, " S"]
    base: Int[np.ndarray, "R R"]  # depth in the base
    without: Float[np.ndarray, "R S"]  # importer's tariff where there is no preference

    def checked(self) -> Ladder:
        """Itself. Errors: InputError where the arrays do not fit each other."""
        R, S = self.without.shape
        if (
            self.base.shape != (R, R)
            or self.is_goods.shape != (S,)
            or self.goods.shape != self.services.shape
        ):
            raise InputError(
                f"the ladder has base {self.base.shape}, sectors {self.is_goods.shape} and tariffs "
                f"{self.without.shape}; give base [R, R], is_goods [S], without [R, S], and one fall of cost a depth"
            )
        if not (self.base == self.base.T).all():
            raise InputError("the ladder's base depths are not symmetric; a depth is of a pair")
        if self.base.min() < 0 or self.base.max() >= len(self.goods):
            raise InputError(f"base depths go from {self.base.min()} to {self.base.max()}; the ladder has "
                             f"{len(self.goods)} depths, from 0")  # fmt: skip
        return self


class Incomes:
    """Log real income of every economy under matrices of depths, against the base: solved once each, and kept.

    case: `trade.case_of` of the world as it is. Errors: SolveError where a matrix has no equilibrium.
    """

    def __init__(self, case: Case, ladder: Ladder, options: Options = Options()) -> None:
        self.case, self.ladder = case, ladder.checked()
        self.options = options._replace(tolerance=min(options.tolerance, 1e-11))
        self.form = case.form._replace(tariffs=bool(case.form.tariffs or ladder.without.any()))
        self.known: dict[bytes, FloatArray] = {}
        self.solved = 0
        self._near: OrderedDict[bytes, tuple[IntArray, Float[Array, " n"]]] = OrderedDict()
        self._lock = Lock()

    def policy(self, depth: IntArray) -> tuple[FloatArray, FloatArray]:
        """Iceberg factors and tariffs [origin, destination, sector] under depths.

        `ln iceberg = fall(base depth) - fall(depth)`, exactly 0 where depth is unchanged; tariffs on goods are zero
        where a pair reaches free trade, and those without preference where it falls out of it.
        """
        known = self.ladder
        goods, services = (np.where(depth == known.base, 0.0, fall[known.base] - fall[depth])
                           for fall in (known.goods, known.services))  # fmt: skip
        cost = np.exp(np.where(known.is_goods, goods[:, :, None], services[:, :, None]))
        gained = (depth >= FREE_TRADE) & (known.base < FREE_TRADE)
        lost = (depth < FREE_TRADE) & (known.base >= FREE_TRADE)
        tariff = np.where(gained[:, :, None] & known.is_goods, 0.0, self.case.tariff)
        tariff = np.where(lost[:, :, None] & known.is_goods, known.without[None], tariff)
        own = np.eye(len(depth), dtype=bool)[:, :, None]
        return np.where(own, 1.0, cost) * self.case.iceberg, np.where(own, 0.0, tariff)

    def key(self, depth: IntArray) -> bytes:
        """What a matrix is kept by."""
        return np.ascontiguousarray(depth, dtype=np.int8).tobytes()

    def of(self, depth: IntArray) -> FloatArray:
        """Log real income [R] relative to the base, over the goods still supplied. Errors: SolveError."""
        key = self.key(depth)
        found = self.known.get(key)
        if found is not None:
            return found
        iceberg, tariff = self.policy(depth)
        base = self.case.base
        policy = self.case.policy._replace(iceberg=iceberg, tariff=tariff)
        with self._lock:
            near = min(self._near.values(), key=lambda kept: int((kept[0] != depth).sum()), default=None)
        guess = _first_guess(self.case) if near is None else near[1]
        outcome, stage, status, steps = solve_case(
            base.base, policy, base.response, guess, self.form, self.options
        )
        if status is not Status.OK and near is not None:
            outcome, stage, status, steps = solve_case(
                base.base, policy, base.response, _first_guess(self.case), self.form, self.options
            )
        if status is not Status.OK:
            raise SolveError(
                f"an order of these blocs has no equilibrium (residual {float(outcome.residual):.1e} after {steps} "
                f"steps): {status.message}"
            )
        income = np.log(np.asarray(outcome.real_income))
        with self._lock:
            self.known[key] = income
            self.solved += 1
            self._near[key] = (depth.copy(), stage.z)
            while len(self._near) > _NEAR:
                self._near.popitem(last=False)
        return income

    def many(
        self,
        depths: Iterable[IntArray],
        count: int,
        workers: int | None = None,
        told: Callable[[int, int], None] | None = None,
    ) -> list[FloatArray]:
        """`of` for several matrices, side by side, made as they are needed; count: how many there are.

        told: called with (done, count) in the calling thread.
        """
        ahead, found = iter(depths), []
        side_by_side = threads(workers)
        with ThreadPoolExecutor(max_workers=side_by_side) as pool:
            try:
                while tasks := [pool.submit(self.of, depth) for depth in islice(ahead, 8 * side_by_side)]:
                    for task in tasks:
                        found.append(task.result())
                        if told is not None:
                            told(len(found), count)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return found


def same(labels: IntArray) -> BoolArray:
    """Whether two economies are in one bloc [R, R]; a negative label is nobody's."""
    return (labels[:, None] == labels[None, :]) & (labels[:, None] >= 0)
