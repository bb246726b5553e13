"""Nash tariffs of WIOD 2011 and of the preset: `python -m benchmarks.tariffs` measures and rewrites its section."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks import cases
from benchmarks.page import Figure
from benchmarks.section import measured, publish, section
from ecumene.models import tariffs
from ecumene.orders import apply, load_order
from ecumene.sources import load_world
from ecumene.world import World

TITLE = "## Nash tariffs"
ABOUT = (
    "One uniform tariff on goods each, certificate included: every player's best answer is sought from random rates "
    "too; `python -m benchmarks.tariffs`."
)

WITH_LINKS_SECONDS = 10.0
WITHOUT_LINKS_SECONDS = 3.0
"""Wanted for 41 economies with a uniform goods tariff each on two cores, certificate included."""


def _without_links(world: World) -> World:
    shape = (len(world.economies), len(world.sectors))
    return World.from_trade(
        world.trade.values, np.ones(shape), np.zeros((*shape, shape[1])),
        economies=world.economies, sectors=world.sectors, theta=world.theta.values,
    )  # fmt: skip


def _certificate(found: tariffs.NashTariffs) -> str:
    most = max(found.raise_unless_certified().gains.values())
    return f"{found.rounds} sweeps, largest gain of a best response {most:.0e}"


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
                case = {"theta": theta, "deficits": "zero"}
                return tariffs.nash(table, table.economies, goods=goods, case=case)

            label = f"WIOD 2011: Nash of 41, {name}, {links}"
            figures.append(measured(label, search, limit, said=_certificate))
    reference = load_world("reference")
    contest = apply(load_order("nation-first"), reference).contest
    assert contest is not None

    def preset() -> tariffs.NashTariffs:
        return tariffs.nash(reference, contest.players, spared=contest.spared)

    label = "reference world: nation-first, searched anew"
    return [*figures, measured(label, preset, said=_certificate)]


if __name__ == "__main__":
    raise SystemExit(publish(TITLE, lambda: section(TITLE, ABOUT, measure)))
