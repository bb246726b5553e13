"""What the service does when it is cold, busy or begun again, as its clients see it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx2")

from fastapi.testclient import TestClient
from web_engines import small_engine
from web_tasks import FOLDER, anything, endless, fails_once, slow

from ecumene.web import engine as engines
from ecumene.web import queue as queues
from ecumene.web import run_routes
from ecumene.web.app import create_app
from ecumene.web.store import Handed

HERE = "http://127.0.0.1"
LASTING: dict[str, Any] = {"world": "small", "orders": [{"yaml": "name: endless\ntitle: Endless\n"}]}
MANY: dict[str, Any] = {
    "world": "small",
    "orders": ["today", "open", "two-blocs", "multipolar", "self-sufficient"],
    "range": False,
}
"""Too many orders to be quick."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    return tmp_path


@pytest.fixture
def busy(folder: Path) -> Iterator[TestClient]:
    with TestClient(create_app(small_engine(folder, endless)), base_url=HERE) as client:
        yield client


def _end(client: TestClient, run: dict[str, Any]) -> dict[str, Any]:
    client.get(f"/api/runs/{run['id']}/events")  # until it is over
    return client.get(f"/api/runs/{run['id']}").json()


def _started(client: TestClient, ask: dict[str, Any]) -> dict[str, Any]:
    answer = client.post("/api/runs", json=ask)
    assert answer.status_code in (200, 202), answer.text
    return answer.json()


def test_the_first_run_is_begun_again_where_it_failed(folder: Path) -> None:
    with TestClient(create_app(small_engine(folder, fails_once)), base_url=HERE) as client:
        assert client.get("/api/first").status_code == 500
        again = client.get("/api/first")
        assert (again.status_code, again.json()["state"]) == (200, "done")
        assert again.json()["document"]
        assert client.get("/api/first").json()["id"] == again.json()["id"]


def test_a_cold_service_says_that_numbers_come_later(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_routes, "PATIENCE", 0.2)
    monkeypatch.setattr(engines, "PATIENCE", 0.2)
    app = create_app(small_engine(folder, slow, seconds=60.0))
    with TestClient(app, base_url=HERE) as client:
        for answer in (
            client.get("/api/first"),
            client.post("/api/runs", json={"orders": ["today"], "range": False}),
            client.post("/api/runs", json={"orders": ["open"]}),
        ):
            assert answer.status_code == 202, answer.text
            run = answer.json()
            assert (run["state"] in ("waiting", "running"), run["document"]) == (True, None)
            client.delete(f"/api/runs/{run['id']}")
            assert _end(client, run)["kind"] == "cancelled"


def test_what_is_quick_never_waits_for_what_is_long(busy: TestClient) -> None:
    many = _started(busy, MANY)
    assert _end(busy, many)["state"] == "done"
    _end(busy, _started(busy, {"world": "small", "orders": ["open"], "range": False}))  # it compiles
    lasting = [_started(busy, {**LASTING, "seed": seed}) for seed in range(3)]
    quick = _started(busy, {"world": "small", "orders": ["today"], "range": False})
    assert quick["state"] == "done"
    for suffix in ("csv", "nc"):
        answer = busy.get(f"/api/runs/{many['id']}/result.{suffix}")
        assert (answer.status_code, len(answer.content) > 1000) == (200, True)
    assert busy.post("/api/orders", json={"world": "small", "yaml": "name: a\ntitle: A\n"}).status_code == 200
    bad = {
        "world": "small",
        "orders": [{"yaml": "name: a\ntitle: A\nblocs: {a: {members: [QQQ], depth: 9}}\n"}],
    }
    assert busy.post("/api/runs", json=bad).status_code == 422
    assert busy.get(f"/api/runs/{lasting[-1]['id']}").json()["state"] in ("running", "waiting")
    for run in reversed(lasting):
        busy.delete(f"/api/runs/{run['id']}")


@pytest.mark.slow
def test_a_run_that_was_handed_out_answers_as_long_as_its_result_is_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = {"world": "small", "orders": ["today"], "range": False}
    with TestClient(create_app(small_engine(folder)), base_url=HERE) as client:
        first, many = _started(client, ask), _started(client, MANY)
        assert _end(client, many)["state"] == "done"
        kept = _started(client, ask)  # another id for what was there
        monkeypatch.setattr(queues, "REMEMBERED", 0)
        for name in ("open", "two-blocs"):
            _started(client, {**ask, "orders": [name]})
        _forgotten(client, first, kept, many)
        monkeypatch.undo()
        monkeypatch.setenv(FOLDER, str(folder))
    with TestClient(create_app(small_engine(folder)), base_url=HERE) as client:
        _forgotten(client, first, kept, many)  # after another start too
        (folder / "worlds" / "small.ecm").unlink()
        assert client.get(f"/api/runs/{first['id']}/citation").status_code == 200
        assert client.get(f"/api/runs/{many['id']}/result.csv").status_code == 200
        assert client.get(f"/api/runs/{'x' * 16}/citation").status_code == 404


def test_a_run_of_a_version_that_asked_otherwise_is_not_there(folder: Path) -> None:
    engine = small_engine(folder, anything)
    with TestClient(create_app(engine), base_url=HERE) as client:
        for letter, said in (("a", '{"orders": ["today"], "mood": 1}'), ("b", '{"orders": ["yesterday"]}')):
            engine.store.put(letter, b"{}", Handed(letter * 16, said))
            assert client.get(f"/api/runs/{letter * 16}").status_code == 404


def _forgotten(client: TestClient, *runs: dict[str, Any]) -> None:
    for run in runs:
        start = f"/api/runs/{run['id']}"
        digest = client.get(start).json()["hash"]
        assert client.get(f"{start}/citation").json()["hash"] == digest
        assert client.get(f"{start}/document").json()["hash"] == digest
        for part in ("result.csv", "result.html", "orders/today.yaml"):
            answer = client.get(f"{start}/{part}")
            assert (answer.status_code, answer.headers.get("x-ecumene-hash")) == (200, digest), answer.text


def test_slow_presets_are_made_in_spare_time_and_are_there_at_the_next_start(folder: Path) -> None:
    engine = small_engine(folder, anything)
    with TestClient(create_app(engine), base_url=HERE) as client:
        assert client.get("/api/spare").json() == []
        engine.use_spare_time()
        assert [run.wait(60.0) for run in engine._patient._runs.values()] == [True, True]
        (found,) = client.get("/api/spare").json()
        assert (found["order"], found["run"]["state"]) == ("nation-first", "done")
        assert client.get(f"/api/runs/{found['run']['id']}/document").status_code == 200
        for more in ({"range": False}, {"why": True}):  # as pages ask
            answer = client.post("/api/runs", json={"orders": ["nation-first"], **more})
            assert (answer.status_code, answer.json()["state"]) == (200, "done")
    later = small_engine(folder, fails_once)  # which could make nothing
    with TestClient(create_app(later), base_url=HERE) as client:
        later.use_spare_time()
        assert [each["run"]["state"] for each in client.get("/api/spare").json()] == ["done"]
    assert not (folder / "failed").exists()


def test_what_is_made_for_everybody_is_not_stopped_by_one(folder: Path) -> None:
    engine = small_engine(folder, slow)
    with TestClient(create_app(engine), base_url=HERE) as client:
        engine.use_spare_time()
        (found,) = client.get("/api/spare").json()
        assert client.delete(f"/api/runs/{found['run']['id']}").status_code == 200
        assert not engine.spared()["nation-first"].cancelled
        assert not engine.spared()["nation-first"].over


def test_accidents_wait_for_nobody_else_and_their_process_ends_with_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "REST", 0.1)
    engine = small_engine(folder, anything)
    with TestClient(create_app(engine), base_url=HERE) as client:
        run = _started(client, {"orders": ["today"], "security": 5})
        assert _end(client, run)["state"] == "done"
        (worker,) = engine._patient._workers
        end = time.monotonic() + 30.0
        while worker.alive and time.monotonic() < end:
            time.sleep(0.05)
        assert not worker.alive  # it rests
        assert _end(client, _started(client, {"orders": ["open"], "security": 5}))["state"] == "done"
