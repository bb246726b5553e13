"""Travel between economies, and work that can be done at home."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ecumene as ec
from ecumene.errors import InputError, SourceError
from ecumene.sources import telework, travel

AIRPORTS = """1,"A","A","Germany","AAA","AAAA",1,1,1,1,"U","x","airport","x"
2,"B","B","France","BBB","BBBB",1,1,1,1,"U","x","airport","x"
3,"C","C","Nowhere Land","CCC","CCCC",1,1,1,1,"U","x","airport","x"
4,"D","D","Germany","DDD","DDDD",1,1,1,1,"U","x","airport","x"
"""
ROUTES = """L,1,AAA,1,BBB,2,,0,320
M,1,AAA,1,BBB,2,,0,320
L,1,BBB,2,AAA,1,,0,320
L,1,AAA,1,DDD,4,,0,320
L,1,AAA,1,CCC,3,,0,320
L,1,AAA,1,ZZZ,\\N,,0,320
"""


def folder(tmp_path: Path, airports: str = AIRPORTS, routes: str = ROUTES) -> Path:
    (tmp_path / "airports.dat").write_text(airports, encoding="utf-8")
    (tmp_path / "routes.dat").write_text(routes, encoding="utf-8")
    return tmp_path


def test_routes_are_counted_between_economies(tmp_path: Path) -> None:
    found = travel.openflights(folder(tmp_path))
    assert found["origin"].values.tolist() == ["DEU", "FRA"]
    assert float(found.sel(origin="DEU", destination="FRA")) == 1.5 * travel.SEATS_A_ROUTE
    assert np.array_equal(found.values, found.values.T)
    assert found.attrs["routes_left_out"] == 2
    assert found.attrs["without_code"] == "Nowhere Land"
    asked = travel.openflights(folder(tmp_path), ["France", "ITA", "DEU"])
    assert asked["origin"].values.tolist() == ["FRA", "ITA", "DEU"]
    assert float(asked.sel(origin="FRA", destination="DEU")) == 1.5 * travel.SEATS_A_ROUTE
    assert float(asked.sel(origin="ITA").sum()) == 0.0


def test_damaged_routes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        travel.openflights(tmp_path / "nothing")
    with pytest.raises(SourceError, match="line 1: 2 columns"):
        travel.openflights(folder(tmp_path, routes="a,b\n"))
    with pytest.raises(SourceError, match=r"airports.dat, line 2"):
        travel.openflights(folder(tmp_path, airports=AIRPORTS.splitlines()[0] + "\n2,B\n"))
    with pytest.raises(SourceError, match="no route"):
        travel.openflights(folder(tmp_path, routes="L,1,AAA,1,DDD,4,,0,320\n"))
    with pytest.raises(InputError, match="Germny"):
        travel.openflights(folder(tmp_path), ["Germny"])
    with pytest.raises(InputError, match="twice"):
        travel.openflights(folder(tmp_path), ["DEU", "Germany"])


def test_gravity_is_symmetric_scaled_and_falls_with_distance() -> None:
    gdp, people = np.array([1.0, 2.0, 2.0]), np.array([10.0, 20.0, 20.0])
    distance = np.array([[1.0, 500.0, 2000.0], [500.0, 1.0, 1500.0], [2000.0, 1500.0, 1.0]])
    found = travel.gravity(gdp, people, distance)
    assert np.array_equal(found, found.T)
    assert not np.diagonal(found).any()
    assert found.sum() == pytest.approx(2.92e9)
    assert found[0, 1] / found[0, 2] == pytest.approx(4.0**travel.DISTANCE_ELASTICITY)
    border = np.array([[False, True, False], [True, False, False], [False, False, False]])
    near = travel.gravity(gdp, people, distance, border)
    assert near[0, 1] / near[0, 2] == pytest.approx(np.e * found[0, 1] / found[0, 2])
    with pytest.raises(InputError, match="do not fit"):
        travel.gravity(gdp, people[:2], distance)
    with pytest.raises(InputError, match="gdp has a number"):
        travel.gravity(np.array([0.0, 1.0, 1.0]), people, distance)


def test_the_reference_world_carries_travel() -> None:
    world = ec.load_world("reference")
    layer = world.layers["travel"]
    assert layer.dims == ("origin", "destination")
    assert layer.attrs["unit"] == "trips a year"
    assert np.allclose(layer.values, layer.values.T)
    assert float(layer.sum()) == pytest.approx(2.0 * travel.WORLD_VISITS)
    groups = {code: "here" if code in ("DEU", "FRA", "POL") else "there" for code in world.economies}
    merged = world.aggregate(economies=groups)
    assert float(merged.layers["travel"].sum()) == pytest.approx(float(layer.sum()))


def test_teleworkable_shares() -> None:
    world = ec.load_world("reference")
    shares, source = telework.teleworkable(world.sectors)
    assert shares.shape == (len(world.sectors),)
    assert "Dingel and Neiman (2020)" in source
    by = dict(zip(world.sectors, shares, strict=True))
    assert by["business_services"] > by["public_services"] > by["trade_transport"]
    codes, note = telework.teleworkable(["c1", "c2", "c9", "c20"])
    assert codes.tolist() == [0.08, 0.25, 0.22, 0.41]
    assert "assumption" in note
    unknown, note = telework.teleworkable(["cars", "bikes"])
    assert unknown.tolist() == [0.37, 0.37]
    assert "assumption" in note


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("teleworkable", "1.4", "no share"),
        ("source", "", "no source"),
        ("scope", "all", "scope"),
        ("key", "food", "twice"),
    ],
)
def test_a_wrong_table_is_refused(column: str, value: str, message: str) -> None:
    table = telework.table().astype(str)
    assert isinstance(table, pd.DataFrame)
    table.loc[0, column] = value
    with pytest.raises(SourceError, match=message):
        telework.checked(table)
