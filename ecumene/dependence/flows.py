"""What an economy rests on in trade: reliance, chokepoints, strategic products, and resources produced over used."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from ecumene import sectors
from ecumene.dependence.entries import Found
from ecumene.models import sovereignty
from ecumene.models.reliance import ratio
from ecumene.models.standing import produced_over_used
from ecumene.types import FloatArray

POINTS: Final = 100.0
"""Percent in a share, and hundredths of log points in one."""


class Flows(NamedTuple):
    """Flows of the world's data, or of an order's equilibrium: million USD a year."""

    trade: FloatArray  # [origin, destination, sector], net of duties
    intermediate: FloatArray  # [economy, input, user], with them
    tariff: FloatArray  # [origin, destination, sector]
    layer: str  # what they are called in a report
    year: int | None

    @property
    def imports(self) -> FloatArray:
        """Imports [economy, sector], net of duties."""
        return _abroad(self.trade).sum(axis=0)

    @property
    def exports(self) -> FloatArray:
        """Exports [economy, sector], net of duties."""
        return _abroad(self.trade).sum(axis=1)

    @property
    def output(self) -> FloatArray:
        """Gross output [economy, sector]."""
        return self.trade.sum(axis=1)


def _abroad(trade: FloatArray) -> FloatArray:
    return np.where(np.eye(len(trade), dtype=bool)[:, :, None], 0.0, trade)


class Links(NamedTuple):
    """By partner, sector and link what the measures of an economy sum up."""

    reliance: sovereignty.EconomyReliance
    shares: FloatArray  # [partner, economy]: share in the value added abroad
    products: sovereignty.Products


def links_of(flows: Flows) -> Links:
    """Reliance of economies, industries weighted by output, and strategic products.

    Errors: InputError as of `models.sovereignty`.
    """
    chains = sovereignty.supply_chains(flows.trade, flows.intermediate, flows.tariff)
    reliance = sovereignty.economies_reliance(chains, chains.output)
    return Links(
        reliance,
        sovereignty.share_of_partners(reliance.value_added),
        sovereignty.strategic_products(flows.trade),
    )


def chokepoints(flows: Flows, theta: FloatArray) -> FloatArray:
    """Loss of every link at first order, log real income [origin, destination, sector]. Errors: as `links_of`."""
    paid = flows.trade * (1.0 + flows.tariff)
    spending = paid.sum(axis=0)
    final = np.maximum(spending - flows.intermediate.sum(axis=2), 0.0)
    share = np.nan_to_num(ratio(paid, spending[None]))
    recipe = np.nan_to_num(ratio(flows.intermediate, flows.output[:, None, :]))
    basket = ratio(final, final.sum(axis=1, keepdims=True))
    return sovereignty.chokepoint_losses(share, theta, basket, recipe)


def economic(flows: Flows, links: Links) -> dict[str, Found]:
    """Reliance in one number each; the whole is in `Links`."""
    relied = links.reliance
    known = ~np.isnan(links.shares).all(axis=0)
    largest = np.where(known, np.nan_to_num(links.shares).max(axis=0), np.nan)
    spread = np.where(known, (np.nan_to_num(links.shares) ** 2).sum(axis=0), np.nan)
    unmade = "this economy makes nothing that is sold"
    alone = "this economy relies on nobody abroad: there are no partners to share it"

    def found(values: FloatArray, reason: str) -> Found:
        return Found(values, flows.layer, flows.year, reason)

    return {
        "reliance_gross": found(POINTS * relied.foreign_gross, unmade),
        "reliance_value_added": found(POINTS * relied.foreign_value_added, unmade),
        "largest_partner_share": found(POINTS * largest, alone),
        "partner_concentration": found(spread, alone),
    }


def worst_chokepoint(flows: Flows, chokepoint: FloatArray) -> Found:
    """The largest loss by a single link, at first order; infinite where one origin is the only source."""
    worst = np.nan_to_num(chokepoint, nan=0.0, posinf=np.inf).max(axis=(0, 2))
    return Found(POINTS * worst, flows.layer, flows.year)


def strategic(flows: Flows, links: Links, stock_days: FloatArray | None) -> dict[str, Found]:
    """Number of strategic products, their part of imports, and the shortest stock among them.

    stock_days [sector] are those of use that buyers hold; None where sectors are of no known kind.
    """
    holds = links.products.strategic == 1
    imports = flows.imports
    part = ratio((imports * holds).sum(axis=1), imports.sum(axis=1))
    known = ~np.isnan(links.products.strategic).all(axis=1)
    count = np.where(known, holds.sum(axis=1), np.nan)
    if stock_days is None:
        days = np.full(len(holds), np.nan)
        reason = "sector codes belong to no known classification, so their stocks are not known"
    else:
        least = np.where(holds, stock_days[None, :], np.inf).min(axis=1)
        days = np.where(np.isfinite(least), least, np.nan)
        reason = "no product is strategic here, so there is no stock to name"
    return {
        "strategic_products": Found(count, flows.layer, flows.year, "no product's criteria are known"),
        "strategic_import_share": Found(POINTS * part, flows.layer, flows.year, "there are no imports"),
        "least_stock_days": Found(days, f"{flows.layer}; stock days by kind of sector", flows.year, reason),
    }


class Codes(NamedTuple):
    """Sectors of one resource: what is dug or grown, and what it is also traded as."""

    primary: frozenset[str]
    traded_as: frozenset[str]


RESOURCES: Final = {
    "energy": Codes(
        frozenset({"energy_extraction", "B05_06", "B05", "B06"}), frozenset({"refined_fuels", "C19"})
    ),
    "minerals": Codes(frozenset({"other_mining", "B07_08", "B07", "B08"}), frozenset()),
}
"""Sectors by code: extraction of energy, with refined fuels traded; ores and stones. Mining services (B09) are left
out, and electricity, which these tables do not tell apart from other utilities."""

FOOD: Final = frozenset({"agriculture", "food"})
"""Kinds of sectors (`sectors.KINDS`) that make food: farming, forestry and fishing, and food processing."""


def resources(flows: Flows, codes: tuple[str, ...]) -> dict[str, Found]:
    """Energy, food and minerals produced over used, from the accounts by sector, in percent.

    Energy as IEA (2020): `produced / (produced + net imports of primary energy and of refined fuels)`, by value, so
    that the margin of refining counts as energy. Minerals are one less the net import reliance of USGS (2020), food
    the ratio of FAO (2012). Missing where a sector holds more than the resource, as mining in WIOD does.
    """
    measures = {}
    for name, (primary, traded_as) in RESOURCES.items():
        made = np.isin(codes, sorted(primary))
        crossing = made | np.isin(codes, sorted(traded_as))
        reason = "" if made.any() else f"no sector of this world holds {name} alone; use a world that has one"
        measures[f"{name}_self_sufficiency"] = _over_used(flows, made, crossing, reason)
    kinds = sectors.kinds(codes)
    food = np.array([bool(kinds) and set(each) <= FOOD for each in kinds or codes])
    reason = "" if food.any() else "no sector of this world is known to make food; use a known classification"
    measures["food_self_sufficiency"] = _over_used(flows, food, food, reason)
    return measures


def _over_used(flows: Flows, made: np.ndarray, crossing: np.ndarray, reason: str) -> Found:
    if reason:
        return Found(np.full(len(flows.trade), np.nan), flows.layer, None, reason)
    imports, exports = flows.imports[:, crossing].sum(axis=1), flows.exports[:, crossing].sum(axis=1)
    share = produced_over_used(flows.output[:, made].sum(axis=1), imports, exports)
    return Found(
        POINTS * share, flows.layer, flows.year, "nothing is used on balance: exports are above output"
    )
