"""Orders as YAML and as plain values, for programs that make them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from ecumene.orders.schema import OrderFile

_FAST: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # absent where PyYAML lacks libyaml


def text_of(said: Mapping[str, Any]) -> str:
    """The YAML of an order given as plain values with the keys of its file; reading it checks it."""
    return yaml.dump(
        dict(said), Dumper=_FAST, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None
    )


def said_by(file: OrderFile) -> dict[str, Any]:
    """What an order's file says, as plain values with the keys of the file; what it leaves out is not there."""
    return file.model_dump(mode="json", by_alias=True, exclude_unset=True)
