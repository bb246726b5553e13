"""Measure the epidemic model on published data and write the figures into its page.

Run from anywhere: `python -m benchmarks.epidemic_quality [--check]`. Needs the folder of published data beside the
checkout (`../shared/data`). With `--check` nothing is written.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from benchmarks.timing import Timed, disturbed, machine, timed
from ecumene.models import epidemic, interventions, journeys
from ecumene.models.epidemic_outcome import arrival_day, summary
from ecumene.sources import load_world
from ecumene.sources.travel import openflights

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
PAGE = ROOT / "docs" / "epidemic.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
ORIGINS = ("CHN", "USA", "MEX", "GBR", "BRA", "ZAF", "IND", "SGP")
YEAR = 2014


def flights(data: Path) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Economies with routes and a known population, trips a day, and people."""
    people = pd.read_csv(data / "context" / "population.csv", keep_default_na=False, na_values=[""])
    people = people[people["Year"] == YEAR].set_index("Country Code")["Value"]
    every = openflights(data / "openflights")
    codes = [code for code in every["origin"].values.tolist() if code in people.index]
    trips = openflights(data / "openflights", codes).values / 365.0
    linked = trips.sum(axis=1) > 0
    codes = [code for code, at in zip(codes, linked, strict=True) if at]
    return codes, trips[np.ix_(linked, linked)], people[codes].to_numpy(dtype=np.float64)


def r_squared(days: np.ndarray, distance: np.ndarray) -> float:
    """Share of the variance of arrival days that a straight line in effective distance explains."""
    both = np.isfinite(days) & np.isfinite(distance) & (distance > 0)
    return float(np.corrcoef(days[both], distance[both])[0, 1] ** 2)


def against_distance(data: Path, origins: tuple[str, ...] = ORIGINS) -> pd.DataFrame:
    """R2 of arrival day on effective distance, for equal travel rates per head and for real populations."""
    codes, trips, people = flights(data)
    distance = journeys.effective_distance(trips)
    equal = trips.sum(axis=1) * people.sum() / trips.sum()  # people such that everyone travels as often
    rows = []
    for origin in origins:
        at = codes.index(origin)
        seed = np.zeros(len(codes))
        seed[at] = 1.0
        found = [origin]
        for population in (equal, people):
            outbreak = epidemic.Outbreak(population, trips, seed, economies=tuple(codes))
            record = epidemic.simulate(outbreak, settings=epidemic.Settings(days=500, stochastic=False))
            found.append(r_squared(arrival_day(record)[0], distance[at]))
        rows.append(found)
    return pd.DataFrame(rows, columns=["outbreak in", "equal rate per head", "real populations"])


def first_cases(data: Path) -> pd.Series:
    """Days from 1 January 2020 to the first confirmed case, by economy; only what was reported in 2020."""
    table = pd.read_csv(
        data / "oxcgrt" / "confirmed_cases.csv.gz", index_col="country_code", keep_default_na=False
    )
    table = table.drop(columns=[table.columns[0], "country_name"])
    cases = table.apply(pd.to_numeric, errors="coerce").fillna(0.0)
    cases = cases[~cases.index.duplicated()]
    days = (pd.to_datetime(cases.columns, format="%d%b%Y") - pd.Timestamp("2020-01-01")).days
    some = cases.to_numpy() >= 1.0
    first = np.where(some.any(axis=1), np.asarray(days)[some.argmax(axis=1)], np.nan)
    result = pd.Series(first.astype(np.float64), index=cases.index).dropna()
    return result[result < 366]


def against_first_cases(data: Path) -> pd.DataFrame:
    """Rank correlation of median arrival from China with the first reported case of 2020, by travel layer."""
    seen = first_cases(data)
    world = load_world("reference")
    keep = [i for i, code in enumerate(world.economies) if not code.startswith("ROW")]
    codes = [world.economies[i] for i in keep]
    layers = {
        "reference world, gravity": world.layers["travel"].values[np.ix_(keep, keep)] / 365.0,
        "OpenFlights routes": openflights(data / "openflights", codes).values / 365.0,
    }
    people = world.layers["population"].values[keep]
    rows = []
    for name, trips in layers.items():
        seed = np.zeros(len(codes))
        seed[codes.index("CHN")] = 40.0
        outbreak = epidemic.Outbreak(people, trips, seed, economies=tuple(codes))
        record = epidemic.simulate(outbreak, settings=epidemic.Settings(days=200))
        days = pd.Series(summary(record).arrival_day[1], index=codes)
        both = [code for code in codes if code in seen.index and code != "CHN" and np.isfinite(days[code])]
        distance = pd.Series(journeys.effective_distance(trips)[codes.index("CHN")], index=codes)
        rows.append(
            (
                name,
                len(both),
                float(spearmanr(days[both], seen[both]).statistic),
                float(spearmanr(distance[both], seen[both]).statistic),
            )
        )
    return pd.DataFrame(
        rows,
        columns=["travel", "economies", "median arrival", "effective distance alone"],
    )


def speed() -> list[tuple[str, Timed, float]]:
    """Seconds for 145 economies, 365 days and 64 draws, without policy and with one of every kind."""
    world = load_world("reference")
    n = len(world.economies)
    seed = np.zeros(n)
    seed[world.economies.index("CHN")] = 40.0
    outbreak = epidemic.Outbreak(
        world.layers["population"].values,
        world.layers["travel"].values / 365.0,
        seed,
        economies=world.economies,
    )
    every = interventions.policy(
        n,
        closed_in=interventions.schedule(n, 0.9, own_cases=100.0, length=120.0),
        closed_pair=interventions.pair_schedule(np.full((n, n), 0.5), cases=1e4),
        local=interventions.schedule(n, 0.4, own_cases=1000.0, length=60.0),
    )
    return [
        ("64 draws, no policy", *taken(lambda: epidemic.simulate(outbreak), 3)),
        ("64 draws, policies of every kind", *taken(lambda: epidemic.simulate(outbreak, every), 3)),
        (
            "without chance",
            *taken(lambda: epidemic.simulate(outbreak, settings=epidemic.Settings(stochastic=False)), 5),
        ),
    ]


def taken(call: Callable[[], object], runs: int) -> tuple[Timed, float]:
    """Seconds on the clock, and seconds of processors, of one warm run."""
    clock = timed(call, runs=runs, seconds=20.0)
    begin = time.process_time()
    call()
    return clock, time.process_time() - begin


def markdown(table: pd.DataFrame) -> str:
    """A table as Markdown."""
    head = "| " + " | ".join(table.columns) + " |\n|" + "---|" * len(table.columns)
    cells = [[f"{c:.3f}" if isinstance(c, float) else str(c) for c in row] for row in table.to_numpy(object)]
    return "\n".join([head, *("| " + " | ".join(row) + " |" for row in cells)])


def measured(data: Path = DATA) -> str:
    """The measured part of the page."""
    distance = against_distance(data)
    times = pd.DataFrame(
        [
            (name, f"{t.median:.2f} s", f"{t.fastest:.2f} to {t.slowest:.2f} s", f"{used:.2f} s")
            for name, t, used in speed()
        ],
        columns=["145 economies, 365 days", "median of warm runs", "range", "processor time of one"],
    )
    equal, real = distance["equal rate per head"], distance["real populations"]
    return "\n\n".join(
        [
            f"R2 of arrival day on effective distance: {equal.min():.3f} to {equal.max():.3f} with an equal "
            f"travel rate per head, {real.min():.3f} to {real.max():.3f} with real populations.",
            markdown(distance),
            "Spearman rank correlation with the day of the first reported case in 2020 (OxCGRT), outbreak in China:",
            markdown(against_first_cases(data)),
            f"{machine()}. {disturbed()}".rstrip(),
            markdown(times),
        ]
    )


def main() -> None:
    """Print the measured part, and put it into the page unless `--check` is given."""
    text = measured()
    print(text)
    if "--check" in sys.argv[1:]:
        return
    page = PAGE.read_text(encoding="utf-8")
    start, stop = page.index(BEGIN) + len(BEGIN), page.index(END)
    PAGE.write_text(page[:start] + "\n\n" + text + "\n\n" + page[stop:], encoding="utf-8")


if __name__ == "__main__":
    main()
