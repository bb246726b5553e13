"""Journeys through the app in a real browser: look, paint, run, compare, share, by mouse, touch and keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from browsing import Visit, box, chromium, serious, serving, shown, until, visiting

import ecumene as ec

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

NO_DATA = "url(#hatch)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("app")) as found:
        yield found


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    with visiting(browser, address, "app") as begun:
        _ready(begun.page)
        yield begun


def _ready(page: Page) -> None:
    page.wait_for_selector(".figures")
    page.wait_for_selector(".presets button")


def _quiet(visit: Visit, address: str) -> None:
    """No request left the machine, and nothing went wrong."""
    assert [url for url in visit.requests if not url.startswith((address, "data:", "blob:"))] == []
    assert visit.errors == []


def _country(page: Page, code: str) -> Locator:
    return page.locator(f'.live [data-code="{code}"]')


def _fill(page: Page, code: str) -> str:
    return _country(page, code).locator("> :not(.reach):not(title)").get_attribute("fill") or ""


def _build(page: Page) -> None:
    page.get_by_role("button", name="Build an order").click()


def _settled(page: Page) -> None:
    """What was asked for is there with its ranges, and nothing runs."""
    page.wait_for_selector(".world:not(.busy) .figures")
    until(page, "!document.querySelector('.figures')?.innerText.includes('point estimate')")
    until(page, "!document.querySelector('.standing')")
    until(page, "!document.querySelector('.busy')")


def test_the_first_screen_shows_a_finished_preset(visit: Visit, address: str) -> None:
    page = visit.page
    world = ec.load_world("reference")
    expected = ec.run(world, "two-blocs").data
    assert page.locator("h1").inner_text() == "Two blocs"
    figures = page.locator(".figures").inner_text()
    assert shown(float(expected["world_real_income"].sel(quantile="central"))) in figures
    for level in ("p05", "p95"):
        assert shown(float(expected["world_real_income_range"].sel(level=level))) in figures
    assert re.fullmatch("#[0-9a-f]{6}", _fill(page, "RUS"))
    assert _fill(page, "TCD") == NO_DATA
    assert _fill(page, "USA") not in (NO_DATA, _fill(page, "RUS"))
    rows = page.locator(".ranked li")
    assert rows.count() == len(world.economies)
    ranges = page.locator(".ranked small").all_text_contents()
    assert all(re.fullmatch(r"\S+ to \S+|point estimate|same over the range", text) for text in ranges)
    assert page.locator(".presets button").count() == 12
    assert page.locator(".assumptions").inner_text().count("Caliendo and Parro") == 1
    visit.shot("first")
    _quiet(visit, address)


def test_painting_a_bloc_and_running_it(visit: Visit, address: str) -> None:
    page = visit.page
    _build(page)
    page.get_by_role("button", name="Start afresh").click()
    page.get_by_role("button", name="Add a bloc").click()
    for code in ("BRA", "ARG", "SGP"):
        _country(page, code).hover(force=True)
        page.mouse.down()
        page.mouse.up()
    assert "3 members" in page.locator(".bloc").inner_text()
    assert _fill(page, "BRA") == _fill(page, "SGP") != _fill(page, "CHL")
    _country(page, "ARG").click(force=True)
    assert "2 members" in page.locator(".bloc").inner_text()
    page.get_by_role("button", name="Undo").click()
    assert "3 members" in page.locator(".bloc").inner_text()
    page.get_by_role("button", name="Redo").click()
    page.keyboard.press("Control+z")
    assert "3 members" in page.locator(".bloc").inner_text()
    box(page, "Depth of bloc-a").select_option("4")
    page.get_by_role("button", name="Add a tariff").click()
    box(page, "Origin").select_option(label="China")
    page.get_by_role("spinbutton", name="Tariff").fill("25")
    page.get_by_role("button", name="Add an embargo").click()
    visit.shot("painting")
    page.get_by_role("button", name="Run", exact=True).click()
    _settled(page)
    assert page.locator("h1").inner_text() == "An order of your own"
    assert float(page.locator(".figures .amount").first.inner_text().strip("% ").replace("−", "-")) < 0
    visit.shot("painted")
    _quiet(visit, address)


def test_a_stroke_paints_what_it_crosses(visit: Visit) -> None:
    page = visit.page
    _build(page)
    page.get_by_role("button", name="Start afresh").click()
    page.get_by_role("button", name="Add a bloc").click()
    start, end = (_country(page, code).locator("use").bounding_box() for code in ("DZA", "EGY"))
    assert start and end
    page.mouse.move(start["x"] + start["width"] * 0.6, start["y"] + start["height"] * 0.5)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=30)
    page.mouse.up()
    assert _fill(page, "DZA") == _fill(page, "LBY") == _fill(page, "EGY") != _fill(page, "NGA")
    page.get_by_role("button", name="Undo").click()
    assert _fill(page, "LBY") == _fill(page, "NGA")


def test_the_map_follows_a_click(visit: Visit) -> None:
    page = visit.page
    _build(page)
    _country(page, "BRA").click(force=True)
    shown, drawn = page.locator(".assumptions dd").last.text_content(), _fill(page, "BRA")
    page.get_by_role("button", name="Run", exact=True).click()
    until(page, f"[...document.querySelectorAll('.assumptions dd')].at(-1).textContent !== '{shown}'")
    _settled(page)
    assert _fill(page, "BRA") != drawn


def test_a_run_tells_how_it_stands_and_can_be_stopped(visit: Visit, address: str) -> None:
    page = visit.page
    before = page.locator(".figures").inner_text()
    page.get_by_role("button", name="Prosperity and security").click()
    box(page, "Shocks").select_option(label="Accidents")
    box(page, "Years of accidents that are drawn").select_option("200")
    page.get_by_role("button", name="Compute losses").click()
    until(page, "/[0-9]+ of [0-9]+ · [0-9]+ s/.test(document.querySelector('.standing')?.innerText)")
    visit.shot("running")
    page.locator(".standing button").click()
    page.wait_for_selector(".standing", state="detached")
    page.get_by_role("button", name="World", exact=True).click()
    assert page.locator(".figures").inner_text() == before
    assert page.get_by_text("The order has changed since this result.").count() == 0
    page.get_by_role("button", name="Prosperity and security").click()
    assert page.get_by_role("button", name="Compute losses").is_enabled()
    page.get_by_role("button", name="World", exact=True).click()
    page.get_by_role("button", name="Open world").click()
    until(page, "document.querySelector('.figures .amount').innerText.startsWith('+')")
    _quiet(visit, address)


def test_what_takes_long_is_made_in_spare_time(visit: Visit, address: str) -> None:
    page = visit.page
    button = page.get_by_role("button", name="Nation first")
    assert re.search("being computed|press to compute|World", button.inner_text())
    until(page, "/Nation first\\s+World [−+]?[0-9.]+ %/.test(document.querySelector('.presets').innerText)")
    said = button.inner_text().split("World ")[1].removesuffix(" %")
    button.click()
    _settled(page)
    assert page.locator(".figures .amount").first.inner_text() == f"{said} %"
    page.get_by_role("combobox", name="Find a country").fill("CHN")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="One economy").click()
    assert "log points" in page.locator(".five > div").last.inner_text()  # what a player could still gain
    page.get_by_role("button", name="Today").click()
    until(page, "document.querySelector('.five')?.lastChild.innerText.includes('Let it leave APEC')")
    page.get_by_role("combobox", name="Find a country").fill("IRN")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('.five')?.lastChild.innerText.includes('in no bloc or union')")
    visit.shot("economy-today")
    _quiet(visit, address)


def test_every_economy_is_reached_in_sectors(visit: Visit, address: str) -> None:
    page = visit.page
    page.get_by_role("button", name="Sectors").click()
    page.wait_for_selector("main .reasons svg")
    for code in ("VUT", "ISL", "CHN"):
        if box(page, "Economy").locator(f"option[value={code}]").count():
            box(page, "Economy").select_option(code)
        for sector in ("other_mining", "public_services"):
            box(page, "Sectors").select_option(sector)
            caption = page.locator("figure.large figcaption").inner_text()
            assert "no data" not in caption, caption
    assert box(page, "Economy").locator("option").count() == 145
    page.get_by_role("combobox", name="Find a country").fill("Island")
    page.keyboard.press("Enter")
    until(page, "document.querySelectorAll('.reasons figcaption')[1].innerText === 'Iceland'")
    _quiet(visit, address)


def test_orders_stand_side_by_side_on_one_scale(visit: Visit, address: str) -> None:
    page = visit.page
    page.get_by_role("button", name="Compare", exact=True).first.click()
    page.get_by_role("checkbox", name="Many poles").check()
    page.locator("main button.run").click()
    until(page, "document.querySelectorAll('.side-by-side figure').length === 3")
    until(page, "!document.querySelector('.side-by-side').innerText.includes('point estimate')")
    values = (
        ec.compare(ec.load_world("reference"), ["two-blocs", "open"]).data["real_income"].sel(economy="MEX")
    )
    page.locator('.live [data-code="MEX"]').click(force=True)
    gap = float(
        values.sel(order="two-blocs", quantile="central") - values.sel(order="open", quantile="central")
    )
    assert f"Mexico: {shown(gap)}" in page.locator("figure.large figcaption").inner_text()
    assert page.locator("tr.chosen th").inner_text() == "Mexico"
    assert page.locator(".side-by-side [data-code=MEX].chosen").count() == 3
    visit.shot("compare", whole=True)
    assert serious(page, "main", spared=(".side-by-side svg > *",)) == []
    _quiet(visit, address)


def test_one_economy_and_its_reasons(visit: Visit, address: str) -> None:
    page = visit.page
    page.get_by_role("combobox", name="Find a country").fill("Deutschl")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('.ranked .chosen button')?.textContent === 'Germany'")
    page.get_by_role("button", name="One economy").click()
    until(page, "document.querySelector('h1').innerText === 'Germany'")
    assert page.locator(".five dt").all_inner_texts() == [
        "Prosperity",
        "Security",
        "Sovereignty",
        "Equality",
        "Stability",
    ]
    page.get_by_role("button", name="Let it leave atlantic-pacific").click()
    until(page, "document.querySelector('.five').lastChild.innerText.includes('percentage points')")
    visit.shot("economy", whole=True)
    page.get_by_role("button", name="Sectors").click()
    page.wait_for_selector("main .reasons svg")
    visit.shot("sectors", whole=True)
    assert serious(page, "main") == []
    _quiet(visit, address)


def test_shocks_give_security_and_the_plane(visit: Visit, address: str) -> None:
    page = visit.page
    page.get_by_role("button", name="Prosperity and security").click()
    page.get_by_role("button", name="Compute losses").click()
    page.wait_for_selector("svg.plane")
    assert page.locator("svg.plane circle").count() > 130
    box(page, "Economy").select_option(label="Georgia")
    assert "Georgia:" in page.locator("main p[role=status]").inner_text()
    visit.shot("plane")
    assert serious(page, "main") == []
    _quiet(visit, address)


def test_a_link_opens_the_same_order(visit: Visit, browser: Browser, address: str) -> None:
    page = visit.page
    _build(page)
    _country(page, "BRA").click(force=True)
    page.get_by_label("Title").fill("Brasília & 東京 #1")
    page.get_by_label("Title").blur()
    page.get_by_role("button", name="Run", exact=True).click()
    _settled(page)
    figures = page.locator(".figures").inner_text()
    page.get_by_role("button", name="Share and method").click()
    link = page.get_by_role("textbox", name="Link").input_value()
    assert len(link) < 2000
    digest = page.locator("main .hash").first.inner_text()
    visit.shot("share", whole=True)
    assert serious(page, "main") == []
    with visiting(browser, link.replace("v=share&", ""), "app") as other:
        _ready(other.page)
        _settled(other.page)
        assert other.page.locator("h1").inner_text() == "Brasília & 東京 #1"
        assert other.page.locator(".figures").inner_text() == figures
        assert digest.startswith(other.page.locator(".assumptions dd").last.inner_text())
        _quiet(other, address)
    _quiet(visit, address)


def test_a_keyboard_is_enough(visit: Visit, address: str) -> None:
    page = visit.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.get_by_role("button", name="Build an order").focus()
    page.keyboard.press("Enter")
    page.locator(".live svg").focus()
    page.get_by_role("radio", name="Paint eurasian").focus()
    page.keyboard.press("Space")
    page.locator(".live svg").focus()
    here = page.evaluate("document.querySelector('.map .cursor')?.closest('[data-code]')?.dataset.code")
    page.keyboard.press("ArrowDown")
    there = page.evaluate(
        "document.querySelector('.map g[data-code] .cursor').closest('[data-code]').dataset.code"
    )
    assert there != here
    before = _fill(page, there)
    page.keyboard.press("Enter")
    assert _fill(page, there) != before
    said = page.evaluate(
        "document.getElementById(document.querySelector('.live svg').getAttribute('aria-activedescendant')).ariaLabel"
    )
    assert said.endswith(": eurasian")
    visit.shot("keyboard")
    page.keyboard.press("Control+Enter")
    _settled(page)
    assert "Two blocs" in page.locator("h1").inner_text()
    _quiet(visit, address)


def test_japanese(browser: Browser, address: str) -> None:
    with visiting(browser, address, "app", locale="ja-JP") as visit:
        page = visit.page
        _ready(page)
        assert page.locator("html").get_attribute("lang") == "ja"
        assert page.locator("h1").inner_text() == "二つのブロック"
        japanese = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
        for place in range(7):
            page.locator("nav button").nth(place).click()
            words = page.locator("main h1, main h2, main button, main label, main legend").all_inner_texts()
            lacking = [
                text
                for text in words
                if text and not japanese.search(text) and not re.search(r"^[\W\d]*$", text)
            ]
            assert [text for text in lacking if not text.startswith(("ASEAN", "USMCA"))] == [], place
            if place in (0, 1, 5):
                visit.shot(f"japanese-{place}")
        page.locator("nav button").first.click()
        page.get_by_role("button", name="秩序を作る").click()
        visit.shot("japanese-build")
        _quiet(visit, address)


def test_nothing_stands_in_the_way_of_a_reader(visit: Visit) -> None:
    page = visit.page
    assert serious(page) == []
    _build(page)
    assert serious(page) == []
    page.get_by_role("button", name="Orders", exact=True).click()
    assert serious(page) == []
    page.evaluate("document.querySelector('header label').remove()")
    assert [name for name, _ in serious(page, "header")] == ["select-name"]


def test_a_phone(browser: Browser, address: str) -> None:
    options: dict[str, Any] = {
        "viewport": {"width": 390, "height": 800},
        "has_touch": True,
        "is_mobile": True,
    }
    with visiting(browser, address, "app", **options) as visit:
        page = visit.page
        _ready(page)
        visit.shot("phone")
        for place in range(7):
            page.locator("nav button").nth(place).click()
            page.wait_for_timeout(200)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, place
        page.locator("nav button").first.click()
        _build(page)
        page.get_by_role("button", name="Closer").tap()
        _country(page, "BRA").tap(force=True)
        assert _fill(page, "BRA") == _fill(page, "USA")
        visit.shot("phone-build", whole=True)
        assert serious(page) == []
        _quiet(visit, address)
