"""The replication catalogue: every check as a named test that prints expected and obtained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from replication import CHECKS, Check, page, rows, tariff_war

PAGE = Path(__file__).parents[1] / "docs" / "replication.md"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_catalogue(check: Check, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue("shared") / "data" if check.data else Path()
    found = check.run(folder)
    print(f"\n{check.title} ({check.source})")
    for row in found:
        print(f"  {row}")
    assert found
    assert not [str(row) for row in found if not row.passed]
    outdated = page.stale(PAGE.read_text(encoding="utf-8"), check, found)
    assert not outdated, "run python docs/refresh_replication.py"


def test_a_wrong_number_is_noticed() -> None:
    assert rows.published("x", "1.31", 1.3149).passed
    assert not rows.published("x", "1.31", 1.3151).passed
    assert not rows.error_row("x", 2e-9, 1e-9).passed
    assert not rows.error_row("x", float("nan"), 1e-9).passed
    assert not rows.formula("x", 0.5, 0.50001).passed


def test_an_outdated_page_is_noticed() -> None:
    check = Check("name", "Title", "source", "method", lambda _: [])
    old = page.section(check, [rows.published("x", "1.31", 1.312), rows.published("y", "2.0", 2.0)])
    assert not page.stale(old, check, [rows.published("x", "1.31", 1.312), rows.published("y", "2.0", 2.0)])
    assert page.stale(old, check, [rows.published("x", "1.31", 1.312), rows.published("y", "2.0", 2.01)])
    law = page.section(check, [rows.error_row("x", 1e-12, 1e-9)])
    assert not page.stale(law, check, [rows.error_row("x", 3.4e-11, 1e-9)])


@pytest.mark.slow
def test_the_tables_of_nash_tariffs_are_up_to_date(shared: Path) -> None:
    """Every economy's Nash tariff and gain, line by line; the two causes that carry the explanation hold."""
    text = PAGE.read_text(encoding="utf-8")
    assert not [line for line in tariff_war.country_table(shared / "data") if line not in text]
    lower = tariff_war.everybody(
        tariff_war.wiod(shared / "data"),
        tariff_war.goods_of(tariff_war.wiod(shared / "data")),
        tariff_war.OSSA,
    )
    line = next(line for line in text.splitlines() if line.startswith("| theta 2.42, the mean"))
    assert f"{100 * np.mean([float(rate) for rate in lower.rates.values()]):.1f}" in line
    assert tariff_war.HEAD in text and tariff_war.WHY in text and tariff_war.READING in text
