"""UN ideal points as a layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_world import make_world

import ecumene as ec
from ecumene.errors import SourceError
from ecumene.sources.ideal_points import ideal_points


def test_ideal_points_of_a_year(tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text(
        "iso3c,session,IdealPoint\nDEU,73,1.0\nDEU,74,1.25\nRUS,74,-0.5\nCHN,74,NA\nDEU,75,9\n",
        encoding="utf-8",
    )
    found = ideal_points(file, ["DEU", "RUS", "CHN", "GEO"], 2019)
    np.testing.assert_array_equal(found.values, [1.25, -0.5, np.nan, np.nan])
    assert found.attrs["year"] == 2019
    assert ideal_points(file, ["DEU"], 2018).item() == 1.0
    assert ideal_points(file, ["DEU"]).attrs["year"] == 2020
    world = make_world().with_layers(ideal_point=ideal_points(file, make_world().economies, 2018))
    assert ec.sovereignty(world).data["ideal_point"].attrs["year"] == 2018
    for text, said in (
        ("iso3c,session\nDEU,74\n", "no column IdealPoint"),
        ("", "no column iso3c"),
        ("iso3c,session,IdealPoint\nDEU,74,high\n", "line 2"),
        ("iso3c,session,IdealPoint\nDEU,74,inf\n", "line 2"),
        ("iso3c,session,IdealPoint\nDEU,90,1\n", "no session up to 2019; its first is of 2035"),
        ("iso3c,session,IdealPoint\nDEU,74,NA\n", "none at all"),
    ):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(SourceError, match=said):
            ideal_points(file, ["DEU"], 2019)
    with pytest.raises(SourceError, match="a folder, not a file"):
        ideal_points(tmp_path, ["DEU"], 2019)


def test_published_ideal_points(shared: Path) -> None:
    file = shared / "data" / "context" / "unga_ideal_points_2020.csv"
    found = ideal_points(file, ["USA", "CHN", "GEO"], 2019)
    assert found.attrs["year"] == 2019
    assert found.values[0] > found.values[2] > found.values[1]
    assert ideal_points(file, ["USA"], 1946).item() == pytest.approx(1.675486)
