"""BoARIO 0.7.2 and Ecumene on the same table, shock and settings; skipped, with a message, where BoARIO is absent.

BoARIO runs in a process of its own, by the interpreter that `ECUMENE_BOARIO` names (default: this one), so that its
requirements need not be ours.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import cases, page, shocks_twin
from ecumene.models import shocks
from ecumene.models.shocks import Settings
from ecumene.sources import load_world
from ecumene.types import FloatArray
from ecumene.world import World

SETTINGS = {"psi": 0.8, "overproduction_days": 365, "restoring_days": 30}
THEIRS = {"falls_with_orders": True, "decimals": 1}
"""Two rules that BoARIO was seen to have and this model has not (docs/shocks.md)."""


def task(
    world: World, hit: dict[str, float], stock_days: int, length: int, overproduction: float
) -> dict[str, Any]:
    """Table, names in alphabetical order, as BoARIO keeps them, and a shock from day 10."""
    R, S = len(world.economies), len(world.sectors)
    economies, sectors = np.argsort(world.economies), np.argsort(world.sectors)
    cells = (economies[:, None] * S + sectors[None]).reshape(-1)
    Z, Y = world.flows()
    lost = np.zeros((R, S))
    names = [world.economies[at] for at in economies]
    for name, share in hit.items():
        lost[names.index(name)] = share
    return {
        "Z": Z[np.ix_(cells, cells)], "Y": Y[cells].reshape(R * S, R, -1)[:, economies].reshape(R * S, -1),
        "economies": names, "sectors": [world.sectors[at] for at in sectors], "lost": lost, "start": 10,
        "length": length, "recovery": 30, "days": 365, "stock_days": stock_days, "order_type": "noalt",
        "overproduction": overproduction, **SETTINGS,
    }  # fmt: skip


def theirs(given: dict[str, Any]) -> dict[str, FloatArray] | str:
    """Their output by day and industry, and the seconds of their loop; or why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answer = Path(folder, "task.npz"), Path(folder, "result.npz")
        np.savez(asked, **given)
        script = Path(__file__).with_name("boario_run.py")
        command = [os.environ.get("ECUMENE_BOARIO", sys.executable), str(script), str(asked), str(answer)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1800, cwd=folder)
        if done.returncode:
            return f"BoARIO was not run: {done.stderr.strip().splitlines()[-1]}"
        return dict(np.load(answer))


def ours(given: dict[str, Any]) -> tuple[FloatArray, FloatArray, float]:
    """Our output on the same table as a ratio to the base, the base's output, and seconds of a warm run."""
    base = shocks.from_dense(given["Z"], given["Y"], len(given["economies"]))
    settings = Settings(
        stock_days=float(given["stock_days"]), restoring_days=30.0, psi=0.8,
        overproduction=given["overproduction"], overproduction_days=365.0, smallest_input=0.0,
        orders="made", rationing="proportional",
    )  # fmt: skip
    # Their recovery of 30 days starts two days after the length given; the day after has 29/30 of the loss.
    if given["length"] < 354:
        event = shocks.lost_capacity(given["lost"], 10, given["length"] + 2, 29.0, "linear")
    else:
        event = shocks.lost_capacity(given["lost"], 10)
    shocks.simulate(base, [event], settings)
    taken = []
    for _ in range(3):
        begin = time.perf_counter()
        record = shocks.simulate(base, [event], settings)
        taken.append(time.perf_counter() - begin)
    x0 = np.asarray(base.output).reshape(-1)
    live = x0 > 0
    return record.output.reshape(365, -1)[:, live] / x0[live], x0[live], float(np.median(taken))


def row(
    label: str, world: World, hit: dict[str, float], stock_days: int, length: int, overproduction: float
) -> str:
    given = task(world, hit, stock_days, length, overproduction)
    found = theirs(given)
    if isinstance(found, str):
        return found
    mine, x0, seconds = ours(given)
    live = found["output"][0] > 0
    their = found["output"][:, live] / found["output"][0, live]
    difference = np.abs(mine - their).max(axis=1)
    twin = shocks_twin.output(given, **THEIRS)[:, live] / x0
    explained = np.abs(twin - their).max()
    same = int(np.argmax(difference > 1e-9)) if (difference > 1e-9).any() else len(difference)
    total = np.abs((mine - their) @ x0 / x0.sum()).max()
    loss = 100 * (1 - their.mean(axis=0) @ x0 / x0.sum())
    took = float(found["seconds"])
    return (
        f"| {label} | {page.seconds(took)} | {page.seconds(seconds)} | {took / seconds:,.0f} | {same} | "
        f"{difference.max():.0e} | {total:.0e} | {explained:.0e} | {loss:.3f} |"
    )


def text() -> str:
    """A table of both, or why there is none."""
    sys.path.insert(0, str(cases.ROOT / "tests"))
    from small_world import make_world

    small, wiod = make_world(), load_world(cases.WIOD)
    here, there = {"CHN": 0.3, "GEO": 0.2}, {"JPN": 0.3, "DEU": 0.2}
    lines = [
        row("6 x 3, lasting, no overproduction", small, here, 20, 354, 1.0),
        row("6 x 3, lasting", small, here, 20, 354, 1.25),
        row("6 x 3, 60 days", small, here, 20, 60, 1.25),
        row("WIOD 2011 (41 x 35), lasting, no overproduction", wiod, there, 90, 354, 1.0),
        row("WIOD 2011 (41 x 35), lasting", wiod, there, 90, 354, 1.25),
    ]
    missing = [line for line in lines if not line.startswith("|")]
    if missing:
        return missing[0]
    head = (
        "| world and shock | BoARIO 0.7.2 | `simulate`, full table | times faster | first days equal to 1e-9 | "
        "largest difference of an industry in the year | of world output | the same, an industry, NumPy with "
        "BoARIO's two rules | lost output, % |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    )
    return "\n".join([head, *lines])
