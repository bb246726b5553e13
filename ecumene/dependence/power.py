"""What partners and blocs can take from economies by cutting trade, and what it costs them; the worst links too."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import xarray as xr

from ecumene.dependence.cuts import Pairs, key_of, pairs_of, solve_pairs
from ecumene.dependence.entries import Found
from ecumene.models import sovereignty
from ecumene.runs import State
from ecumene.sidebyside import Count, Progress
from ecumene.types import FloatArray

POINTS: Final = 100.0


def _layer(state: State) -> str:
    """What losses were made from."""
    name = state.provenance.order
    return "trade equilibria" if name == "data" else f"trade equilibria under '{name}'"


class Power(NamedTuple):
    """Log real income lost by cuts against the economies asked for; NaN where not asked for or not solved."""

    pairs: Pairs
    bloc_loss: FloatArray  # [economy, bloc], infinite where goods are missing
    bloc_loss_without_missing: FloatArray
    bloc_cost: FloatArray  # [economy, bloc]: what the bloc loses
    links: FloatArray  # [economy, partner, sector]: exact loss of the worst links, over goods still supplied
    notes: tuple[str, ...]
    layer: str


class Sizes(NamedTuple):
    """What is solved: cuts by every partner and at the worst links against `rows`, by blocs against `targets`."""

    rows: list[int]
    targets: list[int]
    blocs: Mapping[str, list[int]]
    links: int


def power_of(
    state: State,
    economies: tuple[str, ...],
    sizes: Sizes,
    chokepoint: FloatArray,
    workers: int | None,
    progress: Progress | None,
    folder: Path | None,
) -> Power:
    """Solve every cut against the economies asked for: by each partner, by blocs, and at the worst single links.

    chokepoint [origin, destination, sector] is the first-order loss that ranks links. Errors: SolveError, InputError.
    """
    R, S = len(economies), chokepoint.shape[2]
    rows, case = sizes.rows, state.case
    targets = {name: [i for i in sizes.targets if i not in inside] for name, inside in sizes.blocs.items()}
    worst = {i: min(sizes.links, int((chokepoint[:, i] > 0).sum())) for i in rows}
    total = len(pairs_of(R, rows)) + sum(map(len, targets.values())) + sum(worst.values())
    count = Count(total, progress)
    pairs = solve_pairs(case, rows, folder, key_of(state.provenance), workers, partial(count.add, "pairs"))
    failed = {"pairs": int((pairs.status > 0).sum()) // 2}
    bloc = np.full((3, R, len(targets)), np.nan)
    for place, (name, outside) in enumerate(targets.items()):
        if outside:
            told = _ticking(count, f"cuts by {name}")
            found = sovereignty.bloc_power(case, sizes.blocs[name], outside, workers=workers, progress=told)
            bloc[:, :, place] = found.loss, found.loss_without_missing, found.cost
            failed[f"cuts by {name}"] = int((found.status > 0).sum())
    links = np.full((R, R, S), np.nan)
    for i in (i for i in rows if worst[i]):
        told = _ticking(count, f"links to {economies[i]}")
        exact = sovereignty.chokepoints(case, worst[i], i, workers=workers, progress=told)
        origin, _, sector = exact.links.T
        links[i, origin, sector] = exact.exact_without_missing
        failed[f"links to {economies[i]}"] = int((exact.status > 0).sum())
    notes = tuple(
        f"{number} of the {what} have no equilibrium: their losses are missing."
        for what, number in failed.items()
        if number
    )
    return Power(pairs, bloc[0], bloc[1], bloc[2], links, notes, _layer(state))


def _ticking(count: Count, label: str) -> Progress:
    """Progress of one batch, as steps of the whole."""
    return lambda done, total, name: count.add(label)


def worst_cut(power: Power, rows: list[int], year: int | None) -> Found:
    """The largest loss by one partner, over the goods still supplied."""
    still = power.pairs.loss_without_missing
    worst = np.full(len(still), np.nan)
    for i in rows:
        others = np.delete(still[:, i], i)
        worst[i] = np.nan if np.isnan(others).any() else others.max()
    return Found(POINTS * worst, power.layer, year, "a cut has no equilibrium, or was not asked for")


def variables(power: Power, year: int | None) -> dict[str, xr.Variable]:
    """Losses [economy, partner], [economy, bloc] and [economy, partner, sector], of what was solved."""
    pair, bloc = ("economy", "partner"), ("economy", "bloc")
    lost, still = power.pairs.loss, power.pairs.loss_without_missing
    table: tuple[tuple[str, tuple[str, ...], FloatArray, str], ...] = (
        ("loss_if_cut_off", pair, lost.T, "loss if the partner cuts all trade; infinite: goods are missing"),
        ("loss_if_cut_off_without_missing", pair, still.T, "the same over the goods still supplied"),
        ("loss_inflicted", pair, still, "what the partner loses by the same cut, goods still supplied"),
        ("asymmetry", pair, still.T - still, "own loss less the partner's: above 0 it loses more"),
        ("loss_if_cut_off_by_bloc", bloc, power.bloc_loss, "loss if a bloc cuts all trade together"),
        (
            "loss_if_cut_off_by_bloc_without_missing",
            bloc,
            power.bloc_loss_without_missing,
            "the same over the goods still supplied",
        ),
        ("cost_to_bloc", bloc, power.bloc_cost, "what the bloc loses by that, members by base income"),
        (
            "chokepoint_exact",
            ("economy", "partner", "sector"),
            power.links,
            "loss if a partner stops selling a sector's goods, new equilibrium, worst links only",
        ),
    )
    when = {} if year is None else {"year": year}
    why = "not asked for, the economy itself or a member, or no equilibrium"
    return {
        name: xr.Variable(
            dims,
            POINTS * values,
            {
                "units": "log points x 100",
                "long_name": meaning,
                "group": "economic",
                "layer": power.layer,
                "reason": why,
                **when,
            },
        )
        for name, dims, values, meaning in table
        if (values.shape[1] if dims == bloc else power.pairs.solved.any())
    }
