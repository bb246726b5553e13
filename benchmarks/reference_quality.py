"""Measure the reference world against WIOD 2011 and newer facts, and write the tables into its page.

Run from anywhere: `python benchmarks/reference_quality.py [--check]`. Needs the folder of published data
beside the checkout (`../shared/data`). With `--check` nothing is written.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from ecumene.sources import load_world
from ecumene.sources.reference import facts, gravity, load_reference, technology
from ecumene.types import FloatArray
from ecumene.world import World

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
PAGE = ROOT / "docs" / "reference-world.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
WANTED = {"bilateral": 0.92, "import_share": 0.8, "autarky_loss": 0.7}


@dataclass(frozen=True)
class Accounts:
    """Flows of one table on the merged sectors, economies in its own order."""

    economies: tuple[str, ...]
    sectors: tuple[str, ...]
    trade: FloatArray
    domestic_share: FloatArray
    consumption: FloatArray
    input_cost: FloatArray


def accounts(world: World, sectors: dict[str, str]) -> Accounts:
    """Aggregate a world's flows to the merged sectors and form its shares."""
    names = tuple(dict.fromkeys(sectors[s] for s in world.sectors))
    to = np.array([[float(sectors[s] == name) for name in names] for s in world.sectors])
    trade = world.trade.values @ to
    spending = world.spending.values @ to
    inputs = np.einsum("nsk,sa,kb->nab", world.intermediate.values, to, to)
    output = trade.sum(axis=1)
    final = world.final.values.sum(axis=2) @ to
    home = np.einsum("iis->is", trade)
    return Accounts(
        world.economies,
        names,
        trade,
        np.divide(home, spending, out=np.ones_like(home), where=spending > 0),
        final / final.sum(axis=1, keepdims=True),
        np.divide(inputs, output[:, None, :], out=np.zeros_like(inputs), where=output[:, None, :] > 0),
    )


def autarky_loss(table: Accounts, theta: FloatArray, kept: np.ndarray) -> FloatArray:
    """Loss of real wage from closing every link, Cobb-Douglas closed form, percent [R].

    `ln P = -(I - gamma^T)^-1 ln(pi_nn) / theta`, loss `1 - exp(-alpha ln P)`; goods outside `kept`, which
    one of the two tables does not make at home, are left out. Source: Costinot and Rodriguez-Clare (2014).
    """
    losses = []
    for n in range(len(table.economies)):
        share = np.where(kept[n], table.domestic_share[n], 1.0)
        price = np.linalg.solve(np.eye(len(share)) - table.input_cost[n].T, -np.log(share) / theta)
        losses.append(100.0 * -np.expm1(-float(table.consumption[n] @ price)))
    return np.array(losses)


def _common(reference: Accounts, wiod: Accounts) -> tuple[list[str], np.ndarray, np.ndarray]:
    codes = [code for code in wiod.economies if code in reference.economies]
    return (
        codes,
        np.array([reference.economies.index(code) for code in codes]),
        np.array([wiod.economies.index(code) for code in codes]),
    )


def against_wiod(world: World, wiod_world: World) -> tuple[dict[str, float], pd.DataFrame]:
    """Correlations with WIOD on the common economies, and one row per economy."""
    sectors = facts.sectors()
    merged = dict(zip(sectors.index, sectors["merged"], strict=True))
    theirs = {code: merged[name] for name, codes in sectors["wiod"].items() for code in codes}
    reference, wiod = accounts(world, merged), accounts(wiod_world, theirs)
    order = [wiod.sectors.index(name) for name in reference.sectors]
    theta = technology.theta()[[list(sectors["merged"]).index(name) for name in reference.sectors]]
    codes, mine, its = _common(reference, wiod)

    pairs = ~np.eye(len(codes), dtype=bool)
    flow = reference.trade.sum(axis=2)[np.ix_(mine, mine)][pairs]
    published = wiod.trade.sum(axis=2)[np.ix_(its, its)][pairs]
    used = (flow > 0) & (published > 0)
    geo, gdp = gravity.geography(), facts.load_facts()["gdp"].to_numpy()
    naive = np.outer(gdp, gdp) / geo.distance
    naive = naive[np.ix_(mine, mine)][pairs]
    made = wiod_world.value_added.values.sum(axis=1)[its]
    naive_2011 = (np.outer(made, made) / geo.distance[np.ix_(mine, mine)])[pairs]

    def correlation(a: FloatArray, b: FloatArray) -> float:
        return float(np.corrcoef(np.log(a[used]), np.log(b[used]))[0, 1])

    def import_share(table: World, at: np.ndarray) -> FloatArray:
        return (table.imports.values / table.spending.values.sum(axis=1))[at]

    pick = Accounts(
        tuple(codes),
        reference.sectors,
        wiod.trade,
        wiod.domestic_share[its][:, order],
        wiod.consumption[its][:, order],
        wiod.input_cost[its][:, order][:, :, order],
    )
    ours = Accounts(
        tuple(codes),
        reference.sectors,
        reference.trade,
        reference.domestic_share[mine],
        reference.consumption[mine],
        reference.input_cost[mine],
    )
    kept = (pick.domestic_share > 1e-6) & (ours.domestic_share > 1e-6)
    losses = [autarky_loss(table, theta, kept) for table in (ours, pick)]
    shares = [import_share(world, mine), import_share(wiod_world, its)]
    table = pd.DataFrame(
        {
            "import_share": 100 * shares[0],
            "import_share_wiod": 100 * shares[1],
            "autarky_loss": losses[0],
            "autarky_loss_wiod": losses[1],
        },
        index=pd.Index(codes, name="economy"),
    )
    figures = {
        "economies": float(len(codes)),
        "pairs": float(used.sum()),
        "bilateral": correlation(flow, published),
        "baseline": correlation(naive, published),
        "baseline_2011": correlation(naive_2011, published),
        "median_factor": float(np.exp(np.median(np.abs(np.log(flow[used] / published[used]))))),
        "import_share": float(spearmanr(*shares).statistic),
        "autarky_loss": float(spearmanr(*losses).statistic),
        "goods_left_out": float((~kept).sum()),
    }
    return figures, table


FACTBOOK = {
    "exports": ("exports", 1e9),
    "imports": ("imports", 1e9),
    "military share of GDP": ("milex_pct_gdp", 1.0),
    "oil reserves": ("oil_reserves_bbl", 1e9),
    "gas reserves": ("gas_reserves_m3", 1e12),
    "coal reserves": ("coal_reserves_t", 1e9),
}
PARTNERS = ("USA", "CHN", "DEU", "JPN", "BRA", "POL", "GEO", "KGZ", "ETH")


def against_context(context: Path) -> pd.DataFrame:
    """Facts beside published figures: pairs compared, tolerance, share within it, and the share wanted."""
    table = facts.load_facts()
    named = table[~table.index.str.startswith("ROW_")]
    rows = []
    for column, unit in (("gdp", 1e9), ("population", 1e6)):
        published = pd.read_csv(context / f"{column}.csv", keep_default_na=False, na_values=[""])
        published = published[published["Year"] == 2019].set_index("Country Code")["Value"] / unit
        pair = pd.DataFrame({"typed": table[column], "book": published}).loc[table.index].dropna()
        within = ((pair["typed"] / pair["book"] - 1.0).abs() <= 0.10).mean()
        rows.append((f"{column} 2019, World Bank", len(pair), "10 %", within, 0.95))
    book = pd.read_csv(context / "factbook_country.csv", keep_default_na=False, na_values=[""])
    book = book.set_index("iso3")
    for name, (column, unit) in FACTBOOK.items():
        if name in ("exports", "imports"):
            typed = named[f"{name}_goods"] + named[f"{name}_services"]
        elif name.startswith("military"):
            typed = 100.0 * named["military_spending"] / named["gdp"]
        else:
            typed = named[name.replace(" ", "_")]
        pair = pd.DataFrame({"typed": typed, "book": book[column] / unit}).loc[named.index].dropna()
        weight = pd.Series(1.0, index=pair.index)
        sane = pair["book"] >= 0.0
        if name.startswith("military"):
            weight, sane = named["gdp"].loc[pair.index], pair["book"] < 100.0
        total = pair[sane].mul(weight[sane], axis=0).sum()
        scaled = pair["book"] * total["typed"] / total["book"]
        within = ((pair["typed"] - scaled).abs() <= 0.30 * scaled).mean()
        rows.append((f"{name}, newer factbook, scaled", len(pair), "30 %", within, 0.8))
    return pd.DataFrame(rows, columns=["fact", "economies", "tolerance", "share within", "wanted"])


def departures() -> pd.DataFrame:
    """Economies whose fact departs from the newer figure, by fact and reason."""
    table = facts.exceptions()
    grouped = table.groupby(["column", "reason"], sort=False)["iso3"].agg(" ".join).reset_index()
    return grouped.rename(columns={"column": "fact", "iso3": "economies"})[["fact", "economies", "reason"]]


def structure(world: World) -> pd.DataFrame:
    """World totals by sector: output, exports, value added, final use and imports of the reference world."""
    trade = world.trade.values
    exports = trade.sum(axis=(0, 1)) - np.einsum("iis->s", trade)
    output = trade.sum(axis=(0, 1))
    final = world.final.values.sum(axis=(0, 2))
    return pd.DataFrame(
        {
            "output, billion USD": output / 1e3,
            "exported, % of output": 100.0 * exports / output,
            "value added, % of output": 100.0 * world.value_added.values.sum(axis=0) / output,
            "% of final spending": 100.0 * final / final.sum(),
        },
        index=pd.Index(world.sectors, name="sector"),
    ).round(1)


def partners(world: World, count: int = 5) -> pd.DataFrame:
    """Largest partners of some economies, percent of all exports and of all imports, goods and services."""
    total = world.trade.values.sum(axis=2)
    np.fill_diagonal(total, 0.0)

    def largest(flow: FloatArray) -> str:
        order = np.argsort(-flow)[:count]
        return ", ".join(f"{world.economies[k]} {100 * flow[k] / flow.sum():.0f}" for k in order)

    rows = [(largest(total[at]), largest(total[:, at])) for at in map(world.economies.index, PARTNERS)]
    return pd.DataFrame(
        rows, columns=["exports to", "imports from"], index=pd.Index(PARTNERS, name="economy")
    )


def totals_kept(world: World) -> list[str]:
    """Sentences on how far the built world departs from the totals of the facts."""
    table = facts.load_facts()
    gdp = world.value_added.values.sum(axis=1) / (1e3 * table["gdp"].to_numpy()) - 1.0
    sentences = [f"Value added departs from GDP by at most {100 * np.abs(gdp).max():.1e} %."]
    for flow, got in (("exports", world.exports.values), ("imports", world.imports.values)):
        typed = 1e3 * (table[f"{flow}_goods"] + table[f"{flow}_services"]).to_numpy()
        most, whole = 100.0 * np.abs(got / typed - 1.0).max(), 100.0 * (got.sum() / typed.sum() - 1.0)
        sentences.append(
            f"{flow.capitalize()} depart from facts by at most {most:.1f} %, the world's by {whole:+.1f} %."
        )
    trade = world.trade.values
    exports = trade.sum(axis=1) - np.einsum("iis->is", trade)
    groups, goods = facts.sectors()["commodity_groups"], facts.sectors()["goods"].to_numpy(bool)
    for group in ("food_agriculture", "fuels"):
        inside = np.array([group in cell for cell in groups])
        typed = table[f"share_{group}"].to_numpy()
        gap = 100.0 * (exports[:, inside].sum(axis=1) / exports[:, goods].sum(axis=1) - typed)
        far = [f"{world.economies[k]} {gap[k]:+.0f}" for k in np.flatnonzero(np.abs(gap) > 5.0)]
        listed = ", ".join(far) or "none"
        sentences.append(f"Share of {group} in goods exports, departures above 5 points: {listed}.")
    return sentences


def markdown(table: pd.DataFrame, digits: int = 3) -> str:
    """A table as Markdown, its index as the first column."""
    shown = table.reset_index() if table.index.name else table
    head = "| " + " | ".join(map(str, shown.columns)) + " |"
    rule = "|" + "---|" * len(shown.columns)
    cells = [
        [f"{c:.{digits}f}" if isinstance(c, float) else str(c) for c in row] for row in shown.to_numpy(object)
    ]
    return "\n".join([head, rule, *("| " + " | ".join(row) + " |" for row in cells)])


def measured(data: Path = DATA) -> str:
    """The measured part of the page."""
    world, wiod = load_reference(), load_world(f"wiod:{data / 'wiod' / 'wiod2011.npz'}")
    figures, table = against_wiod(world, wiod)
    rows = [
        ("correlation of log bilateral trade, goods and services", figures["bilateral"], "0.92"),
        ("the same for GDP product over distance (facts of 2019)", figures["baseline"], ""),
        ("the same with WIOD's own value added of 2011", figures["baseline_2011"], ""),
        ("median factor between the two flows of a pair", figures["median_factor"], ""),
        ("rank correlation of import share in spending", figures["import_share"], "0.8"),
        ("rank correlation of autarky loss", figures["autarky_loss"], "0.7"),
    ]
    against = pd.DataFrame(rows, columns=["against WIOD 2011", "measured", "wanted"])
    parts = [
        f"{figures['economies']:.0f} common economies, {figures['pairs']:.0f} pairs with trade in both. "
        f"Autarky loss: Cobb-Douglas closed form, the same elasticities on both sides, 15 merged sectors, "
        f"{figures['goods_left_out']:.0f} goods that one side does not make at home left out.",
        markdown(against),
        *totals_kept(world),
        markdown(against_context(data / "context")),
        "Every economy outside the tolerance, and why:",
        markdown(departures()),
        markdown(structure(world), 1),
        "Largest partners, percent:",
        markdown(partners(world)),
        "Import share and autarky loss, percent:",
        markdown(table, 1),
    ]
    return "\n\n".join(parts)


def main() -> None:
    """Print the measured part, and put it into the page unless `--check` is given."""
    text = measured()
    print(text)
    if "--check" in sys.argv[1:]:
        return
    page = PAGE.read_text(encoding="utf-8")
    start, stop = page.index(BEGIN) + len(BEGIN), page.index(END)
    PAGE.write_text(page[:start] + "\n\n" + text + "\n\n" + page[stop:], encoding="utf-8")


if __name__ == "__main__":
    main()
