"""The ladder of depth: one table, monotone, with sources, exact where nothing changes."""

from __future__ import annotations

import numpy as np
import pytest

from ecumene.orders import ladder


@pytest.mark.parametrize("which", ["goods", "services"])
@pytest.mark.parametrize("bound", ["central", "low", "high"])
def test_effects_start_at_zero_and_never_fall_with_depth(which: str, bound: str) -> None:
    effects = ladder.effects(which, bound)  # type: ignore[arg-type]
    assert effects.shape == (7,)
    assert effects[0] == 0
    assert (np.diff(effects) >= 0).all()


def test_every_cell_has_an_interval_around_it_a_basis_and_a_source() -> None:
    for rung in ladder.LADDER:
        for cell in (rung.goods, rung.services):
            assert cell.low <= cell.log_points <= cell.high
            assert cell.source
            assert cell.basis in ("definition", "estimate", "assumption")
            assert cell.elasticity > 0
    assert [r.depth for r in ladder.LADDER] == list(ladder.DEPTHS)


def test_unchanged_depth_is_exactly_zero_and_the_way_back_undoes_the_way_up() -> None:
    new, base = np.meshgrid(np.arange(7), np.arange(7))
    for which in ("goods", "services"):
        change = ladder.log_iceberg(new, base, which)  # type: ignore[arg-type]
        assert (change.diagonal() == 0).all()
        np.testing.assert_allclose(change, -change.T, atol=0)


def test_a_common_market_lowers_the_cost_of_goods_by_a_tenth() -> None:
    change = ladder.log_iceberg(np.array(4), np.array(0), "goods")
    np.testing.assert_allclose(np.exp(change), np.exp(-0.54 / 5))


def test_assumptions_are_named() -> None:
    named = ladder.assumptions()
    assert any("depth 6" in line and "goods" in line for line in named)
    assert not any(line.startswith("depth 4") for line in named)
