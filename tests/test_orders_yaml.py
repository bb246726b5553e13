"""Orders from YAML: hostile and mistaken files, all problems at once, composition, copies."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecumene.errors import InputError, OrderError, OutputError
from ecumene.orders import (
    check_order,
    json_schema,
    load_order,
    names,
    new_order,
    order_from_text,
    preset_names,
    strictyaml,
)
from ecumene.orders.schema import Order, OrderFile

HEAD = "name: mine\ntitle: Mine\n"
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, ["line 1", "anchors"]),
        (HEAD + "note: !!python/object/apply:os.system [ls]\n", ["line 3", "tags"]),
        (HEAD + "note: !mine x\n", ["line 3", "tags"]),
        (HEAD + "title: Other\n", ["line 3", "'title' stands twice", "line 2"]),
        (HEAD + "<<: {note: x}\n", ["line 3", "merge"]),
        (HEAD + "note: [\n", ["line 4"]),
        (HEAD + "note: " + "[" * 60 + "]" * 60 + "\n", ["line 3", "deep"]),
        (HEAD + "note: 2020-13-45\n", ["quotes"]),
        (HEAD + "note: \x00\n", ["not readable as YAML"]),
        (HEAD + "--- \nx: 1\n", ["another document"]),
        ("- a\n", ["mapping"]),
        ("", ["mapping"]),
        ("x" * 1_000_001, ["more than 1000000"]),
    ],
)
def test_hostile_yaml_is_refused_with_a_place(text: str, said: list[str]) -> None:
    with pytest.raises(OrderError) as error:
        order_from_text(text, "mine.yaml")
    assert "mine.yaml" in str(error.value)
    for part in said:
        assert part in str(error.value)


ORDERS = Path(strictyaml.__file__).parent


@pytest.mark.parametrize("path", sorted(ORDERS.rglob("*.yaml")), ids=lambda path: path.name)
def test_packaged_files_read_the_same_by_both_parsers(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert strictyaml.parse(text, path.name, packaged=True) == strictyaml.parse(text, path.name)


def test_the_fast_parser_is_as_strict() -> None:
    for text in (BOMB, "a: !mine x\n", "a: 1\na: 2\n", "a: " + "[" * 60 + "]" * 60, "<<: {a: 1}\n"):
        with pytest.raises(OrderError, match=r"not allowed|twice|deep"):
            strictyaml.parse(text, "packaged", packaged=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("blocs: {west: {members: [Germny], depth: 2}}", "did you mean Germany (DEU)?"),
        ("blocs: {west: {members: [NATO], depth: 2}}", "write union:NATO"),
        ("blocs: {west: {members: ['union:NATOO'], depth: 2}}", "did you mean NATO?"),
        ("blocs: {west: {members: ['region:Afrika'], depth: 2}}", "did you mean region:Africa?"),
        ("blocs: {west: {members: ['union:EU@2019-13-01'], depth: 2}}", "no such date"),
        ("blocs: {west: {members: [west], depth: 2}}", "contains itself"),
        ("blocs: {west: {members: [rest], depth: 2}}", "'rest' means"),
        ("blocs: {deu: {members: [FRA], depth: 2}}", "choose another"),
        ("blocs: {west: {members: [FRA], depth: 7}}", "less than or equal to 6"),
        ("blocs: {west: {members: [FRA], depth: two}}", "whole number"),
        ("blocs: {west: {members: [FRA], depth: 1, external_tariff: common}}", "depth 3 or more"),
        ("bloc: {}", "did you mean 'blocs'?"),
        ("tariffs: [{on: DEU, from: USA, rate: 5}]", "unknown key 'rate'"),
        ("tariffs: [{on: DEU, from: USA}]", "exactly one of"),
        ("tariffs: [{on: DEU, from: USA, rate_percent: -100}]", "greater than -100"),
        ("tariffs: [{on: DEU, from: USA, rate_percent: .nan}]", "finite"),
        ("links: [{from: DEU, to: USA, depth: 2}]", "symmetric"),
        ("links: [{between: [DEU], depth: 2}]", "between"),
        ("barriers: [{between: [DEU, USA]}]", "exactly one of"),
        ("embargoes: [{from: DEU}]", "exactly one of"),
        ("dissolve: [EUU]", "did you mean EU?"),
        ("leave: {EUU: [GBR]}", "did you mean EU?"),
        ("dissolve: EU\njoin: {EU: [GEO]}", "keep one of the two"),
        ("close: [Germny]", "Germany (DEU)"),
        ("extends: two-block", "did you mean two-blocs?"),
        ("deficits: none", "'zero', 'fixed' or 'proportional'"),
        ("format: 2", "format"),
    ],
)
def test_mistakes_are_named_with_a_remedy(text: str, said: str) -> None:
    with pytest.raises(OrderError) as error:
        order_from_text(HEAD + text)
    assert said in str(error.value)


def test_every_problem_is_reported_together_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "name: Bad Name\ntitel: x\nblocs:\n  west:\n    members: []\n    depth: 9\nlinks:\n  - {depth: 1}\n"
    )
    problems = check_order(file)
    assert len(problems) == 6
    text = "\n".join(problems)
    for part in (
        "line 1: name",
        "line 2: titel",
        "title",
        "line 5: blocs.west.members",
        "line 6: blocs.west.depth",
    ):
        assert part in text
    assert "line 8: links[0]" in text


def test_names_are_checked_together() -> None:
    with pytest.raises(OrderError) as error:
        order_from_text(HEAD + "close: [Germny, Frence]\ndissolve: [EUU]")
    assert len(error.value.problems) == 3


@pytest.mark.parametrize("name", ["no-such", "no/such.yaml", "no-such.yaml"])
def test_a_missing_order_is_an_input_error(name: str) -> None:
    with pytest.raises(InputError):
        load_order(name)


def test_unreadable_bytes(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes(b"name: \xff\xfe")
    with pytest.raises(OrderError, match="UTF-8"):
        load_order(file)
    with pytest.raises(OrderError, match="cannot be read"):
        load_order(tmp_path / "folder.yaml")


@pytest.mark.parametrize("name", preset_names())
def test_presets_load_pass_their_check_and_explain_themselves(name: str) -> None:
    order = load_order(name)
    assert order.name == name
    assert order.title
    assert order.description
    assert order.note
    assert check_order(name) == []


def test_documented_order_of_presets() -> None:
    assert preset_names()[:4] == ("today", "open", "two-blocs", "multipolar")
    assert len(set(preset_names())) == 12


def test_hash_depends_on_rules_only(tmp_path: Path) -> None:
    one = order_from_text(HEAD + "close: DEU")
    same = order_from_text("name: other\ntitle: Other\nnote: words\nclose: [DEU]")
    assert one.hash == same.hash
    assert one.hash != order_from_text(HEAD + "close: FRA").hash
    assert len({load_order(n).hash for n in preset_names()}) == 12


def test_orders_are_frozen() -> None:
    order = load_order("today")
    with pytest.raises(ValueError, match="frozen"):
        order.name = "other"  # type: ignore[misc]


def test_extends_adds_layers_and_names_them(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: a\ntitle: A\nextends: two-blocs\nclose: ROW\ndeficits: zero\n")
    (tmp_path / "b.yaml").write_text(
        "name: b\ntitle: B\nextends: a.yaml\nchanges:\n  - {what: one, close: DEU}\n  - {close: FRA}\n"
    )
    order = load_order(tmp_path / "b.yaml")
    assert [layer.label for layer in order.layers] == ["two-blocs: ", "a: ", "changes[0].", "changes[1]."]
    assert order.deficits == "zero"
    assert order.name == "b"


def test_circles_and_broken_parents(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: a\ntitle: A\nextends: b.yaml\n")
    (tmp_path / "b.yaml").write_text("name: b\ntitle: B\nextends: a.yaml\n")
    with pytest.raises(OrderError, match="circle"):
        load_order(tmp_path / "a.yaml")
    (tmp_path / "b.yaml").write_text("name: b\n")
    with pytest.raises(OrderError, match="'title' is missing"):
        load_order(tmp_path / "a.yaml")


def test_text_may_extend_presets_but_no_files(tmp_path: Path) -> None:
    assert len(order_from_text(HEAD + "extends: two-blocs").layers) == 1
    (tmp_path / "a.yaml").write_text("name: a\ntitle: A\n")
    with pytest.raises(OrderError, match="only presets"):
        order_from_text(HEAD + f"extends: {tmp_path}/a.yaml")


def test_new_copies_a_preset_once(tmp_path: Path) -> None:
    made = new_order("two-blocs", tmp_path / "mine.yaml")
    assert load_order(made).hash == load_order("two-blocs").hash
    assert made.read_text().startswith("#")
    with pytest.raises(OutputError, match="not overwritten"):
        new_order("today", made)
    with pytest.raises(OrderError, match="did you mean today"):
        new_order("todya", tmp_path / "x.yaml")
    assert [p.name for p in tmp_path.iterdir()] == ["mine.yaml"]


def test_json_schema_is_plain_json_and_closed() -> None:
    schema = json.loads(json.dumps(json_schema()))
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == {f.alias or n for n, f in OrderFile.model_fields.items()}
    assert "from" in schema["$defs"]["Tariff"]["properties"]


def test_reading_orders_loads_no_numerical_library() -> None:
    load = "import sys, ecumene.orders as o; o.load_order('today')"
    code = load + "; print({'jax', 'xarray', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_yes_no_and_on_are_words() -> None:
    order = order_from_text(HEAD + "economies: [NO, YES]\nclose: [NO, YES]")
    assert isinstance(order, Order)
    assert order.layers[0].close == ("NO", "YES")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_an_order_or_an_order_error(text: str) -> None:
    try:
        order_from_text(text)
    except OrderError as error:
        assert str(error)


def test_a_name_that_stands_often_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search for the nearest name is slow; every place is named all the same."""
    asked: list[str] = []
    suggest = names.countries.suggestion
    monkeypatch.setattr(names.countries, "suggestion", lambda name: asked.append(name) or suggest(name))
    rules = "".join("- {between: [Atlantis, FRA], depth: 2}\n" for _ in range(50))
    with pytest.raises(OrderError) as error:
        order_from_text(HEAD + "links:\n" + rules)
    assert len(error.value.problems) == 50
    assert asked == ["Atlantis"]
