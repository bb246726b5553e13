"""Pictures of change over years."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ecumene.errors import InputError
from ecumene.evolution.outcome import Evolution
from ecumene.figures import COLOURS, FAINT, SETTINGS
from ecumene.files import write_atomically

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes


def require_picture(path: str | os.PathLike[str]) -> None:
    """Refuse a picture that cannot be drawn, before minutes are spent. Errors: InputError."""
    if Path(path).suffix.lower() != ".svg":
        raise InputError(f"{path} must end in .svg: the suffix names the format")
    if Path(path).is_dir():
        raise InputError(f"{path} is a folder; name a file in it")
    if find_spec("matplotlib") is None:
        raise InputError("a picture needs matplotlib; install it with: pip install 'ecumene[report]'")


def draw(result: Evolution, path: str | os.PathLike[str]) -> Path:
    """Draw a panel for each question of a scenario; the same numbers make the same SVG file.

    Errors: InputError (no matplotlib, a name that does not end in .svg), OutputError.
    """
    require_picture(path)
    return write_atomically(path, lambda temporary: _draw(result.data, temporary))


def _draw(data: xr.Dataset, path: Path) -> None:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    panels = [panel for name, panel in _PANELS if name in data]
    with mpl.rc_context(SETTINGS):
        columns = min(len(panels), 2)
        rows = -(-len(panels) // columns)
        figure = Figure(figsize=(5.4 * columns, 3.9 * rows), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False).reshape(-1)
        for empty in axes[len(panels) :]:
            empty.set_visible(False)
        for each, panel in zip(axes, panels, strict=False):
            panel(each, data)
            each.spines[["top", "right"]].set_visible(False)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": "ecumene"})


def _paces(axes: Axes, data: xr.Dataset) -> None:
    """The world's real income at every pace; thin where nobody is bound."""
    for at, pace in enumerate(data["pace"].values):
        colour = COLOURS[at % len(COLOURS)]
        word = "year" if pace == 1 else "years"
        axes.plot(
            data["year"], data["world_real_income"].sel(pace=pace), color=colour, label=f"in {pace} {word}"
        )
        axes.plot(
            data["year"],
            data["world_real_income_free"].sel(pace=pace),
            color=colour,
            linewidth=0.7,
            linestyle=":",
        )
    axes.set_title("Fast or slow (dotted: nobody bound)", loc="left", fontweight="bold", fontsize=10)
    axes.set_xlabel("year")
    axes.set_ylabel("the world's real income, percent against the start")
    axes.grid(color=FAINT, linewidth=0.5)
    axes.legend(frameon=False, fontsize=8)


_PANELS = (("world_real_income", _paces),)
