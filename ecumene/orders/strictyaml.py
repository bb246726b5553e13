"""Reading YAML that strangers wrote: no tags, anchors or duplicate keys, a size limit, errors with a line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from ecumene.errors import OrderError
from ecumene.files import plain_file

MAX_BYTES = 1_000_000
MAX_DEPTH = 30
SHORT = "such a file is a short text"

_FastLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # absent where PyYAML lacks libyaml


class _Strict(Composer, SafeConstructor, Resolver):
    """The strict half of a loader, which knows only plain scalars, lists and mappings; events come from a parser."""

    depth = 0
    peek_event: Callable[[], Any]

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()
        mark = event.start_mark
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.MarkedYAMLError(
                None, None, "anchors (&) and aliases (*) are not allowed; write it out", mark
            )
        if getattr(event, "tag", None):
            raise yaml.MarkedYAMLError(
                None, None, f"tags such as {event.tag} are not allowed; remove it", mark
            )
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(None, None, f"nested more than {MAX_DEPTH} deep; flatten it", mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(None, None, "a key must be a word", key_node.start_mark)
            if key_node.value == "<<":
                raise yaml.MarkedYAMLError(None, None, "merge keys (<<) are not allowed", key_node.start_mark)
            key = self.construct_object(key_node)
            if key in seen:
                text = f"the key '{key}' stands twice, first in line {seen[key]}; keep one"
                raise yaml.MarkedYAMLError(None, None, text, key_node.start_mark)
            seen[key] = line
        return super().construct_mapping(node, deep=deep)


# NO and ON are words here (Norway's domain, the tariff key `on`): only true and false are booleans. Numbers are as in
# YAML 1.2: 1:30, 0x10, 010 and 1_0 are words, where older YAML reads 90, 16, 8 and 10; 1e3 is a number.
_PLAIN: dict[str, tuple[str, re.Pattern[str]]] = {
    "tag:yaml.org,2002:bool": ("tTfF", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")),
    "tag:yaml.org,2002:int": ("-+0123456789", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$")),
    "tag:yaml.org,2002:float": (
        "-+.0123456789",
        re.compile(
            r"^(?:[-+]?(?:(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)"
            r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
        ),
    ),
}
_Strict.yaml_implicit_resolvers = {
    first: [(tag, rx) for tag, rx in pairs if tag not in _PLAIN and tag != "tag:yaml.org,2002:merge"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, (_firsts, _pattern) in _PLAIN.items():
    for _first in _firsts:
        _Strict.yaml_implicit_resolvers.setdefault(_first, []).append((_tag, _pattern))


class _StrictLoader(_Strict, yaml.SafeLoader):
    """For texts of strangers: the parser whose messages name what is wrong."""

    def __init__(self, text: str) -> None:
        yaml.SafeLoader.__init__(self, text)


class _PackagedLoader(_Strict, _FastLoader):
    """For files of this package: the fast parser where it is there; its messages are poorer."""

    def __init__(self, text: str) -> None:
        _FastLoader.__init__(self, text)
        Composer.__init__(self)


def parse(text: str, name: str, *, packaged: bool = False) -> Any:
    """The plain data of a YAML text; `packaged` says that it comes with Ecumene and is known to be right.

    Errors: OrderError with file, line and remedy for tags, anchors, duplicate keys, size or bad syntax.
    """
    if len(text) > MAX_BYTES:
        raise OrderError(f"{name}: {len(text)} characters, more than {MAX_BYTES}; {SHORT}")
    loader = None
    try:
        loader = (_PackagedLoader if packaged else _StrictLoader)(text)
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"
        raise OrderError(f"{name}, {where}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise OrderError(f"{name}: not readable as YAML ({' '.join(str(error).split())})") from None
    except (ValueError, RecursionError) as error:
        raise OrderError(f"{name}: a value cannot be read ({error}); put it in quotes") from None
    finally:
        if loader is not None:
            loader.dispose()


def read_text(path: Path) -> str:
    """The text of a plain file; OrderError where it is missing, unreadable, another thing, too large or not UTF-8."""
    try:
        plain_file(path, OrderError)
        with path.open("rb") as file:
            found = file.read(MAX_BYTES + 1)
        if len(found) > MAX_BYTES:
            raise OrderError(f"{path}: more than {MAX_BYTES} bytes; {SHORT}")
        return found.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OrderError(f"{path}: not UTF-8 text at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        raise OrderError(f"{path}: cannot be read ({error.strerror}); check the path") from None


def lines_of(text: str) -> dict[tuple[str | int, ...], int]:
    """The line of every key and list item of a YAML text that `parse` accepts, by its path."""
    out: dict[tuple[str | int, ...], int] = {}

    def visit(node: yaml.Node | None, path: tuple[str | int, ...]) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                out[(*path, key.value)] = key.start_mark.line + 1
                visit(value, (*path, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for i, item in enumerate(node.value):
                out[(*path, i)] = item.start_mark.line + 1
                visit(item, (*path, i))

    visit(yaml.compose(text, Loader=yaml.SafeLoader), ())
    return out
