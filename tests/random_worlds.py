"""Random worlds and random policies for tests of the trade model: closed accounts by construction."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ecumene.types import FloatArray
from ecumene.world import World


@dataclass(frozen=True)
class Recipe:
    """What a random world may contain."""

    zero_links: float = 0.2  # share of foreign links without trade
    no_home: float = 0.02  # share of goods that an economy does not make for itself
    deficit: float = 0.2  # spread of log final spending around balance
    tariff: float = 0.2  # largest base tariff
    theta: tuple[float, float] = (1.0, 12.0)
    inputs: float = 0.7  # largest cost share of inputs


@dataclass(frozen=True)
class RandomPolicy:
    """Keyword arguments of `trade.solve` and how they were drawn."""

    iceberg: FloatArray
    tariff: FloatArray
    theta: FloatArray | None
    options: dict = field(default_factory=dict)

    @property
    def arguments(self) -> dict:
        """What `trade.solve` takes."""
        return {"iceberg": self.iceberg, "tariff": self.tariff, "theta": self.theta, **self.options}


def random_world(R: int, S: int, rng: np.random.Generator, recipe: Recipe = Recipe()) -> World:
    """A world with the given trade shares, technology and baskets: `X = gamma Y + alpha I`, `Y = sum pi X / (1 + t)`.

    Final spending starts where trade balances and is then disturbed, which makes the deficits.
    """
    eye = np.eye(R, dtype=bool)
    size = np.exp(rng.normal(0.0, 1.5, R))
    ability = np.exp(rng.normal(0.0, 0.5, (R, S)))
    weight = size[:, None, None] * ability[:, None, :] * np.exp(rng.normal(0.0, 1.0, (R, R, S)))
    home = rng.uniform(0.3, 0.98, (R, S))
    drop = rng.uniform(size=(R, R, S)) < recipe.zero_links
    weight = np.where(eye[:, :, None] | drop, 0.0, weight)
    # A ring of links that always trade keeps the world in one piece.
    ring = np.roll(eye, 1, axis=1)
    weight[ring] = np.maximum(weight[ring], 1e-3 * size.mean())
    pi = weight / weight.sum(axis=0)
    own = np.where(rng.uniform(size=(R, S)) < recipe.no_home, 0.0, home)
    pi = pi * (1.0 - own) + np.where(eye[:, :, None], own, 0.0)

    tariff = np.where(eye[:, :, None], 0.0, recipe.tariff * rng.uniform(size=(R, R, S)) ** 2)
    beta = rng.uniform(1.0 - recipe.inputs, 1.0, (R, S))
    mix = rng.dirichlet(np.full(S, 0.5), (R, S)).transpose(0, 2, 1)
    gamma = (1.0 - beta)[:, None, :] * mix
    alpha = rng.dirichlet(np.full(S, 0.8), R)

    net = pi / (1.0 + tariff)
    cells = R * S
    supply = np.einsum("ins,st->isnt", net, np.eye(S)).reshape(cells, cells)
    technology = np.einsum("nsk,nm->nsmk", gamma, np.eye(R)).reshape(cells, cells)
    baskets = np.einsum("ns,nm->nsm", alpha, np.eye(R)).reshape(cells, R)
    leontief = np.linalg.solve(np.eye(cells) - supply @ technology, supply @ baskets)
    income = size / size.sum()
    by_final = leontief.reshape(R, S, R)
    earned = np.einsum("is,isn->in", beta, by_final)
    spent_on_duty = pi * tariff / (1.0 + tariff)
    spending = alpha[:, :, None] * np.eye(R)[:, None, :] + np.einsum("nsk,nkm->nsm", gamma, by_final)
    duty = np.einsum("ins,nsm->nm", spent_on_duty, spending)
    # Balance: income = earned + duty is an eigenvector with eigenvalue 1.
    for _ in range(400):
        income = (earned + duty) @ income
        income = income / income.sum()
    income = income * np.exp(recipe.deficit * rng.uniform(-1.0, 1.0, R))

    output = by_final @ income
    trade = net * (spending @ income)[None]
    low, high = np.log(recipe.theta)
    return World.from_trade(
        trade * 1e6,
        np.where(output > 0, beta, 1.0),
        mix,
        economies=[f"E{n:03d}" for n in range(R)],
        sectors=[f"S{k:02d}" for k in range(S)],
        tariff=tariff,
        theta=np.exp(rng.uniform(low, high, S)),
        source="random",
    )


def random_policy(
    world: World,
    rng: np.random.Generator,
    *,
    closing: float = 0.3,
    largest: float = 10.0,
    extreme: bool = False,
) -> RandomPolicy:
    """Trade costs from 0.5 to inf on a random subset of links, tariffs to 500 %, a random theta."""
    R, S = len(world.economies), len(world.sectors)
    eye = np.eye(R, dtype=bool)[:, :, None]
    shape = (R, R, S) if rng.uniform() < 0.5 else (R, R, 1)
    cost = np.exp(rng.uniform(np.log(0.5), np.log(largest), shape))
    cost = np.where(rng.uniform(size=shape) < rng.choice([0.1, 0.5, 1.0]), cost, 1.0)
    if rng.uniform() < closing:
        cost = np.where(rng.uniform(size=shape) < rng.choice([0.05, 0.3, 0.8]), np.inf, cost)
    iceberg = np.where(eye, 1.0, np.broadcast_to(cost, (R, R, S)))
    rate = np.exp(rng.uniform(np.log(0.01), np.log(5.0), shape))
    touched = rng.uniform(size=shape) < rng.choice([0.0, 0.3, 1.0])
    tariff = np.where(eye, 0.0, np.where(touched, rate, world.tariff.values))
    theta = None
    if extreme:
        theta = np.exp(rng.uniform(np.log(0.4), np.log(50.0), S))
    return RandomPolicy(iceberg, tariff, theta)


def renamed(world: World, economies: list[int], sectors: list[int]) -> World:
    """The same world with its economies and sectors in another order."""
    link = np.ix_(economies, economies, sectors)
    return World(
        economies=tuple(world.economies[n] for n in economies),
        sectors=tuple(world.sectors[s] for s in sectors),
        final_uses=world.final_uses,
        trade=world.trade.values[link],
        intermediate=world.intermediate.values[np.ix_(economies, sectors, sectors)],
        final=world.final.values[np.ix_(economies, sectors)],
        tariff=world.tariff.values[link],
        theta=world.theta.values[sectors],
        year=world.year,
        source=world.source,
        theta_source=world.theta_source,
    )
