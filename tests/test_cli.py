"""The command line as a user meets it: what it prints and where, its exit codes, what it leaves behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from shell import ESCAPE, compare, ecumene, environment, refused
from small_world import make_world

import ecumene as ec


@pytest.fixture(scope="session")
def saved_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "small.ecumene"
    make_world().save(path)
    return path


def test_compare_prints_a_plain_table_and_progress_apart(saved_world: Path) -> None:
    done = compare(saved_world, "--economy", "deu,GEO")
    assert done.returncode == 0, done.stderr
    assert ESCAPE not in done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Change of real income against today, percent")
    assert any(line.startswith("today") and "0.00" in line for line in lines)
    assert any(line.startswith("self-sufficient") and "GEO -" in line for line in lines)
    assert any("DEU" in line and "GEO" in line for line in lines)
    assert "solving self-sufficient" in done.stderr
    assert "solving" not in done.stdout


def test_quiet_prints_nothing(saved_world: Path, tmp_path: Path) -> None:
    done = compare(saved_world, "--quiet", "--csv", tmp_path / "t.csv")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "t.csv").exists()


def test_json_is_one_document(saved_world: Path) -> None:
    document = json.loads(compare(saved_world, "--json").stdout)
    assert document["kind"] == "comparison"
    assert document["labels"]["order"] == ["today", "self-sufficient"]
    assert document["provenance"][0]["order_hash"] == ec.load_order("today").hash


def test_every_file_asked_for_is_written_and_agrees(saved_world: Path, tmp_path: Path) -> None:
    done = compare(
        saved_world,
        *("--out", tmp_path / "out", "--csv", tmp_path / "a.csv"),
        *("--parquet", tmp_path / "b.parquet", "--netcdf", tmp_path / "c.nc"),
    )
    assert done.returncode == 0, done.stderr
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"comparison.nc", "comparison.csv", "comparison.json", "comparison.txt"}
    assert (tmp_path / "out" / "comparison.txt").read_text() in done.stdout + "\n"
    frame = ec.load_result(tmp_path / "c.nc").to_frame()
    for back in (pd.read_csv(tmp_path / "a.csv"), pd.read_parquet(tmp_path / "b.parquet")):
        pd.testing.assert_frame_equal(back, frame, check_dtype=False)


def test_run_shows_one_order_with_notes_and_citation(saved_world: Path) -> None:
    done = ecumene("run", "self-sufficient", "--world", saved_world, "--verbose")
    assert done.returncode == 0, done.stderr
    assert "WORLD" in done.stdout
    assert "Cite: The Ecumene developers, Ecumene" in done.stdout


def test_version() -> None:
    done = ecumene("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"ecumene {ec.__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["compare", "--world", "no-such-world.nc"], ["no-such-world.nc"]),
        (["compare", "--world", "wiod:absent.npz"], ["absent.npz"]),
        (["compare", "--world", "WORLD", "--orders", "two-blocks"], ["two-blocks", "two-blocs"]),
        (["compare", "--world", "WORLD", "--orders", "today,today"], ["today is repeated"]),
        (["compare", "--world", "WORLD", "--economy", "DEU,GEQ"], ["'GEQ'", "GEO"]),
        (["compare", "--world", "WORLD", "--csv", "table.xlsx"], ["table.xlsx", ".csv"]),
        (["compare", "--world", "WORLD", "--csv", "."], ["must end in .csv"]),
        (["compare", "--world", "WORLD", "--out", "WORLD"], ["is a file"]),
        (["compare", "--world", "WORLD", "--economy", "Germony"], ["'Germony'", "DEU"]),
        (["compare", "--world", "x" * 5000], ["xxx...", "name too long"]),
        (["compare", "--world", "~nobody-here/w"], ["~nobody-here", "home"]),
        (["compare", "--world", "flows:" + "x" * 5000], ["name too long"]),
        (["compare", "--world", "."], ["folder"]),
        (["run", "y" * 300], ["yyy", "name too long"]),
        (["compare", "--bogus"], ["--bogus"]),
        (["frobnicate"], ["frobnicate"]),
        (["run"], ["ORDER"]),
        (["check", "absent.yaml"], ["absent.yaml"]),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else None,
)
def test_bad_input_exits_2(arguments: list[str], words: list[str], saved_world: Path, tmp_path: Path) -> None:
    real = [str(saved_world) if word == "WORLD" else word for word in arguments]
    refused(ecumene(*real, cwd=tmp_path), *words)
    assert not list(tmp_path.iterdir())


def test_truncated_world_exits_2(saved_world: Path, tmp_path: Path) -> None:
    path = tmp_path / "half.ecumene"
    path.write_bytes(saved_world.read_bytes()[: saved_world.stat().st_size // 2])
    refused(compare(path), "half.ecumene", "truncated")


def _in_terminal(arguments: list[str], env: dict[str, str]) -> str:
    """What a command writes when stdout and stderr are a terminal."""
    import pty

    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ecumene", *arguments], stdout=slave, stderr=slave, env=env
    )
    os.close(slave)
    chunks = []
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:  # the other end has closed
            break
        if not chunk:
            break
        chunks.append(chunk)
    os.close(master)
    assert process.wait(timeout=300) == 0
    return b"".join(chunks).decode()


@pytest.mark.parametrize(
    ("changes", "coloured"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
    ids=["terminal", "NO_COLOR", "dumb"],
)
def test_colour_only_where_it_is_wanted(changes: dict[str, str], coloured: bool, saved_world: Path) -> None:
    arguments = ["compare", "--world", str(saved_world), "--orders", "self-sufficient"]
    printed = _in_terminal(arguments, environment(**changes, COLUMNS="140"))
    assert "self-sufficient" in printed
    assert (ESCAPE in printed) is coloured


@pytest.mark.parametrize(
    "command", [["compare", "--orders", "without-eu,self-sufficient"], ["run", "self-sufficient"]]
)
def test_a_narrow_terminal_cuts_nothing(command: list[str], saved_world: Path) -> None:
    env = environment(TERM="xterm-256color", COLUMNS="80")
    drawn = re.sub(r"\x1b\[[0-9;]*m", "", _in_terminal([*command, "--world", str(saved_world)], env))
    assert "…" not in drawn
    heads = (
        ("by people", "biggest gainers") if command[0] == "compare" else ("terms_of_trade", "tariff_revenue")
    )
    assert all(head in drawn for head in heads)
    assert re.search(r"[+-]\d+\.\d\d to [+-]\d+\.\d\d", drawn)  # a range stays on its line
    lines = [
        line for line in drawn.replace("\r", "").splitlines() if "\x1b" not in line
    ]  # without the progress bar
    assert len(lines) > 10
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("home", ["/proc/no-home", "/dev/null/home"])
def test_a_home_that_cannot_be_written_does_no_harm(home: str, saved_world: Path) -> None:
    env = environment(HOME=home, XDG_CACHE_HOME=None, ECUMENE_CACHE=None)
    done = compare(saved_world, env=env)
    assert done.returncode == 0, done.stderr
    assert "cache" not in done.stdout + done.stderr
    assert "no compilation cache" in compare(saved_world, "--verbose", env=env).stdout


def test_read_only_output_folder_exits_1(saved_world: Path) -> None:
    refused(compare(saved_world, "--quiet", "--out", "/proc/out"), "/proc/out", "choose", code=1)


@pytest.mark.parametrize("option", ["--csv t.csv", "--parquet t.parquet", "--netcdf t.nc", "--out ."])
def test_a_disk_without_space_exits_1_and_leaves_nothing(
    option: str, saved_world: Path, tmp_path: Path
) -> None:
    little_space = ["bash", "-c", 'ulimit -f 2; exec "$@"', "bash"]
    env = environment(ECUMENE_CACHE="/proc/none", PYTHONDONTWRITEBYTECODE="1")
    done = compare(saved_world, "--quiet", *option.split(), cwd=tmp_path, env=env, before=little_space)
    refused(done, "cannot write", code=1)
    assert not list(tmp_path.iterdir())


def test_a_full_standard_output_exits_1(saved_world: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = compare(saved_world, stdout=full)
    refused(done, "No space left on device", code=1)
    assert "Exception ignored" not in done.stderr


def test_a_closed_pipe_is_no_traceback(saved_world: Path) -> None:
    command = f"{sys.executable} -m ecumene compare --world {saved_world} --orders today --json | head -c 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=300, check=True)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_closed_standard_output_is_one_that_nobody_reads(saved_world: Path, tmp_path: Path) -> None:
    command = f"{sys.executable} -m ecumene run today --world {saved_world} --csv t.csv >&-"
    done = subprocess.run(
        command,
        shell=True,
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "internal error" not in done.stderr
    assert (tmp_path / "t.csv").exists()


def test_a_spoilt_cache_is_told_once(saved_world: Path, tmp_path: Path) -> None:
    env = environment(ECUMENE_CACHE=str(tmp_path))
    arguments = ("run", "today", "--world", saved_world, "--quiet")
    assert ecumene(*arguments, env=env).stderr == ""
    for path in tmp_path.rglob("*-cache"):
        path.write_bytes(b"spoilt")
    done = ecumene(*arguments, env=env)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") <= 2  # zlib and zstandard word it differently
    assert done.stderr.startswith("ecumene: warning: compiled programs cannot be kept or read back")
    assert "site-packages" not in done.stderr


SLOW = """
import sys, time
from ecumene import runs
from ecumene.cli import entry
solve = runs.trade.solve
def slow(*arguments, **options):
    sys.stderr.write("started\\n"); sys.stderr.flush()
    time.sleep(30)
    return solve(*arguments, **options)
runs.trade.solve = slow
entry()
"""


def test_interrupt_exits_130_and_leaves_nothing(saved_world: Path, tmp_path: Path) -> None:
    arguments = [
        "compare",
        "--world",
        str(saved_world),
        "--orders",
        "today",
        "--out",
        "out",
        "--csv",
        "t.csv",
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, *arguments],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "started\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    printed, complaint = process.communicate(timeout=300)
    assert process.returncode == 130
    assert complaint == "ecumene: interrupted; nothing is left half written\n"
    assert printed == ""
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not hasattr(signal, "SIGTERM"), reason="no such signal here")
def test_a_request_to_end_stops_a_write_and_leaves_nothing(saved_world: Path, tmp_path: Path) -> None:
    stuck = (
        "import sys, time\n"
        "from ecumene import resultfile\n"
        "from ecumene.cli import main\n"
        "def write(result, path):\n"
        "    path.write_text('half'); sys.stderr.write('writing\\n'); sys.stderr.flush(); time.sleep(30)\n"
        "resultfile.WRITERS['.csv'] = write\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            stuck,
            "run",
            "today",
            "--world",
            str(saved_world),
            "--quiet",
            "--csv",
            "t.csv",
        ],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "writing\n"
    process.terminate()
    _, complaint = process.communicate(timeout=300)
    assert process.returncode == 130
    assert complaint == "ecumene: interrupted; nothing is left half written\n"
    assert not list(tmp_path.iterdir())


IN_AN_IMPORT = """
import sys, types, os, signal
from ecumene.cli import entry
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "ecumene.runs":
            sys.meta_path.remove(self)
            try:
                os.kill(os.getpid(), signal.SIGINT)
            except BaseException:
                pass  # as compiled libraries do
finder = Finder()
sys.meta_path.insert(0, finder)
entry()
"""


def test_an_interrupt_in_the_midst_of_an_import_is_not_lost(saved_world: Path, tmp_path: Path) -> None:
    arguments = ["run", "today", "--world", str(saved_world), "--csv", "t.csv"]
    done = subprocess.run(
        [sys.executable, "-c", IN_AN_IMPORT, *arguments],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "ecumene: interrupted; nothing is left half written\n"
    assert not list(tmp_path.iterdir())


FAILING = """
import sys
from dataclasses import replace
from ecumene import runs
from ecumene.cli import entry
from ecumene.models.solve import Status
solve = runs.trade.solve
def fail(world, **options):
    eq = solve(world, **options)
    return replace(eq, status=Status.MAX_STEPS) if (options["iceberg"] == float("inf")).any() else eq
runs.trade.solve = fail
entry()
"""


@pytest.mark.parametrize(
    "command", [["run", "self-sufficient"], ["compare", "--orders", "today,self-sufficient"]]
)
def test_a_failed_run_exits_1_and_says_what_to_try(command: list[str], saved_world: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILING, *command, "--world", str(saved_world)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    refused(done, "'self-sufficient'", "smaller steps", code=1)
    if command[0] == "compare":
        assert "today" in done.stdout
        assert "failed" in done.stdout


def test_a_defect_of_ours_is_reported_as_one(saved_world: Path) -> None:
    code = (
        "import sys; from ecumene import runs; from ecumene.cli import main; del runs.trade; "
        "sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "run", "today", "--world", str(saved_world)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 1
    assert "this is a defect" in done.stderr
    assert "Traceback" not in done.stderr


def test_new_check_and_schema(tmp_path: Path) -> None:
    done = ecumene("new", "two-blocs", "--out", "my-order.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    checked = ecumene("check", "my-order.yaml", cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert "fine" in checked.stdout
    again = ecumene("new", "two-blocs", "--out", "my-order.yaml", cwd=tmp_path)
    refused(again, "my-order.yaml exists", code=1)
    refused(ecumene("new", "two-blocks", cwd=tmp_path), "two-blocs")
    schema = json.loads(ecumene("schema").stdout)
    assert schema["type"] == "object"


def test_a_copy_under_its_own_name_is_compared_with_its_preset(saved_world: Path, tmp_path: Path) -> None:
    assert ecumene("new", "two-blocs", "--out", "mine.yaml", cwd=tmp_path).returncode == 0
    assert "\nname: mine\n" in (tmp_path / "mine.yaml").read_text()
    done = ecumene("compare", "--world", saved_world, "--orders", "two-blocs,mine.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\nmine ") == 1


def test_economies_go_by_name_too(saved_world: Path) -> None:
    done = compare(saved_world, "--economy", "Germany,geo")
    assert done.returncode == 0, done.stderr
    assert any("DEU" in line and "GEO" in line for line in done.stdout.splitlines())
    refused(
        compare(saved_world, "--economy", "Germany,South Korea"), "'South Korea'"
    )  # known, but not in this world


def test_footnotes_are_wrapped_and_nothing_is_minus_zero(saved_world: Path) -> None:
    done = ecumene("compare", "--world", saved_world, "--orders", "without-eu,self-sufficient", "--verbose")
    assert "-0.00" not in done.stdout
    assert "+0.00" not in done.stdout
    prose = [line for line in done.stdout.splitlines() if not line.startswith("Cite:")]
    table = max(len(line) for line in prose if line.startswith("---"))
    assert max(map(len, prose)) <= max(100, table)


def test_check_reports_every_problem(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("name: bad\ntitel: misspelt\nblocs:\n  - members: [DEU, GERMANIA]\n")
    refused(ecumene("check", "bad.yaml", cwd=tmp_path), "bad.yaml", "titel")
