"""One interface for what a claim on a bank is worth, and the equity of every bank that follows.

Source: Barucca, Bardoscia, Caccioli, D'Errico, Visentin, Caldarelli and Battiston (2020), Network valuation in
financial systems, Mathematical Finance 30(4). A valuation function is a NamedTuple of numbers with a `__call__`;
write another one the same way and pass it to `solve_valuation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr
from jaxtyping import Array, Bool, Float, Int
from numpy.typing import ArrayLike

from ecumene import jax_setup as jax_setup
from ecumene.errors import InputError
from ecumene.models.banks import Banks, refuse, shocked_assets
from ecumene.models.clearing import SOLVENT_WITHIN, status_of
from ecumene.models.solve import Status
from ecumene.types import AnyArray

Value = Float[AnyArray, " N"]


class Debtors(NamedTuple):
    """What a valuation sees besides equity: external assets after the shock, liabilities, book equity before it."""

    external_assets: Value
    liabilities: Value
    book_equity: Value


@runtime_checkable
class Valuation(Protocol):
    """Value of a unit of claim on every bank, from 0 to 1, not falling in equity: `V(E)`, [N]."""

    def __call__(self, equity: Value, debtors: Debtors) -> Value:
        """Value of a unit of claim at equity [N]."""
        ...

    def problem(self, debtors: Debtors) -> tuple[str, Bool[np.ndarray, " N"], Value] | None:
        """What cannot be valued: the reason, which banks, and their numbers; None where all can."""
        ...


def _solvent(equity: Value, debtors: Debtors) -> Bool[AnyArray, " N"]:
    return equity >= -SOLVENT_WITHIN * debtors.liabilities


def _unit(amount: Value) -> Value:
    return jnp.where(amount > 0, amount, 1.0)


def _share_problem(name: str, value: float) -> None:
    """InputError where a parameter is outside 0 to 1."""
    if not 0.0 <= value <= 1.0:
        raise InputError(f"{name} is {value:.6g}; it is a share, from 0 to 1")


class EisenbergNoe(NamedTuple):
    """`V = 1` where `E >= 0`, else `(E + Lbar)^+ / Lbar`: what is there is shared. Barucca et al. (2020), section 3."""

    def __call__(self, equity: Value, debtors: Debtors) -> Value:
        shared = jnp.maximum(equity + debtors.liabilities, 0.0) / _unit(debtors.liabilities)
        return jnp.where(_solvent(equity, debtors), 1.0, jnp.minimum(shared, 1.0))

    def problem(self, debtors: Debtors) -> None:
        return None


class RogersVeraart(NamedTuple):
    """`V = 1` where `E >= 0`, else `(alpha A_ext + beta (E + Lbar - A_ext)^+) / Lbar`. Rogers and Veraart (2013)."""

    alpha: float = 1.0
    beta: float = 1.0

    def __call__(self, equity: Value, debtors: Debtors) -> Value:
        received = jnp.maximum(equity + debtors.liabilities - debtors.external_assets, 0.0)
        left = (self.alpha * debtors.external_assets + self.beta * received) / _unit(debtors.liabilities)
        return jnp.where(_solvent(equity, debtors), 1.0, jnp.minimum(left, 1.0))

    def problem(self, debtors: Debtors) -> None:
        _share_problem("alpha", self.alpha)
        _share_problem("beta", self.beta)


class Furfine(NamedTuple):
    """`V = 1` where `E >= 0`, else a given `recovery`. Furfine (2003), Journal of Money, Credit and Banking 35(1)."""

    recovery: float

    def __call__(self, equity: Value, debtors: Debtors) -> Value:
        return jnp.where(_solvent(equity, debtors), 1.0, self.recovery)

    def problem(self, debtors: Debtors) -> None:
        _share_problem("recovery", self.recovery)


class LinearDebtRank(NamedTuple):
    """`V = recovery + (1 - recovery) E^+ / E_book`, at most 1: a claim loses with its debtor's equity, before default.

    With `recovery` 0 the linear DebtRank of Bardoscia et al. (2015); Barucca et al. (2020), section 3. Small shocks
    die out where `(1 - recovery) lambda_max < 1`.
    """

    recovery: float = 0.0

    def __call__(self, equity: Value, debtors: Debtors) -> Value:
        left = jnp.clip(equity / _unit(debtors.book_equity), 0.0, 1.0)
        return self.recovery + (1.0 - self.recovery) * left

    def problem(self, debtors: Debtors) -> tuple[str, Bool[np.ndarray, " N"], Value]:
        _share_problem("recovery", self.recovery)
        book = np.asarray(debtors.book_equity)
        return "book equity", book <= 0, book


class Merton(NamedTuple):
    """`V = 1 - (1 - recovery) PD(E)`: a claim loses as default comes nearer (ex ante).

    External assets end at `A_ext exp(volatility z - volatility^2 / 2)`, z standard normal, so the chance that they
    end below `A_ext - E` is `PD = N((ln((A_ext - E) / A_ext) + volatility^2 / 2) / volatility)`.
    `volatility` is of external assets over the maturity. Source: Barucca et al. (2020), section 4; Merton (1974).
    """

    volatility: float
    recovery: float = 0.0

    def __call__(self, equity: Value, debtors: Debtors) -> Value:
        outside = debtors.external_assets
        barrier = outside - equity
        possible = (barrier > 0) & (outside > 0)
        ratio = jnp.where(possible, barrier, 1.0) / jnp.where(possible, outside, 1.0)
        chance = ndtr((jnp.log(ratio) + 0.5 * self.volatility**2) / self.volatility)
        # Without external assets nothing can change: default is certain or excluded by the sign of equity.
        chance = jnp.where(possible, chance, jnp.where((barrier > 0), 1.0, 0.0))
        return 1.0 - (1.0 - self.recovery) * chance

    def problem(self, debtors: Debtors) -> None:
        _share_problem("recovery", self.recovery)
        if not (np.isfinite(self.volatility) and self.volatility > 0):
            raise InputError(f"volatility is {self.volatility:.6g}; it must be finite and above 0")


class Valued(NamedTuple):
    """Equity and claim values of every bank; a leading axis of scenarios where losses had one.

    `equity` E; `value` V of a unit of claim on the bank; `in_default` where equity is below 0; `residual` is the
    largest `|E - Psi(E)|` over the bank's assets. NaN where the status is not OK.
    """

    equity: Float[np.ndarray, "... N"]
    value: Float[np.ndarray, "... N"]
    in_default: Bool[np.ndarray, "... N"]
    steps: int
    residual: float
    status: Status


class _Carry(NamedTuple):
    equity: Float[Array, " N"]
    step: Int[Array, ""]
    change: Float[Array, ""]


def revalue(claims: Float[AnyArray, "N N"], value: Value, face: Value) -> Value:
    """Equity at claim values V, `Psi_i = A_ext,i + sum_j A_ij V_j - Lbar_i = face_i - sum_j A_ij (1 - V_j)`.

    `face` is equity after the shock with all claims at face value, so that without losses nothing changes, exactly.
    Source: Barucca et al. (2020), section 2.
    """
    return face - claims @ (1.0 - value)


@jax.jit
def _from_above(
    given: Banks,
    book: Value,
    outside: Float[AnyArray, "M N"],
    face: Float[AnyArray, "M N"],
    valuation: Valuation,
    max_steps: Int[AnyArray, ""],
) -> tuple[Float[Array, "M N"], Float[Array, "M N"], Int[Array, " M"]]:
    """Iterate `E <- Psi(V(E))` from all claims at face value: decreasing, so it ends at the greatest solution."""
    unit = _unit(given.assets)

    def one(
        assets: Float[Array, " N"], start: Float[Array, " N"]
    ) -> tuple[Float[Array, " N"], Float[Array, " N"], Int[Array, ""]]:
        debtors = Debtors(assets, given.liabilities, book)

        def going(carry: _Carry) -> Bool[Array, ""]:
            return (carry.change > 1e-15) & (carry.step < max_steps)

        def body(carry: _Carry) -> _Carry:
            new = jnp.minimum(carry.equity, revalue(given.claims, valuation(carry.equity, debtors), start))
            return _Carry(new, carry.step + 1, jnp.max((carry.equity - new) / unit))

        end = jax.lax.while_loop(going, body, _Carry(start, jnp.array(0), jnp.array(jnp.inf)))
        return end.equity, jnp.asarray(valuation(end.equity, debtors)), end.step

    return jax.vmap(one)(jnp.asarray(outside), jnp.asarray(face))


def solve_valuation(
    given: Banks,
    losses: ArrayLike | None = None,
    *,
    valuation: Valuation,
    max_steps: int = 100_000,
    names: Sequence[str] | None = None,
) -> Valued:
    """Greatest equity of every bank with claims on other banks at their value, `E = Psi(V(E))`.

    Shapes: losses of external assets [N] or [scenario, N]. Unit: that of the balance sheets.
    Errors: InputError (losses above external assets, a parameter out of range, equity at or below 0 for DebtRank).
    Source: Barucca et al. (2020), the iteration from above.
    """
    outside = shocked_assets(given, losses, names)
    cases = np.atleast_2d(outside)
    book = np.asarray(given.equity, dtype=np.float64)
    owed = np.asarray(given.liabilities, dtype=np.float64)
    trouble = valuation.problem(Debtors(np.asarray(given.external_assets), owed, book))
    if trouble is not None:
        what, bad, numbers = trouble
        refuse(
            what,
            bad,
            np.asarray(numbers),
            names,
            f"{type(valuation).__name__} needs it above 0; raise it or leave the bank out",
        )
    face = book - (np.asarray(given.external_assets) - cases)
    found, worth, steps = _from_above(given, book, cases, face, valuation, max_steps)
    equity, value = np.array(found), np.array(worth)
    asked = face - (1.0 - value) @ np.asarray(given.claims).T
    assets = np.asarray(given.assets)
    residual = float(np.max(np.abs(asked - equity) / np.where(assets > 0, assets, 1.0), initial=0.0))
    rounds = int(np.max(steps, initial=0))
    status = status_of(residual, rounds >= max_steps)
    in_default = equity < -SOLVENT_WITHIN * owed
    if status is not Status.OK:
        equity, value = np.full_like(equity, np.nan), np.full_like(value, np.nan)
    shape = outside.shape
    return Valued(
        equity.reshape(shape), value.reshape(shape), in_default.reshape(shape),
        rounds, residual, status,
    )  # fmt: skip
