"""The ladder, the unions, the presets and the keys of an order file as Markdown, for the documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ecumene.orders import ladder, reading, unions


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    head = list(head)
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(str(c).replace("|", "\\|") for c in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def ladder_table() -> str:
    """Effects of every depth on goods and services, with interval, basis and cost change."""

    def cells(e: ladder.Effect) -> list[str]:
        return [
            f"{e.log_points:.2f} ({e.low:.2f} to {e.high:.2f})",
            f"{0 - 100 * e.ad_valorem:.1f} %",
            e.basis,
        ]

    head = ["depth", "name", "goods: log points", "cost", "basis", "services: log points", "cost", "basis"]
    return _table(head, ([r.depth, r.name, *cells(r.goods), *cells(r.services)] for r in ladder.LADDER))


def sources_table() -> str:
    """Where every number of the ladder comes from."""
    rows = [
        [r.depth, kind, e.basis, e.source]
        for r in ladder.LADDER[1:]
        for kind, e in (("goods", r.goods), ("services", r.services))
    ]
    return _table(["depth", "for", "basis", "source"], rows)


def unions_table() -> str:
    """Every named union with its depth, first day, size and source."""

    def row(u: unions.Union) -> list[object]:
        depth = ", ".join(str(d) if i == 0 else f"{d} from {since}" for i, (since, d) in enumerate(u.depths))
        size: object = len(unions.members(u.name, 2025)) or f"ended {u.ended}"
        note = f"{u.source}. {u.note[:1].upper()}{u.note[1:]}" if u.note else u.source
        return [f"`{u.name}`", u.title, depth, u.founded, size, note]

    head = ["name", "title", "depth", "since", "members in 2025", "source"]
    return _table(head, map(row, unions.unions().values()))


def presets_table() -> str:
    """Every preset with what it says and assumes."""
    orders = [reading.load_order(name) for name in reading.preset_names()]
    return _table(
        ["order", "what", "what it assumes"], ([f"`{o.name}`", o.description, o.note] for o in orders)
    )


def keys_table() -> str:
    """Every key of an order file, from its JSON Schema."""
    schema = reading.json_schema()

    def kind(field: dict[str, Any]) -> str:
        if "$ref" in field:
            return field["$ref"].rsplit("/", 1)[1]
        if "const" in field:
            return f"`{field['const']}`"
        if "enum" in field:
            return " or ".join(f"`{v}`" for v in field["enum"])
        if "anyOf" in field:
            kinds = dict.fromkeys(kind(f) for f in field["anyOf"] if f.get("type") != "null")
            return " or ".join(kinds)
        if field.get("type") == "array":
            inner = field.get("items") or (field.get("prefixItems") or [{}])[0]
            return "list of " + kind(inner)
        if field.get("type") == "object":
            return "mapping of " + kind(field.get("additionalProperties", {}))
        return str(field.get("type", "any"))

    def rows(name: str, part: dict[str, Any]) -> list[list[str]]:
        needed = part.get("required", [])
        return [
            [
                f"{name}`{key}`",
                kind(field) + (", needed" if key in needed else ""),
                field.get("description", ""),
            ]
            for key, field in part["properties"].items()
        ]

    out = rows("", schema)
    for name, part in schema["$defs"].items():
        if name != "Change":
            out += rows(f"{name}: ", part)
    return _table(["key", "value", "meaning"], out)


BLOCKS: dict[str, Callable[[], str]] = {
    "ladder": ladder_table,
    "sources": sources_table,
    "unions": unions_table,
    "presets": presets_table,
    "keys": keys_table,
}
"""Generated blocks of `docs/orders.md` by name."""


def refreshed(page: str) -> str:
    """A page whose text between `<!-- NAME -->` and `<!-- end NAME -->` is the table of that name."""
    for name, make in BLOCKS.items():
        start, end = f"<!-- {name} -->\n", f"<!-- end {name} -->"
        if start in page and end in page:
            before, rest = page.split(start, 1)
            page = before + start + "\n" + make() + "\n" + end + rest.split(end, 1)[1]
    return page
