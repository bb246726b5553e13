"""Finished results by hash, on disk: one SQLite file that other processes may read, bounded, whole after any end."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple, final

from ecumene.errors import OutputError

MOST: Final = 500_000_000
"""Bytes of results that are kept."""

_BEGIN: Final = (
    "pragma journal_mode = wal",  # readers do not wait, and a kill loses nothing whole
    "pragma synchronous = normal",  # enough for a kill; does not wait for the disk
    "create table if not exists result (key text primary key, size integer not null, used real not null, "
    "body blob not null)",
    # So that sizes are summed, and what was used longest ago is found, without reading any body.
    "create index if not exists oldest on result (used, key, size)",
    # Runs that were handed out, by their id: they answer as long as their result is kept, and go with it.
    "create table if not exists handed (id text primary key, key text not null, said text not null)",
    "create index if not exists of_result on handed (key)",
    "create trigger if not exists gone after delete on result begin delete from handed where key = old.key; end",
)


class Handed(NamedTuple):
    """A run as a client knows it: its id, and what was asked, as text."""

    id: str
    said: str


@final
class Store:
    """Bytes by key. What was used longest ago goes first where there is too much. Threads may share it."""

    def __init__(self, path: Path, most: int = MOST) -> None:
        self._path, self._most, self._lock = path, most, threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Kept open: closing the last connection writes everything back, which takes longer than a result.
            self._database = sqlite3.connect(path, timeout=10.0, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise _unusable(path, error) from error
        try:
            for statement in _BEGIN:
                self._database.execute(statement)
        except sqlite3.Error as error:
            self._database.close()
            raise _unusable(path, error) from error

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One piece of work, written whole or not at all."""
        with self._lock, self._database:
            yield self._database

    @contextmanager
    def _bearing(self) -> Iterator[None]:
        """A full or damaged disk costs what is kept, and never an answer: it is logged, and the answer goes on."""
        try:
            yield
        except sqlite3.Error as error:
            logging.getLogger(__name__).warning(
                "results are not kept, what is asked again is computed again: %s: %s; make room, or remove the file",
                self._path,
                error,
            )

    def get(self, key: str, handed: Handed | None = None) -> bytes | None:
        """What was put under a key, and under which run it is known from now on; None where nothing can be read."""
        found = None
        with self._bearing(), self._open() as database:
            found = database.execute("select body from result where key = ?", (key,)).fetchone()
        if found is None:
            return None
        with self._bearing(), self._open() as database:
            database.execute("update result set used = ? where key = ?", (time.time(), key))
            _note(database, key, handed)
        return bytes(found[0])

    def recall(self, name: str) -> tuple[str, str] | None:
        """Key of the result of a run, and what was asked; None where neither can be read."""
        with self._bearing(), self._open() as database:
            return database.execute("select key, said from handed where id = ?", (name,)).fetchone()
        return None

    def put(self, key: str, body: bytes, handed: Handed | None = None) -> None:
        """Keep a result, and the run that it answers; one larger than the bound, or than the disk, is not kept."""
        if len(body) > self._most:
            return
        with self._bearing(), self._open() as database:
            database.execute(
                "insert or replace into result values (?, ?, ?, ?)", (key, len(body), time.time(), body)
            )
            _note(database, key, handed)
            (total,) = database.execute("select sum(size) from result").fetchone()
            while total > self._most:
                other, size = database.execute(
                    "select key, size from result order by used, key limit 1"
                ).fetchone()
                database.execute("delete from result where key = ?", (other,))
                total -= size

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._database.close()


def _note(database: sqlite3.Connection, key: str, handed: Handed | None) -> None:
    if handed is not None:
        database.execute("insert or ignore into handed values (?, ?, ?)", (handed.id, key, handed.said))


def _unusable(path: Path, error: Exception) -> OutputError:
    return OutputError(
        f"cannot keep results in {path}: {error}; name another folder with ECUMENE_CACHE, or remove the file"
    )
