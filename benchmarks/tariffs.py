"""Nash tariffs of WIOD 2011 and of the preset: `python -m benchmarks.tariffs` measures and prints a table."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from statistics import median

import numpy as np

from benchmarks import cases, page
from benchmarks.page import Figure
from benchmarks.timing import disturbed, machine, timed
from ecumene.models import tariffs
from ecumene.orders import apply, load_order
from ecumene.sources import load_world
from ecumene.world import World

WITH_LINKS_SECONDS = 10.0
WITHOUT_LINKS_SECONDS = 3.0
"""Wanted for 41 economies with a uniform goods tariff each on two cores, certificate included."""


def _without_links(world: World) -> World:
    shape = (len(world.economies), len(world.sectors))
    return World.from_trade(
        world.trade.values, np.ones(shape), np.zeros((*shape, shape[1])),
        economies=world.economies, sectors=world.sectors, theta=world.theta.values,
    )  # fmt: skip


def _measured(label: str, search: Callable[[], tariffs.NashTariffs], limit: float | None) -> Figure:
    """The median of three warm runs, beside the median of their processor time."""
    cpu: list[float] = []
    found: list[tariffs.NashTariffs] = []

    def run() -> None:
        begin = time.process_time()
        found.append(search())
        cpu.append(time.process_time() - begin)

    taken = timed(run, runs=3, seconds=60.0)
    last = found[-1].raise_unless_certified()
    gains = f"largest gain of a best response {max(last.gains.values()):.0e}"
    note = f"processor time {page.seconds(median(cpu[1:]))}, {last.rounds} sweeps, {gains}"
    return Figure(label, taken, note, limit)


def measure() -> list[Figure]:
    """Every case, warm."""
    world = cases.wiod()
    goods: Sequence[bool] = np.asarray(world.layers["goods"].values, dtype=bool).tolist()
    figures = []
    for links, table, limit in (
        ("with links", world, WITH_LINKS_SECONDS),
        ("without", _without_links(world), WITHOUT_LINKS_SECONDS),
    ):
        for name, theta in (("theta 5", 5.0), ("sector priors", None)):

            def search(table: World = table, theta: float | None = theta) -> tariffs.NashTariffs:
                return tariffs.nash(
                    table, table.economies, goods=goods, case={"theta": theta, "deficits": "zero"}
                )

            figures.append(_measured(f"WIOD 2011: Nash of 41, {name}, {links}", search, limit))
    reference = load_world("reference")
    contest = apply(load_order("nation-first"), reference).contest
    assert contest is not None

    def preset() -> tariffs.NashTariffs:
        return tariffs.nash(reference, contest.players, spared=contest.spared)

    return [*figures, _measured("reference world: nation-first, searched anew", preset, None)]


def main() -> int:
    """Print the table; 1 without the published data."""
    if not cases.DATA.is_dir():
        print(f"benchmarks need the published data in {cases.DATA}", file=sys.stderr)
        return 1
    print(machine())
    print(disturbed())
    print(page.table(measure()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
