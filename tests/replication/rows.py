"""What a check returns: rows of an expected and an obtained number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One number: expected and obtained, as shown, and how far they may differ."""

    quantity: str
    expected: float
    obtained: float
    tolerance: float
    unit: str
    expected_text: str
    obtained_text: str

    @property
    def passed(self) -> bool:
        return abs(self.obtained - self.expected) <= self.tolerance

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        verdict = "" if self.passed else "  <-- DIFFERS"
        numbers = f"expected {self.expected_text}, obtained {self.obtained_text}{unit}"
        return f"{self.quantity}: {numbers}, within {self.tolerance:.1g}{verdict}"


def error_row(quantity: str, largest_error: float, tolerance: float) -> Row:
    """A law that holds exactly in theory: the largest relative error found, against its tolerance."""
    error = float(largest_error)
    return Row(quantity, 0.0, error, tolerance, "", "0", f"{error:.1e}")


def published(quantity: str, expected: str, obtained: float, unit: str = "") -> Row:
    """A number as it is printed: the obtained one rounds to it. Shown with more digits."""
    digits = len(expected.partition(".")[2])
    tolerance = 0.5 * 10.0**-digits
    shown = f"{float(obtained):.{digits + (2 if digits < 3 else 1)}f}"
    return Row(quantity, float(expected), float(obtained), tolerance, unit, expected, shown)


def formula(quantity: str, expected: float, obtained: float, unit: str = "") -> Row:
    """A number from a formula, to five digits."""
    tolerance = 5e-6 * max(1.0, abs(expected))
    shown = f"{expected:.6f}", f"{obtained:.6f}"
    return Row(quantity, float(expected), float(obtained), tolerance, unit, *shown)


@dataclass(frozen=True)
class Check:
    """A named entry of the catalogue. `run` takes the folder of published data, and reads `data` there."""

    name: str
    title: str
    source: str
    method: str
    run: Callable[[Path], list[Row]]
    data: str = ""
    findings: tuple[str, ...] = ()
