"""`ecumene data`: the catalogue on screen, a fetch from a server of our own, and the messages of failures."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from small_world import make_world

from ecumene import cli
from ecumene.cli import main

ENTRY = """
mine:
  title: A table of our own
  reader: flows
  address: {address}
  page: {address}
  file: mine.csv
  licence: CC0
  citation: nobody (2026)
"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "mine.csv").write_text("a,b\n1,2\n")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/mine.csv"
    server.shutdown()
    server.server_close()
    thread.join()


def _catalogue(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    own = tmp_path / "catalogue.yaml"
    own.write_text(ENTRY.format(address=address))
    monkeypatch.setenv("ECUMENE_CATALOGUE", str(own))
    monkeypatch.setenv("ECUMENE_DATA", str(tmp_path / "cache"))
    return tmp_path / "cache" / "mine.csv"


def test_list_fetch_show_and_check(
    served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = _catalogue(served, tmp_path, monkeypatch)
    assert main(["data", "list"]) == cli.FINE
    assert "mine" in capsys.readouterr().out
    assert main(["data", "check"]) == cli.FINE
    assert "no table is here yet" in capsys.readouterr().out
    assert main(["data", "fetch", "mine"]) == cli.FINE
    assert f"flows:{target}" in capsys.readouterr().out
    assert target.read_text() == "a,b\n1,2\n"
    assert main(["data", "show", "mine"]) == cli.FINE
    shown = capsys.readouterr().out
    assert "CC0" in shown
    assert "fetched" in shown
    assert main(["data", "check"]) == cli.FINE
    target.write_text("changed")
    assert main(["data", "check", "mine"]) == cli.BAD_INPUT
    assert "corrupted" in capsys.readouterr().err


def test_a_file_of_several_years_is_offered_with_a_year(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = _catalogue("http://127.0.0.1:9/mine.csv", tmp_path, monkeypatch)
    own = tmp_path / "catalogue.yaml"
    own.write_text(own.read_text() + "  years: 2016 to 2022\n")
    target.parent.mkdir()
    target.write_text("brought by hand")
    assert main(["data", "fetch", "mine"]) == cli.FINE
    assert f"flows:{target}#2022 (any year of 2016 to 2022 after #)" in capsys.readouterr().out
    own.write_text(own.read_text().replace("2016 to 2022", "2016-2022"))
    assert main(["data", "show", "mine"]) == cli.BAD_INPUT
    assert "written as '1995 to 2011'" in capsys.readouterr().err


def test_every_built_in_file_of_several_years_says_so() -> None:
    from ecumene.sources import catalogue

    for entry in catalogue.entries():
        assert bool(entry.years) == (" to " in entry.title), entry.name


def test_offline_names_the_file_to_bring_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = _catalogue("http://127.0.0.1:9/mine.csv", tmp_path, monkeypatch)
    assert main(["data", "fetch", "mine"]) == cli.BAD_INPUT
    message = capsys.readouterr().err
    assert "by hand" in message
    assert os.fspath(target) in message


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["fetch", "mien"], "mine"),
        (["show", "mien"], "mine"),
        (["check", "mien"], "mine"),
        (["build", "moon"], "moon"),
    ],
)
def test_unknown_names(
    arguments: list[str],
    word: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _catalogue("http://127.0.0.1:9/mine.csv", tmp_path, monkeypatch)
    assert main(["data", *arguments]) == cli.BAD_INPUT
    assert word in capsys.readouterr().err


def test_show_prints_a_world_and_its_notes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "small.ecumene"
    make_world().save(path)
    assert main(["data", "show", str(path)]) == cli.FINE
    printed = capsys.readouterr().out
    assert "6 economies x 3 sectors" in printed
    assert "No tariff layer" in printed
