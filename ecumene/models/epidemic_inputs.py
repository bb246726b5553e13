"""What an outbreak is, how it is followed, and the checks that refuse what cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from ecumene.errors import InputError
from ecumene.models import seir
from ecumene.types import Numbers

R0, LATENT_DAYS, INFECTIOUS_DAYS = 2.4, 4.0, 3.5
"""A respiratory infection like the first wave of COVID-19: R0 2.4 as in Ferguson et al. (2020), report 9; the
split of a generation time of 7.5 days (Li et al. 2020, NEJM 382, 1199-1207) is an assumption."""

BOUNDS = {"R0": (0.0, 100.0), "latent_days": (0.1, 3650.0), "infectious_days": (0.1, 3650.0)}
"""What a disease may be (assumption); quicker ones need more steps a day than a simulation of years can have."""

LARGEST_STEP = 0.5
"""Step times the fastest rate; beyond it the contagion step loses its accuracy (assumption)."""

SYMMETRY = 1e-9
"""Travel is symmetric to this share of its largest link."""


@dataclass(frozen=True)
class Outbreak:
    """Who lives where, who travels, and what they catch. Arrays are checked when a simulation starts.

    Units: people; travel in travellers a day [origin, destination], as many there as back, those on the diagonal
    (inside an economy) not counted; days.
    """

    population: Numbers  # [R], or [G, R] with age groups
    travel: Numbers  # [R, R]
    infectious: Numbers  # on day 0, [R] or as population; whole numbers where drawn
    R0: float = R0
    latent_days: float = LATENT_DAYS
    infectious_days: float = INFECTIOUS_DAYS
    contacts: Numbers | None = None  # [G, G], relative: of a member of the row with the column
    travel_mix: Numbers | None = (
        None  # [G], shares of age groups among travellers; the world's where not given
    )
    economies: tuple[str, ...] = ()  # names for messages


@dataclass(frozen=True)
class Settings:
    """How an outbreak is followed."""

    days: int = 365
    draws: int = 64
    stochastic: bool = True
    threshold: float = 100.0  # infected people below which chance is drawn (assumption)
    steps_a_day: int | None = None  # of contagion, even; where not given, as many as the disease needs
    detected: float = 1.0  # share of onsets that count as cases for triggers (assumption)


class Checked(NamedTuple):
    """An outbreak as arrays that fit together."""

    disease: seir.Disease
    travel: Float[np.ndarray, "R R"]
    mix: Float[np.ndarray, " G"]
    people: Float[np.ndarray, "G R"]
    infectious: Float[np.ndarray, "G R"]
    steps_a_day: int


def checked(outbreak: Outbreak, settings: Settings) -> Checked:
    """The arrays of an outbreak.

    Errors: InputError naming the economy and the number for missing or negative people, more infectious than
    people, a travel matrix with holes or that is not symmetric, more travellers in a day than people, age
    groups that do not fit, and steps too long for the disease.
    """
    _check_settings(settings)
    people = _people(outbreak)
    n_groups, n = people.shape
    name = _namer(outbreak, n)
    travel = _travel(outbreak, n, name)
    infectious = _infectious(outbreak, people, settings, name)
    disease, steps = _disease(outbreak, people, settings)
    mix = (
        people.sum(axis=1) / people.sum()
        if outbreak.travel_mix is None
        else _numbers("travel_mix", outbreak.travel_mix)
    )
    if mix.shape != (n_groups,) or not (mix >= 0.0).all() or not abs(mix.sum() - 1.0) <= 1e-9:
        raise InputError(
            f"travel_mix {np.round(mix, 6).tolist()} does not give {n_groups} shares that sum to 1; "
            "give one for each age group"
        )
    leaving = mix[:, None] * travel.sum(axis=1)[None, :] / people
    if leaving.max() > 1.0:
        g, i = np.unravel_index(int(leaving.argmax()), leaving.shape)
        raise InputError(
            f"travellers of {name(int(i))} in a day are {leaving[g, i]:.3g} times its people"
            f"{f' of age group {g}' if n_groups > 1 else ''}; travel is in travellers a day: "
            "divide yearly trips by 365, or check the population"
        )
    return Checked(disease, travel, mix, people, infectious, steps)


def _check_settings(settings: Settings) -> None:
    for field in ("days", "draws", "steps_a_day"):
        value = getattr(settings, field)
        if value is None and field == "steps_a_day":
            continue
        if not isinstance(value, int) or value < 1:
            raise InputError(f"{field} is {value!r}; give a whole number of at least 1")
    if settings.steps_a_day is not None and settings.steps_a_day % 2:
        raise InputError(
            f"steps_a_day is {settings.steps_a_day}; give an even number: half before the journeys, half after"
        )
    if not 0.0 <= settings.threshold <= 1e6:
        raise InputError(f"threshold is {settings.threshold}; give a number of people from 0 to a million")
    if not 0.0 <= settings.detected <= 1.0:
        raise InputError(f"detected is {settings.detected}; give a share from 0 to 1")


def _numbers(name: str, given: Numbers) -> np.ndarray:
    try:
        return np.array(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} is not an array of numbers: {error}") from error


def _namer(outbreak: Outbreak, n: int):
    names = outbreak.economies
    if names and len(names) != n:
        raise InputError(f"{len(names)} names of economies for {n} populations; give one for each")
    return lambda i: names[i] if names else f"economy {i}"


def _people(outbreak: Outbreak) -> Float[np.ndarray, "G R"]:
    people = _numbers("population", outbreak.population)
    if people.ndim not in (1, 2) or people.size == 0:
        raise InputError(f"population has shape {people.shape}; give [economy] or [age group, economy]")
    people = np.atleast_2d(people)
    wrong = ~(np.isfinite(people) & (people > 0.0))
    if wrong.any():
        g, i = np.argwhere(wrong)[0]
        name = _namer(outbreak, people.shape[1])
        raise InputError(
            f"population of {name(int(i))} is {people[g, i]}; give a number above 0, or leave the economy out"
        )
    return people


def _travel(outbreak: Outbreak, n: int, name) -> Float[np.ndarray, "R R"]:
    travel = _numbers("travel", outbreak.travel)
    if travel.shape != (n, n):
        raise InputError(f"travel has shape {travel.shape}, expected {(n, n)} = origin x destination")
    holes = ~np.isfinite(travel)
    if holes.any():
        i, j = np.argwhere(holes)[0]
        raise InputError(
            f"travel has {int(holes.sum())} holes, the first from {name(int(i))} to {name(int(j))}; "
            "fill them with an estimate, or with 0 where nobody travels"
        )
    if (travel < 0.0).any():
        i, j = np.argwhere(travel < 0.0)[0]
        raise InputError(
            f"travel from {name(int(i))} to {name(int(j))} is {travel[i, j]:.4g}; give 0 or more"
        )
    np.fill_diagonal(travel, 0.0)
    gap = np.abs(travel - travel.T)
    if gap.max() > SYMMETRY * max(travel.max(), 1e-300):
        i, j = np.unravel_index(int(gap.argmax()), gap.shape)
        raise InputError(
            f"travel from {name(int(i))} to {name(int(j))} is {travel[i, j]:.4g}, back {travel[j, i]:.4g}: "
            "populations would drift; give as many there as back, for instance (travel + travel.T) / 2"
        )
    return (travel + travel.T) / 2.0


def _infectious(outbreak: Outbreak, people: np.ndarray, settings: Settings, name) -> Float[np.ndarray, "G R"]:
    given = np.atleast_2d(_numbers("infectious", outbreak.infectious))
    if given.shape != people.shape:
        raise InputError(f"infectious has shape {given.shape}, expected {people.shape}, as population")
    wrong = ~((given >= 0.0) & (given <= people))
    if wrong.any():
        g, i = np.argwhere(wrong)[0]
        raise InputError(
            f"infectious people of {name(int(i))} are {given[g, i]}, of a population of {people[g, i]:.6g}; "
            "give a number from 0 to the population"
        )
    if not given.any():
        raise InputError("nobody is infectious on day 0; give at least one economy a first case")
    split = given != np.floor(given)
    if settings.stochastic and split.any():
        g, i = np.argwhere(split)[0]
        raise InputError(
            f"infectious people of {name(int(i))} are {given[g, i]}; give whole people where chance is drawn"
        )
    return given


def _disease(outbreak: Outbreak, people: np.ndarray, settings: Settings) -> tuple[seir.Disease, int]:
    for field, (least, most) in BOUNDS.items():
        value = getattr(outbreak, field)
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise InputError(f"{field} is {value!r:.30}; give a number from {least:g} to {most:g}")
        if not least <= value <= most:
            raise InputError(f"{field} is {value!r}; give a number from {least:g} to {most:g}")
    n_groups = len(people)
    if outbreak.contacts is None:
        if n_groups > 1:
            raise InputError(
                f"{n_groups} age groups need contacts between them; give contacts [group, group]"
            )
        contacts = np.ones((1, 1))
    else:
        contacts = _numbers("contacts", outbreak.contacts)
        if contacts.shape != (n_groups, n_groups) or not (np.isfinite(contacts) & (contacts >= 0.0)).all():
            raise InputError(
                f"contacts of shape {contacts.shape} must be {(n_groups, n_groups)} numbers of at least 0"
            )
    contacts = seir.scaled_contacts(contacts, people.sum(axis=1))
    removal, onset = 1.0 / outbreak.infectious_days, 1.0 / outbreak.latent_days
    transmission = outbreak.R0 * removal
    fastest = max(removal, onset, transmission * float(contacts.sum(axis=1).max()))
    least = max(2, 2 * int(np.ceil(fastest / LARGEST_STEP / 2.0)))
    steps = least if settings.steps_a_day is None else settings.steps_a_day
    if steps < least:
        raise InputError(
            f"steps of {1.0 / steps:.3g} days are too long for a rate of {fastest:.3g} a day; "
            f"set steps_a_day to {least} or more, or leave it out"
        )
    return seir.Disease(np.asarray(transmission), np.asarray(onset), np.asarray(removal), contacts), steps
