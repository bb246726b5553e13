"""`run` and `compare`: what they measure, over which range, with which provenance, and how they fail."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from small_world import make_world

import ecumene as ec
from ecumene import runs
from ecumene.errors import InputError, SolveError
from ecumene.measures import missing_goods
from ecumene.models.solve import Status
from ecumene.orders import new_order, preset_names
from ecumene.results import QUANTILES
from ecumene.world import World

CHANGES = ("real_income", "real_wage", "exports", "imports", "terms_of_trade", "volume_of_trade")


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture(scope="module")
def closed(world: World) -> ec.Result:
    return ec.run(world, "self-sufficient")


@pytest.mark.parametrize("deficits", ["zero", "fixed", "proportional"])
def test_today_changes_nothing(deficits: str) -> None:
    data = ec.run(make_world(deficits=deficits), "today").data
    for name in CHANGES:
        np.testing.assert_allclose(data[name].values, 0.0, atol=1e-7, err_msg=name)
    np.testing.assert_allclose(data["world_real_income"].values, 0.0, atol=1e-7)


def test_closing_costs_more_where_elasticities_are_low(closed: ec.Result) -> None:
    low, central, high = (closed.data["real_income"].sel(quantile=name).values for name in QUANTILES)
    assert (low < central).all()
    assert (central < high).all()
    assert (high < 0).all()
    np.testing.assert_allclose(closed.data["imports"].values, -100.0)


def test_closing_one_sector_without_inputs_has_its_closed_form() -> None:
    flows = np.array([[80.0, 20.0], [20.0, 380.0]])
    world = ec.World.from_flows(
        np.zeros((2, 2)), flows, economies=["GEO", "USA"], sectors=["all"], final_uses=["all"], theta=[5.0]
    )
    data = ec.run(world, "self-sufficient", theta_factors=(0.6, 1.0, 1.6)).data
    for name, factor in zip(QUANTILES, runs.THETA_FACTORS, strict=True):
        expected = 100 * (np.array([0.8, 0.95]) ** (1 / (5 * factor)) - 1)
        np.testing.assert_allclose(data["real_income"].sel(quantile=name).values, expected, atol=1e-9)


def test_the_world_is_weighted_by_income_and_by_population(world: World, closed: ec.Result) -> None:
    change = closed.data["real_income"]
    for name, weight in [
        ("world_real_income", closed.data["base_income"]),
        ("world_real_income_by_population", world.layers["population"]),
    ]:
        expected = (change * weight).sum("economy") / weight.sum("economy")
        np.testing.assert_allclose(closed.data[name].values, expected.values, rtol=1e-12)


def test_without_population_only_income_weights(world: World) -> None:
    data = ec.run(replace(world, layers={}), "today").data
    assert "world_real_income" in data
    assert not {"population", "world_real_income_by_population"} & set(data)


def test_every_variable_has_a_unit_and_a_meaning(closed: ec.Result) -> None:
    for name, values in closed.data.data_vars.items():
        assert values.attrs["units"], name
        assert values.attrs["long_name"], name
        assert values.dtype == np.float64, name


def test_provenance(world: World, closed: ec.Result) -> None:
    known = closed.provenance
    assert known.data_hash == world.hash
    assert known.order_hash == ec.load_order("self-sufficient").hash
    assert (known.seed, known.parameter_draws) == (0, 64)
    assert set(known.versions) == {"ecumene", "jax", "numpy"}
    assert known.theta_source == world.theta_source
    assert [solve.theta_factor for solve in known.solves] == list(runs.THETA_FACTORS)
    assert all(solve.status == 0 and solve.residual < 1e-9 for solve in known.solves)
    assert "self-sufficient" in known.citation
    assert world.hash[:12] in known.citation


def test_equal_runs_have_equal_hashes(world: World) -> None:
    assert ec.run(world, "two-blocs").hash == ec.run(make_world(), "two-blocs").hash


def test_compare_is_runs_side_by_side(world: World, closed: ec.Result) -> None:
    table = ec.compare(world, ["today", "self-sufficient"])
    assert table.orders == ("today", "self-sufficient")
    xr.testing.assert_identical(table["self-sufficient"].data, closed.data)
    assert table["self-sufficient"].provenance == closed.provenance
    assert not table.failed


def test_compare_takes_all_presets_by_default(world: World) -> None:
    table = ec.compare(world)
    assert (*table.orders, *table.failed) == tuple(preset_names())
    assert not table.failed


def test_orders_and_names_of_orders_are_the_same(world: World) -> None:
    assert ec.run(world, ec.load_order("open")).hash == ec.run(world, "open").hash


def test_progress_counts_every_solve(world: World) -> None:
    seen: list[tuple[int, int, str]] = []
    ec.compare(world, ["today", "open"], draws=4, progress=lambda *step: seen.append(step))
    assert [done for done, _, _ in seen] == list(range(1, 15))
    assert {total for _, total, _ in seen} == {14}
    assert sorted(label for _, _, label in seen[:6]) == ["open"] * 3 + ["today"] * 3
    assert {label for _, _, label in seen[6:]} == {"draws"}


def test_progress_is_told_in_the_callers_own_thread(world: World) -> None:
    threads: set[int] = set()
    ec.compare(world, workers=3, progress=lambda *step: threads.add(threading.get_ident()))
    assert threads == {threading.get_ident()}


def test_orders_solved_together_have_the_numbers_of_orders_solved_in_turn(world: World) -> None:
    together, in_turn = ec.compare(world, workers=4), ec.compare(world, workers=1)
    assert together.orders == in_turn.orders
    xr.testing.assert_identical(together.data, in_turn.data)
    assert together.provenance == in_turn.provenance


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_error_in_progress_ends_the_comparison(
    world: World, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    solve, solved = runs.trade.solve, []

    def slow(world: World, **options: object) -> object:
        solved.append(1)
        time.sleep(0.02)
        return solve(world, **options)

    def interrupt(done: int, total: int, label: str) -> None:
        if done == 5:
            raise error("enough")

    monkeypatch.setattr(runs.trade, "solve", slow)
    before = threading.active_count()
    with pytest.raises(error, match="enough"):
        ec.compare(world, workers=2, progress=interrupt)
    assert len(solved) < 12 < 3 * len(preset_names())
    assert threading.active_count() == before


def test_a_defect_in_one_order_shows_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    solve, solved = runs.trade.solve, []

    def broken(world: World, **options: object) -> object:
        solved.append(1)
        if np.isinf(np.asarray(options["iceberg"])).any():
            raise ZeroDivisionError("a defect")
        time.sleep(0.02)
        return solve(world, **options)

    monkeypatch.setattr(runs.trade, "solve", broken)
    others = [name for name in preset_names() if name not in ("today", "self-sufficient")]
    with pytest.raises(ZeroDivisionError, match="a defect"):
        ec.compare(world, ["today", "self-sufficient", *others], workers=2)
    assert len(solved) < 12


def test_missing_goods_are_named_and_both_losses_reported() -> None:
    world = make_world(missing=("GEO", "Manufactures"))
    result = ec.run(world, "self-sufficient")
    georgia = result.data.sel(economy="GEO", quantile="central")
    assert georgia["missing_goods"].item() == 1
    assert georgia["real_income"].item() == -100.0
    assert -100.0 < georgia["real_income_without_missing"].item() < 0.0
    assert any("GEO" in note and "Manufactures" in note for note in result.provenance.notes)
    others = result.data.drop_sel(economy="GEO")
    assert (others["missing_goods"] == 0).all()
    np.testing.assert_allclose(others["real_income"].values, others["real_income_without_missing"].values)


@pytest.mark.parametrize(
    "factors",
    [(1.0, 2.0), (-1.0,), (0.0, 1.0, 2.0), (0.6, 1.0, -1.6), (0.6, 1.0, np.nan), (1.0, 1.0, np.inf)],
)
def test_bad_theta_factors(world: World, factors: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="3 positive numbers"):
        ec.run(world, "today", theta_factors=factors)


@pytest.mark.parametrize(
    ("orders", "message"), [([], "at least one"), (["today", "today"], "today is repeated")]
)
def test_bad_lists_of_orders(world: World, orders: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ec.compare(world, orders)


def test_missing_goods_are_told_good_by_good() -> None:
    """One sentence a good, however many economies lack it; a name or three, then a count."""
    rng = np.random.default_rng(3)
    names, sectors = [f"E{n}" for n in range(9)], ("a", "b")
    flows = rng.uniform(0.5, 1.0, (9, 9, 2))
    flows[1:, :, 0] = 0.0  # only E0 makes a
    flows[0, :, 1] = 0.0
    world = World.from_trade(
        flows, np.ones((9, 2)), np.zeros((9, 2, 2)), economies=names, sectors=sectors, theta=[4.0, 5.0],
        deficits="zero",
    )  # fmt: skip
    eq = runs.trade.solve(world, iceberg=np.inf)
    assert missing_goods(eq, "walls") == [
        "Under 'walls' nobody supplies a to E1, E2, E3 and 5 others",
        "Under 'walls' nobody supplies b to E0",
    ]
    assert missing_goods(runs.trade.solve(world), "walls") == []


def test_one_order_alone_is_a_list_of_one(world: World, tmp_path: Path) -> None:
    file = new_order("open", tmp_path / "mine.yaml")
    asked = {"theta_factors": (0.9, 1.0, 1.1)}
    assert ec.compare(world, "today", **asked).orders == ("today",)
    assert ec.compare(world, ec.load_order("today"), **asked).orders == ("today",)
    assert ec.compare(world, file, **asked).orders == ("mine",)
    assert ec.compare(world, [file, "open"], **asked).orders == ("mine", "open")
    assert ec.run(world, file).provenance.order == "mine"
    assert ec.compare(world, iter(["today"]), **asked).orders == ("today",)


@pytest.mark.parametrize("order", [None, 3, ["today"], b"today"])
def test_what_is_no_order_is_named(world: World, order: object) -> None:
    with pytest.raises(InputError, match=r"is no order; give .*preset.*file"):
        ec.run(world, order)  # pyright: ignore[reportArgumentType]
    with pytest.raises(InputError, match=r"is no order; give .*preset.*file"):
        ec.compare(world, ["today", order])  # pyright: ignore[reportArgumentType]


def test_one_factor_is_a_point_estimate_without_a_range(world: World) -> None:
    asked: dict[str, object] = {"also": "rents", "sovereignty": True, "why": True}
    point = ec.run(world, "two-blocs", theta_factors=(1.0,), **asked)  # pyright: ignore[reportArgumentType]
    whole = ec.run(world, "two-blocs", **asked)  # pyright: ignore[reportArgumentType]
    assert point.data["quantile"].values.tolist() == ["central"]
    assert [solve.quantile for solve in point.provenance.solves] == ["central"] * 3
    xr.testing.assert_identical(point.data, whole.data.sel(quantile=["central"]))


@pytest.mark.parametrize("factors", ["abc", None, 1.0, ("low", 1.0, 2.0), (None, 1.0, 2.0), (1j, 1.0, 2.0)])
def test_theta_factors_that_are_no_numbers(world: World, factors: object) -> None:
    with pytest.raises(InputError, match=r"theta_factors is .*; give 3 positive numbers: low, central, high"):
        ec.run(world, "today", theta_factors=factors)  # pyright: ignore[reportArgumentType]


def test_one_question_or_shock_alone_is_a_list_of_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    also = ec.run(world, "today", also="rents")
    assert also.hash == ec.run(world, "today", also=["rents"]).hash
    with pytest.raises(InputError, match="also names tariffs; choose among"):
        ec.run(world, "today", also="tariffs")
    with pytest.raises(InputError, match="no-such-shock"):
        ec.run(world, "today", shocks="no-such-shock")
    for name in ("also", "shocks"):
        for given in (3, None, [3]):
            with pytest.raises(InputError, match=name):
                ec.run(world, "today", **{name: given})


def test_a_repeated_order_has_a_remedy(world: World) -> None:
    with pytest.raises(
        InputError, match=r"today is repeated; leave one out, or change the `name:` in one file"
    ):
        ec.compare(world, ["today", "today"])


@pytest.mark.parametrize("workers", [-1, 0, 1.5, "two"])
def test_workers_that_are_no_number_of_threads(world: World, workers: object) -> None:
    with pytest.raises(InputError, match="workers is"):
        ec.compare(world, ["today"], workers=workers)  # pyright: ignore[reportArgumentType]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every solve behind closed links ends without an answer."""
    solve = runs.trade.solve

    def fail(world: World, **options: object) -> object:
        eq = solve(world, **options)
        closes = np.isinf(np.asarray(options["iceberg"])).any()
        return replace(eq, status=Status.MAX_STEPS) if closes else eq

    monkeypatch.setattr(runs.trade, "solve", fail)


@pytest.mark.usefixtures("failing")
def test_a_failed_solve_names_order_cause_and_next_step(world: World) -> None:
    with pytest.raises(SolveError, match=r"'self-sufficient'.*0\.6 times theta.*smaller steps"):
        ec.run(world, "self-sufficient")


@pytest.mark.usefixtures("failing")
def test_compare_keeps_the_others_and_names_the_failed(world: World) -> None:
    table = ec.compare(world, ["today", "self-sufficient"])
    assert table.orders == ("today",)
    assert "smaller steps" in table.failed["self-sufficient"]
    with pytest.raises(InputError, match="no equilibrium"):
        table["self-sufficient"]
    with pytest.raises(SolveError, match="no order has an equilibrium"):
        ec.compare(world, ["self-sufficient"])
