"""The replication catalogue: published and closed-form numbers, and what the models give for them.

`tests/test_replication.py` runs every check; `docs/refresh_replication.py` writes the page.
"""

from __future__ import annotations

from replication.catalogue import CHECKS
from replication.rows import Check, Row

__all__ = ["CHECKS", "Check", "Row"]
