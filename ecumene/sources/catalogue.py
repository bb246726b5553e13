"""The catalogue of published tables: addresses, licences and citations, which the user can override."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from ecumene.errors import SourceError

ENVIRONMENT = "ECUMENE_CATALOGUE"
"""Environment variable with the path of a catalogue of your own."""

REQUIRED = ("title", "reader", "address", "page", "file", "licence", "citation")
OPTIONAL = ("sha256", "status", "note", "years")
LARGEST_FILE = 1_000_000
YEARS = re.compile(r"\d{4} to \d{4}")
"""How an entry names the years of a file that holds several."""


@dataclass(frozen=True)
class Entry:
    """One published file: where it is, how it is read, under which licence, and how to cite it."""

    name: str
    title: str
    reader: str
    address: str | None
    page: str
    file: str
    licence: str
    citation: str
    sha256: str | None = None
    status: str = "unchecked"
    note: str = ""
    years: str = ""

    def spec(self, path: Path) -> str:
        """What to give `load_world` once the file is at `path`; of a file of several years, the last."""
        return f"{self.reader}:{path}" + (f"#{self.years.rpartition(' ')[2]}" if self.years else "")


def entries() -> tuple[Entry, ...]:
    """Every known file, the user's own entries replacing or following the built-in ones.

    The user's file is named by `ECUMENE_CATALOGUE`, else `catalogue.yaml` in the configuration folder.
    Errors: SourceError listing every problem of the user's file.
    """
    built_in = files("ecumene.sources").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    known = _parse(built_in, "the built-in catalogue")
    own = user_catalogue()
    if own is not None:
        known.update(_parse(_text(own), str(own)))
    return tuple(known.values())


def find(name: str) -> Entry:
    """The entry of that name. Errors: SourceError suggesting the nearest."""
    known = {entry.name: entry for entry in entries()}
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"did you mean '{near[0]}'? " if near else ""
    raise SourceError(f"no table '{name}' in the catalogue; {hint}`ecumene data list` shows all {len(known)}")


def user_catalogue() -> Path | None:
    """The user's catalogue, if there is one. Errors: SourceError where the variable names a missing file."""
    given = os.environ.get(ENVIRONMENT)
    if given:
        path = Path(given).expanduser()
        if not path.is_file():
            raise SourceError(f"{ENVIRONMENT} names {path}, which is no file; correct or unset the variable")
        return path
    from platformdirs import user_config_path

    path = user_config_path("ecumene") / "catalogue.yaml"
    return path if path.is_file() else None


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise SourceError(
                f"{path} is larger than {LARGEST_FILE:,} bytes; a catalogue is a short YAML file"
            )
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot read the catalogue {path}: {error}") from error


def _parse(text: str, where: str) -> dict[str, Entry]:
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SourceError(f"{where} is not valid YAML: {error}") from error
    if data is None:
        return {}
    if not isinstance(data, Mapping):
        raise SourceError(f"{where} must map names to entries; see the built-in catalogue for an example")
    problems: list[str] = []
    found = {str(name): _entry(str(name), value, problems) for name, value in data.items()}
    if problems:
        raise SourceError(f"{where} has {len(problems)} problems\n" + "\n".join(f"  - {p}" for p in problems))
    return {name: entry for name, entry in found.items() if entry is not None}


def _entry(name: str, value: Any, problems: list[str]) -> Entry | None:
    if not isinstance(value, Mapping):
        problems.append(f"{name}: expected a mapping with {', '.join(REQUIRED)}")
        return None
    before = len(problems)
    problems += [f"{name}: lacks '{key}'" for key in REQUIRED if key not in value]
    problems += [f"{name}: unknown key '{key}'" for key in value if key not in (*REQUIRED, *OPTIONAL)]
    for key in (*REQUIRED, *OPTIONAL):
        given = value.get(key)
        if given is None and key in ("address", "sha256", *OPTIONAL):
            continue
        if key in value and not (isinstance(given, str) and given.strip()):
            problems.append(f"{name}: '{key}' must be text")
    if len(problems) > before:
        return None
    address, sha256, file = value["address"], value.get("sha256"), value["file"]
    if address is not None and (
        urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).netloc
    ):
        problems.append(f"{name}: address '{address}' must begin with http:// or https://")
    if Path(file).name != file or file in (".", ".."):
        problems.append(f"{name}: file '{file}' must be a plain name without folders")
    if sha256 is not None and (len(sha256) != 64 or not set(sha256.lower()) <= set("0123456789abcdef")):
        problems.append(f"{name}: sha256 must be 64 hexadecimal digits")
    from ecumene.sources import READERS

    if (years := value.get("years")) is not None and not YEARS.fullmatch(years):
        problems.append(f"{name}: years '{years}' must be written as '1995 to 2011'")
    if value["reader"] not in READERS:
        problems.append(f"{name}: unknown reader '{value['reader']}'; known are {', '.join(READERS)}")
    if len(problems) > before:
        return None
    given = {key: value[key] for key in (*REQUIRED, *OPTIONAL) if value.get(key) is not None}
    given.setdefault("address", None)
    return Entry(name=name, **given)
