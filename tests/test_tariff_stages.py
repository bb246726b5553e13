"""Three stages of a tariff conflict: their order, what proves them, orders that hold them, and rates kept on disk."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_world import make_world
from test_tariffs import ZERO, two_countries, worlds

import ecumene as ec
from ecumene.errors import InputError, SolveError
from ecumene.models import tariff_stages, tariffs, trade
from ecumene.models.tariff_game import game_of
from ecumene.models.tariff_stages import Kept, Staged, staged
from ecumene.orders import order_from_text
from ecumene.types import FloatArray
from ecumene.world import World

FACTORS = (0.95, 1.0, 1.05)
GAME = "name: mine\ntitle: Mine\ntariff_game: {players: [USA, CHN, RUS], highest_percent: 100, stage: "


@cache
def small() -> World:
    return make_world()


def _log_income(world: World, found: Staged) -> FloatArray:
    eq = trade.solve(world, tariff=found.tariff, **ZERO).raise_unless_ok()
    return np.log(eq.real_income.values)


def test_stages_of_equals_follow_the_theory() -> None:
    """The first gains, a reply takes more than it gained, and at Nash both have lost what formulas say."""
    world = two_countries(5.0, (1.0, 1.0))
    players = {"one": ["one"], "two": ["two"]}
    alone, reply, war = (staged(world, players, stage, case=ZERO) for stage in tariff_stages.STAGES)
    before, answered, after = (_log_income(world, each) for each in (alone, reply, war))
    assert before[0] > 1e-3 > -1e-3 > before[1]
    assert answered[0] == pytest.approx(answered[1], abs=1e-10)
    assert answered[0] < 0 < before[0] and answered[1] > before[1]
    assert 100 * after == pytest.approx([-1.1385] * 2, abs=5e-5)
    assert reply.paid["one"] == reply.paid["two"] == alone.paid["one"]
    assert list(alone.paid) == ["one"] and not reply.left
    assert reply.tariff[0, 1, 0] == reply.tariff[1, 0, 0]


def test_a_stage_equals_the_direct_search() -> None:
    world = worlds(1)
    players = {"union": ["E000", "E002"], "E001": ["E001"]}
    war = staged(world, players, case=ZERO)
    direct = tariffs.nash(world, players, case=ZERO)
    assert np.abs(war.tariff - direct.equilibrium.tariff).max() < 1e-8
    assert max(war.left.values()) <= tariffs.CERTIFIED_GAIN and max(war.slopes.values()) < 1e-6
    alone = staged(world, players, "unilateral", case=ZERO)
    best = tariffs.optimal(world, {"union": ["E000", "E002"]}, restarts=1, case=ZERO)
    assert alone.rates["union"][0] == pytest.approx(float(best.rates), abs=1e-8)
    assert np.abs(alone.tariff - best.equilibrium.tariff).max() < 1e-8


def test_a_reply_by_sector_mirrors_what_was_met() -> None:
    world = worlds(3)
    found = staged(world, {"E001": ["E001"], "pair": ["E000", "E003"]}, "reply", "sector", case=ZERO)
    for n in (0, 3):
        assert found.tariff[1, n] == pytest.approx(found.tariff[n, 1])
    assert (found.tariff[2, [0, 3]] == world.tariff.values[2, [0, 3]]).all()
    assert found.lowest["E001"] < found.paid["E001"] < found.highest["E001"]


def test_spared_links_keep_their_tariffs() -> None:
    world = worlds(1)
    spared = np.zeros((4, 4), dtype=bool)
    spared[0, 1] = spared[1, 0] = True
    found = staged(world, {"E000": ["E000"], "E001": ["E001"]}, spared=spared, case=ZERO)
    for i, n in ((0, 1), (1, 0)):
        assert (found.tariff[i, n] == world.tariff.values[i, n]).all()
    assert len(np.unique(found.tariff[[2, 3], 0])) == 1
    everything = np.ones((4, 4), dtype=bool)
    with pytest.raises(InputError, match="E000 imports no goods that it may tax"):
        staged(world, {"E000": ["E000"]}, spared=everything, case=ZERO)


@settings(max_examples=4, deadline=None, derandomize=True)
@given(st.integers(0, 30))
def test_stages_are_ordered_on_random_worlds(seed: int) -> None:
    """Alone the first never loses, nobody does better for it by answering in kind, and Nash is nobody's to leave."""
    world = worlds(seed)
    players = {name: [name] for name in world.economies[:3]}
    base = np.log(trade.solve(world, **ZERO).real_income.values)
    alone, reply, war = (staged(world, players, stage, case=ZERO) for stage in tariff_stages.STAGES)
    assert _log_income(world, alone)[0] >= base[0] - 1e-9
    assert max(war.left.values()) <= tariffs.CERTIFIED_GAIN
    mine = np.array(war.tariff)
    at = _log_income(world, war)
    for rate in (0.0, 0.15, 0.5):
        mine[:, 1] = np.where(np.arange(4)[:, None] == 1, 0.0, rate)
        other = trade.solve(world, tariff=mine, **ZERO).raise_unless_ok()
        assert np.log(other.real_income.values[1]) <= at[1] + 1e-9
    assert (reply.tariff[0, 1:3] == alone.tariff[1:3, 0]).all()


def test_kept_rates_count_only_where_they_are_flat() -> None:
    world = two_countries(5.0, (1.0, 3.0))
    players = {"one": ["one"], "two": ["two"]}
    found = staged(world, players, case=ZERO)
    again = staged(world, players, kept=Kept(found.rates, found.left), case=ZERO)
    assert again.kept and not found.kept
    assert (again.tariff == found.tariff).all() and max(again.slopes.values()) < 1e-6
    bad = [
        Kept({**found.rates, "one": found.rates["one"] + 1e-3}, found.left),
        Kept({**found.rates, "one": np.array([np.nan])}, found.left),
        Kept({**found.rates, "one": np.array([0.1, 0.2])}, found.left),
        Kept({**found.rates, "one": np.array([5.0])}, found.left),
        Kept({**found.rates, "one": np.array([-3.0])}, found.left),
        Kept({"one": found.rates["one"]}, found.left),
        Kept(found.rates, {"one": 1e-3, "two": 0.0}),
        Kept(found.rates, {"one": np.nan, "two": 0.0}),
    ]
    for kept in bad:
        anew = staged(world, players, kept=kept, case=ZERO)
        assert not anew.kept and (anew.tariff == found.tariff).all()


def test_a_stage_without_certificate_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    world = two_countries(5.0, (1.0, 1.0))
    monkeypatch.setattr(tariff_stages, "_FLAT", 1e-30)
    with pytest.raises(SolveError, match=r"ended at a slope of .* use narrower bounds"):
        staged(world, {"one": ["one"]}, "unilateral", case=ZERO)


@pytest.mark.parametrize(
    ("players", "options", "message"),
    [
        ({"E000": ["E000"]}, {"stage": "war"}, "choose one of unilateral, reply, nash"),
        ({"E000": ["E000"]}, {"stage": "reply"}, "needs a second player"),
        ({}, {"stage": "unilateral"}, "needs players"),
        ({"a": ["E000"], "b": ["E000"]}, {}, "in a and in b"),
        ({"E000": ["E000"]}, {"bounds": (-2.0, 1.0)}, "above -1"),
        ({"E000": ["E000"]}, {"spared": np.zeros(3, dtype=bool)}, "origin x destination"),
    ],
)
def test_what_cannot_be_played_is_named(players: dict, options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        staged(worlds(0), players, **options)


def test_a_run_shows_the_tariffs_that_its_players_chose(tmp_path: Path) -> None:
    order = order_from_text(GAME + "nash}")
    result = ec.run(small(), order, theta_factors=FACTORS, tariffs_folder=tmp_path)
    direct = tariffs.nash(
        small(), ["USA", "CHN", "RUS"], bounds=(0.0, 1.0), case={"deficits": small().deficits}
    )
    rates = result.data["set_tariff"]
    for name, rate in direct.rates.items():
        assert rates.sel(economy=name).item() == pytest.approx(100 * float(rate), abs=1e-6)
    assert np.isnan(rates.sel(economy=["DEU", "FRA", "GEO"]).values).all()
    assert float(result.data["best_answer_gain"].max()) <= 100 * tariffs.CERTIFIED_GAIN
    assert result.data["real_income"].sel(economy="USA", quantile="central").item() == pytest.approx(
        100 * (direct.equilibrium.real_income.sel(economy="USA").item() - 1), abs=1e-6
    )
    (note,) = [note for note in result.provenance.notes if "stage nash" in note]
    assert "searched" in note and "largest slope" in note

    again = ec.run(small(), order, theta_factors=FACTORS, tariffs_folder=tmp_path)
    assert again.hash == result.hash
    assert any("read back from an earlier search and verified" in note for note in again.provenance.notes)
    (kept,) = tmp_path.glob("*.json")
    text = json.loads(kept.read_text())
    for spoilt in ("", "{}", "[]", '{"rates": 3, "left": {}}', json.dumps({**text, "rates": {"USA": [0.5]}})):
        kept.write_text(spoilt)
        anew = ec.run(small(), order, theta_factors=FACTORS, tariffs_folder=tmp_path)
        assert anew.hash == result.hash
        assert any("searched" in note for note in anew.provenance.notes), spoilt


def test_orders_with_and_without_a_game_stand_side_by_side(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    orders = ["today", order_from_text(GAME + "unilateral}")]
    table = ec.compare(
        small(),
        orders,
        theta_factors=FACTORS,
        draws=0,
        progress=lambda done, total, _: steps.append((done, total)),
    )
    assert steps[-1] == (7, 7)
    rates = table.data["set_tariff"]
    assert np.isnan(rates.sel(order="today").values).all()
    assert rates.sel(order="mine", economy="USA").item() > 0
    assert np.isnan(rates.sel(order="mine", economy="CHN").item())
    path = table.save(tmp_path / "table.nc")
    back = ec.load_result(path)
    assert back.hash == table.hash
    frame = table.to_frame()
    assert set(frame.query("variable == 'set_tariff'")["economy"]) == set(small().economies)


def test_a_game_without_equilibrium_fails_its_order_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tariff_stages, "_FLAT", 1e-30)
    table = ec.compare(small(), ["today", order_from_text(GAME + "unilateral}")], theta_factors=FACTORS)
    assert table.orders == ("today",)
    assert "order 'mine': the tariff game" in table.failed["mine"]


def test_nation_first_is_nash_of_the_largest_on_a_small_world() -> None:
    """DEU, FRA are one customs union in 2019; nobody's links of depth 3 or more are touched."""
    result = ec.run(small(), "nation-first", theta_factors=FACTORS)
    rates = result.data["set_tariff"]
    assert rates.sel(economy="DEU").item() == rates.sel(economy="FRA").item() > 0
    assert (rates > 0).all()
    assert float(result.data["best_answer_gain"].max()) <= 1e-4
    assert result.data["world_real_income"].sel(quantile="central").item() < 0


def test_nobody_plays_where_nobody_may_tax() -> None:
    alone = World.from_trade(
        np.array([[[8.0], [2.0]], [[2.0], [8.0]]]), np.ones((2, 1)), np.zeros((2, 1, 1)),
        economies=["DEU", "FRA"], sectors=["goods"], theta=[4.0], year=2019,
    )  # fmt: skip
    result = ec.run(alone, "nation-first", theta_factors=FACTORS)
    assert "set_tariff" not in result.data
    assert any("Nobody plays the tariff game" in note for note in result.provenance.notes)
    assert abs(result.data["real_income"].values).max() < 1e-6


def test_an_error_in_one_thread_stops_the_others_before_their_next_equilibrium() -> None:
    game = game_of(worlds(0), list(worlds(0).economies), "uniform", None, None, ZERO, trade.Options(), 2)
    solved: list[int] = []

    def work(number: int) -> None:
        if number == 0:
            raise KeyboardInterrupt
        for _ in range(10_000):
            game.point(np.array(game.case.tariff), game.anchor())
            solved.append(number)

    with pytest.raises(KeyboardInterrupt):
        game.parallel(work, [0, 1, 2, 3])
    assert len(solved) < 1000
    assert game.parallel(lambda number: number, [1, 2, 3]) == [1, 2, 3]
    assert game.point(np.array(game.case.tariff), game.anchor()).tariff.shape == (4, 4, 2)
