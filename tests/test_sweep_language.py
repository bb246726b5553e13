"""The language of sweeps: every problem told with its line, points by number, cases whatever the batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import qmc
from sweep_cases import sweep_file, worlds

import ecumene as ec
from ecumene.errors import InputError, SweepError
from ecumene.sweeps import sampling
from ecumene.sweeps.answer import prepared
from ecumene.sweeps.reading import sweep_from_text
from ecumene.sweeps.schema import Sampling, Variation

# The language ------------------------------------------------------------------------------------------


def test_every_problem_of_a_file_is_told_at_once_with_its_line() -> None:
    text = """\
name: Wrong
orders: [today, today]
parameters:
  thetafactor: {values: [1]}
  theta_factor: {uniform: [0, 2]}
batch: 0
"""
    with pytest.raises(SweepError) as raised:
        sweep_from_text(text)
    told = "\n".join(raised.value.problems)
    assert "line 1" in told and "line 6" in told
    with pytest.raises(SweepError) as raised:
        sweep_from_text(text.replace("Wrong", "right").replace("batch: 0", "batch: 1"))
    told = "\n".join(raised.value.problems)
    assert "orders: today stands twice" in told
    assert "no parameter 'thetafactor'; did you mean theta_factor?" in told
    assert "theta_factor: from 0 to 2; it must lie between 0.05 and 20" in told


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "say exactly one"),
        ({"values": [1], "uniform": [0, 1]}, "say exactly one"),
        ({"uniform": [2, 1]}, "2 is not below 1"),
        ({"loguniform": [0, 1]}, "not above 0"),
        ({"values": [1, 1.0]}, "stands twice"),
        ({"values": [True]}, "valid number"),
        ({"uniform": [True, 2]}, "valid number"),
        ({"lognormal": {"median": 1, "log_sd": 1, "between": [0.5, True]}}, "valid number"),
        ({"normal": {"mean": 1, "sd": True, "between": [0, 2]}}, "valid number"),
        ({"normal": {"mean": 0, "sd": 1, "between": [50, 60]}}, "nothing of this distribution"),
        ({"lognormal": {"median": 1, "log_sd": 1, "between": [2, 3]}}, "not between"),
        ({"lognormal": {"median": 1, "log_sd": 1, "between": [0.5, float("inf")]}}, "finite"),
        ({"triangular": {"peak": 4, "between": [2, 3]}}, "not between"),
        ({"uniform": [float("nan"), 1]}, "finite"),
        ({"uniform": [0, float("inf")]}, "finite"),
        ({"grid": {"from": 0, "to": float("inf"), "steps": 3}}, "finite"),
        ({"grid": {"from": 0, "to": 1, "steps": 10**12}}, "less than or equal to 1000000"),
        ({"prior": "theta:chemical"}, "did you mean theta:chemicals"),
        ({"prior": "wages"}, "its rows are theta"),
        ({"grid": {"from": 0, "to": 1, "steps": 3, "spacing": "log"}}, "begin above 0"),
    ],
)
def test_a_variation_that_means_nothing_is_refused(said: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Variation.model_validate(said)


def test_what_a_world_an_order_or_a_shock_lacks_is_refused_before_the_first_case(tmp_path: Path) -> None:
    def refused(kind: type[Exception], words: str, **changes: object) -> None:
        with pytest.raises(kind, match=words):
            ec.sweep(sweep_file(**changes), tmp_path / "none", workers=0, worlds=worlds())

    refused(SweepError, "no measure 'joy'; choose among", measures=["joy"])
    refused(SweepError, "no measure 'real_incom'; did you mean real_income", measures=["real_incom"])
    refused(
        SweepError,
        "no sector 'Foot'; did you mean elasticity:Food",
        parameters={"elasticity:Foot": {"values": [3]}},
    )
    refused(
        SweepError,
        "no sector of that kind; it has theta:services",
        parameters={"theta:auto": {"values": [2]}},
    )
    refused(SweepError, "needs a shock", measures=["shock_loss_central"])
    refused(SweepError, "orders.0.: no preset", orders=["to-day"])
    refused(SweepError, "no shock", shocks=["pandemics"])
    refused(SweepError, "drawn by chance many times", shocks=["random"])
    refused(InputError, "has no MARS", economies=["MARS"])
    refused(InputError, "nothing without a shock", parameters={"stock_factor": {"uniform": [1, 2]}})
    with pytest.raises(InputError, match="give a whole number"):
        ec.sweep(sweep_file(), tmp_path / "none", workers=-1, worlds=worlds())
    with pytest.raises(SweepError, match=r"worlds.0.: no world at"):
        ec.sweep(sweep_file(), tmp_path / "none", workers=0)
    assert not (tmp_path / "none").exists()


# Points ------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    method=st.sampled_from(["sobol", "latin-hypercube", "random"]),
    draws=st.integers(1, 30),
    cut=st.integers(0, 200),
)
def test_points_are_the_same_however_they_are_cut(method: str, draws: int, cut: int) -> None:
    file = sweep_file(sampling={"method": method, "draws": draws})
    whole = sampling.points(file, 0, file.points)
    cut = min(cut, file.points)
    assert sampling.points(file, 0, cut) + sampling.points(file, cut, file.points) == whole
    assert len(whole) == file.points == 2 * draws
    assert [point["deficits"] for point in whole] == ["zero", "fixed"] * draws
    assert all(whole[2 * n]["theta_factor"] == whole[2 * n + 1]["theta_factor"] for n in range(draws))


def test_where_a_parameter_stands_in_a_file_changes_nothing() -> None:
    one = sweep_file(parameters={"eta": {"uniform": [0, 1]}, "cost_percent": {"uniform": [0, 1]}})
    other = sweep_file(parameters={"cost_percent": {"uniform": [0, 1]}, "eta": {"uniform": [0, 1]}})
    assert sampling.points(one, 0, 4) == sampling.points(other, 0, 4)
    hashes = [prepared(file, Path(), worlds(), None, None).job.hash for file in (one, other, sweep_file())]
    assert hashes[0] == hashes[1] != hashes[2]


def test_draws_are_those_of_scipy_and_fill_the_cube() -> None:
    sobol = sampling.uniform(Sampling(method="sobol", draws=64), 3, 5, 16, 64)
    theirs = qmc.Sobol(3, scramble=True, seed=np.random.default_rng(5)).random(64)  # type: ignore[call-arg]
    np.testing.assert_array_equal(sobol, theirs[16:])
    cube = sampling.uniform(Sampling(method="latin-hypercube", draws=50), 2, 5, 0, 50)
    assert (np.sort(np.floor(50 * cube), axis=0) == np.arange(50)[:, None]).all()


def test_distributions_are_the_inverse_of_scipys() -> None:
    unit = np.linspace(0.01, 0.99, 23)
    normal = Variation.model_validate({"normal": {"mean": 2.0, "sd": 3.0, "between": [1.0, 4.0]}})
    law = stats.truncnorm((1.0 - 2.0) / 3.0, (4.0 - 2.0) / 3.0, loc=2.0, scale=3.0)
    np.testing.assert_allclose(sampling.quantile("eta", normal, unit), law.ppf(unit), rtol=1e-10)
    skewed = Variation.model_validate({"lognormal": {"median": 2.0, "log_sd": 0.5, "between": [0.1, 40]}})
    np.testing.assert_allclose(
        sampling.quantile("eta", skewed, unit), stats.lognorm(0.5, scale=2.0).ppf(unit), rtol=1e-3
    )
    log = Variation.model_validate({"loguniform": [0.1, 10.0]})
    np.testing.assert_allclose(sampling.quantile("eta", log, unit), stats.loguniform(0.1, 10.0).ppf(unit))
    level = Variation.model_validate({"uniform": [-1.0, 3.0]})
    np.testing.assert_allclose(sampling.quantile("eta", level, np.array([0.0, 0.5])), [-1.0, 1.0])


def test_a_grid_has_both_its_ends() -> None:
    file = sweep_file(
        parameters={
            "cost_percent": {"grid": {"from": 0, "to": 10, "steps": 3}},
            "theta_factor": {"grid": {"from": 0.5, "to": 2, "steps": 3, "spacing": "log"}},
        }
    )
    found = [tuple(point.values()) for point in sampling.points(file, 0, 9)]
    np.testing.assert_allclose(found, [(c, t) for c in (0, 5, 10) for t in (0.5, 1, 2)])  # by name
    assert sampling.points(sweep_file(parameters={}), 0, 1) == [{}]


@settings(max_examples=20, deadline=None)
@given(batch=st.integers(1, 40))
def test_cases_are_every_combination_once_whatever_the_batch(batch: int) -> None:
    file = sweep_file(batch=batch, shocks=["none"], orders=["today", "two-blocs", "open"])
    job = prepared(file, Path(), worlds(), None, None).job
    cases = [case for number in range(job.batches) for case in job.batch(number)]
    assert [case.number for case in cases] == list(range(file.cases))
    assert len({(case.world, case.order, case.shock, case.point) for case in cases}) == file.cases == 24
    assert len({case.identity for case in cases}) == file.cases
    assert [case.values for case in cases[::3]] == sampling.points(file, 0, file.points)
