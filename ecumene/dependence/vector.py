"""The public function of sovereignty: a vector of measures for each economy, never one number by default."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ecumene.dependence import flows as by_flows
from ecumene.dependence import layers as by_layers
from ecumene.dependence.entries import ENTRIES, Entry, Found
from ecumene.dependence.parties import members_of
from ecumene.dependence.political import political
from ecumene.dependence.result import Sovereignty
from ecumene.errors import InputError
from ecumene.orders import unions
from ecumene.runs import State, state_of
from ecumene.security.parameters import settings_of
from ecumene.types import FloatArray
from ecumene.world import World

if TYPE_CHECKING:
    from ecumene.orders import Order

ALLIANCES = ("NATO", "CSTO")
"""Alliances of the table of unions whose members stand on one side."""


def sovereignty(
    world: World,
    economies: Sequence[str] | str | None = None,
    order: Order | str | os.PathLike[str] | None = None,
    *,
    alliances: Iterable[str] = ALLIANCES,
    rivals: Sequence[str] | str | None = None,
    decay_km: float = by_layers.DECAY_KM,
) -> Sovereignty:
    """How dependent economies are, and on whom: measures in six groups, each with unit, layer and year.

    Economic, strategic, resource, military, political and territorial measures stand in `dependence.entries`; equations
    and sources on the page on sovereignty. economies: codes or names, all by default. order: a preset, a file or an
    Order, whose equilibrium flows and memberships are measured in place of the world's own data.
    alliances: unions whose members are allies, beside members of a bloc of depth 6. rivals: names of economies or
    unions, else all who are no allies; military strength falls to 1/e over `decay_km`.
    A number that is not known is NaN with its reason, never 0.
    Errors: InputError (an unknown economy, union or order, a decay not above 0), SolveError (no equilibrium).
    """
    state = state_of(world, order)
    chosen = _chosen(world, economies, state.clubs_year)
    found, arrays = _measured(world, state, tuple(alliances), rivals, decay_km)
    coords = {
        "economy": list(world.economies),
        "partner": list(world.economies),
        "sector": list(world.sectors),
    }
    cells = {entry.name: _labelled(entry, found[entry.name]) for entry in ENTRIES if entry.name in found}
    data = xr.Dataset({**cells, **arrays}, coords=coords).sel(economy=chosen)
    return Sovereignty(data, state.provenance)


def _listed(given: Sequence[str] | str) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


def _chosen(world: World, economies: Sequence[str] | str | None, year: int) -> list[str]:
    if economies is None:
        return list(world.economies)
    codes, absent = members_of(world, _listed(economies), year)
    if absent or not codes:
        raise InputError(
            f"this world has no {', '.join(absent)}; it has {', '.join(world.economies[:8])}, ..."
            if absent
            else "name at least one economy, or leave economies out for all"
        )
    return codes


def _measured(
    world: World, state: State, alliances: tuple[str, ...], rivals: Sequence[str] | str | None, decay: float
) -> tuple[dict[str, Found], dict[str, xr.Variable]]:
    """Every measure of all economies, and the arrays by partner, sector and link behind them."""
    name = state.provenance.order
    label = "trade and inputs" if name == "data" else f"trade and inputs under '{name}'"
    flows = by_flows.Flows(state.trade, state.intermediate, state.tariff, label, world.year)
    links = by_flows.links_of(flows, world.theta.values)
    settings, assumed = settings_of(world)
    stocks = None if assumed else np.broadcast_to(np.asarray(settings.stock_days), len(world.sectors))
    allies, against = by_layers.sides(
        world.economies,
        _alliances(state, alliances),
        None if rivals is None else frozenset(members_of(world, _listed(rivals), state.clubs_year)[0]),
    )
    under = f"of {state.clubs_year}" if name == "data" else f"of {state.clubs_year} under '{name}'"
    close, near = political(world, state.clubs, links.shares, state.clubs_year, under)
    found = {
        **by_flows.economic(flows, links),
        **by_flows.strategic(flows, links, stocks),
        **by_flows.resources(flows, world.sectors),
        **by_layers.reserves(world),
        **by_layers.military(world, allies, against, decay),
        **close,
        **by_layers.territorial(world),
    }
    return found, _arrays(flows, links, near)


def _alliances(state: State, names: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """Members of the named unions and of political unions. Errors: OrderError for an unknown union."""
    wanted = {unions.union(name).name for name in names}
    return {club.name: club.members for club in state.clubs if club.name in wanted or club.depth == 6}


def _labelled(entry: Entry, found: Found) -> xr.Variable:
    attrs: dict[str, Any] = {
        "units": entry.units,
        "long_name": entry.meaning,
        "group": entry.group,
        "layer": found.layer,
        "reason": found.reason,
        "better": entry.better,
    }
    if found.year is not None:
        attrs["year"] = found.year
    return xr.Variable(("economy",), np.asarray(found.values, dtype=np.float64), attrs)


def _arrays(flows: by_flows.Flows, links: by_flows.Links, near: FloatArray) -> dict[str, xr.Variable]:
    relied, products = links.reliance, links.products
    assert links.chokepoint is not None
    partner, sector = ("economy", "partner"), ("economy", "sector")
    nobody = "this economy makes nothing, relies on nobody abroad, or is the partner itself"
    table: tuple[tuple[str, tuple[str, ...], FloatArray, str, str, str, str], ...] = (
        ("reliance_gross_on", partner, 100 * relied.gross.T, "percent of output", "economic",
         "output of a partner that own output rests on, own economy included", nobody),
        ("reliance_value_added_on", partner, 100 * relied.value_added.T, "percent of value", "economic",
         "value of own output added by a partner, own economy included", nobody),
        ("reliance_gross_on_sector", sector, 100 * relied.gross_by_sector.T, "percent of output", "economic",
         "output of foreign industries that own output rests on", nobody),
        ("reliance_value_added_on_sector", sector, 100 * relied.value_added_by_sector.T, "percent of value",
         "economic", "value of own output added by foreign industries", nobody),
        ("import_concentration", sector, products.concentration, "0 to 1", "strategic",
         "concentration of import sources (HHI)", "nothing is imported"),
        ("foreign_share", sector, 100 * products.foreign_share, "percent of purchases", "strategic",
         "imports over all purchases", "nothing is bought"),
        ("imports_over_exports", sector, products.imports_over_exports, "ratio", "strategic",
         "imports over exports", "neither imported nor exported"),
        ("strategic", sector, products.strategic, "1 yes, 0 no", "strategic",
         "concentrated, mostly foreign, and imports above exports", "a criterion is not known"),
        ("chokepoint", ("economy", "partner", "sector"),
         100 * links.chokepoint.transpose(1, 0, 2), "log points x 100", "economic",
         "loss if a partner stops selling a sector's goods, first order", "the economy itself"),
        ("closeness", partner, 100 * near, "percent", "political",
         "memberships in common, by depth", "memberships are not known"),
    )  # fmt: skip
    year = {} if flows.year is None else {"year": flows.year}
    return {
        name: xr.Variable(
            dims,
            values,
            {
                "units": units,
                "long_name": meaning,
                "group": group,
                "layer": flows.layer,
                "reason": reason,
                **year,
            },
        )
        for name, dims, values, units, group, meaning, reason in table
    }
