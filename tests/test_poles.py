"""Unions of the poles themselves: what each gives every pole, and which last."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_world import make_world

from ecumene import cli
from ecumene.alignment import evidence, places
from ecumene.alignment.answer import align
from ecumene.models.alignment import Alignment, Poles, Weights
from ecumene.models.poles import game_of_poles
from ecumene.sources import load_world
from ecumene.world import World

CHOSEN = Weights(trade=1.0, heterogeneity=2.0, cost=5.0)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


def test_a_union_of_two_poles_is_one_joining_the_other(world: World) -> None:
    """Two single economies: the payoffs are those of a choice, less those of being apart."""
    found = align(world, ["USA", "CHN"], ["GEO"], weights=CHOSEN, starts=0, look_ahead=True).data
    assert list(found["union"].values) == ["USA + CHN", "USA | CHN"]
    np.testing.assert_allclose(found["union_payoff"].sel(union="USA | CHN"), 0.0, atol=1e-9)
    joined = align(world, ["USA", "RUS"], ["CHN"], weights=CHOSEN, starts=0).data["payoff"].sel(economy="CHN")
    gain = joined.sel(choice="USA") - joined.sel(choice="alone")
    united = found["union_payoff"].sel(union="USA + CHN", pole="CHN")
    assert united.item() == pytest.approx(gain.item(), abs=1e-6)
    lasts = bool((found["union_payoff"].sel(union="USA + CHN") > 0).all())
    assert bool(found["union_lasts"].sel(union="USA + CHN")) == lasts


def test_a_union_has_the_depth_of_its_loosest_pole(world: World) -> None:
    both, deep, loose = (
        align(world, ["USA", "CHN"], ["GEO"], weights=CHOSEN, starts=0, look_ahead=True, depth=depth).data[
            "union_payoff"
        ]
        for depth in ({"USA": 5, "CHN": 3}, 5, 3)
    )
    np.testing.assert_allclose(both.values, loose.values, atol=1e-9)
    assert not np.allclose(both.values, deep.values)


def test_a_pole_of_several_economies_is_their_mean_by_gdp() -> None:
    reference = load_world("reference")
    found = places.places_of(reference, ["RUS", "CHN"], ["GEO"])
    incomes = evidence.incomes_of(reference)
    traits = evidence.traits_of(reference, None, None)
    game = Alignment(incomes, traits, Poles(*found[:5]), Weights(trade=1.0))
    value = game_of_poles(game).value((0, 0))
    labels = np.full(len(reference.economies), -1)
    labels[[*found.cores[0], *found.cores[1]]] = 0
    labels[found.today == 0] = 0
    income = 100.0 * incomes.of(game.depth(labels))
    core = list(found.cores[0])
    assert len(core) > 1
    expected = np.average(income[core], weights=traits.gdp[core])
    assert value[0] == pytest.approx(expected, abs=1e-9)


def test_the_shell_shows_unions_that_last(
    capsys: pytest.CaptureFixture[str], world: World, tmp_path: Path
) -> None:
    saved = tmp_path / "small.ecumene"
    world.save(saved)
    given = ["--poles", "USA,CHN,RUS", "--economy", "GEO", "--weights", "trade=1", "--starts", "0"]
    assert cli.main(["align", "--world", str(saved), *given, "--look-ahead"]) == 0
    out = capsys.readouterr().out
    assert "Unions of poles that last" in out
    assert "of 5" in out
