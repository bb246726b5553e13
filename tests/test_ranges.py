"""Ranges over drawn parameters: the table of priors, its draws, the equilibria under them, and what is said of them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy import stats
from small_world import make_world

import ecumene as ec
from ecumene import cli, priors, ranges
from ecumene.cli.tables import _extremes, signed
from ecumene.errors import InputError
from ecumene.models import trade
from ecumene.models.bases import Technology
from ecumene.models.ensemble import Drawing, Incomes, solve_draws
from ecumene.models.solve import Status
from ecumene.orders import apply, ladder, load_order
from ecumene.priors.table import COMMON_SPREAD, STANDARD_ERRORS, Z95, spread_of
from ecumene.results import NOISE, UNCHANGED
from ecumene.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


# The table


def test_estimates_of_the_table_are_those_of_the_authors_data(shared: Path) -> None:
    """Caliendo and Parro's own file, in which vehicles (the 17th and 18th sector) have the mean of the others."""
    with np.load(shared / "data" / "caliendo-parro" / "cp1993.npz", allow_pickle=False) as data:
        theirs = data["theta"][:20]
    ours = np.array([estimate for estimate, _ in STANDARD_ERRORS.values()])
    same = [place for place in range(20) if place not in (17, 18)]
    np.testing.assert_array_equal(ours[same], theirs[same])


def test_every_prior_has_a_source_and_points_that_fit_its_spread() -> None:
    names = [prior.name for prior in priors.PRIORS]
    assert len(set(names)) == len(names)
    for prior in priors.PRIORS:
        assert prior.low < prior.central < prior.high
        assert len(prior.source) > 20
        if prior.shape == "lognormal":
            assert prior.low * prior.high == pytest.approx(1.0)
            assert prior.high == pytest.approx(np.exp(Z95 * prior.spread))
    assert {f"theta:{kind}" for kind in STANDARD_ERRORS} <= set(names)


def test_standard_errors_belong_to_the_elasticities_in_use() -> None:
    from ecumene import elasticities

    for kind, (estimate, error) in STANDARD_ERRORS.items():
        assert estimate == elasticities.TABLE[kind].published
        assert spread_of(kind) == pytest.approx(np.clip(error / estimate, 0.1, 0.5))


# Draws


def test_draws_have_the_distribution_of_the_table() -> None:
    wide = make_world()
    drawn = priors.draw(wide, 4096, seed=3)
    spread = np.hypot(COMMON_SPREAD, spread_of("services"))  # sectors of no known classification
    for ratio in (drawn.theta / wide.theta.values).T:
        assert stats.kstest(np.log(ratio) / spread, "norm").pvalue > 1e-3
    for rank in (drawn.ladder_goods, drawn.ladder_services):
        assert sorted(np.floor(rank * 4096)) == list(range(4096))  # one in each equal part
    assert abs(np.corrcoef(drawn.ladder_goods, drawn.ladder_services)[0, 1]) < 0.05


def test_draws_depend_on_the_seed_and_on_nothing_else(world: World) -> None:
    one, again, other = (priors.draw(world, 16, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.theta, again.theta)
    assert not np.isclose(one.theta, other.theta).any()
    reference = ec.load_world("reference")
    shared = priors.draw(reference, 16, seed=1)
    np.testing.assert_array_equal(shared.ladder_goods, one.ladder_goods)


@pytest.mark.parametrize(
    ("count", "seed", "message"),
    [
        (1, 0, "draws is 1; give a whole number, 2 or more"),
        (2.0, 0, "draws is 2.0"),
        (True, 0, "draws is True"),
        (10**6, 0, "at most 100,000"),
        (4, -1, "seed is -1; give a whole number, 0 or more"),
    ],
)
def test_impossible_draws_are_refused(world: World, count: int, seed: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        priors.draw(world, count, seed)


# The ladder


@pytest.mark.parametrize("which", ["goods", "services"])
def test_effects_at_a_rank_are_triangular_quantiles(which: str) -> None:
    low, peak, high = (ladder.effects(which, bound) for bound in ("low", "central", "high"))
    for rank in (0.0, 0.05, 0.3, 0.5, 0.95, 1.0):
        found = ladder.effects_at(which, rank)
        assert (np.diff(found) >= 0).all()
        for depth in range(1, 7):
            a, c, b = low[depth], peak[depth], high[depth]
            expected = stats.triang.ppf(rank, (c - a) / (b - a), loc=a, scale=b - a)
            assert found[depth] == pytest.approx(expected, abs=1e-12)
    assert ladder.effects_at(which, 0.4)[0] == 0.0


@pytest.mark.parametrize(("rank", "bound"), [(0.0, "low"), (1.0, "high")])
def test_the_ends_of_a_policy_are_those_of_the_ladder(world: World, rank: float, bound: str) -> None:
    order = load_order("two-blocs")
    central, end = apply(order, world), apply(order, world, ladder_bound=bound)
    goods, services = central.moved(rank, rank)
    layer = world.layers.get("goods")
    is_goods = np.ones(len(world.sectors), dtype=bool) if layer is None else np.asarray(layer.values)
    moved = central.iceberg * np.exp(np.where(is_goods, goods[:, :, None], services[:, :, None]))
    np.testing.assert_allclose(moved, end.iceberg, rtol=1e-13)


# Equilibria


@pytest.mark.parametrize("deficits", ["fixed", "zero", "proportional"])
@pytest.mark.parametrize("name", ["two-blocs", "self-sufficient", "open"])
def test_a_draw_is_the_equilibrium_of_its_parameters(name: str, deficits: str) -> None:
    world = make_world()
    policy = apply(load_order(name), world)
    drawn = priors.draw(world, 4, seed=5)
    case = trade.case_of(world, policy.iceberg, policy.tariff, None, deficits, Technology(), trade.Options())
    is_goods = np.array([True, False, True])
    drawing = Drawing(case, is_goods, lambda k: policy.moved(drawn.ladder_goods[k], drawn.ladder_services[k]))
    found = solve_draws(world, [drawing], drawn.theta, lambda label: None)
    for k in range(drawn.number):
        goods, services = policy.moved(drawn.ladder_goods[k], drawn.ladder_services[k])
        cost = policy.iceberg * np.exp(np.where(is_goods, goods[:, :, None], services[:, :, None]))
        eq = trade.solve(world, cost, policy.tariff, drawn.theta[k], deficits)
        assert found.status[0][k] is Status.OK is eq.status
        expected = eq.numbers("real_income_without_missing")
        np.testing.assert_allclose(found.over_supplied[0, k], expected, rtol=1e-9)
        np.testing.assert_allclose(
            found.base_income[0, k] * world.value_added.values.sum(), eq.numbers("base_income"), rtol=1e-9
        )


# What is said


def test_percentiles_and_signs_of_a_known_set() -> None:
    """101 draws from -40 to 60 percent: the points of a uniform; the second economy loses what it sells no more."""
    world = make_world()
    D, R = 101, len(world.economies)
    values = np.repeat(np.linspace(0.6, 1.6, D)[:, None], R, axis=1)
    missing = np.zeros(R, dtype=bool)
    missing[1] = True
    status = tuple(Status.OK for _ in range(D))
    incomes = Incomes(values[None], missing[None], np.ones((1, D, R)), (status,))
    cells, notes = ranges.of_draws(world, incomes, 0)
    np.testing.assert_allclose(cells["real_income_range"].values[0], [-35.0, 10.0, 55.0])
    np.testing.assert_allclose(cells["real_income_range"].values[1], -100.0)
    np.testing.assert_allclose(cells["real_income_without_missing_range"].values[1], [-35.0, 10.0, 55.0])
    assert cells["gaining_draws"].values[0] == pytest.approx(100 * 60 / 101)
    assert cells["losing_draws"].values[0] == pytest.approx(100 * 40 / 101)
    assert not notes


def test_draws_without_an_equilibrium_are_left_out_and_counted() -> None:
    world = make_world()
    R = len(world.economies)
    values = np.array([[1.1] * R, [np.nan] * R, [1.3] * R])
    status = (Status.OK, Status.MAX_STEPS, Status.OK)
    cells, notes = ranges.of_draws(
        world, Incomes(values[None], np.zeros((1, R), bool), np.ones((1, 3, R)), (status,)), 0
    )
    np.testing.assert_allclose(cells["real_income_range"].values[:, 1], 20.0)
    np.testing.assert_allclose(cells["world_real_income_range"].values[1], 20.0)
    assert (cells["gaining_draws"].values == 100.0).all()
    assert notes and notes[0].startswith("1 of 3 draws have no equilibrium")
    none, _ = ranges.of_draws(
        world,
        Incomes(
            values[None] * np.nan, np.zeros((1, R), bool), np.ones((1, 3, R)), ((Status.MAX_STEPS,) * 3,)
        ),
        0,
    )
    assert np.isnan(none["real_income_range"].values).all()
    assert np.isnan(none["gaining_draws"].values).all()


def test_orders_meet_the_same_draws_whoever_they_stand_beside(world: World) -> None:
    both = ec.compare(world, ["two-blocs", "open"], draws=8, seed=4)
    alone = ec.run(world, "open", draws=8, seed=4)
    found, expected = (data["real_income_draws"].values for data in (both["open"].data, alone.data))
    np.testing.assert_allclose(found, expected, rtol=0, atol=NOISE)
    assert alone.provenance.parameter_draws == 8
    assert alone.provenance.seed == 4
    assert "real_income_range" not in ec.run(world, "open", draws=0).data


def test_ranges_stand_in_rows_and_come_back_from_files(world: World, tmp_path: Path) -> None:
    result = ec.run(world, "open", draws=8)
    rows = result.to_frame().set_index(["variable", "economy", "quantile"])["value"]
    for level in ("p05", "median", "p95"):
        expected = result.data["real_income_range"].sel(economy="DEU", level=level).item()
        assert rows["real_income", "DEU", level] == expected
        assert np.isfinite(rows["world_real_income", "WORLD", level])
    again = ec.load_result(result.save(tmp_path / "r.nc"))
    assert again.hash == result.hash
    assert isinstance(again, ec.Result)
    assert again.provenance == result.provenance


def test_nothing_moves_in_a_world_that_stays_as_it_is(world: World) -> None:
    data = ec.run(world, "today", draws=8).data
    assert (data["real_income_draws"] == 0).all()
    assert (data["gaining_draws"] == 0).all()
    assert ranges.certainty(data) == {"gain": 0, "lose": 0, "open": 0}


def test_what_is_written_as_nothing_is_counted_as_nothing(world: World) -> None:
    """Below the printed precision nobody gains or loses; from it on they do, in table, report and app alike."""
    R = len(world.economies)
    changes = np.array([UNCHANGED * 1.01, UNCHANGED * 0.99, -UNCHANGED * 1.01, -UNCHANGED * 0.99, 1.0])
    change = np.resize(changes, R)
    change[4:] = 1.0
    values = np.repeat(1.0 + change[None] / 100.0, 40, axis=0)
    values[:3, 4] = 1.0 - 1.0 / 100.0  # 7.5 percent of draws fall, so that its sign is open
    incomes = Incomes(values[None], np.zeros((1, R), bool), np.ones((1, 40, R)), ((Status.OK,) * 40,))
    cells, _ = ranges.of_draws(world, incomes, 0)
    np.testing.assert_allclose(cells["gaining_draws"].values[:5], [100, 0, 0, 0, 92.5])
    np.testing.assert_allclose(cells["losing_draws"].values[:5], [0, 0, 100, 0, 7.5])
    shares = xr.Dataset({name: cells[name] for name in ("gaining_draws", "losing_draws")})
    assert ranges.certainty(shares) == {"gain": 1 + R - 5, "lose": 1, "open": 1}
    named = xr.DataArray(change[:5], coords={"economy": list("ABCDE")}, dims="economy")
    assert _extremes(named, losers=False) == "E +1.00, A +0.01"
    assert _extremes(named, losers=True) == "C -0.01"
    assert [signed(x) for x in change[:4]] == ["+0.01", "0.00", "-0.01", "0.00"]


def test_the_page_and_the_app_have_the_same_threshold() -> None:
    source = (Path(__file__).parents[1] / "web-ui" / "src" / "sentences.ts").read_text(encoding="utf-8")
    (number,) = re.findall(r"export const UNCHANGED = ([0-9.]+)", source)
    assert float(number) == UNCHANGED


# The command


def test_the_command_draws_as_many_as_the_library() -> None:
    import inspect

    from ecumene.cli.compare import compare

    assert inspect.signature(compare).parameters["draws"].default == ranges.DRAWS


def test_the_command_shows_ranges_or_the_point(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "world.nc"
    make_world().save(path)
    arguments = ["compare", "--world", str(path), "--orders", "open,two-blocs", "--economy", "DEU"]
    assert cli.main([*arguments, "--draws", "8"]) == 0
    drawn = capsys.readouterr().out
    assert "5 to 95 %" in drawn
    assert "5 to 95 % of 8 draws" in drawn
    (row,) = [
        line.split() for line in drawn.splitlines() if line.startswith("two-blocs") and len(line.split()) > 8
    ]
    found = ec.compare(ec.load_world(path), ["two-blocs"], draws=8)["two-blocs"].data[
        "world_real_income_range"
    ]
    assert float(row[2]) == pytest.approx(float(found.sel(level="median")), abs=0.00501)
    assert "Draws in which real income rises, percent" in drawn
    assert cli.main([*arguments, "--point"]) == 0
    plain = capsys.readouterr().out
    assert "low to high" in plain
    assert "draws" not in plain
