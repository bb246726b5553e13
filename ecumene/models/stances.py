"""What it means for trade that players are open, in a bloc, behind tariffs or closed: exact equilibria, a surrogate.

The state of the world is one stance a player. The surrogate keeps every effect of one player's stance and every effect
of two players' together on every economy, each the difference of exact equilibria: it is exact wherever at most two
players depart from the start (a cut expansion of second order, Rabitz and Alis 1999).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from threading import Lock
from typing import Final, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from ecumene.errors import SolveError
from ecumene.models.core import Outcome, solve_case
from ecumene.models.depths import Incomes
from ecumene.models.dynamics import Landscape
from ecumene.models.shares import Policy
from ecumene.models.solve import Status
from ecumene.models.trade import _first_guess
from ecumene.models.transition import PATIENT
from ecumene.processors import threads
from ecumene.types import BoolArray, FloatArray, IntArray

OPEN, BLOC, TARIFFS, CLOSED = range(4)

CHOICES: Final = 4

NEAR: Final = 512
"""States whose effects are added up together: so few that they stay in the processor's cache."""


class Players(NamedTuple):
    """Who chooses, as numbers."""

    group: Int[np.ndarray, " R"]  # the player that an economy belongs to; -1 for who does not choose
    bloc: Int[np.ndarray, " N"]  # the bloc that a player would be in; -1 for none


class Terms(NamedTuple):
    """What stances mean. Rates and costs ad valorem: 0.1 is 10 percent."""

    bloc_depth: int
    bloc_tariff: float  # on top, on goods from outside the bloc
    bloc_cost: float
    tariff: float  # on goods from everybody, agreements left as they are
    closed_tariff: float  # on goods from everybody
    closed_cost: float
    closed_depth: int  # at most, with who is closed


Recall = Callable[[str, Callable[[], Sequence[FloatArray]]], Sequence[FloatArray]]
"""The numbers of a state by its name: remembered from elsewhere, or from the call that solves it."""


class Stances:
    """Log real incomes of all economies under stances of players, solved once each and kept.

    incomes: of the world under depths, whose ladder and case are used; recall: where solved states are remembered from.
    `residual` is the largest of the states asked for. Errors: SolveError for a state without an equilibrium.
    """

    def __init__(
        self,
        incomes: Incomes,
        players: Players,
        terms: Terms,
        recall: Recall = lambda name, solve: solve(),
    ) -> None:
        self.incomes, self.players, self.terms, self.recall = incomes, players, terms, recall
        self.known: dict[tuple[int, ...], FloatArray] = {}
        self.residual = 0.0
        self._lock = Lock()

    def rules(self, choice: Int[np.ndarray, " N"]) -> tuple[FloatArray, FloatArray]:
        """Iceberg factors and tariffs [origin, destination, sector] under stances.

        Members of a bloc that both choose it have at least its depth; with who is closed at most `closed_depth` is
        left. The importer adds its bloc's, or its closed, tariff on goods and barrier on everything from outside; who
        levies tariffs adds them on goods alone, from everybody.
        """
        group, terms, base = self.players.group, self.terms, self.incomes.ladder.base
        chosen = np.where(group >= 0, choice[group], OPEN)
        bloc = np.where(group >= 0, self.players.bloc[group], -1)
        own = (group[:, None] == group[None, :]) & (group[:, None] >= 0) | np.eye(len(group), dtype=bool)
        joined = (chosen == BLOC) & (bloc >= 0)
        inside = joined[:, None] & joined[None, :] & (bloc[:, None] == bloc[None, :])
        shut = ((chosen[:, None] == CLOSED) | (chosen[None, :] == CLOSED)) & ~own
        depth = np.where(inside & ~own, np.maximum(base, terms.bloc_depth), base)
        depth = np.where(shut, np.minimum(base, terms.closed_depth), depth)
        iceberg, tariff = self.incomes.policy(depth)
        for mask, rate, cost in (
            (joined[None, :] & ~inside & ~own, terms.bloc_tariff, terms.bloc_cost),
            ((chosen[None, :] == TARIFFS) & ~own, terms.tariff, 0.0),
            ((chosen[None, :] == CLOSED) & ~own, terms.closed_tariff, terms.closed_cost),
        ):
            goods = mask[:, :, None] & self.incomes.ladder.is_goods
            tariff = tariff + rate * goods
            iceberg = iceberg * np.where(mask, 1.0 + cost, 1.0)[:, :, None]
        return iceberg, tariff

    def solve(self, choice: Int[np.ndarray, " N"], *, bound: bool = False) -> Outcome:
        """The equilibrium of a state; `bound`: value added stays in its sector. Errors: SolveError."""
        case = self.incomes.case
        iceberg, tariff = self.rules(choice)
        policy: Policy = case.policy._replace(iceberg=iceberg, tariff=tariff)
        form = case.form._replace(tariffs=True)
        guess = _first_guess(case)
        if bound:
            policy = policy._replace(immobility=np.ones(1))
            form = form._replace(factors=True)
            guess = jnp.concatenate([guess, jnp.zeros(case.base.base.alpha.size)])
        base = case.base
        outcome, _, status, _ = solve_case(base.base, policy, base.response, guess, form, PATIENT)
        if status is not Status.OK:
            raise SolveError(
                f"stances {choice.tolist()} have no equilibrium (residual {float(outcome.residual):.1e}): "
                f"{status.message}"
            )
        return outcome

    def of(self, choice: Int[np.ndarray, " N"]) -> FloatArray:
        """100 ln of real income [R] against the base, exact."""
        key = tuple(int(each) for each in choice)
        if key not in self.known:
            self.known[key] = self._remembered("income", choice, self._income)
        return self.known[key]

    def sector_wages(self, choice: Int[np.ndarray, " N"]) -> FloatArray:
        """ln of the real price of value added [R, S] where it is bound to its sector."""
        return self._remembered("wages", choice, self._wages)

    def _income(self, choice: IntArray) -> tuple[FloatArray, FloatArray]:
        outcome = self.solve(choice)
        return 100.0 * np.log(np.asarray(outcome.real_income)), np.asarray(outcome.residual, dtype=np.float64)

    def _wages(self, choice: IntArray) -> tuple[FloatArray, FloatArray]:
        outcome = self.solve(choice, bound=True)
        wages = np.log(np.asarray(outcome.sector_wage) / np.asarray(outcome.P_consumption)).T
        return wages, np.asarray(outcome.residual, dtype=np.float64)

    def _remembered(
        self, what: str, choice: IntArray, solve: Callable[[IntArray], tuple[FloatArray, FloatArray]]
    ) -> FloatArray:
        values, residual = self.recall(f"{what}-{''.join(map(str, choice.tolist()))}", lambda: solve(choice))
        with self._lock:
            self.residual = max(self.residual, float(residual))
        return values

    def many(
        self, states: Iterable[IntArray], tell: Callable[[], None], workers: int | None = None
    ) -> list[FloatArray]:
        """`of` for several states, side by side. tell: called in the calling thread after each."""
        found = []
        with ThreadPoolExecutor(threads(workers)) as pool:
            tasks = [pool.submit(self.of, state) for state in states]
            try:
                for task in tasks:
                    found.append(task.result())
                    tell()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return found


class Surrogate(NamedTuple):
    """Effects on 100 ln of real income of every economy; zero for a choice of the start."""

    start: Int[np.ndarray, " N"]
    level: Float[np.ndarray, " R"]  # at the start
    one: Float[np.ndarray, "N K R"]
    two: Float[np.ndarray, "N N K K R"]  # beyond the two players' own effects, symmetric

    def at(self, states: Int[np.ndarray, "... N"]) -> FloatArray:
        """100 ln of real income [..., R] in states."""
        flat, back = np.unique(states.reshape(-1, states.shape[-1]), axis=0, return_inverse=True)
        total = np.broadcast_to(self.level, (len(flat), len(self.level))).copy()
        for begin in range(0, len(flat), NEAR):
            some, part = flat[begin : begin + NEAR], total[begin : begin + NEAR]
            for i in range(flat.shape[1]):
                part += self.one[i, some[:, i]]
            for i, j in combinations(range(flat.shape[1]), 2):
                part += self.two[i, j, some[:, i], some[:, j]]
        return total[back.reshape(-1)].reshape(*states.shape[:-1], -1)


def surrogate_states(start: Int[np.ndarray, " N"], allowed: BoolArray) -> list[IntArray]:
    """Every state in which at most two players depart from the start, the start first."""
    moves = [(i, k) for i in range(len(start)) for k in range(CHOICES) if allowed[i, k] and k != start[i]]
    states = [start.copy()]
    for departed in [*((one,) for one in moves), *combinations(moves, 2)]:
        if len({i for i, _ in departed}) == len(departed):
            state = start.copy()
            for i, k in departed:
                state[i] = k
            states.append(state)
    return states


def surrogate(
    start: Int[np.ndarray, " N"], allowed: BoolArray, incomes: dict[tuple[int, ...], FloatArray]
) -> Surrogate:
    """The surrogate from exact incomes of `surrogate_states`, by inclusion and exclusion."""
    N = len(start)
    level = incomes[tuple(start.tolist())]
    one = np.zeros((N, CHOICES, len(level)))
    two = np.zeros((N, N, CHOICES, CHOICES, len(level)))
    states = surrogate_states(start, allowed)
    for state in states:
        away = np.flatnonzero(state != start)
        if len(away) == 1:
            (i,) = away
            one[i, state[i]] = incomes[tuple(state.tolist())] - level
    for state in states:
        away = np.flatnonzero(state != start)
        if len(away) == 2:
            i, j = away
            rest = incomes[tuple(state.tolist())] - level - one[i, state[i]] - one[j, state[j]]
            two[i, j, state[i], state[j]] = two[j, i, state[j], state[i]] = rest
    return Surrogate(start, level, one, two)


def landscape(
    found: Surrogate, share: Float[np.ndarray, "N R"], loss: Float[np.ndarray, "N K"], allowed: BoolArray
) -> Landscape:
    """Payoffs of the surrogate, player by player; share [player, economy]: weights of a player's members."""
    own = np.einsum("ikr,ir->ik", found.one, share)
    others = np.einsum("jlr,ir->ijl", found.one, share)
    pair = others[:, :, None, :] + np.einsum("ijklr,ir->ijkl", found.two, share)
    pair[np.arange(len(share)), np.arange(len(share))] = 0.0
    closing = np.zeros(CHOICES)
    closing[CLOSED] = 1.0
    return Landscape(own, pair, loss, closing, allowed)
