"""What was asked, as plain values that a file can keep, and read back: the arguments of a public function."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ecumene.errors import EcumeneError, InputError
from ecumene.files import given_path
from ecumene.sources import load_world, spec_of
from ecumene.world import World

MODELS: Final = ("Order", "Shock", "Settings", "Scenario")
"""Checked files of the languages, which are kept whole."""

SAVE_AND_ASK: Final = "save the world (`world.save(path)`), load it from there and ask again"


class Beside:
    """A file that a question was asked with: its path and hash are kept, not its text."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = given_path(path).absolute()


def question_of(question: str, world: World, **arguments: object) -> dict[str, Any]:
    """A question as plain values: which, its world's place, and its arguments."""
    return {
        "question": question,
        "world": spec_of(world),
        "arguments": {name: _plain(value) for name, value in arguments.items()},
    }


def _plain(value: Any) -> Any:
    """Values that JSON has as they are; all else in a mapping of one key that says what it is."""
    kind = type(value).__name__
    if kind in MODELS:
        return {kind: value.model_dump(mode="json", by_alias=True, exclude_none=True)}
    if kind == "Weights":
        return {kind: {name: float(weight) for name, weight in value._asdict().items()}}
    if isinstance(value, World):
        return {"World": {"spec": spec_of(value), "hash": value.hash}}
    if isinstance(value, Beside):
        return {"Beside": {"path": str(value.path), "sha256": _sha256(value.path)}}
    if isinstance(value, Mapping):
        return {"Mapping": {str(name): _plain(each) for name, each in value.items()}}
    if hasattr(value, "tolist"):
        return value.tolist()
    return [_plain(each) for each in value] if isinstance(value, list | tuple | set | frozenset) else value


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error})") from error


def arguments_of(recipe: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The arguments of a question that a file `name` keeps.

    Errors: InputError where they are damaged, or a world or file beside them is not there any more, or another.
    """
    try:
        return {key: _read(value, name, key) for key, value in dict(recipe["arguments"]).items()}
    except EcumeneError:
        raise
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:  # pydantic's own errors are among these
        raise InputError(
            f"the question that {name} keeps is damaged ({' '.join(str(error).split())})"
        ) from error


def _read(value: Any, name: str, key: str) -> Any:
    if isinstance(value, list):
        return [_read(each, name, key) for each in value]
    if not isinstance(value, Mapping):
        return value
    ((kind, kept),) = value.items()
    if kind == "Mapping":
        return {each: _read(held, name, key) for each, held in kept.items()}
    if kind == "World":
        return world_at(None, kept["spec"], kept["hash"], f"{name} ({key})")
    if kind == "Beside":
        return _beside(kept, name)
    return _model(kind, kept)


def _model(kind: str, kept: Any) -> Any:
    if kind == "Weights":
        from ecumene.alignment import weights

        return weights.Weights(**kept)
    from ecumene.orders import Order
    from ecumene.plans import Settings
    from ecumene.scenarios import Scenario
    from ecumene.shocks import Shock

    (model,) = [each for each in (Order, Shock, Settings, Scenario) if each.__name__ == kind]
    return model.model_validate(kept)


def _beside(kept: Mapping[str, str], name: str) -> str:
    path = Path(kept["path"])
    if not path.is_file():
        raise InputError(
            f"{name} was made with {path}, which is not there; put it back (SHA-256 {kept['sha256']})"
        )
    if _sha256(path) != kept["sha256"]:
        raise InputError(
            f"{path} has changed since {name} was made; put back the one with SHA-256 {kept['sha256']}"
        )
    return str(path)


def world_at(given: World | str | None, spec: str, data_hash: str, name: str) -> World:
    """The world of a saved result: as given, else where the result says, if its data are the same.

    Errors: InputError where it cannot be found or is another, SourceError.
    """
    if isinstance(given, World):
        return given
    if given is not None:
        return load_world(given)
    if not spec:
        raise InputError(
            f"{name} does not say where its world is; name it with --world (world=). It was made in Python, or with "
            f"layers of its own: {SAVE_AND_ASK}"
        )
    try:
        loaded = load_world(spec)
    except EcumeneError as error:
        raise InputError(
            f"{name} was made on the world at '{spec}' ({data_hash[:12]}), which cannot be read here ({error}); "
            "say where it is now with --world (world=)"
        ) from error
    if loaded.hash != data_hash:
        raise InputError(
            f"the data at '{spec}' have changed since {name} was made ({loaded.hash[:12]}, then {data_hash[:12]}); "
            "name the world with --world (world=), also where it is meant to differ"
        )
    return loaded
