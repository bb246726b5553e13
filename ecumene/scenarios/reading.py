"""Scenarios from YAML: the ones that come with Ecumene and files, every problem reported together."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ecumene import countries, files
from ecumene.errors import OrderError, ScenarioError
from ecumene.orders import reading, strictyaml
from ecumene.scenarios.schema import Scenario

SCENARIOS = ("fast-or-slow", "closing-or-open")
"""Scenarios that come with Ecumene, in the order of the documentation."""

Reference = str | os.PathLike[str]


def scenario_names() -> tuple[str, ...]:
    """Names of the scenarios that come with Ecumene, in documented order."""
    return SCENARIOS


def json_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file, for editors."""
    schema = Scenario.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Ecumene scenario"}


def load_scenario(name_or_path: Reference) -> tuple[Scenario, Path]:
    """The scenario of a name or a YAML file, and the folder that its orders and shocks are seen from.

    Errors: ScenarioError that lists every problem of the file with its place and remedy.
    """
    path = files.given_path(name_or_path, ScenarioError)
    text = os.fspath(name_or_path)
    if text in SCENARIOS:
        body = resources.files("ecumene.scenarios").joinpath("presets", f"{text}.yaml")
        return scenario_from_text(body.read_text(encoding="utf-8"), text), Path()
    if not (path.suffix in (".yaml", ".yml") or os.sep in text or path.is_file()):
        near = countries.nearest(text, SCENARIOS)
        hint = f"did you mean {near[0]}?" if near else f"the scenarios are {', '.join(SCENARIOS)}."
        raise ScenarioError(f"no scenario and no file '{text}'; {hint} A file's name ends in .yaml")
    try:
        return scenario_from_text(strictyaml.read_text(path), text), path.parent
    except ScenarioError:
        raise
    except OrderError as error:
        raise ScenarioError(str(error).split("\n", 1)[0]) from None


def scenario_from_text(text: str, name: str = "scenario") -> Scenario:
    """The scenario of a YAML text. Errors: ScenarioError as for `load_scenario`, with `name` in place of the file."""
    try:
        data = strictyaml.parse(text, name)
    except OrderError as error:
        raise ScenarioError(str(error).split("\n", 1)[0], error.problems) from None
    if not isinstance(data, dict):
        raise ScenarioError(
            f"{name}: a scenario is a mapping with 'name' and 'transition' or 'revision'; "
            f"this is {type(data).__name__}"
        )
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        found = reading.problems_of(error, text, Scenario)
        count = f"{len(found)} problem{'s' * (len(found) != 1)}"
        raise ScenarioError(f"{name}: {count}", tuple(found)) from None
