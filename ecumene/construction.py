"""From what a user gives to the arguments of `World`: checks, cleaning, accounts on the world's own axes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ecumene import accounts, elasticities
from ecumene.errors import WorldError
from ecumene.types import FloatArray


def codes(kind: str, values: Sequence[str]) -> tuple[str, ...]:
    """Codes as text, each once and printable. Errors: WorldError naming the code."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise WorldError(f"{kind} is {values!r}; give a list of codes")
    names = tuple(str(value) for value in values)
    if not names:
        raise WorldError(f"{kind} is empty; a world needs at least one")
    seen: set[str] = set()
    twice = sorted({name for name in names if name in seen or seen.add(name)})
    if twice:
        raise WorldError(f"{kind} repeats {', '.join(twice[:5])}; give every one a unique code")
    if any(not name for name in names):
        raise WorldError(f"{kind} holds an empty code; give every one a code")
    odd = [name for name in names if not name.isprintable() or name != name.strip()]
    if odd:
        raise WorldError(
            f"{kind} holds the code {odd[0]!r:.80}; use letters that print, without spaces at either end"
        )
    return names


def calendar_year(year: object) -> int | None:
    """A year from 1 to 9999, or None where there is none. Errors: WorldError."""
    if year is None:
        return None
    if not isinstance(year, int | np.integer) or isinstance(year, bool) or not 1 <= year <= 9999:
        raise WorldError(f"year is {year!r:.40}; give a whole number such as 2019, or None")
    return int(year)


def _array(name: str, values: ArrayLike) -> FloatArray:
    try:
        if np.iscomplexobj(values):
            raise TypeError("its numbers are complex")
        return np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise WorldError(f"{name} is not an array of numbers: {error}") from error


def _moved(report: pd.DataFrame) -> str:
    amounts = zip(report["what"], report["moved_million_usd"], strict=True)
    totals: dict[str, float] = {}
    for what, amount in amounts:
        totals[what] = totals.get(what, 0.0) + amount
    return ", ".join(f"{what}: {total:,.0f}" for what, total in totals.items())


def from_flows(
    Z: ArrayLike,
    Y: ArrayLike,
    *,
    economies: Sequence[str],
    sectors: Sequence[str],
    final_uses: Sequence[str],
    tariff: ArrayLike | None,
    theta: ArrayLike | None,
    year: int | None,
    source: str,
    theta_source: str | None,
    layers: Mapping[str, Any] | None,
    deficits: str,
    notes: Sequence[str],
) -> dict[str, Any]:
    """Arguments of a world from a full table; see `World.from_flows`."""
    names, goods, uses = (
        codes("economies", economies),
        codes("sectors", sectors),
        codes("final_uses", final_uses),
    )
    n_economies, n_sectors, n_uses = len(names), len(goods), len(uses)
    n_cells = n_economies * n_sectors
    z, y = _array("Z", Z), _array("Y", Y)
    cells = tuple(f"{economy} {sector}" for economy in names for sector in goods)
    buyers = tuple(f"{economy} {use}" for economy in names for use in uses)
    accounts.require_shape("Z", z, (n_cells, n_cells), "(economies*sectors) x (economies*sectors)")
    accounts.require_shape(
        "Y", y, (n_cells, n_economies * n_uses), "(economies*sectors) x (economies*final uses)"
    )
    accounts.require_finite("Z", z, (cells, cells))
    accounts.require_finite("Y", y, (cells, buyers))
    accounts.require_nonnegative("Z", z, (cells, cells))
    rate, tariff_notes = _tariff(tariff, n_economies, n_sectors)
    factor = 1.0 + rate.transpose(0, 2, 1).reshape(n_cells, n_economies)

    said = [*notes, *tariff_notes]
    cost = np.einsum("ird,ir->rd", z.reshape(n_cells, n_economies, n_sectors), factor).reshape(-1)
    output = z.sum(axis=1) + y.sum(axis=1)
    report = None
    if (y < 0).any() or (output - cost < -1e-12 * np.abs(output)).any():
        cleaned = accounts.clean_flows(z, y, factor, names)
        z, y, report = cleaned.Z, cleaned.Y, cleaned.report
        said.append(f"Table cleaned (million USD moved: {_moved(report)}); see world.cleaning.")

    z4 = z.reshape(n_economies, n_sectors, n_economies, n_sectors)
    y4 = y.reshape(n_economies, n_sectors, n_economies, n_uses)
    paid = 1.0 + rate
    trade = (z4.sum(axis=3) + y4.sum(axis=3)).transpose(0, 2, 1)
    for array in (z, y):
        array.flags.writeable = False
    return dict(
        economies=names,
        sectors=goods,
        final_uses=uses,
        year=year,
        source=source,
        trade=trade,
        intermediate=np.einsum("isnk,ins->nsk", z4, paid),
        final=np.einsum("isnf,ins->nsf", y4, paid),
        tariff=rate,
        deficits=deficits,
        layers=layers or {},
        cleaning=report,
        stored_flows=(z, y),
        **_elasticity(theta, theta_source, goods, said),
    )


def from_trade(
    trade: ArrayLike,
    value_added_share: ArrayLike,
    input_share: ArrayLike,
    *,
    economies: Sequence[str],
    sectors: Sequence[str],
    tariff: ArrayLike | None,
    theta: ArrayLike | None,
    year: int | None,
    source: str,
    theta_source: str | None,
    layers: Mapping[str, Any] | None,
    deficits: str,
    notes: Sequence[str],
) -> dict[str, Any]:
    """Arguments of a world from trade and cost shares; see `World.from_trade`."""
    names, goods = codes("economies", economies), codes("sectors", sectors)
    n_economies, n_sectors = len(names), len(goods)
    links, cells = (names, names, goods), (names, goods)
    flows, share, inputs = (
        _array("trade", trade),
        _array("value_added_share", value_added_share),
        _array("input_share", input_share),
    )
    accounts.require_shape(
        "trade", flows, (n_economies, n_economies, n_sectors), "origin x destination x sector"
    )
    accounts.require_shape("value_added_share", share, (n_economies, n_sectors), "economies x sectors")
    accounts.require_shape(
        "input_share", inputs, (n_economies, n_sectors, n_sectors), "economies x input x user sectors"
    )
    for name, values, labels in (
        ("trade", flows, links),
        ("value_added_share", share, cells),
        ("input_share", inputs, (names, goods, goods)),
    ):
        accounts.require_finite(name, values, labels)
    accounts.require_nonnegative("trade", flows, links)
    accounts.require_nonnegative("value_added_share", share, cells)
    over = np.argwhere(share > 1 + 1e-9)
    if len(over):
        raise WorldError(
            f"value_added_share exceeds 1 at ({names[over[0][0]]}, {goods[over[0][1]]}); shares are of output"
        )
    rate, tariff_notes = _tariff(tariff, n_economies, n_sectors)
    said = [*notes, *tariff_notes]

    accounts.require_nonnegative(
        "input_share",
        np.where(inputs > -accounts.TINY_NEGATIVE_SHARE, 0.0, inputs),
        (names, goods, goods),
    )
    if (inputs < 0).any():
        said.append(
            f"{int((inputs < 0).sum())} input shares between -{accounts.TINY_NEGATIVE_SHARE} and 0 set to zero "
            f"(smallest {inputs.min():.2g})."
        )
        inputs = np.maximum(inputs, 0.0)
    totals = inputs.sum(axis=1)
    used = (share < 1 - 1e-12) & (flows.sum(axis=1) > 0)
    off = np.argwhere(used & (np.abs(totals - 1) > 1e-3))
    if len(off):
        n, k = off[0]
        raise WorldError(
            f"input_share of ({names[n]}, {goods[k]}) sums to {totals[n, k]:.6g}, expected 1; "
            "divide each user's column by its sum"
        )
    inputs = np.divide(inputs, totals[:, None, :], out=np.zeros_like(inputs), where=totals[:, None, :] > 0)
    closed = accounts.close_trade(flows, (1.0 - share)[:, None, :] * inputs, rate, names)
    if closed.report is not None:
        said.append(f"Final demand closed (million USD moved: {_moved(closed.report)}); see world.cleaning.")
    return dict(
        economies=names,
        sectors=goods,
        final_uses=("final",),
        year=year,
        source=source,
        trade=closed.trade,
        intermediate=closed.intermediate,
        final=closed.final[:, :, None],
        tariff=rate,
        deficits=deficits,
        layers=layers or {},
        cleaning=closed.report,
        **_elasticity(theta, theta_source, goods, said),
    )


def _tariff(tariff: ArrayLike | None, n_economies: int, n_sectors: int) -> tuple[FloatArray, list[str]]:
    shape = (n_economies, n_economies, n_sectors)
    if tariff is None:
        return np.zeros(shape), ["No tariff layer: base tariffs are taken as zero."]
    values = _array("tariff", tariff)
    accounts.require_shape("tariff", values, shape, "origin x destination x sector")
    if not np.isfinite(values).all():
        raise WorldError("tariff holds NaN or infinite rates; use an embargo (a closed link) to stop trade")
    return values, []


def _elasticity(
    theta: ArrayLike | None, source: str | None, sectors: tuple[str, ...], notes: list[str]
) -> dict[str, Any]:
    if theta is None:
        values, source, note = elasticities.default_theta(sectors)
        return {"theta": values, "theta_source": source, "notes": (*notes, note)}
    values = _array("theta", theta)
    return {
        "theta": np.broadcast_to(values, (len(sectors),)) if values.ndim == 0 else values,
        "theta_source": source or "given by the caller",
        "notes": tuple(notes),
    }
