"""Array aliases and the axis vocabulary.

Axis letters used in shapes: R economies, S sectors, F final uses. Axis order in every array is
origin, destination, sector.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Array
from numpy.typing import NDArray

ORIGIN = "origin"
DESTINATION = "destination"
SECTOR = "sector"
ECONOMY = "economy"
INPUT = "input"
USER = "user"
FACTOR = "factor"
FINAL_USE = "final_use"

LINK = (ORIGIN, DESTINATION, SECTOR)

FloatArray = NDArray[np.float64]
AnyArray = Array | np.ndarray
"""An array of either kind: compiled programs take both."""
Numbers = Array | np.ndarray | Sequence[Any] | float | int
"""What a caller may give where one number or many are wanted; the receiving function checks it."""
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]

__all__ = [
    "DESTINATION",
    "ECONOMY",
    "FACTOR",
    "FINAL_USE",
    "INPUT",
    "LINK",
    "ORIGIN",
    "SECTOR",
    "USER",
    "AnyArray",
    "BoolArray",
    "FloatArray",
    "IntArray",
    "Numbers",
]
