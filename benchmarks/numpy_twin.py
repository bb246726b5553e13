"""The same equilibrium in plain NumPy: what the compiled solver is measured against.

Cobb-Douglas, one mobile factor, deficits held fixed, tariffs with revenue. One joint fixed point in logarithms
of wages, prices and outputs, `z <- g(z)`, either damped or with Anderson acceleration (Walker and Ni 2011).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecumene.models import trade
from ecumene.types import FloatArray


@dataclass(frozen=True)
class Problem:
    """Arrays of one case, sector first; `reach` is pi kappa_hat^-theta, formed once."""

    reach: FloatArray
    reach_net: FloatArray
    theta: FloatArray
    beta: FloatArray
    gamma: FloatArray
    gamma_t: FloatArray
    alpha: FloatArray
    value_added: FloatArray
    transfer: FloatArray
    output: FloatArray


def problem_of(case: trade.Case) -> Problem:
    """The case that the compiled solver gets, as NumPy arrays."""
    base = {name: np.asarray(part) for name, part in case.base.base._asdict().items()}
    paid = 1.0 + case.tariff.transpose(2, 0, 1)
    theta = case.theta[:, None, None]
    with np.errstate(divide="ignore"):
        reach = base["pi"] * (case.iceberg.transpose(2, 0, 1) * paid / base["paid"]) ** -theta
    gamma = base["gamma"]
    return Problem(
        reach, reach / paid, case.theta[:, None], base["beta"], gamma,
        np.ascontiguousarray(gamma.transpose(0, 2, 1)),
        base["alpha"], base["value_added"], np.asarray(case.policy.transfer), base["output"],
    )  # fmt: skip


def start(problem: Problem) -> FloatArray:
    """The base."""
    output = np.log(np.where(problem.output > 0, problem.output, 1.0))
    return np.concatenate([np.zeros(problem.value_added.size + problem.output.size), output.reshape(-1)])


def wages(problem: Problem, z: FloatArray) -> FloatArray:
    return np.exp(z[: problem.value_added.size])


def step(problem: Problem, z: FloatArray) -> FloatArray:
    """Right-hand sides of all equations at once: `g(z)`."""
    S, R = problem.alpha.shape
    lw, lP, lY = z[:R], z[R : R + S * R].reshape(S, R), z[R + S * R :].reshape(S, R)
    live = problem.output > 0
    Y = np.where(live, np.exp(lY), 0.0)
    lc = problem.beta * lw + np.matmul(problem.gamma_t, lP.T[:, :, None])[:, :, 0].T
    weight = np.exp(-problem.theta * lc)
    total = np.matmul(weight[:, None, :], problem.reach)[:, 0, :]
    served = total > 0
    total = np.where(served, total, 1.0)
    duty = np.where(served, 1.0 - np.matmul(weight[:, None, :], problem.reach_net)[:, 0, :] / total, 0.0)
    inputs = np.matmul(problem.gamma, Y.T[:, :, None])[:, :, 0].T
    earned = np.exp(lw) * problem.value_added
    income = (earned + (inputs * duty).sum(axis=0) + problem.transfer) / (
        1.0 - (problem.alpha * duty).sum(axis=0)
    )
    spending = inputs + problem.alpha * income
    sold = weight * np.matmul(problem.reach_net, (spending / total)[:, :, None])[:, :, 0]
    wage = (problem.beta * sold).sum(axis=0) / problem.value_added
    wage /= wage @ problem.value_added
    lP_new = np.where(served, -np.log(total) / problem.theta, 0.0)
    lY_new = np.where(live & (sold > 0), np.log(np.where(sold > 0, sold, 1.0)), lY)
    return np.concatenate([np.log(wage), lP_new.reshape(-1), lY_new.reshape(-1)])


def damped(
    problem: Problem, tolerance: float, damping: float = 0.7, max_steps: int = 5_000
) -> tuple[FloatArray, int]:
    """`z <- z + damping (g(z) - z)` until the largest error is below the tolerance."""
    z = start(problem)
    for steps in range(1, max_steps + 1):
        f = step(problem, z) - z
        if np.abs(f).max() <= tolerance:
            return z, steps
        z = z + damping * f
    raise RuntimeError(f"the damped iteration left an error of {np.abs(f).max():.1e} after {max_steps} steps")


def anderson(
    problem: Problem, tolerance: float, memory: int = 8, max_steps: int = 500
) -> tuple[FloatArray, int]:
    """Plain joint Anderson acceleration, its Gram matrix updated one row a step."""
    z = start(problem)
    moves, changes = np.zeros((memory, z.size)), np.zeros((memory, z.size))
    gram, kept = np.zeros((memory, memory)), 0
    z_old, f_old = z, z
    for steps in range(1, max_steps + 1):
        f = step(problem, z) - z
        if np.abs(f).max() <= tolerance:
            return z, steps
        proposal = z + f
        if steps > 1:
            slot = (steps - 2) % memory
            changes[slot], moves[slot] = f - f_old, z - z_old + f - f_old
            kept = min(kept + 1, memory)
            gram[slot, :kept] = gram[:kept, slot] = changes[:kept] @ changes[slot]
            size = np.sqrt(np.diagonal(gram)[:kept])
            scaled = gram[:kept, :kept] / np.outer(size, size) + 1e-13 * np.eye(kept)
            weight = np.linalg.solve(scaled, changes[:kept] @ f / size) / size
            proposal = proposal - weight @ moves[:kept]
        z_old, f_old, z = z, f, proposal
    raise RuntimeError(
        f"Anderson acceleration left an error of {np.abs(f).max():.1e} after {max_steps} steps"
    )
