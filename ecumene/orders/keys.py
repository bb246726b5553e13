"""Which keys a file may have at a place, for remedies of keys that it may not have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel

from ecumene import countries

Place = Sequence[str | int]


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True)


def unknown_key(model: type[BaseModel], place: Place) -> str:
    """What is wrong with the last key of a place that the model forbids, with the remedy."""
    key = str(place[-1])
    here = keys_at(model, place[:-1])
    near = countries.nearest(key, here)
    if near:
        return f"unknown key '{key}'; did you mean '{near[0]}'?"
    if any(key in part.get("properties", ()) for part in _schema(model).get("$defs", {}).values()):
        return f"the key '{key}' does not belong here but in another part; here stand {', '.join(here)}"
    return f"unknown key '{key}'; remove it"


def keys_at(model: type[BaseModel], place: Place) -> list[str]:
    """The keys of a mapping at a place, as files write them."""
    whole = _schema(model)
    parts = [whole]
    for step in place:
        parts = [child for part in _options(parts, whole) for child in _children(part, step)] or parts
    return [key for part in _options(parts, whole) for key in part.get("properties", {})]


def _options(parts: list[dict[str, Any]], whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The parts of a schema with references resolved and choices taken apart."""
    for part in parts:
        if "$ref" in part:
            yield from _options([whole["$defs"][part["$ref"].rpartition("/")[2]]], whole)
        yield from _options([*part.get("anyOf", []), *part.get("allOf", [])], whole)
        yield part


def _children(part: dict[str, Any], step: str | int) -> list[dict[str, Any]]:
    if isinstance(step, int):
        prefix = part.get("prefixItems", [])
        found = prefix[step] if step < len(prefix) else part.get("items")
    else:
        named = part.get("properties", {}).get(step, part.get("additionalProperties"))
        found = named if named else next(iter(part.get("patternProperties", {}).values()), None)
    return [found] if isinstance(found, dict) else []
