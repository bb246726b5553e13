"""The page on orders cannot drift from the code: its tables and its example are checked here."""

from __future__ import annotations

import re
from pathlib import Path

from ecumene.orders import order_from_text, tables

PAGE = (Path(__file__).parents[1] / "docs" / "orders.md").read_text(encoding="utf-8")


def test_generated_tables_are_up_to_date() -> None:
    assert tables.refreshed(PAGE) == PAGE, "run python docs/refresh_orders.py"
    for name in tables.BLOCKS:
        assert f"<!-- {name} -->" in PAGE


def test_a_changed_table_is_noticed() -> None:
    assert tables.refreshed(PAGE.replace("| `EU` |", "| `EC` |")) == PAGE


def test_the_example_is_a_valid_order() -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.S)
    assert example is not None
    order = order_from_text(example[1])
    assert [layer.label for layer in order.layers] == ["two-blocs: ", "", "changes[0]."]
