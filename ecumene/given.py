"""What a caller gives, parsed at the public edge: worlds, names, numbers and choices, each refused with its remedy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ecumene.errors import InputError

Kind = type[InputError]


def require_world(given: object) -> None:
    """Errors: InputError for what is no world."""
    if not all(hasattr(given, name) for name in ("economies", "trade", "hash")):
        raise InputError(f"world is {given!r:.60}; give a World, as ecumene.load_world(...) returns one")


def text(name: str, given: object, remedy: str, kind: Kind = InputError) -> str:
    """A text that says something. Errors: `kind`."""
    if not isinstance(given, str) or not given.strip():
        raise kind(f"{name} is {given!r:.60}; {remedy}")
    return given


def names(name: str, given: object, example: str, kind: Kind = InputError) -> tuple[str, ...]:
    """Names as they are, in a list; one text is none. Errors: `kind`."""
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise kind(f"{name} is {given!r:.60}; give a list, as {example}")
    found = tuple(given)
    wrong = [each for each in found if not isinstance(each, str) or not each.strip()]
    if wrong:
        raise kind(f"{name} holds {wrong[0]!r:.60}; give names as text, as {example}")
    return tuple(str(each) for each in found)


def whole(name: str, given: object, least: int, most: int, remedy: str = "", kind: Kind = InputError) -> int:
    """A whole number in a range; True and False are none. Errors: `kind`."""
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or not least <= given <= most:
        raise kind(f"{name} is {given!r:.40}; {remedy or f'give a whole number from {least} to {most:,}'}")
    return int(given)


def number(
    name: str, given: object, least: float, most: float, remedy: str, kind: Kind = InputError
) -> float:
    """A number between two finite ones; texts, True and False are none. Errors: `kind`."""
    real = isinstance(given, int | float | np.integer | np.floating) and not isinstance(given, bool)
    value: Any = given if real else float("nan")
    if not least <= value <= most:
        raise kind(f"{name} is {given!r:.40}; {remedy}")
    return float(value)


def numbers(name: str, given: object, least: float, most: float, remedy: str) -> tuple[float, ...]:
    """Numbers between two finite ones, in a list. Errors: InputError."""
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise InputError(f"{name} is {given!r:.60}; {remedy}")
    found = tuple(number(f"a number of {name}", each, least, most, remedy) for each in given)
    if not found:
        raise InputError(f"{name} is empty; {remedy}")
    return found


def flag(name: str, given: object) -> bool:
    """True or False. Errors: InputError."""
    if not isinstance(given, bool | np.bool_):
        raise InputError(f"{name} is {given!r:.40}; give True or False")
    return bool(given)


def mapping(name: str, given: object, example: str, kind: Kind = InputError) -> dict[str, Any]:
    """A mapping from names as it is, its values not yet looked at. Errors: `kind`."""
    if not isinstance(given, Mapping):
        raise kind(f"{name} is {given!r:.60}; give a mapping, as {example}")
    names(f"{name} (its keys)", list(given), example, kind)
    return dict(given)
