"""The command `tariffs` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shell import ESCAPE, ecumene, refused
from small_world import make_world


@pytest.fixture(scope="session")
def saved_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "small.ecumene"
    make_world().save(path)
    return path


def test_tariffs_shows_three_stages_and_writes_them(saved_world: Path, tmp_path: Path) -> None:
    game = ("tariffs", "--world", saved_world, "--players", "United States,CHN,EU")
    done = ecumene(*game, "--economy", "GEO", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert ESCAPE not in done.stdout
    for word in ("unilateral", "reply", "nash", "EU, 2 members", "United States", "WORLD", "Certificate"):
        assert word in done.stdout
    assert "solving tariffs-nash" in done.stderr
    rows = pd.read_csv(tmp_path / "out" / "tariffs.csv").query(
        "variable == 'set_tariff' and quantile == 'central'"
    )
    rate = rows.set_index(["order", "economy"])["value"]
    assert rate["tariffs-unilateral", "USA"] > 0 and np.isnan(rate["tariffs-unilateral", "CHN"])
    assert rate["tariffs-nash", "DEU"] == rate["tariffs-nash", "FRA"] > 0
    assert rate["tariffs-reply", "USA"] == rate["tariffs-unilateral", "USA"]
    whole = json.loads(ecumene(*game, "--stage", "nash", "--json", "--quiet").stdout)
    shown = whole["variables"]["set_tariff"]["values"][0][whole["labels"]["economy"].index("USA")]
    assert shown == pytest.approx(rate["tariffs-nash", "USA"])
    one = ecumene("tariffs", "--world", saved_world, "--players", "USA", "--by", "partner", "--highest", 100)
    assert one.returncode == 0 and "reply" not in one.stdout.split("Certificate")[0].splitlines()[2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--players", "USA,USA"], ["USA is a player twice"]),
        (["--players", "USA,USMCA"], ["USA is a player in USA and in USMCA"]),
        (["--players", "USA,Atlantis"], ["unknown economy", "Atlantis"]),
        (["--players", "USA", "--stage", "reply"], ["needs a second player"]),
        (["--players", "USA,CHN", "--leader", "RUS"], ["RUS", "is no player"]),
        (["--stage", "peace"], ["choose among unilateral, reply, nash"]),
        (["--by", "hour"], ["choose among uniform, partner, sector, both"]),
        (["--lowest", "-100"], ["greater than -100"]),
        (["--highest", "nan"], ["highest_percent"]),
        (["--lowest", "60", "--highest", "50"], ["not below"]),
        (["--spare-depth", "7"], ["--spare-depth"]),
        (["--csv", "table.txt"], ["must end in .csv"]),
    ],
)
def test_tariffs_refuses_what_cannot_be_played(
    arguments: list[str], words: list[str], saved_world: Path, tmp_path: Path
) -> None:
    done = ecumene("tariffs", "--world", saved_world, *arguments, cwd=tmp_path)
    refused(done, *words)
    assert not list(tmp_path.iterdir())
