"""Plans of economies of a world: what is read from the world, an order's prices, files, and the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from random_worlds import random_world
from small_world import ECONOMIES, make_world

import ecumene as ec
from ecumene.errors import InputError
from ecumene.models import planning
from ecumene.planning.accounts import base_trade, economy_of
from ecumene.planning.prices import trade_under
from ecumene.planning.uses import final_uses
from ecumene.plans import Learning, Settings, settings_from_text
from ecumene.runs import equilibrium
from ecumene.world import World


def with_uses(world: World, uses: dict[str, float]) -> World:
    """The same world with its one final use split into several, by shares."""
    Z, Y = world.flows()
    R = len(world.economies)
    split = np.stack([share * Y.reshape(len(Z), R, -1).sum(axis=2) for share in uses.values()], axis=2)
    return World.from_flows(
        Z, split.reshape(len(Z), -1), economies=world.economies, sectors=world.sectors, final_uses=tuple(uses),
        theta=world.theta.values, year=world.year, source="split",
    )  # fmt: skip


KEEPS_BASE = settings_from_text("required: 1.0\nyears: 3\n")


# What is read from a world -----------------------------------------------------------------------------


def test_the_base_of_every_economy_is_a_plan() -> None:
    world = with_uses(make_world(), {"households": 0.6, "government": 0.15, "GFCF": 0.2, "inventories": 0.05})
    for n, code in enumerate(ECONOMIES):
        found = planning.plan(planning.prepare(economy_of(world, n, KEEPS_BASE).programme))
        assert found.status is planning.PlanStatus.OPTIMAL, code
        assert found.living_standard.min() >= 1 - 1e-7


def test_the_base_of_a_random_world_with_tariffs_is_a_plan() -> None:
    world = random_world(4, 3, np.random.default_rng(4))
    for n in range(4):
        found = planning.plan(planning.prepare(economy_of(world, n, KEEPS_BASE).programme))
        assert found.status is planning.PlanStatus.OPTIMAL
        assert found.living_standard.min() >= 1 - 1e-7


@pytest.mark.slow
def test_the_base_of_every_economy_of_wiod_is_a_plan(shared: Path) -> None:
    world = ec.load_world(f"wiod:{shared / 'data' / 'wiod' / 'wiod2011.npz'}")
    for n, code in enumerate(world.economies):
        made = economy_of(world, n, Settings(years=1))
        prepared = planning.prepare(made.programme)
        with planning.keeping(prepared, made.least):
            found = planning.plan(prepared)
        assert found.status is planning.PlanStatus.OPTIMAL, code
        assert found.living_standard.min() >= 1 - 1e-7, code


@pytest.mark.slow
def test_the_base_of_every_economy_of_the_reference_world_is_a_plan() -> None:
    world = ec.load_world("reference")
    for n, code in enumerate(world.economies):
        made = economy_of(world, n, Settings(years=1))
        prepared = planning.prepare(made.programme)
        with planning.keeping(prepared, made.least):
            found = planning.plan(prepared)
        assert found.status is planning.PlanStatus.OPTIMAL, code
        assert found.living_standard.min() >= 1 - 1e-7, code


def test_the_programme_is_made_of_the_worlds_own_accounts() -> None:
    world = with_uses(make_world(), {"households": 0.7, "gfcf": 0.3})
    n = world.economies.index("DEU")
    made = economy_of(world, n, Settings(depreciation=0.1))
    p, output = made.programme, world.output.values[n]
    # A is total inputs: of all origins together.
    np.testing.assert_allclose(p.inputs * output, world.intermediate.values[n], rtol=1e-12)
    np.testing.assert_allclose(p.needs, 0.7 / 0.3 * made.uses.investment, rtol=1e-12)
    # Base investment replaces what wears off, and is in no need.
    np.testing.assert_allclose(p.investment @ (0.1 * output), made.uses.investment, rtol=1e-12)
    np.testing.assert_allclose(p.labour @ output, [world.value_added.values[n].sum()], rtol=1e-12)
    np.testing.assert_allclose(
        output + p.imports - p.exports, p.inputs @ output + p.needs + made.uses.investment, rtol=1e-9
    )
    deficit = (p.import_price * p.imports).sum() - (p.export_price * p.exports).sum()
    assert deficit == pytest.approx(float(world.deficit.values[n]), rel=1e-9)
    assert p.transfer == pytest.approx(max(deficit, 0.0), rel=1e-9)


def test_an_import_costs_what_it_is_worth_before_duties() -> None:
    world = random_world(3, 2, np.random.default_rng(2))
    trade = base_trade(world, 1)
    paid = float((trade.import_price * trade.imports).sum())
    assert paid == pytest.approx(float(world.imports.values[1]), rel=1e-12)
    assert (trade.import_price < 1).any()


def test_final_uses_are_recognised_named_or_assumed() -> None:
    base = make_world()
    plain = final_uses(base, 0, Settings(investment_share=0.3))
    assert plain.investment.sum() == pytest.approx(0.3 * float(base.final.values[0].sum()))
    assert "assumption" in plain.notes[0]
    odd = with_uses(base, {"eat": 0.5, "build": 0.3, "store": 0.2})
    with pytest.raises(InputError, match=r"eat, build, store.*uses: \{investment"):
        final_uses(odd, 0, Settings())
    named = final_uses(odd, 0, settings_from_text("uses: {investment: build, stocks: store}"))
    assert named.consumption.sum() == pytest.approx(0.5 * float(odd.final.values[0].sum()))
    assert named.stocks.sum() == pytest.approx(0.2 * float(odd.final.values[0].sum()))
    with pytest.raises(InputError, match="lend, which this world lacks"):
        final_uses(odd, 0, settings_from_text("uses: {investment: lend}"))


# An order's prices -------------------------------------------------------------------------------------


def test_today_changes_no_price_and_an_autarky_sells_nothing() -> None:
    world = make_world(deficits="fixed")
    chosen, eq = equilibrium(world, "today")
    trade, base = trade_under(world, 0, eq, chosen.name), base_trade(world, 0)
    for name in ("imports", "import_price", "exports", "export_price"):
        np.testing.assert_allclose(getattr(trade, name), getattr(base, name), rtol=1e-9)
    chosen, eq = equilibrium(world, "self-sufficient")
    closed = trade_under(world, 0, eq, chosen.name)
    np.testing.assert_array_equal(closed.imports, 0.0)
    np.testing.assert_array_equal(closed.exports, 0.0)
    assert "nobody sells" in closed.notes[1]


def test_import_prices_are_those_of_the_equilibrium() -> None:
    world = make_world(deficits="fixed")
    chosen, eq = equilibrium(world, "two-blocs")
    n, s = world.economies.index("GEO"), 1
    origins = [i for i in range(len(world.economies)) if i != n]
    bought = world.trade.values[origins, n, s]
    theta = float(world.theta.values[s])
    dearer = eq.iceberg[origins, n, s] * eq.unit_cost.values[origins, s]
    by_hand = float((bought / bought.sum() * dearer**-theta).sum() ** (-1 / theta))
    trade = trade_under(world, n, eq, chosen.name)
    assert trade.import_price[s] == pytest.approx(by_hand, rel=1e-9)
    assert trade.export_price[s] == pytest.approx(float(eq.unit_cost.values[n, s]), rel=1e-12)
    sold = eq.trade.values[n, origins, s].sum() / eq.unit_cost.values[n, s]
    assert trade.exports[s] == pytest.approx(sold, rel=1e-7)


# The whole ---------------------------------------------------------------------------------------------


def test_a_plan_holds_together_and_comes_back_from_its_file(tmp_path: Path) -> None:
    world = make_world()
    said: list[tuple[int, int, str]] = []
    found = ec.plan(
        world, "georgia", years=3, import_cut=0.8, frontier=(0.0, 1.0), break_even=True, bottlenecks=3,
        progress=lambda done, total, label: said.append((done, total, label)),
    )  # fmt: skip
    assert found.economy == "GEO"
    assert found.feasible
    data = found.data
    for name in ("primal_residual", "dual_residual", "gap"):
        assert abs(float(data[name])) < 1e-6
    used = world.intermediate.values[5] / world.output.values[5]
    spent = (
        data["output"].values @ used.T + data["living_standard"].values[:, None] * data["base_needs"].values
    )
    invested = data["new_capacity"].values @ economy_of(world, 5, Settings()).programme.investment.T
    supplied = data["output"].values + data["imports"].values - data["exports"].values
    np.testing.assert_allclose(
        supplied - spent - invested, data["surplus"].values, atol=1e-6 * supplied.max()
    )
    assert (data["imports"].values <= 0.2 * data["base_imports"].values + 1e-6).all()
    assert said[-1][0] == said[-1][1]
    assert float(data["frontier_living_standard"][0]) >= float(data["frontier_living_standard"][1])
    found.save(tmp_path / "plan.nc")
    back = ec.load_result(tmp_path / "plan.nc")
    assert back.data.identical(data)
    assert back.hash == found.hash
    assert isinstance(back, ec.PlanResult)
    frame = found.to_frame()
    for suffix, read in ((".csv", pd.read_csv), (".parquet", pd.read_parquet)):
        found.export(tmp_path / f"plan{suffix}")
        values = read(tmp_path / f"plan{suffix}")["value"].to_numpy()
        np.testing.assert_allclose(values, frame["value"].to_numpy(), rtol=1e-12)
    notes = " ".join(found.provenance.notes)
    for words in (
        "Labour is proxied by value added",
        "base investment holds base capacity",
        "no investment apart",
    ):
        assert words in notes


def test_progress_of_learning_reaches_its_total() -> None:
    said: list[tuple[int, int, str]] = []
    settings = Settings(years=3, learning=Learning(rate=0.05, rounds=20))
    found = ec.plan(
        make_world(), "GEO", settings=settings, bottlenecks=0,
        progress=lambda done, total, label: said.append((done, total, label)),
    )  # fmt: skip
    assert [label for *_, label in said].count("learning") < 20  # it settles before its last round
    assert said[-1][:2] == (22, 22)
    assert float(found.data["learning_change"]) <= 1e-3


def test_a_standard_out_of_reach_names_what_is_missing() -> None:
    world = make_world(missing=("GEO", "Manufactures"))
    found = ec.plan(world, "GEO", import_cut=1.0, required=0.5, years=2, bottlenecks=0)
    assert not found.feasible
    assert np.isnan(found.data["living_standard"].values).all()
    lacking = found.data["shortage"].sum("year")
    assert float(lacking.sel(sector="Manufactures")) > 0
    assert bool(found.data["unmade"].sel(sector="Manufactures"))
    assert np.isnan(float(found.data["mean_living_standard"]))


def test_techniques_of_others_can_only_help_and_make_what_is_missing() -> None:
    world = make_world(missing=("GEO", "Manufactures"))
    cut = (0.0, 0.0, 0.0, 1.0, 1.0, 1.0)  # the first machines come from abroad
    alone = ec.plan(world, "GEO", years=6, import_cut=cut, bottlenecks=0)
    copied = ec.plan(
        world, "GEO", settings=Settings(techniques=("world",)), years=6, import_cut=cut, bottlenecks=0
    )
    assert float(copied.data["value"]) >= float(alone.data["value"]) - 1e-9
    assert float(alone.data["living_standard"][-1]) == pytest.approx(0.0, abs=1e-8)
    assert float(copied.data["living_standard"][-1]) > 0.1
    assert "Manufactures (world)" in copied.data["technique"].values


def test_frontiers_side_by_side_are_those_of_each_alone() -> None:
    world = make_world()
    both = ec.plan_frontiers(world, ["DEU", "GEO"], years=2, cuts=(0.0, 0.5, 1.0), workers=2)
    alone = ec.plan(world, "GEO", years=2, frontier=(0.0, 0.5, 1.0), bottlenecks=0)
    np.testing.assert_allclose(
        both.data["frontier_value"].sel(economy="GEO").values, alone.data["frontier_value"].values, rtol=1e-9
    )
    assert (both.data["frontier_status"].values == 0).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"economy": "Atlantis"}, ["no economy 'Atlantis'"]),
        ({"economy": "Germny"}, ["Germany"]),
        ({"economy": 3}, ["economy is 3"]),
        ({"years": 0}, ["years"]),
        ({"years": 2.5}, ["years"]),
        ({"import_cut": 1.5}, ["import_cut"]),
        ({"import_cut": (0.1, 0.2)}, ["2 years of 5"]),
        ({"import_cut": "half"}, ["import_cut"]),
        ({"required": -1}, ["required"]),
        ({"required": ()}, ["0 years of 5"]),
        ({"required": float("nan")}, ["1 problem\n", "finite"]),
        ({"horizon": "endless"}, ["horizon", "short"]),
        ({"bottlenecks": -1}, ["bottlenecks is -1"]),
        ({"frontier": (0.2, 7)}, ["frontier is"]),
        ({"settings": 5}, ["settings is 5"]),
        ({"settings": "absent.yaml"}, ["absent.yaml"]),
        ({"settings": Settings(techniques=("ZZZ",))}, ["techniques names ZZZ"]),
        ({"settings": Settings(techniques=("GEO",))}, ["twice, or the planned one"]),
        ({"order": "two-blocks"}, ["two-blocs"]),
    ],
)
def test_what_a_plan_refuses(arguments: dict, words: list[str]) -> None:
    with pytest.raises(InputError) as refused:
        ec.plan(make_world(), **{"economy": "GEO", **arguments})
    for word in words:
        assert word in str(refused.value)


# The command line --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "small.ecumene"
    make_world().save(path)
    return path


def command(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    run = [sys.executable, "-m", "ecumene", "plan", *map(str, arguments)]
    env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    return subprocess.run(run, capture_output=True, text=True, timeout=120, check=False, env=env, **options)


def test_the_command_prints_tables_and_writes_files(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("credit: 0.5\nimport_cut: 0.2\n")
    done = command(
        *("--economy", "GEO", "--world", saved, "--settings", tmp_path / "mine.yaml", "--years", "2"),
        *("--import-cut", "1", "--frontier", "--break-even", "--out", tmp_path / "out"),
    )
    assert done.returncode == 0, done.stderr
    for words in ("Plan of GEO", "Goods that are missing", "Bottlenecks", "import cut", "gain", "100%"):
        assert words in done.stdout
    assert "solving import cut 50%" in done.stderr
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"plan.nc", "plan.csv", "plan.json", "plan.txt"}
    settings = json.loads(ec.load_result(tmp_path / "out" / "plan.nc").data.attrs["settings"])
    assert (settings["credit"], settings["import_cut"], settings["years"]) == (0.5, [1.0], 2)


def test_a_plan_out_of_reach_leaves_with_one_and_says_what_is_missing(saved: Path) -> None:
    done = command("--economy", "GEO", "--world", saved, "--required", "9", "--json", "--quiet")
    assert done.returncode == 1
    assert "GEO cannot reach the required living standard" in done.stderr
    document = json.loads(done.stdout)
    assert document["kind"] == "plan"
    assert document["variables"]["status"]["values"] == 1
    assert document["variables"]["mean_living_standard"]["values"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--economy RUS"),
        (["--economy", "ZZZ"], "no economy 'ZZZ'"),
        (["--economy", "GEO", "--years", "0", "--import-cut", "2"], "import_cut"),
    ],
)
def test_bad_options_leave_with_two(saved: Path, arguments: list[str], words: str) -> None:
    done = command("--world", saved, *arguments)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_request_to_stop_ends_a_plan_cleanly(tmp_path: Path) -> None:
    run = [
        sys.executable,
        "-m",
        "ecumene",
        "plan",
        "--economy",
        "USA",
        "--years",
        "50",
        "--bottlenecks",
        "1000",
    ]
    running = subprocess.Popen(
        [*run, "--out", str(tmp_path / "out")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    assert "solving plan" in running.stderr.readline()  # many short solves follow
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=300)
    assert running.returncode == 130, said
    assert "interrupted" in said
    assert "Traceback" not in said
    assert not (tmp_path / "out").exists()
