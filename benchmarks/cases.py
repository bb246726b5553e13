"""Worlds and cases that are timed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ecumene.models import trade
from ecumene.models.bases import Technology
from ecumene.models.core import attempt
from ecumene.models.trade import Options
from ecumene.sources import load_world
from ecumene.types import FloatArray
from ecumene.world import World

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
WIOD = f"wiod:{DATA / 'wiod' / 'wiod2011.npz'}"
EAST = ("CHN", "RUS", "IND", "BRA", "IDN", "TUR", "ROW")


def wiod() -> World:
    return load_world(WIOD)


def two_blocs(world: World) -> dict[str, Any]:
    """Trade costs rise by a quarter between two halves of the world; no tariffs."""
    east = np.isin(world.economies, EAST)
    if not east.any():
        east = np.arange(len(world.economies)) % 2 == 1
    apart = east[:, None] != east[None, :]
    return {"iceberg": np.where(apart, 1.25, 1.0), "deficits": "fixed"}


def with_tariffs(world: World) -> dict[str, Any]:
    """The same, and a tariff of 20 % between the halves."""
    apart = two_blocs(world)["iceberg"] > 1.0
    return {**two_blocs(world), "tariff": np.where(apart, 0.2, 0.0)}


def many(world: World, number: int) -> list[dict[str, Any]]:
    """Cases that differ in every link: factors between 1 and 1.5 on all foreign trade."""
    rng = np.random.default_rng(3)
    n = len(world.economies)
    home = np.eye(n, dtype=bool)
    return [
        {"iceberg": np.where(home, 1.0, rng.uniform(1.0, 1.5, (n, n))), "deficits": "fixed"}
        for _ in range(number)
    ]


def random_world(n_economies: int, n_sectors: int, seed: int = 1) -> World:
    """Random shares of the size of a table: two thirds of spending at home, half of output value added."""
    rng = np.random.default_rng(seed)
    R, S = n_economies, n_sectors
    foreign = ~np.eye(R, dtype=bool)[:, :, None]
    weight = rng.lognormal(0.0, 1.0, (R, R, S)) * rng.lognormal(0.0, 1.0, R)[:, None, None] * foreign
    pi = weight / weight.sum(axis=0) / 3.0
    pi[np.arange(R), np.arange(R)] = 2.0 / 3.0
    beta = rng.uniform(0.35, 0.65, (R, S))
    recipe = rng.dirichlet(np.full(S, 0.5), (R, S)).transpose(0, 2, 1)
    gamma = (1.0 - beta)[:, None, :] * recipe
    final = rng.dirichlet(np.ones(S), R) * rng.lognormal(13.0, 1.0, R)[:, None]
    output: FloatArray = final.copy()
    spending = final
    for _ in range(120):  # contracts by the share of inputs, about a half
        spending = np.matmul(gamma, output[:, :, None])[:, :, 0] + final
        output = np.einsum("ins,ns->is", pi, spending)
    return World.from_trade(
        pi * spending, beta, recipe,
        economies=[f"E{n}" for n in range(R)], sectors=[f"s{k}" for k in range(S)],
        tariff=np.zeros((R, R, S)), theta=rng.uniform(3.0, 8.0, S), deficits="fixed",
    )  # fmt: skip


def prepare(world: World, case: dict[str, Any]) -> trade.Case:
    """A checked case: its base solved, its arrays on the world's axes."""
    return trade.case_of(
        world, case.get("iceberg"), case.get("tariff"), None, case.get("deficits"), Technology(), Options()
    )


def arguments(case: trade.Case) -> tuple[Any, ...]:
    """What the compiled solve is given for a case."""
    options = Options()
    given = (case.base.base, case.policy, case.base.response, case.base.z)
    return (*given, options.tolerance, case.form, options)


def compiled(case: trade.Case) -> tuple[float, int]:
    """The compiled solve alone: arrays in, arrays out. Returns its error and steps."""
    stage, outcome = attempt(*arguments(case))
    outcome.real_income.block_until_ready()
    return float(stage.error), int(stage.steps)
