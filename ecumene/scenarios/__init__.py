"""The language of scenarios: what changes, how fast, and who revises what; checked on entry."""

from ecumene.scenarios.reading import (
    Reference,
    json_schema,
    load_scenario,
    scenario_from_text,
    scenario_names,
)
from ecumene.scenarios.schema import PARAMETERS, STANCES, Map, Revision, Scenario, Transition

__all__ = [
    "PARAMETERS",
    "STANCES",
    "Map",
    "Reference",
    "Revision",
    "Scenario",
    "Transition",
    "json_schema",
    "load_scenario",
    "scenario_from_text",
    "scenario_names",
]
