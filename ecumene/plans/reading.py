"""Plan settings from YAML, every problem reported together."""

from __future__ import annotations

import os
from typing import Any

from pydantic import ValidationError

from ecumene import files
from ecumene.errors import OrderError, PlanError
from ecumene.orders import reading, strictyaml
from ecumene.plans.schema import Settings

Reference = str | os.PathLike[str]


def json_schema() -> dict[str, Any]:
    """JSON Schema of a plan file, for editors."""
    schema = Settings.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Ecumene plan"}


def load_settings(path: Reference) -> Settings:
    """The settings of a YAML file. Errors: PlanError that lists every problem of the file with its place and remedy."""
    found = files.given_path(path, PlanError)
    try:
        return settings_from_text(strictyaml.read_text(found), os.fspath(path))
    except PlanError:
        raise
    except OrderError as error:
        raise PlanError(str(error).split("\n", 1)[0]) from None


def settings_from_text(text: str, name: str = "plan") -> Settings:
    """The settings of a YAML text. Errors: PlanError as for `load_settings`, with `name` in place of the file."""
    try:
        data = strictyaml.parse(text, name)
    except OrderError as error:
        raise PlanError(str(error).split("\n", 1)[0], error.problems) from None
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise PlanError(f"{name}: a plan is a mapping such as 'horizon: long'; this is {type(data).__name__}")
    return checked(data, name, text)


def checked(data: dict[str, Any], name: str, text: str = "") -> Settings:
    """Settings of plain data. Errors: PlanError that lists every problem."""
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        found = reading.problems_of(error, text, Settings)
        raise PlanError(f"{name}: {len(found)} problem{'s' * (len(found) != 1)}", tuple(found)) from None
