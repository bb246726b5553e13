"""The default table of trade elasticities and its concordances."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ecumene.elasticities import (
    AGGREGATE_THETA,
    LARGEST_THETA,
    TABLE,
    THETA_SOURCE,
    classify,
    default_theta,
    goods_of,
    isic_broad_sectors,
    theta_of,
    wiod_broad_sectors,
)
from ecumene.errors import InputError


def test_published_numbers_are_those_of_the_replication_data(shared: Path) -> None:
    """Caliendo and Parro's own data: twenty goods sectors, in the order of their table."""
    data = np.load(shared / "data" / "caliendo-parro" / "cp1993.npz")["theta"][:20]
    goods = [estimate for key, estimate in TABLE.items() if key != "services"]
    assert [estimate.published for estimate in goods if estimate.status == "estimate"] == [
        value for value, estimate in zip(data, goods, strict=True) if estimate.status == "estimate"
    ]
    changed = {key: estimate for key, estimate in TABLE.items() if estimate.status == "assumption"}
    assert set(changed) == {"petroleum", "auto", "other_transport"}
    assert data[6] == TABLE["petroleum"].published
    assert data[17] == TABLE["auto"].used
    assert data[18] == TABLE["other_transport"].used


def test_wiod_sectors() -> None:
    codes = [f"c{k}" for k in range(1, 36)]
    broad = classify(codes)
    assert broad is not None
    theta = theta_of(broad)
    assert theta[0] == 9.11
    assert theta[11] == pytest.approx((3.28 + 6.99) / 2)
    assert theta[13] == pytest.approx((12.95 + 12.91 + 3.95 + 8.71) / 4)
    assert (theta[16:] == 5).all()
    assert goods_of(broad).sum() == 16
    assert {key for keys in broad for key in keys} == set(TABLE)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("A01_02", ("agriculture",)),
        ("A03", ("agriculture",)),
        ("B05_06", ("mining",)),
        ("B", ("mining",)),
        ("B09", ("mining",)),
        ("C10T12", ("food",)),
        ("C13T15", ("textile",)),
        ("C17_18", ("paper",)),
        ("C17", ("paper",)),
        ("C19", ("petroleum",)),
        ("C21", ("chemicals",)),
        ("C24A", ("basic_metals",)),
        ("C26", ("office", "communication", "medical")),
        ("C301", ("other_transport",)),
        ("C302T309", ("other_transport",)),
        ("C31T33", ("other",)),
        ("C31_32", ("other",)),
        ("C33", ("other",)),
        ("D35", ("services",)),
        ("E37T39", ("services",)),
        ("J58T60", ("services",)),
        ("J62_63", ("services",)),
        ("T", ("services",)),
        ("U", ("services",)),
    ],
)
def test_isic_codes(code: str, expected: tuple[str, ...]) -> None:
    assert isic_broad_sectors(code) == expected


def test_all_manufacturing_spans_every_branch() -> None:
    assert len(isic_broad_sectors("C")) == 18


@pytest.mark.parametrize("code", ["c36", "c0", "C", "x1"])
def test_unknown_wiod_code(code: str) -> None:
    with pytest.raises(InputError, match="c1 to c35"):
        wiod_broad_sectors(code)


@pytest.mark.parametrize("code", ["c1", "V", "C99", "10T12", "CPA_A01"])
def test_unknown_isic_code(code: str) -> None:
    with pytest.raises(InputError, match=code):
        isic_broad_sectors(code)


def test_default_names_its_source() -> None:
    theta, source, note = default_theta(["C19", "F"])
    assert theta.tolist() == [LARGEST_THETA, 5.0]
    assert source == THETA_SOURCE
    assert "Caliendo and Parro (2015)" in source
    assert "default" in note


def test_mixed_codes_take_one_number() -> None:
    theta, source, note = default_theta(["c1", "C10T12"])
    assert theta.tolist() == [AGGREGATE_THETA] * 2
    assert "Costinot" in source
    assert "classification" in note
