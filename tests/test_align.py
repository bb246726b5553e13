"""Choices of blocs as a user meets them: names, files, weights, tables, and what is refused."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from small_world import make_world

from ecumene import cli
from ecumene.alignment import evidence, observed, places, positions, weights
from ecumene.alignment.answer import align
from ecumene.alignment.merging import merging
from ecumene.alignment.store import Kept
from ecumene.cli.alignment_tables import _gap, alignment_tables
from ecumene.errors import InputError, SourceError
from ecumene.models import trade
from ecumene.models.alignment import TERMS, Alignment, Poles, Weights
from ecumene.orders import apply, order_from_text
from ecumene.sources import load_world
from ecumene.world import World

CHOSEN = Weights(trade=1.0, heterogeneity=2.0, cost=5.0)
POLES = ["USA", "CHN", "RUS"]


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture(scope="module")
def reference() -> World:
    return load_world("reference")


@pytest.fixture(scope="module")
def saved(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "small.ecumene"
    world.save(path)
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = cli.main([str(each) for each in arguments])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return code, said.out, said.err


# Numbers


def test_a_choice_is_worth_what_an_order_with_that_bloc_is(world: World) -> None:
    found = align(world, POLES, ["GEO"], weights=CHOSEN, starts=0)
    order = order_from_text(
        "name: joined\ntitle: Joined\nblocs:\n  pair: {members: [USA, GEO], depth: 3, external_tariff: own}\n"
    )
    policy = apply(order, world)
    eq = trade.solve(world, iceberg=policy.iceberg, tariff=policy.tariff).raise_unless_ok()
    expected = 100.0 * np.log(eq.real_income.sel(economy="GEO").item())
    assert found.data["real_income"].sel(economy="GEO", choice="USA").item() == pytest.approx(
        expected, abs=1e-7
    )
    assert found.data["real_income"].sel(economy="GEO", choice="alone").item() == pytest.approx(0.0, abs=1e-8)


def test_choices_at_other_elasticities_are_those_of_that_world(world: World) -> None:
    """Incomes at 0.6 times are the trade model's, and the best choice follows from the other terms as they are."""
    near = Weights(trade=0.5, heterogeneity=34.0)  # joining and staying out are about as good
    data = align(world, POLES, ["GEO", "FRA"], weights=near, starts=0).data
    policy = apply(
        order_from_text(
            "name: joined\ntitle: Joined\nblocs:\n  pair: {members: [USA, GEO], depth: 3, external_tariff: own}\n"
        ),
        world,
    )
    for end, factor in (("low", 0.6), ("high", 1.6)):
        eq = trade.solve(
            world, iceberg=policy.iceberg, tariff=policy.tariff, theta=factor * world.theta.values
        ).raise_unless_ok()
        income = 100.0 * np.log(eq.real_income.sel(economy="GEO").item())
        shown = data[f"real_income_{end}_theta"]
        assert shown.sel(economy="GEO", choice="USA").item() == pytest.approx(income, abs=1e-7)
        payoff = data["payoff"] + 0.5 * (shown - data["real_income"])
        np.testing.assert_array_equal(data[f"best_{end}_theta"], payoff.argmax("choice"))
    assert (data["best_low_theta"] != data["best_high_theta"]).any()


def test_an_open_core_gap_is_shown_with_its_bound() -> None:
    assert _gap(0.0312, 0.0312) == "+0.031"
    assert _gap(0.0312, 0.4) == "+0.031, at most +0.400"
    assert _gap(float("nan"), float("nan")) == "not sought"


def test_searches_that_never_settled_are_counted(world: World) -> None:
    found = align(world, POLES, ["GEO"], weights=CHOSEN, starts=4, core=False)
    short = replace(found, data=found.data.assign(stable_runs=found.data["stable_runs"] - 1.0))
    titles = [[table.title for table in alignment_tables(one, world)][-1] for one in (found, short)]
    assert "at the limit" not in titles[0]
    assert titles[1].endswith("0 ended in a cycle, 1 at the limit of rounds")


def test_payoffs_margins_and_income_fit_each_other(world: World) -> None:
    chosen = Weights(trade=0.4, heterogeneity=2.0, cost=5.0)
    data = align(world, POLES, ["GEO", "FRA"], weights=chosen, starts=4).data
    total = np.sum([data[f"payoff_{term}"].values for term in TERMS], axis=0)
    np.testing.assert_allclose(total, data["payoff"].values)
    np.testing.assert_allclose(data["payoff_trade"], 0.4 * data["real_income"])
    best = data["payoff"].max("choice")
    np.testing.assert_allclose(data["payoff"] + data["margin"] - best, 0.0, atol=1e-12)
    richer = data["real_income"] + 100.0 * np.log(
        1.0 + data["margin_in_income"] / 100.0
    )  # each as good as the best
    np.testing.assert_allclose(data["payoff"] + 0.4 * (richer - data["real_income"]) - best, 0.0, atol=1e-12)
    np.testing.assert_allclose(data["share_of_runs"].sum("choice"), 1.0)
    assert data["today"].sel(economy="GEO", choice="alone").item() == 1.0
    for variable in data.data_vars.values():
        assert variable.attrs["units"]


@pytest.mark.parametrize(
    ("economies", "chosen", "holds"),
    [
        (
            ["GEO", "FRA"],
            Weights(trade=1.0, heterogeneity=2000.0),
            (1.0, 1.0, 1.0),
        ),  # nearness to anybody is dear
        (
            ["GEO", "FRA"],
            Weights(trade=1.0, cost=5.0),
            (0.0, 0.0, 0.0),
        ),  # trade draws in, and the pole gains too
        (["GEO"], Weights(trade=0.0, cost=1.0), (0.0, 1.0, 1.0)),  # a pole pays for depth, and gains no size
    ],
)
def test_certificates_of_todays_order_are_those_by_hand(
    world: World, economies: list[str], chosen: Weights, holds: tuple
) -> None:
    """Every economy to every bloc: who gains, and whether anybody whom it joins loses (nobody shares a bloc today)."""
    data = align(world, POLES, economies, weights=chosen, starts=0).data
    spots = places.places_of(world, POLES, economies)
    game = Alignment(
        evidence.incomes_of(world),
        evidence.traits_of(world, places.from_memberships(world, 2019, observed.UNIONS), None),
        Poles(*spots[:5]),
        chosen,
    )
    now = game.payoffs(game.partition(spots.today))
    gains, welcome = [], []
    for economy in spots.choosers:
        for k, core in enumerate(spots.cores):
            labels = spots.today.copy()
            labels[economy] = k
            change = game.payoffs(game.partition(labels)) - now
            gains.append(change[game.player(economy)] > 1e-6)
            welcome.append(gains[-1] and all(change[game.player(i)] >= -1e-6 for i in core))
    by_hand = (not any(gains), not any(welcome), not any(welcome))  # who is alone leaves nobody
    found = tuple(float(data[f"today_{name}"]) for name in ("nash", "individual", "contractual"))
    assert found == tuple(map(float, by_hand)) == holds


def test_a_union_is_one_pole_and_those_who_stay_in_a_bloc_are_told(reference: World) -> None:
    found = places.places_of(reference, ["EU", "RUS"], ["GEO", "KAZ"])
    codes = [[reference.economies[i] for i in core] for core in found.cores]
    assert {"DEU", "FRA", "TUR"} <= set(codes[0])  # a customs union with the EU
    assert codes[1] == ["ARM", "BLR", "KGZ", "RUS"]
    assert found.today[reference.economies.index("KAZ")] == 1
    assert found.today[reference.economies.index("GEO")] == -1
    assert any("BLR" in note for note in found.notes)
    everybody = places.places_of(reference, ["EU", "RUS"], None)
    assert not any(reference.economies[i].startswith("ROW") for i in everybody.choosers)


def test_equilibria_are_kept_for_the_next_search(world: World, tmp_path: Path) -> None:
    first = align(world, POLES, ["GEO", "FRA"], weights=CHOSEN, starts=2, folder=tmp_path)
    incomes = evidence.incomes_of(world)
    Kept(tmp_path, world.hash, incomes)
    assert len(incomes.known) > 5
    again = align(world, POLES, ["GEO", "FRA"], weights=CHOSEN, starts=2, folder=tmp_path)
    xr.testing.assert_identical(first.data, again.data)
    # Other costs, other agreements in the base, other tariffs without them.
    for name in incomes.ladder._fields:
        other = evidence.incomes_of(world)
        other.ladder = incomes.ladder._replace(
            **{name: 1 - np.asarray(getattr(incomes.ladder, name)).astype(float)}
        )
        Kept(tmp_path, world.hash, other)
        assert not other.known, name
    kept = next(tmp_path.glob("*.npz"))
    kept.write_bytes(kept.read_bytes()[:100])
    broken = evidence.incomes_of(world)
    Kept(tmp_path, world.hash, broken)
    assert not broken.known
    fresh = evidence.incomes_of(world)
    Kept(tmp_path, "another world", fresh)
    assert not fresh.known


def test_a_search_that_was_stopped_goes_on(world: World, tmp_path: Path) -> None:
    def stop(done: int, total: int, label: str) -> None:
        if label == "searches":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        align(world, POLES, ["GEO", "FRA"], weights=CHOSEN, starts=3, folder=tmp_path, progress=stop)
    incomes = evidence.incomes_of(world)
    Kept(tmp_path, world.hash, incomes)
    assert len(incomes.known) > 5
    known = set(incomes.known)
    align(world, POLES, ["GEO", "FRA"], weights=CHOSEN, starts=3, folder=tmp_path)
    Kept(tmp_path, world.hash, incomes)
    assert known <= set(incomes.known)


def test_files_hold_what_was_found(world: World, tmp_path: Path) -> None:
    found = align(world, POLES, ["GEO"], weights=CHOSEN, starts=2)
    rows = pd.read_csv(found.export(tmp_path / "a.csv"))
    cell = rows[(rows.economy == "GEO") & (rows.choice == "CHN") & (rows.variable == "payoff")]
    assert cell["value"].item() == pytest.approx(found.data["payoff"].sel(economy="GEO", choice="CHN").item())
    held = json.loads(found.export(tmp_path / "a.json").read_text())
    assert held["verdict"] == found.verdict
    assert held["variables"]["payoff"]["values"] == found.data["payoff"].values.tolist()
    with xr.open_dataset(found.export(tmp_path / "a.nc")) as opened:
        np.testing.assert_array_equal(opened["margin"].values, found.data["margin"].values)
    assert len(pd.read_parquet(found.export(tmp_path / "a.parquet"))) == len(rows)
    with pytest.raises(InputError, match="must end in one of"):
        found.export(tmp_path / "a.txt")


# What is refused


@pytest.mark.parametrize(
    ("poles", "economies", "depth", "message"),
    [
        (["USA", "USA"], ["GEO"], 3, "USA is named twice"),
        (["USA"], ["GEO"], 3, "two or more"),
        (["EU", "DEU"], ["GEO"], 3, "DEU is in the pole EU and in DEU"),
        (["DEU", "FRA"], ["GEO"], 3, "a country can be in one only"),
        (["USA", "CHN"], ["USA"], 3, "cannot choose too"),
        (["USA", "CHN"], ["GEO", "GEO"], 3, "GEO is named twice"),
        (["USA", "Chnia"], ["GEO"], 3, "did you mean China"),
        (["USA", "GCC"], ["GEO"], 3, "no member in this world"),
        (["USA", "CHN"], ["GEO"], 7, "from 1 to 6"),
        (["USA", "CHN"], ["GEO"], {"RUS": 3}, "RUS, which is no pole"),
    ],
)
def test_bad_names_are_refused(
    world: World, poles: list, economies: list, depth: object, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        align(world, poles, economies, depth=depth, weights=CHOSEN, starts=0)  # pyright: ignore[reportArgumentType]


def test_a_country_in_two_customs_unions_of_poles_is_refused(reference: World) -> None:
    with pytest.raises(InputError, match="in a customs union with"):
        places.places_of(reference, ["RUS", "KAZ"], ["GEO"])


def test_weights_of_another_world_are_refused(world: World, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="weights of another world"):
        align(world, POLES, ["GEO"], starts=0)
    path = tmp_path / "w.json"
    path.write_text("{}")
    with pytest.raises(InputError, match="cannot be read as weights"):
        align(world, POLES, ["GEO"], weights=path, starts=0)
    with pytest.raises(InputError, match="check the path"):
        align(world, POLES, ["GEO"], weights=tmp_path / "none.json", starts=0)
    with pytest.raises(InputError, match="lacks military_spending"):
        align(world, POLES, ["GEO"], weights=Weights(1.0, 0.0, 1.0), starts=0)


def test_spending_that_is_not_known_is_not_taken_as_none() -> None:
    spent = np.array([50.0, 40.0, 700.0, np.nan, 60.0, 0.3])
    apart = np.where(np.eye(6, dtype=bool), 100.0, 3000.0)
    world = make_world(layers={"military_spending": spent, "distance": apart})
    for poles, rivals in ((["USA", "CHN"], "poles"), (["USA", "RUS"], ["CHN"])):
        with pytest.raises(InputError, match="lacks the military spending, or a distance, of CHN"):
            align(world, poles, ["GEO"], weights=Weights(1.0, 0.0, 10.0), starts=0, rivals=rivals)
        off = align(world, poles, ["GEO"], weights=Weights(1.0), starts=1, rivals=rivals)
        assert np.isfinite(off.data["payoff"]).all()
    data = align(world, ["USA", "RUS"], ["GEO"], weights=Weights(1.0, 0.0, 10.0), starts=0).data
    assert float(data["payoff_security"].sel(choice="USA").item()) > 0
    assert np.isnan(merging(world, ["USA", "CHN"], costs=[0.0], rivals=["RUS"])["security"]).all()


def test_positions_are_read_as_published_or_as_given(world: World, shared: Path, tmp_path: Path) -> None:
    votes = shared / "data" / "context" / "unga_ideal_points_2020.csv"
    points, lacking = positions.from_file(world, str(votes), 2019)
    table = pd.read_csv(votes, encoding="latin-1")
    row = table[(table.iso3c == "GEO") & (table.session == 74)]
    assert points[world.economies.index("GEO"), 0] == pytest.approx(row["IdealPoint"].item())
    assert lacking == []
    earlier, _ = positions.from_file(world, str(votes), 2000)
    assert not np.allclose(earlier, points)
    own = tmp_path / "p.csv"
    own.write_text("economy,position\nDEU,1\nGEO,0.5\n")
    assert positions.from_file(world, str(own), 2019)[1] == ["FRA", "USA", "CHN", "RUS"]
    with pytest.raises(InputError, match="no position for"):
        align(world, POLES, ["GEO"], weights=CHOSEN, positions=str(own), starts=0)
    for text, message in (
        ("a,b\n1,2\n", "the columns a, b"),
        ("economy,position\nDEU,x\n", "must be a finite number"),
    ):
        own.write_text(text)
        with pytest.raises(SourceError, match=message):
            positions.from_file(world, str(own), 2019)


def test_files_that_are_not_what_they_say_are_refused(world: World, tmp_path: Path) -> None:
    twice = tmp_path / "p.csv"
    twice.write_text("economy,position\nDEU,1\nUSA,2\nDEU,3\n")
    with pytest.raises(SourceError, match="has DEU twice"):
        positions.from_file(world, str(twice), 2019)
    text = json.loads((Path(weights.__file__).parent / "weights.json").read_text())
    text["world"] = world.hash
    for damage in (
        lambda held: held.update(hold_outs=[]),
        lambda held: held["memberships"].update(names="trade"),
        lambda held: held["memberships"]["covariance"][0].__setitem__(0, float("nan")),
        lambda held: held["memberships"]["covariance"][0].__setitem__(0, -1.0),
    ):
        held = json.loads(json.dumps(text))
        damage(held)
        held["digest"] = weights.digest(held)
        (tmp_path / "w.json").write_text(json.dumps(held))
        with pytest.raises(InputError, match="cannot be read as weights"):
            weights.read(tmp_path / "w.json", world)
    text["hold_outs"][0]["model"]["log_score"] = float("nan")
    text["digest"] = weights.digest(text)
    (tmp_path / "w.json").write_text(json.dumps(text))
    assert "does NOT predict" in weights.read(tmp_path / "w.json", world).verdict


def test_ranges_are_those_of_drawn_weights(world: World, tmp_path: Path) -> None:
    """Every payoff of every draw by hand: how far the best choice of the central weights is ahead of each other."""
    held = json.loads((Path(weights.__file__).parent / "weights.json").read_text())
    fit = {"names": ["trade", "heterogeneity", "cost"], "weights": [0.6, 3.0, 0.5], "separated": []}
    fit |= {"covariance": np.diag([0.04, 4.0, 0.09]).tolist(), "log_likelihood": -1.0}
    path = tmp_path / "w.json"
    text = held | {"world": world.hash, "memberships": fit}
    path.write_text(json.dumps(text | {"digest": weights.digest(text)}))
    data = align(world, POLES, ["GEO", "FRA"], weights=path, starts=0, seed=7).data
    central = weights.read(path, world)
    used = [0, 1, 3]
    terms = np.stack(
        [data[f"payoff_{TERMS[k]}"].values / central.weights[k] for k in used], axis=2
    )  # [economy, choice, term]
    drawn = [[draw[k] for k in used] for draw in central.draws(400, 7)]
    for i, _ in enumerate(data["economy"].values):
        best = int(data["payoff"].values[i].argmax())
        for c, _ in enumerate(data["choice"].values):
            ahead = [sum((terms[i, best] - terms[i, c]) * draw) for draw in drawn]
            low, high = np.percentile(ahead, [5.0, 95.0])
            assert data["margin_low"].values[i, c] == pytest.approx(low, abs=1e-9)
            assert data["margin_high"].values[i, c] == pytest.approx(high, abs=1e-9)
            wins = [int(np.argmax(terms[i] @ np.array(draw))) == c for draw in drawn]
            assert data["share_of_draws"].values[i, c] == pytest.approx(np.mean(wins))
    assert float((data["margin_high"] - data["margin_low"]).max()) > 0.1


def test_before_all_organisations_memberships_give_no_positions() -> None:
    early = make_world(year=1900)
    with pytest.raises(InputError, match="no organisation of the table of unions existed in 1900"):
        align(early, POLES, ["GEO"], weights=CHOSEN, starts=0)
    assert np.isfinite(align(early, POLES, ["GEO"], weights=Weights(1.0), starts=0).data["payoff"]).all()
    assert np.isnan(merging(early, ["RUS", "GEO"], costs=[0.0])["heterogeneity"]).all()


def test_kept_equilibria_that_are_damaged_are_solved_again(world: World, tmp_path: Path) -> None:
    first = align(world, POLES, ["GEO"], weights=CHOSEN, starts=1, folder=tmp_path)
    kept = next(tmp_path.glob("*.npz"))
    whole = kept.read_bytes()
    for place in range(60, len(whole), len(whole) // 12):
        kept.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        Kept(tmp_path, world.hash, evidence.incomes_of(world))
    xr.testing.assert_allclose(
        align(world, POLES, ["GEO"], weights=CHOSEN, starts=1, folder=tmp_path).data, first.data, atol=1e-6
    )


# From the shell


def test_the_shell_shows_choices_with_their_verdict_and_writes_files(
    capsys: pytest.CaptureFixture[str], saved: Path, tmp_path: Path
) -> None:
    code, out, err = run(
        capsys, "align", "--world", saved, "--poles", "USA,CHN", "--economy", "GEO,FRA", "--depth", "USA=2,CHN=4",
        "--weights", "trade=1,heterogeneity=3", "--starts", "2", "--out", tmp_path / "o",
    )  # fmt: skip
    assert code == 0
    assert "GEO" in out
    assert "no forecast and no advice" in out
    assert out.count("Weights were chosen, not estimated") == 1  # for two economies and the stable orders
    assert out.count("no forecast and no advice") == 1
    assert out.count("Real income in log points") == 1
    assert "which sum to the payoff" in " ".join(out.split())
    assert "% of runs: searches" in " ".join(out.split())
    assert "% of draws:" not in out  # weights that were chosen are not drawn
    assert "Swing states" in out
    assert "In today's order some economy gains by" in out
    assert "at the limit" not in out
    assert "wrote" in err
    assert {path.suffix for path in (tmp_path / "o").iterdir()} == {".txt", ".csv", ".json", ".nc"}
    code, out, _ = run(
        capsys, "align", "--world", saved, "--poles", "USA,CHN", "--economy", "GEO", "--starts", "0", "--json", "-q",
        "--weights", "trade=1",
    )  # fmt: skip
    assert code == 0
    assert "stable_runs" not in json.loads(out)["variables"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--poles", "USA,CHN"], "name who chooses"),
        (["--poles", "USA,USA", "--economy", "GEO"], "named twice"),
        (["--poles", "USA,CHN", "--economy", "GEO", "--weights", "trde=1"], "no term 'trde'"),
        (["--poles", "USA,CHN", "--economy", "GEO", "--depth", "USA=x"], "no NAME=NUMBER"),
        (["--poles", "USA,CHN", "--economy", "GEO", "--depth", "USA=2.5"], "whole numbers"),
        (["--poles", "USA,CHN", "--economy", "GEO"], "of another world"),
        (["--poles", "USA,CHN", "--economy", "GEO", "--csv", "x.txt"], "must end in .csv"),
        (["--economy", "GEO"], "name two or more"),
        (["--estimate", "w.txt"], "ends in .json"),
        (["--estimate", "w.json"], "no finite weights are best"),
    ],
)
def test_the_shell_refuses_in_one_message(
    capsys: pytest.CaptureFixture[str], saved: Path, more: list[str], message: str
) -> None:
    code, out, err = run(capsys, "align", "--world", saved, *more)
    assert code == 2
    assert message in err
    assert out == ""


# A whole world


@pytest.mark.slow
def test_wiod_with_all_choosing_is_searched_and_certified_in_time(shared: Path) -> None:
    world = load_world(f"wiod:{shared / 'data' / 'wiod' / 'wiod2011.npz'}")
    poles, given = ["USA", "CHN", "DEU", "RUS", "IND"], Weights(trade=1.0, heterogeneity=5.0, cost=1.0)
    before = time.process_time()
    found = align(world, poles, None, weights=given, core=False, starts=20).data
    assert time.process_time() - before < 2 * 90  # two cores
    assert found.sizes["economy"] == 35
    assert float(found["stable_runs"].sum() + found["cycles"]) == 20
    # One deviation of the order found most often, by the public solve.
    spots = places.places_of(world, poles, None)
    game = Alignment(
        evidence.incomes_of(world),
        evidence.traits_of(world, places.from_memberships(world, 2011, observed.UNIONS), None),
        Poles(*spots[:5]),
        given,
    )
    labels = spots.today.copy()
    chosen = found["stable_choice"].isel(stable_order=0).values.astype(int)
    labels[list(spots.choosers)] = np.where(chosen < len(poles), chosen, -1)
    partition = game.partition(labels)
    player = game.player(world.economies.index("TUR"))
    for other in game.game.alternatives(partition, player):
        iceberg, tariff = game.incomes.policy(game.depth(game.labels(other)))
        eq = trade.solve(world, iceberg=iceberg, tariff=tariff).raise_unless_ok()
        rest = game.terms(other)[player, 1:] @ np.array(given)[1:]
        payoff = 100.0 * np.log(eq.real_income.sel(economy="TUR").item()) + rest
        assert payoff <= game.payoffs(partition)[player] + 1e-6
