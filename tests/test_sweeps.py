"""Sweeps: numbers that are the model's own, parts that add up, stop and resume."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from small_world import make_world
from sweep_cases import ONE_WAY, sweep_file, worlds, written

import ecumene as ec
from ecumene.errors import InputError, OutputError, SolveError, SweepError
from ecumene.models import trade
from ecumene.orders import apply, load_order
from ecumene.security.assess import cost_of, happening_of
from ecumene.security.flows import flows_of
from ecumene.security.parameters import settings_of
from ecumene.shocks import load_shock
from ecumene.sweeps import cluster, parts
from ecumene.sweeps.answer import prepared


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> ec.SweepResult:
    return ec.sweep(sweep_file(), tmp_path_factory.mktemp("sweep") / "small", workers=0, worlds=worlds())


# Numbers -----------------------------------------------------------------------------------------------


def test_numbers_are_the_trade_models_own(solved: ec.SweepResult) -> None:
    """Every case solved again by itself, from the columns of its rows: equal within what a solve leaves."""
    (world,) = worlds()
    frame = solved.frame()
    assert (frame["status"] == "ok").all()
    for _, rows in frame.groupby("case"):
        first = rows.iloc[0]
        policy = apply(load_order(first["order"]), world)
        foreign = 1 - np.eye(6)[:, :, None]
        eq = trade.solve(
            world,
            iceberg=policy.iceberg * np.where(foreign, 1 + first["cost_percent"] / 100, 1.0),
            tariff=policy.tariff,
            theta=world.theta.values * first["theta_factor"],
            deficits=first["deficits"],
        )
        gain = 100 * (eq.real_income.values - 1)
        assert rows["economy"].tolist() == [*world.economies, "WORLD"]
        np.testing.assert_allclose(rows["real_income"].values[:-1], gain, atol=1e-7)
        np.testing.assert_allclose(rows["real_wage"].values[:-1], 100 * (eq.real_wage.values - 1), atol=1e-7)
        assert rows["real_income"].values[-1] == pytest.approx(np.average(gain, weights=eq.base_income))
        assert np.isnan(rows["real_wage"].values[-1])


def _of(world: ec.World, order: str) -> dict:
    policy = apply(load_order(order), world)
    return {"iceberg": policy.iceberg, "tariff": policy.tariff}


def test_strength_goes_from_today_to_the_order(tmp_path: Path) -> None:
    file = sweep_file(
        orders=["self-sufficient", "two-blocs"],
        parameters={"strength": {"values": [0, 0.5, 1]}, "tariff_points": {"values": [0, 10]}},
    )
    frame = ec.sweep(file, tmp_path / "s", workers=0, worlds=worlds()).frame()
    whole = frame[(frame["economy"] == "WORLD") & (frame["tariff_points"] == 0)]
    by = whole.pivot_table(index="order", columns="strength", values="real_income")
    np.testing.assert_allclose(by[0.0], 0, atol=1e-9)
    assert (
        by.loc["self-sufficient", 0.5] == by.loc["self-sufficient", 1.0] < -1
    )  # a link is closed, or it is not
    assert by.loc["two-blocs", 1.0] < by.loc["two-blocs", 0.5] < 0
    run = ec.run(worlds()[0], "two-blocs").data["world_real_income"].sel(quantile="central").item()
    assert by.loc["two-blocs", 1.0] == pytest.approx(run, rel=1e-9)
    levied = frame[(frame["economy"] == "WORLD") & (frame["strength"] == 0) & (frame["tariff_points"] == 10)]
    assert (levied["real_income"] < 0).all()


def test_a_shock_costs_what_a_run_says_and_nothing_where_there_is_none(tmp_path: Path) -> None:
    file = sweep_file(
        shocks=["none", "port-closure"],
        parameters={"stock_factor": {"values": [0.05, 1.0]}},
        measures=["real_income", "shock_loss_central", "shock_loss_most", "real_income_after_shock"],
    )
    world = make_world(layers={"goods": np.array([True, True, False])})
    frame = ec.sweep(file, tmp_path / "s", workers=0, worlds=[world]).frame()
    none = frame[frame["shock"] == "none"]
    assert none["shock_loss_central"].isna().all() and none["real_income"].notna().all()
    run = ec.run(world, "two-blocs", shocks="port-closure").data
    hit = frame[(frame["shock"] == "port-closure") & (frame["order"] == "two-blocs")]
    usual = hit[(hit["stock_factor"] == 1.0) & (hit["economy"] != "WORLD")]
    for name, band in (("shock_loss_central", "central"), ("shock_loss_most", "most")):
        theirs = run["shock_loss"].sel(shock="port-closure", band=band).values
        np.testing.assert_allclose(usual[name], theirs, rtol=1e-12, atol=1e-12)
    after = run["real_income_after_shock"].sel(shock="port-closure", band="central").values
    np.testing.assert_allclose(usual["real_income_after_shock"], after, rtol=1e-9, atol=1e-9)
    fewer = hit[(hit["stock_factor"] == 0.05) & (hit["economy"] != "WORLD")]
    stocks = settings_of(world)[0]
    happening = happening_of(load_shock("port-closure"), world, 3)
    eq = trade.solve(world, **_of(world, "two-blocs"))
    cost = cost_of(
        flows_of(eq), happening, stocks._replace(stock_days=0.05 * stocks.stock_days), lambda name: None
    )
    np.testing.assert_allclose(fewer["shock_loss_central"], cost.loss[1], rtol=1e-12)
    assert np.abs(fewer["shock_loss_central"].values - usual["shock_loss_central"].values).max() > 1e-4


def test_a_case_that_fails_is_recorded_and_stops_no_other(tmp_path: Path) -> None:
    written(tmp_path, ONE_WAY)
    text = "name: fails\nworlds: [w.npz]\norders: [order.yaml, today]\nparameters: {deficits: {values: [zero, fixed]}}"
    path = written(tmp_path, text, "sweep.yaml")
    worlds()[0].save(tmp_path / "w.npz")
    result = ec.sweep(path, tmp_path / "out", workers=0)
    failures = result.failures()
    assert (result.done, result.failed, result.complete) == (4, len(failures), True)
    assert failures["order"].tolist() == ["one-way"] * len(failures)
    assert set(failures["status"]) == {"one_way"}
    assert "trade cannot balance" in failures["message"].iloc[0]
    frame = result.frame()
    assert frame[frame["order"] == "one-way"]["real_income"].isna().any()
    assert frame[frame["order"] == "today"]["real_income"].notna().all()
    seen = result.overview()
    assert seen["failed"].tolist() == [len(failures), 0]
    assert seen["cases"].tolist() == [2, 2]


def test_a_defect_in_one_case_is_recorded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    solve = trade.solve

    def broken(world: ec.World, **given: object) -> trade.Equilibrium:
        if given["deficits"] == "fixed":
            raise ZeroDivisionError("a defect")
        return solve(world, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(trade, "solve", broken)
    result = ec.sweep(sweep_file(), tmp_path / "s", workers=0, worlds=worlds())
    assert (result.done, result.failed) == (16, 8)
    assert set(result.failures()["message"]) == {"ZeroDivisionError: a defect"}
    assert set(result.failures()["status"]) == {"error"}


def test_an_order_whose_players_find_no_tariffs_fails_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(world: ec.World, policy: object, deficits: str, folder: Path | None) -> object:
        if policy.contest is None:  # type: ignore[attr-defined]
            return chosen(world, policy, deficits, folder)  # type: ignore[arg-type]
        raise SolveError("no certificate")

    from ecumene.sweeps import rules

    chosen = rules.chosen_tariffs
    monkeypatch.setattr(rules, "chosen_tariffs", none)
    result = ec.sweep(
        sweep_file(orders=["nation-first", "today"], parameters={}),
        tmp_path / "s",
        workers=0,
        worlds=worlds(),
    )
    (failure,) = result.failures().to_dict("records")
    assert failure["order"] == "nation-first" and "no certificate" in failure["message"]
    assert result.done == 2


# Parts -------------------------------------------------------------------------------------------------


def test_the_manifest_proves_every_part(solved: ec.SweepResult) -> None:
    listed = solved.manifest["parts"]
    assert [part["cases"] for part in listed] == [5, 5, 5, 1]
    for part, file in zip(listed, solved.files, strict=True):
        assert hashlib.sha256(Path(file).read_bytes()).hexdigest() == part["sha256"]
        assert pq.read_table(file).num_rows == 7 * part["cases"]


def test_numbers_are_equal_to_the_last_bit_whatever_the_workers(
    solved: ec.SweepResult, tmp_path: Path
) -> None:
    by_two = ec.sweep(sweep_file(), tmp_path / "two", workers=2, worlds=worlds())
    assert by_two.manifest["parts"] == solved.manifest["parts"]
    pd.testing.assert_frame_equal(by_two.frame(), solved.frame(), check_exact=True)


def test_numbers_hardly_depend_on_the_size_of_batches(solved: ec.SweepResult, tmp_path: Path) -> None:
    """Solves may begin at the case before in their batch: other batches, other last bits and no more."""
    other = ec.sweep(sweep_file(batch=3), tmp_path / "s", workers=0, worlds=worlds())
    assert len(other.files) > len(solved.files)
    how = ["residual", "iterations"]
    ours, theirs = (each.frame().drop(columns=how) for each in (other, solved))
    pd.testing.assert_frame_equal(ours, theirs, rtol=1e-9, atol=1e-8)


def test_a_part_with_other_numbers_than_the_manifest_lists_is_made_again(
    solved: ec.SweepResult, tmp_path: Path
) -> None:
    folder = tmp_path / "s"
    shutil.copytree(solved.folder, folder)
    path = parts.path_of(folder, 1)
    table = pq.read_table(path)
    other = table.set_column(
        table.schema.get_field_index("real_income"), "real_income", pc.add(table["real_income"], 1.0)
    )
    pq.write_table(other.replace_schema_metadata(table.schema.metadata), path)
    assert parts.read(path, solved.manifest["hash"]) is not None  # whole, and of this sweep
    again = ec.reproduce(folder, workers=0)
    assert not again.identical
    assert any("part-00000001.parquet is damaged" in line for line in again.differs)
    result = ec.sweep(sweep_file(), folder, workers=0, worlds=worlds())
    assert result.manifest["parts"] == solved.manifest["parts"]
    pd.testing.assert_frame_equal(result.frame(), solved.frame(), check_exact=True)


def test_what_is_done_is_kept_and_what_is_damaged_is_made_again(
    solved: ec.SweepResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "s"
    told: list[tuple[int, int, str]] = []

    def stop_at_two(done: int, total: int, label: str) -> None:
        told.append((done, total, label))
        if label == "cases" and done == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ec.sweep(sweep_file(), folder, workers=0, worlds=worlds(), progress=stop_at_two)
    assert told[-1] == (10, 16, "cases")
    stopped = ec.load_sweep(folder)
    assert (stopped.done, stopped.complete, len(stopped.files)) == (10, False, 2)
    parts.path_of(folder, 1).write_bytes(parts.path_of(folder, 1).read_bytes()[:-20])  # a broken disk
    leftover = folder / "parts" / ".part-00000003-abc.parquet"
    leftover.write_bytes(b"half")
    made: list[int] = []
    make = parts.make
    monkeypatch.setattr(parts, "make", lambda solver, batch: made.append(batch) or make(solver, batch))
    result = ec.sweep(sweep_file(), folder, workers=0, worlds=worlds())
    assert made == [1, 2, 3]
    assert not leftover.exists()
    assert result.manifest["parts"] == solved.manifest["parts"]
    ec.sweep(sweep_file(), folder, workers=0, worlds=worlds())
    assert made == [1, 2, 3]


def test_a_part_that_no_manifest_lists_counts_where_it_is_whole(tmp_path: Path) -> None:
    """As after a kill: parts are there, the manifest has not heard of them."""
    folder = tmp_path / "s"
    whole = ec.sweep(sweep_file(), folder, workers=0, worlds=worlds())
    manifest = {**whole.manifest, "parts": [], "done": 0, "complete": False}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    data = bytearray(parts.path_of(folder, 2).read_bytes())
    data[200] ^= 1  # one bit, in a page
    parts.path_of(folder, 2).write_bytes(data)
    assert parts.read(parts.path_of(folder, 0), whole.manifest["hash"]) is not None
    assert parts.read(parts.path_of(folder, 2), whole.manifest["hash"]) is None
    assert parts.read(parts.path_of(folder, 0), "another sweep") is None


def test_a_folder_of_something_else_is_left_alone(solved: ec.SweepResult, tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(InputError, match="holds something else"):
        ec.sweep(sweep_file(), tmp_path, workers=0, worlds=worlds())
    with pytest.raises(SweepError, match="holds another sweep, 'small'"):
        ec.sweep(sweep_file(seed=4), solved.folder, workers=0, worlds=worlds())
    with pytest.raises(InputError, match="no sweep in"):
        ec.load_sweep(tmp_path)
    other = {**solved.manifest, "versions": {**solved.manifest["versions"], "jax": "0.0.1"}}
    (tmp_path / "diary.txt").unlink()
    (tmp_path / "manifest.json").write_text(json.dumps(other), encoding="utf-8")
    with pytest.raises(SweepError, match=r"begun with jax 0\.0\.1"):
        ec.sweep(sweep_file(), tmp_path, workers=0, worlds=worlds())
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        ec.load_sweep(tmp_path)


def test_a_full_disk_ends_a_sweep_with_a_word_and_what_is_there_stays(
    solved: ec.SweepResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = parts._dump

    def full(path: Path, data: bytes) -> None:
        dump(path, data[:100])
        if "00000002" in path.name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        dump(path, data)

    with monkeypatch.context() as patched:
        patched.setattr(parts, "_dump", full)
        with pytest.raises(
            OutputError, match=r"cannot write .*part-00000002.parquet: No space left .* free space"
        ):
            ec.sweep(sweep_file(), tmp_path / "s", workers=0, worlds=worlds())
    assert sorted(path.name for path in (tmp_path / "s" / "parts").iterdir()) == [
        "part-00000000.parquet",
        "part-00000001.parquet",
    ]
    assert ec.load_sweep(tmp_path / "s").done == 10
    made: list[int] = []
    make = parts.make
    monkeypatch.setattr(parts, "make", lambda solver, batch: made.append(batch) or make(solver, batch))
    assert (
        ec.sweep(sweep_file(), tmp_path / "s", workers=0, worlds=worlds()).manifest["parts"]
        == solved.manifest["parts"]
    )
    assert made == [2, 3]


def test_a_folder_that_takes_nothing_is_told() -> None:
    for out in ("/proc/none/s", "/dev/null/s"):
        with pytest.raises(OutputError, match="cannot make the folder"):
            ec.sweep(sweep_file(), out, workers=0, worlds=worlds())


def test_two_sweeps_at_once_in_a_folder_are_not_let(tmp_path: Path) -> None:
    """The second is refused with who is at work; when the first has ended, it goes on."""
    refused: list[str] = []

    def second(done: int, total: int, label: str) -> None:
        if label == "cases" and done == 5:
            with pytest.raises(SweepError) as raised:
                ec.sweep(sweep_file(), tmp_path / "s", workers=0, worlds=worlds())
            refused.append(str(raised.value))

    ec.sweep(sweep_file(), tmp_path / "s", workers=0, worlds=worlds(), progress=second)
    (told,) = refused
    assert f"process {os.getpid()} on " in told and "is at work in" in told and "wait until it ends" in told
    assert ec.sweep(sweep_file(), tmp_path / "s", workers=0, worlds=worlds()).complete


def test_a_worker_of_a_cluster_writes_where_it_sees_the_folder_and_else_sends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a task of a cluster does, without one."""
    import distributed

    folder = tmp_path / "s"
    whole = ec.sweep(sweep_file(), folder, workers=0, worlds=worlds())
    job = prepared(sweep_file(), Path(), worlds(), None, None).job
    plugins = {"key": SimpleNamespace(job=job)}
    monkeypatch.setattr(distributed, "get_worker", lambda: SimpleNamespace(plugins=plugins))
    expected = [part["sha256"] for part in whole.manifest["parts"]]
    sent = cluster.solve_on_worker("key", [1, 3], str(tmp_path / "not seen from here"))
    assert [each.part.sha256 for each in sent] == [expected[1], expected[3]]
    assert [hashlib.sha256(each.data or b"").hexdigest() for each in sent] == [expected[1], expected[3]]
    parts.path_of(folder, 2).unlink()
    made: list[int] = []
    make = parts.make
    monkeypatch.setattr(parts, "make", lambda solver, batch: made.append(batch) or make(solver, batch))
    seen = cluster.solve_on_worker("key", [1, 2], str(folder))
    assert made == [2]  # batch 1 is there already
    assert [(each.part.sha256, each.data) for each in seen] == [(expected[1], None), (expected[2], None)]
    assert hashlib.sha256(parts.path_of(folder, 2).read_bytes()).hexdigest() == expected[2]


# Reading -----------------------------------------------------------------------------------------------


def test_duckdb_and_pandas_read_the_same(solved: ec.SweepResult) -> None:
    frame = solved.frame(["order", "economy", "real_income"])
    theirs = frame[frame["economy"] == "GEO"].groupby("order")["real_income"].median().sort_index()
    asked = solved.query(
        "SELECT \"order\", median(real_income) AS m FROM sweep WHERE economy = 'GEO' GROUP BY 1 ORDER BY 1"
    )
    np.testing.assert_array_equal(asked["m"], theirs)
    with pytest.raises(InputError, match="DuckDB refuses"):
        solved.query("SELECT joy FROM sweep")
    with pytest.raises(InputError, match="no column 'joy'"):
        solved.frame(["joy"])
    assert "16 of 16 cases, 0 failed" in repr(solved)


def test_the_overview_is_the_quantiles_of_the_world(solved: ec.SweepResult) -> None:
    seen = solved.overview().set_index("order")
    frame = solved.frame()
    world = frame[(frame["economy"] == "WORLD") & (frame["order"] == "two-blocs")]["real_income"]
    np.testing.assert_allclose(
        seen.loc["two-blocs", ["low", "median", "high"]].astype(float), np.quantile(world, [0.05, 0.5, 0.95])
    )
