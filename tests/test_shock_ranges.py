"""Ranges of losses over drawn parameters of shocks: the draws, what each moves, and the run that shows them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from security_worlds import HIT, base_under, quiet
from small_world import make_world

import ecumene as ec
from ecumene import cli, priors
from ecumene.errors import InputError
from ecumene.models import shocks as model
from ecumene.models.credit import Parameters
from ecumene.models.epidemic_outcome import ILL_ABSENCE
from ecumene.priors.shocks import BY_NAME, NAMES, ShockParameters, at
from ecumene.security import assess
from ecumene.security.parameters import DEMAND_RESPONSE, settings_of
from ecumene.shocks import load_shock, shock_from_text
from ecumene.world import World

USUAL = Parameters()

CENTRE = ShockParameters(
    1.0, 1.0, 0.5, DEMAND_RESPONSE, 1.0, 0.45, 1.0, 1.0, ILL_ABSENCE, 1.0, USUAL.pass_through, 1.0
)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


def test_draws_have_the_points_of_the_table() -> None:
    drawn = np.array(priors.draw_shocks(4000, seed=2))
    for values, name in zip(drawn.T, NAMES.values(), strict=True):
        prior = BY_NAME[name]
        got = np.percentile(values, [5.0, 50.0, 95.0])
        np.testing.assert_allclose(got, [prior.low, prior.central, prior.high], rtol=0.01, err_msg=name)
    again, other = (np.array(priors.draw_shocks(16, seed)) for seed in (2, 3))
    np.testing.assert_array_equal(again, np.array(priors.draw_shocks(16, 2)))
    assert not np.isclose(again, other).any()


@pytest.mark.parametrize("count", [1, True, 2.0, 20_000])
def test_impossible_numbers_of_draws_are_refused(count: int) -> None:
    with pytest.raises(InputError, match="shock_draws is"):
        priors.draw_shocks(count)


def test_criticality_spans_the_band() -> None:
    rated = np.array([[0.0, 0.5], [1.0, 0.25]])
    for criticality, expected in ((0.0, 0 * rated), (0.5, rated), (1.0, np.ones((2, 2)))):
        np.testing.assert_allclose(CENTRE._replace(criticality=criticality).rating(rated), expected)
    np.testing.assert_allclose(CENTRE._replace(criticality=0.25).rating(rated), rated / 2.0)


def test_central_parameters_give_the_central_loss(world: World) -> None:
    base, (settings, _) = base_under(world, "today"), settings_of(world)
    happening = assess.happening_of(HIT, world, 0)
    central = assess.cost_of(base, happening, settings, quiet).loss[list(assess.BAND).index("central")]
    got = assess.drawn_loss(base, assess.happening_of(HIT, world, 0, CENTRE), settings, CENTRE, quiet)
    np.testing.assert_allclose(got, central, rtol=1e-12)
    more = assess.drawn_loss(base, happening, settings, CENTRE._replace(stock_days=0.05), quiet)
    assert more.max() > got.max()  # who holds little loses more


def test_reproduction_and_recovery_move_epidemics_and_banks(world: World) -> None:
    people = np.array([83, 67, 328, 1398, 144, 3.7]) * 1e6
    trips = 1e-3 * np.sqrt(people[:, None] * people[None])
    np.fill_diagonal(trips, 0.0)
    travelling = make_world(layers={"population": people, "travel": trips})
    ill = shock_from_text("name: ill\ntitle: Ill\ndays: 60\nepidemic: {from: CHN, first_cases: 10000}\n")
    mild, wild = (
        assess.happening_of(ill, travelling, 0, CENTRE._replace(reproduction=factor)).events[0].lost.sum()
        for factor in (0.6, 1.4)
    )
    assert wild > 2.0 * mild
    crash = load_shock("bank-crash")
    standard = assess.happening_of(crash, world, 0).events[0].lost
    np.testing.assert_array_equal(assess.happening_of(crash, world, 0, CENTRE).events[0].lost, standard)
    for name, value in (
        ("loss_given_default", 0.6), ("default_sensitivity", 1.3), ("pass_through", 0.7), ("credit_elasticity", 1.4),
    ):  # fmt: skip
        worse = assess.happening_of(crash, world, 0, CENTRE._replace(**{name: value})).events[0].lost
        assert (worse >= standard).all(), name
        assert worse.max() > standard.max(), name


def test_the_centre_of_every_prior_is_the_central_parameter() -> None:
    """The point estimate and the median of its range rest on the same number."""
    centre = {field: BY_NAME[name].central for field, name in NAMES.items()}
    assert ShockParameters(**centre) == CENTRE
    for name in NAMES.values():
        prior = BY_NAME[name]
        np.testing.assert_allclose(
            at(prior, np.array([0.05, 0.5, 0.95])), [prior.low, prior.central, prior.high]
        )
        assert (at(prior, np.linspace(0.0, 1.0, 50)) >= 0.0).all()


def test_days_and_absence_move_an_epidemic(world: World) -> None:
    people = np.array([83, 67, 328, 1398, 144, 3.7]) * 1e6
    travelling = make_world(layers={"population": people, "travel": np.zeros((6, 6))})
    ill = shock_from_text("name: ill\ntitle: Ill\ndays: 60\nepidemic: {from: CHN, first_cases: 10000}\n")

    def lost(**given: float) -> float:
        return assess.happening_of(ill, travelling, 0, CENTRE._replace(**given)).events[0].lost.sum()

    assert lost(latent_days=0.7) > 1.2 * lost()  # generations are shorter, so that it grows faster
    assert lost(infectious_days=0.7) != pytest.approx(lost(), rel=0.05)
    assert lost(ill_absence=0.3) == pytest.approx(0.5 * lost(), rel=1e-6)


def test_a_run_gives_the_range_of_its_draws(world: World) -> None:
    result = ec.run(world, "today", shocks=HIT, shock_draws=4, seed=6, draws=0)
    base, (settings, _) = base_under(world, "today"), settings_of(world)
    events = assess.happening_of(HIT, world, 6).events
    losses = []
    for drawn in priors.draw_shocks(4, 6):
        record = model.simulate(
            base,
            events,
            settings._replace(
                stock_days=float(np.asarray(settings.stock_days)) * drawn.stock_days,
                restoring_days=float(np.asarray(settings.restoring_days)) * drawn.restoring_days,
                demand_response=drawn.demand_response,
                rating=np.full((3, 3), drawn.criticality),  # a rating of one half is the criticality itself
                substitution=1.0,
            ),
            days=30,
            criticality="half",
            origins="market",
        )
        losses.append(100.0 * (1.0 - record.consumption.sum(axis=(0, 2)) / (30 * _eaten(base))))
    expected = np.percentile(losses, [5.0, 50.0, 95.0], axis=0).T
    got = result.data["shock_loss_range"].sel(shock="hit").transpose("economy", "level")
    np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-9)
    rows = result.to_frame().set_index(["variable", "economy", "quantile"])["value"]
    assert rows["shock_loss:hit", "CHN", "p95"] == pytest.approx(got.sel(economy="CHN", level="p95").item())
    assert any("4 draws of stocks" in note for note in result.provenance.notes)
    assert result.provenance.seed == 6


def _eaten(base: model.Base) -> np.ndarray:
    """Base consumption a day [economy]."""
    return np.asarray(base.consumption).sum(axis=-1)


def test_draws_of_shocks_need_a_shock(world: World) -> None:
    with pytest.raises(InputError, match="name one, as in --shocks"):
        ec.run(world, "today", shock_draws=4, draws=0)


def test_accidents_at_the_centre_are_those_of_the_central_assumption(world: World) -> None:
    base, (settings, _) = base_under(world, "today"), settings_of(world)
    accidents = load_shock("random")
    tail = assess.tail_of(base, accidents, settings, 3, 1, "k", None, quiet)
    got = assess.drawn_years(base, accidents, settings, CENTRE, 3, 1, "k", None, quiet)
    central = list(assess.BAND).index("central")
    np.testing.assert_allclose(got.loss.mean(axis=0), tail.expected_loss[central], rtol=1e-9)


def test_accidents_have_a_range_over_parameters_and_are_kept(world: World, tmp_path: Path) -> None:
    result = ec.run(world, "today", security=3, shock_draws=4, seed=6, draws=0, draws_folder=tmp_path)
    base, (settings, _) = base_under(world, "today"), settings_of(world)
    years = [
        assess.drawn_years(base, load_shock("random"), settings, each, 3, 6, "k", None, quiet).loss
        for each in priors.draw_shocks(4, 6)
    ]
    for name, values in (
        ("expected_loss", [loss.mean(axis=0) for loss in years]),
        ("expected_shortfall", [loss.max(axis=0) for loss in years]),  # the worst 5 percent of three is one
    ):
        expected = np.percentile(values, [5.0, 50.0, 95.0], axis=0).T
        assert np.ptp(expected, axis=1).max() > 0.0
        np.testing.assert_allclose(result.data[f"{name}_range"], expected, rtol=1e-6, atol=1e-9)
    rows = result.to_frame().set_index(["variable", "economy", "quantile"])["value"]
    assert rows["expected_loss", "CHN", "p95"] == result.data["expected_loss_range"].sel(
        economy="CHN", level="p95"
    )
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npz")}
    again = ec.run(world, "today", security=3, shock_draws=4, seed=6, draws=0, draws_folder=tmp_path)
    assert again.hash == result.hash
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npz")} == kept
    assert len(kept) == 3 + 4  # the band, and every draw of parameters


def test_the_command_shows_the_range(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    path, shock = tmp_path / "world.nc", tmp_path / "hit.yaml"
    make_world().save(path)
    shock.write_text(
        "name: hit\ntitle: Hit\ndays: 30\n"
        "capacity: [{economies: CHN, sectors: Manufactures, share: 0.5, length: 10}]\n"
    )
    arguments = ["run", "today", "--world", str(path), "--point", "--economy", "CHN", "--shocks", str(shock)]
    assert cli.main([*arguments, "--shock-draws", "4"]) == 0
    assert " to " in capsys.readouterr().out.split("[")[1].split("]")[0]
    assert cli.main([*arguments, "--shock-draws", "1"]) == 2
    assert "shock_draws is 1" in capsys.readouterr().err
