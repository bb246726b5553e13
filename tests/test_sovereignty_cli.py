"""Sovereignty as a user meets it: tables, files, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_world import make_world

import ecumene as ec
from ecumene import cli

LAYERS = {
    "population": np.array([83, 67, 328, 1398, 144, 3.7]) * 1e6,
    "landlocked": np.zeros(6, dtype=bool),
    "military_spending": np.array([50.0, 50.0, 700.0, 260.0, 65.0, 0.3]) * 1e3,
    "distance": np.full((6, 6), 3000.0),
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "small.ecumene"
    make_world(layers=LAYERS, deficits="fixed").save(path)
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = cli.main([str(each) for each in arguments])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return code, said.out, said.err


def rows_of(text: str, title: str) -> dict[str, list[str]]:
    """Rows of the plain table whose title starts so, by their first cell."""
    lines = text.split(title)[1].split("\n\n")[1].splitlines()[2:]
    return {line.split("  ")[0].strip(): line.split() for line in lines}


def test_the_vector_of_named_economies(
    capsys: pytest.CaptureFixture[str], saved: Path, tmp_path: Path
) -> None:
    code, out, err = run(
        capsys, "sovereignty", "--world", saved, "--economy", "GEO,Germany", "--bloc", "RUS+CHN", "--links", "4",
        "--out", tmp_path / "out", "--rivals", "RUS",
    )  # fmt: skip
    assert code == 0, err
    data = ec.sovereignty(ec.load_world(saved), ["GEO", "DEU"], blocs=["RUS+CHN"], links=4, rivals="RUS").data
    economic = rows_of(out, "Economic sovereignty")
    for name in ("reliance_gross", "reliance_value_added", "largest_partner_share", "worst_cut"):
        shown = [float(cell) for cell in economic[name][1:3]]
        np.testing.assert_allclose(shown, data[name].values, atol=0.006, err_msg=name)
    assert rows_of(out, "Territorial sovereignty")["landlocked"][1:3] == ["0", "0"]
    assert rows_of(out, "Territorial sovereignty")["area_per_head"][1:3] == ["missing", "missing"]
    assert "with_layers(area=...)" in " ".join(out.split())
    assert "rivals are RUS" in " ".join(out.split())
    assert "Loss of GEO if a bloc cuts all trade with it together" in out
    assert "The 4 largest of 4 links" in out or "links that were solved" in out
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        f"sovereignty.{suffix}" for suffix in ("nc", "csv", "json", "txt")
    }
    table = pd.read_csv(tmp_path / "out" / "sovereignty.csv", keep_default_na=False)
    row = table[(table["measure"] == "landlocked") & (table["economy"] == "GEO")].iloc[0]
    assert (row["status"], row["layer"], row["year"], float(row["value"])) == (
        "known",
        "landlocked",
        "2019",
        0.0,
    )
    lacking = table[table["measure"] == "area_per_head"]
    assert set(lacking["status"]) == {"missing"}
    assert set(lacking["value"]) == {""}  # not 0
    assert isinstance(ec.load_result(tmp_path / "out" / "sovereignty.nc"), ec.Sovereignty)


def test_the_range_over_all_economies(capsys: pytest.CaptureFixture[str], saved: Path) -> None:
    code, out, err = run(capsys, "sovereignty", "--world", saved)
    assert (code, err) == (0, "")  # no cut is solved unasked
    data = ec.sovereignty(ec.load_world(saved)).data["reliance_value_added"]
    row = rows_of(out, "Economic sovereignty")["reliance_value_added"]
    assert row[2] == str(data["economy"].values[data.values.argmin()])
    assert float(row[3]) == pytest.approx(float(data.median()), abs=0.006)
    assert row[5] == str(data["economy"].values[data.values.argmax()])
    assert row[6] == "6"


def test_json_says_layer_year_and_reason(capsys: pytest.CaptureFixture[str], saved: Path) -> None:
    code, out, _ = run(
        capsys, "sovereignty", "--world", saved, "--economy", "GEO", "--power", "none", "--json"
    )
    assert code == 0
    said = json.loads(out)
    assert said["kind"] == "sovereignty"
    assert said["variables"]["military_share"]["year"] == 2019
    area = said["variables"]["area_per_head"]
    assert (area["values"], area["group"]) == ([None], "territorial")
    assert "with_layers(area=...)" in area["reason"]


def test_a_composite_shows_its_weights_and_band(capsys: pytest.CaptureFixture[str], saved: Path) -> None:
    code, out, err = run(
        capsys, "sovereignty", "--world", saved, "--weights", "reliance_gross=3,worst_chokepoint=1"
    )
    assert code == 0, err
    assert "Weights: reliance_gross 75 %, worst_chokepoint 25 %." in out
    assert "5%, 50% and 95% of 2000 weightings" in out
    assert "Composite" not in run(capsys, "sovereignty", "--world", saved)[1]


def test_blocs_without_a_name_and_orders(capsys: pytest.CaptureFixture[str], saved: Path) -> None:
    code, out, err = run(capsys, "sovereignty", "--world", saved, "--bloc", "EU", "--order", "two-blocs")
    assert code == 0, err
    assert "Economic sovereignty under 'two-blocs'" in out
    assert "Losses if EU cuts all trade with one economy together" in out
    assert "DEU" not in out[out.index("Losses if EU") :].split("\n\n")[1]


def test_compare_tells_how_orders_change_it(capsys: pytest.CaptureFixture[str], saved: Path) -> None:
    orders = "today,self-sufficient"
    code, out, err = run(
        capsys, "compare", "--world", saved, "--orders", orders, "--sovereignty", "--economy", "GEO"
    )
    assert code == 0, err
    rows = rows_of(out, "Sovereignty under each order: GEO")
    assert rows["reliance_value_added"][2] == "0.00"
    assert rows["largest_partner_share"][2] == "missing"
    assert rows["largest partner"][3] == "nobody"
    code, out, err = run(capsys, "run", "today", "--world", saved, "--sovereignty")
    assert code == 0, err
    assert "mean by base income of economies that have it" in out
    assert "Sovereignty" not in run(capsys, "compare", "--world", saved, "--orders", orders)[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--economy", "Gerogia"], "did you mean GEO"),
        (["--bloc", "DEU+DEU"], "DEU is named twice"),
        (["--bloc", "EU", "--power", "none"], "power='none'"),
        (["--power", "most"], "asked, all, none"),
        (["--decay", "0"], "decay_km"),
        (["--links", "-1"], "--links"),
        (["--rivals", "Atlantis"], "no economy of this world"),
        (["--allies", "NATOO"], "did you mean NATO"),
        (["--weights", "reliance_gross"], "equal"),
        (["--weights", "reliance_gross=1,reliance_gross=2"], "once"),
        (["--weights", "reliance_gross=nan"], "above 0"),
        (["--weights", "area_per_head=1"], "no measure area_per_head"),
        (["--ideal-points", "nowhere.csv"], "nowhere.csv"),
        (["--order", "two-blok"], "did you mean two-blocs"),
        (["--csv", "numbers.txt"], ".csv"),
    ],
)
def test_bad_input_is_told_and_leaves_with_2(
    capsys: pytest.CaptureFixture[str], saved: Path, options: list[str], said: str
) -> None:
    code, out, err = run(capsys, "sovereignty", "--world", saved, *options)
    assert (code, out) == (2, "")
    assert said in err
