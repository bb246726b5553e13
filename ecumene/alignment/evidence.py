"""What each observed membership gives its economy, term by term, and the weights that make memberships likeliest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecumene.alignment.observed import EXCLUSIVE, UNIONS, Membership, depths, exclusive_depths, memberships
from ecumene.alignment.places import from_memberships, rungs_of
from ecumene.alignment.positions import from_file
from ecumene.errors import InputError
from ecumene.models import trade
from ecumene.models.alignment import Ties, Traits
from ecumene.models.choicelogit import (
    Choices,
    Fit,
    Score,
    binary,
    fit,
    held_out,
    probabilities,
    score,
    staying,
)
from ecumene.models.depths import Incomes, Ladder
from ecumene.types import BoolArray, FloatArray, IntArray
from ecumene.world import World

FEATURES: Final = ("trade", "heterogeneity", "security", "cost", "constant")

STRONGEST = 5
"""Rivals in estimates: this many economies of the largest capabilities, less those in one's union (assumption)."""

FOLDS = 10
"""Groups of countries for the hold-out by country."""

Told = Callable[[int, int, str], None]


def incomes_of(world: World, theta_factor: float = 1.0) -> Incomes:
    """Exact real incomes of a world under depths, at a multiple of its trade elasticities."""
    technology = trade._technology(world, 1.0, 1.0, 1.0, None, float("inf"))
    theta = world.theta.values * theta_factor
    case = trade.case_of(world, None, None, theta, None, technology, trade.Options())
    return Incomes(case, Ladder(*rungs_of(world)))


def traits_of(world: World, positions: FloatArray | None, rivals: BoolArray | None) -> Traits:
    """GDP, and what the world's layers know of capabilities and distances; not a number where they do not."""
    layers = world.layers
    both = "military_spending" in layers and "distance" in layers
    capability = layers["military_spending"].values.astype(np.float64) if both else None
    distance = layers["distance"].values.astype(np.float64) if both else None
    gdp = world.value_added.values.sum(axis=1)
    return Traits(gdp, positions, capability, distance, rivals if both else None)


def strongest(world: World) -> BoolArray | None:
    """rivals[i, r]: r is among those of the largest capabilities; None where the world does not know them."""
    if "military_spending" not in world.layers:
        return None
    spent = np.nan_to_num(world.layers["military_spending"].values.astype(np.float64))
    top = np.zeros(len(spent), dtype=bool)
    top[np.argsort(-spent, kind="stable")[:STRONGEST]] = True
    return np.broadcast_to(top, (len(top), len(top))).copy()


@dataclass(frozen=True, eq=False)
class Panel:
    """Memberships on a date: their features [N, F], whether each holds, and the economy and union of each."""

    date: int
    rows: tuple[Membership, ...]
    features: FloatArray
    names: tuple[str, ...]
    dropped: int

    @property
    def member(self) -> BoolArray:
        """Whether each membership holds."""
        return np.array([row.member for row in self.rows])

    @property
    def economy(self) -> IntArray:
        """The economy of each."""
        return np.array([row.economy for row in self.rows])

    def only(self, names: Sequence[str]) -> Panel:
        """The same with some of the features."""
        at = [self.names.index(name) for name in names]
        return Panel(self.date, self.rows, self.features[:, at], tuple(names), self.dropped)

    def choices(self) -> Choices:
        """Yes or no for each economy and union."""
        return binary(self.features, self.member)

    def blocs(self) -> tuple[Choices, IntArray]:
        """One choice an economy among customs unions and none (the first alternative), and the economies."""
        rows = [row for row in self.rows if row.union in EXCLUSIVE]
        features = self.features[[row.union in EXCLUSIVE for row in self.rows]]
        who = sorted({row.economy for row in rows})
        place = {economy: number for number, economy in enumerate(who)}
        offered = np.zeros((len(who), 1 + len(EXCLUSIVE), self.features.shape[1]))
        open_to = np.zeros(offered.shape[:2], dtype=bool)
        open_to[:, 0] = True
        chosen = np.zeros(len(who), dtype=np.int64)
        for row, feature in zip(rows, features, strict=True):
            n, a = place[row.economy], 1 + EXCLUSIVE.index(row.union)
            offered[n, a], open_to[n, a] = feature, True
            if row.member:
                if chosen[n]:
                    raise InputError(
                        f"an economy is in {EXCLUSIVE[chosen[n] - 1]} and in {row.union} on {self.date}, two customs "
                        "unions; the table of unions must keep them apart"
                    )
                chosen[n] = a
        return Choices(offered, open_to, chosen), np.array(who)


def panel(
    world: World,
    date: int,
    incomes: Incomes,
    *,
    positions: str | None = None,
    told: Told | None = None,
    workers: int | None = None,
) -> Panel:
    """Features of every membership on a date: what it gives against its absence, in the terms of the model.

    Trade: 100 ln of real income with and without, two exact equilibria, all other unions as on the date. Positions: a
    file, else memberships in organisations whose membership is not explained here. Rows without a position are dropped
    and counted. A feature that the world does not know is left out.
    """
    asked = memberships(world, date)
    gain = _gains(asked, depths(world, date, asked), incomes, f"memberships of {date}", told, workers)
    points = (
        from_memberships(world, date, UNIONS) if positions is None else from_file(world, positions, date)[0]
    )
    ties = traits_of(world, points, strongest(world)).ties()
    rest = np.array([_against_alone(ties, row) for row in asked])
    features = np.column_stack([gain, rest, np.ones(len(asked))])
    kept = np.isfinite(features).all(axis=1)
    used = [k for k in range(len(FEATURES)) if FEATURES[k] != "security" or ties.rivals is not None]
    rows = tuple(asked[n] for n in np.flatnonzero(kept))
    return Panel(date, rows, features[kept][:, used], tuple(FEATURES[k] for k in used), int((~kept).sum()))


def _gains(
    asked: Sequence[Membership],
    pairs: Iterable[tuple[IntArray, IntArray]],
    incomes: Incomes,
    label: str,
    told: Told | None,
    workers: int | None,
) -> FloatArray:
    """100 ln of real income with each membership against without [N], two exact equilibria each."""
    step = None if told is None else (lambda done, of: told(done, of, label))
    found = incomes.many((matrix for pair in pairs for matrix in pair), 2 * len(asked), workers, step)
    return np.array([100.0 * (found[2 * n] - found[2 * n + 1])[row.economy] for n, row in enumerate(asked)])


def customs_unions(
    world: World, found: Panel, incomes: Incomes, *, told: Told | None = None, workers: int | None = None
) -> Panel:
    """The customs unions of a panel, each with the trade that it gives against being in none of them.

    An economy can be in one only: what another would give it is counted once it has left its own. Who is in one whose
    features are not known is left out, and not taken for one in none.
    """
    named = np.array([row.union in EXCLUSIVE for row in found.rows], dtype=bool)
    members = {row.economy for row, kept in zip(found.rows, named, strict=True) if kept and row.member}
    asked = memberships(world, found.date, EXCLUSIVE) if named.any() else []
    lost = {row.economy for row in asked if row.member} - members
    kept = named & np.array([row.economy not in lost for row in found.rows], dtype=bool)
    rows = tuple(found.rows[n] for n in np.flatnonzero(kept))
    features = found.features[kept]
    pairs = exclusive_depths(world, found.date, rows)
    label = f"customs unions of {found.date}"
    features[:, found.names.index("trade")] = _gains(rows, pairs, incomes, label, told, workers)
    return Panel(found.date, rows, features, found.names, 0)


def _against_alone(ties: Ties, row: Membership) -> FloatArray:
    """Terms besides trade inside, less those of the economy by itself."""
    return ties.terms(row.economy, row.company, row.depth) - ties.terms(row.economy, (row.economy,), 0)


@dataclass(frozen=True)
class Comparison:
    """One hold-out: the model's score beside those of the baselines. A hold-out whose data separate has no score."""

    name: str
    model: Score
    trade_only: Score
    nobody_moves: Score

    @property
    def beats(self) -> bool:
        """Whether the model's mean log probability is above both baselines'."""
        return self.model.log_score > max(self.trade_only.log_score, self.nobody_moves.log_score)


def _before(earlier: Panel, later: Panel) -> IntArray:
    """Who was in each union of a later panel already [N], 0 or 1; where the union is younger, nobody."""
    was = {(row.union, row.economy): int(row.member) for row in earlier.rows}
    return np.array([was.get((row.union, row.economy), 0) for row in later.rows])


def nobody_moves(early: Panel, middle: Panel, late: Panel) -> FloatArray:
    """Probabilities of the last date's memberships [N, 2] where nobody moves.

    What was on the middle date stays, with the share that stayed from the early to the middle one as its probability.
    """
    same = np.equal(_before(early, middle), middle.member)
    kept = (float(same.sum()) + 0.5) / (len(same) + 1.0)
    return staying(_before(middle, late), np.ones((len(late.rows), 2), dtype=bool), kept)


def hold_outs(early: Panel, middle: Panel, late: Panel) -> tuple[Comparison, ...]:
    """By country: every country predicted from all others on the last date. By year: the last date from the middle one.
    Baselines: trade only, and `nobody_moves`.
    """
    taken = late.member.astype(np.int64)
    still = score(nobody_moves(early, middle, late), taken)
    groups = np.unique(late.economy, return_inverse=True)[1] % FOLDS
    found = []
    for name in ("country", "year"):
        scores = []
        for names in (late.names, ("trade", "constant")):
            here, there = late.only(names), middle.only(names)
            if name == "country":
                chance = held_out(here.choices(), names, groups)
            else:
                chance = probabilities(here.choices(), fit(there.choices(), names).weights)
            scores.append(score(chance, taken))
        found.append(Comparison(name, scores[0], scores[1], still))
    return tuple(found)


@dataclass(frozen=True)
class Estimate:
    """Weights by two estimators on one panel, and how well memberships held out are predicted."""

    world: str
    source: str
    dates: tuple[int, int, int]
    positions: str
    memberships: Fit
    blocs: Fit
    comparisons: tuple[Comparison, ...]
    count: int
    dropped: int

    @property
    def beats(self) -> bool:
        """Whether the model beats both baselines in every hold-out."""
        return all(one.beats for one in self.comparisons)


DATES: Final = (1998, 2010, 2024)
"""Early, middle and last date: memberships of the first of July."""


def estimate(
    world: World,
    *,
    dates: tuple[int, int, int] = DATES,
    positions: str | None = None,
    incomes: Incomes | None = None,
    told: Told | None = None,
    workers: int | None = None,
) -> Estimate:
    """Weights from observed memberships: binary logit over economies and unions, conditional logit over customs unions.

    Standard errors take memberships as independent. positions: a file of positions (votes in the United Nations, say);
    None takes memberships in other organisations. Errors: InputError, SolveError.
    """
    known = incomes or incomes_of(world)
    panels = [panel(world, date, known, positions=positions, told=told, workers=workers) for date in dates]
    late = panels[2]
    blocs, _ = customs_unions(world, late, known, told=told, workers=workers).blocs()
    if not late.rows or not len(blocs.chosen):
        raise InputError(
            "this world has too few members of unions to estimate weights from; choose weights, as "
            "--weights trade=1,heterogeneity=20"
        )
    return Estimate(
        world=world.hash,
        source=world.source,
        dates=dates,
        positions="memberships" if positions is None else "file",
        memberships=fit(late.choices(), late.names),
        blocs=fit(blocs, late.names),
        comparisons=hold_outs(*panels),
        count=len(late.rows),
        dropped=late.dropped,
    )
