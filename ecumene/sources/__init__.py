"""Sources of worlds: `load_world` reads a saved world, a published table or the embedded reference world."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ecumene.errors import SourceError
from ecumene.files import given_path, plain_file

if TYPE_CHECKING:
    from ecumene.world import World

READERS = {
    "wiod": "World Input-Output Database, 2013 release: workbook (.xlsx) or arrays (.npz)",
    "icio": "OECD Inter-Country Input-Output tables, 2023 and 2025 editions: .csv",
    "exiobase": "EXIOBASE 3, industry by industry or product by product: .zip or folder",
    "figaro": "Eurostat FIGARO, industry by industry: .csv, matrix or flat",
    "flows": "your own table: .npz arrays, or .csv or .parquet in long form",
}
"""Schemes of `SCHEME:PATH`, each a module of this package with `read(path)`, and what they read."""


def load_world(spec: str | os.PathLike[str]) -> World:
    """Load a world: `reference`, the path of a saved world, or `SCHEME:PATH` of a published table.

    Schemes are `wiod`, `icio`, `exiobase`, `figaro` and `flows`. Where an archive or a folder holds several
    years, `SCHEME:PATH#YEAR` picks one. Unit: million USD a year; what the reader did is in `world.notes`.
    Errors: SourceError naming what could not be read, where, and what to do.
    """
    text = spec if isinstance(spec, str) else str(given_path(spec, SourceError))
    world = _loaded(text)
    _SPECS[world] = text
    return world


def spec_of(world: World) -> str:
    """What `load_world` was given for a world; empty for one that was made otherwise."""
    return _SPECS.get(world, "")


_SPECS: WeakKeyDictionary[World, str] = WeakKeyDictionary()
"""Where worlds were loaded from, for as long as they live."""


def _loaded(text: str) -> World:
    if text == "reference":
        return import_module("ecumene.sources.reference").load_reference()
    scheme, separator, path = text.partition(":")
    if separator and scheme in READERS:
        if not path:
            raise SourceError(f"'{text}' names no file; write {scheme}:PATH")
        return import_module(f"ecumene.sources.{scheme}").read(path)
    saved = given_path(text, SourceError)
    if not text or not saved.exists():
        raise SourceError(_unknown(text, scheme if separator else None))
    if saved.is_dir():
        raise SourceError(
            f"{saved} is a folder; name the file of a saved world, or the source, as in icio:{saved}"
        )
    from ecumene.world import World

    return World.load(plain_file(saved, SourceError))


def _unknown(text: str, scheme: str | None) -> str:
    from difflib import get_close_matches

    known = ", ".join(f"{name}:PATH" for name in READERS)
    if scheme is not None and len(scheme) > 1 and "/" not in scheme and "\\" not in scheme:
        near = get_close_matches(scheme.lower(), READERS, n=1)
        hint = f"did you mean '{near[0]}:'? " if near else ""
        return (
            f"unknown source '{scheme}:' in '{text}'; {hint}"
            f"known are {known}, 'reference' and the path of a saved world"
        )
    hint = "did you mean 'reference'? " if get_close_matches(text.lower(), ["reference"], n=1) else ""
    return (
        f"no world at '{text}': no such file; {hint}give 'reference', the path of a saved world, or {known}"
    )


__all__ = ["READERS", "load_world", "spec_of"]
