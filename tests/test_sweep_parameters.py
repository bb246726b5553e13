"""What a sweep can vary: priors as `compare` draws them, elasticities by kind and sector, ranks in the ladder."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from small_world import make_world
from sweep_cases import sweep_file, worlds

import ecumene as ec
from ecumene import priors
from ecumene.errors import InputError, SweepError
from ecumene.models import trade
from ecumene.orders import apply, load_order
from ecumene.priors import BY_NAME, PRIORS
from ecumene.security import assess
from ecumene.security.flows import flows_of
from ecumene.security.parameters import settings_of
from ecumene.shocks import load_shock
from ecumene.sweeps import sampling
from ecumene.sweeps.parameters import known, of_priors
from ecumene.sweeps.reading import sweep_from_text
from ecumene.sweeps.schema import Variation
from ecumene.sweeps.solving import CENTRE
from ecumene.world import World

ISIC = ("C10T12", "C20", "K")
"""Codes that have a kind each: food, chemicals, and finance, a service."""

PLAIN = ("theta_factor", "theta:food", "theta:chemicals", "theta:services")


@pytest.fixture(scope="module")
def world() -> World:
    goods = {"goods": np.array([True, True, False])}
    return make_world(sectors=ISIC, layers={"population": np.full(6, 1e6), **goods})


def solved(world: World, folder: Path, **changes: object) -> ec.SweepResult:
    return ec.sweep(sweep_file(**changes), folder / "out", workers=0, worlds=[world])


def test_every_row_of_the_table_is_a_parameter_and_its_draws_are_the_tables() -> None:
    assert set(of_priors(True).values()) == {prior.name for prior in PRIORS}
    assert not {row for row in of_priors(False).values() if row[:6] == "shock:"}
    ranks = np.array([0.05, 0.5, 0.95])
    for name, row in of_priors(True).items():
        prior = BY_NAME[row]
        scale = 30.0 if name == "restoring_days" else 1.0  # a factor on the days that the model takes
        np.testing.assert_allclose(
            sampling.of_prior(name, row, ranks),
            scale * np.array([prior.low, prior.central, prior.high]),
            rtol=1e-12,
        )
        found = known(name)
        assert found is not None and not found.is_word


def test_priors_draw_what_compare_draws(world: World, tmp_path: Path) -> None:
    """The same ranks of the same streams, whatever the order, and the same real incomes to the accuracy of a solve."""
    orders = ["two-blocs", "self-sufficient"]
    made = solved(
        world,
        tmp_path,
        priors=True,
        parameters={},
        orders=orders,
        sampling={"draws": 8},
        measures=["real_income"],
    ).frame()
    assert (made["status"] == "ok").all()
    compared = ec.compare(world, orders, draws=8, seed=3).data
    for order in orders:
        rows = made[(made["order"] == order) & (made["economy"] != "WORLD")].sort_values(
            "case", kind="stable"
        )
        theirs = compared["real_income_draws"].sel(order=order).values.T  # [draw, economy]
        np.testing.assert_allclose(rows["real_income"].to_numpy().reshape(8, 6), theirs, atol=1e-6)
    drawn = priors.draw(world, 8, 3)
    one = made[(made["order"] == "two-blocs") & (made["economy"] == "WORLD")].sort_values("case")
    np.testing.assert_array_equal(one["ladder_goods"], drawn.ladder_goods)
    theta = one["theta_factor"].to_numpy()[:, None] * one[["theta:food", "theta:chemicals", "theta:services"]]
    np.testing.assert_allclose(world.theta.values * theta.to_numpy(), drawn.theta, rtol=1e-12)


def test_priors_of_a_shock_cost_what_one_draw_costs(world: World, tmp_path: Path) -> None:
    made = solved(
        world, tmp_path, priors=True, orders=["today"], shocks=["port-closure"], sampling={"draws": 2},
        measures=["shock_loss_central"],
        parameters={name: {"values": [1.0]} for name in PLAIN},
    ).frame()  # fmt: skip
    eq = trade.solve(world)
    settings, _ = settings_of(world)
    for number, drawn in enumerate(priors.draw_shocks(2, 3)):
        happening = assess.happening_of(load_shock("port-closure"), world, 3, drawn)
        expected = assess.drawn_loss(flows_of(eq), happening, settings, drawn, lambda name: None)
        rows = made[made["case"] == number]
        np.testing.assert_allclose(
            rows["shock_loss_central"].to_numpy()[:-1], expected, rtol=1e-9, atol=1e-12
        )


def test_the_number_of_an_epidemic_is_felt_in_what_happens(tmp_path: Path) -> None:
    """Each case has the course of its own reproduction number."""
    world = ec.load_world("reference").select(["CHN", "DEU", "FRA"])
    factors = [0.6, 1.5]
    measured = ec.sweep(
        sweep_file(
            orders=["today"], shocks=["pandemic"], measures=["shock_loss_central"],
            parameters={"reproduction": {"values": factors}},
        ), tmp_path / "out", workers=0, worlds=[world],
    ).frame()  # fmt: skip
    eq, (settings, _) = trade.solve(world), settings_of(world)
    found = []
    for factor in factors:
        drawn = CENTRE._replace(reproduction=factor)
        happening = assess.happening_of(load_shock("pandemic"), world, 3, drawn)
        expected = assess.drawn_loss(flows_of(eq), happening, settings, drawn, lambda name: None)
        rows = measured[measured["reproduction"] == factor]
        found.append(rows["shock_loss_central"].to_numpy()[:-1])
        np.testing.assert_allclose(found[-1], expected, rtol=1e-9)
    assert np.abs(found[0] - found[1]).min() > 0.01


def test_elasticities_of_a_kind_of_a_sector_and_of_all(world: World, tmp_path: Path) -> None:
    made = solved(
        world, tmp_path, orders=["two-blocs"],
        parameters={
            "theta_factor": {"values": [1.5]}, "theta:food": {"values": [0.8]}, "elasticity:C20": {"values": [3.0]},
            "elasticity:K": {"values": [2.0]}, "theta:services": {"values": [1.1]},
        },
    ).frame()  # fmt: skip
    policy = apply(load_order("two-blocs"), world)
    theta = np.array([world.theta.values[0] * 0.8, 3.0, 2.0 * 1.1]) * 1.5
    eq = trade.solve(world, iceberg=policy.iceberg, tariff=policy.tariff, theta=theta)
    np.testing.assert_allclose(
        made["real_income"].to_numpy()[:-1], 100 * (eq.real_income.values - 1), rtol=1e-9
    )


def test_a_rank_in_the_ladder_moves_only_its_own_kind_of_trade(world: World, tmp_path: Path) -> None:
    policy = apply(load_order("self-sufficient"), world)
    made = solved(
        world, tmp_path, orders=["self-sufficient"],
        parameters={"ladder_services": {"values": [0.1, 0.9]}, "strength": {"values": [0.5]}},
    ).frame()  # fmt: skip
    for rank in (0.1, 0.9):
        change = policy.moved(0.5, rank)[1]
        iceberg = np.sqrt(policy.iceberg) * np.exp(
            0.5 * np.where([False, False, True], change[:, :, None], 0.0)
        )
        tariff = world.tariff.values + 0.5 * (policy.tariff - world.tariff.values)
        eq = trade.solve(world, iceberg=iceberg, tariff=tariff, deficits=policy.deficits)
        rows = made[made["ladder_services"] == rank]
        np.testing.assert_allclose(
            rows["real_income"].to_numpy()[:-1], 100 * (eq.real_income.values - 1), rtol=1e-9
        )


def test_a_triangle_is_scipys() -> None:
    unit = np.linspace(0.0, 1.0, 21)
    for peak in (2.0, 3.5, 5.0):
        made = Variation.model_validate({"triangular": {"peak": peak, "between": [2.0, 5.0]}})
        law = stats.triang((peak - 2.0) / 3.0, loc=2.0, scale=3.0)
        np.testing.assert_allclose(sampling.quantile("eta", made, unit), law.ppf(unit), atol=1e-12)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("parameters: {'theta:chemical': {values: [1]}}", "did you mean theta:chemicals"),
        ("parameters: {'theta:xyzzy': {values: [1]}}", "the kinds are agriculture"),
        ("parameters: {xyzzy: {values: [1]}}", "choose among theta_factor, .* theta:KIND and elasticity:SECTOR"),
        ("parameters: {eta: {prior: theta}}", "the prior theta .factor. does not speak of it; it has no row"),
        ("parameters: {criticality: {prior: theta}}", "its row is shock:criticality"),
        ("parameters: {ladder: {values: [low]}}\npriors: true", "exclude each other"),
        ("priors: true\nsampling: {draws: 1}", "with priors at least 2"),
        ("priors: true\nsampling: {draws: 200000}", "at most 100,000"),
        ("parameters: {eta: {uniform: [0, 1]}}\nsampling: {draws: 1000000000000}", "less than or equal to"),
        (
            "parameters: {eta: {uniform: [0, 1]}, sigma: {grid: {from: 0, to: 1, steps: 1000}}}\n"
            "sampling: {draws: 1000000000}",
            "1,000,000,000,000 cases, more than 1,000,000,000; take fewer draws",
        ),
        (
            "parameters: {eta: {uniform: [0, 1]}}\nsampling: {draws: 900000000}",
            "more than 1,000,000 files; make it 900 or more",
        ),
        ("parameters: {eta: {uniform: [.nan, 1]}}", "eta"),
        ("parameters: {eta: {uniform: [0, .inf]}}", "eta"),
    ],
)  # fmt: skip
def test_what_means_nothing_is_one_clear_message(text: str, words: str) -> None:
    with pytest.raises(SweepError) as raised:
        sweep_from_text(f"name: x\norders: [today]\n{text}\n")
    assert len(raised.value.problems) == 1
    assert re.search(words, raised.value.problems[0]), raised.value.problems


def test_a_parameter_that_no_shock_of_the_sweep_feels_is_refused(tmp_path: Path) -> None:
    for name, shock, part in (
        ("reproduction", "bank-crash", "epidemic"),
        ("pass_through", "pandemic", "banks"),
    ):
        file = sweep_file(
            shocks=[shock], parameters={name: {"uniform": [0.5, 1.0]}}, measures=["shock_loss_most"]
        )
        with pytest.raises(InputError, match=f"{name} changes nothing: no shock of the sweep says '{part}'"):
            ec.sweep(file, tmp_path / name, workers=0, worlds=worlds())
