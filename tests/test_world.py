"""World: accounts, cleaning, layers, aggregation, files, and one clear message for every kind of bad input."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from ecumene.errors import MissingLayerError, OutputError, SourceError, WorldError
from ecumene.world import World

R, S, F = 3, 2, 2
ECONOMIES, SECTORS, USES = ("DEU", "FRA", "USA"), ("goods", "services"), ("consumption", "investment")


def _flows(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(1.0, 5.0, (R * S, R * S)), rng.uniform(10.0, 40.0, (R * S, R * F))


def _rates() -> np.ndarray:
    rate = np.full((R, R, S), 0.1)
    rate[np.arange(R), np.arange(R)] = 0.0
    rate[:, :, 1] = 0.0
    return rate


def _world(**changes: object) -> World:
    Z, Y = _flows()
    given: dict = {
        "Z": Z, "Y": Y, "economies": ECONOMIES, "sectors": SECTORS, "final_uses": USES, "tariff": _rates(),
        "theta": [4.0, 5.0], "year": 2011, "source": "test", **changes,
    }  # fmt: skip
    Z, Y = given.pop("Z"), given.pop("Y")
    return World.from_flows(Z, Y, **given)


def test_accounts_close_with_tariffs() -> None:
    world = _world()
    Z, Y = _flows()
    paid = 1.0 + _rates()
    cost = np.zeros(R * S)
    for buyer in range(R * S):
        for seller in range(R * S):
            cost[buyer] += Z[seller, buyer] * paid[seller // S, buyer // S, seller % S]
    output = Z.sum(axis=1) + Y.sum(axis=1)
    np.testing.assert_allclose(world.output.values.reshape(-1), output, rtol=1e-13)
    np.testing.assert_allclose(world.value_added.values.reshape(-1), output - cost, rtol=1e-12)
    np.testing.assert_allclose(
        world.spending,
        world.intermediate.sum("user").values + world.final.sum("final_use").values,
        rtol=1e-13,
    )
    income = world.value_added.sum("sector") + world.tariff_revenue + world.deficit
    np.testing.assert_allclose(world.income, income, rtol=1e-12)
    assert world.deficit.sum().item() == pytest.approx(0.0, abs=1e-9)
    assert world.imports.sum().item() == pytest.approx(world.exports.sum().item(), rel=1e-14)


def test_clean_table_passes_through_unchanged() -> None:
    world = _world()
    Z, Y = world.flows()
    raw_Z, raw_Y = _flows()
    assert (raw_Z == Z).all() and (raw_Y == Y).all()
    assert world.cleaning is None


def test_cleaning_by_hand() -> None:
    """One economy, two sectors: -3 of inventories is dropped and output re-solved with the same coefficients."""
    Z = np.array([[10.0, 20.0], [30.0, 5.0]])
    Y = np.array([[73.0, -3.0], [65.0, 0.0]])
    world = World.from_flows(
        Z, Y, economies=["DEU"], sectors=["a", "b"], final_uses=["c", "inventories"], theta=5.0
    )
    output = np.array([100.0, 100.0])
    A = Z / output
    expected = np.linalg.inv(np.eye(2) - A) @ np.array([73.0, 65.0])
    np.testing.assert_allclose(world.output.values[0], expected, rtol=1e-13)
    np.testing.assert_allclose(world.value_added.values[0] / expected, 1 - A.sum(axis=0), rtol=1e-12)
    assert world.cleaning is not None
    moved = world.cleaning.set_index("what")["moved_million_usd"]
    assert moved["negative final demand set to zero"] == pytest.approx(3.0)
    assert moved["output re-solved"] == pytest.approx(np.abs(expected - output).sum())
    assert any("cleaned" in note for note in world.notes)


def test_thin_value_added_is_lifted_to_two_percent() -> None:
    Z = np.array([[10.0, 20.0], [88.5, 5.0]])
    Y = np.array([[71.0, -1.0], [6.5, 0.0]])
    world = World.from_flows(Z, Y, economies=["DEU"], sectors=["a", "b"], final_uses=["c", "i"], theta=5.0)
    share = world.value_added.values[0] / world.output.values[0]
    assert share[0] == pytest.approx(0.02, abs=1e-12)
    assert share[1] == pytest.approx(0.75, abs=1e-12)


def test_shared_table_figures(shared: Path) -> None:
    data = np.load(shared / "data/wiod/wiod2011.npz")
    world = World.from_flows(
        data["Z"], data["Y"], economies=data["economies"], sectors=data["sectors"],
        final_uses=data["final_uses"], theta=5.0, year=2011,
    )  # fmt: skip
    assert (world.output.values == 0).sum() == 22
    assert world.cleaning is not None
    negative = world.cleaning[world.cleaning["what"].str.contains("negative")]["moved_million_usd"].sum()
    assert negative == pytest.approx(-data["Y"][data["Y"] < 0].sum())
    assert (world.value_added.values >= 0.02 * world.output.values - 1e-6).all()


def test_from_trade_keeps_value_added_where_final_demand_is_clipped() -> None:
    trade = np.array([[[90.0, 50.0], [10.0, 5.0]], [[12.0, 4.0], [80.0, 60.0]]])
    share = np.array([[0.3, 0.5], [0.4, 0.5]])
    inputs = np.array([[[0.99, 0.99], [0.01, 0.01]], [[0.5, 0.5], [0.5, 0.5]]])
    world = World.from_trade(trade, share, inputs, economies=["A", "B"], sectors=["a", "b"], theta=[4.0, 4.0])
    assert world.cleaning is None
    heavy = np.array([[0.05, 0.05], [0.4, 0.5]])
    world = World.from_trade(trade, heavy, inputs, economies=["A", "B"], sectors=["a", "b"], theta=[4.0, 4.0])
    assert world.cleaning is not None
    expected = (heavy * trade.sum(axis=1)).sum(axis=1)
    np.testing.assert_allclose(world.value_added.values.sum(axis=1), expected, rtol=1e-12)
    assert (world.final.values >= 0).all()


def test_aggregate_keeps_totals_and_identities() -> None:
    population = xr.DataArray([80e6, 67e6, 310e6], dims="economy")
    distance = np.array([[0.0, 900.0, 6500.0], [900.0, 0.0, 6000.0], [6500.0, 6000.0, 0.0]])
    world = _world(tariff=None).with_layers(population=population, distance=distance, goods=[True, False])
    coarse = world.aggregate({"DEU": "EUR", "FRA": "EUR"}, {"goods": "all", "services": "all"})
    assert coarse.economies == ("EUR", "USA")
    assert coarse.value_added.sum().item() == pytest.approx(world.value_added.sum().item(), rel=1e-13)
    assert coarse.income.sum().item() == pytest.approx(world.income.sum().item(), rel=1e-13)
    sold = world.trade.sel(origin=["DEU", "FRA"], destination="USA").sum().item()
    assert coarse.trade.sel(origin="EUR", destination="USA").sum().item() == pytest.approx(sold, rel=1e-13)
    assert coarse.layers["population"].values.tolist() == [147e6, 310e6]
    weights = world.income.values[:2]
    assert coarse.layers["distance"].values[0, 1] == pytest.approx(
        np.average([6500.0, 6000.0], weights=weights)
    )
    Z, _ = coarse.flows()
    assert Z.sum() == pytest.approx(world.flows()[0].sum(), rel=1e-13)


def test_aggregate_with_tariffs_closes_and_keeps_foreign_revenue() -> None:
    world = _world()
    coarse = world.aggregate({"DEU": "EUR", "FRA": "EUR"})
    foreign = world.tariff_revenue.sum().item()
    inside = (world.trade * world.tariff).sel(origin=["DEU", "FRA"], destination=["DEU", "FRA"]).sum().item()
    assert coarse.tariff_revenue.sum().item() == pytest.approx(foreign - inside, rel=1e-12)
    assert coarse.income.sum().item() == pytest.approx(world.income.sum().item(), rel=1e-12)


def test_a_merged_economy_is_not_named_after_one_of_its_members() -> None:
    world = _world(tariff=None).with_layers(economy_name=["Germany", "France", "United States"])
    names = world.select(["USA"]).layers["economy_name"].to_series().to_dict()
    assert names == {"ROW": "ROW", "USA": "United States"}


def test_select_merges_the_rest() -> None:
    world = _world(tariff=None).select(["USA"])
    assert world.economies == ("ROW", "USA")
    with pytest.raises(WorldError, match="choose another name"):
        _world().select(["USA"], rest="USA")
    with pytest.raises(WorldError, match="XYZ"):
        _world().select(["XYZ"])


def test_balance_reaches_given_output() -> None:
    world = _world(tariff=None)
    target = world.output * xr.DataArray([[1.1, 1.0], [0.95, 1.02], [1.0, 1.0]], dims=("economy", "sector"))
    balanced = world.balance(target)
    np.testing.assert_allclose(balanced.output, target, rtol=1e-10)
    kept = balanced.intermediate.values / balanced.output.values[:, None, :]
    np.testing.assert_allclose(kept, world.intermediate.values / world.output.values[:, None, :], rtol=1e-10)


def test_save_and_load_are_exact(tmp_path: Path) -> None:
    _Z, Y = _flows()
    Y[0, 0] = -2.0
    world = _world(Y=Y, layers={"population": [1.0, 2.0, 3.0], "sector_name": ["Goods", "Services"]})
    world.save(tmp_path / "w.ecumene")
    again = World.load(tmp_path / "w.ecumene")
    assert again.hash == world.hash
    assert again.notes == world.notes and again.source == world.source and again.year == 2011
    assert again.cleaning is not None and world.cleaning is not None
    assert again.cleaning.equals(world.cleaning)
    for name in world.layers:
        assert again.layers[name].identical(world.layers[name])
    assert (again.flows()[0] == world.flows()[0]).all()
    assert [path.name for path in tmp_path.iterdir()] == ["w.ecumene"]


def test_hash_sees_every_datum() -> None:
    world = _world()
    others = [
        _world(theta=[4.0, 5.1]),
        _world(tariff=None),
        _world(economies=("DEU", "FRA", "GBR")),
        _world(deficits="fixed"),
        _world(year=2012),
        world.with_layers(population=[1.0, 2.0, 3.0]),
        world.with_layers(population=[1.0, 2.0, 4.0]),
    ]
    assert len({world.hash, *(other.hash for other in others)}) == len(others) + 1


def test_is_frozen() -> None:
    world = _world()
    with pytest.raises(dataclasses.FrozenInstanceError):
        world.year = 1999  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValueError, match="read-only"):
        world.trade.values[0, 0, 0] = 1.0
    with pytest.raises(TypeError):
        world.layers["population"] = xr.DataArray([1.0])  # pyright: ignore[reportIndexIssue]


def test_layers_say_what_is_missing_and_how_to_add_it() -> None:
    with pytest.raises(
        MissingLayerError, match=r"needs the layer 'population'.*with_layers\(population="
    ) as caught:
        _world().layer("population", "the population-weighted mean")
    assert caught.value.layer == "population"


def test_repr_is_readable_in_terminal_and_notebook() -> None:
    world = _world()
    assert "3 economies x 2 sectors" in repr(world)
    assert "<table>" in world._repr_html_() and "2011" in world._repr_html_()


def _wrong(**changes: object):
    return lambda: _world(**changes)


def _cell(array: np.ndarray, cell: tuple[int, ...], value: float) -> np.ndarray:
    array = np.array(array)
    array[cell] = value
    return array


BAD = {
    "shape of Z": (_wrong(Z=np.ones((5, 6))), r"Z has shape \(5, 6\), expected \(6, 6\)"),
    "shape of Y": (_wrong(Y=np.ones((6, 5))), r"Y has shape \(6, 5\), expected \(6, 6\)"),
    "not numbers": (_wrong(Z=[["a"]]), "Z is not an array of numbers"),
    "NaN": (_wrong(Z=_cell(_flows()[0], (1, 2), np.nan)), r"not finite, the first at \(DEU services, FRA goods\)"),
    "infinite": (
        _wrong(Y=_cell(_flows()[1], (0, 0), np.inf)),
        r"not finite, the first at \(DEU goods, DEU consumption\)",
    ),
    "negative flow": (
        _wrong(Z=_cell(_flows()[0], (0, 3), -1.0)),
        r"negative cells, the first at \(DEU goods, FRA services\)",
    ),
    "duplicate economy": (_wrong(economies=("DEU", "DEU", "USA")), "economies repeats DEU"),
    "empty code": (_wrong(sectors=("", "b")), "sectors holds an empty code"),
    "no sectors": (_wrong(sectors=()), "sectors is empty"),
    "tariff at -100 %": (_wrong(tariff=_cell(_rates(), (0, 1, 0), -1.0)), "tariff of FRA on goods from DEU is -1"),
    "tariff at home": (_wrong(tariff=_cell(_rates(), (0, 0, 0), 0.1)), "tariff of DEU on its own goods"),
    "infinite tariff": (_wrong(tariff=_cell(_rates(), (0, 1, 0), np.inf)), "embargo"),
    "shape of tariff": (_wrong(tariff=np.zeros((3, 3))), r"tariff has shape \(3, 3\), expected \(3, 3, 2\)"),
    "theta at 0": (_wrong(theta=[4.0, 0.0]), "theta of services is 0"),
    "shape of theta": (_wrong(theta=[4.0]), r"theta has shape \(1,\), expected \(2,\)"),
    "unknown closure": (_wrong(deficits="none"), "choose one of zero, fixed, proportional"),
    "layer of wrong shape": (
        lambda: _world().with_layers(population=[1.0]),
        r"layer 'population' has shape \(1,\), expected \(3,\)",
    ),
    "layer without axes": (lambda: _world().with_layers(luck=[1.0]), "layer 'luck' is not in the vocabulary"),
    "layer mislabelled": (
        lambda: _world().with_layers(
            population=xr.DataArray([1.0, 2.0, 3.0], dims="economy", coords={"economy": ["FRA", "DEU", "USA"]})
        ),
        "labelled differently",
    ),
    "unknown to aggregate": (lambda: _world().aggregate({"XYZ": "A"}), "XYZ"),
    "input shares off": (
        lambda: World.from_trade(
            np.ones((1, 1, 2)), [[0.5, 0.5]], np.full((1, 2, 2), 0.4), economies=["A"], sectors=["a", "b"]
        ),
        r"input_share of \(A, a\) sums to 0.8",
    ),
    "value added above output": (
        lambda: World.from_trade(np.ones((1, 1, 1)), [[1.2]], np.ones((1, 1, 1)), economies=["A"], sectors=["a"]),
        "exceeds 1",
    ),
    "unbalanced": (lambda: dataclasses.replace(_world(), final=2.0 * _world().final), "accounts do not close"),
    "no final demand": (
        lambda: World.from_flows(
            np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([[5.0, 0.0], [5.0, 0.0]]),
            economies=["A", "B"], sectors=["a"], final_uses=["c"], theta=5.0,
        ),
        "B has no final demand",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_one_clear_message(name: str) -> None:
    build, message = BAD[name]
    with pytest.raises(WorldError, match=message) as caught:
        build()
    assert "\n" not in str(caught.value)


def _saved(folder: Path) -> Path:
    path = folder / "w.ecumene"
    _world().save(path)
    return path


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    path = _saved(tmp_path)
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b""):
        path.write_bytes(content)
        with pytest.raises(SourceError, match="cannot be read as a saved world"):
            World.load(path)
    path.write_bytes(b"not an archive")
    with pytest.raises(SourceError, match="not a saved world; name its source") as foreign:
        World.load(path)
    assert "pickle" not in str(foreign.value)
    with pytest.raises(SourceError, match="there is no file"):
        World.load(tmp_path / "nothing")
    np.savez(tmp_path / "other.npz", Z=np.eye(2))
    with pytest.raises(SourceError, match="not a saved world"):
        World.load(tmp_path / "other.npz")


def test_other_format_versions_are_refused_with_a_reason(tmp_path: Path) -> None:
    path = _saved(tmp_path)
    with np.load(path) as archive:
        arrays = dict(archive)
    header = json.loads(str(arrays["header"]))
    header["version"] = 99
    arrays["header"] = np.array(json.dumps(header))
    with path.open("wb") as stream:
        np.savez(stream, **arrays)
    with pytest.raises(SourceError, match="format version 99, this Ecumene reads version 1"):
        World.load(path)


def test_pickles_are_never_read(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    np.savez(path, header=np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(SourceError):
        World.load(path)


def test_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("numpy.savez_compressed", full)
    with pytest.raises(OutputError, match="No space left on device"):
        _world().save(tmp_path / "w.ecumene")
    assert list(tmp_path.iterdir()) == []
