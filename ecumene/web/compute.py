"""What the processes of workers do: compare, write files, describe worlds and put orders on them."""

from __future__ import annotations

import json
import logging
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ecumene.errors import InputError, OutputError, SolveError
from ecumene.orders import Order
from ecumene.web.ask import Asked
from ecumene.web.library import Place, checked_archive
from ecumene.web.store import Store
from ecumene.web.worker import Tell

if TYPE_CHECKING:
    from ecumene.results import Comparison
    from ecumene.world import World

WORLDS: Final = 3
"""Worlds that a process keeps at hand."""

RESULTS: Final = 4
"""Results that a process keeps at hand, for files of them."""

CENTRAL: Final = (1.0,)
"""The factor on elasticities of a point estimate."""


class Compare(NamedTuple):
    """Compare orders on a world; the answer is what pages read."""

    place: Place
    asked: Asked
    key: str


class Check(NamedTuple):
    """Whether a comparison can be asked of a world, before anything is solved."""

    comparison: Compare


class Export(NamedTuple):
    """A file of a comparison that was made, which must have this hash; nothing, where it would be made `again`."""

    comparison: Compare
    digest: str
    suffix: str
    again: bool = True


class Describe(NamedTuple):
    """The facts of a world."""

    place: Place


class OnWorld(NamedTuple):
    """What orders are on a world: members of their blocs, and notes."""

    place: Place
    orders: tuple[Order, ...]


class Warm(NamedTuple):
    """Compile, and keep a world at hand."""

    comparison: Compare | None


Request = Compare | Check | Export | Describe | OnWorld | Warm


@dataclass(frozen=True)
class Compute:
    """The task of the workers. What takes long is kept in `store`, so that files of it need no second run."""

    store: Path

    def __call__(self, request: Request, tell: Tell) -> bytes:
        """The bytes of an answer. Errors: InputError, SolveError, OutputError."""
        if isinstance(request, Compare):
            return self._document(self._compared(request, tell))
        if isinstance(request, Export):
            return self._file(request, tell)
        if isinstance(request, Check):
            _check(_world(request.comparison.place), request.comparison.asked)
            return b""
        if isinstance(request, Describe):
            from ecumene.web.facts import facts_of

            return json.dumps(facts_of(request.place, _world(request.place))).encode()
        if isinstance(request, OnWorld):
            from ecumene.web.facts import on_world

            found = [on_world(order, _world(request.place)) for order in request.orders]
            return json.dumps(found).encode()
        if request.comparison is not None:
            self._document(self._compared(request.comparison, tell))
        return b""

    def _document(self, found: Comparison) -> bytes:
        from ecumene.report.content import content

        return json.dumps(content(found, all_sectors=True), allow_nan=False, separators=(",", ":")).encode()

    def _compared(self, request: Compare, tell: Tell) -> Comparison:
        """A comparison: at hand, from the store, or made. Errors: InputError, SolveError."""
        found = self._there(request)
        if found is None:
            found = _made(request, tell)
            if not request.asked.quick:
                self._keep(request.key, found)
            _at_hand(request.key, found)
        return found

    def _there(self, request: Compare) -> Comparison | None:
        """A comparison that was made before: at hand, or from the store."""
        found = _RESULTS.get(request.key)
        if found is None and not request.asked.quick:
            found = self._stored(request.key)
        if found is not None:
            _at_hand(request.key, found)
        return found

    def _keep(self, key: str, found: Comparison) -> None:
        try:
            with closing(Store(self.store)) as store:
                store.put(_saved(key), _bytes_of("result.nc", found.save))
        except (OutputError, OSError) as error:  # no room, here or in the temporary folder
            logging.getLogger(__name__).warning(
                "a result is not kept, its files are computed again: %s", error
            )

    def _stored(self, key: str) -> Comparison | None:
        try:
            with closing(Store(self.store)) as store:
                body = store.get(_saved(key))
        except OutputError:  # the run says so, when it cannot be kept
            return None
        if body is None:
            return None
        from ecumene.results import Comparison, load_result

        with tempfile.TemporaryDirectory(prefix="ecumene-run-") as folder:
            file = Path(folder) / "result.nc"
            file.write_bytes(body)
            found = load_result(file)
        return found if isinstance(found, Comparison) else None

    def _file(self, request: Export, tell: Tell) -> bytes:
        found = self._compared(request.comparison, tell) if request.again else self._there(request.comparison)
        if found is None:
            return b""
        if found.hash != request.digest:
            raise SolveError("the numbers came out differently a second time; start the run again")
        if request.suffix == "html":
            from ecumene.report.document import write_report

            return _bytes_of("result.html", lambda path: write_report(found, path))
        return _bytes_of(f"result.{request.suffix}", found.export)


_WORLDS: OrderedDict[str, World] = OrderedDict()
_RESULTS: OrderedDict[str, Comparison] = OrderedDict()


def _at_hand(key: str, found: Comparison) -> None:
    _RESULTS[key] = found
    _RESULTS.move_to_end(key)
    while len(_RESULTS) > RESULTS:
        _RESULTS.popitem(last=False)


def _saved(key: str) -> str:
    return f"{key}.nc"


def _world(place: Place) -> World:
    """A world, loaded once. Errors: SourceError, WorldError."""
    if place.identity not in _WORLDS:
        if place.path is None:
            from ecumene.sources import load_world

            _WORLDS[place.identity] = load_world(place.name)
        else:
            from ecumene.world import World

            checked_archive(place.path)
            try:
                _WORLDS[place.identity] = World.load(place.path)
            except InputError as error:  # nobody needs to learn where an upload lies
                raise InputError(str(error).replace(str(place.path), place.title)) from error
        while len(_WORLDS) > WORLDS:
            _WORLDS.popitem(last=False)
    _WORLDS.move_to_end(place.identity)
    return _WORLDS[place.identity]


def _check(world: World, asked: Asked) -> None:
    """Refuse what can be refused before anything is solved. Errors: InputError, OrderError, ShockError."""
    from ecumene.orders import apply

    for order in asked.orders:
        apply(order, world)
    if asked.shocks or asked.rest["security"]:
        from ecumene.security.numbers import plan_of

        plan_of(world, asked.shocks, asked.rest["security"], asked.rest["seed"], None)


def _made(request: Compare, tell: Tell) -> Comparison:
    from ecumene.jax_setup import beside
    from ecumene.ranges import DRAWS
    from ecumene.runs import THETA_FACTORS, compare

    rest = request.asked.rest
    return compare(
        _world(request.place),
        request.asked.orders,
        progress=tell,
        theta_factors=CENTRAL if request.asked.point else THETA_FACTORS,
        also=rest["also"],
        shocks=request.asked.shocks,
        security=rest["security"],
        seed=rest["seed"],
        draws=0 if request.asked.point else DRAWS,
        sovereignty=rest["sovereignty"],
        why=rest["why"],
        draws_folder=beside("draws"),
        tariffs_folder=beside("tariffs"),
        workers=1 if request.asked.point else None,
    )


def _bytes_of(name: str, write: Callable[[Path], Any]) -> bytes:
    """What a function writes into a file of this name."""
    with tempfile.TemporaryDirectory(prefix="ecumene-file-") as folder:
        target = Path(folder) / name
        write(target)
        return target.read_bytes()
