"""Pictures of results: prosperity against security."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ecumene import countries
from ecumene.errors import InputError
from ecumene.files import write_atomically
from ecumene.results import QUANTILES, Comparison, without_noise
from ecumene.types import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

COLOURS: Final = ("#0072b2", "#c04f00", "#00785a", "#a8487f", "#7a5c00", "#000000")
"""Distinct in the common kinds of colour blindness (after Okabe and Ito 2008, darker for words); shapes differ too."""

RADII: Final = (9.0, 15.0, 23.0, 33.0, 45.0, 60.0, 80.0)
"""Distances in points that a label may stand away from its point."""

SHAPES: Final = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "h", "p")

INK, FAINT = "#222222", "#d9d9d9"

ACROSS: Final = ("real_income", "real_income_low_theta", "real_income_high_theta")
UP: Final = ("expected_shortfall",)

SQUEEZED: Final = 6.0
"""Panels share a scale unless one of them would use less than this part of it."""

LARGEST: Final = 6
"""Panels where no economy is named: those of the largest income."""

SETTINGS: Final[dict[Any, Any]] = {
    "svg.hashsalt": "ecumene",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9.0,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def require_picture(draws: int) -> None:
    """Refuse a picture that cannot be drawn, before minutes are spent. Errors: InputError."""
    if draws < 1:
        raise InputError(
            "a picture of prosperity against security needs draws of accidents; add --security 100, or security=100"
        )
    require_matplotlib()


def require_matplotlib() -> None:
    """Errors: InputError where pictures cannot be drawn for want of matplotlib."""
    if find_spec("matplotlib") is None:
        raise InputError("a picture needs matplotlib; install it with: pip install 'ecumene[report]'")


def prosperity_security_numbers(comparison: Comparison, economies: Sequence[str] = ()) -> pd.DataFrame:
    """The numbers of the picture: a row for each economy and order, all in percent.

    `real_income` is the change against today at the central elasticities and at both ends; `expected_shortfall` is
    the mean loss in the worst 5 percent of years, with its standard error, and at both ends of the band. Economies:
    the six of largest income by default. Errors: InputError (no draws of accidents, an economy that is not there).
    """
    data = comparison.data
    require_picture(comparison.provenance[0].draws if "expected_shortfall" in data else 0)
    codes = [str(code) for code in data["economy"].values]
    if data.sizes["quantile"] < len(QUANTILES):
        raise InputError(
            "this comparison is a point estimate without a range; compare over three elasticities"
        )
    lacking = [code for code in economies if code not in codes]
    if lacking:
        raise InputError(f"this comparison has no economy {', '.join(lacking)}; it has {', '.join(codes)}")
    income = data["base_income"].isel(order=0).sel(quantile="central").values
    chosen = list(economies) or [codes[n] for n in np.argsort(-income, kind="stable")[:LARGEST]]
    low, central, high = QUANTILES
    rows = []
    for code in chosen:
        for order in comparison.orders:
            cell = data.sel(economy=code, order=order)
            gain, tail, error = (
                cell[name] for name in ("real_income", "expected_shortfall", "expected_shortfall_error")
            )
            rows.append(
                {
                    "economy": code,
                    "order": order,
                    "real_income": float(gain.sel(quantile=central)),
                    "real_income_low_theta": float(gain.sel(quantile=low)),
                    "real_income_high_theta": float(gain.sel(quantile=high)),
                    "expected_shortfall": float(tail.sel(band="central")),
                    "expected_shortfall_error": float(error.sel(band="central")),
                    "expected_shortfall_least_band": float(tail.sel(band="least")),
                    "expected_shortfall_most_band": float(tail.sel(band="most")),
                    "draws": comparison.provenance[0].draws,
                    "seed": comparison.provenance[0].seed,
                }
            )
    table = pd.DataFrame(rows)
    for name in (*ACROSS, *(str(name) for name in table if str(name).startswith("expected"))):
        table[name] = without_noise(table[name].to_numpy())
    return table


def prosperity_security(
    comparison: Comparison, economies: Sequence[str], path: str | os.PathLike[str]
) -> tuple[Path, Path]:
    """Draw prosperity against security, a panel for each economy and a point for each order; SVG, and CSV beside it.

    Across: change of real income, with its range over trade elasticities. Up: expected shortfall, inverted so that
    safer is higher, with one standard error (unknown, and not drawn, with fewer than 21 draws). Panels share a scale
    unless one would be squeezed by it; the axis says so. The same numbers make the same file. Errors: InputError (as
    the numbers, a name that does not end in .svg), OutputError.
    """
    target = Path(path)
    if target.suffix.lower() != ".svg":
        raise InputError(f"{target} must end in .svg: the suffix names the format")
    table = prosperity_security_numbers(comparison, economies)
    drawn = write_atomically(target, lambda temporary: _draw(table, temporary))
    numbers = write_atomically(
        target.with_suffix(".csv"), lambda temporary: table.to_csv(temporary, index=False)
    )
    return drawn, numbers


def _draw(table: pd.DataFrame, path: Path) -> None:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    economies = list(dict.fromkeys(table["economy"]))
    columns = min(len(economies), 3 if len(economies) > 4 else 2)
    rows = -(-len(economies) // columns)
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(4.6 * columns, 3.7 * rows + 0.5), layout="constrained")
        canvas = FigureCanvasAgg(figure)  # measures words
        across, up = _alike(table, ACROSS), _alike(table, UP)
        panels = figure.subplots(rows, columns, squeeze=False, sharex=across, sharey=up).reshape(-1)
        for axes in panels[len(economies) :]:
            axes.set_visible(False)
        labels = []
        for axes, code in zip(panels, economies, strict=False):
            labels.append((axes, *_panel(axes, table[table["economy"] == code].reset_index(drop=True), code)))
        across_words = "change of real income against today, percent (bar: range of trade elasticities)"
        up_words = f"loss in the worst 5 percent of years, percent, safer up ({_bar(table)})"
        width, height = figure.get_size_inches()
        figure.supxlabel(_wrapped(across_words + _scale(across), width), fontsize=9)
        figure.supylabel(_wrapped(up_words + _scale(up), height), fontsize=9)
        canvas.draw()  # settles the layout
        for axes, points, bars, words in labels:
            _place(axes, points, bars, words, canvas.get_renderer())
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": "ecumene"})


def _alike(table: pd.DataFrame, columns: tuple[str, ...]) -> bool:
    """Whether one scale serves all panels: no panel's points and bars would fill less than a part of it."""
    panels = [rows[list(columns)].to_numpy() for _, rows in table.groupby("economy")]
    whole = np.ptp(np.concatenate(panels))
    return bool(min(np.ptp(panel) for panel in panels) * SQUEEZED >= whole)


def _scale(same: bool) -> str:
    return "" if same else "; the scale differs between panels"


def _wrapped(words: str, inches: float) -> str:
    """Words of nine points in lines that are not longer than a side of the picture."""
    return textwrap.fill(words, int(14 * inches))


def _bar(table: pd.DataFrame) -> str:
    """What the bar upwards is, or why there is none."""
    if table["expected_shortfall_error"].notna().any():
        return "bar: standard error"
    return f"no bar: {table['draws'].iloc[0]} draws are too few for a standard error, which needs 21"


def _panel(axes: Axes, rows: pd.DataFrame, code: str) -> tuple[FloatArray, FloatArray, list[Annotation]]:
    """Points and bars of one economy; returns the points, the bars' ends and the labels still to be placed."""
    words, bars = [], []
    for at, row in enumerate(rows.to_dict("records")):
        x, y = row["real_income"], row["expected_shortfall"]
        ends = (x, row["real_income_low_theta"], row["real_income_high_theta"])
        error = np.nan_to_num(row["expected_shortfall_error"])  # unknown: no bar
        colour = COLOURS[at % len(COLOURS)]
        bars += [((min(ends), y), (max(ends), y)), ((x, y - error), (x, y + error))]
        for (left, low), (right, high) in bars[-2:]:
            axes.plot([left, right], [low, high], color=colour, linewidth=1.0, alpha=0.6)
        axes.plot([x], [y], marker=SHAPES[at % len(SHAPES)], markersize=6, color=colour, linestyle="none")
        style: dict[str, Any] = {
            "arrowstyle": "-",
            "color": colour,
            "linewidth": 0.5,
            "shrinkA": 1,
            "shrinkB": 3,
        }
        words.append(
            axes.annotate(
                str(row["order"]),
                (x, y),
                xytext=(0, 0),
                textcoords="offset points",
                fontsize=8,
                color=colour,
                ha="center",
                va="center",
                arrowprops=style,
            )
        )
    name = countries.name_of(code)
    axes.set_title(code if name == code else f"{name} ({code})", loc="left", fontweight="bold", fontsize=10)
    axes.margins(0.16, 0.16)
    axes.tick_params(labelbottom=True, labelleft=True)
    if not axes.yaxis_inverted():  # once, where panels share it
        axes.invert_yaxis()
    axes.grid(color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return rows[["real_income", "expected_shortfall"]].to_numpy(), np.array(bars), words


def _place(axes: Axes, points: FloatArray, bars: FloatArray, words: list[Annotation], renderer: Any) -> None:
    """Put each label where it covers least of points, bars, other labels, and of what lies outside the panel."""
    from matplotlib.text import Text

    inside = np.array(axes.get_window_extent(renderer).extents)[None]
    pixels = renderer.points_to_pixels(1.0)
    shown = axes.transData.transform(points)
    ends = axes.transData.transform(bars.reshape(-1, 2)).reshape(-1, 2, 2)
    lines = np.concatenate([ends.min(axis=1), ends.max(axis=1)], axis=1) + np.array([-1, -1, 1, 1])
    marks = np.concatenate([shown, shown], axis=1) + 4.0 * pixels * np.array([-1, -1, 1, 1])
    radius, angle = (each.reshape(-1) for each in np.meshgrid(RADII, np.deg2rad(np.arange(0, 360, 15))))
    order = np.argsort(radius, kind="stable")
    radius, angle = radius[order], angle[order]
    taken = np.zeros((0, 4))
    for word, at in zip(words, shown, strict=True):
        size = Text.get_window_extent(word, renderer)  # the words without their line
        half = np.array([size.width, size.height]) / 2.0 + 1.0
        away = np.stack([np.cos(angle) * (radius + half[0] / pixels), np.sin(angle) * radius], axis=1)
        middle = at + away * pixels
        boxes = np.concatenate([middle - half, middle + half], axis=1)
        hidden = (_common(boxes, marks) > 0).sum(axis=1) + (_common(boxes, taken) > 0).sum(axis=1)
        outside = 1.0 - _common(boxes, inside)[:, 0] / (4.0 * half[0] * half[1])
        crossed = (_common(boxes, lines) > 0).sum(axis=1)
        best = int(np.argmin(2.0 * hidden + 5.0 * outside + 0.4 * crossed + 0.02 * radius))
        word.set_position((float(away[best, 0]), float(away[best, 1])))
        taken = np.concatenate([taken, boxes[best : best + 1]])


def _common(boxes: FloatArray, others: FloatArray) -> FloatArray:
    """Area that boxes [n, (left, bottom, right, top)] share with others [m, 4]: [n, m]."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.prod(np.maximum(high - low, 0.0), axis=2)
