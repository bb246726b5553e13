"""What orders change: closed checks of depth, tariffs, barriers, conflicts and composition."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orders_world import CODES, GOODS, SECTORS, small_world

from ecumene.errors import OrderError
from ecumene.orders import Policy, apply, check_order, ladder, load_order, order_from_text, preset_names
from ecumene.orders.policy import paper_problems

HEAD = "name: mine\ntitle: Mine\n"
WORLD = small_world()
T0 = np.array(WORLD.tariff.values)
N = len(CODES)
OFF = ~np.eye(N, dtype=bool)
AT = {code: i for i, code in enumerate(CODES)}


def policy(text: str, world=WORLD) -> Policy:
    return apply(order_from_text(HEAD + text), world)


def cell(array: np.ndarray, origin: str, destination: str) -> np.ndarray:
    return array[AT[origin], AT[destination]]


def mfn(importer: str) -> np.ndarray:
    """Import-weighted mean tariff on origins without agreement, by sector, from its definition."""
    base = apply(load_order("today"), WORLD).base_depth
    m = AT[importer]
    others = [i for i in range(N) if i != m and base[i, m] < 2]
    weights = WORLD.trade.values[others, m]
    return (T0[others, m] * weights).sum(axis=0) / weights.sum(axis=0)


@pytest.mark.parametrize("year", [2008, 2011, 2019, 2022, None])
def test_today_changes_nothing_exactly(year: int | None) -> None:
    world = small_world(year=year)
    made = apply(load_order("today"), world)
    assert (made.iceberg == 1.0).all()
    np.testing.assert_array_equal(made.tariff, world.tariff.values)
    np.testing.assert_array_equal(made.depth, made.base_depth)
    assert any("names no year" in n for n in made.notes) == (year is None)


@pytest.mark.parametrize("name", preset_names())
def test_presets_keep_the_invariants(name: str) -> None:
    made = apply(load_order(name), WORLD)
    np.testing.assert_array_equal(made.depth, made.depth.T)
    assert made.iceberg.shape == made.tariff.shape == (N, N, 3)
    assert (made.iceberg[~OFF] == 1).all()
    assert (made.iceberg > 0).all()
    assert (made.tariff > -1).all()
    np.testing.assert_array_equal(made.tariff[:, :, ~GOODS], T0[:, :, ~GOODS])
    np.testing.assert_array_equal(made.tariff[~OFF], T0[~OFF])


@pytest.mark.parametrize("year", [1993, 1995, 2000, 2008, 2014, 2020, 2022, 2025])
def test_presets_apply_in_every_year_of_the_sources(year: int) -> None:
    for name in preset_names():
        assert paper_problems(load_order(name), (), year) == [], name


def test_open_has_no_tariffs_and_a_free_trade_area_everywhere() -> None:
    made = apply(load_order("open"), WORLD)
    assert (made.tariff[OFF] == 0).all()
    assert made.depth[OFF].min() == 2
    assert cell(made.depth, "DEU", "FRA") == 5
    np.testing.assert_allclose(
        cell(made.iceberg, "USA", "IND"),
        np.exp(-np.where(GOODS, ladder.effects("goods")[2], ladder.effects("services")[2])),
    )


def test_self_sufficient_closes_every_link_and_only_links() -> None:
    made = apply(load_order("self-sufficient"), WORLD)
    assert np.isinf(made.iceberg[OFF]).all()


def test_two_blocs_raise_tariffs_between_and_end_them_inside() -> None:
    made = apply(load_order("two-blocs"), WORLD)
    assert (cell(made.tariff, "USA", "DEU") == 0).all()
    np.testing.assert_allclose(cell(made.tariff, "CHN", "USA")[GOODS], cell(T0, "CHN", "USA")[GOODS] + 0.35)
    np.testing.assert_allclose(
        cell(made.iceberg, "CHN", "USA")[2],
        1.2 if cell(made.base_depth, "CHN", "USA") == 0 else 1.2 * np.exp(0.03 / 5),
    )
    np.testing.assert_array_equal(cell(made.tariff, "IND", "USA"), cell(T0, "IND", "USA"))


def test_nation_first_asks_for_a_game_of_the_largest_customs_territories() -> None:
    made = apply(load_order("nation-first"), WORLD)
    np.testing.assert_array_equal(made.tariff, T0)
    assert (made.iceberg == 1).all()
    assert made.contest is not None and made.contest.spared is not None
    assert (made.contest.stage, made.contest.by, made.contest.bounds) == ("nash", "uniform", (0.0, 2.0))
    size = WORLD.value_added.values.sum(axis=1)
    sizes = [sum(size[AT[code]] for code in codes) for codes in made.contest.players.values()]
    assert sizes == sorted(sizes, reverse=True) and len(sizes) <= 10
    everyone = [code for codes in made.contest.players.values() for code in codes]
    assert len(everyone) == len(set(everyone))
    union = next(codes for codes in made.contest.players.values() if "DEU" in codes)
    assert {"DEU", "FRA"} <= set(union)
    for a, b, is_spared in (("DEU", "FRA", True), ("TUR", "DEU", True), ("MEX", "USA", False)):
        assert cell(made.contest.spared, a, b) == is_spared


def test_a_tariff_game_names_players_and_says_what_the_world_lacks() -> None:
    made = policy("tariff_game: {players: [China, 'union:EU', Fiji], stage: reply, leader: 'union:EU'}")
    assert made.contest is not None
    assert list(made.contest.players) == ["EU", "China"]
    assert made.contest.players["China"] == ("CHN",)
    assert "DEU" in made.contest.players["EU"] and "TUR" not in made.contest.players["EU"]
    assert made.contest.spared is None
    assert any("no player 'Fiji'" in note for note in made.notes)


def test_a_tariff_game_extends_another() -> None:
    base = order_from_text("name: mine\ntitle: Mine\nextends: nation-first\ntariff_game: {stage: unilateral}")
    game = base.tariff_game
    assert game is not None and (game.largest, game.spare_depth, game.stage) == (10, 3, "unilateral")
    named = order_from_text("name: mine\ntitle: Mine\nextends: nation-first\ntariff_game: {players: [USA]}")
    assert named.tariff_game is not None and named.tariff_game.largest is None
    assert len({base.hash, named.hash, load_order("nation-first").hash}) == 3


@pytest.mark.parametrize(
    ("game", "message"),
    [
        ("{players: [USA, USA]}", "USA is a player twice"),
        ("{players: [USA, 'union:USMCA']}", "USA is a player in USA and in USMCA"),
        ("{players: [USA], largest: 3}", "exactly one of 'players' and 'largest'"),
        ("{stage: nash}", "exactly one of 'players' and 'largest'"),
        ("{players: [USA], leader: CHN}", "'CHN' is no player"),
        ("{players: [USA], stage: reply}", "needs a second player"),
        ("{players: [USA], stage: war}", "'unilateral', 'reply' or 'nash'"),
        ("{players: [USA], lowest_percent: -100}", "greater than -100"),
        ("{players: [USA], lowest_percent: 30, highest_percent: 30}", "not below"),
        ("{players: [all]}", "'all' is no player"),
        ("{players: [USA, not CHN]}", "'not CHN' is no player"),
        ("{players: [Atlantis]}", "unknown economy"),
        ("{player: [USA]}", "did you mean 'players'"),
    ],
)
def test_a_tariff_game_that_cannot_be_played_is_named(game: str, message: str) -> None:
    with pytest.raises(OrderError, match=message):
        policy(f"tariff_game: {game}")


def test_dissolving_usmca_restores_tariffs_without_preference() -> None:
    made = apply(load_order("without-usmca"), WORLD)
    for a, b in (("CAN", "USA"), ("USA", "CAN"), ("MEX", "USA"), ("USA", "MEX")):
        np.testing.assert_allclose(cell(made.tariff, a, b)[GOODS], mfn(b)[GOODS])
    np.testing.assert_array_equal(cell(made.tariff, "CAN", "MEX"), cell(T0, "CAN", "MEX"))
    assert cell(made.depth, "CAN", "MEX") == 2
    np.testing.assert_allclose(cell(made.iceberg, "CAN", "USA")[0], np.exp((0.15 - 0.05) / 5))
    touched = np.zeros((N, N), dtype=bool)
    at = [AT[c] for c in ("CAN", "MEX", "USA")]
    touched[np.ix_(at, at)] = True
    assert (made.iceberg[~touched] == 1).all()
    np.testing.assert_array_equal(made.tariff[~touched], T0[~touched])


def test_dissolving_the_eu_ends_all_that_rests_on_it() -> None:
    made = apply(load_order("without-eu"), WORLD)
    for pair in (("DEU", "FRA"), ("DEU", "NOR"), ("TUR", "DEU"), ("JPN", "AUT")):
        assert cell(made.depth, *pair) == 0
        np.testing.assert_allclose(cell(made.tariff, *pair)[GOODS], mfn(pair[1])[GOODS])
    np.testing.assert_allclose(cell(made.iceberg, "DEU", "FRA")[0], np.exp(0.58 / 5))
    np.testing.assert_array_equal(cell(made.tariff, "USA", "DEU"), cell(T0, "USA", "DEU"))


def test_belarus_keeps_its_union_state_without_the_eurasian_union() -> None:
    made = apply(load_order("without-eaeu"), WORLD)
    assert cell(made.depth, "BLR", "RUS") == 4
    assert cell(made.depth, "BLR", "KAZ") == 2
    assert (cell(made.iceberg, "BLR", "RUS") == 1).all()
    assert (cell(made.tariff, "BLR", "KAZ") == 0).all()


def test_a_new_customs_union_takes_the_mean_tariff_of_its_members() -> None:
    made = policy("blocs: {south: {members: [IND, 'union:SACU'], depth: 3}}")
    members = [AT["IND"], AT["ZAF"]]
    assert (made.tariff[np.ix_(members, members)][:, :, GOODS] == 0).all()
    weights = WORLD.trade.values[AT["USA"], members]
    mean = (T0[AT["USA"], members] * weights).sum(axis=0) / weights.sum(axis=0)
    for m in ("IND", "ZAF"):
        np.testing.assert_allclose(cell(made.tariff, "USA", m)[GOODS], mean[GOODS])
    assert (cell(made.tariff, "DEU", "ZAF") == 0).all()
    np.testing.assert_array_equal(cell(made.tariff, "IND", "USA"), cell(T0, "IND", "USA"))
    assert any("Common external tariff of south" in n for n in made.notes)


def test_deepening_a_union_in_place_keeps_its_tariffs_exactly() -> None:
    made = policy("blocs: {federation: {members: ['union:EU'], depth: 6}}")
    np.testing.assert_array_equal(made.tariff, T0)
    assert cell(made.depth, "DEU", "GBR") == 6


def test_an_economy_that_joins_takes_over_the_tariff_of_the_union() -> None:
    made = policy("join: {MERCOSUR: [ZAF]}")
    np.testing.assert_array_equal(cell(made.tariff, "USA", "BRA"), cell(made.tariff, "USA", "ZAF"))
    members = [AT["ARG"], AT["BRA"]]
    weights = WORLD.trade.values[AT["USA"], members]
    mean = (T0[AT["USA"], members] * weights).sum(axis=0) / weights.sum(axis=0)
    np.testing.assert_allclose(cell(made.tariff, "USA", "ZAF")[GOODS], mean[GOODS])
    assert (cell(made.tariff, "BRA", "ZAF") == 0).all()


def test_an_economy_that_leaves_loses_the_agreements_of_the_union() -> None:
    made = policy("leave: {EU: [GBR]}")
    assert cell(made.depth, "GBR", "DEU") == cell(made.depth, "GBR", "JPN") == 0
    np.testing.assert_allclose(cell(made.tariff, "DEU", "GBR")[GOODS], mfn("GBR")[GOODS])
    np.testing.assert_array_equal(cell(made.tariff, "USA", "GBR"), cell(T0, "USA", "GBR"))
    np.testing.assert_array_equal(cell(made.tariff, "USA", "DEU"), cell(T0, "USA", "DEU"))


def test_overlapping_loose_links_give_the_deepest() -> None:
    made = policy(
        "blocs: {one: {members: [USA, IND, BRA], depth: 1}, two: {members: [IND, BRA, ZAF], depth: 2}}\n"
        "links: [{between: [IND, [BRA, CHN]], depth: 2}, {among: [IND, BRA], depth: 1}]"
    )
    assert cell(made.depth, "IND", "BRA") == 2
    assert cell(made.depth, "IND", "USA") == 1
    assert cell(made.depth, "CHN", "IND") == 2
    assert cell(made.depth, "DEU", "FRA") == 5


def test_barriers_embargoes_and_closing_by_direction_and_sector() -> None:
    made = policy(
        "barriers:\n  - {from: USA, to: CHN, sectors: services, cost_percent: 50}\n"
        "  - {between: [DEU, IND], cost_percent: 10}\n"
        "embargoes: [{from: NOR, to: 'union:EU', sectors: food}]\nclose: ZAF"
    )
    np.testing.assert_allclose(cell(made.iceberg, "USA", "CHN"), [1, 1, 1.5])
    np.testing.assert_allclose(cell(made.iceberg, "CHN", "USA"), 1)
    np.testing.assert_allclose(cell(made.iceberg, "IND", "DEU"), 1.1)
    assert np.isinf(cell(made.iceberg, "NOR", "DEU")).tolist() == [True, False, False]
    assert np.isfinite(cell(made.iceberg, "DEU", "NOR")).all()
    assert np.isinf(made.iceberg[AT["ZAF"], OFF[AT["ZAF"]]]).all()
    assert np.isinf(made.iceberg[OFF[AT["ZAF"]], AT["ZAF"]]).all()


def test_tariffs_by_sector_set_or_add() -> None:
    made = policy(
        "tariffs:\n  - {on: USA, from: [all, not MEX], sectors: cars, add_points: 10}\n"
        "  - {on: USA, from: MEX, sectors: cars, rate_percent: 7}"
    )
    np.testing.assert_allclose(
        cell(made.tariff, "DEU", "USA"), cell(T0, "DEU", "USA") + np.array([0, 0.1, 0])
    )
    np.testing.assert_allclose(cell(made.tariff, "MEX", "USA"), [0, 0.07, 0])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "tariffs: [{on: USA, from: all, rate_percent: 5}, {on: [USA, CAN], from: CHN, rate_percent: 9}]",
            ["tariffs[0]", "tariffs[1]", "CHN -> USA"],
        ),
        (
            "tariffs: [{on: USA, from: all, rate_percent: 5}, {on: USA, from: CHN, add_points: 9}]",
            ["tariffs[0] and tariffs[1] conflict"],
        ),
        (
            "barriers: [{between: [USA, CHN], cost_percent: 5}, {from: USA, to: CHN, closed: true}]",
            ["barriers[0] and barriers[1] conflict"],
        ),
        (
            "blocs: {a: {members: [USA, CHN], depth: 2}}\nlimits: [{between: [USA, CHN], depth: 1}]",
            ["blocs.a and limits[0] conflict", "depth 2 or more"],
        ),
        (
            "blocs: {a: {members: [USA, CHN], depth: 3}, b: {members: [CHN, JPN], depth: 4}}",
            ["blocs.a conflicts with the bloc b", "CHN"],
        ),
        ("blocs: {a: {members: [DEU, USA], depth: 3}}", ["customs union EU", "DEU", "dissolve EU"]),
        ("limits: [{between: [DEU, FRA], depth: 2}]", ["customs union EU", "leave"]),
        ("tariffs: [{on: USA, from: all, sectors: banks, add_points: 5}]", ["banks is a service"]),
        ("embargoes: [{from: USA, to: CHN, sectors: carz}]", ["no sector 'carz'", "did you mean 'cars'?"]),
        ("tariffs: [{on: USA, from: all, add_points: -200}]", ["-100 %"]),
    ],
)
def test_conflicts_and_misfits_name_both_rules(text: str, said: list[str]) -> None:
    with pytest.raises(OrderError) as error:
        policy(text)
    for part in said:
        assert part in str(error.value)


def test_check_finds_conflicts_without_a_world(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        HEAD + "tariffs: [{on: USA, from: all, rate_percent: 5}, {on: USA, from: CHN, rate_percent: 9}]\n"
    )
    assert len(check_order(file)) == 1
    file.write_text(HEAD + "embargoes: [{from: USA, to: CHN, sectors: chips}]\n")
    assert check_order(file) == []


def test_all_conflicts_are_reported_together() -> None:
    with pytest.raises(OrderError) as error:
        policy(
            "limits: [{between: [DEU, FRA], depth: 2}]\n"
            "tariffs: [{on: USA, from: all, sectors: [banks, x], add_points: 5}]"
        )
    assert len(error.value.problems) >= 3


@pytest.mark.parametrize(
    "text",
    [
        "blocs: {a: {members: [USA, CHN, JPN], depth: 3}, b: {members: [CHN, JPN], depth: 4}}",
        "blocs: {a: {members: [DEU, USA], depth: 4, external_tariff: own}}",
        "dissolve: [EU]\nblocs: {a: {members: [DEU, USA], depth: 3}}",
        "blocs: {a: {members: ['union:EU', 'union:EU-TUR', USA], depth: 3}}",
        "tariffs: [{on: USA, from: all, rate_percent: 5}, {on: USA, from: CHN, rate_percent: 5}]",
    ],
)
def test_what_agrees_is_no_conflict(text: str) -> None:
    policy(text)


def test_a_later_change_wins_over_an_earlier_one() -> None:
    made = policy(
        "tariffs: [{on: USA, from: all, rate_percent: 5}]\n"
        "barriers: [{between: [USA, CHN], cost_percent: 5}]\n"
        "changes:\n  - tariffs: [{on: USA, from: CHN, add_points: 5}]\n"
        "    barriers: [{from: USA, to: CHN, closed: true}]\n"
        "  - links: [{between: [USA, JPN], depth: 2}]"
    )
    np.testing.assert_allclose(cell(made.tariff, "CHN", "USA")[GOODS], 0.10)
    assert (cell(made.tariff, "JPN", "USA") == 0).all()
    assert np.isinf(cell(made.iceberg, "USA", "CHN")).all()
    np.testing.assert_allclose(cell(made.iceberg, "CHN", "USA"), 1.05)


def test_extending_can_redefine_and_dissolve_blocs() -> None:
    wider = policy("extends: two-blocs\nblocs: {eurasian: {members: ['union:CSTO', CHN, IND], depth: 2}}")
    assert cell(wider.depth, "IND", "CHN") == 2
    np.testing.assert_allclose(cell(wider.tariff, "IND", "USA")[GOODS], cell(T0, "IND", "USA")[GOODS] + 0.35)
    less = policy("extends: two-blocs\ndissolve: [eurasian]")
    assert cell(less.depth, "CHN", "RUS") == cell(less.base_depth, "CHN", "RUS")


def test_what_the_world_lacks_is_said_once() -> None:
    made = apply(load_order("multipolar"), small_world(goods=False, tariffs=False))
    absent = [n for n in made.notes if n.startswith("Not in this world")]
    assert len(absent) == 1
    assert absent[0].count("ALB") == 1
    assert len(absent[0]) < 120  # a count and the first few, where nearly all are missing
    assert "more" in absent[0]
    assert any("every sector is treated as goods" in n for n in made.notes)
    assert any("tariffs are all zero" in n for n in made.notes)
    assert not any("Common external tariff" in n for n in made.notes)


def test_an_order_that_misses_the_world_says_so() -> None:
    made = apply(load_order("without-eaeu"), small_world(codes=("DEU", "USA", "CHN")))
    assert (made.iceberg == 1).all()
    assert any("changes nothing here" in n for n in made.notes)
    assert apply(load_order("today"), small_world(codes=("DEU", "USA", "CHN"))).notes == ()


def test_aggregates_belong_only_where_they_are_named() -> None:
    made = apply(load_order("macro-states"), WORLD)
    assert not made.depth[AT["ROW"]].any()
    assert cell(policy("links: [{between: [ROW, DEU], depth: 2}]").depth, "ROW", "DEU") == 2


def test_own_codes_of_a_world() -> None:
    world = small_world(codes=("AA", "BB", "DEU"))
    made = apply(order_from_text(HEAD + "economies: [AA, BB]\nlinks: [{between: [AA, BB], depth: 2}]"), world)
    assert made.depth[0, 1] == 2
    with pytest.raises(OrderError, match="unknown economy"):
        order_from_text(HEAD + "links: [{between: [AA, BB], depth: 2}]")


def test_bounds_of_the_ladder_order_the_changes() -> None:
    order = load_order("macro-states")
    low, mid, high = (apply(order, WORLD, ladder_bound=b).iceberg for b in ("low", "central", "high"))
    inside = cell(high, "USA", "BRA") < cell(mid, "USA", "BRA")
    assert inside.all()
    assert (cell(mid, "USA", "BRA") < cell(low, "USA", "BRA")).all()


CODE = st.sampled_from(CODES[:-1])
SOME = st.lists(CODE, min_size=1, max_size=4, unique=True)


@settings(max_examples=40, deadline=None)
@given(
    links=st.lists(st.tuples(SOME, SOME, st.integers(0, 2)), max_size=4),
    limits=st.lists(st.tuples(SOME, SOME, st.integers(3, 6)), max_size=2),
)
def test_links_never_lower_depth_raise_cost_or_raise_tariffs(links: list, limits: list) -> None:
    text = "".join(
        f"  - {{between: [[{', '.join(a)}], [{', '.join(b)}]], depth: {d}}}\n" for a, b, d in links
    )
    caps = "".join(
        f"  - {{between: [[{', '.join(a)}], [{', '.join(b)}]], depth: {d}}}\n" for a, b, d in limits
    )
    made = policy(
        f"links:\n{text or ' []'}\nchanges:\n  - limits:\n{caps.replace('  -', '      -') or '      []'}"
    )
    np.testing.assert_array_equal(made.depth, made.depth.T)
    assert (np.minimum(made.depth, 2) >= np.minimum(made.base_depth, 2)).all()
    shallow = made.base_depth <= 3
    assert (made.iceberg[shallow] <= 1).all()
    assert (made.tariff <= T0).all()
    same = made.depth == made.base_depth
    assert (made.iceberg[same] == 1).all()
    np.testing.assert_array_equal(made.tariff[same], T0[same])
    assert SECTORS[2] == "banks"
