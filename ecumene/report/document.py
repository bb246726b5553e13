"""One HTML file out of a result: the built page with the numbers in it."""

from __future__ import annotations

import json
import os
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from ecumene.errors import InputError, OutputError
from ecumene.files import given_path, write_text
from ecumene.report.content import content
from ecumene.resultfile import ANY

LIMIT: Final = 2_000_000
"""Bytes of a report at most."""

PLACE: Final = '"ECUMENE RESULT"'
"""Where the page waits for its numbers: a JSON text of its own, once."""

ALWAYS: Final = frozenset(
    {"real_income", "real_income_without_missing", "missing_goods", "base_income", "gain_by_cause"}
)
"""Variables that a report never leaves out, with those of the world."""


def write_report(result: ANY, path: str | os.PathLike[str]) -> Path:
    """Write a run or a comparison as one HTML file under 2 MB that needs no network.

    The same result makes the same file. Where everything would be too large, the largest variables beside real income
    are left out, and the file names them. Errors: InputError (another kind of result, a name that does not end in
    .html, too many orders for one file), OutputError (the page is not built, the file cannot be written).
    """
    target = given_path(path)
    if target.suffix.lower() != ".html":
        raise InputError(f"{target} must end in .html: the suffix names the format")
    text = document(result)
    return write_text(target, text)


def document(result: ANY) -> str:
    """The text of a report. Errors: InputError, OutputError as of `write_report`."""
    shown = content(result)  # input first: only then does it matter whether the page is built
    page = built_page()
    room = LIMIT - len(page.encode())
    return page.replace(PLACE, _fitting(shown, room))


@cache
def built_page() -> str:
    """The page as it was built from `web-ui`. Errors: OutputError where it is not there, or not one."""
    source = resources.files("ecumene.report").joinpath("page", "report.html")
    if not source.is_file():
        raise OutputError(
            "the page of reports is not built; in a checkout run `make page` (a wheel of Ecumene has it)"
        )
    page = source.read_text(encoding="utf-8")
    if page.count(PLACE) != 1:
        raise OutputError("the page of reports has no place for its numbers; build it again with `make page`")
    return page


def _fitting(values: dict[str, Any], room: int) -> str:
    """JSON of a report's values in so many bytes; the largest variables go first, and are named."""
    text = embedded(values)
    if len(text) <= room:
        return text
    variables = dict(values["variables"])
    sizes = {name: len(embedded(variable)) for name, variable in variables.items()}
    spare = [name for name in variables if name not in ALWAYS and not name.startswith("world_")]
    left_out: list[str] = []
    for name in sorted(spare, key=lambda name: -sizes[name]):
        del variables[name]
        left_out.append(name)
        text = embedded({**values, "variables": variables, "left_out": left_out})
        if len(text) <= room:
            return text
    raise InputError(
        f"{len(values['orders'])} orders and {len(values['economies'])} economies are too much for one report of "
        f"{LIMIT // 1_000_000} MB; compare fewer orders"
    )


def embedded(values: object) -> str:
    """JSON in ASCII that cannot end the element that it stands in, whatever its texts say."""
    text = json.dumps(values, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
