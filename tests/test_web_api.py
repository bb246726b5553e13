"""The API as a client meets it: what it answers, and what it refuses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx2")

from fastapi.testclient import TestClient
from small_world import make_world
from web_engines import small_engine
from web_tasks import slow

import ecumene as ec
from ecumene.orders import order_from_text, preset_names
from ecumene.web.app import create_app
from ecumene.web.engine import Engine

HERE = "http://127.0.0.1"
FILE = {"content-type": "application/octet-stream"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = create_app(small_engine(tmp_path_factory.mktemp("web")))
    with TestClient(app, base_url=HERE) as found:
        yield found


def _wait(client: TestClient, name: str) -> list[tuple[str, Any]]:
    text = client.get(f"/api/runs/{name}/events").text
    parts = [
        part.split("\n") for part in text.strip().split("\n\n") if not part.startswith(":")
    ]  # signs of life
    return [(a.removeprefix("event: "), json.loads(b.removeprefix("data: "))) for a, b in parts]


def _start(client: TestClient, **ask: Any) -> dict[str, Any]:
    answer = client.post("/api/runs", json={"world": "small", "orders": ["today", "two-blocs"], **ask})
    assert answer.status_code in (200, 202), answer.text
    return answer.json()


def _done(client: TestClient, **ask: Any) -> dict[str, Any]:
    """A run with its numbers: at once, or asked again when it is over."""
    run = _start(client, **ask)
    if run["state"] != "done":
        assert _wait(client, run["id"])[-1][0] == "done"
        run = _start(client, **ask)
    assert run["state"] == "done"
    return run


def test_what_nobody_foresaw_is_answered_in_the_form_of_all_errors(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "spared", lambda _: 1 / 0)
    answer = TestClient(client.app, base_url=HERE, raise_server_exceptions=False).get("/api/spare")
    assert answer.status_code == 500
    assert answer.json()["detail"] == "internal error: ZeroDivisionError; the log of the service says more"


PAINTED = {
    "name": "painted",
    "title": "Painted",
    "blocs": {
        "a": {"members": ["USA", "DEU"], "depth": 2},
        "b": {"members": ["CHN", "RUS"], "depth": 3, "external_tariff": "own"},
    },
    "limits": [{"between": ["a", "b"], "depth": 0}],
    "barriers": [{"between": ["a", "b"], "cost_percent": 20, "sectors": ["Services"]}],
    "tariffs": [{"on": "a", "from": "b", "rate_percent": 25}],
    "embargoes": [{"from": "b", "to": "a", "sectors": ["Food"]}],
}


def test_worlds_are_listed_with_what_their_numbers_rest_on(client: TestClient) -> None:
    worlds = {world["name"]: world for world in client.get("/api/worlds").json()}
    assert worlds.keys() == {"reference", "small"}
    assert worlds["reference"]["size"] == {"economies": 145, "sectors": 16}
    assert worlds["small"]["hash"] == make_world().hash
    facts = client.get("/api/worlds/reference").json()
    japan = next(economy for economy in facts["economies"] if economy["code"] == "JPN")
    assert (japan["numeric"], japan["names"]["ja"], japan["names"]["ru"]) == ("392", "日本", "Япония")
    assert set(japan["names"]) == {"en", "de", "fr", "es", "ru", "zh", "ja"}
    assert japan["population"] > 1e8
    assert "Caliendo and Parro" in facts["theta_source"]
    assert "not a published table" in facts["quality"]
    assert {"EU", "USMCA"} <= {union["name"] for union in facts["unions"]}
    lacking = client.get("/api/worlds/small").json()["economies"][0]
    assert lacking["latitude"] is None  # a number that is not known is no zero


def test_presets_come_with_their_authors_notes(client: TestClient) -> None:
    orders = {order["name"]: order for order in client.get("/api/orders?world=small").json()}
    assert tuple(orders) == preset_names()
    two = orders["two-blocs"]
    assert two["hash"] == ec.load_order("two-blocs").hash
    assert "Membership by public criteria" in two["note"]
    assert {bloc["name"]: bloc["members"] for bloc in two["blocs"]} == {
        "atlantic-pacific": ["DEU", "FRA", "USA"],
        "eurasian": ["CHN", "RUS"],
    }
    assert two["order"]["tariffs"][0]["from"] == ["eurasian"]


@pytest.mark.parametrize("name", preset_names())
def test_an_order_is_the_same_said_either_way(client: TestClient, name: str) -> None:
    shown = client.get(f"/api/orders/{name}?world=small").json()
    again = client.post("/api/orders", json={"world": "small", "order": shown["order"]}).json()
    assert again["hash"] == shown["hash"] == ec.load_order(name).hash
    third = client.post("/api/orders", json={"world": "small", "yaml": again["yaml"]}).json()
    assert third["order"] == shown["order"]


def test_a_painted_order_becomes_yaml_and_blocs(client: TestClient) -> None:
    shown = client.post("/api/orders", json={"world": "small", "order": PAINTED}).json()
    assert order_from_text(shown["yaml"]).hash == shown["hash"]
    assert [bloc["members"] for bloc in shown["blocs"]] == [["DEU", "USA"], ["CHN", "RUS"]]
    assert shown["changes_anything"]


def test_a_painted_order_is_solved_as_its_file_is(client: TestClient, tmp_path: Path) -> None:
    run = _done(client, orders=[{"order": PAINTED}], range=False)
    (tmp_path / "painted.yaml").write_text(client.get(f"/api/runs/{run['id']}/orders/painted.yaml").text)
    order = ec.load_order(tmp_path / "painted.yaml")
    expected = ec.compare(make_world(), [order], theta_factors=(1.0,), draws=0)
    assert run["hash"] == run["document"]["hash"] == expected.hash
    assert run["document"]["provenance"][0]["order_hash"] == order.hash


def test_a_point_estimate_is_the_middle_of_the_range(client: TestClient) -> None:
    point, ranged = _done(client, range=False), _done(client)
    assert (point["point"], ranged["point"]) == (True, False)
    assert "real_income_range" in ranged["document"]["variables"]
    assert "real_income_range" not in point["document"]["variables"]
    one, three = (run["document"]["variables"]["real_income"]["values"] for run in (point, ranged))
    assert point["document"]["labels"]["quantile"] == ["central"]
    assert ranged["document"]["labels"]["quantile"] == ["low_theta", "central", "high_theta"]
    np.testing.assert_array_equal(np.array(one)[:, :, 0], np.array(three)[:, :, 1])


def test_a_long_run_tells_its_steps_and_gives_its_numbers(client: TestClient, tmp_path: Path) -> None:
    run = _start(client, sovereignty=True)
    assert run["document"] is None
    news = _wait(client, run["id"])
    steps = 2 * (3 + 3 + 64)  # orders; elasticities, sovereignty, draws
    assert [kind for kind, _ in news] == ["step"] * steps + ["done"]
    assert [data["done"] for _, data in news[:-1]] == list(range(1, steps + 1))
    again = _start(client, sovereignty=True)  # kept
    assert again["state"] == "done"
    assert again["hash"] == news[-1][1]["hash"] == again["document"]["hash"]
    (tmp_path / "r.nc").write_bytes(client.get(f"/api/runs/{again['id']}/result.nc").content)
    assert ec.load_result(tmp_path / "r.nc").hash == again["hash"]


def test_the_same_hash_is_in_every_file(client: TestClient, tmp_path: Path) -> None:
    run = _done(client, range=False)
    digest, start = run["hash"], f"/api/runs/{run['id']}"
    for suffix in ("csv", "parquet", "json", "nc"):
        answer = client.get(f"{start}/result.{suffix}")
        assert answer.headers["x-ecumene-hash"] == digest
        assert f"ecumene-{digest[:12]}.{suffix}" in answer.headers["content-disposition"]
        (tmp_path / f"r.{suffix}").write_bytes(answer.content)
    import pyarrow.parquet

    header = pyarrow.parquet.read_schema(tmp_path / "r.parquet").metadata[b"ecumene_header"]
    assert json.loads(header)["hash"] == digest
    assert json.loads((tmp_path / "r.json").read_text())["hash"] == digest
    assert ec.load_result(tmp_path / "r.nc").hash == digest
    assert (tmp_path / "r.csv").read_text().startswith('"economy","variable"')
    assert digest in client.get(f"{start}/orders/two-blocs.yaml").text
    cited = client.get(f"{start}/citation").json()
    assert (cited["hash"], cited["orders"][1]["hash"]) == (digest, ec.load_order("two-blocs").hash)
    assert digest in cited["text"]
    assert digest[:12] in cited["bibtex"]
    assert client.get(f"{start}/orders/open.yaml").status_code == 404


@pytest.mark.parametrize(
    ("ask", "status", "word"),
    [
        ({"orders": ["two-blocks"]}, 422, "two-blocks"),
        ({"orders": ["../../etc/passwd"]}, 422, "no preset"),
        ({"orders": ["today", "today"]}, 422, "repeated"),
        ({"orders": []}, 422, "at least 1"),
        ({"orders": ["today"], "world": "/etc/passwd"}, 422, "world"),
        ({"orders": ["today"], "world": "nowhere"}, 404, "nowhere"),
        ({"orders": ["today"], "extra": 1}, 422, "extra"),
        ({"orders": [{"yaml": "name: a\ntitle: A\nextends: ../../secret.yaml\n"}]}, 422, "only presets"),
        ({"orders": [{"yaml": "name: a\ntitel: A\n"}]}, 422, "line 2: titel"),
        ({"orders": [{"order": {**PAINTED, "bloks": {}}}]}, 422, "did you mean 'blocs'"),
        (
            {"orders": [{"order": {**PAINTED, "limits": [{"between": ["a", "USA"], "depth": 0}]}}]},
            422,
            "conflict",
        ),
        (
            {
                "range": False,
                "orders": [{"order": {**PAINTED, "limits": [{"between": ["a", "USA"], "depth": 0}]}}],
            },
            422,
            "conflict",
        ),
        ({"orders": ["today"], "why": "yes"}, 422, "bool"),
        ({"orders": ["today"], "shocks": ["plague"]}, 422, "no shock 'plague'"),
        ({"orders": ["today"], "security": 10**6}, 422, "200"),
    ],
    ids=str,
)
def test_bad_input_is_one_clear_answer(
    client: TestClient, ask: dict[str, Any], status: int, word: str
) -> None:
    answer = client.post("/api/runs", json={"world": "small", **ask})
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert word in " ".join([told["detail"], *told["problems"]])
    assert "Traceback" not in answer.text


def test_an_order_is_said_once(client: TestClient) -> None:
    for both in ({}, {"yaml": "name: a\ntitle: A\n", "order": PAINTED}):
        assert "exactly one" in client.post("/api/orders", json=both).json()["detail"]


def test_an_order_that_closes_trade_one_way_says_so(client: TestClient) -> None:
    order = {"name": "oneway", "title": "One way", "barriers": [{"from": "GEO", "to": "all", "closed": True}]}
    answer = client.post("/api/runs", json={"world": "small", "orders": [{"order": order}], "range": False})
    assert answer.status_code == 422
    assert "open a way back" in answer.json()["detail"]


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
    assert "access-control-allow-origin" not in answer.headers


def test_runs_that_are_not_there(client: TestClient) -> None:
    assert client.get(f"/api/runs/{'a' * 16}").status_code == 404
    assert client.get("/api/runs/..%2f..%2fetc").status_code in (404, 422)
    assert client.get(f"/api/runs/{'a' * 16}/result.exe").status_code in (404, 422)
    assert client.get("/..%2f..%2fetc%2fpasswd").status_code == 404


def test_a_world_is_uploaded_used_and_forgotten(client: TestClient, tmp_path: Path) -> None:
    make_world().select(["DEU", "USA", "CHN"]).save(tmp_path / "mine.ecm")
    body = (tmp_path / "mine.ecm").read_bytes()
    answer = client.post("/api/worlds?title=Mine", content=body, headers=FILE)
    assert answer.status_code == 201, answer.text
    name = answer.json()["name"]
    assert [economy["code"] for economy in answer.json()["economies"]] == ["DEU", "ROW", "USA", "CHN"]
    assert [w["title"] for w in client.get("/api/worlds").json() if w["kind"] == "uploaded"] == ["Mine"]
    assert _done(client, world=name, orders=["today"], range=False)["hash"]
    assert client.delete(f"/api/worlds/{name}").status_code == 204
    assert client.get(f"/api/worlds/{name}").status_code == 404
    assert client.delete("/api/worlds/reference").status_code == 404


def _pickled(path: Path) -> bytes:
    np.savez(path, header=np.array([{"a": 1}], dtype=object))
    return path.read_bytes()


def _bomb(path: Path) -> bytes:
    import zipfile

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("trade.npy", "w") as file:
        for _ in range(1100):
            file.write(bytes(1_000_000))
    return path.read_bytes()


def test_an_upload_that_is_no_world_is_refused(client: TestClient, tmp_path: Path) -> None:
    make_world().save(tmp_path / "w.ecm")
    whole = (tmp_path / "w.ecm").read_bytes()
    for body, word in (
        (b"", "no saved world"),
        (b"name: today", "no saved world"),
        (whole[: len(whole) // 2], "saved world"),
        (_pickled(tmp_path / "p.npz"), "cannot be read"),
        (_bomb(tmp_path / "b.npz"), "at most"),
    ):
        answer = client.post("/api/worlds", content=body, headers=FILE)
        assert (answer.status_code, word in answer.json()["detail"]) == (422, True), answer.text
        assert "/tmp" not in answer.text  # nobody learns where it lay
    assert client.post("/api/worlds", content=whole).status_code == 415
    assert [w["kind"] for w in client.get("/api/worlds").json()] == ["reference", "folder"]


def test_an_upload_is_bounded_while_it_comes(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from ecumene.web import routes

    monkeypatch.setattr(routes, "LARGEST", 1000)
    taken: list[int] = []
    answers: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        taken.append(len(taken))
        return {"type": "http.request", "body": bytes(100), "more_body": len(taken) < 100}

    async def send(message: dict[str, Any]) -> None:
        answers.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/api/worlds", "raw_path": b"/api/worlds", "query_string": b"", "root_path": "",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", FILE["content-type"].encode())],
    }  # fmt: skip
    asyncio.run(client.app(scope, receive, send))  # type: ignore[arg-type]
    assert answers[0]["status"] == 413
    assert len(taken) == 11  # 1,000 bytes are let, and the rest stays where it is


def test_a_full_queue_says_when_to_come_back_and_a_run_can_be_cancelled(tmp_path: Path) -> None:
    app = create_app(small_engine(tmp_path, slow, waiting=1))
    with TestClient(app, base_url=HERE) as client:
        names = ["today", "open", "two-blocs", "multipolar"]
        answers = [client.post("/api/runs", json={"orders": [name], "sovereignty": True}) for name in names]
        full = next(answer for answer in answers if answer.status_code == 429)
        assert int(full.headers["retry-after"]) >= 1
        first = answers[0].json()["id"]
        assert client.get(f"/api/runs/{first}/result.nc").status_code == 409
        client.delete(f"/api/runs/{first}")
        kind, data = _wait(client, first)[-1]
        assert (kind, data["kind"]) == ("failed", "cancelled")
        assert client.get(f"/api/runs/{first}/result.nc").status_code == 409


def test_halves_of_characters_are_refused(client: TestClient) -> None:
    painted = '{"name": "x", "title": "\\ud800", "blocs": {"a": {"members": ["A"], "depth": 1}}}'
    json_type = {"content-type": "application/json"}
    for path, body in (
        ("/api/orders", f'{{"order": {painted}}}'),
        ("/api/runs", f'{{"orders": [{{"order": {painted}}}]}}'),
    ):
        answer = client.post(path, content=body, headers=json_type)
        assert answer.status_code == 422
        assert any("half of a character" in problem for problem in answer.json()["problems"])
