"""`sweep`: a file made ready, solved by an executor, and kept part by part."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ecumene import countries, priors
from ecumene.errors import InputError, SolveError, SweepError
from ecumene.orders import Order
from ecumene.processors import processors
from ecumene.security.assess import happening_of
from ecumene.shocks import Shock
from ecumene.sidebyside import Count, Progress
from ecumene.sweeps import measures, store
from ecumene.sweeps.executors import Executor, in_process
from ecumene.sweeps.job import Job, hash_of, packed
from ecumene.sweeps.outcome import SweepResult
from ecumene.sweeps.parameters import BANKS, EPIDEMIC, KIND, PARAMETERS, RANKS, SECTOR, SHOCK_ONLY
from ecumene.sweeps.parts import Part
from ecumene.sweeps.pool import begun
from ecumene.sweeps.reading import Reference, load_sweep_file
from ecumene.sweeps.rules import orders_of, rules_of, shocks_of, worlds_of
from ecumene.sweeps.schema import NOTHING, SweepFile
from ecumene.world import World

EVERY = 200
"""Parts after which the manifest lists them, so that a later run need not read them whole."""

OUT = Path("out")


class Ready(NamedTuple):
    """A sweep made ready, and what its folder keeps to make it again."""

    job: Job
    worlds: list[World]
    manifest: dict[str, Any]


def sweep(
    file: Reference | SweepFile,
    out: str | os.PathLike[str] | None = None,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    worlds: Sequence[World] | None = None,
    tariffs_folder: Path | None = None,
    progress: Progress | None = None,
) -> SweepResult:
    """Solve every case of a sweep file, and keep the numbers in a folder, where a stopped run goes on.

    `out` is the folder (default: `out/NAME`). `workers`: spawned one-thread processes (default: one a processor); 0
    solves in this process. `cluster`: the address of a Dask scheduler, as `tcp://host:8786`, or `local` for a cluster
    on this machine with so many workers. `worlds` takes the place of those that the file names, in their order.
    `progress` is called with cases done, cases in all, and a label with failures.
    A case that fails is recorded with its status and stops no other; batches that are recorded are not solved again.
    Errors: SweepError (the file, its names), OrderError, InputError (another sweep in the folder), OutputError.
    """
    read, folder = (file, Path()) if isinstance(file, SweepFile) else load_sweep_file(file)
    target = OUT / read.name if out is None else Path(out)
    with _executor(workers, cluster) as executor:
        ready = prepared(read, folder, worlds, tariffs_folder, progress)
        return carried_out(ready, target, executor, progress)


def prepared(
    file: SweepFile,
    folder: Path,
    worlds: Sequence[World] | None,
    tariffs_folder: Path | None,
    progress: Progress | None,
) -> Ready:
    """A sweep whose input has been checked: its job and manifest. Errors: as `sweep`."""
    orders, shocks = orders_of(file, folder), shocks_of(file, folder)
    found = worlds_of(file, folder) if worlds is None else list(worlds)
    if len(found) != len(file.worlds):
        raise InputError(
            f"{len(found)} worlds are given, and the sweep names {len(file.worlds)}; give one for each"
        )
    return made_ready(file, found, orders, shocks, tariffs_folder, progress)


def made_ready(
    file: SweepFile,
    worlds: list[World],
    orders: list[Order],
    shocks: list[Shock | None],
    tariffs_folder: Path | None,
    progress: Progress | None,
) -> Ready:
    """A sweep of loaded worlds, orders and shocks. Errors: as `sweep`."""
    happens = any(shock is not None for shock in shocks)
    measures.check(file.measures, happens)
    idle = sorted(SHOCK_ONLY & set(file.parameters))
    if idle and not happens:
        raise InputError(
            f"the parameter {idle[0]} changes nothing without a shock; name one, or leave it out"
        )
    for names, part in ((EPIDEMIC, "epidemic"), (BANKS, "banks")):
        unfelt = sorted(names & set(file.parameters))
        if unfelt and not any(shock is not None and getattr(shock, part) is not None for shock in shocks):
            raise InputError(
                f"the parameter {unfelt[0]} changes nothing: no shock of the sweep says '{part}'; name one that does, "
                "or leave the parameter out"
            )
    for spec, world in zip(file.worlds, worlds, strict=True):
        _require_sectors(file, spec, world)
        unknown = [name for name in file.economies if name not in world.economies]
        if unknown:
            raise InputError(f"economies: the world {spec} has no {', '.join(unknown)}; use its codes")
    ladders = [str(word) for word in _words(file, "ladder")]
    count = Count(len(worlds) * len(orders) * len(ladders), progress)
    ranked = any(name in file.varied for name in RANKS)
    rules = rules_of(worlds, orders, ladders, tariffs_folder, count.add, ranked)
    happenings = {
        (w, s): happening_of(shock, world, file.seed)
        for w, world in enumerate(worlds)
        for s, shock in enumerate(shocks)
        if shock is not None
    }
    world_hashes = tuple(world.hash for world in worlds)
    order_hashes = tuple(order.hash for order in orders)
    shock_hashes = tuple("" if shock is None else shock.hash for shock in shocks)
    identity = hash_of(file, world_hashes, order_hashes, shock_hashes)
    job = Job(
        file=file,
        hash=identity,
        worlds=tuple(map(packed, worlds)),
        world_hashes=world_hashes,
        order_names=tuple(order.name for order in orders),
        order_hashes=order_hashes,
        shock_names=tuple(NOTHING if shock is None else shock.name for shock in shocks),
        shock_hashes=shock_hashes,
        rules=rules,
        happenings=happenings,
    )
    return Ready(job, worlds, store.manifest_of(file, identity, worlds, orders, shocks))


def carried_out(ready: Ready, folder: Path, executor: Executor, progress: Progress | None) -> SweepResult:
    """Solve what a folder still lacks of a sweep. Errors: InputError, OutputError, SolveError (a lost cluster)."""
    job = ready.job
    kept = store.Store(folder, job, ready.manifest)
    with kept.alone():
        _carried_out(ready, kept, executor, progress)
    return SweepResult(folder)


def _carried_out(ready: Ready, kept: store.Store, executor: Executor, progress: Progress | None) -> None:
    job, folder = kept.job, kept.folder
    kept.open(ready.worlds)
    count = Count(job.cases, progress)
    failed = 0

    def heard(part: Part) -> None:
        nonlocal failed
        kept.add(part)
        failed += part.failed
        if len(kept.done) % EVERY == 0:
            kept.write()
        count.add(f"cases, {failed:,} failed" if failed else "cases", part.cases)

    left = kept.left()
    if kept.done:
        failed = sum(part.failed for part in kept.done.values())
        count.add("cases kept from before", sum(part.cases for part in kept.done.values()))
    try:
        executor(job, left, folder, heard)
    finally:
        kept.write()
    lacking = kept.left()
    if lacking:
        raise SolveError(
            f"{len(lacking)} batches of the sweep in {folder} were not solved; run it again to go on"
        )


def _require_sectors(file: SweepFile, spec: str, world: World) -> None:
    """Refuse elasticities of sectors or kinds that a world does not have. Errors: SweepError with the nearest name."""
    present = priors.parameters(world)
    for name in file.parameters:
        sector = name.removeprefix(SECTOR)
        if name.startswith(SECTOR) and sector not in world.sectors:
            near = countries.nearest(sector, world.sectors)
            hint = f"did you mean {SECTOR}{near[0]}?" if near else f"it has {', '.join(world.sectors[:12])}"
            raise SweepError(f"parameters.{name}: the world {spec} has no sector '{sector}'; {hint}")
        if name.startswith(KIND) and name not in present:
            kinds = ", ".join(each for each in present if each.startswith(KIND))
            raise SweepError(
                f"parameters.{name}: the world {spec} has no sector of that kind; it has {kinds}"
            )


def _words(file: SweepFile, name: str) -> tuple[float | str, ...]:
    """The words that a parameter takes in a sweep."""
    variation = file.parameters.get(name)
    return (PARAMETERS[name].default,) if variation is None else variation.values or ()


def _executor(workers: int | None, cluster: str | None) -> AbstractContextManager[Executor]:
    """Who solves. Errors: InputError."""
    whole = isinstance(workers, int | np.integer) and not isinstance(workers, bool)
    if workers is not None and not (whole and workers >= 0):
        raise InputError(f"workers is {workers!r:.60}; give a whole number, 0 to solve in this process")
    count = processors() if workers is None else int(workers)
    if cluster is not None:
        from ecumene.sweeps.cluster import dask

        return nullcontext(partial(dask, address=cluster, workers=max(count, 1)))
    return nullcontext(in_process) if count == 0 else begun(count)
