"""Where a result comes from: what went in, which versions computed it, and how every solve ended."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import ecumene


@dataclass(frozen=True)
class Solve:
    """How one equilibrium ended: its place in the range of elasticities, status, iterations, residual.

    `variant` is empty for the order itself, else the further question that the solve answers.
    """

    quantile: str
    theta_factor: float
    status: int
    message: str
    iterations: int
    residual: float
    variant: str = ""


@dataclass(frozen=True)
class Provenance:
    """Everything needed to know, repeat and cite one run. `seed` is None where nothing is random.

    `order` is `data`, without a hash, where the world was measured as it is.
    """

    order: str
    order_title: str
    order_hash: str
    data_hash: str
    world_source: str
    world_year: int | None
    theta_source: str
    deficits: str
    seed: int | None
    versions: Mapping[str, str]
    notes: tuple[str, ...]
    solves: tuple[Solve, ...] = field(default=())
    shocks: Mapping[str, str] = field(default_factory=dict)
    """Hash of every shock by name."""
    draws: int = 0
    """Years of accidents."""
    parameter_draws: int = 0
    """Draws of parameters that ranges are over."""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    """What makes the numbers again (`recipes.recipe_of`); empty where nothing does yet."""
    machine: str = ""
    """The kind of machine on which equal runs are equal to the last bit."""

    @property
    def citation(self) -> str:
        """One line to cite this run by."""
        named = self.world_year is None or str(self.world_year) in self.world_source
        year = "" if named else f", {self.world_year}"
        under = f"order {self.order} ({self.order_hash[:12]}) on " if self.order_hash else ""
        return (
            f"The Ecumene developers, Ecumene {self.versions['ecumene']}; "
            f"{under}{self.world_source}{year} ({self.data_hash[:12]})."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, the citation line included."""
        return {
            **vars(self),
            "solves": [asdict(solve) for solve in self.solves],
            "versions": dict(self.versions),
            "shocks": dict(self.shocks),
            "recipe": dict(self.recipe),
            "citation": self.citation,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Provenance:
        """The inverse of `to_dict`."""
        kept = {name: value for name, value in values.items() if name != "citation"}
        return cls(
            **{
                **kept,
                "notes": tuple(kept["notes"]),
                "solves": tuple(Solve(**solve) for solve in kept["solves"]),
            }
        )


def machine() -> str:
    """The processor and system that made a result: on another, numbers may differ in their last bits."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{models[0] if models else name}, {platform.system()} {platform.machine()}"


def versions(*further: str) -> dict[str, str]:
    """Versions of Ecumene and of the packages that decide its numbers."""
    return {"ecumene": ecumene.__version__, **{name: _version(name) for name in ("jax", "numpy", *further)}}


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # a frozen build without metadata
        return "unknown"
