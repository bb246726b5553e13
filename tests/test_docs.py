"""The documentation's own gates: an example or a formula that fails stops the build."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

DOCS = Path(__file__).parents[1] / "docs"
PAGE = SimpleNamespace(file=SimpleNamespace(src_uri="page.md"))


def _hook(name: str) -> ModuleType:
    pytest.importorskip("mkdocs")
    pytest.importorskip("latex2mathml")
    spec = importlib.util.spec_from_file_location(f"docs_hook_{name}", DOCS / "hooks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_examples_show_what_they_print_and_share_names() -> None:
    page = "```python exec\nx = 2\nprint('one')\n```\n\ntext\n\n```python exec\nx + 1\n```\n"
    shown = _hook("examples").on_page_markdown(page, PAGE)
    assert "```text\none\n```" in shown
    assert "```text\n3\n```" in shown
    assert "exec" not in shown


def test_shell_examples_show_their_transcript() -> None:
    shown = _hook("examples").on_page_markdown("```console exec\n$ echo two\n```\n", PAGE)
    assert "$ echo two\ntwo" in shown


def test_progress_is_no_part_of_a_transcript_but_a_failure_is() -> None:
    hook = _hook("examples")
    assert "solving" not in hook.on_page_markdown("```console exec\n$ printf solv%s ing >&2\n```\n", PAGE)
    failing = "```console exec exit=2\n$ printf 'no such %s' order >&2; exit 2\n```\n"
    assert "\nno such order" in hook.on_page_markdown(failing, PAGE)


def test_a_displayed_formula_can_scroll() -> None:
    page = r'<div class="arithmatex">\[x_n = y_n\]</div>'
    shown = _hook("maths").on_page_content(page, PAGE)
    assert shown.startswith('<div class="formula"><math')
    css = (DOCS / "stylesheets" / "extra.css").read_text()
    assert "overflow-x: auto" in css.partition(".formula")[2].partition("}")[0]


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("```python exec\n1 / 0\n```\n", "ZeroDivisionError"),
        ("```python exec\nif\n```\n", "SyntaxError"),
        ("```console exec\n$ exit 3\n```\n", "left with 3, not 0"),
        ("```console exec exit=2\n$ true\n```\n", "left with 0, not 2"),
    ],
)
def test_a_failing_example_stops_the_build(page: str, message: str) -> None:
    hook = _hook("examples")
    with pytest.raises(hook.PluginError, match=message):
        hook.on_page_markdown(page, PAGE)


def test_formulas_become_mathml() -> None:
    shown = _hook("maths").on_page_content(r'<p><span class="arithmatex">\(x_n\)</span></p>', PAGE)
    assert "<math" in shown
    assert "arithmatex" not in shown


@pytest.mark.parametrize(
    ("formula", "message"), [("x_1_2", "cannot be read"), (r"\nonsense x", "unknown command")]
)
def test_a_broken_formula_stops_the_build(formula: str, message: str) -> None:
    hook = _hook("maths")
    with pytest.raises(hook.PluginError, match=message):
        hook.on_page_content(rf'<span class="arithmatex">\({formula}\)</span>', PAGE)


def test_nothing_in_the_configuration_names_another_host() -> None:
    text = (DOCS.parent / "mkdocs.yml").read_text()
    assert not re.findall(r"https?://", text)
    assert "font: false" in text
