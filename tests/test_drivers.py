"""What drives a range: shares of variance with known answers, slopes against finite differences, and the command."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from small_world import make_world

import ecumene as ec
from ecumene import cli
from ecumene.cli.drivers import _share, driver_tables
from ecumene.errors import InputError
from ecumene.models import trade
from ecumene.models.slopes import Direction, slopes
from ecumene.models.variance import design, shares
from ecumene.orders import apply, ladder, load_order
from ecumene.types import FloatArray
from ecumene.uncertainty.result import Drivers
from ecumene.world import World

GROUPS = {"one": ("a", "b"), "two": ("c",), "three": ("d",)}


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture(scope="module")
def found(world: World) -> Drivers:
    return ec.drivers(world, "two-blocs", base=8, seed=3)


# Shares of variance


def test_a_sum_has_the_shares_of_its_squared_weights() -> None:
    """`y = 1 a + 2 b + 3 c` of uniform ranks: shares (1 + 4) / 14, 9 / 14 and 0, first-order and total alike."""
    where = design(GROUPS, 1024, seed=2)
    at = dict(zip(where.parameters, where.ranks.T, strict=True))
    values = np.column_stack([at["a"] + 2.0 * at["b"] + 3.0 * at["c"], np.full(len(where.ranks), 7.0)])
    got = shares(where, values)
    expected = np.array([5.0, 9.0, 0.0]) / 14.0
    np.testing.assert_allclose(got.first[0], expected, atol=0.01)
    np.testing.assert_allclose(got.total[0], expected, atol=0.01)
    assert got.first[0].sum() == pytest.approx(1.0, abs=0.01)
    assert got.spread[0] == pytest.approx(np.sqrt(14.0 / 12.0), rel=0.02)
    assert np.isnan(got.first[1]).all()  # what does not vary has no shares
    assert got.spread[1] == 0.0


def test_a_product_is_all_interaction() -> None:
    """`y = (a - 1/2)(c - 1/2)` has no first-order share; both groups' totals are 1."""
    where = design(GROUPS, 2048, seed=1)
    at = dict(zip(where.parameters, where.ranks.T, strict=True))
    got = shares(where, ((at["a"] - 0.5) * (at["c"] - 0.5))[:, None])
    np.testing.assert_allclose(got.first[0], 0.0, atol=0.06)
    np.testing.assert_allclose(got.total[0], [1.0, 1.0, 0.0], atol=0.06)


def test_blocks_with_a_failure_are_left_out_whole() -> None:
    where = design(GROUPS, 256, seed=4)
    values = where.ranks @ np.array([1.0, 2.0, 3.0, 0.0])
    values[[7, 600]] = np.nan
    got = shares(where, values[:, None])
    assert got.blocks == 254
    np.testing.assert_allclose(got.first[0], np.array([5.0, 9.0, 0.0]) / 14.0, atol=0.03)
    with pytest.raises(InputError, match="only 0 of 256 base samples"):
        shares(where, np.full((len(values), 1), np.nan))


def test_the_same_seed_gives_the_same_numbers() -> None:
    one, again, other = (design(GROUPS, 16, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.ranks, again.ranks)
    assert not np.isclose(one.ranks, other.ranks).all()
    values = one.ranks.sum(axis=1, keepdims=True)
    for got, expected in zip(shares(one, values), shares(again, values), strict=True):
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize(
    ("base", "seed", "message"),
    [
        (100, 0, "base is 100; give a power of two"),
        (4, 0, "base is 4"),
        (True, 0, "base is True"),
        (64, -1, "seed is -1"),
    ],
)
def test_impossible_designs_are_refused(base: int, seed: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        design(GROUPS, base, seed)


def test_without_salib_the_message_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SALib.sample.sobol", None)
    with pytest.raises(InputError, match=r"pip install 'ecumene\[sweep\]'"):
        design(GROUPS, 16, 0)


# Slopes


@pytest.mark.parametrize("deficits", ["fixed", "zero", pytest.param("proportional", marks=pytest.mark.slow)])
def test_slopes_are_those_of_finite_differences(world: World, deficits: str) -> None:
    policy = apply(load_order("two-blocs"), world)
    R, S = len(world.economies), len(world.sectors)
    rng = np.random.default_rng(5)
    cost = np.where(np.eye(R, dtype=bool)[:, :, None], 0.0, rng.normal(size=(R, R, S)))
    ways = [
        Direction(np.eye(S)[1], np.zeros((R, R, S))),
        Direction(np.zeros(S), cost),
        Direction(rng.normal(size=S), cost),
    ]

    def income(way: Direction, step: float) -> FloatArray:
        eq = trade.solve(
            world,
            policy.iceberg * np.exp(step * way.log_iceberg),
            policy.tariff,
            world.theta.values * np.exp(step * way.log_theta),
            deficits,
        )
        return np.log(eq.numbers("real_income_without_missing"))

    got = slopes(world, policy.iceberg, policy.tariff, deficits, ways, lambda label: None)
    for way, slope in zip(ways, got, strict=True):
        near, far = ((income(way, h) - income(way, -h)) / (2.0 * h) for h in (1e-4, 2e-4))
        expected = (4.0 * near - far) / 3.0
        np.testing.assert_allclose(slope, expected, rtol=1e-6, atol=1e-9)


def test_slopes_hold_beside_closed_links(world: World) -> None:
    """Autarky of all: real income is a product of own shares to the power of 1 / theta; prices move with nothing."""
    policy = apply(load_order("self-sufficient"), world)
    S = len(world.sectors)
    way = Direction(np.eye(S)[0], np.zeros_like(policy.iceberg))
    (got,) = slopes(world, policy.iceberg, policy.tariff, "zero", [way], lambda label: None)

    def income(step: float) -> FloatArray:
        theta = world.theta.values * np.exp(step * way.log_theta)
        eq = trade.solve(world, policy.iceberg, policy.tariff, theta, "zero")
        return np.log(eq.numbers("real_income_without_missing"))

    np.testing.assert_allclose(got, (income(1e-4) - income(-1e-4)) / 2e-4, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("which", ["goods", "services"])
def test_slopes_of_the_ladder_are_those_of_its_quantiles(which: Literal["goods", "services"]) -> None:
    for rank in (0.1, 0.5, 0.9):
        step = 1e-6
        expected = (ladder.effects_at(which, rank + step) - ladder.effects_at(which, rank - step)) / (
            2 * step
        )
        np.testing.assert_allclose(ladder.slopes_at(which, rank), expected, rtol=1e-6, atol=1e-9)


# The answer


def test_groups_of_an_order_without_depth_drive_nothing(world: World) -> None:
    """Autarky closes every link: no depth is left that could matter, and the elasticities are everything."""
    data = ec.drivers(world, "self-sufficient", base=16).data
    np.testing.assert_allclose(data["variance_share_total"].sel(group="depth_in_goods"), 0.0, atol=1e-12)
    np.testing.assert_allclose(data["depth_slope"], 0.0, atol=1e-12)
    assert (data["elasticity_slope"] > 0).all()  # a higher elasticity makes the loss smaller


def test_what_does_not_move_has_no_drivers(world: World) -> None:
    data = ec.drivers(world, "today", base=8).data
    assert np.isnan(data["variance_share"]).all()
    np.testing.assert_allclose(data["real_income_deviation"], 0.0)


def test_slopes_by_rank_are_those_of_drawn_orders(world: World, found: Drivers) -> None:
    policy = apply(load_order("two-blocs"), world)

    def income(rank: float) -> FloatArray:
        goods, _ = policy.moved(rank, 0.5)  # this world does not tell goods from services
        eq = trade.solve(world, policy.iceberg * np.exp(goods[:, :, None]), policy.tariff)
        return np.log(eq.numbers("real_income_without_missing"))

    expected = (income(0.5001) - income(0.4999)) / 2e-4
    np.testing.assert_allclose(found.data["depth_slope"].sel(ladder="goods"), expected, rtol=1e-4, atol=1e-8)


def test_answers_come_back_from_files(found: Drivers, tmp_path: Path) -> None:
    again = ec.load_result(found.save(tmp_path / "d.nc"))
    assert isinstance(again, Drivers)
    assert again.hash == found.hash
    assert again.provenance == found.provenance
    rows = found.to_frame().set_index(["variable", "economy", "group"])["value"]
    at = found.data["variance_share"].sel(economy="DEU", group="depth_in_goods").item()
    assert rows["variance_share", "DEU", "depth_in_goods"] == at


# The command


def test_the_command_draws_as_many_as_the_library() -> None:
    import inspect

    from ecumene.cli.drivers import drivers

    assert (
        inspect.signature(drivers).parameters["base"].default
        == inspect.signature(ec.drivers).parameters["base"].default
    )


def test_the_command_shows_and_writes_drivers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "world.nc"
    make_world().save(path)
    arguments = ["drivers", "two-blocs", "--world", str(path), "--base", "8", "--economy", "DEU,GEO"]
    assert cli.main([*arguments, "--csv", str(tmp_path / "d.csv")]) == 0
    shown = capsys.readouterr().out
    assert "Shares of variance" in shown
    assert "Manufactures" in shown
    assert (tmp_path / "d.csv").read_text().startswith('"economy"')
    assert cli.main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "drivers"
    assert cli.main([*arguments[:-4], "--base", "100"]) == 2
    assert "power of two" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("share", "error", "shown"),
    [
        (50.4, 17.2, "50 ±17  "),
        (3.0, 7.0, "3 ±7 ?"),
        (-4.0, 3.0, "-4 ±3  "),
        (0.2, 0.1, "0 ±0  "),
        (np.nan, 1.0, "none"),
    ],
)
def test_no_share_is_shown_without_its_interval(share: float, error: float, shown: str) -> None:
    assert _share(share, error) == shown


def test_what_is_left_for_interactions_is_told(found: Drivers, world: World) -> None:
    own, totals, _ = driver_tables(found, world, ["DEU"])
    (row,) = [row for row in own.rows if "DEU" in row[0]]
    left = 100.0 - float(found.data["variance_share"].sel(economy="DEU").sum())
    assert row[-1].split(" ±")[0] == f"{left:.0f}"
    total = found.data["variance_share_total"].sel(economy="DEU").values
    cells = next(row for row in totals.rows if "DEU" in row[0])[1:]
    assert [cell.split(" ±")[0] for cell in cells] == [f"{x if abs(x) >= 0.5 else 0.0:.0f}" for x in total]
