"""A preconditioned Anderson iteration for F(z) = 0, and the status codes that every solve returns."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

Vector = Float[Array, " n"]


class Status(IntEnum):
    """How a solve ended; `message` carries cause and next step."""

    OK = 0
    MAX_STEPS = 1
    NOT_FINITE = 2
    ONE_WAY = 3
    INACCURATE = 4
    NOT_POSITIVE = 5

    @property
    def message(self) -> str:
        return _MESSAGES[self]


_MESSAGES = {
    Status.OK: "converged",
    Status.MAX_STEPS: (
        "no convergence within the step limit; approach the case in smaller steps (a weaker shock first), "
        "close links (inf) that have become prohibitive, use elasticities closer to those of the base, or "
        "deficits='proportional' where a surplus held fixed cannot be earned any more"
    ),
    Status.NOT_FINITE: (
        "the iteration left the range of numbers; the trade elasticity times the log cost change is too large, "
        "use a weaker shock or a lower theta, or close the link (inf) instead of a huge finite cost"
    ),
    Status.ONE_WAY: (
        "some economies can buy from a group to which they cannot sell, so their trade cannot balance; "
        "close the remaining direction too, or open a way back"
    ),
    Status.INACCURATE: (
        "the iteration stopped but the equations hold only to a residual above 1e-9; "
        "use a weaker shock or elasticities closer to those of the base"
    ),
    Status.NOT_POSITIVE: (
        "the equations hold only where income or output of some economy is not above 0: subsidies (tariffs below 0) "
        "or a surplus held fixed cost more than it earns; use smaller subsidies, or deficits='proportional'"
    ),
}


class Options(NamedTuple):
    """Method settings: memory of the iteration, tolerance on the largest residual, step limits."""

    memory: int = 6
    tolerance: float = 3e-11
    max_steps: int = 60
    patience: int = 14
    largest_move: float = 1.0


class Stage(NamedTuple):
    """One stage of the iteration: best point, its error, steps taken."""

    z: Vector
    error: Float[Array, ""]
    steps: Int[Array, ""]


class _Carry(NamedTuple):
    z: Vector
    z_old: Vector
    f_old: Vector
    moves: Float[Array, "m n"]
    changes: Float[Array, "m n"]
    gram: Float[Array, "m m"]
    valid: Bool[Array, " m"]
    step: Int[Array, ""]
    fresh: Bool[Array, ""]
    damping: Float[Array, ""]
    best_z: Vector
    best_error: Float[Array, ""]
    best_felt: Float[Array, ""]
    best_step: Int[Array, ""]


def _eliminate(A: Float[Array, "m m"], b: Float[Array, " m"]) -> Float[Array, " m"]:
    """Solve a small positive definite system by elimination, scalar by scalar, without calling LAPACK.

    In jaxlib 0.10 a LAPACK call waits for the pool of threads from inside the pool, which can deadlock on few cores.
    """

    m = b.size
    table = [[A[i, j] for j in range(m)] + [b[i]] for i in range(m)]
    for k in range(m):
        for i in range(k + 1, m):
            factor = table[i][k] / table[k][k]
            for j in range(k + 1, m + 1):
                table[i][j] = table[i][j] - factor * table[k][j]
    x = [b[0]] * m
    for i in reversed(range(m)):
        x[i] = (table[i][m] - sum(table[i][j] * x[j] for j in range(i + 1, m))) / table[i][i]
    return jnp.stack(x)


def anderson(
    direction: Callable[[Vector], tuple[Vector, Float[Array, ""], Float[Array, ""]]],
    z: Vector,
    options: Options,
    limit: Callable[[Vector, Vector], Vector],
    tolerance: Float[Array, ""] | None = None,
) -> Stage:
    """Anderson acceleration (type II) of `z <- z + direction(z)`.

    `direction` returns the preconditioned residual f, the error that ranks points, and the error that must fall below
    the tolerance; `limit(z, proposal)` keeps a proposal inside the domain. With df, dz the last m differences,
    `z+ = z + f - (dz + df) argmin_g |f - df g|`. Source: Walker and Ni (2011). The Gram matrix of the differences
    is updated one row a step. Where the error grows far beyond the best so far, or leaves the range of numbers, the
    memory is cleared and the iteration goes on from the best point with half the step. `tolerance` stands in for that
    of the options without compiling anew.
    """
    goal = options.tolerance if tolerance is None else tolerance
    m, n = options.memory, z.size

    def body(carry: _Carry) -> _Carry:
        f, error, felt = direction(carry.z)
        finite = jnp.isfinite(error) & jnp.isfinite(f).all()
        f, error = jnp.where(finite, f, 0.0), jnp.where(finite, error, jnp.inf)
        better = error < carry.best_error
        lost = ~finite | (error > 30.0 * carry.best_error)
        slot = carry.step % m
        change = f - carry.f_old
        move = carry.z - carry.z_old
        changes = carry.changes.at[slot].set(change)
        moves = carry.moves.at[slot].set(move + change)
        valid = carry.valid.at[slot].set(carry.fresh)
        row = jnp.where(valid, changes @ change, 0.0)
        gram = carry.gram.at[slot, :].set(row).at[:, slot].set(row)
        size = jnp.diagonal(gram)
        held = size > 0
        unit = jnp.where(held, 1.0 / jnp.sqrt(jnp.where(held, size, 1.0)), 0.0)
        scaled = gram * unit[:, None] * unit[None, :] + jnp.diag(jnp.where(held, 1e-13, 1.0))
        weight = unit * _eliminate(scaled, unit * (changes @ f))
        weight = jnp.where(jnp.isfinite(weight).all(), weight, 0.0)
        damping = jnp.where(lost, 0.5 * carry.damping, carry.damping)
        proposal = limit(carry.z, carry.z + damping * f - weight @ moves)
        return _Carry(
            z=jnp.where(lost, carry.best_z, proposal),
            z_old=carry.z,
            f_old=f,
            moves=moves,
            changes=changes,
            gram=jnp.where(lost, 0.0, gram),
            valid=valid & ~lost,
            step=carry.step + 1,
            fresh=~lost,
            damping=damping,
            best_z=jnp.where(better, carry.z, carry.best_z),
            best_error=jnp.where(better, error, carry.best_error),
            best_felt=jnp.where(better, felt, carry.best_felt),
            best_step=jnp.where(better, carry.step, carry.best_step),
        )

    def going(carry: _Carry) -> Bool[Array, ""]:
        return (
            (carry.best_felt > goal)
            & (carry.step < options.max_steps)
            & (carry.step - carry.best_step < options.patience)
        )

    empty = jnp.zeros((m, n))
    start = _Carry(
        z, z, jnp.zeros(n), empty, empty, jnp.zeros((m, m)), jnp.zeros(m, bool), jnp.array(0), jnp.array(False),
        jnp.array(1.0), z,
        jnp.array(jnp.inf), jnp.array(jnp.inf), jnp.array(0),
    )  # fmt: skip
    end = jax.lax.while_loop(going, body, start)
    return Stage(end.best_z, end.best_felt, end.step)
