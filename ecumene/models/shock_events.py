"""Events: what is lost, where, when, and how it comes back; any number together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float

from ecumene.errors import InputError
from ecumene.models.shock_settings import Values
from ecumene.types import AnyArray, FloatArray

KINDS: Final = ("capacity", "labour", "demand", "capital", "link", "course")
SHAPES: Final = ("step", "linear", "exponential")
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Event:
    """Something lost for some days: `lost` is a share, 0 (nothing) to 1 (all), on the axes of its kind.

    From `start` (day, 0 the first) for `length` days in full (infinite: to the end), then it recovers: at once
    (`step`), in a straight line that reaches zero after `recovery` days (`linear`), or by a factor of e every
    `recovery` days (`exponential`). A `course` has a path of its own: `lost` [day, economy, sector]. Make one with the
    functions below.
    """

    kind: str
    lost: FloatArray
    start: int = 0
    length: float | int = np.inf
    recovery: float | int = 0.0
    shape: str = "step"

    def __post_init__(self) -> None:
        what = f"event '{self.kind}' from day {self.start}"
        if self.kind not in KINDS or self.shape not in SHAPES:
            raise InputError(
                f"{what}: kinds are {', '.join(KINDS)}; shapes of recovery are {', '.join(SHAPES)}"
            )
        if not float(self.start).is_integer() or self.start < 0:
            raise InputError(f"{what}: start must be a whole number of days, 0 or later")
        if not self.length >= 1 or not (np.isinf(self.length) or float(self.length).is_integer()):
            raise InputError(
                f"{what}: length is {self.length}; it must be a whole number of days, at least 1, or infinite"
            )
        if not (np.isfinite(self.recovery) and self.recovery >= 0):
            raise InputError(f"{what}: recovery is {self.recovery}; it must be a finite number of days")
        if (self.shape == "step") != (self.recovery == 0):
            raise InputError(
                f"{what}: a step has recovery 0, the other shapes more; it has {self.shape}, {self.recovery}"
            )
        if self.kind == "course" and (self.start, self.length, self.recovery) != (0, np.inf, 0.0):
            raise InputError(
                f"{what}: a course has a path of its own; give it in lost, without start and length"
            )
        lost = np.asarray(self.lost, dtype=np.float64)
        if not lost.size:
            raise InputError(f"{what}: lost has shape {lost.shape}; give a share for every place on its axes")
        if not (np.isfinite(lost).all() and lost.min() >= 0 and lost.max() <= 1):
            raise InputError(
                f"{what}: lost must be shares between 0 and 1, not from {lost.min():.4g} to {lost.max():.4g}"
            )
        object.__setattr__(self, "lost", lost)

    def path(self, days: int) -> Float[np.ndarray, " days"]:
        """How much of the event stands on each day, 0 to 1."""
        t = np.arange(days, dtype=np.float64)
        after = t - (self.start + self.length) + 1.0  # 1 on the first day of recovery
        if self.shape == "linear":
            tail = np.maximum(1.0 - after / (self.recovery + 1.0), 0.0)
        elif self.shape == "exponential":
            tail = np.exp(-np.maximum(after, 0.0) / self.recovery)
        else:
            tail = np.zeros(days)
        return np.where(t < self.start, 0.0, np.where(after <= 0, 1.0, tail))


def lost_capacity(
    lost: Values,
    start: int = 0,
    length: float | int = np.inf,
    recovery: float | int = 0.0,
    shape: str = "step",
) -> Event:
    """Capacity of industries lost: `lost` [economy, sector], shares."""
    return Event("capacity", np.asarray(lost, dtype=np.float64), start, length, recovery, shape)


def lost_labour(
    lost: Values,
    start: int = 0,
    length: float | int = np.inf,
    recovery: float | int = 0.0,
    shape: str = "step",
) -> Event:
    """Labour of industries lost: `lost` [economy, sector], shares; it multiplies with lost capacity."""
    return Event("labour", np.asarray(lost, dtype=np.float64), start, length, recovery, shape)


def course(lost: Values) -> Event:
    """Capacity or labour lost by day: `lost` [day, economy, sector], shares; it multiplies with all other losses."""
    return Event("course", np.asarray(lost, dtype=np.float64))


def lost_demand(
    lost: Values,
    start: int = 0,
    length: float | int = np.inf,
    recovery: float | int = 0.0,
    shape: str = "step",
) -> Event:
    """Final demand lost: `lost` [economy, sector], or [economy, sector, final use], shares."""
    return Event("demand", np.asarray(lost, dtype=np.float64), start, length, recovery, shape)


def destroyed_capital(lost: Values, start: int = 0) -> Event:
    """Capital of industries destroyed on one day: `lost` [economy, sector], shares; it comes back as it is rebuilt."""
    return Event("capital", np.asarray(lost, dtype=np.float64), start, 1)


def closed_link(
    lost: Values,
    start: int = 0,
    length: float | int = np.inf,
    recovery: float | int = 0.0,
    shape: str = "step",
) -> Event:
    """Links between economies closed: `lost` [origin, destination] or [origin, destination, sector], `1 - b`."""
    return Event("link", np.asarray(lost, dtype=np.float64), start, length, recovery, shape)


def embargo(
    n_economies: int, n_sectors: int, origin: Sequence[int], destination: Sequence[int], sector: Sequence[int],
    start: int = 0, length: float | int = np.inf, recovery: float | int = 0.0, shape: str = "step",
) -> Event:  # fmt: skip
    """Goods of some sectors from some origins stop reaching some destinations; positions on the base's axes."""
    for name, places, size in (
        ("origin", origin, n_economies), ("destination", destination, n_economies), ("sector", sector, n_sectors),
    ):  # fmt: skip
        if not len(places) or min(places) < 0 or max(places) >= size:
            raise InputError(f"embargo: {name} {list(places)} must name positions from 0 to {size - 1}")
    lost = np.zeros((n_economies, n_economies, n_sectors))
    lost[np.ix_(list(origin), list(destination), list(sector))] = 1.0
    lost[np.arange(n_economies), np.arange(n_economies)] = 0.0
    return closed_link(lost, start, length, recovery, shape)


class Plan(NamedTuple):
    """All events of a simulation as arrays: targets by event, and how much of each stands on each day."""

    capacity: Float[AnyArray, "Ec N S"]
    capacity_path: Float[AnyArray, "days Ec"]
    labour: Float[AnyArray, "El N S"]
    labour_path: Float[AnyArray, "days El"]
    demand: Float[AnyArray, "Ed K N F"]
    demand_path: Float[AnyArray, "days Ed"]
    capital: Float[AnyArray, "Ek N S"]
    capital_path: Float[AnyArray, "days Ek"]
    link: Float[AnyArray, "Eb K N R"]
    link_path: Float[AnyArray, "days Eb"]
    course: Float[AnyArray, "days Nc Sc"]  # one cell where there is none


def _target(event: Event, number: int, R: int, S: int, F: int) -> FloatArray:
    """`lost` on the axes of the equations. Errors: InputError naming the event and the shape."""
    lost, shapes = event.lost, [(R, S)]
    if event.kind == "demand":
        shapes = [(R, S), (R, S, F)]
    elif event.kind == "link":
        shapes = [(R, R), (R, R, S)]
    if lost.shape not in shapes:
        wanted = " or ".join(str(shape) for shape in shapes)
        raise InputError(
            f"event {number} ('{event.kind}') has lost of shape {lost.shape}; it must be {wanted}"
        )
    if event.kind == "link":
        full = np.broadcast_to(lost[:, :, None] if lost.ndim == 2 else lost, (R, R, S))
        if full[np.arange(R), np.arange(R)].any():
            raise InputError(
                f"event {number} closes a link of an economy with itself; use lost_capacity for that"
            )
        return np.ascontiguousarray(full.transpose(2, 1, 0))
    if event.kind == "demand":
        full = np.broadcast_to(lost[:, :, None] if lost.ndim == 2 else lost, (R, S, F))
        return np.ascontiguousarray(full.transpose(1, 0, 2))
    return lost


def _course(events: Sequence[Event], days: int, R: int, S: int) -> FloatArray:
    """What all courses together take, `1 - prod (1 - lost)`. Errors: InputError naming the event and the shape."""
    left = np.ones((days, 1, 1))
    for number, event in enumerate(events):
        if event.kind == "course":
            if event.lost.shape != (days, R, S):
                raise InputError(
                    f"event {number} ('course') has lost of shape {event.lost.shape}; it must be {(days, R, S)}: "
                    "days simulated x economies x sectors"
                )
            left = left * (1.0 - event.lost)
    return 1.0 - left


def plan(events: Sequence[Event], days: int, R: int, S: int, F: int) -> Plan:
    """Check all events together and put them on the axes of the equations.

    Errors: InputError for a wrong shape, an event after the last day, and events of one kind that together take more
    than all there is on some day (lost and destroyed capital count together, as destroyed capital stays lost).
    """
    empty = {"demand": (S, R, F), "link": (S, R, R)}
    found: dict[str, FloatArray] = {"course": _course(events, days, R, S)}
    for kind in KINDS[:-1]:
        mine = [(number, event) for number, event in enumerate(events) if event.kind == kind]
        for number, event in mine:
            if event.start >= days:
                raise InputError(
                    f"event {number} starts on day {event.start}; the last day simulated is {days - 1}"
                )
        shape = empty.get(kind, (R, S))
        targets = [_target(event, number, R, S, F) for number, event in mine]
        paths = [event.path(days) for _, event in mine]
        found[kind] = np.stack(targets) if targets else np.zeros((0, *shape))
        found[f"{kind}_path"] = np.stack(paths, axis=1) if paths else np.zeros((days, 0))
    destroyed = found["capital"].sum(axis=0)
    for kind in ("capacity", "labour", "demand", "link"):
        if not len(found[kind]):
            continue
        for today in np.unique(found[f"{kind}_path"], axis=0):
            together = np.tensordot(today, found[kind], axes=1) + (destroyed if kind == "capacity" else 0.0)
            if together.max() > 1.0 + _ROUNDING:
                raise InputError(
                    f"events of kind '{kind}' overlap and take {together.max():.4g} of what there is on one day; "
                    "shares that act together must not exceed 1"
                )
    if destroyed.size and destroyed.max() > 1.0 + _ROUNDING:
        raise InputError(
            f"destroyed capital adds up to {destroyed.max():.4g} of an industry; it must not exceed 1"
        )
    return Plan(**found)
