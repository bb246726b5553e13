"""An epidemic between economies: SEIR in each, travel between them, chance while cases are few.

A day is half a day of contagion, a day of journeys, half a day of contagion (Strang splitting: second order
in the travel rate). Contagion takes fourth-order Runge-Kutta steps. While an economy has fewer infected people
than a threshold, the flows of these steps are the means of random whole numbers (tau-leap), so that arrival
times are distributions; above it they are taken as they are.

Sources: Colizza, Barrat, Barthelemy and Vespignani (2006), PNAS 103, 2015-2020; Brockmann and Helbing (2013),
Science 342, 1337-1342; Cao, Gillespie and Petzold (2005), J. Chem. Phys. 123, 054104.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Int

from ecumene import jax_setup as jax_setup
from ecumene.errors import SolveError
from ecumene.models import interventions, journeys, seir, tauleap
from ecumene.models.epidemic_inputs import Outbreak, Settings, checked
from ecumene.models.interventions import Begun, Policy
from ecumene.processors import processors
from ecumene.types import AnyArray

CONSERVATION = 1e-9
"""People of an economy and age group stay their number to this share."""

CHUNK = 8
"""Draws that one program computes at a time."""

CONTAGION = 5
"""Uniform numbers of a step of contagion, for each age group and economy."""


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

    def __repr__(self) -> str:
        draws, ends, economies = self.infectious.shape
        return (
            f"<Record: {draws} draws of {ends - 1} days in {economies} economies, seed {self.seed}, "
            f"people conserved to {self.conservation:.0e}>"
        )


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
    size = CHUNK if settings.stochastic else 1  # one program whatever the number of draws

    def part(first: int) -> tuple[State, Day]:
        chance = [_chance(seed, draw, form, case.people.shape) for draw in range(first, first + size)]
        return jax.tree.map(np.asarray, _many(case, np.stack(chance), form))

    starts = range(0, draws, size)
    with ThreadPoolExecutor(min(len(starts), processors())) as pool:
        parts = list(pool.map(part, starts))
    state, days = jax.tree.map(lambda *pieces: np.concatenate(pieces)[:draws], *parts)
    return _record(case, state, days, settings, seed)


def _chance(seed: int, draw: int, form: Form, shape: tuple[int, ...]) -> Float[np.ndarray, "T U G R"]:
    """Uniform numbers of a draw: for every day those of its steps, then those of its journeys."""
    if not form.stochastic:
        return np.zeros((form.days, 0, *shape))
    count = CONTAGION * 2 * form.steps + journeys.CHANCES
    return np.random.Generator(np.random.Philox(key=[seed, draw])).random((form.days, count, *shape))


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
        np.asarray(settings.threshold, dtype=np.float64),
        np.asarray(settings.detected, dtype=np.float64),
    )
    return case, form


@partial(jax.jit, static_argnames="form")
def _many(case: Case, chance: Float[AnyArray, "D T U G R"], form: Form) -> tuple[State, Day]:
    return jax.vmap(lambda numbers: _one(case, numbers, form))(chance)


def _one(case: Case, chance: Float[AnyArray, "T U G R"], form: Form) -> tuple[State, Day]:
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

    def day(state: State, at: tuple[Float[AnyArray, ""], Float[AnyArray, "U G R"]]) -> tuple[State, Day]:
        return _day(case, state, at[0], at[1], form)

    return jax.lax.scan(day, start, (jnp.arange(form.days, dtype=jnp.float64), chance))


def _day(
    case: Case, state: State, number: Float[AnyArray, ""], chance: Float[AnyArray, "U G R"], form: Form
) -> tuple[State, Day]:
    begun = interventions.begin(case.policy, state.begun, number, case.detected * state.onsets)
    local = 1.0 - interventions.open_share(case.policy.local, begun.local, number)
    keep, links, kept = _links(case, begun, number, form)
    at_home = chance[: chance.shape[0] - journeys.CHANCES] if form.stochastic else chance
    away = chance[chance.shape[0] - journeys.CHANCES :] if form.stochastic else chance
    steps = 2 * form.steps
    at_home = at_home.reshape((steps, -1, *case.people.shape))

    def part(state: State, at: tuple[Int[AnyArray, ""], Float[AnyArray, "U G R"]]) -> tuple[State, None]:
        state = _contagion(case, state, local, at[1], form)
        return jax.lax.cond(
            at[0] == form.steps - 1,
            lambda now: _journeys(case, now, keep, links, away, form),
            lambda now: now,
            state,
        ), None

    new, _ = jax.lax.scan(part, state._replace(begun=begun), (jnp.arange(steps), at_home))
    people = new.people
    off = jnp.abs(people.sum(axis=0) - case.people) / case.people
    negative = jnp.maximum(-people.min(axis=0), 0.0) / case.people
    return new, Day(
        people[2].sum(axis=0), new.infected, new.imported, local, kept, jnp.maximum(off, negative).max()
    )


def _contagion(
    case: Case, state: State, local: Float[AnyArray, " R"], u: Float[AnyArray, "U G R"], form: Form
) -> State:
    """A step at home."""
    step, people = 0.5 / form.steps, state.people
    if form.stochastic:
        few = _few(case, people)
        people = _whole(people, few, u[:2])
        flows = _drawn(seir.mean_flows(case.disease, people, local, step), people, few, u[2:])
    else:
        flows = seir.mean_flows(case.disease, people, local, step)
    new = jnp.stack(
        [
            people[0] - flows.infected,
            people[1] + flows.infected - flows.onset,
            people[2] + flows.onset - flows.removed,
            people[3] + flows.removed,
        ]
    )
    return state._replace(
        people=new,
        infected=state.infected + flows.infected.sum(axis=0),
        onsets=state.onsets + flows.onset.sum(axis=0),
    )


def _few(case: Case, state: Float[AnyArray, "4 G R"]) -> Bool[AnyArray, " R"]:
    return state[1:3].sum(axis=(0, 1)) < case.threshold


def _whole(
    state: Float[AnyArray, "4 G R"], few: Bool[AnyArray, " R"], u: Float[AnyArray, "2 G R"]
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
    mean: seir.Flows, state: Float[AnyArray, "4 G R"], few: Bool[AnyArray, " R"], u: Float[AnyArray, "3 G R"]
) -> seir.Flows:
    """Whole flows with the means of the deterministic step, where infected people are few.

    New infections are Poisson; of all who were or became exposed, those who become infectious are binomial,
    and so are removals among all who were or became infectious: no flow takes more than there is.
    """
    here = few[None, :]
    none = jnp.where(here, 1.0, 0.0)
    infected = jnp.minimum(tauleap.poisson(mean.infected * none, u[0]), jnp.maximum(jnp.floor(state[0]), 0.0))
    E, I = state[1] * none, state[2] * none  # noqa: E741
    onset = tauleap.binomial(E + infected, _share(mean.onset, state[1] + mean.infected), u[1])
    removed = tauleap.binomial(I + onset, _share(mean.removed, state[2] + mean.onset), u[2])
    return seir.Flows(*(jnp.where(here, a, b) for a, b in zip((infected, onset, removed), mean, strict=True)))


def _share(part: Float[AnyArray, "G R"], whole: Float[AnyArray, "G R"]) -> Float[AnyArray, "G R"]:
    return jnp.clip(part / jnp.where(whole > 0.0, whole, 1.0), 0.0, 1.0)


def _links(
    case: Case, begun: Begun, number: Float[AnyArray, ""], form: Form
) -> tuple[Float[AnyArray, "R R"], Float[AnyArray, "R R"], Float[AnyArray, ""]]:
    """Shares kept and travellers of every link on a day, and the share of all journeys made."""
    net = case.net
    if not form.closures:
        return jnp.ones(net.travellers.shape), jnp.asarray(net.travellers), jnp.ones(())
    keep = journeys.kept(
        interventions.open_share(case.policy.closed_out, begun.closed_out, number),
        interventions.open_share(case.policy.closed_in, begun.closed_in, number),
        interventions.open_pairs(case.policy.closed_pair, begun.closed_pair, number),
    )
    links = keep * net.travellers
    total = net.leaving.sum()
    share = jnp.where(total > 0.0, links.sum() / jnp.where(total > 0.0, total, 1.0), 1.0)
    return keep, links, share


def _journeys(
    case: Case,
    state: State,
    keep: Float[AnyArray, "R R"],
    links: Float[AnyArray, "R R"],
    u: Float[AnyArray, "U G R"],
    form: Form,
) -> State:
    """A day of journeys."""
    people = state.people
    if form.stochastic:
        few = _few(case, people)
        moved = journeys.drawn_travel(u, people, case.people, few, case.net, links, keep)
    else:
        share = case.net.mix[:, None] / case.people
        came = ((people[1:3] * share[None]).sum(axis=(0, 1))) @ links
        moved = journeys.Moved(people + journeys.mean_travel(people, share, links), came, jnp.zeros(()))
    return state._replace(
        people=moved.state, imported=state.imported + moved.arrived, added=state.added + moved.added
    )


def _record(case: Case, state: State, days: Day, settings: Settings, seed: int) -> Record:
    worst = float(days.conservation.max())
    if not worst <= CONSERVATION:
        raise SolveError(
            f"people are not conserved: off by {worst:.1e} of an economy's population; "
            "take more steps_a_day, or a smaller share of travellers in the population"
        )
    draws = len(days.infectious)
    seeds = np.asarray(case.infectious).sum(axis=0)

    def series(first: Float[np.ndarray, " R"], values: Float[AnyArray, "D T R"]) -> np.ndarray:
        return np.concatenate([np.broadcast_to(first, (draws, 1, len(first))), np.asarray(values)], axis=1)

    none = np.zeros_like(seeds)
    return Record(
        series(seeds, days.infectious),
        series(none, days.infected),
        series(none, days.imported),
        np.asarray(days.local),
        np.asarray(days.travel),
        np.asarray(state.people),
        np.asarray(case.people),
        seeds,
        worst,
        float(state.added.max()),
        settings,
        seed,
    )


__all__ = ["Outbreak", "Policy", "Record", "Settings", "simulate"]
