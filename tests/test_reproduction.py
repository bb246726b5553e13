"""Results and sweeps made again from what they carry: equal to the last bit here, and what differs is told."""

from __future__ import annotations

import json
import platform
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from shell import ecumene, environment
from small_world import HIT, make_world
from sweep_cases import ONE_WAY, sweep_file, worlds, written

import ecumene as ec
from ecumene.cli import main
from ecumene.errors import InputError
from ecumene.recipes import read_recipe
from ecumene.sweeps import parts

ORDER = """
name: mine
title: A tariff of my own
extends: two-blocs
tariffs: [{on: DEU, from: rest, rate_percent: 12.5}]
barriers: [{from: FRA, to: GEO, cost_percent: 7}]
"""


@pytest.fixture
def world_file(tmp_path: Path) -> Path:
    make_world().save(tmp_path / "w.npz")
    return tmp_path / "w.npz"


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep")
    order = str(written(folder, ONE_WAY))
    file = sweep_file(orders=["today", order, "two-blocs"])
    return ec.sweep(file, folder / "out", workers=0, worlds=worlds()).folder


def copied(swept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(swept, tmp_path / "copy"))


def edit(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}), encoding="utf-8")


def test_a_comparison_carries_orders_and_shocks_whole(world_file: Path, tmp_path: Path) -> None:
    """The files that it was made from are gone; only the data must be found."""
    order, shock = written(tmp_path, ORDER), written(tmp_path, HIT, "hit.yaml")
    made = ec.compare(
        ec.load_world(world_file), ["today", order], also=["rents"], shocks=[shock], sovereignty=True,
        theta_factors=(0.5, 1.0, 2.0),
    )  # fmt: skip
    saved = made.save(tmp_path / "c.nc")
    order.unlink()
    shock.unlink()
    again = ec.reproduce(saved)
    assert (again.identical, again.ok, again.largest, again.differs) == (True, True, 0.0, ())
    assert again.numbers == sum(
        each.size for each in made.data.data_vars.values() if each.dtype.kind in "fiub"
    )
    assert "equal to the last bit" in str(again)


def test_one_run_with_accidents(world_file: Path, tmp_path: Path) -> None:
    made = ec.run(ec.load_world(world_file), "two-blocs", security=2, seed=5, why=True)
    saved = made.save(tmp_path / "r.nc")
    assert ec.reproduce(saved).identical
    recipe = read_recipe(ec.load_result(saved).provenance.recipe)  # type: ignore[union-attr]
    assert (recipe.seed, recipe.security, recipe.why) == (5, 2, True)


def test_other_data_are_told_and_other_numbers_are_no_success(
    world_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = ec.run(ec.load_world(world_file), "two-blocs").save(tmp_path / "r.nc")
    other = make_world(theta=np.array([4.0, 6.0, 5.1]))
    again = ec.reproduce(saved, other)
    assert not again.ok and not again.identical
    assert again.largest > 1e-6
    assert again.differs[0].startswith("data: ")
    assert again.differs[-1].startswith("most: ")
    other.save(world_file)
    with pytest.raises(InputError, match="have changed since"):
        ec.reproduce(saved)
    assert main(["reproduce", str(saved), "--world", str(world_file), "--quiet"]) == 1
    assert "not the same" in capsys.readouterr().out
    with pytest.raises(InputError, match="does not say where its world is"):
        ec.reproduce(ec.run(make_world(), "today").save(tmp_path / "s.nc"))


def test_a_difference_of_rounding_is_a_success_that_is_not_identical(
    world_file: Path, tmp_path: Path
) -> None:
    made = ec.run(ec.load_world(world_file), "two-blocs")

    def shifted(by: float) -> Path:
        data = made.data.copy(deep=True)
        data["real_income"][...] = data["real_income"] * (1 + by)
        return ec.Result(data, replace(made.provenance, machine="another")).save(tmp_path / "s.nc")

    near = ec.reproduce(shifted(1e-12))
    assert near.ok and not near.identical
    assert any(line.startswith("machine: another then") for line in near.differs)
    assert not ec.reproduce(shifted(1e-7)).ok


def test_a_number_that_is_missing_on_one_side_differs(world_file: Path, tmp_path: Path) -> None:
    made = ec.run(ec.load_world(world_file), "two-blocs")
    data = made.data.copy(deep=True)
    data["real_wage"][0, 0] = np.nan
    again = ec.reproduce(ec.Result(data, made.provenance).save(tmp_path / "s.nc"))
    assert not again.ok and again.largest == np.inf


def test_what_carries_no_recipe_is_refused(tmp_path: Path) -> None:
    made = ec.run(make_world(), "today")
    old = ec.Result(made.data, replace(made.provenance, recipe={})).save(tmp_path / "old.nc")
    with pytest.raises(InputError, match="carries no recipe"):
        ec.reproduce(old)
    bad = ec.Result(made.data, replace(made.provenance, recipe={"order": 3})).save(tmp_path / "bad.nc")
    with pytest.raises(InputError, match="recipe of this result is damaged"):
        ec.reproduce(bad)


@pytest.mark.parametrize("change", [{"data_hash": 5}, {"versions": [1]}, None])
def test_a_file_that_others_wrote_is_refused(tmp_path: Path, change: dict | None) -> None:
    file = ec.run(make_world(), "today", draws=0).export(tmp_path / "a.json")
    if change is None:
        file.write_text("[" * 100_000)
    else:
        said = json.loads(file.read_text())
        said["provenance"] = [{**each, **change} for each in said["provenance"]]
        file.write_text(json.dumps(said))
    with pytest.raises(InputError, match="damaged, cut off or another kind of file"):
        ec.reproduce(file, make_world())


# Sweeps ------------------------------------------------------------------------------------------------


def test_a_sweep_is_made_again_from_its_folder_alone(
    swept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(swept, tmp_path)
    again = ec.reproduce(folder, workers=0)
    assert again.identical and again.differs == ()
    some = ec.reproduce(folder, workers=0, batches=2)
    assert some.identical and some.numbers < again.numbers
    assert "(2 of 5 batches)" in some.what
    assert main(["reproduce", str(folder), "--workers", "0", "--quiet", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["identical"] is True


def test_what_a_sweep_or_a_result_does_not_take_is_refused(swept: Path, tmp_path: Path) -> None:
    for wrong in (0, 1.5, True, "2"):
        with pytest.raises(InputError, match=r"batches is .*give a whole number above 0"):
            ec.reproduce(swept, batches=wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="carries its worlds; leave world out"):
        ec.reproduce(swept, "reference")
    saved = ec.run(make_world(), "today", draws=0).save(tmp_path / "run.nc")
    for given in ({"workers": 2}, {"batches": 1}):
        with pytest.raises(InputError, match="workers and batches are for sweeps"):
            ec.reproduce(saved, **given)


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() != "x86_64", reason="the flags are for processors of this kind")
def test_on_an_older_processor_numbers_are_equal_to_a_billionth(swept: Path, tmp_path: Path) -> None:
    """Compiled for a processor of 2008, without fused products or wide registers: other last bits, the same numbers."""
    older = environment(
        XLA_FLAGS="--xla_cpu_max_isa=SSE4_2",
        OPENBLAS_CORETYPE="Nehalem",
        ECUMENE_CACHE=str(tmp_path / "cache"),
    )
    done = ecumene("reproduce", swept, "--workers", "0", "--quiet", "--json", env=older)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["ok"] and not told["identical"]
    assert 0 < told["largest"] < 1e-11


def test_versions_and_machine_that_are_others_are_told(swept: Path, tmp_path: Path) -> None:
    folder = copied(swept, tmp_path)
    versions = json.loads((folder / "manifest.json").read_text())["versions"]
    edit(folder, versions={**versions, "jax": "0.0.1"}, machine="another")
    again = ec.reproduce(folder, workers=0, batches=1)
    assert again.identical
    assert [line.split(":")[0] for line in again.differs] == ["jax", "machine"]


def test_a_part_that_was_changed_is_told(swept: Path, tmp_path: Path) -> None:
    folder = copied(swept, tmp_path)
    path = parts.path_of(folder, 1)
    path.write_bytes(path.read_bytes() + b" ")
    again = ec.reproduce(folder, workers=0)
    assert not again.identical and not again.ok
    assert any("part-00000001.parquet is damaged" in line for line in again.differs)
    path.unlink()
    assert not ec.reproduce(folder, workers=0).ok


def test_a_folder_that_does_not_carry_its_sweep_is_refused(swept: Path, tmp_path: Path) -> None:
    folder = copied(swept, tmp_path)
    make_world(theta=np.array([4.0, 6.0, 5.1])).save(folder / "worlds" / "000.npz")
    with pytest.raises(InputError, match="not the world that the sweep was made with"):
        ec.reproduce(folder)
    edit(folder, orders=[{"order": {}}])
    with pytest.raises(InputError, match="is damaged"):
        ec.reproduce(folder)
