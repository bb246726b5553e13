"""Production shocks against closed forms, an order matrix written out, and what must hold in any world."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st
from shock_twin import Twin
from shock_worlds import DAYS, FORMS, SHARP, R, S, dense, mirror, proportional, random_events, world

from ecumene.errors import InputError
from ecumene.models import shocks
from ecumene.models.shock_events import Event
from ecumene.models.shocks import Settings

seeds = st.integers(0, 2**32 - 1)
few = profile(max_examples=10, deadline=None, derandomize=True)


def relative(base: shocks.Base, record: shocks.Record) -> tuple[float, float]:
    x0, c0 = base.output, base.consumption
    return (
        np.abs(record.output - x0).max() / x0.max(),
        (np.abs(record.consumption - c0) / np.where(c0 > 0, c0, 1.0)).max(),
    )


# What must hold in any world -----------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("eta", [0.0, 1.0])
@pytest.mark.parametrize("origins", shocks.ORIGINS)
@few
@given(seed=seeds)
def test_without_a_shock_nothing_moves(form: str, eta: float, origins, seed: int) -> None:
    base = FORMS[form](world(seed))
    record = shocks.simulate(base, [], SHARP._replace(substitution=eta), days=DAYS, origins=origins)
    assert max(relative(base, record)) <= 1e-12
    assert (record.binding == -1).all()


@pytest.mark.parametrize("eta", [0.0, 1.0, 3.0])
@few
@given(seed=seeds)
def test_goods_are_conserved_every_day(eta: float, seed: int) -> None:
    base = proportional(world(seed))
    events = random_events(np.random.default_rng(seed))
    for origins in shocks.ORIGINS:
        record = shocks.simulate(base, events, SHARP._replace(substitution=eta), days=DAYS, origins=origins)
        assert record.gap <= 1e-12
        assert record.output.min() >= 0.0
        assert record.consumption.min() >= 0.0


@few
@given(seed=seeds)
def test_a_table_and_its_proportions_give_the_same(seed: int) -> None:
    w = world(seed)
    events = random_events(np.random.default_rng(seed))
    one, other = (shocks.simulate(made(w), events, SHARP, days=DAYS) for made in FORMS.values())
    np.testing.assert_allclose(one.output, other.output, rtol=1e-9, atol=1e-12 * one.output.max())
    np.testing.assert_allclose(one.consumption, other.consumption, rtol=1e-9, atol=1e-12 * one.output.max())


@few
@given(seed=seeds)
def test_renamed_economies_have_renamed_losses(seed: int) -> None:
    w = world(seed)
    turn = np.array([2, 0, 1])
    base = proportional(w)
    turned = shocks.from_proportional(
        w.trade.values[np.ix_(turn, turn)], w.intermediate.values[turn], w.final.values[turn],
        tariff=w.tariff.values[np.ix_(turn, turn)],
    )  # fmt: skip
    lost = np.random.default_rng(seed).uniform(0.0, 0.9, (R, S))
    a = shocks.simulate(base, [shocks.lost_capacity(lost, 2, 30)], SHARP, days=DAYS)
    b = shocks.simulate(turned, [shocks.lost_capacity(lost[turn], 2, 30)], SHARP, days=DAYS)
    np.testing.assert_allclose(a.output[:, turn], b.output, rtol=1e-9, atol=1e-12 * a.output.max())


@pytest.mark.parametrize("origins", shocks.ORIGINS)
def test_mirrored_worlds_have_mirrored_losses(origins) -> None:
    base, lost = mirror(), np.array([[0.4, 0.0], [0.0, 0.0]])
    closed = np.array([[0.0, 1.0], [0.0, 0.0]])
    a, b = (
        shocks.simulate(
            base,
            [shocks.lost_capacity(x, 2, 20), shocks.closed_link(y, 9, 20)],
            SHARP,
            days=DAYS,
            origins=origins,
        )
        for x, y in ((lost, closed), (lost[::-1], closed[::-1, ::-1]))
    )
    np.testing.assert_allclose(a.output, b.output[:, ::-1], rtol=1e-12)
    np.testing.assert_allclose(a.consumption, b.consumption[:, ::-1], rtol=1e-12)
    assert shocks.consumption_loss(base, a.consumption.sum(2)).max() > 0.01


@pytest.mark.parametrize("form", FORMS)
@few
@given(seed=seeds)
def test_the_band_is_ordered_where_a_shock_lasts(form: str, seed: int) -> None:
    """A shock that ends need not be: users that go on producing leave less for those that must stop."""
    base = FORMS[form](world(seed))
    rng = np.random.default_rng(seed)
    events = [shocks.lost_capacity(rng.uniform(0.0, 0.8, (R, S)) * (rng.uniform(size=(R, S)) < 0.5), 2)]
    band = shocks.simulate_band(base, events, SHARP, days=DAYS)
    none, half, every = (
        1.0 - band[name].output.sum() / (DAYS * base.output.sum()) for name in ("none", "half", "all")
    )
    assert none <= half + 1e-9
    assert half <= every + 1e-9


@few
@given(seed=seeds)
def test_complements_lose_more_than_pooled_stocks(seed: int) -> None:
    base = proportional(world(seed))
    rng = np.random.default_rng(seed)
    links = np.where(np.eye(R, dtype=bool), 0.0, rng.uniform(size=(R, R)) < 0.4)
    pooled, complement = (
        shocks.simulate(base, [shocks.closed_link(links, 2)], SHARP, days=DAYS, origins=origins).output.sum()
        for origins in ("pooled", "complement")
    )
    assert complement <= pooled * (1 + 1e-9)


# The order matrix written out -----------------------------------------------------------------------------


@pytest.mark.parametrize("eta", [0.0, 1.5])
@pytest.mark.parametrize(
    ("origins", "smallest"), [("pooled", 0.0), ("market", 0.0), ("complement", 0.0), ("complement", 0.05)]
)
@pytest.mark.parametrize(
    ("seed", "orders", "rationing"),
    [
        (1, "planned", "industries"), (2, "planned", "industries"),
        (1, "made", "industries"), (2, "planned", "proportional"), (2, "made", "proportional"),
    ],
)  # fmt: skip
def test_the_factorised_program_is_the_order_matrix(
    seed: int, orders, rationing, origins: str, smallest: float, eta: float
) -> None:
    w = world(seed, tariff=0.0)
    rng = np.random.default_rng(seed)
    events = random_events(rng)
    capacity, labour, demand, link = events
    settings = SHARP._replace(
        substitution=eta,
        demand_response=0.5,
        overproduction=1.3,
        overproduction_days=40.0,
        psi=0.7,
        smallest_input=smallest,
        orders=orders,
        rationing=rationing,
    )
    days = DAYS
    path = [event.path(days) for event in events]
    Z, Y = w.flows()
    twin = Twin(
        Z / 365, Y.reshape(R * S, R, -1) / 365, R, 6.0, 4.0, 0.7, 1.3, 40.0, eta, np.array(SHARP.rating),
        response=0.5, smallest=smallest, complement=origins == "complement",
        market=origins == "market", closed=link.lost,
        planned=orders == "planned", industries=rationing == "industries",
    ).run(
        days,
        lambda t: 1 - ((1 - path[0][t] * capacity.lost) * (1 - path[1][t] * labour.lost)).reshape(-1),
        lambda t: 1 - path[2][t] * np.broadcast_to(demand.lost.T[None, :, :, None], (R, S, R, 1)).reshape(R * S, R, 1),
        lambda t: 1 - path[3][t] * link.lost,
    )  # fmt: skip
    for made in FORMS.values():
        record = shocks.simulate(
            made(w), events, settings, days=days, criticality="half", origins=origins,
        )  # fmt: skip
        largest = record.output.max()
        np.testing.assert_allclose(record.output, np.array(twin.output), rtol=1e-9, atol=1e-11 * largest)
        np.testing.assert_allclose(
            record.consumption, np.array(twin.consumption), rtol=1e-9, atol=1e-11 * largest
        )


def test_the_market_replaces_a_partner_that_closes() -> None:
    """Economy 0 buys a good from 1 alone, and 2 exports it elsewhere: the market brings 0 what 1 no longer sends."""
    links = np.zeros((4, 4, 1))
    links[0, 0], links[1, 1], links[2, 2], links[3, 3] = 4.0, 10.0, 10.0, 4.0
    links[1, 0], links[2, 3] = 6.0, 6.0
    nothing = np.zeros((4, 1, 1))
    base = shocks.from_proportional(links, nothing, links.sum(axis=0)[..., None])
    cut = [shocks.embargo(4, 1, origin=[1], destination=[0], sector=[0])]
    settings = SHARP._replace(rating=[[1.0]], overproduction=1.0)
    pooled, market = (
        shocks.simulate(base, cut, settings, days=3, origins=origins).consumption[-1, :, 0]
        for origins in ("pooled", "market")
    )
    x = links[..., 0] / 365
    # Fixed partners: what 1 sent is lost. On the market only 2 can be reached, and its 16 are asked for 16 + 6.
    np.testing.assert_allclose(pooled, x.sum(axis=0) - [6 / 365, 0, 0, 0], rtol=1e-12)
    served = 16 / 22
    expected = np.array([4 + 6 * served, 10, 10 * served, 4 + 6 * served]) / 365
    np.testing.assert_allclose(market, expected, rtol=1e-12)


def test_without_exports_the_market_is_nobody() -> None:
    """Economies that do not trade lose the same, whether a world market could be asked or not."""
    home = np.zeros((R, R, S))
    home[np.arange(R), np.arange(R)] = [[8.0, 5.0], [3.0, 9.0], [6.0, 6.0]]
    used = np.full((R, S, S), 0.5)
    base = shocks.from_proportional(home, used, home.sum(axis=0)[..., None] - used.sum(axis=2)[..., None])
    lost = [shocks.lost_capacity(np.array([[0.6, 0.0], [0.0, 0.3], [0.0, 0.0]]), 2, 20)]
    for eta in (0.0, 1.0):
        one, other = (
            shocks.simulate(base, lost, SHARP._replace(substitution=eta), days=DAYS, origins=origins).output
            for origins in ("pooled", "market")
        )
        np.testing.assert_allclose(one, other, rtol=1e-12)


# Closed forms ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stock_days", [np.inf, 30.0])
@pytest.mark.parametrize("seed", [3, 4])
def test_lost_demand_alone_leads_to_leontief(seed: int, stock_days: float) -> None:
    w = world(seed, tariff=0.0)
    base = dense(w)
    lost = np.random.default_rng(seed).uniform(0.0, 0.6, (R, S))
    record = shocks.simulate(
        base, [shocks.lost_demand(lost)], SHARP._replace(stock_days=stock_days), days=200
    )
    Z, Y = w.flows()
    x0 = Z.sum(1) + Y.sum(1)
    left = (Y.reshape(R, S, R) * (1.0 - lost.T[None])).sum(axis=2).reshape(-1)
    expected = np.linalg.solve(np.eye(R * S) - Z / x0, left)
    np.testing.assert_allclose(365 * record.output[-1].reshape(-1), expected, rtol=1e-9)


def chain() -> shocks.Base:
    """The first economy makes a part, of which the second makes a good for itself; nothing else is made."""
    trade = np.zeros((2, 2, 2))
    trade[0, 1, 0] = 365.0
    trade[1, 1, 1] = 1000.0
    trade[1, 0, 1] = 460.0
    intermediate = np.zeros((2, 2, 2))
    intermediate[1, 0, 1] = 365.0
    final = np.zeros((2, 2, 1))
    final[1, 1, 0], final[0, 1, 0] = 1000.0, 460.0
    return shocks.from_proportional(trade, intermediate, final)


@pytest.mark.parametrize(("criticality", "share"), [("all", 1.0), ("half", 0.5), ("none", 0.0)])
def test_stocks_last_the_days_they_are_held_for(criticality, share: float) -> None:
    """Cut off, stocks fall by a day's use a day; below psi n days output follows them: days against days."""
    base, n, psi = chain(), 20.0, 0.5
    settings = Settings(stock_days=n, psi=psi, rating=[[0.5, 0.5], [0.0, 0.0]])
    cut = shocks.embargo(2, 2, origin=[0], destination=[1], sector=[0])
    record = shocks.simulate(base, [cut], settings, days=60, criticality=criticality)
    expected, stock, use = [], n, 1.0
    for _ in range(60):
        use = 1.0 - share * max(1.0 - stock / (psi * n), 0.0)
        expected.append(use)
        stock = max(stock - use, 0.0)
    output = record.output[:, 1, 1] * 365.0 / 1460.0
    np.testing.assert_allclose(output, expected, rtol=1e-12)
    assert (output[:11] == pytest.approx(1.0)) and (share == 0 or output[11] < 1)
    assert (record.binding[output < 1 - 1e-9, 1, 1] == 0).all()


def test_capacity_and_labour_multiply() -> None:
    base = mirror()
    one, two = np.full((2, 2), 0.2), np.full((2, 2), 0.5)
    settings = Settings(overproduction=1.0)
    events = [shocks.lost_capacity(one, 5), shocks.lost_labour(two, 5), shocks.lost_capacity(one, 5)]
    record = shocks.simulate(base, events, settings, days=DAYS)
    np.testing.assert_allclose(record.output[5] / base.output, 0.6 * 0.5)
    np.testing.assert_allclose(record.output[4] / base.output, 1.0)


def test_overproduction_follows_scarcity() -> None:
    """Capacity 1 - d, orders as before: the first day's level is 1 + (max - 1) d / time on the next."""
    base, d = mirror(), 0.3
    settings = Settings(overproduction=1.25, overproduction_days=100.0)
    record = shocks.simulate(base, [shocks.lost_capacity(np.full((2, 2), d), 0, 1)], settings, days=DAYS)
    assert record.output[0, 0, 0] == pytest.approx((1 - d) * base.output[0, 0])
    # Users need a (x + gap / tau): orders on day 1 exceed capacity, so the level of day 1 binds.
    need = shocks.simulate(base, [shocks.lost_capacity(np.full((2, 2), d))], settings, days=DAYS)
    level = need.output[1, 0, 0] / ((1 - d) * base.output[0, 0])
    assert 1.0 < level <= 1.0 + 0.25 * d / 100.0 * 1.01


def test_fixed_suppliers_lose_what_a_border_stops_and_others_find_it_elsewhere() -> None:
    base = proportional(world(5, tariff=0.0))
    links = np.zeros((R, R))
    links[1, 0] = 1.0
    event = [shocks.closed_link(0.5 * links, 0)]
    fixed = shocks.simulate(base, event, SHARP, days=DAYS)
    moved = shocks.simulate(base, event, SHARP._replace(substitution=1.0), days=DAYS)
    mix = np.asarray(base.mix)[..., 0]  # [sector, buyer, origin]
    expected = (np.asarray(base.final)[:, 0, 0] * (1.0 - 0.5 * mix[:, 0, 1])).sum()
    assert fixed.consumption[0, 0, 0] == pytest.approx(expected, rel=1e-12)
    assert moved.consumption[0, 0, 0] > fixed.consumption[0, 0, 0]
    lost = base.output[1] - fixed.output[0, 1]
    bought = (
        np.asarray(base.final)[:, 0].sum(1) + (np.asarray(base.inputs)[:, 0] * base.output[0]).sum(1)
    ) * mix[:, 0, 1]
    np.testing.assert_allclose(lost, 0.5 * bought, rtol=1e-9)


def test_reconstruction_buys_exactly_what_was_destroyed() -> None:
    base = mirror()
    lost = np.array([[0.1, 0.05], [0.0, 0.0]])
    settings = Settings(builders=[0.25, 0.75], rebuild_days=30.0)
    record = shocks.simulate(base, [shocks.destroyed_capital(lost, 4)], settings, days=730)
    destroyed = (lost * base.capital).sum(axis=1)
    assert record.reconstruction[3].sum() == 0.0
    assert 0.9 * destroyed[0] < record.reconstruction[4, 0] < destroyed[0]
    assert (np.diff(record.reconstruction[4:, 0]) <= 0).all()
    assert record.reconstruction[-1, 0] < 1e-3 * destroyed[0]
    assert (record.reconstruction[:, 1] == 0).all()
    # Orders exceed output from that day on, so that overproduction sets in: at most (max - 1) / time.
    np.testing.assert_allclose(record.output[4, 0] / base.output[0], 1 - lost[0], rtol=0.25 / 365)
    np.testing.assert_allclose(record.output[-1], base.output, rtol=1e-3)


def test_demand_responds_to_income() -> None:
    base = mirror()
    event = [shocks.lost_capacity(np.array([[0.5, 0.5], [0.0, 0.0]]), 0)]
    still, moved = (
        shocks.simulate(base, event, Settings(demand_response=share), days=DAYS).consumption.sum()
        for share in (0, 0.8)
    )
    assert moved < still


def test_duties_are_part_of_cost() -> None:
    w = world(6)
    for made in FORMS.values():
        np.testing.assert_allclose(made(w).value_added * 365, w.value_added.values, rtol=1e-9)
        np.testing.assert_allclose(made(w).output * 365, w.output.values, rtol=1e-9)


def test_small_inputs_do_not_stop_an_industry() -> None:
    """The threshold is a share of output: days or years of flows make no difference to it."""
    base = chain()
    cut = shocks.embargo(2, 2, origin=[0], destination=[1], sector=[0])
    bound, free = (
        shocks.simulate(base, [cut], Settings(stock_days=10.0, smallest_input=limit), days=DAYS).output[
            -1, 1, 1
        ]
        for limit in (0.249, 0.251)  # the part is a quarter of the good
    )
    assert bound < 0.1 * free
    assert free == pytest.approx(base.output[1, 1])


@pytest.mark.parametrize("criticality", shocks.CRITICALITY)
def test_endless_stocks_never_stop_anybody(criticality: str) -> None:
    """With stocks that never end only capacity limits output, in a full table too."""
    base = dense(world(9, tariff=0.0))
    lost = np.zeros((R, S))
    lost[0, 0] = 0.5
    settings = SHARP._replace(stock_days=np.inf, overproduction=1.0)
    still = shocks.simulate(base, [], settings, days=DAYS, criticality=criticality)
    np.testing.assert_allclose(still.output, np.broadcast_to(base.output, still.output.shape), rtol=1e-12)
    record = shocks.simulate(
        base, [shocks.lost_capacity(lost, 3, 10)], settings, days=DAYS, criticality=criticality
    )
    assert (record.binding == -1).all()
    np.testing.assert_allclose(record.output[3:13, 0, 0], 0.5 * base.output[0, 0])


def test_a_small_group_of_origins_does_not_stop_an_industry() -> None:
    """Where origins are complements, the threshold is held against what each group gives, not against the whole."""
    base = proportional(world(3, tariff=0.0))
    links = np.zeros((R, R))
    links[0, 1] = 1.0  # economy 0 sells no more to 1
    given = base.mix[:, 1, 0, 0, None] * base.inputs[:, 1]  # [input, user], by the closed origin
    whole = base.inputs[:, 1]
    limit = float(given.max() * 1.01)
    assert whole.max() > 2 * limit
    event = [shocks.closed_link(links, 2)]
    lost, kept = (
        1
        - shocks.simulate(base, event, SHARP._replace(smallest_input=bound), days=12, origins="complement")
        .output[:, 1]
        .sum()
        / (12 * base.output[1].sum())
        for bound in (0.0, limit)
    )
    assert lost > 0.1
    assert kept < 0.5 * lost


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Event("capacity", np.ones(1), 2, 3), [0, 0, 1, 1, 1, 0, 0, 0]),
        (Event("capacity", np.ones(1), 1, 2, 3.0, "linear"), [0, 1, 1, 0.75, 0.5, 0.25, 0, 0]),
        (Event("capacity", np.ones(1), 0, 2, 2.0, "exponential"), [1, 1, *np.exp(-np.arange(1, 7) / 2)]),
        (Event("capacity", np.ones(1), 5), [0, 0, 0, 0, 0, 1, 1, 1]),
    ],
)
def test_shapes_of_recovery(event: Event, expected: list[float]) -> None:
    np.testing.assert_allclose(event.path(8), expected, rtol=1e-12)


def test_many_scenarios_are_many_simulations() -> None:
    base = proportional(world(7))
    scenarios = [random_events(np.random.default_rng(n))[: n % 5] for n in range(7)]
    for together in (1, 3):
        many = shocks.simulate_many(base, scenarios, SHARP, days=DAYS, together=together)
        for n, events in enumerate(scenarios):
            one = shocks.simulate(base, events, SHARP, days=DAYS)
            np.testing.assert_allclose(many.consumption[n], one.consumption.sum(axis=2), rtol=1e-10)
            np.testing.assert_allclose(many.output[n], one.output.mean(axis=0), rtol=1e-10)


def test_measures() -> None:
    base = mirror()
    c0 = base.consumption.sum(axis=1)
    consumption = np.repeat(c0[None], 10, axis=0)
    consumption[3:7, 1] *= [0.94, 0.96, 0.5, 0.951]
    lost = shocks.consumption_loss(base, consumption)
    np.testing.assert_allclose(lost, [0.0, (0.06 + 0.04 + 0.5 + 0.049) / 10], atol=1e-15)
    np.testing.assert_array_equal(shocks.days_below(base, consumption), [0.0, 2.0])
    np.testing.assert_allclose(shocks.output_loss(base, np.stack([0.5 * base.output] * 4)), 0.5)


def test_losses_by_day_are_an_event_of_their_own() -> None:
    base = proportional(world(3))
    R, S = base.output.shape
    lost = np.random.default_rng(1).uniform(0.0, 0.4, (R, S))
    steady = shocks.simulate(base, [shocks.lost_capacity(lost, 2, 5)], SHARP, days=DAYS)
    path = np.zeros((DAYS, R, S))
    path[2:7] = lost
    daily = shocks.simulate(base, [shocks.course(path)], SHARP, days=DAYS)
    np.testing.assert_allclose(daily.output, steady.output, rtol=1e-12)
    # Two courses multiply, and many scenarios may have one or none.
    both = shocks.simulate(base, [shocks.course(path), shocks.course(path)], SHARP, days=DAYS)
    whole = shocks.simulate(base, [shocks.course(1.0 - (1.0 - path) ** 2)], SHARP, days=DAYS)
    np.testing.assert_allclose(both.output, whole.output, rtol=1e-12)
    many = shocks.simulate_many(base, [[], [shocks.course(path)]], SHARP, days=DAYS)
    np.testing.assert_allclose(many.consumption[1], daily.consumption.sum(axis=2), rtol=1e-12)
    np.testing.assert_allclose(
        many.consumption[0], np.broadcast_to(base.consumption.sum(axis=1), (DAYS, R)), rtol=1e-9
    )
    with pytest.raises(InputError, match="days simulated x economies x sectors"):
        shocks.simulate(base, [shocks.course(path[1:])], SHARP, days=DAYS)
