"""What callers give where a number or an array is wanted: one rule, one message."""

from __future__ import annotations

import numpy as np

from ecumene.errors import InputError
from ecumene.types import FloatArray


def numbers(name: str, values: object) -> FloatArray:
    """An array of numbers, finite or not. Errors: InputError for words, true and false, None, and uneven lists."""
    try:
        array = np.asarray(values)
    except (TypeError, ValueError):  # uneven lists, or what no array can hold
        array = np.asarray(None)
    if array.dtype.kind not in "iuf":
        raise InputError(f"{name} is {values!r:.60}; give numbers, as many in every row")
    return array.astype(np.float64)


def number(name: str, value: object, least: float = -np.inf, most: float = np.inf) -> float:
    """One finite number within bounds. Errors: InputError."""
    array = np.asarray(None) if isinstance(value, list | tuple | dict) else np.asarray(value)
    if array.ndim or array.dtype.kind not in "iuf":
        raise InputError(f"{name} is {value!r:.60}; give a number")
    found = float(array)
    if not np.isfinite(found):
        raise InputError(f"{name} is {found}; it must be finite")
    if not least <= found <= most:
        raise InputError(f"{name} is {found}; it must be {_bounds(least, most)}")
    return found


def whole(name: str, value: object, least: int, most: int | None = None) -> int:
    """One whole number within bounds. Errors: InputError."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise InputError(f"{name} is {value!r:.60}; give a whole number")
    found = int(value)
    if found < least or (most is not None and found > most):
        raise InputError(f"{name} is {found}; it must be {_bounds(least, np.inf if most is None else most)}")
    return found


def _bounds(least: float, most: float) -> str:
    low = "" if least == -np.inf else f"at least {least:.12g}"
    high = "" if most == np.inf else f"at most {most:.12g}"
    return " and ".join(part for part in (low, high) if part)
