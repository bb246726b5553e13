"""Files in the app: orders dropped in, worlds uploaded, results taken along, one hash in all of them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from browsing import Visit, box, chromium, serving, until, visiting
from random_worlds import random_world

import ecumene as ec

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

GOOD = "name: pair\ntitle: A pair\nnote: Two economies.\nblocs:\n  pair: {members: [DEU, FRA], depth: 6}\n"
BAD = "name: pair\ntitle: A pair\nblocs:\n  pair: {members: [DEU, Franze], dept: 5}\n"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("app-files")) as found:
        yield found


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    with visiting(browser, address, "app") as begun:
        begun.page.wait_for_selector(".figures")
        begun.page.wait_for_selector(".presets button")
        yield begun


def _file(name: str, body: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": body}


def _four() -> ec.World:
    """Four economies with names on the map, out of a random world."""
    world = random_world(4, 3, np.random.default_rng(3))
    return ec.World(
        economies=("DEU", "USA", "CHN", "ROW"),
        sectors=world.sectors,
        final_uses=world.final_uses,
        trade=world.trade.values,
        intermediate=world.intermediate.values,
        final=world.final.values,
        tariff=world.tariff.values,
        theta=world.theta.values,
        theta_source="made up",
        year=None,
        source="four economies, made up",
    )


def test_orders_are_dropped_in_kept_opened_and_refused(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="Orders", exact=True).click()
    field = page.locator("input[type=file][multiple]")
    field.set_input_files(_file("bad.yaml", BAD.encode()))
    page.wait_for_selector("main .trouble")
    assert "dept" in page.locator("main .trouble").inner_text()
    visit.shot("order-refused")
    assert page.locator(".cards").first.locator("li").count() == 0
    visit.errors.clear()  # the browser notes the refusal
    field.set_input_files(_file("pair.yaml", GOOD.encode()))
    card = page.locator(".cards").first.locator("li")
    card.wait_for()
    assert "A pair" in card.inner_text()
    page.reload()
    page.wait_for_selector(".cards li")
    visit.shot("orders", whole=True)
    page.locator(".cards").first.get_by_role("button", name="Open", exact=True).click()
    until(page, "document.querySelector('h1')?.innerText === 'A pair'")
    until(page, "document.querySelector('.figures')?.innerText.match(/gain: (France|Germany)/)")
    assert visit.errors == []


def test_worlds_are_uploaded_chosen_and_refused(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    field = page.locator("input[type=file][hidden]")
    field.set_input_files(_file("bad.ecm", b"this is no world"))
    page.wait_for_selector("main .trouble")
    visit.shot("world-refused")
    visit.errors.clear()
    _four().save(tmp_path / "small.ecm")
    field.set_input_files(tmp_path / "small.ecm")
    until(page, "document.querySelectorAll('.ranked li').length === 4")
    chosen = box(page, "Data").evaluate("box => box.selectedOptions[0].text")
    assert chosen.startswith("small")
    visit.shot("world-uploaded")
    until(page, "document.querySelectorAll('.presets button').length === 12")
    assert visit.errors == []


def test_accidents_are_drawn_on_a_small_world(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    _four().save(tmp_path / "small.ecm")
    page.locator("input[type=file][hidden]").set_input_files(tmp_path / "small.ecm")
    until(page, "document.querySelectorAll('.ranked li').length === 4")
    until(page, "!document.querySelector('.standing') && !document.querySelector('.stale')")
    page.get_by_role("button", name="Prosperity and security").click()
    box(page, "Shocks").select_option(label="Accidents")
    box(page, "Years of accidents that are drawn").select_option("20")
    page.get_by_role("button", name="Compute losses").click()
    until(page, "document.querySelectorAll('svg.plane circle').length === 3")
    assert "y=20" in page.evaluate("location.hash")
    assert box(page, "Losses").locator("option").count() == 2  # the mean, and that of the worst years
    visit.shot("accidents")
    page.get_by_role("button", name="One economy").click()
    assert "not computed" not in page.locator(".five > div").nth(1).inner_text()
    assert visit.errors == []


def test_every_file_carries_the_hash_that_the_page_shows(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    page.get_by_role("button", name="Share and method").click()
    digest = page.locator("main .hash").first.inner_text()
    taken: dict[str, bytes] = {}
    for label in ("Report (HTML)", "Table (CSV)", "Table (Parquet)", "Everything (netCDF)", "Order (YAML)"):
        with page.expect_download() as downloading:
            page.get_by_role("link", name=label).click()
        path = tmp_path / downloading.value.suggested_filename
        downloading.value.save_as(path)
        taken[label] = path.read_bytes()
        assert digest[:12] in path.name or label.startswith("Order"), path.name
    assert digest.encode() in taken["Report (HTML)"]
    assert digest.encode() in taken["Order (YAML)"]
    saved = tmp_path / "again.nc"
    saved.write_bytes(taken["Everything (netCDF)"])
    result = ec.load_result(saved)
    assert result.hash == digest
    table = pd.read_csv(io.BytesIO(taken["Table (CSV)"]))
    assert len(table) == len(pd.read_parquet(io.BytesIO(taken["Table (Parquet)"]))) > 1000
    assert page.locator("pre").inner_text().count("@")
    assert visit.errors == []
