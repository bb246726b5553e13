"""The one place that turns what a caller gives (scalars, arrays, labelled arrays) into arrays of a world's axes."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from ecumene.errors import InputError
from ecumene.types import ECONOMY, FACTOR, LINK, SECTOR, FloatArray

if TYPE_CHECKING:
    from ecumene.world import World


def _aligned(name: str, given: xr.DataArray, world: World, dims: tuple[str, ...]) -> FloatArray:
    extra = [str(dim) for dim in given.dims if dim not in dims]
    if extra:
        raise InputError(
            f"{name} has axes {tuple(given.dims)}, expected some of {dims}; rename or drop {', '.join(extra)}"
        )
    coords = {
        "origin": world.economies,
        "destination": world.economies,
        "sector": world.sectors,
        "economy": world.economies,
    }
    for dim in given.dims:
        have = [str(label) for label in given[dim].values] if dim in given.coords else None
        if have is None:
            continue
        missing = sorted(set(coords[str(dim)]) - set(have))
        unknown = sorted(set(have) - set(coords[str(dim)]))
        if missing or unknown or len(have) != len(coords[str(dim)]):
            raise InputError(
                f"{name} does not match the world along {dim}: missing {', '.join(missing[:5]) or 'none'}, "
                f"unknown {', '.join(unknown[:5]) or 'none'}; reindex it to the world's labels"
            )
        given = given.sel({dim: list(coords[str(dim)])})
    order = [dim for dim in dims if dim in given.dims]
    values = given.transpose(*order).values
    for axis, dim in enumerate(dims):
        if dim not in given.dims:
            values = np.expand_dims(values, axis)
    return numbers(name, values)


_KINDS = {"c": "complex", "U": "text", "S": "text", "M": "dates", "m": "durations"}


def numbers(name: str, given: ArrayLike) -> FloatArray:
    """Real numbers as they are; no text, dates or complex numbers read as some. Errors: InputError."""
    try:
        array = np.asarray(given)
        if array.dtype.kind == "O":
            kind = next((type(value).__name__ for value in array.flat if not isinstance(value, Real)), None)
        else:
            kind = None if array.dtype.kind in "biuf" else _KINDS.get(array.dtype.kind, str(array.dtype))
        if kind is None:
            return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} is not an array of numbers: {error}") from error
    raise InputError(f"{name} is not an array of numbers: its entries are {kind}; give real numbers")


def links(name: str, given: ArrayLike | xr.DataArray, world: World, home: float) -> FloatArray:
    """A value for every link [R, R, S] from a scalar (foreign links only), [R, R], [R, R, S] or a labelled array."""
    n_economies, n_sectors = len(world.economies), len(world.sectors)
    shape = (n_economies, n_economies, n_sectors)
    if isinstance(given, xr.DataArray) and given.ndim:
        values = _aligned(name, given, world, LINK)
    else:
        values = numbers(name, given)
    if values.ndim == 0:
        foreign = ~np.eye(n_economies, dtype=bool)[:, :, None]
        return np.where(foreign, np.broadcast_to(values, shape), home)
    if values.ndim == 2:
        values = values[:, :, None]
    try:
        result = np.broadcast_to(values, shape)
    except ValueError as error:
        raise InputError(
            f"{name} has shape {np.shape(given)}, expected a scalar, {shape[:2]} = origin x destination "
            f"or {shape} = origin x destination x sector"
        ) from error
    if values.shape[:2] != shape[:2] and not isinstance(given, xr.DataArray):
        raise InputError(
            f"{name} has shape {np.shape(given)}, expected {shape[:2]} or {shape} = origin x destination x sector"
        )
    return np.array(result)


def _at(world: World, cell: np.ndarray) -> str:
    i, n, s = (int(index) for index in cell)
    return f"from {world.economies[i]} to {world.economies[n]} in {world.sectors[s]}"


def iceberg(given: ArrayLike | xr.DataArray | None, world: World) -> FloatArray:
    """Factors on the base trade cost: positive, inf for a closed link. Errors: InputError."""
    values = links("iceberg", 1.0 if given is None else given, world, 1.0)
    fine = values > 0
    if not fine.all():
        bad = np.argwhere(~fine)
        raise InputError(
            f"iceberg {_at(world, bad[0])} is {values[tuple(bad[0])]:.4g}; it is a factor on the base trade cost "
            "and must be above 0 (1 leaves it unchanged, inf closes the link)"
        )
    return values


def tariff(given: ArrayLike | xr.DataArray | None, world: World) -> FloatArray:
    """New ad valorem rates: finite, above -1, zero on domestic sales. Errors: InputError."""
    if given is None:
        return np.array(world.tariff.values)
    values = links("tariff", given, world, 0.0)
    fine = np.isfinite(values) & (values > -1)
    if not fine.all():
        bad = np.argwhere(~fine)
        raise InputError(
            f"tariff {_at(world, bad[0])} is {values[tuple(bad[0])]:.4g}; rates are ad valorem (0.1 is 10 %), finite "
            "and above -1; close a link with iceberg=inf instead of an infinite tariff"
        )
    home = np.argwhere(np.einsum("iis->is", values) != 0)
    if len(home):
        i, s = home[0]
        raise InputError(
            f"tariff of {world.economies[i]} on its own {world.sectors[s]} is not zero; set the diagonal to zero"
        )
    return values


def theta(given: ArrayLike | xr.DataArray | None, world: World) -> FloatArray:
    """Trade elasticities [S], positive and finite. Errors: InputError."""
    n_sectors = len(world.sectors)
    if given is None:
        return np.array(world.theta.values)
    if isinstance(given, xr.DataArray) and given.ndim:
        values = _aligned("theta", given, world, (SECTOR,))
    else:
        values = numbers("theta", given)
    if values.ndim == 0:
        values = np.full(n_sectors, float(values))
    if values.shape != (n_sectors,):
        raise InputError(
            f"theta has shape {values.shape}, expected a scalar or ({n_sectors},) = one a sector"
        )
    wrong = np.flatnonzero(~((values > 0) & np.isfinite(values)))
    if len(wrong):
        raise InputError(
            f"theta of {world.sectors[wrong[0]]} is {values[wrong[0]]:.4g}; "
            "trade elasticities must be finite and above 0"
        )
    return values


def elasticity(name: str, value: float, minimum: float, *, infinite: bool = False) -> float:
    """A scalar elasticity at or above its smallest meaningful value. Errors: InputError."""
    given = numbers(name, value)
    if given.ndim:
        raise InputError(f"{name} has shape {given.shape}, expected one number")
    number = float(given)
    if not (number >= minimum and (infinite or np.isfinite(number))):
        raise InputError(
            f"{name} is {number:.4g}; it must be {'' if infinite else 'finite and '}at least {minimum:g}"
        )
    return number


_SHARES_ADD_UP = 1e-9


def factors(
    share: xr.DataArray | None, mobility: float | Mapping[str, float], world: World, one: str
) -> tuple[tuple[str, ...], tuple[float, ...], FloatArray | None]:
    """Names of factors, their mobility, and their shares [factor, sector, economy] of value added; None is one factor.

    Errors: InputError naming the axis, the cell or the factor, and the remedy.
    """
    if share is None:
        if isinstance(mobility, Mapping):
            raise InputError(
                "mobility names factors but value added is not split; give factors=, or one number"
            )
        return (one,), (elasticity("mobility", mobility, 1.0, infinite=True),), None
    if not isinstance(share, xr.DataArray) or set(share.dims) != {ECONOMY, SECTOR, FACTOR}:
        raise InputError(
            f"factors must be a labelled array over ({ECONOMY}, {SECTOR}, {FACTOR}): the share of each factor in a "
            "sector's value added"
        )
    if FACTOR not in share.coords:
        raise InputError(f"factors has no labels along {FACTOR}; name the factors, as 'labour' and 'capital'")
    names = tuple(str(name) for name in share[FACTOR].values)
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated or not names:
        raise InputError(f"factors names {', '.join(repeated) or 'nothing'} twice; name each factor once")
    cells = np.stack(
        [
            _aligned("factors", share.isel({FACTOR: k}, drop=True), world, (ECONOMY, SECTOR))
            for k in range(len(names))
        ]
    )
    bad = np.argwhere(~((cells >= 0) & np.isfinite(cells)))
    if len(bad):
        k, n, s = bad[0]
        raise InputError(
            f"factors: the share of {names[k]} in {world.economies[n]}, {world.sectors[s]} is {cells[k, n, s]:.4g}; "
            "shares are finite and not negative"
        )
    total = cells.sum(axis=0)
    off = np.argwhere(np.abs(total - 1.0) > _SHARES_ADD_UP)
    if len(off):
        n, s = off[0]
        raise InputError(
            f"factors: shares in {world.economies[n]}, {world.sectors[s]} add up to {total[n, s]:.6g}, not 1; "
            "divide each by their sum"
        )
    given = dict(mobility) if isinstance(mobility, Mapping) else dict.fromkeys(names, mobility)
    unknown, lacking = sorted(set(given) - set(names)), [name for name in names if name not in given]
    if unknown or lacking:
        raise InputError(
            f"mobility does not match the factors: unknown {', '.join(unknown) or 'none'}, missing "
            f"{', '.join(lacking) or 'none'}; give one number, or one for each of {', '.join(names)}"
        )
    moves = tuple(elasticity(f"mobility of {name}", given[name], 1.0, infinite=True) for name in names)
    return names, moves, np.ascontiguousarray(cells.transpose(0, 2, 1))
