"""Rewrite `docs/replication.md` from the replication catalogue.

Needs the folder of published data beside the checkout.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from replication import CHECKS, page, tariff_war  # noqa: E402

DATA = ROOT.parent / "shared" / "data"

if __name__ == "__main__":
    results = {check.name: (check, check.run(DATA)) for check in CHECKS}
    (ROOT / "docs" / "replication.md").write_text(
        page.render(results, tariff_war.section(DATA)), encoding="utf-8"
    )
    missed = sum(not row.passed for _, found in results.values() for row in found)
    print(f"{len(results)} checks, {missed} numbers not met")
