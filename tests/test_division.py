"""A finer world: parts of an economy as economies of their own."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from random_worlds import Recipe, random_world
from small_world import make_world

from ecumene.errors import WorldError
from ecumene.models import trade

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=10, deadline=None)
@given(seed=seeds, share=st.floats(0.01, 0.98), mixing=st.floats(0.01, 1.0))
def test_parts_put_together_are_the_economy(seed: int, share: float, mixing: float) -> None:
    world = random_world(4, 3, np.random.default_rng(seed), Recipe())
    finer = world.divide("E002", {"P": share, "Q": (1 - share) / 3}, mixing)
    assert finer.economies == (*world.economies, "P", "Q")
    again = finer.aggregate({"P": "E002", "Q": "E002"})
    for name in ("trade", "intermediate", "final", "tariff"):
        np.testing.assert_allclose(
            getattr(again, name).values, getattr(world, name).values, rtol=1e-12, atol=1e-9
        )
    gdp = finer.value_added.sel(economy=["P", "Q"]).sum("sector").values
    assert gdp / world.value_added.sel(economy="E002").sum().item() == pytest.approx([share, (1 - share) / 3])


@settings(max_examples=8, deadline=None)
@given(seed=seeds, share=st.floats(0.02, 0.97))
def test_dividing_changes_nothing_while_parts_are_treated_alike(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    world = random_world(4, 3, rng, Recipe())
    finer = world.divide("E001", {"P": share})
    cost = rng.uniform(0.8, 1.6, (4, 4))
    np.fill_diagonal(cost, 1.0)
    parent = [0, 1, 2, 3, 1]
    before = trade.solve(world, iceberg=cost)
    after = trade.solve(finer, iceberg=cost[np.ix_(parent, parent)])
    expected = before.real_income.values[parent]
    np.testing.assert_allclose(after.real_income.values, expected, rtol=1e-8)


def test_what_is_summed_is_shared_and_what_is_not_is_the_same() -> None:
    world = make_world()
    n = len(world.economies)
    world = world.with_layers(
        latitude=np.arange(n, dtype=float),
        contiguity=np.zeros((n, n), dtype=bool),
        travel=np.ones((n, n)),
        economy_name=np.array(world.economies),
        mine=xr.DataArray(np.ones(n), dims=("economy",)),
    )
    finer = world.divide("USA", {"PART": 0.25})
    at = finer.layers
    assert at["population"].sel(economy=["USA", "PART"]).values == pytest.approx([0.75 * 328e6, 0.25 * 328e6])
    assert at["latitude"].sel(economy="PART") == at["latitude"].sel(economy="USA")
    assert at["travel"].sel(origin="PART", destination="DEU") == 0.25
    assert at["travel"].values.sum() == pytest.approx(n * n)
    assert bool(at["contiguity"].sel(origin="PART", destination="USA"))
    assert not bool(at["contiguity"].sel(origin="PART", destination="PART"))
    assert at["economy_name"].sel(economy="PART") == "PART"
    assert "mine" not in at
    assert any("'mine'" in note for note in finer.notes)
    assert any("PART is 0.25" in note for note in finer.notes)


def test_tables_that_are_kept_are_divided_like_trade() -> None:
    world = make_world()
    assert world.stored_flows is not None
    finer = world.divide("DEU", {"PART": 0.3}, mixing=0.5)
    Z, Y = finer.flows()
    R, S = finer.trade.shape[1:]
    links = (Z.reshape(R, S, R, S).sum(axis=3) + Y.reshape(R, S, R, -1).sum(axis=3)).transpose(0, 2, 1)
    np.testing.assert_allclose(links, finer.trade.values, rtol=1e-12)


@pytest.mark.parametrize(
    ("economy", "parts", "mixing", "message"),
    [
        ("XYZ", {"P": 0.5}, 1.0, "XYZ, is not in this world"),
        ("USA", {"DEU": 0.5}, 1.0, "the part DEU has the code"),
        ("USA", {"P": 0.0}, 1.0, "above 0 and below 1"),
        ("USA", {"P": float("nan")}, 1.0, "above 0 and below 1"),
        ("USA", {"P": 0.5, "Q": 0.5}, 1.0, "sum to 1"),
        ("USA", {}, 1.0, "name one or more"),
        ("USA", {"P": 0.5}, 0.0, "mixing is 0.0"),
        ("USA", {"P": 0.5}, 1.5, "mixing is 1.5"),
    ],
)
def test_impossible_parts_are_refused(
    economy: str, parts: dict[str, float], mixing: float, message: str
) -> None:
    with pytest.raises(WorldError, match=message):
        make_world().divide(economy, parts, mixing)
