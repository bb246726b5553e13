"""A stream that cannot show every letter shows a question mark in its place, never a traceback."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from shell import ecumene, environment
from small_world import make_world

from ecumene.cli import main


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize(
    "arguments", [["compare", "--orders", "today,ORDER"], ["run", "ORDER"], ["check", "ORDER"]]
)
def test_letters_that_a_stream_lacks_are_replaced(
    encoding: str, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_world().save(tmp_path / "world.nc")
    order = tmp_path / "own.yaml"
    order.write_text("name: own\ntitle: Übergang 東 и далее\nnote: Größe 東\n", encoding="utf-8")
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, errors="strict"))
    call = [part.replace("ORDER", str(order)) for part in arguments]
    code = main([*call, "--world", str(tmp_path / "world.nc")])
    sys.stdout.flush()
    assert code == 0
    told = raw.getvalue()
    assert told.isascii() or encoding != "ascii" or call[0] == "check"  # the parser writes UTF-8 instead


def test_a_process_whose_streams_are_ascii_ends_as_any_other(tmp_path: Path) -> None:
    world = tmp_path / "world.nc"
    make_world().save(world)
    (tmp_path / "größe.yaml").write_text(
        "name: a\ntitle: Übergang\nyears: 2\ntransition: {to: größe-東.yaml, years: 1}\n", encoding="utf-8"
    )
    (tmp_path / "größe-東.yaml").write_text(
        "name: b\ntitle: 東\nextends: self-sufficient\n", encoding="utf-8"
    )
    done = ecumene(
        "evolve", tmp_path / "größe.yaml", "--world", world, "--verbose", "--out", tmp_path / "übung",
        env=environment(PYTHONIOENCODING="ascii"), encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
