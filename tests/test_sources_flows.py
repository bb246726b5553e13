"""Your own flows: arrays and long tables, checked by hand, and every way they can be wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecumene.errors import SourceError
from ecumene.sources import load_world
from ecumene.world import World

Z = np.array(
    [[10.0, 4, 2, 1], [3, 12, 1, 2], [1, 2, 8, 5], [2, 1, 4, 9]]
)  # two economies, two sectors, economy-major
Y = np.array([[30.0, 5], [20, 4], [3, 25], [6, 30]])  # one use: households
ECONOMIES, SECTORS, USES = ["AAA", "BBB"], ["C10T12", "F"], ["households"]
CELLS = [(e, s) for e in ECONOMIES for s in SECTORS]


def long_table() -> pd.DataFrame:
    rows = [(*CELLS[i], *CELLS[j], Z[i, j]) for i in range(4) for j in range(4)]
    rows += [(*CELLS[i], ECONOMIES[n], "households", Y[i, n]) for i in range(4) for n in range(2)]
    columns = ["origin", "origin_sector", "destination", "destination_sector_or_use", "value"]
    return pd.DataFrame(rows, columns=columns)


def write_npz(path: Path, **changes: object) -> Path:
    arrays: dict = {"Z": Z, "Y": Y, "economies": ECONOMIES, "sectors": SECTORS, "final_uses": USES}
    arrays.update(changes)
    np.savez(path, **{name: value for name, value in arrays.items() if value is not None})
    return path


def check_numbers(world: World) -> None:
    assert world.economies == ("AAA", "BBB")
    assert world.sectors == ("C10T12", "F")
    # AAA's food to BBB: inputs 2 + 1, households 5
    assert world.trade.sel(origin="AAA", destination="BBB", sector="C10T12").item() == 8.0
    assert world.trade.sel(origin="AAA", destination="AAA", sector="F").item() == 3 + 12 + 20
    assert world.output.sel(economy="BBB", sector="F").item() == 2 + 1 + 4 + 9 + 6 + 30
    # AAA's food: output 52, inputs 10 + 3 + 1 + 2
    assert world.value_added.sel(economy="AAA", sector="C10T12").item() == 52 - 16
    assert world.imports.sum().item() == pytest.approx(world.exports.sum().item())
    assert world.theta.sel(sector="C10T12").item() == 2.62
    assert world.theta.sel(sector="F").item() == 5
    assert world.layers["goods"].values.tolist() == [True, False]


def test_npz_by_hand(tmp_path: Path) -> None:
    world = load_world(f"flows:{write_npz(tmp_path / 'mine_2015.npz')}")
    check_numbers(world)
    assert world.year == 2015


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_long_form_by_hand(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"mine.{kind}"
    table = long_table()
    if kind == "csv":
        table.to_csv(path, index=False)
    else:
        table.to_parquet(path)
    check_numbers(load_world(f"flows:{path}"))


def test_long_form_leaves_out_zeros(tmp_path: Path) -> None:
    table = long_table()
    dropped = table[~((table.origin == "AAA") & (table.destination == "BBB"))]
    dropped.to_csv(tmp_path / "mine.csv", index=False)
    world = load_world(f"flows:{tmp_path / 'mine.csv'}")
    assert world.trade.sel(origin="AAA", destination="BBB").sum().item() == 0


def test_unknown_sector_codes_take_one_elasticity_and_say_so(tmp_path: Path) -> None:
    world = load_world(f"flows:{write_npz(tmp_path / 'mine.npz', sectors=['bread', 'houses'])}")
    assert world.theta.values.tolist() == [5.0, 5.0]
    assert world.layers["goods"].values.tolist() == [True, True]
    assert any("classification" in note for note in world.notes)


def test_missing_tariffs_are_said(tmp_path: Path) -> None:
    world = load_world(f"flows:{write_npz(tmp_path / 'mine.npz')}")
    assert any("tariffs are taken as zero" in note for note in world.notes)


def test_optional_arrays_are_used(tmp_path: Path) -> None:
    tariff = np.zeros((2, 2, 2))
    tariff[0, 1, 0] = 0.1
    path = write_npz(tmp_path / "mine.npz", theta=[4.0, 6.0], tariff=tariff, goods=[True, False], year=1999)
    world = load_world(f"flows:{path}")
    assert world.theta.values.tolist() == [4.0, 6.0]
    assert world.tariff.sel(origin="AAA", destination="BBB", sector="C10T12").item() == 0.1
    assert world.year == 1999


BAD_TABLES = {
    "a column is missing": (lambda t: t.drop(columns="value"), "lacks value"),
    "an unknown column": (lambda t: t.assign(unit="EUR"), "does not know unit"),
    "no rows": (lambda t: t.iloc[:0], "holds no flow"),
    "a word for a number": (lambda t: t.assign(value=["many", *t.value[1:]]), "'many'"),
    "an empty value": (lambda t: t.assign(value=["", *t.value[1:]]), "not a finite number"),
    "a repeated flow": (lambda t: pd.concat([t, t.iloc[:1]]), "repeats the flow AAA C10T12 to AAA C10T12"),
    "no final use": (lambda t: t[t.destination_sector_or_use != "households"], "no final use"),
    "a negative input": (lambda t: t.assign(value=[-10.0, *t.value[1:]]), "negative"),
}


@pytest.mark.parametrize("what", BAD_TABLES)
def test_bad_long_table(tmp_path: Path, what: str) -> None:
    change, message = BAD_TABLES[what]
    path = tmp_path / "bad.csv"
    change(long_table().astype({"value": object})).to_csv(path, index=False)
    with pytest.raises(SourceError, match=message) as failure:
        load_world(f"flows:{path}")
    assert "bad.csv" in str(failure.value)


BAD_ARRAYS: dict[str, tuple[dict, str]] = {
    "an array is missing": ({"Y": None}, "lacks the array Y"),
    "an unknown array": ({"taxes": Z}, "unknown arrays taxes"),
    "a wrong shape": ({"Z": Z[:3]}, "shape"),
    "not a number": ({"Z": np.where(Z == 9, np.nan, Z)}, "not finite"),
    "a negative input": ({"Z": -Z}, "negative"),
    "an economy twice": ({"economies": ["AAA", "AAA"]}, "repeats AAA"),
    "text for numbers": ({"Z": np.full((4, 4), "x")}, "Z is not numeric"),
    "an elasticity of zero": ({"theta": [0.0, 5.0]}, "theta"),
    "a tariff below -100 %": ({"tariff": -2 * (1 - np.eye(2))[:, :, None] * np.ones(2)}, "tariff"),
}


@pytest.mark.parametrize("what", BAD_ARRAYS)
def test_bad_arrays(tmp_path: Path, what: str) -> None:
    changes, message = BAD_ARRAYS[what]
    path = write_npz(tmp_path / "bad.npz", **changes)
    with pytest.raises(SourceError, match=message) as failure:
        load_world(f"flows:{path}")
    assert "bad.npz" in str(failure.value)


def test_truncated_and_foreign_files(tmp_path: Path) -> None:
    whole = write_npz(tmp_path / "whole.npz").read_bytes()
    cases = {
        "cut.npz": whole[: len(whole) // 2],
        "text.npz": b"this is no archive",
        "empty.npz": b"",
        "empty.csv": b"",
        "binary.csv": whole,
        "text.parquet": b"origin,value\n",
    }
    for name, content in cases.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(SourceError, match=name):
            load_world(f"flows:{path}")


def test_pickled_arrays_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "pickled.npz"
    np.savez(
        path, Z=np.array([{"a": 1}], dtype=object), Y=Y, economies=ECONOMIES, sectors=SECTORS, final_uses=USES
    )
    with pytest.raises(SourceError, match="plain arrays"):
        load_world(f"flows:{path}")
