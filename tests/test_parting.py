"""One state less its parts by themselves: what parting costs, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_world import make_world

from ecumene import cli
from ecumene.alignment.answer import align
from ecumene.alignment.merging import merging, parting
from ecumene.errors import InputError, WorldError
from ecumene.models.alignment import HETEROGENEITY, SHARED_COST, TERMS, Weights
from ecumene.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


def test_parts_that_keep_the_depth_of_a_state_lose_no_trade(world: World) -> None:
    found = parting(world, "USA", {"PART": 0.2}, depth=6, costs=[0.0])
    np.testing.assert_allclose(found["trade"].values, 0.0, atol=1e-7)


def test_the_smaller_part_loses_more_and_the_more_the_dearer_borders_are(world: World) -> None:
    found = parting(world, "USA", {"PART": 0.1, "OTHER": 0.3}, depth=0, costs=[0.0, 10.0, 25.0])
    lost = found["trade"]
    assert (lost > 0).all()
    assert (np.diff(lost.values, axis=0) > 0).all()
    assert (lost.sel(economy="PART") > lost.sel(economy="OTHER")).all()
    assert (lost.sel(economy="OTHER") > lost.sel(economy="USA")).all()


def test_the_looser_the_tie_that_is_left_the_more_parting_costs(world: World) -> None:
    at = [
        parting(world, "DEU", {"PART": 0.4}, depth=depth, costs=[0.0])["trade"].sel(economy="PART").item()
        for depth in (0, 2, 4)
    ]
    assert at[0] > at[1] > at[2] > 0


def test_parts_that_trade_less_with_each_other_lose_less(world: World) -> None:
    much, little = (parting(world, "DEU", {"PART": 0.4}, mixing=m, costs=[0.0])["trade"] for m in (1.0, 0.3))
    assert (much > little).all()


def test_sovereignty_is_the_value_that_the_other_parts_add() -> None:
    """By the dense inverse of the data, whose flows are the equilibrium: `v_j L_jn` over the parts j that n is not."""
    world = make_world(deficits="fixed")
    found = parting(world, "USA", {"PART": 0.3}, depth=6, costs=[0.0])["sovereignty"]
    finer = world.divide("USA", {"PART": 0.3})
    sold, used = finer.trade.values, finer.intermediate.values
    R, S = finer.value_added.shape
    origin = sold * (1.0 + finer.tariff.values)
    origin = origin / origin.sum(axis=0)
    inputs = np.einsum("ins,nsk->isnk", origin / (1.0 + finer.tariff.values), used).reshape(R * S, R * S)
    output = sold.sum(axis=1).reshape(R * S)
    A = inputs / output
    paid = used.sum(axis=1).reshape(R * S)
    added = (1.0 - paid / output)[:, None] * np.linalg.inv(np.eye(R * S) - A)
    weight = output.reshape(R, S) / output.reshape(R, S).sum(axis=1, keepdims=True)
    shares = np.einsum("jsnk,nk->jn", added.reshape(R, S, R, S), weight)
    i, j = (finer.economies.index(code) for code in ("USA", "PART"))
    assert found.sel(economy="USA").item() == pytest.approx(100 * shares[j, i], abs=1e-5)
    assert found.sel(economy="PART").item() == pytest.approx(100 * shares[i, j], abs=1e-5)


def test_parting_undoes_merging(world: World) -> None:
    """Two alike halves of one economy, put together again from outside, gain what they lost by parting."""
    halves = world.divide("USA", {"PART": 0.5})
    apart = parting(world, "USA", {"PART": 0.5}, depth=6, costs=[0.0])
    again = merging(halves, ["USA", "PART"], costs=[0.0])
    np.testing.assert_allclose(apart["cost"], again["cost"])
    share = world.value_added.sel(economy="USA").sum().item() / world.value_added.sum().item()
    expected = SHARED_COST[0] / (share / 2) - SHARED_COST[6] / share
    np.testing.assert_allclose(apart["cost"].values, expected)


def test_a_file_says_where_a_part_stands(world: World, tmp_path: Path) -> None:
    """A fifth that stands 2 away from the rest: its distance to the other members is 0.8 x 2."""
    file = tmp_path / "positions.csv"
    rows = [*((code, 0.0) for code in world.economies), ("PART", 2.0)]
    file.write_text("economy,position\n" + "".join(f"{code},{at}\n" for code, at in rows))
    found = parting(world, "USA", {"PART": 0.2}, costs=[0.0], positions=str(file))
    expected = -HETEROGENEITY[6] * np.array([0.2 * 2, 0.8 * 2])
    np.testing.assert_allclose(found["heterogeneity"].values[0], expected)
    alike = parting(world, "USA", {"PART": 0.2}, costs=[0.0])
    np.testing.assert_array_equal(alike["heterogeneity"].values, 0.0)


@pytest.mark.parametrize(
    ("economy", "parts", "depth", "error", "message"),
    [
        ("USA", {"PART": 1.2}, 2, WorldError, "a share of USA is above 0"),
        ("USA", {"PART": 0.2}, 7, InputError, "the depth of those who part is 7"),
        ("USA", {"PART": 0.2}, True, InputError, "the depth of those who part"),
        ("EU", {"PART": 0.2}, 2, InputError, "EU is a union"),
        ("Nowhere", {"PART": 0.2}, 2, InputError, "no economy of this world"),
    ],
)
def test_bad_partings_are_refused(
    world: World, economy: str, parts: dict[str, float], depth: int, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        parting(world, economy, parts, depth=depth, costs=[0.0])


# One state out of several


def test_the_dearer_borders_are_the_more_one_state_is_worth(world: World) -> None:
    found = merging(world, ["RUS", "GEO"])
    assert (np.diff(found["trade"].values, axis=0) > 0).all()
    assert np.isnan(found["security"]).all()
    share = world.value_added.values.sum(axis=1)
    share = share / share.sum()
    i, j = (world.economies.index(code) for code in ("RUS", "GEO"))
    expected = SHARED_COST[0] / share[j] - SHARED_COST[6] / (share[i] + share[j])
    np.testing.assert_allclose(found["cost"].sel(economy="GEO"), expected)
    assert (found["heterogeneity"] <= 0).all()


def test_at_the_costs_of_today_one_state_is_the_deepest_bloc(world: World) -> None:
    found = merging(world, ["USA", "GEO"], costs=[0.0])
    bloc = align(world, ["USA", "CHN"], ["GEO"], depth=6, weights=Weights(trade=1.0), starts=0).data
    gain = bloc["real_income"].sel(economy="GEO", choice="USA") - bloc["real_income"].sel(
        economy="GEO", choice="alone"
    )
    assert found["trade"].sel(economy="GEO").item() == pytest.approx(gain.item(), abs=1e-7)


@pytest.mark.parametrize(
    ("members", "costs", "message"),
    [
        (["GEO"], [0.0], "two economies or more"),
        (["GEO", "GEO"], [0.0], "twice"),
        (["GEO", "RUS"], [-100.0], "above -100"),
    ],
)
def test_bad_states_are_refused(world: World, members: list[str], costs: list[float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        merging(world, members, costs=costs)


# The command


@pytest.fixture(scope="module")
def saved(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "small.ecumene"
    world.save(path)
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = cli.main(["nations", *(str(each) for each in arguments)])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return code, said.out, said.err


def test_the_shell_shows_one_state_of_several(
    capsys: pytest.CaptureFixture[str], saved: Path, tmp_path: Path
) -> None:
    code, out, _ = run(capsys, "--world", saved, "--merge", "USA,GEO", "--csv", tmp_path / "m.csv")
    assert code == 0
    assert "One state of USA and GEO" in out
    assert " none  " in out  # this world has no capabilities
    assert "none where the world lacks military spending" in " ".join(out.split())
    assert "-0.000" not in out  # a number that rounds to zero has no sign
    assert "+0.000" not in out
    assert len(pd.read_csv(tmp_path / "m.csv")) == 10 * (len(TERMS) + 1)


def test_the_shell_shows_a_state_and_its_parts(
    capsys: pytest.CaptureFixture[str], world: World, saved: Path, tmp_path: Path
) -> None:
    file = tmp_path / "p.csv"
    given = ["--divide", "United States", "--parts", "PART=0.2", "--depth", "4", "--csv", file]
    code, out, _ = run(capsys, "--world", saved, *given)
    assert code == 0
    assert "One state of USA and PART" in out
    rows = pd.read_csv(file).set_index(["variable", "border", "economy"])["value"].loc["trade"]
    known = parting(world, "USA", {"PART": 0.2}, depth=4, costs=[25.0])["trade"]
    assert rows[25.0, "PART"] == pytest.approx(known.sel(economy="PART").item(), abs=1e-7)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name the economies of one state with --merge"),
        (["--merge", "USA,GEO", "--divide", "DEU", "--parts", "P=0.2"], "name the economies of one state"),
        (["--merge", "USA,GEO", "--depth", "4"], "--depth and --mixing are about parts"),
        (["--divide", "DEU"], "--divide DEU --parts PART=0.2"),
        (["--divide", "DEU", "--parts", "P"], "'P' is no NAME=NUMBER"),
        (["--divide", "DEU", "--parts", "P=0.6,Q=0.6"], "sum to 1.2"),
        (["--divide", "DEU", "--parts", "P=0.2", "--depth", "9"], "--depth"),
        (["--merge", "USA,GEO", "--csv", "x.txt"], "must end in .csv"),
    ],
)
def test_the_shell_refuses(
    capsys: pytest.CaptureFixture[str], saved: Path, arguments: list[str], message: str
) -> None:
    code, out, err = run(capsys, "--world", saved, *arguments)
    assert code == 2
    assert message in err
    assert out == ""
