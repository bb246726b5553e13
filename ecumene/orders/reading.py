"""Orders from YAML: presets and files, composed with `extends`, every problem reported together."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ecumene import countries, files
from ecumene.errors import SHOWN, OrderError, OutputError
from ecumene.orders import keys, names, strictyaml
from ecumene.orders.schema import NAME, Layer, Order, OrderFile, Rules
from ecumene.orders.writing import text_of

PRESETS = (
    "today",
    "open",
    "two-blocs",
    "multipolar",
    "macro-states",
    "self-sufficient",
    "nation-first",
    "west-divided",
    "without-eu",
    "without-usmca",
    "without-eaeu",
    "without-asean",
)
"""Presets in the order of the documentation."""

MAX_CHAIN = 20

ORDERS_ALONE = frozenset(
    {"extends", "blocs", "tariffs", "barriers", "embargoes", "changes", "close", "tariff_game"}
)
SHOCKS_ALONE = frozenset({"capacity", "labour", "demand", "capital", "epidemic", "banks", "chance"})
"""Keys by which a file of the other language is known."""

Reference = str | os.PathLike[str]


def preset_names() -> tuple[str, ...]:
    """Names of the orders that come with Ecumene, in documented order."""
    return PRESETS


def json_schema() -> dict[str, Any]:
    """JSON Schema of an order file, for editors."""
    schema = OrderFile.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Ecumene order"}


@dataclass(frozen=True)
class _Source:
    """Where an order's text comes from: a preset, or a file."""

    name: str
    text: str
    folder: Path | None
    packaged: bool = False


def _preset_text(name: str) -> str:
    return resources.files("ecumene.orders").joinpath("presets", f"{name}.yaml").read_text(encoding="utf-8")


def _source(ref: Reference, folder: Path | None) -> _Source:
    """A preset, or a file seen from a folder; without a folder only presets can be named."""
    text = ref if isinstance(ref, str) else str(files.given_path(ref, OrderError))
    if text in PRESETS:
        return _Source(text, _preset_text(text), None, packaged=True)
    if folder is None:
        near = countries.nearest(text, PRESETS)
        hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(PRESETS)}"
        raise OrderError(f"'{text}' is not a preset, and only presets can be extended here; {hint}")
    path = files.given_path(folder / files.given_path(text, OrderError), OrderError)
    looks_like_file = path.suffix in (".yaml", ".yml") or os.sep in text or path.is_file()
    if not looks_like_file:
        near = countries.nearest(text, PRESETS)
        hint = f"did you mean {near[0]}?" if near else f"the presets are {', '.join(PRESETS)}"
        raise OrderError(f"no preset and no file '{text}'; {hint} A file's name ends in .yaml")
    return _Source(str(path), strictyaml.read_text(path), path.parent)


_NUMBERS = {"float_type": "a number", "int_type": "a whole number", "int_from_float": "a whole number"}
"""What a field that is no number of its kind is asked for."""


def _sentence(error: Mapping[str, Any], model: type[BaseModel]) -> str:
    kind, text, given = error["type"], str(error["msg"]), error.get("input")
    if kind == "extra_forbidden":
        return keys.unknown_key(model, error["loc"])
    if kind == "missing":
        return f"the key '{error['loc'][-1]}' is missing; add it"
    if kind == "value_error":
        return text.removeprefix("Value error, ")
    shown = repr(given)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    if kind == "string_pattern_mismatch":
        return (
            f"a name begins with a small letter and has small letters, digits and single hyphens, not {shown}"
        )
    if kind == "tuple_type":
        return f"give a list, or one name, not {shown}"
    if kind in _NUMBERS:
        quotes = ", without quotes" if isinstance(given, str) else ""
        return f"give {_NUMBERS[kind]} in decimal digits{quotes}, not {shown}"
    return f"{text[0].lower()}{text[1:]}, not {shown}"


def _problems(
    error: ValidationError, lines: Mapping[tuple[str, ...], int], model: type[BaseModel]
) -> list[str]:
    out: dict[str, None] = {}
    wrong = error.errors(include_url=False)
    for number, item in enumerate(wrong):
        if len(out) == SHOWN:  # the search for the nearest key is slow
            out[f"and {len(wrong) - number} more"] = None
            break
        loc = tuple(p for p in item["loc"] if p != "[key]")
        keep = next((loc[:k] for k in range(len(loc), -1, -1) if tuple(map(str, loc[:k])) in lines), ())
        line = lines.get(tuple(map(str, keep)))
        path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in loc).lstrip(".")
        place = f"line {line}: " if line else ""
        out[f"{place}{path or 'the file'}: {_sentence(item, model)}"] = None
    return list(out)


def _parsed(source: _Source) -> OrderFile:
    data = strictyaml.parse(source.text, source.name, packaged=source.packaged)
    if not isinstance(data, dict):
        found = {type(None): "empty", list: "a list", str: "bare text"}.get(
            type(data), f"the value {data!r:.40}"
        )
        raise OrderError(
            f"{source.name}: an order is a mapping with 'name' and 'title'; this is {found}; "
            "`ecumene new` writes one to start from"
        )
    try:
        return OrderFile.model_validate(data)
    except ValidationError as error:
        if SHOCKS_ALONE & set(data) and not ORDERS_ALONE & set(data):
            raise OrderError(
                f"{source.name}: this is a shock and no order; check it with: ecumene shocks {source.name}"
            ) from None
        found = problems_of(error, source.text, OrderFile)
        count = f"{len(found)} problem" + "s" * (len(found) != 1)
        raise OrderError(f"{source.name}: {count}", tuple(found)) from None


def _layers(file: OrderFile, prefix: str) -> tuple[Layer, ...]:
    def layer(rules: Rules, label: str) -> Layer:
        kept = {n: getattr(rules, n) for n in Rules.model_fields}
        return Layer(**kept, label=label)

    out = [layer(file, prefix)] + [layer(c, f"{prefix}changes[{i}].") for i, c in enumerate(file.changes)]
    empty = layer(Rules.model_validate({}), "")
    return tuple(x for x in out if x.model_copy(update={"label": ""}) != empty)


def _composed(source: _Source, above: tuple[str, ...], file: OrderFile | None = None) -> Order:
    here = source.name if source.folder is None else str(Path(source.name).resolve())
    if here in above:
        chain = " -> ".join(Path(p).name for p in (*above[above.index(here) :], here))
        raise OrderError(f"{source.name}: 'extends' runs in a circle ({chain}); remove one of them")
    if len(above) >= MAX_CHAIN:
        raise OrderError(f"{source.name}: more than {MAX_CHAIN} orders extend each other; join some of them")
    file = _parsed(source) if file is None else file
    parent = None
    if file.extends is not None:
        try:
            parent = _composed(_source(file.extends, source.folder), (*above, here))
        except OrderError as error:
            first = str(error).split("\n", 1)[0]
            raise OrderError(f"{source.name}: extends: {first}", error.problems) from None
    own = _layers(file, "" if not above else f"{file.name}: ")
    game = parent.tariff_game if parent else None
    return Order(
        name=file.name,
        title=file.title,
        description=file.description,
        note=file.note,
        economies=tuple(dict.fromkeys([*(parent.economies if parent else ()), *file.economies])),
        deficits=file.deficits or (parent.deficits if parent else None),
        tariff_game=game if file.tariff_game is None else file.tariff_game.over(game),
        layers=((parent.layers if parent else ()) + own),
    )


def load_order(name_or_path: Reference) -> Order:
    """The order of a preset's name or a YAML file, with everything it extends.

    Errors: OrderError that lists every problem of the file with line, path and remedy.
    """
    return _checked(_source(name_or_path, Path()))


def order_from_text(text: str, name: str = "order") -> Order:
    """The order of a YAML text, which may extend presets but no files.

    Errors: OrderError as for `load_order`, with `name` in place of the file.
    """
    return _checked(_Source(name, text, None))


def order_from_values(said: Mapping[str, Any], name: str = "order") -> Order:
    """The order that plain values say, with the keys of an order's file; it may extend presets but no files.

    Errors: OrderError as for `order_from_text`, with lines of the YAML that says the same (`writing.text_of`).
    """
    try:
        file = OrderFile.model_validate(said)
    except ValidationError:
        return order_from_text(text_of(said), name)
    return _checked(_Source(name, text_of(said), None), file)


def _checked(source: _Source, file: OrderFile | None = None) -> Order:
    order = _composed(source, (), file)
    found = names.name_problems(order)
    if found:
        found = with_lines(found, source.text)
        count = f"{len(found)} problem" + "s" * (len(found) != 1)
        raise OrderError(f"{source.name}: {count}", tuple(found))
    return order


def preset_text(name: str) -> str:
    """The YAML of a preset. Errors: OrderError for an unknown name, with the nearest one."""
    return _source(name, None).text


def file_of(text: str, name: str = "order") -> OrderFile:
    """What a YAML text says, before anything that it extends. Errors: OrderError as for `order_from_text`."""
    return _parsed(_Source(name, text, None))


def check_order(name_or_path: Reference) -> list[str]:
    """Every problem of an order that shows without data, conflicts included; [] if none."""
    from ecumene.orders.policy import paper_problems  # needs a World's modules: slow to import

    try:
        order = load_order(name_or_path)
    except OrderError as error:
        return list(error.problems) or [str(error)]
    sectors = [
        s
        for layer in order.layers
        for rule in (*layer.tariffs, *layer.barriers, *layer.embargoes)
        for s in rule.sectors
    ]
    return paper_problems(order, tuple(sectors))


_PLACE = re.compile(r"[a-z_]+(?:\[\d+\]|\.[A-Za-z0-9_-]+)*(?=[:,])")


def with_lines(problems: Iterable[str], text: str) -> tuple[str, ...]:
    """Problems that begin with a place in a YAML text, each with the line of the nearest key before it."""
    lines = strictyaml.lines_of(text)
    out = []
    for problem in problems:
        found = _PLACE.match(problem)
        steps = re.findall(r"[^.\[\]]+", found[0]) if found else []
        path = tuple(int(step) if step.isdigit() else step for step in steps)
        line = next((lines[path[:k]] for k in range(len(path), 0, -1) if path[:k] in lines), None)
        out.append(problem if line is None else f"line {line}: {problem}")
    return tuple(out)


def _renamed(text: str, name: str, stem: str) -> str:
    if re.fullmatch(NAME, stem) is None:
        return text
    return re.sub(rf"^name: {re.escape(name)}$", f"name: {stem}", text, count=1, flags=re.MULTILINE)


def new_order(name: str, path: Reference | None = None) -> Path:
    """Write a commented copy of a preset, ready to be edited; returns its path (default: `NAME.yaml` here).

    The copy is named as its file, where that can be a name: so it can be compared with the preset.

    Errors: OrderError for an unknown preset; OutputError where the file exists or cannot be written.
    """
    if name not in PRESETS:
        near = countries.nearest(name, PRESETS)
        hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(PRESETS)}"
        raise OrderError(f"no preset '{name}'; {hint}")
    return write_copy(_preset_text(name), name, Path(f"{name}.yaml") if path is None else Path(path))


def write_copy(text: str, name: str, target: Path) -> Path:
    """Write a file of the package, ready to be edited, named as its file where that can be a name.

    Errors: OutputError where the file exists or cannot be written.
    """
    if target.is_dir():
        target = target / f"{name}.yaml"
    if target.exists() or target.is_symlink():
        raise OutputError(f"{target} exists and is not overwritten; give another path or move it away")
    return files.write_text(target, _renamed(text, name, target.stem))


def problems_of(error: ValidationError, text: str, model: type[BaseModel]) -> list[str]:
    """Every problem that a model found in a YAML text, with line, path and remedy."""
    lines = {tuple(map(str, path)): line for path, line in strictyaml.lines_of(text).items()}
    return _problems(error, lines, model)
