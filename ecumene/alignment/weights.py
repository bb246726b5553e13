"""Weights in files: estimated ones with their errors and scores, tied to the world that they come from."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from ecumene.alignment.evidence import Comparison, Estimate
from ecumene.errors import InputError
from ecumene.files import plain_file, write_text
from ecumene.models.alignment import TERMS, Weights
from ecumene.models.choicelogit import Score
from ecumene.types import FloatArray
from ecumene.world import World

FORMAT = 2


@dataclass(frozen=True, eq=False)
class Weighing:
    """Weights, how sure they are, and where they come from.

    covariance: of the four weights; 0 where they were chosen by hand. `verdict`: one sentence for every result.
    """

    weights: Weights
    covariance: FloatArray
    estimated: bool
    positions: str
    verdict: str

    def draws(self, count: int, seed: int) -> list[Weights]:
        """Weights drawn from their distribution, a normal one; where they were chosen, themselves."""
        if not self.estimated or count < 1:
            return []
        rng = np.random.default_rng(seed)
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        return [Weights(*(np.array(self.weights) + root @ rng.normal(size=4))) for _ in range(count)]


LARGEST = 1_000_000
"""Bytes of the largest file of weights that is read."""


def verdict_of(comparisons: tuple[Comparison, ...]) -> str:
    """Whether the model predicts memberships held out better than the baselines, as one sentence."""
    lost = {
        name
        for one in comparisons
        for name, rival in (("nobody moves", one.nobody_moves), ("trade only", one.trade_only))
        if not one.model.log_score > rival.log_score  # a score that is no number beats nothing
    }
    told = "; ".join(
        f"by {one.name} {one.model.log_score:.3f}, trade only {one.trade_only.log_score:.3f}, nobody moves "
        f"{one.nobody_moves.log_score:.3f}"
        for one in comparisons
    )
    beaten = (
        f"the model does NOT predict memberships held out better than the baseline {' and '.join(sorted(lost))}"
        if lost
        else "the model predicts memberships held out better than both baselines"
    )
    return f"{beaten[0].upper()}{beaten[1:]} (mean log probability {told})."


def by_hand(weights: Weights, positions: str) -> Weighing:
    """Weights that somebody chose: no errors, and said so."""
    chosen = weights.checked()
    given = ", ".join(f"{name} {value:g}" for name, value in zip(TERMS, chosen, strict=True))
    return Weighing(
        chosen, np.zeros((4, 4)), False, positions, f"Weights were chosen, not estimated: {given}."
    )


def document(found: Estimate) -> dict[str, Any]:
    """An estimate as plain values for a file, with their digest."""
    held = {
        "format": FORMAT,
        "world": found.world,
        "world_source": found.source,
        "dates": list(found.dates),
        "positions": found.positions,
        "memberships": _plain(found.memberships),
        "customs_unions": _plain(found.blocs),
        "hold_outs": [
            {"by": one.name, "model": one.model._asdict(), "trade_only": one.trade_only._asdict(),
             "nobody_moves": one.nobody_moves._asdict()}
            for one in found.comparisons
        ],
        "count": found.count,
        "dropped": found.dropped,
    }  # fmt: skip
    return {**held, "digest": digest(held)}


def digest(held: dict[str, Any]) -> str:
    """SHA-256 of all values of a file but its digest: scores and errors are told of the very weights they belong to."""
    rest = {name: value for name, value in held.items() if name != "digest"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _plain(fit: Any) -> dict[str, Any]:
    return {
        "names": list(fit.names),
        "weights": fit.weights.tolist(),
        "covariance": fit.covariance.tolist(),
        "log_likelihood": fit.log_likelihood,
        "separated": list(fit.separated),
    }


def require_json(path: str | os.PathLike[str]) -> Path:
    """The path, where it can take weights. Errors: InputError."""
    target = Path(path)
    if target.suffix.lower() != ".json" or target.is_dir():
        raise InputError(f"{target} must be a file that ends in .json: weights are written as JSON")
    return target


def write(found: Estimate, path: str | os.PathLike[str]) -> Path:
    """Write an estimate as JSON. Errors: InputError where memberships separate, so that there are no weights."""
    if found.memberships.separated:
        raise InputError(
            f"no weights to write: a combination of {', '.join(found.memberships.separated)} tells memberships apart, "
            "so that no finite weights are best; use another date or other positions"
        )
    target = require_json(path)
    text = json.dumps(document(found), indent=1, allow_nan=False) + "\n"
    return write_text(target, text)


def read(path: str | os.PathLike[str], world: World) -> Weighing:
    """Weights from a file that `write` made. Errors: InputError (no file, another kind, changed, another world)."""
    source = plain_file(path, InputError, LARGEST)
    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{source}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source}: not UTF-8 text; weights are the JSON that `align --estimate` writes"
        ) from error
    return _parsed(text, str(source), world)


def shipped(world: World) -> Weighing:
    """The weights that come with Ecumene, estimated on its reference world. Errors: InputError for another world."""
    text = resources.files("ecumene.alignment").joinpath("weights.json").read_text(encoding="utf-8")
    return _parsed(text, "the weights that come with Ecumene", world)


def _parsed(text: str, name: str, world: World) -> Weighing:
    try:
        held = json.loads(text)
        if not isinstance(held, dict):
            raise ValueError("it is no object with names")
        if held["format"] != FORMAT:
            raise InputError(
                f"{name} has format {held['format']}, and this Ecumene reads {FORMAT}; estimate them again"
            )
        if held["digest"] != digest(held):
            raise InputError(
                f"{name} cannot be read as weights: it was changed after it was estimated, so that its errors and "
                "scores are not those of its weights; estimate them again, or choose weights and name those"
            )
        if held["world"] != world.hash:
            raise InputError(
                f"weights of another world, {name}: {held['world_source']} ({held['world'][:12]}), and this is "
                f"{world.source} ({world.hash[:12]}); estimate weights on this world "
                "(`ecumene align --estimate FILE`), or choose them"
            )
        fit = held["memberships"]
        if not isinstance(fit["names"], list) or len(set(fit["names"])) != len(fit["names"]):
            raise ValueError("its names are no list of different terms")
        at = [fit["names"].index(term) if term in fit["names"] else -1 for term in TERMS]
        values = np.array([fit["weights"][k] if k >= 0 else 0.0 for k in at])
        whole = np.array(fit["covariance"])
        if not (
            np.isfinite(whole).all()
            and np.allclose(whole, whole.T)
            and np.linalg.eigvalsh(whole).min() > -1e-9
        ):
            raise ValueError("its covariance is none")
        inside = np.array([k >= 0 for k in at])
        covariance = np.where(inside[:, None] & inside[None, :], whole[np.ix_(at, at)], 0.0)
        comparisons = tuple(
            Comparison(
                one["by"], Score(**one["model"]), Score(**one["trade_only"]), Score(**one["nobody_moves"])
            )
            for one in held["hold_outs"]
        )
        if not comparisons:
            raise ValueError("it has no hold_outs")
        return Weighing(
            Weights(*values.tolist()).checked(), covariance, True, held["positions"], verdict_of(comparisons)
        )
    except KeyError as error:
        raise InputError(
            f"{name} cannot be read as weights (it lacks {error}); estimate them again"
        ) from error
    except (ValueError, TypeError, IndexError, RecursionError) as error:
        raise InputError(f"{name} cannot be read as weights ({error}); estimate them again") from error
