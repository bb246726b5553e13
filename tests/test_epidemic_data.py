"""The epidemic model on published travel and case data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecumene.models import epidemic, journeys
from ecumene.models.epidemic_outcome import arrival_day
from ecumene.sources.travel import openflights


def r_squared(days: np.ndarray, distance: np.ndarray) -> float:
    both = np.isfinite(days) & np.isfinite(distance) & (distance > 0)
    return float(np.corrcoef(days[both], distance[both])[0, 1] ** 2)


@pytest.fixture(scope="module")
def trips(shared: Path) -> pd.DataFrame:
    table = openflights(shared / "data" / "openflights")
    names = table["origin"].values
    return pd.DataFrame(table.values / 365.0, index=names, columns=names)


@pytest.mark.parametrize("origin", ["CHN", "USA", "GBR", "IND", "ZAF", "BRA"])
def test_arrival_follows_effective_distance(trips: pd.DataFrame, origin: str) -> None:
    """R2 above 0.9 with an equal travel rate per head (Brockmann and Helbing 2013)."""
    table = trips.to_numpy()
    at = list(trips.index).index(origin)
    people = table.sum(axis=1) * (7.2e9 / table.sum())
    first = np.zeros(len(table))
    first[at] = 1.0
    record = epidemic.simulate(
        epidemic.Outbreak(people, table, first), settings=epidemic.Settings(days=500, stochastic=False)
    )
    assert r_squared(arrival_day(record)[0], journeys.effective_distance(table)[at]) > 0.9


def test_route_counts(trips: pd.DataFrame) -> None:
    assert len(trips) > 200
    assert np.array_equal(trips.to_numpy(), trips.to_numpy().T)
    assert not np.diagonal(trips.to_numpy()).any()
    assert set(trips.loc["USA"].nlargest(2).index) == {"CAN", "MEX"}
    assert trips.loc["DEU", "ESP"] > trips.loc["DEU", "CHN"] > 0.0
