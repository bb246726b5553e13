"""The service, warm, as its clients meet it: `python -m benchmarks.web` rewrites its section of the page."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright

from benchmarks.page import Figure
from benchmarks.section import publish, section
from benchmarks.timing import Timed
from ecumene.sources import load_world

TITLE = "## The service"
ABOUT = (
    "One painted order on the reference world (145 x 16), a point estimate: two or three blocs of 3 to 40 economies, "
    "barriers and tariffs between them, drawn from a seed and all different, so that nothing is kept; over HTTP, "
    "numbers included; `python -m benchmarks.web`."
)

ORDERS = 200
CLIENTS = 10
ROUNDS = 5
POINT_SECONDS = 0.060
"""Wanted for 95 of 100 point estimates: what the climate simulator En-ROADS needs."""

CROWD_SECONDS = 0.5
"""Wanted for each of ten clients who ask at once."""

LONGEST = 240.0
"""Seconds after which no further order is asked for."""

RECOLOUR_SECONDS = 0.150
"""Wanted from the click on Run to the frame with the new colours."""

PAINTED = ("BRA", "MEX", "TUR", "SAU", "EGY", "CHL", "PER", "THA", "KEN", "NOR")
"""Economies that join the bloc one after another, so that every order is new."""

RECOLOUR = """async () => {
    const hash = () => [...document.querySelectorAll('.assumptions dd')].at(-1).textContent
    const before = hash()
    const begun = performance.now()
    document.querySelector('button.run').click()
    const next = () => new Promise((told) => requestAnimationFrame(told))
    while (hash() === before && performance.now() - begun < 20000) await next()
    await next()
    return performance.now() - begun
}"""
"""Milliseconds until the frame after the one in which the new result stands beside the map."""

SPARE_SECONDS = 15.0
"""Seconds that the ranges of what is computed in spare time may take after its point estimate."""

PORT = re.compile(r"http://127\.0\.0\.1:(\d+)/")


def painted(rng: random.Random, number: int, codes: list[str]) -> dict[str, Any]:
    """An order as somebody might paint it."""
    left = rng.sample(codes, len(codes))
    names = ["red", "blue", "green"][: rng.randint(2, 3)]
    blocs = {}
    for name in names:
        size = rng.randint(3, 40)
        members, left = left[:size], left[size:]
        blocs[name] = {"members": members, "depth": rng.randint(1, 4), "external_tariff": "own"}
    one, other = rng.sample(names, 2)
    return {
        "name": f"painted-{number}",
        "title": f"Painted {number}",
        "blocs": blocs,
        "barriers": [{"between": [one, other], "cost_percent": round(rng.uniform(2, 40), 2)}],
        "tariffs": [
            {"on": one, "from": other, "add_points": round(rng.uniform(1, 30), 2)},
            {
                "on": other,
                "from": one,
                "rate_percent": round(rng.uniform(5, 50), 2),
                "sectors": ["agriculture"],
            },
        ],
    }


@contextmanager
def serving() -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """A server of its own with an empty store, and its port; ended with its processes."""
    with tempfile.TemporaryDirectory(prefix="ecumene-web-") as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "ecumene", "serve", "--port", "0"],
            env={**os.environ, "ECUMENE_CACHE": folder},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stderr is not None
            found = next(filter(None, map(PORT.search, process.stderr)), None)
            assert found is not None, "the server did not say its address"
            yield int(found[1]), process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def ask(port: int, body: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    """Seconds until the whole answer is there, on a connection of its own, and the answer."""
    text = json.dumps(body)
    begin = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("POST", "/api/runs", text, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    taken = time.perf_counter() - begin
    connection.close()
    told = json.loads(content)
    assert answer.status == 200, told
    assert told["state"] == "done", told
    return taken, told


def rested(port: int) -> None:
    """Wait until what the server computes in spare time after its start is there."""
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/api/spare")
        waiting = [
            each for each in json.loads(connection.getresponse().read()) if each["run"]["state"] != "done"
        ]
        connection.close()
        if not waiting:
            break
        time.sleep(1.0)
    time.sleep(SPARE_SECONDS)  # its ranges follow


def spent(process: subprocess.Popen[str]) -> float:
    """Processor time of the server and its workers so far, in seconds; 0 where the system does not say."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if process.pid in (int(stat.parent.name), int(fields[1])):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _of(times: list[float], part: float) -> Timed:
    return Timed(float(np.quantile(times, part)), min(times), max(times), len(times))


def recoloured(port: int) -> list[float]:
    """Seconds from the click on Run to the map's new colours, in Chromium; empty where there is none."""
    found = shutil.which("chromium")
    if found is None:
        return []
    flags = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
    times = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        page = browser.new_page(viewport={"width": 1200, "height": 900}, locale="en-GB")
        page.set_default_timeout(60_000)
        page.goto(f"http://127.0.0.1:{port}/")
        page.wait_for_selector(".figures")
        for code in PAINTED:
            page.get_by_role("button", name="Build an order").click()
            page.locator(f'.live [data-code="{code}"]').click(force=True)
            page.wait_for_timeout(1000)  # a reader looks before running
            times.append(page.evaluate(RECOLOUR) / 1e3)
            page.wait_for_selector(".world:not(.busy) .figures")
            for busy in (".standing", ".busy"):
                page.wait_for_selector(busy, state="detached")
        browser.close()
    return times


def measure() -> list[Figure]:
    codes = [code for code in load_world("reference").economies if not code.startswith("ROW")]
    rng = random.Random(2026)
    orders = iter([painted(rng, n, codes) for n in range(ORDERS + CLIENTS * ROUNDS + 20)])

    def point() -> dict[str, Any]:
        return {"orders": [{"order": next(orders)}], "range": False}

    with serving() as (port, process):
        rested(port)
        for _ in range(20):  # warm: both forms of the program are compiled
            ask(port, point())
        began, before = time.perf_counter(), spent(process)
        alone, inside = [], []
        while len(alone) < ORDERS and time.perf_counter() - began < LONGEST:
            taken, told = ask(port, point())
            alone.append(taken)
            inside.append(told["seconds"])
        each = (spent(process) - before) / len(alone)
        crowd: list[float] = []
        with ThreadPoolExecutor(CLIENTS) as pool:
            for _ in range(ROUNDS):
                batch = [point() for _ in range(CLIENTS)]
                crowd += [taken for taken, _ in pool.map(lambda body: ask(port, body), batch)]
        again = [ask(port, {"orders": ["two-blocs"], "why": True})[0] for _ in range(20)]
        colours = recoloured(port)
    figures = [
        Figure(
            "one client: half of the orders within",
            _of(alone, 0.5),
            f"processor time {each * 1e3:.0f} ms each",
        ),
        Figure("one client: 95 of 100 within", _of(alone, 0.95), "", POINT_SECONDS),
        Figure("of this in the worker: 95 of 100 within", _of(inside, 0.95), ""),
        Figure("ten clients at once: half within", _of(crowd, 0.5), ""),
        Figure("ten clients at once: the slowest", _of(crowd, 1.0), "", CROWD_SECONDS),
        Figure("a preset with ranges and reasons, kept", _of(again, 0.5), ""),
    ]
    if colours:
        label = "from the click on Run to the new colours of the map, half within"
        figures.append(Figure(label, _of(colours, 0.5), "Chromium on the same machine", RECOLOUR_SECONDS))
    for figure in figures:
        print(
            f"{figure.label}: {figure.taken.median * 1e3:.1f} ms {figure.note}", file=sys.stderr, flush=True
        )
    return figures


if __name__ == "__main__":
    raise SystemExit(publish(TITLE, lambda: section(TITLE, ABOUT, measure)))
