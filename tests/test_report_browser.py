"""The report in a real browser, from a disk: it draws itself, asks nobody for anything, and everybody can read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from browsing import SHOTS, Visit, box, chromium, serious, shown, visiting
from conftest import missing
from shell import ecumene

import ecumene as ec
from ecumene.report import document as documents

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAGE = Path(documents.__file__).parent / "page" / "report.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every preset on the reference world, as `make demo` writes it."""
    if not PAGE.is_file():
        missing("the built page (`make page`)")
    folder = tmp_path_factory.mktemp("report")
    done = ecumene(
        "compare", "--report", folder / "report.html", "--netcdf", folder / "all.nc", "--quiet", timeout=400
    )
    assert done.returncode == 0, done.stderr
    return folder / "report.html"


@pytest.fixture(scope="module")
def comparison(report: Path) -> ec.Comparison:
    found = ec.load_result(report.with_name("all.nc"))
    assert isinstance(found, ec.Comparison)
    return found


@pytest.fixture
def visit(browser: Browser, report: Path) -> Iterator[Visit]:
    with visiting(browser, report.as_uri(), "report") as begun:
        begun.page.wait_for_selector("svg.map")
        yield begun


def _quiet(visit: Visit, report: Path) -> None:
    assert visit.requests == [report.as_uri()]
    assert visit.errors == []


def test_the_report_is_one_small_file(report: Path) -> None:
    assert report.stat().st_size < documents.LIMIT
    assert '"left_out":[]' in report.read_text(encoding="utf-8")


def test_the_summary_says_the_numbers(visit: Visit, comparison: ec.Comparison, report: Path) -> None:
    world = comparison.data["world_real_income"].sel(quantile="central")
    words = visit.page.locator("#summary").inner_text()
    for order in comparison.orders:
        value = float(world.sel(order=order))
        assert order == "today" or re.sub(r"^[+−]", "", shown(value)) in words, order
    assert shown(float(world.max())) in words
    visit.shot("first")
    _quiet(visit, report)


def test_every_order_has_its_map_and_no_data_is_hatched(
    visit: Visit, comparison: ec.Comparison, report: Path
) -> None:
    page = visit.page
    assert page.locator("svg.map").count() == 1 + len(comparison.orders)
    large = page.locator(".large svg.map")
    assert (
        large.locator('[data-code="TCD"]').get_attribute("fill") == "url(#hatch)"
    )  # part of the rest of Africa
    fills = {large.locator(f'[data-code="{code}"]').get_attribute("fill") for code in ("USA", "MNG", "SGP")}
    assert all(re.fullmatch("#[0-9a-f]{6}", fill or "") for fill in fills)
    page.locator("#maps").scroll_into_view_if_needed()
    visit.shot("maps")
    _quiet(visit, report)


def test_one_choice_is_followed_by_all_parts(visit: Visit, comparison: ec.Comparison, report: Path) -> None:
    page = visit.page
    box(page, "Order").select_option(label="Two blocs")
    page.locator('.large [data-code="BRA"]').click()
    cell = comparison.data.sel(order="two-blocs", economy="BRA")
    central = shown(float(cell["real_income"].sel(quantile="central")))
    low, high = (shown(float(cell["real_income_range"].sel(level=level))) for level in ("p05", "p95"))
    assert f"Brazil: {central} %" in page.locator(".large figcaption").inner_text()
    assert box(page, "Economy").evaluate("box => box.selectedOptions[0].text") == "Brazil"
    assert page.locator("#country h2").inner_text() == "One economy: Brazil"
    page.get_by_role("button", name="Show all 145").click()
    row = page.locator("tr.chosen").inner_text()
    assert central in row
    assert low in row
    assert high in row
    gains = comparison.data["gain_by_cause"].sel(order="two-blocs", economy="BRA")
    assert f"add up to {shown(float(gains.sum()))} log points" in page.locator("#country").inner_text()
    page.locator("#country").scroll_into_view_if_needed()
    visit.shot("country")
    _quiet(visit, report)


def test_every_estimate_in_the_ranking_has_a_range_or_says_that_it_has_none(
    visit: Visit, comparison: ec.Comparison
) -> None:
    page = visit.page
    box(page, "Order").select_option(label="Self-sufficient nations")
    page.get_by_role("button", name="Show all 145").click()
    ranges = page.locator("table.ranking tbody tr td:nth-child(4)").all_inner_texts()
    assert len(ranges) == comparison.data.sizes["economy"]
    assert all(re.fullmatch(r"\S+ to \S+|point estimate|same over the range", text) for text in ranges)
    ranks = page.locator("table.ranking tbody tr td:nth-child(3)").all_inner_texts()
    values = [float(text.replace("−", "-")) for text in ranks]
    assert values == sorted(values)
    expected = comparison.data["real_income"].sel(order="self-sufficient", quantile="central").values
    np.testing.assert_allclose(values, np.sort(expected), atol=0.00501)
    visit.shot("ranking")


def test_japanese_and_a_keyboard_are_enough(visit: Visit, report: Path) -> None:
    page = visit.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    box(page, "Order").focus()
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.labels[0].textContent") == "Economy"
    box(page, "Language").select_option("ja")
    assert page.locator("html").get_attribute("lang") == "ja"
    assert page.locator("h1").inner_text() == "世界秩序の比較"
    heads = page.locator("h2").all_inner_texts()
    assert len(heads) == 8
    assert all(re.search("[\u3040-\u30ff\u4e00-\u9fff]", head) for head in heads)
    visit.shot("japanese")
    page.locator("#country").scroll_into_view_if_needed()
    visit.shot("japanese-country")
    _quiet(visit, report)


def test_numbers_can_be_taken_along(visit: Visit, comparison: ec.Comparison, tmp_path: Path) -> None:
    with visit.page.expect_download() as downloading:
        visit.page.get_by_role("button", name="Download all numbers as CSV").click()
    downloading.value.save_as(tmp_path / "all.csv")
    import pandas as pd

    taken = pd.read_csv(tmp_path / "all.csv").set_index(["economy", "variable", "order", "quantile"])["value"]
    whole = comparison.to_frame().set_index(["economy", "variable", "order", "quantile"])["value"]
    assert len(taken) > 50_000
    np.testing.assert_allclose(taken.values, whole.loc[taken.index].values, rtol=5.1e-6, equal_nan=True)
    assert visit.errors == []


def _serious(page: Page, part: str = "body") -> list[Any]:
    return serious(page, part, spared=(".small-maps svg > *",))  # they are as the large one, twelve times


def test_nothing_stands_in_the_way_of_a_reader(visit: Visit) -> None:
    page = visit.page
    assert _serious(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    page.locator("details summary").click()
    assert _serious(page, "#tables thead") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    visit.shot("phone")


def test_the_gate_on_reading_sees_a_fault(visit: Visit) -> None:
    visit.page.evaluate("document.querySelector('.toolbar label').remove()")
    assert [name for name, _ in _serious(visit.page, ".toolbar")] == ["select-name"]


def test_it_prints_with_every_map_and_without_controls(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    page.emulate_media(media="print")
    assert not page.locator(".toolbar").is_visible()
    assert all(each.is_visible() for each in page.locator("svg.map").all())
    page.pdf(path=tmp_path / "report.pdf", format="A4")
    pages = (tmp_path / "report.pdf").read_bytes().count(b"/Type /Page\n")
    assert 5 <= pages <= 20
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / "report-print.png", full_page=True)
