"""The language of plans: what a settings file may say, checked on entry."""

from ecumene.plans.reading import Reference, json_schema, load_settings, settings_from_text
from ecumene.plans.schema import YEARS, Learning, Resource, Settings, Uses

__all__ = [
    "YEARS",
    "Learning",
    "Reference",
    "Resource",
    "Settings",
    "Uses",
    "json_schema",
    "load_settings",
    "settings_from_text",
]
