"""Importing is quick and silent, and the public names are the ones promised."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer

import ecumene
from ecumene.cli.app import COMMANDS, app, built

HEAVY = ("jax", "pandas", "xarray", "scipy", "netCDF4", "optimistix", "pyarrow", "numpy")
REPORT = f"import sys; print(*(m for m in {HEAVY!r} if m in sys.modules))"


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)], ids=" ".join
)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    done = _python(f"from ecumene.cli import main\ncode = main({arguments!r})\n{REPORT}\nsys.exit(code)")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "", f"{arguments} loaded {done.stdout.splitlines()[-1]}"


def test_help_imports_and_builds_no_command() -> None:
    modules = {f"ecumene.cli.{module}" for module, _ in COMMANDS.values()}
    done = _python(
        "import sys\nfrom ecumene.cli import main\ncode = main(['--help'])\n"
        f"print(*sorted({modules!r} & set(sys.modules)))\nsys.exit(code)"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_built_and_says_of_itself_what_the_root_says(name: str) -> None:
    whole = built(name)
    assert whole.get_short_help_str(500) == typer.main.get_command(app).commands[name].get_short_help_str(500)  # type: ignore[attr-defined]


def test_importing_is_silent_and_light() -> None:
    done = _python(f"import ecumene, ecumene.errors, ecumene.cli\n{REPORT}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")


def test_the_gate_itself_sees_a_heavy_import() -> None:
    done = _python(f"import ecumene\necumene.World\n{REPORT}")
    assert "xarray" in done.stdout


@pytest.mark.parametrize("name", ecumene.__all__)
def test_every_public_name_loads(name: str) -> None:
    assert getattr(ecumene, name) is not None
    assert name in dir(ecumene)


def test_run_is_the_function_whatever_was_imported_first() -> None:
    done = _python("import ecumene.runs, ecumene as ec; assert callable(ec.run) and callable(ec.compare)")
    assert done.returncode == 0, done.stderr


def test_an_unknown_name_says_what_there_is() -> None:
    with pytest.raises(AttributeError, match="load_world"):
        ecumene.load_wrold  # noqa: B018


def test_one_version() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    assert project["version"] == ecumene.__version__


def test_comparing_loads_no_file_formats_and_compiles_few_programs() -> None:
    formats = (
        "netCDF4",
        "h5netcdf",
        *(
            () if find_spec("dask") else ("scipy",)
        ),  # dask, where it is installed, is loaded by xarray and loads SciPy
        "pyarrow.parquet",
        "optimistix",
        "equinox",
        "rich",
        "matplotlib",
    )
    report = f"print(*(m for m in {formats!r} if m in sys.modules))"
    code = (
        "import sys, jax\njax.config.update('jax_log_compiles', True)\nfrom ecumene.cli import main\n"
        f"code = main(['compare', '--quiet', '--orders', 'today,open'])\n{report}\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stdout) == (0, "\n"), done.stderr[-2000:]
    programs = [line.split()[1] for line in done.stderr.splitlines() if line.startswith("Compiling ")]
    # Each small program, compiled for one array operation, costs a process as much as a whole solve.
    assert "jit(compiled_attempt)" in programs
    assert len(programs) <= 6, programs
