"""`drivers`: which parameters the range of an order's numbers comes from, for every economy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from ecumene import priors
from ecumene.models.ensemble import solve_draws
from ecumene.models.slopes import Direction, slopes
from ecumene.models.solve import Status
from ecumene.models.variance import design, shares
from ecumene.provenance import Provenance, machine, versions
from ecumene.questions import question_of
from ecumene.ranges import drawing, goods_of
from ecumene.results import NOISE
from ecumene.runs import settled
from ecumene.sidebyside import Count, Progress, Tell
from ecumene.types import FloatArray
from ecumene.uncertainty.result import Cells, Drivers, dataset
from ecumene.world import World

if TYPE_CHECKING:
    from ecumene.orders import Order, Policy
    from ecumene.orders.reading import Reference

BASE: Final = 128
"""Base samples unless another number is asked for (assumption; halves of the intervals told beside shares are up
to 30 points, and 18 with 1,024: docs/ranges.md)."""

GROUPS: Final = ("common_elasticity", "sector_elasticities", "depth_in_goods", "depth_in_services")
"""Groups of parameters: what all trade elasticities share, what is each sector's own, and the ladder's two ranks."""

DEPTHS: Final = ("goods", "services")

MIDDLE: Final = 0.5
"""Rank inside the ladder's intervals at which slopes are taken: the median draw."""


def drivers(
    world: World,
    order: Order | Reference,
    *,
    base: int = BASE,
    seed: int = 0,
    progress: Progress | None = None,
    workers: int | None = None,
    tariffs_folder: Path | None = None,
) -> Drivers:
    """What the range of every economy's real income under an order comes from: shares of variance, and slopes.

    The order is solved at `6 base` sets of parameters (base a power of two), drawn from the priors by scrambled Sobol
    points from `seed`; `variance_share` is a group's own share of the variance of the change of real income,
    `variance_share_total` the same with all its interactions, each with half the width of its 95 percent interval.
    `elasticity_slope` is `d ln(real income) / d ln(theta_s)` and `depth_slope` `d ln(real income) / d rank`, at the
    world's elasticities and median ranks, exact. Tariffs that players choose are held at central parameters. Real
    income is over the goods still supplied. Errors: InputError (numbers, no SALib, an order that does not fit),
    SolveError (no equilibrium at the centre).
    """
    names = priors.parameters(world)
    own = tuple(name for name in names if name.startswith("theta:"))
    members = (("theta",), own, ("ladder:goods",), ("ladder:services",))
    where = design(dict(zip(GROUPS, members, strict=True)), base, seed)
    drawn = priors.placed(world, dict(zip(where.parameters, where.ranks.T, strict=True)), seed)
    chosen, policy, deficits, told = settled(world, order, tariffs_folder)
    ways = len(world.sectors) + len(DEPTHS)
    count = Count(drawn.number + ways * (1 + (deficits == "zero")), progress)
    incomes = solve_draws(world, [drawing(world, policy, deficits, drawn)], drawn.theta, count.add, workers)
    change = 100.0 * (incomes.over_supplied[0] - 1.0)  # [run, economy]
    change = np.where(np.abs(change) < NOISE, 0.0, change)
    weight = incomes.base_income[0]
    mean = (change * weight).sum(axis=1) / weight.sum(axis=1)
    failed = [each for each in incomes.status[0] if each is not Status.OK]
    found = shares(where, np.column_stack([mean, change]))
    slope = _slopes(world, policy, deficits, count.add, workers)
    S = len(world.sectors)
    cells: Cells = {}
    for name, values, meaning in (
        ("variance_share", found.first, "share of a group in the variance of real income"),
        ("variance_share_total", found.total, "share of a group and its interactions in that variance"),
        ("variance_share_error", found.first_error, "half the width of the 95 percent interval of the share"),
        ("variance_share_total_error", found.total_error, "the same of the share with interactions"),
    ):
        cells[name] = (("economy", "group"), 100.0 * values[1:], "percent", meaning)
        cells[f"world_{name}"] = (("group",), 100.0 * values[0], "percent", meaning)
    about = "standard deviation of the change of real income over parameters"
    cells["real_income_deviation"] = (("economy",), found.spread[1:], "percent", about)
    cells["world_real_income_deviation"] = ((), found.spread[0], "percent", about)
    cells["elasticity_slope"] = (
        ("economy", "sector"), slope[:S].T, "log points per log point",
        "derivative of log real income by the log of a sector's trade elasticity",
    )  # fmt: skip
    cells["depth_slope"] = (
        ("economy", "ladder"), slope[S:].T, "log points per rank",
        "derivative of log real income by the rank inside the ladder's intervals",
    )  # fmt: skip
    labels = {
        "economy": list(world.economies),
        "group": list(GROUPS),
        "sector": list(world.sectors),
        "ladder": list(DEPTHS),
    }
    notes = [*world.notes, *told, *_told(failed, where.ranks.shape[0], found.blocks)]
    provenance = Provenance(
        order=chosen.name,
        order_title=chosen.title,
        order_hash=chosen.hash,
        data_hash=world.hash,
        world_source=world.source,
        world_year=world.year,
        theta_source=world.theta_source,
        deficits=deficits,
        seed=int(seed),
        versions=versions("SALib"),
        notes=tuple(dict.fromkeys(notes)),
        parameter_draws=drawn.number,
        recipe=question_of("drivers", world, order=chosen, base=base, seed=int(seed)),
        machine=machine(),
    )
    return Drivers(dataset(cells, labels), provenance)


def _slopes(world: World, policy: Policy, deficits: str, tell: Tell, workers: int | None) -> FloatArray:
    """Slopes by every sector's elasticity, then by both ranks of the ladder [direction, economy]."""
    R, S = len(world.economies), len(world.sectors)
    goods = goods_of(world)
    no_theta, no_cost = np.zeros(S), np.zeros((R, R, S))
    by_depth = policy.slopes(MIDDLE, MIDDLE)
    directions = [
        *(Direction(each, no_cost) for each in np.eye(S)),
        *(
            Direction(no_theta, np.where(which[None, None, :], by[:, :, None], 0.0))
            for by, which in zip(by_depth, (goods, ~goods), strict=True)
        ),
    ]
    moved = policy.moved(MIDDLE, MIDDLE)
    iceberg = policy.iceberg * np.exp(np.where(goods, moved[0][:, :, None], moved[1][:, :, None]))
    return slopes(world, iceberg, policy.tariff, deficits, directions, tell, workers)


def _told(failed: Sequence[Status], runs: int, blocks: int) -> list[str]:
    if not failed:
        return []
    return [
        f"{len(failed)} of {runs} sets of parameters have no equilibrium; shares are over the {blocks} base samples "
        f"without one of them; the first: {failed[0].message}."
    ]
