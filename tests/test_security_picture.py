"""The picture of prosperity against security, and the numbers that lie beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from small_world import make_world

import ecumene as ec
from ecumene import figures
from ecumene.errors import InputError
from ecumene.figures import prosperity_security
from ecumene.results import NOISE
from ecumene.shocks import shock_from_text
from ecumene.world import World

ORDERS = ["today", "two-blocs", "self-sufficient"]
LUCK = (
    "name: luck\ntitle: Luck\ndays: 30\nchance:\n"
    "  industry: {per_year: 4, share: [0.1, 0.8], days: [5, 20]}\n"
)


@pytest.fixture(scope="module")
def world() -> World:
    """Codes that say what kind of sector they are, and an economy that makes components."""
    return make_world(
        economies=("DEU", "FRA", "USA", "CHN", "TWN", "GEO"),
        sectors=("machinery_electronics", "vehicles", "business_services"),
    )


@pytest.fixture(scope="module")
def comparison(world: World) -> ec.Comparison:
    return ec.compare(world, ORDERS, shocks=[shock_from_text(LUCK)], security=40, seed=3)


def words_of(path: Path) -> list[str]:
    root = ElementTree.parse(path).getroot()
    assert root.tag.endswith("svg")
    return ["".join(node.itertext()).strip() for node in root.iter() if node.tag.endswith("}text")]


def test_the_picture_names_every_order_in_every_panel(comparison: ec.Comparison, tmp_path: Path) -> None:
    drawn, _ = prosperity_security(comparison, ["DEU", "CHN", "GEO"], tmp_path / "p.svg")
    words = words_of(drawn)
    for order in ORDERS:
        assert words.count(order) == 3
    assert {"Germany (DEU)", "China (CHN)", "Georgia (GEO)"} <= set(words)
    assert any("safer up" in text for text in words)
    assert any("change of real income" in text for text in words)


def test_the_same_numbers_make_the_same_file(comparison: ec.Comparison, tmp_path: Path) -> None:
    first, _ = prosperity_security(comparison, ["DEU"], tmp_path / "a.svg")
    again, _ = prosperity_security(comparison, ["DEU"], tmp_path / "b.svg")
    assert first.read_bytes() == again.read_bytes()
    assert b"<dc:date>" not in first.read_bytes()


def test_the_numbers_lie_beside_the_picture(comparison: ec.Comparison, tmp_path: Path) -> None:
    _, written = prosperity_security(comparison, ["GEO", "USA"], tmp_path / "p.svg")
    table = pd.read_csv(written).set_index(["economy", "order"])
    assert list(table.index.unique("economy")) == ["GEO", "USA"]
    assert len(table) == 2 * len(ORDERS)
    data = comparison.data
    for (economy, order), row in table.iterrows():  # type: ignore[misc]
        here = data.sel(economy=economy, order=order)
        pairs = {
            "real_income": here["real_income"].sel(quantile="central"),
            "real_income_low_theta": here["real_income"].sel(quantile="low_theta"),
            "real_income_high_theta": here["real_income"].sel(quantile="high_theta"),
            "expected_shortfall": here["expected_shortfall"].sel(band="central"),
            "expected_shortfall_error": here["expected_shortfall_error"].sel(band="central"),
            "expected_shortfall_least_band": here["expected_shortfall"].sel(band="least"),
            "expected_shortfall_most_band": here["expected_shortfall"].sel(band="most"),
        }
        for name, value in pairs.items():
            np.testing.assert_allclose(row[name], float(value), rtol=1e-12, atol=NOISE, err_msg=name)
            assert row[name] == 0 or abs(row[name]) >= NOISE
        assert (row["draws"], row["seed"]) == (40, 3)


def test_points_stand_where_the_numbers_say_and_safer_is_higher(
    comparison: ec.Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    panel = figures._panel

    def noted(axes, rows, code):
        found = panel(axes, rows, code)
        seen.append((axes, rows, found[0]))
        return found

    monkeypatch.setattr(figures, "_panel", noted)
    prosperity_security(comparison, ["CHN"], tmp_path / "p.svg")
    ((axes, rows, points),) = seen
    np.testing.assert_array_equal(points[:, 0], rows["real_income"])
    np.testing.assert_array_equal(points[:, 1], rows["expected_shortfall"])
    bottom, top = axes.get_ylim()
    assert bottom > top
    heights = axes.transData.transform(points)[:, 1]
    assert list(np.argsort(heights)) == list(np.argsort(-points[:, 1]))


def drawn_panels(
    comparison: ec.Comparison, economies: list[str], path: Path, monkeypatch: pytest.MonkeyPatch
) -> list:
    seen = []
    panel = figures._panel

    def noted(axes, rows, code):
        seen.append(axes)
        return panel(axes, rows, code)

    monkeypatch.setattr(figures, "_panel", noted)
    prosperity_security(comparison, economies, path)
    return seen


def changed(comparison: ec.Comparison, code: str, factor: float) -> ec.Comparison:
    """The comparison with one economy's changes of real income made larger."""
    data = comparison.data.copy(deep=True)
    data["real_income"].loc[{"economy": code}] *= factor
    return replace(comparison, data=data)


def test_panels_share_a_scale_unless_one_would_be_squeezed_and_say_so(
    comparison: ec.Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans = abs(comparison.data["real_income"].sel(economy=["DEU", "CHN"])).max(("order", "quantile"))
    even = changed(comparison, "CHN", float(spans[0] / spans[1]))
    for found, same in ((even, True), (changed(even, "CHN", 50.0), False)):
        panels = drawn_panels(found, ["DEU", "CHN"], tmp_path / "p.svg", monkeypatch)
        assert (len({axes.get_xlim() for axes in panels}) == 1) == same
        assert all(axes.yaxis_inverted() for axes in panels)
        words = " ".join(words_of(tmp_path / "p.svg"))
        assert ("trade elasticities); the scale differs between panels" in words) != same
        monkeypatch.undo()


def test_the_area_that_two_labels_share() -> None:
    a = np.array([[0.0, 0.0, 2.0, 2.0]])
    b = np.array([[1.0, 1.0, 3.0, 4.0], [5.0, 5.0, 6.0, 6.0], [2.0, 0.0, 3.0, 1.0]])
    np.testing.assert_allclose(figures._common(a, b), [[1.0, 0.0, 0.0]])


def test_the_largest_economies_by_default(comparison: ec.Comparison) -> None:
    table = figures.prosperity_security_numbers(comparison)
    assert list(dict.fromkeys(table["economy"]))[:2] == ["USA", "CHN"]


def test_few_draws_have_no_error_and_no_bar(world: World, tmp_path: Path) -> None:
    few = ec.compare(world, ["today", "two-blocs"], shocks=[shock_from_text(LUCK)], security=3)
    drawn, written = prosperity_security(few, ["DEU"], tmp_path / "p.svg")
    assert pd.read_csv(written)["expected_shortfall_error"].isna().all()
    assert "two-blocs" in words_of(drawn)
    assert "no bar: 3 draws are too few for a standard error, which needs 21" in " ".join(words_of(drawn))


def test_a_picture_needs_draws_economies_and_a_name(
    comparison: ec.Comparison, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = ec.compare(world, ["today"])
    with pytest.raises(InputError, match=r"security=100"):
        prosperity_security(without, ["DEU"], tmp_path / "p.svg")
    with pytest.raises(InputError, match="no economy JPN; it has DEU"):
        prosperity_security(comparison, ["JPN"], tmp_path / "p.svg")
    with pytest.raises(InputError, match=r"must end in \.svg"):
        prosperity_security(comparison, ["DEU"], tmp_path / "p.pdf")
    monkeypatch.setattr(figures, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"ecumene\[report\]"):
        prosperity_security(comparison, ["DEU"], tmp_path / "p.svg")
    assert not list(tmp_path.iterdir())
