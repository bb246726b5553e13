"""Why economies gain or lose: the parts add up, along every axis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_world import make_world

import ecumene as ec
from ecumene import reasons

ORDERS = ("two-blocs", "macro-states", "self-sufficient", "open")


@pytest.fixture(scope="module", params=[None, ("GEO", "Manufactures")], ids=["whole", "missing goods"])
def comparison(request: pytest.FixtureRequest) -> ec.Comparison:
    return ec.compare(make_world(missing=request.param), ORDERS, why=True)


def test_causes_add_up_to_the_log_of_real_income(comparison: ec.Comparison) -> None:
    data = comparison.data
    income = data["real_income_without_missing"].sel(quantile="central")
    np.testing.assert_allclose(data["gain_by_cause"].sum("cause"), 100 * np.log1p(income / 100), atol=1e-7)
    assert float(abs(data["gain_by_cause"]).max()) > 0.1


@pytest.mark.parametrize("name", ["gain_by_partner", "gain_by_sector"])
def test_partners_and_sectors_add_up_to_all_causes_but_the_deficit(
    comparison: ec.Comparison, name: str
) -> None:
    data = comparison.data
    axis = name.removeprefix("gain_by_")
    causes = data["gain_by_cause"]
    np.testing.assert_allclose(
        data[name].sum(axis), causes.sum("cause") - causes.sel(cause="deficit", drop=True), atol=1e-9
    )


def test_wages_of_bound_workers_lie_within_the_economy() -> None:
    world = make_world()
    eq = ec.trade.solve(
        world, iceberg=np.where(np.eye(len(world.economies), dtype=bool), 1.0, 1.3), mobility=2.0
    )
    parts = reasons.measure(eq)
    wages = parts["gain_by_cause"].sel(cause="sector_wages")
    assert float(abs(wages).max()) > 1e-3
    rest = parts["gain_by_cause"].sum("cause") - parts["gain_by_cause"].sel(cause="deficit", drop=True)
    for axis in ("partner", "sector"):
        np.testing.assert_allclose(parts[f"gain_by_{axis}"].sum(axis), rest, atol=1e-9)


def test_a_tariff_is_told_by_who_pays_it(tmp_path: Path) -> None:
    order = tmp_path / "duty.yaml"
    order.write_text("name: duty\ntitle: A duty\ntariffs:\n  - {on: [DEU], from: [CHN], add_points: 30}\n")
    data = ec.run(make_world(), order, why=True).data
    paid = data["gain_by_cause"].sel(cause="tariff")
    assert float(paid.sel(economy="DEU")) < -0.01
    assert float(data["gain_by_cause"].sel(economy="DEU", cause="revenue")) > 0.01
    partner = data["gain_by_partner"].sel(economy="DEU")
    assert str(partner["partner"].values[int(np.abs(partner.values).argmax())]) == "CHN"


def test_reasons_are_asked_for_and_survive_a_file(tmp_path: Path, comparison: ec.Comparison) -> None:
    assert "gain_by_cause" not in ec.run(make_world(), "two-blocs").data
    back = ec.load_result(comparison.save(tmp_path / "why.nc"))
    assert isinstance(back, ec.Comparison)
    assert back.data.identical(comparison.data)
    assert not back.to_frame()["variable"].str.contains("gain_by").any()
