"""Fetching tables: a local server that can break off, change its file, forget ranges, or answer nonsense."""

from __future__ import annotations

import errno
import hashlib
import http.server
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ecumene.errors import OutputError, SourceError
from ecumene.sources import catalogue, download, fetch
from ecumene.sources.catalogue import Entry

CONTENT = b"PK\x03\x04" + bytes(range(256)) * 4000  # 1,024,004 bytes that begin like a zip file


@dataclass
class Behaviour:
    """What the server does, and what it was asked."""

    content: bytes = CONTENT
    ranges: bool = True
    stop_after: int | None = None
    tag: str | None = '"v1"'
    status: int = 200
    wrong_start: bool = False
    asked: list[str | None] = field(default_factory=list)


class Handler(http.server.BaseHTTPRequestHandler):
    """GET with Range and If-Range."""

    behaviour: Behaviour

    def do_GET(self) -> None:
        how = self.behaviour
        wanted = self.headers.get("Range")
        how.asked.append(wanted)
        if how.status != 200:
            self.send_error(how.status)
            return
        start = 0
        same = self.headers.get("If-Range") in (None, how.tag)
        if wanted and how.ranges and same:
            start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])
            if start >= len(how.content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(how.content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            first = start + 1 if how.wrong_start else start
            self.send_header("Content-Range", f"bytes {first}-{len(how.content) - 1}/{len(how.content)}")
        else:
            self.send_response(200)
        body = how.content[start:]
        self.send_header("Content-Length", str(len(body)))
        if how.tag:
            self.send_header("ETag", how.tag)
        self.end_headers()
        self.wfile.write(body if how.stop_after is None else body[: how.stop_after])

    def log_message(self, *arguments: object) -> None:
        """Stay silent."""


@dataclass
class Server:
    """The address of a running server and its behaviour."""

    address: str
    behaviour: Behaviour


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setattr(download, "BLOCK", 1 << 16)
    behaviour = Behaviour()
    handler = type("Bound", (Handler,), {"behaviour": behaviour})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        running.daemon_threads = True
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield Server(f"http://127.0.0.1:{running.server_address[1]}/table.zip", behaviour)
        running.shutdown()
        thread.join(timeout=5)
        assert not thread.is_alive()


def entry(address: str | None, **changes: str) -> Entry:
    fields = {
        "name": "sample-2019",
        "title": "A sample",
        "reader": "icio",
        "page": "https://example.org/sample",
        "file": "sample.zip",
        "licence": "CC0",
        "citation": "Nobody (2019)",
    }
    return Entry(address=address, **{**fields, **changes})


def test_first_fetch_records_the_hash_and_later_ones_ask_nothing(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    path = fetch.fetch(entry(server.address), tmp_path, progress=lambda *step: seen.append(step))
    assert path == tmp_path / "sample.zip"
    assert path.read_bytes() == CONTENT
    record = json.loads((tmp_path / "sample.zip.json").read_text())
    assert record["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert record["bytes"] == len(CONTENT)
    assert not record["by_hand"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["sample.zip", "sample.zip.json"]
    assert seen[0] == (0, len(CONTENT), "sample-2019")
    assert seen[-1] == (len(CONTENT), len(CONTENT), "sample-2019")
    assert [a for a, _, _ in seen] == sorted(a for a, _, _ in seen)
    assert fetch.fetch(entry(server.address), tmp_path) == path
    assert len(server.behaviour.asked) == 1


def test_an_interrupted_download_resumes_where_it_stopped(server: Server, tmp_path: Path) -> None:
    server.behaviour.stop_after = 300_000
    with pytest.raises(SourceError, match=r"stopped after 300,000 of 1,024,004 bytes.*resume"):
        fetch.fetch(entry(server.address), tmp_path)
    assert (tmp_path / "sample.zip.part").read_bytes() == CONTENT[:300_000]
    assert not (tmp_path / "sample.zip").exists()
    assert fetch.state(entry(server.address), tmp_path).state == "partial"
    server.behaviour.stop_after = None
    assert fetch.fetch(entry(server.address), tmp_path).read_bytes() == CONTENT
    assert server.behaviour.asked == [None, "bytes=300000-"]


def test_an_interrupt_from_the_keyboard_keeps_the_part(server: Server, tmp_path: Path) -> None:
    def stop(done: int, total: int, label: str) -> None:
        if done > 200_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch.fetch(entry(server.address), tmp_path, progress=stop)
    kept = (tmp_path / "sample.zip.part").stat().st_size
    assert 200_000 < kept < len(CONTENT)
    assert fetch.fetch(entry(server.address), tmp_path).read_bytes() == CONTENT
    assert server.behaviour.asked[-1] == f"bytes={kept}-"


def test_a_server_without_ranges_starts_again(server: Server, tmp_path: Path) -> None:
    server.behaviour.ranges = False
    (tmp_path / "sample.zip.part").write_bytes(b"PK old bytes")
    assert fetch.fetch(entry(server.address), tmp_path).read_bytes() == CONTENT
    assert server.behaviour.asked == ["bytes=12-"]


def test_a_server_that_sends_another_range_starts_again(server: Server, tmp_path: Path) -> None:
    server.behaviour.wrong_start = True
    (tmp_path / "sample.zip.part").write_bytes(CONTENT[:1000])
    assert fetch.fetch(entry(server.address), tmp_path).read_bytes() == CONTENT
    assert server.behaviour.asked == ["bytes=1000-", None]


def test_a_file_that_changed_meanwhile_is_fetched_anew(server: Server, tmp_path: Path) -> None:
    server.behaviour.stop_after = 300_000
    with pytest.raises(SourceError):
        fetch.fetch(entry(server.address), tmp_path)
    newer = b"PK\x03\x04" + b"new" * 200_000
    server.behaviour.content, server.behaviour.tag, server.behaviour.stop_after = newer, '"v2"', None
    assert fetch.fetch(entry(server.address), tmp_path).read_bytes() == newer


def test_a_complete_part_is_taken_as_it_is(server: Server, tmp_path: Path) -> None:
    (tmp_path / "sample.zip.part").write_bytes(CONTENT)
    assert fetch.fetch(entry(server.address), tmp_path).read_bytes() == CONTENT
    assert server.behaviour.asked == [f"bytes={len(CONTENT)}-"]


def test_a_part_longer_than_the_file_is_dropped(server: Server, tmp_path: Path) -> None:
    (tmp_path / "sample.zip.part").write_bytes(CONTENT + b"more")
    assert fetch.fetch(entry(server.address), tmp_path).read_bytes() == CONTENT
    assert server.behaviour.asked == [f"bytes={len(CONTENT) + 4}-", None]


def test_offline_names_the_file_to_download_by_hand(server: Server, tmp_path: Path) -> None:
    closed = "http://127.0.0.1:9/table.zip"  # the discard port: nobody listens
    with pytest.raises(SourceError) as failure:
        fetch.fetch(entry(closed), tmp_path)
    message = str(failure.value)
    for part in (
        "cannot reach",
        closed,
        "sample.zip by hand",
        "https://example.org/sample",
        str(tmp_path / "sample.zip"),
    ):
        assert part in message


def test_missing_page_and_table_without_address(server: Server, tmp_path: Path) -> None:
    server.behaviour.status = 404
    with pytest.raises(SourceError, match=r"answers 404.*by hand"):
        fetch.fetch(entry(server.address), tmp_path)
    with pytest.raises(
        SourceError, match=r"cannot be fetched by a program.*by hand from https://example\.org/sample"
    ):
        fetch.fetch(entry(None), tmp_path)


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"<!DOCTYPE html><html>checking your browser", "a web page"), (b"12,13", "no .zip file")],
)
def test_an_answer_that_is_no_archive_is_dropped(
    server: Server, tmp_path: Path, content: bytes, what: str
) -> None:
    server.behaviour.content = content
    with pytest.raises(SourceError, match=re.escape(what)):
        fetch.fetch(entry(server.address), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_corrupted_file_is_found(server: Server, tmp_path: Path) -> None:
    path = fetch.fetch(entry(server.address), tmp_path)
    assert fetch.check(entry(server.address), tmp_path).state == "fetched"
    path.write_bytes(CONTENT[:-1] + b"!")
    assert fetch.state(entry(server.address), tmp_path, verify=True).state == "damaged"
    for action in (fetch.check, fetch.fetch):
        with pytest.raises(SourceError, match=r"corrupted.*delete it"):
            action(entry(server.address), tmp_path)


def test_a_hash_in_the_catalogue_is_obeyed(server: Server, tmp_path: Path) -> None:
    right = entry(server.address, sha256=hashlib.sha256(CONTENT).hexdigest())
    assert fetch.fetch(right, tmp_path / "a").exists()
    with pytest.raises(SourceError, match=r"differs from the catalogue's 0000"):
        fetch.fetch(replace(right, sha256="0" * 64), tmp_path / "b")
    assert list((tmp_path / "b").iterdir()) == []


def test_a_file_put_there_by_hand_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "sample.zip").write_bytes(CONTENT)
    assert fetch.state(entry(None), tmp_path).state == "unrecorded"
    assert fetch.fetch(entry(None), tmp_path) == tmp_path / "sample.zip"
    assert json.loads((tmp_path / "sample.zip.json").read_text())["by_hand"]
    assert fetch.check(entry(None), tmp_path).state == "fetched"


def test_check_of_what_is_not_here(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"ecumene data fetch sample-2019"):
        fetch.check(entry(None), tmp_path)
    assert fetch.state(entry(None), tmp_path).state == "absent"


def test_a_broken_record_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "sample.zip").write_bytes(CONTENT)
    (tmp_path / "sample.zip.json").write_text("{")
    with pytest.raises(SourceError, match=r"cannot read the record.*delete it"):
        fetch.state(entry(None), tmp_path)


def test_a_full_disk_keeps_the_part(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Path.open

    class Full:
        """A file on a disk that takes 100,000 bytes more."""

        def __init__(self, inner) -> None:  # the unbuffered file
            self.inner, self.room = inner, 100_000

        def write(self, data: memoryview) -> int:
            if len(data) > self.room:
                raise OSError(errno.ENOSPC, "No space left on device")
            self.room -= len(data)
            return self.inner.write(data)

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *arguments: object) -> None:
            self.inner.close()

    def opening(self: Path, mode: str = "r", *arguments: object, **options: object):  # as Path.open
        found = plain(self, mode, *arguments, **options)
        return Full(found) if mode == "ab" else found

    monkeypatch.setattr(Path, "open", opening)
    with pytest.raises(OutputError, match=r"cannot write .*sample\.zip: No space left.*ECUMENE_DATA"):
        fetch.fetch(entry(server.address), tmp_path)
    monkeypatch.undo()
    assert not (tmp_path / "sample.zip").exists()
    assert 0 < (tmp_path / "sample.zip.part").stat().st_size <= 100_000


def test_a_folder_that_cannot_be_made(server: Server, tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("a file where a folder should be")
    with pytest.raises(OutputError, match="cannot write"):
        fetch.fetch(entry(server.address), tmp_path / "blocked")


def test_the_folder_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECUMENE_DATA", str(tmp_path))
    assert fetch.folder_of_tables() == tmp_path
    monkeypatch.delenv("ECUMENE_DATA")
    assert fetch.folder_of_tables().name == "tables"


# The catalogue -----------------------------------------------------------------------------------------


@pytest.fixture
def no_user_catalogue(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ECUMENE_CATALOGUE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.mark.usefixtures("no_user_catalogue")
def test_built_in_catalogue_invents_nothing() -> None:
    found = catalogue.entries()
    assert {e.reader for e in found} == {"wiod", "icio", "exiobase", "figaro"}
    assert all(e.sha256 is None and e.status == "unchecked" for e in found)
    assert all(e.licence and e.citation and e.page.startswith("https://") for e in found)
    assert len({e.file for e in found}) == len(found)
    for name in ("wiod-2013", "icio-2025-2016-2022", "icio-2023-2016-2020"):
        assert catalogue.find(name).name == name
    with pytest.raises(SourceError, match="did you mean 'wiod-2013'"):
        catalogue.find("wiod-2014")


@pytest.mark.usefixtures("no_user_catalogue")
def test_the_user_may_override_and_add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "mine.yaml"
    own.write_text(
        """
wiod-2013: {title: mine, reader: wiod, address: "https://mirror.example/w.zip", page: here, file: w.zip,
  licence: CC BY 4.0, citation: Timmer et al.}
extra: {title: more, reader: flows, address: null, page: here, file: f.csv, licence: mine, citation: me}
"""
    )
    monkeypatch.setenv("ECUMENE_CATALOGUE", str(own))
    assert catalogue.find("wiod-2013").address == "https://mirror.example/w.zip"
    assert catalogue.find("extra").spec(Path("f.csv")) == "flows:f.csv"
    assert catalogue.find("icio-2025-2016-2022").reader == "icio"


@pytest.mark.usefixtures("no_user_catalogue")
def test_the_configuration_folder_is_read(tmp_path: Path) -> None:
    from platformdirs import user_config_path

    path = user_config_path("ecumene") / "catalogue.yaml"
    if not path.is_relative_to(tmp_path):
        pytest.skip("this platform's configuration folder does not follow XDG_CONFIG_HOME")
    path.parent.mkdir(parents=True)
    path.write_text(
        "extra: {title: t, reader: flows, address: null, page: p, file: f.csv, licence: l, citation: c}\n"
    )
    assert catalogue.find("extra").file == "f.csv"


BAD_CATALOGUES = {
    "no YAML": ("a: [", "not valid YAML"),
    "a tag": ("a: !!python/object/apply:os.getcwd []", "not valid YAML"),
    "a list": ("- a", "must map names"),
    "text for an entry": ("a: text", "a: expected a mapping"),
    "all problems at once": (
        "a: {title: t, readr: icio}\nb: {title: t}",
        r"(?s)9|1\d.*lacks 'reader'.*unknown key 'readr'.*b: lacks 'reader'",
    ),
    "a file address": (
        'a: {title: t, reader: icio, address: "file:///tmp/t", page: p, file: f, licence: l, citation: c}',
        "must begin with http",
    ),
    "a path for a file": (
        "a: {title: t, reader: icio, address: null, page: p, file: ../f, licence: l, citation: c}",
        "plain name",
    ),
    "an unknown reader": (
        "a: {title: t, reader: gtap, address: null, page: p, file: f, licence: l, citation: c}",
        "unknown reader 'gtap'",
    ),
    "a short hash": (
        "a: {title: t, reader: icio, address: null, page: p, file: f, licence: l, citation: c, sha256: abc}",
        "64 hexadecimal",
    ),
}


@pytest.mark.usefixtures("no_user_catalogue")
@pytest.mark.parametrize("what", BAD_CATALOGUES)
def test_bad_catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    text, message = BAD_CATALOGUES[what]
    own = tmp_path / "own.yaml"
    own.write_text(text)
    monkeypatch.setenv("ECUMENE_CATALOGUE", str(own))
    with pytest.raises(SourceError, match=message) as failure:
        catalogue.entries()
    assert "own.yaml" in str(failure.value)


@pytest.mark.usefixtures("no_user_catalogue")
def test_a_catalogue_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECUMENE_CATALOGUE", str(tmp_path / "none.yaml"))
    with pytest.raises(SourceError, match=r"none\.yaml, which is no file"):
        catalogue.entries()
