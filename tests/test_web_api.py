"""The API as a client meets it: what it answers, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx2")

from fastapi.testclient import TestClient
from web_tasks import comparison, slow

import ecumene as ec
from ecumene.web.app import Settings, create_app

HERE = "http://127.0.0.1"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = create_app(Settings(tmp_path_factory.mktemp("web") / "results", task=comparison))
    with TestClient(app, base_url=HERE) as found:
        yield found


def _wait(client: TestClient, name: str) -> list[tuple[str, Any]]:
    text = client.get(f"/api/runs/{name}/events").text
    parts = [part.split("\n") for part in text.strip().split("\n\n")]
    return [(a.removeprefix("event: "), json.loads(b.removeprefix("data: "))) for a, b in parts]


def _start(client: TestClient, **ask: Any) -> dict[str, Any]:
    answer = client.post("/api/runs", json={"orders": ["today", "two-blocs"], **ask})
    assert answer.status_code == 202, answer.text
    return answer.json()


def test_worlds_and_orders_are_listed(client: TestClient) -> None:
    assert [world["name"] for world in client.get("/api/worlds").json()] == ["reference"]
    orders = {order["name"]: order for order in client.get("/api/orders").json()}
    assert orders["two-blocs"]["hash"] == ec.load_order("two-blocs").hash
    assert "alliance treaties" in orders["two-blocs"]["description"]


def test_a_run_tells_its_steps_and_gives_its_numbers(client: TestClient, tmp_path: Path) -> None:
    run = _start(client)
    news = _wait(client, run["id"])
    assert [kind for kind, _ in news] == ["step"] * 6 + ["done"]
    assert [data["done"] for _, data in news[:-1]] == [1, 2, 3, 4, 5, 6]
    answer = client.get(f"/api/runs/{run['id']}/result.nc")
    (tmp_path / "r.nc").write_bytes(answer.content)
    assert ec.load_result(tmp_path / "r.nc").hash == comparison_hash()
    assert client.get(f"/api/runs/{run['id']}/result.csv").text.startswith('"economy","variable"')
    assert client.get(f"/api/runs/{run['id']}/result.json").json()["hash"] == comparison_hash()
    assert client.get(f"/api/runs/{run['id']}").json()["state"] == "done"
    assert _start(client)["state"] == "done"  # kept


def comparison_hash() -> str:
    from small_world import make_world

    return ec.compare(make_world(), ["today", "two-blocs"]).hash


@pytest.mark.parametrize(
    ("ask", "word"),
    [
        ({"orders": ["two-blocks"]}, "two-blocks"),
        ({"orders": ["../../etc/passwd"]}, "no preset"),
        ({"orders": ["today", "today"]}, "repeated"),
        ({"orders": []}, "at least 1"),
        ({"orders": ["today"], "world": "/etc/passwd"}, "reference"),
        ({"orders": ["today"], "extra": 1}, "extra"),
        ({"orders": [{"yaml": "name: a\ntitle: A\nextends: ../../secret.yaml\n"}]}, "only presets"),
        ({"orders": [{"yaml": "name: a\ntitel: A\n"}]}, "titel"),
        ({"orders": ["today"], "why": "yes"}, "bool"),
    ],
    ids=str,
)
def test_bad_input_is_one_clear_answer(client: TestClient, ask: dict[str, Any], word: str) -> None:
    answer = client.post("/api/runs", json=ask)
    assert answer.status_code == 422
    assert word in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"content": b"x" * 300_000, "headers": {"content-type": "application/json"}}, 413),
        ({"content": b"[" * 500, "headers": {"content-type": "application/json"}}, 400),
        ({"content": b'{"orders":["today"]}', "headers": {"content-type": "text/plain"}}, 415),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 422),
        ({"json": {"orders": ["today"]}, "headers": {"host": "evil.example"}}, 400),
        ({"json": {"orders": ["today"]}, "headers": {"origin": "http://evil.example"}}, 403),
        ({"json": {"orders": ["today"]}, "headers": {"origin": "null"}}, 403),
    ],
    ids=["large", "deep", "type", "not JSON", "host", "origin", "null origin"],
)
def test_what_is_not_meant_for_the_service_goes_no_further(
    client: TestClient, request_: dict[str, Any], status: int
) -> None:
    answer = client.post("/api/runs", **request_)
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_runs_that_are_not_there(client: TestClient) -> None:
    assert client.get(f"/api/runs/{'a' * 16}").status_code == 404
    assert client.get("/api/runs/..%2f..%2fetc").status_code in (404, 422)
    assert client.get(f"/api/runs/{'a' * 16}/result.exe").status_code in (404, 422)


def test_a_token_is_wanted_where_one_is_set(tmp_path: Path) -> None:
    app = create_app(Settings(tmp_path / "r", token="secret", task=slow))
    with TestClient(app, base_url=HERE) as client:
        assert client.get("/api/worlds").status_code == 401
        assert client.get("/api/worlds", headers={"authorization": "Bearer other"}).status_code == 401
        assert client.get("/api/worlds", headers={"authorization": "Bearer secret"}).status_code == 200


def test_a_full_queue_says_when_to_come_back_and_a_run_can_be_cancelled(tmp_path: Path) -> None:
    app = create_app(Settings(tmp_path / "r", waiting=1, task=slow))
    with TestClient(app, base_url=HERE) as client:
        names = ["today", "open", "two-blocs", "multipolar"]
        answers = [client.post("/api/runs", json={"orders": [name]}) for name in names]
        full = next(answer for answer in answers if answer.status_code == 429)
        assert int(full.headers["retry-after"]) >= 1
        first = answers[0].json()["id"]
        assert client.get(f"/api/runs/{first}/result.nc").status_code == 409
        client.delete(f"/api/runs/{first}")
        assert _wait(client, first)[-1] == ("failed", {"kind": "cancelled", "message": "cancelled"})
        assert client.get(f"/api/runs/{first}/result.nc").status_code == 409
