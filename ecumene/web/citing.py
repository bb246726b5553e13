"""What a result is cited by, and its orders as files: the same hashes as in the result."""

from __future__ import annotations

from typing import Any

from ecumene.web.ask import Asked
from ecumene.web.shown import Citation, OrderCited


def citation_of(document: dict[str, Any]) -> Citation:
    """How to cite a result, from what pages read of it."""
    runs, digest = document["provenance"], document["hash"]
    lines = [run["citation"] for run in runs]
    named = " and ".join(run["order"] for run in runs)
    text = "\n".join([*lines, f"Result {digest}."])
    bibtex = (
        f"@misc{{ecumene-{digest[:12]},\n"
        "  author = {{The Ecumene developers}},\n"
        f"  title = {{Ecumene {runs[0]['versions']['ecumene']}: {named} on {runs[0]['world_source']}}},\n"
        f"  note = {{orders {', '.join(run['order_hash'][:12] for run in runs)}; "
        f"data {runs[0]['data_hash'][:12]}; result {digest[:12]}}}\n}}\n"
    )
    orders = [OrderCited(name=r["order"], title=r["order_title"], hash=r["order_hash"]) for r in runs]
    return Citation(hash=digest, text=text, bibtex=bibtex, orders=orders)


def yaml_of(asked: Asked, name: str, digest: str) -> str | None:
    """The file of an order of a comparison, with its hash and the result's as comments; None where it has none such."""
    for order, text in zip(asked.orders, asked.texts, strict=True):
        if order.name == name:
            return f"# order {order.hash}\n# result {digest}\n{text}"
    return None
