"""FIGARO: small files in Eurostat's matrix and flat layouts, in euro, checked by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecumene.errors import SourceError
from ecumene.sources import load_world
from ecumene.sources.currency import USD_PER_EUR, usd_per_eur
from ecumene.world import World

AREAS = ["AT", "FIGW1", "GR"]
INDUSTRIES = ["A01", "C10T12", "C31_32", "L", "U"]
USES = ["P3_S13", "P3_S14", "P3_S15", "P51G", "P5M"]
ACCOUNTS = ["D21X31", "OP_RES", "OP_NRES", "D1", "D29X39", "B2A3G"]


def table() -> pd.DataFrame:
    """The matrix layout: first cell `rowLabels`; industry U produces nothing anywhere."""
    rng = np.random.default_rng(4)
    cells = [f"{area}_{industry}" for area in AREAS for industry in INDUSTRIES]
    columns = [*cells, *(f"{area}_{use}" for area in AREAS for use in USES)]
    frame = pd.DataFrame(rng.integers(1, 9, (len(cells), len(columns))).astype(float), cells, columns)
    frame.loc[:, [c for c in columns if c.endswith("P3_S14")]] += 60.0
    silent = [cell for cell in cells if cell.endswith("_U")]
    frame.loc[silent] = 0.0
    frame[silent] = 0.0
    output = frame.sum(axis=1)
    inputs = frame[cells].sum()
    live = [cell for cell in cells if cell not in silent]
    rows = pd.DataFrame(0.0, [f"W2_{account}" for account in ACCOUNTS], columns)
    rows.loc["W2_D21X31", live] = 1.5
    rows.loc["W2_D1", live] = 10.0
    rows.loc["W2_D29X39", live] = 0.5
    rows.loc["W2_B2A3G", live] = (output - inputs)[live] - 12.0
    rows.loc["W2_OP_RES", "AT_P3_S14"] = 2.0
    whole = pd.concat([frame, rows])
    whole.index.name = "rowLabels"
    return whole


def write_matrix(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_csv(path)
    return path


def write_flat(frame: pd.DataFrame, path: Path) -> Path:
    lines = ["icioiRow,icioiCol,refArea,rowIi,counterpartArea,colIi,obsValue"]
    for row in frame.index:
        for column in frame.columns:
            lines.append(
                ",".join(
                    [row, column, *row.split("_", 1), *column.split("_", 1), str(frame.loc[row, column])]
                )
            )
    path.write_text("\n".join(lines) + "\n")
    return path


def check(world: World, frame: pd.DataFrame, rate: float) -> None:
    assert world.economies == ("AUT", "ROW", "GRC")
    assert world.sectors == tuple(INDUSTRIES)
    assert world.year == 2019
    sold = frame.loc["GR_C10T12", [c for c in frame.columns if c.startswith("AT_")]].sum()
    assert world.trade.sel(origin="GRC", destination="AUT", sector="C10T12").item() == pytest.approx(
        sold * rate
    )
    assert world.final.sel(economy="ROW", sector="A01", final_use="gfcf").item() == pytest.approx(
        frame.loc[["AT_A01", "FIGW1_A01", "GR_A01"], "FIGW1_P51G"].sum() * rate
    )
    added = frame.loc[["W2_D21X31", "W2_D1", "W2_D29X39", "W2_B2A3G"], "FIGW1_L"].sum()
    assert world.value_added.sel(economy="ROW", sector="L").item() == pytest.approx(added * rate)
    assert world.output.sel(sector="U").sum().item() == 0
    assert world.theta.values.tolist() == [9.11, 2.62, 3.98, 5.0, 5.0]
    assert world.layers["goods"].values.tolist() == [True, True, True, False, False]
    assert any("1.1195 USD per EUR" in note for note in world.notes)


@pytest.mark.parametrize("layout", [write_matrix, write_flat])
def test_both_layouts_by_hand(tmp_path: Path, layout: Callable[[pd.DataFrame, Path], Path]) -> None:
    frame = table()
    path = layout(frame, tmp_path / "matrix_eu-ic-io_ind-by-ind_25ed_2019_v2.csv")
    check(load_world(f"figaro:{path}"), frame, 1.1195)


def test_rows_in_another_order_give_the_same_world(tmp_path: Path) -> None:
    frame = table()
    shuffled = frame[[*frame.columns[::-1]]]
    world = load_world(f"figaro:{write_matrix(shuffled, tmp_path / 'figaro_2019.csv')}")
    check(world, frame, 1.1195)


def test_the_year_may_be_given(tmp_path: Path) -> None:
    path = write_matrix(table(), tmp_path / "figaro.csv")
    with pytest.raises(SourceError, match="year is not in the file's name"):
        load_world(f"figaro:{path}")
    assert load_world(f"figaro:{path}#2019").year == 2019


BROKEN = {
    "no value added": (lambda f: f.iloc[:-6].to_csv(), "W2_D1 and W2_B2A3G are missing"),
    "an unknown area": (lambda f: f.to_csv().replace("GR_", "QQ_"), "unknown economy code 'QQ'"),
    "an unknown use": (lambda f: f.to_csv().replace("AT_P51G", "AT_P99"), "AT_P99"),
    "a row lost": (lambda f: f.drop(index="AT_A01").to_csv(), "not 3 areas x 5 industries"),
    "a column lost": (lambda f: f.drop(columns="AT_P51G").to_csv(), "columns do not match"),
    "cut off": (lambda f: f.to_csv()[:900], "cut-off download"),
    "another table": (lambda f: "year,country\n2019,AT\n", "begins with 'year'"),
    "products": (lambda f: f.to_csv().replace("_A01", "-A01"), "unknown label"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_files(tmp_path: Path, what: str) -> None:
    change, message = BROKEN[what]
    path = tmp_path / "broken_2019.csv"
    path.write_text(change(table()))
    with pytest.raises(SourceError, match=message) as failure:
        load_world(f"figaro:{path}")
    assert "broken_2019.csv" in str(failure.value) or "FIGARO" in str(failure.value)


def test_exchange_rates_are_complete_and_plausible() -> None:
    assert sorted(USD_PER_EUR) == list(range(1995, 2025))
    assert all(0.85 < rate < 1.50 for rate in USD_PER_EUR.values())
    rate, sentence = usd_per_eur(2000, "x")
    assert rate == 0.9236
    assert "European Central Bank" in sentence
    with pytest.raises(SourceError, match=r"1990.*1995 to 2024"):
        usd_per_eur(1990, "x.csv")
