"""What a trade solve returns: labelled fields with units, a status and the residual of the equations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from ecumene.errors import SolveError
from ecumene.models.core import Outcome, rebased
from ecumene.models.response import Response, respond
from ecumene.models.shares import Base, Policy
from ecumene.models.solve import Status
from ecumene.types import DESTINATION, ECONOMY, FACTOR, LINK, ORIGIN, SECTOR, AnyArray, BoolArray, FloatArray


class Field(NamedTuple):
    """Axes, unit and meaning of one returned field."""

    dims: tuple[str, ...]
    units: str
    long_name: str


_E, _C = (ECONOMY,), (ECONOMY, SECTOR)
FIELDS: dict[str, Field] = {
    "real_income": Field(
        _E, "ratio to base", "real income: wages, tariff revenue, rents and deficit over the price index"
    ),
    "real_income_without_missing": Field(
        _E, "ratio to base", "real income over the goods that are still supplied"
    ),
    "real_wage": Field(_E, "ratio to base", "real wage"),
    "wage": Field(_E, "ratio to base", "wage, world value added as numeraire"),
    "price_index": Field(_E, "ratio to base", "consumption price index"),
    "price": Field(_C, "ratio to base", "price of a sector's goods to buyers"),
    "unit_cost": Field(_C, "ratio to base", "unit cost of a sector"),
    "sector_wage": Field(_C, "ratio to base", "wage of an efficiency unit of labour in a sector"),
    "factor_real_wage": Field((ECONOMY, FACTOR), "ratio to base", "mean real wage of a factor over sectors"),
    "factor_sector_real_wage": Field(
        (ECONOMY, SECTOR, FACTOR), "ratio to base", "real wage of a factor's efficiency unit in a sector"
    ),
    "trade_share": Field(LINK, "share", "share of an origin in spending, tariffs included"),
    "trade": Field(LINK, "million USD a year", "trade net of tariffs"),
    "base_trade": Field(LINK, "million USD a year", "trade net of tariffs in the base"),
    "spending": Field(_C, "million USD a year", "spending on a sector's goods, tariffs included"),
    "output": Field(_C, "million USD a year", "gross output"),
    "income": Field(_E, "million USD a year", "income: wages, tariff revenue, rents and deficit"),
    "base_income": Field(_E, "million USD a year", "income in the base"),
    "deficit": Field(_E, "million USD a year", "imports minus exports"),
    "tariff_revenue": Field(_E, "million USD a year", "tariff revenue"),
    "rents": Field(_E, "million USD a year", "rents from barriers that the economy keeps"),
    "exports": Field(_E, "million USD a year", "exports net of tariffs"),
    "imports": Field(_E, "million USD a year", "imports net of tariffs"),
    "terms_of_trade": Field(_E, "share of base income", "first-order terms of trade"),
    "volume_of_trade": Field(_E, "share of base income", "first-order volume of trade"),
    "missing_goods": Field(_C, "true or false", "goods that are used and that nobody supplies any more"),
}


class _Labelled:
    """Names of the fields that `Equilibrium.__getattr__` makes, for editors and type checkers."""

    if TYPE_CHECKING:
        real_income: xr.DataArray
        real_income_without_missing: xr.DataArray
        real_wage: xr.DataArray
        wage: xr.DataArray
        price_index: xr.DataArray
        price: xr.DataArray
        unit_cost: xr.DataArray
        sector_wage: xr.DataArray
        factor_real_wage: xr.DataArray
        factor_sector_real_wage: xr.DataArray
        trade_share: xr.DataArray
        trade: xr.DataArray
        base_trade: xr.DataArray
        spending: xr.DataArray
        output: xr.DataArray
        income: xr.DataArray
        base_income: xr.DataArray
        deficit: xr.DataArray
        tariff_revenue: xr.DataArray
        rents: xr.DataArray
        exports: xr.DataArray
        imports: xr.DataArray
        terms_of_trade: xr.DataArray
        volume_of_trade: xr.DataArray
        missing_goods: xr.DataArray


@dataclass(frozen=True, eq=False)
class Equilibrium(_Labelled):
    """The equilibrium of one case against its base.

    Every field of `FIELDS` is a labelled array. `status` says how the solve ended, `residual` is the largest relative
    error over all equations, recomputed from the returned fields, `iterations` counts steps. Where goods are missing
    (`missing_goods`), `real_income` is 0, an infinite log loss, and `real_income_without_missing` leaves them out.
    Fields are not numbers (NaN) unless the status is ok. Source of the first-order terms: Caliendo and Parro (2015).
    """

    economies: tuple[str, ...]
    sectors: tuple[str, ...]
    status: Status
    residual: float
    iterations: int
    closure: str
    notes: tuple[str, ...]
    base: Base
    outcome: Outcome | None
    unit: float
    iceberg: FloatArray
    tariff: FloatArray
    theta: FloatArray
    policy: Policy
    rents_kept_by: str
    factors: tuple[str, ...]

    def __getattr__(self, name: str) -> xr.DataArray:
        """A labelled field, made on first use."""
        if name not in FIELDS:
            raise AttributeError(f"an Equilibrium has no field {name!r}; it has {', '.join(FIELDS)}")
        dims, units, long_name = FIELDS[name]
        labels = {
            ORIGIN: self.economies,
            DESTINATION: self.economies,
            ECONOMY: self.economies,
            SECTOR: self.sectors,
            FACTOR: self.factors,
        }
        values = self._values(name)
        array = xr.DataArray(
            values, dims=dims, coords={dim: list(labels[dim]) for dim in dims}, name=name,
            attrs={"units": units, "long_name": long_name},
        )  # fmt: skip
        self.__dict__[name] = array
        return array

    def numbers(self, name: str) -> FloatArray | BoolArray:
        """A field's numbers without labels, where making labels would cost more than the numbers."""
        return self._values(name)

    @property
    def ok(self) -> bool:
        """Whether the numbers can be used."""
        return self.status is Status.OK

    def raise_unless_ok(self) -> Equilibrium:
        """Itself, or a SolveError with cause and next step."""
        if not self.ok:
            raise SolveError(
                f"{self.status.message} (residual {self.residual:.1e} after {self.iterations} steps)"
            )
        return self

    @cached_property
    def data(self) -> xr.Dataset:
        """All fields in one dataset."""
        return xr.Dataset({name: getattr(self, name) for name in FIELDS}, attrs={"residual": self.residual})

    @cached_property
    def response(self) -> Response:
        """How its prices and outputs answer to small changes: what steers a solve near it. Errors: SolveError."""
        here = rebased(self.base, self.solved, self.policy)
        return respond(here, np.asarray(self.base.output).sum(axis=0))

    @cached_property
    def _net(self) -> FloatArray:
        outcome = self.solved
        flow = np.asarray(outcome.pi) * np.asarray(outcome.spending)[:, None, :]
        net = self.unit * flow.transpose(1, 2, 0) / (1.0 + self.tariff)
        return net - self.rent_links if self.rents_kept_by == "importer" else net

    @cached_property
    def _net_links(self) -> FloatArray:
        return self._net.sum(axis=2)

    @cached_property
    def rent_links(self) -> FloatArray:
        """Rents [origin, destination, sector], million USD a year: where a barrier rose, that part of the price.

        `pi X / (1 + t) (1 - 1 / iceberg)`, zero where barriers are waste.
        """
        outcome = self.solved
        risen = np.isfinite(self.iceberg) & (self.iceberg > 1.0) & (self.rents_kept_by != "waste")
        part = np.where(risen, 1.0 - 1.0 / np.where(risen, self.iceberg, 1.0), 0.0)
        flow = (np.asarray(outcome.pi) * np.asarray(outcome.spending)[:, None, :]).transpose(1, 2, 0)
        return self.unit * flow / (1.0 + self.tariff) * part

    def _rents(self) -> FloatArray:
        return self.rent_links.sum(axis=(1, 2) if self.rents_kept_by == "exporter" else (0, 2))

    @cached_property
    def _base_net(self) -> FloatArray:
        base = self.base
        flow = np.asarray(base.pi) * np.asarray(base.spending)[:, None, :] / np.asarray(base.paid)
        return self.unit * flow.transpose(1, 2, 0)

    @property
    def solved(self) -> Outcome:
        """The solution, sector first, levels relative to world value added. Errors: SolveError without one."""
        if self.outcome is None:
            self.raise_unless_ok()
        assert self.outcome is not None
        return self.outcome

    def _where_paid(self, wage: AnyArray) -> FloatArray:
        """Real wages, axes reversed to [economy, ..., factor]; not a number where the base pays the factor nothing."""
        earned = np.asarray(self.base.factor_share) * np.asarray(self.base.worker_share)
        paid = (earned if wage.ndim == 3 else earned.sum(axis=1)) > 0
        return np.where(paid, np.asarray(wage) / np.asarray(self.solved.P_consumption), np.nan).T

    def _tariff_revenue(self) -> FloatArray:
        revenue = self.unit * np.asarray(self.solved.revenue)
        return revenue - self._rents() if self.rents_kept_by == "importer" else revenue

    def _terms_of_trade(self) -> FloatArray:
        """`sum(exports_n (c_n - 1) - M_in (c_i - 1)) / I_n` over base flows M net of tariffs, foreign links only."""
        dearer = np.asarray(self.solved.c).T - 1.0
        priced = self._foreign(np.einsum("ins,is->in", self._base_net, dearer))
        return (priced.sum(axis=1) - priced.sum(axis=0)) / self._values("base_income")

    def _volume_of_trade(self) -> FloatArray:
        """`sum t0 M_in (M_hat - c_i) / I_n`: base tariffs on the change of imports at constant prices."""
        cost = np.asarray(self.solved.c).T
        rate = np.asarray(self.base.paid).transpose(1, 2, 0) - 1.0
        now = np.einsum("ins,ins->in", rate, self._net)
        before = np.einsum("ins,ins,is->in", rate, self._base_net, cost)
        return self._foreign(now - before).sum(axis=0) / self._values("base_income")

    @staticmethod
    def _foreign(links: FloatArray) -> FloatArray:
        """[R, R] without what economies buy from themselves."""
        return links * (1.0 - np.eye(len(links)))

    def _values(self, name: str) -> FloatArray | BoolArray:
        if name == "base_trade":
            return self._base_net
        if name == "base_income":
            return self.unit * np.asarray(Base(*map(np.asarray, self.base)).income)
        if self.outcome is None:
            dims = FIELDS[name].dims
            sizes = {SECTOR: len(self.sectors), FACTOR: len(self.factors)}
            return np.full([sizes.get(dim, len(self.economies)) for dim in dims], np.nan)
        out = self.outcome
        read = {
            "real_income": lambda: np.where(
                np.asarray(out.missing).any(axis=0), 0.0, np.asarray(out.real_income)
            ),
            "real_income_without_missing": lambda: np.asarray(out.real_income),
            "real_wage": lambda: np.asarray(out.w) / np.asarray(out.P_consumption),
            "wage": lambda: np.asarray(out.w),
            "price_index": lambda: np.asarray(out.P_consumption),
            "price": lambda: np.asarray(out.P).T,
            "unit_cost": lambda: np.asarray(out.c).T,
            "sector_wage": lambda: np.asarray(out.sector_wage).T,
            "factor_real_wage": lambda: self._where_paid(out.factor_wage),
            "factor_sector_real_wage": lambda: self._where_paid(out.factor_sector_wage),
            "trade_share": lambda: np.asarray(out.pi).transpose(1, 2, 0),
            "trade": lambda: self._net,
            "spending": lambda: self.unit * np.asarray(out.spending).T,
            "output": lambda: self.unit * np.asarray(out.output).T,
            "income": lambda: self.unit * np.asarray(out.income),
            "deficit": lambda: self._values("imports") - self._values("exports"),
            "tariff_revenue": self._tariff_revenue,
            "rents": self._rents,
            "exports": lambda: self._foreign(self._net_links).sum(axis=1),
            "imports": lambda: self._foreign(self._net_links).sum(axis=0),
            "terms_of_trade": self._terms_of_trade,
            "volume_of_trade": self._volume_of_trade,
            "missing_goods": lambda: np.asarray(out.missing).T,
        }
        return read[name]()

    def __repr__(self) -> str:
        head = (
            f"Equilibrium: {self.status.message}, residual {self.residual:.1e}, {self.iterations} steps, "
            f"deficits {self.closure}"
        )
        if not self.ok:
            return head
        change = 100.0 * (self.real_income.values - 1.0)
        world = float(np.average(change, weights=self.base_income.values))
        low, high = int(change.argmin()), int(change.argmax())
        return (
            f"{head}\n  real income of the world {world:+.2f} %, "
            f"largest loss {self.economies[low]} {change[low]:+.2f} %, "
            f"largest gain {self.economies[high]} {change[high]:+.2f} %"
        )
