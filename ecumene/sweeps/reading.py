"""Sweeps from YAML files, every problem reported together."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ecumene import files
from ecumene.errors import OrderError, SweepError
from ecumene.orders import reading, strictyaml
from ecumene.sweeps.schema import SweepFile

Reference = str | os.PathLike[str]


def json_schema() -> dict[str, Any]:
    """JSON Schema of a sweep file, for editors."""
    schema = SweepFile.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Ecumene sweep"}


def load_sweep_file(path: Reference) -> tuple[SweepFile, Path]:
    """The sweep of a YAML file, and the folder that its worlds, orders and shocks are seen from.

    Errors: SweepError that lists every problem of the file with line, path and remedy.
    """
    given = files.given_path(path, SweepError)
    try:
        text = strictyaml.read_text(given)
    except OrderError as error:
        raise SweepError(str(error)) from None
    return sweep_from_text(text, os.fspath(path)), given.parent


def sweep_from_text(text: str, name: str = "sweep") -> SweepFile:
    """The sweep of a YAML text. Errors: SweepError as for `load_sweep_file`, with `name` in place of the file."""
    try:
        data = strictyaml.parse(text, name)
    except OrderError as error:
        raise SweepError(str(error).split("\n", 1)[0], error.problems) from None
    if not isinstance(data, dict):
        raise SweepError(
            f"{name}: a sweep is a mapping with 'name' and 'orders'; this is {type(data).__name__}"
        )
    try:
        return SweepFile.model_validate(data)
    except ValidationError as error:
        found = reading.problems_of(error, text, SweepFile)
        count = f"{len(found)} problem{'s' * (len(found) != 1)}"
        raise SweepError(f"{name}: {count}", tuple(found)) from None
