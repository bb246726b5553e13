"""Files that are no files, and texts of enormous length: refused at once, in one message, by every reader of YAML."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ecumene import cli
from ecumene.errors import SHOWN, OrderError
from ecumene.orders import load_order
from ecumene.plans.reading import load_settings
from ecumene.shocks import load_shock

READERS = {"order": load_order, "shock": load_shock, "plan": load_settings}
HEAD = "name: mine\ntitle: Mine\n"


@pytest.fixture(params=READERS)
def read(request: pytest.FixtureRequest) -> Callable[[object], object]:
    return READERS[request.param]


def test_a_device_a_pipe_and_a_folder_are_no_files(read: Callable[[object], object], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    for path, kind in (
        (Path("/dev/zero"), "pipe or a device"),
        (tmp_path / "pipe.yaml", "pipe or a device"),
        (tmp_path / "folder.yaml", "folder"),
    ):
        with pytest.raises(OrderError, match=f"a {kind}, not a file") as error:
            read(path)
        assert str(path) in str(error.value)


def test_paths_that_no_system_can_look_up(read: Callable[[object], object]) -> None:
    with pytest.raises(OrderError, match="NUL"):
        read("a\0b.yaml")
    with pytest.raises(OrderError, match="cannot look for"):
        read("x" * 5000 + ".yaml")
    with pytest.raises(OrderError, match="no such home folder"):
        read("~nobody-of-this-name/x.yaml")


def test_a_long_text_is_refused_by_its_length(read: Callable[[object], object], tmp_path: Path) -> None:
    path = tmp_path / "long.yaml"
    path.write_text("#" * 1_000_001, encoding="utf-8")
    with pytest.raises(OrderError, match="more than 1000000 bytes; such a file is a short text"):
        read(path)


def test_many_unknown_names_are_told_quickly_the_first_and_how_many_more(tmp_path: Path) -> None:
    names = ", ".join(f"Nowhere{n}" for n in range(3000))
    unions = ", ".join(f"'union:Nothing{n}'" for n in range(3000))
    texts = {
        "shock": f"capacity: [{{economies: [{names}, DEU, {unions}], share: 0.5}}]\n",
        "order": f"blocs: {{b: {{members: [{names}, DEU, {unions}], depth: 3}}}}\n",
    }
    for kind, text in texts.items():
        path = tmp_path / f"{kind}.yaml"
        path.write_text(HEAD + text, encoding="utf-8")
        begun = time.process_time()
        with pytest.raises(OrderError) as error:
            READERS[kind](path)
        assert time.process_time() - begun < 5.0  # a remedy for each of them took over a minute
        told = error.value.problems
        assert len(told) == SHOWN + 1
        assert "Nowhere0" in told[0]
        assert told[-1] == f"and {6000 - SHOWN} more names that nobody knows"


def test_many_unknown_keys_are_told_quickly(tmp_path: Path) -> None:
    path = tmp_path / "keys.yaml"
    path.write_text(HEAD + "".join(f"capacities{n}: 1\n" for n in range(2000)), encoding="utf-8")
    begun = time.process_time()
    with pytest.raises(OrderError) as error:
        load_shock(path)
    assert time.process_time() - begun < 5.0
    assert len(error.value.problems) == SHOWN + 1
    assert error.value.problems[-1] == f"and {2000 - SHOWN} more"


@pytest.mark.parametrize(
    "command",
    [
        ["compare", "--world", "PIPE"],
        ["compare", "--world", "wiod:PIPE"],
        ["align", "--poles", "USA,CHN", "--economy", "GEO", "--weights", "PIPE"],
        ["nations", "--merge", "RUS,BLR", "--positions", "PIPE"],
        ["sovereignty", "--economy", "DEU", "--ideal-points", "PIPE"],
    ],
    ids=" ".join,
)
def test_commands_do_not_wait_for_a_pipe(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: list[str]
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert cli.main([word.replace("PIPE", str(pipe)) for word in command]) == 2
    assert "a pipe or a device, not a file" in capsys.readouterr().err
