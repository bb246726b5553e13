"""What a caller gives, parsed at the public edge: worlds, names, numbers and choices, each refused with its remedy."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ecumene.errors import InputError
from ecumene.types import FloatArray

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


def whole(
    name: str, given: object, least: int, most: float = np.inf, remedy: str = "", kind: Kind = InputError
) -> int:
    """A whole number in a range; True and False are none. Errors: `kind`."""
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or not least <= given <= most:
        raise kind(f"{name} is {given!r:.40}; {remedy or f'give a whole number{_range(least, most)}'}")
    return int(given)


def number(
    name: str,
    given: object,
    least: float = -np.inf,
    most: float = np.inf,
    remedy: str = "",
    kind: Kind = InputError,
) -> float:
    """A finite number in a range, also as an array without axes; texts, True and False are none. Errors: `kind`."""
    array = np.asarray(None if isinstance(given, list | tuple | Mapping) else given)
    value = float(array) if not array.ndim and array.dtype.kind in "iuf" else float("nan")
    if not (np.isfinite(value) and least <= value <= most):
        raise kind(f"{name} is {given!r:.40}; {remedy or f'give a finite number{_range(least, most)}'}")
    return value


def numbers(name: str, given: object, least: float, most: float, remedy: str) -> tuple[float, ...]:
    """Numbers between two finite ones, in a list. Errors: InputError."""
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise InputError(f"{name} is {given!r:.60}; {remedy}")
    found = tuple(number(f"a number of {name}", each, least, most, remedy) for each in given)
    if not found:
        raise InputError(f"{name} is empty; {remedy}")
    return found


def array_of(name: str, given: object) -> FloatArray:
    """An array of numbers, finite or not. Errors: InputError for words, True and False, None, and uneven lists."""
    try:
        array = np.asarray(given)
    except (TypeError, ValueError):  # uneven lists, or what no array can hold
        array = np.asarray(None)
    if array.dtype.kind not in "iuf":
        raise InputError(f"{name} is {given!r:.60}; give numbers, as many in every row")
    return array.astype(np.float64)


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


def _range(least: float, most: float) -> str:
    """What is allowed, in words; nothing where everything is."""
    if most == np.inf:
        return "" if least == -np.inf else f", {least:,} or above"
    return f" from {least:,} to {most:,}"


def listed(name: str, given: Any) -> list[Any]:
    """One name, path, order or shock is a list of one. Errors: InputError for what is no list either."""
    if isinstance(given, str | os.PathLike) or hasattr(given, "model_dump"):
        return [given]
    if not isinstance(given, Iterable):
        raise InputError(f"{name} is {given!r:.60}; give a list of names or paths, or leave it out")
    return list(given)
