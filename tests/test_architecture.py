"""The page on architecture is true: its modules exist, all are listed, and imports point one way."""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
MODELS, GROUND = 5, 1


def _layers(page: str) -> dict[str, int]:
    """Layer number of every module that the page lists, by its path."""
    found: dict[str, int] = {}
    parts = re.split(r"^### (\d+)\. .*$", page, flags=re.M)
    for number, text in zip(parts[1::2], parts[2::2], strict=True):
        for path in re.findall(r"^\| `(ecumene/[\w/]+\.py)` \|", text, flags=re.M):
            assert path not in found, f"{path} is listed twice"
            found[path] = int(number)
    return found


LAYERS = _layers(PAGE)
FILES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "ecumene").rglob("*.py"))


class Import(NamedTuple):
    """One import of the package by itself; `late` where it runs inside a function."""

    target: str
    line: int
    late: bool


def _file_of(module: str) -> str | None:
    path = ROOT.joinpath(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return str(candidate.relative_to(ROOT))
    return None


def _imports(source: str) -> Iterator[Import]:
    """Imports that run; those for type checkers only do not."""

    def visit(node: ast.AST, late: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                for other in child.orelse:
                    yield from visit(other, late)
                continue
            names: list[str] = []
            if isinstance(child, ast.Import):
                names = [alias.name for alias in child.names]
            elif isinstance(child, ast.ImportFrom) and child.module and child.level == 0:
                # `from package import name` may name a module of the package.
                inside = [f"{child.module}.{alias.name}" for alias in child.names]
                names = [full if _file_of(full) else child.module for full in inside]
            for name in dict.fromkeys(names):
                target = _file_of(name) if name.split(".")[0] == "ecumene" else None
                if target is not None:
                    yield Import(target, child.lineno, late)
            yield from visit(child, late or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))

    yield from visit(ast.parse(source), False)


def _wrong(path: str, source: str) -> list[str]:
    """Imports of a file that point the wrong way, as sentences."""
    here = LAYERS.get(path, 0)
    wrong = []
    for target, line, late in _imports(source):
        there = LAYERS.get(target, 0)
        if target == "ecumene/__init__.py":  # the version; public names load on first use
            continue
        if not here or not there:
            wrong.append(f"{path}:{line}: docs/architecture.md does not list {target if here else path}")
        elif here == MODELS and there not in (GROUND, MODELS):
            wrong.append(f"{path}:{line}: models see arrays, not {target}")
        elif there > here:
            wrong.append(f"{path}:{line}: layer {here} imports {target} of layer {there}{' late' * late}")
    return wrong


def test_the_page_lists_every_module_and_nothing_else() -> None:
    assert sorted(LAYERS) == FILES


@pytest.mark.parametrize("path", FILES)
def test_imports_point_one_way(path: str) -> None:
    assert _wrong(path, (ROOT / path).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("path", "line", "sentence"),
    [
        ("ecumene/models/trade.py", "from ecumene.world import World", "models see arrays"),
        ("ecumene/models/core.py", "def f():\n    from ecumene.orders import apply", "models see arrays"),
        ("ecumene/world.py", "import ecumene.runs", "layer 2 imports ecumene/runs.py of layer 6"),
        ("ecumene/orders/policy.py", "from ecumene.sources import wiod", "imports ecumene/sources/wiod.py"),
        ("ecumene/results.py", "def f():\n    import ecumene.cli.app", "of layer 7 late"),
    ],
)
def test_the_gate_sees_an_import_that_points_the_wrong_way(path: str, line: str, sentence: str) -> None:
    assert any(sentence in found for found in _wrong(path, line))


def test_the_gate_lets_types_pass() -> None:
    line = "if TYPE_CHECKING:\n    from ecumene.world import World\n"
    assert _wrong("ecumene/models/trade.py", line) == []


def test_no_circle_of_imports() -> None:
    graph = {
        path: {
            found.target
            for found in _imports((ROOT / path).read_text(encoding="utf-8"))
            if not found.late and found.target != path and not found.target.endswith("__init__.py")
        }
        for path in FILES
    }
    assert len(list(graphlib.TopologicalSorter(graph).static_order())) == len(FILES)


def test_only_runs_brings_a_world_an_order_and_the_models_together() -> None:
    def parts(path: str) -> set[str]:
        targets = {found.target for found in _imports((ROOT / path).read_text(encoding="utf-8"))}
        return {kind for kind in ("models", "orders") for target in targets if f"/{kind}/" in target}

    together = {path for path in FILES if parts(path) == {"models", "orders"} and "/cli/" not in path}
    assert together == {"ecumene/runs.py"}


@pytest.mark.parametrize("path", FILES)
def test_no_file_is_too_long(path: str) -> None:
    assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) <= 500
