"""World: who produces what from what and who buys it, frozen, labelled, with closed accounts."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from ecumene import accounts, aggregation, construction, division, worldfile
from ecumene import layers as layer_rules
from ecumene.errors import MissingLayerError, WorldError
from ecumene.types import DESTINATION, ECONOMY, FINAL_USE, INPUT, LINK, ORIGIN, SECTOR, USER, FloatArray

DEFICIT_CLOSURES = ("zero", "fixed", "proportional")


@dataclass(frozen=True, eq=False)
class World:
    """The data of one year: trade, technology, final demand, tariffs, elasticities and named layers.

    Identities checked on construction, to 1e-9 of world output: for every economy and sector, sales
    `Y_is = sum_n T_ins` equal costs plus value added, and purchases `sum_i T_ins (1 + t_ins)` equal
    intermediate plus final spending. World imports equal world exports by construction.

    Flows are in million USD a year; `trade` is net of tariff, `intermediate` and `final` include it.
    Build one with `from_flows`, `from_trade` or `ecumene.load_world`; every method returns a new World.
    Errors: WorldError naming the cell and the remedy.
    """

    economies: tuple[str, ...]
    sectors: tuple[str, ...]
    final_uses: tuple[str, ...]
    year: int | None
    source: str
    trade: xr.DataArray
    intermediate: xr.DataArray
    final: xr.DataArray
    tariff: xr.DataArray
    theta: xr.DataArray
    theta_source: str
    deficits: str = "zero"
    layers: Mapping[str, xr.DataArray] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    cleaning: pd.DataFrame | None = None
    stored_flows: tuple[FloatArray, FloatArray] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.deficits not in DEFICIT_CLOSURES:
            raise WorldError(f"deficits is {self.deficits!r}; choose one of {', '.join(DEFICIT_CLOSURES)}")
        for name in ("economies", "sectors", "final_uses"):
            object.__setattr__(self, name, construction.codes(name, getattr(self, name)))
        object.__setattr__(self, "year", construction.calendar_year(self.year))
        coords = self._coords()
        for name, dims in (
            ("trade", LINK),
            ("intermediate", (ECONOMY, INPUT, USER)),
            ("final", (ECONOMY, SECTOR, FINAL_USE)),
            ("tariff", LINK),
            ("theta", (SECTOR,)),
        ):
            values = np.ascontiguousarray(np.asarray(getattr(self, name), dtype=np.float64))
            labels = tuple(coords[dim] for dim in dims)
            accounts.require_shape(name, values, tuple(len(names) for names in labels), " x ".join(dims))
            accounts.require_finite(name, values, labels)
            if name not in ("tariff", "theta"):
                accounts.require_nonnegative(name, values, labels)
            values.flags.writeable = False
            array = xr.DataArray(
                values, dims=dims, coords={dim: list(coords[dim]) for dim in dims}, name=name
            )
            object.__setattr__(self, name, array)
        self._check_rates()
        object.__setattr__(
            self, "layers", MappingProxyType(layer_rules.checked(self.layers, self.economies, self.sectors))
        )
        if not self.trade.values.any():
            raise WorldError(
                "nobody sells anything: every flow is zero; give the flows in million USD a year"
            )
        gap, (n, s) = accounts.largest_gap(
            self.trade.values, self.intermediate.values, self.final.values, self.tariff.values
        )
        if not gap <= accounts.CLOSURE_TOLERANCE:
            raise WorldError(
                f"accounts do not close: purchases and spending of ({self.economies[n]}, {self.sectors[s]}) differ "
                f"by {gap:.2e} of world output; pass the raw table through World.from_flows, which cleans it"
            )
        cells = (self.economies, self.sectors)
        value_added = self.value_added.values
        rounding = 1e-9 * np.maximum(self.output.values, 0.0)
        accounts.require_nonnegative(
            "value added", np.where(value_added > -rounding, 0.0, value_added), cells
        )
        nothing = np.flatnonzero(self.final.values.sum(axis=(1, 2)) <= 0)
        if len(nothing):
            raise WorldError(
                f"{self.economies[nothing[0]]} has no final demand; drop it or aggregate it with a neighbour"
            )
        idle = np.flatnonzero(value_added.sum(axis=1) <= 0)
        if len(idle):
            raise WorldError(
                f"{self.economies[idle[0]]} has no value added; drop it or aggregate it with a neighbour"
            )

    def _coords(self) -> dict[str, tuple[str, ...]]:
        return {
            ORIGIN: self.economies,
            DESTINATION: self.economies,
            ECONOMY: self.economies,
            SECTOR: self.sectors,
            INPUT: self.sectors,
            USER: self.sectors,
            FINAL_USE: self.final_uses,
        }

    def _check_rates(self) -> None:
        tariff, theta = self.tariff.values, self.theta.values
        low = np.argwhere(tariff <= -1)
        if len(low):
            i, n, s = low[0]
            raise WorldError(
                f"tariff of {self.economies[n]} on {self.sectors[s]} from {self.economies[i]} "
                f"is {tariff[i, n, s]:.4g}; "
                "rates are ad valorem (0.1 is 10 %) and must exceed -1"
            )
        home = np.argwhere(np.einsum("iis->is", tariff) != 0)
        if len(home):
            i, s = home[0]
            raise WorldError(
                f"tariff of {self.economies[i]} on its own {self.sectors[s]} is not zero; "
                "tariffs fall on imports, set the diagonal to zero"
            )
        wrong = np.flatnonzero(theta <= 0)
        if len(wrong):
            raise WorldError(
                f"theta of {self.sectors[wrong[0]]} is {theta[wrong[0]]:.4g}; trade elasticities must be above 0"
            )

    # Constructors -------------------------------------------------------------------------------------

    @classmethod
    def from_flows(
        cls,
        Z: ArrayLike,
        Y: ArrayLike,
        *,
        economies: Sequence[str],
        sectors: Sequence[str],
        final_uses: Sequence[str],
        tariff: ArrayLike | None = None,
        theta: ArrayLike | None = None,
        year: int | None = None,
        source: str = "arrays",
        theta_source: str | None = None,
        layers: Mapping[str, Any] | None = None,
        deficits: str = "zero",
        notes: Sequence[str] = (),
    ) -> World:
        """A world from a full input-output table.

        Output is a row's sales, `x_i = sum_j Z_ij + sum_f Y_if`; value added is `x_j - sum_i Z_ij (1 + t_ij)`.
        A table with a negative final-demand or value-added cell is cleaned (`accounts.clean_flows`) and says so;
        a clean one passes through unchanged.

        Shapes: Z [R*S, R*S], Y [R*S, R*F], economy-major; tariff [R, R, S] origin x destination x sector;
        theta [S]. Unit: million USD a year, tariffs ad valorem. Errors: WorldError.
        """
        return cls(
            **construction.from_flows(
                Z,
                Y,
                economies=economies,
                sectors=sectors,
                final_uses=final_uses,
                tariff=tariff,
                theta=theta,
                year=year,
                source=source,
                theta_source=theta_source,
                layers=layers,
                deficits=deficits,
                notes=notes,
            )
        )

    @classmethod
    def from_trade(
        cls,
        trade: ArrayLike,
        value_added_share: ArrayLike,
        input_share: ArrayLike,
        *,
        economies: Sequence[str],
        sectors: Sequence[str],
        tariff: ArrayLike | None = None,
        theta: ArrayLike | None = None,
        year: int | None = None,
        source: str = "arrays",
        theta_source: str | None = None,
        layers: Mapping[str, Any] | None = None,
        deficits: str = "zero",
        notes: Sequence[str] = (),
    ) -> World:
        """A world from trade values and cost shares; final demand is what is left of spending.

        Shapes: trade [R, R, S] net of tariff, domestic sales on the diagonal; value_added_share [R, S] in output;
        input_share [R, S inputs, S users], columns summing to 1 (0 where value added is all of output).
        Negative final demand becomes zero, output is re-solved and `world.cleaning` reports it. Errors: WorldError.
        """
        return cls(
            **construction.from_trade(
                trade,
                value_added_share,
                input_share,
                economies=economies,
                sectors=sectors,
                tariff=tariff,
                theta=theta,
                year=year,
                source=source,
                theta_source=theta_source,
                layers=layers,
                deficits=deficits,
                notes=notes,
            )
        )

    # Derived accounts ---------------------------------------------------------------------------------

    def _cells(self, values: FloatArray, name: str) -> xr.DataArray:
        dims = (ECONOMY, SECTOR)[: values.ndim]
        coords = self._coords()
        return xr.DataArray(values, dims=dims, coords={dim: list(coords[dim]) for dim in dims}, name=name)

    @cached_property
    def output(self) -> xr.DataArray:
        """Gross output `Y_is = sum_n T_ins` [economy, sector], million USD a year."""
        return self._cells(self.trade.values.sum(axis=1), "output")

    @cached_property
    def spending(self) -> xr.DataArray:
        """Purchases `X_ns = sum_i T_ins (1 + t_ins)` [economy, sector], million USD a year."""
        return self._cells((self.trade.values * (1.0 + self.tariff.values)).sum(axis=0), "spending")

    @cached_property
    def value_added(self) -> xr.DataArray:
        """Output minus tariff-inclusive inputs [economy, sector], million USD a year."""
        return self._cells(self.output.values - self.intermediate.values.sum(axis=1), "value_added")

    @cached_property
    def income(self) -> xr.DataArray:
        """Final spending: value added plus tariff revenue plus deficit [economy], million USD a year."""
        return self._cells(self.final.values.sum(axis=(1, 2)), "income")

    @cached_property
    def tariff_revenue(self) -> xr.DataArray:
        """Tariff revenue [economy], million USD a year."""
        return self._cells((self.trade.values * self.tariff.values).sum(axis=(0, 2)), "tariff_revenue")

    @cached_property
    def imports(self) -> xr.DataArray:
        """Imports net of tariff [economy], million USD a year."""
        return self._cells(
            self.trade.values.sum(axis=(0, 2)) - np.einsum("iis->i", self.trade.values), "imports"
        )

    @cached_property
    def exports(self) -> xr.DataArray:
        """Exports net of tariff [economy], million USD a year."""
        return self._cells(
            self.trade.values.sum(axis=(1, 2)) - np.einsum("iis->i", self.trade.values), "exports"
        )

    @cached_property
    def deficit(self) -> xr.DataArray:
        """Imports minus exports [economy], million USD a year; sums to zero over the world."""
        return self._cells(self.imports.values - self.exports.values, "deficit")

    @property
    def zero_link_share(self) -> float:
        """Share of international origin-destination-sector links with no trade; they stay zero in every order."""
        foreign = ~np.eye(len(self.economies), dtype=bool)
        return float((self.trade.values[foreign] == 0).mean()) if foreign.any() else 0.0

    def flows(self) -> tuple[FloatArray, FloatArray]:
        """Full tables Z [R*S, R*S] and Y [R*S, R*F], million USD a year net of tariff, economy-major.

        Stored where the source gave them; otherwise every user of an economy buys each sector's inputs from
        origins in the same proportion, `Z_is,nk = T_ins / X_ns * intermediate_nsk`.
        """
        if self.stored_flows is not None:
            return self.stored_flows
        spending = self.spending.values
        share = np.divide(self.trade.values, spending, out=np.zeros(self.trade.shape), where=spending > 0)
        n_cells = len(self.economies) * len(self.sectors)
        Z = np.einsum("ins,nsk->isnk", share, self.intermediate.values).reshape(n_cells, n_cells)
        Y = np.einsum("ins,nsf->isnf", share, self.final.values).reshape(n_cells, -1)
        return Z, Y

    # Layers -------------------------------------------------------------------------------------------

    def layer(self, name: str, needed_by: str) -> xr.DataArray:
        """The named layer, or a MissingLayerError that says who needs it and how to add it."""
        if name not in self.layers:
            dims = " x ".join(layer_rules.dimensions(name)) or "any labelled"
            have = ", ".join(sorted(self.layers)) or "none"
            raise MissingLayerError(
                name, needed_by, f"add it with world.with_layers({name}=...) ({dims}); it has: {have}"
            )
        return self.layers[name]

    def with_layers(self, **arrays: Any) -> World:
        """A copy with layers added or replaced."""
        return replace(self, layers={**self.layers, **arrays})

    # Other worlds -------------------------------------------------------------------------------------

    def aggregate(
        self, economies: Mapping[str, str] | None = None, sectors: Mapping[str, str] | None = None
    ) -> World:
        """A coarser world: flows are summed, tariffs weighted by trade, theta by spending, layers by their rule."""
        return aggregation.aggregate(self, economies or {}, sectors or {})

    def select(self, economies: Sequence[str], rest: str = "ROW") -> World:
        """A world of the named economies with all others merged into `rest`, so that accounts stay closed."""
        return aggregation.select(self, economies, rest)

    def divide(self, economy: str, parts: Mapping[str, float], mixing: float = 1.0) -> World:
        """A world with parts of an economy as economies of their own; the rest keeps its code.

        parts: new codes and their shares of the economy, in every sector alike (assumption). mixing: what parts buy
        from each other, against what they would if nobody minded where in the country a thing is made; 1 is as much as
        there can be. Flows of the part of share s are s times the country's, and `mixing s_k s_n T` from k to n.
        With mixing 1 nothing changes for anybody, whatever the policy, while parts are treated alike. Layers that are
        sums are shared by size, others are the same. Errors: WorldError.
        """
        return division.divide(self, economy, parts, mixing)

    def balance(self, output: xr.DataArray) -> World:
        """A world with the given gross output [economy, sector]: trade rebalanced biproportionally, technology kept."""
        return aggregation.balance(self, output)

    # Files --------------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the world to one file, whole or not at all; `World.load` reads it back exactly."""
        worldfile.save(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> World:
        """Read a saved world. Errors: SourceError for a missing, damaged or unknown file."""
        return cls(**worldfile.load(path))

    @cached_property
    def hash(self) -> str:
        """SHA-256 over labels, flows, tariffs, elasticities and layers: the identity of the data."""
        digest = hashlib.sha256()
        digest.update(
            repr((self.economies, self.sectors, self.final_uses, self.year, self.deficits)).encode()
        )
        for array in (self.trade, self.intermediate, self.final, self.tariff, self.theta):
            digest.update(np.ascontiguousarray(array.values).tobytes())
        for name in sorted(self.layers):
            values = self.layers[name].values
            digest.update(name.encode())
            digest.update(
                repr(values.tolist()).encode()
                if values.dtype.kind in "OUT"
                else np.ascontiguousarray(values).tobytes()
            )
        return digest.hexdigest()

    def _facts(self) -> list[tuple[str, str]]:
        final = float(self.final.values.sum())
        trade = float(self.imports.values.sum())
        return [
            ("source", self.source),
            ("year", str(self.year) if self.year is not None else "not given"),
            (
                "size",
                f"{len(self.economies)} economies x {len(self.sectors)} sectors, {len(self.final_uses)} final uses",
            ),
            ("final spending", f"{final:,.0f} million USD"),
            (
                "trade",
                f"{trade:,.0f} million USD ({trade / final:.1%} of final spending), "
                f"{self.zero_link_share:.1%} of links zero",
            ),
            (
                "elasticities",
                f"{self.theta.values.min():.3g} to {self.theta.values.max():.3g} ({self.theta_source})",
            ),
            ("deficits", self.deficits),
            ("layers", ", ".join(sorted(self.layers)) or "none"),
            ("data hash", self.hash[:12]),
        ]

    def __repr__(self) -> str:
        facts = self._facts()
        width = max(len(name) for name, _ in facts)
        return "World\n" + "\n".join(f"  {name:<{width}}  {value}" for name, value in facts)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{name}</th><td>{value}</td></tr>"
            for name, value in self._facts()
        )
        return f"<table><caption>World</caption>{rows}</table>"
