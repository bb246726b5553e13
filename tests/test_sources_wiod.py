"""WIOD 2013: a small workbook in the official layout, and the real arrays where they are."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from ecumene.errors import SourceError
from ecumene.sources import load_world

SECTORS = ["c1", "c3", "c35"]
ISIC = ["AtB", "15t16", "P"]
NAMES = ["Agriculture, Hunting", "Food, Beverages", "Private Households"]
REGIONS = ["AUT", "ROM", "USA", "RoW"]
USES = ["c37", "c38", "c39", "c41", "c42"]
RNG = np.random.default_rng(11)
Z = RNG.integers(1, 9, (12, 12)).astype(float)
Y = RNG.integers(5, 40, (12, 20)).astype(float)
SILENT = [2, 5, 8, 11]
Z[SILENT] = 0
Z[:, SILENT] = 0
Y[SILENT] = 0


def write_workbook(path: Path, *, final: np.ndarray = Y) -> Path:
    """Title in the first cells, four header lines and columns, flows, totals, taxes, value added, output."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "WIOT_2009"
    sellers = [(i, n, r, c) for r in REGIONS for i, n, c in zip(ISIC, NAMES, SECTORS, strict=True)]
    buyers = [(u, u, r, u) for r in REGIONS for u in USES]
    columns = [*sellers, *buyers, ("", "Total output", "TOT", "c43")]
    for row, text in enumerate(
        ["Intercountry Input-Output Table for 2009", "", "(industry-by-industry)", "(millions of US$)"],
        start=1,
    ):
        sheet.cell(row, 1, text)
    for k, labels in enumerate(columns):
        for line, label in enumerate(labels):
            sheet.cell(3 + line, 5 + k, label)
    flows = np.hstack([Z, final])
    for i, labels in enumerate(sellers):
        for k, label in enumerate(labels):
            sheet.cell(7 + i, 1 + k, label)
        for j, value in enumerate([*flows[i], flows[i].sum()]):
            sheet.cell(7 + i, 5 + j, value)
    output = flows.sum(axis=1)
    taxes = np.where(output > 0, 0.5, 0.0)
    below = {
        "r60": ("Total intermediate consumption", Z.sum(axis=0)),
        "r61": ("taxes less subsidies on products", taxes),
        "r62": ("Cif/ fob adjustments on exports", np.zeros(12)),
        "r63": ("Direct purchases abroad by residents", np.zeros(12)),
        "r64": ("Value added at basic prices", output - Z.sum(axis=0) - taxes),
        "r65": ("International Transport Margins", np.zeros(12)),
        "r69": ("Output at basic prices", output),
    }
    for i, (code, (name, values)) in enumerate(below.items()):
        for k, label in enumerate(("", name, "TOT", code)):
            sheet.cell(19 + i, 1 + k, label)
        for j in range(33):
            sheet.cell(19 + i, 5 + j, float(values[j]) if j < 12 else 0.0)
    book.save(path)
    return path


def test_workbook_by_hand(tmp_path: Path) -> None:
    pytest.importorskip("pymrio", reason="the extra 'sources' is not installed")
    world = load_world(f"wiod:{write_workbook(tmp_path / 'wiot09_row_apr12.xlsx')}")
    assert world.economies == ("AUT", "ROU", "USA", "ROW")
    assert world.sectors == ("c1", "c3", "c35")
    assert world.final_uses == ("households", "npish", "government", "gfcf", "inventories")
    assert world.year == 2009
    # Romania's food (row 4) to the rest of the world: columns 9 to 11 and uses 15 to 19
    sold = Z[4, 9:12].sum() + Y[4, 15:20].sum()
    assert world.trade.sel(origin="ROU", destination="ROW", sector="c3").item() == sold
    assert world.value_added.sel(economy="USA", sector="c1").item() == pytest.approx(
        Z[6].sum() + Y[6].sum() - Z[:, 6].sum()
    )
    assert world.output.sel(sector="c35").sum().item() == 0
    assert any("4 of 12 sectors" in note for note in world.notes)
    assert world.theta.values.tolist() == [9.11, 2.62, 5.0]


def test_satellites_beside_the_workbook_are_left_alone(tmp_path: Path) -> None:
    pytest.importorskip("pymrio", reason="the extra 'sources' is not installed")
    path = write_workbook(tmp_path / "wiot09_row_apr12.xlsx")
    (tmp_path / "CO2_may12.zip").write_bytes(b"not a zip file")
    assert load_world(f"wiod:{path}").year == 2009


def test_negative_inventories_in_the_workbook(tmp_path: Path) -> None:
    pytest.importorskip("pymrio", reason="the extra 'sources' is not installed")
    final = Y.copy()
    final[0, 4] = -7.0
    world = load_world(f"wiod:{write_workbook(tmp_path / 'wiot09.xlsx', final=final)}")
    assert world.cleaning is not None
    negative = world.cleaning[world.cleaning.what.str.contains("negative")].set_index("economy")
    assert negative.moved_million_usd["AUT"] == 7.0
    assert negative.moved_million_usd["ROU"] == 0.0


def test_broken_workbooks(tmp_path: Path) -> None:
    pytest.importorskip("pymrio", reason="the extra 'sources' is not installed")
    whole = write_workbook(tmp_path / "whole.xlsx").read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.xlsx").write_text("no workbook")
    for name in ("cut.xlsx", "text.xlsx"):
        with pytest.raises(SourceError, match=f"{name}.*pymrio cannot read it"):
            load_world(f"wiod:{tmp_path / name}")
    (tmp_path / "table.csv").write_text("a,b\n")
    with pytest.raises(SourceError, match=r"no WIOD table.*\.xlsx"):
        load_world(f"wiod:{tmp_path / 'table.csv'}")


def test_missing_extra_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_workbook(tmp_path / "wiot09.xlsx")
    monkeypatch.setitem(sys.modules, "pymrio", None)
    with pytest.raises(SourceError, match=r"pip install 'ecumene\[sources\]'"):
        load_world(f"wiod:{path}")


def test_real_arrays(shared: Path) -> None:
    path = shared / "data" / "wiod" / "wiod2011.npz"
    world = load_world(f"wiod:{path}")
    raw = np.load(path)
    assert len(world.economies) == 41
    assert len(world.sectors) == 35
    assert world.year == 2011
    assert world.source == "WIOD 2013 release, 2011 (wiod2011.npz)"
    assert world.output.sum().item() == pytest.approx(float(raw["Z"].sum() + raw["Y"].sum()), rel=5e-3)
    negative = -raw["Y"].clip(max=0).sum()
    moved = world.cleaning[world.cleaning.what.str.contains("negative")].moved_million_usd.sum()
    assert moved == pytest.approx(negative)
    assert world.layers["goods"].values.sum() == 16
    assert (
        str(world.layers["sector_name"].sel(sector="c8").item()) == "Coke, refined petroleum and nuclear fuel"
    )
