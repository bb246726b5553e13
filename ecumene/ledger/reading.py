"""Claims from YAML: those that come with Ecumene and files, every problem reported together."""

from __future__ import annotations

import os
from functools import cache
from importlib import resources

from pydantic import ValidationError

from ecumene import files
from ecumene.errors import ClaimError, InputError, OrderError
from ecumene.ledger.schema import Claim
from ecumene.orders import reading, strictyaml

Reference = int | str | os.PathLike[str]


@cache
def packaged() -> tuple[Claim, ...]:
    """The claims that come with Ecumene, by number."""
    folder = resources.files("ecumene.ledger").joinpath("claims")
    found = [
        claim_from_text(file.read_text(encoding="utf-8"), file.name)
        for file in folder.iterdir()
        if file.name.endswith(".yaml")
    ]
    return tuple(sorted(found, key=lambda claim: claim.number))


def load_claim(given: Reference) -> Claim:
    """A claim by its number, its name, or a YAML file.

    Errors: ClaimError that lists every problem of the file; InputError for a number or name that nobody has.
    """
    text = os.fspath(given) if isinstance(given, str | os.PathLike) else str(given)
    for claim in packaged():
        if text in (str(claim.number), claim.name):
            return claim
    if isinstance(given, bool) or not text.endswith((".yaml", ".yml")):
        names = ", ".join(f"{claim.number} {claim.name}" for claim in packaged())
        raise InputError(
            f"no claim '{text}'; give a number, a name or a file ending in .yaml. There are {names}"
        )
    path = files.given_path(text, ClaimError)
    try:
        return claim_from_text(strictyaml.read_text(path), str(path))
    except ClaimError:
        raise
    except OrderError as error:
        raise ClaimError(str(error).split("\n", 1)[0], error.problems) from None


def claim_from_text(text: str, name: str = "claim") -> Claim:
    """The claim of a YAML text. Errors: ClaimError that lists every problem."""
    try:
        data = strictyaml.parse(text, name)
    except OrderError as error:
        raise ClaimError(str(error).split("\n", 1)[0], error.problems) from None
    if not isinstance(data, dict):
        raise ClaimError(
            f"{name}: a claim is a mapping with 'number' and 'statement'; this is {type(data).__name__}"
        )
    try:
        return Claim.model_validate(data)
    except ValidationError as error:
        found = reading.problems_of(error, text, Claim)
        raise ClaimError(f"{name}: {len(found)} problem{'s' * (len(found) != 1)}", tuple(found)) from None
