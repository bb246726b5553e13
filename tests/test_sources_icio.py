"""OECD ICIO: small files in the official layout, with its traps, checked by hand."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecumene.errors import SourceError
from ecumene.sources import load_world

USES = ["HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR"]
SECTORS = ["A01_02", "C10T12", "T"]


def table(sellers: list[str], buyers: list[str], *, seed: int = 1) -> pd.DataFrame:
    """A balanced table in the layout of `2020_SML.csv`: flows, then the rows TLS, VA, OUT and the column OUT.

    Sector T produces and buys nothing anywhere; inventories may be negative.
    """
    rng = np.random.default_rng(seed)
    cells = [f"{economy}_{sector}" for economy in sellers for sector in SECTORS]
    columns = [*cells, *(f"{economy}_{use}" for economy in buyers for use in USES)]
    flows = rng.integers(1, 20, size=(len(cells), len(columns))).astype(float)
    for k, economy in enumerate(buyers):
        start = len(cells) + len(USES) * k
        flows[:, start] += 40 * len(cells)
        flows[:, start + 4] *= np.where(np.arange(len(cells)) % 4 == 0, -1, 1)
        flows[:, start + 5] = [0.0 if cell.startswith(economy) else 1.0 for cell in cells]
    silent = [cell.endswith("_T") for cell in cells]
    flows[silent] = 0.0
    flows[:, : len(cells)][:, silent] = 0.0
    frame = pd.DataFrame(flows, index=cells, columns=columns)
    output = frame.sum(axis=1)
    taxes = pd.Series(0.5, index=columns)
    taxes[[cell for cell, empty in zip(cells, silent, strict=True) if empty]] = 0.0
    frame.loc["TLS"] = taxes
    value_added = pd.Series(0.0, index=columns)
    value_added[cells] = output - frame.loc[cells, cells].sum() - taxes[cells]
    frame.loc["VA"] = value_added
    frame.loc["OUT"] = frame.sum()
    frame["OUT"] = output.reindex(frame.index).fillna(0.0)
    frame.index.name = "V1"
    return frame


REGULAR = ["AUT", "CHN", "MEX", "ROW"]
EXTENDED = ["AUT", "CN1", "CN2", "MX1", "MX2", "ROW"]


def write(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_csv(path)
    return path


def test_regular_table_by_hand(tmp_path: Path) -> None:
    frame = table(REGULAR, REGULAR)
    world = load_world(f"icio:{write(frame, tmp_path / '2020_SML.csv')}")
    assert world.economies == tuple(REGULAR)
    assert world.sectors == tuple(SECTORS)
    assert world.final_uses == (
        "households",
        "npish",
        "government",
        "gfcf",
        "inventories",
        "purchases_abroad",
    )
    assert world.year == 2020
    assert "2023 edition" in world.source
    assert world.layers["goods"].values.tolist() == [True, True, False]
    assert world.theta.values.tolist() == [9.11, 2.62, 5.0]


def without_negatives(frame: pd.DataFrame, cells: list[str]) -> pd.DataFrame:
    """The same table with positive inventories, so that nothing is cleaned and numbers are exact."""
    clean = frame.copy()
    flows = clean.loc[cells, clean.columns != "OUT"].abs()
    clean.loc[cells, clean.columns != "OUT"] = flows
    output = flows.sum(axis=1)
    clean.loc[cells, "OUT"] = output
    clean.loc["VA", cells] = output - flows[cells].sum() - clean.loc["TLS", cells]
    clean.loc["OUT", cells] = output
    return clean


def test_taxes_less_subsidies_enter_value_added(tmp_path: Path) -> None:
    frame = table(REGULAR, REGULAR)
    cells = [label for label in frame.index if "_" in label]
    clean = without_negatives(frame, cells)
    world = load_world(f"icio:{write(clean, tmp_path / '2020_SML.csv')}")
    assert world.cleaning is None
    assert any("stated output (OUT) to 0.000 of" in note for note in world.notes)
    cell = "AUT_C10T12"
    expected = clean.loc["VA", cell] + clean.loc["TLS", cell]
    assert clean.loc["TLS", cell] == 0.5
    assert world.value_added.sel(economy="AUT", sector="C10T12").item() == pytest.approx(expected, rel=1e-12)
    assert world.output.sel(economy="AUT", sector="C10T12").item() == pytest.approx(clean.loc["OUT", cell])
    assert any("TLS" in note for note in world.notes)
    # what Austria's farms sell to China: three users and six uses
    sold = clean.loc["AUT_A01_02", [c for c in clean.columns if c.startswith("CHN_")]].sum()
    assert world.trade.sel(origin="AUT", destination="CHN", sector="A01_02").item() == pytest.approx(sold)


def test_negative_inventories_are_cleaned_and_reported(tmp_path: Path) -> None:
    frame = table(REGULAR, REGULAR)
    cells = [label for label in frame.index if "_" in label]
    inventories = [column for column in frame.columns if column.endswith("INVNT")]
    negative = -frame.loc[cells, inventories].clip(upper=0)
    world = load_world(f"icio:{write(frame, tmp_path / '2020_SML.csv')}")
    assert (world.final.values >= 0).all()
    report = world.cleaning
    assert report is not None
    moved = report[report.what.str.contains("negative")].set_index("economy").moved_million_usd
    austrian = negative.loc[[c for c in cells if c.startswith("AUT")]].to_numpy().sum()
    assert austrian > 0
    assert moved["AUT"] == pytest.approx(austrian)


def test_zero_output_sectors_stay_zero(tmp_path: Path) -> None:
    world = load_world(f"icio:{write(table(REGULAR, REGULAR), tmp_path / '2020_SML.csv')}")
    assert world.output.sel(sector="T").sum().item() == 0
    assert any("4 of 12 sectors" in note for note in world.notes)


def split_and_whole() -> tuple[pd.DataFrame, pd.DataFrame]:
    """An extended table, and the regular one that it becomes when its parts are added up by hand."""
    extended = table(EXTENDED, REGULAR)
    cells = [label for label in extended.index if "_" in label]
    extended = without_negatives(extended, cells)

    def whole(label: str) -> str:
        return (
            label.replace("CN1_", "CHN_")
            .replace("CN2_", "CHN_")
            .replace("MX1_", "MEX_")
            .replace("MX2_", "MEX_")
        )

    by_row = extended.groupby(by=[whole(label) for label in extended.index], sort=False).sum()
    return extended, by_row.T.groupby(by=[whole(label) for label in by_row.columns], sort=False).sum().T


def test_parts_of_china_and_mexico_are_merged_before_shares(tmp_path: Path) -> None:
    extended, whole = split_and_whole()
    world = load_world(f"icio:{write(extended, tmp_path / '2020.csv')}")
    assert world.economies == ("AUT", "CHN", "MEX", "ROW")
    by_hand = whole.loc["AUT_A01_02", [c for c in whole.columns if c.startswith("CHN_")]].sum()
    assert world.trade.sel(origin="AUT", destination="CHN", sector="A01_02").item() == pytest.approx(by_hand)
    share = world.intermediate.sel(economy="CHN", input="A01_02", user="C10T12") / world.output.sel(
        economy="CHN", sector="C10T12"
    )
    inputs = whole.loc[[c for c in whole.index if c.endswith("_A01_02")], "CHN_C10T12"].sum()
    assert share.item() == pytest.approx(inputs / whole.loc["OUT", "CHN_C10T12"])
    # the mean of the parts' own shares is another number: merging after shares would be wrong
    parts = [
        extended.loc[[c for c in extended.index if c.endswith("_A01_02")], f"{part}_C10T12"].sum()
        / extended.loc["OUT", f"{part}_C10T12"]
        for part in ("CN1", "CN2")
    ]
    assert abs(np.mean(parts) - share.item()) > 1e-6
    regular = load_world(f"icio:{write(whole, tmp_path / '2020_SML.csv')}")
    np.testing.assert_allclose(world.trade, regular.trade, rtol=1e-12)
    np.testing.assert_allclose(world.value_added, regular.value_added, rtol=1e-9)
    assert any("CN1, CN2, MX1, MX2" in note for note in world.notes)


def test_empty_rows_of_the_whole_beside_its_parts_change_nothing(tmp_path: Path) -> None:
    extended, _ = split_and_whole()
    padded = extended.copy()
    for sector in SECTORS:
        padded[f"CHN_{sector}"] = 0.0
    for sector in SECTORS:
        padded.loc[f"CHN_{sector}"] = 0.0
    accounts = ["TLS", "VA", "OUT"]
    padded = padded.loc[[*(label for label in padded.index if label not in accounts), *accounts]]
    padded.index.name = "V1"
    plain = load_world(f"icio:{write(extended, tmp_path / '2020.csv')}")
    world = load_world(f"icio:{write(padded, tmp_path / 'padded_2020.csv')}")
    np.testing.assert_allclose(
        world.trade.sel(origin="AUT", destination="CHN"), plain.trade.sel(origin="AUT", destination="CHN")
    )


def test_a_total_beside_its_parts_is_refused(tmp_path: Path) -> None:
    extended, whole = split_and_whole()
    doubled = extended.copy()
    for sector in SECTORS:
        doubled[f"CHN_{sector}"] = extended[f"CN1_{sector}"] + extended[f"CN2_{sector}"]
    for sector in SECTORS:
        doubled.loc[f"CHN_{sector}"] = 0.0
        doubled.loc[f"CHN_{sector}", "ROW_HFCE"] = whole.loc[f"CHN_{sector}", "OUT"]
    # as output: the same sum in both
    for part in ("CN1", "CN2"):
        for sector in SECTORS:
            doubled.loc[f"{part}_{sector}", [f"CHN_{s}" for s in SECTORS]] = 0.0
    accounts = ["TLS", "VA", "OUT"]
    doubled = doubled.loc[[*(label for label in doubled.index if label not in accounts), *accounts]]
    for economy in ("AUT", "MX1", "MX2", "ROW"):
        for sector in SECTORS:
            doubled.loc[f"{economy}_{sector}", [f"CHN_{s}" for s in SECTORS]] = 0.0
    doubled.index.name = "V1"
    with pytest.raises(SourceError, match="CHN and also its parts"):
        load_world(f"icio:{write(doubled, tmp_path / '2020.csv')}")


def test_bundle_of_years_and_2025_sectors(tmp_path: Path) -> None:
    frame = table(REGULAR, REGULAR)
    newer = frame.rename(
        index=lambda c: c.replace("A01_02", "A01"), columns=lambda c: c.replace("A01_02", "A01")
    )
    with zipfile.ZipFile(tmp_path / "2016-2022_SML.zip", "w") as archive:
        archive.writestr("2021_SML.csv", frame.to_csv())
        archive.writestr("2022_SML.csv", newer.to_csv())
        archive.writestr("ReadMe_ICIO_small.xlsx", b"")
    world = load_world(f"icio:{tmp_path / '2016-2022_SML.zip'}#2022")
    assert world.year == 2022
    assert "2025 edition" in world.source


def test_agrees_with_pymrio_on_a_single_file(tmp_path: Path) -> None:
    pymrio = pytest.importorskip("pymrio")
    frame = table(REGULAR, REGULAR)
    cells = [label for label in frame.index if "_" in label]
    path = write(without_negatives(frame, cells), tmp_path / "ICIO2023_2020.csv")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = pymrio.parse_oecd(path=path)
    world = load_world(f"icio:{path}")
    assert world.year == 2020  # not the edition, which also stands in the name
    Z, Y = world.flows()
    order = pd.MultiIndex.from_product([world.economies, world.sectors])
    theirs = parsed.Z.loc[order, order].to_numpy()
    np.testing.assert_allclose(Z, theirs)
    codes = dict(zip(world.final_uses, USES, strict=True))
    uses = pd.MultiIndex.from_product([world.economies, [codes[use] for use in world.final_uses]])
    np.testing.assert_allclose(Y, parsed.Y.loc[order, uses].to_numpy())
    value_added = (
        parsed.factor_inputs.F.loc[["VA", "TLS"], order].sum().to_numpy().reshape(len(world.economies), -1)
    )
    np.testing.assert_allclose(world.value_added, value_added, atol=1e-9)


def cut(frame: pd.DataFrame) -> str:
    text = frame.to_csv()
    return text[: int(len(text) * 0.6)]


BROKEN = {
    "cut off in a line": (cut, "cut-off download"),
    "cut off at a line": (lambda f: "\n".join(f.to_csv().splitlines()[:-2]), "last rows are missing"),
    "empty": (lambda f: "", "empty"),
    "text for a number": (lambda f: f.to_csv().replace(",0.5", ",half", 1), "half"),
    "a row twice": (lambda f: pd.concat([f, f.iloc[:1]]).to_csv(), "repeats the row label AUT_A01_02"),
    "a row lost": (lambda f: f.drop(index="AUT_C10T12").to_csv(), "column 'AUT_C10T12'|AUT_C10T12"),
    "a column lost": (lambda f: f.drop(columns="MEX_C10T12").to_csv(), "MEX_C10T12"),
    "an unknown use": (lambda f: f.rename(columns={"AUT_GFCF": "AUT_GIFT"}).to_csv(), "AUT_GIFT"),
    "an unknown row": (lambda f: f.rename(index={"AUT_A01_02": "Austria"}).to_csv(), "Austria"),
    "numbers changed": (lambda f: f.assign(AUT_HFCE=f.AUT_HFCE * 3).to_csv(), "differ by"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_files_name_file_and_place(tmp_path: Path, what: str) -> None:
    change, message = BROKEN[what]
    path = tmp_path / "broken_2020.csv"
    path.write_text(change(table(REGULAR, REGULAR)))
    with pytest.raises(SourceError, match=message) as failure:
        load_world(f"icio:{path}")
    assert "broken_2020.csv" in str(failure.value)
