"""Implicit gradients against finite differences, two ways, and beside closed links."""

from __future__ import annotations

import numpy as np
import pytest

from ecumene.errors import InputError, SolveError
from ecumene.models import trade
from ecumene.world import World

R, S = 5, 4
TIGHT = trade.Options(tolerance=1e-13)


@pytest.fixture(scope="module")
def world() -> World:
    rng = np.random.default_rng(7)
    flows = rng.uniform(0.2, 1.0, (R, R, S)) + 6.0 * np.eye(R)[:, :, None]
    inputs = rng.uniform(0.1, 1.0, (R, S, S))
    tariff = rng.uniform(0.0, 0.2, (R, R, S)) * (1 - np.eye(R))[:, :, None]
    return World.from_trade(
        flows,
        rng.uniform(0.4, 0.7, (R, S)),
        inputs / inputs.sum(axis=1, keepdims=True),
        economies=list("ABCDE"),
        sectors=[f"s{k}" for k in range(S)],
        tariff=tariff,
        theta=rng.uniform(2.0, 8.0, S),
    )


def _costs() -> np.ndarray:
    costs = np.where(np.eye(R)[:, :, None] > 0, 1.0, 1.1) * np.ones((R, R, S))
    costs[0, 1, 2] = costs[3, 2, :] = np.inf
    return costs


VARIANTS = {
    "cobb-douglas, zero": {"deficits": "zero"},
    "cobb-douglas, fixed": {"deficits": "fixed"},
    "proportional": {"deficits": "proportional"},
    "nested ces": {"deficits": "fixed", "eta": 0.5, "epsilon": 0.2, "sigma": 0.8},
    "sector-bound": {"deficits": "fixed", "mobility": 1.5},
}


@pytest.mark.parametrize("variant", VARIANTS, ids=list(VARIANTS))
@pytest.mark.parametrize("wrt", ["tariff", "iceberg"])
def test_equals_central_differences(world: World, wrt: str, variant: str) -> None:
    case = {"iceberg": _costs(), "tariff": np.array(world.tariff.values), **VARIANTS[variant]}
    slopes = trade.gradient(world, of={"A": 1.0, "C": -0.5}, wrt=wrt, **case)
    assert np.isfinite(slopes.values).all()

    def value(array: np.ndarray) -> float:
        eq = trade.solve(world, options=TIGHT, **{**case, wrt: array}).raise_unless_ok()
        income = eq.real_income
        return float(np.log(income.sel(economy="A")) - 0.5 * np.log(income.sel(economy="C")))

    step = 2e-4
    for link in [(1, 0, 0), (2, 0, 3), (0, 4, 1), (3, 1, 2), (4, 2, 0)]:
        up, down = case[wrt].copy(), case[wrt].copy()
        up[link] += step
        down[link] -= step
        expected = (value(up) - value(down)) / (2 * step)
        assert slopes.values[link] == pytest.approx(expected, rel=1e-5, abs=1e-9)


def test_direction_of_all_links_at_once(world: World) -> None:
    """The second way: one random direction through every open link, Richardson-extrapolated."""
    costs, rates = _costs(), np.array(world.tariff.values)
    rng = np.random.default_rng(3)
    direction = rng.normal(size=rates.shape) * (1 - np.eye(R))[:, :, None]
    slope = float((trade.gradient(world, "B", iceberg=costs, deficits="fixed").values * direction).sum())

    def difference(step: float) -> float:
        values = [
            np.log(
                float(
                    trade.solve(
                        world,
                        iceberg=costs,
                        tariff=rates + sign * step * direction,
                        deficits="fixed",
                        options=TIGHT,
                    ).real_income.sel(economy="B")
                )
            )
            for sign in (1, -1)
        ]
        return (values[0] - values[1]) / (2 * step)

    coarse, fine = difference(2e-3), difference(1e-3)
    assert slope == pytest.approx((4 * fine - coarse) / 3, rel=1e-6)


def test_zero_on_closed_links_and_domestic_tariffs(world: World) -> None:
    costs = _costs()
    for wrt in ("tariff", "iceberg"):
        slopes = trade.gradient(world, "C", wrt=wrt, iceberg=costs).values
        assert (slopes[np.isinf(costs)] == 0).all()
    assert (np.einsum("iis->is", trade.gradient(world, "C", "tariff").values) == 0).all()
    assert (np.abs(np.einsum("iis->is", trade.gradient(world, "C", "iceberg").values)) > 0).any()


def test_own_tariff_from_zero_gains_and_hurts_the_partner() -> None:
    """At free trade a small tariff gains its setter exactly what it costs the others, in money (Kaldor)."""
    world = World.from_trade(
        np.array([[[8.0], [2.0]], [[2.0], [8.0]]]), np.ones((2, 1)), np.zeros((2, 1, 1)),
        economies=["A", "B"], sectors=["s"], theta=[4.0],
    )  # fmt: skip
    gain = trade.gradient(world, "A", "tariff").sel(origin="B", destination="A").item()
    loss = trade.gradient(world, "B", "tariff").sel(origin="B", destination="A").item()
    assert gain > 0
    assert gain + loss == pytest.approx(0.0, abs=1e-10)


def test_bad_input_is_named(world: World) -> None:
    with pytest.raises(InputError, match="ZZZ"):
        trade.gradient(world, "ZZZ")
    with pytest.raises(InputError, match="tariff or iceberg"):
        trade.gradient(world, "A", wrt="theta")  # pyright: ignore[reportArgumentType]
    for of in (3, None, {"A": "x"}, {"A": float("nan")}, {}):
        with pytest.raises(InputError, match="gradient of"):
            trade.gradient(world, of)  # pyright: ignore[reportArgumentType]
    with pytest.raises(InputError, match="options is 3"):
        trade.gradient(world, "A", options=3)  # pyright: ignore[reportArgumentType]
    one_way = np.ones((R, R))
    one_way[0, 1:] = np.inf
    with pytest.raises(SolveError, match="cannot balance"):
        trade.gradient(world, "A", iceberg=one_way)


@pytest.mark.parametrize(
    ("name", "value"),
    [("eta", -1.0), ("epsilon", -1.0), ("sigma", -1.0), ("mobility", 0.5), ("rents", "mine")],
)
def test_technology_is_checked_as_in_solve(world: World, name: str, value: object) -> None:
    with pytest.raises(InputError, match=f"^{name} is"):
        trade.gradient(world, "A", **{name: value})  # pyright: ignore[reportArgumentType]
