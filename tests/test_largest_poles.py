"""The largest poles: by value added, one of each customs union."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_world import make_world

from ecumene import cli
from ecumene.alignment.answer import align
from ecumene.alignment.largest import largest_poles
from ecumene.errors import InputError
from ecumene.models.alignment import Weights
from ecumene.orders import unions
from ecumene.sources import load_world
from ecumene.world import World


@pytest.fixture(scope="module")
def reference() -> World:
    return load_world("reference")


def test_those_who_trade_as_one_count_as_one(reference: World) -> None:
    found = largest_poles(reference, 8)
    size = reference.value_added.sum("sector").to_series()
    inside = {
        name: [code for code in reference.economies if code in unions.members(name, 2019)] or [name]
        for name in ("EU", "MERCOSUR", "EAEU", "GCC", "SACU")
    }
    totals = {name: size[inside.get(name, [name])].sum() for name in found}
    assert list(totals.values()) == sorted(totals.values(), reverse=True)
    assert {"EU", "USA", "CHN", "EAEU"} <= set(found)
    in_a_union = {code for codes in inside.values() for code in codes} | {"TUR"}
    alone = size.drop([code for code in in_a_union if code in size.index])
    alone = alone.drop([code for code in alone.index if code.startswith("R") and len(code) > 3])
    economies = [name for name in found if name not in inside]
    assert economies == list(alone.nlargest(len(economies)).index)


def test_the_number_of_poles_stands_for_the_largest() -> None:
    world = make_world()
    names = largest_poles(world, 2)
    weights = Weights(trade=1.0)
    by_number, by_name = (align(world, poles, ["GEO"], weights=weights, starts=0) for poles in (2, names))
    assert by_number.provenance.order_hash == by_name.provenance.order_hash
    assert list(by_number.data["choice"].values) == [*names, "alone"]


@pytest.mark.parametrize("count", [-1, 0, 1, 1000])
def test_a_number_of_poles_that_cannot_be_is_refused(reference: World, count: int) -> None:
    with pytest.raises(InputError, match=f"{count} poles are asked for; this world has from 2 to"):
        largest_poles(reference, count)


def test_the_command_takes_a_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "world.nc"
    make_world().save(path)
    arguments = ["--world", str(path), "--economy", "GEO", "--starts", "0", "--weights", "trade=1", "--quiet"]
    assert cli.main(["align", "--poles", "1", *arguments]) == 2
    assert "1 poles are asked for" in capsys.readouterr().err
