"""Draws of experiments that are done, kept in a folder, so that a ledger that was stopped goes on where it was."""

from __future__ import annotations

import json
import logging
import math
from pathlib import Path
from typing import Any

from ecumene.errors import OutputError
from ecumene.files import write_text

FORMAT = 1
"""Raised when the numbers of the same experiment change: older ones are then made again."""

Rows = list[dict[str, float]]


def read(folder: Path | None, key: str) -> Rows:
    """Draws kept under a key, in their order; a file that is not whole counts as none."""
    if folder is None:
        return []
    try:
        kept: Any = json.loads((folder / f"{key}.json").read_text(encoding="utf-8"))
        rows = kept["rows"] if kept["format"] == FORMAT else []
        return [
            {str(name): math.nan if value is None else float(value) for name, value in row.items()}
            for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def write(folder: Path, key: str, rows: Rows) -> bool:
    """Keep draws; False, and a warning, where that is not possible."""
    plain = [{name: None if math.isnan(value) else value for name, value in row.items()} for row in rows]
    text = json.dumps({"format": FORMAT, "rows": plain})
    try:
        write_text(folder / f"{key}.json", text)
    except OutputError as error:
        logging.getLogger(__name__).warning("draws are not kept, a stopped ledger begins anew: %s", error)
        return False
    return True
