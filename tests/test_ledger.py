"""The ledger: experiments hold against closed forms, draws are kept and found, verdicts change only when announced."""

from __future__ import annotations

import inspect
import json
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

import ecumene as ec
from ecumene.errors import InputError, SolveError
from ecumene.ledger import answer, store
from ecumene.ledger.answer import evidence
from ecumene.ledger.bench import Bench, Design, Found, drawn, rank_correlation
from ecumene.ledger.experiments import DESIGNS, memory
from ecumene.ledger.page import page
from ecumene.ledger.reading import claim_from_text, load_claim, packaged
from ecumene.ledger.structures import TRADE, Structure, built, smaller

TEXT = """
number: 900
name: mine
title: Mine
statement: x
supports: x
contradicts: x
experiments:
  - run: {run}
    parameters: {{a: {{low: 1, high: 4, scale: log, source: x}}}}
    questions: [{{name: q, says: x, measure: m, unit: percent, supports: {{above: 0}}, contradicts: {{below: 0}}}}]
verdicts: [supported]
literature: [{{work: x, found: x}}]
cannot_say: [x]
"""

REDUCED = (6, 9, 10, 12, 17, 18)
"""Claims of which a reduced set of draws, on the reference world, runs in CI."""


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """An experiment that solves nothing, and the numbers of the draws it was asked for."""
    asked: list[int] = []

    def run(bench: Bench) -> Found:
        """A toy."""
        asked.append(bench.number)
        if bench.number == 1:
            raise SolveError("no equilibrium")
        return {"m": bench.value("a")}

    monkeypatch.setitem(DESIGNS, "toy", Design(run, (Structure("one", "as it is"), Structure("two", "x"))))
    return asked


def test_draws_are_kept_and_found_and_one_without_an_equilibrium_has_no_number(toy, tmp_path: Path) -> None:
    claim = claim_from_text(TEXT.format(run="toy"))
    first = evidence(claim, draws=6, folder=tmp_path, workers=1)
    again = evidence(claim, draws=6, folder=tmp_path, workers=1)
    assert sorted(toy) == sorted([*range(6)] * 2)  # two structures, once each
    values = first.findings[0].numbers["m"]["reference", "one"]
    assert np.isnan(values[1]) and ((values[[0, 2, 3, 4, 5]] > 1) & (values[[0, 2, 3, 4, 5]] < 4)).all()
    np.testing.assert_array_equal(values, again.findings[0].numbers["m"]["reference", "one"])
    assert first.verdicts == {"mine": "supported"}


def test_a_ledger_that_was_stopped_goes_on_where_it_was(toy, tmp_path: Path, monkeypatch) -> None:
    claim = claim_from_text(TEXT.format(run="toy"))
    monkeypatch.setattr(answer, "PART", 2)
    seen = []

    def stop(done: int, total: int, label: str) -> None:
        seen.append(done)
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evidence(claim, draws=6, folder=tmp_path, workers=1, progress=stop)
    before = len(toy)
    whole = evidence(claim, draws=6, folder=tmp_path, workers=1)
    assert len(toy) - before <= 12 - 4  # the four draws that were kept are not made again
    fresh = evidence(claim, draws=6, workers=1)
    np.testing.assert_array_equal(
        whole.findings[0].numbers["m"]["reference", "two"], fresh.findings[0].numbers["m"]["reference", "two"]
    )


def test_a_damaged_file_counts_as_none(tmp_path: Path) -> None:
    assert store.write(tmp_path, "k", [{"a": 1.5, "b": float("nan")}])
    (row,) = store.read(tmp_path, "k")
    assert row["a"] == 1.5 and np.isnan(row["b"])
    file = tmp_path / "k.json"
    for text in (file.read_text()[:-4], "[]", json.dumps({"format": 0, "rows": [{"a": 1}]})):
        file.write_text(text)
        assert store.read(tmp_path, "k") == []


def test_the_page_says_what_it_rests_on(toy) -> None:
    text = page(evidence(claim_from_text(TEXT.format(run="toy")), draws=6, workers=1))
    assert "**Verdict: supported.**" in text and "(83% of draws have a number)" in text
    assert "\n- structure `one`: as it is\n" in text
    assert "| reference | one |" in text and "from 1 to 4, in logs" in text


def test_the_page_says_what_of_a_rule_was_set_after_a_trial(toy) -> None:
    text = page(
        evidence(claim_from_text(TEXT.format(run="toy") + "note: Set after a trial.\n"), draws=2, workers=1)
    )
    assert "\nNote: Set after a trial.\n" in text
    assert {
        claim.number for claim in packaged() if "after a trial of two draws, not blind" in claim.note
    } == {6, 12, 15}


def test_two_worlds_of_one_source_are_both_there(toy, monkeypatch) -> None:
    monkeypatch.setattr(answer, "load_world", lambda spec: ec.load_world("reference"))
    specs = ["reference", "wiod:1996.npz", "wiod:2011.npz"]
    found = evidence(claim_from_text(TEXT.format(run="toy")), specs, draws=2, workers=1)
    assert list(found.worlds) == specs
    assert {name for name, _ in found.findings[0].numbers["m"]} == set(specs)
    alone = evidence(claim_from_text(TEXT.format(run="toy")), "wiod:2011.npz", draws=2, workers=1)
    assert list(alone.worlds) == ["wiod"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"claims": "nobody"}, "no claim 'nobody'"),
        ({"claims": 2, "draws": 1}, "2 or more"),
        ({"claims": [2, 2]}, "each once"),
        ({"claims": 2, "worlds": []}, "at least one world"),
        ({"claims": 2, "worlds": {}}, "at least one world"),
        ({"claims": 13, "economy": "Atlantis"}, "Atlantis"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        evidence(**arguments)


@pytest.mark.parametrize(
    ("number", "old", "new", "words"),
    [
        (
            2,
            "run: closing",
            "run: closing\n    parameters: {b: {low: 1, high: 2, source: x}}",
            "none; b is missing",
        ),
        (1, "stocks:", "days:", "stocks; days, stocks is missing"),
        (5, "largest_share: ", "share: ", "largest_share; largest_share, share is missing"),
        (5, "largest_share: ", "largest_share: x", "give a number"),
    ],
)
def test_an_experiment_is_given_what_it_reads(number: int, old: str, new: str, words: str) -> None:
    files = resources.files("ecumene.ledger") / "claims"
    (file,) = (file for file in files.iterdir() if file.name.startswith(f"{number:02d}-"))
    text = file.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(InputError, match=words):
        evidence(claim_from_text(text.replace(old, new, 1)), draws=2)


def test_a_measure_that_no_experiment_gives_is_no_verdict(toy) -> None:
    text = TEXT.format(run="toy").replace("measure: m,", "measure: n,")
    with pytest.raises(InputError, match="the measure n, which its experiments do not give; they give m"):
        evidence(claim_from_text(text), draws=2, workers=1)


def _bench(run: str, structure: Structure = TRADE[0], number: int = 0) -> Bench:
    claim = next(c for c in packaged() if run in [e.run for e in c.experiments])
    experiment = next(e for e in claim.experiments if e.run == run)
    world = built(smaller(ec.load_world("reference"))[0], structure)
    return Bench(world, structure, experiment.settings, drawn(world, experiment, 4, 0), number)


def test_closing_is_the_closed_form_of_autarky() -> None:
    bench = _bench("closing")
    found = DESIGNS["closing"].run(bench)
    world = bench.world
    whole = (world.output.values > 0).all(axis=1) & (np.einsum("iis->is", world.trade.values) > 0).all(axis=1)
    own = np.einsum("iis->is", world.trade.values)[whole] / world.spending.values[whole]
    gamma = world.intermediate.values[whole] / world.output.values[whole][:, None, :]
    final = world.final.values[whole].sum(axis=2)
    alpha = final / final.sum(axis=1, keepdims=True)
    logs = np.array(
        [
            alpha[n] @ np.linalg.solve(np.eye(len(world.sectors)) - gamma[n].T, np.log(own[n]) / bench.theta)
            for n in range(len(own))
        ]
    )
    np.testing.assert_allclose(found["least_break_even_gain"], 100 * (np.exp(-logs.max()) - 1), rtol=1e-6)


def test_content_of_trade_in_value_adds_up_to_the_balance_of_trade() -> None:
    """All that is used somewhere is made somewhere: value to the rich less value to the poor is their deficit."""
    bench = _bench("content", DESIGNS["content"].structures[0])
    found = DESIGNS["content"].run(bench)
    from ecumene.ledger import facts

    rich, _ = facts.rich_and_poor(bench.world)
    trade = bench.world.trade.values.sum(axis=2)
    deficit = trade[:, rich].sum() - trade[rich].sum()
    assert found["value_to_rich"] == pytest.approx(
        100 * deficit / bench.world.value_added.values[rich].sum(), abs=0.25
    )


def test_without_habit_or_feedback_the_way_back_is_the_way_there() -> None:
    """Players alike with payoffs that depend on nobody: a loop if and only if beta times habit exceeds 2."""
    pay = {stance: np.array([-1.0 * stance[0], -1.0 * stance[1]]) for stance in np.ndindex(2, 2)}
    grid = np.linspace(-6.0, 8.0, 281)
    for habit, loops in ((0.0, False), (0.5, False), (2.0, True)):
        up = memory._sweep(pay, 2.0, habit, grid)
        back = memory._sweep(pay, 2.0, habit, grid[::-1], start=1.0)[::-1]
        assert (np.abs(up - back).max() > 0.5) == loops
        if not habit:
            np.testing.assert_allclose(up[:, 0], 1 / (1 + np.exp(-2.0 * (grid - 1.0))), atol=1e-6)


def test_ranks() -> None:
    assert rank_correlation(np.array([1.0, 2.0, 9.0]), np.array([1.0, 4.0, 5.0])) == pytest.approx(1.0)
    assert np.isnan(rank_correlation(np.array([1.0, 1.0]), np.array([1.0, 2.0])))


def test_every_claim_has_three_structures_two_worlds_and_64_draws(shared: Path) -> None:
    worlds = [ec.load_world("reference"), ec.load_world(f"wiod:{shared / 'data' / 'wiod' / 'wiod2011.npz'}")]
    assert inspect.signature(evidence).parameters["draws"].default >= 64
    for claim in packaged():
        assert claim.literature and claim.supports != claim.contradicts
        for experiment in claim.experiments:
            design = DESIGNS[experiment.run]
            assert len({structure.name for structure in design.structures}) >= 3, experiment.run
            assert [design.lacking(world) for world in worlds] == [None, None], experiment.run


@pytest.mark.slow
def test_draws_of_a_real_table_are_kept_for_the_next_run(shared: Path, tmp_path: Path, monkeypatch) -> None:
    """A world read again from its file is the same world, so that nothing is drawn twice."""
    world = f"wiod:{shared / 'data' / 'wiod' / 'wiod2011.npz'}"
    first = evidence(15, world, draws=2, folder=tmp_path)
    monkeypatch.setattr(answer, "_measured", lambda *given: pytest.fail("drawn again"))
    again = evidence(15, world, draws=2, folder=tmp_path)
    assert again.verdicts == first.verdicts
    for measure, cells in first.findings[0].numbers.items():
        for cell, values in cells.items():
            np.testing.assert_array_equal(values, again.findings[0].numbers[measure][cell])
    with pytest.raises(BaseException, match="drawn again"):  # other draws are not those that are kept
        evidence(15, world, draws=3, folder=tmp_path)


def recorded() -> dict[str, dict[str, str]]:
    """Verdicts that are announced: on the page, and here."""
    text = resources.files("ecumene.ledger").joinpath("verdicts.json").read_text(encoding="utf-8")
    return json.loads(text)


def test_every_claim_has_an_announced_verdict_that_its_rule_can_reach() -> None:
    announced = recorded()
    assert set(announced["whole"]) == {claim.name for claim in packaged()}
    for claim in packaged():
        assert announced["whole"][claim.name] in claim.verdicts
    written = (Path(__file__).parents[1] / "docs" / "evidence.md").read_text(encoding="utf-8")
    for claim in packaged():
        assert (
            f"| {claim.number} | [{claim.title}](#claim-{claim.number}) | {announced['whole'][claim.name]} |"
            in written
        )


@pytest.mark.slow
def test_no_verdict_of_the_reduced_set_changes_unannounced() -> None:
    found = evidence([load_claim(number) for number in REDUCED], draws=4)
    assert found.verdicts == recorded()["reduced"]
