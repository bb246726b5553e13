"""`evolve`: how an order changes over years, at what speed and by whose revisions.

Paths of a model under stated assumptions; no forecast and no advice.
"""

from __future__ import annotations

import os
from pathlib import Path

from ecumene.errors import InputError
from ecumene.evolution.outcome import Evolution, labelled
from ecumene.evolution.revision import ground_of, revision_cells
from ecumene.evolution.rules import Carried, ends_of
from ecumene.evolution.speed import transition_cells
from ecumene.evolution.store import folder_of
from ecumene.orders import Order
from ecumene.processors import threads
from ecumene.provenance import Provenance, machine, versions
from ecumene.questions import question_of
from ecumene.scenarios import Reference, Scenario, load_scenario
from ecumene.shocks import Shock
from ecumene.sidebyside import Progress
from ecumene.world import World


def evolve(
    world: World,
    scenario: Scenario | Reference,
    *,
    seed: int | None = None,
    folder: str | os.PathLike[str] | None = None,
    carried: Carried | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Evolution:
    """The paths that a scenario describes on a world.

    scenario: a name, a YAML file, or a checked `Scenario` (whose orders and shocks are then named, or seen from the
    working folder). seed: of everything that is drawn; None takes the scenario's. The same seed gives the same paths.
    folder: where what is solved is kept, so that a run that was stopped goes on with the same numbers, bit by bit.
    carried: orders and shocks by the names that the scenario has for them, in place of files.
    Errors: ScenarioError, OrderError, ShockError, InputError; SolveError where the start has no equilibrium.
    """
    threads(workers)
    if not hasattr(world, "economies"):
        raise InputError(f"world is {world!r:.60}; give a World, as ecumene.load_world(...) returns one")
    wanted, beside = (scenario, Path()) if isinstance(scenario, Scenario) else load_scenario(scenario)
    drawn = wanted.seed if seed is None else seed
    if not isinstance(drawn, int) or not 0 <= drawn < 2**31:
        raise InputError(f"seed is {drawn!r:.30}; give a whole number, at least 0 and below 2^31")
    if progress is not None and not callable(progress):
        raise InputError(
            f"progress is {progress!r:.60}; give a function of what is done, of how much, and a label"
        )
    held = {} if carried is None else carried
    kept_in = None if folder is None else folder_of(folder)
    cells, coords, notes = {}, {}, ()
    ends = None if wanted.transition is None else ends_of(world, wanted.transition, beside, held)
    ground = None if wanted.revision is None else ground_of(world, wanted.revision, beside, drawn, held)
    if wanted.transition is not None and ends is not None:
        cells, coords, notes = transition_cells(
            world, wanted.transition, ends, wanted.years, progress, workers, kept_in
        )
    if wanted.revision is not None and ground is not None:
        more, labels, told = revision_cells(
            world, wanted.revision, ground, wanted.years, drawn, progress, workers, kept_in
        )
        cells, coords, notes = cells | more, coords | labels, (*notes, *told)
    named: dict[str, Order | Shock] = {}
    if wanted.transition is not None and ends is not None:
        named |= zip((wanted.transition.origin, wanted.transition.target), ends.orders, strict=True)
    if wanted.revision is not None and ground is not None:
        arriving = (each.shock for each in ground.happenings)
        named |= zip((each.shock for each in wanted.revision.shocks), arriving, strict=True)
    provenance = Provenance(
        order=wanted.name,
        order_title=wanted.title or wanted.name,
        order_hash=wanted.hash,
        data_hash=world.hash,
        world_source=world.source,
        world_year=world.year,
        theta_source=world.theta_source,
        deficits=world.deficits,
        seed=None if wanted.revision is None else drawn,
        versions=versions(),
        notes=tuple(dict.fromkeys((*notes, *world.notes))),
        recipe=question_of("evolution", world, scenario=wanted, seed=drawn, carried=named),
        machine=machine(),
    )
    return Evolution(labelled(cells, coords), provenance)
