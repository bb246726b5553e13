"""Production shocks on WIOD 2011: `python -m benchmarks.shocks` measures and rewrites its section of the page."""

from __future__ import annotations

import os
import sys
import time

import numpy as np

from benchmarks import cases, page, shocks_peer
from benchmarks.page import Figure
from benchmarks.section import publish, section
from benchmarks.timing import Timed, timed
from ecumene.models import shocks
from ecumene.models.shocks import Base, Event, Settings

TITLE = "## Production shocks"
ABOUT = "A year on WIOD 2011 (41 x 35, five final uses), in double precision; `python -m benchmarks.shocks`."
DAYS = 365


def bases() -> dict[str, Base]:
    """WIOD 2011 as `run` uses it, and as a full table."""
    world = cases.wiod()
    return {
        "proportional": shocks.from_proportional(
            world.trade.values, world.intermediate.values, world.final.values, tariff=world.tariff.values
        ),
        "full table": shocks.from_dense(*world.flows(), len(world.economies)),
    }


def event(base: Base) -> list[Event]:
    """Two economies lose a fifth and a third of capacity for two months, then recover in a month."""
    lost = np.zeros(base.output.shape)
    lost[1], lost[4] = 0.2, 1.0 / 3.0
    return [shocks.lost_capacity(lost, 10, 60, 30.0, "linear")]


def random_scenarios(base: Base, number: int) -> list[list[Event]]:
    """Losses of capacity at random places, times and lengths."""
    rng = np.random.default_rng(5)
    found = []
    for _ in range(number):
        lost = rng.uniform(0.0, 1.0, base.output.shape) * (rng.uniform(size=base.output.shape) < 0.05)
        start, length = int(rng.integers(0, 90)), int(rng.integers(5, 120))
        found.append([shocks.lost_capacity(lost, start, length, 20.0, "exponential")])
    return found


def measure(number: int) -> list[Figure]:
    figures = []
    rng = np.random.default_rng(0)
    for name, base in bases().items():
        S = base.output.shape[1]
        settings = Settings(rating=rng.choice([0.0, 0.5, 1.0], (S, S)))
        happens = event(base)
        links = [shocks.closed_link(0.5 * (1.0 - np.eye(len(base.output))), 10, 60)]
        asked = name == "proportional"
        runs = {
            "one simulation": (lambda: shocks.simulate(base, happens, settings, days=DAYS), 0.6),  # noqa: B023
            "the band: all, half, none": (
                lambda: shocks.simulate_band(base, happens, settings, days=DAYS), 1.2,  # noqa: B023
            ),
            "one simulation, rerouting (eta 1), links half closed": (
                lambda: shocks.simulate(base, links, settings._replace(substitution=1.0), days=DAYS), None,  # noqa: B023
            ),
            "one simulation, complements": (
                lambda: shocks.simulate(base, happens, settings, days=DAYS, origins="complement"), None,  # noqa: B023
            ),
        }  # fmt: skip
        for label, (call, limit) in runs.items():
            taken = timed(call, runs=7, seconds=2.0)
            begin = time.process_time()
            call()
            cpu = time.process_time() - begin
            figures.append(Figure(f"{name}: {label}", taken, f"processor time {page.seconds(cpu)}", limit))
        if asked and number:
            scenarios = random_scenarios(base, number)
            shocks.simulate_many(base, scenarios[:2], settings, days=DAYS)
            begin, cpu = time.perf_counter(), time.process_time()
            shocks.simulate_many(base, scenarios, settings, days=DAYS)
            whole, cpu = time.perf_counter() - begin, time.process_time() - cpu
            note = f"`simulate_many`; processor time {page.seconds(cpu)}"
            label = f"{name}: {number:,} random shocks"
            figures.append(Figure(label, Timed(whole, whole, whole, 1), note, 300.0 * number / 1000))
    return figures


def whole(number: int, peer: bool) -> str:
    """The section, and below it the same beside BoARIO."""
    made = section(TITLE, ABOUT, lambda: measure(number))
    return "\n\n".join([made, "### Beside BoARIO", shocks_peer.text().strip()]) if peer else made


if __name__ == "__main__":
    wanted = int(os.environ.get("ECUMENE_SHOCKS", "1000"))
    raise SystemExit(publish(TITLE, lambda: whole(wanted, "--no-peer" not in sys.argv)))
