"""Security: the coupling with orders, chance, the tail and its error, resuming, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_worlds import Recipe, random_world
from small_world import make_world

import ecumene as ec
from ecumene import sectors
from ecumene.errors import InputError, MissingLayerError, ShockError
from ecumene.models import shocks, trade
from ecumene.models.shock_settings import INPUT_KINDS
from ecumene.orders import apply, load_order, order_from_text
from ecumene.security import assess, chance, numbers, parameters, store
from ecumene.security.assess import expected_shortfall, tail_of
from ecumene.security.flows import flows_of
from ecumene.security.parameters import settings_of
from ecumene.shocks import Shock, shock_from_text
from ecumene.shocks.schema import Chance
from ecumene.world import World

DAYS = 30
HIT = shock_from_text(
    "name: hit\ntitle: Hit\ndays: 30\ncapacity: [{economies: CHN, sectors: Manufactures, share: 0.5, length: 10}]\n"
)
LUCK = shock_from_text(
    "name: luck\ntitle: Luck\ndays: 30\nchance:\n"
    "  industry: {per_year: 2, share: [0.1, 0.8], days: [5, 20]}\n"
    "  economy: {per_year: 1, share: [0.1, 0.8], days: [5, 20]}\n"
)
DRAWS = 40


def quiet(label: str) -> None:
    """A callback that says nothing."""


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


def base_under(world: World, order: str) -> shocks.Base:
    policy = apply(load_order(order), world)
    return flows_of(trade.solve(world, iceberg=policy.iceberg, tariff=policy.tariff))


@pytest.fixture(scope="module")
def base(world: World) -> shocks.Base:
    return base_under(world, "today")


@pytest.fixture(scope="module")
def comparison(world: World) -> ec.Comparison:
    return ec.compare(world, ["today", "self-sufficient"], shocks=[HIT, LUCK], security=DRAWS, seed=3)


# The coupling with an order


def test_today_starts_from_the_worlds_own_flows() -> None:
    world = random_world(5, 3, np.random.default_rng(5), Recipe(tariff=0.3))
    found = flows_of(trade.solve(world, deficits="fixed"))
    T, t = world.trade.values, world.tariff.values
    assert t.max() > 0.05
    scale = T.sum()
    output = T.sum(axis=1)
    np.testing.assert_allclose(365 * found.output, output, atol=1e-9 * scale)
    inputs_with_duties = world.intermediate.values.sum(axis=1)
    np.testing.assert_allclose(365 * found.value_added, output - inputs_with_duties, atol=1e-9 * scale)
    bought, paid = T.sum(axis=0), (T * (1 + t)).sum(axis=0)
    kept = np.divide(bought, paid, out=np.zeros_like(paid), where=paid > 0)
    final = (world.final.values.sum(axis=2) * kept).sum(axis=1)
    np.testing.assert_allclose(365 * found.consumption.sum(axis=1), final, atol=1e-9 * scale)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), rate=st.floats(0.0, 2.0))
def test_duties_stand_between_what_users_pay_and_what_sellers_receive(seed: int, rate: float) -> None:
    """Cost shares are constant at any tariff: value added is the same share of output, duties on inputs included."""
    world = random_world(4, 2, np.random.default_rng(seed), Recipe(no_home=0.0))
    away = ~np.eye(4, dtype=bool)[:, :, None]
    eq = trade.solve(world, tariff=world.tariff.values + rate * away)
    assert eq.ok
    found = flows_of(eq)
    before = world.trade.values.sum(axis=1)
    share = 1.0 - world.intermediate.values.sum(axis=1) / before
    np.testing.assert_allclose(found.value_added, share * found.output, atol=1e-8 * found.output.max())
    shares = found.mix[..., 0].transpose(2, 1, 0)  # origin, destination, sector
    trade_now = eq.trade.values
    np.testing.assert_allclose(shares * trade_now.sum(axis=0), trade_now, atol=1e-12 * trade_now.max())


def test_without_a_shock_nothing_is_lost_under_any_order(world: World) -> None:
    for order in ("today", "two-blocs", "self-sufficient"):
        found = base_under(world, order)
        record = shocks.simulate(found, [], settings_of(world)[0], days=DAYS, criticality="half")
        loss = shocks.consumption_loss(found, record.consumption.sum(axis=2))
        np.testing.assert_allclose(loss, 0.0, atol=1e-9, err_msg=order)


def test_losses_are_shares_of_each_orders_own_consumption(world: World) -> None:
    before, after = (base_under(world, order) for order in ("today", "self-sufficient"))
    assert np.abs(after.output / before.output - 1).max() > 0.01  # other flows, at other prices
    half = shocks.lost_demand(np.full(before.output.shape, 0.5))
    for found in (before, after):
        record = shocks.simulate(found, [half], shocks.Settings(), days=DAYS, criticality="none")
        loss = shocks.consumption_loss(found, record.consumption.sum(axis=2))
        np.testing.assert_allclose(loss, 0.5, atol=1e-6)


def test_an_order_without_trade_feels_nothing_of_failures_abroad(comparison: ec.Comparison) -> None:
    closed = comparison.data.sel(order="self-sufficient")
    failures = closed["supplier_loss"].values
    away = ~np.eye(len(failures), dtype=bool)
    np.testing.assert_allclose(failures[away], 0.0, atol=1e-10)
    assert (failures[~away] > 1.0).all()
    hit = closed["shock_loss"].sel(shock="hit")
    elsewhere = hit.sel(economy=[code for code in hit["economy"].values if code != "CHN"])
    np.testing.assert_allclose(elsewhere.values, 0.0, atol=1e-10)
    assert (hit.sel(economy="CHN").values > 0.5).all()
    today = comparison.data.sel(order="today")
    assert (today["supplier_loss"].values[away] > 0).all()
    assert (today["shock_loss"].sel(shock="hit", band="most").values > 0.01).all()


def test_levels_are_real_income_times_what_is_left(comparison: ec.Comparison) -> None:
    data = comparison.data
    gain = 1 + data["real_income"].sel(quantile="central", drop=True) / 100
    left = 1 - data["shock_loss"] / 100
    expected = 100 * (gain * left - 1)
    found = data["real_income_after_shock"]
    np.testing.assert_allclose(found.values, expected.transpose(*found.dims).values, atol=1e-9)
    assert found.sel(order="today", shock="hit", economy="CHN", band="central") < 0


def test_two_names_of_one_order_have_the_same_security(world: World) -> None:
    text = "name: other\ntitle: Other\n"
    orders = [order_from_text(text.replace("other", name)) for name in ("one", "two")]
    data = ec.compare(world, orders, shocks=[HIT, LUCK], security=DRAWS, seed=3).data
    for name in ("shock_loss", "expected_loss", "expected_shortfall", "supplier_loss"):
        first, second = data[name].values
        np.testing.assert_array_equal(first, second)


# Chance


def frequency(**changes: object) -> dict:
    return {"per_year": 5, "share": [0.2, 0.9], "days": [3, 9], **changes}


def test_a_draw_depends_on_the_seed_its_number_and_the_size_alone() -> None:
    rules = Chance.model_validate({"industry": frequency(), "economy": frequency(), "sector": frequency()})
    first = chance.draw(rules, 60, 4, 3, seed=1, number=7)
    chance.draw(rules, 60, 4, 3, seed=1, number=8)
    np.testing.assert_array_equal(first, chance.draw(rules, 60, 4, 3, seed=1, number=7))
    assert first.shape == (60, 4, 3)
    assert first.any()
    for seed, number in ((2, 7), (1, 8), (7, 1)):
        assert (chance.draw(rules, 60, 4, 3, seed=seed, number=number) != first).any()


def test_every_order_meets_the_same_accidents(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[bytes] = []
    true_draw = chance.draw

    def noted(*arguments: object) -> np.ndarray:
        lost = true_draw(*arguments)  # type: ignore[arg-type]
        drawn.append(lost.tobytes())
        return lost

    monkeypatch.setattr(assess.chance, "draw", noted)
    met = []
    for order in ("today", "self-sufficient"):
        drawn.clear()
        tail_of(base_under(world, order), LUCK, settings_of(world)[0], 8, 5, order, None, quiet)
        met.append(list(drawn))
    assert met[0] == met[1]
    assert len(met[0]) == 3 * 8
    assert met[0][:8] == met[0][8:16] == met[0][16:]  # and under every assumption
    assert len(set(met[0][:8])) == 8


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), per_year=st.floats(0, 50))
def test_accidents_that_meet_never_take_more_than_there_is(seed: int, per_year: float) -> None:
    often = frequency(per_year=per_year, share=[0.7, 1.0], days=[5, 60])
    rules = Chance.model_validate({"industry": often, "economy": often, "sector": often})
    lost = chance.draw(rules, 60, 3, 2, seed=seed, number=0)
    assert lost.min() >= 0
    assert lost.max() <= 1


def test_accidents_that_meet_multiply() -> None:
    rules = Chance.model_validate({"economy": frequency(per_year=50, share=[0.5, 0.5], days=[20, 20])})
    lost = chance.draw(rules, 365, 2, 2, seed=0, number=0)
    met = -np.log2(1 - lost)
    np.testing.assert_allclose(met, np.round(met), atol=1e-9)
    assert met.max() >= 3
    np.testing.assert_array_equal(lost[:, :, 0], lost[:, :, 1])  # an economy as a whole


@pytest.mark.parametrize(("kind", "places"), [("industry", 12), ("economy", 4), ("sector", 3)])
def test_accidents_are_as_frequent_as_stated(kind: str, places: int) -> None:
    rules = Chance.model_validate({kind: {"per_year": 2.0, "share": [1.0, 1.0], "days": [1, 1]}})
    n = 400
    hit = sum(chance.draw(rules, 365, 4, 3, seed=9, number=i).sum() for i in range(n)) / (12 / places)
    expected = n * places * 365 * -np.expm1(-2.0 / 365)  # days with at least one accident
    assert abs(hit - expected) < 4 * np.sqrt(expected)


# Mean and tail


def test_the_worst_five_percent_by_hand() -> None:
    loss = np.random.default_rng(0).permutation(np.arange(1.0, 41.0))[None, :, None]
    mean, error = expected_shortfall(loss)
    assert mean.item() == 39.5
    assert error.item() == pytest.approx(np.sqrt((0.5 + 0.95 * 0.25) / 2), rel=1e-12)


@pytest.mark.parametrize(("draws", "worst"), [(1, 1), (20, 1), (21, 2), (100, 5), (1000, 50)])
def test_how_many_draws_are_the_worst(draws: int, worst: int) -> None:
    mean, error = expected_shortfall(np.arange(draws, dtype=float)[None, :, None])
    assert mean.item() == pytest.approx(draws - 1 - (worst - 1) / 2)
    assert np.isnan(error.item()) == (worst == 1)


def test_the_standard_error_is_that_of_a_known_distribution() -> None:
    """Exponential losses: beyond its quantile ln 20 the tail has mean and variance 1, so the shortfall is ln 20 + 1."""
    n, samples = 1000, 1500
    loss = np.random.default_rng(4).exponential(size=(1, n, samples))
    mean, error = (part[0] for part in expected_shortfall(loss))
    assert abs(mean.mean() - (np.log(20) + 1)) < 0.03
    assert abs(np.sqrt((error**2).mean()) / mean.std() - 1) < 0.08
    assert abs(np.sqrt((error**2).mean()) / np.sqrt((1 + 0.95) / (0.05 * n)) - 1) < 0.05
    inside = np.abs(mean - (np.log(20) + 1)) < 1.96 * error
    assert 0.90 < inside.mean() < 0.97


def test_the_standard_error_agrees_with_a_bootstrap() -> None:
    random = np.random.default_rng(8)
    sample = random.pareto(4.0, 2000)
    again = random.choice(sample, (1, 2000, 800))
    spread = expected_shortfall(again)[0].std()
    _, error = expected_shortfall(sample[None, :, None])
    assert abs(error.item() / spread - 1) < 0.15


def test_expected_loss_and_days_are_means_over_draws(world: World, base: shocks.Base, tmp_path: Path) -> None:
    options = settings_of(world)[0]
    tail = tail_of(base, LUCK, options, DRAWS, 3, "k", tmp_path, quiet)
    kept = store.read(tmp_path, "k-central", 6)
    at = list(assess.BAND).index("central")
    np.testing.assert_allclose(tail.expected_loss[at], kept.loss.mean(axis=0))
    np.testing.assert_allclose(tail.expected_days_below[at], kept.days_below.mean(axis=0))
    np.testing.assert_allclose(tail.expected_loss_error[at], kept.loss.std(axis=0, ddof=1) / np.sqrt(DRAWS))
    assert (tail.expected_shortfall >= tail.expected_loss).all()
    assert (tail.expected_loss[at] > 0).all()


def test_one_draw_alone_is_simulated_as_the_ensemble_does(
    world: World, base: shocks.Base, tmp_path: Path
) -> None:
    assert LUCK.chance is not None
    options = settings_of(world)[0]
    tail_of(base, LUCK, options, DRAWS, 3, "k", tmp_path, quiet)
    lost = chance.draw(LUCK.chance, DAYS, 6, 3, 3, 17)
    record = shocks.simulate(
        base, [shocks.course(lost)], options._replace(substitution=1.0), days=DAYS, criticality="half"
    )
    loss = 100 * shocks.consumption_loss(base, record.consumption.sum(axis=2))
    np.testing.assert_allclose(store.read(tmp_path, "k-central", 6).loss[17], loss, atol=1e-9)


# Stopping and going on


class Stopped(Exception):
    """What a user's Ctrl-C is here."""


def stop_after(count: int):
    left = iter(range(count))

    def tick(label: str) -> None:
        if next(left, None) is None:
            raise Stopped

    return tick


@pytest.mark.parametrize("after", [5, 20, 60])
def test_a_stopped_ensemble_goes_on_where_it_was(
    world: World, base: shocks.Base, tmp_path: Path, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = settings_of(world)[0]
    whole = tail_of(base, LUCK, options, DRAWS, 3, "k", None, quiet)
    with pytest.raises(Stopped):
        tail_of(base, LUCK, options, DRAWS, 3, "k", tmp_path, stop_after(after))
    kept = sum(len(store.read(tmp_path, f"k-{name}", 6).loss) for name in assess.BAND)
    assert kept >= after
    drawn, ticks = [], []
    true_draw = chance.draw
    monkeypatch.setattr(assess.chance, "draw", lambda *a: drawn.append(a[-1]) or true_draw(*a))
    again = tail_of(base, LUCK, options, DRAWS, 3, "k", tmp_path, ticks.append)
    assert len(drawn) == 3 * DRAWS - kept
    assert len(ticks) == 3 * DRAWS  # progress ends where it is full
    for first, second in zip(whole, again, strict=True):
        np.testing.assert_array_equal(first, second)


def test_more_draws_begin_with_those_that_are_done(world: World, base: shocks.Base, tmp_path: Path) -> None:
    options = settings_of(world)[0]
    tail_of(base, LUCK, options, 16, 3, "k", tmp_path, quiet)
    more = tail_of(base, LUCK, options, DRAWS, 3, "k", tmp_path, quiet)
    whole = tail_of(base, LUCK, options, DRAWS, 3, "k", None, quiet)
    fewer = tail_of(base, LUCK, options, 16, 3, "k", tmp_path, quiet)
    np.testing.assert_array_equal(more.expected_shortfall, whole.expected_shortfall)
    alone = tail_of(base, LUCK, options, 16, 3, "k", None, quiet)
    np.testing.assert_array_equal(fewer.expected_loss, alone.expected_loss)


def spoil_with_noise(path: Path) -> None:
    path.write_bytes(b"not a file of draws")


def spoil_by_cutting(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:200])


def spoil_with_holes(path: Path) -> None:
    np.savez(path, format=np.array(1), loss=np.full((3, 6), np.nan), days_below=np.zeros((3, 6)))


def spoil_with_another_world(path: Path) -> None:
    np.savez(path, format=np.array(1), loss=np.zeros((3, 4)), days_below=np.zeros((3, 4)))


def spoil_with_a_later_format(path: Path) -> None:
    np.savez(path, format=np.array(2), loss=np.zeros((3, 6)), days_below=np.zeros((3, 6)))


def spoil_by_leaving_out(path: Path) -> None:
    np.savez(path, format=np.array(1), loss=np.zeros((3, 6)))


def spoil_half(path: Path) -> None:
    np.savez(path, format=np.array(1), loss=np.zeros((3, 6)), days_below=np.full((3, 6), np.nan))


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_with_noise,
        spoil_by_cutting,
        spoil_with_holes,
        spoil_with_another_world,
        spoil_with_a_later_format,
        spoil_by_leaving_out,
        spoil_half,
    ],
)
def test_a_spoilt_file_of_draws_is_not_used(tmp_path: Path, spoil) -> None:
    done = store.Done(np.full((3, 6), 7.0), np.ones((3, 6)))
    store.write(tmp_path, "k", done)
    np.testing.assert_array_equal(store.read(tmp_path, "k", 6).loss, done.loss)
    spoil(tmp_path / "k.npz")
    found = store.read(tmp_path, "k", 6)
    assert found.loss.shape == found.days_below.shape == (0, 6)
    store.write(tmp_path, "k", done)  # and is replaced
    np.testing.assert_array_equal(store.read(tmp_path, "k", 6).days_below, done.days_below)
    assert [path.name for path in tmp_path.iterdir()] == ["k.npz"]


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    store.write(file / "draws", "k", store.Done(np.zeros((1, 6)), np.zeros((1, 6))))
    assert len(store.read(file / "draws", "k", 6).loss) == 0


def test_the_key_of_draws_tells_apart_what_decides_them(world: World) -> None:
    def key(
        order: str = "a", world: World = world, draws: int = 16, factor: float = 1.0, **changes: object
    ) -> str:
        arguments = {"shocks": [LUCK], "draws": draws, "seed": 1, "folder": None, **changes}
        plan = numbers.plan_of(world, **arguments)  # type: ignore[arg-type]
        assert plan is not None
        return numbers._key(plan, world, order, factor)

    other = Shock.model_validate({**LUCK.model_dump(by_alias=True), "days": 31})
    keys = [
        key(),
        key("b"),
        key(seed=2),
        key(shocks=[other]),
        key(factor=1.1),
        key(world=make_world(theta=[4.0, 6.0, 7.0])),
    ]
    assert len(set(keys)) == len(keys)
    assert key(draws=400) == keys[0]  # more draws go on with the same


def test_draws_of_other_elasticities_are_not_taken(world: World, tmp_path: Path) -> None:
    ask = {"shocks": [LUCK], "security": DRAWS, "seed": 3}
    ec.run(world, "two-blocs", draws_folder=tmp_path, **ask)
    factors = (0.3, 0.4, 0.5)
    kept = ec.run(world, "two-blocs", draws_folder=tmp_path, theta_factors=factors, **ask)
    assert kept.hash == ec.run(world, "two-blocs", theta_factors=factors, **ask).hash


def test_a_comparison_that_was_stopped_goes_on(
    world: World, comparison: ec.Comparison, tmp_path: Path
) -> None:
    done: list[str] = []

    def stop(count: int, total: int, label: str) -> None:
        done.append(label)
        if count > total // 2:
            raise Stopped

    ask = {"shocks": [HIT, LUCK], "security": DRAWS, "seed": 3, "draws_folder": tmp_path}
    with pytest.raises(Stopped):
        ec.compare(world, ["today", "self-sufficient"], progress=stop, workers=1, **ask)
    assert list(tmp_path.glob("*.npz"))
    last = []
    again = ec.compare(
        world, ["today", "self-sufficient"], progress=lambda *seen: last.append(seen[:2]), workers=1, **ask
    )
    assert again.hash == comparison.hash
    assert last[-1][0] == last[-1][1]


# Results


def test_results_read_back_exactly(comparison: ec.Comparison, tmp_path: Path) -> None:
    loaded = ec.load_result(comparison.save(tmp_path / "c.nc"))
    assert isinstance(loaded, ec.Comparison)
    assert loaded.hash == comparison.hash
    for name in comparison.data.data_vars:
        np.testing.assert_array_equal(loaded.data[name].values, comparison.data[name].values)
        assert loaded.data[name].attrs["units"] == comparison.data[name].attrs["units"]
    run = loaded.provenance[1]
    assert (run.seed, run.draws, run.shocks) == (3, DRAWS, {"hit": HIT.hash, "luck": LUCK.hash})


def test_tidy_rows_name_shock_and_band(comparison: ec.Comparison) -> None:
    rows = comparison.to_frame()
    names = set(rows["variable"])
    assert {"shock_loss:hit", "shock_days_below:hit", "real_income_after_shock:hit"} <= names
    assert {"expected_loss", "expected_shortfall", "expected_shortfall_error", "expected_days_below"} <= names
    assert "supplier_loss" not in names  # by supplier: in the dataset
    some = rows[(rows.variable == "shock_loss:hit") & (rows.economy == "CHN") & (rows.order == "today")]
    assert set(some["quantile"]) == {"least", "central", "most"}
    for _, row in some.iterrows():
        cell = comparison.data["shock_loss"].sel(
            shock="hit", economy="CHN", order="today", band=row["quantile"]
        )
        assert row["value"] == float(cell)
    assert set(some["unit"]) == {"percent"}


def test_one_order_alone_gives_the_same_numbers(world: World, comparison: ec.Comparison) -> None:
    alone = ec.run(world, "self-sufficient", shocks=[HIT, LUCK], security=DRAWS, seed=3)
    assert alone.hash == comparison["self-sufficient"].hash


def test_another_seed_gives_other_draws(world: World, comparison: ec.Comparison) -> None:
    other = ec.run(world, "today", shocks=[LUCK], security=DRAWS, seed=4)
    here = comparison.data["expected_loss"].sel(order="today")
    assert (other.data["expected_loss"].values != here.values).all()


# What is refused, and what is said


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        ({"security": -1}, "whole number of draws"),
        ({"shocks": ["chip-supply", "chip-supply"]}, "chip-supply is repeated"),
        ({"shocks": ["random"]}, "say how many draws"),
        ({"shocks": ["random", LUCK], "security": 4}, "both happen by chance"),
        ({"shocks": ["chip-suply"]}, "did you mean chip-supply"),
        ({"security": 4, "seed": -1}, "seed"),
    ],
)
def test_questions_that_make_no_sense(world: World, ask: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        ec.run(world, "today", **ask)


def test_a_pandemic_needs_to_know_who_travels(world: World) -> None:
    with pytest.raises(MissingLayerError, match="travel"):
        ec.run(world, "today", shocks=["pandemic"])


def test_every_sector_that_a_world_lacks_is_told(world: World) -> None:
    shock = shock_from_text(
        "name: mine\ntitle: Mine\n"
        "capacity: [{economies: DEU, sectors: [Manufacturs, Food], share: 0.5}]\n"
        "links: [{from: DEU, to: FRA, sectors: chips}]\n"
    )
    with pytest.raises(ShockError) as error:
        ec.run(world, "today", shocks=[shock])
    told = " ".join(error.value.problems)
    assert len(error.value.problems) == 2
    for part in ("capacity[0].sectors", "did you mean 'Manufactures'?", "links[0].sectors", "'chips'"):
        assert part in told


def test_banks_that_nobody_knows() -> None:
    unknown = random_world(3, 2, np.random.default_rng(0))
    with pytest.raises(InputError, match=r"banks of E000, E001, E002 are not known"):
        ec.run(unknown, "today", shocks=["bank-crash"])


def test_losses_that_sum_above_one_are_impossible(world: World) -> None:
    twice = shock_from_text(
        "name: mine\ntitle: Mine\ndays: 30\ncapacity:\n"
        "  - {economies: DEU, share: 0.6, length: 20}\n"
        "  - {economies: DEU, share: 0.6, start: 10, length: 5}\n"
    )
    with pytest.raises(InputError, match="1"):
        ec.run(world, "today", shocks=[twice])


def test_stocks_of_zero_are_impossible(world: World, base: shocks.Base) -> None:
    empty = settings_of(world)[0]._replace(stock_days=0.0)
    with pytest.raises(InputError, match="stock_days"):
        tail_of(base, LUCK, empty, 4, 0, "k", None, quiet)


def test_a_world_says_what_it_lacks_of_a_shock(world: World) -> None:
    text = "name: mine\ntitle: Mine\ndays: 30\ncapacity: [{economies: [CHN, TWN, KOR], share: 0.1}]\n"
    notes = ec.run(world, "today", shocks=[shock_from_text(text)]).provenance.notes
    assert any("lacks: KOR, TWN" in note for note in notes)
    text = text.replace("CHN, ", "")
    happening = assess.happening_of(shock_from_text(text), world, 0)
    assert not happening.events
    assert any("changes nothing here" in note for note in happening.notes)


# Epidemics and banks on a world


@pytest.fixture(scope="module")
def travelling() -> World:
    people = np.array([83, 67, 328, 1398, 144, 3.7]) * 1e6
    trips = 1e-3 * np.sqrt(people[:, None] * people[None])
    np.fill_diagonal(trips, 0.0)
    return make_world(layers={"population": people, "travel": trips})


def work_lost(world: World, more: str = "") -> np.ndarray:
    text = "name: ill\ntitle: Ill\ndays: 60\nepidemic:\n  from: CHN\n  first_cases: 10000\n" + more
    happening = assess.happening_of(shock_from_text(text), world, 0)
    return happening.events[0].lost


def test_an_epidemic_keeps_people_from_work_and_closed_borders_keep_it_where_it_is(travelling: World) -> None:
    china = travelling.economies.index("CHN")
    open_ = work_lost(travelling)
    assert open_.shape == (60, 6, 3)
    assert 0 <= open_.min() <= open_.max() <= 1
    assert (open_[-1] > 0).all()
    closed = work_lost(travelling, "  borders: [{economies: all, share: 1}]\n")
    abroad = np.arange(6) != china
    np.testing.assert_array_equal(closed[:, abroad], 0.0)
    assert closed[-1, china].max() > 0


def test_measures_keep_healthy_people_at_home(travelling: World) -> None:
    without = work_lost(travelling)
    with_measures = work_lost(travelling, "  measures: [{economies: DEU, share: 0.4}]\n")
    germany = travelling.economies.index("DEU")
    assert (with_measures[:, germany] > without[:, germany]).all()


def test_an_epidemic_begins_somewhere(travelling: World) -> None:
    shock = shock_from_text("name: ill\ntitle: Ill\nepidemic: {from: KOR}\n")
    with pytest.raises(ShockError, match="name where the epidemic begins"):
        assess.happening_of(shock, travelling, 0)


def test_a_travel_matrix_with_holes_is_refused(travelling: World) -> None:
    holes = travelling.layers["travel"].values.copy()
    holes[0, 1] = np.nan
    with pytest.raises(InputError):
        hollow = make_world(layers={"population": travelling.layers["population"].values, "travel": holes})
        work_lost(hollow)


def test_a_bank_crash_costs_capacity_most_where_loans_go_bad(world: World) -> None:
    happening = assess.happening_of(ec_shock("bank-crash"), world, 0)
    (event,) = happening.events
    assert event.kind == "capacity"
    assert int(event.lost[:, 0].argmax()) == world.economies.index("USA")
    assert (event.lost > 0).all()  # losses travel
    again = assess.happening_of(ec_shock("bank-crash"), world, 0)
    np.testing.assert_array_equal(event.lost, again.events[0].lost)


def ec_shock(name: str) -> Shock:
    from ecumene.shocks import load_shock

    return load_shock(name)


# Parameters


def test_every_kind_of_sector_has_parameters_with_a_source() -> None:
    assert set(parameters.TABLE) == set(sectors.KINDS)
    for name, kind in parameters.TABLE.items():
        assert kind.stock_days > 0, name
        assert kind.input_kind in INPUT_KINDS, name
        assert "assumption" in kind.source or any(char.isdigit() for char in kind.source), name
    assert sum(parameters.BUILDERS.values()) == pytest.approx(1)
    assert set(parameters.BUILDERS) <= set(sectors.KINDS)


def test_the_reference_world_has_parameters_of_its_sectors() -> None:
    world = ec.load_world("reference")
    found, notes = settings_of(world)
    assert not notes
    days = dict(zip(world.sectors, np.asarray(found.stock_days), strict=True))
    assert days["agriculture"] == 60
    assert days["vehicles"] == pytest.approx((30 + 45) / 2, abs=8)  # parts of just-in-time and other vehicles
    assert found.builders is not None
    assert np.asarray(found.builders).sum() == pytest.approx(1)


def test_unknown_sectors_are_said_to_be_assumed(world: World) -> None:
    found, notes = settings_of(world)
    assert found.stock_days == parameters.UNKNOWN
    assert len(notes) == 1
    assert "assumed in every sector" in notes[0]


def test_the_seed_is_of_the_result_only_where_something_is_drawn() -> None:
    world = make_world()
    certain = [ec.run(world, "today", shocks=[HIT], seed=seed) for seed in (0, 1)]
    assert certain[0].provenance.seed is None and certain[0].hash == certain[1].hash
    with pytest.raises(InputError, match="below 2\\^63"):
        ec.run(world, "today", shocks=[HIT], seed=2**64)
