"""A Chromium that reaches nothing but this machine, and what its pages ask for, say and hide from readers."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from conftest import missing
from shell import environment

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

ROOT = Path(__file__).parents[1]
AXE = ROOT / "web-ui" / "node_modules" / "axe-core" / "axe.min.js"
APP = ROOT / "ecumene" / "web" / "page" / "index.html"
SHOTS = Path(os.environ.get("ECUMENE_SCREENSHOTS", ROOT / "out" / "screenshots"))
ARGUMENTS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)

PATIENCE = 120.0
"""Seconds that a server may take to be ready, and a page to show what it was asked for."""


class Visit(NamedTuple):
    """A page, what it asked for, and what went wrong in it."""

    page: Page
    requests: list[str]
    errors: list[str]
    kind: str

    def shot(self, name: str, whole: bool = False) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{self.kind}-{name}.png", full_page=whole)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, driven."""
    found = shutil.which("chromium")
    if found is None:
        missing("Chromium")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield started
        started.close()


@contextmanager
def visiting(browser: Browser, address: str, kind: str, **options: Any) -> Iterator[Visit]:
    """A visit that begins at an address, in a window of its own that remembers nothing."""
    context = browser.new_context(
        **{"viewport": {"width": 1200, "height": 900}, "locale": "en-GB", **options}
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    yield Visit(page, requests, errors, kind)
    context.close()


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """`ecumene serve` in a process of its own, warm; its address."""
    if not APP.is_file():
        missing("the built app (`make page`)")
    for part in ("fastapi", "uvicorn"):
        pytest.importorskip(part)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "server.log"
    with log.open("w") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "ecumene", "serve", "--port", str(port)],
            cwd=ROOT,
            env=environment(ECUMENE_CACHE=str(folder)),
            stdout=told,
            stderr=told,
        )
    try:
        end = monotonic() + PATIENCE
        while "serving on" not in log.read_text(encoding="utf-8"):
            if process.poll() is not None or monotonic() > end:
                pytest.fail(f"the server did not start: {log.read_text(encoding='utf-8')}", pytrace=False)
            sleep(0.2)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(30)


def until(page: Page, holds: str) -> None:
    """Wait until an expression holds; Playwright's own way evaluates words, which the app's policy forbids."""
    end = monotonic() + PATIENCE
    while not page.evaluate(f"() => Boolean({holds})"):
        if monotonic() > end:
            pytest.fail(f"never came true: {holds}", pytrace=False)
        page.wait_for_timeout(50)


def box(page: Page, name: str) -> Locator:
    """A list to choose from, by its label."""
    return page.get_by_role("combobox", name=name, exact=True)


def shown(value: float) -> str:
    """A change as pages write it."""
    text = f"{value:+.2f}".replace("-", "−")
    return "0.00" if text in ("+0.00", "−0.00") else text


def serious(page: Page, part: str = "body", spared: tuple[str, ...] = ()) -> list[Any]:
    """What axe finds serious or worse in a part of a page."""
    if not AXE.is_file():
        missing("axe-core (`make page`)")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "([part, spared]) => axe.run({include: [[part]], exclude: spared.map((each) => [each])})",
        [part, list(spared)],
    )
    return [
        (each["id"], [node["html"][:200] for node in each["nodes"]][:3])
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]
