"""WIOD 2011: the Leontief model on the raw and on the cleaned table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import linalg

from ecumene.sources import load_world
from ecumene.types import FloatArray
from replication.rows import Row, published

LOSERS = ("CHN", "TWN", "KOR", "AUS", "world")
RAW = ("-7.870", "-0.989", "-0.681", "-0.540", "-1.0239")
CLEANED = ("-7.867", "-0.988", "-0.680", "-0.539", "-1.0214")


def spectral_radius(A: FloatArray) -> float:
    """Largest eigenvalue of a non-negative matrix, by power iteration on I + A (no cycles there)."""
    vector, value = np.ones(len(A)), 0.0
    for _ in range(20_000):
        image = vector + A @ vector
        before, value = value, float(image.max())
        vector = image / value
        if abs(value - before) < 1e-13:
            break
    return value - 1.0


def _technology(Z: FloatArray, Y: FloatArray) -> tuple[FloatArray, FloatArray]:
    output = Z.sum(axis=1) + Y.sum(axis=1)
    return np.divide(Z, output, out=np.zeros_like(Z), where=output > 0), output


def value_added_change(
    Z: FloatArray, Y: FloatArray, economies: tuple[str, ...], buyer: str, factor: float
) -> dict[str, float]:
    """Change of value added, %, when one economy scales all its final uses: `dv = v' L df`."""
    A, output = _technology(Z, Y)
    R = len(economies)
    n_sectors, n_uses = len(Z) // R, Y.shape[1] // R
    change = (factor - 1.0) * Y.reshape(len(Z), R, n_uses)[:, economies.index(buyer)].sum(axis=1)
    share = 1.0 - A.sum(axis=0)
    moved = (share * linalg.solve(np.eye(len(Z)) - A, change)).reshape(R, n_sectors).sum(axis=1)
    level = (share * output).reshape(R, n_sectors).sum(axis=1)
    result = dict(zip(economies, 100 * moved / level, strict=True))
    return {**result, "world": float(100 * moved.sum() / level.sum())}


def wiod(data: Path) -> list[Row]:
    """Spectral radius of the input coefficients, and a fall of China's final demand by a tenth."""
    path = data / "wiod" / "wiod2011.npz"
    with np.load(path) as d:
        Z, Y = d["Z"].astype(float), d["Y"].astype(float)
        economies = tuple(str(name) for name in d["economies"])
    rows = [published("spectral radius of A, raw table", "0.6102", spectral_radius(_technology(Z, Y)[0]))]
    for label, table, expected in (
        ("raw", (Z, Y), RAW),
        ("cleaned", load_world(f"wiod:{path}").flows(), CLEANED),
    ):
        change = value_added_change(*table, economies, "CHN", 0.9)
        rows += [
            published(f"value added, {name}, {label} table", text, change[name], "%")
            for name, text in zip(LOSERS, expected, strict=True)
        ]
    return rows
