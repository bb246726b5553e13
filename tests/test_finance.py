"""Bank contagion: published and hand-worked numbers, fixed points found in other ways, and what no result may break."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_banks import random_banks, sound_banks
from scipy.integrate import quad
from scipy.optimize import linprog
from scipy.stats import norm

from ecumene.errors import InputError, SolveError
from ecumene.models import clearing, debtrank, finance, valuation

METHODS = ("fictitious_default", "fixed_point")
SEEDS = st.integers(0, 2**31)
SIZE = 6  # one compiled program for all random networks
FEW = settings(max_examples=25, deadline=None)


def three_banks() -> finance.Banks:
    claims = (np.ones((3, 3)) - np.eye(3)) / 2
    return finance.banks(claims, [1 / 2, 5 / 8, 3 / 4], [3 / 2, 1 / 2, 1 / 2])


# Clearing


@pytest.mark.parametrize("method", METHODS)
def test_three_banks_clear_as_worked_by_hand(method: Any) -> None:
    found = finance.clear(three_banks(), method=method)
    np.testing.assert_allclose(found.payments, [165 / 112, 159 / 112, 3 / 2], rtol=1e-13)
    assert found.in_default.tolist() == [True, True, False]
    assert found.status is finance.Status.OK


@pytest.mark.parametrize("method", METHODS)
def test_three_banks_clear_with_default_costs(method: Any) -> None:
    found = finance.clear(three_banks(), alpha=0.5, beta=0.7, method=method)
    # All three default, so the payments solve a linear system; in fractions:
    np.testing.assert_allclose(found.payments, [4225 / 8416, 160275 / 311392, 176055 / 311392], rtol=1e-13)
    np.testing.assert_allclose(found.payments, [0.50202, 0.51471, 0.56538], atol=1e-5)
    assert found.in_default.all()


def by_linear_programme(banks: finance.Banks) -> np.ndarray:
    """Payments of the largest sum within what banks owe and have: Eisenberg and Noe (2001), lemma 4."""
    relative = clearing.relative_claims(banks)
    owed = np.asarray(banks.liabilities)
    solved = linprog(
        -np.ones(len(owed)),
        A_ub=np.eye(len(owed)) - relative,
        b_ub=banks.external_assets,
        bounds=list(zip(np.zeros_like(owed), owed, strict=True)),
        method="highs",
    )
    assert solved.success
    return solved.x


def test_the_linear_programme_agrees_on_three_banks() -> None:
    np.testing.assert_allclose(by_linear_programme(three_banks()), [165 / 112, 159 / 112, 3 / 2], rtol=1e-9)


@FEW
@given(seed=SEEDS, thin=st.sampled_from([0.2, 0.6, 1.0]))
def test_both_methods_equal_the_linear_programme(seed: int, thin: float) -> None:
    banks = random_banks(seed, SIZE, thin=thin)
    exact = finance.clear(banks)
    iterated = finance.clear(banks, method="fixed_point")
    assert exact.status is iterated.status is finance.Status.OK
    np.testing.assert_allclose(exact.payments, by_linear_programme(banks), atol=1e-6)
    np.testing.assert_allclose(iterated.payments, exact.payments, atol=1e-9)
    assert exact.rounds <= SIZE + 1


@FEW
@given(seed=SEEDS)
def test_what_is_paid_is_received_or_kept(seed: int) -> None:
    banks = random_banks(seed, SIZE)
    paid = finance.clear(banks).payments
    received = clearing.relative_claims(banks) @ paid
    outside_creditors = (
        paid / np.where(banks.liabilities > 0, banks.liabilities, 1.0)
    ) @ banks.external_liabilities
    assert paid.sum() == pytest.approx(received.sum() + outside_creditors, rel=1e-12)
    kept = np.maximum(banks.external_assets + received - banks.liabilities, 0.0)
    np.testing.assert_allclose(paid + kept, banks.external_assets + received, atol=1e-10)
    assert (paid >= 0).all() and (paid <= banks.liabilities + 1e-12).all()


@FEW
@given(seed=SEEDS, alpha=st.floats(0.2, 1.0), beta=st.floats(0.2, 1.0))
def test_more_external_assets_never_pay_less(seed: int, alpha: float, beta: float) -> None:
    banks = random_banks(seed, SIZE)
    richer = banks._replace(
        external_assets=banks.external_assets + np.random.default_rng(seed).uniform(0.0, 0.5, SIZE)
    )
    poor, rich = (finance.clear(b, alpha=alpha, beta=beta).payments for b in (banks, richer))
    assert (rich >= poor - 1e-10).all()


@FEW
@given(seed=SEEDS, alpha=st.floats(0.2, 0.99), beta=st.floats(0.2, 0.99))
def test_default_costs_lower_payments_and_without_them_nothing_differs(
    seed: int, alpha: float, beta: float
) -> None:
    banks = random_banks(seed, SIZE)
    free, costly = finance.clear(banks), finance.clear(banks, alpha=alpha, beta=beta)
    iterated = finance.clear(banks, alpha=alpha, beta=beta, method="fixed_point")
    assert (costly.payments <= free.payments + 1e-10).all()
    assert (costly.in_default >= free.in_default).all()
    np.testing.assert_allclose(iterated.payments, costly.payments, atol=1e-9)
    valued = finance.solve_valuation(banks, valuation=finance.RogersVeraart())
    np.testing.assert_allclose(valued.value * banks.liabilities, free.payments, atol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_of_two_clearings_the_greater_is_returned(method: Any) -> None:
    """Two banks owe each other 1 and hold 0.2: paying all works, and so does 0.5 * 0.2 + 0.5 p, that is p = 0.2."""
    pair = finance.banks([[0, 1], [1, 0]], [0.2, 0.2], [0, 0])
    assert finance.clear(pair, alpha=0.5, beta=0.5, method=method).payments.tolist() == [1.0, 1.0]
    empty = finance.banks([[0, 1], [1, 0]], [0, 0], [0, 0])
    assert finance.clear(empty, method=method).payments.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("method", METHODS)
def test_a_bank_at_the_edge_of_default_pays_in_full(method: Any) -> None:
    """0.7 + 0.1 is below 0.8, by rounding only: no default, no default costs."""
    assert 0.7 + 0.1 < 0.8
    edge = finance.banks([[0, 0.1], [0, 0]], [0.7, 1.0], [0.8, 0.0])
    found = finance.clear(edge, alpha=0.1, beta=0.1, method=method)
    assert not found.in_default.any()
    assert found.payments.tolist() == [0.8, 0.1]
    short = finance.banks([[0, 0.1], [0, 0]], [0.699, 1.0], [0.8, 0.0])
    assert finance.clear(short, alpha=0.1, beta=0.1, method=method).in_default.tolist() == [True, False]


def test_scenarios_side_by_side_equal_scenarios_one_by_one() -> None:
    banks = random_banks(7, SIZE)
    losses = np.random.default_rng(1).uniform(0, 1, (5, SIZE)) * banks.external_assets
    for solve in (
        lambda x: finance.clear(banks, x, method="fixed_point").payments,
        lambda x: finance.clear(banks, x).payments,
        lambda x: finance.solve_valuation(banks, x, valuation=finance.Merton(0.2, 0.4)).equity,
    ):
        np.testing.assert_allclose(solve(losses), [solve(row) for row in losses], atol=1e-13)


def test_an_iteration_cut_short_says_so_and_returns_no_numbers() -> None:
    cut = finance.clear(three_banks(), method="fixed_point", max_steps=2)
    assert cut.status is finance.Status.MAX_STEPS
    assert cut.residual > 1e-9 and np.isnan(cut.payments).all()
    valued = finance.solve_valuation(three_banks(), valuation=finance.EisenbergNoe(), max_steps=2)
    assert valued.status is finance.Status.MAX_STEPS and np.isnan(valued.equity).all()
    ranked = finance.debtrank([[0, 2], [2, 0]], [5, 5], [0.1, 0.0], max_rounds=2)
    assert ranked.status is finance.Status.MAX_STEPS and np.isnan(ranked.loss).all()


def test_no_compiled_program_calls_lapack() -> None:
    """Batched LAPACK inside a program can deadlock (docs/architecture.md)."""
    banks, rows = sound_banks(1, SIZE), np.zeros((2, SIZE))
    ones, matrix = np.ones(SIZE), np.zeros((SIZE, SIZE))
    programs = [
        clearing._from_above.lower(matrix, rows, ones, 1.0, 1.0, 9),
        debtrank._rounds.lower(matrix, rows, 9),
        *(valuation._from_above.lower(banks, ones, rows, rows, kind, 9) for kind in VALUATIONS),
    ]
    assert not any("lapack" in program.as_text().lower() for program in programs)


# Valuation functions


@FEW
@given(seed=SEEDS, alpha=st.floats(0.2, 1.0), beta=st.floats(0.2, 1.0))
def test_clearing_is_a_valuation(seed: int, alpha: float, beta: float) -> None:
    banks = random_banks(seed, SIZE)
    plain = finance.solve_valuation(banks, valuation=finance.EisenbergNoe())
    np.testing.assert_allclose(plain.value * banks.liabilities, finance.clear(banks).payments, atol=1e-9)
    costly = finance.solve_valuation(banks, valuation=finance.RogersVeraart(alpha, beta))
    payments = finance.clear(banks, alpha=alpha, beta=beta).payments
    np.testing.assert_allclose(costly.value * banks.liabilities, payments, atol=1e-9)


@FEW
@given(seed=SEEDS)
def test_linear_debtrank_is_a_valuation(seed: int) -> None:
    banks = sound_banks(seed, SIZE)
    share = np.random.default_rng(seed).uniform(0, 0.3, SIZE)
    losses = np.minimum(share * banks.equity, banks.external_assets)
    valued = finance.solve_valuation(banks, losses, valuation=finance.LinearDebtRank())
    ranked = finance.debtrank(banks.claims, banks.equity, losses / banks.equity)
    h = np.clip(1.0 - valued.equity / banks.equity, 0.0, 1.0)
    np.testing.assert_allclose(h, ranked.loss, atol=1e-8)


@pytest.mark.parametrize("outside", [1.2, 1.05, 0.9])
def test_a_claim_on_a_lone_debtor_has_the_value_of_mertons_integral(outside: float) -> None:
    """The debtor owes 1 to a bank and holds only external assets: integrate the lognormal density below 1."""
    sigma, recovery = 0.25, 0.4
    pair = finance.banks([[0, 1], [0, 0]], [5.0, outside], [1.0, 0.0])
    found = finance.solve_valuation(pair, valuation=finance.Merton(sigma, recovery))
    edge = (np.log(1 / outside) + sigma**2 / 2) / sigma
    chance = quad(norm.pdf, -12, edge)[0]
    assert found.value[1] == pytest.approx(1 - (1 - recovery) * chance, rel=1e-10)


def test_a_sudden_merton_is_furfine() -> None:
    banks = random_banks(3, SIZE)
    sharp = finance.solve_valuation(banks, valuation=finance.Merton(1e-9, 0.4))
    steps = finance.solve_valuation(banks, valuation=finance.Furfine(0.4))
    assert steps.in_default.any() and not steps.in_default.all()
    np.testing.assert_allclose(sharp.equity, steps.equity, atol=1e-9)


VALUATIONS = (
    finance.EisenbergNoe(),
    finance.RogersVeraart(0.7, 0.8),
    finance.Furfine(0.3),
    finance.LinearDebtRank(0.2),
    finance.Merton(0.1, 0.5),
)


@pytest.mark.parametrize("kind", VALUATIONS, ids=lambda v: type(v).__name__)
def test_every_valuation_falls_with_equity_and_with_shocks(kind: finance.Valuation) -> None:
    banks = sound_banks(11, SIZE)
    debtors = finance.Debtors(
        np.asarray(banks.external_assets), np.asarray(banks.liabilities), np.asarray(banks.equity)
    )
    ladder = [np.asarray(kind(banks.equity * x, debtors)) for x in np.linspace(-3, 2, 101)]
    assert (np.diff(ladder, axis=0) >= 0).all()
    assert (np.min(ladder) >= 0) and (np.max(ladder) <= 1)
    small, large = (
        finance.solve_valuation(banks, share * np.asarray(banks.external_assets), valuation=kind).equity
        for share in (0.1, 0.5)
    )
    assert (large <= small + 1e-12).all()


@pytest.mark.parametrize("kind", VALUATIONS[:4], ids=lambda v: type(v).__name__)
def test_sound_banks_without_a_shock_lose_nothing(kind: finance.Valuation) -> None:
    banks = sound_banks(5, SIZE)
    found = finance.solve_valuation(banks, np.zeros(SIZE), valuation=kind)
    assert (found.equity == banks.equity).all() and (found.value == 1.0).all()


# DebtRank


def test_debtrank_of_the_worked_network() -> None:
    claims, buffers = [[0, 1, 0], [10, 0, 3], [3, 2, 0]], [2, 5, 2]
    found = finance.debtrank(claims, buffers, [0.1, 0, 0])
    assert found.lambda_max == pytest.approx(1.38722, abs=5e-6)
    np.testing.assert_allclose(found.first_round, [0, 0.2, 0.15], rtol=1e-14)
    assert not found.stable
    # The characteristic polynomial of the leverage matrix: cycles of two, and the one triangle.
    matrix = finance.leverage(claims, buffers)
    cycles = matrix[0, 1] * matrix[1, 0] + matrix[1, 2] * matrix[2, 1]
    triangle = matrix[0, 1] * matrix[1, 2] * matrix[2, 0]
    assert found.lambda_max**3 == pytest.approx(cycles * found.lambda_max + triangle, rel=1e-12)


def _scaled(seed: int, size: int, eigenvalue: float) -> np.ndarray:
    claims = np.random.default_rng(seed).uniform(0.1, 1.0, (size, size))
    np.fill_diagonal(claims, 0.0)
    return claims * eigenvalue / np.abs(np.linalg.eigvals(claims)).max()


@FEW
@given(seed=SEEDS, eigenvalue=st.floats(0.2, 0.95))
def test_below_one_a_small_shock_dies_out(seed: int, eigenvalue: float) -> None:
    claims, shock = _scaled(seed, SIZE, eigenvalue), np.full(SIZE, 1e-4)
    found = finance.debtrank(claims, np.ones(SIZE), shock)
    assert found.stable and found.lambda_max == pytest.approx(eigenvalue, rel=1e-10)
    np.testing.assert_allclose(found.loss, np.linalg.solve(np.eye(SIZE) - claims, shock), rtol=1e-6)
    assert found.loss.max() < 1


@FEW
@given(seed=SEEDS, eigenvalue=st.floats(1.05, 4.0))
def test_above_one_any_shock_ends_with_a_bank_wiped_out(seed: int, eigenvalue: float) -> None:
    found = finance.debtrank(_scaled(seed, SIZE, eigenvalue), np.ones(SIZE), np.full(SIZE, 1e-6))
    assert not found.stable
    assert found.loss.max() == 1.0


def test_no_shock_no_loss() -> None:
    found = finance.debtrank([[0, 5], [5, 0]], [1, 1], [0, 0])
    assert found.loss.tolist() == [0, 0] and found.amplification == 0


def test_a_chain_of_losses_by_hand() -> None:
    """Bank 0 is owed 4 by bank 1, which is owed 2 by bank 2; equity 8, 4, 1: half of bank 2 costs 1, then 1."""
    found = finance.debtrank([[0, 4, 0], [0, 0, 2], [0, 0, 0]], [8, 4, 1], [0, 0, 0.5])
    np.testing.assert_allclose(found.loss, [0.125, 0.25, 0.5], rtol=1e-15)
    assert found.amplification == pytest.approx(8 * 0.125 + 4 * 0.25)
    assert found.lambda_max == 0


# Relabelling


@FEW
@given(seed=SEEDS)
def test_the_order_of_banks_does_not_matter(seed: int) -> None:
    banks = sound_banks(seed, SIZE)
    order = np.random.default_rng(seed).permutation(SIZE)
    moved = finance.Banks(
        banks.claims[np.ix_(order, order)], banks.external_assets[order], banks.external_liabilities[order]
    )
    losses = 0.4 * np.asarray(banks.external_assets)
    for solve in (
        lambda b, x: finance.clear(b, x, alpha=0.6, beta=0.6).payments,
        lambda b, x: finance.solve_valuation(b, x, valuation=finance.LinearDebtRank(0.3)).equity,
    ):
        np.testing.assert_allclose(solve(moved, losses[order]), solve(banks, losses)[order], atol=1e-9)
    rows, columns = banks.claims.sum(axis=1), banks.claims.sum(axis=0)
    try:
        there, here = (
            finance.reconstruct(r, c).dense.claims
            for r, c in ((rows[order], columns[order]), (rows, columns))
        )
    except InputError:  # a random network may have one bank on every claim but for rounding
        return
    np.testing.assert_allclose(there, here[np.ix_(order, order)], atol=1e-9)


# Exposures


@FEW
@given(seed=SEEDS, size=st.integers(3, 14))
def test_reconstructed_exposures_meet_the_totals(seed: int, size: int) -> None:
    random = np.random.default_rng(seed)
    true = random.lognormal(0.0, 1.5, (size, size))
    np.fill_diagonal(true, 0.0)
    rows, columns = true.sum(axis=1), true.sum(axis=0)
    found = finance.reconstruct(rows, columns, seed=seed % 97, draws=3)
    for variant in found:
        assert variant.gap <= 1e-9
        np.testing.assert_allclose(variant.claims.sum(axis=1), rows, rtol=1e-9)
        np.testing.assert_allclose(variant.claims.sum(axis=0), columns, rtol=1e-9)
        assert (variant.claims >= 0).all() and (np.diag(variant.claims) == 0).all()
        assert "reconstructed" in variant.origin.value
    assert found.sparse.links <= 3 * size
    assert found.sparse.density <= found.dense.density == 1.0


def _entropy(claims: np.ndarray) -> float:
    share = claims[claims > 0] / claims.sum()
    return float(-(share * np.log(share)).sum())


def test_the_dense_variant_has_no_pattern_and_the_most_entropy() -> None:
    rows, columns = np.array([3.0, 2, 5, 1, 0.5]), np.array([1.0, 5, 2, 3, 0.5])
    found = finance.reconstruct(rows, columns)
    a = found.dense.claims
    for i, j, k, n in itertools.permutations(range(5), 4):
        assert a[i, j] * a[k, n] == pytest.approx(a[i, n] * a[k, j], rel=1e-9)
    around = [np.zeros((5, 5)) for _ in range(2)]
    for sign, table in zip((1, -1), around, strict=True):  # totals stay, the pattern moves
        table += a
        table[0, 1] += sign * 0.01
        table[0, 2] -= sign * 0.01
        table[3, 1] -= sign * 0.01
        table[3, 2] += sign * 0.01
    assert all(_entropy(a) > _entropy(table) for table in (*around, found.sparse.claims))


def test_the_sparse_variant_is_seeded_and_finds_a_ring() -> None:
    ones = np.ones(4)
    found = finance.reconstruct(ones, ones, draws=20).sparse
    assert found.links == 4
    again = finance.reconstruct(ones, ones, draws=20).sparse
    assert (found.claims == again.claims).all()


def test_three_equal_banks_never_end_with_a_claim_on_oneself() -> None:
    """A draw can leave one bank with only itself to lend to; it must then step into another link."""
    for seed in range(30):
        claims = finance.reconstruct(np.ones(3), np.ones(3), seed=seed, draws=1).sparse.claims
        assert (np.diag(claims) == 0).all()
        np.testing.assert_allclose(claims.sum(axis=0), 1, rtol=1e-12)


def test_totals_that_leave_one_table_give_it() -> None:
    pair = finance.reconstruct([2, 3], [3, 2])
    assert pair.dense.claims.tolist() == pair.sparse.claims.tolist() == [[0, 2], [3, 0]]
    star = finance.reconstruct([5, 1, 2], [3, 4, 1])
    assert star.dense.claims.tolist() == [[0, 4, 1], [1, 0, 0], [2, 0, 0]]
    nothing = finance.reconstruct([0, 0, 0], [0, 0, 0])
    assert nothing.dense.links == nothing.sparse.links == 0


def test_published_totals_are_scaled_to_one_sum() -> None:
    rows, columns, factor = finance.equal_totals([3.0, 1.0], [1.0, 8.0])
    assert factor == pytest.approx(1.5)
    np.testing.assert_allclose(rows.sum(), columns.sum(), rtol=1e-15)
    np.testing.assert_allclose(rows, [4.5, 1.5])


# Bad input

GOOD = {"claims": [[0, 1], [2, 0]], "external_assets": [3, 3], "external_liabilities": [1, 1]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"claims": [[0, -1], [2, 0]]}, "the claim of A on B .* is negative"),
        ({"claims": [[0, 1], [2, 0.5]]}, "the claim of B on B .* claim on itself"),
        ({"claims": [[0, np.nan], [2, 0]]}, "the claim of A on B .* is not finite"),
        ({"claims": [[0, 1, 2], [2, 0, 1]]}, r"shape \(2, 3\), expected \(N, N\)"),
        ({"claims": np.zeros((0, 0))}, "N at least 1"),
        ({"claims": [["a", 1], [2, 0]]}, "claims is not an array of numbers"),
        ({"external_assets": [3, -3]}, "external_assets of B is -3; it must be at least 0"),
        ({"external_assets": [3]}, r"external_assets has shape \(1,\), expected \(2,\)"),
        ({"external_liabilities": [np.inf, 1]}, "external_liabilities of A is inf; give a finite number"),
    ],
)
def test_balance_sheets_that_cannot_be_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        finance.banks(**{**GOOD, **change}, names=["A", "B"])


def test_exposures_above_assets_are_refused_and_nothing_is_lost() -> None:
    claims = np.array([[0.0, 8.0], [2.0, 0.0]])
    before = claims.copy()
    with pytest.raises(InputError, match="exposure of A is 8; exposures are above total assets"):
        finance.banks_from_totals(claims, [7, 20], [1, 1], names=["A", "B"])
    assert (claims == before).all()
    kept = finance.banks_from_totals(claims, [8, 20], [1, 1], names=["A", "B"])
    assert kept.external_assets.tolist() == [0, 18]
    np.testing.assert_allclose(kept.equity, [1, 1], rtol=1e-14)
    with pytest.raises(
        InputError, match="interbank debt of B is 8; debt to banks is above total liabilities"
    ):
        finance.banks_from_totals(claims, [9, 8.5], [1, 1], names=["A", "B"])
    with pytest.raises(InputError, match="equity of A is 12; it is above total assets"):
        finance.banks_from_totals(claims, [10, 20], [12, 1], names=["A", "B"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda b: finance.clear(b, [9, 0, 0]), "losses of bank 0 is 9; losses are above external assets"),
        (lambda b: finance.clear(b, [-0.1, 0, 0]), "a loss is positive"),
        (lambda b: finance.clear(b, [0.1, 0]), r"losses has shape \(2,\)"),
        (lambda b: finance.clear(b, [np.nan, 0, 0]), "give a finite number"),
        (lambda b: finance.clear(b, alpha=1.2), "alpha is 1.2"),
        (lambda b: finance.clear(b, method="guess"), "method is 'guess'"),
        (lambda b: finance.solve_valuation(b, valuation=finance.Furfine(2.0)), "recovery is 2"),
        (lambda b: finance.solve_valuation(b, valuation=finance.Merton(0.0)), "volatility is 0"),
        (
            lambda b: finance.solve_valuation(b, valuation=finance.LinearDebtRank()),
            "book equity of bank 0 is -1; LinearDebtRank needs it above 0",
        ),
        (
            lambda b: finance.debtrank(b.claims, [1, 0, 1], [0, 0, 0]),
            "equity of bank 1 is 0; DebtRank needs it",
        ),
        (lambda b: finance.debtrank(b.claims, [1, -2, 1], [0, 0, 0]), "equity of bank 1 is -2"),
        (lambda b: finance.debtrank(b.claims, [1, 1, 1], [0, 1.5, 0]), "shock of bank 1 is 1.5"),
        (lambda b: finance.debtrank(b.claims, [1, 1], [0, 0, 0]), r"equity has shape \(2,\)"),
        (lambda b: finance.debtrank(b.claims, [1, 1, 1], [0, 0]), r"shock has shape \(2,\)"),
        (lambda b: finance.given_exposures(b.claims, names=["A"]), "names has 1 entries for 3 banks"),
        (lambda b: finance.reconstruct([1, 1, 1], [1, 1, 2]), "scale them first"),
        (lambda b: finance.reconstruct([4, 1, 1], [4, 1, 1]), "claims plus liabilities of bank 0 is 8"),
        (lambda b: finance.reconstruct([1], [1]), "no bank owes itself"),
        (lambda b: finance.reconstruct([1, np.nan], [1, 1]), "claims total of bank 1 is nan"),
        (lambda b: finance.reconstruct([-1, 3], [1, 1]), "claims total of bank 0 is -1"),
        (lambda b: finance.reconstruct([1, 1], [1, 1, 0]), r"liabilities total has shape \(3,\)"),
        (lambda b: finance.reconstruct([1, 1, 1], [1, 1, 1], draws=0), "draws is 0"),
        (lambda b: finance.equal_totals([0, 0], [1, 1]), "zero on one side"),
    ],
)
def test_bad_input_is_refused_by_name(call: Callable[[finance.Banks], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call(three_banks())


def test_balancing_that_does_not_get_there_says_so() -> None:
    with pytest.raises(SolveError, match="miss a total by"):
        finance.reconstruct([5, 1, 2.1], [3, 4, 1.1], max_passes=2)
