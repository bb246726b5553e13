"""Accidents drawn by chance: their frequencies, their mean and tail, and ensembles that stop and go on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from security_worlds import DAYS, DRAWS, HIT, LUCK, base_under, quiet
from small_world import make_world

import ecumene as ec
from ecumene.models import shocks
from ecumene.security import assess, chance, numbers, store
from ecumene.security.assess import expected_shortfall, tail_of
from ecumene.security.parameters import settings_of
from ecumene.shocks import Shock
from ecumene.shocks.schema import Chance
from ecumene.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture(scope="module")
def base(world: World) -> shocks.Base:
    return base_under(world, "today")


@pytest.fixture(scope="module")
def comparison(world: World) -> ec.Comparison:
    return ec.compare(world, ["today", "self-sufficient"], shocks=[HIT, LUCK], security=DRAWS, seed=3)


def kept(folder: Path, key: str) -> store.Done:
    return store.joined(store.read(folder, key, 6))


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
    found = kept(tmp_path, "k-central")
    at = list(assess.BAND).index("central")
    np.testing.assert_allclose(tail.expected_loss[at], found.loss.mean(axis=0))
    np.testing.assert_allclose(tail.expected_days_below[at], found.days_below.mean(axis=0))
    np.testing.assert_allclose(tail.expected_loss_error[at], found.loss.std(axis=0, ddof=1) / np.sqrt(DRAWS))
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
        base,
        [shocks.course(lost)],
        options._replace(substitution=1.0),
        days=DAYS,
        criticality="half",
        origins="market",
    )
    loss = 100 * shocks.consumption_loss(base, record.consumption.sum(axis=2))
    np.testing.assert_allclose(kept(tmp_path, "k-central").loss[17], loss, atol=1e-9)


def test_a_draw_does_not_depend_on_how_many_are_drawn(
    world: World, base: shocks.Base, tmp_path: Path
) -> None:
    """The same bits, whether a draw is the last of five or one among many."""
    options = settings_of(world)[0]
    tail_of(base, LUCK, options, 5, 3, "few", tmp_path, quiet)
    tail_of(base, LUCK, options, 8, 3, "many", tmp_path, quiet)
    few, many = (kept(tmp_path, f"{key}-central").loss for key in ("few", "many"))
    np.testing.assert_array_equal(few, many[:5])


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
    done = sum(store.count(store.read(tmp_path, f"k-{name}", 6)) for name in assess.BAND)
    assert done >= after
    drawn, ticks = [], []
    true_draw = chance.draw
    monkeypatch.setattr(assess.chance, "draw", lambda *a: drawn.append(a[-1]) or true_draw(*a))
    again = tail_of(base, LUCK, options, DRAWS, 3, "k", tmp_path, ticks.append)
    assert len(drawn) == 3 * DRAWS - done
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
    np.savez(path, format=np.array(store.FORMAT), loss=np.full((3, 6), np.nan), days_below=np.zeros((3, 6)))


def spoil_with_another_world(path: Path) -> None:
    np.savez(path, format=np.array(store.FORMAT), loss=np.zeros((3, 4)), days_below=np.zeros((3, 4)))


def spoil_with_a_later_format(path: Path) -> None:
    np.savez(path, format=np.array(store.FORMAT + 1), loss=np.zeros((3, 6)), days_below=np.zeros((3, 6)))


def spoil_by_leaving_out(path: Path) -> None:
    np.savez(path, format=np.array(store.FORMAT), loss=np.zeros((3, 6)))


def spoil_half(path: Path) -> None:
    np.savez(path, format=np.array(store.FORMAT), loss=np.zeros((3, 6)), days_below=np.full((3, 6), np.nan))


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
    store.write(tmp_path, "k", 0, done)
    store.write(tmp_path, "k", 3, done)
    np.testing.assert_array_equal(kept(tmp_path, "k").loss, np.full((6, 6), 7.0))
    spoil(tmp_path / "k" / "00000003.npz")
    assert store.count(store.read(tmp_path, "k", 6)) == 3  # up to there
    store.write(tmp_path, "k", 3, done)  # and is replaced
    np.testing.assert_array_equal(kept(tmp_path, "k").days_below, np.ones((6, 6)))
    spoil(tmp_path / "k" / "00000000.npz")
    assert not store.read(tmp_path, "k", 6)
    assert sorted(path.name for path in (tmp_path / "k").iterdir()) == ["00000000.npz", "00000003.npz"]


def test_what_is_written_grows_with_the_draws_and_not_with_their_square(
    world: World, base: shocks.Base, tmp_path: Path
) -> None:
    options = settings_of(world)[0]
    tail_of(base, LUCK, options, 64, 3, "k", tmp_path, quiet)
    parts = sorted((tmp_path / "k-central").iterdir())
    assert len(parts) == 64 / assess.PART
    before = [path.stat().st_mtime_ns for path in parts]
    tail_of(base, LUCK, options, 64 + assess.PART, 3, "k", tmp_path, quiet)
    assert [path.stat().st_mtime_ns for path in parts] == before  # none is written again
    assert max(path.stat().st_size for path in parts) < 2 * min(path.stat().st_size for path in parts)


def test_a_folder_that_cannot_be_written_stops_nothing_and_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    assert not store.write(file / "draws", "k", 0, store.Done(np.zeros((1, 6)), np.zeros((1, 6))))
    assert "draws are not kept" in caplog.text
    assert not store.read(file / "draws", "k", 6)


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
    other = ec.run(world, "two-blocs", draws_folder=tmp_path, theta_factors=factors, **ask)
    assert other.hash == ec.run(world, "two-blocs", theta_factors=factors, **ask).hash


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
    assert list(tmp_path.glob("*/*.npz"))
    last = []
    again = ec.compare(
        world, ["today", "self-sufficient"], progress=lambda *seen: last.append(seen[:2]), workers=1, **ask
    )
    assert again.hash == comparison.hash
    assert last[-1][0] == last[-1][1]
