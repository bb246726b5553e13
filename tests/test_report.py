"""A report: its numbers are the result's, its texts cannot break it, and it asks the network for nothing."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import missing
from hypothesis import given
from hypothesis import strategies as st
from shell import ecumene
from small_world import make_world

import ecumene as ec
from ecumene.cli import main
from ecumene.cli.tables import comparison_tables
from ecumene.errors import InputError, OutputError
from ecumene.orders import order_from_text
from ecumene.report import document as documents
from ecumene.report.content import content, rounded

PAGE = Path(documents.__file__).parent / "page" / "report.html"
ORDERS = ("today", "two-blocs", "self-sufficient")
STUB = f'<!doctype html><script type="application/json" id="ecumene-result">{documents.PLACE}</script><p>after</p>'
NASTY = "</script><script>alert(1)</script><!-- & \u2028 &lt;"


@pytest.fixture(scope="module")
def comparison() -> ec.Comparison:
    return ec.compare(make_world(missing=("GEO", "Manufactures")), ORDERS, why=True)


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of one line, so that these tests need no Node."""
    monkeypatch.setattr(documents, "built_page", lambda: STUB)


@pytest.fixture
def built() -> str:
    """The page as it is built."""
    if not PAGE.is_file():
        missing("the built page (`make page`)")
    return PAGE.read_text(encoding="utf-8")


class Elements(HTMLParser):
    """Every element with its attributes, and the text of data elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.data = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][1].get("id") == "ecumene-result":
            self.data += data


def _numbers(text: str) -> dict[str, Any]:
    return json.loads(Elements(text).data.partition("</script>")[0])


def test_numbers_are_those_of_the_result(comparison: ec.Comparison, stub: None) -> None:
    shown = _numbers(documents.document(comparison))
    assert shown["economies"] == list(comparison.data["economy"].values)
    assert shown["hash"] == comparison.hash
    assert set(comparison.data.data_vars) - set(shown["variables"]) == {
        "gain_by_partner",
        "gain_by_sector",
        "real_income_draws",
        "real_income_without_missing_draws",
    }
    for name, variable in shown["variables"].items():
        expected = comparison.data[name].transpose(*variable["dims"])
        assert variable["units"] == expected.attrs["units"]
        values = np.array(variable["values"], dtype=float)  # null becomes nan
        np.testing.assert_allclose(values, expected.values, rtol=5.1e-6, atol=3e-9, equal_nan=True)


def test_a_number_that_does_not_exist_is_null_and_not_zero() -> None:
    assert rounded(np.array([[0.0, np.nan], [np.inf, -1234567.8]])) == [[0, None], [None, -1234570]]


@given(st.lists(st.floats(-1e15, 1e15) | st.floats(-10, 10), min_size=1, max_size=20))
def test_numbers_are_shown_with_six_significant_digits(numbers: list[float]) -> None:
    for number, shown in zip(numbers, rounded(np.array(numbers)), strict=True):
        assert shown == pytest.approx(number, rel=5.0001e-6, abs=1e-299)
        assert shown == float(f"{shown:.6g}") or abs(number) < 1e-15


def test_partners_and_sectors_shown_are_the_largest(comparison: ec.Comparison, stub: None) -> None:
    shown = _numbers(documents.document(comparison))
    for key, name in (("partners", "gain_by_partner"), ("sectors", "gain_by_sector")):
        gains = comparison.data[name].transpose("order", "economy", ...).values
        for order, economies in enumerate(shown[key]):
            for economy, parts in enumerate(economies):
                row = gains[order, economy]
                expected = [
                    place for place in np.argsort(-abs(row), kind="stable")[:8] if abs(row[place]) >= 0.005
                ]
                assert [place for place, _ in parts] == expected
                np.testing.assert_allclose([value for _, value in parts], row[expected], rtol=5.1e-4)


def test_an_app_is_told_every_sector_of_every_economy(comparison: ec.Comparison) -> None:
    shown = content(comparison, all_sectors=True)
    gains = comparison.data["gain_by_sector"].transpose("order", "economy", ...).values
    for order, economies in enumerate(shown["sectors"]):
        for economy, parts in enumerate(economies):
            assert sorted(place for place, _ in parts) == list(range(len(comparison.data["sector"])))
            for place, value in parts:
                np.testing.assert_allclose(value, gains[order, economy, place], rtol=5.1e-4)


def test_a_gain_that_is_a_kept_surplus_is_said_in_the_words_of_the_table() -> None:
    alone = order_from_text("name: alone\ntitle: Alone\nclose: [all]\ndeficits: fixed\n")
    result = ec.compare(make_world(), ["self-sufficient", alone], draws=0)
    assert content(result)["transfers_ended"] == ["alone"]
    tables = comparison_tables(result, make_world(), [])
    (said,) = {note for table in tables for note in table.footnotes if "surplus" in note}
    words = (Path(__file__).parents[1] / "web-ui" / "src" / "text" / "en.ts").read_text(encoding="utf-8")
    assert said.replace("In alone ", "In ${orders} ") in words


def test_a_single_run_is_a_report_of_one_order(stub: None) -> None:
    shown = _numbers(documents.document(ec.run(make_world(), "two-blocs")))
    assert [order["name"] for order in shown["orders"]] == ["two-blocs"]
    assert "alliance treaties" in shown["orders"][0]["description"]
    assert shown["partners"] is None


def test_an_order_that_is_no_preset_keeps_its_own_words_only(stub: None) -> None:
    preset = ec.load_order("two-blocs")
    for changes in ({"title": "Mine"}, {"layers": preset.layers[:0]}):
        changed = preset.model_copy(update=changes)
        shown = content(ec.run(make_world(), changed))
        assert shown["orders"] == [
            {"name": "two-blocs", "title": changed.title, "description": "", "note": ""}
        ]


def test_no_text_can_end_the_data(stub: None) -> None:
    order = ec.load_order("two-blocs").model_copy(update={"title": NASTY})
    text = documents.document(ec.run(make_world(source=NASTY), order))
    elements = Elements(text)
    assert [tag for tag, _ in elements.found] == ["script", "p"]
    shown = _numbers(text)
    assert shown["orders"][0]["title"] == NASTY
    assert shown["provenance"][0]["world_source"] == NASTY
    assert not set("<>&\u2028") & set(elements.data.partition("</script>")[0])


def test_the_same_result_makes_the_same_file(comparison: ec.Comparison, stub: None, tmp_path: Path) -> None:
    one, other = (ec.write_report(comparison, tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert one == other


def test_too_much_for_one_file_leaves_out_the_largest_and_names_them(
    comparison: ec.Comparison, stub: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = len(documents.document(comparison))
    monkeypatch.setattr(documents, "LIMIT", whole - 1)
    text = documents.document(comparison)
    shown = _numbers(text)
    assert len(text.encode()) < whole
    assert shown["left_out"]
    assert not set(shown["left_out"]) & set(shown["variables"])
    assert {*shown["left_out"], *shown["variables"]} == set(content(comparison)["variables"])
    monkeypatch.setattr(documents, "LIMIT", 3000)
    with pytest.raises(InputError, match=r"3 orders and 6 economies .* compare fewer orders"):
        documents.document(comparison)


def test_another_kind_of_result_is_refused(stub: None) -> None:
    with pytest.raises(InputError, match="runs and comparisons of orders, not a Sovereignty"):
        ec.write_report(ec.sovereignty(make_world()), "never.html")
    with pytest.raises(InputError, match=r"never.pdf must end in .html"):
        ec.write_report(ec.run(make_world(), "today"), "never.pdf")
    assert not Path("never.html").exists()


def test_a_page_that_is_not_built_is_an_error_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(documents.resources, "files", lambda name: tmp_path)
    documents.built_page.cache_clear()
    with pytest.raises(OutputError, match="make page"):
        documents.built_page()
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "report.html").write_text(STUB + STUB)
    with pytest.raises(OutputError, match="no place for its numbers"):
        documents.built_page()


def test_the_page_asks_for_nothing_from_elsewhere(built: str) -> None:
    elements = Elements(built).found
    addresses = [
        value
        for tag, attributes in elements
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "data", "action", "poster") and tag != "a"
    ]
    assert [address for address in addresses if address != "data:,"] == []
    policy = next(a["content"] for tag, a in elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert not re.search(r"https?:|\*|unsafe-eval|connect-src", policy)
    styles = "".join(re.findall(r"<style.*?</style>", built, flags=re.S))
    assert styles
    assert not re.search(r"@import|url\(", styles)
    assert built.count(documents.PLACE) == 1


def test_notices_of_what_the_page_holds_lie_beside_it(built: str) -> None:
    notices = PAGE.with_name("NOTICES.txt").read_text(encoding="utf-8")
    for name in (
        "react-dom",
        "@observablehq/plot",
        "d3-geo",
        "topojson-client",
        "Natural Earth",
        "Unicode CLDR",
    ):
        assert name in notices
    assert not re.search(r"\((A?GPL|LGPL)", notices)


def test_the_command_writes_a_report_beside_a_result(
    comparison: ec.Comparison, built: str, tmp_path: Path
) -> None:
    comparison.save(tmp_path / "saved.nc")
    done = ecumene("report", tmp_path / "saved.nc", "-o", tmp_path / "named.html")
    assert done.returncode == 0, done.stderr
    assert f"wrote {tmp_path / 'named.html'}" in done.stderr
    assert main(["report", str(tmp_path / "saved.nc"), "--quiet"]) == 0
    text = (tmp_path / "named.html").read_text(encoding="utf-8")
    assert text == (tmp_path / "saved.html").read_text(encoding="utf-8")
    assert _numbers(text)["hash"] == comparison.hash


def test_compare_writes_a_report_with_reasons(built: str, tmp_path: Path) -> None:
    make_world().save(tmp_path / "world")
    out = ("--report", tmp_path / "orders.html", "--netcdf", tmp_path / "orders.nc")
    done = ecumene("compare", "--world", tmp_path / "world", "--orders", "today,open", *out)
    assert done.returncode == 0, done.stderr
    assert "orders.html" in done.stderr
    shown = _numbers((tmp_path / "orders.html").read_text(encoding="utf-8"))
    saved = ec.load_result(tmp_path / "orders.nc")
    assert shown["hash"] == saved.hash
    assert "gain_by_cause" in shown["variables"]


def test_bad_input_leaves_nothing_behind(
    built: str, comparison: ec.Comparison, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = comparison.save(tmp_path / "saved.nc")
    (tmp_path / "text.nc").write_text("no result")
    for arguments, word in (
        (["report", tmp_path / "absent.nc"], "absent.nc"),
        (["report", tmp_path / "text.nc", "-o", tmp_path / "a.html"], "text.nc"),
        (["report", saved, "-o", tmp_path / "a.pdf"], "must end in .html"),
        (["compare", "--report", tmp_path / "a.txt"], "must end in .html"),
    ):
        assert main([str(argument) for argument in arguments]) == 2
        assert word in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["saved.nc", "text.nc"]
