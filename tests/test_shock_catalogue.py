"""The language of shocks: every name loads, every mistake of a file is told together, and hashes say what happens."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecumene.errors import InputError, OrderError, OutputError, ShockError
from ecumene.models.shock_events import Event
from ecumene.orders import load_order, order_from_text, reading, strictyaml
from ecumene.orders.schema import OrderFile
from ecumene.security.numbers import asked_for
from ecumene.shocks import Shock, json_schema, load_shock, new_shock, shock_from_text, shock_names
from ecumene.shocks.schema import Course

HEAD = "name: mine\ntitle: Mine\n"
STOP = "capacity: [{economies: DEU, share: 0.5}]\n"
REQUIRED = {
    "pandemic",
    "chip-supply",
    "energy-embargo",
    "grain-failure",
    "port-closure",
    "bank-crash",
    "random",
}


def refused(text: str) -> ShockError:
    with pytest.raises(ShockError) as error:
        shock_from_text(text, "mine.yaml")
    assert str(error.value).startswith("mine.yaml")
    return error.value


def test_the_catalogue_has_the_promised_names_and_nothing_lies_beside_it() -> None:
    assert set(shock_names()) == REQUIRED
    presets = Path(strictyaml.__file__).parents[1] / "shocks" / "presets"
    assert {path.stem for path in presets.glob("*")} == REQUIRED


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_every_named_shock_loads_and_says_what_it_assumes(name: str) -> None:
    shock = load_shock(name)
    assert shock.name == name
    assert shock.title
    assert shock.description
    assert "assum" in shock.note.casefold() or "(" in shock.note  # a source or the word


def test_what_the_names_stand_for() -> None:
    assert load_shock("pandemic").epidemic is not None
    assert load_shock("bank-crash").banks is not None
    assert load_shock("random").chance is not None
    assert {code for rule in load_shock("chip-supply").capacity for code in rule.economies} == {"TWN", "KOR"}
    assert load_shock("energy-embargo").links[0].origin == ("RUS",)
    assert load_shock("port-closure").links[0].directed() == ((("CHN", "SGP", "HKG", "KOR"), ("all",)),)


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(HEAD + STOP, encoding="utf-8")
    assert load_shock(path) == load_shock(str(path)) == shock_from_text(HEAD + STOP)
    with pytest.raises(ShockError, match=r"absent\.yaml"):
        load_shock(tmp_path / "absent.yaml")


@pytest.mark.parametrize(
    ("name", "said"),
    [("pandemics", "did you mean pandemic"), ("nonsense", "the shocks are pandemic, chip-supply")],
)
def test_an_unknown_name_suggests(name: str, said: str) -> None:
    with pytest.raises(ShockError, match=said):
        load_shock(name)


def test_every_problem_of_a_file_is_told_with_line_path_and_remedy() -> None:
    error = refused(
        HEAD + "dayz: 90\n"
        "capacity:\n"
        "  - {economies: DEU, share: 1.5}\n"
        "  - {economies: FRA, share: 0.2, lenght: 3}\n"
        "labour: [{economies: USA}]\n"
    )
    assert "4 problems" in str(error)
    told = " ".join(error.problems)
    for part in ("line 3", "dayz", "line 5", "capacity[0].share", "line 6", "lenght", "labour[0].share"):
        assert part in told, told
    assert len(error.problems) == 4


def test_every_unknown_economy_is_told_with_its_place() -> None:
    error = refused(
        HEAD + "capacity: [{economies: [Germny, FRA], share: 0.5}]\n"
        "links: [{from: Rusia, to: 'union:EUU'}]\n"
        "epidemic: {from: Chna, borders: [{economies: Frnce, share: 1}]}\n"
        "banks: {economies: USB, share: 0.1}\n"
    )
    told = " | ".join(error.problems)
    assert len(error.problems) == 6, told
    assert [problem.split(":")[0] for problem in error.problems] == [f"line {n}" for n in (3, 4, 4, 5, 5, 6)]
    for part in (
        "capacity[0].economies",
        "did you mean Germany (DEU)?",
        "links[0].from",
        "links[0].to",
        "did you mean EU?",
        "epidemic.from",
        "epidemic.borders[0].economies",
        "banks.economies",
    ):
        assert part in told, told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD, "nothing happens"),
        (
            HEAD + "days: 30\ncapacity: [{economies: DEU, share: 0.5, start: 30}]\n",
            "after the horizon of 30 days",
        ),
        (HEAD + "capacity: [{economies: DEU, share: -0.1}]\n", "capacity[0].share"),
        (HEAD + "capacity: [{economies: DEU, share: .nan}]\n", "capacity[0].share"),
        (HEAD + "capacity: [{economies: [], share: 0.1}]\n", "capacity[0].economies"),
        (HEAD + "capacity: [{economies: DEU, share: 0.1, length: 0}]\n", "capacity[0].length"),
        (HEAD + "capacity: [{economies: DEU, share: 0.1, recovery: -1}]\n", "capacity[0].recovery"),
        (
            HEAD + "days: 30\nbanks: {economies: DEU, share: 0.1, start: 30}\n",
            "banks starts on day 30, after the",
        ),
        (HEAD + "days: 0\n" + STOP, "days"),
        (HEAD + "days: 5000\n" + STOP, "days"),
        (HEAD + "links: [{from: DEU}]\n", "'from' and 'to'"),
        (HEAD + "links: [{from: DEU, to: FRA, between: [USA, CHN]}]\n", "'between'"),
        (HEAD + "chance: {}\n", "at least one of industry"),
        (HEAD + "chance: {economy: {per_year: -1, share: [0, 1], days: [1, 2]}}\n", "per_year"),
        (HEAD + "chance: {economy: {per_year: 1, share: [0.5, 0.1], days: [1, 2]}}\n", "smaller number"),
        (
            HEAD + "chance: {economy: {per_year: 1, share: [0.5, 1.1], days: [1, 2]}}\n",
            "chance.economy.share",
        ),
        (HEAD + "chance: {economy: {per_year: 1, share: [0, 1], days: [9, 2]}}\n", "smaller number"),
        (HEAD + "epidemic: {from: CHN, reproduction_number: 0}\n", "reproduction_number"),
        (HEAD + "format: 2\n" + STOP, "format"),
        ("name: My shock\ntitle: x\n" + STOP, "name"),
        ("- capacity\n", "mapping"),
        ("", "mapping"),
        (HEAD + "capacity: [\n", "line"),
        (HEAD + "note: !!python/object/apply:os.system [ls]\n" + STOP, "tags"),
    ],
)
def test_what_cannot_be_is_refused(text: str, said: str) -> None:
    error = refused(text)
    assert said in str(error)
    assert isinstance(error, InputError)  # exit code 2


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (
            "capacity:\n  - {economies: [DEU, FRA], share: 0.6, length: 20}\n"
            "  - {economies: 'union:EU', sectors: vehicles, share: 0.6, start: 10, length: 5}\n",
            "capacity[0], capacity[1]: on day 10 they take 1.2 times what there is of 'vehicles' (DEU)",
        ),
        (
            "labour:\n  - {economies: all, share: 0.7, length: 10, recovery: 10}\n"
            "  - {economies: not FRA, share: 0.7, start: 12}\n",
            "on day 12 they take 1.209 times",  # 0.7 * (1 - 3 / 11) + 0.7
        ),
        (
            "capital: [{economies: USA, share: 0.5, start: 40}]\ncapacity: [{economies: USA, share: 0.6, length: 3}]\n",
            "capacity[0], capital[0]: on day 0 they take 1.1 times",
        ),
        (
            "capital: [{economies: USA, share: 0.5}, {economies: USA, share: 0.6}]\n",
            "capital[0], capital[1]: on day 0",
        ),
        (
            "links: [{between: [DEU, [FRA, ITA]], share: 0.6}, {from: 'region:Europe', to: DEU, share: 0.6}]\n",
            "of 'all' (FRA to DEU)",
        ),
    ],
)
def test_sums_above_one_are_refused_where_the_file_is_read(rules: str, said: str) -> None:
    error = refused(HEAD + rules)
    assert said in str(error), str(error)


@pytest.mark.parametrize(
    "rules",
    [
        "capacity: [{economies: DEU, share: 0.6, length: 9}, {economies: DEU, share: 0.6, start: 9}]\n",
        "capacity: [{economies: DEU, share: 0.6}, {economies: FRA, share: 0.6}]\n",
        "capacity: [{economies: DEU, share: 0.6}]\nlabour: [{economies: DEU, share: 0.6}]\n",
        "demand: [{economies: DEU, sectors: food, share: 0.6}, {economies: DEU, sectors: textiles, share: 0.6}]\n",
        "links: [{from: DEU, to: FRA, share: 0.6}, {from: FRA, to: DEU, share: 0.6}]\n",
        "links: [{from: DEU, to: DEU, share: 0.6}, {from: DEU, to: [DEU, FRA], share: 0.6}]\n",
    ],
)
def test_what_never_meets_may_take_more_than_half_each(rules: str) -> None:
    assert shock_from_text(HEAD + rules)


@settings(max_examples=60, deadline=None)
@given(
    start=st.integers(0, 20), length=st.integers(1, 20), recovery=st.integers(0, 20),
    shape=st.sampled_from(["linear", "exponential"]),
)  # fmt: skip
def test_a_course_stands_as_the_events_of_the_model(
    start: int, length: int, recovery: int, shape: str
) -> None:
    course = Course.model_validate({"start": start, "length": length, "recovery": recovery, "shape": shape})
    event = Event("capacity", np.ones((1, 1)), start, length, float(recovery), shape if recovery else "step")
    np.testing.assert_allclose(
        [course.standing(day) for day in range(80)], event.path(80), rtol=1e-12, atol=0
    )


def test_each_language_knows_a_file_of_the_other(tmp_path: Path) -> None:
    own, others = ({f.alias or n for n, f in kind.model_fields.items()} for kind in (Shock, OrderFile))
    assert own - others >= reading.SHOCKS_ALONE
    assert others - own >= reading.ORDERS_ALONE
    shock, order = tmp_path / "shock.yaml", tmp_path / "order.yaml"
    shock.write_text(HEAD + STOP, encoding="utf-8")
    order.write_text(HEAD + "blocs: {b: {members: DEU, depth: 3}}\n", encoding="utf-8")
    assert load_order(order) and load_shock(shock)
    with pytest.raises(OrderError, match="this is a shock and no order; check it with: ecumene shocks"):
        load_order(shock)
    with pytest.raises(ShockError, match="this is an order and no shock; check it with: ecumene check"):
        load_shock(order)


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (shock_from_text, "sectors: all\n" + STOP, "line 3: sectors: the key 'sectors' does not belong here"),
        (shock_from_text, "capacitys: []\n" + STOP, "unknown key 'capacitys'; did you mean 'capacity'?"),
        (
            shock_from_text,
            "capital: [{economies: DEU, share: 1, length: 3}]\n",
            "here stand economies, sectors, share, start",
        ),
        (shock_from_text, "links: [{frm: DEU, to: FRA}]\n", "unknown key 'frm'; did you mean 'from'?"),
        (
            shock_from_text,
            "epidemic: {from: CHN, borders: [{economies: DEU, share: 1, cases: 3}]}\n",
            "unknown key 'cases'",
        ),
        (
            order_from_text,
            "links: [{between: [DEU, FRA], sectors: goods}]\n",
            "the key 'sectors' does not belong here",
        ),
        (order_from_text, "capacities: 1\n", "unknown key 'capacities'; remove it"),  # a shock's
        (
            order_from_text,
            "blocs: {b: {member: DEU, depth: 3}}\n",
            "unknown key 'member'; did you mean 'members'?",
        ),
    ],
)
def test_an_unknown_key_is_compared_with_those_that_may_stand_there(read, text: str, said: str) -> None:
    with pytest.raises(OrderError) as error:
        read(HEAD + text)
    assert said in str(error.value)


def test_a_copy_of_a_shock_is_whole_named_as_its_file_and_never_over_another(tmp_path: Path) -> None:
    made = new_shock("pandemic", tmp_path / "mine.yaml")
    assert load_shock(made).name == "mine"
    assert load_shock(made).epidemic == load_shock("pandemic").epidemic
    assert made.read_text(encoding="utf-8").startswith("#")
    with pytest.raises(OutputError, match="is not overwritten"):
        new_shock("pandemic", made)
    with pytest.raises(ShockError, match="did you mean pandemic"):
        new_shock("pandemics", tmp_path / "x.yaml")
    with pytest.raises(ShockError, match=r"must end in \.yaml"):
        new_shock("pandemic", tmp_path / "x.txt")
    with pytest.raises(ShockError, match="no file may be named 'random'"):
        new_shock("random", tmp_path / "random.yaml")
    assert load_shock(new_shock("random", tmp_path / "luck.yaml")).name == "luck"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["luck.yaml", "mine.yaml"]


def test_the_name_of_the_accidents_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "random.yaml"
    path.write_text("name: random\ntitle: Mine\n" + STOP, encoding="utf-8")
    with pytest.raises(ShockError, match="'random' is the name of the accidents that come with Ecumene"):
        load_shock(path)
    taken = Shock.model_validate(
        {"name": "random", "title": "t", "capacity": [{"economies": "DEU", "share": 1}]}
    )
    with pytest.raises(InputError, match="give your shock another name"):
        asked_for([taken], 4, 0)
    assert asked_for([taken], 0, 0)[1] is None


def test_the_hash_says_what_happens_and_nothing_else() -> None:
    plain = shock_from_text(HEAD + STOP)
    worded = shock_from_text("name: mine\ntitle: Other\ndescription: d\nnote: n\n" + STOP)
    assert plain.hash == worded.hash
    assert len(plain.hash) == 64
    others = [
        HEAD + STOP.replace("0.5", "0.4"),
        HEAD + STOP.replace("DEU", "FRA"),
        HEAD + "days: 90\n" + STOP,
        HEAD + STOP.replace("0.5}", "0.5, length: 31}"),
    ]
    assert len({plain.hash, *(shock_from_text(text).hash for text in others)}) == 5
    assert shock_from_text(HEAD + STOP.replace("0.5}", "0.5, length: 30}")).hash == plain.hash  # the default


def test_a_shock_cannot_be_changed_in_place() -> None:
    shock = load_shock("chip-supply")
    with pytest.raises(Exception, match="frozen"):
        shock.days = 3  # type: ignore[misc]


def _keys(schema: dict) -> set[str]:
    found = set(schema.get("properties", {}))
    for part in schema.get("$defs", {}).values():
        found |= set(part.get("properties", {}))
    return found


def test_the_json_schema_names_every_key_of_the_language() -> None:
    schema = json.loads(json.dumps(json_schema()))
    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {"name", "title"}
    assert set(schema["properties"]) == set(Shock.model_fields)
    assert {"from", "to", "between", "after_cases", "per_year"} <= _keys(schema)
    assert "origin" not in _keys(schema)  # files write `from`
    names = {part["$ref"].rpartition("/")[2] for part in _refs(schema)}
    assert names <= set(schema["$defs"])


def _refs(node: object) -> list[dict]:
    if isinstance(node, dict):
        own = [node] if "$ref" in node else []
        return own + [found for part in node.values() for found in _refs(part)]
    return [found for part in node for found in _refs(part)] if isinstance(node, list) else []


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_every_named_shock_obeys_the_json_schema(name: str) -> None:
    schema = json_schema()
    text = (Path(strictyaml.__file__).parents[1] / "shocks" / "presets" / f"{name}.yaml").read_text("utf-8")
    _obeys(strictyaml.parse(text, name), schema, schema["$defs"], name)


def _obeys(data: object, schema: dict, parts: dict, where: str) -> None:
    """The part of JSON Schema that the language uses."""
    if "$ref" in schema:
        schema = parts[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        failures = []
        for option in schema["anyOf"]:
            try:
                return _obeys(data, option, parts, where)
            except AssertionError as error:
                failures.append(str(error))
        raise AssertionError(f"{where}: {failures}")
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": (int, float),
        "null": type(None),
    }
    if "type" in schema:
        assert isinstance(data, kinds[schema["type"]]), f"{where} is {data!r}, not {schema['type']}"
    if "const" in schema:
        assert data == schema["const"], where
    if "enum" in schema:
        assert data in schema["enum"], where
    if isinstance(data, int | float):
        assert schema.get("minimum", data) <= data <= schema.get("maximum", data), where
    if isinstance(data, dict):
        assert set(schema.get("required", [])) <= set(data), where
        for key, value in data.items():
            assert key in schema["properties"], f"{where}.{key} is no key"
            _obeys(value, schema["properties"][key], parts, f"{where}.{key}")
    if isinstance(data, list):
        for i, value in enumerate(data):
            items = schema.get("prefixItems", [])
            _obeys(value, items[i] if i < len(items) else schema.get("items", {}), parts, f"{where}[{i}]")
    return None
