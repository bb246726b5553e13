"""What the service answers, described: these models are its OpenAPI."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel


class Problem(BaseModel):
    """Why there is no answer."""

    detail: str
    problems: list[str] = []


class Limits(BaseModel):
    """How much may be asked."""

    orders: int
    yaml_characters: int
    upload_bytes: int
    draws: int
    waiting: int
    seconds: float


class About(BaseModel):
    """What answers here."""

    version: str
    languages: list[str]
    limits: Limits


class Size(BaseModel):
    """How many economies and sectors a world has."""

    economies: int
    sectors: int


class WorldShown(BaseModel):
    """A world to choose. One that cannot be read says why in `problem`, and has no size."""

    name: str
    title: str
    year: int | None
    kind: Literal["reference", "folder", "uploaded"]
    size: Size | None
    hash: str
    problem: str = ""


class EconomyShown(BaseModel):
    """An economy of a world: income in million USD a year, latitude and longitude in degrees."""

    code: str
    numeric: str | None
    name: str
    names: dict[str, str]
    region: str | None
    continent: str | None
    aggregate: bool
    income: float
    population: float | None
    latitude: float | None
    longitude: float | None


class SectorShown(BaseModel):
    """A sector of a world: whether tariffs fall on it, and its trade elasticity."""

    code: str
    title: str
    goods: bool
    theta: float


class ClubShown(BaseModel):
    """A union or bloc with its members in a world, and how deeply they are integrated."""

    name: str
    depth: int
    common_tariff: bool
    members: list[str]


class UnionShown(ClubShown):
    """A union as it is in the world's year."""

    title: str


class WorldFacts(WorldShown):
    """Everything a page shows of a world beside its results."""

    source: str
    theta_source: str
    deficits: str
    notes: list[str]
    quality: str
    economies: list[EconomyShown]
    sectors: list[SectorShown]
    unions: list[UnionShown]


class OrderShown(BaseModel):
    """An order: its author's words, its rules as YAML and as plain values, and its blocs on a world."""

    name: str
    title: str
    description: str
    note: str
    hash: str
    yaml: str
    order: dict[str, Any]
    blocs: list[ClubShown]
    notes: list[str]
    changes_anything: bool


class ShockShown(BaseModel):
    """A shock to choose. One of `chance` is drawn: it is asked for with a number of years in `security`."""

    name: str
    title: str
    description: str
    note: str
    hash: str
    chance: bool


class RunShown(BaseModel):
    """How a run stands. `document` is what the pages of results read, where it was asked for and is there."""

    id: str
    state: Literal["waiting", "running", "done", "failed"]
    done: int
    total: int
    label: str
    kind: str
    message: str
    problems: list[str]
    point: bool
    seconds: float
    hash: str | None
    document: dict[str, Any] | None


class SpareShown(BaseModel):
    """A preset that is computed in spare time, and its run."""

    order: str
    run: RunShown


class OrderCited(BaseModel):
    """An order in a citation."""

    name: str
    title: str
    hash: str


class Citation(BaseModel):
    """How to cite a result."""

    hash: str
    text: str
    bibtex: str
    orders: list[OrderCited]
