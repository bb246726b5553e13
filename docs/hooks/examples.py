"""Runs the examples of the pages when the site is built, and shows what they really print.

A fence opened with ```` ```python exec ```` is executed; blocks of one page share their names. In one
opened with ```` ```console exec ```` each line that starts with `$ ` runs in a shell, and `exit=2` after it
expects that exit code; what it says on stderr is shown only then. Every page starts in an empty folder. An error
fails the build.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError

FENCE = re.compile(
    r"^```(?P<kind>python|console) exec(?: exit=(?P<exit>\d+))?\n(?P<code>.*?)^```$", re.M | re.S
)
LIMIT_SECONDS = 300


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Replace every executable fence by its code and its output."""
    if not FENCE.search(markdown):
        return markdown
    names: dict[str, Any] = {"__name__": "__example__"}
    with tempfile.TemporaryDirectory(prefix="ecumene-docs-") as folder:
        here = Path.cwd()
        os.chdir(folder)
        try:
            return FENCE.sub(lambda found: _render(found, names, page.file.src_uri), markdown)
        finally:
            os.chdir(here)


def _render(found: re.Match[str], names: dict[str, Any], page: str) -> str:
    code = found["code"]
    if found["kind"] == "console":
        return f"```console\n{_shell(code, int(found['exit'] or 0), page).rstrip()}\n```"
    output = _python(code, names, page).rstrip()
    shown = f"```python\n{code.rstrip()}\n```"
    return f"{shown}\n\n```text\n{output}\n```" if output else shown


def _python(code: str, names: dict[str, Any], page: str) -> str:
    """Execute a block; the value of a last bare expression is printed, as in a notebook."""
    printed = io.StringIO()
    try:
        body = ast.parse(code).body
        last = ast.Expression(body.pop().value) if body and isinstance(body[-1], ast.Expr) else None
        with contextlib.redirect_stdout(printed):
            exec(compile(ast.Module(body, []), page, "exec"), names)
            value = eval(compile(last, page, "eval"), names) if last is not None else None
        return printed.getvalue() + ("" if value is None else f"{value!r}\n")
    except Exception as error:
        raise PluginError(
            f"an example in {page} fails with {type(error).__name__}: {error}\n\n{code}"
        ) from error


def _shell(code: str, expected: int, page: str) -> str:
    """Run each `$ ` line; the transcript holds the line and what it printed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    transcript = []
    for line in code.splitlines():
        if not line.startswith("$ "):
            continue
        done = subprocess.run(
            line[2:],
            shell=True,
            env={**os.environ, "PATH": path, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        if done.returncode != expected:
            printed = done.stdout + done.stderr
            raise PluginError(f"{page}: `{line}` left with {done.returncode}, not {expected}:\n{printed}")
        transcript.append(f"{line}\n{done.stdout}" + (done.stderr if expected else ""))
    return "\n".join(transcript)
