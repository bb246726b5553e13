"""Rewrite the generated tables of `docs/orders.md`."""

from __future__ import annotations

from pathlib import Path

from ecumene.orders import tables

PAGE = Path(__file__).parent / "orders.md"

if __name__ == "__main__":
    PAGE.write_text(tables.refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
