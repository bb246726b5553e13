"""Draw the documented ensemble and write its table into docs/security.md; half an hour on two busy cores."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

import ecumene as ec

PAGE = Path(__file__).parent / "security.md"
START, END = "<!-- ensemble -->", "<!-- end of ensemble -->"
ORDERS = ("today", "two-blocs", "macro-states", "self-sufficient")
SHOWN = ("USA", "CHN", "DEU", "GEO", "VNM")
LARGEST, DRAWS, SEED = 24, 1000, 0


def ensemble() -> ec.Comparison:
    """Four orders on the largest economies and the rest of the world, a thousand years of accidents each."""
    world = ec.load_world("reference")
    size = world.income.to_series().drop([code for code in world.economies if code.startswith("ROW")])
    kept = sorted({*size.nlargest(LARGEST).index, *SHOWN})
    small = world.select(kept)
    return ec.compare(small, ORDERS, security=DRAWS, seed=SEED)


def table(found: ec.Comparison) -> str:
    """Rows of Markdown: loss and shortfall with standard errors, percent of a year's consumption."""
    data = found.data
    weight = data["base_income"].isel(order=0, quantile=0)
    lines = [
        f"{found.provenance[0].world_source}; {DRAWS:,} draws, seed {SEED}, of the shock `random`.",
        "",
        "| economy | order | expected loss (range of the band) | expected shortfall (range of the band) "
        "| days below 95 % |",
        "|---|---|---|---|---|",
    ]
    for code in ("world", *SHOWN):
        for order in found.orders:
            at = data.sel(order=order)
            cells = []
            for name in ("expected_loss", "expected_shortfall"):
                values = (
                    at[name].weighted(weight).mean("economy")
                    if code == "world"
                    else at[name].sel(economy=code)
                )
                least, central, most = (float(values.sel(band=band)) for band in ("least", "central", "most"))
                error = (
                    ""
                    if code == "world"
                    else f" ± {float(at[f'{name}_error'].sel(economy=code, band='central')):.2f}"
                )
                band = least, central, most  # the ends need not be in order
                cells.append(f"{central:.2f}{error} ({min(band):.2f} to {max(band):.2f})")
            days = at["expected_days_below"]
            days = days.weighted(weight).mean("economy") if code == "world" else days.sel(economy=code)
            cells.append(f"{float(days.sel(band='central')):.1f}")
            lines.append(f"| {code} | {order} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Write the table between its marks."""
    begun = time.perf_counter()
    found = ensemble()
    assert np.isfinite(found.data["expected_shortfall"].values).all()
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(START, 1)
    _, after = rest.split(END, 1)
    PAGE.write_text(f"{before}{START}\n{table(found)}\n{END}{after}", encoding="utf-8")
    print(f"{time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
