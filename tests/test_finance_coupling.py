"""From lost value added to lost capacity: hand-worked chains, what cannot happen, and the embedded banking systems."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecumene.errors import InputError, SourceError
from ecumene.models import finance
from ecumene.sources.reference import banks as systems
from ecumene.sources.reference import facts

CLAIMS = [[0.0, 10.0], [0.0, 0.0]]
TWO: dict[str, Any] = {
    "exposures": finance.given_exposures(CLAIMS),
    "total_assets": [100, 100],
    "equity": [10, 10],
    "loans": [50, 60],
}


def test_a_loss_travels_as_worked_by_hand() -> None:
    """System 1 loses 0.45 * 0.1 * 60 = 2.7 of 10; of the claim of 10, 0.45 * 0.27 goes: 1.215 of system 0."""
    found = finance.contagion(**TWO, value_added_lost=[0.0, 0.1])
    np.testing.assert_allclose(found.direct_loss, [0, 2.7], rtol=1e-14)
    np.testing.assert_allclose(found.network_loss, [1.215, 0], rtol=1e-12)
    np.testing.assert_allclose(found.equity_after, [8.785, 7.3], rtol=1e-12)
    np.testing.assert_allclose(found.credit_cut, [0.06075, 0.135], rtol=1e-12)
    np.testing.assert_allclose(found.credit_lost, [0.06075, (60 * 0.135 + 10 * 0.06075) / 70], rtol=1e-12)
    np.testing.assert_allclose(found.capacity_lost, 0.3 * found.credit_lost, rtol=1e-14)
    assert found.shortfall.tolist() == [0, 0]
    assert found.status is finance.Status.OK and found.origin is finance.Origin.GIVEN
    left = found.equity_before - found.direct_loss - found.network_loss
    np.testing.assert_allclose(left, found.equity_after, rtol=1e-14)
    assert found.lambda_max == 0.0


def test_a_wiped_out_system_has_a_shortfall() -> None:
    """40 percent lost: 10.8 of 10 equity, a claim worth 0.55, and 3 percent of 89.2 plus 0.8 missing."""
    found = finance.contagion(**TWO, value_added_lost=[0.0, 0.4])
    np.testing.assert_allclose(found.equity_after, [5.5, -0.8], rtol=1e-12)
    np.testing.assert_allclose(found.shortfall, [0, 0.03 * 89.2 + 0.8], rtol=1e-12)


def test_no_loss_and_gains_leave_banks_exactly_as_they_are() -> None:
    for lost in ([0.0, 0.0], [-0.2, -1.0]):
        found = finance.contagion(**TWO, value_added_lost=lost)
        for field in (
            "direct_loss",
            "network_loss",
            "shortfall",
            "credit_cut",
            "credit_lost",
            "capacity_lost",
        ):
            assert (getattr(found, field) == 0.0).all(), field


def test_sectors_and_scenarios() -> None:
    loans = finance.loans_by_sector(np.array([50.0, 60.0]), np.array([[1.0, 4.0], [2.0, 1.0]]))
    np.testing.assert_allclose(loans, [[10, 40], [40, 20]])
    lost = np.array([[[0.0, 0.0], [0.15, 0.0]], [[0.0, 0.1], [0.0, 0.0]]])
    by_sector = finance.contagion(
        **{**TWO, "loans": loans}, value_added_lost=lost, dependence=[[1.0, 2.0], [0.5, 0.0]]
    )
    np.testing.assert_allclose(by_sector.direct_loss, [[0, 0.45 * 6], [0.45 * 4, 0]], rtol=1e-14)
    assert by_sector.capacity_lost.shape == (2, 2, 2)
    np.testing.assert_allclose(
        by_sector.capacity_lost[0], 0.3 * by_sector.credit_lost[0][:, None] * [[1, 2], [0.5, 0]], rtol=1e-12
    )
    one = finance.contagion(**TWO, value_added_lost=[0.0, 0.1])
    np.testing.assert_allclose(by_sector.equity_after[0], one.equity_after, rtol=1e-12)


def test_more_of_every_parameter_costs_more() -> None:
    base = finance.contagion(**TWO, value_added_lost=[0.0, 0.1])
    for name in ("default_sensitivity", "loss_given_default", "pass_through", "credit_elasticity"):
        more = finance.Parameters()._replace(**{name: getattr(finance.Parameters(), name) * 1.5})
        found = finance.contagion(**TWO, value_added_lost=[0.0, 0.1], parameters=more)
        assert (found.capacity_lost > base.capacity_lost).all(), name
    careful = finance.Parameters(required_ratio=0.09)
    assert finance.contagion(**TWO, value_added_lost=[0.0, 0.1], parameters=careful).shortfall[1] > 0


def test_plain_clearing_spreads_nothing_while_nobody_defaults() -> None:
    found = finance.contagion(**TWO, value_added_lost=[0.0, 0.1], valuation=finance.EisenbergNoe())
    assert found.network_loss.tolist() == [0, 0]
    assert finance.contagion(
        **TWO, value_added_lost=[0.0, 0.4], valuation=finance.EisenbergNoe()
    ).network_loss[0] == pytest.approx(10 * 0.8 / 90)


def test_every_parameter_has_a_source() -> None:
    assert set(finance.PARAMETER_SOURCES) == set(finance.Parameters._fields)
    for text in finance.PARAMETER_SOURCES.values():
        assert "assumption" in text or any(str(year) in text for year in range(1990, 2026))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value_added_lost": [0, 1.5]}, "value_added_lost of B is 1.5"),
        ({"value_added_lost": [0, np.nan]}, "value_added_lost of B is nan"),
        ({"value_added_lost": [[[0, 1.0]]]}, "value_added_lost has shape"),
        ({"loans": [50, 101]}, "loans of B is 101; loans and claims on other banks are above total assets"),
        ({"loans": [91, 60]}, "loans of A is 91"),
        ({"loans": [-1, 60]}, "loans holds a negative amount"),
        ({"loans": [1]}, "loans has shape"),
        ({"total_assets": [9, 100], "equity": [5, 10]}, "exposures are above total assets"),
        ({"equity": [10, 0]}, "equity of B is 0; a system that lends needs it above 0"),
        ({"parameters": finance.Parameters(pass_through=1.5)}, "pass_through is 1.5"),
        ({"parameters": finance.Parameters(credit_elasticity=-1.0)}, "credit_elasticity is -1"),
        ({"dependence": [[1.0]]}, "dependence has shape"),
    ],
)
def test_bad_input_is_refused_by_name(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        finance.contagion(**{**TWO, "value_added_lost": [0, 0.1], "names": ["A", "B"], **change})


def test_merged_banks_keep_every_claim_between_groups_and_net_the_rest() -> None:
    claims = np.array([[0, 1, 2, 3], [4, 0, 5, 6], [7, 8, 0, 9], [10, 11, 12, 0.0]])
    members = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])  # the last is outside
    found, inside = finance.merged(finance.given_exposures(claims), members)
    np.testing.assert_array_equal(found.claims, [[0, 2 + 5], [7 + 8, 0]])
    np.testing.assert_array_equal(inside, [1 + 4, 0])
    assert found.origin is finance.Origin.GIVEN
    with pytest.raises(InputError, match="bank 2 belongs to several groups"):
        finance.merged(finance.given_exposures(claims), members[[0, 0, 0, 3]] + members[[3, 3, 2, 3]])
    with pytest.raises(InputError, match="give 0 or 1 for each of 4 banks"):
        finance.merged(finance.given_exposures(claims), members[:3])


# The embedded banking systems


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return systems.load_banks()


def test_every_economy_has_a_banking_system_that_says_its_basis(table: pd.DataFrame) -> None:
    assert list(table.index) == list(facts.load_facts().index)
    typed = table[table["basis"] == "typed"]
    assert len(typed) >= 45
    assert set(table["basis"]) == {"typed", "estimated"}
    assert typed["bank_assets"].sum() > 0.9 * table["bank_assets"].sum()


def test_every_column_has_a_unit_a_year_and_a_source() -> None:
    registry = systems.columns()
    assert set(registry.index) == {"iso3", *systems.COLUMNS}
    assert (registry["source"].str.len() > 3).all()
    assert (registry["unit"] != "").all() and (registry["year"] == "2019").all()


def test_the_world_adds_up(table: pd.DataFrame) -> None:
    """Orders of magnitude at the end of 2019: cross-border claims about 30 trillion, bank assets about 155 or more."""
    assert 27_000 < table["cross_border_claims"].sum() < 34_000
    assert 150_000 < table["bank_assets"].sum() < 180_000
    gap = table["cross_border_claims"].sum() / table["cross_border_liabilities"].sum()
    assert 0.85 < gap < 1.15
    assert table["capital_ratio"].between(4, 16).all()


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("bank_assets", 100.0, "DEU: cross-border claims are above bank assets"),
        ("credit_ratio", 230.0, "DEU: interbank claims and credit together are above bank assets"),
        (
            "cross_border_liabilities",
            9000.0,
            "DEU: cross-border liabilities are above bank assets less capital",
        ),
        ("capital_ratio", float("nan"), "DEU: capital_ratio is not finite and above zero"),
        ("cross_border_claims", -1.0, "DEU: cross_border_claims is not finite and above zero"),
        ("basis", "guess", "DEU: basis is 'guess'"),
    ],
)
def test_damaged_facts_are_refused(table: pd.DataFrame, column: str, value: object, message: str) -> None:
    given = table[list(systems.COLUMNS)].copy()
    given.loc["DEU", column] = value
    with pytest.raises(SourceError, match=message):
        systems.check_banks(given, systems.columns(), facts.load_facts())


def test_unknown_repeated_and_unsourced_facts_are_refused(table: pd.DataFrame) -> None:
    given, economies, registry = table[list(systems.COLUMNS)], facts.load_facts(), systems.columns()
    with pytest.raises(SourceError, match="ZZZ is no economy"):
        systems.check_banks(given.rename(index={"DEU": "ZZZ"}), registry, economies)
    with pytest.raises(SourceError, match="DEU appears twice"):
        systems.check_banks(pd.concat([given, given.loc[["DEU"]]]), registry, economies)
    with pytest.raises(SourceError, match="capital_ratio has no entry"):
        systems.check_banks(given, registry.drop(index="capital_ratio"), economies)
    with pytest.raises(SourceError, match="column bank_assets is missing"):
        systems.check_banks(given.drop(columns="bank_assets"), registry, economies)


def test_a_shock_runs_through_the_embedded_systems(table: pd.DataFrame) -> None:
    share = systems.INTERBANK_SHARE
    totals = finance.equal_totals(
        share * table["cross_border_claims"], share * table["cross_border_liabilities"]
    )
    exposures = finance.reconstruct(totals[0], totals[1], draws=2, names=list(table.index))
    lost = np.where(table.index == "DEU", 0.1, 0.0)
    found = finance.contagion_range(
        exposures, table["bank_assets"], table["bank_equity"], table["private_credit"], lost,
        names=list(table.index),
    )  # fmt: skip
    here = table.index.get_loc("DEU")
    for variant in found:
        assert variant.status is finance.Status.OK and variant.residual <= 1e-9
        assert variant.direct_loss[here] == pytest.approx(0.045 * table.loc["DEU", "private_credit"])
        assert (variant.network_loss >= 0).all() and variant.network_loss.sum() > 0
        assert (variant.capacity_lost >= 0).all() and variant.capacity_lost.max() < 0.3
        assert "reconstructed" in variant.origin.value
    assert (found.low("equity_after") <= found.high("equity_after")).all()
