"""Tariffs that the players of an order choose: solved, or read back and verified, and told with their certificate."""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

import ecumene
from ecumene.errors import OutputError
from ecumene.files import write_text
from ecumene.types import FloatArray
from ecumene.world import World

if TYPE_CHECKING:
    from ecumene.models.tariff_stages import Kept, Staged
    from ecumene.orders import Policy

FORMAT = 1
"""Raised when the search changes its numbers: older rates are then searched anew."""

_WHAT = {
    "unilateral": "{leader} sets the rate that is best for it while all others keep theirs",
    "reply": "{leader} sets the rate that was best for it alone, and each other player levies the same on its goods",
    "nash": "no player gains by another rate of its own",
}


class Chosen(NamedTuple):
    """The tariffs of a game, and how they are told: numbers by economy, and notes."""

    tariff: FloatArray
    cells: dict[str, xr.Variable]
    notes: tuple[str, ...]


def chosen_tariffs(world: World, policy: Policy, deficits: str, folder: Path | None) -> Chosen:
    """The tariffs of a policy's contest, at the world's own elasticities; the policy's tariffs where it has none.

    Rates found are kept in `folder`, under what they rest on (data, policy, game, version). What is read back is only
    a guess: it counts where no player's slope at it exceeds 1e-6. Errors: InputError; SolveError without a certificate.
    """
    contest = policy.contest
    if contest is None:
        return Chosen(policy.tariff, {}, ())
    from ecumene.models.tariff_stages import staged  # searches need more than a plain run loads

    key = _key(world, policy, deficits)
    found = staged(
        world,
        contest.players,
        contest.stage,
        contest.by,
        bounds=contest.bounds,
        spared=contest.spared,
        kept=_read(folder, key),
        case={"iceberg": policy.iceberg, "tariff": policy.tariff, "deficits": deficits},
    )
    if folder is not None and not found.kept:
        _write(folder, key, found)
    return Chosen(found.tariff, _cells(world, found, contest.by), (_note(found, contest.by),))


def _key(world: World, policy: Policy, deficits: str) -> str:
    contest = policy.contest
    assert contest is not None
    digest = hashlib.sha256()
    said = [FORMAT, ecumene.__version__, world.hash, deficits, contest.stage, contest.by, contest.bounds]
    digest.update(json.dumps([*said, contest.players]).encode())
    for part in (policy.iceberg, policy.tariff, contest.spared):
        digest.update(b"-" if part is None else np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


def _read(folder: Path | None, key: str) -> Kept | None:
    """What an earlier search kept; None where there is nothing, or nothing that can be read."""
    from ecumene.models.tariff_stages import Kept

    if folder is None:
        return None
    try:
        text = json.loads((folder / f"{key}.json").read_text(encoding="utf-8"))
        rates = {str(name): np.array(values, dtype=np.float64) for name, values in text["rates"].items()}
        return Kept(rates, {str(name): float(value) for name, value in text["left"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _write(folder: Path, key: str, found: Staged) -> None:
    """Keep the rates. Where the folder cannot be written that is said, and the run goes on."""
    text = json.dumps({"rates": {name: list(r) for name, r in found.rates.items()}, "left": found.left})
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / f"{key}.json", text + "\n")
    except (OSError, OutputError) as error:
        logging.getLogger(__name__).warning("tariffs are not kept, the next run searches anew: %s", error)


def _cells(world: World, found: Staged, by: str) -> dict[str, xr.Variable]:
    """Rates and certificate of each economy's player; not a number for economies that set nothing."""

    def spread(values: dict[str, float], factor: float, units: str, meaning: str) -> xr.Variable:
        out = np.full(len(world.economies), np.nan)
        for name, value in values.items():
            for code in found.players[name]:
                out[world.economies.index(code)] = factor * value
        return xr.Variable(("economy",), out, attrs={"units": units, "long_name": meaning})

    whose = "tariff on goods that the economy's player sets, mean over base imports"
    cells = {
        "set_tariff": spread(found.paid, 100.0, "percent", whose),
        "best_answer_gain": spread(
            found.left,
            100.0,
            "log points x 100",
            "what the player's best answer would still add to its real income",
        ),
    }
    if by != "uniform" or found.stage == "reply":
        cells["set_tariff_lowest"] = spread(
            found.lowest, 100.0, "percent", "lowest of the rates that the player sets"
        )
        cells["set_tariff_highest"] = spread(
            found.highest, 100.0, "percent", "highest of the rates that the player sets"
        )
    return cells


def _note(found: Staged, by: str) -> str:
    rates = ", ".join(f"{name} {100 * rate:.1f}" for name, rate in found.paid.items())
    most = max(found.left.values(), default=0.0)
    certificate = f"largest slope {max(found.slopes.values()):.0e} log points a unit of ln(1 + rate)" + (
        f", a best answer adds at most {'0' if most == 0 else f'{most:.0e}'} log points" if found.left else ""
    )
    proof = "read back from an earlier search and verified" if found.kept else "searched"
    apart = "" if by == "uniform" else f", by {by}" if by != "both" else ", by partner and sector"
    return (
        f"Tariffs on goods chosen by {len(found.players)} players{apart}, stage {found.stage}: "
        f"{_WHAT[found.stage].format(leader=found.leader)}. Rates, percent: {rates}. At central elasticities; {proof}: "
        f"{certificate}."
    )
