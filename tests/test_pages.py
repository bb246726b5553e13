"""The packages of the pages: locked by hash, from no registry in particular, under licences that we take."""

from __future__ import annotations

import json
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "web-ui"
LOCK = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))
OURS = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
PERMISSIVE = {"MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "0BSD", "Unlicense", "CC0-1.0"}
FOR_BUILDING = {"MPL-2.0"}
"""Licences of tools that build and test, and end up in no page."""


def test_the_lock_names_no_address_and_a_hash_for_every_package() -> None:
    assert "omit-lockfile-registry-resolved=true" in (FOLDER / ".npmrc").read_text().splitlines()
    text = (FOLDER / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in text
    packages = {name: entry for name, entry in LOCK["packages"].items() if name}
    assert len(packages) > 50
    assert [
        name for name, entry in packages.items() if not entry.get("integrity", "").startswith("sha512-")
    ] == []


def test_the_lock_fits_what_we_ask_for() -> None:
    assert LOCK["packages"][""]["dependencies"] == OURS["dependencies"]
    assert LOCK["packages"][""]["devDependencies"] == OURS["devDependencies"]


def test_every_licence_is_permissive() -> None:
    for name, entry in LOCK["packages"].items():
        if name:
            accepted = PERMISSIVE | FOR_BUILDING if entry.get("dev") else PERMISSIVE
            assert entry.get("license") in accepted, name
