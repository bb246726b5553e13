"""`align`: what each choice of a bloc gives an economy, which orders are stable, and how sure that is.

Choices of a model under stated weights; no forecast and no advice.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ecumene import given
from ecumene.alignment.evidence import Told, incomes_of, traits_of
from ecumene.alignment.foresight import foresight
from ecumene.alignment.largest import largest_poles
from ecumene.alignment.observed import UNIONS
from ecumene.alignment.outcome import Outlook
from ecumene.alignment.places import DEPTH, Places, codes_of, from_memberships, places_of, year_of
from ecumene.alignment.positions import from_file
from ecumene.alignment.store import Kept
from ecumene.alignment.weights import Weighing, by_hand, read, shipped
from ecumene.errors import InputError
from ecumene.files import given_path
from ecumene.models.alignment import (
    HETEROGENEITY,
    REACH_KM,
    SHARED_COST,
    TERMS,
    Alignment,
    Poles,
    Traits,
    Weights,
)
from ecumene.models.alignment_search import Search, search
from ecumene.models.coalitions import Others, Partition, Stability, stability
from ecumene.models.farsight import MOST
from ecumene.processors import threads
from ecumene.provenance import Provenance, machine, versions
from ecumene.questions import Beside, question_of
from ecumene.types import BoolArray, FloatArray
from ecumene.world import World

DRAWS = 400
"""Draws of estimated weights for ranges."""

THETA_FACTORS = (0.6, 1.0, 1.6)
"""Multiples of the trade elasticities at which choices are shown, those of runs and comparisons."""

MOST_STARTS = 10_000
"""Searches at most."""

RANGE = (5.0, 95.0)
"""Percentiles of the draws that are shown."""


def align(
    world: World,
    poles: Sequence[str] | int,
    economies: Sequence[str] | None = None,
    *,
    depth: int | Mapping[str, int] = DEPTH,
    weights: Weights | str | os.PathLike[str] | None = None,
    positions: str | None = None,
    rivals: str | Sequence[str] = "poles",
    others: Others = "stay",
    starts: int = 20,
    core: bool = True,
    look_ahead: bool = False,
    seed: int = 0,
    folder: str | os.PathLike[str] | None = None,
    progress: Told | None = None,
    workers: int | None = None,
) -> Outlook:
    """What each economy gets from each bloc by the poles, or from none, and which orders of blocs are stable.

    poles: economies or unions around which blocs are, or how many of the largest (`largest_poles`). economies: who
    chooses (None: everybody else). depth: of every bloc, or by pole, 1 to 6. weights: chosen ones, a file of estimated
    ones, or None for those that come with Ecumene (reference world only). positions: a CSV file; None takes memberships
    in other organisations. rivals: `poles` (those outside one's bloc), `none`, or names. others: what becomes of those
    left behind, `stay` or `dissolve`. starts: seeded searches for stable orders, 0 for none; core: look for coalitions
    that block them. look_ahead: also which unions of the poles themselves (at most 8) are farsightedly stable. folder:
    where equilibria are kept, so that a search that was stopped goes on. Errors: InputError, SolveError.
    """
    starts = given.whole(
        "starts", starts, 0, MOST_STARTS, "give a whole number, 0 for no search, 10,000 at most"
    )
    seed = given.whole("seed", seed, 0, 2**63 - 1, "give a whole number, 0 or above")
    core, look_ahead = given.flag("core", core), given.flag("look_ahead", look_ahead)
    if others not in ("stay", "dissolve"):
        raise InputError(f"others is {others!r:.40}; choose 'stay' or 'dissolve'")
    threads(workers)
    kept_in = None if folder is None else _folder(folder)
    given.require_world(world)
    counted = isinstance(poles, int | np.integer) and not isinstance(poles, bool)
    named = largest_poles(world, int(poles)) if counted else poles  # pyright: ignore[reportArgumentType]
    places = places_of(world, named, economies, depth)  # pyright: ignore[reportArgumentType]
    if look_ahead and len(places.names) > MOST:
        raise InputError(f"{len(places.names)} poles are too many to look ahead; name at most {MOST}")
    weighing = _weighing(world, weights, positions)
    points, notes = _points(world, places, positions, weighing)
    against = _rivals(world, places, rivals)
    traits = traits_of(world, points, against if weighing.weights.security else None)
    incomes = incomes_of(world)
    known = Poles(*places[:5])
    game = Alignment(incomes, traits, known, _usable(weighing, traits, world, places), others)
    kept = Kept(kept_in, world.hash, incomes)

    def tell(done: int, total: int, label: str) -> None:
        kept.save()
        if progress is not None:
            progress(done, total, label)

    try:
        today = game.partition(places.today)
        choices = [game.choices(today, economy) for economy in places.choosers]
        standing = stability(game.game, today)
        tell(len(choices), len(choices), "choices")
        found = (
            search(game, starts=starts, seed=seed, core=core, workers=workers, progress=tell)
            if starts
            else None
        )
        ends = _other_elasticities(world, game, places, today, tell)
        unions = foresight(game, places) if look_ahead else None
    finally:
        kept.save(always=True)
    data = _labelled(world, game, places, weighing, choices, found, seed).assign(
        {**_range_over_elasticities(choices, ends, np.array(game.weights)), **_certificates(standing)}
    )
    if unions is not None:
        data = data.merge(unions)
    settings = {
        "poles": places.names, "cores": places.cores, "choosers": places.choosers, "depths": places.depths,
        "weights": list(game.weights), "others": others, "rivals": str(rivals), "starts": starts, "core": core,
        "positions": weighing.positions, "look_ahead": look_ahead,
    }  # fmt: skip
    provenance = Provenance(
        order="alignment",
        order_title=f"Choices of blocs around {', '.join(places.names)}",
        order_hash=hashlib.sha256(json.dumps(settings).encode()).hexdigest(),
        data_hash=world.hash,
        world_source=world.source,
        world_year=world.year,
        theta_source=world.theta_source,
        deficits=world.deficits,
        seed=seed,
        versions=versions(),
        notes=(*places.notes, *notes, *_assumptions(), *world.notes),
        recipe=question_of(
            "alignment", world, poles=poles, economies=economies, depth=depth,
            weights=Beside(weights) if isinstance(weights, str | os.PathLike) else weights,
            positions=None if positions is None else Beside(positions), rivals=rivals, others=others, starts=starts,
            core=core, look_ahead=look_ahead, seed=seed,
        ),
        machine=machine(),
    )  # fmt: skip
    return Outlook(data, provenance, weighing.verdict)


def _folder(given_folder: str | os.PathLike[str]) -> Path:
    """Where equilibria are kept. Errors: InputError."""
    found = given_path(given_folder)
    if found.exists() and not found.is_dir():
        raise InputError(f"folder is {found}, a file; name a folder, where equilibria are kept")
    return found


def _weighing(
    world: World, weights: Weights | str | os.PathLike[str] | None, positions: str | None
) -> Weighing:
    kind = "memberships" if positions is None else "file"
    if isinstance(weights, Weights):
        return by_hand(weights, kind)
    if weights is not None and not isinstance(weights, str | os.PathLike):
        raise InputError(
            f"weights is {weights!r:.60}; give ecumene.models.alignment.Weights(trade=1.0, ...), the path of a file of "
            "weights, or None"
        )
    found = shipped(world) if weights is None else read(weights, world)
    if found.positions != kind:
        raise InputError(
            f"these weights were estimated with positions from {found.positions}, and positions are taken from {kind} "
            "now; weights and positions have units in common: use the same for both"
        )
    return found


def _usable(weighing: Weighing, traits: Traits, world: World, places: Places) -> Weights:
    """Weights that this world's data allow. Errors: InputError, naming whose capability or distance is not known."""
    if weighing.weights.security != 0 and (traits.capability is None or traits.rivals is None):
        what = (
            "no rivals are named"
            if traits.capability is not None
            else "this world lacks military_spending or distance"
        )
        if weighing.estimated and traits.capability is not None:
            return weighing.weights._replace(security=0.0)
        raise InputError(f"security has a weight, but {what}; give it the weight 0")
    if traits.rivals is not None:
        players = [*places.choosers, *(i for core in places.cores for i in core)]
        counted = sorted({*players, *np.flatnonzero(traits.rivals.any(axis=0)).tolist()})
        reach = traits.ties().reach[np.ix_(players, counted)]
        codes = [world.economies[counted[n]] for n in np.flatnonzero(np.isnan(reach).any(axis=0))]
        if codes:
            raise InputError(
                f"security has a weight, but this world lacks the military spending, or a distance, of "
                f"{', '.join(codes[:6])}; add it to its layers, or give security the weight 0"
            )
    return weighing.weights


def _points(
    world: World, places: Places, positions: str | None, weighing: Weighing
) -> tuple[FloatArray, list[str]]:
    """Political positions of all, and a note where some are not known. Errors: InputError for a player without one."""
    if positions is None:
        points = from_memberships(world, year_of(world), UNIONS)
        if not points.shape[1] and weighing.weights.heterogeneity != 0:
            raise InputError(
                f"no organisation of the table of unions existed in {year_of(world)}, so that memberships give no "
                "positions; give a file of positions, or heterogeneity the weight 0"
            )
        return points, []
    points, lacking = from_file(world, positions, year_of(world))
    players = {*places.choosers, *(i for core in places.cores for i in core)}
    without = [code for code in lacking if world.economies.index(code) in players]
    if without and weighing.weights.heterogeneity != 0:
        raise InputError(
            f"{positions} has no position for {', '.join(without[:6])}; add them, or give heterogeneity the weight 0"
        )
    return np.nan_to_num(points), []


def _rivals(world: World, places: Places, rivals: str | Sequence[str]) -> BoolArray | None:
    """rivals[i, r]: r counts against i, unless both are in one bloc."""
    R = len(world.economies)
    if isinstance(rivals, str) and rivals == "none":
        return None
    found = np.zeros(R, dtype=bool)
    if isinstance(rivals, str) and rivals == "poles":
        found[[i for core in places.cores for i in core]] = True
    else:
        names = given.names(
            "rivals", [rivals] if isinstance(rivals, str) else rivals, "['USA'], or 'poles', or 'none'"
        )
        found[
            [world.economies.index(code) for name in names for code in codes_of(world, name, year_of(world))]
        ] = True
    return np.broadcast_to(found, (R, R)).copy()


def _assumptions() -> tuple[str, ...]:
    return (
        f"Assumptions: h by depth {', '.join(f'{h:g}' for h in HETEROGENEITY)}; k by depth, percent of world GDP, "
        f"{', '.join(f'{k:g}' for k in SHARED_COST)}; lambda {REACH_KM:g} km.",
        "What depths do to trade costs is the ladder's. Each economy keeps its own tariffs towards outsiders.",
    )


def _other_elasticities(
    world: World, game: Alignment, places: Places, today: Partition, tell: Told
) -> list[FloatArray]:
    """Real incomes of every choice [economy, choice], log points x 100, at the lower and the higher elasticities."""
    found = []
    for factor in (THETA_FACTORS[0], THETA_FACTORS[-1]):
        other = replace(game, incomes=incomes_of(world, factor))
        rows = []
        for economy in places.choosers:
            rows.append(other.choices(today, economy)[1][:, 0])
            tell(len(rows), len(places.choosers), f"choices at {factor:g} times the elasticities")
        found.append(np.stack(rows))
    return found


def _certificates(today: Stability) -> dict[str, xr.Variable]:
    """What holds of today's order, 1 or 0; orders that searches find are Nash-stable, and so have all three."""
    told = {
        "today_nash": (today.nash, "nobody gains by moving alone from today's order"),
        "today_individual": (today.individual, "nobody gains by a move that none it joins loses by"),
        "today_contractual": (today.contractual, "nor by one that none it leaves loses by either"),
    }
    return {
        name: xr.Variable((), float(holds), {"units": "1 or 0", "long_name": meaning})
        for name, (holds, meaning) in told.items()
    }


def _range_over_elasticities(
    choices: Sequence[tuple[tuple[str, ...], FloatArray, BoolArray]],
    ends: Sequence[FloatArray],
    weights: FloatArray,
) -> dict[str, xr.Variable]:
    """Real income and the largest payoff at both ends of the range, under the same weights; other terms stay."""
    terms = np.stack([each for _, each, _ in choices])
    found = {}
    for name, factor, income in zip(
        ("low_theta", "high_theta"), (THETA_FACTORS[0], THETA_FACTORS[-1]), ends, strict=True
    ):
        payoff = terms @ weights + weights[0] * (income - terms[:, :, 0])
        found[f"real_income_{name}"] = xr.Variable(
            ("economy", "choice"),
            income,
            {
                "units": "log points x 100",
                "long_name": f"real income at {factor:g} times the trade elasticities",
            },
        )
        found[f"best_{name}"] = xr.Variable(
            ("economy",),
            payoff.argmax(axis=1).astype(np.float64),
            {
                "units": "number of the choice",
                "long_name": f"largest payoff at {factor:g} times, counted from 0",
            },
        )
    return found


def _labelled(
    world: World,
    game: Alignment,
    places: Places,
    weighing: Weighing,
    choices: Sequence[tuple[tuple[str, ...], FloatArray, BoolArray]],
    found: Search | None,
    seed: int,
) -> xr.Dataset:
    names = choices[0][0]
    terms = np.stack([each for _, each, _ in choices])  # [economy, choice, term]
    now = np.stack([each for _, _, each in choices])
    payoff = terms @ np.array(game.weights)
    best = payoff.argmax(axis=1)
    rows = np.arange(len(best))
    margin = payoff[rows, best][:, None] - payoff
    drawn = [Weights(*(np.array(w) * (np.array(game.weights) != 0))) for w in weighing.draws(DRAWS, seed)]
    many = np.stack([terms @ np.array(w) for w in drawn] or [payoff])
    ahead = many - many[:, rows, best][:, :, None]
    likeliest = (many.argmax(axis=2)[:, :, None] == np.arange(len(names))).mean(axis=0)
    low, high = np.percentile(ahead, RANGE, axis=0) + 0.0  # no negative zero
    cells = ("economy", "choice")
    trade = terms[:, :, 0]
    at = {
        "real_income": (cells, trade, "log points x 100", "real income against the base, 100 ln"),
        **{
            f"payoff_{term}": (cells, terms[:, :, k] * game.weights[k], "payoff", f"weighted term: {term}")
            for k, term in enumerate(TERMS)
        },
        "payoff": (cells, payoff, "payoff", "sum of weighted terms"),
        "margin": (cells, margin, "payoff", "payoff of the best choice less this one's"),
        "margin_low": (cells, -high, "payoff", f"percentile {RANGE[0]:g} of the margin over drawn weights"),
        "margin_high": (cells, -low, "payoff", f"percentile {RANGE[1]:g} of the margin over drawn weights"),
        "share_of_draws": (cells, likeliest, "share", "share of drawn weights at which this choice is best"),
        "today": (cells, now.astype(np.float64), "1 or 0", "where the economy is in the world's year"),
    }
    if game.weights.trade > 0:
        worth = 100.0 * np.expm1(margin / game.weights.trade / 100.0)
        at["margin_in_income"] = (
            cells,
            worth,
            "percent",
            "rise of real income that would make up for the margin",
        )
    coords: dict[str, Any] = {"economy": [world.economies[i] for i in places.choosers], "choice": list(names)}
    if found is not None:
        at["share_of_runs"] = (cells, found.swing, "share", "share of searches that end with this choice")
        orders = ("stable_order",)
        core = [order.core for order in found.orders]
        at |= {
            "stable_runs": (orders, np.array([float(o.runs) for o in found.orders]), "runs", "searches that end here"),
            "stable_choice": (
                (*orders, "economy"),
                np.array([_chosen(game, places, o.partition) for o in found.orders], dtype=np.float64).reshape(
                    len(found.orders), len(places.choosers)
                ),
                "number of the choice",
                "choice in the stable order, counted from 0",
            ),
            "core_gap": (
                orders, np.array([np.nan if c is None else c.gap for c in core]), "payoff",
                "largest least gain found of a coalition that leaves; above 0 it blocks",
            ),
            "core_gap_bound": (
                orders, np.array([np.nan if c is None else max(c.gap, c.bound + c.error) for c in core]), "payoff",
                "what the guess and its largest error seen still allow",
            ),
        }  # fmt: skip
        coords["stable_order"] = list(range(1, len(found.orders) + 1))
        at["cycles"] = ((), np.array(float(found.cycles)), "runs", "searches that end in a cycle")
        at["runs"] = ((), np.array(float(len(found.runs))), "runs", "searches")
    data = xr.Dataset(
        {
            name: xr.Variable(dims, values, attrs={"units": unit, "long_name": text})
            for name, (dims, values, unit, text) in at.items()
        },
        coords=coords,
    )
    if found is None:
        return data
    blocks = ["" if o.core is None else _blocking(world, game, o.core) for o in found.orders]
    return data.assign_coords(blocking_coalition=("stable_order", blocks))


def _chosen(game: Alignment, places: Places, partition: Partition) -> list[int]:
    labels = game.labels(partition)[list(places.choosers)]
    return [int(label) if 0 <= label < len(places.names) else len(places.names) for label in labels]


def _blocking(world: World, game: Alignment, core: Any) -> str:
    """Names of the coalition with the largest least gain where it blocks; empty where none does."""
    if not core.blocking:
        return ""
    return ", ".join(world.economies[int(game.economies[player])] for player in core.best.coalition)
