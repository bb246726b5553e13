"""The public function of sovereignty: a vector of measures for each economy, never one number by default."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import xarray as xr

from ecumene.dependence import flows as by_flows
from ecumene.dependence import layers as by_layers
from ecumene.dependence import power as by_cuts
from ecumene.dependence.aggregates import sentences
from ecumene.dependence.alliances import ALLIANCES, Sides, contests, sides_of
from ecumene.dependence.composite import BAND, DRAWS, LABELS, composite, given_weights, require_known
from ecumene.dependence.entries import ENTRIES, Found
from ecumene.dependence.labelled import arrays_of, labelled
from ecumene.dependence.parties import Parties, listed, members_of, parties_of
from ecumene.dependence.political import political
from ecumene.dependence.result import Sovereignty
from ecumene.errors import InputError
from ecumene.orders import Order, load_order, unions
from ecumene.processors import threads
from ecumene.provenance import machine
from ecumene.questions import question_of
from ecumene.runs import State, state_of
from ecumene.security.parameters import settings_of
from ecumene.sidebyside import Progress
from ecumene.types import FloatArray
from ecumene.world import World

POWER: Final = ("asked", "all", "none")
"""Cuts that are solved: against the economies named, against all, or none."""

LINKS: Final = 50
"""Worst links of an economy that are solved exactly."""


def sovereignty(
    world: World,
    economies: Sequence[str] | str | None = None,
    order: Order | str | os.PathLike[str] | None = None,
    *,
    power: str = "asked",
    blocs: Parties = (),
    links: int = LINKS,
    alliances: Parties = ALLIANCES,
    rivals: Sequence[str] | str | None = None,
    decay_km: float = by_layers.DECAY_KM,
    weights: Mapping[str, float] | str | None = None,
    seed: int = 0,
    workers: int | None = None,
    progress: Progress | None = None,
    cuts_folder: Path | None = None,
) -> Sovereignty:
    """How dependent economies are, and on whom: measures in six groups, each with unit, layer and year.

    Economic, strategic, resource, military, political and territorial measures stand in `dependence.entries`; equations
    and sources on the page on sovereignty. economies: codes, names or unions; all by default. order: a preset, a file
    or an Order, whose equilibrium flows and memberships are measured in place of the world's own data.
    power: `asked` solves what every partner could take from the economies named by cutting trade, `all` does so for
    all pairs of the world, `none` for nobody; the `links` worst single links of each are solved exactly. blocs: names
    of unions, members joined by a plus (`DEU+FRA`), or members by name, whose cuts together against the economies are
    solved too.
    alliances: unions or blocs whose members are allies, beside members of a bloc of depth 6; `treaties` stands for the
    treaties of mutual defence between two. rivals: names of economies
    or unions, else all who are no allies; military strength falls to 1/e over `decay_km`.
    weights: by name of a measure, or `equal`, for a composite with its band over weightings drawn from `seed`; there is
    none by default. Cuts that are solved are kept in `cuts_folder`, where one is given, and found again there.
    A number that is not known is NaN with its reason, never 0.
    Errors: InputError (an unknown economy, union or order, a member named twice, a decay not above 0), SolveError (no
    equilibrium).
    """
    _check(world, power, links, decay_km, workers)
    weighed = _weighed(weights, seed)
    year = unions.DEFAULT_YEAR if world.year is None else world.year
    chosen = _chosen(world, economies, year)
    acting, notes = parties_of(world, blocs, year)
    if acting and power == "none":
        raise InputError(
            "blocs act by cutting trade, and power='none' solves no cuts; leave one of the two out"
        )
    sides, more = sides_of(world, alliances, rivals, year)
    under = None if order is None else order if isinstance(order, Order) else load_order(order)
    state = state_of(world, under)
    found, arrays, chokepoint = _measured(world, state, sides, decay_km)
    require_known({name: each.values for name, each in found.items()}, weighed or {})
    everybody = list(range(len(world.economies)))
    targets = everybody if power == "all" else [world.economies.index(code) for code in chosen]
    rows = targets if power == "all" or (power == "asked" and economies is not None) else []
    cells: dict[str, xr.Variable] = {}
    if rows or acting:
        members = {name: [world.economies.index(code) for code in codes] for name, codes in acting.items()}
        solved = by_cuts.power_of(
            state,
            world.economies,
            by_cuts.Sizes(rows, targets, members, links),
            chokepoint,
            workers,
            progress,
            cuts_folder,
        )
        if rows:
            found["worst_cut"] = by_cuts.worst_cut(solved, rows, world.year)
        cells, notes = by_cuts.variables(solved, world.year), [*notes, *solved.notes]
    measures = {entry.name: labelled(entry, found[entry.name]) for entry in ENTRIES if entry.name in found}
    cells = {**measures, **arrays, **cells}
    if weights is not None:
        joined, note = _composite(measures, weighed, seed)
        cells, notes = {**cells, **joined}, [*notes, note]
    coords = {
        "economy": list(world.economies),
        "partner": list(world.economies),
        "sector": list(world.sectors),
        **({"bloc": list(acting)} if "cost_to_bloc" in cells else {}),
        **({"band": list(LABELS)} if weights is not None else {}),
    }
    data = xr.Dataset(cells, coords=coords).sel(economy=chosen)
    provenance = replace(
        state.provenance,
        seed=None if weights is None else seed,
        notes=tuple(dict.fromkeys((*state.provenance.notes, *notes, *more, *sentences(data)))),
        recipe=question_of(
            "sovereignty", world, economies=economies, order=under, power=power, blocs=blocs, links=links,
            alliances=alliances, rivals=rivals, decay_km=decay_km, weights=weights, seed=seed,
        ),
        machine=machine(),
    )  # fmt: skip
    return Sovereignty(data, provenance)


def _check(world: World, power: str, links: int, decay: float, workers: int | None) -> None:
    """Refuse what cannot be asked. Errors: InputError."""
    if not isinstance(world, World):
        raise InputError(f"world is {world!r:.60}; give a World, as ecumene.load_world(...) returns one")
    if power not in POWER:
        raise InputError(f"power is {power!r:.40}; choose one of {', '.join(POWER)}")
    if isinstance(links, bool) or not isinstance(links, int) or links < 0:
        raise InputError(f"links is {links!r:.40}; give a whole number, 0 for none")
    if isinstance(decay, bool) or not isinstance(decay, int | float) or not 0 < decay < np.inf:
        raise InputError(f"decay_km is {decay!r:.40}; give a finite number of km above 0")
    threads(workers)


def _weighed(weights: Mapping[str, float] | str | None, seed: int) -> dict[str, float] | None:
    """Weights by measure where some are given; None for equal ones and for no composite. Errors: InputError."""
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(f"seed is {seed!r:.40}; give a whole number, at least 0")
    return None if weights is None else given_weights(weights)


def _composite(
    measures: Mapping[str, xr.Variable], weights: Mapping[str, float] | None, seed: int
) -> tuple[dict[str, xr.Variable], str]:
    """The composite and its band, and a sentence on its weights."""
    one = composite(measures, weights, seed)
    shown = ", ".join(f"{name} {100 * weight:.3g} %" for name, weight in one.weights.items())
    out = f" Left out, since some economies lack them: {', '.join(one.left_out)}." if one.left_out else ""
    attrs = {
        "units": "mean percentile",
        "group": "composite",
        "layer": f"weights: {shown}",
        "reason": "not known",
        "better": 1,
    }
    band = f"{BAND[0]:.0%}, {BAND[1]:.0%} and {BAND[2]:.0%} of {DRAWS} weightings"
    return {
        "composite": xr.Variable(
            ("economy",), one.value, {**attrs, "long_name": "weighted mean of percentiles"}
        ),
        "composite_band": xr.Variable(("economy", "band"), one.band, {**attrs, "long_name": band}),
    }, f"The composite weighs {shown}.{out}"


def _chosen(world: World, economies: Sequence[str] | str | None, year: int) -> list[str]:
    if economies is None:
        return list(world.economies)
    codes, absent = members_of(world, listed("economies", economies), year)
    if absent or not codes:
        raise InputError(
            f"this world has no {', '.join(absent)}; it has {', '.join(world.economies[:8])}, ..."
            if absent
            else "name at least one economy, or leave economies out for all"
        )
    return codes


def _measured(
    world: World, state: State, sides: Sides, decay: float
) -> tuple[dict[str, Found], dict[str, xr.Variable], FloatArray]:
    """Every measure of all economies that needs no cut, the arrays behind them, and first-order losses by link."""
    name = state.provenance.order
    under = "" if name == "data" else f" under '{name}'"
    flows = by_flows.Flows(
        state.trade, state.intermediate, state.tariff, f"trade and inputs{under}", world.year
    )
    chokepoint = by_flows.chokepoints(flows, world.theta.values)
    links = by_flows.links_of(flows)
    settings, assumed = settings_of(world)
    stocks = None if assumed else np.broadcast_to(np.asarray(settings.stock_days), len(world.sectors))
    memberships = f"of {state.clubs_year}{under}"
    close, near = political(world, state.clubs, links.shares, state.clubs_year, memberships)
    found = {
        **by_flows.economic(flows, links),
        "worst_chokepoint": by_flows.worst_chokepoint(flows, chokepoint),
        **by_flows.strategic(flows, links, stocks),
        **by_flows.resources(flows, world.sectors),
        **by_layers.reserves(world),
        **contests(world, sides, state.clubs, decay),
        **close,
        **by_layers.territorial(world),
    }
    return found, arrays_of(flows, links, chokepoint, stocks, near, found["closeness_to_all"]), chokepoint
