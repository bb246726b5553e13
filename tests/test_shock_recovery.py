"""A passing accident passes: stocks refill, and consumption comes back, when what was lost is there again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st
from random_worlds import Recipe, random_world
from shock_worlds import proportional

from ecumene import load_world
from ecumene.models import shocks
from ecumene.models.shock_events import Event
from ecumene.models.shocks import Base, Settings
from ecumene.security.assess import BAND
from ecumene.security.parameters import settings_of
from ecumene.types import FloatArray

DAYS = 730
LENGTH = 60
STOCKS = np.array([3.0, 15.0, 45.0])
PUBLISHED = {"orders": "made", "rationing": "proportional"}


def stop(base: Base, economy: int, sector: int) -> list[Event]:
    lost = np.zeros(base.output.shape)
    lost[economy, sector] = 1.0
    return [shocks.lost_capacity(lost, 10, LENGTH)]


def destroyed(base: Base, economy: int, share: float) -> list[Event]:
    lost = np.zeros(base.output.shape)
    lost[economy] = share
    return [shocks.destroyed_capital(lost, 10)]


def at_the_end(
    base: Base, scenarios: list[list[Event]], settings: Settings, end: str = "central", **rules: str
) -> FloatArray:
    """Consumption of the last day over the base's [scenario, economy]."""
    assumed = BAND[end]
    many = shocks.simulate_many(
        base, scenarios, assumed.settings(settings)._replace(**rules), days=DAYS,
        criticality=assumed.criticality, origins=assumed.origins,
    )  # fmt: skip
    return many.consumption[:, -1] / base.consumption.sum(axis=1)


@pytest.mark.parametrize("end", BAND)
@profile(max_examples=12, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_worlds_recover(end: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    recipe = Recipe(zero_links=0.1, no_home=0.0, tariff=0.2, inputs=float(rng.uniform(0.3, 0.7)))
    base = proportional(random_world(3, 3, rng, recipe))
    settings = Settings(
        stock_days=rng.permutation(STOCKS), rating=rng.choice([0.0, 0.5, 1.0], (3, 3)),
        builders=rng.dirichlet(np.ones(3)), demand_response=0.48,
    )  # fmt: skip
    back = at_the_end(base, [stop(base, 0, int(rng.integers(3)))], settings, end)
    assert back.min() >= 0.99
    # Rebuilding takes as long as builders need: consumption is nearly back where their work is not yet done.
    assert at_the_end(base, [destroyed(base, 0, 0.01)], settings, end).min() >= 0.95


@pytest.fixture(scope="module")
def nine() -> tuple[Base, Settings, list[list[Event]]]:
    """Eight economies and the rest of the world; long accidents in three of them, and destroyed capital."""
    world = load_world("reference").select(["DEU", "USA", "CHN", "TWN", "KOR", "JPN", "RUS", "GEO"])
    base = proportional(world)
    hit = [world.economies.index(code) for code in ("ROW", "CHN", "GEO")]
    core = [
        world.sectors.index(code) for code in ("energy_extraction", "utilities_construction", "refined_fuels")
    ]
    scenarios = [stop(base, n, k) for n in hit for k in core] + [destroyed(base, n, 0.02) for n in hit]
    return base, settings_of(world)[0], scenarios


def test_the_reference_world_recovers(nine) -> None:
    base, settings, scenarios = nine
    assert at_the_end(base, scenarios, settings).min() >= 0.99


def test_the_published_rules_can_stay_down(nine) -> None:
    """Orders for what was made, rationed alike, are kept as published: they can hold output low for good."""
    base, settings, scenarios = nine
    low = at_the_end(base, scenarios, settings, **PUBLISHED).min(axis=1)
    assert (low[:3] < 0.5).all()  # the rest of the world
    assert (low[-3:] < 0.5).all()  # capital


def one_good(use: float) -> Base:
    """One economy, one sector that uses its own good."""
    flows = np.array([[[365.0]]])
    return shocks.from_proportional(flows, use * flows, (1.0 - use) * flows[..., None][:, :, 0])


@pytest.mark.parametrize("criticality", ["all", "none"])
def test_industries_are_served_first(criticality) -> None:
    """While capacity is 1 - d of a good of which industry orders u, final uses get 1 - d - u."""
    use, lost = 0.4, 0.3
    base = one_good(use)
    event = [shocks.lost_capacity(np.full((1, 1), lost), 0)]
    plain = Settings(overproduction=1.0, rating=[[1.0]])
    first = shocks.simulate(base, event, plain, days=3, criticality=criticality)
    np.testing.assert_allclose(first.consumption[0], 1.0 - lost - use, rtol=1e-12)
    alike = shocks.simulate(
        base, event, plain._replace(rationing="proportional"), days=3, criticality=criticality
    )
    np.testing.assert_allclose(alike.consumption[0], (1.0 - use) * (1.0 - lost), rtol=1e-12)


def test_what_is_below_its_use_is_left_to_industries_alone() -> None:
    """Where less is made than industries order, final uses get nothing and industries share it."""
    base = one_good(0.8)
    event = [shocks.lost_capacity(np.full((1, 1), 0.5), 0, 1)]
    record = shocks.simulate(base, event, Settings(overproduction=1.0), days=2)
    assert record.consumption[0, 0, 0] == 0.0
    assert record.gap <= 1e-12


@pytest.mark.parametrize("orders", shocks.ORDERS)
def test_a_starved_industry_orders_for_its_plan_or_for_what_it_made(orders) -> None:
    """When a part comes again its user orders a day's use, of its plan or of what it made, and some of what lacks."""
    trade = np.zeros((2, 2, 2))
    trade[0, 1, 0], trade[1, 1, 1] = 365.0, 1460.0
    used = np.zeros((2, 2, 2))
    used[1, 0, 1] = 365.0
    final = trade.sum(axis=0)[..., None] - used.sum(axis=2)[..., None]
    base = shocks.from_proportional(trade, used, final)
    n, psi, tau = 20.0, 1.0, 30.0
    cut = shocks.embargo(2, 2, origin=[0], destination=[1], sector=[0], length=20)
    settings = Settings(stock_days=n, psi=psi, restoring_days=tau, overproduction=1.0, orders=orders)
    record = shocks.simulate(base, [cut], settings, days=40)
    part, good = record.output[:, 0, 0], record.output[:, 1, 1] / 4.0
    # Stock over daily use: what was used is gone; nothing comes for twenty days.
    stock = n - good[:20].sum()
    assert good[19] == pytest.approx((1 - 1 / n) ** 19)
    planned = 1.0
    ordered = good[19] + (planned - good[19] if orders == "planned" else 0.0) + (n * planned - stock) / tau
    assert part[20] == pytest.approx(min(ordered, 1.0))
