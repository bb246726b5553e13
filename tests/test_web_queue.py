"""Runs of the service: bounded, stoppable, kept; whatever one of them does, the next is served."""

from __future__ import annotations

import multiprocessing
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from web_tasks import task

from ecumene.errors import OutputError
from ecumene.web import queue as queues
from ecumene.web import worker as workers
from ecumene.web.queue import Full, Queue, Run
from ecumene.web.store import Handed, Store
from ecumene.web.worker import Done, Failed, Step


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue]:
    monkeypatch.setattr(workers, "GRACE", 0.3)
    made = Queue(task, Store(tmp_path / "results.sqlite"), waiting=2, seconds=20.0)
    yield made
    made.close()


def _end(run: Run) -> Done | Failed:
    assert run.wait(30.0)
    last = run.news[-1]
    assert isinstance(last, Done | Failed)
    return last


def _begun(run: Run) -> Step | Done | Failed:
    """What is told first of a run, as soon as it is at work."""
    with run.changed:
        assert run.changed.wait_for(lambda: run.news, 30.0)
    return run.news[0]


def test_steps_are_told_in_order_and_the_result_is_kept(queue: Queue) -> None:
    run = queue.submit("key", ("steps", 3))
    last = _end(run)
    assert run.news == [*(Step(n, 3, "a step") for n in (1, 2, 3)), last]
    again = queue.submit("key", ("crash", 1))
    assert again.over
    assert _end(again) == last
    assert queue.find(run.id) is run
    assert queue.find("unknown") is None


def test_runs_in_memory_are_bounded_by_bytes_and_the_store_knows_the_rest(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [queue.submit(key, ("steps", 1), f"asked {key}") for key in "ab"]
    size = len(_end(runs[0]).body) + len(_end(runs[1]).body)  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setattr(queues, "HELD", size - 1)
    again = queue.submit("b", ("steps", 1), "asked b")
    assert queue.find(runs[0].id) is None
    assert queue._store.recall(runs[0].id) == ("a", "asked a")
    assert queue.find(again.id) is again
    assert queue.submit("b", ("steps", 1), "asked b").id == again.id  # asking often leaves one trace


def test_what_another_run_made_meanwhile_is_not_made_again(queue: Queue) -> None:
    first = queue.submit("a", ("slow", 0.05))
    _begun(first)
    waiting = queue.submit("key", ("crash", 1))
    queue._store.put("key", b"made elsewhere")
    queue.cancel(first)
    assert _end(waiting) == Done(b"made elsewhere")


def test_the_process_stays_warm(queue: Queue) -> None:
    assert _end(queue.submit("a", ("steps", 1))) == _end(queue.submit("b", ("steps", 1)))


@pytest.mark.parametrize(
    ("request_", "kind", "word"),
    [
        (("input", 0), "input", "no such order"),
        (("other", 0), "internal", "a defect"),
        (("crash", 3), "crash", "3"),
    ],
    ids=lambda value: str(value[0]) if isinstance(value, tuple) else "",
)
def test_a_run_that_fails_says_why_and_the_next_is_served(
    queue: Queue, request_: tuple[str, int], kind: str, word: str
) -> None:
    failed = _end(queue.submit("bad", request_))
    assert isinstance(failed, Failed)
    assert failed.kind == kind
    assert word in failed.message
    assert isinstance(_end(queue.submit("good", ("steps", 1))), Done)


def test_too_many_are_turned_away_with_a_time_to_come_back(queue: Queue) -> None:
    first = queue.submit("a", ("slow", 0.05))
    _begun(first)
    waiting = [queue.submit(key, ("steps", 1)) for key in "bc"]
    with pytest.raises(Full) as full:
        queue.submit("d", ("steps", 1))
    assert full.value.retry_after >= 1
    queue.cancel(waiting[0])
    assert _end(waiting[0]) == Failed("cancelled", "cancelled")
    queue.cancel(first)
    assert _end(first) == Failed("cancelled", "cancelled")
    assert isinstance(_end(waiting[1]), Done)


def test_a_run_that_does_not_hear_is_ended(queue: Queue) -> None:
    assert isinstance(_end(queue.submit("warm", ("steps", 1))), Done)
    run = queue.submit("a", ("deaf", 60.0))
    time.sleep(0.3)
    queue.cancel(run)
    assert _end(run) == Failed("cancelled", "cancelled")  # by itself it would not be over by then
    assert isinstance(_end(queue.submit("b", ("steps", 1))), Done)


def test_a_run_out_of_time_is_ended_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "GRACE", 0.3)
    queue = Queue(task, Store(tmp_path / "r"), seconds=8.0)
    try:
        assert isinstance(_end(queue.submit("warm", ("steps", 1))), Done)
        queue._seconds = 0.5
        for request in (("slow", 0.05), ("deaf", 60.0)):
            late = _end(queue.submit("late", request))
            assert isinstance(late, Failed)
            assert (late.kind, "longer than 0.5 s" in late.message) == ("time", True)
    finally:
        queue.close()


def test_closing_ends_what_runs(tmp_path: Path) -> None:
    queue = Queue(task, Store(tmp_path / "r"))
    run = queue.submit("a", ("slow", 0.05))
    _begun(run)
    queue.close()
    assert not [child for child in multiprocessing.active_children() if child.name == "ecumene-worker"]


def test_the_store_is_bounded_and_forgets_what_was_used_longest_ago(tmp_path: Path) -> None:
    store = Store(tmp_path / "r", most=10)
    for key in "abc":
        store.put(key, key.encode() * 3)
        time.sleep(0.01)
    store.get("a")
    store.put("d", b"dddd")
    assert [store.get(key) for key in "abcd"] == [b"aaa", None, b"ccc", b"dddd"]
    store.put("f", b"f", Handed("run", "asked"))
    assert store.recall("run") == ("f", "asked")
    store.put("g", b"g" * 10)
    assert store.recall("run") is None  # a run is known as long as its result
    store.put("e", b"e" * 11)
    assert store.get("e") is None
    assert [store.get(key) for key in "abcdfg"] == [None] * 5 + [b"g" * 10]


def test_another_connection_reads_while_one_writes(tmp_path: Path) -> None:
    store = Store(tmp_path / "r")
    store.put("a", b"before")
    reader = sqlite3.connect(f"file:{tmp_path / 'r'}?mode=ro", uri=True)
    writer = Thread(target=lambda: [store.put(str(n), bytes(1000)) for n in range(50)])
    writer.start()
    assert reader.execute("select body from result where key = 'a'").fetchone() == (b"before",)
    writer.join()
    assert reader.execute("select count(*) from result").fetchone() == (51,)
    reader.close()


def test_a_kill_in_the_midst_of_writing_leaves_what_was_whole(tmp_path: Path) -> None:
    import subprocess

    code = (
        "import sys; from pathlib import Path; from ecumene.web.store import Store\n"
        "store = Store(Path(sys.argv[1]), 10**9)\n"
        "for n in range(10**6): store.put(str(n), bytes([n % 256]) * 200_000); print(n, flush=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "r")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    last = -1
    for line in process.stdout:
        last = int(line)
        if last >= 5:
            break
    process.kill()
    process.wait()
    process.stdout.close()
    store = Store(tmp_path / "r")
    for n in range(last + 1):
        assert store.get(str(n)) == bytes([n % 256]) * 200_000


def test_a_store_that_cannot_be_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no database, but a text that is long enough to be seen as none" * 20)
    with pytest.raises(OutputError, match="cannot keep results"):
        Store(tmp_path / "file")
    with pytest.raises(OutputError, match="ECUMENE_CACHE"):
        Store(tmp_path / "file" / "inside")


def test_a_run_that_takes_too_much_memory_is_ended(tmp_path: Path) -> None:
    queue = Queue(task, Store(tmp_path / "r"), memory=200_000_000)
    try:
        greedy = _end(queue.submit("a", ("greedy", 40)))
        assert isinstance(greedy, Failed)
        assert greedy.kind == "memory"
        assert isinstance(_end(queue.submit("b", ("steps", 1))), Done)
    finally:
        queue.close()


def test_several_workers_work_side_by_side(tmp_path: Path) -> None:
    queue = Queue(task, Store(tmp_path / "r"), workers=2)
    try:
        runs = [queue.submit(key, ("slow", 0.02)) for key in "ab"]
        for run in runs:
            assert isinstance(_begun(run), Step)
        assert not any(run.over for run in runs)
    finally:
        queue.close()
    assert [_end(run) for run in runs] == [Failed("cancelled", "cancelled")] * 2


def test_a_process_that_crashed_is_made_ready_again(tmp_path: Path) -> None:
    queue = Queue(task, Store(tmp_path / "r"), warm=("steps", 1))
    try:
        before = _end(queue.submit("a", ("steps", 1)))
        assert isinstance(_end(queue.submit("bad", ("crash", 3))), Failed)
        assert isinstance(_end(queue.submit("b", ("steps", 1))), Done)
        assert _end(queue.submit("c", ("steps", 1))) != before
    finally:
        queue.close()


def test_a_full_disk_costs_what_is_kept_and_no_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(tmp_path / "r")
    store.put("old", b"kept before", Handed("run", "asked"))
    queue = Queue(task, store, seconds=20.0)
    try:
        (pages,) = store._database.execute("pragma page_count").fetchone()
        store._database.execute(f"pragma max_page_count = {pages}")
        big = "what was asked " * 10_000  # more than the pages that are left
        assert [type(_end(queue.submit(key, ("steps", 1), big))) for key in "abc"] == [Done] * 3
        assert queue.submit("old", ("crash", 1), big).news == [Done(b"kept before")]
    finally:
        queue.close()
    assert "database or disk is full; make room" in caplog.text
    assert store.get("a") is None  # nothing half written
    assert store.recall("run") == ("old", "asked")


def test_a_damaged_store_costs_what_is_kept_and_no_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(tmp_path / "r")
    store._database.execute("drop table handed")
    store._database.execute("drop table result")
    queue = Queue(task, store, seconds=20.0)
    try:
        assert isinstance(_end(queue.submit("a", ("steps", 1), "asked")), Done)
    finally:
        queue.close()
    assert store.recall("run") is None
    assert "results are not kept" in caplog.text


def test_a_defect_in_the_service_ends_no_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(tmp_path / "r")
    queue = Queue(task, store, seconds=20.0)
    try:
        with monkeypatch.context() as broken:
            broken.setattr(store, "put", lambda *_: 1 / 0)
            last = _end(queue.submit("a", ("steps", 1)))
        assert isinstance(last, Failed) and last.kind == "internal"
        assert "ZeroDivisionError" in caplog.text
        assert isinstance(_end(queue.submit("b", ("steps", 1))), Done)
    finally:
        queue.close()
