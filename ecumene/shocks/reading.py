"""Shocks from YAML: the catalogue and files, every problem reported together."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ecumene import countries, files
from ecumene.errors import OrderError, ShockError
from ecumene.orders import reading, strictyaml, unions
from ecumene.orders.names import Resolver, wrong_names
from ecumene.shocks.schema import Shock
from ecumene.shocks.sums import sum_problems

CATALOGUE = (
    "pandemic",
    "chip-supply",
    "energy-embargo",
    "grain-failure",
    "port-closure",
    "bank-crash",
    "random",
)
"""Named shocks in the order of the documentation."""

ACCIDENTS = "random"
"""The shock of the catalogue that is drawn where none of one's own is; no file may take its name."""

Reference = str | os.PathLike[str]


def shock_names() -> tuple[str, ...]:
    """Names of the shocks that come with Ecumene, in documented order."""
    return CATALOGUE


def json_schema() -> dict[str, Any]:
    """JSON Schema of a shock file, for editors."""
    schema = Shock.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Ecumene shock"}


def load_shock(name_or_path: Reference) -> Shock:
    """The shock of a name in the catalogue or of a YAML file.

    Errors: ShockError that lists every problem of the file with line, path and remedy.
    """
    path = files.given_path(name_or_path, ShockError)
    text = os.fspath(name_or_path)
    if text in CATALOGUE:
        return _checked(_packaged(text), text)
    if not (path.suffix in (".yaml", ".yml") or os.sep in text or path.is_file()):
        raise ShockError(f"no shock and no file '{text}'; {_hint(text)} A file's name ends in .yaml")
    try:
        return shock_from_text(strictyaml.read_text(path), str(path))
    except OrderError as error:
        raise ShockError(str(error).split("\n", 1)[0], error.problems) from None


def new_shock(name: str, path: Reference) -> Path:
    """Write a commented copy of a shock of the catalogue, ready to be edited; returns its path.

    The copy is named as its file. Errors: ShockError for an unknown name, or a file that cannot name a shock;
    OutputError where the file exists or cannot be written.
    """
    if name not in CATALOGUE:
        raise ShockError(f"no shock '{name}' to copy; {_hint(name)}")
    target = files.given_path(path, ShockError)
    if not target.is_dir() and target.suffix not in (".yaml", ".yml"):
        raise ShockError(f"{target} must end in .yaml")
    if name == ACCIDENTS and (target.is_dir() or target.stem == ACCIDENTS):
        raise ShockError(f"no file may be named '{ACCIDENTS}', as the accidents are; name it otherwise")
    return reading.write_copy(_packaged(name), name, target)


def _packaged(name: str) -> str:
    return resources.files("ecumene.shocks").joinpath("presets", f"{name}.yaml").read_text(encoding="utf-8")


def _hint(name: str) -> str:
    near = countries.nearest(name, CATALOGUE)
    return f"did you mean {near[0]}?" if near else f"the shocks are {', '.join(CATALOGUE)}."


def shock_from_text(text: str, name: str = "shock") -> Shock:
    """The shock of a YAML text. Errors: ShockError as for `load_shock`, with `name` in place of the file."""
    shock = _checked(text, name)
    if shock.name == ACCIDENTS:
        raise ShockError(
            f"{name}: '{ACCIDENTS}' is the name of the accidents that come with Ecumene; give this shock another name"
        )
    return shock


def _checked(text: str, name: str) -> Shock:
    try:
        data = strictyaml.parse(text, name)
    except OrderError as error:
        raise ShockError(str(error).split("\n", 1)[0], error.problems) from None
    if not isinstance(data, dict):
        raise ShockError(
            f"{name}: a shock is a mapping with 'name' and 'title'; this is {type(data).__name__}"
        )
    try:
        shock = Shock.model_validate(data)
    except ValidationError as error:
        if reading.ORDERS_ALONE & set(data) and not reading.SHOCKS_ALONE & set(data):
            raise ShockError(
                f"{name}: this is an order and no shock; check it with: ecumene check {name}"
            ) from None
        found = reading.problems_of(error, text, Shock)
        raise ShockError(f"{name}: {_count(found)}", tuple(found)) from None
    found = _name_problems(shock) or sum_problems(shock)
    if found:
        raise ShockError(f"{name}: {_count(found)}", reading.with_lines(found, text))
    return shock


def _count(found: list[str]) -> str:
    return f"{len(found)} problem" + "s" * (len(found) != 1)


def _name_problems(shock: Shock) -> list[str]:
    """Every economy that a shock names and nobody knows, with its place and a remedy."""
    named: list[tuple[str, tuple[str, ...]]] = []
    for kind in ("capacity", "labour", "demand", "capital"):
        named += [(f"{kind}[{i}].economies", rule.economies) for i, rule in enumerate(getattr(shock, kind))]
    for i, link in enumerate(shock.links):
        for at, side in enumerate(side for pair in link.directed()[:1] for side in pair):
            key = f"between[{at}]" if link.between is not None else ("from", "to")[at]
            named.append((f"links[{i}].{key}", side))
    if shock.epidemic is not None:
        named.append(("epidemic.from", shock.epidemic.origin))
        for kind in ("borders", "measures"):
            named += [
                (f"epidemic.{kind}[{i}].economies", rule.economies)
                for i, rule in enumerate(getattr(shock.epidemic, kind))
            ]
    if shock.banks is not None:
        named.append(("banks.economies", shock.banks.economies))
    return wrong_names(((place, name) for place, names in named for name in names), (), ())


def resolver(economies: tuple[str, ...], year: int | None) -> Resolver:
    """Names to positions in a world of some year."""
    return Resolver(economies, {}, unions.Memberships(unions.DEFAULT_YEAR if year is None else year))
