"""Numbers in files of every language: written in decimal digits, or told with their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from ecumene.errors import OrderError
from ecumene.orders import order_from_text, strictyaml
from ecumene.orders.schema import OrderFile
from ecumene.plans.reading import settings_from_text
from ecumene.plans.schema import Settings
from ecumene.scenarios import Scenario, scenario_from_text
from ecumene.shocks.reading import shock_from_text
from ecumene.shocks.schema import Shock

PLACES: dict[str, tuple[Callable[[str], Any], str, str]] = {
    "order": (
        order_from_text,
        "name: a\ntitle: A\ntariffs: [{on: USA, from: CHN, add_points: NUMBER}]\n",
        "line 3: tariffs[0].add_points",
    ),
    "order-depth": (
        order_from_text,
        "name: a\ntitle: A\nblocs:\n  b: {members: [USA, CHN], depth: NUMBER}\n",
        "line 4: blocs.b.depth",
    ),
    "shock": (
        shock_from_text,
        "name: a\ntitle: A\nepidemic: {from: CHN, reproduction_number: NUMBER}\n",
        "line 3: epidemic.reproduction_number",
    ),
    "plan": (settings_from_text, "learning: {rate: NUMBER}\n", "line 1: learning.rate"),
    "scenario": (
        scenario_from_text,
        "name: a\ntransition: {to: open, discount: NUMBER}\n",
        "line 2: transition.discount",
    ),
    "scenario-years": (
        scenario_from_text,
        "name: a\nyears: NUMBER\ntransition: {to: open, years: 1}\n",
        "line 2: years",
    ),
    "scenario-behaviour": (
        scenario_from_text,
        "name: a\nrevision:\n  players: [USA, CHN]\n  behaviour: {responsiveness: NUMBER}\n",
        "line 4: revision.behaviour.responsiveness",
    ),
}


@pytest.mark.parametrize(
    "written", ["true", "'0.5'", "1:30", "0x10", "010", "1_0", "1__0.5", "0b11", "null_"]
)
@pytest.mark.parametrize("place", PLACES)
def test_what_is_no_decimal_number_is_told(place: str, written: str) -> None:
    read, text, where = PLACES[place]
    with pytest.raises(OrderError) as told:
        read(text.replace("NUMBER", written))
    (problem,) = told.value.problems
    assert problem.startswith(f"{where}: give a")
    assert "in decimal digits" in problem


@pytest.mark.parametrize(
    ("written", "number"),
    [("1e3", 1000.0), ("1.5e-3", 0.0015), ("-2", -2), ("+2.5", 2.5), (".5", 0.5), ("0", 0), ("12.", 12.0)],
)
def test_decimal_numbers_are_numbers(written: str, number: float) -> None:
    found = strictyaml.parse(f"x: {written}", "text")["x"]
    assert (found, type(found)) == (number, type(number))


@pytest.mark.parametrize("written", ["1:30", "0x10", "010", "1_0", "1_0.5", "0o7", "no", "on"])
@pytest.mark.parametrize("packaged", [True, False])
def test_other_spellings_stay_words(written: str, packaged: bool) -> None:
    assert strictyaml.parse(f"x: {written}", "text", packaged=packaged)["x"] == written


def _numbers(schema: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every number of a schema that pydantic checks, with the way to it."""
    if isinstance(schema, dict):
        if schema.get("type") in ("int", "float"):
            yield place, schema
        for key, value in schema.items():
            if key == "json_schema_input_schema":  # what the published schema says, not what is checked
                continue
            yield from _numbers(value, f"{place}/{key}")
    elif isinstance(schema, list | tuple):
        for at, value in enumerate(schema):
            yield from _numbers(value, f"{place}/{at}")


@pytest.mark.parametrize("model", [OrderFile, Shock, Settings, Scenario])
def test_every_number_of_every_language_is_strict(model: type[BaseModel]) -> None:
    found = list(_numbers(model.__pydantic_core_schema__, model.__name__))
    assert len(found) >= 5
    assert [place for place, schema in found if not schema.get("strict")] == []
