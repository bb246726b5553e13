"""What partners, blocs and single links could take away: cuts are the models', solved once and kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_world import ECONOMIES, make_world

import ecumene as ec
from ecumene.dependence import cuts
from ecumene.models import sovereignty as models
from ecumene.models import trade
from ecumene.models.bases import Technology
from ecumene.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


def test_cuts_are_those_of_the_models(world: World) -> None:
    case = trade.case_of(world, None, None, None, None, Technology(), trade.Options())
    matrix = models.power_matrix(case)
    found = ec.sovereignty(
        world, ["GEO", "DEU"], blocs={"west": ["EU", "USA"], "two": ["RUS", "CHN"]}, links=3
    )
    n = world.economies.index("GEO")
    mine = found.data.sel(economy="GEO")
    np.testing.assert_allclose(mine["loss_if_cut_off"], 100 * matrix.loss[:, n], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(
        mine["loss_inflicted"], 100 * matrix.loss_without_missing[n], rtol=1e-6, atol=1e-9
    )
    np.testing.assert_allclose(mine["asymmetry"], 100 * matrix.asymmetry[:, n], rtol=1e-6, atol=1e-9)
    assert mine["worst_cut"].item() == pytest.approx(100 * np.nanmax(matrix.loss[:, n]), rel=1e-6)
    bloc = models.bloc_power(case, [world.economies.index(code) for code in ("RUS", "CHN")])
    assert mine["loss_if_cut_off_by_bloc"].sel(bloc="two").item() == pytest.approx(
        100 * bloc.loss[n], rel=1e-6
    )
    assert mine["cost_to_bloc"].sel(bloc="two").item() == pytest.approx(100 * bloc.cost[n], rel=1e-5)
    assert np.isnan(found.data["cost_to_bloc"].sel(economy="DEU", bloc="west").item())  # a member
    exact = models.chokepoints(case, 3, n)
    assert np.isfinite(mine["chokepoint_exact"].values).sum() == 3
    for (j, _, s), loss in zip(exact.links, exact.exact, strict=True):
        assert mine["chokepoint_exact"].values[j, s] == pytest.approx(100 * loss, rel=1e-6)


def test_no_cut_without_a_name_and_every_pair_where_asked(world: World) -> None:
    assert "loss_if_cut_off" not in ec.sovereignty(world).data
    acting = ec.sovereignty(world, blocs=["RUS+CHN"]).data
    assert "loss_if_cut_off" not in acting
    assert list(acting["economy"].values[np.isnan(acting["cost_to_bloc"].values[:, 0])]) == ["CHN", "RUS"]
    assert "worst_cut" not in acting
    steps: list[tuple[int, int, str]] = []
    found = ec.sovereignty(world, power="all", links=0, progress=lambda *step: steps.append(step))
    assert np.isnan(found.data["loss_if_cut_off"].values).sum() == len(ECONOMIES)  # the diagonal
    assert [done for done, *_ in steps] == list(range(1, 16))
    assert {total for _, total, _ in steps} == {15}
    assert np.isfinite(found.data["worst_cut"].values).all()


def test_cuts_that_are_solved_are_not_solved_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    solved: list[int] = []
    inner = cuts.cut_losses

    def counted(case, given, **options):
        solved.append(len(given))
        return inner(case, given, **options)

    def stop(done: int, total: int, label: str) -> None:
        if done == 7:
            raise KeyboardInterrupt

    monkeypatch.setattr(cuts, "cut_losses", counted)
    monkeypatch.setattr(cuts, "PART", 4)
    options = {"power": "all", "links": 0, "cuts_folder": tmp_path}
    with pytest.raises(KeyboardInterrupt):
        ec.sovereignty(world, progress=stop, **options)
    assert solved == [4, 4]
    first = ec.sovereignty(world, **options)
    assert solved == [4, 4, 4, 4, 3]  # the part that was stopped, and the rest of 15
    again = ec.sovereignty(world, **options)
    assert solved == [4, 4, 4, 4, 3]
    assert again.hash == first.hash
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    assert ec.sovereignty(world, "GEO", links=0, cuts_folder=tmp_path).data["worst_cut"].notnull().all()
    assert solved[5:] == [4, 1]
