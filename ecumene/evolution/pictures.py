"""Pictures of change over years."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ecumene.errors import InputError
from ecumene.evolution.outcome import Evolution
from ecumene.figures import COLOURS, FAINT, SETTINGS, require_matplotlib
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
    require_matplotlib()


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


def _stances(axes: Axes, data: xr.Dataset) -> None:
    """Share of players in each stance by year: median and range over paths."""
    for at, stance in enumerate(data["stance"].values):
        low, middle, high = (
            data["stance_share"].sel(stance=stance, quantile=q) for q in ("low", "median", "high")
        )
        colour = COLOURS[at]
        axes.fill_between(data["year"], low, high, color=colour, alpha=0.15, linewidth=0)
        axes.plot(data["year"], middle, color=colour, label=str(stance))
    axes.set_title(
        "Players by stance (median, 5 to 95 % of paths)", loc="left", fontweight="bold", fontsize=10
    )
    axes.set_xlabel("year")
    axes.set_ylabel("share of the players' income")
    axes.set_ylim(-0.02, 1.02)
    axes.legend(frameon=False, fontsize=8)


def _income(axes: Axes, data: xr.Dataset) -> None:
    """The world's real income along paths, and exact equilibria at checkpoints."""
    low, middle, high = (data["revised_real_income"].sel(quantile=q) for q in ("low", "median", "high"))
    axes.fill_between(data["year"], low, high, color=COLOURS[0], alpha=0.15, linewidth=0)
    axes.plot(data["year"], middle, color=COLOURS[0], label="surrogate, 5 to 95 % of paths")
    for at, path in enumerate(data["exact_world"].values):
        word = "exact, first paths" if at == 0 else None
        axes.plot(
            data["checkpoint"], path, color=COLOURS[1], marker="o", markersize=4, linestyle="none", label=word
        )
    axes.set_title("The world's real income", loc="left", fontweight="bold", fontsize=10)
    axes.set_xlabel("year")
    axes.set_ylabel("percent against the start")
    axes.grid(color=FAINT, linewidth=0.5)
    axes.legend(frameon=False, fontsize=8)


def _loop(axes: Axes, data: xr.Dataset) -> None:
    """A pressure or a chance raised and lowered: expected (lines) and drawn (bands)."""
    for at, way in enumerate(("rising", "falling")):
        colour, drawn = COLOURS[at], data[f"closed_{way}_drawn"]
        low, high = (drawn.sel(quantile=q) for q in ("low", "high"))
        axes.fill_between(data["raised"], low, high, color=colour, alpha=0.15, linewidth=0)
        axes.plot(data["raised"], data[f"closed_{way}"], color=colour, label=way)
    width = float(data["loop_width"])
    words = "one way is not seen whole" if width != width else f"width {width:.2f}"
    what = data["loop_width"].attrs["long_name"].rpartition(": ")[2]
    chance = data["loop_width"].attrs["units"] == "share"
    title = f"{'A chance' if chance else 'A pressure'} up and down: {words}"
    axes.set_title(title, loc="left", fontweight="bold", fontsize=10)
    axes.set_xlabel(what if chance else f"{what}, log points x 100 of real income")
    axes.set_ylabel("share of the players' income closed")
    axes.set_ylim(-0.02, 1.02)
    axes.legend(frameon=False, fontsize=8)


def _map(axes: Axes, data: xr.Dataset) -> None:
    """The share closed over two parameters; where the regime changes, a line."""
    up, _, across = data["map_closed"].attrs["long_name"].rpartition(": ")[2].partition(" by ")
    shades = axes.pcolormesh(
        data["across"], data["up"], data["map_closed"], cmap="Blues", vmin=0, vmax=1, shading="nearest"
    )
    shades.set_rasterized(False)
    regime = data["map_regime"].values
    for value in np.unique(regime)[1:]:
        axes.contour(
            data["across"], data["up"], regime >= value, levels=[0.5], colors=COLOURS[1], linewidths=1.2
        )
    axes.figure.colorbar(shades, ax=axes, label="share closed, last half of the years")
    axes.set_title("Map of regimes (lines: borders)", loc="left", fontweight="bold", fontsize=10)
    axes.set_xlabel(across.replace("_", " "))
    axes.set_ylabel(up.replace("_", " "))


_PANELS = (
    ("world_real_income", _paces),
    ("stance_share", _stances),
    ("exact_world", _income),
    ("loop_width", _loop),
    ("map_closed", _map),
)
