"""Extreme worlds and policies, and input that cannot be used: an answer or one clear sentence, never a wrong number."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from random_worlds import Recipe, random_world
from small_world import make_world
from trade_twin import equation_errors

from ecumene.errors import InputError, SolveError
from ecumene.models import trade
from ecumene.models.trade import Status

WORLD = make_world()
R, S = len(WORLD.economies), len(WORLD.sectors)
HOME = np.eye(R, dtype=bool)


def links(value: float, where: np.ndarray) -> np.ndarray:
    """Iceberg factors [R, R, S]: `value` on the marked foreign links [R, R], 1 elsewhere."""
    cost = np.where(where & ~HOME, value, 1.0)
    return np.repeat(cost[:, :, None], S, axis=2)


def solved(world, **arguments):
    """The equilibrium, with every equation checked by the independent twin."""
    eq = trade.solve(world, **arguments)
    assert eq.ok, (eq.status.message, eq.residual)
    n = len(world.economies)
    cost = np.broadcast_to(np.asarray(arguments.get("iceberg", 1.0), dtype=float), world.trade.shape)
    cost = np.where(np.eye(n, dtype=bool)[:, :, None], 1.0, cost)
    rate = np.broadcast_to(
        np.asarray(arguments.get("tariff", world.tariff.values), dtype=float), world.trade.shape
    )
    rate = np.where(np.eye(n, dtype=bool)[:, :, None], 0.0, rate)
    rest = {k: v for k, v in arguments.items() if k not in ("iceberg", "tariff", "theta", "deficits")}
    closure = arguments.get("deficits", world.deficits)
    found = equation_errors(
        world, eq, iceberg=cost, tariff=rate, theta=arguments.get("theta"), deficits=closure, **rest
    )
    wrong = {name: error for name, error in found.items() if not error <= 2e-9}
    assert not wrong, wrong
    return eq


@pytest.mark.parametrize(
    "arguments",
    [
        {"iceberg": 0.5},
        {"iceberg": 5.0},
        {"iceberg": 10.0},
        {"tariff": 5.0},
        {"tariff": 5.0, "iceberg": 0.5},
        {"tariff": -0.5},
        {"theta": 0.4, "iceberg": 3.0},
        {"theta": 50.0, "iceberg": 1.5},
        {"theta": 50.0, "iceberg": 0.5},
        {"theta": np.array([0.4, 50.0, 5.0]), "tariff": 1.0},
        {"iceberg": np.inf},
        {"iceberg": np.inf, "theta": 0.4},
    ],
    ids=str,
)
def test_extreme_policies_converge(arguments):
    eq = solved(WORLD, deficits="zero", **arguments)
    assert np.isfinite(eq.real_income.values).all()


@pytest.mark.parametrize("factor", [30.0, 100.0, 1e6, 1e100])
def test_costs_next_to_infinite_give_autarky_or_say_what_to_try(factor):
    eq = trade.solve(WORLD, iceberg=factor, deficits="zero")
    if eq.ok:
        closed = trade.solve(WORLD, iceberg=np.inf, deficits="zero")
        np.testing.assert_allclose(eq.real_wage.values, closed.real_wage.values, rtol=1e-3)
    else:
        assert np.isnan(eq.real_income.values).all() and "close" in eq.status.message


@pytest.mark.parametrize("deficits", trade.CLOSURES)
@pytest.mark.parametrize("rate", [-0.7, -0.9, -0.99, -0.999])
def test_a_subsidy_that_income_cannot_pay_is_no_equilibrium(rate, deficits):
    """Income is linear in tariff revenue: the equations hold at a negative one, which means nothing."""
    eq = trade.solve(WORLD, tariff=rate, deficits=deficits)
    assert not eq.ok and np.isnan(eq.real_income.values).all()
    if eq.residual < 1e-9:
        assert eq.status is Status.NOT_POSITIVE
        assert "subsid" in eq.status.message and "above" in eq.status.message
    with pytest.raises(SolveError):
        trade.gradient(WORLD, "DEU", tariff=rate, deficits=deficits)


def test_a_subsidy_that_income_can_pay_is_solved():
    assert (solved(WORLD, tariff=-0.5, deficits="zero").income.values > 0).all()


@pytest.mark.parametrize("theta", [1e300, 1e39, 1e30, 1e-300])
@pytest.mark.parametrize("deficits", trade.CLOSURES)
def test_absurd_elasticities_say_what_to_try_without_a_warning(theta, deficits):
    try:
        eq = trade.solve(WORLD, iceberg=1.5, theta=theta, deficits=deficits)
    except SolveError as error:
        said = str(error)
    else:
        said = eq.status.message if not eq.ok else "elasticities"
    assert "elasticit" in said


def test_walls_harm_and_open_links_help():
    assert (solved(WORLD, iceberg=np.inf, deficits="zero").real_income.values < 1).all()
    assert (solved(WORLD, iceberg=0.5, deficits="zero").real_income.values > 1).all()


@pytest.mark.parametrize("size", [(2, 1), pytest.param((200, 1), marks=pytest.mark.slow),
                                  pytest.param((2, 60), marks=pytest.mark.slow),
                                  pytest.param((77, 45), marks=pytest.mark.slow)], ids=str)  # fmt: skip
def test_smallest_and_largest_worlds(size):
    world = random_world(*size, np.random.default_rng(8), Recipe(no_home=0.0))
    for arguments in ({"iceberg": 1.5}, {"iceberg": 0.5}, {"iceberg": np.inf}, {"tariff": 5.0}):
        solved(world, deficits="zero", **arguments)


def test_a_link_closed_one_way_is_named():
    only_out = links(np.inf, HOME[:, [5]].T & np.ones((R, R), bool))  # nobody may sell to GEO
    eq = trade.solve(WORLD, iceberg=only_out, deficits="zero")
    assert eq.status is Status.ONE_WAY
    assert "GEO" in " ".join(eq.notes) and "close the remaining direction" in eq.status.message
    assert np.isnan(eq.real_income.values).all()


@pytest.mark.parametrize("deficits", trade.CLOSURES)
def test_one_way_links_never_give_a_wrong_number(deficits):
    for n in range(R):
        for gone in (HOME[:, [n]].T & np.ones((R, R), bool), HOME[:, [n]] & np.ones((R, R), bool)):
            eq = trade.solve(WORLD, iceberg=links(np.inf, gone), deficits=deficits)
            if eq.ok:
                assert deficits == "fixed"  # a transfer can stand where trade flows one way only
            else:
                assert eq.status is Status.ONE_WAY
                assert WORLD.economies[n] in " ".join(eq.notes)


@pytest.mark.parametrize("deficits", trade.CLOSURES)
def test_blocs_without_links_balance_each(deficits):
    bloc = np.array([0, 0, 0, 1, 1, 1])
    apart = bloc[:, None] != bloc[None, :]
    eq = solved(WORLD, iceberg=links(np.inf, apart), deficits=deficits)
    worth = WORLD.value_added.values.sum(axis=1)
    for members in (bloc == 0, bloc == 1):
        assert abs(eq.deficit.values[members].sum()) < 1e-9 * worth.sum()
    if deficits == "fixed":
        assert any("were cancelled" in note for note in eq.notes)


def test_an_economy_alone_has_no_deficit():
    alone = np.zeros((R, R), bool)
    alone[4], alone[:, 4] = True, True
    eq = solved(WORLD, iceberg=links(np.inf, alone), deficits="fixed")
    assert eq.deficit.values[4] == pytest.approx(0.0, abs=1e-6)
    assert eq.exports.values[4] == 0 and eq.imports.values[4] == 0
    assert any("were cancelled" in note for note in eq.notes)


def test_every_link_closed_is_autarky_in_closed_form():
    eq = solved(WORLD, iceberg=np.inf, deficits="zero")
    assert eq.iterations <= 3
    base = eq.base_trade.values
    own = np.einsum("nns->ns", base / base.sum(axis=0))
    gamma = WORLD.intermediate.values / WORLD.output.values[:, None, :]
    final = WORLD.final.values.sum(axis=2)
    for n in range(R):
        price = np.linalg.solve(np.eye(S) - gamma[n].T, -np.log(own[n]) / eq.theta)
        expected = np.exp(-(final[n] / final[n].sum()) @ price)
        assert eq.real_wage.values[n] == pytest.approx(expected, rel=1e-10)


def test_missing_goods_are_named_and_counted_apart():
    world = make_world(missing=("GEO", "Food"))
    eq = solved(world, iceberg=np.inf, deficits="zero")
    assert eq.missing_goods.sel(economy="GEO", sector="Food").item()
    assert int(eq.missing_goods.sum()) == 1
    assert eq.real_income.sel(economy="GEO").item() == 0.0
    assert 0 < eq.real_income_without_missing.sel(economy="GEO").item() < 1
    assert (eq.real_income.drop_sel(economy="GEO") > 0).all()


def test_a_sector_without_output_stays_without_output():
    world = make_world(missing=("RUS", "Manufactures"))
    eq = solved(world, iceberg=1.7, deficits="fixed")
    assert eq.output.sel(economy="RUS", sector="Manufactures").item() == 0.0


def test_a_base_of_two_worlds_apart_is_solved_group_by_group():
    one, two = (random_world(3, 2, np.random.default_rng(k), Recipe(no_home=0.0)) for k in (1, 2))
    trade_flows = np.zeros((6, 6, 2))
    trade_flows[:3, :3], trade_flows[3:, 3:] = one.trade.values, 1000 * two.trade.values
    tariff = np.zeros((6, 6, 2))
    tariff[:3, :3], tariff[3:, 3:] = one.tariff.values, two.tariff.values
    from ecumene.world import World

    gamma = np.concatenate([w.intermediate.values / w.output.values[:, None, :] for w in (one, two)])
    cost = gamma.sum(axis=1)
    world = World.from_trade(
        trade_flows, 1 - cost, gamma / cost[:, None, :], economies=[f"E{n}" for n in range(6)], sectors=["a", "b"],
        tariff=tariff, theta=one.theta.values, source="two worlds",
    )  # fmt: skip
    eq = solved(world, iceberg=1.4, deficits="zero")
    left = trade.solve(one, iceberg=1.4, deficits="zero").raise_unless_ok()
    np.testing.assert_allclose(eq.real_income.values[:3], left.real_income.values, rtol=1e-8)


def test_many_cases_in_threads_equal_one_by_one():
    cases = [{"iceberg": 1.0 + 0.05 * k, "deficits": trade.CLOSURES[k % 2]} for k in range(40)]
    many = trade.solve_many(WORLD, cases, workers=4)
    for case, eq in zip(cases, many, strict=True):
        np.testing.assert_array_equal(eq.real_income.values, trade.solve(WORLD, **case).real_income.values)


NAN_LINK = np.ones((R, R))
NAN_LINK[0, 1] = np.nan
HOME_RATE = np.zeros((R, R))
HOME_RATE[2, 2] = 0.1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"iceberg": np.ones((R, R + 1))}, "iceberg has shape"),
        ({"iceberg": np.ones(R)}, "iceberg has shape"),
        ({"iceberg": np.ones((R, R, S + 1))}, "iceberg has shape"),
        ({"iceberg": NAN_LINK}, "from DEU to FRA in Food is nan"),
        ({"iceberg": 0.0}, "must be above 0"),
        ({"iceberg": -1.0}, "must be above 0"),
        ({"iceberg": -np.inf}, "must be above 0"),
        ({"iceberg": "high"}, "not an array of numbers"),
        ({"tariff": np.ones((R, R))}, "on its own Food is not zero"),
        ({"tariff": HOME_RATE}, "USA on its own Food is not zero"),
        ({"tariff": -1.0}, "above -1"),
        ({"tariff": np.inf}, "iceberg=inf instead of an infinite tariff"),
        ({"tariff": np.nan}, "finite"),
        ({"tariff": np.zeros((2, 2))}, "tariff has shape"),
        ({"theta": 0.0}, "must be finite and above 0"),
        ({"theta": -2.0}, "must be finite and above 0"),
        ({"theta": np.inf}, "must be finite and above 0"),
        ({"theta": np.nan}, "must be finite and above 0"),
        ({"theta": np.ones(S + 1)}, "theta has shape"),
        ({"deficits": "none"}, "choose one of zero, fixed, proportional"),
        ({"mobility": 0.5}, "mobility is 0.5; it must be at least 1"),
        ({"eta": -1.0}, "eta is -1; it must be finite and at least 0"),
        ({"sigma": np.nan}, "sigma is nan"),
        ({"epsilon": np.inf}, "epsilon is inf"),
        (
            {"iceberg": xr.DataArray(np.ones(2), dims="origin", coords={"origin": ["DEU", "ATLANTIS"]})},
            "unknown ATLANTIS",
        ),
        ({"iceberg": xr.DataArray(np.ones(R), dims="country")}, "rename or drop country"),
        ({"iceberg": xr.DataArray(np.ones(R + 1), dims="origin")}, "iceberg"),
        (
            {"theta": xr.DataArray(np.ones(S), dims="sector", coords={"sector": ["Food", "x", "y"]})},
            "unknown x, y",
        ),
        ({"theta": "big"}, "theta is not"),
        ({"iceberg": 1.2 + 1j}, "iceberg is not an array of numbers: its entries are complex"),
        ({"iceberg": np.full((R, R), 1.2 + 0j)}, "give real numbers"),
        ({"iceberg": "2"}, "iceberg is not an array of numbers"),
        ({"theta": ["2", "3", "4"]}, "theta is not an array of numbers: its entries are text"),
        ({"theta": np.array(["2020-01-01"] * S, dtype="M8[D]")}, "theta is not an array of numbers"),
        ({"tariff": np.array([[object()] * R] * R)}, "tariff is not an array of numbers"),
        ({"tariff": np.array([["0.1"] * R] * R, dtype=object)}, "tariff is not an array of numbers"),
        ({"iceberg": xr.DataArray(np.array(["x"] * R, dtype=object), dims="origin")}, "iceberg is not an"),
        (
            {"iceberg": xr.DataArray(np.full(R, 1.2 + 1j), dims="origin")},
            "iceberg is not an array of numbers",
        ),
        ({"eta": "0.5"}, "eta is not"),
        ({"options": 3}, "options is 3; give trade.Options("),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_bad_input_gives_one_clear_error(arguments, says):
    with pytest.raises(InputError) as error:
        trade.solve(WORLD, **arguments)
    assert says in str(error.value) and "\n" not in str(error.value)


def test_a_bad_case_among_many_is_refused():
    with pytest.raises(InputError, match="case 1 has unknown entries tarif"):
        trade.solve_many(WORLD, [{"iceberg": 1.1}, {"tarif": 0.1}])


@pytest.mark.parametrize(
    ("cases", "arguments", "says"),
    [
        ([{}, {"iceberg": -1.0}], {}, "case 1: iceberg from DEU to FRA"),
        ([{}, {}, {"eta": -1.0}], {}, "case 2: eta is -1"),
        ([{}, {"rents": "mine"}], {}, "case 1: rents is 'mine'"),
        ([{}, {"deficits": "none"}], {}, "case 1: deficits is 'none'"),
        ([{}, 3], {}, "case 1 is 3, not a mapping"),
        ({"iceberg": 2.0}, {}, "case 0 is 'iceberg', not a mapping"),
        (3, {}, "cases is 3; give a list"),
        ([{}], {"workers": -1}, "workers is -1; give a whole number above 0"),
        ([{}], {"workers": 0}, "workers is 0"),
        ([{}], {"workers": 1.5}, "workers is 1.5"),
        ([{}], {"options": 3}, "options is 3"),
    ],
)
def test_wrong_cases_are_named_before_anything_is_solved(monkeypatch, cases, arguments, says):
    def never(*_: object) -> None:
        raise AssertionError("something was solved")

    monkeypatch.setattr(trade, "solve_checked", never)
    monkeypatch.setattr(trade, "prepared", never)
    with pytest.raises(InputError) as error:
        trade.solve_many(WORLD, cases, **arguments)
    assert says in str(error.value) and "\n" not in str(error.value)


def test_cases_are_solved_where_the_system_does_not_tell_which_processors_are_ours(monkeypatch):
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    assert all(eq.ok for eq in trade.solve_many(WORLD, [{}, {"iceberg": 1.1}]))


@pytest.mark.parametrize(
    "asked",
    [
        lambda: trade.solve("reference"),
        lambda: trade.solve_many("reference", [{}]),
        lambda: trade.gradient(None, "DEU"),
    ],
)
def test_a_name_is_no_world(asked):
    with pytest.raises(InputError, match=r"world is .*load_world"):
        asked()


def test_a_failed_solve_raises_with_cause_and_next_step():
    eq = trade.solve(WORLD, iceberg=links(np.inf, HOME[:, [5]].T & np.ones((R, R), bool)), deficits="zero")
    with pytest.raises(SolveError, match="cannot balance; close"):
        eq.raise_unless_ok()
