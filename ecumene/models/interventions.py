"""Policies against an epidemic: who does what, from when or after how many cases, how tightly, how long.

A rule starts on the first day on which its date has come and its counts of detected cases are reached, and
lasts its length. Rules on the same thing multiply: `1 - c = prod_k (1 - c_k)`.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float

from ecumene.errors import InputError
from ecumene.types import AnyArray, Numbers


class Schedule(NamedTuple):
    """K rules for every economy; a level of 0 is no rule."""

    level: Float[AnyArray, "K R"]  # 0 open, 1 closed
    start: Float[AnyArray, "K R"]  # day
    own_cases: Float[AnyArray, "K R"]  # detected in the economy itself
    world_cases: Float[AnyArray, "K R"]  # detected in the world
    length: Float[AnyArray, "K R"]  # days, may be infinite


class PairSchedule(NamedTuple):
    """K rules for pairs of economies, each with one schedule."""

    level: Float[AnyArray, "K R R"]  # [rule, origin, destination]
    start: Float[AnyArray, " K"]
    cases: Float[AnyArray, " K"]  # detected in the watched economies together
    watched: Float[AnyArray, "K R"]  # 1 where cases count
    length: Float[AnyArray, " K"]


class Policy(NamedTuple):
    """Everything that is done: borders closed to leaving, to entering, between pairs; contacts cut at home."""

    closed_out: Schedule
    closed_in: Schedule
    closed_pair: PairSchedule
    local: Schedule


class Begun(NamedTuple):
    """Day on which each rule began; infinite before."""

    closed_out: Float[AnyArray, "K1 R"]
    closed_in: Float[AnyArray, "K2 R"]
    closed_pair: Float[AnyArray, " K3"]
    local: Float[AnyArray, "K4 R"]


def schedule(
    n_economies: int,
    level: Numbers,
    *,
    start: Numbers = 0.0,
    own_cases: Numbers = 0.0,
    world_cases: Numbers = 0.0,
    length: Numbers = np.inf,
) -> Schedule:
    """One rule for every economy, from scalars or arrays [R]: contacts or border traffic cut by `level`.

    Units: level a share 0 to 1, start and length days, cases people detected since day 0.
    Errors: InputError for a shape that does not fit or a number out of range.
    """
    given = {
        "level": level,
        "start": start,
        "own_cases": own_cases,
        "world_cases": world_cases,
        "length": length,
    }
    rows = {name: _row(name, value, n_economies) for name, value in given.items()}
    result = Schedule(**rows)
    check_schedule("rule", result, n_economies)
    return result


def no_rule(n_economies: int) -> Schedule:
    """No rule at all."""
    return Schedule(*(np.zeros((0, n_economies)) for _ in range(5)))


def no_pairs(n_economies: int) -> PairSchedule:
    """No rule between pairs."""
    none, row = np.zeros(0), np.zeros((0, n_economies))
    return PairSchedule(np.zeros((0, n_economies, n_economies)), none, none, row, none)


def together(*schedules: Schedule) -> Schedule:
    """Several rules as one schedule: all of them hold, each at its time."""
    return Schedule(*(np.concatenate(parts) for parts in zip(*schedules, strict=True)))


def pair_schedule(
    level: Numbers,
    *,
    start: float = 0.0,
    cases: float = 0.0,
    watched: Numbers | None = None,
    length: float = np.inf,
) -> PairSchedule:
    """One rule between pairs: level [origin, destination]; it starts after `cases` in the watched economies.

    `watched` [R] is true where cases count; everywhere where it is not given.
    Errors: InputError for a shape that does not fit or a number out of range.
    """
    level = np.asarray(level, dtype=np.float64)
    if level.ndim != 2 or level.shape[0] != level.shape[1]:
        raise InputError(f"closure of pairs has shape {level.shape}; give origin x destination, a square")
    n = len(level)
    row = _row("watched", 1.0 if watched is None else watched, n)
    result = PairSchedule(level[None], np.array([start]), np.array([cases]), row, np.array([length]))
    check_pairs(result, n)
    return result


def policy(
    n_economies: int,
    *,
    closed_out: Schedule | None = None,
    closed_in: Schedule | None = None,
    closed_pair: PairSchedule | None = None,
    local: Schedule | None = None,
) -> Policy:
    """A policy from the parts that are given; what is not given stays open. Errors: InputError as in the parts."""
    none = no_rule(n_economies)
    result = Policy(
        none if closed_out is None else closed_out,
        none if closed_in is None else closed_in,
        no_pairs(n_economies) if closed_pair is None else closed_pair,
        none if local is None else local,
    )
    check_policy(result, n_economies)
    return result


def _row(name: str, value: Numbers, n: int) -> Float[np.ndarray, "1 R"]:
    try:
        values = np.asarray(value, dtype=np.float64)
        return np.array(np.broadcast_to(values, (n,)))[None]
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{name} of a rule has shape {np.shape(value)}; give a number or one for each of the {n} economies"
        ) from error


def check_policy(given: Policy, n_economies: int) -> None:
    """Raise InputError where a rule does not fit the economies or holds an impossible number."""
    for name in ("closed_out", "closed_in", "local"):
        check_schedule(name, getattr(given, name), n_economies)
    check_pairs(given.closed_pair, n_economies)


def check_schedule(name: str, given: Schedule, n_economies: int) -> None:
    """Raise InputError for the first wrong shape or impossible number of a schedule."""
    shape = (np.shape(given.level)[0] if np.ndim(given.level) else 0, n_economies)
    for field, values in given._asdict().items():
        if np.shape(values) != shape:
            raise InputError(
                f"{name}: {field} has shape {np.shape(values)}, expected {shape} = rules x economies; "
                "make rules with `schedule` and join them with `together`"
            )
        _check_numbers(f"{name}: {field}", field, np.asarray(values))


def check_pairs(given: PairSchedule, n_economies: int) -> None:
    """Raise InputError for the first wrong shape or impossible number of rules between pairs."""
    k = len(given.start)
    shapes = {"level": (k, n_economies, n_economies), "watched": (k, n_economies)}
    for field, values in given._asdict().items():
        shape = shapes.get(field, (k,))
        if np.shape(values) != shape:
            raise InputError(f"closed_pair: {field} has shape {np.shape(values)}, expected {shape}")
        _check_numbers(f"closed_pair: {field}", field, np.asarray(values))


def _check_numbers(what: str, field: str, values: np.ndarray) -> None:
    shares = field in ("level", "watched")
    wrong = ~((values >= 0.0) & (values <= (1.0 if shares else np.inf)))
    if field in ("own_cases", "world_cases", "cases"):
        wrong |= np.isinf(values)
    if wrong.any():
        at = tuple(int(i) for i in np.argwhere(wrong)[0])
        wanted = "a share from 0 (open) to 1 (closed)" if shares else "0 or more"
        raise InputError(f"{what} at {at} is {values[at]}; it must be {wanted}")


def before(given: Policy) -> Begun:
    """Nothing has begun."""
    return Begun(
        jnp.full(given.closed_out.level.shape, jnp.inf),
        jnp.full(given.closed_in.level.shape, jnp.inf),
        jnp.full(given.closed_pair.start.shape, jnp.inf),
        jnp.full(given.local.level.shape, jnp.inf),
    )


def begin(given: Policy, begun: Begun, day: Float[AnyArray, ""], cases: Float[AnyArray, " R"]) -> Begun:
    """Days of beginning after looking at the morning's detected cases [R]."""
    world = cases.sum()

    def own(rules: Schedule, since: Float[AnyArray, "K R"]) -> Float[AnyArray, "K R"]:
        ready = (day >= rules.start) & (cases[None, :] >= rules.own_cases) & (world >= rules.world_cases)
        return _since(since, ready, day)

    pairs = given.closed_pair
    watched = (pairs.watched * cases[None, :]).sum(axis=1)
    return Begun(
        own(given.closed_out, begun.closed_out),
        own(given.closed_in, begun.closed_in),
        _since(begun.closed_pair, (day >= pairs.start) & (watched >= pairs.cases), day),
        own(given.local, begun.local),
    )


def _since(
    since: Float[AnyArray, "*rules"], ready: Bool[AnyArray, "*rules"], day: Float[AnyArray, ""]
) -> Float[AnyArray, "*rules"]:
    return jnp.where(jnp.isinf(since) & ready, day, since)


def open_share(
    rules: Schedule, since: Float[AnyArray, "K R"], day: Float[AnyArray, ""]
) -> Float[AnyArray, " R"]:
    """What the rules in force leave open, by economy: `prod_k (1 - c_k)`."""
    active = (day >= since) & (day < since + rules.length)
    return jnp.prod(1.0 - jnp.where(active, rules.level, 0.0), axis=0)


def open_pairs(
    rules: PairSchedule, since: Float[AnyArray, " K"], day: Float[AnyArray, ""]
) -> Float[AnyArray, "R R"]:
    """What the rules in force leave open, by origin and destination."""
    active = (day >= since) & (day < since + rules.length)
    return jnp.prod(1.0 - jnp.where(active[:, None, None], rules.level, 0.0), axis=0)
