"""Revisions from a scenario to labelled numbers: seeds, checkpoints, regimes, shocks, loops and maps."""

from __future__ import annotations

import dataclasses
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from small_world import make_world

import ecumene as ec
from ecumene.alignment.evidence import incomes_of
from ecumene.cli import main
from ecumene.cli.evolution_tables import evolution_tables
from ecumene.errors import ScenarioError
from ecumene.evolution import paths
from ecumene.evolution.arrivals import drawn, losses
from ecumene.evolution.players import places_of
from ecumene.evolution.regimes import MIXED, regimes_of
from ecumene.evolution.revision import REGIMES, path_seeds
from ecumene.models import trade
from ecumene.models.stances import BLOC, CLOSED, OPEN, TARIFFS, Players, Stances, Surrogate, Terms
from ecumene.scenarios import scenario_from_text
from ecumene.security.assess import happening_of
from ecumene.shocks import shock_from_text
from ecumene.world import World

TEXT = """
name: three
years: 12
seed: 5
revision:
  players: [DEU, USA, CHN]
  blocs: {first: [DEU, USA]}
  behaviour: {responsiveness: 3, revisions_per_year: 0.5, pressure: 1, backlash_decay: 0.5}
  paths: 40
  checkpoints: [0, 12]
  hysteresis: {lowest: -20, highest: 40, steps: 25, years: 1}
  map:
    across: {parameter: pressure, lowest: 0, highest: 30, steps: 3}
    up: {parameter: compensation, lowest: 0, highest: 1, steps: 2}
    paths: 5
"""


@pytest.fixture(scope="module")
def found() -> ec.Evolution:
    return ec.evolve(make_world(), scenario_from_text(TEXT))


def test_the_same_seed_is_the_same_and_another_is_another(found: ec.Evolution) -> None:
    again = ec.evolve(make_world(), scenario_from_text(TEXT))
    assert again.hash == found.hash
    other = ec.evolve(make_world(), scenario_from_text(TEXT), seed=6)
    assert not np.array_equal(other.data["share_of_players"], found.data["share_of_players"])
    assert other.provenance.seed == 6


def test_first_paths_do_not_depend_on_their_number() -> None:
    assert path_seeds(3, 5) == path_seeds(3, 50)[:5]
    chance = np.array([0.3, 0.6])
    np.testing.assert_array_equal(drawn(chance, [4, 9], 20)[1], drawn(chance, [9], 20)[0])
    assert drawn(chance, list(range(200)), 50).mean(axis=(0, 1)) == pytest.approx(chance, abs=0.02)


def test_paths_in_portions_are_the_paths_together(
    found: ec.Evolution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Portions bound what is held at once, however many paths there are, and change no number."""
    held = []
    at = Surrogate.at
    monkeypatch.setattr(paths, "PORTION", 3000)
    monkeypatch.setattr(Surrogate, "at", lambda self, states: held.append(len(states)) or at(self, states))
    told: list[tuple[int, int, str]] = []
    again = ec.evolve(make_world(), scenario_from_text(TEXT), progress=lambda *what: told.append(what))
    assert again.hash == found.hash
    assert held[0] == 38  # of 40 paths, 13 years and 6 economies
    assert held[1] == 2
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert told[-1][0] == told[-1][1]  # what is counted is what there is to do
    stages = {label for _, _, label in told}
    assert {"paths drawn", "incomes on paths", "loop in expectation", "loop in drawn paths"} <= stages


def test_memory_stays_bounded_with_many_paths_and_years() -> None:
    """10,000 paths over 100 years: three numbers of a path, year and player, and portions; not every economy's."""
    text = "name: many\nyears: 100\nrevision: {players: [DEU, USA, CHN], paths: 10000}"
    scenario, world = scenario_from_text(text), make_world()
    tracemalloc.start()
    try:
        ec.evolve(world, scenario)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 8 * (3 * 10_000 * 101 * 3 + 5 * paths.PORTION)


def test_shares_add_up_and_the_start_is_today(found: ec.Evolution) -> None:
    data = found.data
    np.testing.assert_allclose(data["share_of_players"].sum("stance"), 1.0)
    np.testing.assert_allclose(data["mean_time_in_regime"].sum(), 1.0)
    assert (data["share_of_players"].sel(year=0, stance="open") == 1.0).all()
    assert float(data["share_of_players"].sel(player="CHN", stance="bloc").max()) == 0.0
    np.testing.assert_allclose(data["revised_real_income"].sel(year=0), 0.0, atol=1e-9)
    assert (data["stance_share"].sel(quantile="low") <= data["stance_share"].sel(quantile="high")).all()


def test_checkpoints_are_exact_equilibria_beside_the_surrogate(found: ec.Evolution) -> None:
    """With three players only states in which all three depart differ; every solve holds."""
    data = found.data
    gap = np.abs(data["exact_world"] - data["surrogate_world"])
    assert (gap <= data["surrogate_error"] + 1e-9).all()
    np.testing.assert_allclose(data["exact_world"].sel(checkpoint=0), 0.0, atol=1e-7)
    assert float(data["exact_residual"]) < 1e-9


def test_a_checkpoint_of_two_players_is_the_path_that_is_shown() -> None:
    """With two players the surrogate is exact: both numbers are the path's own."""
    text = """
name: two
years: 6
revision:
  players: [DEU, USA]
  behaviour: {pressure: 30, revisions_per_year: 1}
  paths: 1
  checkpoints: [0, 2, 6]
"""
    data = ec.evolve(make_world(), scenario_from_text(text)).data
    shown = data["revised_real_income"].sel(quantile="median", year=[0, 2, 6]).values
    assert shown[-1] < -0.5
    for both in ("exact_world", "surrogate_world"):
        np.testing.assert_allclose(data[both].sel(checked_path=1), shown, atol=1e-7)


def test_a_pressure_high_enough_closes_everybody_and_back(found: ec.Evolution) -> None:
    data = found.data
    assert float(data["closed_rising"][-1]) > 0.99
    assert float(data["closed_rising"][0]) < 0.01
    assert float(data["loop_width"]) == pytest.approx(float(data["closes_at"]) - float(data["opens_at"]))
    assert float(data["loop_width_drawn"]) > 0  # who revises now and then lags behind
    assert float(data["map_closed"].sel(across=30.0).min()) > 0.95
    assert (data["map_regime"].sel(across=30.0) == REGIMES.index("closed")).all()


def test_regimes_by_hand() -> None:
    """Two paths of three years; the first player has 60 % of income."""
    one = [[0, 0, 0], [CLOSED, 0, 0], [0, 0, BLOC]]
    other = [[0, BLOC, CLOSED], [0, CLOSED, CLOSED], [BLOC, BLOC, BLOC]]
    choice = np.array([one, other])
    made = regimes_of(choice, np.array([0.45, 0.35, 0.2]))
    assert made.regime.tolist() == [[0, 0, 0], [MIXED, CLOSED, BLOC]]
    np.testing.assert_allclose(made.time, [[1, 0, 0, 0, 0], [0, 1 / 3, 0, 1 / 3, 1 / 3]])
    assert made.closes.tolist() == [False, True]
    assert np.isnan(made.first[0])
    assert made.first[1] == 1
    assert made.returns == 1.0
    np.testing.assert_allclose(made.chosen[1, :, CLOSED], [0.5, 0.5, 0.5])


def test_what_stances_mean_stands_under_the_table() -> None:
    """The numbers of the scenario, and which stance is open under another name."""
    text = (
        TEXT[: TEXT.index("  hysteresis")]
        + "  policies: {tariff_points: %s, bloc_depth: 4, closed_tariff_points: 33}\n"
    )
    told, none = (ec.evolve(make_world(), scenario_from_text(text % points)) for points in (7.5, 0))
    (notes,) = ([*evolution_tables(told, make_world(), [])[0].footnotes],)
    assert "bloc, at least depth 4" in notes[0]
    assert "tariffs, 7.5 percentage points on goods from everybody" in notes[0]
    assert "33 percentage points on goods and a barrier of 10 %" in notes[0]
    assert not any("changes nothing" in note for note in notes)
    again = evolution_tables(none, make_world(), [])[0].footnotes
    assert next(note for note in again if "changes nothing" in note).startswith("Stances: tariffs")
    assert sum("changes nothing" in note for note in again) == 1


def test_tariffs_of_nothing_tie_with_open() -> None:
    """Nobody pays for a change: both are taken alike, whatever others do, and nobody else is touched."""
    quick = "behaviour: {responsiveness: 3, revisions_per_year: 1, switching_cost: 0}"
    rest = f"policies: {{tariff_points: 0}}, {quick}, paths: 2000"
    text = f"name: a\nyears: 30\nrevision: {{players: [DEU, USA], {rest}}}"
    found = ec.evolve(make_world(), scenario_from_text(text))
    data = found.data
    assert "bloc" not in evolution_tables(found, make_world(), [])[0].footnotes[0]  # nobody has one
    late = data["share_of_players"].isel(year=-1)
    both = late.sel(stance=["open", "tariffs"])
    np.testing.assert_allclose(both.sel(stance="open"), both.sel(stance="tariffs"), atol=0.05)
    assert float(both.sum("stance").min()) > 0.5


def test_a_shock_that_always_comes_costs_income_and_feeds_backlash(tmp_path: Path) -> None:
    quiet = """
name: calm
years: 3
revision:
  players: [DEU, USA]
  behaviour: {responsiveness: 50, switching_cost: 100, backlash_decay: 1}
  paths: 3
"""
    (tmp_path / "storm.yaml").write_text(
        "name: storm\ntitle: Storm\ndays: 90\ncapacity: [{economies: [DEU, USA], share: 0.5, length: 60}]\n"
    )
    (tmp_path / "stormy.yaml").write_text(quiet + "  shocks: [{shock: storm.yaml, per_year: 1}]\n")
    world = make_world()
    calm, storm = ec.evolve(world, scenario_from_text(quiet)), ec.evolve(world, tmp_path / "stormy.yaml")
    assert float(storm.data["shocks_arrived"]) == 3.0
    assert float(calm.data["shocks_arrived"]) == 0.0
    lost = storm.data["player_shock_loss"].sel(quantile="median", year=2)
    assert (lost >= 0).all()
    assert float(lost.max()) > 0
    more = (storm.data["backlash"] - calm.data["backlash"]).sel(quantile="median", year=2)
    np.testing.assert_allclose(more, lost, rtol=1e-6)


def test_a_shock_counts_the_share_of_a_year_that_it_lasts() -> None:
    """A tenth of consumption lost over 73 days is 2 percent of a year's; players are means of their members."""
    storm = shock_from_text(
        "name: storm\ntitle: Storm\ndays: 73\ncapacity: [{economies: DEU, share: 0.5, length: 60}]\n"
    )
    world = make_world()
    share = np.array([[0.25, 0.75, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0]])
    lost = np.array([10.0, 10.0, 5.0, 0, 0, 0])
    rule = (np.ones((6, 6, 3)), world.tariff.values)
    cost, _ = losses(
        world, [happening_of(storm, world, 0)], [rule, rule], share, lambda: None, lambda name, solve: (lost,)
    )
    np.testing.assert_allclose(cost, [[[2.0, 2.0], [1.0, 1.0]]])


def test_a_shock_of_the_scenario_is_raised_and_lowered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without it nobody closes; what it costs makes everybody close, and other numbers stay as without the loop."""
    world = make_world()
    world.save(tmp_path / "world.nc")
    (tmp_path / "storm.yaml").write_text(
        "name: storm\ntitle: Storm\ndays: 90\ncapacity: [{economies: [DEU, USA], share: 0.5, length: 60}]\n"
    )
    quiet = """
name: stormy
years: 4
revision:
  players: [DEU, USA]
  behaviour: {responsiveness: 5, backlash_weight: 50, compensation: 0, pressure: -30, revisions_per_year: 2}
  shocks: [{shock: storm.yaml, per_year: 0}]
  paths: 5
"""
    (tmp_path / "quiet.yaml").write_text(quiet)
    (tmp_path / "loop.yaml").write_text(quiet + "  hysteresis: {shock: storm.yaml, highest: 1, steps: 11}\n")
    without = ec.evolve(world, tmp_path / "quiet.yaml").data
    found = ec.evolve(world, tmp_path / "loop.yaml", folder=tmp_path / "kept").data
    np.testing.assert_array_equal(found["player_real_income"], without["player_real_income"])
    for way in ("closed_rising", "closed_falling"):
        assert float(found[way][0]) < 0.01
        assert float(found[way][-1]) > 0.99
    assert 0.0 < float(found["opens_at"]) <= float(found["closes_at"]) < 1.0
    assert float(found["closed_rising_drawn"].sel(quantile="median", raised=0.0)) == 0.0
    assert found["closes_at"].attrs["units"] == "share"
    call = ["evolve", str(tmp_path / "loop.yaml"), "--world", str(tmp_path / "world.nc")]
    assert main([*call, "--picture", str(tmp_path / "loop.svg")]) == 0
    assert "chance of storm.yaml in a year, raised and lowered" in capsys.readouterr().out
    assert "chance of storm.yaml in a year" in (tmp_path / "loop.svg").read_text()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("{shock: flood, highest: 1}", "flood is not among shocks"),
        ("{shock: flood}", "from 0 to 10; give lowest and highest from 0 to 1"),
        ("{shock: flood, lowest: -1, highest: 1}", "from -1 to 1"),
    ],
)
def test_loops_that_cannot_be_are_told(change: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        scenario_from_text(TEXT.replace("{lowest: -20, highest: 40, steps: 25, years: 1}", change))


def test_a_loop_without_decay_is_refused_before_anything_is_solved() -> None:
    with pytest.raises(ScenarioError, match="the backlash never rests"):
        scenario_from_text(TEXT.replace("backlash_decay: 0.5", "backlash_decay: 0"))


def unlike() -> World:
    """Two economies that each make what the other buys, and one between them: sectors beside imports would gain by
    closing."""
    makes = np.array([[4.0, 1.0], [1.0, 4.0], [2.0, 2.0]])
    links = 100.0 * makes[:, None, :] * (1.0 + 3.0 * np.eye(3)[:, :, None])
    return World.from_trade(
        links, np.ones((3, 2)), np.zeros((3, 2, 2)), economies=["DEU", "USA", "CHN"], sectors=["Food", "Steel"],
        theta=np.full(2, 5.0), deficits="fixed",
    )  # fmt: skip


STILL = """
name: still
years: 3
revision:
  players: [DEU, USA, CHN]
  start: {USA: tariffs}
  behaviour: {responsiveness: 50, switching_cost: 100, backlash_decay: 1, compensation: 0.0}
  paths: 2
"""
"""Nobody moves, and the backlash of a year is what losers lose in it."""


def test_incomes_of_players_are_means_by_income_against_the_start() -> None:
    """Nobody moves from a start that is not today: no change. A union counts its members by their base income."""
    shown = ec.evolve(unlike(), scenario_from_text(STILL)).data
    assert abs(float(shown["exact_world"].sel(checkpoint=0)[0])) < 1e-9
    np.testing.assert_allclose(shown["player_real_income"], 0.0, atol=1e-9)
    world = make_world()
    wanted = scenario_from_text("name: x\nrevision: {players: [EU, USA, CHN]}\n").revision
    assert wanted is not None
    found = places_of(world, wanted)
    income = world.income.values
    np.testing.assert_allclose(found.share[0], [*income[:2] / income[:2].sum(), 0, 0, 0, 0])
    np.testing.assert_allclose(found.size, np.array([income[:2].sum(), *income[2:4]]) / income[:4].sum())


def test_losers_are_sectors_that_would_earn_more_were_their_economy_closed() -> None:
    """By the public solve, sectors bound in place, one after another."""
    world = unlike()
    found = ec.evolve(world, scenario_from_text(STILL)).data["backlash"].sel(quantile="median")
    exact = Stances(
        incomes_of(world), Players(np.arange(3), np.full(3, -1)), Terms(3, 0.05, 0.0, 0.1, 0.25, 0.1, 0)
    )
    share = world.value_added.values / world.value_added.values.sum(axis=1, keepdims=True)
    start = [OPEN, TARIFFS, OPEN]
    for i in range(3):
        wage = []
        for stance in (start[i], CLOSED):
            iceberg, tariff = exact.rules(np.array([*start[:i], stance, *start[i + 1 :]]))
            eq = trade.solve(world, iceberg=iceberg, tariff=tariff, mobility=1.0).raise_unless_ok()
            wage.append(eq.sector_wage.values[i] / eq.price_index.values[i])
        gain = [max(wage[1][s] / wage[0][s] - 1.0, 0.0) for s in range(2)]
        by_hand = 100.0 * sum(share[i, s] * gain[s] for s in range(2))
        assert (by_hand > 0.1) == (i < 2)  # what CHN makes is what it buys
        np.testing.assert_allclose(found[1:, i], by_hand, atol=1e-6)


def test_the_backlash_that_is_shown_is_what_compensation_leaves() -> None:
    """In the unit of the scenario's threshold."""
    whole, quarter, none = (
        ec.evolve(unlike(), scenario_from_text(STILL.replace("0.0}", f"{share}}}"))).data["backlash"]
        for share in (0.0, 0.75, 1.0)
    )
    assert float(whole.max()) > 0.1
    np.testing.assert_allclose(quarter, 0.25 * whole)
    np.testing.assert_array_equal(none, 0.0)


def test_the_threshold_is_one_of_what_compensation_leaves() -> None:
    """Half of a stock of 0.35 is left, above 0.15 and below 0.2."""
    base = STILL.replace("switching_cost: 100", "switching_cost: 5").replace("years: 3", "years: 12")
    base = base.replace("0.0}", "0.5, backlash_weight: 0, jump: 100, threshold: T}")
    above, below = (
        ec.evolve(unlike(), scenario_from_text(base.replace("T}", f"{level}}}"))).data["share_of_players"]
        for level in (0.15, 0.2)
    )
    assert float(above.sel(stance="closed").max()) > 0.0
    assert float(below.sel(stance="closed").max()) == 0.0


def test_losers_compensated_in_full_close_nothing() -> None:
    """The same paths as without a weight; uncompensated they close."""
    base = STILL.replace("switching_cost: 100", "switching_cost: 0").replace("years: 3", "years: 20")
    shares = [
        ec.evolve(unlike(), scenario_from_text(base.replace("compensation: 0.0", more))).data[
            "share_of_players"
        ]
        for more in ("backlash_weight: 0", "backlash_weight: 100, compensation: 1.0", "backlash_weight: 100")
    ]
    np.testing.assert_array_equal(shares[0], shares[1])
    assert float(shares[0].sel(stance="closed").max()) == 0.0
    assert float(shares[2].sel(stance="closed").max()) > 0.4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("players: [DEU, USA, CHN, Atlantis]", "players\\[3\\]: 'Atlantis' is no economy"),
        ("players: [DEU, USA, CHN, EU]", "players\\[3\\]: DEU is in EU and in DEU"),
    ],
)
def test_players_that_the_world_does_not_have_are_told(change: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        ec.evolve(make_world(), scenario_from_text(TEXT.replace("players: [DEU, USA, CHN]", change)))


def test_shocks_that_nobody_knows_are_told_together() -> None:
    text = TEXT + "  shocks: [{shock: flood, per_year: 0.1}, {shock: random, per_year: 0.1}]\n"
    with pytest.raises(ScenarioError) as caught:
        ec.evolve(make_world(), scenario_from_text(text))
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "revision.shocks[0]",
        "revision.shocks[1]",
    ]


def test_the_command_shows_every_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = tmp_path / "world.nc"
    make_world().save(world)
    (tmp_path / "three.yaml").write_text(TEXT)
    call = [
        "evolve",
        str(tmp_path / "three.yaml"),
        "--world",
        str(world),
        "--picture",
        str(tmp_path / "a.svg"),
    ]
    assert main([*call, "--netcdf", str(tmp_path / "a.nc")]) == 0
    printed = capsys.readouterr().out
    for part in (
        "Time in each regime",
        "Players in year 12",
        "Checkpoints",
        "width of the loop",
        "compensation by",
    ):
        assert part in printed
    assert (tmp_path / "a.svg").read_text().count("<text") > 20
    loaded = ec.load_result(tmp_path / "a.nc")
    assert isinstance(loaded, ec.Evolution)
    assert dataclasses.replace(loaded).hash == loaded.hash
