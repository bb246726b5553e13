"""What a report shows, as plain values: the numbers of a result, rounded, and where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from ecumene import countries
from ecumene.errors import InputError
from ecumene.orders import load_order, preset_names
from ecumene.provenance import Provenance
from ecumene.resultfile import ANY
from ecumene.results import UNCHANGED, Comparison, Result, join, orders_without_transfers, without_noise

FORMAT: Final = 1
"""Version of the values; the page refuses another."""

DIGITS: Final = 6
"""Significant digits of every number."""

MOST: Final = 8
"""Partners and sectors by which an economy's gain is shown: those that matter most."""

_EXACT: Final = 2.0**53
"""Whole numbers below this are exact."""

_POWERS: Final = np.array([float(f"1e{power}") for power in range(300)])
"""Powers of ten, exact below 1e23: a quotient by one is the double nearest to its few digits."""

MOST_SECTORS: Final = 256
"""Sectors where all are wanted: more than published tables have."""

NEEDED: Final = "real_income"


def content(result: ANY, all_sectors: bool = False) -> dict[str, Any]:
    """The values that the page reads: variables by order, and what the reader needs to judge them.

    Every variable has the axis `order` first. A number that does not exist is null, never zero; percentages within
    the residual of a solve are 0, as in rows. Tables by supplier, partner, sector and draw are left to the saved
    result, but for the partners and sectors that move an economy most, or `all_sectors`. Errors: InputError for
    anything else than a run or a comparison.
    """
    if not isinstance(result, Result | Comparison) or NEEDED not in result.data:
        kind = type(result).__name__
        raise InputError(
            f"a report shows runs and comparisons of orders, not a{'n' * (kind[0] in 'AEIOU')} {kind}; "
            "save one with `ecumene compare --netcdf FILE.nc`"
        )
    comparison = join([result]) if isinstance(result, Result) else result
    data = comparison.data
    economies = [str(code) for code in data["economy"].values]
    names = {code: countries.name_of(code) for code in economies}
    axes = [
        str(name) for name in data.dims if name not in ("order", "economy", "supplier", "partner", "draw")
    ]
    return {
        "format": FORMAT,
        "hash": result.hash,
        "economies": economies,
        "names": {code: name for code, name in names.items() if name != code},
        "orders": [_order(run) for run in comparison.provenance],
        "labels": {axis: [str(label) for label in data[axis].values] for axis in axes},
        "variables": _variables(comparison),
        "partners": _largest(comparison, "gain_by_partner"),
        "sectors": (
            _largest(comparison, "gain_by_sector", MOST_SECTORS, 0.0)
            if all_sectors
            else _largest(comparison, "gain_by_sector")
        ),
        "transfers_ended": orders_without_transfers(comparison.provenance),
        "provenance": [_told(run) for run in comparison.provenance],
        "failed": dict(comparison.failed),
        "left_out": [],
    }


def _told(run: Provenance) -> dict[str, Any]:
    """Where a run comes from; what would make it again stays in the saved result."""
    return {name: value for name, value in run.to_dict().items() if name not in ("recipe", "machine")}


def _order(run: Provenance) -> dict[str, str]:
    """An order's own words, where it is a preset as it is packaged; of others a result keeps only the title."""
    words = {"name": run.order, "title": run.order_title, "description": "", "note": ""}
    if run.order in preset_names():
        order = load_order(run.order)
        if (order.hash, order.title) == (run.order_hash, run.order_title):
            words |= {"description": order.description or "", "note": order.note or ""}
    return words


def _variables(comparison: Comparison) -> dict[str, Mapping[str, Any]]:
    found = {}
    for name in comparison.data.data_vars:
        values = comparison.data.variables[name]  # without labels: half the time
        if "order" not in values.dims or {"supplier", "partner", "sector", "draw"} & set(values.dims):
            continue
        ordered = values.transpose("order", ...)
        found[str(name)] = {
            "units": values.attrs["units"],
            "meaning": values.attrs.get("long_name", str(name)),
            "dims": [str(dim) for dim in ordered.dims],
            "values": rounded(
                without_noise(ordered.values)
                if values.attrs["units"].startswith("percent")
                else ordered.values
            ),
        }
    return found


def _largest(
    comparison: Comparison, name: str, number: int = MOST, least: float = UNCHANGED
) -> list[list[list[list[float]]]] | None:
    """For each order and economy the largest parts of its gain: place on the last axis, log points x 100."""
    if name not in comparison.data:
        return None
    gains = comparison.data[name].transpose("order", "economy", ...).values
    most = np.argsort(-np.abs(gains), axis=2, kind="stable")[:, :, :number]
    return [
        [
            [[int(place), float(f"{row[place]:.4g}")] for place in places if abs(row[place]) >= least]
            for places, row in zip(chosen, rows, strict=True)
        ]
        for chosen, rows in zip(most, gains, strict=True)
    ]


def rounded(values: np.ndarray) -> Any:
    """Nested lists of numbers with six significant digits, fewer below 1e-294; null for what is no finite number."""
    numbers = np.asarray(values, dtype=np.float64)
    finite = np.isfinite(numbers)
    kept = np.where(finite & (numbers != 0.0), numbers, 1.0)
    places = DIGITS - 1 - np.floor(np.log10(np.abs(kept))).astype(np.int64)
    up, down = (_POWERS[np.clip(side, 0, len(_POWERS) - 1)] for side in (places, -places))
    short = np.where(finite, np.rint(numbers * up / down) / up * down, 0.0)
    shown = short.astype(object)
    whole = (short == np.rint(short)) & (np.abs(short) < _EXACT)
    shown[whole] = short[whole].astype(np.int64)
    shown[~finite] = None
    return shown.tolist()
