"""An epidemic between economies: SEIR in each, travel between them, chance while cases are few.

A day is half a day of contagion, a day of journeys, half a day of contagion (Strang splitting: second order
in the travel rate). Contagion takes fourth-order Runge-Kutta steps. While an economy has fewer infected people
than a threshold, the flows of these steps are the means of random whole numbers (tau-leap), so that arrival
times are distributions; above it they are taken as they are.

Sources: Colizza, Barrat, Barthelemy and Vespignani (2006), PNAS 103, 2015-2020; Brockmann and Helbing (2013),
Science 342, 1337-1342; Cao, Gillespie and Petzold (2005), J. Chem. Phys. 123, 054104.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, PRNGKeyArray, UInt32

from ecumene import jax_setup as jax_setup
from ecumene.errors import InputError, SolveError
from ecumene.models import interventions, journeys, seir, tauleap
from ecumene.models.epidemic_inputs import Outbreak, Settings, checked
from ecumene.models.interventions import Begun, Policy
from ecumene.types import AnyArray

CONSERVATION = 1e-9
"""People of an economy and age group stay their number to this share."""

CHUNK = 16
"""Draws that one program computes at a time."""


class Form(NamedTuple):
    """What is compiled in. Hashable, one program for each."""

    days: int
    steps: int  # of contagion in half a day
    stochastic: bool
    closures: bool


class Case(NamedTuple):
    """One case as the program reads it."""

    disease: seir.Disease
    net: journeys.Network
    policy: Policy
    people: Float[AnyArray, "G R"]
    infectious: Float[AnyArray, "G R"]  # on day 0
    threshold: Float[AnyArray, ""]
    detected: Float[AnyArray, ""]


class State(NamedTuple):
    """What a day hands to the next."""

    people: Float[AnyArray, "4 G R"]  # S, E, I, R
    infected: Float[AnyArray, " R"]  # at home so far
    imported: Float[AnyArray, " R"]  # came infected so far
    onsets: Float[AnyArray, " R"]  # became infectious so far
    begun: Begun
    added: Float[AnyArray, ""]


class Day(NamedTuple):
    """What a day leaves on record, at its end."""

    infectious: Float[AnyArray, " R"]
    infected: Float[AnyArray, " R"]
    imported: Float[AnyArray, " R"]
    local: Float[AnyArray, " R"]
    travel: Float[AnyArray, ""]
    conservation: Float[AnyArray, ""]


@dataclass(frozen=True)
class Record:
    """What a simulation returns. D draws, T days; series have T + 1 values, from day 0; people throughout."""

    infectious: Float[np.ndarray, "D T1 R"]  # people infectious at the end of the day
    infected: Float[np.ndarray, "D T1 R"]  # infections at home since day 0
    imported: Float[np.ndarray, "D T1 R"]  # infected people who came, since day 0
    local: Float[np.ndarray, "D T R"]  # contacts cut by local measures, a share
    travel: Float[np.ndarray, "D T"]  # journeys of the world made, share of the base
    final: Float[np.ndarray, "D 4 G R"]  # S, E, I, R on the last day
    population: Float[np.ndarray, "G R"]
    seeds: Float[np.ndarray, " R"]  # infectious people on day 0
    conservation: float  # largest relative error of an economy's and age group's number of people
    added: float  # infected travellers beyond those at their origin, most of all draws
    settings: Settings
    seed: int


def simulate(
    outbreak: Outbreak, policy: Policy | None = None, settings: Settings | None = None, seed: int = 0
) -> Record:
    """Follow an outbreak day by day, under a policy, in as many draws as the settings say.

    `m_ij = (F_ij / N_i)(1 - c_out_i)(1 - c_in_j)(1 - c_ij)`, the smaller of both directions of a link;
    `lambda_i = R0 mu (1 - u_i) I_i / N_i`; SEIR in each economy. Draw d of a seed is the same whatever the
    number of draws. Without chance (`stochastic=False`) there is one draw.

    Errors: InputError for what cannot be used, naming it; SolveError where people are not conserved to 1e-9.
    Source: Colizza et al. (2006) and Brockmann and Helbing (2013).
    """
    settings = Settings() if settings is None else settings
    case, form = _case(outbreak, policy, settings)
    draws = settings.draws if settings.stochastic else 1
    size = min(CHUNK, draws)
    count = -(-draws // size)
    root = jax.random.key(seed)
    numbers = np.arange(count * size, dtype=np.uint32).reshape(count, size)

    def part(chunk: UInt32[np.ndarray, " D"]) -> tuple[State, Day]:
        return jax.tree.map(np.asarray, _many(case, root, chunk, form))

    with ThreadPoolExecutor(min(count, os.cpu_count() or 1)) as pool:
        parts = list(pool.map(part, numbers))
    state, days = jax.tree.map(lambda *pieces: np.concatenate(pieces)[:draws], *parts)
    return _record(case, state, days, settings, seed)


def _case(outbreak: Outbreak, policy: Policy | None, settings: Settings) -> tuple[Case, Form]:
    given = checked(outbreak, settings)
    n = given.people.shape[1]
    if policy is None:
        policy = interventions.policy(n)
    else:
        interventions.check_policy(policy, n)
    form = Form(
        settings.days,
        given.steps_a_day // 2,
        settings.stochastic,
        any(len(rules.level) for rules in (policy.closed_out, policy.closed_in, policy.closed_pair)),
    )
    case = Case(
        given.disease,
        journeys.network(given.travel, given.mix),
        policy,
        given.people,
        given.infectious,
        np.float64(settings.threshold),
        np.float64(settings.detected),
    )
    return case, form


@partial(jax.jit, static_argnames="form")
def _many(case: Case, root: PRNGKeyArray, numbers: UInt32[AnyArray, " D"], form: Form) -> tuple[State, Day]:
    return jax.vmap(lambda number: _one(case, jax.random.fold_in(root, number), form))(numbers)


def _one(case: Case, key: PRNGKeyArray, form: Form) -> tuple[State, Day]:
    """One draw from day 0 to the last."""
    zero = jnp.zeros(case.people.shape)
    none = zero.sum(axis=0)
    start = State(
        jnp.stack([case.people - case.infectious, zero, case.infectious + zero, zero]),
        none,
        none,
        none,
        interventions.before(case.policy),
        jnp.zeros(()),
    )

    def day(state: State, number: Float[AnyArray, ""]) -> tuple[State, Day]:
        return _day(case, state, number, jax.random.fold_in(key, number.astype(jnp.uint32)), form)

    return jax.lax.scan(day, start, jnp.arange(form.days, dtype=jnp.float64))


def _day(
    case: Case, state: State, number: Float[AnyArray, ""], key: PRNGKeyArray, form: Form
) -> tuple[State, Day]:
    keys = jax.random.split(key, 3)
    begun = interventions.begin(case.policy, state.begun, number, case.detected * state.onsets)
    local = 1.0 - interventions.open_share(case.policy.local, begun.local, number)

    people, infected, onsets = _contagion(case, state.people, local, keys[0], form)
    moved, kept = _journeys(case, people, begun, number, keys[1], form)
    people, infected_later, onsets_later = _contagion(case, moved.state, local, keys[2], form)

    new = State(
        people,
        state.infected + infected + infected_later,
        state.imported + moved.arrived,
        state.onsets + onsets + onsets_later,
        begun,
        state.added + moved.added,
    )
    off = jnp.abs(people.sum(axis=0) - case.people) / case.people
    negative = jnp.maximum(-people.min(axis=0), 0.0) / case.people
    return new, Day(
        people[2].sum(axis=0), new.infected, new.imported, local, kept, jnp.maximum(off, negative).max()
    )


def _contagion(
    case: Case, people: Float[AnyArray, "4 G R"], local: Float[AnyArray, " R"], key: PRNGKeyArray, form: Form
) -> tuple[Float[AnyArray, "4 G R"], Float[AnyArray, " R"], Float[AnyArray, " R"]]:
    """Half a day at home: people, new infections and new onsets."""
    step = 0.5 / form.steps

    def once(carry, number):  # noqa: ANN001, ANN202
        state, infected, onsets = carry
        if form.stochastic:
            u = jax.random.uniform(jax.random.fold_in(key, number), (5, *case.people.shape))
            few = _few(case, state)
            state = _whole(state, few, u[:2])
            flows = seir.mean_flows(case.disease, state, local, step)
            flows = _drawn(flows, state, few, u[2:])
        else:
            flows = seir.mean_flows(case.disease, state, local, step)
        new = jnp.stack(
            [
                state[0] - flows.infected,
                state[1] + flows.infected - flows.onset,
                state[2] + flows.onset - flows.removed,
                state[3] + flows.removed,
            ]
        )
        return (new, infected + flows.infected.sum(axis=0), onsets + flows.onset.sum(axis=0)), None

    none = jnp.zeros(local.shape)
    return jax.lax.scan(once, (people, none, none), jnp.arange(form.steps))[0]


def _few(case: Case, state: Float[AnyArray, "4 G R"]) -> Float[AnyArray, " R"]:
    return state[1:3].sum(axis=(0, 1)) < case.threshold


def _whole(
    state: Float[AnyArray, "4 G R"], few: Float[AnyArray, " R"], u: Float[AnyArray, "2 G R"]
) -> Float[AnyArray, "4 G R"]:
    """Whole infected people where they are few, the mean kept; the larger of S and R takes the difference."""
    spare = jnp.maximum(state[0], state[3])
    whole = tauleap.rounded(state[1:3], jnp.where(spare[None] >= 2.0, u, 0.0))
    whole = jnp.where(few[None, None, :], whole, state[1:3])
    balance = (state[1:3] - whole).sum(axis=0)
    to_susceptible = state[0] >= state[3]
    return jnp.stack(
        [
            state[0] + jnp.where(to_susceptible, balance, 0.0),
            whole[0],
            whole[1],
            state[3] + jnp.where(to_susceptible, 0.0, balance),
        ]
    )


def _drawn(
    mean: seir.Flows, state: Float[AnyArray, "4 G R"], few: Float[AnyArray, " R"], u: Float[AnyArray, "3 G R"]
) -> seir.Flows:
    """Whole flows with the means of the deterministic step, where infected people are few.

    New infections are Poisson; of all who were or became exposed, those who become infectious are binomial,
    and so are removals among all who were or became infectious: no flow takes more than there is.
    """
    here = few[None, :]
    none = jnp.where(here, 1.0, 0.0)
    infected = jnp.minimum(tauleap.poisson(mean.infected * none, u[0]), jnp.floor(state[0]))
    E, I = state[1] * none, state[2] * none  # noqa: E741
    onset = tauleap.binomial(E + infected, _share(mean.onset, state[1] + mean.infected), u[1])
    removed = tauleap.binomial(I + onset, _share(mean.removed, state[2] + mean.onset), u[2])
    return seir.Flows(*(jnp.where(here, a, b) for a, b in zip((infected, onset, removed), mean, strict=True)))


def _share(part: Float[AnyArray, "G R"], whole: Float[AnyArray, "G R"]) -> Float[AnyArray, "G R"]:
    return jnp.clip(part / jnp.where(whole > 0.0, whole, 1.0), 0.0, 1.0)


def _journeys(
    case: Case,
    people: Float[AnyArray, "4 G R"],
    begun: Begun,
    number: Float[AnyArray, ""],
    key: PRNGKeyArray,
    form: Form,
) -> tuple[journeys.Moved, Float[AnyArray, ""]]:
    net = case.net
    if form.closures:
        keep = journeys.kept(
            interventions.open_share(case.policy.closed_out, begun.closed_out, number),
            interventions.open_share(case.policy.closed_in, begun.closed_in, number),
            interventions.open_pairs(case.policy.closed_pair, begun.closed_pair, number),
        )
        links = keep * net.travellers
        total = net.leaving.sum()
        share = jnp.where(total > 0.0, links.sum() / jnp.where(total > 0.0, total, 1.0), 1.0)
    else:
        keep, links, share = jnp.ones(net.travellers.shape), jnp.asarray(net.travellers), jnp.ones(())
    if form.stochastic:
        return journeys.drawn_travel(key, people, case.people, _few(case, people), net, links, keep), share
    part = net.mix[:, None] / case.people
    came = ((people[1:3] * part[None]).sum(axis=(0, 1))) @ links
    moved = people + journeys.mean_travel(people, part, links)
    return journeys.Moved(moved, came, jnp.zeros(())), share


def _record(case: Case, state: State, days: Day, settings: Settings, seed: int) -> Record:
    worst = float(days.conservation.max())
    if not worst <= CONSERVATION:
        raise SolveError(
            f"people are not conserved: off by {worst:.1e} of an economy's population; "
            "take more steps_a_day, or a smaller share of travellers in the population"
        )
    draws = len(days.infectious)
    seeds = np.asarray(case.infectious).sum(axis=0)

    def series(first: Float[np.ndarray, " R"], values: Float[np.ndarray, "D T R"]) -> np.ndarray:
        return np.concatenate([np.broadcast_to(first, (draws, 1, len(first))), values], axis=1)

    none = np.zeros_like(seeds)
    return Record(
        series(seeds, days.infectious),
        series(none, days.infected),
        series(none, days.imported),
        days.local,
        days.travel,
        np.asarray(state.people),
        np.asarray(case.people),
        seeds,
        worst,
        float(state.added.max()),
        settings,
        seed,
    )


__all__ = ["InputError", "Outbreak", "Policy", "Record", "Settings", "simulate"]
