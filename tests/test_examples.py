"""The examples run, and what they print is what they say."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecumene.plans import load_settings

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
PAGES = {"sovereignty": "sovereignty", "tariffs": "tariffs", "national_plan": "planning"}


def run(name: str, capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any], str]:
    return runpy.run_path(str(EXAMPLES / f"{name}.py")), capsys.readouterr().out


def test_every_example_stands_on_its_page_and_is_run_here() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(PAGES)
    for name, page in PAGES.items():
        assert f"examples/{name}.py" in (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")


def test_the_settings_are_a_plan_file() -> None:
    careful = load_settings(EXAMPLES / "careful.yaml")
    assert careful.length == len(careful.import_cut) == 6
    assert "examples/careful.yaml" in (ROOT / "docs" / "planning.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_sovereignty(capsys: pytest.CaptureFixture[str]) -> None:
    names, out = run("sovereignty", capsys)
    assert names["loss"] > names["cost"] > 0  # a small economy depends more on a large one
    assert f"Georgia loses {names['loss']:.2f}" in out
    assert "least_stock_days: no product is strategic here" in out


@pytest.mark.slow
def test_tariffs(capsys: pytest.CaptureFixture[str]) -> None:
    names, out = run("tariffs", capsys)
    assert names["war"].certified
    assert names["alone"].gain > 0
    for name, rate in names["war"].rates.items():
        assert f"{name:3}  {100 * float(rate):5.1f} %" in out


@pytest.mark.slow
def test_national_plan(capsys: pytest.CaptureFixture[str]) -> None:
    names, out = run("national_plan", capsys)
    frontier = names["data"]["frontier_living_standard"].values
    assert (np.diff(frontier) < 0).all()
    assert f"{frontier[-1]:.3f} of the base's consumption" in out
    assert names["careful"].feasible
