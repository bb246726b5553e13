"""Tokens, and the page that is or is not built."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx2")

from fastapi.testclient import TestClient
from web_engines import small_engine
from web_tasks import slow

from ecumene.web import page
from ecumene.web.app import create_app

HERE = "http://127.0.0.1"


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[TestClient]:
    app = create_app(small_engine(tmp_path, slow), token="secret")
    with TestClient(app, base_url=HERE, follow_redirects=False) as client:
        yield client


def test_a_token_is_wanted_where_one_is_set(guarded: TestClient) -> None:
    assert guarded.get("/api/about").status_code == 401
    assert guarded.get("/").status_code == 401
    for wrong in ("Bearer other", "Bearer ", "secret2"):
        assert guarded.get("/api/about", headers={"authorization": wrong}).status_code == 401
    assert guarded.get("/api/about", headers={"cookie": "ecumene_token=other"}).status_code == 401
    assert guarded.get("/api/about", headers={"authorization": "Bearer secret"}).status_code == 200


def test_a_browser_shows_the_token_once(guarded: TestClient) -> None:
    assert guarded.get("/?token=other").status_code == 401
    assert guarded.get("/api/about?token=secret").status_code == 401
    admitted = guarded.get("/?token=secret")
    assert (admitted.status_code, admitted.headers["location"]) == (303, "/")
    cookie = admitted.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert guarded.get("/api/about").status_code == 200  # the client keeps the cookie


def test_the_page_is_served_where_it_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "assets" / "app.js").write_text("1")
    (tmp_path / "secret").write_text("s")
    for there, status in ((None, 503), (folder, 200)):
        monkeypatch.setattr(page, "built", lambda there=there: there)
        with TestClient(create_app(small_engine(tmp_path, slow)), base_url=HERE) as client:
            answer = client.get("/")
            assert answer.status_code == status
            assert ("make page" in answer.text) == (there is None)
            assert client.get("/assets/app.js").status_code == (404 if there is None else 200)
            for path in (
                "/../secret",
                "/%2e%2e/secret",
                "/assets/..%2f..%2fsecret",
                "/assets/%2e%2e/%2e%2e/secret",
            ):
                assert client.get(path).status_code == 404
    assert "default-src 'self'" in answer.headers["content-security-policy"]
