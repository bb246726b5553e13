"""Economic sovereignty: closed forms, hand examples, and equilibria of the trade model solved one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_worlds import Recipe, random_policy, random_world, renamed

from ecumene.errors import InputError, SolveError
from ecumene.models import power, sovereignty, trade
from ecumene.models.bases import Technology
from ecumene.models.solve import Options, Status
from ecumene.models.sovereignty import Cut
from ecumene.sources import load_world
from ecumene.types import FloatArray
from ecumene.world import World

WHOLE = Recipe(zero_links=0.0, no_home=0.0)
SEEDS = st.integers(0, 10**6)
FEW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def case_of(world: World, closure: str = "fixed", **given: FloatArray) -> trade.Case:
    iceberg, tariff = given.get("iceberg"), given.get("tariff")
    return trade.case_of(world, iceberg, tariff, None, closure, Technology(), Options())


def chains_of(world: World) -> sovereignty.Chains:
    return sovereignty.supply_chains(world.trade.values, world.intermediate.values, world.tariff.values)


def symmetric_world(
    R: int, S: int = 2, abroad: float = 0.1, apart: tuple[tuple[int, int], ...] = ()
) -> World:
    """Every economy is the same, and so is every foreign link but those that are absent."""
    flows = np.where(np.eye(R, dtype=bool), 1.0 - abroad * (R - 1), abroad)
    for i, n in apart:
        flows[i, n] = 0.0
    beta, mix = np.full((R, S), 0.6), np.full((R, S, S), 1.0 / S)
    return World.from_trade(
        1e3 * np.repeat(flows[:, :, None], S, axis=2), beta, mix,
        economies=[f"E{n}" for n in range(R)], sectors=[f"s{k}" for k in range(S)],
        tariff=np.zeros((R, R, S)), theta=np.full(S, 5.0), deficits="fixed",
    )  # fmt: skip


# Reliance --------------------------------------------------------------------------------------------


def test_reliance_of_two_economies_by_hand() -> None:
    # A = [[.2, .1], [.3, .4]], so I - A has determinant .45 and L = [[.6, .1], [.3, .8]] / .45; v = .5 everywhere.
    flows = np.array([[40.0, 20.0], [60.0, 80.0]])[:, :, None]
    chains = sovereignty.supply_chains(flows, np.array([30.0, 70.0]).reshape(2, 1, 1))
    np.testing.assert_allclose(chains.inputs, [[0.2, 0.1], [0.3, 0.4]], rtol=1e-14)
    found = sovereignty.reliance(chains)
    np.testing.assert_allclose(found.foreign_gross[:, 0], [2 / 3, 2 / 9], rtol=1e-13)
    np.testing.assert_allclose(found.foreign_value_added[:, 0], [1 / 3, 1 / 9], rtol=1e-13)
    np.testing.assert_allclose(found.value_added[:, :, 0], [[2 / 3, 1 / 9], [1 / 3, 8 / 9]], rtol=1e-13)
    np.testing.assert_allclose(found.gross[0, 0, 0], 1 / 3, rtol=1e-13)  # .6 / .45 - 1


def test_gross_reliance_can_exceed_one_and_value_added_cannot() -> None:
    # The second economy uses half of its own output again and again: L[1, 0] = .6 / (1 - .5).
    chains = sovereignty.Chains(
        np.array([[0.0, 0.0], [0.6, 0.5]]),
        np.array([[0.4], [0.5]]),
        np.zeros((2, 1)),
        np.ones((2, 1)),
    )
    found = sovereignty.reliance(chains)
    np.testing.assert_allclose(found.foreign_gross[:, 0], [1.2, 0.0], atol=1e-14)
    np.testing.assert_allclose(found.foreign_value_added[:, 0], [0.6, 0.0], atol=1e-14)


def test_duties_are_counted_apart() -> None:
    # One input from abroad worth 40 before a duty of 25 %: 50 of 100 is paid, 10 of it duty.
    flows = np.array([[50.0, 0.0], [40.0, 60.0]])[:, :, None]
    rate = np.array([[0.0, 0.0], [0.25, 0.0]])[:, :, None]
    used = np.array([25.0, 0.0]).reshape(2, 1, 1)  # half of output, half of that from abroad with the duty
    found = sovereignty.reliance(sovereignty.supply_chains(flows, used, rate))
    # Per unit of output .25 at home, .2 from abroad, .05 duty; each divided by 1 - .25 down the chain.
    np.testing.assert_allclose(found.duties[:, 0], [0.05 / 0.75, 0.0], atol=1e-14)
    np.testing.assert_allclose(found.foreign_value_added[:, 0], [0.2 / 0.75, 0.0], atol=1e-14)


@FEW
@given(SEEDS)
def test_reliance_of_random_worlds(seed: int) -> None:
    world = random_world(4, 3, np.random.default_rng(seed))
    chains = chains_of(world)
    Z, _ = world.flows()
    output = world.output.values.reshape(-1)
    np.testing.assert_allclose(chains.inputs * output, Z, rtol=1e-9, atol=1e-9 * output.max())
    found = sovereignty.reliance(chains)
    made = world.output.values > 0
    total = np.ones((4, 3))
    np.testing.assert_allclose((found.value_added.sum(axis=0) + found.duties)[made], total[made], rtol=1e-12)
    # The chain added up round by round: A + A^2 + ...
    rounds, power_of = np.zeros((12, 12)), np.eye(12)
    for _ in range(3000):
        power_of = power_of @ chains.inputs
        rounds = rounds + power_of
    by_partner = rounds.reshape(4, 3, 4, 3).sum(axis=1)
    np.testing.assert_allclose(found.gross[:, made], by_partner[:, made], rtol=1e-8, atol=1e-11)
    for whole, by_sector in (
        (found.foreign_gross, found.gross_by_sector),
        (found.foreign_value_added, found.value_added_by_sector),
    ):
        np.testing.assert_allclose(by_sector.sum(axis=0), whole, rtol=1e-10, atol=1e-13)
        assert (whole[made] >= 0).all()
    assert (found.foreign_value_added[made] <= 1.0 + 1e-12).all()


@FEW
@given(SEEDS)
def test_reliance_does_not_depend_on_the_order_of_names(seed: int) -> None:
    rng = np.random.default_rng(seed)
    world = random_world(4, 3, rng)
    economies, sectors = list(rng.permutation(4)), list(rng.permutation(3))
    there = sovereignty.reliance(chains_of(renamed(world, economies, sectors)))
    here = sovereignty.reliance(chains_of(world))
    np.testing.assert_allclose(there.gross, here.gross[np.ix_(economies, economies, sectors)], atol=1e-12)
    np.testing.assert_allclose(
        there.value_added_by_sector,
        here.value_added_by_sector[np.ix_(sectors, economies, sectors)],
        atol=1e-12,
    )


def test_in_autarky_nobody_relies_on_anybody() -> None:
    world = symmetric_world(3, abroad=0.0)
    found = sovereignty.reliance(chains_of(world))
    np.testing.assert_array_equal(found.foreign_gross, 0.0)
    np.testing.assert_array_equal(found.foreign_value_added, 0.0)
    assert np.isnan(sovereignty.share_of_partners(found.gross)).all(), "there is nothing to share"


def test_a_good_that_is_not_made_is_missing_and_not_zero() -> None:
    flows = np.array([[[50.0, 0.0], [10.0, 0.0]], [[20.0, 5.0], [60.0, 40.0]]])
    used = np.zeros((2, 2, 2))
    used[:, 1, 0] = [5.0, 20.0]
    found = sovereignty.reliance(sovereignty.supply_chains(flows, used))
    assert np.isnan(found.foreign_gross[0, 1])
    assert np.isnan(found.foreign_value_added[0, 1])
    assert np.isnan(found.gross_by_sector[:, 0, 1]).all()
    assert np.isfinite(found.foreign_gross[[0, 1, 1], [0, 0, 1]]).all()
    whole = sovereignty.reliance_of_economies(found.foreign_gross, flows.sum(axis=1))
    np.testing.assert_allclose(whole[0], found.foreign_gross[0, 0], rtol=1e-14)


def test_shares_of_partners_and_means_of_sectors() -> None:
    found = sovereignty.reliance(chains_of(random_world(5, 3, np.random.default_rng(3), WHOLE)))
    shares = sovereignty.share_of_partners(found.gross)
    np.testing.assert_allclose(shares.sum(axis=0), 1.0, rtol=1e-13)
    np.testing.assert_array_equal(np.einsum("nnk->nk", shares), 0.0)
    mean = sovereignty.reliance_of_economies(np.array([[1.0, 4.0]]), np.array([[3.0, 1.0]]))
    np.testing.assert_allclose(mean, [1.75])
    assert np.isnan(sovereignty.reliance_of_economies(np.array([[1.0, 4.0]]), np.zeros((1, 2))))[0]


def test_accounts_that_do_not_close_are_refused() -> None:
    flows = np.ones((2, 2, 1))
    with pytest.raises(InputError, match="value added of economy 0, sector 0"):
        sovereignty.supply_chains(flows, np.full((2, 1, 1), 3.0))
    with pytest.raises(InputError, match=r"trade\[0, 1, 0\] is -1"):
        sovereignty.supply_chains(np.array([[1.0, -1.0], [1.0, 1.0]])[:, :, None], np.zeros((2, 1, 1)))
    with pytest.raises(InputError, match="tariff has shape"):
        sovereignty.supply_chains(flows, np.zeros((2, 1, 1)), np.full((2, 2, 1), -1.0))
    wrong = sovereignty.supply_chains(flows, np.ones((2, 1, 1)))._replace(value_added=np.full((2, 1), 0.7))
    with pytest.raises(InputError, match="differ from 1"):
        sovereignty.reliance(wrong)
    with pytest.raises(InputError, match="only uses itself up"):
        sovereignty.reliance(wrong._replace(inputs=np.eye(2)))


# Power -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("closure", trade.CLOSURES)
def test_two_economies_lose_what_autarky_costs_in_closed_form(closure: str) -> None:
    world = random_world(2, 2, np.random.default_rng(7), WHOLE)
    case = case_of(world, closure)
    base = case.base.base
    found = sovereignty.power_matrix(case)
    for n in range(2):
        own = np.asarray(base.pi)[:, n, n]
        leontief = np.linalg.inv(np.eye(2) - np.asarray(base.gamma)[n].T)
        wage = np.asarray(base.alpha)[:, n] @ leontief @ (np.log(own) / np.asarray(base.theta))
        income = np.log(float(base.value_added[n] / base.income[n]))
        np.testing.assert_allclose(found.loss[1 - n, n], -(wage + income), rtol=1e-9)
    assert np.isnan(np.diagonal(found.loss)).all()
    assert (found.status == Status.OK).all()


def test_a_symmetric_world_has_a_symmetric_matrix() -> None:
    found = sovereignty.power_matrix(case_of(symmetric_world(4)))
    apart = ~np.eye(4, dtype=bool)
    np.testing.assert_allclose(found.asymmetry[apart], 0.0, atol=1e-11)
    np.testing.assert_allclose(found.loss[apart], found.loss[0, 1], rtol=1e-8)
    assert found.loss[0, 1] > 0.01


@FEW
@given(SEEDS, st.sampled_from(trade.CLOSURES), st.booleans())
def test_power_is_the_difference_of_two_equilibria(seed: int, closure: str, with_policy: bool) -> None:
    rng = np.random.default_rng(seed)
    world = random_world(4, 2, rng, WHOLE)
    given = {}
    if with_policy:
        policy = random_policy(world, rng, closing=0.0, largest=2.0)
        given = {"iceberg": policy.iceberg, "tariff": np.minimum(policy.tariff, 0.5)}
    before = trade.solve(world, deficits=closure, **given).raise_unless_ok()
    found = sovereignty.power_matrix(case_of(world, closure, **given))
    for j, i in ((0, 1), (3, 2)):
        iceberg = np.array(given.get("iceberg", np.ones((4, 4, 2))))
        iceberg[j, i] = iceberg[i, j] = np.inf
        after = trade.solve(world, **{**given, "iceberg": iceberg}, deficits=closure).raise_unless_ok()
        lost = np.log(before.real_income.values) - np.log(after.real_income.values)
        np.testing.assert_allclose(found.loss[j, i], lost[i], rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(found.loss[i, j], lost[j], rtol=1e-7, atol=1e-9)


def test_power_does_not_depend_on_the_order_of_names() -> None:
    world = random_world(4, 2, np.random.default_rng(12), WHOLE)
    order = [3, 0, 1, 2]
    here = sovereignty.power_matrix(case_of(world))
    there = sovereignty.power_matrix(case_of(renamed(world, order, [1, 0])))
    np.testing.assert_allclose(there.loss, here.loss[np.ix_(order, order)], atol=1e-9)
    np.testing.assert_allclose(here.asymmetry, -here.asymmetry.T)


def test_missing_goods_are_an_infinite_loss_beside_a_finite_one() -> None:
    # The first economy does not make the second good; only the second economy sells it.
    flows = np.array([[[80.0, 0.0], [20.0, 0.0]], [[20.0, 50.0], [60.0, 90.0]]])
    world = World.from_trade(
        flows, np.ones((2, 2)), np.full((2, 2, 2), 0.5), economies=["A", "B"], sectors=["x", "y"],
        tariff=np.zeros((2, 2, 2)), theta=np.full(2, 4.0), deficits="fixed",
    )  # fmt: skip
    found = sovereignty.power_matrix(case_of(world))
    assert found.loss[1, 0] == np.inf
    assert np.isfinite(found.loss_without_missing[1, 0])
    assert np.isfinite(found.loss[0, 1])
    assert found.loss[0, 1] == found.loss_without_missing[0, 1]
    assert np.isfinite(found.asymmetry[0, 1])


def test_a_cut_that_closes_nothing_loses_exactly_nothing() -> None:
    world = symmetric_world(4, apart=((0, 2), (2, 0)))
    found = sovereignty.power_matrix(case_of(world))
    assert found.loss[0, 2] == found.loss[2, 0] == 0.0
    assert found.loss[0, 1] > 0


def test_a_failed_pair_is_not_a_number_beside_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of(random_world(4, 2, np.random.default_rng(1), WHOLE))
    solve_case = power.solve_case

    def failing(base, policy, *rest):
        outcome, stage, status, steps = solve_case(base, policy, *rest)
        return outcome, stage, Status.MAX_STEPS if np.isinf(policy.iceberg[0, 1, 0]) else status, steps

    monkeypatch.setattr(power, "solve_case", failing)
    found = sovereignty.power_matrix(case)
    assert np.isnan(found.loss[[0, 1], [1, 0]]).all()
    assert np.isnan(found.loss_without_missing[[0, 1], [1, 0]]).all()
    assert (found.status[[0, 1], [1, 0]] == Status.MAX_STEPS).all()
    assert np.isfinite(found.loss[[0, 2, 1, 2], [2, 0, 2, 1]]).all()


def test_trade_that_cannot_balance_says_so() -> None:
    world = random_world(2, 1, np.random.default_rng(4), Recipe(zero_links=0.0, no_home=0.0, tariff=0.0))
    one_way = Cut((0,), (1,), (0,), both_ways=False)
    found = sovereignty.cut_losses(case_of(world, "zero"), [one_way])
    assert found.status.tolist() == [Status.ONE_WAY]
    assert np.isnan(found.loss).all()
    closed = np.ones((2, 2, 1))
    closed[0, 1] = np.inf
    with pytest.raises(SolveError, match="without a cut"):
        sovereignty.power_matrix(case_of(world, "zero", iceberg=closed))


def test_progress_counts_every_cut_and_wrong_cuts_are_refused() -> None:
    case = case_of(symmetric_world(4))
    told: list[tuple[int, int]] = []
    sovereignty.power_matrix(case, progress=lambda done, total, _: told.append((done, total)), workers=2)
    assert told == [(k, 6) for k in range(1, 7)]
    with pytest.raises(InputError, match="destinations of a cut names number 4"):
        sovereignty.cut_losses(case, [Cut((0,), (4,))])
    assert sovereignty.cut_losses(case, []).loss.shape == (0, 4)


def test_a_bloc_of_one_has_the_power_of_its_member_and_all_together_can_isolate() -> None:
    world = random_world(4, 2, np.random.default_rng(8), WHOLE)
    case = case_of(world)
    pairs = sovereignty.power_matrix(case)
    alone = sovereignty.bloc_power(case, [2])
    np.testing.assert_allclose(alone.loss[[0, 1, 3]], pairs.loss[2, [0, 1, 3]], rtol=1e-12)
    np.testing.assert_allclose(alone.cost[[0, 1, 3]], pairs.loss[[0, 1, 3], 2], rtol=1e-10, atol=1e-14)
    assert np.isnan([alone.loss[2], alone.cost[2], alone.residual[2]]).all()

    all_but_one = sovereignty.bloc_power(case, [0, 1, 2])
    iceberg = np.ones((4, 4))
    iceberg[3, :3] = iceberg[:3, 3] = np.inf
    after = trade.solve(world, iceberg, deficits="fixed").raise_unless_ok()
    np.testing.assert_allclose(all_but_one.loss[3], -np.log(after.real_income.values[3]), rtol=1e-8)
    income = np.asarray(case.base.base.income)[:3]
    together = (income * after.real_income.values[:3]).sum() / income.sum()
    np.testing.assert_allclose(all_but_one.cost[3], -np.log(together), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(all_but_one.asymmetry[3], all_but_one.loss[3] - all_but_one.cost[3])


@pytest.mark.parametrize("bloc", [[], [0, 0], [0, 1, 2, 3]])
def test_a_bloc_names_some_but_not_all(bloc: list[int]) -> None:
    with pytest.raises(InputError, match="must name some, not all"):
        sovereignty.bloc_power(case_of(symmetric_world(4)), bloc)


# Chokepoints -----------------------------------------------------------------------------------------


def test_the_loss_of_one_source_by_hand() -> None:
    share = np.array([[[0.7], [1.0]], [[0.3], [0.0]]])
    lost = sovereignty.chokepoint_losses(share, np.array([5.0]), np.ones((2, 1)), np.zeros((2, 1, 1)))
    np.testing.assert_allclose(lost[1, 0, 0], -np.log(0.7) / 5.0, rtol=1e-14)
    assert lost[0, 1, 0] == np.inf, "a sole source"
    assert np.isnan(lost[[0, 1], [0, 1], 0]).all()
    # With half of cost in own inputs, of which 70 % is made at home: the weight is 1 / (1 - .5 x .7).
    used = sovereignty.chokepoint_losses(share, np.array([5.0]), np.ones((2, 1)), np.full((2, 1, 1), 0.5))
    np.testing.assert_allclose(used[1, 0, 0], -np.log(0.7) / 5.0 / 0.65, rtol=1e-14)


def test_the_weight_of_an_input_is_what_home_makers_buy_of_it() -> None:
    # Half the cost of the first good is the second; only the 80 % of the first that is made at home buys it.
    gamma = np.array([[[0.0, 0.0], [0.5, 0.0]]])
    weight = sovereignty.sector_reliance(np.array([[0.8, 0.6]]), np.array([[1.0, 0.0]]), gamma)
    np.testing.assert_allclose(weight, [[1.0, 0.4]], rtol=1e-14)


def test_a_good_that_nobody_uses_is_no_chokepoint() -> None:
    share = np.array([[[0.7, 0.0], [0.5, 0.5]], [[0.3, 1.0], [0.5, 0.5]]])
    alpha = np.array([[1.0, 0.0], [0.5, 0.5]])
    lost = sovereignty.chokepoint_losses(share, np.full(2, 5.0), alpha, np.zeros((2, 2, 2)))
    assert lost[1, 0, 1] == 0.0


def test_with_one_partner_one_sector_and_no_inputs_the_first_order_loss_is_exact() -> None:
    flows = np.array([[70.0, 30.0], [30.0, 170.0]])[:, :, None]
    world = World.from_trade(
        flows, np.ones((2, 1)), np.ones((2, 1, 1)), economies=["A", "B"], sectors=["x"],
        tariff=np.zeros((2, 2, 1)), theta=np.array([4.0]), deficits="fixed",
    )  # fmt: skip
    exact = sovereignty.power_matrix(case_of(world)).loss
    share = flows / flows.sum(axis=0)
    lost = sovereignty.chokepoint_losses(share, np.array([4.0]), np.ones((2, 1)), np.zeros((2, 1, 1)))
    np.testing.assert_allclose(exact[1, 0], lost[1, 0, 0], rtol=1e-9)
    np.testing.assert_allclose(exact[0, 1], lost[0, 1, 0], rtol=1e-9)


def test_the_worst_links_are_solved_exactly() -> None:
    world = random_world(4, 2, np.random.default_rng(21), WHOLE)
    case = case_of(world)
    found = sovereignty.chokepoints(case, 5, destination=2)
    assert (found.links[:, 1] == 2).all()
    assert (np.diff(found.first_order) <= 0).all()
    origin, destination, sector = found.links[0]
    iceberg = np.ones((4, 4, 2))
    iceberg[origin, destination, sector] = np.inf
    after = trade.solve(world, iceberg, deficits="fixed").raise_unless_ok()
    np.testing.assert_allclose(found.exact[0], -np.log(after.real_income.values[2]), rtol=1e-7, atol=1e-9)
    assert len(sovereignty.chokepoints(case, 1000, destination=2).links) == 6, "three origins, two sectors"
    with pytest.raises(InputError, match="destination is 4"):
        sovereignty.chokepoints(case, 5, destination=4)


def test_worst_links_come_in_order() -> None:
    losses = np.array([[[np.nan], [0.2]], [[np.inf], [np.nan]]])
    assert sovereignty.worst_links(losses, 2).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert sovereignty.worst_links(losses, 2, destination=1).tolist() == [[0, 1, 0]]
    assert sovereignty.worst_links(np.zeros((2, 2, 1))).tolist() == []


# Strategic products ----------------------------------------------------------------------------------


def _products(column: list[float], sold: float = 0.0) -> sovereignty.Products:
    """One good; the first economy buys `column` (itself first) and sells `sold` to the second."""
    flows = np.zeros((3, 3, 1))
    flows[:, 0, 0] = column
    flows[0, 1, 0] = sold
    return sovereignty.strategic_products(flows)


@pytest.mark.parametrize(
    ("column", "sold", "expected"),
    [
        ([40.0, 60.0, 0.0], 10.0, 1.0),
        ([60.0, 40.0, 0.0], 10.0, 0.0),  # mostly made at home
        ([40.0, 60.0, 0.0], 60.0, 0.0),  # exports as much as it imports
        ([50.0, 50.0, 0.0], 10.0, 0.0),  # half is not above half
        ([100.0, 0.0, 0.0], 0.0, 0.0),  # no imports: no dependence, whatever their concentration
        ([0.0, 0.0, 0.0], 0.0, 0.0),
        ([np.nan, 60.0, 0.0], 10.0, np.nan),  # home purchases are not known: nobody can say
        ([np.nan, 60.0, 0.0], 60.0, 0.0),  # but this fails without them
    ],
)
def test_strategic_products_by_hand(column: list[float], sold: float, expected: float) -> None:
    np.testing.assert_equal(_products(column, sold).strategic[0, 0], expected)


def test_criteria_of_strategic_products() -> None:
    found = _products([20.0, 60.0, 20.0], 10.0)
    np.testing.assert_allclose(found.concentration[0, 0], 0.75**2 + 0.25**2)
    np.testing.assert_allclose(found.foreign_share[0, 0], 0.8)
    np.testing.assert_allclose(found.imports_over_exports[0, 0], 8.0)
    assert _products([20.0, 60.0, 20.0]).imports_over_exports[0, 0] == np.inf
    assert np.isnan(found.concentration[2, 0]), "no imports have no concentration"
    spread = np.zeros((4, 4, 1))
    spread[1:, 0, 0] = 20.0
    found = sovereignty.strategic_products(spread)
    assert found.strategic[0, 0] == 0.0, "three equal sources: a third is not above 0.4"


def test_a_bloc_as_one_economy() -> None:
    flows = np.arange(9.0).reshape(3, 3, 1)
    bloc = sovereignty.merged(flows, [[0, 2], [1]])
    np.testing.assert_array_equal(bloc[:, :, 0], [[0 + 2 + 6 + 8, 1 + 7], [3 + 5, 4]])
    with pytest.raises(InputError, match="economy 1 is in 0 blocs"):
        sovereignty.merged(flows, [[0, 2]])


# WIOD ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_wiod_has_a_power_matrix_without_a_failure(shared: Path) -> None:
    world = load_world(f"wiod:{shared / 'data' / 'wiod' / 'wiod2011.npz'}")
    found = sovereignty.power_matrix(case_of(world, "zero"))
    apart = ~np.eye(len(world.economies), dtype=bool)
    assert (found.status == Status.OK).all()
    assert (found.residual <= 1e-9).all()
    assert np.isfinite(found.loss_without_missing[apart]).all()
    chains = sovereignty.reliance(chains_of(world))
    made = world.output.values > 0
    assert (chains.foreign_value_added[made] <= 1.0).all()
    assert np.nanmax(chains.foreign_gross) > 1.0
