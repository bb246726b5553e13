"""The pages on the trade model and its notation keep up with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ecumene.models import decomposition, trade
from ecumene.models.bases import Technology
from ecumene.types import ECONOMY, LINK, SECTOR

DOCS = Path(__file__).parents[1] / "docs"
NOTATION = (DOCS / "notation.md").read_text(encoding="utf-8")
TRADE = (DOCS / "trade.md").read_text(encoding="utf-8")


def _rows(page: str) -> dict[str, list[tuple[str, str]]]:
    """Axes and unit of every word in code, from the tables with six columns."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6:
            for word in re.findall(r"`([\w.]+)`", cells[4]):
                found.setdefault(word, []).append((cells[2], cells[3]))
    return found


ROWS = _rows(NOTATION)


@pytest.mark.parametrize("name", trade.FIELDS)
def test_every_returned_field_is_in_the_notation_with_its_axes_and_unit(name: str) -> None:
    dims, units, _ = trade.FIELDS[name]
    assert (", ".join(dims), units) in ROWS.get(name, []), f"notation.md says {ROWS.get(name)}"


@pytest.mark.parametrize("name", {**decomposition.PARTS, **decomposition.OTHERS})
def test_every_part_of_a_gain_is_in_the_notation_with_its_axes(name: str) -> None:
    dims, units, _ = {**decomposition.PARTS, **decomposition.OTHERS}[name]
    assert (", ".join(dims), units.split(" (")[0]) in ROWS.get(name, [])


def test_the_page_explains_every_part_closure_and_elasticity() -> None:
    words = [*decomposition.PARTS, *trade.CLOSURES, "mobility", *trade.__all__]
    known = TRADE + NOTATION
    lost = [
        word for word in [*words, *Technology._fields] if f"`{word}`" not in known and f".{word}" not in known
    ]
    assert not [word for word in lost if word not in ("CLOSURES", "FIELDS", "Options")]


def test_status_codes_are_printed_from_the_code() -> None:
    assert "for status in ec.trade.Status:" in TRADE
    for status in trade.Status:
        assert status.message


def test_axes_are_named_as_in_the_code() -> None:
    for name in (*LINK, ECONOMY, SECTOR):
        assert f"`{name}`" in NOTATION
