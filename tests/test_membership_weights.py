"""Weights from observed memberships: what a membership gives, who is held out, and what the file says of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from small_world import make_world

from ecumene.alignment import evidence, observed, places, weights
from ecumene.alignment.observed import Membership
from ecumene.errors import InputError
from ecumene.models.alignment import HETEROGENEITY, REACH_KM, SHARED_COST
from ecumene.models.choicelogit import Score
from ecumene.orders import unions
from ecumene.sources import load_world
from ecumene.world import World


@pytest.fixture(scope="module")
def reference() -> World:
    return load_world("reference")


def test_leaving_undoes_the_union_and_nothing_else(reference: World) -> None:
    asked = [row for row in observed.memberships(reference, 2024) if row.union == "EAEU"]
    at = {reference.economies[row.economy]: row for row in asked}
    assert {code for code, row in at.items() if row.member} == {"ARM", "BLR", "KAZ", "KGZ", "RUS"}
    (inside, without), (joined, now) = observed.depths(reference, 2024, [at["ARM"], at["GEO"]])
    a, k, g = (reference.economies.index(code) for code in ("ARM", "KAZ", "GEO"))
    assert (inside[a, k], without[a, k]) == (3, 2)  # free trade of the CIS is left
    assert (joined[g, k], now[g, k]) == (3, 2)
    changed = np.argwhere(inside != without)
    assert (changed == a).any(axis=1).all()
    np.testing.assert_array_equal(inside, unions.depth_matrix(reference.economies, 2024))


def test_who_would_join_another_customs_union_has_left_its_own(reference: World) -> None:
    """Armenia with the EU stands outside the EAEU; against none it keeps the free trade of the CIS alone."""
    asked = {
        (row.union, reference.economies[row.economy]): row for row in observed.memberships(reference, 2024)
    }
    rows = [asked["EU", "ARM"], asked["EAEU", "ARM"], asked["EAEU", "GEO"]]
    pairs = list(observed.exclusive_depths(reference, 2024, rows))
    a, k, d, g = (reference.economies.index(code) for code in ("ARM", "KAZ", "DEU", "GEO"))
    (in_eu, none), (in_eaeu, same), (joined, now) = pairs
    assert (in_eu[a, k], none[a, k], in_eaeu[a, k]) == (2, 2, 3)
    assert (in_eu[a, d], none[a, d]) == (4, unions.depth_matrix(reference.economies, 2024)[a, d])
    np.testing.assert_array_equal(none, same)
    np.testing.assert_array_equal(in_eaeu, unions.depth_matrix(reference.economies, 2024))
    assert (joined[g, k], now[g, k]) == (3, 2)


def test_the_choice_of_a_customs_union_is_counted_against_none(reference: World, monkeypatch) -> None:
    """What depths are asked for decides the trade feature; other features and who chose what stay."""
    asked = [row for row in observed.memberships(reference, 2024) if row.union in ("EU", "EAEU", "NATO")]
    rows = tuple(row for row in asked if reference.economies[row.economy] in ("ARM", "DEU", "GEO"))
    panel = evidence.Panel(2024, rows, np.ones((len(rows), 2)), ("trade", "constant"), 0)
    a, k, d = (reference.economies.index(code) for code in ("ARM", "KAZ", "DEU"))
    before = unions.depth_matrix(reference.economies, 2024)[a, d]
    incomes = evidence.incomes_of(reference)

    def by_depth(depth: np.ndarray) -> np.ndarray:  # what Germany is worth to Armenia hangs on Kazakhstan
        return np.where(np.arange(len(depth)) == a, 0.01 * depth[a, k] * depth[a, d], 0.0)

    monkeypatch.setattr(incomes, "of", by_depth)
    found = evidence.customs_unions(reference, panel, incomes)
    gain = {
        (row.union, reference.economies[row.economy]): features.tolist()
        for row, features in zip(found.rows, found.features, strict=True)
    }
    assert gain["EAEU", "ARM"] == pytest.approx([(3 - 2) * before, 1.0])
    assert gain["EU", "ARM"] == pytest.approx([2 * (4 - before), 1.0])  # out of the EAEU in both
    assert {union for union, _ in gain} == {"EU", "EAEU"}
    choices, who = found.blocs()
    taken = {reference.economies[i]: n for i, n in zip(who, choices.chosen, strict=True)}
    assert taken == {"ARM": 2, "DEU": 1, "GEO": 0}
    kept = [(row.union, reference.economies[row.economy]) != ("EU", "DEU") for row in rows]
    holed = evidence.Panel(
        2024,
        tuple(row for row, stays in zip(rows, kept, strict=True) if stays),
        panel.features[kept],
        panel.names,
        1,
    )
    choices, who = evidence.customs_unions(reference, holed, incomes).blocs()
    assert [reference.economies[i] for i in who] == ["ARM", "GEO"]  # DEU is not taken for one in none


def test_who_may_join_lives_on_a_continent_of_members(reference: World) -> None:
    rows = observed.memberships(reference, 2024)
    afcfta = {reference.economies[row.economy] for row in rows if row.union == "AFCFTA"}
    assert "ETH" in afcfta
    assert "GEO" not in afcfta
    assert not any(reference.economies[row.economy].startswith("ROW") for row in rows)
    assert not any(row.union == "AFCFTA" for row in observed.memberships(reference, 2010))
    assert all(row.economy in row.company for row in rows)


def test_features_of_a_membership_are_terms_inside_less_those_alone() -> None:
    """Georgia with the EU of Germany and France, by hand; rivals are the five that spend most, but those inside."""
    spent = np.array([50.0, 40.0, 700.0, 250.0, 60.0, 0.3])
    apart = np.where(
        np.eye(6, dtype=bool), 100.0, np.add.outer(np.arange(6.0), np.arange(6.0)) * 300.0 + 500.0
    )
    world = make_world(layers={"military_spending": spent, "distance": apart})
    incomes = evidence.incomes_of(world)
    found = evidence.panel(world, 2019, incomes)
    deu, fra, geo = (world.economies.index(code) for code in ("DEU", "FRA", "GEO"))
    (at,) = (n for n, row in enumerate(found.rows) if (row.union, row.economy) == ("EU", geo))
    row, features = found.rows[at], dict(zip(found.names, found.features[at], strict=True))
    assert row.company == (deu, fra, geo)
    share = world.value_added.values.sum(axis=1) / world.value_added.values.sum()
    size = share[[deu, fra, geo]].sum()
    points = places.from_memberships(world, 2019, observed.UNIONS)
    far = sum(share[j] / size * np.abs(points[geo] - points[j]).mean() for j in (deu, fra))
    assert far > 0
    assert features["heterogeneity"] == pytest.approx(-HETEROGENEITY[row.depth] * far)
    assert features["cost"] == pytest.approx(SHARED_COST[0] / share[geo] - SHARED_COST[row.depth] / size)
    near = spent * np.exp(-apart[geo] / REACH_KM)
    others = near[2:5].sum()  # USA, CHN and RUS; DEU and FRA too while it is alone
    inside, alone = near[[deu, fra, geo]].sum(), near[geo]
    by_hand = inside / (inside + others) - alone / (alone + others + near[deu] + near[fra])
    assert features["security"] == pytest.approx(by_hand)
    (joined, now), *_ = observed.depths(world, 2019, [row])
    assert features["trade"] == pytest.approx(100.0 * (incomes.of(joined) - incomes.of(now))[geo])
    assert features["constant"] == 1.0


def made_panel(date: int, seed: int, before: np.ndarray | None, stay: float) -> evidence.Panel:
    """Memberships of 40 economies in three unions, by the model; a share stays as it was before."""
    rng = np.random.default_rng(seed)
    features = np.column_stack([rng.normal(size=(120, 3)), np.ones(120)])
    value = features @ np.array([2.0, 3.0, 1.0, -0.5])
    member = value + rng.logistic(size=120) > 0
    if before is not None:
        member = np.where(rng.uniform(size=120) < stay, before, member)
    rows = tuple(Membership(f"U{n % 3}", n // 3, bool(member[n]), (n // 3,), 2) for n in range(120))
    return evidence.Panel(date, rows, features, ("trade", "heterogeneity", "cost", "constant"), 0)


def chance_of_members(seen: evidence.Panel, names: tuple[str, ...], features: np.ndarray) -> np.ndarray:
    """Logistic chances of rows, from weights fitted to a panel."""
    made = evidence.fit(seen.only(names).choices(), names)
    return 1.0 / (1.0 + np.exp(-features[:, [seen.names.index(name) for name in names]] @ made.weights))


def test_what_is_held_out_is_not_seen() -> None:
    """By country: weights from other countries alone, all unions of a country out. By year: from the middle date alone.
    Nobody moves: the middle date's memberships, kept as often as from the early to the middle one."""
    early, middle = made_panel(1998, 1, None, 0.0), made_panel(2010, 2, None, 0.0)
    late = made_panel(2024, 3, middle.member, 0.5)
    found = {one.name: one for one in evidence.hold_outs(early, middle, late)}

    def mean_log(chance: np.ndarray) -> float:
        return float(np.log(np.where(late.member, chance, 1.0 - chance)).mean())

    for names, score_of in (
        (late.names, lambda one: one.model), (("trade", "constant"), lambda one: one.trade_only),
    ):  # fmt: skip
        by_country = np.empty(120)
        for fold in range(evidence.FOLDS):
            out = np.isin(late.economy, np.arange(40)[fold :: evidence.FOLDS])
            rest = evidence.Panel(
                2024, tuple(row for row, held in zip(late.rows, out, strict=True) if not held),
                late.features[~out], late.names, 0,
            )  # fmt: skip
            by_country[out] = chance_of_members(rest, names, late.features[out])
        assert score_of(found["country"]).log_score == pytest.approx(mean_log(by_country), abs=1e-9)
        by_year = chance_of_members(middle, names, late.features)
        assert score_of(found["year"]).log_score == pytest.approx(mean_log(by_year), abs=1e-9)
    kept = ((early.member == middle.member).sum() + 0.5) / 121.0
    still = mean_log(np.where(middle.member, kept, 1.0 - kept))
    assert all(one.nobody_moves.log_score == pytest.approx(still) for one in found.values())


def test_the_model_beats_its_baselines_where_memberships_follow_it() -> None:
    panels = [made_panel(date, seed, None, 0.0) for date, seed in ((1998, 1), (2010, 2), (2024, 3))]
    found = evidence.hold_outs(*panels)
    assert [one.name for one in found] == ["country", "year"]
    assert all(one.beats for one in found)
    assert weights.verdict_of(found).startswith("The model predicts memberships held out better than both")


def test_the_model_loses_where_nobody_moves_and_the_verdict_says_so() -> None:
    first = made_panel(1998, 1, None, 0.0)
    second = made_panel(2010, 2, first.member, 1.0)
    third = made_panel(2024, 3, second.member, 1.0)
    found = evidence.hold_outs(first, second, third)
    assert not any(one.beats for one in found)
    assert found[0].nobody_moves.hits == 1.0
    told = weights.verdict_of(found)
    assert "does NOT predict" in told
    assert "nobody moves" in told


def test_exclusive_blocs_are_one_choice_an_economy() -> None:
    rows = (
        Membership("EU", 0, True, (0,), 4), Membership("EAEU", 0, False, (0,), 3),
        Membership("EAEU", 1, False, (1,), 3), Membership("NATO", 1, True, (1,), 3),
    )  # fmt: skip
    panel = evidence.Panel(2024, rows, np.arange(8.0).reshape(4, 2), ("trade", "constant"), 0)
    choices, who = panel.blocs()
    assert who.tolist() == [0, 1]
    assert choices.chosen.tolist() == [1, 0]
    assert choices.open.tolist() == [[True, True, True, False, False], [True, False, True, False, False]]
    np.testing.assert_array_equal(choices.features[0, 1], [0.0, 1.0])
    twice = (rows[0], Membership("EAEU", 0, True, (0,), 3))
    with pytest.raises(InputError, match="two customs unions"):
        evidence.Panel(2024, twice, np.zeros((2, 2)), ("trade", "constant"), 0).blocs()


def test_weights_that_come_with_ecumene_are_of_its_world_and_say_how_good_they_are(reference: World) -> None:
    found = weights.shipped(reference)
    assert found.estimated
    assert "mean log probability" in found.verdict
    drawn = np.array(found.draws(4000, 1))
    np.testing.assert_allclose(
        drawn.mean(axis=0), found.weights, atol=4 * np.sqrt(np.diag(found.covariance) / 4000).max()
    )
    np.testing.assert_allclose(np.cov(drawn.T), found.covariance, rtol=0.2, atol=0.02)
    assert found.draws(0, 1) == []


@pytest.mark.slow
def test_the_weights_that_come_with_ecumene_are_estimated_again(reference: World, tmp_path: Path) -> None:
    written = weights.write(evidence.estimate(reference), tmp_path / "w.json")
    again, held = weights.read(written, reference), weights.shipped(reference)
    np.testing.assert_allclose(again.weights, held.weights, rtol=1e-5)
    np.testing.assert_allclose(again.covariance, held.covariance, rtol=1e-4)
    assert again.verdict == held.verdict
    shipped = json.loads((Path(weights.__file__).parent / "weights.json").read_text())["customs_unions"]
    fitted = json.loads(written.read_text())["customs_unions"]
    np.testing.assert_allclose(fitted["weights"], shipped["weights"], rtol=1e-4)
    np.testing.assert_allclose(fitted["covariance"], shipped["covariance"], rtol=1e-3)


def test_separated_memberships_give_no_weights(reference: World, tmp_path: Path) -> None:
    panel = made_panel(2024, 1, None, 0.0)
    apart = panel.features.copy()
    apart[:, 0] = np.where(panel.member, 1.0, -1.0)
    made = evidence.fit(evidence.Panel(2024, panel.rows, apart, panel.names, 0).choices(), panel.names)
    score = Score(-1.0, 0.5, 1)
    found = evidence.Estimate(
        reference.hash, "x", evidence.DATES, "memberships", made, made,
        (evidence.Comparison("country", score, score, score),), 120, 0,
    )  # fmt: skip
    with pytest.raises(InputError, match="a combination of trade"):
        weights.write(found, tmp_path / "w.json")
    assert not list(tmp_path.iterdir())
