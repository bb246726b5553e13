"""Named unions: dated membership, and the depth they give to pairs."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from ecumene import countries
from ecumene.errors import OrderError
from ecumene.orders import unions

DATE = datetime.date


def test_the_united_kingdom_leaves_the_union_and_then_the_market() -> None:
    assert "GBR" in unions.members("EU", DATE(2020, 1, 30))
    assert "GBR" not in unions.members("EU", DATE(2020, 1, 31))
    for day, depth in ((DATE(2019, 7, 1), 4), (DATE(2020, 12, 30), 4), (DATE(2021, 1, 1), 2)):
        assert unions.depth_matrix(["GBR", "ITA"], day)[0, 1] == depth


@pytest.mark.parametrize(
    ("name", "year", "size"),
    [
        *(("EU", 1960, 6), ("EU", 2003, 15), ("EU", 2019, 28), ("EU", 2022, 27), ("euro area", 2014, 18)),
        *(("NAFTA", 2000, 3), ("NATO", 2023, 31), ("USSR", 1990, 15), ("USSR", 1992, 0), ("CSTO", 2019, 6)),
        *(
            ("GCC", 2011, 6),
            ("African Union", 2019, 55),
            ("ASEAN", 2010, 10),
            ("EAEU", 2011, 3),
            ("EAEU", 2019, 5),
        ),
    ],
)
def test_sizes(name: str, year: int, size: int) -> None:
    assert len(unions.members(name, year)) == size


def test_belarus_is_in_three_at_once_and_the_deepest_counts() -> None:
    for name in ("CIS", "EAEU", "UNION-STATE"):
        assert "BLR" in unions.members(name, 2019)
    depth = unions.depth_matrix(["BLR", "RUS", "KAZ", "TJK"], 2019)
    assert depth[0].tolist() == [0, 4, 3, 2]


def test_a_suspended_pair_loses_that_union_only() -> None:
    codes = ["RUS", "UKR", "BLR"]
    assert unions.depth_matrix(codes, 2014)[0].tolist() == [0, 2, 4]
    assert unions.depth_matrix(codes, 2017)[0].tolist() == [0, 1, 4]
    assert unions.depth_matrix(codes, 2019)[1].tolist() == [0, 0, 2]


def test_political_organisations_change_no_depth() -> None:
    for name in ("NATO", "CSTO", "BRICS", "LAS", "AU", "SCO"):
        assert unions.unions()[name].depths[-1][1] == 0


def test_every_code_and_party_is_known_and_every_union_has_a_source() -> None:
    for name, union in unions.unions().items():
        assert union.source, name
        assert {*union.joined, *union.left} <= set(countries.countries()), name
        assert set(union.left) <= set(union.joined), name
        assert {*union.includes, *filter(None, [union.within])} <= set(unions.unions())
        assert all(0 <= d <= 6 for _, d in union.depths)
        assert [d for _, d in union.depths] == sorted(d for _, d in union.depths)
    for link in unions.agreements():
        assert all(p in unions.unions() or p in countries.countries() for p in link.parties), link


@pytest.mark.parametrize("year", [1995, 2000, 2005, 2011, 2014, 2019, 2022])
def test_depth_is_symmetric_and_customs_unions_are_whole(year: int) -> None:
    codes = sorted(set(countries.countries()) - countries.FORMER)
    depth = unions.depth_matrix(codes, year)
    np.testing.assert_array_equal(depth, depth.T)
    assert not depth.diagonal().any()
    for name, members in unions.Memberships(year).customs_unions().items():
        at = [codes.index(c) for c in members]
        inside = depth[np.ix_(at, at)] + 9 * np.eye(len(at), dtype=int)
        assert inside.min() >= 3, name


def test_a_union_that_ends_takes_what_rests_on_it() -> None:
    now = unions.Memberships(2019, dissolved={"EU"})
    assert not now.members("EUROZONE")
    assert now.members("EEA") == {"ISL", "LIE", "NOR"}
    codes = ["DEU", "FRA", "JPN", "TUR", "NOR"]
    assert not now.matrix(codes)[0].any()
    assert unions.depth_matrix(codes, 2019)[0].tolist() == [0, 5, 2, 3, 4]


def test_leaving_and_joining() -> None:
    now = unions.Memberships(2019, left={"EU": {"GRC"}}, joined={"EU": {"GEO"}})
    depth = now.matrix(["DEU", "GRC", "GEO", "NOR"])
    assert depth[0].tolist() == [0, 0, 4, 4]
    assert depth[3].tolist() == [4, 0, 4, 0]


def test_unknown_union_suggests_the_nearest() -> None:
    with pytest.raises(OrderError, match="did you mean MERCOSUR"):
        unions.members("Mercosul", 2019)
    with pytest.raises(OrderError, match="the unions are EU"):
        unions.members("zzzzzzzzz", 2019)
