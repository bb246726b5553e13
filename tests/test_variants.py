"""Further questions of a run: rents, groups, and the default split of value added."""

from __future__ import annotations

import numpy as np
import pytest
from small_world import make_world

import ecumene as ec
from ecumene import factors, sectors, variants
from ecumene.errors import InputError

WALLS = """
name: walls
title: Walls
barriers:
  - {between: [all, all], cost_percent: 20}
"""


@pytest.fixture(scope="module")
def walls(tmp_path_factory):
    file = tmp_path_factory.mktemp("orders") / "walls.yaml"
    file.write_text(WALLS)
    return ec.load_order(file)


@pytest.fixture(scope="module")
def world():
    return ec.load_world("reference").select(["DEU", "USA", "CHN", "GEO"])


def test_rents_lie_above_waste_for_the_world_and_every_solve_is_recorded(world, walls):
    result = ec.run(world, walls, also=["rents"])
    data = result.data.sel(quantile="central")
    weight = data["base_income"].values
    means = [
        np.average(data[name].values, weights=weight)
        for name in ("real_income", "real_income_rents_importer", "real_income_rents_exporter")
    ]
    assert means[0] < min(means[1:]) < 0
    assert [solve.variant for solve in result.provenance.solves] == [""] * 3 + [
        "real_income_rents_importer"
    ] * 3 + ["real_income_rents_exporter"] * 3


def test_groups_average_to_the_real_wage_and_spread(world, walls):
    result = ec.run(world, walls, also=["groups"])
    data = result.data.sel(quantile="central")
    assert (data["spread_of_gains"].values > 0).all()
    wages = np.stack([data[f"real_wage_{name}"].values for name in factors.FACTORS])
    assert (wages.min(axis=0) < data["real_wage"].values + 0.2).all()
    assert (wages.max(axis=0) > data["real_wage"].values - 0.2).all()
    assert any("assumption" in note for note in result.provenance.notes)


def test_an_order_that_changes_nothing_spreads_nothing(world):
    result = ec.run(world, "today", also=["groups", "rents"])
    assert np.abs(result.data["spread_of_gains"].values).max() < 1e-8
    assert np.abs(result.data["real_income_rents_exporter"].values).max() < 1e-8


def test_a_result_with_further_questions_reads_back(world, tmp_path):
    table = ec.compare(world, ["today", "open"], also=["groups"])
    table.save(tmp_path / "table.nc")
    again = ec.load_result(tmp_path / "table.nc")
    assert again.hash == table.hash and again.provenance == table.provenance


def test_unknown_questions_are_named(world):
    with pytest.raises(InputError, match="also names weather; choose among rents, groups"):
        ec.run(world, "today", also=["weather"])
    assert len(variants.chosen(["rents", "rents"])) == 2


def test_every_row_of_the_table_adds_up_and_every_classification_is_covered():
    for kind, row in factors.SHARES.items():
        assert sum(row) == pytest.approx(1.0, abs=1e-12), kind
    wiod = tuple(f"c{k}" for k in range(1, 36))
    kinds = [kind for each in sectors.kinds(wiod) for kind in each]
    assert set(kinds) <= set(factors.SHARES) == set(sectors.KINDS)
    assert sectors.kinds(("A01_02", "C26", "J58T60", "O84")) == (
        ("agriculture",),
        ("office", "communication", "medical"),
        ("telecom", "business"),
        ("government",),
    )


def test_layers_replace_the_table(world):
    paid = world.value_added.values
    parts = dict(zip(factors.LAYERS, (0.1, 0.2, 0.3, 0.4), strict=True))
    own = world.with_layers(**{name: part * paid for name, part in parts.items()})
    share, note = factors.factor_share(own)
    np.testing.assert_allclose(share.values, np.broadcast_to([0.1, 0.2, 0.3, 0.4], share.shape), rtol=1e-12)
    assert "layers" in note
    wrong = own.with_layers(value_added_capital=-paid)
    with pytest.raises(InputError, match="must not be negative"):
        factors.factor_share(wrong)


def test_sectors_of_no_classification_are_refused_with_the_remedy():
    with pytest.raises(InputError, match="add the layers value_added_low_skilled"):
        factors.factor_share(make_world())


def test_some_layers_of_factors_without_the_others_are_refused(world):
    with pytest.raises(InputError, match="by all of these layers or by none"):
        factors.factor_share(world.with_layers(value_added_capital=world.value_added.values))
