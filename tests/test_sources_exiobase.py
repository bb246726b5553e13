"""EXIOBASE 3: a small archive in the official layout (tab-separated, two header lines), checked by hand."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecumene.elasticities import TABLE
from ecumene.errors import SourceError
from ecumene.sources import load_world
from ecumene.sources.exiobase import EXPORTS, FINAL_USES, GROUPS, concordance
from ecumene.world import World

pytest.importorskip("pymrio", reason="the extra 'sources' is not installed")

REGIONS = ["AT", "CN", "WF"]
INDUSTRIES = [
    "Cultivation of wheat",
    "Cattle farming",
    "Processing of dairy products",
    "Manufacture of beverages",
    "Education (80)",
]
USES = [*FINAL_USES, EXPORTS]
RATE_2019 = 1.1195


def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(7)
    cells = pd.MultiIndex.from_product([REGIONS, INDUSTRIES], names=["region", "sector"])
    Z = pd.DataFrame(rng.integers(1, 9, (len(cells),) * 2).astype(float), cells, cells)
    buyers = pd.MultiIndex.from_product([REGIONS, USES], names=["region", "category"])
    Y = pd.DataFrame(rng.integers(20, 40, (len(cells), len(buyers))).astype(float), cells, buyers)
    Y.loc[:, Y.columns.get_level_values(1) == EXPORTS] = 0.0
    return Z, Y


def write_zip(path: Path, Z: pd.DataFrame | None, Y: pd.DataFrame, *, unit: str = "M.EUR") -> Path:
    """`IOT_2019_ixi/` with file_parameters.json and text files; a satellite folder that must not be read."""
    folder = path.stem
    parts = {"Y": ("2", "2"), "unit": ("2", "1")}
    table = {
        "Y": Y,
        "unit": pd.DataFrame({"unit": unit}, index=Y.index),
    }
    if Z is not None:
        parts["Z"], table["Z"] = ("2", "2"), Z
    files = {k: {"name": f"{k}.txt", "nr_index_col": i, "nr_header": h} for k, (i, h) in parts.items()}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            f"{folder}/file_parameters.json", json.dumps({"systemtype": "IOSystem", "files": files})
        )
        about = {"description": "x", "name": "EXIOBASE", "system": "ixi", "version": "3.8.2", "history": []}
        archive.writestr(f"{folder}/metadata.json", json.dumps(about))
        archive.writestr(f"{folder}/industries.txt", "Number\tName\tCodeNr\tCodeTxt\n")
        for name, frame in table.items():
            archive.writestr(f"{folder}/{name}.txt", frame.to_csv(sep="\t"))
        satellite = {
            "systemtype": "Extension",
            "name": "s",
            "files": {"F": {"name": "F.txt", "nr_index_col": "1", "nr_header": "2"}},
        }
        archive.writestr(f"{folder}/satellite/file_parameters.json", json.dumps(satellite))
        archive.writestr(f"{folder}/satellite/F.txt", "broken on purpose: it must not be read")
    return path


def check_numbers(world: World, Z: pd.DataFrame, Y: pd.DataFrame) -> None:
    assert world.economies == ("AUT", "CHN", "ROW_AFRICA")
    assert world.sectors == ("CROPS", "LIVESTOCK", "FOOD", "EDUCATION")
    food = [("AT", name) for name in INDUSTRIES[2:4]]
    sold = Z.loc[food, "CN"].to_numpy().sum() + Y.loc[food, "CN"].to_numpy().sum()
    assert world.trade.sel(origin="AUT", destination="CHN", sector="FOOD").item() == pytest.approx(
        sold * RATE_2019
    )
    bought = Z.loc[(slice(None), INDUSTRIES[1]), [("WF", n) for n in INDUSTRIES[2:4]]].to_numpy().sum()
    assert world.intermediate.sel(
        economy="ROW_AFRICA", input="LIVESTOCK", user="FOOD"
    ).item() == pytest.approx(bought * RATE_2019)
    wheat = ("CN", INDUSTRIES[0])
    added = Z.loc[wheat].sum() + Y.loc[wheat].sum() - Z[wheat].sum()
    assert world.value_added.sel(economy="CHN", sector="CROPS").item() == pytest.approx(added * RATE_2019)
    assert world.theta.values.tolist() == [9.11, 9.11, 2.62, 5.0]
    assert world.layers["goods"].values.tolist() == [True, True, True, False]
    assert world.layers["sector_name"].values.tolist()[2] == "Food, beverages and tobacco"


def test_zip_by_hand(tmp_path: Path) -> None:
    Z, Y = frames()
    world = load_world(f"exiobase:{write_zip(tmp_path / 'IOT_2019_ixi.zip', Z, Y)}")
    check_numbers(world, Z, Y)
    assert world.year == 2019
    assert any("1.1195 USD per EUR" in note for note in world.notes)
    assert any("5 industries or products were added up to 4 sectors" in note for note in world.notes)


def test_unpacked_folder(tmp_path: Path) -> None:
    Z, Y = frames()
    with zipfile.ZipFile(write_zip(tmp_path / "IOT_2019_ixi.zip", Z, Y)) as archive:
        archive.extractall(tmp_path)
    check_numbers(load_world(f"exiobase:{tmp_path / 'IOT_2019_ixi'}"), Z, Y)


@pytest.mark.parametrize("with_output", [True, False])
def test_coefficients_instead_of_flows(tmp_path: Path, with_output: bool) -> None:
    Z, Y = frames()
    output = Z.sum(axis=1) + Y.sum(axis=1)
    folder = tmp_path / "IOT_2019_ixi"
    with zipfile.ZipFile(write_zip(tmp_path / "IOT_2019_ixi.zip", None, Y)) as archive:
        archive.extractall(tmp_path)
    (Z / output).to_csv(folder / "A.txt", sep="\t")
    output.to_frame("indout").to_csv(folder / "x.txt", sep="\t")
    parameters = json.loads((folder / "file_parameters.json").read_text())
    parameters["files"]["A"] = {"name": "A.txt", "nr_index_col": "2", "nr_header": "2"}
    if with_output:
        parameters["files"]["x"] = {"name": "x.txt", "nr_index_col": "2", "nr_header": "1"}
    (folder / "file_parameters.json").write_text(json.dumps(parameters))
    check_numbers(load_world(f"exiobase:{folder}"), Z, Y)


def test_romania_under_its_old_code_and_iso3(tmp_path: Path) -> None:
    """Some releases write AUT and ROM where others write AT and RO."""
    Z, Y = frames()
    names = {"AT": "AUT", "CN": "ROM", "WF": "WWF"}
    Z, Y = (f.rename(index=names, columns=names, level=0) for f in (Z, Y))
    world = load_world(f"exiobase:{write_zip(tmp_path / 'IOT_2019_ixi.zip', Z, Y)}")
    assert world.economies == ("AUT", "ROU", "ROW_AFRICA")


def test_unknown_industry(tmp_path: Path) -> None:
    Z, Y = (f.rename(index={"Cattle farming": "Dragon farming"}, level=1) for f in frames())
    path = write_zip(tmp_path / "IOT_2019_ixi.zip", Z, Y)
    with pytest.raises(SourceError, match="1 unknown industries or products, the first 'Dragon farming'"):
        load_world(f"exiobase:{path}")


def test_exports_must_be_empty(tmp_path: Path) -> None:
    Z, Y = frames()
    Y[("AT", EXPORTS)] = 1.0
    with pytest.raises(SourceError, match="not a closed world"):
        load_world(f"exiobase:{write_zip(tmp_path / 'IOT_2019_ixi.zip', Z, Y)}")


def test_physical_units_are_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "IOT_2019_ixi.zip", *frames(), unit="tonnes")
    with pytest.raises(SourceError, match="is in tonnes"):
        load_world(f"exiobase:{path}")


def test_truncated_archive_and_foreign_archive(tmp_path: Path) -> None:
    whole = write_zip(tmp_path / "IOT_2019_ixi.zip", *frames()).read_bytes()
    (tmp_path / "cut_2019.zip").write_bytes(whole[: len(whole) // 2])
    with zipfile.ZipFile(tmp_path / "other_2019.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    for name in ("cut_2019.zip", "other_2019.zip"):
        with pytest.raises(SourceError, match=f"{name}.*pymrio cannot read it"):
            load_world(f"exiobase:{tmp_path / name}")


def test_missing_extra_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "IOT_2019_ixi.zip", *frames())
    monkeypatch.setitem(sys.modules, "pymrio", None)
    with pytest.raises(SourceError, match=r"pip install 'ecumene\[sources\]'"):
        load_world(f"exiobase:{path}")


def test_concordance_covers_every_industry_and_product_of_pymrio() -> None:
    from importlib.resources import files

    known = concordance()
    assert set(known.values()) == set(GROUPS)
    for system, count in (("exio3_ixi", 163), ("exio3_pxp", 200)):
        text = files("pymrio").joinpath(f"mrio_models/{system}/sectors.tsv").read_text(encoding="utf-8")
        names = [line.split("\t")[1] for line in text.splitlines()[1:] if line.strip()]
        assert len(names) == count
        assert [name for name in names if " ".join(name.lower().split()) not in known] == []
    assert all(key in TABLE for _, broad in GROUPS.values() for key in broad.split())
